#include "services/adapters/kubernetes/kubeclient.h"

#include "services/adapters/kubernetes/discovery.h"
#include "services/adapters/kubernetes/kubernetestext.h"
#include "services/adapters/kubernetes/waiters.h"
#include "services/async/deliver.h"
#include "services/async/whenended.h"

#include <QSysInfo>
#include <QUrlQuery>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>

namespace signalbox::kubernetes
{

using namespace std::chrono_literals;

namespace
{

constexpr qsizetype longestRefusal = 64 * 1024; // of a stream's body that is an error

QByteArray userAgent()
{
    static const QByteArray text = "signalbox/" SIGNALBOX_VERSION " (" + QSysInfo::kernelType().toLatin1() + '/' +
                                   QSysInfo::currentCpuArchitecture().toLatin1() + ')';
    return text;
}

bool isWebPage(const HttpResponse &response)
{
    return response.header("Content-Type").toLower().startsWith("text/html");
}

QByteArray withParameter(QByteArray target, const QByteArray &parameter)
{
    target += target.contains('?') ? '&' : '?';
    return target + parameter;
}

enum class Nature { Read, DryRun, Write };

} // namespace

class KubeClient::Private
{
public:
    // Outlives the client in the continuations of its requests.
    struct State
    {
        State(HttpClient &client, std::shared_ptr<const HttpEndpoint> where, const DiscoveryLife &lasts)
            : http(client)
            , endpoint(std::move(where))
            , life(lasts)
        {}

        HttpRequest request(QByteArray method, QByteArray target) const;
        void heard(const HttpResponse &response);
        Result<HttpResponse> judge(Result<HttpResponse> answer, const QString &what, Nature nature);

        HttpClient &http;
        const std::shared_ptr<const HttpEndpoint> endpoint;
        const DiscoveryLife life;
        std::atomic<qint64> skewMs = 0;

        std::mutex mutex; // of what follows
        std::optional<Discovery> discovery;
        bool isEnough = false; // all that plans are made with was told once
        bool isDiscovering = false;
        Waiters<Discovery> waiting;
        StopSource ended;
    };

    struct Round;
    static QFuture<Result<HttpResponse>> send(const std::shared_ptr<State> &state, HttpRequest request, Nature nature,
                                              const StopToken &stop);

    std::shared_ptr<State> state;
};

HttpRequest KubeClient::Private::State::request(QByteArray method, QByteArray target) const
{
    HttpRequest request;
    request.endpoint = endpoint;
    request.method = std::move(method);
    request.target = std::move(target);
    request.headers = {{"Accept", "application/json"}, {"User-Agent", userAgent()}};
    return request;
}

void KubeClient::Private::State::heard(const HttpResponse &response)
{
    if (!response.serverDate.isValid() || !response.receivedAt.isValid() || response.fromCache)
        return;
    // The header has whole seconds, cut off; the answer took its time to come.
    const qint64 theirs = response.serverDate.toMSecsSinceEpoch() + 500;
    const qint64 ours = response.receivedAt.toMSecsSinceEpoch() - response.duration.count() / 2000;
    skewMs = theirs - ours;
}

Result<HttpResponse> KubeClient::Private::State::judge(Result<HttpResponse> answer, const QString &what, Nature nature)
{
    if (!answer)
        return answer;
    heard(*answer);
    // A change is done only where the server says so: a redirect, which is not followed, says nothing of the kind.
    const int tooHigh = nature == Nature::Read ? 400 : 300;
    if (answer->status < tooHigh && !isWebPage(*answer))
        return answer;
    Error error = errorOf(*answer, what);
    if (nature == Nature::Write && answer->status >= 500) {
        error.kind = ErrorKind::OutcomeUnknown;
        error.message =
            KubernetesText::tr(
                "The server failed while it was asked to %1; it may have been done or not. Look at the present "
                "state before anything else. (%2)")
                .arg(what, error.message);
    }
    return error;
}

QFuture<Result<HttpResponse>> KubeClient::Private::send(const std::shared_ptr<State> &state, HttpRequest request,
                                                        Nature nature, const StopToken &stop)
{
    const QString what = describeRequest(request.method, request.target);
    return continued(
        state->http.send(std::move(request), stop),
        [state, what, nature](const Result<HttpResponse> &answer) { return state->judge(answer, what, nature); });
}

KubeClient::KubeClient(HttpClient &http, std::shared_ptr<const HttpEndpoint> endpoint, const DiscoveryLife &life)
    : d(std::make_unique<Private>())
{
    d->state = std::make_shared<Private::State>(http, std::move(endpoint), life);
}

KubeClient::~KubeClient()
{
    d->state->ended.request_stop();
    d->state->waiting.answer(Error{ErrorKind::Cancelled, {}, {}});
}

const HttpEndpoint &KubeClient::endpoint() const
{
    return *d->state->endpoint;
}

QFuture<Result<HttpResponse>> KubeClient::get(QByteArray target, StopToken stop, std::chrono::milliseconds limit)
{
    HttpRequest request = d->state->request("GET", std::move(target));
    if (limit.count() > 0) {
        request.retries = 0;
        request.timeouts.total = limit;
    }
    return Private::send(d->state, std::move(request), Nature::Read, stop);
}

QFuture<Result<HttpResponse>> KubeClient::write(QByteArray method, QByteArray path, QByteArray contentType,
                                                QByteArray body, bool dryRun, StopToken stop,
                                                std::chrono::milliseconds limit)
{
    QByteArray target = std::move(path);
    if (method != "DELETE") // DeleteOptions know no manager
        target = withParameter(target, "fieldManager=signalbox");
    if (dryRun)
        target = withParameter(target, "dryRun=All");
    HttpRequest request = d->state->request(std::move(method), std::move(target));
    if (!contentType.isEmpty())
        request.headers.emplaceBack("Content-Type", std::move(contentType));
    request.body = std::move(body);
    request.changesNothing = dryRun;
    request.retries = dryRun ? 1 : 0;
    request.followRedirects = false;
    if (limit.count() > 0)
        request.timeouts.total = limit;
    return Private::send(d->state, std::move(request), dryRun ? Nature::DryRun : Nature::Write, stop);
}

QFuture<Result<HttpResponse>> KubeClient::review(QByteArray path, QByteArray body, StopToken stop,
                                                 std::chrono::milliseconds limit)
{
    HttpRequest request = d->state->request("POST", std::move(path));
    if (limit.count() > 0) {
        request.retries = 0;
        request.timeouts.total = limit;
    }
    request.headers.emplaceBack("Content-Type", "application/json");
    request.body = std::move(body);
    request.changesNothing = true;
    request.followRedirects = false;
    return Private::send(d->state, std::move(request), Nature::Read, stop);
}

namespace
{

// Keeps a refusal's body from the caller's sink and turns it into the Error. Network thread, but for the end.
struct Screen
{
    HttpSink sink;
    std::function<void(const HttpResponse &)> heard;
    std::optional<HttpResponse> refusal;

