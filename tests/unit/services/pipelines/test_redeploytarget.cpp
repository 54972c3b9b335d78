// Which deployment people mean, which one is live, and what every vendor's plan back to it says.
#include "services/pipelines/redeployplan.h"
#include "services/pipelines/redeploytarget.h"

#include <QTest>

#include <algorithm>
#include <chrono>

using namespace signalbox;

namespace
{

EnvironmentDeployment made(const char *id, const char *commit, const char *ref, RunState state, int finished)
{
    EnvironmentDeployment one;
    one.id = QString::fromLatin1(id);
    one.environment = QStringLiteral("production");
    one.commit = QString::fromLatin1(commit);
    one.ref = QString::fromLatin1(ref);
    one.state = state;
    one.at = QDateTime(QDate(2026, 3, 1), QTime(8, 0), Qt::UTC);
    if (finished > 0)
        one.finishedAt = one.at.addSecs(finished);
    return one;
}

EnvironmentDeployments known()
{
    EnvironmentDeployments told;
    told.environment = QStringLiteral("production");
    told.all = {
        made("50", "aaaaaaaa11", "v3", RunState::Running, 0), made("40", "bbbbbbbb22", "v1", RunState::Failed, 400),
        made("30", "cccccccc33", "v2", RunState::Passed, 300), made("20", "bbbbbbbb22", "v1", RunState::Passed, 900)};
    markLive(told.all);
    return told;
}

} // namespace

class TestRedeployTarget : public QObject
{
    Q_OBJECT
private slots:
    void theOneThatSucceededLastIsLive()
    {
        // 20 was made before 30 and ended after it: an old job may be slow.
        QVERIFY(known().live());
        QCOMPARE(known().live()->id, QStringLiteral("20"));
        QList<EnvironmentDeployment> none{made("1", "dddddddd", "v0", RunState::Failed, 5)};
        markLive(none);
        QVERIFY(!none.first().isLive);
    }

    void planGoesFromTheLiveOneToTheTarget()
    {
        RedeployOrder order;
        order.pipeline = {QStringLiteral("github"), QStringLiteral("acme/cart"), {}};
        order.environment = QStringLiteral("production");
        const EnvironmentDeployments all = known();
        const EnvironmentDeployment target = all.all.at(2);
        const Plan plan = redeployHead(order, all, target);
        QCOMPARE(plan.application, QStringLiteral("acme/cart")); // nothing says what the project belongs to
        QCOMPARE(plan.direction, Direction::Back);
        QCOMPARE(plan.places, QStringList{QStringLiteral("production")});
        QVERIFY(plan.isProtected);
        QCOMPARE(plan.from, QStringLiteral("v1 (bbbbbbbb)"));
        QCOMPARE(plan.to, QStringLiteral("v2 (cccccccc)"));
        QCOMPARE(plan.fromHash, QStringLiteral("bbbbbbbb22"));
        QCOMPARE(plan.toHash, QStringLiteral("cccccccc33"));
        const QList<DiffLine> lines = redeployDiff(all, target);
        QCOMPARE(lines.size(), 2);
        QCOMPARE(lines.first().kind, DiffLine::Kind::Removed);
        QCOMPARE(lines.last().kind, DiffLine::Kind::Added);
        QVERIFY(lines.last().text.contains(QLatin1String("30")));
    }

    void checksWarnOfWhatGoesWrongElsewhere_data()
    {
        QTest::addColumn<int>("target");
        QTest::addColumn<bool>("isSame");
        QTest::addColumn<bool>("didFail");
        QTest::newRow("another commit") << 2 << false << false;
        QTest::newRow("the live one") << 3 << true << false;
        QTest::newRow("its commit, in vain") << 1 << true << true;
    }
    void checksWarnOfWhatGoesWrongElsewhere()
    {
        QFETCH(int, target);
        const EnvironmentDeployments all = known();
        const QList<Check> checks = redeployChecks(all, all.all.at(target));
        const auto warns = [&checks](CheckId id) {
            return std::any_of(checks.begin(), checks.end(),
                               [id](const Check &one) { return one.id == id && one.state == CheckState::Warn; });
        };
        QTEST(warns(CheckId::SameState), "isSame");
        QTEST(warns(CheckId::TargetImage), "didFail");
        QVERIFY(warns(CheckId::RolloutUnderWay)); // 50 goes on
    }

    void isWaitedForAsLongAsTheJobTook_data()
    {
        QTest::addColumn<int>("took"); // minutes; less than none: it never ran
        QTest::addColumn<int>("deadline");
        QTest::newRow("never ran") << -1 << 15;
        QTest::newRow("short") << 2 << 15;
        QTest::newRow("long") << 20 << 60;
    }
    void isWaitedForAsLongAsTheJobTook()
    {
        QFETCH(int, took);
        QFETCH(int, deadline);
        Job job;
        job.startedAt = QDateTime(QDate(2026, 3, 1), QTime(8, 0), Qt::UTC);
        job.finishedAt = job.startedAt.addSecs(took * 60);
        PlanStep step;
        setRedeployTimes(step, took < 0 ? nullptr : &job);
        QCOMPARE(step.deadline, std::chrono::milliseconds(std::chrono::minutes(deadline)));
        QCOMPARE(step.expected, std::chrono::milliseconds(std::chrono::minutes(std::max(took, 0))));
    }

    void isFound_data()
    {
        QTest::addColumn<QString>("to");
        QTest::addColumn<QString>("id");
        QTest::newRow("number") << QStringLiteral("40") << QStringLiteral("40");
        QTest::newRow("commit, that succeeded") << QStringLiteral("BBBBB") << QStringLiteral("20");
        QTest::newRow("commit, that did not yet") << QStringLiteral("aaaaaaaa11") << QStringLiteral("50");
        QTest::newRow("tag, that succeeded") << QStringLiteral("v1") << QStringLiteral("20");
        QTest::newRow("too short") << QStringLiteral("bbbb") << QString();
        QTest::newRow("nothing") << QString() << QString();
        QTest::newRow("another") << QStringLiteral("v9") << QString();
    }
    void isFound()
    {
        QFETCH(QString, to);
        QFETCH(QString, id);
        const auto found = redeployTarget(known(), to);
        if (!id.isEmpty()) {
            QVERIFY(found);
            QCOMPARE(found->id, id);
            return;
        }
        QVERIFY(!found);
        QCOMPARE(found.error().kind, ErrorKind::NotFound);
        QVERIFY2(found.error().message.contains(QStringLiteral("50 v3 (aaaaaaaa)")), qPrintable(found.error().message));
    }
};

QTEST_GUILESS_MAIN(TestRedeployTarget)
#include "test_redeploytarget.moc"
