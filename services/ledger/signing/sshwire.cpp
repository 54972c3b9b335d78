#include "services/ledger/signing/sshwire.h"

#include <QtEndian>

namespace signalbox::ssh
{

QByteArrayView WireReader::raw(qsizetype size)
{
    if (!m_isGood || size < 0 || size > m_rest.size()) {
        m_isGood = false;
        m_rest = {};
        return {};
    }
    const QByteArrayView taken = m_rest.first(size);
    m_rest = m_rest.sliced(size);
    return taken;
}

std::uint8_t WireReader::byte()
{
    const QByteArrayView one = raw(1);
    return one.isEmpty() ? std::uint8_t(0) : static_cast<std::uint8_t>(one.front());
}

std::uint32_t WireReader::number()
{
    const QByteArrayView four = raw(4);
    return four.isEmpty() ? 0 : qFromBigEndian<quint32>(four.data());
}

QByteArrayView WireReader::string()
{
    return raw(static_cast<qsizetype>(number()));
}

QByteArrayView WireReader::mpint()
{
    QByteArrayView bytes = string();
    if (!bytes.isEmpty() && (static_cast<unsigned char>(bytes.front()) & 0x80)) {
        m_isGood = false;
        return {};
    }
    while (!bytes.isEmpty() && bytes.front() == '\0')
        bytes = bytes.sliced(1);
    return bytes;
}

WireWriter &WireWriter::byte(std::uint8_t value)
{
    m_bytes.append(static_cast<char>(value));
    return *this;
}

WireWriter &WireWriter::number(std::uint32_t value)
{
    char four[4];
    qToBigEndian<quint32>(value, four);
    m_bytes.append(four, 4);
    return *this;
}

WireWriter &WireWriter::raw(QByteArrayView bytes)
{
    m_bytes.append(bytes);
    return *this;
}

WireWriter &WireWriter::string(QByteArrayView bytes)
{
    return number(static_cast<std::uint32_t>(bytes.size())).raw(bytes);
}

WireWriter &WireWriter::mpint(QByteArrayView magnitude)
{
    while (!magnitude.isEmpty() && magnitude.front() == '\0')
        magnitude = magnitude.sliced(1);
    const bool needsZero = !magnitude.isEmpty() && (static_cast<unsigned char>(magnitude.front()) & 0x80);
    number(static_cast<std::uint32_t>(magnitude.size() + (needsZero ? 1 : 0)));
    if (needsZero)
        byte(0);
    return raw(magnitude);
}

} // namespace signalbox::ssh
