#include "services/adapters/kubernetes/discovery.h"
#include "services/adapters/kubernetes/kindtable.h"
#include "services/adapters/kubernetes/planbasics.h"

#include <nlohmann/json.hpp>

#include <QFile>
#include <QTest>

using namespace signalbox;
using namespace signalbox::kubernetes;

// What is taken of servers from 1.20 on, and of routers of all their times: tests/data/kubernetes/served.json, after
// Kubernetes' list of removed APIs (kubernetes.io/docs/reference/using-api/deprecation-guide) and the release notes of
// Gateway API and Istio. The real server of the other tests is a 1.20.
class TestKubeVersions : public QObject
{
    Q_OBJECT

    static Discovery discoveryOf(const Json &serves)
    {
        Discovery discovery;
        for (const auto &[groupVersion, resources] : serves.items()) {
            Json list = {{"kind", "APIResourceList"}, {"groupVersion", groupVersion}, {"resources", Json::array()}};
            for (const Json &resource : resources)
                list["resources"].push_back({{"name", resource},
                                             {"kind", "Any"},
                                             {"namespaced", true},
                                             {"verbs", {"get", "list", "watch", "patch"}}});
            // As the server's own lists name it: "apps/v1", and "/v1" of the core.
            const QString name = QString::fromStdString(groupVersion);
            const auto added = addResources(dump(list), name.contains(u'/') ? name : u'/' + name, discovery);
            if (!added)
                qFatal("%s", qPrintable(added.error().message));
        }
        return discovery;
    }
    static QString taken(const ApiResource &resource)
    {
        const QString group = resource.group.isEmpty() ? QString() : resource.group + u'/';
        return QStringLiteral("%1%2 %3").arg(group, resource.version, resource.resource);
    }

private slots:
    void theBestFormThatIsServedIsTaken_data()
    {
        QTest::addColumn<QByteArray>("serves");
        QTest::addColumn<QStringList>("takes");
        QFile file(QStringLiteral(SIGNALBOX_TEST_DATA "/kubernetes/served.json"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const Json rows = Json::parse(file.readAll().toStdString());
        for (const Json &row : rows) {
            QStringList takes;
            for (const Json &one : row.at("takes"))
                takes.append(QString::fromStdString(one.get<std::string>()));
            QTest::newRow(row.at("server").get<std::string>().c_str()) << dump(row.at("serves")) << takes;
        }
    }
    void theBestFormThatIsServedIsTaken()
    {
        QFETCH(QByteArray, serves);
        const Discovery discovery = discoveryOf(Json::parse(serves.toStdString()));
        QStringList found;
        for (const WatchedKind &kind : watchedKinds()) {
            if (const auto source = sourceOf(kind, discovery))
                found.append(taken(*source)); // what the server lacks is absent
        }
        QTEST(found, "takes");
        // Whoever writes an object writes it in the form it was read in.
        for (const char *kind : {"Deployment", "StatefulSet", "DaemonSet", "Service", "HorizontalPodAutoscaler",
                                 "HTTPRoute", "VirtualService", "DestinationRule"}) {
            const auto written = resourceOf(discovery, QString::fromLatin1(kind));
            if (written)
                QVERIFY2(found.contains(taken(*written)), qPrintable(taken(*written)));
            else
                QCOMPARE(written.error().kind, ErrorKind::Unsupported);
        }
        const auto lease = resourceOf(discovery, QStringLiteral("Lease"));
        QVERIFY(lease);
        QCOMPARE(taken(*lease), QStringLiteral("coordination.k8s.io/v1 leases"));
    }
};

QTEST_GUILESS_MAIN(TestKubeVersions)
#include "test_kubeversions.moc"
