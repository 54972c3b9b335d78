// Six live charts: how much the GUI thread does within one frame while data comes every second, the cross-hair moves,
// and all of it is panned and zoomed. DESIGN 10: no frame over 16 ms, 60 frames a second.
#include "tests/bench/limits.h"
#include "ui/charts/chartgroup.h"
#include "ui/charts/chartpanel.h"
#include "ui/charts/chartview.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QGridLayout>
#include <QMouseEvent>
#include <QRandomGenerator>
#include <QTimer>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <functional>

using namespace signalbox;

namespace
{

constexpr double limitMs = 16;
constexpr qint64 pointCount = 3600;

// Adds up what every event costs, painting included, until the next frame begins.
class MeteredApplication : public QApplication
{
public:
    using QApplication::QApplication;

    bool notify(QObject *receiver, QEvent *event) override
    {
        if (m_depth++ > 0 || !isOn) {
            const bool isHandled = QApplication::notify(receiver, event);
            --m_depth;
            return isHandled;
        }
        QElapsedTimer timer;
        timer.start();
        const std::clock_t before = std::clock();
        const bool isHandled = QApplication::notify(receiver, event);
        m_cpu += 1000.0 * double(std::clock() - before) / CLOCKS_PER_SEC;
        m_wall += double(timer.nsecsElapsed()) / 1e6;
        --m_depth;
        return isHandled;
    }

    // The frame before ends here.
    void endFrame()
    {
        if (m_cpu > 0.1) { // below that nothing was painted
            wall.push_back(m_wall);
            processor.push_back(m_cpu);
        }
        m_wall = m_cpu = 0;
    }
    void clear()
    {
        wall.clear();
        processor.clear();
        m_wall = m_cpu = 0;
    }
    bool isOn = false;
    std::vector<double> wall;
    std::vector<double> processor;

private:
    int m_depth = 0;
    double m_wall = 0;
    double m_cpu = 0;
};

double part(std::vector<double> values, double share)
{
    if (values.empty())
        return 0;
    std::sort(values.begin(), values.end());
    return values[std::min(values.size() - 1, static_cast<std::size_t>(share * double(values.size())))];
}

PanelData dataOf(int panel, qint64 now)
{
    QRandomGenerator random(static_cast<quint32>(panel) + 1);
    PanelData data;
    data.panel.id = QString::number(panel);
    data.panel.title = QStringLiteral("Panel %1").arg(panel + 1);
    data.panel.unit = QStringLiteral("ms");
    data.panel.limit = 250;
    data.stepMs = 1000;
    data.freshness.state = Freshness::State::Live;
    data.freshness.lastHeard = QDateTime::fromMSecsSinceEpoch(now, Qt::UTC);
    for (const char *track : {"blue", "green"}) {
        ChartSeries series{QLatin1String(track), QLatin1String(track), {}};
        for (qint64 i = pointCount; i > 0; --i)
            series.samples.append(
                {now - i * 1000, 150 + 40 * std::sin(double(i) / 200) + 30 * random.generateDouble()});
        data.series.append(series);
    }
    return data;
}

class Bench
{
public:
    explicit Bench(MeteredApplication &application)
        : m_meter(application)
    {
        auto *grid = new QGridLayout(&m_window);
        m_now = QDateTime::currentMSecsSinceEpoch();
        for (int i = 0; i < 6; ++i) {
            auto *panel = new ChartPanel(m_group);
            panel->setFixedSize(430, 230);
            grid->addWidget(panel, i / 3, i % 3);
            m_panels.append(panel);
            m_data.append(dataOf(i, m_now));
        }
        m_group.axis().setRange({pointCount * 1000, {}}, m_now);
        m_group.setMarkers({{m_now - 1200 * 1000, QStringLiteral("2.15.0-rc.2 to green")}});
        m_window.show();
        oneMoreSecond();
    }

