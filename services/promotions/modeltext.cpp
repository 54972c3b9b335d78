#include "services/promotions/modeltext.h"

#include "models/domain/modelkeys.h"
#include "services/promotions/promotionstext.h"

#include <QRegularExpression>
#include <QStringList>

namespace signalbox
{

namespace
{

// Plain in YAML, and a string: annotations are refused that are numbers, truths or nothing.
bool isPlainText(const QString &value)
{
    static const QRegularExpression plain(QStringLiteral("^[A-Za-z][\\w./-]*$"));
    static const QStringList others = {QStringLiteral("true"), QStringLiteral("false"), QStringLiteral("null"),
                                       QStringLiteral("yes"),  QStringLiteral("no"),    QStringLiteral("on"),
                                       QStringLiteral("off"),  QStringLiteral("y"),     QStringLiteral("n")};
    return plain.match(value).hasMatch() && !others.contains(value.toLower());
}

QString quoted(const QString &value, const QString &quote)
{
    if (quote.isEmpty() && isPlainText(value))
        return value;
    if (quote == QLatin1String("'"))
        return u'\'' + QString(value).replace(u'\'', QLatin1String("''")) + u'\'';
    return u'"' + QString(value).replace(u'\\', QLatin1String("\\\\")).replace(u'"', QLatin1String("\\\"")) + u'"';
}

// "    signalbox/model-version: '7'  # comment"; the key may be quoted as well.
QList<ImageInText> linesOf(const QStringList &lines, const QString &key, const QString &value)
{
    const QRegularExpression form(
        QStringLiteral("^(\\s*([\"']?)%1\\2:\\s+)(?:\"((?:[^\"\\\\]|\\\\.)*)\"|'((?:[^']|'')*)'|([^\\s\"'#][^\\s#]*))"
                       "(\\s*(?:\\s#.*)?)$")
            .arg(QRegularExpression::escape(key)));
    QList<ImageInText> found;
    for (qsizetype i = 0; i < lines.size(); ++i) {
        const auto match = form.match(lines.at(i));
        if (!match.hasMatch())
            continue;
        const bool isDouble = match.capturedStart(3) >= 0;
        const bool isSingle = match.capturedStart(4) >= 0;
        const QString quote = isDouble ? QStringLiteral("\"") : isSingle ? QStringLiteral("'") : QString();
        const QString before = match.captured(isDouble ? 3 : isSingle ? 4 : 5);
        found.append({static_cast<int>(i) + 1, lines.at(i),
                      before == value ? lines.at(i) : match.captured(1) + quoted(value, quote) + match.captured(6),
                      before});
    }
    return found;
}

} // namespace

Result<QList<ImageInText>> findModel(const QByteArray &text, const ServedModel &model)
{
    const QStringList lines = QString::fromUtf8(text).split(u'\n');
    QList<ImageInText> all;
    for (const auto &[name, value] : {std::pair(modelNameKey, model.name), std::pair(modelVersionKey, model.version)}) {
        const QString key = QLatin1String(name);
        if (value.isEmpty())
            continue;
        const QList<ImageInText> found = linesOf(lines, key, value);
        if (found.size() > 1) {
            QStringList numbers;
            for (const ImageInText &one : found)
                numbers.append(QString::number(one.line));
            return Error{ErrorKind::Refused,
                         PromotionsText::tr("It says %1 in several places, lines %2: which one is the release's cannot "
                                            "be told.")
                             .arg(key, numbers.join(QStringLiteral(", "))),
                         {}};
        }
        all += found;
    }
    return all;
}

} // namespace signalbox
