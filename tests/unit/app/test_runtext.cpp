// How `signalbox run` ends where a run is deleted or its server asks for patience.
#include "app/commands/runtext.h"
#include "tests/support/fakepipelineserver.h"
#include "tests/support/httpwait.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace signalbox;
using namespace signalbox::commands;

class TestRunText : public QObject
{
    Q_OBJECT
private slots:
    void whatEndsALogIsToldWithAWayOut_data()
    {
        QTest::addColumn<ErrorKind>("kind");
        QTest::addColumn<int>("seconds");
        QTest::addColumn<bool>("wasFollowed");
        QTest::addColumn<QString>("expected"); // behind the server's sentence
        QTest::newRow("deleted while it was followed")
            << ErrorKind::NotFound << 0 << true
            << QStringLiteral(" Its log ends here: the run was deleted, or hidden from us, while it was followed.");
        QTest::newRow("never there") << ErrorKind::NotFound << 0 << false << QString();
        QTest::newRow("patience") << ErrorKind::RateLimited << 90 << true
                                  << QStringLiteral(" This command does not wait: give it again in 1 m 30 s.");
        QTest::newRow("patience, not told how long")
            << ErrorKind::RateLimited << 0 << false
            << QStringLiteral(" This command does not wait: give it again in some minutes.");
        QTest::newRow("anything else") << ErrorKind::Unreachable << 0 << true << QString();
    }
    void whatEndsALogIsToldWithAWayOut()
    {
        QFETCH(ErrorKind, kind);
        QFETCH(int, seconds);
        QFETCH(bool, wasFollowed);
        QFETCH(QString, expected);
        Error error{kind, QStringLiteral("It says no."), QStringLiteral("HTTP 1")};
        error.retryAfter = std::chrono::seconds(seconds);
        const Error told = toldEnd(error, wasFollowed);
        QCOMPARE(told.message, QStringLiteral("It says no.") + expected);
        QCOMPARE(told.kind, kind); // the exit status follows from it
        QCOMPARE(told.detail, error.detail);
    }

    // What could not be read is never none.
    void noRunsAreToldAsFarAsTheyAreKnown()
    {
        QCOMPARE(noRunsText({}, true), QStringLiteral("There is no run.\n"));
        QCOMPARE(noRunsText(QStringLiteral("next"), true), QStringLiteral("There is no run of the branch \"next\".\n"));
        for (const QString &branch : {QString(), QStringLiteral("next")})
            QCOMPARE(noRunsText(branch, false),
                     QStringLiteral("Not everything could be read: whether there are runs is not known.\n"));
    }

