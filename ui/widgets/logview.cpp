#include "ui/widgets/logview.h"

#include "ui/theme/terminalcolor.h"
#include "ui/widgets/timetext.h"

#include <QClipboard>
#include <QFontMetrics>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QPainter>
#include <QScrollBar>

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr int margin = 14;
constexpr int timeCharacters = 13; // "10:53:58.120 "
constexpr int mostDrawn = 4000;    // characters of a line

enum class Level { Plain, Warning, Failing };

// Words that loggers use, within the first part of a line.
Level levelOf(const QString &text)
{
    const QStringView start = QStringView(text).left(120);
    static const QLatin1String failing[] = {QLatin1String("ERROR"),       QLatin1String("FATAL"),
                                            QLatin1String("PANIC"),       QLatin1String("panic:"),
                                            QLatin1String("level=error"), QLatin1String("Traceback")};
    for (const QLatin1String word : failing) {
        if (start.contains(word))
            return Level::Failing;
    }
    if (start.contains(QLatin1String("WARN")) || start.contains(QLatin1String("level=warn")))
        return Level::Warning;
    return Level::Plain;
}

} // namespace

LogView::LogView(QWidget *parent)
    : QAbstractScrollArea(parent)
{
    setFocusPolicy(Qt::StrongFocus);
    setFrameShape(QFrame::NoFrame);
    setAccessibleName(tr("Log"));
    viewport()->setCursor(Qt::IBeamCursor);
    viewport()->setAutoFillBackground(false);
    measure();
}

void LogView::measure()
{
    const QFontMetrics metrics(signalbox::font(TextRole::MonoSmall));
    m_lineHeight = metrics.height() + 4;
    m_charWidth = metrics.horizontalAdvance(QLatin1Char('m'));
}

void LogView::append(const QList<Line> &lines)
{
    if (lines.isEmpty())
        return;
    const int first = lineCount();
    for (const Line &line : lines) {
        ansi::Text shown = ansi::read(line.text, m_style);
        if (!shown.spans.isEmpty())
            m_styled.emplace_hint(m_styled.end(), m_dropped + lineCount(), std::move(shown.spans));
        m_lines.push_back({line.time, std::move(shown.text)});
        m_widest = std::max(m_widest, static_cast<int>(std::min<qsizetype>(m_lines.back().text.size(), mostDrawn)));
    }
    scan(first);
    if (lineCount() > capacity) {
        const int surplus = lineCount() - capacity;
        m_lines.erase(m_lines.begin(), m_lines.begin() + surplus);
        m_dropped += surplus;
        m_styled.erase(m_styled.begin(), m_styled.lower_bound(m_dropped));
        const auto gone = std::lower_bound(m_hits.begin(), m_hits.end(), surplus);
        m_hits.erase(m_hits.begin(), gone);
        for (int &hit : m_hits)
            hit -= surplus;
        m_anchor = std::max(-1, m_anchor - surplus);
        m_cursor = std::max(-1, m_cursor - surplus);
    }
    updateBars();
    setAccessibleDescription(tr("%1 lines").arg(lineCount()));
    viewport()->update();
}

void LogView::clear()
{
    m_lines.clear();
    m_hits.clear();
    m_hit = m_anchor = m_cursor = -1;
    m_dropped = 0;
    m_style = {};
    m_styled.clear();
    m_widest = 0;
    updateBars();
    viewport()->update();
}

void LogView::setFollows(bool follows)
{
    if (follows != m_follows) {
        m_follows = follows;
        emit followsChanged(follows);
    }
    updateBars();
}

void LogView::setShowsTimes(bool shows)
{
    m_showsTimes = shows;
    viewport()->update();
}

void LogView::setSearch(const QString &text)
{
    m_search = text;
    m_hits.clear();
    m_hit = -1;
    scan(0);
    emit searchChanged();
    viewport()->update();
}

void LogView::scan(int from)
{
    if (m_search.isEmpty())
        return;
    for (int i = from; i < lineCount(); ++i) {
        if (m_lines[static_cast<size_t>(i)].text.contains(m_search, Qt::CaseInsensitive))
            m_hits.append(i);
    }
    emit searchChanged();
}

void LogView::findNext(bool backwards)
{
    if (m_hits.isEmpty())
        return;
    const int count = hitCount();
    if (m_hit < 0)
        m_hit = backwards ? count - 1 : 0;
    else
        m_hit = (m_hit + (backwards ? count - 1 : 1)) % count;
    select(m_hits[m_hit], false);
    emit searchChanged();
}

