// Answers as GitHub's own description shows them (tests/data/github/official-examples.json says from where), and as
// they should not be.
#include "services/adapters/github/githubanswer.h"
#include "services/pipelines/restclient.h"

#include <QFile>
#include <QTest>

#include <nlohmann/json.hpp>

using namespace signalbox;
using namespace signalbox::github;
using Json = nlohmann::json;

namespace
{

QString u(const char *text)
{
    return QString::fromUtf8(text);
}

Json example(const char *name)
{
    QFile file(QStringLiteral(SIGNALBOX_TEST_DATA "/github/official-examples.json"));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    return Json::parse(file.readAll().toStdString()).at(name);
}

QByteArray bytes(const Json &json)
{
    return QByteArray::fromStdString(json.dump());
}

// As GitHub itself said it: see the README beside.
QByteArray recorded(const char *name)
{
    QFile file(QStringLiteral(SIGNALBOX_TEST_DATA "/github/recorded/") + QLatin1String(name));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

const PipelineRef place{u("gh"), u("octo-org/octo-repo"), {}};

} // namespace

class TestGitHubAnswer : public QObject
{
    Q_OBJECT
private slots:
    void aRunIsRead()
    {
        const auto runs = parseRuns(bytes(example("workflow-run-paginated")), place);
        QVERIFY2(runs, runs ? "" : qPrintable(runs.error().message));
        QCOMPARE(runs->size(), 1);
        const Run &run = runs->at(0).run;
        QCOMPARE(run.ref.key(), u("gh|octo-org/octo-repo|build.yml|30433642"));
        QCOMPARE(runs->at(0).path, u(".github/workflows/build.yml"));
        QCOMPARE(run.number, u("562"));
        QCOMPARE(run.attempt, 1);
        QCOMPARE(run.title, u("Update README.md"));
        QCOMPARE(run.state, RunState::Queued);
        QCOMPARE(triggerText(run.trigger), u("push by octocat"));
        QCOMPARE(run.branch, u("master"));
        QCOMPARE(run.commit, u("acb5820ced9479c074f688cc328bf03f341a511d"));
        QCOMPARE(run.createdAt, QDateTime({2020, 1, 22}, {19, 33, 8}, Qt::UTC));
        QVERIFY(!run.startedAt.isValid()); // it waits for a machine
        QVERIFY(!run.finishedAt.isValid());
        QCOMPARE(runs->at(0).checkSuite, u("42"));
    }

    void anotherAttemptBeginsAnew()
    {
        Json list = example("workflow-run-paginated");
        Json &run = list["workflow_runs"][0];
        run["run_attempt"] = 3;
        run["run_started_at"] = "2020-01-25T08:00:00Z";
        run["status"] = "completed";
        run["conclusion"] = "failure";
        run["updated_at"] = "2020-01-25T08:10:00Z";
        run["triggering_actor"]["login"] = "hubot";
        const auto read = parseRuns(bytes(list), place);
        QVERIFY(read);
        QCOMPARE(read->at(0).run.attempt, 3);
        QCOMPARE(read->at(0).run.createdAt, QDateTime({2020, 1, 25}, {8, 0}, Qt::UTC));
        QCOMPARE(read->at(0).run.finishedAt, QDateTime({2020, 1, 25}, {8, 10}, Qt::UTC));
        QCOMPARE(read->at(0).who, u("hubot"));
        QVERIFY(read->at(0).isCompleted);
    }

