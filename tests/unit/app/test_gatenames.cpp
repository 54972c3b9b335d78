#include "app/commands/playcommand.h"
#include "app/commands/vendorgates.h"
#include "app/commands/vendorgatetext.h"
#include "tests/support/fakepipelineserver.h"

#include <QTest>

using namespace signalbox;
using namespace signalbox::commands;
using namespace signalbox::test;

// Gates of vendors on the command line: which one is meant, what it asks for, how it is told.
class TestGateNames : public QObject
{
    Q_OBJECT

    PipelineSet m_servers;
    FakePipelineServer *m_github = nullptr;
    FakePipelineServer *m_jenkins = nullptr;

    FakePipelineServer *add(const char *connection, bool hasGates = true)
    {
        auto made = std::make_unique<FakePipelineServer>(QString::fromLatin1(connection), hasGates);
        FakePipelineServer *const server = made.get();
        m_servers.add(std::move(made));
        return server;
    }
    static WaitingGate gate(const char *connection, const char *project, const char *id, int minutes)
    {
        const Run run =
            runOf(pipelineOf(QString::fromLatin1(connection), QString::fromLatin1(project), QStringLiteral("release")),
                  412, RunState::Waiting, minutes);
        return gateOf(run, QString::fromLatin1(id), QStringLiteral("production"), minutes);
    }
    FoundGates found()
    {
        const auto asked = findGates(this, m_servers, std::nullopt, {}, {});
        if (!QTest::qWaitFor([&asked] { return asked.isFinished(); }))
            return {};
        return asked.result().value_or(FoundGates());
    }

private slots:
    void initTestCase()
    {
        m_github = add("github");
        m_jenkins = add("jenkins");
        add("travis", false);
        m_github->fakeGates.gates = {gate("github", "acme/cart", "812-33", 5)};
        m_jenkins->fakeGates.gates = {gate("jenkins", "team/web/main", "77/Deploy", 50)};
    }
    void cleanup()
    {
        m_jenkins->fakeGates.trouble.reset();
        m_github->fakeGates.left.clear();
    }

    void areFoundOldestFirst()
    {
        const FoundGates all = found();
        QCOMPARE(all.gates.size(), 2);
        QVERIFY(all.problems.isEmpty());
        QCOMPARE(gateName(all.gates.at(0).gate), QStringLiteral("jenkins/77/Deploy"));
        QCOMPARE(all.gates.at(1).application, QStringLiteral("acme/cart")); // nothing says what it builds
        QVERIFY(!all.gates.at(1).isMapped);
        const auto one = gateNamed(all, QStringLiteral("github/812-33"));
        QVERIFY(one);
        QCOMPARE(one->gate.id, QStringLiteral("812-33"));
        const auto none = gateNamed(all, QStringLiteral("github/812"));
        QVERIFY(!none);
        QCOMPARE(none.error().kind, ErrorKind::NotFound);
        QVERIFY(none.error().message.contains(QLatin1String("jenkins/77/Deploy, github/812-33")));
        QVERIFY(isGateName(QStringLiteral("github/812-33")));
        QVERIFY(!isGateName(QStringLiteral("01JD2M8R")));
    }

    // What holds nothing up is in no list, and is found by its name.
    void whatHoldsNothingUpIsFound_data()
    {
        QTest::addColumn<QString>("left");   // could not be read of the server
        QTest::addColumn<ErrorKind>("kind"); // of what is not there
        QTest::addColumn<QString>("why");
        QTest::newRow("all was read") << QString() << ErrorKind::NotFound << QStringLiteral("github/812-33");
        const QString left = QStringLiteral("What acme/hidden waits for could not be read");
        QTest::newRow("not all was read") << left << ErrorKind::Forbidden << left;
    }
    void whatHoldsNothingUpIsFound()
    {
        QFETCH(QString, left);
        QFETCH(ErrorKind, kind);
        QFETCH(QString, why);
        m_github->fakeGates.left = left;
        m_github->fakeGates.optionals = {gate("github", "acme/cart", "job/7@acme/cart", 5)};
        const FoundGates all = found();
        QCOMPARE(all.gates.size(), 2);
        QCOMPARE(all.problems.size(), left.isEmpty() ? 0 : 1);
        const auto meant = [&](const char *name) {
            const auto asked = findGate(this, m_servers, std::nullopt, all, QString::fromLatin1(name), {});
            return QTest::qWaitFor([&asked] { return asked.isFinished(); })
                       ? asked.result()
                       : Result<FoundGate>(Error{ErrorKind::TimedOut, {}, {}});
        };
        const auto job = meant("github/job/7@acme/cart");
        QVERIFY(job);
        QCOMPARE(job->gate.id, QStringLiteral("job/7@acme/cart"));
        QCOMPARE(job->application, QStringLiteral("acme/cart"));
        QVERIFY(meant("jenkins/77/Deploy"));
        const auto none = meant("github/job/8@acme/cart");
        QVERIFY(!none);
        QCOMPARE(none.error().kind, kind);
        QVERIFY2(none.error().message.contains(why), qPrintable(none.error().message));
        QVERIFY(!meant("nobody/1"));
    }

