#include "models/domain/toldshares.h"

#include <QRegularExpression>

namespace signalbox
{

QHash<QString, int> percentsOf(const QString &shares)
{
    static const QRegularExpression form(QStringLiteral("^(.+) ([0-9]{1,3}) %$"));
    QHash<QString, int> percents;
    for (const QString &part : shares.split(QStringLiteral(", "), Qt::SkipEmptyParts)) {
        const QRegularExpressionMatch match = form.match(part);
        if (match.hasMatch())
            percents.insert(match.captured(1), match.captured(2).toInt());
    }
    return percents;
}

bool isInPart(const QString &from, const QString &to)
{
    const QHash<QString, int> before = percentsOf(from);
    const QHash<QString, int> after = percentsOf(to);
    bool isLess = false;
    for (auto it = after.cbegin(); it != after.cend(); ++it) {
        if (it.value() >= before.value(it.key()))
            continue;
        if (it.value() == 0)
            return false;
        isLess = true;
    }
    return isLess;
}

} // namespace signalbox
