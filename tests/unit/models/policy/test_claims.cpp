#include "tests/unit/models/policy/policyworld.h"

#include <QTest>

using namespace signalbox;
using namespace signalbox::policy;
using namespace signalbox::test;

namespace
{

QDateTime minute(qsizetype number)
{
    return policyNoon().addSecs(60 * number);
}

// One thing that happened to cart in staging, a minute after the other.
void happen(PolicyWorld &world, QChar what, const QDateTime &at)
{
    const auto shift = [&](OperationKind kind, Direction direction, const char *from, const char *to) {
        world.addOperation(
            text("carol"),
            {kind, direction, text("cart"), text("staging"), OutcomeKind::Done, {}, text(to), text(from)}, at);
    };
    const auto operate = [&](OperationKind kind, Direction direction, OutcomeKind outcome, const QDateTime &then) {
        world.addOperation(text("carol"), {kind, direction, text("cart"), text("staging"), outcome, {}}, then);
    };
    switch (what.toLatin1()) {
    case '1':
    case '2':
        world.promoted(text("bob"), {text("cart"), text("staging"), text("sha256:") + what, {}}, at);
        break;
    case 'x':
        std::get<PromotionOutcome>(
            std::get<Record>(
                world.entry(world.promoted(text("bob"), {text("cart"), text("staging"), text("sha256:9"), {}}, at))
                    .body))
            .kind = OutcomeKind::Failed;
        break;
    case '>':
        operate(OperationKind::TrafficSwitch, Direction::Forward, OutcomeKind::Done, at);
        break;
    case '3': // seen as the only track
        std::get<PromotionOutcome>(
            std::get<Record>(
                world.entry(world.promoted(text("bob"), {text("cart"), text("staging"), text("sha256:3"), {}}, at))
                    .body))
            .isAlone = true;
        break;
    case 's':
        shift(OperationKind::TrafficShift, Direction::Forward, "blue 100 %, green 0 %", "blue 0 %, green 100 %");
        break;
    case 'c':
        shift(OperationKind::TrafficShift, Direction::Forward, "blue 100 %, green 0 %", "blue 90 %, green 10 %");
        break;
    case 'h':
        shift(OperationKind::TrafficShift, Direction::Forward, "blue 90 %, green 10 %", "blue 50 %, green 50 %");
        break;
    case 'd': // a canary is dialled down, and not taken back
        shift(OperationKind::TrafficShift, Direction::Forward, "blue 75 %, green 25 %", "blue 90 %, green 10 %");
        break;
    case 'e':
        shift(OperationKind::TrafficShift, Direction::Forward, "blue 50 %, green 50 %", "blue 90 %, green 10 %");
        break;
    case 'D': // the same, as a way back
        shift(OperationKind::TrafficShift, Direction::Back, "blue 75 %, green 25 %", "blue 90 %, green 10 %");
        break;
    case 'E':
        shift(OperationKind::TrafficShift, Direction::Back, "blue 50 %, green 50 %", "blue 90 %, green 10 %");
        break;
    case 'B': // of what the ledger does not know who gave it
        shift(OperationKind::TrafficShift, Direction::Back, "blue 10 %, green 90 %", "blue 60 %, green 40 %");
        break;
    case 'f':
        shift(OperationKind::TrafficShift, Direction::Forward, "blue 25 %, green 75 %", "blue 0 %, green 100 %");
        break;
    case 'b':
        shift(OperationKind::TrafficShift, Direction::Back, "blue 90 %, green 10 %", "blue 100 %, green 0 %");
        break;
    case 'g':
        shift(OperationKind::TrafficSwitch, Direction::Forward, "blue 0 %, green 100 %", "blue 100 %, green 0 %");
        break;
    case 'i': // dialled by hand
        shift(OperationKind::TrafficShift, Direction::Forward, "blue 40 %, green 60 %", "blue 60 %, green 40 %");
        break;
    case 'u': // of which the entry does not tell how far it went
        operate(OperationKind::TrafficShift, Direction::Forward, OutcomeKind::Done, at);
        break;
    case '?':
        operate(OperationKind::TrafficSwitch, Direction::Forward, OutcomeKind::Unknown, at);
        break;
    case 'a':
        operate(OperationKind::TrafficSwitch, Direction::Forward, OutcomeKind::Abandoned, at);
        break;
    case '<':
        operate(OperationKind::TrafficSwitch, Direction::Back, OutcomeKind::Done, at);
        break;
    case 'o': // of long before; it came to the chain late
        operate(OperationKind::TrafficSwitch, Direction::Back, OutcomeKind::Done, policyNoon().addDays(-30));
        break;
    case 'r':
        operate(OperationKind::Rollback, Direction::Back, OutcomeKind::Done, at);
        break;
    default:
        QFAIL("no such thing");
    }
}

} // namespace

