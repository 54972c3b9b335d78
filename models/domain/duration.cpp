#include "models/domain/duration.h"

#include <QCoreApplication>
#include <QRegularExpression>

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
    for (const auto &[unit, seconds] : {std::pair{u"d", 86400}, {u"h", 3600}, {u"m", 60}}) {
        if (rest >= seconds)
            text += QString::number(rest / seconds) + QString::fromUtf16(unit);
        rest %= seconds;
    }
    if (rest > 0 || text.isEmpty())
        text += QString::number(rest) + QLatin1Char('s');
    return text;
}

} // namespace signalbox
