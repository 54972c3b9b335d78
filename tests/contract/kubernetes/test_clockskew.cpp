// The real API server against a clock of ours that is ten minutes fast: this program runs with libfaketime (see the
// CMakeLists.txt here), the server and whatever else is started does not.
#include "services/adapters/kubernetes/factory.h"
#include "services/adapters/kubernetes/rollback.h"
#include "tests/support/httpwait.h"
#include "tests/support/lab.h"

#include <QCoreApplication>
#include <QTest>

using namespace signalbox;
using namespace signalbox::kubernetes;
using namespace signalbox::test;

namespace
{

constexpr qint64 fastMs = 600'000;

QByteArray deploymentYaml(const QByteArray &image)
{
    return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 1\n  selector: "
           "{matchLabels: "
           "{app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec: {containers: [{name: c, image: \"" +
           image + "\"}]}\n";
}

// What just happened is less than a minute old, and not yet to come.
bool isJustNow(const QDateTime &time)
{
    const qint64 age = time.msecsTo(QDateTime::currentDateTimeUtc());
    return time.isValid() && age > -15'000 && age < 60'000;
}

} // namespace

class TestClockSkew : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase()
    {
        QVERIFY2(qEnvironmentVariable("FAKETIME") == QLatin1String("+600s"),
                 "libfaketime is not there (Debian's package faketime)");
        QString error;
        m_lab = LabCluster::shared(&error);
        QVERIFY2(m_lab, qPrintable(error));
        m_ns = m_lab->makeNamespace(QStringLiteral("skew"));
        const auto config = loadKubeConfig({m_lab->kubeconfig()});
        QVERIFY(config);
        const auto access = accessFor(*config, QStringLiteral("lab-cert"));
        QVERIFY2(access, access ? "" : qPrintable(access.error().message));
        m_connection = makeConnection(
            m_http, *access, {.id = QStringLiteral("lab"), .title = {}, .namespaces = {}, .hasTerminal = false});
        connect(m_connection->source.get(), &ClusterSource::changed, m_connection->store.get(), &ClusterStore::apply);
        m_connection->source->start();
        QTRY_VERIFY_WITH_TIMEOUT(m_connection->store->freshness(ClusterKind::Pods).isLive(), 30'000);
    }

    void theSkewIsTold()
    {
        const qint64 skew = m_connection->source->info().clockSkewMs;
        QVERIFY2(qAbs(skew + fastMs) < 3'000, qPrintable(QString::number(skew)));
    }

    void whatJustHappenedIsNotTenMinutesOld()
    {
        QVERIFY(m_lab->apply(deploymentYaml("registry.example/web:1"), m_ns).isGood());
        QTRY_VERIFY_WITH_TIMEOUT(pod() != nullptr && pod()->isReady, 30'000);
        QVERIFY2(isJustNow(pod()->created), qPrintable(pod()->created.toString(Qt::ISODate)));
        QTRY_VERIFY_WITH_TIMEOUT(workload() != nullptr && !workload()->conditions.isEmpty(), 10'000);
        QVERIFY2(isJustNow(workload()->created), qPrintable(workload()->created.toString(Qt::ISODate)));
        for (const Condition &condition : workload()->conditions)
            QVERIFY2(isJustNow(condition.since), qPrintable(condition.since.toString(Qt::ISODate)));
        QTRY_VERIFY_WITH_TIMEOUT(!lastEvents().isEmpty(), 20'000);
        for (const QDateTime &last : lastEvents())
            QVERIFY2(isJustNow(last), qPrintable(last.toString(Qt::ISODate)));
    }

    // Listed anew from the start: not the changes of a watch alone.
    void aListIsReadTheSame()
    {
        m_connection->source->refresh();
        QTRY_VERIFY_WITH_TIMEOUT(m_connection->store->freshness(ClusterKind::Pods).isLive(), 30'000);
        QVERIFY(pod() != nullptr);
        QVERIFY2(isJustNow(pod()->created), qPrintable(pod()->created.toString(Qt::ISODate)));
    }

    void versionsToGoBackToHaveTheirAge()
    {
        QVERIFY(m_lab->apply(deploymentYaml("registry.example/web:2"), m_ns).isGood());
        KubernetesRollback rollback(clientOf(*m_connection));
        const ObjectRef web = workload()->ref;
        QList<RollbackTarget> targets;
        const auto read = [&] {
            const auto answer = waitFor(rollback.targets(web, {}));
            targets = answer ? *answer : QList<RollbackTarget>();
            return targets.size();
        };
        QTRY_COMPARE_WITH_TIMEOUT(read(), 2, 20'000);
        for (const RollbackTarget &target : targets)
            QVERIFY2(isJustNow(target.revision.created), qPrintable(target.revision.created.toString(Qt::ISODate)));
    }

private:
    const Pod *pod() const
    {
        for (const Pod &one : m_connection->store->pods()) {
            if (one.ref.ns == m_ns)
                return &one;
        }
        return nullptr;
    }
    const Workload *workload() const
    {
        for (const Workload &one : m_connection->store->workloads()) {
            if (one.ref.ns == m_ns)
                return &one;
        }
        return nullptr;
    }
    QList<QDateTime> lastEvents() const
    {
        QList<QDateTime> times;
        for (const ClusterEvent &event : m_connection->store->events()) {
            if (event.about.ns == m_ns)
                times.append(event.last);
        }
        return times;
    }

    HttpClient m_http;
    std::unique_ptr<LabCluster> m_lab;
    QString m_ns;
    std::unique_ptr<ClusterConnection> m_connection;
};

int main(int argc, char *argv[])
{
    qunsetenv("LD_PRELOAD"); // this process has it; none that it starts
    QCoreApplication application(argc, argv);
    TestClockSkew test;
    return QTest::qExec(&test, argc, argv);
}
#include "test_clockskew.moc"
