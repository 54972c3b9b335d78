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

// Until a window rests, as before a picture of it: nothing in it has been laid out or painted for several frames.
// False: it went on for all of the deadline.
inline bool comesToRest(QWidget &window, int deadlineMs = 5000)
{
    constexpr qint64 calmMs = 150;
    const PaintWatch watch(window);
    return QTest::qWaitFor([&watch] { return watch.calmMs() >= calmMs; }, deadlineMs);
}

} // namespace signalbox::test
