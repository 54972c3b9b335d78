#include "services/adapters/jenkins/jenkinsgraph.h"
#include "services/adapters/jenkins/jenkinsjobs.h"
#include "services/adapters/jenkins/jenkinsplace.h"
#include "services/adapters/jenkins/jenkinsplan.h"
#include "services/adapters/jenkins/jenkinsreports.h"
#include "services/adapters/jenkins/jenkinsruns.h"

#include <QFile>
#include <QTest>

#include <algorithm>

using namespace signalbox;
using namespace signalbox::jenkins;

// Answers of Jenkins as values. tests/data/jenkins: blue-nodes*, blue-steps-input, wfapi-describe, wfapi-log,
// wfapi-stage-* and wfapi-pending-documented are the examples of blueocean-rest/README.md and rest-api/README.md; the
// others are put together after the exported beans of jenkinsci/jenkins, junit-plugin and pipeline-stage-view-plugin.
class TestJenkinsAnswer : public QObject
{
    Q_OBJECT

    const PipelineRef m_pipeline{QStringLiteral("ci"), QStringLiteral("team/cart/main"), {}};
    const QUrl m_page{QStringLiteral("https://ci.example.com/jenkins/")};

    static QByteArray data(const char *name)
    {
        QFile file(QStringLiteral(SIGNALBOX_TEST_DATA "/jenkins/") + QLatin1String(name));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }
    static Job jobOf(const QList<Job> &jobs, const char *id)
    {
        const auto found =
            std::find_if(jobs.cbegin(), jobs.cend(), [id](const Job &job) { return job.id == QLatin1String(id); });
        return found == jobs.cend() ? Job() : *found;
    }

private slots:
    void addressesEncodeBranchesTwice()
    {
        QCOMPARE(jobPath(QStringLiteral("team/cart/feature%2Ffaster")), "/job/team/job/cart/job/feature%252Ffaster");
        QCOMPARE(jobPath({}), QByteArray());
        QCOMPARE(runPath(QStringLiteral("Test Workflow"), QStringLiteral("16")), "/job/Test%20Workflow/16");
        QCOMPARE(bluePath(QStringLiteral("jenkins"), QStringLiteral("team/cart/feature%2Ffaster"), true),
                 "/blue/rest/organizations/jenkins/pipelines/team/pipelines/cart/branches/feature%252Ffaster");
        QCOMPARE(bluePath(QStringLiteral("jenkins"), QStringLiteral("tools"), false),
                 "/blue/rest/organizations/jenkins/pipelines/tools");
        QCOMPARE(branchNameOf(QStringLiteral("team/cart/feature%2Ffaster")), QStringLiteral("feature/faster"));
    }

    void placesAreReadFromAddresses_data()
    {
        QTest::addColumn<QString>("address");
        QTest::addColumn<QString>("project");
        QTest::addColumn<QString>("number");
        const auto row = [](const char *name, const char *address, const char *project, const char *number) {
            QTest::newRow(name) << QString::fromLatin1(address) << QString::fromLatin1(project)
                                << QString::fromLatin1(number);
        };
        row("job", "https://ci/ctx/job/team/job/cart/", "team/cart", "");
        row("run", "https://ci/job/tools/13/", "tools", "13");
        row("branch", "https://ci/job/t/job/feature%252Fx/3/", "t/feature%2Fx", "3");
        row("path alone", "/jenkins/job/Test%20Workflow/16/execution/node/5/", "Test Workflow", "16");
        row("none", "https://ci/computer/", "", "");
    }
    void placesAreReadFromAddresses()
    {
        QFETCH(QString, address);
        QFETCH(QString, project);
        QFETCH(QString, number);
        const auto place = placeOf(address);
        QCOMPARE(place.has_value(), !project.isEmpty());
        if (place) {
            QCOMPARE(place->project, project);
            QCOMPARE(place->number, number);
        }
    }

