#include "services/async/deliver.h"
#include "services/async/whenended.h"
#include "services/git/conversation.h"
#include "services/git/gittext.h"
#include "services/net/httpclient.h"

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>

namespace signalbox::git
{

namespace
{

constexpr qint64 highWater = 8 * 1024 * 1024; // of bytes that came and were not read
constexpr qint64 lowWater = 1024 * 1024;
constexpr qsizetype keptErrorBytes = 4096;

QByteArray serviceName(Service service)
{
    return service == Service::UploadPack ? "git-upload-pack" : "git-receive-pack";
}

// Between the network's thread, which fills it, and the one that reads.
struct Inbox
{
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<QByteArray> chunks;
    qsizetype offset = 0; // into the first
    qint64 waiting = 0;
    bool isPaused = false;
    bool hasHead = false;
    bool hasEnded = false;
    std::optional<Error> error;
    HttpResponse head;
};

class HttpConversation;

// One request and its answer: what is written is kept and sent when the answer is first asked for.
class HttpStream : public ByteStream
{
public:
    HttpStream(HttpConversation &owner, Service service, bool isListing)
        : m_owner(owner)
        , m_service(service)
        , m_isListing(isListing)
        , m_inbox(std::make_shared<Inbox>())
    {}
    ~HttpStream() override { m_abandon.request_stop(); }

    Result<qint64> read(char *buffer, qint64 size) override;
    Result<void> write(const char *bytes, qint64 size) override
    {
        m_body.append(bytes, size);
        return {};
    }
    Result<void> begin(); // sends, and waits for the answer's head

private:
    HttpRequest request() const;
    Result<void> checkHead(std::unique_lock<std::mutex> &lock);
    QByteArray take(std::unique_lock<std::mutex> &lock); // what is there of an error's body
    void wait(std::unique_lock<std::mutex> &lock);

    HttpConversation &m_owner;
    const Service m_service;
    const bool m_isListing;
    QByteArray m_body;
    std::shared_ptr<Inbox> m_inbox;
    StopSource m_abandon;
    quint64 m_id = 0;
    bool m_isSent = false;
};

class HttpConversation : public Conversation
{
public:
    explicit HttpConversation(Operation &operation);

    bool isStateless() const override { return true; }
    Result<std::unique_ptr<ByteStream>> open(Service service, bool isListing) override;