QString LogView::copied(int from, int to) const
{
    QString text;
    for (int i = from; i <= to; ++i) {
        const Line &line = m_lines[static_cast<size_t>(i)];
        if (m_showsTimes && line.time.isValid())
            text += copiedTime(line.time) + QLatin1Char(' ');
        text += line.text + QLatin1Char('\n');
    }
    return text;
}

QString LogView::selectedText() const
{
    if (m_anchor < 0 || m_cursor < 0)
        return {};
    return copied(std::min(m_anchor, m_cursor), std::max(m_anchor, m_cursor));
}

QString LogView::allText() const
{
    return copied(0, lineCount() - 1);
}

int LogView::firstVisibleLine() const
{
    return verticalScrollBar()->value();
}

void LogView::copy() const
{
    const QString text = selectedText();
    if (!text.isEmpty())
        QGuiApplication::clipboard()->setText(text);
}

void LogView::selectAll()
{
    if (m_lines.empty())
        return;
    m_anchor = 0;
    m_cursor = lineCount() - 1;
    viewport()->update();
}

void LogView::updateBars()
{
    m_isScrollingItself = true;
    const int page = std::max(1, (viewport()->height() - 16) / m_lineHeight);
    verticalScrollBar()->setPageStep(page);
    verticalScrollBar()->setRange(0, std::max(0, lineCount() - page));
    const int wide = (m_widest + timeCharacters) * m_charWidth + 2 * margin;
    horizontalScrollBar()->setPageStep(viewport()->width());
    horizontalScrollBar()->setSingleStep(m_charWidth * 4);
    horizontalScrollBar()->setRange(0, std::max(0, wide - viewport()->width()));
    if (m_follows)
        verticalScrollBar()->setValue(verticalScrollBar()->maximum());
    m_isScrollingItself = false;
}

void LogView::scrollContentsBy(int, int dy)
{
    if (!m_isScrollingItself && dy != 0)
        setFollows(verticalScrollBar()->value() >= verticalScrollBar()->maximum());
    viewport()->update();
}

void LogView::resizeEvent(QResizeEvent *)
{
    updateBars();
}

void LogView::changeEvent(QEvent *event)
{
    QAbstractScrollArea::changeEvent(event);
    if (event->type() == QEvent::StyleChange) {
        measure();
        viewport()->update();
    }
}

int LogView::lineAt(const QPoint &point) const
{
    if (m_lines.empty())
        return -1;
    return std::clamp(firstVisibleLine() + (point.y() - 8) / m_lineHeight, 0, lineCount() - 1);
}

void LogView::showLine(int line)
{
    QScrollBar *bar = verticalScrollBar();
    if (line < bar->value())
        bar->setValue(line);
    else if (line >= bar->value() + bar->pageStep())
        bar->setValue(line - bar->pageStep() + 1);
}

void LogView::select(int line, bool extend)
{
    m_cursor = std::clamp(line, 0, std::max(0, lineCount() - 1));
    if (!extend || m_anchor < 0)
        m_anchor = m_cursor;
    showLine(m_cursor);
    if (m_cursor < lineCount())
        setAccessibleDescription(m_lines[static_cast<size_t>(m_cursor)].text);
    viewport()->update();
}

void LogView::keyPressEvent(QKeyEvent *event)
{
    const bool extend = event->modifiers().testFlag(Qt::ShiftModifier);
    const int page = verticalScrollBar()->pageStep();
    const int from = m_cursor >= 0 ? m_cursor : firstVisibleLine();
    if (event->matches(QKeySequence::Copy)) {
        copy();
    } else if (event->matches(QKeySequence::SelectAll)) {
        selectAll();
    } else if (event->key() == Qt::Key_Up || event->key() == Qt::Key_Down) {
        select(from + (event->key() == Qt::Key_Down ? 1 : -1), extend);
    } else if (event->key() == Qt::Key_PageUp || event->key() == Qt::Key_PageDown) {
        select(from + (event->key() == Qt::Key_PageDown ? page : -page), extend);
    } else if (event->key() == Qt::Key_Home) {
        select(0, extend);
    } else if (event->key() == Qt::Key_End) {
        select(lineCount() - 1, extend);
        setFollows(true);
    } else if (event->key() == Qt::Key_Left || event->key() == Qt::Key_Right) {
        QScrollBar *bar = horizontalScrollBar();
        bar->setValue(bar->value() + (event->key() == Qt::Key_Right ? bar->singleStep() : -bar->singleStep()));
    } else {
        QAbstractScrollArea::keyPressEvent(event);
    }
}

