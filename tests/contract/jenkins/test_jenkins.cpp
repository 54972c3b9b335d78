#include "services/adapters/jenkins/jenkinsserver.h"
#include "services/net/httpclient.h"
#include "services/pipelines/pipelinefeed.h"
#include "services/pipelines/restclient.h"
#include "tests/contract/jenkins/jenkinsyard.h"
#include "tests/support/httpwait.h"
#include "tests/support/needs.h"

#include <QMutex>
#include <QProcess>
#include <QStandardPaths>
#include <QTest>

#include <algorithm>

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

std::optional<CheckState> stateOf(const Plan &plan, CheckId id)
{
    for (const Check &one : plan.checks) {
        if (one.id == id)
            return one.state;
    }
    return std::nullopt;
}

const Job &jobOf(const QList<Job> &jobs, const char *name)
{
    static const Job none;
    const auto found = std::find_if(jobs.cbegin(), jobs.cend(), [name](const Job &job) { return job.name == u(name); });
    return found == jobs.cend() ? none : *found;
}

} // namespace

// The adapter on the practice world's Jenkins.
class TestJenkins : public QObject
{
    Q_OBJECT

    HttpClient m_http;
    OneApiToken m_token{JenkinsYard::token()};
    std::unique_ptr<JenkinsYard> m_yard;
    std::unique_ptr<PipelineServer> m_server;

    static PipelineRef cart() { return {u("ci"), u("team/cart/main"), {}}; }
    static PipelineRef risk() { return {u("ci"), u("team/risk/main"), {}}; }
    PipelineSource &source() { return m_server->source(); }
    void open(JenkinsApi::Options options = {}, const QStringList &projects = {u("team")})
    {
        m_server.reset();
        m_yard = std::make_unique<JenkinsYard>(options);
        PipelineServerConfig config = jenkinsConfig(m_yard->url(), m_yard->caPem());
        config.projects = projects;
        m_server = makeJenkins(config, m_http, m_token);
    }
    Result<RunDetail> detail(const PipelineRef &pipeline, const QString &number)
    {
        return waitFor(source().run({pipeline, number}, {}));
    }
    QString numberOf(std::int64_t run) { return QString::number(m_yard->run(run).number); }
    RunOrder orderOf(RunOrder::Kind kind, const PipelineRef &pipeline, const QString &run = {})
    {
        RunOrder order;
        order.kind = kind;
        order.pipeline = pipeline;
        if (!run.isEmpty())
            order.run = detail(pipeline, run)->run;
        return order;
    }
    WaitingGate gateOf(const PipelineRef &pipeline)
    {
        const auto gates = waitFor(m_server->gates()->waiting({}));
        if (gates) {
            for (const WaitingGate &gate : *gates) {
                if (gate.run.pipeline == pipeline)
                    return gate;
            }
        }
        return {};
    }
    GateOrder decisionOn(const WaitingGate &gate, bool approves)
    {
        GateOrder order;
        order.gate = gate;
        order.approves = approves;
        return order;
    }
    Result<Observation> carriedOut(const Plan &plan)
    {
        const PlanStep &step = plan.steps.first();
        const auto receipt = waitFor(m_server->runner().execute(step, {}));
        if (!receipt)
            return receipt.error();
        for (int i = 0; i < 60; ++i) {
            const auto seen = waitFor(m_server->runner().observe(step, *receipt, {}));
            if (!seen || seen->state != Observation::State::Pending)
                return seen;
            m_yard->pass(3);
        }
        return Error{ErrorKind::TimedOut, u("it is still pending"), {}};
    }

private slots:
    void init() { open(); }
    void cleanup() { m_server.reset(); }

