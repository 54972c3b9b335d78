#include "services/sandbox/http/certificate.h"

#include "services/sandbox/http/sandboxtext.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace signalbox::sandbox
{

namespace
{

bool extend(X509 *certificate, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
    const bool isAdded = extension && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return isAdded;
}

bool describe(X509 *certificate, EVP_PKEY *key)
{
    unsigned char serial[8];
    if (RAND_bytes(serial, sizeof serial) != 1)
        return false;
    serial[0] &= 0x7f;
    const std::unique_ptr<BIGNUM, decltype(&BN_free)> number(BN_bin2bn(serial, sizeof serial, nullptr), &BN_free);
    static const unsigned char name[] = "Signalbox sandbox";
    return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) &&
           X509_set_version(certificate, 2) && X509_time_adj_ex(X509_getm_notBefore(certificate), -1, 0, nullptr) &&
           X509_time_adj_ex(X509_getm_notAfter(certificate), 365, 0, nullptr) && X509_set_pubkey(certificate, key) &&
           X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8, name, -1, -1, 0) &&
           X509_set_issuer_name(certificate, X509_get_subject_name(certificate)) &&
           extend(certificate, NID_basic_constraints, "critical,CA:TRUE") &&
           extend(certificate, NID_key_usage, "critical,digitalSignature,keyCertSign") &&
           extend(certificate, NID_ext_key_usage, "serverAuth") &&
           extend(certificate, NID_subject_alt_name, "IP:127.0.0.1,DNS:localhost") &&
           X509_sign(certificate, key, EVP_sha256()) > 0;
}

} // namespace

Result<std::shared_ptr<const LoopbackCertificate>> LoopbackCertificate::make()
{
    std::shared_ptr<LoopbackCertificate> made(new LoopbackCertificate);
    made->m_key = EVP_EC_gen("P-256");
    made->m_certificate = X509_new();
    if (!made->m_key || !made->m_certificate || !describe(made->m_certificate, made->m_key)) {
        return Error{
            ErrorKind::Internal,
            SandboxText::tr("The sandbox could not make its TLS certificate. Look whether OpenSSL is installed "
                            "completely and try again."),
            {}};
    }
    return std::shared_ptr<const LoopbackCertificate>(std::move(made));
}

LoopbackCertificate::~LoopbackCertificate()
{
    X509_free(m_certificate);
    EVP_PKEY_free(m_key);
}

std::string LoopbackCertificate::certificatePem() const
{
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
    PEM_write_bio_X509(out.get(), m_certificate);
    char *data = nullptr;
    const long size = BIO_get_mem_data(out.get(), &data);
    return std::string(data, static_cast<std::size_t>(size));
}

Result<std::string> randomToken()
{
    unsigned char bytes[32];
    if (RAND_bytes(bytes, sizeof bytes) != 1) {
        return Error{ErrorKind::Internal,
                     SandboxText::tr("The sandbox got no random numbers for its access token. Try again."),
                     {}};
    }
    std::string token;
    for (const unsigned char byte : bytes) {
        token += "0123456789abcdef"[byte >> 4];
        token += "0123456789abcdef"[byte & 15];
    }
    return token;
}

} // namespace signalbox::sandbox
