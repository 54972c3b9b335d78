#include "ui/widgets/clampedlabel.h"

#include <QPainter>
#include <QTextLayout>

#include <algorithm>

namespace signalbox
{

ClampedLabel::ClampedLabel(const QString &text, QWidget *parent)
    : QLabel(text, parent)
{
    setTextFormat(Qt::PlainText);
    setWordWrap(true);
}

void ClampedLabel::setMostLines(int lines)
{
    if (lines == m_most)
        return;
    m_most = lines;
    updateGeometry();
    update();
}

bool ClampedLabel::isClamped() const
{
    return m_most > 0 && QLabel::heightForWidth(width()) > heightForWidth(width());
}

int ClampedLabel::heightForWidth(int width) const
{
    const int whole = QLabel::heightForWidth(width);
    return m_most > 0 ? std::min(whole, m_most * fontMetrics().lineSpacing() + 1) : whole;
}

void ClampedLabel::paintEvent(QPaintEvent *event)
{
    const bool isCut = isClamped();
    setToolTip(isCut ? text() : QString());
    if (!isCut) {
        QLabel::paintEvent(event);
        return;
    }
    QPainter painter(this);
    painter.setPen(palette().color(foregroundRole()));
    QTextLayout layout(text(), font());
    layout.beginLayout();
    for (int row = 0; row < m_most; ++row) {
        QTextLine line = layout.createLine();
        if (!line.isValid())
            break;
        line.setLineWidth(width());
        const int top = row * fontMetrics().lineSpacing();
        if (row + 1 < m_most) {
            line.draw(&painter, QPointF(0, top));
            continue;
        }
        const QString rest = text().mid(line.textStart());
        painter.drawText(QPoint(0, top + fontMetrics().ascent()),
                         fontMetrics().elidedText(rest, Qt::ElideRight, width()));
    }
    layout.endLayout();
}

} // namespace signalbox
