#include "services/sandbox/http/loopbackserver.h"

#include "services/sandbox/http/connections.h"
#include "services/sandbox/http/growingqueue.h"
#include "services/sandbox/http/sandboxtext.h"

#include <httplib.h>
#include <openssl/crypto.h>

#include <QDateTime>
#include <QLoggingCategory>

#include <atomic>
#include <cstdio>
#include <future>
#include <thread>

namespace signalbox::sandbox
{

namespace
{

Q_LOGGING_CATEGORY(log, "signalbox.services.sandbox.http")

constexpr std::chrono::milliseconds streamPatience{10'000}; // between two looks whether the client is still there

LoopbackRequest::Fields fieldsOf(const httplib::Params &params)
{
    return {params.begin(), params.end()};
}

std::string decoded(const std::string &text)
{
    QByteArray bytes = QByteArray::fromStdString(text);
    bytes.replace('+', ' ');
    return QByteArray::fromPercentEncoding(bytes).toStdString();
}

LoopbackRequest::Fields formFields(const std::string &body)
{
    LoopbackRequest::Fields fields;
    std::size_t start = 0;
    while (start < body.size()) {
        const std::size_t end = std::min(body.find('&', start), body.size());
        const std::string field = body.substr(start, end - start);
        const std::size_t equals = std::min(field.find('='), field.size());
        if (!field.empty())
            fields.emplace_back(decoded(field.substr(0, equals)),
                                equals < field.size() ? decoded(field.substr(equals + 1)) : std::string());
        start = end + 1;
    }
    return fields;
}

// As HTTP wants it: always English, always GMT. Not by QLocale, which reads its format anew for each answer.
std::string httpDate()
{
    static constexpr const char *days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static constexpr const char *months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const QDateTime now = QDateTime::currentDateTimeUtc();
    const QDate date = now.date();
    const QTime time = now.time();
    char text[64];
    std::snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[date.dayOfWeek() - 1], date.day(),
                  months[date.month() - 1], date.year(), time.hour(), time.minute(), time.second());
    return text;
}

} // namespace

bool LoopbackRequest::has(const char *key) const
{
    return std::any_of(query.begin(), query.end(), [key](const auto &field) { return field.first == key; });
}

std::string LoopbackRequest::value(const char *key) const
{
    for (const auto &[name, text] : query) {
        if (name == key)
            return text;
    }
    return {};
}

std::string LoopbackRequest::header(const char *name) const
{
    for (const auto &[key, text] : headers) {
        if (QByteArrayView(key).compare(QByteArrayView(name), Qt::CaseInsensitive) == 0)
            return text;
    }
    return {};
}

bool sameSecret(const std::string &sent, const std::string &expected)
{
    return sent.size() == expected.size() && CRYPTO_memcmp(sent.data(), expected.data(), expected.size()) == 0;
}

struct LoopbackServer::Private
{
    Options options;
    std::string bearer;      // "Bearer TOKEN"
    Connections connections; // before the server, whose SSL context refers to it
    std::unique_ptr<httplib::SSLServer> server;
    std::atomic<GrowingQueue *> queue{nullptr};
    std::promise<void> listening;
    std::thread accepting;
    int port = 0;

