#include "services/net/transfer.h"

#include "services/async/whenended.h"
#include "services/net/httptext.h"
#include "services/net/netloop.h"
#include "services/net/proxychoice.h"

#include <QLoggingCategory>

#include <algorithm>

namespace signalbox
{

Q_LOGGING_CATEGORY(logNet, "signalbox.services.net", QtInfoMsg)

namespace
{

constexpr qint64 backlogLimit = 4 * 1024 * 1024; // of a paused stream on a shared connection
constexpr qint64 swallowLimit = 1024 * 1024;     // of bodies nobody asked for
constexpr qsizetype rejectionLimit = 64 * 1024;
constexpr qsizetype backlogPiece = 256 * 1024;
constexpr qint64 largestReserve = 64ll * 1024 * 1024;
constexpr int maxRedirects = 5;

QString environmentValue(const char *name)
{
    return qEnvironmentVariable(name);
}

bool isHeaderName(const QByteArray &text)
{
    return !text.isEmpty() && std::none_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) <= ' ' || static_cast<unsigned char>(c) >= 0x7f || c == ':' || c == ';';
    });
}

bool isHeaderValue(const QByteArray &text)
{
    return std::none_of(text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

bool isMethod(const QByteArray &text)
{
    return !text.isEmpty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool areSendable(const HttpHeaders &headers)
{
    return std::all_of(headers.begin(), headers.end(),
                       [](const auto &header) { return isHeaderName(header.first) && isHeaderValue(header.second); });
}

bool names(const HttpHeaders &headers, const QByteArray &name)
{
    return std::any_of(headers.begin(), headers.end(),
                       [&](const auto &header) { return header.first.compare(name, Qt::CaseInsensitive) == 0; });
}

} // namespace

Transfer::Transfer(NetLoop &loop, quint64 id, HttpRequest request, std::optional<HttpSink> sink, StopToken stop)
    : m_loop(loop)
    , m_id(id)
    , m_request(std::move(request))
    , m_sink(std::move(sink))
    , m_stop(std::move(stop))
    , m_startedAt(NetClock::now())
    , m_startedAtUtc(QDateTime::currentDateTimeUtc())
{
    m_promise.start();
}

Transfer::~Transfer() = default;

void Transfer::watchStop()
{
    if (m_stop.stop_possible())
        m_onStop.emplace(m_stop, std::function<void()>([&loop = m_loop, id = m_id] { loop.stop(id); }));
}

bool Transfer::isSendable(Error &problem) const
{
    if (!m_request.endpoint)
        problem = Error{ErrorKind::Internal, HttpClientText::tr("A request was made without a connection."), {}};
    else if (!isMethod(m_request.method))
        problem = Error{ErrorKind::Invalid, HttpClientText::tr("A request was made with a method that is none."), {}};
    else if (!areSendable(m_request.headers))
        problem = Error{ErrorKind::Invalid,
                        HttpClientText::tr("A header of a request to %1 holds a character that headers cannot hold.")
                            .arg(m_hop.host),
                        {}};
    else
        return true;
    return false;
}

void Transfer::begin()
{
    RequestInfo info;
    info.id = m_id;
    info.connection = m_request.endpoint ? m_request.endpoint->connection : QString();
    info.method = QString::fromLatin1(m_request.method);
    info.startedAt = m_startedAtUtc;
    info.state = QStringLiteral("waiting");
    Error problem;
    bool isFine = !m_request.endpoint ? isSendable(problem) : true;
    if (isFine) {
        const Result<Hop> hop = firstHop(*m_request.endpoint, m_request.method, m_request.target);
        if (hop) {
            m_hop = *hop;
            info.target = m_hop.shown();
            isFine = isSendable(problem);
        } else {
            problem = hop.error();
            isFine = false;
        }
    }
    m_loop.log().started(info);
    if (m_stop.stop_requested())
        finish(cancelled());
    else if (!isFine)
        finish(problem);
    else
        ask();
}

void Transfer::ask()
{
    m_state = State::Authorising;
    const int round = ++m_round;
    plan();
    if (!m_hop.isOwn || !m_request.endpoint->authorise) {
        authorised(round, HttpHeaders());
        return;
    }
    const std::weak_ptr<NetLoop::Mailbox> mailbox = m_loop.mailbox();
    const auto answer = [mailbox, id = m_id, round](const Result<HttpHeaders> &headers) {
        if (const auto box = mailbox.lock()) {
            box->post([id, round, headers](NetLoop &loop) {
                if (Transfer *transfer = loop.find(id))
                    transfer->authorised(round, headers);
            });
        }
    };
    whenEnded(m_request.endpoint->authorise(m_stop), [answer](const QFuture<Result<HttpHeaders>> &ended) {
        if (ended.resultCount() > 0)
            answer(ended.result());
        else
            answer(Error{ErrorKind::Internal,
                         HttpClientText::tr("The credential of the connection was lost inside the program."),
                         {}});
    });
}

void Transfer::authorised(int round, Result<HttpHeaders> headers)
{
    if (m_state != State::Authorising || round != m_round)
        return;
    if (!headers) {
        finish(headers.error());
        return;
    }
    if (!areSendable(*headers)) {
        finish(
            Error{ErrorKind::Invalid,
                  HttpClientText::tr(
                      "The credential of the connection to %1 holds a character that headers cannot hold. Look for a "
                      "line break in it.")
                      .arg(m_hop.host),
                  {}});
        return;
    }
    m_credentials = std::move(headers).value();
    m_state = State::Queued;
    plan();
    m_loop.enqueue(*this);
}

HttpHeaders Transfer::outgoing(const HttpHeaders &credentials)
{
    HttpHeaders headers = headersInScope(m_hop, m_request.headers);
    if (m_hop.isOwn) {
        headers += credentials;
        if (!names(headers, "Authorization"))
            headers += userInfoHeaders(*m_request.endpoint);
    }
    m_etagKey.clear();
    if (m_request.useEtag && m_request.method == "GET" && !m_sink) {
        m_etagKey = EtagMemory::key(m_request.endpoint->connection, m_hop.wireUrl(), headers);
        if (const QByteArray known = m_loop.etags().etag(m_etagKey); !known.isEmpty())
            headers << std::pair<QByteArray, QByteArray>("If-None-Match", known);
    }
    return headers;
}

void Transfer::run()
{
    ++m_attempts;
    m_received = 0;
    m_response = HttpResponse();
    m_isSwallowing = false;
    m_rejection.clear();
    m_problem.reset();
    AttemptPlan next;
    next.endpoint = m_request.endpoint;
    next.hop = m_hop;
    next.method = m_request.method;
    next.headers = outgoing(m_credentials);
    next.body = m_hop.isOwn ? m_request.body : QByteArray();
    if (m_hop.isOwn) {
        const auto &fresh = m_request.endpoint->clientCertificate;
        const auto given = fresh ? fresh() : std::nullopt;
        next.client =
            given ? *given : ClientCertificate{m_request.endpoint->clientCertPem, m_request.endpoint->clientKeyPem};
    }
    next.proxy = proxyFor(*m_request.endpoint, m_hop, environmentValue);
    next.connectTimeout = m_request.timeouts.connect;
    next.compressed = m_request.compressed;
    next.isWrite = isWrite();
    next.ownConnection = m_request.ownConnection;
    // libcurl wakes those that wait only when a connection turns out to be shared or a request ends; where neither
    // happens they sit out the time to connect. No write takes that risk, and nobody takes it twice.
    next.mayWait = !next.isWrite && m_attempts == 1;
    m_attempt = std::make_unique<Attempt>(std::move(next), *this);
    if (!m_attempt->isValid()) {
        m_attempt.reset();
        finish(Error{ErrorKind::Internal,
                     HttpClientText::tr("The request to %1 could not be set up: this build of libcurl lacks a feature.")
                         .arg(m_hop.host),
                     {}});
        return;
    }
    m_state = State::Running;
    m_loop.log().attempt(m_id, m_attempts, m_hop.shown());
    plan();
}

HttpResponse Transfer::head(const Attempt &attempt) const
{
    HttpResponse response;
    response.id = m_id;
    response.status = attempt.status();
    response.headers = attempt.headers();
    response.url = attempt.hop().url();
    response.serverDate = parseHttpDate(response.header("Date"));
    response.receivedAt = QDateTime::currentDateTimeUtc();
    return response;
}

bool Transfer::headArrived(const Attempt &attempt)
{
    m_response = head(attempt);
    m_loop.log().answered(m_id, attempt.status(), m_sink.has_value());
    const bool isRedirected = m_request.followRedirects && isIdempotent(m_request.method) &&
                              isRedirect(attempt.status()) && !attempt.header("Location").isEmpty();
    const bool isRenewable =
        attempt.status() == 401 && m_hop.isOwn && !m_hasRenewed && m_request.endpoint->credentialRejected;
    m_isSwallowing = isRedirected;
    if (m_sink && !isRedirected && !isRenewable && m_sink->head && !m_sink->head(m_response)) {
        m_problem = cancelled();
        return false;
    }
    if (!m_sink && !isRedirected) {
        bool ok = false;
        const qint64 length = m_response.header("Content-Length").toLongLong(&ok);
        if (ok && m_request.method != "HEAD" && m_request.maxBody > 0 && length > m_request.maxBody) {
            m_problem = tooLarge(m_hop, m_request.maxBody);
            return false;
        }
        if (ok && length > 0)
            m_response.body.reserve(static_cast<qsizetype>(std::min(length, largestReserve)));
    }
    // A stream's first 401 is kept back: the sink gets it only if no new credential comes.
    if (m_sink && isRenewable)
        m_isSwallowing = true;
    return true;
}

Attempt::Take Transfer::bytesArrived(QByteArrayView bytes)
{
    const qint64 limit = m_isSwallowing ? swallowLimit : m_request.maxBody;
    if (m_isPaused && m_sink && !m_isSwallowing) {
        const qint64 room = m_request.ownConnection ? 0 : backlogLimit;
        if (m_backlog.size() + bytes.size() > room) {
            m_isHeld = true;
            return Attempt::Take::Pause;
        }
        m_received += bytes.size();
        m_backlog.append(bytes.data(), bytes.size());
        return Attempt::Take::Taken;
    }
    m_received += bytes.size();
    if (limit > 0 && m_received > limit) {
        m_problem = tooLarge(m_hop, limit);
        return Attempt::Take::End;
    }
    m_loop.log().received(m_id, m_received);
    if (m_isSwallowing) {
        if (m_response.status == 401 && m_rejection.size() + bytes.size() <= rejectionLimit)
            m_rejection.append(bytes.data(), bytes.size());
        return Attempt::Take::Taken;
    }
    if (!m_sink) {
        m_response.body.append(bytes.data(), bytes.size());
        return Attempt::Take::Taken;
    }
    deliver(bytes);
    return Attempt::Take::Taken;
}

bool Transfer::deliver(QByteArrayView bytes)
{
    if (m_sink->data && !m_sink->data(bytes))
        m_isPaused = true;
    return !m_isPaused;
}

void Transfer::resume()
{
    if (!m_isPaused || (m_state != State::Running && m_state != State::Draining))
        return;
    m_isPaused = false;
    while (!m_backlog.isEmpty() && !m_isPaused) {
        const QByteArray piece = m_backlog.left(backlogPiece);
        m_backlog.remove(0, piece.size());
        deliver(piece);
    }
    if (m_isPaused)
        return;
    if (m_state == State::Draining) {
        m_state = State::Running;
        attemptEnded(m_heldCode);
        return;
    }
    m_attempt->touch();
    if (m_isHeld) {
        m_isHeld = false;
        const CURLcode code = m_attempt->resume();
        if (code != CURLE_OK) {
            attemptEnded(code);
            return;
        }
    }
    plan();
}

void Transfer::retire()
{
    m_loop.leave(*this);
    m_attempt.reset();
}

void Transfer::attemptEnded(CURLcode code)
{
    if (m_state != State::Running)
        return;
    if (m_isPaused && !m_backlog.isEmpty()) { // the sink has not seen the end yet
        m_heldCode = code;
        m_state = State::Draining;
        m_loop.leave(*this);
        plan();
        return;
    }
    if (m_attempt->hasLeft() && isWrite())
        m_mayHaveLeft = true;
    if (m_attempt->isHeadTooLarge())
        m_problem = headTooLarge(m_hop);
    if (m_problem) {
        const Error problem = *m_problem;
        retire();
        fail(problem);
        return;
    }
    if (code == CURLE_OK && !m_attempt->hasHead())
        code = CURLE_GOT_NOTHING; // the connection ended inside the headers
    if (code == CURLE_OK) {
        answered();
        return;
    }
    // libcurl had found the kept connection dead and was held back from sending a write again.
    const FailureFacts facts = m_attempt->facts(m_attempt->wasRepeatRefused() ? CURLE_GOT_NOTHING : code);
    const AttemptEnd ending = attemptEndOf(facts);
    if (isHandshakeRefused(facts))
        m_mayHaveLeft = false;
    retire();
    if (!retry(ending))
        fail(failureOf(facts));
}

void Transfer::answered()
{
    const int status = m_attempt->status();
    if (status == 304 && !m_etagKey.isEmpty()) {
        if (const HttpResponse *known = m_loop.etags().find(m_etagKey)) {
            HttpResponse response = *known;
            response.id = m_id;
            response.fromCache = true;
            response.headers = EtagMemory::renewed(known->headers, m_response.headers);
            response.serverDate = m_response.serverDate;
            response.receivedAt = m_response.receivedAt;
            retire();
            finish(std::move(response));
            return;
        }
    }
    if (m_isSwallowing && status != 401) {
        follow();
        return;
    }
    if (status == 401 && renew())
        return;
    if (m_isSwallowing && !showRejection()) {
        finish(cancelled());
        return;
    }
    retire();
    m_mayHaveLeft = false; // it was answered
    if (retry(AttemptEnd::Answered))
        return;
    if (!m_etagKey.isEmpty())
        m_loop.etags().remember(m_etagKey, m_response);
    finish(std::move(m_response));
}

bool Transfer::showRejection()
{
    if (m_sink->head && !m_sink->head(m_response))
        return false;
    if (!m_rejection.isEmpty())
        deliver(m_rejection);
    return true;
}

bool Transfer::follow()
{
    const QByteArray location = m_attempt->header("Location");
    retire();
    if (++m_redirects > maxRedirects) {
        finish(Error{ErrorKind::Protocol,
                     HttpClientText::tr("%1 leads from address to address without end. Check the connection's address.")
                         .arg(m_hop.host),
                     {}});
        return false;
    }
    const Result<Hop> next = redirectHop(*m_request.endpoint, m_hop, location);
    if (!next) {
        finish(next.error());
        return false;
    }
    qCDebug(logNet).noquote() << m_id << "redirected to" << next->shown()
                              << (next->isOwn ? "" : "(another host: no credentials)");
    m_hop = *next;
    ask();
    return true;
}

bool Transfer::renew()
{
    if (m_hasRenewed || !m_hop.isOwn || !m_request.endpoint->credentialRejected)
        return false;
    m_hasRenewed = true;
    if (!m_request.endpoint->credentialRejected(m_credentials))
        return false;
    qCDebug(logNet) << m_id << "credential rejected, asking for a new one";
    m_mayHaveLeft = false; // 401: not carried out
    retire();
    ask();
    return true;
}

bool Transfer::retry(AttemptEnd ending)
{
    RetryQuestion question;
    question.method = m_request.method;
    question.changesNothing = m_request.changesNothing;
    question.isStream = m_sink.has_value();
    question.attempt = m_attempts - m_redirects - (m_hasRenewed ? 1 : 0);
    question.retries = m_request.retries;
    question.end = ending;
    question.random = m_loop.random();
    if (ending == AttemptEnd::Answered) {
        question.status = m_response.status;
        question.retryAfter =
            parseRetryAfter(m_response.header("Retry-After"), m_response.serverDate, QDateTime::currentDateTimeUtc());
    }
    if (m_request.timeouts.total.count() > 0) {
        const auto used = std::chrono::duration_cast<std::chrono::milliseconds>(NetClock::now() - m_startedAt);
        question.timeLeft = std::max(m_request.timeouts.total - used, std::chrono::milliseconds(0));
    }
    const auto wait = retryWait(question);
    if (!wait)
        return false;
    qCDebug(logNet) << m_id << "attempt" << m_attempts << "failed, the next in" << wait->count() << "ms";
    m_state = State::BackOff;
    m_backOffUntil = NetClock::now() + *wait;
    m_loop.log().waiting(m_id);
    plan();
    return true;
}

void Transfer::fail(const Error &reason)
{
    finish(m_mayHaveLeft ? outcomeUnknown(m_request.method, m_hop, reason) : reason);
}

void Transfer::end(const Error &reason)
{
    if (m_attempt && m_attempt->hasLeft() && isWrite())
        m_mayHaveLeft = true;
    fail(reason);
}

void Transfer::plan()
{
    m_wakeAt = NetClock::time_point::max();
    if (m_request.timeouts.total.count() > 0)
        m_wakeAt = m_startedAt + m_request.timeouts.total;
    if (m_state == State::BackOff)
        m_wakeAt = std::min(m_wakeAt, m_backOffUntil);
    // Until the request is on its way the time for connecting counts; libcurl keeps it.
    if (m_state == State::Running && !m_isPaused && m_request.timeouts.idle.count() > 0)
        m_wakeAt = std::min(m_wakeAt, m_attempt->lastProgress() + m_request.timeouts.idle);
}

void Transfer::timePassed(NetClock::time_point now)
{
    if (m_request.timeouts.total.count() > 0 && now >= m_startedAt + m_request.timeouts.total) {
        QString waitedFor = HttpClientText::tr("waiting for its turn");
        if (m_state == State::Authorising)
            waitedFor = HttpClientText::tr("waiting for a credential");
        else if (m_state == State::BackOff)
            waitedFor = HttpClientText::tr("waiting to try again");
        else if (m_attempt)
            waitedFor = m_attempt->hasHead() ? HttpClientText::tr("receiving the answer")
                                             : HttpClientText::tr("waiting for the answer");
        end(totalTimeout(m_hop, m_request.timeouts.total, waitedFor));
        return;
    }
    if (m_state == State::BackOff && now >= m_backOffUntil) {
        ask();
        return;
    }
    if (m_state == State::Running && !m_isPaused && m_request.timeouts.idle.count() > 0) {
        if (!m_attempt->hasLeft())
            m_attempt->touch();
        else if (now >= m_attempt->lastProgress() + m_request.timeouts.idle) {
            end(idleTimeout(m_hop, m_request.timeouts.idle, m_attempt->hasHead(), m_received));
            return;
        }
    }
    plan();
}

void Transfer::finish(Result<HttpResponse> result)
{
    if (m_state == State::Done)
        return;
    m_loop.leave(*this);
    m_attempt.reset();
    m_state = State::Done;
    m_wakeAt = NetClock::time_point::max();
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(NetClock::now() - m_startedAt);
    if (result)
        result->duration = took;
    logEnd(result);
    m_loop.log().ended(m_id, result, m_received, took);
    m_loop.retire(m_id);
    m_promise.addResult(std::move(result));
    m_promise.finish();
}

void Transfer::logEnd(const Result<HttpResponse> &result) const
{
    if (!logNet().isDebugEnabled())
        return;
    const QString what = QString::fromLatin1(m_request.method) + u' ' + m_hop.shown();
    if (result)
        qCDebug(logNet).noquote() << m_id << what << result->status << m_received << "bytes, attempt" << m_attempts;
    else
        qCDebug(logNet).noquote() << m_id << what << errorKindName(result.error().kind) << result.error().message
                                  << result.error().detail;
}

} // namespace signalbox
