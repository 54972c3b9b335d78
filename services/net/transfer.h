#pragma once

#include "services/net/attempt.h"
#include "services/net/httpclient.h"

#include <QPromise>

#include <deque>
#include <optional>

namespace signalbox
{

class NetLoop;

// One request of a caller: its attempts, redirects, waits and its one answer. Lives on the loop's thread, but is made
// on the caller's.
//
//   Authorising --> Queued --> Running --> (Draining) --> Done
//        ^                        |
//        |------- BackOff <-------+   retry, renewed credential or redirect (the latter two without a wait)
class Transfer : public Attempt::Listener
{
public:
    enum class State { New, Authorising, Queued, Running, BackOff, Draining, Done };

    Transfer(NetLoop &loop, quint64 id, HttpRequest request, std::optional<HttpSink> sink, StopToken stop);
    ~Transfer() override;

    quint64 id() const { return m_id; }
    QFuture<Result<HttpResponse>> future() { return m_promise.future(); }
    void watchStop(); // before it is handed to the loop

    // From here on: the loop's thread.
    void begin();
    void authorised(int round, Result<HttpHeaders> headers);
    void run(); // has its place in the queue; the handle is added to `multi` by the loop
    void attemptEnded(CURLcode code);
    void timePassed(NetClock::time_point now);
    void resume();
    void end(const Error &reason); // stopped, or the program ends

    State state() const { return m_state; }
    Attempt *attempt() { return m_attempt.get(); }
    const Hop &hop() const { return m_hop; }
    const HttpRequest &request() const { return m_request; }
    bool isWrite() const { return !isIdempotent(m_request.method) && !m_request.changesNothing; }
    bool isStream() const { return m_sink.has_value(); }
    NetClock::time_point wakeAt() const { return m_wakeAt; } // timePassed() is due; max(): never

private:
    bool headArrived(const Attempt &attempt) override;
    Attempt::Take bytesArrived(QByteArrayView bytes) override;

    bool isSendable(Error &problem) const;
    void ask();
    void fail(const Error &reason);
    void answered();
    bool showRejection();
    bool follow();
    bool renew();
    bool retry(AttemptEnd ending);
    void retire(); // the attempt's handle, keeping what it said
    void finish(Result<HttpResponse> result);
    HttpResponse head(const Attempt &attempt) const;
    bool deliver(QByteArrayView bytes);
    void plan(); // the next wake-up
    HttpHeaders outgoing(const HttpHeaders &credentials);
    void logEnd(const Result<HttpResponse> &result) const;

    NetLoop &m_loop;
    const quint64 m_id;
    HttpRequest m_request;
    std::optional<HttpSink> m_sink;
    StopToken m_stop;
    QPromise<Result<HttpResponse>> m_promise;

    State m_state = State::New;
    Hop m_hop;
    int m_redirects = 0;
    int m_attempts = 0;
    int m_round = 0; // of asking for credentials: an answer to an older one does not count
    bool m_hasRenewed = false;
    bool m_mayHaveLeft = false; // any attempt of a write
    NetClock::time_point m_startedAt;
    QDateTime m_startedAtUtc;
    NetClock::time_point m_backOffUntil;
    NetClock::time_point m_wakeAt = NetClock::time_point::max();

    HttpHeaders m_credentials;
    QByteArray m_etagKey;
    std::unique_ptr<Attempt> m_attempt;
    std::optional<Error> m_problem; // why a callback ended the attempt
    HttpResponse m_response;
    qint64 m_received = 0;       // decompressed, of this attempt
    bool m_isSwallowing = false; // redirect, 401 to be renewed, status to be retried: the body is not the caller's
    QByteArray m_rejection;      // of a stream: the body of a 401 that may yet be renewed
    bool m_isPaused = false;     // by the sink
    bool m_isHeld = false;       // and so libcurl too
    QByteArray m_backlog;
    CURLcode m_heldCode = CURLE_OK; // Draining

    // Last, so that it goes first: no stop may reach a half destroyed object.
    std::optional<StopCallback<std::function<void()>>> m_onStop;
};

} // namespace signalbox
