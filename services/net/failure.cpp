#include "services/net/failure.h"

#include "services/net/httptext.h"
#include "services/net/tls.h"

#include <QLocale>

#include <cerrno>

namespace signalbox
{

namespace
{

QString place(const Hop &hop)
{
    return QString::fromUtf8(hop.authority());
}

QString seconds(std::chrono::milliseconds time)
{
    return QLocale().toString(static_cast<double>(time.count()) / 1000.0, 'g', 3);
}

QString size(qint64 bytes)
{
    return QLocale().formattedDataSize(bytes);
}

Error unreachable(const FailureFacts &facts, const QString &message)
{
    return Error{ErrorKind::Unreachable, message,
                 QStringLiteral("libcurl %1: %2").arg(static_cast<int>(facts.code)).arg(facts.text)};
}

Error protocol(const FailureFacts &facts, const QString &message)
{
    Error error = unreachable(facts, message);
    error.kind = ErrorKind::Protocol;
    return error;
}

Error cutOff(const FailureFacts &facts)
{
    const QString host = place(facts.hop);
    if (facts.status == 0)
        return protocol(
            facts, HttpClientText::tr("%1 closed the connection before it answered. Try again; if it stays so, look at "
                                      "the server's log, or at what stands between.")
                       .arg(host));
    if (facts.expected >= 0)
        return protocol(facts, HttpClientText::tr(
                                   "%1 broke off its answer after %2 of %3 bytes. Try again; if it stays so, look at "
                                   "the server's log, or at what stands between.")
                                   .arg(host, QLocale().toString(facts.received), QLocale().toString(facts.expected)));
    return protocol(
        facts,
        HttpClientText::tr("%1 broke off its answer after %2 bytes. Try again; if it stays so, look at the server's "
                           "log, or at what stands between.")
            .arg(host, QLocale().toString(facts.received)));
}

Error proxyFailure(const FailureFacts &facts)
{
    if (facts.proxyStatus == 407)
        return unreachable(
            facts, HttpClientText::tr("The proxy on the way to %1 asks for a user name and password. Give them in the "
                                      "connection's proxy address.")
                       .arg(place(facts.hop)));
    if (facts.proxyStatus >= 300)
        return unreachable(
            facts,
            HttpClientText::tr("The proxy refused the way to %1 with status %2. Check the connection's proxy, or "
                               "except this host from it.")
                .arg(place(facts.hop))
                .arg(facts.proxyStatus));
    return unreachable(
        facts, HttpClientText::tr("The proxy on the way to %1 could not be used. Check the connection's proxy, or "
                                  "except this host from it.")
                   .arg(place(facts.hop)));
}

Error handshakeRefused(const FailureFacts &facts)
{
    if (facts.hasClientCert)
        return unreachable(
            facts, HttpClientText::tr("%1 refused the connection's client certificate. Check that it is the right one "
                                      "and has not expired.")
                       .arg(place(facts.hop)));
    return unreachable(
        facts, HttpClientText::tr("%1 demands a client certificate, and the connection has none. Add one to the "
                                  "connection.")
                   .arg(place(facts.hop)));
}

Error connectFailure(const FailureFacts &facts)
{
    const QString host = place(facts.hop);
    if (facts.hasProxy)
        return proxyFailure(facts);
    constexpr long winsockRefused = 10061; // WSAECONNREFUSED
    if (facts.osError == ECONNREFUSED || facts.osError == winsockRefused)
        return unreachable(
            facts,
            HttpClientText::tr("%1 refused the connection: nothing listens there. Check the address and port, and "
                               "that the server runs.")
                .arg(host));
    return unreachable(
        facts, HttpClientText::tr("%1 cannot be reached. Check the address, the network and the VPN.").arg(host));
}

Error answerFailure(const FailureFacts &facts)
{
    const QString host = place(facts.hop);
    switch (facts.code) {
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
        return cutOff(facts);
    case CURLE_OUT_OF_MEMORY: // libcurl's word for one header line over its limit of 100 KB
        return headTooLarge(facts.hop);
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_WRITE_ERROR:
        return protocol(facts, HttpClientText::tr("%1 sent an answer whose compression cannot be undone.").arg(host));
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
    default:
        return protocol(
            facts,
            HttpClientText::tr("%1 sent something that is not HTTP. Check that the address and port are those of the "
                               "service, and whether it wants https.")
                .arg(host));
    }
}

} // namespace

bool isHandshakeRefused(const FailureFacts &facts)
{
    return facts.status == 0 && facts.text.contains(u"alert", Qt::CaseInsensitive) &&
           (facts.text.contains(u"certificate") || facts.text.contains(u"unknown ca") ||
            facts.text.contains(u"handshake failure") || facts.text.contains(u"access denied"));
}

Error failureOf(const FailureFacts &facts)
{
    const QString host = place(facts.hop);
    if (isHandshakeRefused(facts))
        return handshakeRefused(facts);
    switch (facts.code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        return unreachable(facts,
                           HttpClientText::tr("The name %1 was not found. Check the address, the network and the VPN.")
                               .arg(facts.hop.host));
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_PROXY:
        return proxyFailure(facts);
    case CURLE_COULDNT_CONNECT:
        return connectFailure(facts);
    case CURLE_OPERATION_TIMEDOUT: {
        Error error = unreachable(
            facts, HttpClientText::tr("No connection to %1 within %2 s. Check the address, the network and the VPN.")
                       .arg(host, seconds(facts.connectTimeout)));
        error.kind = ErrorKind::TimedOut;
        return error;
    }
    case CURLE_PEER_FAILED_VERIFICATION:
        return unreachable(facts,
                           HttpClientText::tr("%1 cannot be trusted: %2")
                               .arg(host, certificateProblem(facts.verifyResult, facts.text, facts.expectedName)));
    case CURLE_SSL_CERTPROBLEM:
        return unreachable(
            facts, HttpClientText::tr("The client certificate or key for %1 cannot be used: they must be PEM, belong "
                                      "together and have no passphrase.")
                       .arg(host));
    case CURLE_SSL_CACERT_BADFILE:
        return unreachable(
            facts,
            HttpClientText::tr("The certificate authority given for %1 cannot be read: PEM was expected.").arg(host));
    case CURLE_SSL_CONNECT_ERROR:
        return unreachable(
            facts,
            HttpClientText::tr("No secure connection to %1: the TLS handshake failed. Check that the port speaks "
                               "https.")
                .arg(host));
    default:
        break;
    }
    if (!facts.hasLeft && facts.proxyStatus >= 300)
        return proxyFailure(facts);
    if (!facts.hasLeft && facts.hop.scheme == u"https")
        return unreachable(
            facts, HttpClientText::tr("The connection to %1 was lost before it was secure. Try again.").arg(host));
    return answerFailure(facts);
}

AttemptEnd attemptEndOf(const FailureFacts &facts)
{
    if (isHandshakeRefused(facts))
        return AttemptEnd::Final;
    switch (facts.code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_SSL_CONNECT_ERROR:
        return AttemptEnd::ConnectFailed;
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
        if (facts.hasLeft)
            return AttemptEnd::CutOff;
        return facts.proxyStatus >= 300 ? AttemptEnd::Final : AttemptEnd::ConnectFailed;
    default:
        return AttemptEnd::Final;
    }
}

Error outcomeUnknown(const QByteArray &method, const Hop &hop, const Error &reason)
{
    const QString what = QString::fromLatin1(method);
    QString message =
        HttpClientText::tr("It is not known whether %1 carried out the change (%2): its answer was lost. Look at the "
                           "present state before doing it again.")
            .arg(place(hop), what);
    return Error{ErrorKind::OutcomeUnknown, message,
                 QStringLiteral("%1: %2 %3").arg(errorKindName(reason.kind), reason.message, reason.detail)};
}

Error idleTimeout(const Hop &hop, std::chrono::milliseconds limit, bool hasHead, qint64 received)
{
    if (!hasHead)
        return Error{ErrorKind::TimedOut,
                     HttpClientText::tr(
                         "%1 took the request and did not answer within %2 s. It may be overloaded; try again later.")
                         .arg(place(hop), seconds(limit)),
                     {}};
    return Error{
        ErrorKind::TimedOut,
        HttpClientText::tr("%1 stopped in the middle of its answer, after %2, and sent nothing for %3 s. Try again.")
            .arg(place(hop), size(received), seconds(limit)),
        {}};
}

Error totalTimeout(const Hop &hop, std::chrono::milliseconds limit, const QString &waitedFor)
{
    return Error{ErrorKind::TimedOut,
                 HttpClientText::tr("%1 was not done within %2 s (%3). Try again, or ask for less at a time.")
                     .arg(place(hop), seconds(limit), waitedFor),
                 {}};
}

Error tooLarge(const Hop &hop, qint64 limit)
{
    return Error{ErrorKind::Protocol,
                 HttpClientText::tr("The answer of %1 is larger than the %2 accepted here. Ask for less at a time.")
                     .arg(place(hop), size(limit)),
                 {}};
}

Error headTooLarge(const Hop &hop)
{
    return Error{
        ErrorKind::Protocol,
        HttpClientText::tr("%1 sent more headers than any answer needs. Check that the address is that of the service.")
            .arg(place(hop)),
        {}};
}

Error cancelled()
{
    return Error{ErrorKind::Cancelled, HttpClientText::tr("Stopped."), {}};
}

} // namespace signalbox
