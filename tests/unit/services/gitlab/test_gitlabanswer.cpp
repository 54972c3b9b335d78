#include "services/adapters/gitlab/gitlabanswer.h"
#include "services/adapters/gitlab/gitlablog.h"

#include <QFile>
#include <QTest>

using namespace signalbox;
using namespace signalbox::gitlab;

namespace
{

QString u(const char *text)
{
    return QString::fromUtf8(text);
}

const PipelineRef here{u("lab"), u("foo/bar"), {}};

QByteArray documented(const char *name)
{
    QFile file(QStringLiteral(SIGNALBOX_TEST_DATA "/gitlab/") + u(name));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

JobAnswer jobAt(qint64 id, const char *name, const char *stage, const char *status = "success")
{
    JobAnswer one;
    one.id = id;
    one.status = u(status);
    one.job.id = QString::number(id);
    one.job.name = u(name);
    one.job.stage = u(stage);
    one.job.state = stateOf(one.status);
    return one;
}

} // namespace

class TestGitLabAnswer : public QObject
{
    Q_OBJECT
private slots:
    void readsAPipeline()
    {
        const auto answer = parsePipeline(documented("pipeline.json"), here);
        QVERIFY(answer);
        const Run &run = answer->run;
        QCOMPARE(run.ref.id, u("287"));
        QCOMPARE(run.number, u("287"));
        QCOMPARE(run.title, u("Build pipeline"));
        QCOMPARE(run.state, RunState::Passed);
        QCOMPARE(run.branch, u("main"));
        QVERIFY(run.tag.isEmpty());
        QCOMPARE(run.commit, u("50f0acb76a40e34a4ff304f7347dcc6587da8a14"));
        QCOMPARE(run.trigger, (RunTrigger{TriggerKind::Push, u("root"), u("push"), {}}));
        QCOMPARE(run.createdAt, QDateTime({2022, 9, 21}, {1, 5, 7, 200}, Qt::UTC));
        QCOMPARE(run.startedAt, QDateTime({2022, 9, 21}, {1, 5, 14, 197}, Qt::UTC));
        QCOMPARE(run.finishedAt, QDateTime({2022, 9, 21}, {1, 5, 50, 175}, Qt::UTC));
        QVERIFY(answer->isWhole && !answer->coverage);
    }

