#pragma once

#include "ui/theme/tokens.h"

#include <QList>
#include <QPainter>
#include <QRect>
#include <QString>

// Drawing shared by widgets and delegates. All take the present theme's tones.
namespace signalbox
{

// A small rounded label: " pass ", " LIVE ". Returns the rectangle it took, which begins at `topLeft`.
QRect paintBadge(QPainter *painter, const QPoint &topLeft, const QString &text, const Tone &tone);
QSize badgeSize(const QString &text);

// A key in a frame: "Ctrl K".
QSize keyHintSize(const QString &text);
void paintKeyHint(QPainter *painter, const QRect &rect, const QString &text, const QColor &color, const QColor &border);

// Shares of live traffic, first to last; names stand elsewhere, always.
struct TrafficShare
{
    QString track;
    double share = 0; // 0..1
    bool operator==(const TrafficShare &) const = default;
};
void paintTrafficBar(QPainter *painter, const QRectF &rect, const QList<TrafficShare> &shares);
QString trafficText(const QList<TrafficShare> &shares); // "blue 75 %, green 25 %"

void paintRoundedFrame(QPainter *painter, const QRectF &rect, qreal corner, const QColor &ground, const QColor &border,
                       qreal width = 1);
void paintFocusRing(QPainter *painter, const QRectF &rect, qreal corner);
// Elided at the end; returns the width that was used.
int paintText(QPainter *painter, const QRect &rect, TextRole role, const QColor &color, const QString &text,
              Qt::Alignment alignment = Qt::AlignLeft | Qt::AlignVCenter);
int textWidth(TextRole role, const QString &text);

} // namespace signalbox
