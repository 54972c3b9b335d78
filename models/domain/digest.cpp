#include "models/domain/digest.h"

#include <QRegularExpression>

namespace signalbox
{

bool isDigest(const QString &text)
{
    static const QRegularExpression form(QStringLiteral("^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})\\z"));
    return form.match(text).hasMatch();
}

bool isCommitId(const QString &text)
{
    static const QRegularExpression form(QStringLiteral("^([0-9a-f]{40}|[0-9a-f]{64})\\z"));
    return form.match(text).hasMatch();
}

} // namespace signalbox
