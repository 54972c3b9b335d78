#include "services/pipelines/restclient.h"

#include "services/net/retrypolicy.h"
#include "services/pipelines/pipelinestext.h"

#include <nlohmann/json.hpp>

namespace signalbox
{

namespace
{

constexpr qsizetype mostWords = 300;

QString textOf(const nlohmann::json &value)
{
    if (value.is_string())
        return QString::fromStdString(value.get_ref<const std::string &>());
    QStringList parts;
    if (value.is_array()) {
        for (const auto &one : value)
            parts.append(one.is_object() && one.contains("message") ? textOf(one.at("message")) : textOf(one));
    } else if (value.is_object()) {
        for (const auto &one : value.items())
            parts.append(QString::fromStdString(one.key()) + QStringLiteral(" ") + textOf(one.value()));
    }
    parts.removeAll(QString());
    return parts.join(QStringLiteral(", "));
}

// One sentence: as it is, with a full stop.
QString asSentence(const QString &message)
{
    if (message.isEmpty() || message.endsWith(u'.') || message.endsWith(u'!') || message.endsWith(u'?'))
        return message;
    return message + u'.';
}

QString joined(const QString &sentence, const QString &message)
{
    return message.isEmpty() ? sentence : sentence + u' ' + PipelinesText::tr("It says: %1").arg(asSentence(message));
}

} // namespace

QString messageOfError(const HttpResponse &response)
{
    const QByteArray start = response.body.trimmed();
    if (start.startsWith('{')) {
        const auto json = nlohmann::json::parse(start.begin(), start.end(), nullptr, false);
        if (!json.is_object())
            return {};
        for (const char *key : {"message", "error_message", "error_description", "error", "errors"}) {
            if (json.contains(key)) {
                if (const QString text = textOf(json.at(key)).simplified(); !text.isEmpty())
                    return text.left(mostWords);
            }
        }
        return {};
    }
    if (start.isEmpty() || start.startsWith('<'))
        return {};
    return QString::fromUtf8(start.left(2 * mostWords)).simplified().left(mostWords);
}

RestClient::RestClient(const PipelineServerConfig &config, HttpClient &http, SecretStore &secrets,
                       const SecretHeader &header, HttpHeaders always, Judge judge, Listener listener)
    : m_http(http)
    , m_always(std::move(always))
    , m_judge(std::move(judge))
    , m_listener(std::move(listener))
{
    auto endpoint = std::make_shared<HttpEndpoint>();
    endpoint->connection = config.id;
    endpoint->base = config.url;
    endpoint->caPem = config.caPem;
    endpoint->insecureSkipVerify = config.insecureSkipTlsVerify;
    if (config.bearer)
        showSecret(*endpoint, *config.bearer, header, secrets);
    else if (config.password)
        showSecret(*endpoint, *config.password, header, secrets);
    m_endpoint = std::move(endpoint);
}

QString RestClient::host() const
{
    const QUrl &url = m_endpoint->base;
    return url.port() > 0 ? QStringLiteral("%1:%2").arg(url.host()).arg(url.port()) : url.host();
}

HttpRequest RestClient::requestOf(const Ask &ask) const
{
    HttpRequest request;
    request.endpoint = m_endpoint;
    request.method = ask.method;
    request.target = ask.target;
    request.headers = m_always + ask.headers;
    request.body = ask.body;
    if (!ask.contentType.isEmpty())
        request.headers.append(std::pair<QByteArray, QByteArray>("Content-Type", ask.contentType));
    request.maxBody = ask.maxBody;
    request.changesNothing = ask.changesNothing;
    request.useEtag = ask.useEtag && ask.method == "GET";
    return request;
}

Error RestClient::withSubject(const Error &error, const QString &what)
{
    if (what.isEmpty() || error.kind == ErrorKind::Cancelled)
        return error;
    Error told = error;
    told.message += u' ' + PipelinesText::tr("It was asked for %1.").arg(what);
    return told;
}

Result<HttpResponse> RestClient::judged(const Result<HttpResponse> &response, const Ask &ask) const
{
    if (!response)
        return response.error();
    if (response->status < 400)
        return response;
    const QString message = messageOfError(*response);
    if (m_judge) {
        if (auto error = m_judge(*response, ask, message))
            return *std::move(error);
    }
    Error error;
    error.detail = QStringLiteral("HTTP %1").arg(response->status);
    const auto wait =
        parseRetryAfter(response->header("Retry-After"), response->serverDate, QDateTime::currentDateTimeUtc());
    error.retryAfter = wait.value_or(std::chrono::milliseconds(0));
    const auto told = [&](ErrorKind kind, const QString &sentence) {
        error.kind = kind;
        error.message = joined(sentence, message);
        return Result<HttpResponse>(error);
    };
    switch (response->status) {
    case 401:
        return told(ErrorKind::Unauthorized,
                    PipelinesText::tr("%1 does not know us: the token is missing, wrong or has expired (%2).")
                        .arg(host(), ask.what));
    case 403:
        // Limits of proxies, and of GitLab's git and sign-in endpoints: a missing right is not told to wait.
        if (wait)
            return told(ErrorKind::RateLimited,
                        PipelinesText::tr("%1 asks us to wait before the next question (%2).").arg(host(), ask.what));
        return told(ErrorKind::Forbidden, PipelinesText::tr("%1 does not let us: %2.").arg(host(), ask.what));
    case 404:
    case 410:
        return told(ErrorKind::NotFound,
                    PipelinesText::tr("%1 has no such thing, or hides it from us: %2.").arg(host(), ask.what));
    case 409:
    case 412:
        return told(ErrorKind::Conflict,
                    PipelinesText::tr("%1 says that it is otherwise by now: %2.").arg(host(), ask.what));
    case 429:
        return told(ErrorKind::RateLimited,
                    PipelinesText::tr("%1 asks us to wait before the next question (%2).").arg(host(), ask.what));
    case 405:
    case 501:
        return told(ErrorKind::Unsupported, PipelinesText::tr("%1 cannot do this: %2.").arg(host(), ask.what));
    default:
        break;
    }
    if (response->status >= 500) {
        // Who failed behind the one that answers may have carried it out.
        const bool isWrite = ask.method != "GET" && ask.method != "HEAD" && !ask.changesNothing;
        return told(
            isWrite ? ErrorKind::OutcomeUnknown : ErrorKind::Unreachable,
            PipelinesText::tr("%1 failed to answer (HTTP %2): %3.").arg(host()).arg(response->status).arg(ask.what));
    }
    return told(ErrorKind::Invalid,
                PipelinesText::tr("%1 refuses it (HTTP %2): %3.").arg(host()).arg(response->status).arg(ask.what));
}

QFuture<Result<HttpResponse>> RestClient::send(const Ask &ask, const StopToken &stop) const
{
    return continued(m_http.send(requestOf(ask), stop), [client = *this, ask](const Result<HttpResponse> &response) {
        if (response && client.m_listener)
            client.m_listener(*response);
        return client.judged(response, ask);
    });
}

QFuture<Result<HttpResponse>> RestClient::stream(const Ask &ask, std::function<void(const QByteArray &)> taker,
                                                 const StopToken &stop) const
{
    struct State
    {
        HttpResponse head;
        QByteArray words; // of an error
    };
    const auto state = std::make_shared<State>();
    HttpSink sink;
    sink.head = [state](const HttpResponse &head) {
        state->head = head;
        return true;
    };
    sink.data = [state, taker = std::move(taker)](QByteArrayView bytes) {
        if (state->head.status < 400)
            taker(bytes.toByteArray());
        else if (state->words.size() < 64 * 1024)
            state->words += bytes.toByteArray();
        return true;
    };
    HttpRequest request = requestOf(ask);
    request.useEtag = false;
    request.maxBody = 0;
    request.timeouts.total = std::chrono::milliseconds(0);
    return continued(m_http.stream(std::move(request), std::move(sink), stop).finished,
                     [client = *this, ask, state](const Result<HttpResponse> &response) {
                         if (!response)
                             return response;
                         HttpResponse whole = *response;
                         whole.body = state->words;
                         return client.judged(whole, ask);
                     });
}

} // namespace signalbox
