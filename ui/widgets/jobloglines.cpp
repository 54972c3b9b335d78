#include "ui/widgets/jobloglines.h"

#include "ui/widgets/timetext.h"

#include <QKeyEvent>
#include <QScrollBar>

#include <algorithm>
#include <utility>

namespace signalbox
{

namespace
{

using namespace std::chrono_literals;

constexpr auto slice = 3ms; // of searching, then a frame may be drawn

QDateTime timeOf(qint64 milliseconds)
{
    return QDateTime::fromMSecsSinceEpoch(milliseconds, Qt::UTC);
}

} // namespace

JobLogLines::JobLogLines(QWidget *parent)
    : LogLinesView(parent)
{
    m_searching.setInterval(0);
    connect(&m_searching, &QTimer::timeout, this, &JobLogLines::searchSome);
}

// What stands at the top stays there, whatever becomes of the rows above it.
template <typename Change>
void JobLogLines::keepingPlace(Change change)
{
    const int top = keyOf(firstVisibleLine());
    m_log.setReadLine(follows() ? -1 : top);
    change();
    updateBars();
    if (!follows() && top >= 0) {
        const int row = rowOf(top);
        if (row != firstVisibleLine()) {
            verticalScrollBar()->setValue(row);
            setFollows(false); // nobody scrolled
        }
    }
    viewport()->update();
    emit rowsChanged();
}

void JobLogLines::take(const std::vector<JobLogPiece> &pieces)
{
    if (pieces.empty())
        return;
    keepingPlace([&] {
        for (const JobLogPiece &piece : pieces)
            m_log.take(piece);
    });
    if (!m_search.isDone())
        m_searching.start();
}

void JobLogLines::put(JobLog log)
{
    m_log = std::move(log);
    m_search.begin(m_search.text(), m_search.isExact(), 0);
    m_wantsHit = false;
    if (m_search.isDone())
        m_searching.stop();
    else
        m_searching.start();
    forgetSelection();
    updateBars();
    viewport()->update();
    emit searchChanged();
    emit rowsChanged();
}

// ---- search

void JobLogLines::find(const QString &text, bool isExact)
{
    // While the text grows the place does not move on with each letter.
    if (m_search.text().isEmpty() || !text.startsWith(m_search.text()))
        m_searchedFrom = currentLine() >= 0 ? currentLine() : std::max(0, keyOf(firstVisibleLine()));
    m_search.begin(text, isExact, m_searchedFrom);
    m_wantsHit = !text.isEmpty();
    setSearchText(text, isExact ? Qt::CaseSensitive : Qt::CaseInsensitive);
    searchSome();
}

void JobLogLines::searchSome()
{
    if (m_search.step(slice))
        m_searching.start();
    else
        m_searching.stop();
    const int first = m_wantsHit ? m_search.hitAfter(m_searchedFrom - 1) : -1;
    if (first >= 0) {
        m_wantsHit = false;
        goToLine(first);
    }
    emit searchChanged();
}

void JobLogLines::findNext(bool backwards)
{
    const int from = currentLine() >= 0 ? currentLine() : std::max(0, keyOf(firstVisibleLine())) - 1;
    const int hit = backwards ? m_search.hitBefore(from) : m_search.hitAfter(from);
    if (hit < 0)
        return;
    goToLine(hit);
    emit searchChanged();
}

bool JobLogLines::goToError(bool backwards)
{
    int error = backwards ? m_log.errorBefore(std::max(0, currentLine())) : m_log.errorAfter(currentLine());
    if (error < 0)
        error = backwards ? m_log.errorBefore(m_log.lineCount()) : m_log.firstError();
    if (error < 0)
        return false;
    goToLine(error);
    return true;
}

void JobLogLines::goToLine(int line)
{
    if (!m_log.isShown(line))
        keepingPlace([&] { m_log.reveal(line); });
    setFollows(false);
    const int row = rowOf(line);
    // Somewhat below the top: what led there is to be seen as well.
    QScrollBar *bar = verticalScrollBar();
    if (row < bar->value() || row >= bar->value() + bar->pageStep())
        bar->setValue(row - bar->pageStep() / 3);
    setFollows(false);
    select(row, false);
}

// ---- folding

void JobLogLines::setFolded(int group, bool isFolded)
{
    setFollows(false);
    keepingPlace([&] { m_log.setFolded(group, isFolded); });
}

void JobLogLines::setAllFolded(bool isFolded)
{
    setFollows(false);
    keepingPlace([&] { m_log.setAllFolded(isFolded); });
}

void JobLogLines::pressedAt(int row, bool onFold)
{
    const int group = m_log.groupAt(m_log.lineOfRow(row));
    if (group >= 0 && onFold)
        setFolded(group, !m_log.groups()[static_cast<std::size_t>(group)].isFolded);
}

bool JobLogLines::pressed(QKeyEvent *event)
{
    const int line = currentLine();
    if (line < 0 || event->modifiers().testFlag(Qt::ShiftModifier))
        return false;
    const int group = m_log.groupAt(line);
    const bool isFolded = group >= 0 && m_log.groups()[static_cast<std::size_t>(group)].isFolded;
    switch (event->key()) {
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
        if (group < 0)
            return false;
        setFolded(group, !isFolded);
        break;
    case Qt::Key_Right:
        if (!isFolded)
            return false;
        setFolded(group, false);
        break;
    case Qt::Key_Left: {
        if (horizontalScrollBar()->value() > 0)
            return false;
        const int around = group >= 0 && !isFolded ? group : m_log.groupAround(line);
        if (around < 0)
            return false;
        setFolded(around, true);
        goToLine(m_log.groups()[static_cast<std::size_t>(around)].first);
        break;
    }
    default:
        return false;
    }
    setAccessibleDescription(spokenRow(rowOf(currentLine())));
    return true;
}

// ---- rows

int JobLogLines::numberCharacters() const
{
    int digits = 1;
    for (int lines = m_log.lineCount(); lines >= 10; lines /= 10)
        ++digits;
    return std::max(3, digits);
}

LogLinesView::Row JobLogLines::row(int index) const
{
    const int number = m_log.lineOfRow(index);
    JobLogLine line = m_log.line(number);
    Row row;
    row.number = number + 1;
    row.time = line.timeMs < 0 ? QString() : clockText(timeOf(line.timeMs));
    row.text = std::move(line.text.text);
    row.spans = std::move(line.text.spans);
    row.level = line.level;
    row.depth = line.depth;
    if (line.group >= 0) {
        const LogGroup &group = m_log.groups()[static_cast<std::size_t>(line.group)];
        row.fold = group.isFolded ? Row::Fold::Folded : Row::Fold::Open;
        const int lines = (group.end < 0 ? m_log.lineCount() : group.end) - group.first - 1;
        if (group.isFolded)
            row.aside = tr("%n line(s)", nullptr, lines);
    }
    return row;
}

QString JobLogLines::copiedRow(int index) const
{
    const int number = m_log.lineOfRow(index);
    const QString text = m_log.plainText(number);
    const qint64 time = showsTimes() ? m_log.timeMs(number) : -1;
    return time < 0 ? text : copiedTime(timeOf(time)) + QLatin1Char(' ') + text;
}

QString JobLogLines::spokenRow(int index) const
{
    const Row shown = row(index);
    QStringList parts{tr("Line %1").arg(shown.number)};
    if (showsTimes() && !shown.time.isEmpty())
        parts.append(shown.time);
    if (shown.level == logline::Level::Error)
        parts.append(tr("error"));
    else if (shown.level == logline::Level::Warning)
        parts.append(tr("warning"));
    if (shown.fold != Row::Fold::None)
        parts.append(shown.fold == Row::Fold::Folded ? tr("folded group") : tr("open group"));
    return parts.join(QStringLiteral(", ")) + QStringLiteral(": ") + shown.text.left(mostDrawn);
}

} // namespace signalbox
