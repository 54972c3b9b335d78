#pragma once

#include "models/domain/result.h"
#include "services/credentials/secret.h"

#include <QByteArray>
#include <QDateTime>
#include <QString>

// What is wrong with a PEM before a handshake fails over it without saying why. Pure; OpenSSL.
namespace signalbox::kubernetes
{

struct CertificateFacts
{
    QString subject; // its common name
    QDateTime notBefore;
    QDateTime notAfter;
};

// The first certificate of a PEM. Invalid: there is none in it. `place` begins the error's sentence.
Result<CertificateFacts> readCertificate(const QByteArray &pem, const QString &place);
// A client certificate and its key: both readable, the key without a pass phrase and the certificate's own, not expired
// at `now` (Unauthorized).
Result<CertificateFacts> checkClientCertificate(const QByteArray &certPem, const Secret &keyPem, const QString &place,
                                                const QDateTime &now);

} // namespace signalbox::kubernetes