    void stateIsToldInTwoWords_data()
    {
        QTest::addColumn<QString>("status");
        QTest::addColumn<QString>("conclusion");
        QTest::addColumn<RunState>("state");
        QTest::newRow("queued") << u("queued") << QString() << RunState::Queued;
        QTest::newRow("requested") << u("requested") << QString() << RunState::Queued;
        QTest::newRow("pending") << u("pending") << QString() << RunState::Queued;
        QTest::newRow("waiting") << u("waiting") << QString() << RunState::Waiting;
        QTest::newRow("running") << u("in_progress") << QString() << RunState::Running;
        QTest::newRow("passed") << u("completed") << u("success") << RunState::Passed;
        QTest::newRow("neutral") << u("completed") << u("neutral") << RunState::Passed;
        QTest::newRow("failed") << u("completed") << u("failure") << RunState::Failed;
        QTest::newRow("timed out") << u("completed") << u("timed_out") << RunState::Failed;
        QTest::newRow("bad file") << u("completed") << u("startup_failure") << RunState::Failed;
        QTest::newRow("cancelled") << u("completed") << u("cancelled") << RunState::Cancelled;
        QTest::newRow("stale") << u("completed") << u("stale") << RunState::Cancelled;
        QTest::newRow("skipped") << u("completed") << u("skipped") << RunState::Skipped;
        QTest::newRow("an outsider's") << u("completed") << u("action_required") << RunState::Waiting;
        QTest::newRow("new word") << u("hibernating") << QString() << RunState::Unknown;
        QTest::newRow("new end") << u("completed") << u("evaporated") << RunState::Unknown;
    }
    void stateIsToldInTwoWords()
    {
        QFETCH(QString, status);
        QFETCH(QString, conclusion);
        QFETCH(RunState, state);
        QCOMPARE(standingOf(status, conclusion).state, state);
    }

    void whatBeganARun_data()
    {
        QTest::addColumn<TriggerKind>("kind");
        QTest::newRow("push") << TriggerKind::Push;
        QTest::newRow("release") << TriggerKind::Tag;
        QTest::newRow("pull_request") << TriggerKind::PullRequest;
        QTest::newRow("pull_request_target") << TriggerKind::PullRequest;
        QTest::newRow("schedule") << TriggerKind::Schedule;
        QTest::newRow("workflow_dispatch") << TriggerKind::Manual;
        QTest::newRow("repository_dispatch") << TriggerKind::Api;
        QTest::newRow("workflow_run") << TriggerKind::Upstream;
        QTest::newRow("gollum") << TriggerKind::Unknown;
    }
    void whatBeganARun()
    {
        QFETCH(TriggerKind, kind);
        QCOMPARE(triggerKindOf(u(QTest::currentDataTag())), kind);
    }

    void aJobIsRead()
    {
        const auto jobs = parseJobs(bytes(example("job-paginated")));
        QVERIFY(jobs);
        const JobSaid &said = jobs->at(0);
        QCOMPARE(said.job.id, u("399444496"));
        QCOMPARE(said.job.name, u("build"));
        QCOMPARE(said.job.state, RunState::Passed);
        QCOMPARE(said.checkRun, u("399444496"));
        QVERIFY(said.job.hasLog && said.isCompleted);
        QCOMPARE(said.job.runner, u("my runner"));
        QVERIFY(said.job.steps.size() > 5);
        QCOMPARE(said.job.steps[0].name, u("Set up job"));
        QCOMPARE(said.job.steps[0].startedAt, QDateTime({2020, 1, 20}, {17, 42, 40}, Qt::UTC)); // -08:00 there
        QVERIFY(said.job.steps[0].id.isEmpty());
    }

    void aJobThatWaitsHasNotStarted()
    {
        Json list = example("job-paginated");
        list["jobs"][0]["status"] = "waiting";
        list["jobs"][0]["conclusion"] = nullptr;
        list["jobs"][0]["completed_at"] = nullptr;
        const auto jobs = parseJobs(bytes(list));
        QVERIFY(jobs);
        QCOMPARE(jobs->at(0).job.state, RunState::Waiting);
        QVERIFY(!jobs->at(0).job.startedAt.isValid() && !jobs->at(0).job.hasLog);
    }

