#include "app/logging/redactor.h"

#include <QRegularExpression>

#include <array>

namespace signalbox
{

namespace
{

struct Rule
{
    const char *trigger; // cheap test before the expression, without case
    QRegularExpression expression;
    QString replacement;
};

const std::array<Rule, 7> &rules()
{
    using Option = QRegularExpression;
    static const QString hidden = QStringLiteral("[hidden]");
    static const std::array<Rule, 7> all = {{
        // A key may be cut off at the end of the message, and its line breaks may be written as \n.
        {"PRIVATE KEY",
         QRegularExpression(
             QStringLiteral("-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(-----END [A-Z0-9 ]*PRIVATE KEY-----|$)"),
             Option::DotMatchesEverythingOption),
         QStringLiteral("[hidden private key]")},
        {"-key-data",
         QRegularExpression(QStringLiteral("(client-key-data\"?\\s*[:=]\\s*\"?)[A-Za-z0-9+/=]+"),
                            Option::CaseInsensitiveOption),
         QStringLiteral("\\1") + hidden},
        {"authorization",
         QRegularExpression(
             QStringLiteral("((?:proxy-)?authorization\"?\\s*[:=]\\s*\"?)(?:(?:bearer|basic|token|digest)\\s+)?"
                            "[^\\s\"',;]+"),
             Option::CaseInsensitiveOption),
         QStringLiteral("\\1") + hidden},
        {"bearer",
         QRegularExpression(QStringLiteral("\\b(bearer\\s+)(?!\\[hidden)[A-Za-z0-9._~+/=-]{6,}"),
                            Option::CaseInsensitiveOption),
         QStringLiteral("\\1") + hidden},
        {"://",
         QRegularExpression(QStringLiteral("(\\b[a-z][a-z0-9+.-]*://)[^/\\s@\"'<>]+@"), Option::CaseInsensitiveOption),
         QStringLiteral("\\1") + hidden + QLatin1Char('@')},
        {"eyJ", QRegularExpression(QStringLiteral("\\beyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]*)?")),
         hidden},
        // name=value, "name": "value" and --name value; the value may be quoted.
        {nullptr,
         QRegularExpression(
             QStringLiteral("((?:^|[\\s\"'{,;&?(\\[-])(?:[a-z0-9]+[_-])*(?:token|password|passwd|secret|api[_-]?key|"
                            "access[_-]?key|"
                            "private[_-]?key|client[_-]?secret|cookie|set-cookie|crumb)\"?(?:\\s*[=:]\\s*))"
                            "(?!\\[hidden|\"?(?:keychain|env|file|vault):)(?:\"[^\"]*\"?|'[^']*'?|[^\\s\"',;&)}\\]]+)"),
             Option::CaseInsensitiveOption),
         QStringLiteral("\\1") + hidden},
    }};
    return all;
}

} // namespace

QString redacted(const QString &text)
{
    QString result = text;
    for (const Rule &rule : rules()) {
        if (!rule.trigger || result.contains(QLatin1String(rule.trigger), Qt::CaseInsensitive))
            result.replace(rule.expression, rule.replacement);
    }
    return result;
}

} // namespace signalbox
