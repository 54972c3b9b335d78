#pragma once

#include <QByteArray>
#include <QByteArrayView>

#include <cstdint>

// OpenSSH's wire encoding (RFC 4251, section 5): numbers are big-endian, a string is a uint32 length and its bytes.
namespace signalbox::ssh
{

// Reads from bytes that it does not own. It never reads past them: after the first thing that does not fit, everything
// is empty and isGood() says no, so that a caller may read all fields and ask once.
class WireReader
{
public:
    explicit WireReader(QByteArrayView bytes)
        : m_rest(bytes)
    {}

    std::uint8_t byte();
    std::uint32_t number();
    QByteArrayView string();            // a view into the bytes given
    QByteArrayView raw(qsizetype size); // so many bytes without a length
    QByteArrayView mpint();             // of a positive number, without leading zeros; negative ones do not fit

    QByteArrayView rest() const { return m_rest; }
    bool isGood() const { return m_isGood; }
    bool isAtEnd() const { return m_isGood && m_rest.isEmpty(); } // all was read, and nothing is left

private:
    QByteArrayView m_rest;
    bool m_isGood = true;
};

class WireWriter
{
public:
    WireWriter &byte(std::uint8_t value);
    WireWriter &number(std::uint32_t value);
    WireWriter &string(QByteArrayView bytes);
    WireWriter &raw(QByteArrayView bytes);
    WireWriter &mpint(QByteArrayView magnitude); // big-endian and positive; leading zeros go

    const QByteArray &bytes() const { return m_bytes; }

private:
    QByteArray m_bytes;
};

} // namespace signalbox::ssh
