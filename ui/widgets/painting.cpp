#include "ui/widgets/painting.h"

#include <QCoreApplication>
#include <QFontMetrics>
#include <QHash>
#include <QPainterPath>
#include <QStringList>

#include <cmath>

namespace signalbox
{

namespace
{

QFont badgeFont()
{
    QFont result = font(TextRole::Caption);
    result.setWeight(QFont::DemiBold);
    return result;
}

} // namespace

QSize badgeSize(const QString &text)
{
    return {QFontMetrics(badgeFont()).horizontalAdvance(text) + 14, 18};
}

QRect paintBadge(QPainter *painter, const QPoint &topLeft, const QString &text, const Tone &tone)
{
    const QRect rect(topLeft, badgeSize(text));
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    painter->setBrush(tone.soft);
    painter->drawRoundedRect(rect, radius::small, radius::small);
    painter->setPen(tone.text);
    painter->setFont(badgeFont());
    painter->drawText(rect, Qt::AlignCenter, text);
    painter->restore();
    return rect;
}

QSize keyHintSize(const QString &text)
{
    return {QFontMetrics(font(TextRole::Caption)).horizontalAdvance(text) + 12, 18};
}

void paintKeyHint(QPainter *painter, const QRect &rect, const QString &text, const QColor &color, const QColor &border)
{
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(QPen(border, 1));
    painter->setBrush(Qt::NoBrush);
    painter->drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), radius::small, radius::small);
    painter->setPen(color);
    painter->setFont(font(TextRole::Caption));
    painter->drawText(rect, Qt::AlignCenter, text);
    painter->restore();
}

void paintTrafficBar(QPainter *painter, const QRectF &rect, const QList<TrafficShare> &shares)
{
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    QPainterPath outline;
    const qreal corner = std::min(rect.height() / 2, 3.0);
    outline.addRoundedRect(rect, corner, corner);
    painter->setClipPath(outline);
    painter->fillRect(rect, tokens().raised);
    qreal left = rect.left();
    for (const TrafficShare &share : shares) {
        const qreal width = rect.width() * std::clamp(share.share, 0.0, 1.0);
        painter->fillRect(QRectF(left, rect.top(), width, rect.height()), trackTone(share.track).solid);
        left += width;
    }
    painter->restore();
}

QString trafficText(const QList<TrafficShare> &shares)
{
    QStringList parts;
    for (const TrafficShare &share : shares) {
        const QString name = share.track.isEmpty() ? QCoreApplication::translate("Traffic", "all") : share.track;
        parts.append(QStringLiteral("%1 %2 %").arg(name).arg(std::lround(share.share * 100)));
    }
    return parts.join(QStringLiteral(", "));
}

void paintRoundedFrame(QPainter *painter, const QRectF &rect, qreal corner, const QColor &ground, const QColor &border,
                       qreal width)
{
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(border.isValid() ? QPen(border, width) : QPen(Qt::NoPen));
    painter->setBrush(ground.isValid() ? QBrush(ground) : QBrush(Qt::NoBrush));
    const qreal inset = border.isValid() ? width / 2 : 0;
    painter->drawRoundedRect(rect.adjusted(inset, inset, -inset, -inset), corner, corner);
    painter->restore();
}

void paintFocusRing(QPainter *painter, const QRectF &rect, qreal corner)
{
    paintRoundedFrame(painter, rect, corner, QColor(), tokens().focus, 2);
}

int paintText(QPainter *painter, const QRect &rect, TextRole role, const QColor &color, const QString &text,
              Qt::Alignment alignment)
{
    if (text.isEmpty() || rect.width() <= 0)
        return 0;
    const QFont textFont = font(role);
    const int full = textWidth(role, text);
    painter->setFont(textFont);
    painter->setPen(color);
    if (full <= rect.width()) {
        painter->drawText(rect, static_cast<int>(alignment) | Qt::TextSingleLine, text);
        return full;
    }
    painter->drawText(rect, static_cast<int>(alignment) | Qt::TextSingleLine,
                      QFontMetrics(textFont).elidedText(text, Qt::ElideRight, rect.width()));
    return rect.width();
}

// To shape a text is most of what measuring and painting it costs, and the same few hundred are measured with each
// frame. A role's font stays as long as the program runs.
int textWidth(TextRole role, const QString &text)
{
    constexpr qsizetype mostKept = 1000;
    constexpr qsizetype longest = 60;
    static QHash<std::pair<int, QString>, int> known;
    const std::pair key(static_cast<int>(role), text);
    if (const auto found = known.constFind(key); found != known.constEnd())
        return *found;
    const int width = QFontMetrics(font(role)).horizontalAdvance(text);
    if (text.size() > longest)
        return width;
    if (known.size() >= mostKept)
        known.clear();
    known.insert(key, width);
    return width;
}

} // namespace signalbox
