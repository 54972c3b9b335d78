#include "tests/bench/consolemeter.h"

#include <QEventLoop>
#include <QTimer>
#include <QWidget>

#include <chrono>

namespace signalbox::test
{

bool MeteredApplication::notify(QObject *receiver, QEvent *event)
{
    if (m_depth > 0)
        return QApplication::notify(receiver, event);
    Block block;
    block.receiver = receiver->metaObject()->className();
    block.event = event->type();
    const bool isFrame = (event->type() == QEvent::UpdateRequest && receiver->isWidgetType()) ||
                         (event->type() == QEvent::Expose && receiver->isWindowType()); // the first one
    ++m_depth;
    const qint64 start = steadyNs();
    const double cpu = threadCpuMs();
    const bool isHandled = QApplication::notify(receiver, event);
    block.cpuMs = threadCpuMs() - cpu;
    block.wallMs = double(steadyNs() - start) / 1e6;
    --m_depth;
    m_blocks.busyMs += block.cpuMs;
    m_blocks.over16Ms += block.cpuMs > 16 ? 1 : 0;
    if (block.cpuMs > m_blocks.byCpu.cpuMs)
        m_blocks.byCpu = block;
    if (block.wallMs > m_blocks.byWall.wallMs)
        m_blocks.byWall = block;
    if (isFrame)
        emit framePainted();
    return isHandled;
}

BenchConsole::BenchConsole(QApplication &application, const QString &kubeconfig)
{
    qputenv("SIGNALBOX_DATA", m_folder.path().toUtf8());
    qunsetenv("SIGNALBOX_WORKSPACE");
    QApplication::setApplicationName(QStringLiteral("signalbox"));
    SourceOptions sources;
    sources.kubeconfig = kubeconfig;
    m_console = std::make_unique<Console>(application, sources);
}

BenchConsole::~BenchConsole() = default;

ClusterConnection *BenchConsole::cluster() const
{
    const auto &all = m_console->session().clusters().all();
    return all.empty() ? nullptr : all.front().get();
}

bool BenchConsole::wait(const std::function<bool()> &done, int seconds)
{
    QEventLoop loop;
    QTimer look;
    bool isDone = done();
    QObject::connect(&look, &QTimer::timeout, &loop, [&] {
        isDone = done();
        if (isDone)
            loop.quit();
    });
    look.start(2);
    QTimer::singleShot(std::chrono::seconds(seconds), &loop, &QEventLoop::quit);
    if (!isDone)
        loop.exec();
    return isDone;
}

bool BenchConsole::waitForListing(int pods, int seconds)
{
    return wait(
        [&] {
            const ClusterConnection *shown = cluster();
            return shown != nullptr && shown->store->pods().size() >= pods &&
                   shown->store->freshness(ClusterKind::Pods).isLive();
        },
        seconds);
}

} // namespace signalbox::test
