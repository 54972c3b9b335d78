#include "services/pipelines/pipelinefeed.h"
#include "tests/contract/jenkins/jenkinspractice.h"
#include "tests/support/needs.h"

#include <QMutex>
#include <QProcess>
#include <QStandardPaths>
#include <QTest>

using namespace signalbox;
using namespace signalbox::test;
using namespace signalbox::sandbox::ci;

// What the adapter reads of the practice world's Jenkins.
class TestJenkins : public JenkinsPractice
{
    Q_OBJECT

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
        QCOMPARE(m_yard->asked().filter(u("/api/json")).size(), 1); // one question for three levels of folders
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
        if (job.isEmpty()) { // to its end: who let it go on stands with it
            const auto seen = detail(cart(), query.run.id);
            QVERIFY2(seen, qPrintable(problem(seen)));
            QCOMPARE(seen->decisions, (QList<RunDecision>{{u("ben"), true, {}, {}}}));
        }
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

    void gatesWithoutTheStageView_data()
    {
        QTest::addColumn<bool>("tells");
        QTest::addColumn<bool>("blue");
        QTest::newRow("the input step tells") << true << false;
        QTest::newRow("Blue Ocean tells") << false << true;
        QTest::newRow("both") << true << true;
        QTest::newRow("neither") << false << false;
    }
    // Without the plugin the input step itself tells, or Blue Ocean. Where neither does that is said, and is not "none
    // waits"; yet a run that came to no input waits for nobody.
    void gatesWithoutTheStageView()
    {
        QFETCH(bool, tells);
        QFETCH(bool, blue);
        JenkinsApi::Options options;
        options.hasStageView = false;
        options.tellsInputs = tells;
        options.hasBlueOcean = blue;
        open(options);
        const auto none = waitFor(m_server->gates()->waiting({}));
        QVERIFY2(none && none->isEmpty(), qPrintable(problem(none))); // nothing is under way
        const auto id = m_yard->start("team/cart", "main", "ana");
        QVERIFY(m_yard->untilPhase(id, Phase::Running));
        const auto yet = waitFor(m_server->gates()->waiting({}));
        QVERIFY2(yet && yet->isEmpty(), qPrintable(problem(yet)));
        QVERIFY(m_yard->untilPhase(id, Phase::Waiting));
        m_yard->asked();
        const auto gates = waitFor(m_server->gates()->waiting({}));
        for (const QString &asked : m_yard->asked())
            QVERIFY2(!asked.contains(u("/wfapi/")), qPrintable(asked)); // it is known not to be there
        const auto page = waitFor(source().runs({cart(), {}, 5, {}}, {}));
        QVERIFY2(page, qPrintable(problem(page)));
        if (tells || blue) {
            QVERIFY2(gates, qPrintable(problem(gates)));
            QCOMPARE(gates->size(), 1);
            const WaitingGate &gate = gates->first();
            QCOMPARE(gate.title, u("Deploy to production?"));
            QCOMPARE(gate.id, u("team/cart/main#1#Deploy"));
            QCOMPARE(gate.mayDecide, std::optional(true));
            QCOMPARE(gate.deciders.size(), 2);
            QCOMPARE(gate.parameters.size(), 2);
            QCOMPARE(gate.parameters.first().choices, (QStringList{u("green"), u("blue")}));
            QCOMPARE(gate.parameters.last().value, u("15"));
            QCOMPARE(gate.since.isValid(), blue);
            QCOMPARE(page->runs.first().state, RunState::Waiting);
            QCOMPARE(detail(cart(), numberOf(id))->run.state, RunState::Waiting);
            return;
        }
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