    void aServerThatIsAwayIsSaid()
    {
        m_jenkins->fakeGates.trouble = Error{ErrorKind::Unreachable, QStringLiteral("jenkins is away"), {}};
        const FoundGates all = found();
        QCOMPARE(all.gates.size(), 1);
        QCOMPARE(all.problems.size(), 1);
        const auto unknown = gateNamed(all, QStringLiteral("jenkins/77/Deploy"));
        QVERIFY(!unknown);
        QCOMPARE(unknown.error().kind, ErrorKind::Unreachable);
        QCOMPARE(problemsJson(all.problems).at(0).at("kind").get<std::string>(), std::string("unreachable"));
        // A server that cannot tell is not one where nobody waits.
        m_jenkins->fakeGates.trouble = Error{ErrorKind::Unsupported, QStringLiteral("a plugin is missing"), {}};
        QCOMPARE(found().problems.size(), 1);
    }

    void parametersAreChecked_data()
    {
        QTest::addColumn<QMap<QString, QString>>("given");
        QTest::addColumn<QString>("wrong");
        const auto given = [](const QStringList &pairs) {
            QMap<QString, QString> map;
            for (const QString &pair : pairs)
                map.insert(pair.section(u'=', 0, 0), pair.section(u'=', 1));
            return map;
        };
        const QString full = QStringLiteral("level=full");
        QTest::newRow("all") << given({full, QStringLiteral("note=x")}) << QString();
        QTest::newRow("what has to be") << given({full}) << QString();
        QTest::newRow("nothing") << given({}) << QStringLiteral("--set level=VALUE");
        QTest::newRow("no such choice") << given({QStringLiteral("level=half")}) << QStringLiteral("quick, full");
        QTest::newRow("no such name") << given({full, QStringLiteral("lvl=x")}) << QStringLiteral("level, note");
    }
    void parametersAreChecked()
    {
        using Given = QMap<QString, QString>;
        QFETCH(Given, given);
        QFETCH(QString, wrong);
        WaitingGate asks = gate("github", "acme/cart", "1", 5);
        asks.parameters = {{QStringLiteral("level"),
                            RunParameter::Kind::Choice,
                            {},
                            {},
                            {QStringLiteral("quick"), QStringLiteral("full")},
                            true},
                           {QStringLiteral("note"), RunParameter::Kind::Text, {}, {}, {}, false}};
        const auto checked = checkParameters(asks, given);
        QCOMPARE(bool(checked), wrong.isEmpty());
        if (!checked)
            QVERIFY2(checked.error().message.contains(wrong), qPrintable(checked.error().message));
    }

    // `run play` presses what only waits to be started, never a decision that others are asked for as well.
    void onlyAManualJobIsPlayed_data()
    {
        QTest::addColumn<QString>("job");
        QTest::addColumn<bool>("canReject");
        QTest::addColumn<QString>("wrong"); // empty: it is played
        QTest::newRow("it waits to be started") << QStringLiteral("7") << false << QString();
        QTest::newRow("it waits for a decision")
            << QStringLiteral("7") << true << QStringLiteral("\"signalbox approve github/812-33\"");
        QTest::newRow("another job waits")
            << QStringLiteral("8") << false << QStringLiteral("deploy does not wait to be started by hand: passed");
    }
    void onlyAManualJobIsPlayed()
    {
        QFETCH(QString, job);
        QFETCH(bool, canReject);
        QFETCH(QString, wrong);
        WaitingGate waits = gate("github", "acme/cart", "812-33", 5);
        waits.job = QStringLiteral("7");
        waits.canReject = canReject;
        WaitingGate other = gate("jenkins", "acme/cart", "1", 5); // of another server's run
        other.job = job;
        Job meant;
        meant.id = job;
        meant.name = QStringLiteral("deploy");
        meant.state = RunState::Passed;
        const auto played = playableGate({other, waits}, waits.run, meant);
        QCOMPARE(bool(played), wrong.isEmpty());
        if (played)
            QCOMPARE(played->id, waits.id);
        else
            QVERIFY2(played.error().message.contains(wrong, Qt::CaseInsensitive), qPrintable(played.error().message));
    }

    void isToldToPeopleAndPrograms()
    {
        FoundGates all = found();
        all.gates[1].gate.parameters = {{QStringLiteral("token"), RunParameter::Kind::Hidden, {}, {}, {}, true}};
        all.gates[1].gate.given = {{QStringLiteral("dev-a"), true, QStringLiteral("fine"), {}}};
        all.gates[1].gate.needed = 2;
        const QString table = gatesText(all.gates, QDateTime::currentDateTimeUtc());
        for (const char *word : {"github/812-33", "production", "group ops", "you may", "412", "aaaaaaa"})
            QVERIFY2(table.contains(QLatin1String(word)), qPrintable(table));
        QVERIFY(gatesText({}, {}).isEmpty());
        const QString one = waitingGateText(all.gates.at(1));
        for (const char *word : {"1 of 2", "dev-a: fine", "Example CI"})
            QVERIFY2(one.contains(QLatin1String(word)), qPrintable(one));
        const Json json = gatesJson(all.gates).at(1);
        QCOMPARE(json.at("gate").get<std::string>(), std::string("github/812-33"));
        QVERIFY(json.at("mayDecide").get<bool>());
        QVERIFY(json.at("parameters").at(0).at("value").is_null());
        QCOMPARE(json.at("given").at(0).at("who").get<std::string>(), std::string("dev-a"));
    }
};

QTEST_GUILESS_MAIN(TestGateNames)
#include "test_gatenames.moc"
