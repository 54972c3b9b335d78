#pragma once

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QEvent>
#include <QTest>
#include <QWidget>

namespace signalbox::test
{

// Sees when something in a window was laid out or painted last.
class PaintWatch : public QObject
{
public:
    explicit PaintWatch(QWidget &window)
        : m_window(window)
    {
        m_sinceLast.start();
        QCoreApplication::instance()->installEventFilter(this);
    }
    qint64 calmMs() const { return m_sinceLast.elapsed(); }
    bool eventFilter(QObject *object, QEvent *event) override
    {
        const bool draws =
            event->type() == QEvent::Paint || event->type() == QEvent::LayoutRequest || event->type() == QEvent::Resize;
        if (draws && object->isWidgetType() && static_cast<QWidget *>(object)->window() == m_window.window())
            m_sinceLast.restart();
        return false;
    }

private:
    QWidget &m_window;
    QElapsedTimer m_sinceLast;
};

// Until a window rests, as before a picture of it: nothing in it has been laid out or painted for so long. By itself
// that is longer than screens let a change settle before they follow it (400 ms). False: it did not rest within 10 s.
inline bool comesToRest(QWidget &window, qint64 calmMs = 450)
{
    const PaintWatch watch(window);
    return QTest::qWaitFor([&] { return watch.calmMs() >= calmMs; }, 10'000);
}

} // namespace signalbox::test
