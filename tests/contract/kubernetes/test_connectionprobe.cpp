// The Connections screen's own service on real servers: what a test of a connection finds out, step by step, and what
// adding, editing and removing one does to the workspace and to what is connected.
#include "app/console/workspaceconnections.h"
#include "models/stores/clusterstore.h"
#include "services/feeds/clusterset.h"
#include "tests/support/lab.h"
#include "tests/support/labprometheus.h"
#include "tests/support/testcertificates.h"

#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

using State = ProbeStep::State;

QString named(const char *text)
{
    return QString::fromUtf8(text);
}

QByteArray contentOf(const QString &file)
{
    QFile input(file);
    return input.open(QIODevice::ReadOnly) ? input.readAll() : QByteArray();
}

// "configure+ reach! rights- ...": how each step ended.
QString ended(const ProbeReport &report)
{
    QStringList words;
    for (const ProbeStep &step : report.steps)
        words.append(step.id + QLatin1Char(".r+!xo"[static_cast<int>(step.state)]));
    return words.join(QLatin1Char(' '));
}

QString said(const ProbeReport &report)
{
    QStringList lines;
    for (const ProbeStep &step : report.steps)
        lines.append(step.id + QStringLiteral(": ") + step.text);
    return lines.join(QLatin1Char('\n'));
}

} // namespace

class TestConnectionProbe : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase();
    void cleanupTestCase();
    void aTestTellsWhatItFound_data();
    void aTestTellsWhatItFound();
    void isAddedEditedAndRemoved();

private:
    QString kubeconfig(const QString &name, const QByteArray &text);
    QString preparedFile(const QString &row);
    std::optional<ProbeReport> probed(const ConnectionConfig &config);

    QTemporaryDir m_folder;
    std::unique_ptr<LabCluster> m_lab;
    std::unique_ptr<LabPrometheus> m_prometheus;
    std::unique_ptr<Session> m_session;
    std::unique_ptr<WorkspaceConnections> m_connections;
};

void TestConnectionProbe::initTestCase()
{
    qputenv("SIGNALBOX_DATA", m_folder.path().toUtf8());
    qputenv("KUBECONFIG", m_folder.filePath(named("none")).toUtf8());
    QString error;
    m_lab = LabCluster::shared(&error);
    QVERIFY2(m_lab, qPrintable(error));
    m_prometheus = LabPrometheus::start({}, &error);
    QVERIFY2(m_prometheus, qPrintable(error));
    m_session = std::make_unique<Session>(Session::Options{});
    m_connections =
        std::make_unique<WorkspaceConnections>(*m_session, SourceOptions{}, m_folder.filePath(named("workspace.yaml")));
}

void TestConnectionProbe::cleanupTestCase()
{
    m_connections.reset();
    m_session.reset();
    m_prometheus.reset();
}

QString TestConnectionProbe::kubeconfig(const QString &name, const QByteArray &text)
{
    QFile file(m_folder.filePath(name));
    if (!file.open(QIODevice::WriteOnly | QIODevice::Truncate) || file.write(text) != text.size())
        qFatal("cannot write %s", qPrintable(file.fileName()));
    return file.fileName();
}

QString TestConnectionProbe::preparedFile(const QString &row)
{
    QByteArray text = contentOf(m_lab->kubeconfig());
    if (row == QLatin1String("a wrong authority")) {
        const QByteArray lead = "certificate-authority-data: ";
        const qsizetype at = text.indexOf(lead) + lead.size();
        text.replace(at, text.indexOf('\n', at) - at, TestAuthority("another").caPem().toBase64());
        return kubeconfig(named("foreign"), text);
    }
    if (row == QLatin1String("nobody at that port")) {
        text.replace(":" + QByteArray::number(m_lab->port()), ":" + QByteArray::number(freePorts()));
        return kubeconfig(named("gone"), text);
    }
    return m_lab->kubeconfig();
}

