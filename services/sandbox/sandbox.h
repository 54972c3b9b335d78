#pragma once

#include "models/domain/result.h"
#include "services/sandbox/story/colleagues.h"

#include <QString>
#include <QUrl>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace signalbox::sandbox
{

class ObjectStore;
class SampleStore;
class World;

// The practice world with its servers: two Kubernetes clusters, a Prometheus, an image registry and a CI server of each
// vendor on loopback, each behind TLS with a certificate and a token made for this start. What connects to it finds, in
// a folder that only the user can read, a kubeconfig and a workspace that names everything; the folder goes when the
// sandbox stops.
class Sandbox
{
public:
    // Blocks for some hundred milliseconds while the world is made. Any thread. Above 1, `pace` lets the world's time
    // run so much faster than the wall's from now on: for tests that have no minutes to wait for a roll-out.
    static Result<std::unique_ptr<Sandbox>> start(double pace = 1);
    ~Sandbox(); // stop()
    Sandbox(const Sandbox &) = delete;
    Sandbox &operator=(const Sandbox &) = delete;

    void stop();
    // From now on the team's people answer what the operator asks for, and go on by themselves: not while somebody
    // measures or rehearses a drill, who wants the world to himself.
    void wakeColleagues(const Colleagues::Timing &timing = {});

    struct Server
    {
        QString name; // context of the kubeconfig, id of the connection
        QUrl url;
        std::size_t threads = 0; // now
    };
    std::vector<Server> clusters() const;
    Server prometheus() const;
    Server registry() const;
    std::vector<Server> pipelines() const; // the vendors' CI servers
    QString kubeconfigFile() const;        // all clusters, the first one current
    QString workspaceFile() const;
    // Journal and ledgers of who practises; gone with the world.
    QString dataFolder() const;
    // The team's sources and its signed ledger, which the workspace shares.
    const PracticeStory &story() const;
    // For people: "Practice world".
    static QString title();

    World &world();
    ObjectStore &store(std::size_t cluster); // in the order of clusters()
    const SampleStore &samples() const;
    std::int64_t nowMs() const; // the world's time, Unix

private:
    Sandbox();
    Result<void> open(double pace);
    Result<void> tellStory();
    Result<void> copyLedger();
    Result<void> openWorld(double pace);
    Result<void> startCluster(std::size_t index);
    Result<void> startPrometheus();
    Result<void> startRegistry();
    Result<void> startPipelines();
    Result<void> writeFiles();
    ObjectStore *storeOf(const std::string &ns); // null: there is no such namespace
    void setImage(const std::string &ns, const std::string &name, const std::string &tag, const std::string &reason);
    bool runs(const policy::PromotionRequest &request);

    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace signalbox::sandbox
