#include "ui/widgets/logview.h"

#include "ui/widgets/timetext.h"

#include <algorithm>

namespace signalbox
{

LogView::LogView(QWidget *parent)
    : LogLinesView(parent)
{}

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
        moveSelection(-surplus);
    }
    updateBars();
    setAccessibleDescription(tr("%1 lines").arg(lineCount()));
    viewport()->update();
}

void LogView::clear()
{
    m_lines.clear();
    m_hits.clear();
    m_hit = -1;
    m_dropped = 0;
    m_style = {};
    m_styled.clear();
    m_widest = 0;
    forgetSelection();
    updateBars();
    viewport()->update();
}

void LogView::setSearch(const QString &text)
{
    m_search = text;
    m_hits.clear();
    m_hit = -1;
    scan(0);
    emit searchChanged();
    setSearchText(text, Qt::CaseInsensitive);
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

QString LogView::allText() const
{
    QString text;
    for (int i = 0; i < lineCount(); ++i)
        text += copiedRow(i) + QLatin1Char('\n');
    return text;
}

LogLinesView::Row LogView::row(int index) const
{
    const Line &line = m_lines[static_cast<size_t>(index)];
    Row row;
    row.time = line.time.isValid() ? clockTextMs(line.time) : QString();
    row.text = line.text;
    const auto styled = m_styled.find(m_dropped + index);
    if (styled != m_styled.end())
        row.spans = styled->second;
    row.level = logline::guessLevel(line.text.left(400).toUtf8().toStdString());
    return row;
}

// "10:53:58.120 "; no room where the first line has none.
int LogView::timeCharacters() const
{
    return m_lines.empty() || m_lines.front().time.isValid() ? 13 : 0;
}

QString LogView::copiedRow(int row) const
{
    const Line &line = m_lines[static_cast<size_t>(row)];
    return showsTimes() && line.time.isValid() ? copiedTime(line.time) + QLatin1Char(' ') + line.text : line.text;
}

QString LogView::spokenRow(int row) const
{
    return lineText(row);
}

} // namespace signalbox
