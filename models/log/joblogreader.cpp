#include "models/log/joblogreader.h"

#include <algorithm>
#include <cstring>

namespace signalbox
{

namespace
{

using std::string_view;

string_view viewOf(const QByteArray &bytes)
{
    return {bytes.constData(), static_cast<std::size_t>(bytes.size())};
}

// As many bytes as may stand in one line, without half a character at its end.
std::size_t cutAt(string_view text)
{
    std::size_t at = JobLogReader::longestLine;
    for (int i = 0; i < 3 && (text[at] & 0xc0) == 0x80; ++i)
        --at;
    return at;
}

} // namespace

std::string_view LogChunk::line(quint32 index) const
{
    const std::size_t from = begins[index];
    std::size_t to = index + 1 < begins.size() ? begins[index + 1] : static_cast<std::size_t>(text.size());
    if (to > from && text[static_cast<qsizetype>(to) - 1] == '\n')
        --to;
    return viewOf(text).substr(from, to - from);
}

ansi::Style LogChunk::styleAt(quint32 index) const
{
    const auto after = std::upper_bound(styles.begin(), styles.end(), index,
                                        [](quint32 line, const StyleChange &change) { return line < change.line; });
    return after == styles.begin() ? ansi::Style() : std::prev(after)->style;
}

qint64 LogChunk::memory() const
{
    return qint64(sizeof(LogChunk)) + text.capacity() + qint64(begins.capacity() * sizeof(quint32)) +
           qint64(styles.capacity() * sizeof(StyleChange)) +
           qint64((errors.capacity() + controls.capacity()) * sizeof(quint32));
}

std::vector<JobLogPiece> JobLogReader::read(QByteArrayView bytes)
{
    std::vector<JobLogPiece> pieces;
    string_view rest(bytes.data(), static_cast<std::size_t>(bytes.size()));
    while (!rest.empty()) {
        const void *end = std::memchr(rest.data(), '\n', rest.size());
        const std::size_t length =
            end == nullptr ? rest.size() : std::size_t(static_cast<const char *>(end) - rest.data()) + 1;
        string_view line = rest.substr(0, length);
        rest.remove_prefix(length);
        if (!m_tail.isEmpty() || end == nullptr) {
            m_tail.append(line.data(), static_cast<qsizetype>(line.size()));
            if (end == nullptr && m_tail.size() <= longestLine)
                break;
            line = viewOf(m_tail);
        }
        while (line.size() > std::size_t(longestLine) + 1) { // its end does not count
            take(line.substr(0, cutAt(line)));
            line.remove_prefix(cutAt(line));
            if (m_chunk->text.size() >= chunkSize)
                hand(pieces);
        }
        if (end == nullptr) {
            m_tail = QByteArray(line.data(), static_cast<qsizetype>(line.size()));
            break;
        }
        take(line);
        m_tail.clear();
        if (m_chunk->text.size() >= chunkSize)
            hand(pieces);
    }
    hand(pieces);
    pieces.back().tail = m_tail;
    return pieces;
}

std::vector<JobLogPiece> JobLogReader::finish()
{
    std::vector<JobLogPiece> pieces;
    if (!m_tail.isEmpty()) {
        take(viewOf(m_tail));
        m_tail.clear();
    }
    hand(pieces);
    return pieces;
}

void JobLogReader::begin()
{
    m_chunk = std::make_shared<LogChunk>();
    if (m_style != ansi::Style())
        m_chunk->styles.push_back({0, m_style});
}

void JobLogReader::take(string_view line)
{
    if (!m_chunk)
        begin();
    LogChunk &chunk = *m_chunk;
    const auto index = chunk.lineCount();
    chunk.begins.push_back(static_cast<quint32>(chunk.text.size()));
    chunk.text.append(line.data(), static_cast<qsizetype>(line.size()));
    if (line.ends_with('\n'))
        line.remove_suffix(1);

    const bool isPlain = logline::isPlain(line);
    const logline::Parts parts = logline::readMarks(line);
    string_view shown = line.substr(parts.begin, parts.end - parts.begin);
    if (!isPlain || (shown.empty() && !parts.title.empty()))
        chunk.controls.push_back(index);
    if (!isPlain) {
        logline::strip(shown, m_shown);
        shown = m_shown;
    }
    chunk.widest = std::max(chunk.widest, static_cast<quint32>(shown.size()));
    for (const logline::Mark &mark : parts.marks) {
        m_marks.push_back({index, mark});
        // github.com/actions/runner repeats each script in a group of its own, "Run ...".
        if (mark.kind == logline::Mark::Kind::Begin)
            m_isScript = parts.hasLevel && shown.starts_with("Run ");
        else if (mark.kind == logline::Mark::Kind::End)
            m_isScript = false;
    }
    const logline::Level level = parts.hasLevel ? parts.level
                                 : m_isScript   ? logline::Level::Plain
                                                : logline::guessLevel(shown);
    if (level == logline::Level::Error)
        chunk.errors.push_back(index);
    if (isPlain)
        return;
    const ansi::Style before = m_style;
    logline::passStyle(line, m_style);
    if (m_style != before)
        chunk.styles.push_back({index + 1, m_style});
}

// What there is as a piece without room to spare, for it is kept.
void JobLogReader::hand(std::vector<JobLogPiece> &pieces)
{
    JobLogPiece piece;
    piece.tailStyle = m_style;
    if (m_chunk) {
        m_chunk->text.squeeze();
        m_chunk->begins.shrink_to_fit();
        m_chunk->styles.shrink_to_fit();
        m_chunk->errors.shrink_to_fit();
        m_chunk->controls.shrink_to_fit();
        piece.chunk = std::move(m_chunk);
        piece.marks = std::move(m_marks);
        m_chunk.reset();
        m_marks.clear();
    } else if (!pieces.empty()) {
        return;
    }
    pieces.push_back(std::move(piece));
}

} // namespace signalbox
