#include "services/credentials/secretreference.h"

#include <QCoreApplication>
#include <QRegularExpression>

namespace signalbox
{

namespace
{

struct SecretReferenceText
{
    Q_DECLARE_TR_FUNCTIONS(SecretReference)
};

Error invalid(const QString &message)
{
    return Error{ErrorKind::Invalid, message, {}};
}

} // namespace

QString SecretReference::toString() const
{
    switch (kind) {
    case Kind::Environment:
        return QStringLiteral("env:") + place;
    case Kind::File:
        return QStringLiteral("file:") + place;
    case Kind::Keychain:
        break;
    }
    return service == QLatin1String("signalbox") ? QStringLiteral("keychain:") + place
                                                 : QStringLiteral("keychain:%1/%2").arg(service, place);
}

Result<SecretReference> parseSecretReference(const QString &text)
{
    static const QRegularExpression name(QStringLiteral("^[A-Za-z_][A-Za-z0-9_]*\\z"));
    const auto colon = text.indexOf(QLatin1Char(':'));
    const QString scheme = text.left(colon);
    const QString rest = text.mid(colon + 1);
    if (scheme == QLatin1String("env") && colon > 0) {
        if (!name.match(rest).hasMatch())
            return invalid(SecretReferenceText::tr(
                "env: takes the name of an environment variable, for example env:PROMETHEUS_TOKEN."));
        return SecretReference{SecretReference::Kind::Environment, rest, {}};
    }
    if (scheme == QLatin1String("file") && colon > 0) {
        if (rest.isEmpty())
            return invalid(SecretReferenceText::tr("file: takes a path, for example file:~/.secrets/prometheus."));
        return SecretReference{SecretReference::Kind::File, rest, {}};
    }
    if (scheme == QLatin1String("keychain") && colon > 0) {
        const auto slash = rest.indexOf(QLatin1Char('/'));
        const QString service = slash < 0 ? QStringLiteral("signalbox") : rest.left(slash);
        const QString account = slash < 0 ? rest : rest.mid(slash + 1);
        if (service.isEmpty() || account.isEmpty())
            return invalid(SecretReferenceText::tr(
                "keychain: takes SERVICE/ACCOUNT or ACCOUNT, for example keychain:prometheus/ann."));
        return SecretReference{SecretReference::Kind::Keychain, account, service};
    }
    if (scheme == QLatin1String("vault") && colon > 0)
        return invalid(SecretReferenceText::tr(
            "vault: references come with a later version; use keychain:, env: or file: until then."));
    return invalid(SecretReferenceText::tr(
        "This is no reference to a secret but a literal text. A secret does not belong into this file: keep "
        "it in the keychain, a variable or a file of its own and write keychain:SERVICE/ACCOUNT, env:NAME "
        "or file:PATH here."));
}

} // namespace signalbox
