// How the rows of a log are drawn: gutter, signs, hits of a search, and text as its program set it apart.
#include "ui/theme/icons.h"
#include "ui/theme/terminalcolor.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/loglinesview.h"

#include <QFontMetrics>
#include <QPainter>
#include <QScrollBar>

#include <algorithm>

namespace signalbox
{

namespace
{

QColor usualColor(logline::Level level)
{
    const Tokens &t = tokens();
    switch (level) {
    case logline::Level::Error:
        return t.failing.text;
    case logline::Level::Warning:
        return t.warning.text;
    case logline::Level::Plain:
        break;
    }
    return t.text;
}

} // namespace

void LogLinesView::paintEvent(QPaintEvent *)
{
    QPainter painter(viewport());
    painter.fillRect(viewport()->rect(), tokens().well);
    painter.setFont(signalbox::font(TextRole::MonoSmall));
    int top = topOffset();
    for (int index = firstVisibleLine(); index < rowCount() && top < viewport()->height(); ++index) {
        const Row shown = row(index);
        paintRow(&painter, index, shown, top);
        top += m_wraps ? static_cast<int>(partsOf(shown).size()) * m_lineHeight : m_lineHeight;
    }
    if (hasFocus()) {
        painter.setPen(QPen(tokens().focus, 2));
        painter.drawRect(viewport()->rect().adjusted(1, 1, -1, -1));
    }
}

void LogLinesView::paintRow(QPainter *painter, int index, const Row &row, int top) const
{
    const Tokens &t = tokens();
    const QList<Part> parts = partsOf(row);
    const int key = keyOf(index);
    if (m_cursor >= 0 && key >= std::min(m_anchor, m_cursor) && key <= std::max(m_anchor, m_cursor))
        painter->fillRect(0, top, viewport()->width(), static_cast<int>(parts.size()) * m_lineHeight, t.accent.soft);
    paintGutter(painter, row, top);
    const int left = gutterWidth() + indentOf(row) - (m_wraps ? 0 : horizontalScrollBar()->value());
    painter->save();
    painter->setClipRect(gutterWidth(), 0, viewport()->width() - gutterWidth(), viewport()->height());
    if (row.fold != Row::Fold::None)
        paintIcon(painter,
                  row.fold == Row::Fold::Folded ? QStringLiteral("triangle-right") : QStringLiteral("triangle-down"),
                  QRectF(left - foldWidth, top + (m_lineHeight - 8) / 2.0, 8, 8), t.textSoft);
    int baseline = top + m_lineHeight - 6;
    for (const Part &part : parts) {
        paintHits(painter, row.text, part, QPoint(left, baseline - m_lineHeight + 6));
        paintPart(painter, row, part, QPoint(left, baseline));
        baseline += m_lineHeight;
    }
    if (!row.aside.isEmpty()) {
        const Part &last = parts.last();
        const int wide = painter->fontMetrics().horizontalAdvance(row.text.mid(last.from, last.to - last.from));
        painter->setPen(t.textFaint);
        painter->drawText(QPoint(left + wide + 2 * m_charWidth, baseline - m_lineHeight), row.aside);
    }
    painter->restore();
}

void LogLinesView::paintGutter(QPainter *painter, const Row &row, int top) const
{
    const int baseline = top + m_lineHeight - 6;
    painter->setPen(tokens().textFaint);
    int left = margin;
    if (numberCharacters() > 0) {
        const QString number = row.number > 0 ? QString::number(row.number) : QString();
        painter->drawText(left + (numberCharacters() - static_cast<int>(number.size())) * m_charWidth, baseline,
                          number);
        left += (numberCharacters() + 2) * m_charWidth;
    }
    if (m_showsTimes && timeCharacters() > 0) {
        painter->drawText(left, baseline, row.time);
        left += timeCharacters() * m_charWidth;
    }
    if (hasSigns() && row.level != logline::Level::Plain)
        paintState(painter, row.level == logline::Level::Error ? Health::Failing : Health::Warning,
                   QRectF(left, top + (m_lineHeight - 9) / 2.0, 9, 9));
}

void LogLinesView::paintHits(QPainter *painter, const QString &text, const Part &part, const QPoint &at) const
{
    if (m_search.isEmpty())
        return;
    const QString shown = text.left(mostDrawn);
    const QFontMetrics metrics = painter->fontMetrics();
    const auto x = [&](qsizetype letter) {
        return at.x() + metrics.horizontalAdvance(shown.mid(part.from, letter - part.from));
    };
    for (qsizetype hit = shown.indexOf(m_search, 0, m_searchCase); hit >= 0;
         hit = shown.indexOf(m_search, hit + m_search.size(), m_searchCase)) {
        const qsizetype from = std::max<qsizetype>(hit, part.from);
        const qsizetype to = std::min<qsizetype>(hit + m_search.size(), part.to);
        if (from < to)
            painter->fillRect(QRect(x(from), at.y() + 1, x(to) - x(from), m_lineHeight - 2), tokens().warning.soft);
    }
}

// What the program set apart as it did, the rest by the level of the row.
void LogLinesView::paintPart(QPainter *painter, const Row &row, const Part &part, const QPoint &at) const
{
    const Tokens &t = tokens();
    const QColor usual = usualColor(row.level);
    const QFont font = painter->font();
    const QFontMetrics metrics(font);
    int left = at.x();
    const auto draw = [&](int from, int to, const ansi::Style &style) {
        from = std::max(from, part.from);
        to = std::min(to, part.to);
        if (from >= to)
            return;
        if (style.isBold || style.isItalic || style.isUnderlined) {
            QFont styled = font;
            styled.setBold(style.isBold || font.bold());
            styled.setItalic(style.isItalic);
            styled.setUnderline(style.isUnderlined);
            painter->setFont(styled);
        }
        const QColor color = style.color == ansi::Style::usual ? usual : terminalColor(style.color);
        painter->setPen(style.isFaint ? t.textFaint : color);
        const QString text = row.text.mid(from, to - from);
        painter->drawText(QPoint(left, at.y()), text);
        painter->setFont(font);
        if (to < part.to)
            left += metrics.horizontalAdvance(text); // as the marks of a search are measured
    };
    int drawn = part.from;
    for (const ansi::Span &span : row.spans) {
        draw(drawn, span.from, {});
        draw(span.from, span.from + span.length, span.style);
        drawn = std::max(drawn, span.from + span.length);
    }
    draw(drawn, part.to, {});
}

} // namespace signalbox
