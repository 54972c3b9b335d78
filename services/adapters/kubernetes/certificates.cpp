#include "services/adapters/kubernetes/certificates.h"

#include "models/domain/freer.h"
#include "services/adapters/kubernetes/kubeconfigtext.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>

namespace signalbox::kubernetes
{

namespace
{

using Bio = std::unique_ptr<BIO, Freer<BIO_free>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;

Bio bioOf(const QByteArray &bytes)
{
    return Bio(BIO_new_mem_buf(bytes.constData(), static_cast<int>(bytes.size())));
}

Certificate certificateOf(const QByteArray &pem)
{
    const Bio bio = bioOf(pem);
    Certificate certificate(bio ? PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr) : nullptr);
    ERR_clear_error();
    return certificate;
}

int noPassPhrase(char *, int, int, void *)
{
    return -1; // never ask at a terminal
}

QDateTime timeOf(const ASN1_TIME *time)
{
    std::tm parts{};
    if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1)
        return {};
    return {QDate(parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday),
            QTime(parts.tm_hour, parts.tm_min, parts.tm_sec), Qt::UTC};
}

Error problem(ErrorKind kind, const QString &place, const QString &sentence)
{
    return {kind, place + QStringLiteral(": ") + sentence, {}};
}

CertificateFacts factsOf(X509 *certificate)
{
    CertificateFacts facts;
    char name[256] = {};
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
    facts.subject = QString::fromUtf8(name);
    facts.notBefore = timeOf(X509_get0_notBefore(certificate));
    facts.notAfter = timeOf(X509_get0_notAfter(certificate));
    return facts;
}

} // namespace

Result<CertificateFacts> readCertificate(const QByteArray &pem, const QString &place)
{
    const Certificate certificate = certificateOf(pem);
    if (!certificate) {
        return problem(
            ErrorKind::Invalid, place,
            KubeConfigText::tr("expected a certificate in PEM form, found something else. Give one that begins with "
                               "-----BEGIN CERTIFICATE-----."));
    }
    return factsOf(certificate.get());
}

Result<CertificateFacts> checkClientCertificate(const QByteArray &certPem, const Secret &keyPem, const QString &place,
                                                const QDateTime &now)
{
    const auto facts = readCertificate(certPem, place);
    if (!facts)
        return facts;
    if (keyPem.reveal().contains("ENCRYPTED")) {
        return problem(
            ErrorKind::Unsupported, place,
            KubeConfigText::tr("the client key is protected by a pass phrase, which is not supported, nor is it by "
                               "kubectl. Store it without one, "
                               "or use an exec plugin."));
    }
    const Bio bio = bioOf(keyPem.reveal());
    const Key key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, noPassPhrase, nullptr) : nullptr);
    ERR_clear_error();
    if (!key) {
        return problem(
            ErrorKind::Invalid, place,
            KubeConfigText::tr("expected a private key in PEM form beside the client certificate, found something "
                               "else. Give one that "
                               "begins with -----BEGIN PRIVATE KEY----- or the like."));
    }
    const Certificate certificate = certificateOf(certPem);
    const bool isPair = X509_check_private_key(certificate.get(), key.get()) == 1;
    ERR_clear_error();
    if (!isPair) {
        return problem(
            ErrorKind::Invalid, place,
            KubeConfigText::tr("the client key does not belong to the client certificate (of \"%1\"). Give the two "
                               "that were made together.")
                .arg(facts->subject));
    }
    if (facts->notAfter.isValid() && facts->notAfter < now) {
        return problem(
            ErrorKind::Unauthorized, place,
            KubeConfigText::tr(
                "the client certificate of \"%1\" expired on %2. Ask for a new one at whoever runs the cluster.")
                .arg(facts->subject, facts->notAfter.toString(Qt::ISODate)));
    }
    return facts;
}

} // namespace signalbox::kubernetes