    void jobsOfFoldersAndBranchesAreFound()
    {
        const auto found = parseJobs(data("jobs.json"), {}, 100);
        QVERIFY2(found, found ? "" : qPrintable(found.error().detail));
        QStringList projects;
        for (const FoundJob &job : found->jobs)
            projects.append(job.pipeline.ref.project + (job.isBranch ? QStringLiteral(" branch") : QString()));
        QCOMPARE(projects, (QStringList{QStringLiteral("team/cart/main branch"),
                                        QStringLiteral("team/cart/feature%2Ffaster branch"),
                                        QStringLiteral("team/nightly"), QStringLiteral("tools")}));
        QCOMPARE(found->folders, QStringList{QStringLiteral("team/deep/deeper")}); // the empty one needs no question
        QVERIFY(!found->isCut);
        QCOMPARE(found->jobs.at(1).pipeline.title, QStringLiteral("team / cart / feature/faster"));
        QVERIFY(!found->jobs.at(2).pipeline.isEnabled);
        QVERIFY(!found->jobs.at(2).pipeline.whyNotTrigger.isEmpty());
        QVERIFY(parseJobs(data("jobs.json"), {}, 1)->isCut);
    }

    void titlesAreAsShortAsTheyTell_data()
    {
        QTest::addColumn<QStringList>("whole");
        QTest::addColumn<QStringList>("shown");
        const auto row = [](const char *name, const char *whole, const char *shown) {
            QTest::newRow(name) << QString::fromUtf8(whole).split(u'|') << QString::fromUtf8(shown).split(u'|');
        };
        // A star: a branch; a bang: the workspace names it.
        row("branches", "team / cart / main*|team / cart / feature/x*", "cart / main|cart / feature/x");
        row("jobs", "team / nightly|Tools", "nightly|Tools");
        row("the same job of two folders", "red / deploy|blue / deploy", "red / deploy|blue / deploy");
        row("the same project of two", "a / red / cart / main*|a / blue / cart / main*",
            "red / cart / main|blue / cart / main");
        row("one that stands in another's way", "deploy|team / deploy", "deploy|team / deploy");
        row("one that is named", "team / cart / main!|team / nightly", "cart / main|nightly");
        row("twice the same", "team / cart|team / cart", "team / cart|team / cart");
    }
    void titlesAreAsShortAsTheyTell()
    {
        QFETCH(QStringList, whole);
        QList<Pipeline> all;
        QStringList named;
        for (const QString &title : qAsConst(whole)) {
            Pipeline one;
            one.title = title;
            if (title.endsWith(u'!')) {
                one.title.chop(1);
                one.ref.project = one.title;
                named.append(one.title);
            }
            if (title.endsWith(u'*')) {
                one.title.chop(1);
                one.defaultBranch = one.title.section(QStringLiteral(" / "), -1);
            }
            all.append(one);
        }
        shortenTitles(all, named);
        QStringList shown;
        for (const Pipeline &one : qAsConst(all))
            shown.append(one.title);
        QTEST(shown, "shown");
    }

    void parametersAreTyped()
    {
        const auto found = parseJobs(data("jobs.json"), {}, 100);
        const QList<RunParameter> all = found->jobs.last().pipeline.parameters;
        QCOMPARE(all.size(), 4);
        QCOMPARE(all.at(0).value, QStringLiteral("1.0"));
        QCOMPARE(all.at(1).kind, RunParameter::Kind::Choice);
        QCOMPARE(all.at(1).choices, (QStringList{QStringLiteral("staging"), QStringLiteral("production")}));
        QCOMPARE(all.at(2).kind, RunParameter::Kind::Flag);
        QCOMPARE(all.at(2).value, QStringLiteral("false"));
        QCOMPARE(all.at(3).kind, RunParameter::Kind::Hidden);
        QVERIFY(all.at(3).value.isEmpty());
    }

