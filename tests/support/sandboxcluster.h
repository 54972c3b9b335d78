#pragma once

#include "services/sandbox/http/loopbackserver.h"
#include "services/sandbox/kube/kubeapi.h"
#include "services/sandbox/kube/objectstore.h"
#include "tests/support/lab.h"

#include <nlohmann/json_fwd.hpp>

#include <QTemporaryDir>

#include <memory>

namespace signalbox::test
{

// The sandbox's API server over a store that tests fill, with the same look as LabCluster: a kubeconfig whose contexts
// are named alike ("lab-cert", "lab-token"), and kubectl. No controllers: nothing moves by itself.
class SandboxCluster
{
public:
    // Null: `error` says why.
    static std::unique_ptr<SandboxCluster> start(QString *error, sandbox::KubeApi::Options options = {});
    ~SandboxCluster();

    sandbox::ObjectStore &store() { return *m_store; }
    const sandbox::KubeApi &api() const { return *m_api; }
    sandbox::LoopbackServer &server() { return *m_server; }
    QString kubeconfig() const { return m_folder.path() + QStringLiteral("/kubeconfig"); }
    QByteArray token() const { return m_token; }
    QByteArray certificatePem() const { return m_certificatePem; }

    LabCluster::Output kubectl(const QStringList &arguments, const QByteArray &input = {}) const;
    // A namespace, and the objects of a small shop in it: two nodes, Deployment web (3 pods, revisions 1 and 2),
    // Service, HorizontalPodAutoscaler, StatefulSet, DaemonSet, HTTPRoute, Events.
    void seedShop(const std::string &ns);
    sandbox::StoreResult put(const char *group, const char *plural, nlohmann::json object);

private:
    SandboxCluster() = default;
    bool writeKubeconfig();
    void seedWorkloads(const std::string &ns);
    void seedPods(const std::string &ns, const std::string &replicaSetUid);
    void seedRest(const std::string &ns);

    QTemporaryDir m_folder;
    QByteArray m_token;
    QByteArray m_certificatePem;
    std::unique_ptr<sandbox::ObjectStore> m_store;
    std::unique_ptr<sandbox::KubeApi> m_api;
    std::unique_ptr<sandbox::LoopbackServer> m_server; // last: its threads use the others
};

} // namespace signalbox::test
