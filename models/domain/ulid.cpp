#include "models/domain/ulid.h"

#include <QRandomGenerator>

#include <algorithm>
#include <array>
#include <mutex>

namespace signalbox
{
namespace
{

constexpr char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr int timeDigits = 10;
constexpr int randomDigits = 16;

constexpr std::array<signed char, 128> values = [] {
    std::array<signed char, 128> table{};
    table.fill(-1);
    for (int i = 0; i < 32; ++i)
        table[static_cast<size_t>(alphabet[i])] = static_cast<signed char>(i);
    return table;
}();

int valueOf(QChar c)
{
    return c.unicode() < values.size() ? values[c.unicode()] : -1;
}

using Random = std::array<quint8, randomDigits>; // one base-32 digit each

// The same millisecond again: the random part plus one, so that the order is kept.
Random randomFor(qint64 ms)
{
    static std::mutex mutex;
    static qint64 lastMs = -1;
    static Random last{};

    const std::lock_guard lock(mutex);
    if (ms == lastMs) {
        for (auto digit = last.rbegin(); digit != last.rend(); ++digit) {
            *digit = static_cast<quint8>((*digit + 1) & 31);
            if (*digit != 0)
                break;
        }
        return last;
    }
    for (quint8 &digit : last)
        digit = static_cast<quint8>(QRandomGenerator::system()->bounded(32));
    lastMs = ms;
    return last;
}

} // namespace

QString newUlid(const QDateTime &at)
{
    const qint64 ms = at.toMSecsSinceEpoch();
    QString text(timeDigits + randomDigits, QLatin1Char('0'));
    qint64 rest = ms;
    for (int i = timeDigits - 1; i >= 0; --i, rest >>= 5)
        text[i] = QLatin1Char(alphabet[rest & 31]);
    const Random random = randomFor(ms);
    for (int i = 0; i < randomDigits; ++i)
        text[timeDigits + i] = QLatin1Char(alphabet[random[static_cast<size_t>(i)]]);
    return text;
}

bool isUlid(const QString &text)
{
    return text.size() == timeDigits + randomDigits && text.at(0) <= QLatin1Char('7') &&
           std::all_of(text.begin(), text.end(), [](QChar c) { return valueOf(c) >= 0; });
}

QDateTime ulidTime(const QString &ulid)
{
    if (!isUlid(ulid))
        return {};
    qint64 ms = 0;
    for (int i = 0; i < timeDigits; ++i)
        ms = (ms << 5) | valueOf(ulid.at(i));
    return QDateTime::fromMSecsSinceEpoch(ms, Qt::UTC);
}

} // namespace signalbox