    void runsHaveTheirStatesAndCauses_data()
    {
        QTest::addColumn<QString>("number");
        QTest::addColumn<RunState>("state");
        QTest::addColumn<TriggerKind>("kind");
        QTest::addColumn<QString>("who");
        const auto row = [](const char *number, RunState state, TriggerKind kind, const char *who) {
            QTest::newRow(number) << QString::fromLatin1(number) << state << kind << QString::fromUtf8(who);
        };
        row("9", RunState::Running, TriggerKind::Push, "");
        row("8", RunState::Cancelled, TriggerKind::Manual, "Ana Alves");
        row("7", RunState::Failed, TriggerKind::Schedule, "");
        row("6", RunState::Unstable, TriggerKind::Upstream, "base #4");
        row("5", RunState::Passed, TriggerKind::Push, "");
        row("4", RunState::Skipped, TriggerKind::Api, "10.0.0.9");
        row("3", RunState::Unknown, TriggerKind::Unknown, "");
    }
    void runsHaveTheirStatesAndCauses()
    {
        QFETCH(QString, number);
        QFETCH(RunState, state);
        QFETCH(TriggerKind, kind);
        QFETCH(QString, who);
        const auto runs = parseRuns(data("runs.json"), m_pipeline, m_page);
        QVERIFY2(runs, runs ? "" : qPrintable(runs.error().detail));
        for (const SeenRun &seen : runs->runs) {
            if (seen.run.number != number)
                continue;
            QCOMPARE(seen.run.state, state);
            QCOMPARE(seen.run.trigger.kind, kind);
            QCOMPARE(seen.run.trigger.who, who);
            QVERIFY(!seen.run.trigger.why.isEmpty());
            QCOMPARE(seen.run.finishedAt.isValid(), state != RunState::Running);
            QCOMPARE(seen.run.estimate, std::optional(std::chrono::milliseconds(61000)));
            return;
        }
        QFAIL("not found");
    }

    void runsKnowTheirCommitAndItsSubject()
    {
        const auto runs = parseRuns(data("runs.json"), m_pipeline, m_page);
        const Run &newest = runs->runs.at(0).run;
        QCOMPARE(newest.commit, QString(40, QLatin1Char('a')));
        QCOMPARE(newest.branch, QStringLiteral("main"));
        QCOMPARE(newest.title, QStringLiteral("Faster baskets"));
        QCOMPARE(runs->runs.at(1).run.commit, QString(40, QLatin1Char('d'))); // not the library's
        QVERIFY(runs->runs.at(2).run.commit.isEmpty());                       // two, and none is the job's branch
        QCOMPARE(queueTime(runs->runs.at(3).run), std::optional(std::chrono::milliseconds(2500)));
        QVERIFY(!queueTime(runs->runs.at(1).run)); // without the plugin Metrics nothing tells it
        QVERIFY(duration(runs->runs.at(1).run, runs->runs.at(1).run.finishedAt));
        QCOMPARE(runs->runs.last().run.title, QStringLiteral("Release 3"));
        QCOMPARE(newest.page.toString(),
                 QStringLiteral("https://ci.example.com/jenkins/job/team/job/cart/job/main/9/"));
    }

    void decisionsAndParametersOfARun()
    {
        const auto runs = parseRuns(data("runs.json"), m_pipeline, m_page);
        const SeenRun &seen = runs->runs.at(1);
        QCOMPARE(seen.decisions, (QList<GivenDecision>{{QStringLiteral("ben"), true}, {QStringLiteral("cai"), false}}));
        QCOMPARE(seen.run.reason, QStringLiteral("Rejected by Cai"));
        QCOMPARE(seen.parameters,
                 (QList<std::pair<QString, QString>>{{QStringLiteral("VERSION"), QStringLiteral("1.2")},
                                                     {QStringLiteral("FORCE"), QStringLiteral("true")}}));
        QCOMPARE(seen.hiddenParameters, QStringList{QStringLiteral("KEY")});
        QCOMPARE(seen.startedBy, QStringLiteral("ana"));
        QCOMPARE(seen.queueItem, 108);
        QVERIFY(seen.isPipeline());
    }

    void aRunThatWaitsSaysWhy()
    {
        const auto runs = parseRuns(data("runs.json"), m_pipeline, m_page);
        QVERIFY(runs->queued);
        QCOMPARE(runs->queued->state, RunState::Queued);
        QCOMPARE(runs->queued->ref.id, QStringLiteral("queue-131"));
        QCOMPARE(queueItemOf(runs->queued->ref.id), std::optional<qint64>(131));
        QVERIFY(runs->queued->reason.contains(QStringLiteral("next available executor")));
        const PipelineRef tools{QStringLiteral("ci"), QStringLiteral("tools"), {}};
        const auto items = parseQueue(data("queue.json"), tools);
        QVERIFY(items);
        QCOMPARE(items->size(), 1);
        QVERIFY(items->first().run.reason.startsWith(QStringLiteral("Stuck")));
        QCOMPARE(items->first().startedBy, QStringLiteral("ana"));
        QCOMPARE(parseQueueItem(data("queue-left.json"), tools)->number, QStringLiteral("13"));
        const auto cancelled = parseQueueItem(data("queue-cancelled.json"), tools);
        QVERIFY(cancelled->isCancelled);
        QCOMPARE(cancelled->run.state, RunState::Cancelled);
    }

