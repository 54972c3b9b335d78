#include "tests/support/labprometheus.h"

#include "tests/support/lab.h"

#include <QDateTime>
#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QRandomGenerator>
#include <QStandardPaths>
#include <QTcpSocket>
#include <QTemporaryDir>
#include <QThread>

#include <cmath>
#include <map>

#ifdef Q_OS_LINUX
#include <csignal>
#include <sys/prctl.h>
#endif

namespace signalbox::test
{
namespace
{

std::unique_ptr<QProcess> spawn(const QString &program, const QStringList &arguments, const QString &log)
{
    auto process = std::make_unique<QProcess>();
    process->setStandardOutputFile(log);
    process->setStandardErrorFile(log, QIODevice::Append);
#ifdef Q_OS_LINUX
    process->setChildProcessModifier([] { ::prctl(PR_SET_PDEATHSIG, SIGKILL); });
#endif
    process->start(program, arguments);
    return process->waitForStarted(10000) ? std::move(process) : nullptr;
}

void end(std::unique_ptr<QProcess> &process)
{
    if (!process)
        return;
    process->kill();
    process->waitForFinished(5000);
    process.reset();
}

// A plain GET over a socket; the body, or nothing when the status is not 200.
QByteArray fetch(int port, const QByteArray &target, int milliseconds = 5000)
{
    QTcpSocket socket;
    socket.connectToHost(QStringLiteral("127.0.0.1"), static_cast<quint16>(port));
    if (!socket.waitForConnected(milliseconds))
        return {};
    socket.write("GET " + target + " HTTP/1.0\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
    QByteArray answer;
    QElapsedTimer timer;
    timer.start();
    while (timer.elapsed() < milliseconds) {
        answer += socket.readAll();
        if (socket.state() == QAbstractSocket::UnconnectedState && socket.bytesAvailable() == 0)
            break;
        socket.waitForReadyRead(50);
    }
    const qsizetype split = answer.indexOf("\r\n\r\n");
    return split > 0 && answer.left(15).contains(" 200") ? answer.mid(split + 4) : QByteArray();
}

bool waitFor(int port, const QByteArray &target)
{
    QElapsedTimer timer;
    timer.start();
    while (timer.elapsed() < 30000) {
        if (!fetch(port, target, 1000).isEmpty())
            return true;
        QThread::msleep(50);
    }
    return false;
}

const char *const rules =
    "groups:\n"
    "  - name: release\n"
    "    rules:\n"
    "      - record: slot:error_ratio:rate15s\n"
    "        expr: sum by (slot) (rate(http_requests_total{code=\"500\"}[15s])) / sum by (slot) "
    "(rate(http_requests_total[15s]))\n"
    "      - alert: SlotErrorsHigh\n"
    "        expr: slot:error_ratio:rate15s > 0.05\n"
    "        for: 3s\n"
    "        labels: {severity: page, app: APPLICATION, namespace: NAMESPACE}\n"
    "        annotations: {summary: \"{{ $labels.slot }} fails {{ $value | humanizePercentage }} of "
    "requests\"}\n"
    "      - alert: SlotAway\n"
    "        expr: up{job=\"app\"} == 0\n"
    "        for: 1m\n"
    "        labels: {severity: page}\n"
    "  - name: broken\n"
    "    rules:\n"
    "      - alert: BrokenRule\n"
    "        expr: http_requests_total / on (job) http_requests_total\n";

// Two slots with a past: load that swings, green taking its share in steps, now and then an error.
class History
{
public:
    explicit History(int minutes)
        : m_minutes(minutes)
    {}

    QByteArray openMetrics()
    {
        const qint64 now = QDateTime::currentSecsSinceEpoch() - 5;
        const qint64 start = now - m_minutes * 60;
        std::map<QByteArray, QByteArray> lines; // a metric's samples must stand together
        for (qint64 t = start; t <= now; t += step) {
            const double place = static_cast<double>(t - start) / std::max(1, m_minutes * 60);
            const double load = 300 + 30 * std::sin(place * 17) + 12 * m_random.generateDouble();
            const double share = place < 0.35 ? 0 : place < 0.62 ? 0.05 : 0.25;
            one(lines, t, "blue", "1.4.0", load * (1 - share), 0.0042, 0.105);
            if (share > 0)
                one(lines, t, "green", "1.5.0", load * share, 0.0046, 0.098);
        }
        QByteArray text;
        text += "# TYPE http_requests counter\n" + lines["a"];
        text += "# TYPE http_request_duration_seconds histogram\n" + lines["b"];
        text += "# TYPE process_resident_memory_bytes gauge\n" + lines["c"];
        text += "# TYPE process_cpu_seconds counter\n" + lines["d"];
        return text + "# EOF\n";
    }

private:
    static constexpr int step = 5;
    struct Totals
    {
        double good = 0, bad = 0, sum = 0, cpu = 0;
        std::map<double, double> buckets;
    };

    void one(std::map<QByteArray, QByteArray> &lines, qint64 t, const QByteArray &slot, const QByteArray &version,
             double load, double errors, double median)
    {
        Totals &total = m_totals[slot];
        const QByteArray labels = "slot=\"" + slot + "\",version=\"" + version +
                                  "\",app=\"cart\",namespace=\"shop\",job=\"app\",instance=\"" + slot + "\"";
        const QByteArray at = " " + QByteArray::number(t) + "\n";
        const double requests = load * step;
        const double bad = requests * errors * (0.5 + m_random.generateDouble());
        total.good += requests - bad;
        total.bad += bad;
        const double shifted = median * (0.9 + 0.2 * m_random.generateDouble());
        total.sum += requests * shifted;
        total.cpu += requests * 0.0018 * (0.9 + 0.2 * m_random.generateDouble());
        const auto value = [](double v) { return QByteArray::number(v, 'f', 3); };
        lines["a"] += "http_requests_total{" + labels + ",code=\"200\"} " + value(total.good) + at;
        lines["a"] += "http_requests_total{" + labels + ",code=\"500\"} " + value(total.bad) + at;
        for (const double le : {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0}) {
            // Log-normal around the median.
            total.buckets[le] += requests * 0.5 * std::erfc(-(std::log(le / shifted)) / (0.4 * std::sqrt(2.0)));
            lines["b"] += "http_request_duration_seconds_bucket{" + labels + ",le=\"" + QByteArray::number(le) +
                          "\"} " + value(total.buckets[le]) + at;
        }
        const double all = total.good + total.bad;
        lines["b"] += "http_request_duration_seconds_bucket{" + labels + ",le=\"+Inf\"} " + value(all) + at;
        lines["b"] += "http_request_duration_seconds_sum{" + labels + "} " + value(total.sum) + at;
        lines["b"] += "http_request_duration_seconds_count{" + labels + "} " + value(all) + at;
        const double memory =
            (slot == "blue" ? 412e6 : 455e6) + 2.5e7 * std::sin(t / 700.0) + 4e6 * m_random.generateDouble();
        lines["c"] += "process_resident_memory_bytes{" + labels + "} " + value(memory) + at;
        lines["d"] += "process_cpu_seconds_total{" + labels + "} " + value(total.cpu) + at;
    }

    int m_minutes;
    QRandomGenerator m_random{20261121};
    std::map<QByteArray, Totals> m_totals;
};

} // namespace

LabPrometheus::LabPrometheus()
    : m_folder(std::make_unique<QTemporaryDir>())
{}

LabPrometheus::~LabPrometheus()
{
    for (auto &[track, slot] : m_slots) {
        end(slot.load);
        end(slot.application);
    }
    end(m_server);
}

QString LabPrometheus::path(const QString &name) const
{
    return m_folder->filePath(name);
}

QUrl LabPrometheus::url() const
{
    return QUrl(QStringLiteral("http://127.0.0.1:%1").arg(m_port));
}

QUrl LabPrometheus::slotUrl(const QString &track) const
{
    return QUrl(QStringLiteral("http://127.0.0.1:%1/").arg(m_slots.at(track).port));
}

std::unique_ptr<LabPrometheus> LabPrometheus::start(const Options &options, QString *error)
{
    for (const char *program : {"prometheus", "promtool", "python3"}) {
        if (QStandardPaths::findExecutable(QLatin1String(program)).isEmpty()) {
            *error = QStringLiteral("'%1' is missing; install the Debian packages prometheus and python3")
                         .arg(QLatin1String(program));
            return nullptr;
        }
    }
    std::unique_ptr<LabPrometheus> lab(new LabPrometheus);
    lab->m_takesRemoteWrites = options.takesRemoteWrites;
    lab->m_options = options;
    if (options.hasSlots) {
        if (!lab->startSlot(QStringLiteral("blue"), QStringLiteral("1.4.0"), error) ||
            !lab->startSlot(QStringLiteral("green"), QStringLiteral("1.5.0"), error))
            return nullptr;
    }
    if (!lab->writeConfiguration()) {
        *error = QStringLiteral("cannot write into %1").arg(lab->m_folder->path());
        return nullptr;
    }
    if (options.historyMinutes > 0 && !lab->backfill(options.historyMinutes, error))
        return nullptr;
    for (int attempt = 0; attempt < 3; ++attempt) { // somebody may take a port between the look and the start
        lab->m_port = freePorts(1);
        if (lab->startServer(error))
            return lab;
    }
    return nullptr;
}

bool LabPrometheus::startSlot(const QString &track, const QString &version, QString *error)
{
    Slot &slot = m_slots[track];
    slot.port = freePorts(1);
    slot.application =
        spawn(QStringLiteral("python3"),
              {QStringLiteral(SIGNALBOX_SOURCE_DIR "/tests/lab/app/app.py"), QStringLiteral("--port"),
               QString::number(slot.port), QStringLiteral("--slot"), track, QStringLiteral("--version"), version},
              path(track + QStringLiteral(".log")));
    if (slot.application && waitFor(slot.port, "/healthz"))
        return true;
    *error = QStringLiteral("the slot %1 did not answer on port %2").arg(track).arg(slot.port);
    return false;
}

bool LabPrometheus::writeConfiguration() const
{
    QFile ruleFile(path(QStringLiteral("rules.yml")));
    QFile file(path(QStringLiteral("prometheus.yml")));
    if (!ruleFile.open(QIODevice::WriteOnly) || !file.open(QIODevice::WriteOnly))
        return false;
    ruleFile.write(QByteArray(rules)
                       .replace("APPLICATION", m_options.application.toUtf8())
                       .replace("NAMESPACE", m_options.ns.toUtf8()));
    QByteArray text = "global: {scrape_interval: 1s, evaluation_interval: 1s}\nrule_files: [\"" +
                      ruleFile.fileName().toUtf8() + "\"]\nscrape_configs:\n";
    if (m_slots.empty())
        text += "  []\n";
    else
        text += "  - job_name: app\n    honor_labels: true\n    static_configs:\n"; // of families.py
    for (const auto &[track, slot] : m_slots) {
        // The instance is named after the slot, so that a past put in by backfill() goes on in the same series.
        text += "      - targets: [\"127.0.0.1:" + QByteArray::number(slot.port) +
                "\"]\n        labels: {app: " + m_options.application.toUtf8() +
                ", namespace: " + m_options.ns.toUtf8() + ", instance: " + track.toUtf8() + "}\n";
    }
    return file.write(text) == text.size();
}

bool LabPrometheus::backfill(int minutes, QString *error) const
{
    QFile file(path(QStringLiteral("past.txt")));
    if (!file.open(QIODevice::WriteOnly) || file.write(History(minutes).openMetrics()) < 0) {
        *error = file.errorString();
        return false;
    }
    file.close();
    const auto output = runProgram(QStringLiteral("promtool"),
                                   {QStringLiteral("tsdb"), QStringLiteral("create-blocks-from"),
                                    QStringLiteral("openmetrics"), file.fileName(), path(QStringLiteral("tsdb"))});
    *error = QString::fromUtf8(output.err);
    return output.isGood();
}

bool LabPrometheus::startServer(QString *error)
{
    QStringList arguments = {QStringLiteral("--config.file=") + path(QStringLiteral("prometheus.yml")),
                             QStringLiteral("--storage.tsdb.path=") + path(QStringLiteral("tsdb")),
                             QStringLiteral("--web.listen-address=127.0.0.1:%1").arg(m_port),
                             QStringLiteral("--storage.tsdb.retention.time=30d")};
    if (m_takesRemoteWrites)
        arguments.append(QStringLiteral("--web.enable-remote-write-receiver"));
    m_server = spawn(QStringLiteral("prometheus"), arguments, path(QStringLiteral("prometheus.log")));
    if (m_server && waitFor(m_port, "/-/ready"))
        return true;
    QFile log(path(QStringLiteral("prometheus.log")));
    *error = log.open(QIODevice::ReadOnly) ? QString::fromUtf8(log.readAll().right(2000)) : QStringLiteral("no log");
    end(m_server);
    return false;
}

bool LabPrometheus::setLoad(const QString &track, double perSecond)
{
    Slot &slot = m_slots.at(track);
    end(slot.load);
    if (perSecond <= 0)
        return true;
    slot.load = spawn(QStringLiteral("python3"),
                      {QStringLiteral(SIGNALBOX_SOURCE_DIR "/tests/lab/app/traffic.py"), QStringLiteral("--rate"),
                       QString::number(perSecond), slotUrl(track).toString()},
                      path(track + QStringLiteral("-load.log")));
    return slot.load != nullptr;
}

bool LabPrometheus::control(const QString &track, const QString &settings)
{
    return !fetch(m_slots.at(track).port, "/control?" + settings.toUtf8()).isEmpty();
}

double LabPrometheus::counter(const QString &track, const QByteArray &name, const QList<QByteArray> &parts) const
{
    const QByteArray metrics = fetch(m_slots.at(track).port, "/metrics");
    double sum = 0;
    bool isFound = false;
    for (const QByteArray &line : metrics.split('\n')) {
        if (!line.startsWith(name + '{'))
            continue;
        if (!std::all_of(parts.begin(), parts.end(), [&line](const QByteArray &part) { return line.contains(part); }))
            continue;
        sum += line.mid(line.lastIndexOf(' ') + 1).toDouble();
        isFound = true;
    }
    return isFound ? sum : -1;
}

bool LabPrometheus::kill()
{
    if (!m_server)
        return false;
    end(m_server);
    return true;
}

bool LabPrometheus::restart(QString *error)
{
    end(m_server);
    return startServer(error);
}

} // namespace signalbox::test
