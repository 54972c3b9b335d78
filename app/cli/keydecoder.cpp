#include "app/cli/keyreader.h"

#include <cctype>

namespace signalbox::cli
{

namespace
{

constexpr char escape = '\x1b';
constexpr char bell = '\x07';
// A sequence comes in one piece or, over a slow line, in two; an Escape that stands alone for longer was the key.
constexpr qint64 sequenceMs = 500;
// Keyboards wait up to a second before they repeat.
constexpr qint64 repeatMs = 1100;

bool isFinal(char byte)
{
    return byte >= '@' && byte <= '~';
}

bool opensText(char byte)
{
    return byte == ']' || byte == 'P' || byte == 'X' || byte == '^' || byte == '_';
}

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

//   ESC [ parameters final byte         arrows and their like
//   ESC [ [ byte                        F1 to F5 of the Linux console
//   ESC [ M three bytes                 the mouse, as it was reported first
//   ESC O parameters byte               F1 to F4, the keypad
//   ESC ] P X ^ or _, text, BEL or ESC \   a terminal's answer; its ESC is as every other
//   ESC byte                            Alt with a key
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
        m_part = byte == '['       ? Part::SequenceBegin
                 : byte == 'O'     ? Part::FunctionKey
                 : opensText(byte) ? Part::Text
                                   : Part::Key;
        return true;
    case Part::SequenceBegin:
        m_left = byte == '[' ? 1 : byte == 'M' ? 3 : 0;
        m_part = m_left > 0 ? Part::Counted : isFinal(byte) ? Part::Key : Part::Sequence;
        return true;
    case Part::Sequence:
        if (isFinal(byte))
            m_part = Part::Key;
        return true;
    case Part::FunctionKey:
        if (byte != ';' && (byte < '0' || byte > '9'))
            m_part = Part::Key;
        return true;
    case Part::Counted:
        if (--m_left == 0)
            m_part = Part::Key;
        return true;
    case Part::Text:
        if (byte == bell)
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
