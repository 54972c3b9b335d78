#include "ui/widgets/loglinesview.h"

#include "ui/theme/tokens.h"

#include <QClipboard>
#include <QFontMetrics>
#include <QGuiApplication>
#include <QScrollBar>

#include <algorithm>
#include <cmath>

namespace signalbox
{

namespace
{

bool isAscii(const QString &text)
{
    return std::all_of(text.begin(), text.end(), [](QChar c) { return c.unicode() < 0x80 && c != QLatin1Char('\t'); });
}

} // namespace

LogLinesView::LogLinesView(QWidget *parent)
    : QAbstractScrollArea(parent)
{
    setFocusPolicy(Qt::StrongFocus);
    setFrameShape(QFrame::NoFrame);
    setAccessibleName(tr("Log"));
    viewport()->setCursor(Qt::IBeamCursor);
    viewport()->setAutoFillBackground(false);
    // What moves a bar by hand or wheel comes as an action; what a program sets does not.
    connect(verticalScrollBar(), &QAbstractSlider::actionTriggered, this, &LogLinesView::touched);
    measure();
}

void LogLinesView::measure()
{
    const QFontMetrics metrics(signalbox::font(TextRole::MonoSmall));
    m_lineHeight = metrics.height() + 4;
    m_charWidth = metrics.horizontalAdvance(QLatin1Char('m'));
}

void LogLinesView::setFollows(bool follows)
{
    if (follows != m_follows) {
        m_follows = follows;
        emit followsChanged(follows);
    }
    updateBars();
}

void LogLinesView::setShowsTimes(bool shows)
{
    m_showsTimes = shows;
    updateBars();
    viewport()->update();
}

void LogLinesView::setWraps(bool wraps)
{
    const int first = keyOf(firstVisibleLine());
    m_wraps = wraps;
    updateBars();
    if (!m_follows)
        verticalScrollBar()->setValue(rowOf(first));
    viewport()->update();
}

void LogLinesView::setSearchText(const QString &text, Qt::CaseSensitivity sensitivity)
{
    m_search = text;
    m_searchCase = sensitivity;
    viewport()->update();
}

void LogLinesView::forgetSelection()
{
    m_anchor = m_cursor = -1;
    setAccessibleDescription({});
}

void LogLinesView::moveSelection(int by)
{
    m_anchor = std::max(-1, m_anchor + by);
    m_cursor = std::max(-1, m_cursor + by);
}

int LogLinesView::firstVisibleLine() const
{
    return verticalScrollBar()->value();
}

// ---- selection

QString LogLinesView::copied(int from, int to) const
{
    QString text;
    for (int i = from; i <= to; ++i)
        text += copiedRow(i) + QLatin1Char('\n');
    return text;
}

QString LogLinesView::selectedText() const
{
    if (m_anchor < 0 || m_cursor < 0)
        return {};
    const int from = rowOf(std::min(m_anchor, m_cursor));
    const int to = std::min(rowOf(std::max(m_anchor, m_cursor)), rowCount() - 1);
    return copied(from, std::min(to, from + mostCopied() - 1));
}

void LogLinesView::copy()
{
    const QString text = selectedText();
    if (text.isEmpty())
        return;
    QGuiApplication::clipboard()->setText(text);
    if (std::abs(rowOf(m_anchor) - rowOf(m_cursor)) >= mostCopied())
        emit copyCut(mostCopied());
}

void LogLinesView::selectAll()
{
    if (rowCount() == 0)
        return;
    m_anchor = keyOf(0);
    m_cursor = keyOf(rowCount() - 1);
    viewport()->update();
}

void LogLinesView::select(int row, bool extend)
{
    if (rowCount() == 0)
        return;
    row = std::clamp(row, 0, rowCount() - 1);
    m_cursor = keyOf(row);
    if (!extend || m_anchor < 0)
        m_anchor = m_cursor;
    showRow(row);
    setAccessibleDescription(spokenRow(row));
    viewport()->update();
}

void LogLinesView::showRow(int row)
{
    QScrollBar *bar = verticalScrollBar();
    if (row < bar->value()) {
        bar->setValue(row);
        return;
    }
    if (!m_wraps) {
        if (row >= bar->value() + bar->pageStep())
            bar->setValue(row - bar->pageStep() + 1);
        return;
    }
    // The highest first row with which the whole of this one can be seen.
    int first = row;
    for (int height = heightOf(row); first > bar->value(); --first) {
        height += heightOf(first - 1);
        if (height > viewport()->height() - above)
            break;
    }
    if (first > bar->value())
        bar->setValue(first);
}

// ---- where rows stand

int LogLinesView::gutterWidth() const
{
    int width = margin;
    if (numberCharacters() > 0)
        width += (numberCharacters() + 2) * m_charWidth;
    if (m_showsTimes && timeCharacters() > 0)
        width += timeCharacters() * m_charWidth;
    return width + (hasSigns() ? signWidth : 0);
}

int LogLinesView::indentOf(const Row &row) const
{
    const int indent = std::min(row.depth, mostIndented) * 2 * m_charWidth;
    return indent + (row.fold == Row::Fold::None ? 0 : foldWidth);
}

QList<LogLinesView::Part> LogLinesView::partsOf(const Row &row) const
{
    const int length = static_cast<int>(std::min<qsizetype>(row.text.size(), mostDrawn));
    if (!m_wraps) { // what lies beyond the right border is not even measured
        const int columns = (horizontalScrollBar()->value() + viewport()->width()) / m_charWidth;
        return {{0, std::min(length, columns + columns / 8 + 8)}};
    }
    const int width = std::max(10 * m_charWidth, viewport()->width() - gutterWidth() - indentOf(row) - margin);
    const int columns = width / m_charWidth;
    if (length <= columns / 2)
        return {{0, length}};
    QList<Part> parts;
    if (isAscii(row.text)) {
        for (int from = 0; from < length || parts.isEmpty(); from += columns)
            parts.append({from, std::min(from + columns, length)});
        return parts;
    }
    const QFontMetrics metrics(signalbox::font(TextRole::MonoSmall));
    int from = 0;
    int used = 0;
    for (int i = 0; i < length;) {
        const int step = row.text[i].isHighSurrogate() && i + 1 < length ? 2 : 1;
        const int wide = metrics.horizontalAdvance(row.text.mid(i, step));
        if (used + wide > width && i > from) {
            parts.append({from, i});
            from = i;
            used = 0;
        }
        used += wide;
        i += step;
    }
    parts.append({from, length});
    return parts;
}

int LogLinesView::heightOf(int index) const
{
    return m_wraps ? static_cast<int>(partsOf(row(index)).size()) * m_lineHeight : m_lineHeight;
}

// At the end the last row stands at the bottom, also where it alone is higher than all the room.
int LogLinesView::topOffset() const
{
    const QScrollBar *bar = verticalScrollBar();
    if (!m_wraps || bar->value() < bar->maximum())
        return above;
    int height = 0;
    for (int i = bar->value(); i < rowCount(); ++i)
        height += heightOf(i);
    return std::min(above, viewport()->height() - above - height);
}

int LogLinesView::rowAt(const QPoint &point) const
{
    if (rowCount() == 0)
        return -1;
    int at = firstVisibleLine();
    if (!m_wraps)
        return std::clamp(at + (point.y() - above) / m_lineHeight, 0, rowCount() - 1);
    for (int top = topOffset(); at < rowCount() - 1; ++at) {
        top += heightOf(at);
        if (point.y() < top)
            break;
    }
    return std::clamp(at, 0, rowCount() - 1);
}

void LogLinesView::updateBars()
{
    m_isScrollingItself = true;
    const int room = viewport()->height() - 2 * above;
    int page = std::max(1, room / m_lineHeight);
    if (m_wraps) {
        page = 0;
        for (int height = 0; page < rowCount(); ++page) {
            height += heightOf(rowCount() - 1 - page);
            if (height > room)
                break;
        }
        page = std::max(1, page);
    }
    verticalScrollBar()->setPageStep(page);
    verticalScrollBar()->setRange(0, std::max(0, rowCount() - page));
    const int wide =
        m_wraps ? 0 : gutterWidth() + std::min(widestText(), mostDrawn) * m_charWidth + foldWidth + 2 * margin;
    horizontalScrollBar()->setPageStep(viewport()->width());
    horizontalScrollBar()->setSingleStep(m_charWidth * 4);
    horizontalScrollBar()->setRange(0, std::max(0, wide - viewport()->width()));
    if (m_follows)
        verticalScrollBar()->setValue(verticalScrollBar()->maximum());
    m_isScrollingItself = false;
}

void LogLinesView::scrollContentsBy(int, int dy)
{
    if (!m_isScrollingItself && dy != 0)
        setFollows(verticalScrollBar()->value() >= verticalScrollBar()->maximum());
    viewport()->update();
}

void LogLinesView::resizeEvent(QResizeEvent *)
{
    updateBars();
}

void LogLinesView::changeEvent(QEvent *event)
{
    QAbstractScrollArea::changeEvent(event);
    if (event->type() == QEvent::StyleChange) {
        measure();
        viewport()->update();
    }
}

} // namespace signalbox