    void artifactsHaveTheirAddress()
    {
        const auto seen = parseRun(data("run-artifacts.json"), m_pipeline, m_page);
        QVERIFY(seen);
        QVERIFY(!seen->isPipeline());
        QCOMPARE(seen->runner, QStringLiteral("linux-3"));
        QCOMPARE(seen->artifacts.size(), 2);
        QCOMPARE(seen->artifacts.first().page.toEncoded(),
                 "https://ci.example.com/jenkins/job/team/job/cart/job/main/12/artifact/target/a%20b.jar");
    }

    void testsAreReported()
    {
        const auto report = parseTests(data("tests.json"));
        QVERIFY(report);
        QCOMPARE(report->passed, 2);
        QCOMPARE(report->failed, 2);
        QCOMPARE(report->skipped, 1);
        QCOMPARE(report->cases.size(), 5);
        QCOMPARE(report->cases.at(0).took, std::chrono::milliseconds(13));
        QCOMPARE(report->cases.at(1).state, TestCase::State::Failed);
        QCOMPARE(report->cases.at(1).message, QStringLiteral("expected 3 but was 4"));
        QCOMPARE(report->cases.at(3).state, TestCase::State::Skipped);
        QCOMPARE(report->cases.at(3).suite, QStringLiteral("cart"));
        QCOMPARE(report->cases.at(4).state, TestCase::State::Passed);
        const auto whole = parseTests(data("tests-aggregated.json"));
        QCOMPARE(whole->passed, 2);
        QCOMPARE(whole->cases.size(), 1);
    }

    void runsUnderWayAreThoseOfExecutors()
    {
        const auto builds = parseUnderWay(data("computer.json"));
        QVERIFY(builds);
        QCOMPARE(*builds, (QList<UnderWay>{{QStringLiteral("team/cart/feature%2Ffaster"), QStringLiteral("3"), true},
                                           {QStringLiteral("tools"), QStringLiteral("13"), false}}));
    }

    void parallelBranchesStandSideBySide()
    {
        const auto jobs = parseNodes(data("blue-nodes.json"), m_pipeline, true);
        QVERIFY2(jobs, jobs ? "" : qPrintable(jobs.error().detail));
        QCOMPARE(jobs->size(), 6);
        QVERIFY(jobOf(*jobs, "3").needs.isEmpty());
        for (const char *parallel : {"13", "14", "15"})
            QCOMPARE(jobOf(*jobs, parallel).needs, QStringList{QStringLiteral("9")});
        QCOMPARE(jobOf(*jobs, "35").needs,
                 (QStringList{QStringLiteral("13"), QStringLiteral("14"), QStringLiteral("15")}));
        const Job build = jobOf(*jobs, "3");
        QCOMPARE(build.state, RunState::Passed);
        QVERIFY(build.hasLog);
        QCOMPARE(build.startedAt, QDateTime(QDate(2016, 5, 6), QTime(22, 15, 8, 719), Qt::UTC)); // -0700
        QCOMPARE(build.startedAt.msecsTo(build.finishedAt), 219);
    }

    void stagesThatNeverBeganAreSkippedOnceTheRunIsOver()
    {
        const auto over = parseNodes(data("blue-nodes-failed.json"), m_pipeline, true);
        QCOMPARE(jobOf(*over, "13").state, RunState::Failed);
        QCOMPARE(jobOf(*over, "41").state, RunState::Skipped);
        QVERIFY(!jobOf(*over, "41").hasLog);
        const auto running = parseNodes(data("blue-nodes-failed.json"), m_pipeline, false);
        QCOMPARE(jobOf(*running, "41").state, RunState::NotStarted);
    }