    void eachBranchOfAFolderIsAPipeline_data()
    {
        QTest::addColumn<QStringList>("projects");
        QTest::addColumn<int>("expected");
        QTest::newRow("all") << QStringList() << 4;
        QTest::newRow("folder") << QStringList{u("team")} << 4;
        QTest::newRow("multibranch") << QStringList{u("team/cart")} << 2;
        QTest::newRow("job") << QStringList{u("team/cart/feature%2Ffaster")} << 1;
    }
    void eachBranchOfAFolderIsAPipeline()
    {
        QFETCH(QStringList, projects);
        QFETCH(int, expected);
        open({}, projects);
        const auto found = waitFor(source().pipelines({}));
        QVERIFY2(found, qPrintable(problem(found)));
        QCOMPARE(found->size(), expected);
        for (const Pipeline &one : *found) {
            QCOMPARE(one.ref.connection, u("ci"));
            QCOMPARE(one.parameters.size(), one.ref.project.startsWith(u("team/cart")) ? 3 : 0);
        }
        QCOMPARE(m_yard->asked().size(), 1); // one question for three levels of folders
    }

    void runsComeInPages()
    {
        std::int64_t newest = 0;
        for (int i = 0; i < 3; ++i) {
            newest = m_yard->start("team/risk", "feature/faster", "ana");
            QVERIFY(m_yard->untilPhase(newest, Phase::Waiting));
        }
        const PipelineRef branch{u("ci"), u("team/risk/feature%2Ffaster"), {}};
        signalbox::RunQuery query{branch, {}, 2, {}};
        const auto first = waitFor(source().runs(query, {}));
        QVERIFY2(first, qPrintable(problem(first)));
        QCOMPARE(first->runs.size(), 2);
        QCOMPARE(first->runs.first().number, u("3"));
        QCOMPARE(first->runs.first().state, RunState::Waiting); // which the core does not tell
        QCOMPARE(first->runs.first().branch, u("feature/faster"));
        QCOMPARE(first->runs.first().trigger.kind, TriggerKind::Manual);
        QCOMPARE(first->runs.first().trigger.who, u("Ana Alves"));
        QCOMPARE(first->runs.first().commit, QString::fromStdString(m_yard->run(newest).commit));
        query.after = first->next;
        const auto second = waitFor(source().runs(query, {}));
        QVERIFY2(second, qPrintable(problem(second)));
        QCOMPARE(second->runs.size(), 1);
        QCOMPARE(second->runs.first().number, u("1"));
        QVERIFY(second->next.isEmpty());
    }

    // Which is checked out first, from a branch of the same name.
    void aLibraryIsNotWhatARunBuilds()
    {
        const auto id = m_yard->start("team/risk", "main", "ana");
        QVERIFY(m_yard->untilPhase(id, Phase::Waiting));
        const auto page = waitFor(source().runs({risk(), {}, 5, {}}, {}));
        QVERIFY2(page, qPrintable(problem(page)));
        const QString commit = QString::fromStdString(m_yard->run(id).commit);
        QCOMPARE(page->runs.first().commit, commit);
        const auto seen = detail(risk(), numberOf(id));
        QVERIFY2(seen, qPrintable(problem(seen)));
        QCOMPARE(seen->run.commit, commit);
        QVERIFY(seen->note.isEmpty());
        QCOMPARE(gateOf(risk()).commit, commit);
    }

    void theGraphHasItsBranches_data()
    {
        QTest::addColumn<bool>("blue");
        QTest::addColumn<bool>("stages");
        QTest::newRow("Blue Ocean") << true << true;
        QTest::newRow("stage view") << false << true;
        QTest::newRow("core alone") << false << false;
    }
    void theGraphHasItsBranches()
    {
        QFETCH(bool, blue);
        QFETCH(bool, stages);
        JenkinsApi::Options options;
        options.hasBlueOcean = blue;
        options.hasStageView = stages;
        open(options);
        const auto id = m_yard->start("team/cart", "main", "ana");
        QVERIFY(m_yard->untilPhase(id, Phase::Waiting));
        const auto seen = detail(cart(), numberOf(id));
        QVERIFY2(seen, qPrintable(problem(seen)));
        QCOMPARE(seen->graphNote.isEmpty(), blue || !stages);
        QCOMPARE(seen->note.isEmpty(), blue || stages);
        QVERIFY(seen->canCancel);
        QVERIFY(!seen->canRerun); // a hidden parameter
        QVERIFY(seen->whyNot.contains(u("KEY")));
        if (!stages) {
            QCOMPARE(seen->jobs.size(), 1);
            return;
        }
        QCOMPARE(seen->run.state, RunState::Waiting);
        QCOMPARE(jobOf(seen->jobs, "Deploy").state, RunState::Waiting);
        QCOMPARE(jobOf(seen->jobs, "Build").state, RunState::Passed);
        if (!blue)
            return;
        QCOMPARE(jobOf(seen->jobs, "Unit").needs, QStringList{jobOf(seen->jobs, "Tests").id});
        QCOMPARE(jobOf(seen->jobs, "Unit").stage, u("Tests"));
        QCOMPARE(jobOf(seen->jobs, "Deploy").needs,
                 (QStringList{jobOf(seen->jobs, "Unit").id, jobOf(seen->jobs, "Lint").id}));
        QCOMPARE(seen->artifacts.size(), 1);
    }

