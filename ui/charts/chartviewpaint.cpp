// How ChartView looks. Its state and its gestures are in chartview.cpp.
#include "ui/charts/chartview.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/painting.h"
#include "ui/widgets/timetext.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace signalbox
{
namespace
{

constexpr int lineHeight = 18;
constexpr int swatchWidth = 16;
constexpr int valueGap = 6;
constexpr int legendGap = 18;

QPen hairline(const QColor &color, Qt::PenStyle style = Qt::SolidLine)
{
    QPen pen(color, 1, style);
    if (style == Qt::CustomDashLine)
        pen.setDashPattern({3, 3});
    return pen;
}

QRect placedBeside(int x, const QSize &size, const QRect &room)
{
    int left = x + 10;
    if (left + size.width() > room.right())
        left = x - 10 - size.width();
    return QRect(QPoint(std::max(room.left(), left), room.top() + 4), size);
}

} // namespace

void ChartView::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), tokens().panel);
    if (m_picture.end > m_picture.start) {
        paintGrid(painter);
        paintPicture(painter);
        paintLimit(painter);
        paintMarkers(painter);
        paintCursor(painter);
        if (m_drag == Drag::Zoom && m_dragFrom != m_dragTo) {
            QColor veil = tokens().accent.text;
            veil.setAlphaF(0.16F);
            const QRect plot = plotRect();
            const QRect marked(QPoint(m_dragFrom.x(), plot.top()), QPoint(m_dragTo.x(), plot.bottom()));
            painter.fillRect(marked.normalized().intersected(plot), veil);
        }
        if (m_isHovered || (hasFocus() && m_group.axis().cursor()))
            paintReading(painter);
    }
    paintLegend(painter);
    if (hasFocus())
        paintFocusRing(&painter, QRectF(rect()).adjusted(2, 0, -2, -2), radius::control);
}

void ChartView::paintGrid(QPainter &painter) const
{
    const QRect plot = plotRect();
    const Tokens &t = tokens();
    for (const AxisTick &tick : m_ticks) {
        const int y = static_cast<int>(std::lround(yAt(tick.value)));
        painter.setPen(hairline(t.hairline));
        painter.drawLine(plot.left(), y, plot.right(), y);
        paintText(&painter, QRect(14, y - 8, m_gutter - 8, 16), TextRole::Caption, t.textFaint, tick.label,
                  Qt::AlignRight | Qt::AlignVCenter);
    }
    const TimeAxis &axis = m_group.axis();
    for (const TimeTick &tick : timeTicks(axis.start(), axis.end(), std::max(2, plot.width() / 70), displayZone())) {
        const int x = static_cast<int>(std::lround(xAt(tick.time)));
        const int wide = textWidth(TextRole::Caption, tick.label) + 2;
        const QRect label(std::clamp(x - wide / 2, plot.left(), plot.right() - wide), plot.bottom() + 5, wide, 14);
        painter.setPen(hairline(t.hairline));
        painter.drawLine(x, plot.bottom() + 1, x, plot.bottom() + 4);
        paintText(&painter, label, TextRole::Caption, t.textFaint, tick.label, Qt::AlignCenter);
    }
}

void ChartView::paintPicture(QPainter &painter) const
{
    if (m_pixmap.isNull())
        return;
    const QRect plot = plotRect();
    painter.save();
    painter.setClipRect(plot.adjusted(0, -2, 1, 3));
    const TimeAxis &axis = m_group.axis();
    if (m_picture.end - m_picture.start == axis.length() && m_pixmap.deviceIndependentSize().toSize() == plot.size()) {
        // Whole pixels, so that lines stay as sharp as they were drawn.
        painter.drawPixmap(QPoint(static_cast<int>(std::lround(xAt(m_picture.start))), plot.top()), m_pixmap);
    } else {
        // Not yet drawn for what is visible now: the last picture, where it belongs.
        const QRectF target(QPointF(xAt(m_picture.start), plot.top()), QPointF(xAt(m_picture.end), plot.bottom() + 1));
        painter.drawPixmap(target, m_pixmap, QRectF(m_pixmap.rect()));
    }
    painter.restore();
}