    void aJobIsFoundByItsIdOrItsName_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("id"); // empty: none
        QTest::addColumn<QString>("says");
        QTest::newRow("by its name") << QStringLiteral("Lint") << QStringLiteral("11") << QString();
        QTest::newRow("by its id") << QStringLiteral("13") << QStringLiteral("13") << QString();
        QTest::newRow("an id before a name") << QStringLiteral("11") << QStringLiteral("11") << QString();
        QTest::newRow("none") << QStringLiteral("Deploy") << QString()
                              << QStringLiteral("The run has no job \"Deploy\". There are: Lint, Tests, Tests, 11.");
        QTest::newRow("several of that name")
            << QStringLiteral("Tests") << QString()
            << QStringLiteral("Several jobs of the run are called \"Tests\": choose one by its id. There are: 12, 13.");
    }
    void aJobIsFoundByItsIdOrItsName()
    {
        QFETCH(QString, text);
        QFETCH(QString, id);
        QFETCH(QString, says);
        RunDetail detail;
        for (const auto &[job, name] :
             {std::pair("11", "Lint"), std::pair("12", "Tests"), std::pair("13", "Tests"), std::pair("14", "11")}) {
            Job one;
            one.id = QString::fromLatin1(job);
            one.name = QString::fromLatin1(name);
            detail.jobs.append(one);
        }
        const auto found = jobNamed(detail, text);
        QCOMPARE(found.has_value(), !id.isEmpty());
        if (found)
            QCOMPARE(found->id, id);
        else
            QCOMPARE(found.error().message, says);
    }

    // Old runs are found too, and no number leads to another run that has it for its id.
    void anOldRunIsFound_data()
    {
        QTest::addColumn<bool>("areNumbersIds"); // as Jenkins has them
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("number"); // empty: none
        QTest::addColumn<int>("mostLists");
        QTest::newRow("a number that is its id") << true << QStringLiteral("7") << QStringLiteral("7") << 4;
        QTest::newRow("a number") << false << QStringLiteral("700") << QStringLiteral("700") << 12;
        QTest::newRow("an id") << false << QStringLiteral("5007") << QStringLiteral("7") << 4;
        QTest::newRow("an id that was deleted") << false << QStringLiteral("9999") << QString() << 4;
        QTest::newRow("a number that is another one's id")
            << false << QStringLiteral("650") << QStringLiteral("650") << 12;
        QTest::newRow("too old to be looked for") << false << QStringLiteral("7") << QString() << 20;
        QTest::newRow("the newest") << false << QStringLiteral("latest") << QStringLiteral("1000") << 1;
        QTest::newRow("a word") << false << QStringLiteral("newest") << QString() << 4;
    }
    void anOldRunIsFound()
    {
        QFETCH(bool, areNumbersIds);
        QFETCH(QString, text);
        QFETCH(QString, number);
        QFETCH(int, mostLists);
        test::FakePipelines source(QStringLiteral("ci"));
        const Pipeline pipeline =
            test::pipelineOf(QStringLiteral("ci"), QStringLiteral("acme/cart"), QStringLiteral("ci"));
        for (int i = 1000; i >= 1; --i) {
            Run run = test::runOf(pipeline, i, RunState::Passed, 1001 - i);
            if (!areNumbersIds)
                run.ref.id = QString::number(i == 3 ? 650 : 5000 + i);
            source.runsOf[pipeline.ref.key()].append(run);
            source.details[run.ref.id].run = run;
        }
        QObject context;
        const auto found = test::waitFor(findRun(&context, source, pipeline.ref, text, {}));
        QCOMPARE(found ? found->number : QString(), number);
        if (!found)
            QCOMPARE(found.error().kind, ErrorKind::NotFound);
        QVERIFY2(source.queries.size() <= mostLists, qPrintable(QString::number(source.queries.size())));
    }

    // A script asks before it orders.
    void whetherAJobMayRunAgainAloneIsTold()
    {
        RunReport report;
        QVERIFY(runJson(report).contains(QStringLiteral("\"canRerunJob\": false")));
        report.detail.canRerunJob = true;
        QVERIFY2(runJson(report).contains(QStringLiteral("\"canRerunJob\": true")), qPrintable(runJson(report)));
    }

    // An earlier attempt is never taken for the run as it is; who decided its gates stands with it.
    void anEarlierAttemptIsNamedAndDecisionsAreTold()
    {
        RunReport report;
        report.detail.run.attempt = report.detail.attempts = 3;
        QVERIFY(!runText(report).contains(QStringLiteral("earlier")));
        report.detail.run.attempt = 1;
        report.detail.decisions = {{QStringLiteral("dev-a"), true, QStringLiteral("production"), {}},
                                   {{}, false, {}, QDateTime({2026, 3, 1}, {8, 30}, Qt::UTC)}};
        const QString text = runText(report);
        QVERIFY2(text.contains(QStringLiteral("1 of 3: an earlier one, as it ended")), qPrintable(text));
        QVERIFY2(text.contains(QStringLiteral("approved by dev-a (production)\nrejected by somebody, 2026-03-01")),
                 qPrintable(text));
        const QJsonObject json = QJsonDocument::fromJson(runJson(report).toUtf8()).object();
        QCOMPARE(json.value(QStringLiteral("attempt")).toInt(), 1);
        QCOMPARE(json.value(QStringLiteral("attempts")).toInt(), 3);
        const QJsonArray decisions = json.value(QStringLiteral("decisions")).toArray();
        QCOMPARE(decisions.size(), 2);
        QCOMPARE(decisions.at(0).toObject().value(QStringLiteral("who")).toString(), QStringLiteral("dev-a"));
        QVERIFY(decisions.at(0).toObject().value(QStringLiteral("approves")).toBool());
        QVERIFY(decisions.at(0).toObject().value(QStringLiteral("at")).isNull());
        QVERIFY(decisions.at(1).toObject().value(QStringLiteral("environment")).isNull());
    }

    void whatItsJobsStartedAndSaidIsTold()
    {
        RunReport report;
        Job bridge;
        bridge.id = bridge.name = QStringLiteral("deploy");
        QVERIFY(!runText(report).contains(QStringLiteral("started run")));
        bridge.downstream = RunRef{{QStringLiteral("gitlab"), QStringLiteral("acme/deploy"), {}}, QStringLiteral("77")};
        Job plain;
        plain.id = plain.name = QStringLiteral("lint");
        report.detail.jobs = {plain, bridge};
        report.detail.annotations = {{RunAnnotation::Level::Warning, QStringLiteral("lint"), QStringLiteral("unused"),
                                      QStringLiteral("x is never read"), QStringLiteral("src/cart.py"), 12}};
        QVERIFY2(runText(report).contains(QStringLiteral("deploy started run 77 of acme/deploy\n")),
                 qPrintable(runText(report)));
        const QJsonObject json = QJsonDocument::fromJson(runJson(report).toUtf8()).object();
        const QJsonArray jobs = json.value(QStringLiteral("jobs")).toArray();
        QVERIFY(jobs.at(0).toObject().contains(QStringLiteral("downstream")));
        QVERIFY(jobs.at(0).toObject().value(QStringLiteral("downstream")).isNull());
        const QJsonObject below = jobs.at(1).toObject().value(QStringLiteral("downstream")).toObject();
        QCOMPARE(below.value(QStringLiteral("connection")).toString(), QStringLiteral("gitlab"));
        QCOMPARE(below.value(QStringLiteral("project")).toString(), QStringLiteral("acme/deploy"));
        QCOMPARE(below.value(QStringLiteral("id")).toString(), QStringLiteral("77"));
        const QJsonObject note = json.value(QStringLiteral("annotations")).toArray().at(0).toObject();
        QCOMPARE(note.value(QStringLiteral("level")).toString(), QStringLiteral("warning"));
        QCOMPARE(note.value(QStringLiteral("job")).toString(), QStringLiteral("lint"));
        QCOMPARE(note.value(QStringLiteral("text")).toString(), QStringLiteral("x is never read"));
        QCOMPARE(note.value(QStringLiteral("file")).toString(), QStringLiteral("src/cart.py"));
        QCOMPARE(note.value(QStringLiteral("line")).toInt(), 12);
    }

    void whatIsUsualIsTold_data()
    {
        QTest::addColumn<int>("known"); // runs of three minutes
        QTest::addColumn<int>("state");
        QTest::addColumn<QString>("text"); // empty: nothing is said of it
        QTest::addColumn<int>("usual");    // ms; -1: null
        QTest::addColumn<int>("left");
        QTest::newRow("it goes on") << 3 << int(RunState::Running) << QStringLiteral("3 m, about 1 m left") << 180000
                                    << 60000;
        QTest::newRow("it has ended") << 3 << int(RunState::Passed) << QStringLiteral("3 m\n") << 180000 << -1;
        QTest::newRow("it waits for people") << 3 << int(RunState::Waiting) << QStringLiteral("3 m\n") << 180000 << -1;
        QTest::newRow("too few are known") << 2 << int(RunState::Running) << QString() << -1 << -1;
    }
    void whatIsUsualIsTold()
    {
        QFETCH(int, known);
        QFETCH(int, state);
        QFETCH(QString, text);
        QFETCH(int, usual);
        QFETCH(int, left);
        const Pipeline pipeline =
            test::pipelineOf(QStringLiteral("gh"), QStringLiteral("acme/cart"), QStringLiteral("release"));
        RunReport report;
        report.of.pipeline = pipeline;
        report.detail.run = test::runOf(pipeline, 9, static_cast<RunState>(state), 60);
        report.detail.readAt = report.detail.run.startedAt.addSecs(120);
        for (int i = 0; i < known; ++i) {
            Run one = test::runOf(pipeline, i + 1, RunState::Passed, 600 - 60 * i);
            one.finishedAt = one.startedAt.addSecs(180);
            report.past.append(one);
        }
        const QString told = runText(report);
        QCOMPARE(told.contains(QStringLiteral("usually")), !text.isEmpty());
        QVERIFY2(told.contains(text), qPrintable(told));
        const QJsonObject json = QJsonDocument::fromJson(runJson(report).toUtf8()).object();
        QVERIFY(json.contains(QStringLiteral("usualMs")) && json.contains(QStringLiteral("leftMs")));
        QCOMPARE(json.value(QStringLiteral("usualMs")).toInt(-1), usual);
        QCOMPARE(json.value(QStringLiteral("leftMs")).toInt(-1), left);
    }

    // Coverage may be all that is reported.
    void coverageWithoutTestsIsNoCountOfTests()
    {
        RunReport report;
        report.tests = TestReport();
        report.tests->coverage = 83.84;
        QVERIFY2(runText(report).contains(QStringLiteral("tests: none reported; coverage 83.8 %\n")),
                 qPrintable(runText(report)));
        const auto asJson = [&report] {
            return QJsonDocument::fromJson(runJson(report).toUtf8()).object().value(QStringLiteral("tests")).toObject();
        };
        const QStringList counts{QStringLiteral("passed"), QStringLiteral("failed"), QStringLiteral("skipped")};
        for (const QString &count : counts)
            QVERIFY2(asJson().value(count).isNull(), qPrintable(count)); // there, and no number
        QCOMPARE(asJson().value(QStringLiteral("coveragePercent")).toDouble(), 83.84);
        report.tests->skipped = 1;
        QVERIFY2(runText(report).contains(QStringLiteral("tests: 0 passed, 0 failed, 1 skipped; coverage 83.8 %\n")),
                 qPrintable(runText(report)));
        QCOMPARE(asJson().value(QStringLiteral("passed")), QJsonValue(0));
        QCOMPARE(asJson().value(QStringLiteral("skipped")), QJsonValue(1));
    }

    // All is said of all only, and none of none.
    void coverageIsNeverRoundedToAllOrNone_data()
    {
        QTest::addColumn<double>("coverage");
        QTest::addColumn<QString>("text");
        QTest::newRow("none") << 0.0 << QStringLiteral("0 %");
        QTest::newRow("nearly none") << 0.04 << QStringLiteral("<0.1 %");
        QTest::newRow("some") << 83.84 << QStringLiteral("83.8 %");
        QTest::newRow("nearly all") << 99.96 << QStringLiteral(">99.9 %");
        QTest::newRow("all") << 100.0 << QStringLiteral("100 %");
    }
    void coverageIsNeverRoundedToAllOrNone()
    {
        QFETCH(double, coverage);
        QFETCH(QString, text);
        RunReport report;
        report.tests = TestReport();
        report.tests->coverage = coverage;
        QVERIFY2(runText(report).contains(QStringLiteral("; coverage ") + text + u'\n'), qPrintable(runText(report)));
    }

    void testsThatCouldNotBeReadAreNoWholeReport()
    {
        RunReport report;
        report.noTests = QStringLiteral("The run reports none.");
        QCOMPARE(runStatus(report), ExitStatus::Done);
        report.testsError = Error{ErrorKind::RateLimited, QStringLiteral("slow down"), {}};
        QCOMPARE(runStatus(report), ExitStatus::Unreachable);
    }
};

QTEST_GUILESS_MAIN(TestRunText)
#include "test_runtext.moc"
