#include "services/adapters/kubernetes/linesplitter.h"

#include <algorithm>
#include <cstring>

namespace signalbox::kubernetes
{

namespace
{
constexpr size_t keptCapacity = 1 << 20; // more than this is given back once it is no longer needed
}

void LineSplitter::append(QByteArrayView bytes)
{
    if (m_isSkipping) {
        const qsizetype end = bytes.indexOf('\n');
        if (end < 0)
            return;
        bytes = bytes.sliced(end + 1);
        m_isSkipping = false;
    }
    if (bytes.isEmpty())
        return;
    const size_t count = size_t(bytes.size());
    if (m_end + count + padding > m_bytes.size())
        m_bytes.resize(std::max(m_bytes.size() * 2, m_end + count + padding));
    std::memcpy(m_bytes.data() + m_end, bytes.data(), count);
    m_end += count;
}

qsizetype LineSplitter::findNewline()
{
    m_scanned = std::max(m_scanned, m_begin);
    if (m_scanned == m_end)
        return -1;
    const void *found = std::memchr(m_bytes.data() + m_scanned, '\n', m_end - m_scanned);
    if (!found) {
        m_scanned = m_end;
        return -1;
    }
    const size_t at = size_t(static_cast<const char *>(found) - m_bytes.data());
    m_scanned = at + 1;
    return qsizetype(at);
}

void LineSplitter::compact()
{
    if (m_begin == 0)
        return;
    const size_t left = m_end - m_begin;
    if (left > 0)
        std::memmove(m_bytes.data(), m_bytes.data() + m_begin, left);
    m_scanned -= std::min(m_scanned, m_begin);
    m_begin = 0;
    m_end = left;
    if (left == 0 && m_bytes.size() > keptCapacity)
        clear();
}

void LineSplitter::skipLine()
{
    clear();
    m_isSkipping = true;
}

void LineSplitter::clear()
{
    m_bytes = {};
    m_begin = m_scanned = m_end = 0;
    m_isSkipping = false;
}

} // namespace signalbox::kubernetes
