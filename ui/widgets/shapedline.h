#pragma once

#include "ui/theme/tokens.h"

#include <QGlyphRun>
#include <QList>
#include <QRectF>
#include <QString>

class QPainter;

namespace signalbox
{

// A line of text that is drawn with every frame. To shape and elide it is most of what that costs, so it is done when
// the text, its role or its room is another one, and never because of a zoom: glyphs are placed anew by the painter.
class ShapedLine
{
public:
    // From the left, in the middle of the height, elided at the end.
    void paint(QPainter *painter, const QRectF &rect, TextRole role, const QColor &color, const QString &text);

private:
    void shape(TextRole role, double room, const QString &text);

    QString m_text;
    TextRole m_role = TextRole::Body;
    double m_room = -1;
    double m_height = 0;
    QList<QGlyphRun> m_runs;
};

} // namespace signalbox