void ChartView::paintLimit(QPainter &painter) const
{
    const auto limit = m_data.panel.limit;
    if (!limit || *limit > m_picture.high || *limit < m_picture.low)
        return;
    const QRect plot = plotRect();
    const int y = static_cast<int>(std::lround(yAt(*limit)));
    painter.setPen(hairline(tokens().warning.text, Qt::CustomDashLine));
    painter.drawLine(plot.left(), y, plot.right(), y);
}

// What happened last matters most. Labels stand side by side or not at all: the cross-hair tells the others.
QList<ChartView::MarkerLabel> ChartView::markerLabels() const
{
    QList<MarkerLabel> labels;
    const QRect plot = plotRect();
    const TimeAxis &axis = m_group.axis();
    const QList<ChartMarker> &markers = m_group.markers();
    int freeUntil = plot.right();
    for (auto marker = markers.crbegin(); marker != markers.crend(); ++marker) {
        if (marker->time < axis.start() || marker->time > axis.end() || marker->label.isEmpty())
            continue;
        const int x = static_cast<int>(std::lround(xAt(marker->time)));
        const int wide = textWidth(TextRole::Caption, marker->label) + 2;
        int left = x + 5;
        if (left + wide > freeUntil)
            left = x - 5 - wide;
        if (left < plot.left() || left + wide > freeUntil)
            continue;
        labels.append({QRect(left, plot.top() - 13, wide, 14), marker->label});
        freeUntil = left - 8;
    }
    return labels;
}

void ChartView::paintMarkers(QPainter &painter) const
{
    const QRect plot = plotRect();
    const TimeAxis &axis = m_group.axis();
    for (const ChartMarker &marker : m_group.markers()) {
        if (marker.time < axis.start() || marker.time > axis.end())
            continue;
        const int x = static_cast<int>(std::lround(xAt(marker.time)));
        painter.setPen(hairline(tokens().textFaint, Qt::CustomDashLine));
        painter.drawLine(x, plot.top() - 10, x, plot.bottom());
    }
    for (const MarkerLabel &label : markerLabels()) {
        painter.fillRect(label.at, tokens().panel); // no line of another runs through the words
        paintText(&painter, label.at, TextRole::Caption, tokens().textSoft, label.text);
    }
}

void ChartView::paintCursor(QPainter &painter) const
{
    const auto cursor = m_group.axis().cursor();
    const QRect plot = plotRect();
    if (!cursor || *cursor < m_group.axis().start() || *cursor > m_group.axis().end())
        return;
    const int x = static_cast<int>(std::lround(xAt(*cursor)));
    painter.setPen(hairline(tokens().textSoft));
    painter.drawLine(x, plot.top(), x, plot.bottom());
    painter.setRenderHint(QPainter::Antialiasing);
    for (const qsizetype index : drawnSeries()) {
        const auto reading = readingOf(m_data.series[index]);
        if (!reading)
            continue;
        painter.setPen(QPen(tokens().panel, 1.5));
        painter.setBrush(colorOf(index));
        painter.drawEllipse(QPointF(xAt(reading->time), yAt(reading->value)), 3.5, 3.5);
    }
    painter.setRenderHint(QPainter::Antialiasing, false);
}