void LogView::mousePressEvent(QMouseEvent *event)
{
    if (event->button() == Qt::LeftButton && !m_lines.empty())
        select(lineAt(event->pos()), event->modifiers().testFlag(Qt::ShiftModifier));
}

void LogView::mouseMoveEvent(QMouseEvent *event)
{
    if (event->buttons().testFlag(Qt::LeftButton) && !m_lines.empty())
        select(lineAt(event->pos()), true);
}

void LogView::paintEvent(QPaintEvent *)
{
    QPainter painter(viewport());
    painter.fillRect(viewport()->rect(), tokens().well);
    painter.setFont(signalbox::font(TextRole::MonoSmall));
    const int first = firstVisibleLine();
    const int last = std::min(lineCount(), first + viewport()->height() / m_lineHeight + 2);
    for (int line = first; line < last; ++line)
        paintLine(&painter, line, 8 + (line - first) * m_lineHeight);
    if (hasFocus()) {
        painter.setPen(QPen(tokens().focus, 2));
        painter.drawRect(viewport()->rect().adjusted(1, 1, -1, -1));
    }
}

void LogView::paintLine(QPainter *painter, int line, int top) const
{
    const Tokens &t = tokens();
    const Line &entry = m_lines[static_cast<size_t>(line)];
    const bool isSelected =
        m_cursor >= 0 && line >= std::min(m_anchor, m_cursor) && line <= std::max(m_anchor, m_cursor);
    if (isSelected)
        painter->fillRect(0, top, viewport()->width(), m_lineHeight, t.accent.soft);
    int left = margin - horizontalScrollBar()->value();
    const int baseline = top + m_lineHeight - 6;
    if (m_showsTimes && entry.time.isValid()) {
        painter->setPen(t.textFaint);
        painter->drawText(left, baseline, clockTextMs(entry.time));
        left += timeCharacters * m_charWidth;
    }
    const QString text = entry.text.size() > mostDrawn ? entry.text.left(mostDrawn) : entry.text;
    if (!m_search.isEmpty()) {
        const QFontMetrics metrics = painter->fontMetrics();
        for (qsizetype at = text.indexOf(m_search, 0, Qt::CaseInsensitive); at >= 0;
             at = text.indexOf(m_search, at + m_search.size(), Qt::CaseInsensitive)) {
            const int begin = metrics.horizontalAdvance(text, static_cast<int>(at));
            const int end = metrics.horizontalAdvance(text, static_cast<int>(at + m_search.size()));
            painter->fillRect(QRect(left + begin, top + 1, end - begin, m_lineHeight - 2), t.warning.soft);
        }
    }
    paintText(painter, line, text, QPoint(left, baseline));
}

// What the program set apart as it did, the rest by the level of the line.
void LogView::paintText(QPainter *painter, int line, const QString &text, const QPoint &at) const
{
    const Tokens &t = tokens();
    const Level level = levelOf(text);
    const QColor usual = level == Level::Failing ? t.failing.text : level == Level::Warning ? t.warning.text : t.text;
    const auto found = m_styled.find(m_dropped + line);
    if (found == m_styled.end()) {
        painter->setPen(usual);
        painter->drawText(at, text);
        return;
    }
    const QFont font = painter->font();
    int left = at.x();
    const auto draw = [&](qsizetype from, qsizetype to, const ansi::Style &style) {
        to = std::min(to, text.size());
        if (from >= to)
            return;
        QFont styled = font;
        if (style.isBold)
            styled.setBold(true);
        styled.setItalic(style.isItalic);
        styled.setUnderline(style.isUnderlined);
        painter->setFont(styled);
        const QColor color = style.color == ansi::Style::usual ? usual : terminalColor(style.color);
        painter->setPen(style.isFaint ? t.textFaint : color);
        const QString part = text.mid(from, to - from);
        painter->drawText(QPoint(left, at.y()), part);
        left += QFontMetrics(font).horizontalAdvance(part); // as the marks of a search are measured
    };
    qsizetype drawn = 0;
    for (const ansi::Span &span : found->second) {
        draw(drawn, span.from, {});
        draw(span.from, span.from + span.length, span.style);
        drawn = span.from + span.length;
    }
    draw(drawn, text.size(), {});
    painter->setFont(font);
}

} // namespace signalbox