    // Its last job failed, and was run again the day after.
    void timeBetweenTriesIsNoWork_data()
    {
        using std::chrono::milliseconds;
        QTest::addColumn<QByteArray>("status");
        QTest::addColumn<QByteArray>("worked");
        QTest::addColumn<std::optional<milliseconds>>("took");
        QTest::addColumn<bool>("hasEnded");
        const milliseconds between = std::chrono::seconds(86'406) - milliseconds(22);
        QTest::newRow("ended") << QByteArray("success") << QByteArray("34") << std::optional(milliseconds(34'000))
                               << true;
        QTest::newRow("goes on again") << QByteArray("running") << QByteArray("34") << std::optional<milliseconds>()
                                       << false;
        QTest::newRow("not told") << QByteArray("success") << QByteArray("null") << std::optional(between) << true;
    }
    void timeBetweenTriesIsNoWork()
    {
        QFETCH(QByteArray, status);
        QFETCH(QByteArray, worked);
        QFETCH(bool, hasEnded);
        QByteArray body = documented("pipeline.json");
        body.replace("\"status\": \"success\"", "\"status\": \"" + status + '"')
            .replace("\"finished_at\": \"2022-09-21T01:05:50.175Z\"", "\"finished_at\": \"2022-09-22T01:05:20.175Z\"")
            .replace("\"duration\": 34", "\"duration\": " + worked);
        const auto answer = parsePipeline(body, here);
        QVERIFY(answer);
        QCOMPARE(answer->run.finishedAt.isValid(), hasEnded);
        QTEST(duration(answer->run, QDateTime({2022, 9, 23}, {0, 0}, Qt::UTC)), "took");
        QCOMPARE(queueTime(answer->run), std::optional(std::chrono::milliseconds(6000)));
    }

    void readsAListAndMakesNothingUp()
    {
        const auto answer = parsePipelines(documented("pipelines.json"), here);
        QVERIFY(answer && answer->size() == 2);
        QCOMPARE(answer->at(0).run.state, RunState::Queued);
        QCOMPARE(answer->at(1).run.trigger.kind, TriggerKind::Manual);
        QVERIFY(!answer->at(0).run.startedAt.isValid() && !answer->at(0).run.finishedAt.isValid());
        QVERIFY(!answer->at(0).isWhole && answer->at(0).run.trigger.who.isEmpty());
        QVERIFY(answer->at(0).version != answer->at(1).version);
    }

    void statusesAreStates_data()
    {
        QTest::addColumn<QByteArray>("status");
        QTest::addColumn<RunState>("state");
        QTest::addColumn<bool>("mayBeCancelled");
        QTest::newRow("created") << QByteArray("created") << RunState::NotStarted << true;
        QTest::newRow("waiting") << QByteArray("waiting_for_resource") << RunState::Queued << true;
        QTest::newRow("preparing") << QByteArray("preparing") << RunState::Queued << true;
        QTest::newRow("pending") << QByteArray("pending") << RunState::Queued << true;
        QTest::newRow("running") << QByteArray("running") << RunState::Running << true;
        QTest::newRow("canceling") << QByteArray("canceling") << RunState::Running << false;
        QTest::newRow("success") << QByteArray("success") << RunState::Passed << false;
        QTest::newRow("failed") << QByteArray("failed") << RunState::Failed << false;
        QTest::newRow("canceled") << QByteArray("canceled") << RunState::Cancelled << false;
        QTest::newRow("skipped") << QByteArray("skipped") << RunState::Skipped << false;
        QTest::newRow("manual") << QByteArray("manual") << RunState::Waiting << false;
        QTest::newRow("scheduled") << QByteArray("scheduled") << RunState::NotStarted << true;
        QTest::newRow("a later word") << QByteArray("daydreaming") << RunState::Unknown << false;
        QTest::newRow("no word") << QByteArray() << RunState::Unknown << false;
    }
    void statusesAreStates()
    {
        QFETCH(QByteArray, status);
        QFETCH(bool, mayBeCancelled);
        QTEST(stateOf(QString::fromUtf8(status)), "state");
        QCOMPARE(isCancelable(QString::fromUtf8(status)), mayBeCancelled);
    }

    void aWarningIsUnstable()
    {
        QByteArray body = documented("pipeline.json");
        body.replace("\"group\": \"success\"", "\"group\": \"success-with-warnings\"");
        const auto answer = parsePipeline(body, here);
        QVERIFY(answer && answer->run.state == RunState::Unstable);
    }

    void readsJobs()
    {
        const auto jobs = parseJobs(documented("jobs.json"));
        QVERIFY(jobs && jobs->size() == 2);
        const JobAnswer &one = jobs->first();
        QCOMPARE(one.job.id, u("7"));
        QCOMPARE(one.job.stage, u("test"));
        QCOMPARE(one.job.state, RunState::Failed);
        QCOMPARE(one.job.reason, u("script_failure"));
        QVERIFY(one.job.hasLog);
        QCOMPARE(one.user, u("root"));
        QCOMPARE(one.commitTitle, u("Test the CI integration."));
        QCOMPARE(one.pipelineId, 6);
        QCOMPARE(one.artifacts.size(), 2); // neither the trace nor what is told of the archive
        QCOMPARE(one.artifacts.first().name, u("teaspoon: artifacts.zip"));
        QCOMPARE(one.artifacts.first().bytes, 1000);
        QCOMPARE(one.artifacts.first().page, QUrl(u("https://example.com/foo/bar/-/jobs/7/artifacts/download"
                                                    "?file_type=archive")));
    }

    void aFailureThatIsAllowedIsUnstable()
    {
        QByteArray body = documented("jobs.json");
        body.replace("\"allow_failure\": false", "\"allow_failure\": true");
        const auto jobs = parseJobs(body);
        QVERIFY(jobs && jobs->first().job.state == RunState::Unstable && jobs->first().job.mayFail);
    }

    void readsBridges()
    {
        const auto bridges = parseJobs(documented("bridges.json"));
        QVERIFY(bridges && bridges->size() == 1);
        QVERIFY(bridges->first().isBridge && !bridges->first().job.hasLog);
        QCOMPARE(bridges->first().downstreamId, 5);
        QCOMPARE(projectOfPage(bridges->first().downstreamPage, QUrl(u("https://example.com"))),
                 u("diaspora/diaspora-client"));
    }

    void projectsOfPages_data()
    {
        QTest::addColumn<QByteArray>("page");
        QTest::addColumn<QByteArray>("base");
        QTest::addColumn<QByteArray>("project");
        QTest::newRow("today") << QByteArray("https://g.example/a/b/-/pipelines/7") << QByteArray("https://g.example")
                               << QByteArray("a/b");
        QTest::newRow("below a path") << QByteArray("https://g.example/git/a/b/c/-/pipelines/7")
                                      << QByteArray("https://g.example/git") << QByteArray("a/b/c");
        QTest::newRow("elsewhere") << QByteArray("https://g.example/a/b/-/jobs/7") << QByteArray("https://g.example")
                                   << QByteArray();
    }
    void projectsOfPages()
    {
        QFETCH(QByteArray, page);
        QFETCH(QByteArray, base);
        QFETCH(QByteArray, project);
        QCOMPARE(projectOfPage(QUrl(QString::fromUtf8(page)), QUrl(QString::fromUtf8(base))).toUtf8(), project);
    }

    void stagesAreAGraph()
    {
        // "unit" failed and was run again: its new try is younger than all jobs of later stages.
        const QList<JobAnswer> nodes =
            asGraph({jobAt(9, "unit", "test"), jobAt(5, "deploy", "deploy", "manual"), jobAt(4, "lint", "test"),
                     jobAt(3, "unit", "test", "failed"), jobAt(2, "docs", "build"), jobAt(1, "compile", "build")});
        QStringList names;
        for (const JobAnswer &node : nodes)
            names.append(node.job.name);
        QCOMPARE(names, (QStringList{u("compile"), u("docs"), u("lint"), u("unit"), u("deploy")}));
        QCOMPARE(nodes.at(0).job.needs, QStringList());
        QCOMPARE(nodes.at(2).job.needs, (QStringList{u("1"), u("2")}));
        QCOMPARE(nodes.at(3).job.id, u("9"));
        QCOMPARE(nodes.at(3).job.attempt, 2);
        QCOMPARE(nodes.at(4).job.needs, (QStringList{u("4"), u("9")}));
    }

    void readsADeploymentWithRules()
    {
        const auto deployment = parseDeployment(documented("deployment.json"));
        QVERIFY(deployment);
        QCOMPARE(deployment->environment, u("production"));
        QCOMPARE(deployment->pending, 2);
        QCOMPARE(deployment->rules.size(), 2);
        QCOMPARE(deployment->rules.at(1).name, u("security-group"));
        QCOMPARE(deployment->rules.at(1).required, 2);
        QVERIFY(deployment->job && isWaiting(*deployment->job) && isWaiting(*deployment));
        const auto given = decisionsOf(*deployment);
        QCOMPARE(given.size(), 1);
        QCOMPARE(given.first().who, u("security-user-1"));
        QVERIFY(given.first().approves);
        QVERIFY(hasDecided(*deployment, u("security-user-1"), true));
        QVERIFY(!hasDecided(*deployment, u("security-user-1"), false));
        QVERIFY(!hasDecided(*deployment, u("root"), true));
    }

    // What is blocked without a word about approvals waits to be started only.
    void approvalsThatNobodyAsksForAreNotMissing_data()
    {
        QTest::addColumn<QByteArray>("told");
        QTest::addColumn<bool>("asks");
        QTest::addColumn<int>("missing");
        QTest::newRow("the free edition") << QByteArray() << false << 0;
        QTest::newRow("no rules")
            << QByteArray(",\"pending_approval_count\":0,\"approvals\":[],\"approval_summary\":{\"rules\":[]}") << false
            << 0;
        QTest::newRow("a count") << QByteArray(",\"pending_approval_count\":2") << true << 2;
        QTest::newRow("all given") << QByteArray(
                                          ",\"pending_approval_count\":0,\"approvals\":[{\"status\":\"approved\"}]")
                                   << true << 0;
        QTest::newRow("rules, no count") << QByteArray(",\"approval_summary\":{\"rules\":[{\"required_approvals\":3}]}")
                                         << true << 3;
    }
    void approvalsThatNobodyAsksForAreNotMissing()
    {
        QFETCH(QByteArray, told);
        const auto deployment = parseDeployment(QByteArray("{\"id\":1,\"status\":\"blocked\"") + told + '}');
        QVERIFY(deployment);
        QTEST(asksForApproval(*deployment), "asks");
        QTEST(missingApprovals(*deployment), "missing");
    }

    void readsNumbersThatAreTexts() // the description says so, the server does not
    {
        QByteArray body = documented("deployment.json");
        body.replace("\"required_approvals\": 2", "\"required_approvals\": \"2\"");
        const auto deployment = parseDeployment(body);
        QVERIFY(deployment && deployment->rules.at(1).required == 2);
    }

    void readsTests()
    {
        const auto summary = parseTestSummary(documented("test-summary.json"));
        QVERIFY(summary);
        QCOMPARE(summary->passed, 3351);
        QCOMPARE(summary->skipped, 12);
        QVERIFY(summary->isCut);
        const auto report = parseTestReport(documented("test-report.json"));
        QVERIFY(report && !report->isCut && report->cases.size() == 1);
        QCOMPARE(report->cases.first().suite, u("vulnerability_management_spec"));
        QCOMPARE(report->cases.first().took, std::chrono::milliseconds(5000));
        QByteArray none = documented("test-summary.json");
        none.replace("\"count\": 3363", "\"count\": 0");
        const auto empty = parseTestSummary(none);
        QVERIFY(!empty && empty.error().kind == ErrorKind::NotFound);
        // A file that GitLab could not read has no tests, and is not the same as none.
        QByteArray broken = none;
        broken.replace("\"suite_error\": null", "\"suite_error\": \"JUnit XML parsing failed\"");
        const auto named = parseTestSummary(broken);
        QVERIFY(named && named->cases.size() == 1);
        QCOMPARE(named->cases.first().state, TestCase::State::Failed);
        QCOMPARE(named->cases.first().message, u("JUnit XML parsing failed"));
        QByteArray failed = documented("test-report.json");
        failed.replace("\"status\": \"success\"", "\"status\": \"failed\"")
            .replace("\"system_output\": null", "\"system_output\": {\"message\": \"expected 1\"}")
            .replace("\"execution_time\": 5", "\"execution_time\": 0.25");
        const auto bad = parseTestReport(failed);
        QVERIFY(bad && bad->cases.first().state == TestCase::State::Failed);
        QCOMPARE(bad->cases.first().message, u("expected 1"));
        QCOMPARE(bad->cases.first().took, std::chrono::milliseconds(250));
    }

    void readsSchedules()
    {
        const auto schedules = parseSchedules(documented("schedules.json"));
        QVERIFY(schedules && schedules->size() == 1);
        QCOMPARE(schedules->first().ref, u("main"));
        QCOMPARE(cronText(schedules->first()), u("* * * * * (Asia/Tokyo)"));
    }

    void readsAProject()
    {
        const auto project = parseProject(documented("project.json"));
        QVERIFY(project);
        QCOMPARE(project->path, u("diaspora/diaspora-project-site"));
        QCOMPARE(project->access, 50); // the better of the two ways
        QCOMPARE(project->mayStarterApprove, false);
        QByteArray asAdmin = documented("project.json");
        asAdmin.replace("\"access_level\": 10", "\"access_level\": null")
            .replace("\"access_level\": 50", "\"access_level\": null");
        const auto unknown = parseProject(asAdmin);
        QVERIFY(unknown && !unknown->access);
    }

    void malformedAnswersAreErrors_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("no JSON") << QByteArray("<html>Bad Gateway</html>");
        QTest::newRow("cut") << QByteArray("{\"id\": 1, \"status\": \"succ");
        QTest::newRow("a text") << QByteArray("\"id\"");
        QTest::newRow("no id") << QByteArray("{\"status\": \"success\"}");
        QTest::newRow("an id that leads elsewhere") << QByteArray("{\"id\": \"1/../../user\"}");
        QTest::newRow("a negative id") << QByteArray("{\"id\": -4}");
        QTest::newRow("an id of another kind") << QByteArray("{\"id\": {\"a\": 1}}");
        QTest::newRow("broken UTF-8") << QByteArray("{\"id\": 3, \"ref\": \"\xff\xfe\"}");
        QTest::newRow("deep") << QByteArray(200, '[') + QByteArray(200, ']');
    }
    void malformedAnswersAreErrors()
    {
        QFETCH(QByteArray, body);
        const auto isProtocol = [](const auto &answer) {
            return !answer && answer.error().kind == ErrorKind::Protocol && !answer.error().message.isEmpty();
        };
        QVERIFY(isProtocol(parsePipeline(body, here)));
        QVERIFY(isProtocol(parseJob(body)));
        QVERIFY(isProtocol(parseDeployment(body)));
        QVERIFY(isProtocol(parseProject(body)));
        QVERIFY(isProtocol(parseUser(body)));
        QVERIFY(isProtocol(parseTip(body)));
        QVERIFY(isProtocol(parseTestReport(body)));
        if (body.isEmpty())
            return; // an empty list is none
        QVERIFY(isProtocol(parsePipelines('[' + body + ']', here)));
        QVERIFY(isProtocol(parseJobs('[' + body + ']')));
    }

    void longTracesAreAskedForLessOften_data()
    {
        QTest::addColumn<qint64>("length");
        QTest::addColumn<int>("seconds");
        QTest::newRow("nothing yet") << qint64(0) << 3;
        QTest::newRow("short") << qint64(200'000) << 3;
        QTest::newRow("a megabyte") << qint64(1024) * 1024 << 15;
        QTest::newRow("a hundred") << qint64(100) * 1024 * 1024 << 30;
    }
    void longTracesAreAskedForLessOften()
    {
        QFETCH(qint64, length);
        QFETCH(int, seconds);
        QCOMPARE(traceRest(length), std::chrono::milliseconds(std::chrono::seconds(seconds)));
    }

    void strangeFieldsAreLeftOut()
    {
        const auto answer = parsePipeline("{\"id\": 3, \"status\": 7, \"user\": [], \"detailed_status\": null,"
                                          "\"created_at\": \"yesterday\", \"web_url\": \"javascript:alert(1)\"}",
                                          here);
        QVERIFY(answer);
        QCOMPARE(answer->run.state, RunState::Unknown);
        QVERIFY(!answer->run.createdAt.isValid());
        QVERIFY(answer->run.page.isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestGitLabAnswer)
#include "test_gitlabanswer.moc"
