#include "services/net/retrypolicy.h"

#include "services/net/scope.h"

#include <QLocale>
#include <QTimeZone>

#include <algorithm>
#include <optional>

namespace signalbox
{

using namespace std::chrono_literals;

namespace
{

bool isWorthARetry(const RetryQuestion &question)
{
    switch (question.end) {
    case AttemptEnd::Answered:
        return question.status == 429 || question.status == 502 || question.status == 503 || question.status == 504;
    case AttemptEnd::ConnectFailed:
    case AttemptEnd::CutOff:
        return true;
    case AttemptEnd::Final:
        break;
    }
    return false;
}

} // namespace

std::optional<std::chrono::milliseconds> retryWait(const RetryQuestion &question)
{
    if (question.isStream || (!isIdempotent(question.method) && !question.changesNothing) ||
        question.attempt > question.retries || !isWorthARetry(question))
        return std::nullopt;
    // 200, 400, 800 ... ms, at most 10 s; half of it is left to chance, so that many clients do not come back at once.
    const auto step = std::min<std::chrono::milliseconds>(200ms * (1 << std::min(question.attempt - 1, 10)), 10s);
    const double random = std::clamp(question.random, 0.0, 1.0);
    auto wait = std::chrono::milliseconds(static_cast<qint64>(static_cast<double>(step.count()) * (0.5 + random / 2)));
    if (question.end == AttemptEnd::Answered && question.retryAfter) {
        if (*question.retryAfter > longestRetryAfter)
            return std::nullopt;
        // Never before the server's time; the jitter comes on top.
        wait = *question.retryAfter + std::chrono::milliseconds(static_cast<qint64>(100 * random));
    }
    if (question.timeLeft && wait >= *question.timeLeft)
        return std::nullopt;
    return wait;
}

std::optional<std::chrono::milliseconds> parseRetryAfter(const QByteArray &value, const QDateTime &serverDate,
                                                         const QDateTime &now)
{
    const QByteArray text = value.trimmed();
    if (text.isEmpty())
        return std::nullopt;
    if (std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) {
        bool ok = false;
        const qint64 seconds = text.toLongLong(&ok);
        if (!ok || seconds > 366ll * 86'400)
            return std::chrono::hours(24 * 366);
        return std::chrono::seconds(seconds);
    }
    const QDateTime when = parseHttpDate(text);
    if (!when.isValid())
        return std::nullopt;
    const qint64 wait = (serverDate.isValid() ? serverDate : now).msecsTo(when);
    return std::chrono::milliseconds(std::max<qint64>(wait, 0));
}

// "Sun, 06 Nov 1994 08:49:37 GMT", as nearly every answer has it: by places, since reading by a format costs more than
// the rest of an answer's head. Nothing: it is another form, or no date.
static std::optional<QDateTime> fixedDate(QByteArrayView text)
{
    static constexpr char days[] = "MonTueWedThuFriSatSun";
    static constexpr char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    constexpr char form[] = "DDD, 00 MMM 0000 00:00:00 GMT";
    constexpr qsizetype size = sizeof form - 1;
    if (text.size() != size)
        return std::nullopt;
    for (qsizetype i = 0; i < size; ++i) {
        const bool isDigit = text[i] >= '0' && text[i] <= '9';
        const bool isName = i < 3 || (i >= 8 && i < 11);
        if (form[i] == '0' ? !isDigit : !isName && text[i] != form[i])
            return std::nullopt;
    }
    const auto number = [text](qsizetype at, qsizetype digits) { return text.sliced(at, digits).toInt(); };
    const qsizetype day = QByteArrayView(days).indexOf(text.first(3));
    const qsizetype month = QByteArrayView(months).indexOf(text.sliced(8, 3));
    if (day < 0 || day % 3 != 0 || month < 0 || month % 3 != 0)
        return std::nullopt;
    const QDate date(number(12, 4), int(month / 3) + 1, number(5, 2));
    const QTime time(number(17, 2), number(20, 2), number(23, 2));
    if (!date.isValid() || !time.isValid() || date.year() < 1970 || date.dayOfWeek() != day / 3 + 1)
        return std::nullopt;
    return QDateTime(date, time, Qt::UTC);
}

QDateTime parseHttpDate(const QByteArray &value)
{
    if (const auto fixed = fixedDate(QByteArrayView(value).trimmed()))
        return *fixed;
    const QString text = QString::fromLatin1(value.trimmed());
    for (const QString &format :
         {QStringLiteral("ddd, dd MMM yyyy HH:mm:ss 'GMT'"), QStringLiteral("dddd, dd-MMM-yy HH:mm:ss 'GMT'"),
          QStringLiteral("ddd MMM d HH:mm:ss yyyy")}) {
        QDateTime when =
            QLocale::c().toDateTime(QString(text).replace(QStringLiteral("  "), QStringLiteral(" ")), format);
        if (!when.isValid())
            continue;
        if (when.date().year() < 1970) // RFC 850's two digits
            when = when.addYears(100);
        when.setTimeSpec(Qt::UTC);
        return when;
    }
    return {};
}

} // namespace signalbox
