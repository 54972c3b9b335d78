// What happened to an application, as its charts mark it.
#include "models/stores/clusterstore.h"
#include "models/stores/ledgertable.h"
#include "ui/pages/operation/markers.h"
#include "ui/widgets/timetext.h"

#include <QTest>

#include <algorithm>

using namespace signalbox;

namespace
{

const QDateTime noon(QDate(2026, 11, 20), QTime(12, 0), Qt::UTC);

QString text(const char *words)
{
    return QString::fromUtf8(words);
}

Revision revision(const char *uid, const char *owner, const char *hash, const QList<ContainerImage> &images,
                  const QDateTime &created)
{
    Revision made;
    made.ref.uid = text(uid);
    made.ownerUid = text(owner);
    made.templateHash = text(hash);
    made.images = images;
    made.created = created;
    return made;
}

// cart: green runs 1.6.0 since noon; blue has a track of its own.
Deployed cart()
{
    Deployed deployed;
    deployed.application = text("cart");
    deployed.environment = text("production");
    Track green;
    green.name = text("green");
    green.version = text("1.6.0");
    green.templateHash = text("h16");
    green.since = noon;
    green.workloads = {
        ObjectRef{text("eu"), text("apps"), text("Deployment"), text("shop"), text("cart-green"), text("w-green")}};
    Track blue = green;
    blue.name = text("blue");
    blue.templateHash = text("h14");
    blue.workloads[0].uid = text("w-blue");
    deployed.tracks = {green, blue};
    return deployed;
}

QStringList words(QList<ChartMarker> markers)
{
    std::sort(markers.begin(), markers.end(),
              [](const ChartMarker &a, const ChartMarker &b) { return a.time < b.time; });
    QStringList list;
    for (const ChartMarker &marker : markers) {
        const QDateTime at = QDateTime::fromMSecsSinceEpoch(marker.time, Qt::UTC);
        list << QString::number(at.secsTo(noon) / 3600) + QStringLiteral(" h ") + marker.label;
    }
    return list;
}

LedgerRow row(const char *id, const char *environment, const char *outcome, const QDateTime &at)
{
    LedgerRow made;
    made.commit = QString(40, QLatin1Char('a'));
    made.id = text(id);
    made.type = text("operation");
    made.action = text("rollback");
    made.outcome = text(outcome);
    made.application = text("cart");
    made.environment = text(environment);
    made.at = at.toMSecsSinceEpoch();
    return made;
}

} // namespace

class TestMarkers : public QObject
{
    Q_OBJECT
private slots:
    void theEarlierRollOutsAreMarked()
    {
        const QList<ContainerImage> sidecarFirst = {{text("proxy"), text("r/envoy:9")},
                                                    {text("cart"), text("r/cart:1.5.0")}};
        ClusterDelta delta;
        delta.revisions.upserted = {
            revision("r16", "w-green", "h16", {{text("web"), text("r/cart:1.6.0")}}, noon), // runs now
            revision("r15", "w-green", "h15", sidecarFirst, noon.addSecs(-3600)),
            revision("r14", "w-green", "h14g", {{text("web"), text("r/cart:1.4.0")}}, noon.addSecs(-3 * 3600)),
            revision("b13", "w-blue", "h13", {}, noon.addSecs(-2 * 3600)), // a ControllerRevision not read
            revision("x", "w-other", "hx", {{text("web"), text("r/other:3")}}, noon.addSecs(-3600)),
            revision("y", "w-green", "hy", {{text("web"), text("r/cart:0.1")}}, QDateTime())};
        ClusterStore store;
        store.apply(delta);
        QCOMPARE(words(earlierMarkers(cart(), store)),
                 (QStringList{text("3 h 1.4.0 to green"), text("2 h h13 to blue"), text("1 h 1.5.0 to green")}));
        QVERIFY(words(earlierMarkers(cart(), store, text("cart"))).contains(text("1 h cart 1.5.0 to green")));
        QCOMPARE(words(rollOutMarkers(cart())).size(), 2);
    }

