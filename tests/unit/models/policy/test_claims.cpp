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
    case 's':
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
