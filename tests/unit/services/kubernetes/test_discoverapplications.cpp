#include "models/domain/discovery.h"
#include "services/adapters/kubernetes/parse.h"

#include <nlohmann/json.hpp>

#include <QDir>
#include <QFile>
#include <QTest>

#include <deque>

using namespace signalbox;
using namespace signalbox::kubernetes;
using Json = nlohmann::ordered_json;

namespace
{

std::optional<ParsedKind> kindNamed(const QString &name)
{
    static const QMap<QString, std::pair<ClusterKind, QString>> kinds = {
        {QStringLiteral("Deployment"), {ClusterKind::Deployments, QStringLiteral("apps")}},
        {QStringLiteral("StatefulSet"), {ClusterKind::StatefulSets, QStringLiteral("apps")}},
        {QStringLiteral("DaemonSet"), {ClusterKind::DaemonSets, QStringLiteral("apps")}},
        {QStringLiteral("Rollout"), {ClusterKind::Rollouts, QStringLiteral("argoproj.io")}},
        {QStringLiteral("ReplicaSet"), {ClusterKind::ReplicaSets, QStringLiteral("apps")}},
        {QStringLiteral("Pod"), {ClusterKind::Pods, {}}},
        {QStringLiteral("Service"), {ClusterKind::Services, {}}},
        {QStringLiteral("HTTPRoute"), {ClusterKind::Routes, QStringLiteral("gateway.networking.k8s.io")}},
        {QStringLiteral("VirtualService"), {ClusterKind::VirtualServices, QStringLiteral("networking.istio.io")}},
        {QStringLiteral("DestinationRule"), {ClusterKind::DestinationRules, QStringLiteral("networking.istio.io")}},
        {QStringLiteral("HorizontalPodAutoscaler"), {ClusterKind::Autoscalers, QStringLiteral("autoscaling")}},
    };
    const auto it = kinds.constFind(name);
    if (it == kinds.cend())
        return {};
    return ParsedKind{it->first, QStringLiteral("lab"), it->second, QStringLiteral("v1"), name};
}

// The objects of one case, read by the product's own parsers.
struct World
{
    std::deque<KubeObject> objects;
    NamespaceContents contents;

    bool add(Json object)
    {
        const QString kindName = QString::fromStdString(object["kind"].get<std::string>());
        const auto kind = kindNamed(kindName);
        if (!kind)
            return false;
        Json &meta = object["metadata"];
        meta["uid"] = kindName.toStdString() + "/" + meta["name"].get<std::string>();
        if (!meta.contains("namespace"))
            meta["namespace"] = "shop";
        ObjectParser parser(*kind);
        Result<KubeObject> read = parser.parseObject(QByteArray::fromStdString(object.dump()));
        if (!read)
            return false;
        objects.push_back(std::move(*read));
        return true;
    }

    void settle()
    {
        contents.connection = QStringLiteral("lab");
        contents.ns = contents.environment = QStringLiteral("shop");
        for (KubeObject &object : objects) {
            if (const auto *rule = std::get_if<SubsetRule>(&object))
                join(*rule);
        }
        for (const KubeObject &object : objects) {
            if (const auto *one = std::get_if<Workload>(&object))
                contents.workloads.push_back(one);
            else if (const auto *revision = std::get_if<Revision>(&object))
                contents.revisions.push_back(revision);
            else if (const auto *pod = std::get_if<Pod>(&object))
                contents.pods.push_back(pod);
            else if (const auto *service = std::get_if<ServiceInfo>(&object))
                contents.services.push_back(service);
            else if (const auto *route = std::get_if<Route>(&object))
                contents.routes.push_back(route);
            else if (const auto *scaler = std::get_if<Autoscaler>(&object))
                contents.autoscalers.push_back(scaler);
        }
    }

private:
    // As the adapter's collector does it for a live cluster.
    void join(const SubsetRule &rule)
    {
        for (KubeObject &object : objects) {
            auto *route = std::get_if<Route>(&object);
            if (!route)
                continue;
            for (auto it = rule.subsets.cbegin(); it != rule.subsets.cend(); ++it)
                route->subsets.insert(serviceOfHost(rule.host) + QLatin1Char('/') + it.key(), it.value());
        }
    }
};

QString shown(const Track &track, bool withRevision)
{
    const QString share = track.share ? QString::number(qRound(*track.share * 100)) : QStringLiteral("?");
    const QString dash = QStringLiteral("-");
    QString text =
        QStringLiteral("%1 %2 %3% %4/%5")
            .arg(track.name.isEmpty() ? dash : track.name, track.version.isEmpty() ? dash : track.version, share)
            .arg(track.podsReady)
            .arg(track.podsWanted);
    if (withRevision)
        text += QLatin1Char(' ') + track.templateHash + QLatin1Char(' ') + track.since.toString(Qt::ISODate);
    return text;
}

QString shown(const Deployed &deployed, bool withRevision)
{
    QStringList tracks;
    for (const Track &track : deployed.tracks)
        tracks.append(shown(track, withRevision));
    QStringList routers;
    for (const RouterRef &router : deployed.routers) {
        routers.append(routerKindLabel(router.kind) + QLatin1Char(' ') + router.object.name +
                       (router.rule.isEmpty() ? QString() : QLatin1Char('#') + router.rule));
    }
    QString text = QStringLiteral("%1: %2; %3; %4")
                       .arg(deployed.application, tracks.join(QStringLiteral(", ")), routers.join(QStringLiteral(", ")),
                            healthName(deployed.health));
    if (!deployed.state.isEmpty())
        text += QStringLiteral(": ") + deployed.state;
    if (withRevision)
        text += QStringLiteral("; rolled out ") + deployed.since.toString(Qt::ISODate);
    QStringList managers;
    for (const Manager &one : deployed.managers)
        managers.append(one.name);
    if (!managers.isEmpty())
        text += QStringLiteral("; managed by ") + managers.join(QStringLiteral(", "));
    return text;
}

} // namespace

