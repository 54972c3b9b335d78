#include "app/console/tour/inputevents.h"

#include <QEvent>
#include <QWindow>
#include <QtGui/qtguiglobal.h>

// What QtTest's own inline headers (qtestkeyboard.h, qtestmouse.h) call. QtTest itself is not for a shipped program:
// its functions spin the event loop.
QT_BEGIN_NAMESPACE
Q_GUI_EXPORT void qt_handleKeyEvent(QWindow *window, QEvent::Type type, int key, Qt::KeyboardModifiers modifiers,
                                    const QString &text, bool isAutoRepeat, ushort count);
Q_GUI_EXPORT void qt_handleMouseEvent(QWindow *window, const QPointF &local, const QPointF &global,
                                      Qt::MouseButtons state, Qt::MouseButton button, QEvent::Type type,
                                      Qt::KeyboardModifiers modifiers, int timestamp);
QT_END_NAMESPACE

namespace signalbox::input
{

namespace
{

// Further apart than any platform's double click.
constexpr int clickDistanceMs = 2000;
int mouseTime = clickDistanceMs;

} // namespace

void key(QWindow &window, Key what, int key, Qt::KeyboardModifiers modifiers, const QString &text)
{
    qt_handleKeyEvent(&window, what == Key::Press ? QEvent::KeyPress : QEvent::KeyRelease, key, modifiers, text, false,
                      1);
}

void mouse(QWindow &window, Mouse what, const QPoint &at)
{
    static Qt::MouseButtons down = Qt::NoButton;
    QEvent::Type type = QEvent::MouseMove;
    Qt::MouseButton button = Qt::NoButton;
    if (what == Mouse::Press) {
        type = QEvent::MouseButtonPress;
        button = Qt::LeftButton;
        down = Qt::LeftButton;
        mouseTime += clickDistanceMs;
    } else if (what == Mouse::Release) {
        type = QEvent::MouseButtonRelease;
        button = Qt::LeftButton;
        down = Qt::NoButton;
        mouseTime += 1;
    }
    qt_handleMouseEvent(&window, at, window.mapToGlobal(at), down, button, type, Qt::NoModifier, mouseTime);
}

} // namespace signalbox::input