    Operation &operation() { return m_operation; }
    std::shared_ptr<const HttpEndpoint> endpoint() const { return m_endpoint; }
    QByteArray path() const { return m_path; }
    QString shown() const { return m_operation.access.url.shown; }
    QString host() const { return m_operation.access.url.url.host(); }
    Result<void> followed(const QUrl &answeredBy);

private:
    Operation &m_operation;
    std::shared_ptr<const HttpEndpoint> m_endpoint;
    QByteArray m_path; // below the host, percent-encoded
};

HttpConversation::HttpConversation(Operation &operation)
    : m_operation(operation)
    , m_path(operation.access.url.url.path(QUrl::FullyEncoded).toUtf8())
{
    const RemoteAccess &access = operation.access;
    auto endpoint = std::make_shared<HttpEndpoint>();
    endpoint->connection = QStringLiteral("git:") + access.url.url.host();
    endpoint->base = access.url.url;
    endpoint->base.setPath({});
    endpoint->caPem = access.caPem;
    endpoint->insecureSkipVerify = access.insecureSkipTlsVerify;
    const QString user = access.user.isEmpty() ? access.url.user : access.user;
    if (!access.password.isEmpty()) {
        endpoint->authorise = [user, password = access.password](StopToken) {
            const QByteArray both = user.toUtf8() + ':' + password.reveal();
            return ready(Result<HttpHeaders>(HttpHeaders{{"Authorization", "Basic " + both.toBase64()}}));
        };
    }
    m_endpoint = std::move(endpoint);
}

bool isThisMachine(const QString &host)
{
    return host == QLatin1String("localhost") || host == QLatin1String("::1") || host.startsWith(QLatin1String("127."));
}

Result<std::unique_ptr<ByteStream>> HttpConversation::open(Service service, bool isListing)
{
    if (!m_operation.access.http)
        return Error{ErrorKind::Internal, GitText::tr("There is no network to reach %1 through.").arg(shown()), {}};
    if (!m_operation.access.password.isEmpty() && m_endpoint->base.scheme() == QLatin1String("http") &&
        !isThisMachine(host()))
        return Error{
            ErrorKind::Refused,
            GitText::tr("The password for %1 was not sent: the address begins with http://, so that anybody in "
                        "between could read it. Use https://.")
                .arg(shown()),
            {}};
    auto stream = std::make_unique<HttpStream>(*this, service, isListing);
    if (isListing) {
        if (const auto begun = stream->begin(); !begun)
            return begun.error();
    }
    return std::unique_ptr<ByteStream>(std::move(stream));
}

// A repository that was renamed on its host is found where it is now; to another host nothing is sent.
Result<void> HttpConversation::followed(const QUrl &answeredBy)
{
    const QUrl &base = m_endpoint->base;
    const bool isSame = answeredBy.scheme() == base.scheme() && answeredBy.host() == base.host() &&
                        answeredBy.port(-1) == base.port(-1);
    const QByteArray path = answeredBy.path(QUrl::FullyEncoded).toUtf8();
    const QByteArray tail = "/info/refs";
    if (isSame && path == m_path + tail)
        return {};
    if (isSame && path.endsWith(tail)) {
        m_path = path.chopped(tail.size());
        return {};
    }
    QUrl moved = answeredBy;
    moved.setQuery(QString());
    moved.setUserInfo({});
    return Error{
        ErrorKind::Refused,
        GitText::tr("The repository %1 has moved to %2. No password was sent there; write the new address into "
                    "the workspace if it is right.")
            .arg(shown(), moved.toString(QUrl::FullyEncoded).remove(QLatin1String("/info/refs"))),
        {}};
}

HttpRequest HttpStream::request() const
{
    const RemoteAccess &access = m_owner.operation().access;
    const QByteArray service = serviceName(m_service);
    HttpRequest request;
    request.endpoint = m_owner.endpoint();
    request.timeouts = {access.connectTimeout, access.idleTimeout, std::chrono::milliseconds(0)};
    request.maxBody = 0;
    request.retries = 0;
    request.headers = {{"User-Agent", "git/signalbox-" SIGNALBOX_VERSION}}; // hosts look for "git/"
    if (m_isListing) {
        request.target = m_owner.path() + "/info/refs?service=" + service;
        return request;
    }
    request.method = "POST";
    request.target = m_owner.path() + '/' + service;
    request.headers << std::pair<QByteArray, QByteArray>("Content-Type", "application/x-" + service + "-request")
                    << std::pair<QByteArray, QByteArray>("Accept", "application/x-" + service + "-result");
    request.body = m_body;
    request.changesNothing = m_service == Service::UploadPack;
    request.ownConnection = true; // a pack may have to wait for the disk
    return request;
}

Result<void> HttpStream::begin()
{
    m_isSent = true;
    const auto inbox = m_inbox;
    HttpSink sink;
    sink.head = [inbox](const HttpResponse &head) {
        const std::lock_guard lock(inbox->mutex);
        inbox->head = head;
        inbox->hasHead = true;
        inbox->changed.notify_all();
        return true;
    };
    sink.data = [inbox](QByteArrayView bytes) {
        const std::lock_guard lock(inbox->mutex);
        inbox->chunks.push_back(bytes.toByteArray());
        inbox->waiting += bytes.size();
        inbox->isPaused = inbox->waiting > highWater;
        inbox->changed.notify_all();
        return !inbox->isPaused;
    };
    auto stream = m_owner.operation().access.http->stream(request(), std::move(sink), m_abandon.get_token());
    m_id = stream.id;
    const auto ended = [inbox](std::optional<Error> error) {
        const std::lock_guard lock(inbox->mutex);
        inbox->hasEnded = true;
        if (!inbox->error)
            inbox->error = std::move(error);
        inbox->changed.notify_all();
    };
    whenEnded(stream.finished, [ended](const QFuture<Result<HttpResponse>> &future) {
        if (future.resultCount() == 0) {
            ended(Error{ErrorKind::Cancelled, GitText::tr("The program ended."), {}});
            return;
        }
        const auto answer = future.result();
        ended(answer ? std::nullopt : std::optional(answer.error()));
    });
    std::unique_lock lock(m_inbox->mutex);
    while (!m_inbox->hasHead && !m_inbox->hasEnded) {
        wait(lock);
        if (m_owner.operation().stop.stop_requested())
            return cancelledError();
    }
    return checkHead(lock);
}

// Until something came, in pieces: a stop is seen within a tenth of a second.
void HttpStream::wait(std::unique_lock<std::mutex> &lock)
{
    m_inbox->changed.wait_for(lock, std::chrono::milliseconds(50));
}

QByteArray HttpStream::take(std::unique_lock<std::mutex> &lock)
{
    QByteArray text;
    while (text.size() < keptErrorBytes && !m_owner.operation().stop.stop_requested()) {
        while (!m_inbox->chunks.empty() && text.size() < keptErrorBytes) {
            text += m_inbox->chunks.front();
            m_inbox->chunks.pop_front();
        }
        if (m_inbox->hasEnded)
            break;
        wait(lock);
    }
    return text;
}

Result<void> HttpStream::checkHead(std::unique_lock<std::mutex> &lock)
{
    if (!m_inbox->hasHead)
        return m_inbox->error.value_or(
            Error{ErrorKind::Protocol, GitText::tr("%1 gave no answer.").arg(m_owner.shown()), {}});
    const int status = m_inbox->head.status;
    const QString shown = m_owner.shown();
    const QString detail = QStringLiteral("HTTP %1").arg(status);
    if (status == 401) {
        const bool hasPassword = !m_owner.operation().access.password.isEmpty();
        return Error{ErrorKind::Unauthorized,
                     hasPassword
                         ? GitText::tr("%1 refused the user name or password for %2. Check the secret that the "
                                       "workspace names for it.")
                               .arg(m_owner.host(), shown)
                         : GitText::tr("%1 wants a user name and password for %2. Name them in the workspace under "
                                       "\"auth\" of the repository.")
                               .arg(m_owner.host(), shown),
                     detail};
    }
    const QString said =
        status >= 400 && !m_inbox->head.header("Content-Type").contains("html") ? tamed(take(lock)) : QString();
    const QString remark = said.isEmpty() ? QString() : GitText::tr(" It says: %1").arg(said);
    if (status == 403)
        return Error{ErrorKind::Forbidden,
                     (m_service == Service::ReceivePack ? GitText::tr("%1 does not let this user push to %2.")
                                                        : GitText::tr("%1 does not let this user read %2."))
                             .arg(m_owner.host(), shown) +
                         remark,
                     detail};
    if (status == 404)
        return Error{
            ErrorKind::NotFound,
            GitText::tr("There is no repository %1, or this user may not see it. Check the address and the user.")
                .arg(shown),
            detail};
    if (status >= 300) {
        const bool isLost = m_service == Service::ReceivePack && !m_isListing && status >= 500;
        return Error{isLost          ? ErrorKind::OutcomeUnknown
                     : status == 429 ? ErrorKind::RateLimited
                     : status >= 500 ? ErrorKind::Unreachable
                                     : ErrorKind::Protocol,
                     GitText::tr("%1 answered with status %2 where git was expected.").arg(shown).arg(status) + remark,
                     detail};
    }
    const QByteArray expected =
        "application/x-" + serviceName(m_service) + (m_isListing ? "-advertisement" : "-result");
    const QByteArray type = m_inbox->head.header("Content-Type").split(';').first().trimmed().toLower();
    if (type != expected)
        return Error{ErrorKind::Protocol,
                     GitText::tr("What answers at %1 is no git server: it sent \"%2\". Check the address.")
                         .arg(shown, tamed(type, 60)),
                     detail};
    return m_isListing ? m_owner.followed(m_inbox->head.url) : Result<void>();
}

Result<qint64> HttpStream::read(char *buffer, qint64 size)
{
    if (!m_isSent) {
        if (const auto begun = begin(); !begun)
            return begun.error();
    }
    std::unique_lock lock(m_inbox->mutex);
    while (m_inbox->chunks.empty()) {
        if (m_inbox->hasEnded && m_inbox->error)
            return *m_inbox->error;
        if (m_inbox->hasEnded)
            return 0;
        wait(lock);
        if (m_owner.operation().stop.stop_requested())
            return cancelledError();
    }
    QByteArray &first = m_inbox->chunks.front();
    const qsizetype count = std::min<qsizetype>(size, first.size() - m_inbox->offset);
    std::memcpy(buffer, first.constData() + m_inbox->offset, static_cast<size_t>(count));
    m_inbox->offset += count;
    m_inbox->waiting -= count;
    if (m_inbox->offset == first.size()) {
        m_inbox->chunks.pop_front();
        m_inbox->offset = 0;
    }
    if (m_inbox->isPaused && m_inbox->waiting < lowWater) {
        m_inbox->isPaused = false;
        m_owner.operation().access.http->resume(m_id);
    }
    return count;
}

} // namespace

std::unique_ptr<Conversation> makeHttpConversation(Operation &operation)
{
    return std::make_unique<HttpConversation>(operation);
}

} // namespace signalbox::git
