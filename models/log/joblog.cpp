#include "models/log/joblog.h"

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr int looksForTimes = 200; // lines

std::shared_ptr<const LogChunk> joined(const LogChunk &a, const LogChunk &b)
{
    auto both = std::make_shared<LogChunk>();
    both->text.reserve(a.text.size() + b.text.size());
    both->text.append(a.text).append(b.text);
    const auto offset = static_cast<quint32>(a.text.size());
    const quint32 lines = a.lineCount();
    both->begins.reserve(a.begins.size() + b.begins.size());
    both->begins = a.begins;
    for (const quint32 begin : b.begins)
        both->begins.push_back(offset + begin);
    both->styles = a.styles;
    while (!both->styles.empty() && both->styles.back().line >= lines)
        both->styles.pop_back(); // what b says itself
    const ansi::Style last = both->styles.empty() ? ansi::Style() : both->styles.back().style;
    if (last != ansi::Style() && (b.styles.empty() || b.styles.front().line != 0))
        both->styles.push_back({lines, {}});
    for (const LogChunk::StyleChange &change : b.styles)
        both->styles.push_back({lines + change.line, change.style});
    both->errors = a.errors;
    for (const quint32 error : b.errors)
        both->errors.push_back(lines + error);
    both->controls = a.controls;
    for (const quint32 line : b.controls)
        both->controls.push_back(lines + line);
    both->styles.shrink_to_fit();
    both->errors.shrink_to_fit();
    both->controls.shrink_to_fit();
    both->widest = std::max(a.widest, b.widest);
    return both;
}

QString decoded(std::string_view bytes)
{
    return QString::fromUtf8(bytes.data(), static_cast<qsizetype>(bytes.size()));
}

} // namespace

qint64 JobLogText::size() const
{
    qint64 bytes = m_tail.size();
    for (const auto &chunk : m_chunks)
        bytes += chunk->text.size();
    return bytes;
}

void JobLog::clear()
{
    const int read = m_readLine;
    *this = JobLog();
    m_readLine = read;
}

void JobLog::take(const JobLogPiece &piece)
{
    m_tail = piece.tail;
    m_tailStyle = piece.tailStyle;
    if (!piece.chunk)
        return;
    const LogChunk &chunk = *piece.chunk;
    const int first = m_lineCount;
    m_held.push_back({piece.chunk, first, m_errorCount});
    m_lineCount += static_cast<int>(chunk.lineCount());
    m_bytes += chunk.text.size();
    m_errorCount += static_cast<int>(chunk.errors.size());
    m_widest = std::max(m_widest, static_cast<int>(chunk.widest));
    for (int line = first; !m_hasTimes && line < std::min(m_lineCount, looksForTimes); ++line)
        m_hasTimes = timeMs(line) >= 0;
    for (const LineMark &mark : piece.marks) {
        m_turns.push_back({first + static_cast<int>(mark.line), -1, mark.mark});
        apply(m_turns.back(), true);
    }
    merge();
}

// Small chunks, as a log that drips brings them, become larger ones as in a binary counter: each byte is moved some
// few times, and there are never many.
void JobLog::merge()
{
    while (m_held.size() >= 2) {
        Held &a = m_held[m_held.size() - 2];
        const Held &b = m_held.back();
        if (a.chunk->text.size() > 2 * b.chunk->text.size() ||
            a.chunk->text.size() + b.chunk->text.size() > JobLogReader::chunkSize)
            return;
        a.chunk = joined(*a.chunk, *b.chunk);
        m_held.pop_back();
    }
}

qint64 JobLog::memory() const
{
    qint64 bytes = m_tail.capacity() + qint64(m_held.capacity() * sizeof(Held)) +
                   qint64(m_groups.capacity() * sizeof(LogGroup)) + qint64(m_turns.capacity() * sizeof(Turn)) +
                   qint64(m_hidden.capacity() * sizeof(Hidden)) + qint64(m_open.capacity() * sizeof(Open));
    for (const Held &held : m_held)
        bytes += held.chunk->memory();
    return bytes;
}

std::size_t JobLog::heldOf(int line) const
{
    const auto after =
        std::upper_bound(m_held.begin(), m_held.end(), line, [](int l, const Held &held) { return l < held.first; });
    return static_cast<std::size_t>(after - m_held.begin()) - 1;
}

JobLog::Place JobLog::placeOf(int line) const
{
    const Held &held = m_held[heldOf(line)];
    return {held.chunk.get(), held.first};
}

std::string_view JobLog::bytesOf(int number) const
{
    if (number >= m_lineCount)
        return {m_tail.constData(), static_cast<std::size_t>(m_tail.size())};
    const Place place = placeOf(number);
    return place.chunk->line(static_cast<quint32>(number - place.first));
}

