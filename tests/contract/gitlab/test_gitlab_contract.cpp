// The practice world's GitLab before strangers: GitLab's own description between our adapter and it, and a client that
// is not ours (python3-gitlab).
#include "services/ports/deploymentsource.h"
#include "tests/contract/gitlab/gitlabyard.h"
#include "tests/support/checkingproxy.h"
#include "tests/support/httpwait.h"

#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QTest>

using namespace signalbox;
using namespace signalbox::test;
using namespace signalbox::sandbox::ci;

namespace
{

QString u(const char *text)
{
    return QString::fromUtf8(text);
}

template <typename T>
QString problem(const Result<T> &result)
{
    return result ? QString() : errorKindName(result.error().kind) + u(": ") + result.error().message;
}

} // namespace

class TestGitLabContract : public QObject
{
    Q_OBJECT

    HttpClient m_http;
    OneToken m_token{GitLabYard::token()};
    std::unique_ptr<GitLabYard> m_yard;
    const PipelineRef m_pipeline{u("lab"), GitLabYard::project(), {}};

    // A run whose deployment waits for one more approval, or for its job to be played.
    std::int64_t blocked()
    {
        const auto run = m_yard->start("wei");
        const bool isThere = m_yard->untilPhase(run, Phase::Waiting) &&
                             m_yard->world().playJob(m_yard->job(run, "release")->id, "noor") &&
                             m_yard->until([&] { return m_yard->job(run, "deploy")->phase == Phase::Waiting; }) &&
                             m_yard->world().decide(m_yard->job(run, "deploy")->id, {"noor", true, "fine", 0});
        return isThere ? run : 0;
    }
    // A call without what differs between runs: "GET /P/pipelines/N/jobs".
    static QString shapeOf(QString call)
    {
        static const QRegularExpression number(u("/\\d+(?=/|$)"));
        static const QRegularExpression query(u("\\?.*$"));
        return call.remove(query)
            .remove(u("/api/v4"))
            .replace(u("/projects/team%2Fsub%2Fcart"), u("/P"))
            .replace(number, u("/N"));
    }
    static QStringList shapesOf(const QStringList &calls)
    {
        QStringList shapes;
        for (const QString &call : calls)
            shapes.append(shapeOf(call));
        shapes.removeDuplicates();
        shapes.sort();
        return shapes;
    }
    // Calls whose answer was held against its schema.
    static QStringList answered(const CheckingProxy &proxy)
    {
        QStringList calls;
        for (const QByteArray &line : proxy.text("checked").split('\n')) {
            const QJsonObject one = QJsonDocument::fromJson(line).object();
            if (one[u("value")].toString().startsWith(u("status 2")))
                calls.append(one[u("call")].toString());
        }
        return shapesOf(calls);
    }
    void decide(PipelineServer &server, bool approves, const char *kind, int steps)
    {
        const auto gates = waitFor(server.gates()->waiting({}));
        QVERIFY2(gates && gates->size() == 1, qPrintable(problem(gates)));
        QVERIFY2(gates->first().id.startsWith(u(kind)), qPrintable(gates->first().id));
        GateOrder order;
        order.gate = gates->first();
        order.approves = approves;
        order.comment = u("Looks good");
        const auto plan = waitFor(server.gates()->plan(order, {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        QCOMPARE(plan->steps.size(), steps);
        carryOut(server, *plan);
    }
    void carryOut(PipelineServer &server, const RunOrder &order)
    {
        const auto plan = waitFor(server.source().plan(order, {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        carryOut(server, *plan);
    }
    void carryOut(PipelineServer &server, const Plan &plan)
    {
        QVERIFY(!plan.isBlocked());
        for (const PlanStep &step : plan.steps) {
            const auto receipt = waitFor(server.runner().execute(step, {}));
            QVERIFY2(receipt, qPrintable(problem(receipt)));
            Result<Observation> seen = Error{};
            for (int i = 0; i < 60; ++i) {
                seen = waitFor(server.runner().observe(step, *receipt, {}));
                if (!seen || seen->state != Observation::State::Pending)
                    break;
                m_yard->pass(2);
            }
            QVERIFY2(seen && seen->state == Observation::State::Effective, qPrintable(problem(seen)));
        }
    }
    QList<QJsonObject> asClient(const char *what)
    {
        QProcess client;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(u("GITLAB_TOKEN"), QString::fromUtf8(GitLabYard::token()));
        client.setProcessEnvironment(environment);
        client.start(u("/usr/bin/python3"),
                     {u(SIGNALBOX_SOURCE_DIR "/tests/contract/gitlab/client.py"), m_yard->url().toString(),
                      m_yard->caFile(), GitLabYard::project(), u(what)});
        if (!QTest::qWaitFor([&] { return client.state() == QProcess::NotRunning; }, 60000))
            client.kill();
        QList<QJsonObject> lines;
        for (const QByteArray &line : client.readAllStandardOutput().split('\n')) {
            if (!line.isEmpty())
                lines.append(QJsonDocument::fromJson(line).object());
        }
        if (client.exitStatus() != QProcess::NormalExit || client.exitCode() != 0)
            qWarning("%s", client.readAllStandardError().constData());
        return lines;
    }
    static QList<QJsonObject> only(const QList<QJsonObject> &lines, const char *what)
    {
        QList<QJsonObject> some;
        for (const QJsonObject &line : lines) {
            if (line[u("what")].toString() == u(what))
                some.append(line);
        }
        return some;
    }

private slots:
    void init()
    {
        QTest::failOnWarning(QRegularExpression(u(".")));
        GitLabYard::Shape shape;
        shape.tag = "v1.0.0";
        m_yard = std::make_unique<GitLabYard>(shape);
    }

    void nothingLeavesGitLabsDescription_data()
    {
        QTest::addColumn<bool>("isBroken");
        QTest::newRow("as it is") << false;
        QTest::newRow("with a strange field, which is seen") << true;
    }
    void nothingLeavesGitLabsDescription()
    {
        QFETCH(bool, isBroken);
        const QString contracts = qEnvironmentVariable("SIGNALBOX_CONTRACTS");
        if (contracts.isEmpty() || !QDir(contracts).exists())
            QSKIP("SIGNALBOX_CONTRACTS does not name the folder of the official descriptions");
        QString error;
        const auto proxy =
            CheckingProxy::start({u("--description"), contracts + u("/gitlab/gitlab-v4.release-paths.json"),
                                  u("--newer"), u(SIGNALBOX_SOURCE_DIR "/tests/lab/openapi/gitlab-newer.json")},
                                 m_yard->url(), m_yard->caFile(), &error);
        QVERIFY2(proxy, qPrintable(error));
        const QUrl address(QString::fromUtf8(proxy->address()));
        const auto server = makeGitLab(gitLabConfig(address, proxy->certificate()), m_http, m_token);
        PipelineSource &source = server->source();
        if (isBroken) {
            m_yard->instead = [](const sandbox::LoopbackRequest &) {
                sandbox::LoopbackReply reply;
                reply.body = "[{\"id\": 1, \"status\": 5, \"colour\": \"red\"}]";
                return std::optional(reply);
            };
            Q_UNUSED(waitFor(source.runs({m_pipeline, {}, 10, {}}, {})))
            QVERIFY(proxy->text("violations").contains("colour"));
            return;
        }
        const auto first = blocked();
        QVERIFY(first != 0);
        m_yard->asked();
        const auto pipelines = waitFor(source.pipelines({}));
        QVERIFY2(pipelines, qPrintable(problem(pipelines)));
        PipelineServerConfig unnamed = gitLabConfig(address, proxy->certificate());
        unnamed.projects.clear();
        const auto ours = waitFor(makeGitLab(unnamed, m_http, m_token)->source().pipelines({}));
        QVERIFY2(ours && ours->size() == 1, qPrintable(problem(ours)));
        const auto runs = waitFor(source.runs({m_pipeline, {}, 10, {}}, {}));
        QVERIFY2(runs, qPrintable(problem(runs)));
        const RunRef ref{m_pipeline, QString::number(first)};
        const auto detail = waitFor(source.run(ref, {}));
        QVERIFY2(detail, qPrintable(problem(detail)));
        const auto tests = waitFor(source.tests(ref, {}));
        QVERIFY2(tests, qPrintable(problem(tests)));
        const QString job = QString::number(m_yard->job(first, "compile")->id);
        QVERIFY(waitFor(source.log({ref, job, {}, 0, false}, [](const QByteArray &) {}, {})));
        // Gates: one approved and its job played, a manual job started, one rejected.
        decide(*server, true, "deployment/", 2);
        QVERIFY(m_yard->untilPhase(first, Phase::Passed));
        const auto second = m_yard->start("wei");
        QVERIFY(m_yard->untilPhase(second, Phase::Waiting));
        decide(*server, true, "job/", 1);
        QVERIFY(m_yard->until([&] { return m_yard->job(second, "deploy")->phase == Phase::Waiting; }));
        decide(*server, false, "deployment/", 1);
        // What was deployed, again: it waits for its approvals.
        DeploymentSource &deployments = *server->deployments();
        const auto environments = waitFor(deployments.environments(m_pipeline.project, {}));
        QVERIFY2(environments && environments->contains(u("production")), qPrintable(problem(environments)));
        const auto told = waitFor(deployments.deployments(m_pipeline.project, u("production"), {}));
        QVERIFY2(told && told->live(), qPrintable(problem(told)));
        const RedeployOrder redeploy{m_pipeline, u("production"), told->live()->id, {}, true, u("because")};
        const auto back = waitFor(deployments.plan(redeploy, {}));
        QVERIFY2(back && !back->isBlocked(), qPrintable(problem(back)));
        QCOMPARE(back->places, QStringList{u("production")}); // its job passed: nothing waits for it
        const auto sent = waitFor(server->runner().execute(back->steps.first(), {}));
        QVERIFY2(sent, qPrintable(problem(sent)));
        const auto seen = waitFor(server->runner().observe(back->steps.first(), *sent, {}));
        QVERIFY2(seen && seen->state == Observation::State::Pending, qPrintable(problem(seen)));
        // Runs made, of a branch and of a tag, cancelled, and run again: what was cancelled, all of it, one job.
        RunOrder order;
        order.kind = RunOrder::Kind::Trigger;
        order.pipeline = m_pipeline;
        order.branch = u("v1.0.0");
        carryOut(*server, order);
        m_yard->pass(60);
        order.branch = u("main");
        order.parameters = {{u("A"), u("b")}};
        carryOut(*server, order);
        const auto now = waitFor(source.runs({m_pipeline, {}, 10, {}}, {}));
        QVERIFY2(now, qPrintable(problem(now)));
        order.run = now->runs.first();
        for (const auto kind : {RunOrder::Kind::Cancel, RunOrder::Kind::RerunFailed, RunOrder::Kind::Rerun}) {
            order.kind = kind;
            carryOut(*server, order);
        }
        const auto ended = waitFor(source.run({m_pipeline, QString::number(second)}, {}));
        QVERIFY2(ended && ended->canRerunJob, qPrintable(problem(ended)));
        order.run = ended->run;
        order.job = QString::number(m_yard->job(second, "compile")->id);
        carryOut(*server, order);
        QVERIFY2(proxy->text("violations").isEmpty(), proxy->text("violations"));
        // Nothing else is asked, and each answer but a log was held against its schema.
        QStringList expected{u("GET /P"),
                             u("GET /P/deployments"),
                             u("GET /P/deployments/N"),
                             u("GET /P/environments"),
                             u("GET /P/jobs/N"),
                             u("GET /P/jobs/N/trace"),
                             u("GET /P/pipeline_schedules"),
                             u("GET /P/pipelines"),
                             u("GET /P/pipelines/N"),
                             u("GET /P/pipelines/N/bridges"),
                             u("GET /P/pipelines/N/jobs"),
                             u("GET /P/pipelines/N/test_report"),
                             u("GET /P/pipelines/N/test_report_summary"),
                             u("GET /P/repository/branches/main"),
                             u("GET /P/repository/branches/v1.0.0"), // it is a tag
                             u("GET /P/repository/tags/v1.0.0"),
                             u("GET /projects"),
                             u("GET /user"),
                             u("POST /P/deployments/N/approval"),
                             u("POST /P/jobs/N/play"),
                             u("POST /P/jobs/N/retry"),
                             u("POST /P/pipeline"),
                             u("POST /P/pipelines/N/cancel"),
                             u("POST /P/pipelines/N/retry")};
        QCOMPARE(shapesOf(m_yard->asked()), expected);
        expected.removeAll(u("GET /P/jobs/N/trace"));
        expected.removeAll(u("GET /P/repository/branches/v1.0.0"));
        QCOMPARE(answered(*proxy), expected);
    }

    // A branch and a tag that are protected, and the tier of an environment, as the description has them; lists of
    // rules it does not cover (protected_branches, protected_tags, protected_environments).
    void whatIsProtectedIsAsGitLabDescribesIt()
    {
        const QString contracts = qEnvironmentVariable("SIGNALBOX_CONTRACTS");
        if (contracts.isEmpty() || !QDir(contracts).exists())
            QSKIP("SIGNALBOX_CONTRACTS does not name the folder of the official descriptions");
        GitLabYard::Shape shape;
        shape.tag = "v1.0.0";
        shape.protectedRefs = {{"main", false, 40, 30, {}}, {"v*", true, 40, 0, {}}};
        m_yard = std::make_unique<GitLabYard>(shape);
        QString error;
        const auto proxy =
            CheckingProxy::start({u("--description"), contracts + u("/gitlab/gitlab-v4.release-paths.json"),
                                  u("--newer"), u(SIGNALBOX_SOURCE_DIR "/tests/lab/openapi/gitlab-newer.json")},
                                 m_yard->url(), m_yard->caFile(), &error);
        QVERIFY2(proxy, qPrintable(error));
        const auto server =
            makeGitLab(gitLabConfig(QUrl(QString::fromUtf8(proxy->address())), proxy->certificate()), m_http, m_token);
        m_yard->asked();
        RunOrder order;
        order.kind = RunOrder::Kind::Trigger;
        order.pipeline = m_pipeline;
        for (const QString &ref : {u("main"), u("v1.0.0")}) {
            order.branch = ref;
            carryOut(*server, order);
        }
        const auto environments = waitFor(server->deployments()->environments(m_pipeline.project, {}));
        QVERIFY2(environments && environments->contains(u("production")), qPrintable(problem(environments)));
        QVERIFY2(proxy->text("violations").isEmpty(), proxy->text("violations"));
        const QStringList checked = answered(*proxy);
        for (const char *const call : {"GET /P/repository/branches/main", "GET /P/repository/tags/v1.0.0",
                                       "GET /P/environments", "POST /P/pipeline"})
            QVERIFY2(checked.contains(u(call)), call);
    }

    void aClientThatIsNotOursReadsIt()
    {
        const auto first = blocked();
        QVERIFY(first != 0);
        m_yard->start("noor");
        const auto last = m_yard->start("wei");
        QVERIFY(m_yard->untilPhase(last, Phase::Waiting));
        const auto lines = asClient("read");
        QCOMPARE(only(lines, "me").first()[u("name")].toString(), u("operator"));
        QVERIFY(only(lines, "run").size() >= 3); // in pages of two
        QCOMPARE(only(lines, "whole").first()[u("id")].toInteger(), last);
        QCOMPARE(only(lines, "whole").first()[u("group")].toString(), u("manual"));
        QCOMPARE(only(lines, "job").size(), 4);
        QCOMPARE(only(lines, "bridge").size(), 1);
        QVERIFY(only(lines, "bridge").first()[u("below")].toInteger() > 0);
        QCOMPARE(only(lines, "tests").first()[u("count")].toInt(), 3);
        QCOMPARE(only(lines, "summary").first()[u("count")].toInt(), 3);
        QVERIFY(only(lines, "trace").first()[u("bytes")].toInt() > 20);
        QCOMPARE(only(lines, "schedule").first()[u("cron")].toString(), u("17 3 * * *"));
        QCOMPARE(only(lines, "environment").first()[u("name")].toString(), u("production"));
        QCOMPARE(only(lines, "branch").first()[u("commit")].toString().size(), 40);
        QCOMPARE(only(lines, "refused").first()[u("status")].toInt(), 404);
    }

    void aClientThatIsNotOursDecides() // T9
    {
        const auto run = blocked();
        QVERIFY(run != 0);
        const auto lines = asClient("decide");
        QCOMPARE(only(lines, "blocked").first()[u("pending")].toInt(), 1);
        QCOMPARE(only(lines, "blocked").first()[u("rule")].toString(), u("release-managers"));
        QCOMPARE(only(lines, "approved").first()[u("pending")].toInt(), 0);
        const auto refusals = only(lines, "refused");
        QCOMPARE(refusals.size(), 2); // played before it was approved, approved when it was
        QVERIFY(refusals.at(0)[u("message")].toString().contains(u("Unplayable")));
        QVERIFY(refusals.at(1)[u("message")].toString().contains(u("not waiting for approvals")));
        QVERIFY(only(lines, "played").first()[u("status")].toString() != u("manual"));
        QCOMPARE(m_yard->job(run, "deploy")->decisions.back().comment, std::string("by python-gitlab"));
    }

    // The one approval that was there is no help, and nothing more is decided after it.
    void aClientThatIsNotOursRejects()
    {
        const auto run = blocked();
        QVERIFY(run != 0);
        const auto lines = asClient("reject");
        QCOMPARE(only(lines, "rejected").size(), 1);
        const QJsonObject said = only(lines, "rejected").first();
        QCOMPARE(said[u("status")].toString(), u("rejected"));
        QCOMPARE(said[u("who")].toString(), u("operator"));
        QCOMPARE(said[u("comment")].toString(), u("not by python-gitlab"));
        const QJsonObject settled = only(lines, "settled").first();
        QCOMPARE(settled[u("status")].toString(), u("failed"));
        const QJsonArray votes = settled[u("votes")].toArray();
        QCOMPARE(votes.size(), 2);
        QCOMPARE(votes.at(0).toArray(), (QJsonArray{u("noor"), u("approved")}));
        QCOMPARE(votes.at(1).toArray(), (QJsonArray{u("operator"), u("rejected")}));
        QCOMPARE(only(lines, "job").first()[u("status")].toString(), u("failed"));
        QCOMPARE(only(lines, "job").first()[u("reason")].toString(), u("deployment_rejected"));
        const auto refusals = only(lines, "refused");
        QCOMPARE(refusals.size(), 2);
        for (const QJsonObject &refusal : refusals) {
            QCOMPARE(refusal[u("status")].toInt(), 400);
            QVERIFY(refusal[u("message")].toString().contains(u("not waiting for approvals")));
        }
        QCOMPARE(only(lines, "left").first()[u("count")].toInt(), 0);
        const auto &decision = m_yard->job(run, "deploy")->decisions.back();
        QVERIFY(decision.who == "operator" && !decision.approves);
        QCOMPARE(decision.comment, std::string("not by python-gitlab"));
        QVERIFY(m_yard->untilPhase(run, Phase::Failed));
    }

    void aClientThatIsNotOursRunsThings()
    {
        const auto lines = asClient("run");
        QCOMPARE(only(lines, "made").first()[u("source")].toString(), u("api"));
        QCOMPARE(only(lines, "cancelled").first()[u("status")].toString(), u("canceled"));
        QVERIFY(only(lines, "retried").first()[u("status")].toString() != u("canceled"));
        QVERIFY(only(lines, "version").first()[u("version")].toString().startsWith(u("17.")));
        QCOMPARE(only(lines, "made").first()[u("variables")].toObject(), (QJsonObject{{u("A"), u("b")}}));
        QCOMPARE(only(lines, "stopped").first()[u("status")].toString(), u("canceled"));
        QCOMPARE(only(lines, "deleted").first()[u("status")].toInt(), 404);
    }
};

QTEST_GUILESS_MAIN(TestGitLabContract)
#include "test_gitlab_contract.moc"
