#pragma once

#include "models/domain/health.h"

#include <QColor>
#include <QIcon>
#include <QPixmap>
#include <QRectF>

class QPainter;

// The program's own icons (resources/icons), drawn in any colour. Rendered once per icon, size, colour and screen
// scale.
namespace signalbox
{

struct Tone;

// Makes :/icons known. Theme calls it; the functions below do too.
void ensureIcons();

// `name` is the file's name without .svg: "search", "state-ok" ... An unknown name draws nothing and warns.
void paintIcon(QPainter *painter, const QString &name, const QRectF &rect, const QColor &color);
QPixmap iconPixmap(const QString &name, int size, const QColor &color, qreal devicePixelRatio = 1.0);
// Takes its colours from the present theme: make it again after a change of theme (buttons of ui/widgets do).
QIcon themedIcon(const QString &name);
QIcon applicationIcon();

// The sign of a state: ● ▲ ✖ ◐ ‖ ○ ◌, and its tone. Never show the tone without the sign or a word.
QString stateIconName(Health health);
const Tone &stateTone(Health health);
void paintState(QPainter *painter, Health health, const QRectF &rect);

} // namespace signalbox
