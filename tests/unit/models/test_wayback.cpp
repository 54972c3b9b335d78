// Which running track going back goes to: one choice for the page that suggests it and the feed that rehearses it.
#include "models/domain/wayback.h"

#include <QTest>

using namespace signalbox;

class TestWayBack : public QObject
{
    Q_OBJECT
private slots:
    void theNewestOlderTrackIsTheWayBack_data()
    {
        QTest::addColumn<QStringList>("tracks"); // name, days old, ready pods, share of live traffic or "?"
        QTest::addColumn<QString>("from");
        QTest::addColumn<QString>("to"); // empty: none
        const auto row = [](const char *name, const QStringList &tracks, const char *from, const char *to) {
            QTest::newRow(name) << tracks << QString::fromLatin1(from) << QString::fromLatin1(to);
        };
        const auto t = [](const char *text) { return QString::fromLatin1(text); };
        row("two", {t("green 1 3 1"), t("blue 9 3 0")}, "green", "blue");
        row("three: the newer of the older ones", {t("canary 1 3 0.5"), t("old 30 3 0.3"), t("stable 9 3 0.2")},
            "canary", "stable");
        row("three: in any order", {t("canary 1 3 1"), t("stable 9 3 0"), t("old 30 3 0")}, "canary", "stable");
        row("three: the newer one has no pods", {t("canary 1 3 1"), t("stable 9 0 0"), t("old 30 3 0")}, "canary",
            "old");
        row("a newer one is a way on", {t("blue 9 3 1"), t("green 1 3 0")}, "blue", "");
        row("nothing tells who gets traffic", {t("green 1 3 ?"), t("blue 9 3 ?"), t("old 30 3 ?")}, "green", "");
        row("of one nothing is told", {t("green 1 3 0.5"), t("blue 9 3 ?")}, "green", "blue");
    }

    void theNewestOlderTrackIsTheWayBack()
    {
        QFETCH(QStringList, tracks);
        QFETCH(QString, from);
        QFETCH(QString, to);
        Deployed deployed;
        deployed.routers.append(RouterRef());
        for (const QString &text : tracks) {
            const QStringList words = text.split(QLatin1Char(' '));
            Track track;
            track.name = words[0];
            track.since = QDateTime(QDate(2026, 11, 20), QTime(12, 0), Qt::UTC).addDays(-words[1].toInt());
            track.podsReady = words[2].toInt();
            if (words[3] != QLatin1String("?"))
                track.share = words[3].toDouble();
            track.workloads.append(ObjectRef());
            deployed.tracks.append(track);
        }
        QVERIFY(newestLiveTrack(deployed));
        QCOMPARE(newestLiveTrack(deployed)->name, from);
        const Track *const back = trackToGoBackTo(deployed);
        QCOMPARE(back ? back->name : QString(), to);
        deployed.routers.clear(); // nothing that could move it
        QVERIFY(!trackToGoBackTo(deployed));
    }
};

QTEST_GUILESS_MAIN(TestWayBack)
#include "test_wayback.moc"
