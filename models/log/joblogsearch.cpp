#include "models/log/joblogsearch.h"

#include <algorithm>

namespace signalbox
{

namespace
{

using std::string_view;

char lowered(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

bool hasCaseBeyondAscii(const QString &text)
{
    return std::any_of(text.begin(), text.end(),
                       [](QChar c) { return c.unicode() > 0x7f && (c.isSurrogate() || c.toLower() != c.toUpper()); });
}

} // namespace

void JobLogSearch::begin(const QString &text, bool isExact, int fromLine)
{
    m_text = text;
    m_isExact = isExact;
    m_isByLetter = !isExact && hasCaseBeyondAscii(text);
    QByteArray needle = text.toUtf8();
    if (!isExact)
        std::transform(needle.begin(), needle.end(), needle.begin(), lowered);
    m_matcher.setPattern(needle);
    m_start = std::clamp(fromLine, 0, m_log->wholeLineCount());
    m_lateAt = m_start;
    m_earlyAt = 0;
    m_late.clear();
    m_early.clear();
    m_isCut = false;
}

bool JobLogSearch::isDone() const
{
    return m_text.isEmpty() || m_isCut || (m_lateAt >= m_log->wholeLineCount() && m_earlyAt >= m_start);
}

bool JobLogSearch::step(std::chrono::microseconds atMost)
{
    using Clock = std::chrono::steady_clock;
    const Clock::time_point until = Clock::now() + atMost;
    while (!isDone()) {
        if (m_lateAt < m_log->wholeLineCount())
            searchTo(m_late, m_lateAt, m_log->wholeLineCount());
        else
            searchTo(m_early, m_earlyAt, m_start);
        m_isCut = hitCount() >= mostHits;
        if (Clock::now() >= until)
            break;
    }
    return !isDone();
}

// One chunk, or what is left of it.
void JobLogSearch::searchTo(std::vector<int> &hits, int &at, int end)
{
    const JobLog::Place place = m_log->placeOf(at);
    const auto from = static_cast<quint32>(at - place.first);
    const quint32 to = std::min(place.chunk->lineCount(), static_cast<quint32>(end - place.first));
    if (m_isByLetter) {
        for (quint32 line = from; line < to; ++line)
            scanLine(*place.chunk, place.first, line, hits);
    } else {
        scan(*place.chunk, place.first, from, to, hits);
    }
    at = place.first + static_cast<int>(to);
}

// The whole chunk at once, and then which line it is; those with something to be taken out one by one.
void JobLogSearch::scan(const LogChunk &chunk, int first, quint32 from, quint32 to, std::vector<int> &hits)
{
    const auto before = static_cast<std::ptrdiff_t>(hits.size());
    const char *text = chunk.text.constData();
    if (!m_isExact) {
        m_folded.resize(chunk.text.size());
        char *folded = m_folded.data();
        for (qsizetype i = 0; i < chunk.text.size(); ++i)
            folded[i] = lowered(text[i]);
        text = folded;
    }
    const QByteArrayView all(text, to < chunk.lineCount() ? chunk.begins[to] : chunk.text.size());
    qsizetype at = chunk.begins[from];
    while ((at = m_matcher.indexIn(all, at)) >= 0) {
        const auto after = std::upper_bound(chunk.begins.begin(), chunk.begins.end(), static_cast<quint32>(at));
        const auto line = static_cast<quint32>(after - chunk.begins.begin()) - 1;
        if (!std::binary_search(chunk.controls.begin(), chunk.controls.end(), line)) {
            const qsizetype begin = chunk.begins[line];
            const logline::Parts parts = logline::partsOf(chunk.line(line));
            if (at < begin + static_cast<qsizetype>(parts.begin) && parts.begin < parts.end) {
                at = begin + static_cast<qsizetype>(parts.begin); // it was in front of the text
                continue;
            }
            if (at >= begin + static_cast<qsizetype>(parts.begin) &&
                at + m_matcher.pattern().size() <= begin + static_cast<qsizetype>(parts.end))
                hits.push_back(first + static_cast<int>(line));
        }
        if (after == chunk.begins.end())
            break;
        at = *after;
    }
    const auto middle = static_cast<std::ptrdiff_t>(hits.size());
    for (auto line = std::lower_bound(chunk.controls.begin(), chunk.controls.end(), from);
         line != chunk.controls.end() && *line < to; ++line)
        scanLine(chunk, first, *line, hits);
    std::inplace_merge(hits.begin() + before, hits.begin() + middle, hits.end());
}

void JobLogSearch::scanLine(const LogChunk &chunk, int first, quint32 number, std::vector<int> &hits)
{
    const string_view line = chunk.line(number);
    const logline::Parts parts = logline::partsOf(line);
    string_view shown = line.substr(parts.begin, parts.end - parts.begin);
    if (!logline::isPlain(shown)) {
        logline::strip(shown, m_shown);
        shown = m_shown;
    }
    if (shown.empty())
        shown = parts.title;
    if (isIn(shown))
        hits.push_back(first + static_cast<int>(number));
}

bool JobLogSearch::isIn(string_view shown)
{
    const auto length = static_cast<qsizetype>(shown.size());
    if (m_isByLetter)
        return QString::fromUtf8(shown.data(), length).contains(m_text, Qt::CaseInsensitive);
    if (m_isExact)
        return m_matcher.indexIn(QByteArrayView(shown.data(), length)) >= 0;
    m_folded.resize(length);
    std::transform(shown.begin(), shown.end(), m_folded.begin(), lowered);
    return m_matcher.indexIn(QByteArrayView(m_folded)) >= 0;
}

int JobLogSearch::hitIndex(int line) const
{
    const std::vector<int> &hits = line < m_start ? m_early : m_late;
    const auto at = std::lower_bound(hits.begin(), hits.end(), line);
    if (at == hits.end() || *at != line)
        return -1;
    return static_cast<int>(at - hits.begin()) + (line < m_start ? 0 : static_cast<int>(m_early.size()));
}

int JobLogSearch::hitAfter(int line) const
{
    if (hitCount() == 0)
        return -1;
    for (const std::vector<int> *hits : {&m_early, &m_late}) {
        const auto at = std::upper_bound(hits->begin(), hits->end(), line);
        if (at != hits->end())
            return *at;
    }
    return m_early.empty() ? m_late.front() : m_early.front();
}

int JobLogSearch::hitBefore(int line) const
{
    if (hitCount() == 0)
        return -1;
    for (const std::vector<int> *hits : {&m_late, &m_early}) {
        const auto at = std::lower_bound(hits->begin(), hits->end(), line);
        if (at != hits->begin())
            return *std::prev(at);
    }
    return m_late.empty() ? m_early.back() : m_late.back();
}

} // namespace signalbox
