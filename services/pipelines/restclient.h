#pragma once

#include "services/async/whenended.h"
#include "services/net/httpclient.h"
#include "services/net/secretheader.h"
#include "services/pipelines/pipelineserver.h"

#include <functional>
#include <memory>

namespace signalbox
{

// Questions to one server with a JSON API: who we are, what an error status means in a sentence, parsing off the GUI
// thread. Any thread but for its making; futures end on workers or the network thread: take them with deliver().
class RestClient
{
public:
    struct Ask
    {
        QByteArray method = "GET";
        QByteArray target; // below the server's address, percent-encoded; or an absolute address found in an answer
        QByteArray body;
        QByteArray contentType; // of the body
        QString what;           // for a sentence: "run 412 of acme/cart"
        qint64 maxBody = 32ll * 1024 * 1024;
        bool useEtag = true;         // of reads
        bool changesNothing = false; // a POST that only asks
        HttpHeaders headers = {};
    };
    // The vendor's own reading of an error status; none: the common one. `message` is what the body says, if anything.
    using Judge =
        std::function<std::optional<Error>(const HttpResponse &response, const Ask &ask, const QString &message)>;
    // Told of each answer, on the network thread: for budgets that servers tell in their headers.
    using Listener = std::function<void(const HttpResponse &response)>;

    // `header` shows the config's token or password; `always` goes with each request. `http`, `secrets` outlive it.
    RestClient(const PipelineServerConfig &config, HttpClient &http, SecretStore &secrets, const SecretHeader &header,
               HttpHeaders always, Judge judge = {}, Listener listener = {});

    // The answer with its status below 400, or an Error: Unauthorized, Forbidden, NotFound, Conflict (409, 412),
    // Invalid (400, 422), RateLimited (429), Unsupported (405, 501), Unreachable (5xx; of a write
    // OutcomeUnknown) and what HttpClient says.
    [[nodiscard]] QFuture<Result<HttpResponse>> send(const Ask &ask, const StopToken &stop) const;

    // parse: const HttpResponse & -> Result<T>, on a worker. Its errors get "It was asked for WHAT." behind them.
    template <typename Parse>
    [[nodiscard]] auto read(const Ask &ask, const StopToken &stop, Parse parse) const
        -> QFuture<std::invoke_result_t<Parse, const HttpResponse &>>
    {
        using Answer = std::invoke_result_t<Parse, const HttpResponse &>;
        return continued(
            send(ask, stop),
            [parse = std::move(parse), what = ask.what](const Result<HttpResponse> &response) -> Answer {
                if (!response)
                    return response.error();
                Answer answer = parse(*response);
                if (!answer)
                    return withSubject(answer.error(), what);
                return answer;
            },
            Continues::OnWorker);
    }

    // A body that keeps coming, its head judged as by send(). `taker` on the network thread.
    [[nodiscard]] QFuture<Result<HttpResponse>> stream(const Ask &ask, std::function<void(const QByteArray &)> taker,
                                                       const StopToken &stop) const;

    QString host() const; // for people: "github.example.com", with a port that is not the usual one
    const QString &connection() const { return m_endpoint->connection; }
    const QUrl &base() const { return m_endpoint->base; }
    std::shared_ptr<const HttpEndpoint> endpoint() const { return m_endpoint; }
    HttpClient &http() const { return m_http; }

private:
    static Error withSubject(const Error &error, const QString &what);
    HttpRequest requestOf(const Ask &ask) const;
    Result<HttpResponse> judged(const Result<HttpResponse> &response, const Ask &ask) const;

    HttpClient &m_http;
    std::shared_ptr<const HttpEndpoint> m_endpoint;
    HttpHeaders m_always;
    Judge m_judge;
    Listener m_listener;
};

// What the body of an error says for people: "message", "error", "error_message", "error_description" of a JSON object
// (objects and lists below as text), else the first words of a plain text, never of a page. At most 300 characters.
QString messageOfError(const HttpResponse &response);

} // namespace signalbox