    // The release is from noon and its pods' template from later: it was restarted.
    void aRestartIsMarkedWhenItWas()
    {
        ClusterDelta delta;
        const QList<ContainerImage> images = {{text("web"), text("r/cart:1.6.0")}};
        delta.revisions.upserted = {revision("r16r", "w-green", "h16", images, noon.addSecs(3600)),
                                    revision("r16", "w-green", "h16before", images, noon)};
        ClusterStore store;
        store.apply(delta);
        QCOMPARE(words(earlierMarkers(cart(), store)), QStringList{text("-1 h 1.6.0 to green")});
    }

    // The page of all applications asks for all of them at once.
    void manyApplicationsAreMarkedInOnePass()
    {
        Deployed web = cart();
        web.application = text("web");
        web.tracks = {web.tracks.first()};
        web.tracks.first().workloads = {
            ObjectRef{text("eu"), text("apps"), text("Deployment"), text("shop"), text("web"), text("w-web")}};
        Deployed elsewhere = web;
        elsewhere.connection = text("other");
        elsewhere.tracks.first().workloads.first().uid = text("w-elsewhere");
        ClusterDelta delta;
        delta.revisions.upserted = {
            revision("r15", "w-green", "h15", {{text("cart"), text("r/cart:1.5.0")}}, noon.addSecs(-3600)),
            revision("w3", "w-web", "hw", {{text("web"), text("r/web:3.0.0")}}, noon.addSecs(-7200)),
            revision("e3", "w-elsewhere", "he", {{text("web"), text("r/web:9.0.0")}}, noon.addSecs(-7200))};
        ClusterStore store;
        store.apply(delta);
        const QList<Deployed> both{cart(), web, elsewhere};
        QStringList each = words(earlierMarkers(cart(), store, text("cart")));
        each += words(earlierMarkers(web, store, text("web")));
        QCOMPARE(each.size(), 2);
        each.sort();
        QStringList together = words(earlierMarkers(both, cart().connection, store));
        together.sort();
        QCOMPARE(together, each);

        const QDateTime now = AgeTicker::now();
        LedgerTable table;
        table.append(row("01HQZX3T7Y0000000000000002", "production", "done", now.addDays(-2)));
        LedgerRow other = row("01HQZX3T7Y0000000000000003", "production", "done", now.addDays(-1));
        other.application = text("web");
        table.append(other);
        other.environment = text("staging");
        table.append(other);
        other.application = text("unknown");
        table.append(other);
        QCOMPARE(recordedMarkers(both, table, nullptr).size(), 2);
        QCOMPARE(recordedMarkers(QList<Deployed>(), table, nullptr).size(), 0);
    }

    // Going back makes no revision: the record alone knows when it was.
    void whatTheLedgerKnowsIsMarked()
    {
        const QDateTime now = AgeTicker::now();
        LedgerTable table;
        table.append(row("01HQZX3T7Y0000000000000001", "production", "done", now.addDays(-60)));
        table.append(row("01HQZX3T7Y0000000000000002", "production", "done", now.addDays(-2)));
        table.append(row("01HQZX3T7Y0000000000000003", "staging", "done", now.addDays(-1)));
        table.append(row("01HQZX3T7Y0000000000000004", "production", "refused", now.addSecs(-7200)));
        table.append(row("01HQZX3T7Y0000000000000005", "production", "notEffective", now.addSecs(-3600)));
        const QList<ChartMarker> markers = recordedMarkers(cart(), table, nullptr);
        QCOMPARE(markers.size(), 2);
        QCOMPARE(markers[0].time, table.at(4)); // the newest first
        QCOMPARE(markers[1].time, table.at(1));
        QVERIFY2(markers[1].label.contains(text("Rollback")), qPrintable(markers[1].label));
    }
};

QTEST_MAIN(TestMarkers)
#include "test_markers.moc"
