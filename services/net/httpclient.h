#pragma once

#include "services/net/http.h"
#include "services/ports/requestmonitor.h"

namespace signalbox
{

// libcurl's multi interface on a thread of its own. One per process. Thread-safe; futures are fulfilled on the network
// thread (take them with deliver(), or continued(..., Continues::OnWorker) for parsing).
//
// Errors: an HTTP status of 400 and above is a *value* of send() and stream() - what it means is the adapter's to say -
// but for 401/403 nothing is hidden either. Error results are: Cancelled, TimedOut, Unreachable (name, connect, TLS:
// the sentence says which, with the certificate's problem), Protocol (garbage, cut off, too large), and OutcomeUnknown
// for a non-idempotent request whose bytes may have left - also when it was stopped, since then too it may have been
// carried out. Refused: an address that leads from https to http, a write to another host. Invalid: a request that
// cannot be sent.
class HttpClient
{
public:
    HttpClient();
    ~HttpClient(); // as close()
    HttpClient(const HttpClient &) = delete;
    HttpClient &operator=(const HttpClient &) = delete;

    // Ends every request as Cancelled (a write that left: OutcomeUnknown); one that is made later ends without a result
    // and never leaves. For whoever shuts down: what goes on after an answer may ask once more and needs this object
    // until it is done. From the thread that made the client.
    void close();

    [[nodiscard]] QFuture<Result<HttpResponse>> send(HttpRequest request, StopToken stop);

    // A body that keeps coming. An error status comes through the sink as well: head with the status, then its body.
    // The future ends with the head (empty body) once the stream ended in order; a stream is never retried here. `id`
    // names it for resume().
    struct Stream
    {
        quint64 id = 0;
        QFuture<Result<HttpResponse>> finished;
    };
    [[nodiscard]] Stream stream(HttpRequest request, HttpSink sink, StopToken stop);
    void resume(quint64 id); // after a sink returned false; any thread

    // For the panel of running requests. Owned by this; lives in the thread that made the client.
    RequestMonitor &monitor();

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace signalbox
