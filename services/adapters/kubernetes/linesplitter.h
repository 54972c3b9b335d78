#pragma once

#include <QByteArray>
#include <QByteArrayView>

#include <vector>

namespace signalbox::kubernetes
{

// Cuts a stream of bytes into lines, however it was chunked. Linear in the bytes, also for lines of many megabytes.
class LineSplitter
{
public:
    // Bytes that may be read behind the end of any line handed out.
    static constexpr size_t padding = 64;

    void append(QByteArrayView bytes);

    // f(QByteArrayView line, qsizetype readable) -> bool for each whole line, without its newline; false ends the
    // round.
    template <typename F>
    void takeLines(F &&f)
    {
        for (;;) {
            const qsizetype end = findNewline();
            if (end < 0)
                break;
            const char *start = m_bytes.data() + m_begin;
            const qsizetype size = end - qsizetype(m_begin);
            const qsizetype readable = qsizetype(m_bytes.size() - m_begin);
            m_begin = size_t(end) + 1;
            if (size > 0 && !f(QByteArrayView(start, size), readable))
                break;
        }
        compact();
    }

    // What came after the last newline.
    QByteArrayView rest() const { return QByteArrayView(m_bytes.data() + m_begin, qsizetype(m_end - m_begin)); }
    // What there is of the line that has not ended is forgotten, and what comes of it until its newline.
    void skipLine();
    void clear();

private:
    qsizetype findNewline();
    void compact();

    std::vector<char> m_bytes; // [m_begin, m_end) is unread; behind it at least `padding` more
    size_t m_begin = 0;
    size_t m_scanned = 0; // no newline in [m_begin, m_scanned)
    size_t m_end = 0;
    bool m_isSkipping = false;
};

} // namespace signalbox::kubernetes