    bool isAuthorized(const LoopbackRequest &request) const
    {
        if (options.isAuthorized)
            return options.isAuthorized(request);
        return sameSecret(request.header("Authorization"), bearer);
    }
    void answer(const httplib::Request &request, httplib::Response &response, const httplib::ContentReader *reader);
    void send(LoopbackReply reply, httplib::Response &response);
    void route();
};

void LoopbackServer::Private::answer(const httplib::Request &request, httplib::Response &response,
                                     const httplib::ContentReader *reader)
{
    // The library compresses what the client lets it, even on loopback; the object it handed out is no const one.
    const_cast<httplib::Request &>(request).headers.erase("Accept-Encoding");
    LoopbackRequest mine;
    bool isTooLarge = false;
    // Without a length the library would wait for more until its time-out: such a DELETE has no body.
    const bool hasBody = request.has_header("Content-Length") || request.has_header("Transfer-Encoding");
    if (reader && hasBody) {
        const bool isRead = !request.is_multipart_form_data() && (*reader)([&](const char *data, std::size_t size) {
            isTooLarge = mine.body.size() + size > options.mostBodyBytes;
            if (!isTooLarge)
                mine.body.append(data, size);
            return !isTooLarge;
        });
        if (!isRead) // whatever is left of it would be taken for the next request
            const_cast<httplib::Request &>(request).headers.emplace("Connection", "close");
        isTooLarge = isTooLarge || response.status == 413;
    }
    mine.path = request.path;
    mine.rawPath = request.target.substr(0, request.target.find('?'));
    mine.headers.assign(request.headers.begin(), request.headers.end());
    if (!isAuthorized(mine)) {
        LoopbackReply reply = options.unauthorized;
        reply.status = 401;
        send(std::move(reply), response);
        return;
    }
    if (isTooLarge) {
        LoopbackReply reply = options.tooLarge;
        reply.status = 413;
        send(std::move(reply), response);
        return;
    }
    mine.method = request.method;
    mine.query = fieldsOf(request.params);
    mine.contentType = request.get_header_value("Content-Type");
    mine.accept = request.get_header_value("Accept");
    if (mine.contentType.rfind("application/x-www-form-urlencoded", 0) == 0)
        mine.form = formFields(mine.body);
    LoopbackReply reply;
    try {
        reply = options.handler(mine);
    } catch (const std::exception &error) {
        qCWarning(log, "%s %s failed: %s", mine.method.c_str(), mine.path.c_str(), error.what());
        reply = LoopbackReply();
        reply.status = 500;
    }
    send(std::move(reply), response);
}

void LoopbackServer::Private::send(LoopbackReply reply, httplib::Response &response)
{
    response.status = reply.status;
    response.set_header("Date", httpDate());
    for (const auto &[name, value] : reply.headers)
        response.set_header(name, value);
    if (!reply.stream) {
        response.set_content(std::move(reply.body), reply.contentType);
        return;
    }
    const std::shared_ptr<ReplyStream> stream = std::move(reply.stream);
    connections.add(stream);
    response.set_chunked_content_provider(
        reply.contentType,
        [this, stream](std::size_t, httplib::DataSink &sink) {
            std::string piece;
            bool goesOn = false;
            try {
                goesOn = stream->next(piece, streamPatience);
            } catch (const std::exception &error) { // out here it would end the program
                qCWarning(log, "A stream was cut: %s", error.what());
                return false;
            }
            if (connections.isCut() || (piece.empty() && Connections::isPeerGone()))
                return false;
            if (!piece.empty() && !sink.write(piece.data(), piece.size()))
                return false;
            if (!goesOn)
                sink.done();
            return true;
        },
        [this, stream](bool) { connections.drop(stream); });
}

void LoopbackServer::Private::route()
{
    const auto plain = [this](const httplib::Request &request, httplib::Response &response) {
        answer(request, response, nullptr);
    };
    const auto reading = [this](const httplib::Request &request, httplib::Response &response,
                                const httplib::ContentReader &reader) { answer(request, response, &reader); };
    server->Get(".*", plain);
    server->Options(".*", plain);
    server->Post(".*", httplib::Server::HandlerWithContentReader(reading));
    server->Put(".*", httplib::Server::HandlerWithContentReader(reading));
    server->Patch(".*", httplib::Server::HandlerWithContentReader(reading));
    server->Delete(".*", httplib::Server::HandlerWithContentReader(reading));
    server->new_task_queue = [this]() -> httplib::TaskQueue * {
        auto *made = new GrowingQueue(options.mostConnections); // the library deletes it
        queue = made;
        listening.set_value(); // from now on stop() finds a running server
        return made;
    };
    // Called when an answer has left. By itself the library would look at the idle connection every 10 ms, which for
    // a console's dozen costs more than all the rest.
    server->set_logger([this](const httplib::Request &request, const httplib::Response &response) {
        std::string().swap(const_cast<httplib::Response &>(response).body); // assigning an empty one keeps its memory
        if (request.get_header_value("Connection") != "close" && response.get_header_value("Connection") != "close")
            Connections::awaitMore(options.keepAlive);
    });
    server->set_tcp_nodelay(true);
    server->set_keep_alive_max_count(1'000'000);
    server->set_keep_alive_timeout(options.keepAlive.count());
    server->set_read_timeout(30);
    server->set_write_timeout(30);
    server->set_payload_max_length(options.mostBodyBytes);
}

LoopbackServer::LoopbackServer()
    : d(std::make_unique<Private>())
{}

Result<std::unique_ptr<LoopbackServer>> LoopbackServer::start(Options options)
{
    std::unique_ptr<LoopbackServer> made(new LoopbackServer);
    Private &d = *made->d;
    d.options = std::move(options);
    d.bearer = "Bearer " + d.options.token;
    d.server = std::make_unique<httplib::SSLServer>(d.options.certificate->certificate(), d.options.certificate->key());
    const auto failed = [](const QString &detail) {
        return Error{
            ErrorKind::Internal,
            SandboxText::tr("The sandbox could not open a port on 127.0.0.1. Look whether a firewall or a sandbox "
                            "of the system forbids programs to listen there."),
            detail};
    };
    if (!d.server->is_valid())
        return failed(QStringLiteral("the TLS context is not valid"));
    d.connections.follow(d.server->ssl_context());
    d.route();
    long long listener = -1;
    d.server->set_socket_options([&listener](socket_t socket) { listener = static_cast<long long>(socket); });
    d.port = d.server->bind_to_any_port("127.0.0.1");
    d.server->set_socket_options([](socket_t) {});
    if (d.port <= 0)
        return failed(QStringLiteral("bind failed"));
    lengthenBacklog(listener);
    std::future<void> listening = d.listening.get_future();
    d.accepting = std::thread([&d] { d.server->listen_after_bind(); });
    listening.wait();
    return made;
}

LoopbackServer::~LoopbackServer()
{
    stop();
}

void LoopbackServer::stop()
{
    if (!d->accepting.joinable())
        return;
    d->server->stop();
    d->connections.cutAll();
    d->accepting.join(); // the library's loop shuts the queue down: every thread is back
    d->queue = nullptr;
}

int LoopbackServer::port() const
{
    return d->port;
}

std::string LoopbackServer::url() const
{
    return "https://127.0.0.1:" + std::to_string(d->port);
}

std::size_t LoopbackServer::threadCount() const
{
    const GrowingQueue *queue = d->queue;
    return queue ? queue->size() : 0;
}

} // namespace signalbox::sandbox