    void logsAreFollowedToTheirEnd_data()
    {
        QTest::addColumn<bool>("blue");
        QTest::addColumn<QString>("job");
        QTest::newRow("run") << true << QString();
        QTest::newRow("stage by Blue Ocean") << true << u("Build");
        QTest::newRow("stage by its steps") << false << u("Build");
    }
    void logsAreFollowedToTheirEnd()
    {
        QFETCH(bool, blue);
        QFETCH(QString, job);
        JenkinsApi::Options options;
        options.hasBlueOcean = blue;
        open(options);
        const auto id = m_yard->start("team/cart", "main", "ana");
        QVERIFY(m_yard->untilPhase(id, Phase::Running));
        m_yard->pass(5);
        LogQuery query;
        query.run = {cart(), numberOf(id)};
        query.follow = true;
        if (!job.isEmpty())
            query.job = jobOf(detail(cart(), query.run.id)->jobs, qPrintable(job)).id;
        QByteArray text;
        QMutex mutex;
        const auto end = source().log(query,
                                      [&](const QByteArray &bytes) {
                                          const QMutexLocker lock(&mutex);
                                          text += bytes;
                                      },
                                      {});
        const auto goesOnToItsEnd = [&] {
            m_yard->pass(1);
            if (const JobRun *gate = m_yard->waitingJob(id)) {
                Decision decision;
                decision.who = "ben";
                decision.approves = true;
                (void)m_yard->world().decide(gate->id, decision);
            }
            return end.isFinished();
        };
        QVERIFY(QTest::qWaitFor(goesOnToItsEnd, 60'000));
        const auto told = waitFor(end);
        QVERIFY2(told, qPrintable(problem(told)));
        QVERIFY(told->isComplete);
        QCOMPARE(told->note.isEmpty(), blue);
        const RunRecord over = m_yard->run(id);
        for (const LogLine &line : m_yard->world().log(over.job(std::string_view("Build"))->id))
            QVERIFY2(text.contains(line.text.c_str()), line.text.c_str());
        QCOMPARE(text.contains("Finished: SUCCESS"), job.isEmpty());
        query.from = told->bytes; // all of it
        query.follow = false;
        text.clear();
        const auto nothing = waitFor(source().log(query, [&](const QByteArray &bytes) { text += bytes; }, {}));
        QVERIFY2(nothing, qPrintable(problem(nothing)));
        QVERIFY(text.isEmpty());
    }

    void stepsHaveTheirOwnLogs_data()
    {
        QTest::addColumn<bool>("blue");
        QTest::newRow("Blue Ocean") << true;
        QTest::newRow("stage view") << false;
    }
    void stepsHaveTheirOwnLogs()
    {
        QFETCH(bool, blue);
        JenkinsApi::Options options;
        options.hasBlueOcean = blue;
        open(options);
        const auto id = m_yard->start("team/cart", "main", "ana");
        QVERIFY(m_yard->untilPhase(id, Phase::Waiting));
        const auto seen = detail(cart(), numberOf(id));
        QVERIFY2(seen, qPrintable(problem(seen)));
        const Job build = jobOf(seen->jobs, "Build");
        QCOMPARE(build.steps.size(), 2);
        QCOMPARE(build.steps.first().name, u("Checkout"));
        QCOMPARE(build.steps.last().name, u("Work"));
        for (const JobStep &step : build.steps) {
            QCOMPARE(step.state, RunState::Passed);
            QVERIFY(step.startedAt.isValid() && step.finishedAt >= step.startedAt);
            QVERIFY(!step.id.isEmpty());
        }
        const Job gate = jobOf(seen->jobs, "Deploy");
        QCOMPARE(gate.steps.size(), 1);
        QCOMPARE(gate.steps.first().state, RunState::Waiting);
        const RunRecord run = m_yard->run(id);
        const auto lines = m_yard->world().log(run.job(std::string_view("Build"))->id);
        LogQuery query;
        query.run = {cart(), numberOf(id)};
        query.job = build.id;
        for (int i = 0; i < 2; ++i) {
            query.step = build.steps.at(i).id;
            QByteArray text;
            const auto end = waitFor(source().log(query, [&](const QByteArray &bytes) { text += bytes; }, {}));
            QVERIFY2(end, qPrintable(problem(end)));
            QVERIFY(end->isComplete);
            QByteArray expected;
            for (const LogLine &line : lines) {
                if (line.step == i)
                    expected += QByteArray::fromStdString(line.text) + '\n';
            }
            QVERIFY(!expected.isEmpty());
            QCOMPARE(text, expected);
        }
        query.step = u("999999");
        const auto none = waitFor(source().log(query, [](const QByteArray &) {}, {}));
        QVERIFY(!none);
        QCOMPARE(none.error().kind, ErrorKind::NotFound);
        query.job.clear();
        QCOMPARE(waitFor(source().log(query, [](const QByteArray &) {}, {})).error().kind, ErrorKind::Unsupported);
        // Of what ended nobody asks again.
        m_yard->asked();
        QCOMPARE(jobOf(detail(cart(), numberOf(id))->jobs, "Build").steps, build.steps);
        for (const QString &asked : m_yard->asked())
            QVERIFY2(!asked.contains(u("/") + build.id + u("/")), qPrintable(asked));
    }

    void testsAreThereOrNot()
    {
        const auto id = m_yard->start("team/cart", "main", "ana");
        QVERIFY(m_yard->untilPhase(id, Phase::Waiting));
        const auto report = waitFor(source().tests({cart(), numberOf(id)}, {}));
        QVERIFY2(report, qPrintable(problem(report)));
        QCOMPARE(report->passed, 1);
        QCOMPARE(report->skipped, 1);
        const auto other = m_yard->start("team/risk", "main", "ana");
        QVERIFY(m_yard->untilPhase(other, Phase::Waiting));
        const auto none = waitFor(source().tests({risk(), numberOf(other)}, {}));
        QVERIFY(!none);
        QCOMPARE(none.error().kind, ErrorKind::NotFound);
    }

    void aNewRunIsStartedAndFound()
    {
        RunOrder order = orderOf(RunOrder::Kind::Trigger, cart());
        order.parameters = {{u("LEVEL"), u("debug")}, {u("KEY"), u("hunter2")}};
        const auto plan = waitFor(source().plan(order, {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        QVERIFY(!plan->isBlocked());
        QVERIFY(plan->steps.first().call.isSecret); // the journal keeps no digest of it
        QCOMPARE(plan->kind, OperationKind::TriggerRun);
        QString shown = plan->effect + plan->to + plan->steps.first().title + plan->steps.first().call.path +
                        QString::fromUtf8(plan->steps.first().expectation.data);
        for (const DiffLine &line : plan->steps.first().diff)
            shown += line.text;
        QVERIFY(!shown.contains(u("hunter2")));
        QVERIFY(shown.contains(u("LEVEL = debug")));
        PlanStep journaled = plan->steps.first();
        journaled.call.body.clear();
        QCOMPARE(*waitFor(m_server->runner().tookPlace(journaled, {})), false);
        const auto seen = carriedOut(*plan);
        QVERIFY2(seen, qPrintable(problem(seen)));
        QCOMPARE(seen->state, Observation::State::Effective);
        QCOMPARE(*waitFor(m_server->runner().tookPlace(journaled, {})), true);
        QCOMPARE(waitFor(m_server->runner().observe(journaled, {}, {}))->state, Observation::State::Effective);
        const auto run = m_yard->world().runByNumber(Vendor::Jenkins, "team/cart", "cart", "main", 1);
        QVERIFY(run);
        QCOMPARE(parameterOf(run->parameters, "LEVEL"), std::string("debug"));
        QCOMPARE(run->who, std::string("operator"));
        order.parameters = {{u("LEVEL"), u("loud")}};
        QCOMPARE(waitFor(source().plan(order, {})).error().kind, ErrorKind::Invalid);
        order.parameters = {};
        order.branch = u("other");
        QCOMPARE(waitFor(source().plan(order, {})).error().kind, ErrorKind::Unsupported);
    }

    void aRunIsRepeatedWithItsParameters()
    {
        const auto first = m_yard->start("team/risk", "main", "ana");
        QVERIFY(m_yard->untilPhase(first, Phase::Waiting));
        const auto plan = waitFor(source().plan(orderOf(RunOrder::Kind::Rerun, risk(), numberOf(first)), {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        QCOMPARE(plan->kind, OperationKind::RerunRun);
        const auto seen = carriedOut(*plan);
        QVERIFY2(seen, qPrintable(problem(seen)));
        QCOMPARE(seen->state, Observation::State::Effective);
        QVERIFY(m_yard->world().runByNumber(Vendor::Jenkins, "team/risk", "risk", "main", 2));
        const auto hidden = m_yard->start("team/cart", "main", "ana");
        QVERIFY(m_yard->untilPhase(hidden, Phase::Waiting));
        const auto refused = waitFor(source().plan(orderOf(RunOrder::Kind::Rerun, cart(), numberOf(hidden)), {}));
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Unsupported);
        QVERIFY(refused.error().message.contains(u("KEY")));
        QCOMPARE(waitFor(source().plan(orderOf(RunOrder::Kind::RerunFailed, risk(), numberOf(first)), {})).error().kind,
                 ErrorKind::Unsupported);
        const auto seenAgain = detail(risk(), numberOf(first));
        QVERIFY(!seenAgain->canRerunJob);
        RunOrder one = orderOf(RunOrder::Kind::Rerun, risk(), numberOf(first));
        one.job = jobOf(seenAgain->jobs, "Build").id;
        const auto alone = waitFor(source().plan(one, {}));
        QVERIFY(!alone); // and never the whole run instead
        QCOMPARE(alone.error().kind, ErrorKind::Unsupported);
        QVERIFY2(alone.error().message.contains(u("one stage alone")), qPrintable(alone.error().message));
    }

    void aRunIsStopped()
    {
        const auto id = m_yard->start("team/cart", "main", "ana");
        QVERIFY(m_yard->untilPhase(id, Phase::Running));
        const auto plan = waitFor(source().plan(orderOf(RunOrder::Kind::Cancel, cart(), numberOf(id)), {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        QCOMPARE(plan->direction, Direction::Back);
        const auto seen = carriedOut(*plan);
        QVERIFY2(seen, qPrintable(problem(seen)));
        QCOMPARE(seen->state, Observation::State::Effective);
        QCOMPARE(m_yard->run(id).phase, Phase::Cancelled);
        QCOMPARE(*waitFor(m_server->runner().tookPlace(plan->steps.first(), {})), true);
        const auto over = detail(cart(), numberOf(id));
        QCOMPARE(over->run.state, RunState::Cancelled);
        QVERIFY(over->run.reason.contains(u("The Operator")));
        const auto again = waitFor(source().plan(orderOf(RunOrder::Kind::Cancel, cart(), numberOf(id)), {}));
        QCOMPARE(stateOf(*again, CheckId::SameState), std::optional(CheckState::Block));
    }

    void whatWaitsInTheQueueSaysWhyAndLeavesIt()
    {
        const auto id = m_yard->start("team/cart", "main", "ana");
        QCOMPARE(m_yard->run(id).phase, Phase::Queued);
        const auto page = waitFor(source().runs({cart(), {}, 5, {}}, {}));
        QVERIFY2(page, qPrintable(problem(page)));
        QCOMPARE(page->runs.size(), 1);
        const Run waiting = page->runs.first();
        QCOMPARE(waiting.state, RunState::Queued);
        QVERIFY(waiting.reason.contains(u("agent-1")));
        RunOrder order = orderOf(RunOrder::Kind::Cancel, cart());
        order.run = waiting;
        const auto plan = waitFor(source().plan(order, {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        const auto seen = carriedOut(*plan);
        QVERIFY2(seen, qPrintable(problem(seen)));
        QCOMPARE(seen->state, Observation::State::Effective);
        QCOMPARE(m_yard->run(id).phase, Phase::Cancelled);
    }

    void aGateIsApproved_data()
    {
        QTest::addColumn<int>("crumbs");
        QTest::newRow("no protection") << static_cast<int>(JenkinsApi::Crumbs::Off);
        QTest::newRow("token needs none") << static_cast<int>(JenkinsApi::Crumbs::ForSessions);
        QTest::newRow("crumb demanded") << static_cast<int>(JenkinsApi::Crumbs::Always);
    }
    void aGateIsApproved()
    {
        QFETCH(int, crumbs);
        JenkinsApi::Options options;
        options.crumbs = static_cast<JenkinsApi::Crumbs>(crumbs);
        open(options);
        const auto id = m_yard->start("team/cart", "main", "ana");
        QVERIFY(m_yard->untilPhase(id, Phase::Waiting));
        const WaitingGate gate = gateOf(cart());
        QCOMPARE(gate.title, u("Deploy to production?"));
        QCOMPARE(gate.mayDecide, std::optional(true));
        QCOMPARE(gate.deciders.size(), 2);
        QCOMPARE(gate.parameters.size(), 2);
        QVERIFY(gate.since.isValid());
        QCOMPARE(gate.branch, u("main"));
        QCOMPARE(jobOf(detail(cart(), gate.run.id)->jobs, "Deploy").id, gate.job);
        GateOrder order = decisionOn(gate, true);
        order.parameters = {{u("TRACK"), u("blue")}};
        const auto plan = waitFor(m_server->gates()->plan(order, {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        QVERIFY(!plan->isBlocked());
        QVERIFY(!plan->steps.first().call.isSecret);
        QCOMPARE(*waitFor(m_server->runner().tookPlace(plan->steps.first(), {})), false);
        const auto seen = carriedOut(*plan);
        QVERIFY2(seen, qPrintable(problem(seen)));
        QCOMPARE(seen->state, Observation::State::Effective);
        QCOMPARE(*waitFor(m_server->runner().tookPlace(plan->steps.first(), {})), true);
        const RunRecord run = m_yard->run(id);
        const JobRun *deploy = run.job(std::string_view("Deploy"));
        QCOMPARE(deploy->decisions.size(), std::size_t(1));
        QCOMPARE(deploy->decisions.front().who, std::string("operator"));
        QCOMPARE(parameterOf(deploy->answers, "TRACK"), std::string("blue"));
        QCOMPARE(parameterOf(deploy->answers, "WATCH"), std::string("15"));
        QVERIFY(waitFor(m_server->gates()->waiting({}))->isEmpty());
    }

    // Without the plugin nobody can tell: that is said, and is not "none waits".
    void gatesThatCannotBeSeenAreNotNone()
    {
        JenkinsApi::Options options;
        options.hasStageView = false;
        open(options);
        const auto none = waitFor(m_server->gates()->waiting({}));
        QVERIFY2(none && none->isEmpty(), qPrintable(problem(none))); // nothing is under way
        const auto id = m_yard->start("team/cart", "main", "ana");
        QVERIFY(m_yard->untilPhase(id, Phase::Waiting));
        const auto gates = waitFor(m_server->gates()->waiting({}));
        QVERIFY(!gates);
        QCOMPARE(gates.error().kind, ErrorKind::Unsupported);
        QVERIFY2(gates.error().message.contains(u("Pipeline: REST API")), qPrintable(gates.error().message));
        QVERIFY(!gates.error().message.contains(QString::fromLatin1(JenkinsYard::token())));
        const Freshness seen = heardNow({}, gates.error());
        QVERIFY(!seen.isLive());
        QCOMPARE(seen.error->kind, ErrorKind::Unsupported);
        open(); // with it
        QVERIFY(m_yard->untilPhase(m_yard->start("team/cart", "main", "ana"), Phase::Waiting));
        const auto told = waitFor(m_server->gates()->waiting({}));
        QVERIFY2(told, qPrintable(problem(told)));
        QCOMPARE(told->size(), 1);
    }

    void aGateIsStopped()
    {
        const auto id = m_yard->start("team/cart", "main", "ana");
        QVERIFY(m_yard->untilPhase(id, Phase::Waiting));
        const auto plan = waitFor(m_server->gates()->plan(decisionOn(gateOf(cart()), false), {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        QCOMPARE(plan->direction, Direction::Back);
        const auto seen = carriedOut(*plan);
        QVERIFY2(seen, qPrintable(problem(seen)));
        QCOMPARE(seen->state, Observation::State::Effective);
        const auto over = detail(cart(), numberOf(id));
        QCOMPARE(over->run.state, RunState::Cancelled);
        QVERIFY(over->run.reason.contains(u("Rejected by The Operator")));
        QCOMPARE(*waitFor(m_server->runner().tookPlace(plan->steps.first(), {})), true);
    }

    void somebodyWasFaster_data()
    {
        QTest::addColumn<QString>("project");
        QTest::addColumn<bool>("theirs");
        QTest::newRow("by wfapi") << u("team/cart") << true;
        QTest::newRow("by the step") << u("team/risk") << true;
        QTest::newRow("stopped") << u("team/risk") << false;
    }
    void somebodyWasFaster()
    {
        QFETCH(QString, project);
        QFETCH(bool, theirs);
        const PipelineRef ref{u("ci"), project + u("/main"), {}};
        const auto id = m_yard->start(qPrintable(project), "main", "ana");
        QVERIFY(m_yard->untilPhase(id, Phase::Waiting));
        const WaitingGate gate = gateOf(ref);
        const auto plan = waitFor(m_server->gates()->plan(decisionOn(gate, true), {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        Decision decision;
        decision.who = "ben";
        decision.approves = theirs;
        QVERIFY(m_yard->world().decide(m_yard->waitingJob(id)->id, decision));
        m_yard->pass(5);
        const auto receipt = waitFor(m_server->runner().execute(plan->steps.first(), {}));
        QVERIFY(!receipt);
        QCOMPARE(receipt.error().kind, ErrorKind::Conflict);
        QVERIFY2(receipt.error().message.contains(theirs ? u("approved by ben") : u("stopped by ben")),
                 qPrintable(receipt.error().message));
        QCOMPARE(*waitFor(m_server->runner().tookPlace(plan->steps.first(), {})), false);
        const auto late = waitFor(m_server->gates()->plan(decisionOn(gate, true), {}));
        QCOMPARE(stateOf(*late, CheckId::SameState), std::optional(CheckState::Block));
    }

    void whoMayNotDecideMayStop()
    {
        const auto id = m_yard->start("team/risk", "main", "ana");
        QVERIFY(m_yard->untilPhase(id, Phase::Waiting));
        const WaitingGate gate = gateOf(risk());
        QCOMPARE(gate.mayDecide, std::nullopt); // an administrator might
        QVERIFY(gate.whyNot.contains(u("ben")));
        QVERIFY(gate.whyNot.contains(u("Job/Cancel")));
        const auto approve = waitFor(m_server->gates()->plan(decisionOn(gate, true), {}));
        QVERIFY2(approve, qPrintable(problem(approve)));
        QCOMPARE(stateOf(*approve, CheckId::Rights), std::optional(CheckState::Warn));
        const auto refused = waitFor(m_server->runner().execute(approve->steps.first(), {}));
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Forbidden);
        QVERIFY2(refused.error().message.contains(u("You need to be ben")), qPrintable(refused.error().message));
        const auto stop = waitFor(m_server->gates()->plan(decisionOn(gate, false), {}));
        const auto seen = carriedOut(*stop);
        QVERIFY2(seen, qPrintable(problem(seen)));
        QCOMPARE(seen->state, Observation::State::Effective);
        QVERIFY(isEnded(m_yard->run(id).phase));
    }

    void aMissingRightIsNamed()
    {
        JenkinsApi::Options options;
        options.mayStop = false;
        open(options);
        const auto id = m_yard->start("team/cart", "main", "ana");
        QVERIFY(m_yard->untilPhase(id, Phase::Running));
        QVERIFY(!detail(cart(), numberOf(id))->canCancel);
        const auto plan = waitFor(source().plan(orderOf(RunOrder::Kind::Cancel, cart(), numberOf(id)), {}));
        QCOMPARE(stateOf(*plan, CheckId::Rights), std::optional(CheckState::Block));
        const auto receipt = waitFor(m_server->runner().execute(plan->steps.first(), {}));
        QCOMPARE(receipt.error().kind, ErrorKind::Forbidden);
        QVERIFY(receipt.error().message.contains(u("hudson.model.Item.Cancel")));
    }

    void whatIsGoneIsNotFound()
    {
        const auto id = m_yard->start("team/risk", "main", "ana");
        QVERIFY(m_yard->untilPhase(id, Phase::Waiting));
        const QString number = numberOf(id);
        QVERIFY(m_yard->world().remove(id));
        QCOMPARE(detail(risk(), number).error().kind, ErrorKind::NotFound);
        const PipelineRef none{u("ci"), u("team/none"), {}};
        QCOMPARE(waitFor(source().runs({none, {}, 5, {}}, {})).error().kind, ErrorKind::NotFound);
    }

    void writesAreRefusedAsReads()
    {
        const auto id = m_yard->start("team/risk", "main", "ana");
        QVERIFY(m_yard->untilPhase(id, Phase::Waiting));
        for (const char *path :
             {"/job/team/job/risk/job/main/1/stop", "/job/team/job/risk/job/main/1/input/Release/abort",
              "/job/team/job/risk/job/main/build", "/queue/cancelItem?id=1"}) {
            const RestClient client(jenkinsConfig(m_yard->url(), m_yard->caPem()), m_http, m_token,
                                    basicHeader(u("operator")), {});
            RestClient::Ask ask;
            ask.target = path;
            QCOMPARE(waitFor(client.send(ask, {})).error().kind, ErrorKind::Unsupported); // 405
        }
        QCOMPARE(m_yard->run(id).phase, Phase::Waiting);
    }

    // python3-jenkins, which knows nothing of our adapter, on the same server.
    void anIndependentClientAgrees()
    {
        // Debian's, which has the package, before another one in the path.
        const QString python = QStandardPaths::findExecutable(u("python3"), {u("/usr/bin")});
        if (python.isEmpty() || QProcess::execute(python, {u("-c"), u("import jenkins")}) != 0)
            MISSING("python3-jenkins is not installed");
        const auto id = m_yard->start("team/cart", "main", "ana");
        QVERIFY(m_yard->untilPhase(id, Phase::Running));
        QProcess client;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(u("REQUESTS_CA_BUNDLE"), m_yard->caFile());
        client.setProcessEnvironment(environment);
        client.start(python, {u(SIGNALBOX_SOURCE_DIR "/tests/contract/jenkins/client.py"), m_yard->url().toString(),
                              u("operator"), QString::fromLatin1(JenkinsYard::token())});
        QVERIFY(QTest::qWaitFor([&] { return client.state() == QProcess::NotRunning; }, 60'000));
        const QByteArray said = client.readAllStandardOutput() + client.readAllStandardError();
        QVERIFY2(client.exitCode() == 0, said.constData());
        QCOMPARE(m_yard->run(id).phase, Phase::Cancelled);
        QVERIFY(m_yard->world().runByNumber(Vendor::Jenkins, "team/cart", "cart", "main", 2));
    }
};

QTEST_GUILESS_MAIN(TestJenkins)
#include "test_jenkins.moc"