    void aGateIsRead()
    {
        const auto pending = parsePending(bytes(example("pending-deployment-items")));
        QVERIFY(pending);
        const Pending &one = pending->at(0);
        QCOMPARE(one.environmentId, u("161088068"));
        QCOMPARE(one.environment, u("staging"));
        QCOMPARE(one.mayApprove, std::optional(true));
        QCOMPARE(one.waitMinutes, 30);
        QCOMPARE(one.waitingSince, QDateTime({2020, 11, 23}, {22, 0, 40}, Qt::UTC));
        QCOMPARE(one.reviewers, (QList<GateDecider>{{u("octocat"), false}, {u("justice-league"), true}}));
        const auto reviews = parseReviews(bytes(example("environment-approvals-items")));
        QVERIFY(reviews);
        QCOMPARE(reviews->at(0).who, u("octocat"));
        QCOMPARE(reviews->at(0).state, u("approved"));
        QCOMPARE(reviews->at(0).comment, u("Ship it!"));
        QCOMPARE(reviews->at(0).environmentIds, QStringList{u("161088068")});
        QCOMPARE(decisionsOf(*reviews), (QList<RunDecision>{{u("octocat"), true, u("staging"), {}}}));
    }

    // A comment alone is no decision; one review may decide several environments.
    void decisionsAreReadFromReviews()
    {
        const QList<Review> reviews{{{u("1"), u("2")}, {u("staging"), u("production")}, u("rejected"), u("ann"), {}},
                                    {{u("1")}, {u("staging")}, u("pending"), u("ben"), u("looking")},
                                    {{u("1")}, {u("staging")}, u("approved"), u("ann"), {}}};
        const QList<RunDecision> expected{{u("ann"), false, u("staging"), {}},
                                          {u("ann"), false, u("production"), {}},
                                          {u("ann"), true, u("staging"), {}}};
        QCOMPARE(decisionsOf(reviews), expected);
    }

    void theRestIsRead()
    {
        const auto repository = parseRepository(bytes(example("full-repository")));
        QVERIFY(repository);
        QCOMPARE(repository->fullName, u("octocat/Hello-World"));
        QCOMPARE(repository->defaultBranch, u("master"));
        QCOMPARE(repository->mayWrite, std::optional(false));
        const auto workflows = parseWorkflows(bytes(example("workflow-paginated")));
        QVERIFY(workflows);
        QCOMPARE(workflows->size(), 2);
        QCOMPARE(workflows->at(1).name, u("Linter"));
        QCOMPARE(pipelineOf(workflows->at(1).path, workflows->at(1).id), u("linter.yaml"));
        QCOMPARE(pipelineOf(u("dynamic/pages/pages-build-deployment"), u("7")), u("7"));
        const auto checks = parseCheckRuns(bytes(example("check-run-paginated")));
        QVERIFY(checks);
        QCOMPARE(checks->at(0).annotations, 2);
        const auto annotations = parseAnnotations(bytes(example("check-annotation-items")));
        QVERIFY(annotations);
        QCOMPARE(annotations->at(0).level, RunAnnotation::Level::Warning);
        QCOMPARE(annotations->at(0).file, u("README.md"));
        QCOMPARE(annotations->at(0).line, 2);
        QCOMPARE(annotations->at(0).title, u("Spell Checker"));
        const auto artifacts = parseArtifacts(bytes(example("artifact-paginated")));
        QVERIFY(artifacts);
        QCOMPARE(artifacts->at(0).name, u("Rails"));
        QCOMPARE(artifacts->at(0).bytes, qint64(556));
        QVERIFY(artifacts->at(0).digest.startsWith(u("sha256:cfc3")));
        const auto at = parseNewestDeployment(bytes(example("deployment-items")));
        QVERIFY(at);
        QCOMPARE(*at, QDateTime({2012, 7, 20}, {1, 19, 13}, Qt::UTC));
        QCOMPARE(startedRunOf(bytes(example("workflow-dispatch-response"))), u("1"));
        QCOMPARE(startedRunOf({}), QString());
    }