    bool head(const HttpResponse &response)
    {
        heard(response);
        if (response.status >= 400 || isWebPage(response)) {
            refusal = response;
            return true;
        }
        return !sink.head || sink.head(response);
    }
    bool data(QByteArrayView bytes)
    {
        if (!refusal)
            return !sink.data || sink.data(bytes);
        refusal->body.append(bytes.first(std::min(bytes.size(), longestRefusal - refusal->body.size())));
        return true;
    }
};

// A watch says itself how long it lasts; a followed log does not.
HttpTimeouts streamTimeouts(const QByteArray &target)
{
    HttpTimeouts timeouts;
    timeouts.idle = 0ms;
    timeouts.total = 0ms;
    const qsizetype queryAt = target.indexOf('?');
    const QUrlQuery query(QString::fromLatin1(queryAt < 0 ? QByteArray() : target.mid(queryAt + 1)));
    const int seconds = query.queryItemValue(QStringLiteral("timeoutSeconds")).toInt();
    if (seconds > 0)
        timeouts.total = std::chrono::seconds(seconds + 15);
    return timeouts;
}

} // namespace

HttpClient::Stream KubeClient::stream(QByteArray target, HttpSink sink, StopToken stop)
{
    const auto state = d->state;
    const QString what = describeRequest("GET", target);
    HttpRequest request = state->request("GET", target);
    request.timeouts = streamTimeouts(target);
    request.maxBody = 0;
    request.retries = 0;
    if (target.left(target.indexOf('?')).endsWith("/log")) {
        request.headers.first().second = "text/plain, application/json, */*";
        request.ownConnection = true; // a view that is not read on must not hold up the watches
    }
    auto screen = std::make_shared<Screen>();
    screen->sink = std::move(sink);
    screen->heard = [state](const HttpResponse &response) { state->heard(response); };
    HttpSink screened{[screen](const HttpResponse &head) { return screen->head(head); },
                      [screen](QByteArrayView bytes) { return screen->data(bytes); }};
    HttpClient::Stream stream = state->http.stream(std::move(request), std::move(screened), stop);
    stream.finished =
        continued(stream.finished, [screen, what](const Result<HttpResponse> &end) -> Result<HttpResponse> {
            if (screen->refusal && (end || end.error().kind != ErrorKind::Cancelled))
                return errorOf(*screen->refusal, what);
            return end;
        });
    return stream;
}

void KubeClient::resume(quint64 stream)
{
    d->state->http.resume(stream);
}

qint64 KubeClient::clockSkewMs() const
{
    return d->state->skewMs;
}

// One run of discovery: three questions, then one for each group and version; the last answer of each stage goes on.
struct KubeClient::Private::Round
{
    using Take = std::function<void(Round &, const Result<QByteArray> &)>;

    std::shared_ptr<State> state;
    std::mutex mutex;
    int open = 0;
    bool isSecondStage = false;
    Discovery found;
    std::optional<Error> coreError;
    std::optional<Error> groupsError;
    QStringList groupVersions;