class TestClaims : public QObject
{
    Q_OBJECT

private slots:
    void whatRunsByTheLedger_data()
    {
        QTest::addColumn<QString>("story");
        QTest::addColumn<QString>("track");  // that the policy names
        QTest::addColumn<QString>("digest"); // its last letter; empty: not known
        QTest::addColumn<int>("since");      // minute
        const auto row = [](const char *name, const char *story, const char *digest, int since,
                            const char *track = "") {
            QTest::newRow(name) << text(story) << text(track) << text(digest) << since;
        };
        row("one track", "1", "1", 0);
        row("one track, twice", "12", "2", 1);
        row("the new one has no traffic", "1>2", "1", 1);
        row("the new one got all of it", "1>2>", "2", 3);
        row("the new one got some of it", "1>2s", "2", 3);
        row("the new one got more and more of it", "1>2sss", "2", 5);
        row("a tenth of it is not what runs", "1>2c", "1", 1);
        row("a tenth of it where nothing ran", "2c", "", 0);
        row("half of it is", "1>2ch", "2", 4);
        row("half of it, then all", "1>2chs", "2", 5);
        row("a part of it, then less", "1>2cd", "1", 4);
        row("a part of it, then less, where nothing ran", "2cd", "", 0);
        row("half of it, then less", "1>2che", "", 0);
        row("a part of it, some of that back", "1>2cD", "1", 4);
        row("a part of it, some of that back, where nothing ran", "2cD", "", 0);
        row("half of it, some of that back", "1>2chE", "", 0);
        row("some of it back that another tool had moved", "1>2B", "", 0);
        row("some of it back that another tool had moved, then all of it", "1>2Bs", "2", 4);
        row("the named track got what the other had left", "2f", "2", 1, "green");
        row("how much of it is not told", "1>2u", "", 0);
        row("that was not told, and then all of it", "1>2us", "2", 4);
        row("a part that was taken back", "1g2cb", "1", 1);
        row("a part that was taken back, then all of it", "1g2cbs", "2", 5);
        row("a part that was taken back, nobody knows from what", "1>2cb", "", 0);
        row("what runs lost most of it to nobody knows what", "1gs", "", 0);
        row("a shift that never was makes no tracks", "a1", "1", 1);
        row("one track by now", "1>23", "3", 3);
        row("one track, and tracks again", "1>3>2", "", 0);
        row("traffic went elsewhere", "1>>", "", 0);
        row("traffic went back", "1>2><", "", 0);
        row("traffic went back and on again", "1>2><>", "2", 5);
        row("rolled back", "1>2>r", "", 0);
        row("one that failed", "1>x", "", 0);
        row("nobody knows whether traffic moved", "1>2?", "", 0);
        row("nobody knew, and then it moved", "1>2?>", "2", 4);
        row("traffic was taken back at once", "1>2a", "1", 1);
        row("an old entry that came late", "1>2>o", "2", 3);
        row("the policy names the track", "1", "", 0, "green");
        row("the named track got traffic", "1>", "1", 1, "green");
        row("the named track may be the one that had it", "1>2", "", 0, "green");
        row("another than the named track got most of it", "2i", "", 0, "green");
        row("another than the named track got all of it at once", "2g", "", 0, "green");
        row("it went elsewhere, and then to the named track", "2is", "2", 2, "green");
        row("it was switched elsewhere, and then to the named track", "2gs", "2", 2, "green");
        row("the named track ran, and another got most of it", "2fi", "", 0, "green");
    }
    void whatRunsByTheLedger()
    {
        QFETCH(QString, story);
        QFETCH(QString, track);
        QFETCH(QString, digest);
        QFETCH(int, since);
        PolicyWorld world;
        EnvironmentPolicy staging;
        staging.environment = text("staging");
        staging.execution.track = track;
        world.policy.environments.append(staging);
        for (qsizetype i = 0; i < story.size(); ++i)
            happen(world, story.at(i), minute(i));
        const auto running = runningByLedger(world.policy, world.entries, text("cart"), text("staging"));
        QCOMPARE(running ? running->digest : QString(), digest.isEmpty() ? QString() : text("sha256:") + digest);
        if (running)
            QCOMPARE(running->since, minute(since));
    }
};

QTEST_GUILESS_MAIN(TestClaims)
#include "test_claims.moc"