    void stagesFollowEachOther()
    {
        const auto stages = parseStages(data("wfapi-describe.json"));
        QVERIFY(stages);
        QCOMPARE(stages->state, RunState::Waiting);
        QCOMPARE(stages->jobs.size(), 3);
        QCOMPARE(stages->jobs.at(1).needs, QStringList{stages->jobs.at(0).id});
        QCOMPARE(stages->jobs.last().state, RunState::Waiting);
        QVERIFY(!stages->jobs.last().finishedAt.isValid());
        QCOMPARE(stages->jobs.first().startedAt.msecsTo(stages->jobs.first().finishedAt), 5228);
    }

    void stepsAndLogsOfAStage()
    {
        const auto nodes = parseStageNodes(data("wfapi-stage-success.json"));
        QVERIFY(nodes);
        QCOMPARE(nodes->nodes.size(), 2);
        QVERIFY(nodes->nodes.first().hasLog);
        QCOMPARE(parseStageNodes(data("wfapi-stage-failed.json"))->state, RunState::Failed);
        const auto log = parseNodeLog(data("wfapi-log.json"));
        QVERIFY(log);
        QVERIFY(log->text.startsWith(" > git rev-parse"));
        QVERIFY(!log->isCut);
        const QByteArray marked = "{\"nodeId\":\"6\",\"hasMore\":true,\"text\":\"a &lt;b&gt; &amp;amp; "
                                  "<span class=x>c</span>\"}";
        QCOMPARE(parseNodeLog(marked)->text, "a <b> &amp; c");
        QVERIFY(parseNodeLog(marked)->isCut);
    }

    void inputsSayWhatTheyAsk()
    {
        const auto documented = parsePendingInputs(data("wfapi-pending-documented.json"));
        QVERIFY(documented);
        QCOMPARE(documented->first().id, QStringLiteral("Ef95dd500ae6ed3b27b89fb852296d12"));
        const auto inputs = parsePendingInputs(data("wfapi-pending.json"));
        QVERIFY(inputs);
        const QList<RunParameter> all = inputs->first().parameters;
        QCOMPARE(all.size(), 4);
        QCOMPARE(all.at(0).value, QStringLiteral("REL-1"));
        QCOMPARE(all.at(1).kind, RunParameter::Kind::Flag);
        QCOMPARE(all.at(1).value, QStringLiteral("true"));
        QCOMPARE(all.at(2).choices.size(), 2);
        QCOMPARE(all.at(3).kind, RunParameter::Kind::Hidden);
        QVERIFY(all.at(3).value.isEmpty());
    }

    void submittersAndRights()
    {
        const auto documented = parseInputSteps(data("blue-steps-input.json"));
        QVERIFY(documented);
        QCOMPARE(documented->size(), 1);
        QCOMPARE(documented->first().submitters, std::optional(QStringList())); // null
        QCOMPARE(documented->first().message, QStringLiteral("Please input branch to test against"));
        QCOMPARE(documented->first().parameters.first().value, QStringLiteral("master"));
        const auto steps = parseInputSteps(data("blue-steps-submitter.json"));
        QCOMPARE(steps->first().submitters,
                 std::optional(QStringList{QStringLiteral("ben"), QStringLiteral("releasers")}));
        QCOMPARE(steps->first().since, QDateTime(QDate(2016, 12, 21), QTime(12, 11, 58, 488), Qt::UTC));
        const auto ana = parseWhoAmI(data("whoami.json"));
        QCOMPARE(maySubmit(*steps->first().submitters, *ana), std::optional(true)); // by her group
        QCOMPARE(maySubmit({QStringLiteral("ben")}, *ana), std::nullopt);           // she may administer it
        Myself nobody;
        nobody.isAnonymous = true;
        QCOMPARE(maySubmit({}, nobody), std::optional(false));
        const auto may = parsePermissions(data("blue-pipeline.json"));
        QCOMPARE(may->start, std::optional(true));
        QCOMPARE(may->stop, std::optional(false));
    }