    void recordedAnswersAreRead()
    {
        const auto failed = parseJob(recorded("job-failed.json"));
        QVERIFY2(failed, failed ? "" : qPrintable(failed.error().message));
        QCOMPARE(failed->job.state, RunState::Failed);
        QVERIFY(failed->isCompleted && failed->job.hasLog);
        QCOMPARE(failed->job.runner, u("GitHub Actions 5"));
        QCOMPARE(failed->checkRun, u("1291536064"));
        QCOMPARE(failed->job.attempt, 1); // it was not told then
        const QList<JobStep> steps = failed->job.steps;
        QCOMPARE(steps.size(), 6);
        QCOMPARE(steps[3].state, RunState::Failed);
        QCOMPARE(steps[3].startedAt.msecsTo(steps[3].finishedAt), qint64(1000));
        QCOMPARE(steps[4].state, RunState::Skipped);

        const auto waiting = parseJob(recorded("job-waiting.json"));
        QVERIFY2(waiting, waiting ? "" : qPrintable(waiting.error().message));
        QCOMPARE(waiting->job.state, RunState::Waiting);
        QVERIFY(!waiting->job.startedAt.isValid() && !waiting->job.finishedAt.isValid() && !waiting->job.hasLog);
        QCOMPARE(waiting->job.createdAt, QDateTime({2023, 4, 19}, {21, 12, 12}, Qt::UTC));

        const auto repository = parseRepository(recorded("repository.json"));
        QVERIFY2(repository, repository ? "" : qPrintable(repository.error().message));
        QCOMPARE(repository->defaultBranch, u("master"));
        QVERIFY(!repository->mayWrite); // asked without a token

        HttpResponse refusal;
        refusal.status = 422;
        refusal.body = recorded("refusal.json");
        QCOMPARE(messageOfError(refusal), u("Validation Failed"));
    }

    void aTipIsACommitAndNothingElse()
    {
        QCOMPARE(parseTip(QByteArray(40, 'a') + '\n').value_or(QString()), QString(40, u'a'));
        for (const QByteArray &other : {QByteArray(39, 'a'), QByteArray("{\"sha\":1}"), QByteArray(40, 'g')})
            QVERIFY(!parseTip(other));
    }

    void nonsenseIsAnErrorInASentence_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("a page") << QByteArray("<html>proxy</html>");
        QTest::newRow("cut off") << QByteArray("{\"workflow_runs\":[{\"id\":1,");
        QTest::newRow("another thing") << QByteArray("{\"message\":\"hello\"}");
        QTest::newRow("a text where a list is") << QByteArray("{\"workflow_runs\":\"none\",\"jobs\":\"none\"}");
        QTest::newRow("entries without ids")
            << QByteArray("{\"workflow_runs\":[{\"id\":\"x\"}],\"jobs\":[{}],\"workflows\":[null],\"check_runs\":[7]}");
        QTest::newRow("a number") << QByteArray("7");
    }
    void nonsenseIsAnErrorInASentence()
    {
        QFETCH(QByteArray, body);
        const auto refused = [](const auto &result) {
            return !result && result.error().kind == ErrorKind::Protocol && result.error().message.endsWith(u'.');
        };
        QVERIFY(refused(parseRuns(body, place)));
        QVERIFY(refused(parseRun(body, place)));
        QVERIFY(refused(parseJobs(body)));
        QVERIFY(refused(parseJob(body)));
        QVERIFY(refused(parseWorkflows(body)));
        QVERIFY(refused(parseCheckRuns(body)));
        QVERIFY(refused(parseRepository(body)));
        QVERIFY(refused(parseLogin(body)));
        QVERIFY(refused(parsePending(body)));
        QVERIFY(refused(parseReviews(body)));
        QVERIFY(refused(parseAnnotations(body)));
        QVERIFY(refused(parseNewestDeployment(body)));
    }

    void fieldsOfAnotherKindAreAsIfAbsent()
    {
        const auto run =
            parseRun("{\"id\":5,\"status\":null,\"run_number\":\"x\",\"head_commit\":[],\"actor\":3}", place);
        QVERIFY(run);
        QCOMPARE(run->run.state, RunState::Unknown);
        QVERIFY(run->run.number.isEmpty() && run->who.isEmpty() && run->run.title.isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestGitHubAnswer)
#include "test_githubanswer.moc"
