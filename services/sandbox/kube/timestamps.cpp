#include "services/sandbox/kube/objectstore.h"

#include <QDateTime>

#include <array>
#include <chrono>
#include <cstdio>

namespace signalbox::sandbox
{

namespace
{

using namespace std::chrono;

std::array<long long, 6> parts(std::int64_t ms)
{
    const sys_time<milliseconds> when{milliseconds(ms)};
    const auto day = floor<days>(when);
    const year_month_day date(day);
    const auto rest = floor<seconds>(when - day).count();
    return {int(date.year()), unsigned(date.month()), unsigned(date.day()), rest / 3600, rest / 60 % 60, rest % 60};
}

} // namespace

std::string timestamp(std::int64_t ms)
{
    const auto p = parts(ms);
    char text[80];
    std::snprintf(text, sizeof text, "%04lld-%02lld-%02lldT%02lld:%02lld:%02lldZ", p[0], p[1], p[2], p[3], p[4], p[5]);
    return text;
}

std::string microTimestamp(std::int64_t ms)
{
    std::string text = timestamp(ms);
    char fraction[16];
    std::snprintf(fraction, sizeof fraction, ".%03d000Z", int((ms % 1000 + 1000) % 1000));
    text.replace(text.size() - 1, 1, fraction);
    return text;
}

std::optional<std::int64_t> timeOf(const std::string &text)
{
    const QDateTime when = QDateTime::fromString(QString::fromStdString(text), Qt::ISODateWithMs);
    if (!when.isValid())
        return {};
    return when.toMSecsSinceEpoch();
}

} // namespace signalbox::sandbox
