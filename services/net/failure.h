#pragma once

#include "services/net/retrypolicy.h"
#include "services/net/scope.h"

#include <curl/curl.h>

namespace signalbox
{

// What is known about an attempt that libcurl ended.
struct FailureFacts
{
    CURLcode code = CURLE_OK;
    QString text; // libcurl's own words
    Hop hop;
    QByteArray method;
    QString expectedName; // that the certificate was checked for
    bool hasClientCert = false;
    bool hasProxy = false;
    long verifyResult = 0; // X509_V_ERR_*
    long osError = 0;      // errno of a failed connect
    long proxyStatus = 0;  // answer to CONNECT
    bool hasLeft = false;  // the request may have been sent
    int status = 0;        // of a head that arrived
    qint64 received = 0;   // bytes of the body on the wire
    qint64 expected = -1;  // as the head announced it; -1: it did not
    std::chrono::milliseconds connectTimeout{0};
};

// The sentence names the host, what failed and what to do. Never OutcomeUnknown: see outcomeUnknown().
Error failureOf(const FailureFacts &facts);
AttemptEnd attemptEndOf(const FailureFacts &facts);

// Did the handshake fail for good, although libcurl had begun to send (TLS 1.3 tells a client that it lacks a
// certificate only after the client's last message)? Then nothing was carried out.
bool isHandshakeRefused(const FailureFacts &facts);

// For a write that may have left and whose answer was lost for `reason`.
Error outcomeUnknown(const QByteArray &method, const Hop &hop, const Error &reason);

// What this client ends by itself.
Error idleTimeout(const Hop &hop, std::chrono::milliseconds limit, bool hasHead, qint64 received);
Error totalTimeout(const Hop &hop, std::chrono::milliseconds limit, const QString &waitedFor);
Error tooLarge(const Hop &hop, qint64 limit);
Error headTooLarge(const Hop &hop);
Error cancelled();

} // namespace signalbox