    void run()
    {
        std::printf("bench_charts on %s: 6 panels, 430 px, 2 series x %lld points each\n\n",
                    qPrintable(QGuiApplication::platformName()), static_cast<long long>(pointCount));
        std::printf("%-34s %7s %9s %9s %9s %11s %7s %s\n", "work in one frame (ms)", "frames", "median", "p99", "worst",
                    "worst (cpu)", "limit", "");
        phase(
            "warm up", 1500, 1000, [this](int) { oneMoreSecond(); }, false);
        phase("live, every second", 6000, 1000, [this](int) { oneMoreSecond(); });
        phase("cross-hair, every 16 ms", 3000, 16, [this](int turn) { moveMouse(turn, Qt::NoModifier); });
        phase("pan, every 16 ms", 3000, 16, [this](int turn) { m_group.axis().pan(turn % 120 < 60 ? -9000 : 9000); });
        phase("zoom, every 16 ms", 3000, 16,
              [this](int turn) { m_group.axis().zoom(turn % 60 < 30 ? 0.97 : 1 / 0.97, m_now - 900 * 1000); });
        phase("all of it and live", 4000, 16, [this](int turn) {
            moveMouse(turn, Qt::NoModifier);
            m_group.axis().pan(turn % 120 < 60 ? -9000 : 9000);
            if (turn % 60 == 0)
                oneMoreSecond();
        });
    }

private:
    void oneMoreSecond()
    {
        m_now += 1000;
        for (int i = 0; i < m_panels.size(); ++i) {
            for (ChartSeries &series : m_data[i].series) {
                series.samples.append(
                    {m_now, series.samples.last().value + QRandomGenerator::global()->bounded(8) - 3.5});
                series.samples.removeFirst();
            }
            m_data[i].freshness.lastHeard = QDateTime::fromMSecsSinceEpoch(m_now, Qt::UTC);
            m_panels[i]->setData(m_data[i]);
        }
        m_group.axis().advance(m_now);
    }

    void moveMouse(int turn, Qt::KeyboardModifiers modifiers)
    {
        ChartView &view = m_panels[0]->view();
        const QRect plot = view.plotRect();
        const QPointF at(plot.left() + turn * 3 % plot.width(), plot.center().y());
        QMouseEvent event(QEvent::MouseMove, at, view.mapToGlobal(at), Qt::NoButton, Qt::NoButton, modifiers);
        QApplication::sendEvent(&view, &event);
    }

    void phase(const char *name, int milliseconds, int period, const std::function<void(int)> &turn,
               bool isCounted = true)
    {
        m_group.axis().reset();
        m_meter.clear();
        QEventLoop loop;
        QTimer frame;
        frame.setTimerType(Qt::PreciseTimer);
        int frames = 0;
        QElapsedTimer clock;
        clock.start();
        qint64 due = 0;
        // The frame's own event is not metered as a whole: it begins and ends the measured stretch.
        QObject::connect(&frame, &QTimer::timeout, &loop, [&] {
            m_meter.isOn = false;
            m_meter.endFrame();
            m_meter.isOn = true;
            ++frames;
            if (clock.elapsed() >= due) {
                due += period;
                QTimer::singleShot(0, &loop, [&, count = frames] { turn(count); });
            }
        });
        frame.start(ChartGroup::frameMs);
        QTimer::singleShot(milliseconds, &loop, &QEventLoop::quit);
        loop.exec();
        m_meter.isOn = false;
        if (!isCounted)
            return;
        const double worstCpu = part(m_meter.processor, 1);
        std::printf("%-34s %7zu %9.2f %9.2f %9.2f %11.2f %7.0f %s\n", name, m_meter.wall.size(),
                    part(m_meter.wall, 0.5), part(m_meter.wall, 0.99), part(m_meter.wall, 1), worstCpu, limitMs,
                    test::verdict(worstCpu <= limitMs));
        if (period == 16)
            std::printf("%-34s %7.1f frames/s\n", "", 1000.0 * frames / milliseconds);
    }

    MeteredApplication &m_meter;
    ChartGroup m_group;
    QWidget m_window;
    QList<ChartPanel *> m_panels;
    QList<PanelData> m_data;
    qint64 m_now = 0;
};

} // namespace

int main(int argc, char **argv)
{
    MeteredApplication application(argc, argv);
    const Theme theme(application);
    Bench bench(application);
    bench.run();
    return 0;
}