JobLogLine JobLog::line(int number) const
{
    JobLogLine shown;
    const std::string_view bytes = bytesOf(number);
    ansi::Style style = m_tailStyle;
    bool isError = false;
    if (number < m_lineCount) {
        const Place place = placeOf(number);
        const auto index = static_cast<quint32>(number - place.first);
        style = place.chunk->styleAt(index);
        isError = std::binary_search(place.chunk->errors.begin(), place.chunk->errors.end(), index);
    }
    const logline::Parts parts = logline::partsOf(bytes);
    shown.timeMs = parts.timeMs;
    if (parts.begin > 0 && !logline::isPlain(bytes.substr(0, parts.begin)))
        logline::passStyle(bytes.substr(0, parts.begin), style);
    const std::string_view body = bytes.substr(parts.begin, parts.end - parts.begin);
    shown.text = ansi::read(decoded(body), style);
    if (shown.text.text.isEmpty() && !parts.title.empty())
        shown.text.text = decoded(parts.title);
    shown.level = isError ? logline::Level::Error : parts.level;
    if (!isError && !parts.hasLevel) {
        const logline::Level guessed = logline::guessLevel(shown.text.text.toUtf8().toStdString());
        const bool isSure = number >= m_lineCount || guessed != logline::Level::Error; // the reader knew more
        shown.level = isSure ? guessed : logline::Level::Plain;
    }
    shown.group = groupAt(number);
    const int around = groupAround(number);
    shown.depth = around < 0 ? 0 : m_groups[static_cast<std::size_t>(around)].depth + 1;
    return shown;
}

QString JobLog::plainText(int number) const
{
    const std::string_view bytes = bytesOf(number);
    const logline::Parts parts = logline::partsOf(bytes);
    ansi::Style style;
    const QString text = ansi::read(decoded(bytes.substr(parts.begin, parts.end - parts.begin)), style).text;
    return text.isEmpty() && !parts.title.empty() ? decoded(parts.title) : text;
}

qint64 JobLog::timeMs(int number) const
{
    return logline::partsOf(bytesOf(number)).timeMs;
}

JobLogText JobLog::text() const
{
    JobLogText text;
    text.m_chunks.reserve(m_held.size());
    for (const Held &held : m_held)
        text.m_chunks.push_back(held.chunk);
    text.m_tail = m_tail;
    text.m_lineCount = lineCount();
    return text;
}

// ---- groups

void JobLog::apply(Turn &turn, bool isNew)
{
    using Kind = logline::Mark::Kind;
    switch (turn.mark.kind) {
    case Kind::Begin: {
        if (isNew) {
            int parent = -1;
            for (auto open = m_open.rbegin(); open != m_open.rend() && parent < 0; ++open)
                parent = open->group;
            const int depth = parent < 0 ? 0 : m_groups[static_cast<std::size_t>(parent)].depth + 1;
            turn.group = static_cast<int>(m_groups.size());
            m_groups.push_back({turn.line, -1, parent, depth, false, turn.mark.folds, false});
        }
        m_open.push_back({turn.group, turn.mark.form, turn.mark.name});
        if (m_groups[static_cast<std::size_t>(turn.group)].isFolded && m_foldedOpen++ == 0)
            m_hiddenFrom = turn.line + 1;
        return;
    }
    case Kind::Block:
        m_open.push_back({-1, turn.mark.form, turn.mark.name});
        return;
    case Kind::End: {
        auto open = m_open.size();
        while (open > 0 && !(m_open[open - 1].form == turn.mark.form &&
                             (turn.mark.name == 0 || m_open[open - 1].name == turn.mark.name)))
            --open;
        if (open == 0)
            return; // of none that we know
        while (m_open.size() >= open) {
            const Open last = m_open.back();
            m_open.pop_back();
            close(last, turn.line, isNew);
        }
        return;
    }
    case Kind::Hidden:
        if (m_foldedOpen == 0)
            hide(turn.line, turn.line + 1);
        return;
    }
}

void JobLog::close(const Open &open, int line, bool isNew)
{
    if (open.group < 0)
        return;
    LogGroup &group = m_groups[static_cast<std::size_t>(open.group)];
    if (isNew)
        group.end = line;
    if (group.isFolded) {
        if (--m_foldedOpen == 0) {
            hide(m_hiddenFrom, line);
            m_hiddenFrom = -1;
        }
        return;
    }
    if (!isNew || !maySelfFold(group))
        return;
    group.isFolded = true;
    if (m_foldedOpen > 0)
        return; // one around it hides it already
    while (!m_hidden.empty() && m_hidden.back().first > group.first)
        m_hidden.pop_back();
    hide(group.first + 1, line);
}

bool JobLog::maySelfFold(const LogGroup &group) const
{
    if (!group.folds || group.wasAsked || group.end - group.first < 2)
        return false;
    if (m_readLine > group.first && m_readLine < group.end)
        return false;
    const int error = errorAfter(group.first);
    return error < 0 || error >= group.end;
}

