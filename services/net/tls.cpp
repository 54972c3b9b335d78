#include "services/net/tls.h"

#include "services/net/httptext.h"

#include <QFile>

#include <openssl/x509_vfy.h>

namespace signalbox
{

namespace
{

CURLcode setBlob(CURL *easy, CURLoption option, const QByteArray &pem)
{
    curl_blob blob{};
    blob.data = const_cast<char *>(pem.constData()); // libcurl only reads it
    blob.len = static_cast<size_t>(pem.size());
    blob.flags = CURL_BLOB_NOCOPY;
    return curl_easy_setopt(easy, option, &blob);
}

// A libcurl built without a place for the system's certificates (vcpkg on macOS) finds them where systems keep them.
QByteArray fallbackCaFile()
{
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
    if (info->age >= CURLVERSION_SEVENTH && (info->cainfo || info->capath))
        return {};
    for (const char *path :
         {"/etc/ssl/cert.pem", "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"}) {
        if (QFile::exists(QString::fromLatin1(path)))
            return path;
    }
    return {};
}

bool applySystemCa(CURL *easy)
{
    static const QByteArray fallback = fallbackCaFile();
    if (!fallback.isEmpty() && curl_easy_setopt(easy, CURLOPT_CAINFO, fallback.constData()) != CURLE_OK)
        return false;
    // Windows: the system's store. Elsewhere without effect.
    return curl_easy_setopt(easy, CURLOPT_SSL_OPTIONS, static_cast<long>(CURLSSLOPT_NATIVE_CA)) == CURLE_OK;
}

bool applyAuthority(CURL *easy, const HttpEndpoint &endpoint, const Hop &hop)
{
    if (endpoint.caPem.isEmpty())
        return applySystemCa(easy);
    if (setBlob(easy, CURLOPT_CAINFO_BLOB, endpoint.caPem) != CURLE_OK)
        return false;
    // The blob replaces the file only: without this the directory of the system's certificates would still be trusted
    // for a host that has an authority of its own. Another host (a redirect) may use either.
    if (hop.isOwn)
        return curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr) == CURLE_OK;
    return applySystemCa(easy);
}

} // namespace

bool applyTls(CURL *easy, const HttpEndpoint &endpoint, const ClientCertificate &client, const Hop &hop)
{
    if (hop.scheme != u"https")
        return true;
    const bool skip = hop.isOwn && endpoint.insecureSkipVerify;
    bool ok = curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, skip ? 0L : 1L) == CURLE_OK &&
              curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, skip ? 0L : 2L) == CURLE_OK &&
              curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2)) == CURLE_OK &&
              applyAuthority(easy, endpoint, hop);
    if (!ok || !hop.isOwn || client.certPem.isEmpty())
        return ok;
    ok = curl_easy_setopt(easy, CURLOPT_SSLCERTTYPE, "PEM") == CURLE_OK &&
         setBlob(easy, CURLOPT_SSLCERT_BLOB, client.certPem) == CURLE_OK;
    // Without a key of its own the certificate's file holds both.
    const QByteArray &key = client.keyPem.isEmpty() ? client.certPem : client.keyPem.reveal();
    return ok && curl_easy_setopt(easy, CURLOPT_SSLKEYTYPE, "PEM") == CURLE_OK &&
           setBlob(easy, CURLOPT_SSLKEY_BLOB, key) == CURLE_OK;
}

QString certificateProblem(long verifyResult, const QString &curlText, const QString &expectedName)
{
    // libcurl looks at the name itself, after the chain was found good.
    if (verifyResult == X509_V_ERR_HOSTNAME_MISMATCH || verifyResult == X509_V_ERR_IP_ADDRESS_MISMATCH ||
        curlText.contains(u"subject name") || curlText.contains(u"host name"))
        return HttpClientText::tr(
                   "its certificate is for another name than %1. Use the name in the certificate, or set the "
                   "connection's TLS server name.")
            .arg(expectedName);
    switch (verifyResult) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return HttpClientText::tr("its certificate has expired. Have it renewed, and check this computer's clock.");
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return HttpClientText::tr(
            "its certificate is not valid yet. Check this computer's clock, then the certificate.");
    case X509_V_ERR_CERT_REVOKED:
        return HttpClientText::tr("its certificate was revoked. Have a new one issued.");
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
        return HttpClientText::tr(
            "its certificate is signed by an authority unknown here. If the server is the right one, give the "
            "connection the authority's certificate.");
    case X509_V_OK:
    case X509_V_ERR_UNSPECIFIED:
        return HttpClientText::tr("its certificate was refused.");
    default:
        return HttpClientText::tr("its certificate was refused: %1.")
            .arg(QString::fromLatin1(X509_verify_cert_error_string(verifyResult)));
    }
}

} // namespace signalbox
