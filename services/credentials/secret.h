#pragma once

#include <QByteArray>

namespace signalbox
{

// A value that cannot be printed, logged, compared with == or serialised. Its bytes are wiped when the last copy goes.
class Secret
{
public:
    Secret() = default;
    explicit Secret(QByteArray value);
    ~Secret();
    Secret(const Secret &other);
    Secret &operator=(const Secret &other);
    Secret(Secret &&other) noexcept;
    Secret &operator=(Secret &&other) noexcept;

    bool isEmpty() const { return m_value.isEmpty(); }
    // The only way to the bytes. Use them at once and keep no copy.
    const QByteArray &reveal() const { return m_value; }

    bool operator==(const Secret &) const = delete;

private:
    void wipe();
    QByteArray m_value;
};

} // namespace signalbox
