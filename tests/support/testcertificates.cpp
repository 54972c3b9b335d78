#include "tests/support/testcertificates.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace signalbox::test
{

namespace
{

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Key newKey()
{
    return {EVP_EC_gen("P-256"), &EVP_PKEY_free};
}

template <typename Write>
QByteArray pem(Write write)
{
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
    write(out.get());
    char *data = nullptr;
    const long size = BIO_get_mem_data(out.get(), &data);
    return QByteArray(data, size);
}

void addExtension(X509 *certificate, X509 *issuer, int nid, const QByteArray &value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.constData());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

Certificate newCertificate(const QByteArray &commonName, EVP_PKEY *key, int validFromDays, int validToDays)
{
    Certificate certificate(X509_new(), &X509_free);
    X509_set_version(certificate.get(), 2);
    unsigned char serial[8];
    RAND_bytes(serial, sizeof serial);
    serial[0] &= 0x7f;
    const std::unique_ptr<BIGNUM, decltype(&BN_free)> number(BN_bin2bn(serial, sizeof serial, nullptr), &BN_free);
    BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate.get()));
    X509_time_adj_ex(X509_getm_notBefore(certificate.get()), validFromDays, 0, nullptr);
    X509_time_adj_ex(X509_getm_notAfter(certificate.get()), validToDays, 0, nullptr);
    X509_set_pubkey(certificate.get(), key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char *>(commonName.constData()), -1, -1, 0);
    return certificate;
}

} // namespace

struct TestAuthority::Private
{
    Key key = newKey();
    Certificate certificate{nullptr, &X509_free};
};

TestAuthority::TestAuthority(const QByteArray &name)
    : d(std::make_unique<Private>())
{
    d->certificate = newCertificate(name, d->key.get(), -400, 400);
    X509_set_issuer_name(d->certificate.get(), X509_get_subject_name(d->certificate.get()));
    addExtension(d->certificate.get(), d->certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
    addExtension(d->certificate.get(), d->certificate.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
    X509_sign(d->certificate.get(), d->key.get(), EVP_sha256());
}

TestAuthority::~TestAuthority() = default;

QByteArray TestAuthority::caPem() const
{
    return pem([this](BIO *out) { PEM_write_bio_X509(out, d->certificate.get()); });
}

KeyPair TestAuthority::issue(const QByteArray &commonName, const QStringList &names, int validFromDays,
                             int validToDays) const
{
    const Key key = newKey();
    const Certificate certificate = newCertificate(commonName, key.get(), validFromDays, validToDays);
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(d->certificate.get()));
    QByteArrayList alternatives;
    for (const QString &name : names) {
        const bool isAddress = !name.isEmpty() && name.front().isDigit();
        alternatives << (isAddress ? "IP:" : "DNS:") + name.toUtf8();
    }
    if (!alternatives.isEmpty())
        addExtension(certificate.get(), d->certificate.get(), NID_subject_alt_name, alternatives.join(','));
    addExtension(certificate.get(), d->certificate.get(), NID_ext_key_usage, "serverAuth,clientAuth");
    X509_sign(certificate.get(), d->key.get(), EVP_sha256());
    return {pem([&](BIO *out) { PEM_write_bio_X509(out, certificate.get()); }),
            pem([&](BIO *out) { PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr); })};
}

} // namespace signalbox::test