    // An input step of before 460 exports nothing; "none waits" is told as such.
    void whatARunTellsOfItsInputs_data()
    {
        QTest::addColumn<QByteArray>("actions");
        QTest::addColumn<bool>("isTold");
        QTest::addColumn<int>("inputs");
        const QByteArray action = "{\"_class\":\"org.jenkinsci.plugins.workflow.support.steps.input.InputAction\"";
        const QByteArray input = "{\"id\":\"Deploy\",\"message\":\"Deploy?\",\"ok\":\"Go\",\"submitter\":null,"
                                 "\"parameters\":[]}";
        QTest::newRow("no action") << QByteArray("{},{\"_class\":\"hudson.model.CauseAction\"}") << false << 0;
        QTest::newRow("older") << action + '}' << false << 0;
        QTest::newRow("none waits") << action + ",\"waitingForInput\":false,\"executions\":[]}" << true << 0;
        QTest::newRow("one waits") << action +
                                          ",\"waitingForInput\":true,\"executions\":[{\"id\":\"Deploy\","
                                          "\"settled\":false,\"input\":" +
                                          input + "}]}"
                                   << true << 1;
        QTest::newRow("just settled") << action +
                                             ",\"waitingForInput\":true,\"executions\":[{\"id\":\"Deploy\","
                                             "\"settled\":true,\"input\":" +
                                             input + "}]}"
                                      << true << 0;
    }
    void whatARunTellsOfItsInputs()
    {
        QFETCH(QByteArray, actions);
        QFETCH(bool, isTold);
        QFETCH(int, inputs);
        const auto told = parseOwnInputs("{\"_class\":\"x\",\"actions\":[" + actions + "]}");
        QVERIFY(told);
        QCOMPARE(told->has_value(), isTold);
        if (!isTold)
            return;
        QCOMPARE((*told)->size(), inputs);
        if (inputs > 0) {
            QCOMPARE((*told)->first().id, QStringLiteral("Deploy"));
            QCOMPARE((*told)->first().proceedText, QStringLiteral("Go"));
            QVERIFY((*told)->first().isAnsweredAtStep);
        }
    }

    void garbageIsAProtocolError_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::newRow("page") << QByteArray("<html>Jenkins is starting</html>");
        QTest::newRow("cut") << data("runs.json").left(300);
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("other kind") << QByteArray("42");
        QTest::newRow("null") << QByteArray("null");
        QTest::newRow("no utf-8") << QByteArray("{\"name\":\"\xff\"}");
    }
    void garbageIsAProtocolError()
    {
        QFETCH(QByteArray, body);
        const auto isProtocol = [](const auto &result) {
            return !result && result.error().kind == ErrorKind::Protocol && !result.error().message.isEmpty();
        };
        QVERIFY(isProtocol(parseJobs(body, {}, 5)));
        QVERIFY(isProtocol(parseRuns(body, m_pipeline, m_page)));
        QVERIFY(isProtocol(parseRun(body, m_pipeline, m_page)));
        QVERIFY(isProtocol(parseJob(body)));
        QVERIFY(isProtocol(parseQueueItem(body, m_pipeline)));
        QVERIFY(isProtocol(parseQueue(body, m_pipeline)));
        QVERIFY(isProtocol(parseTests(body)));
        QVERIFY(isProtocol(parseWhoAmI(body)));
        QVERIFY(isProtocol(parseUnderWay(body)));
        QVERIFY(isProtocol(parseNodes(body, m_pipeline, true)));
        QVERIFY(isProtocol(parseStages(body)));
        QVERIFY(isProtocol(parseStageNodes(body)));
        QVERIFY(isProtocol(parseNodeLog(body)));
        QVERIFY(isProtocol(parsePendingInputs(body)));
        QVERIFY(isProtocol(parseInputSteps(body)));
        QVERIFY(isProtocol(parseOwnInputs(body)));
        QVERIFY(isProtocol(parsePermissions(body)));
    }

    void whatIsJournaledComesBack()
    {
        Commission one;
        one.kind = Commission::Kind::Decide;
        one.project = QStringLiteral("team/cart/main");
        one.run = QStringLiteral("9");
        one.who = QStringLiteral("ana");
        one.input = QStringLiteral("Deploy");
        one.approves = false;
        one.approvals = 2;
        const auto back = commissionOf(expectationOf(one, QStringLiteral("ci")));
        QVERIFY(back);
        QCOMPARE(back->kind, one.kind);
        QCOMPARE(back->input, one.input);
        QCOMPARE(back->approvals, 2);
        QVERIFY(!back->approves);
        Expectation other;
        other.kind = QStringLiteral("workload-rolled-out");
        QVERIFY(!commissionOf(other));
    }
};

QTEST_GUILESS_MAIN(TestJenkinsAnswer)
#include "test_jenkinsanswer.moc"
