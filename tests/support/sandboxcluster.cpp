#include "tests/support/sandboxcluster.h"

#include <nlohmann/json.hpp>

#include <QFile>

namespace signalbox::test
{

using namespace signalbox::sandbox;
using Json = nlohmann::json;

namespace
{

Json podTemplate(const std::string &app, const std::string &image)
{
    return {{"metadata", {{"labels", {{"app", app}}}}},
            {"spec",
             {{"containers", Json::array({{{"name", "web"},
                                           {"image", image},
                                           {"ports", Json::array({{{"containerPort", 8080}}})},
                                           {"env", Json::array({{{"name", "MODE"}, {"value", "live"}}})}}})}}}};
}

Json named(const std::string &ns, const std::string &name)
{
    Json object = {{"metadata", {{"name", name}}}};
    if (!ns.empty())
        object["metadata"]["namespace"] = ns;
    return object;
}

Json ownedBy(const char *version, const char *kind, const std::string &name, const std::string &uid)
{
    return Json::array({{{"apiVersion", version},
                         {"kind", kind},
                         {"name", name},
                         {"uid", uid},
                         {"controller", true},
                         {"blockOwnerDeletion", true}}});
}

} // namespace

std::unique_ptr<SandboxCluster> SandboxCluster::start(QString *error, KubeApi::Options options)
{
    std::unique_ptr<SandboxCluster> made(new SandboxCluster);
    made->m_store = std::make_unique<ObjectStore>("test");
    registerTypes(*made->m_store, builtInTypes());
    registerTypes(*made->m_store, gatewayTypes());
    for (const char *ns : {"default", "kube-system"})
        made->put("", "namespaces", named({}, ns));
    made->m_api = std::make_unique<KubeApi>(*made->m_store, std::move(options));
    const auto certificate = LoopbackCertificate::make();
    const auto token = randomToken();
    if (!certificate || !token) {
        *error = certificate ? token.error().message : certificate.error().message;
        return nullptr;
    }
    made->m_token = QByteArray::fromStdString(*token);
    made->m_certificatePem = QByteArray::fromStdString((*certificate)->certificatePem());
    LoopbackServer::Options server;
    server.certificate = *certificate;
    server.token = *token;
    server.unauthorized = KubeApi::unauthorized();
    server.tooLarge = KubeApi::tooLarge();
    server.handler = [api = made->m_api.get()](const LoopbackRequest &request) { return api->handle(request); };
    auto started = LoopbackServer::start(std::move(server));
    if (!started) {
        *error = started.error().message;
        return nullptr;
    }
    made->m_server = std::move(*started);
    if (!made->writeKubeconfig()) {
        *error = QStringLiteral("the kubeconfig cannot be written");
        return nullptr;
    }
    return made;
}

SandboxCluster::~SandboxCluster() = default;

bool SandboxCluster::writeKubeconfig()
{
    QByteArray text =
        "apiVersion: v1\nkind: Config\ncurrent-context: lab-cert\nclusters:\n- name: sandbox\n  cluster:\n"
        "    server: " +
        QByteArray::fromStdString(m_server->url()) +
        "\n    certificate-authority-data: " + m_certificatePem.toBase64() +
        "\nusers:\n- name: operator\n  user:\n    token: " + m_token + "\ncontexts:\n";
    for (const char *context : {"lab-cert", "lab-token"})
        text += QByteArray("- name: ") + context + "\n  context: {cluster: sandbox, user: operator}\n";
    QFile file(kubeconfig());
    return file.open(QIODevice::WriteOnly) && file.write(text) == text.size();
}

LabCluster::Output SandboxCluster::kubectl(const QStringList &arguments, const QByteArray &input) const
{
    return runProgram(QStringLiteral("kubectl"),
                      QStringList{QStringLiteral("--kubeconfig=") + kubeconfig()} + arguments, input, 60,
                      {QStringLiteral("HOME=") + m_folder.path()});
}

StoreResult SandboxCluster::put(const char *group, const char *plural, Json object)
{
    return m_store->create(*m_store->type(group, plural), std::move(object));
}

void SandboxCluster::seedShop(const std::string &ns)
{
    put("", "namespaces", named({}, ns));
    for (const char *name : {"node-1", "node-2"}) {
        Json node = named({}, name);
        node["status"]["conditions"] = Json::array({{{"type", "Ready"}, {"status", "True"}}});
        node["status"]["nodeInfo"] = {{"kubeletVersion", "v1.29.0"}};
        node["status"]["capacity"] = {{"cpu", "8"}, {"memory", "32Gi"}, {"pods", "110"}};
        node["status"]["allocatable"] = node["status"]["capacity"];
        put("", "nodes", node);
    }
    seedWorkloads(ns);
    seedRest(ns);
}

void SandboxCluster::seedWorkloads(const std::string &ns)
{
    Json web = named(ns, "web");
    web["metadata"]["annotations"] = {{"deployment.kubernetes.io/revision", "2"}};
    web["metadata"]["labels"] = {{"app", "web"}};
    web["spec"] = {{"replicas", 3},
                   {"selector", {{"matchLabels", {{"app", "web"}}}}},
                   {"template", podTemplate("web", "registry.example/web:2")}};
    web["status"] = {
        {"observedGeneration", 1},
        {"replicas", 3},
        {"updatedReplicas", 3},
        {"readyReplicas", 3},
        {"availableReplicas", 3},
        {"conditions",
         Json::array({{{"type", "Available"}, {"status", "True"}, {"reason", "MinimumReplicasAvailable"}},
                      {{"type", "Progressing"}, {"status", "True"}, {"reason", "NewReplicaSetAvailable"}}})}};
    const std::string uid = put("apps", "deployments", web).object->uid;
    std::string current;
    for (int revision = 1; revision <= 2; ++revision) {
        const std::string hash = revision == 1 ? "6d4cf56db6" : "7f5d9c8b44";
        Json set = named(ns, "web-" + hash);
        set["metadata"]["annotations"] = {{"deployment.kubernetes.io/revision", std::to_string(revision)},
                                          {"kubernetes.io/change-cause", "release " + std::to_string(revision)}};
        set["metadata"]["labels"] = {{"app", "web"}, {"pod-template-hash", hash}};
        set["metadata"]["ownerReferences"] = ownedBy("apps/v1", "Deployment", "web", uid);
        set["spec"] = {{"replicas", revision == 2 ? 3 : 0},
                       {"selector", {{"matchLabels", {{"app", "web"}, {"pod-template-hash", hash}}}}},
                       {"template", podTemplate("web", "registry.example/web:" + std::to_string(revision))}};
        set["spec"]["template"]["metadata"]["labels"]["pod-template-hash"] = hash;
        const int count = revision == 2 ? 3 : 0;
        set["status"] = {{"replicas", count}, {"readyReplicas", count}, {"observedGeneration", 1}};
        current = put("apps", "replicasets", set).object->uid;
    }
    seedPods(ns, current);
}

void SandboxCluster::seedPods(const std::string &ns, const std::string &replicaSetUid)
{
    for (int i = 0; i < 3; ++i) {
        Json pod = named(ns, std::string("web-7f5d9c8b44-") + "abc"[i]);
        pod["metadata"]["labels"] = {{"app", "web"}, {"pod-template-hash", "7f5d9c8b44"}};
        pod["metadata"]["ownerReferences"] = ownedBy("apps/v1", "ReplicaSet", "web-7f5d9c8b44", replicaSetUid);
        pod["spec"] = podTemplate("web", "registry.example/web:2")["spec"];
        pod["spec"]["nodeName"] = i == 2 ? "node-2" : "node-1";
        pod["status"] = {{"phase", "Running"},
                         {"podIP", "10.0.0." + std::to_string(i + 1)},
                         {"conditions", Json::array({{{"type", "Ready"}, {"status", "True"}}})},
                         {"containerStatuses",
                          Json::array({{{"name", "web"},
                                        {"ready", true},
                                        {"restartCount", i},
                                        {"image", "registry.example/web:2"},
                                        {"imageID", ""},
                                        {"state", {{"running", {{"startedAt", timestamp(m_store->nowMs())}}}}}}})}};
        put("", "pods", pod);
    }
}

void SandboxCluster::seedRest(const std::string &ns)
{
    Json service = named(ns, "web");
    service["spec"] = {{"selector", {{"app", "web"}}},
                       {"clusterIP", "10.96.0.10"},
                       {"ports", Json::array({{{"name", "http"}, {"port", 80}, {"targetPort", 8080}}})}};
    put("", "services", service);

    Json scaler = named(ns, "web");
    scaler["spec"] = {
        {"scaleTargetRef", {{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"name", "web"}}},
        {"minReplicas", 2},
        {"maxReplicas", 9},
        {"metrics",
         Json::array(
             {{{"type", "Resource"},
               {"resource", {{"name", "cpu"}, {"target", {{"type", "Utilization"}, {"averageUtilization", 60}}}}}}})}};
    scaler["status"] = {
        {"currentReplicas", 3},
        {"desiredReplicas", 3},
        {"currentMetrics",
         Json::array({{{"type", "Resource"},
                       {"resource",
                        {{"name", "cpu"}, {"current", {{"averageUtilization", 41}, {"averageValue", "250m"}}}}}}})}};
    put("autoscaling", "horizontalpodautoscalers", scaler);

    Json set = named(ns, "store");
    set["spec"] = {{"replicas", 2},
                   {"serviceName", "store"},
                   {"selector", {{"matchLabels", {{"app", "store"}}}}},
                   {"template", podTemplate("store", "registry.example/store:1")}};
    set["status"] = {{"replicas", 2}, {"readyReplicas", 2}};
    put("apps", "statefulsets", set);

    Json daemon = named(ns, "agent");
    daemon["spec"] = {{"selector", {{"matchLabels", {{"app", "agent"}}}}},
                      {"template", podTemplate("agent", "registry.example/agent:1")}};
    daemon["status"] = {{"desiredNumberScheduled", 2},
                        {"currentNumberScheduled", 2},
                        {"numberReady", 2},
                        {"updatedNumberScheduled", 2},
                        {"numberAvailable", 2}};
    put("apps", "daemonsets", daemon);

    Json route = named(ns, "web");
    route["spec"] = {
        {"hostnames", {"web.example"}},
        {"rules", Json::array({{{"backendRefs", Json::array({{{"name", "web"}, {"port", 80}, {"weight", 100}}})}}})}};
    put("gateway.networking.k8s.io", "httproutes", route);

    Json event = named(ns, "web.1");
    event["involvedObject"] = {{"kind", "Pod"},
                               {"namespace", ns},
                               {"name", "web-7f5d9c8b44-a"},
                               {"apiVersion", "v1"},
                               {"uid", m_store->get(*m_store->type("", "pods"), ns, "web-7f5d9c8b44-a")->uid}};
    event["type"] = "Warning";
    event["reason"] = "Unhealthy";
    event["message"] = "Readiness probe failed";
    event["count"] = 3;
    event["firstTimestamp"] = timestamp(m_store->nowMs() - 60'000);
    event["lastTimestamp"] = timestamp(m_store->nowMs());
    event["source"] = {{"component", "kubelet"}, {"host", "node-1"}};
    put("", "events", event);
}

} // namespace signalbox::test
