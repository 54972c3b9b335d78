#include "services/adapters/kubernetes/values.h"

#include <QTimeZone>

#include <array>
#include <chrono>
#include <cmath>

namespace signalbox::kubernetes
{

namespace
{

// The number of `digits` digits at `at`; -1 where there is something else.
int number(std::string_view text, size_t at, size_t digits)
{
    if (at + digits > text.size())
        return -1;
    int value = 0;
    for (size_t i = at; i < at + digits; ++i) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

// "Z" or "+02:00" at `at` in minutes; none: neither.
std::optional<int> offsetMinutes(std::string_view text, size_t at)
{
    if (at + 1 == text.size() && (text[at] == 'Z' || text[at] == 'z'))
        return 0;
    if (at + 6 != text.size() || text[at + 3] != ':' || (text[at] != '+' && text[at] != '-'))
        return {};
    const int hours = number(text, at + 1, 2);
    const int minutes = number(text, at + 4, 2);
    if (hours < 0 || minutes < 0)
        return {};
    return (text[at] == '-' ? -1 : 1) * (hours * 60 + minutes);
}

struct Suffix
{
    std::string_view text;
    double factor;
};

constexpr std::array suffixes = {
    Suffix{"", 1.0},      Suffix{"n", 1e-9},    Suffix{"u", 1e-6},    Suffix{"m", 1e-3},
    Suffix{"k", 1e3},     Suffix{"M", 1e6},     Suffix{"G", 1e9},     Suffix{"T", 1e12},
    Suffix{"P", 1e15},    Suffix{"E", 1e18},    Suffix{"Ki", 0x1p10}, Suffix{"Mi", 0x1p20},
    Suffix{"Gi", 0x1p30}, Suffix{"Ti", 0x1p40}, Suffix{"Pi", 0x1p50}, Suffix{"Ei", 0x1p60},
};

} // namespace

QDateTime parseTime(std::string_view text)
{
    using namespace std::chrono;
    if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':')
        return {};
    const year_month_day date{year{number(text, 0, 4)}, month{static_cast<unsigned>(number(text, 5, 2))},
                              day{static_cast<unsigned>(number(text, 8, 2))}};
    const int hour = number(text, 11, 2);
    const int minute = number(text, 14, 2);
    const int second = number(text, 17, 2);
    if (!date.ok() || hour < 0 || minute < 0 || second < 0)
        return {};
    size_t at = 19;
    qint64 millis = 0;
    if (text[at] == '.') {
        qint64 scale = 100;
        for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, scale /= 10)
            millis += (text[at] - '0') * scale;
    }
    const std::optional<int> offset = offsetMinutes(text, at);
    if (!offset)
        return {};
    const qint64 days = sys_days{date}.time_since_epoch().count();
    const qint64 seconds = days * 86400 + hour * 3600 + (minute - *offset) * 60 + second;
    return QDateTime::fromMSecsSinceEpoch(seconds * 1000 + millis, Qt::UTC);
}

std::optional<double> parseQuantity(std::string_view text)
{
    size_t at = 0;
    double sign = 1;
    if (!text.empty() && (text[0] == '-' || text[0] == '+'))
        sign = text[at++] == '-' ? -1 : 1;
    double value = 0;
    double fraction = 0; // 0: before the point
    bool hasDigits = false;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '.' && fraction == 0) {
            fraction = 1;
        } else if (c >= '0' && c <= '9') {
            hasDigits = true;
            value = fraction == 0 ? value * 10 + (c - '0') : value + (c - '0') * (fraction /= 10);
        } else {
            break;
        }
    }
    if (!hasDigits)
        return {};
    const std::string_view rest = text.substr(at);
    for (const Suffix &suffix : suffixes) {
        if (rest == suffix.text)
            return sign * value * suffix.factor;
    }
    if (rest.size() < 2 || (rest[0] != 'e' && rest[0] != 'E'))
        return {};
    const bool isNegative = rest[1] == '-';
    const size_t digitsAt = isNegative || rest[1] == '+' ? 2 : 1;
    const int exponent = rest.size() - digitsAt <= 3 ? number(rest, digitsAt, rest.size() - digitsAt) : -1;
    if (exponent < 0 || digitsAt == rest.size())
        return {};
    return sign * value * std::pow(10.0, isNegative ? -exponent : exponent);
}

} // namespace signalbox::kubernetes