// The box beside the cross-hair: time with its zone's clock, each line's value, and what happened there.
void ChartView::paintReading(QPainter &painter) const
{
    const auto cursor = m_group.axis().cursor();
    if (!cursor)
        return;
    const QRect plot = plotRect();
    const QList<LegendEntry> entries = legend();
    const QString time = clockText(QDateTime::fromMSecsSinceEpoch(*cursor, Qt::UTC));
    QString event;
    for (const ChartMarker &marker : m_group.markers()) {
        if (std::abs(xAt(marker.time) - xAt(*cursor)) <= 4)
            event = marker.label;
    }
    int names = 0;
    int values = 0;
    for (const LegendEntry &entry : entries) {
        names = std::max(names, textWidth(TextRole::Small, entry.name));
        values = std::max(values, textWidth(TextRole::MonoSmall, entry.value));
    }
    const int rows = static_cast<int>(entries.size()) + (event.isEmpty() ? 1 : 2);
    const int wide = std::max(
        {names + values + 44, textWidth(TextRole::MonoSmall, time) + 20, textWidth(TextRole::Small, event) + 20});
    const QRect box =
        placedBeside(static_cast<int>(xAt(*cursor)), {std::min(wide, plot.width()), rows * lineHeight + 8}, plot);
    const Tokens &t = tokens();
    painter.setRenderHint(QPainter::Antialiasing);
    paintRoundedFrame(&painter, box, radius::control, t.raised, t.outline);
    QRect row(box.left() + 10, box.top() + 4, box.width() - 20, lineHeight);
    paintText(&painter, row, TextRole::MonoSmall, t.textSoft, time);
    row.translate(0, lineHeight);
    for (const LegendEntry &entry : entries) {
        painter.fillRect(QRect(row.left(), row.center().y(), 10, 2), entry.color);
        paintText(&painter, row.adjusted(16, 0, 0, 0), TextRole::Small, t.text, entry.name);
        paintText(&painter, row, TextRole::MonoSmall, t.text, entry.value, Qt::AlignRight | Qt::AlignVCenter);
        row.translate(0, lineHeight);
    }
    if (!event.isEmpty())
        paintText(&painter, row, TextRole::Small, t.textSoft, event);
}

// Where not all have room, limit and band go first, then what is best: what is worst stays.
ChartView::RoomyLegend ChartView::legendIn(int width) const
{
    RoomyLegend shown{legend(), 0};
    const auto widthOf = [&shown] {
        int wide = shown.left > 0 ? textWidth(TextRole::Small, tr("+%1").arg(shown.left)) : -legendGap;
        for (const LegendEntry &entry : std::as_const(shown.entries))
            wide += swatchWidth + textWidth(TextRole::Small, entry.name) + valueGap +
                    textWidth(TextRole::MonoSmall, entry.value) + legendGap;
        return wide;
    };
    while (shown.entries.size() > 1 && widthOf() > width) {
        const auto best = std::min_element(shown.entries.rbegin(), shown.entries.rend(),
                                           [](const LegendEntry &a, const LegendEntry &b) { return a.rank < b.rank; });
        shown.entries.erase(std::next(best).base());
        ++shown.left;
    }
    return shown;
}

QStringList ChartView::shownNames() const
{
    QStringList names;
    for (const LegendEntry &entry : legendIn(width() - 28).entries)
        names << entry.name;
    return names;
}

void ChartView::paintLegend(QPainter &painter) const
{
    const Tokens &t = tokens();
    QRect row(14, height() - 23, width() - 28, 16);
    const RoomyLegend shown = legendIn(row.width());
    for (const LegendEntry &entry : shown.entries) {
        painter.fillRect(QRect(row.left(), row.center().y(), 10, 2), entry.color);
        row.setLeft(row.left() + swatchWidth);
        paintText(&painter, row, TextRole::Small, t.textSoft, entry.name);
        row.setLeft(row.left() + textWidth(TextRole::Small, entry.name) + valueGap);
        paintText(&painter, row, TextRole::MonoSmall, t.text, entry.value);
        row.setLeft(row.left() + textWidth(TextRole::MonoSmall, entry.value) + legendGap);
    }
    if (shown.left > 0)
        paintText(&painter, row, TextRole::Small, t.textFaint, tr("+%1").arg(shown.left));
}

} // namespace signalbox
