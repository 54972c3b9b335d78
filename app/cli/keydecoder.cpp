#include "app/cli/keyreader.h"

#include <cctype>

namespace signalbox::cli
{

namespace
{

constexpr char escape = '\x1b';
// A sequence comes in one piece or, over a slow line, in two; an Escape that stands alone for longer was the key.
constexpr qint64 sequenceMs = 500;
// Keyboards wait up to a second before they repeat.
constexpr qint64 repeatMs = 1100;

} // namespace

QByteArray KeyDecoder::keysOf(const QByteArray &bytes, qint64 nowMs)
{
    if (nowMs - m_lastMs > sequenceMs)
        m_part = Part::Key;
    m_lastMs = nowMs;
    QByteArray keys;
    for (const char byte : bytes) {
        if (isWithin(byte) || byte <= ' ' || byte > '~')
            continue;
        const char key = static_cast<char>(std::tolower(static_cast<unsigned char>(byte)));
        if (!isRepeat(key, nowMs))
            keys.append(key);
    }
    return keys;
}

// ESC [ parameters final byte; ESC O byte; ESC byte (Alt with a key).
bool KeyDecoder::isWithin(char byte)
{
    if (byte == escape) {
        m_part = Part::Escape;
        return true;
    }
    switch (m_part) {
    case Part::Key:
        return false;
    case Part::Escape:
        m_part = byte == '[' ? Part::Sequence : byte == 'O' ? Part::LastOne : Part::Key;
        return true;
    case Part::Sequence:
        if (byte >= '@' && byte <= '~')
            m_part = Part::Key;
        return true;
    case Part::LastOne:
        m_part = Part::Key;
        return true;
    }
    return false;
}

bool KeyDecoder::isRepeat(char key, qint64 nowMs)
{
    const bool is = key == m_lastKey && nowMs - m_lastKeyMs < repeatMs;
    m_lastKey = key;
    m_lastKeyMs = nowMs;
    return is;
}

} // namespace signalbox::cli