void JobLog::hide(int first, int end)
{
    if (first >= end)
        return;
    if (!m_hidden.empty() && m_hidden.back().end >= first) {
        m_hidden.back().end = std::max(m_hidden.back().end, end);
        return;
    }
    const int before = m_hidden.empty() ? 0 : m_hidden.back().before + m_hidden.back().end - m_hidden.back().first;
    m_hidden.push_back({first, end, before});
}

void JobLog::replay()
{
    m_open.clear();
    m_hidden.clear();
    m_foldedOpen = 0;
    m_hiddenFrom = -1;
    for (Turn &turn : m_turns)
        apply(turn, false);
}

int JobLog::groupAt(int line) const
{
    const auto after = std::upper_bound(m_groups.begin(), m_groups.end(), line,
                                        [](int l, const LogGroup &group) { return l < group.first; });
    if (after == m_groups.begin() || std::prev(after)->first != line)
        return -1;
    return static_cast<int>(after - m_groups.begin()) - 1;
}

int JobLog::groupAround(int line) const
{
    const auto after = std::lower_bound(m_groups.begin(), m_groups.end(), line,
                                        [](const LogGroup &group, int l) { return group.first < l; });
    int group = static_cast<int>(after - m_groups.begin()) - 1;
    while (group >= 0) {
        const LogGroup &around = m_groups[static_cast<std::size_t>(group)];
        if (around.end < 0 || around.end > line)
            break;
        group = around.parent;
    }
    return group;
}

void JobLog::setFolded(int group, bool isFolded)
{
    LogGroup &changed = m_groups[static_cast<std::size_t>(group)];
    changed.wasAsked = true;
    if (changed.isFolded == isFolded)
        return;
    changed.isFolded = isFolded;
    replay();
}

void JobLog::setAllFolded(bool isFolded)
{
    for (LogGroup &group : m_groups) {
        group.isFolded = isFolded;
        group.wasAsked = true;
    }
    replay();
}

// ---- rows

int JobLog::hiddenBefore(int line) const
{
    int hidden = 0;
    const auto after =
        std::lower_bound(m_hidden.begin(), m_hidden.end(), line, [](const Hidden &h, int l) { return h.first < l; });
    if (after != m_hidden.begin()) {
        const Hidden &last = *std::prev(after);
        hidden = last.before + std::min(line, last.end) - last.first;
    }
    if (m_hiddenFrom >= 0 && line > m_hiddenFrom)
        hidden += line - m_hiddenFrom;
    return hidden;
}

int JobLog::rowCount() const
{
    return lineCount() - hiddenBefore(lineCount());
}

int JobLog::lineOfRow(int row) const
{
    // The last interval that begins at or above this row hides what lies before it.
    const auto after = std::upper_bound(m_hidden.begin(), m_hidden.end(), row,
                                        [](int r, const Hidden &h) { return r < h.first - h.before; });
    if (after == m_hidden.begin())
        return row;
    const Hidden &last = *std::prev(after);
    return row + last.before + last.end - last.first;
}

bool JobLog::isShown(int line) const
{
    if (m_hiddenFrom >= 0 && line >= m_hiddenFrom)
        return false;
    const auto after =
        std::upper_bound(m_hidden.begin(), m_hidden.end(), line, [](int l, const Hidden &h) { return l < h.first; });
    return after == m_hidden.begin() || std::prev(after)->end <= line;
}

int JobLog::rowOfLine(int line) const
{
    const int row = line - hiddenBefore(line);
    return std::max(0, isShown(line) ? row : row - 1);
}

void JobLog::reveal(int line)
{
    bool isChanged = false;
    for (int group = groupAround(line); group >= 0;) {
        LogGroup &around = m_groups[static_cast<std::size_t>(group)];
        isChanged |= around.isFolded;
        around.wasAsked |= around.isFolded;
        around.isFolded = false;
        group = groupAround(around.first);
    }
    if (isChanged)
        replay();
}

// ---- errors

int JobLog::errorIndex(int line) const
{
    if (line <= 0 || m_held.empty())
        return 0;
    if (line >= m_lineCount)
        return m_errorCount;
    const Held &held = m_held[heldOf(line)];
    const std::vector<quint32> &errors = held.chunk->errors;
    const auto at = std::lower_bound(errors.begin(), errors.end(), static_cast<quint32>(line - held.first));
    return held.errorsBefore + static_cast<int>(at - errors.begin());
}

int JobLog::errorLine(int index) const
{
    if (index < 0 || index >= m_errorCount)
        return -1;
    const auto after = std::upper_bound(m_held.begin(), m_held.end(), index,
                                        [](int i, const Held &held) { return i < held.errorsBefore; });
    const Held &held = *std::prev(after);
    return held.first + static_cast<int>(held.chunk->errors[static_cast<std::size_t>(index - held.errorsBefore)]);
}

int JobLog::errorAfter(int line) const
{
    return errorLine(errorIndex(line + 1));
}

int JobLog::errorBefore(int line) const
{
    return errorLine(errorIndex(line) - 1);
}

} // namespace signalbox
