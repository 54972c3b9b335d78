// Which deployment people mean, and which one is live.
#include "services/pipelines/redeploytarget.h"

#include <QTest>

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
