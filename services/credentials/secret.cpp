#include "services/credentials/secret.h"

#include <openssl/crypto.h>

#include <utility>

namespace signalbox
{

Secret::Secret(QByteArray value)
    : m_value(std::move(value))
{}

Secret::~Secret()
{
    wipe();
}

Secret::Secret(const Secret &other) = default;

Secret &Secret::operator=(const Secret &other)
{
    if (this != &other) {
        wipe();
        m_value = other.m_value;
    }
    return *this;
}

Secret::Secret(Secret &&other) noexcept
    : m_value(std::exchange(other.m_value, {}))
{}

Secret &Secret::operator=(Secret &&other) noexcept
{
    if (this != &other) {
        wipe();
        m_value = std::exchange(other.m_value, {});
    }
    return *this;
}

void Secret::wipe()
{
    // Shared bytes stay for the other copies; the last one wipes.
    if (!m_value.isEmpty() && m_value.isDetached())
        OPENSSL_cleanse(m_value.data(), static_cast<size_t>(m_value.size()));
    m_value.clear();
}

} // namespace signalbox
