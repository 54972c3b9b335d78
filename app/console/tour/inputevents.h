#pragma once

#include <QPoint>
#include <QString>
#include <Qt>

class QWindow;

// Keys and mouse as the platform delivers them: they enter Qt where its platform plugins do, so that shortcuts, focus
// and what lies over what decide as they do for a person.
namespace signalbox::input
{

enum class Key { Press, Release };
void key(QWindow &window, Key what, int key, Qt::KeyboardModifiers modifiers = {}, const QString &text = {});

enum class Mouse { Press, Release, Move };
// `at` in the window's coordinates; the left button, which is down at Press and up after Release.
void mouse(QWindow &window, Mouse what, const QPoint &at);

} // namespace signalbox::input