    static void start(const std::shared_ptr<Round> &round);
    static void ask(const std::shared_ptr<Round> &round, const QByteArray &target, const Take &take);
    static void next(const std::shared_ptr<Round> &round);
    void close(Result<Discovery> result) const;
};

void KubeClient::Private::Round::start(const std::shared_ptr<Round> &round)
{
    round->open = 3;
    ask(round, "/version", [](Round &self, const Result<QByteArray> &body) {
        self.found.gitVersion = body.and_then(parseVersion).value_or(QString());
    });
    ask(round, "/api", [](Round &self, const Result<QByteArray> &body) {
        const auto versions = body.and_then(parseCoreVersions);
        if (versions)
            self.groupVersions += *versions;
        else
            self.coreError = versions.error();
    });
    ask(round, "/apis", [](Round &self, const Result<QByteArray> &body) {
        const auto versions = body.and_then(parseGroups);
        if (versions)
            self.groupVersions += *versions;
        else
            self.groupsError = versions.error();
    });
}

void KubeClient::Private::Round::ask(const std::shared_ptr<Round> &round, const QByteArray &target, const Take &take)
{
    HttpRequest request = round->state->request("GET", target);
    if (round->isSecondStage) { // behind a group may be a server that is down; it must not hold up the rest
        request.retries = 1;
        request.timeouts.total = 15s;
    }
    // Parsed by a worker: some 30 answers, 100 KB together.
    whenAnswered(
        send(round->state, std::move(request), Nature::Read, round->state->ended.get_token()),
        [round, take](const Result<HttpResponse> &answer) {
            bool isLast = false;
            {
                const std::lock_guard lock(round->mutex);
                take(*round, answer.transform([](const HttpResponse &response) { return response.body; }));
                isLast = --round->open == 0;
            }
            if (isLast)
                next(round);
        },
        Continues::OnWorker);
}

void KubeClient::Private::Round::next(const std::shared_ptr<Round> &round)
{
    if (round->isSecondStage) {
        // A server of which nothing at all can be read is an error, not one without resources.
        if (round->found.resources.isEmpty() && round->coreError)
            round->close(*round->coreError);
        else
            round->close(round->found);
        return;
    }
    if (round->groupVersions.isEmpty()) {
        const Error nothing{
            ErrorKind::Protocol,
            KubernetesText::tr(
                "The server offers no API at all. Check the server address of this cluster in the kubeconfig."),
            {}};
        round->close(round->coreError.value_or(round->groupsError.value_or(nothing)));
        return;
    }
    if (round->coreError)
        round->found.unavailable.insert(QStringLiteral("/v1"), round->coreError->message);
    if (round->groupsError && round->groupsError->kind != ErrorKind::NotFound) // 404: a server of core kinds only
        round->found.unavailable.insert(QStringLiteral("*/*"), round->groupsError->message);
    round->isSecondStage = true;
    round->found.groupVersions = round->groupVersions;
    round->open = static_cast<int>(round->groupVersions.size());
    for (const QString &groupVersion : std::as_const(round->groupVersions)) {
        const bool isCore = groupVersion.startsWith(u'/');
        const QByteArray target = (isCore ? "/api" : "/apis/") + groupVersion.toLatin1();
        ask(round, target, [groupVersion](Round &self, const Result<QByteArray> &body) {
            const Result<void> added =
                body ? addResources(*body, groupVersion, self.found) : Result<void>(body.error());
            if (added)
                return;
            self.found.unavailable.insert(groupVersion, added.error().message);
            if (!self.coreError)
                self.coreError = added.error();
        });
    }
}

void KubeClient::Private::Round::close(Result<Discovery> result) const
{
    if (result)
        result->askedAt = QDateTime::currentDateTimeUtc();
    {
        const std::lock_guard lock(state->mutex);
        state->isDiscovering = false;
        if (result && state->discovery)
            keepKnown(*state->discovery, *result);
        if (result) {
            state->isEnough = state->isEnough || isEnoughForPlans(*result);
            state->discovery = *result;
        }
    }
    state->waiting.answer(result);
}

QFuture<Result<Discovery>> KubeClient::discover(StopToken stop, bool refresh)
{
    const auto state = d->state;
    std::shared_ptr<Private::Round> round;
    QFuture<Result<Discovery>> answer;
    {
        const std::lock_guard lock(state->mutex);
        if (state->discovery && !refresh) {
            const qint64 age = state->discovery->askedAt.msecsTo(QDateTime::currentDateTimeUtc());
            const auto limit = state->discovery->unavailable.isEmpty() ? state->life.whole : state->life.partial;
            if (age >= 0 && age < limit.count())
                return ready(Result<Discovery>(*state->discovery));
        }
        if (state->discovery && !refresh && state->isEnough) {
            Discovery known = *state->discovery;
            known.isLastKnown = true;
            answer = ready(Result<Discovery>(known));
        } else {
            answer = state->waiting.add(stop);
        }
        if (!std::exchange(state->isDiscovering, true)) {
            round = std::make_shared<Private::Round>();
            round->state = state;
        }
    }
    if (round)
        Private::Round::start(round);
    return answer;
}

} // namespace signalbox::kubernetes