std::optional<ProbeReport> TestConnectionProbe::probed(const ConnectionConfig &config)
{
    std::optional<ProbeReport> report;
    const std::unique_ptr<ConnectionProbe> probe = m_connections->probe(config);
    for (const ProbeStep &step : probe->steps()) {
        if (step.state != State::Pending)
            qFatal("%s has begun before anybody could listen", qPrintable(step.id));
    }
    QSignalSpy changes(probe.get(), &ConnectionProbe::stepChanged);
    connect(probe.get(), &ConnectionProbe::finished, this, [&report](const ProbeReport &done) { report = done; });
    if (!QTest::qWaitFor([&report] { return report.has_value(); }, 40'000) || changes.isEmpty())
        return std::nullopt;
    return report;
}

void TestConnectionProbe::aTestTellsWhatItFound_data()
{
    QTest::addColumn<ConnectionConfig::Kind>("kind");
    QTest::addColumn<QString>("where"); // context, or "prometheus", "nobody"
    QTest::addColumn<QString>("ends");  // + passed, ! warned, x failed, o not tried
    QTest::addColumn<QString>("told");  // in what the steps say
    QTest::addColumn<int>("error");     // -1: usable
    using Kind = ConnectionConfig::Kind;
    const auto row = [](const char *name, Kind kind, const char *where, const char *ends, const char *told,
                        int error = -1) {
        QTest::newRow(name) << kind << named(where) << named(ends) << named(told) << error;
    };
    const int unreachable = static_cast<int>(ErrorKind::Unreachable);
    row("may do everything", Kind::Kubernetes, "lab-cert", "configure+ reach+ version+ rights+",
        "You see the whole cluster and may roll back in default.");
    row("may only read", Kind::Kubernetes, "lab-readonly", "configure+ reach+ version+ rights!",
        "You see the whole cluster but may not change Deployments in default.");
    row("one namespace", Kind::Kubernetes, "lab-team-a", "configure+ reach+ version+ rights+",
        "You see namespace team-a and may roll back in team-a.");
    row("a wrong authority", Kind::Kubernetes, "lab-cert", "configure+ reachx versiono rightso", "certificate",
        unreachable);
    row("nobody at that port", Kind::Kubernetes, "lab-cert", "configure+ reachx versiono rightso", "127.0.0.1",
        unreachable);
    row("no such context", Kind::Kubernetes, "lab-nowhere", "configurex reacho versiono rightso", "lab-nowhere",
        static_cast<int>(ErrorKind::NotFound));
    row("Prometheus", Kind::Prometheus, "prometheus", "configure+ reach+", "It answers and scrapes 2 targets.");
    row("no Prometheus there", Kind::Prometheus, "nobody", "configure+ reachx", "127.0.0.1", unreachable);
}

void TestConnectionProbe::aTestTellsWhatItFound()
{
    QFETCH(ConnectionConfig::Kind, kind);
    QFETCH(QString, where);
    QFETCH(QString, ends);
    QFETCH(QString, told);
    QFETCH(int, error);
    ConnectionConfig config;
    config.kind = kind;
    config.title = named("tested");
    if (kind == ConnectionConfig::Kind::Kubernetes) {
        config.kubeconfig = preparedFile(named(QTest::currentDataTag()));
        config.context = where;
    } else {
        config.address = where == QLatin1String("prometheus") ? m_prometheus->url().toString()
                                                              : QStringLiteral("http://127.0.0.1:%1").arg(freePorts());
    }
    std::optional<ProbeReport> report;
    const auto isSo = [&] { // Prometheus has its first scrape a second after it started
        report = probed(config);
        return report && ended(*report) == ends && said(*report).contains(told);
    };
    if (where == QLatin1String("prometheus"))
        QTRY_VERIFY2_WITH_TIMEOUT(isSo(), qPrintable(said(report.value_or(ProbeReport()))), 15'000);
    QVERIFY2(isSo(), qPrintable(report ? ended(*report) + QLatin1Char('\n') + said(*report) : named("no report")));
    QCOMPARE(report->isUsable, error < 0);
    QCOMPARE(report->error.has_value(), error >= 0);
    if (report->error)
        QVERIFY2(static_cast<int>(report->error->kind) == error,
                 qPrintable(errorKindName(report->error->kind) + report->error->message));
    else if (kind == ConnectionConfig::Kind::Kubernetes)
        QVERIFY2(report->version.startsWith(QLatin1Char('v')), qPrintable(report->version));
    QVERIFY2(m_session->clusters().all().empty(), "a test connects nothing");
}

void TestConnectionProbe::isAddedEditedAndRemoved()
{
    m_connections->start();
    QTRY_VERIFY(m_connections->isRead());
    ConnectionConfig config;
    config.title = named("The lab");
    config.kubeconfig = m_lab->kubeconfig();
    config.context = named("lab-cert");
    const auto saved = [this](const ConnectionConfig &wanted) {
        auto future = m_connections->save(wanted);
        const bool isDone = QTest::qWaitFor([&future] { return future.isFinished(); }, 10'000);
        return isDone && future.result() ? *future.result() : QString();
    };
    config.id = saved(config);
    QVERIFY(!config.id.isEmpty());
    const QString file = m_connections->workspaceFile();
    QVERIFY2(contentOf(file).contains("context: lab-cert"), contentOf(file));
    const auto isLive = [&] {
        const ClusterConnection *cluster = m_session->clusters().find(config.id);
        return cluster && m_session->listing(*cluster) == Session::Listing::Complete;
    };
    QTRY_VERIFY_WITH_TIMEOUT(isLive(), 30'000);
    QVERIFY(m_session->clusters().find(config.id)->source->info().onlyNamespaces.isEmpty());

    config = m_connections->connections().value(0);
    QCOMPARE(config.title, named("The lab"));
    config.namespaces = {named("team-a")};
    config.title = named("Team A");
    QCOMPARE(saved(config), config.id); // the same one, changed
    QCOMPARE(m_connections->connections().size(), 1);
    QCOMPARE(m_connections->connections().value(0).title, named("Team A"));
    QVERIFY2(contentOf(file).contains("team-a"), contentOf(file));
    QTRY_VERIFY_WITH_TIMEOUT(isLive() && m_session->clusters().find(config.id)->source->info().onlyNamespaces ==
                                             QStringList{named("team-a")},
                             30'000);

    auto removed = m_connections->remove(config.id);
    QTRY_VERIFY(removed.isFinished());
    QVERIFY(removed.result());
    QVERIFY(m_session->clusters().find(config.id) == nullptr);
    QVERIFY(m_connections->connections().isEmpty());
    QVERIFY2(!contentOf(file).contains("lab-cert"), contentOf(file));
}

QTEST_MAIN(TestConnectionProbe)
#include "test_connectionprobe.moc"
