#include "models/domain/duration.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <QStringList>

namespace signalbox
{

Result<std::chrono::milliseconds> parseDuration(const QString &text)
{
    static const QRegularExpression form(
        QStringLiteral("^(?:(\\d{1,4})h)?(?:(\\d{1,5})m(?!s))?(?:(\\d{1,6})s)?(?:(\\d{1,8})ms)?\\z"));
    const auto match = form.match(text);
    if (text == QLatin1String("0"))
        return std::chrono::milliseconds(0);
    if (text.isEmpty() || !match.hasMatch())
        return Error{
            ErrorKind::Invalid,
            QCoreApplication::translate("Duration", "\"%1\" is no length of time: give for example 90s, 2m or 1h30m.")
                .arg(text),
            {}};
    return std::chrono::milliseconds(
        std::chrono::hours(match.captured(1).toInt()) + std::chrono::minutes(match.captured(2).toInt()) +
        std::chrono::seconds(match.captured(3).toInt()) + std::chrono::milliseconds(match.captured(4).toInt()));
}

QString durationText(std::chrono::seconds duration)
{
    auto rest = duration.count();
    QString text;
    const auto take = [&](qint64 seconds, const QString &pattern) {
        if (rest >= seconds)
            text += pattern.arg(rest / seconds);
        rest %= seconds;
    };
    // Without spaces, as they are typed: the sentences around have words enough.
    take(86400, QCoreApplication::translate("Duration", "%1d"));
    take(3600, QCoreApplication::translate("Duration", "%1h"));
    take(60, QCoreApplication::translate("Duration", "%1m"));
    if (rest > 0 || text.isEmpty())
        text += QCoreApplication::translate("Duration", "%1s").arg(rest);
    return text;
}

QString spacedDurationText(std::chrono::seconds duration)
{
    auto rest = duration.count();
    QStringList parts;
    const auto take = [&](qint64 seconds, const QString &pattern) {
        if (rest >= seconds)
            parts << pattern.arg(rest / seconds);
        rest %= seconds;
    };
    take(86400, QCoreApplication::translate("Duration", "%1 d"));
    take(3600, QCoreApplication::translate("Duration", "%1 h"));
    take(60, QCoreApplication::translate("Duration", "%1 m"));
    if (rest > 0 || parts.isEmpty())
        parts << QCoreApplication::translate("Duration", "%1 s").arg(rest);
    return parts.join(QLatin1Char(' '));
}

} // namespace signalbox