class TestDiscoverApplications : public QObject
{
    Q_OBJECT
private slots:
    void applicationsAreToldFromTheirObjects_data()
    {
        QTest::addColumn<QString>("file");
        const QDir data(QStringLiteral(SIGNALBOX_TEST_DATA "/discovery"));
        const QStringList files = data.entryList({QStringLiteral("*.json")}, QDir::Files, QDir::Name);
        QVERIFY(files.size() >= 35);
        for (const QString &file : files)
            QTest::newRow(qPrintable(file.section(QLatin1Char('.'), 0, 0))) << data.filePath(file);
    }
    void applicationsAreToldFromTheirObjects()
    {
        QFETCH(QString, file);
        QFile source(file);
        QVERIFY(source.open(QIODevice::ReadOnly));
        const Json json = Json::parse(source.readAll().toStdString());
        World world;
        for (const Json &object : json["objects"])
            QVERIFY2(world.add(object), object.dump().c_str());
        world.settle();
        const bool withRevision = file.contains(QLatin1String("revision-since"));
        QStringList found;
        for (const Deployed &deployed : discoverApplications(world.contents))
            found.append(shown(deployed, withRevision));
        QStringList expected;
        for (const Json &line : json["expect"])
            expected.append(QString::fromStdString(line.get<std::string>()));
        QCOMPARE(found.join(QLatin1Char('\n')), expected.join(QLatin1Char('\n')));
    }

    // "cart" selects blue. Routes stand before Services: where they may not be read, they may lead to green.
    void aServiceBehindRoutesThatMayNotBeReadOnlySeemsToDecide_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<bool>("areRoutesDenied");
        QTest::addColumn<bool>("isShareAssumed");
        QTest::newRow("a Service, and routes are read") << QStringLiteral("blue-green-by-selector") << false << false;
        QTest::newRow("a Service") << QStringLiteral("blue-green-by-selector") << true << true;
        QTest::newRow("a route that is read") << QStringLiteral("http-route-weights") << true << false;
        QTest::newRow("nothing tells shares") << QStringLiteral("blue-green-no-service") << true << false;
    }
    void aServiceBehindRoutesThatMayNotBeReadOnlySeemsToDecide()
    {
        QFETCH(QString, file);
        QFETCH(bool, areRoutesDenied);
        QFETCH(bool, isShareAssumed);
        QFile source(QStringLiteral(SIGNALBOX_TEST_DATA "/discovery/%1.json").arg(file));
        QVERIFY(source.open(QIODevice::ReadOnly));
        const Json json = Json::parse(source.readAll().toStdString());
        World world;
        for (const Json &object : json["objects"])
            QVERIFY2(world.add(object), object.dump().c_str());
        world.settle();
        world.contents.areRoutesDenied = areRoutesDenied;
        const QList<Deployed> found = discoverApplications(world.contents);
        QVERIFY(!found.isEmpty());
        QCOMPARE(found.first().isShareAssumed, isShareAssumed);
    }

    void namesAreSplitIntoBaseAndTrack_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("parts");
        const auto row = [](const char *name, const char *parts) {
            QTest::newRow(name) << QString::fromLatin1(name) << QString::fromLatin1(parts);
        };
        row("cart-blue", "cart|blue");
        row("cart-Green", "cart|green");
        row("cart", "cart|");
        row("blue", "blue|");
        row("green-cart", "cart|green");
        row("primary-db", "primary-db|");
        row("evergreen", "evergreen|");
        row("cart-canary-blue", "cart-canary|blue");
        row("-blue", "-blue|");
    }
    void namesAreSplitIntoBaseAndTrack()
    {
        QFETCH(QString, name);
        const TrackName split = splitTrack(name);
        QTEST(split.base + QLatin1Char('|') + split.track, "parts");
    }
};

QTEST_GUILESS_MAIN(TestDiscoverApplications)
#include "test_discoverapplications.moc"
