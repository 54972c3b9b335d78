#pragma once

#include "models/domain/result.h"
#include "services/sandbox/http/certificate.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace signalbox::sandbox
{

struct LoopbackRequest
{
    using Fields = std::vector<std::pair<std::string, std::string>>;

    std::string method;
    std::string path;        // decoded, without the query
    Fields query;            // decoded
    Fields form;             // the fields of an application/x-www-form-urlencoded body
    std::string contentType; // as sent, parameters included
    std::string accept;
    std::string body;
    Fields headers;      // all of them, as sent
    std::string rawPath; // as sent, still encoded, without the query: "/projects/team%2Fcart"

    bool has(const char *key) const;            // in the query
    std::string value(const char *key) const;   // of the query; empty: not there
    std::string header(const char *name) const; // without case; empty: not there
};

// A body that goes on: a watch, a followed log. Used by one thread at a time but for wake().
class ReplyStream
{
public:
    virtual ~ReplyStream() = default;
    // Appends what there is; waits up to `patience` for something when there is nothing. False: this was the last.
    virtual bool next(std::string &out, std::chrono::milliseconds patience) = 0;
    // Ends a wait in next() at once. Any thread.
    virtual void wake() = 0;
};

struct LoopbackReply
{
    int status = 200;
    std::string contentType = "application/json";
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
    std::shared_ptr<ReplyStream> stream; // instead of a body; sent in chunks
};

// Whether they are the same, in a time that does not tell how much of them is.
bool sameSecret(const std::string &sent, const std::string &expected);

// An HTTPS server on 127.0.0.1 at a port that the system picks (cpp-httplib). Every request needs the bearer token.
// Each open connection takes a thread while it is open; threads come as they are needed and go when idle. The handler
// is called from these threads, several at a time.
class LoopbackServer
{
public:
    using Handler = std::function<LoopbackReply(const LoopbackRequest &)>;
    struct Options
    {
        std::shared_ptr<const LoopbackCertificate> certificate;
        std::string token;
        // Where a vendor's clients show the token in another form than "Authorization: Bearer TOKEN"; compare it with
        // sameSecret().
        std::function<bool(const LoopbackRequest &)> isAuthorized;
        Handler handler;
        LoopbackReply unauthorized; // what a request without the token gets; its status is 401 in any case
        LoopbackReply tooLarge;     // for a body over the limit; 413
        std::size_t mostBodyBytes = 4 << 20;
        std::size_t mostConnections = 400;
        // How long an idle connection stays open: longer than the half minute after which a console asks again what is
        // quiet, else each of these questions begins with a handshake. It holds a thread and its buffers meanwhile.
        std::chrono::seconds keepAlive{45};
    };
    static Result<std::unique_ptr<LoopbackServer>> start(Options options);
    ~LoopbackServer(); // stop()
    LoopbackServer(const LoopbackServer &) = delete;
    LoopbackServer &operator=(const LoopbackServer &) = delete;

    // Ends every stream and connection and waits until the last handler is back.
    void stop();

    int port() const;
    std::string url() const; // "https://127.0.0.1:PORT"
    std::size_t threadCount() const;

private:
    LoopbackServer();
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace signalbox::sandbox
