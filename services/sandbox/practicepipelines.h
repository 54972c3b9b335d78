#pragma once

#include "models/domain/result.h"
#include "services/sandbox/http/certificate.h"

#include <QByteArray>
#include <QString>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace signalbox::sandbox
{

namespace ci
{
class CiWorld;
struct Deployment;
} // namespace ci

// The practice world's CI servers: one of each vendor, over one world of pipelines. That world is made when somebody
// asks one of them first: a server that nobody asks is a port and a thread that sleeps.
class PracticePipelines
{
public:
    struct Options
    {
        std::shared_ptr<const LoopbackCertificate> certificate;
        std::string token;
        std::function<std::int64_t()> nowMs; // Unix milliseconds
        // The commit of a tag of an application's sources, 40 hexadecimal digits; empty: it has none.
        std::function<std::string(const std::string &application, const std::string &tag)> commitOf;
        // A job brings a release somewhere; called by threads of the servers.
        std::function<void(const ci::Deployment &deployment)> deploy;
    };
    static Result<std::unique_ptr<PracticePipelines>> start(Options options);
    ~PracticePipelines(); // stop()
    PracticePipelines(const PracticePipelines &) = delete;
    PracticePipelines &operator=(const PracticePipelines &) = delete;

    void stop();

    struct Server
    {
        std::string id;   // of the connection
        std::string kind; // as in a workspace: "jenkins"
        std::string url;
        std::size_t threads = 0; // now
    };
    std::vector<Server> servers() const;
    // Items of a workspace's "connections"; the token is read from `tokenFile`, an absolute path.
    QByteArray connections(const QString &tokenFile) const;
    ci::CiWorld &world(); // made by the first call. Any thread

private:
    PracticePipelines();
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace signalbox::sandbox
