#pragma once

#include "models/domain/result.h"

#include <QString>

namespace signalbox
{

// Where a secret is kept; never the secret. As written in a workspace:
//   env:NAME                  an environment variable of this process
//   file:PATH                 the file's text without its last line end; ~ is the home folder
//   keychain:ACCOUNT          the desktop's keychain, service "signalbox"
//   keychain:SERVICE/ACCOUNT  the same, another program's entry
struct SecretReference
{
    enum class Kind { Environment, File, Keychain };
    Kind kind = Kind::Environment;
    QString place;   // variable, path as written, account
    QString service; // keychain only

    QString toString() const;
    bool operator==(const SecretReference &) const = default;
};

// The Error's sentence never repeats a text that is no reference: it may be the secret itself.
Result<SecretReference> parseSecretReference(const QString &text);

} // namespace signalbox
