#include "ui/widgets/shapedline.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QTextLayout>
#include <QTextOption>

namespace signalbox
{

void ShapedLine::shape(TextRole role, double room, const QString &text)
{
    m_text = text;
    m_role = role;
    m_room = room;
    QString oneLine = text;
    oneLine.replace(u'\n', u' ');
    const QFont textFont = font(role);
    QTextLayout layout(QFontMetricsF(textFont).elidedText(oneLine, Qt::ElideRight, room), textFont);
    QTextOption option;
    option.setWrapMode(QTextOption::NoWrap);
    layout.setTextOption(option);
    layout.setCacheEnabled(true); // what was shaped is still there when the glyphs are asked for
    layout.beginLayout();
    QTextLine line = layout.createLine();
    line.setLineWidth(room);
    layout.endLayout();
    m_height = line.height();
    m_runs = layout.glyphRuns();
}

void ShapedLine::paint(QPainter *painter, const QRectF &rect, TextRole role, const QColor &color, const QString &text)
{
    if (text.isEmpty() || rect.width() <= 0)
        return;
    if (text != m_text || role != m_role || rect.width() != m_room)
        shape(role, rect.width(), text);
    painter->setPen(color);
    const QPointF at(rect.left(), rect.top() + (rect.height() - m_height) / 2);
    for (const QGlyphRun &run : std::as_const(m_runs))
        painter->drawGlyphRun(at, run);
}

} // namespace signalbox
