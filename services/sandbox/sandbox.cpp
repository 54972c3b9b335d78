#include "services/sandbox/sandbox.h"

#include "services/async/frugality.h"
#include "services/git/mirror.h"
#include "services/ledger/ledger.h"
#include "services/sandbox/ci/ciworld.h"
#include "services/sandbox/http/loopbackserver.h"
#include "services/sandbox/kube/kubeapi.h"
#include "services/sandbox/practicealerts.h"
#include "services/sandbox/practicefolder.h"
#include "services/sandbox/practicepipelines.h"
#include "services/sandbox/promql/alertrules.h"
#include "services/sandbox/promql/prometheusapi.h"
#include "services/sandbox/registry/registryapi.h"
#include "services/sandbox/story/people.h"
#include "services/sandbox/story/sources.h"
#include "services/sandbox/world/json.h"
#include "services/sandbox/world/world.h"
#include "services/sandbox/worldhooks.h"

#include <QCoreApplication>
#include <QDir>
#include <QDirIterator>
#include <QFile>

#include <algorithm>
#include <future>

namespace signalbox::sandbox
{

namespace
{

struct SandboxText
{
    Q_DECLARE_TR_FUNCTIONS(Sandbox)
};

constexpr int scrapesBetweenReturns = 12; // a minute

LoopbackReply promReply(ApiAnswer answer)
{
    LoopbackReply reply;
    reply.status = answer.status;
    reply.contentType = std::move(answer.contentType);
    reply.body = std::move(answer.body);
    return reply;
}

Error cannotWrite(const QString &file, const QString &reason)
{
    return {ErrorKind::Internal,
            SandboxText::tr("%1 of the practice world could not be written: %2. Check the free space there.")
                .arg(QDir::toNativeSeparators(file), reason),
            {}};
}

// Which repository has the source of which application.
QByteArray sourcesText()
{
    QByteArray applications = "applications:\n";
    QByteArray repositories = "repositories:\n";
    for (const ServiceSpec &service : builtInCatalogue().services) {
        const QByteArray name = QByteArray::fromStdString(service.name);
        applications += "- name: " + name + "\n  repository: " + name + "\n  image: " +
                        QByteArray::fromStdString(builtInCatalogue().registry + '/' + service.team + '/') + name + '\n';
        repositories += "- id: " + name + "\n  url: team/sources/" + name +
                        ".git\n  issues:\n"
                        "  - pattern: '\\b[A-Z]{2,}-[0-9]+\\b'\n    link: 'https://issues.example.org/browse/\\0'\n"
                        "  - pattern: '#([0-9]+)\\b'\n    link: 'https://git.example.org/" +
                        QByteArray::fromStdString(service.team) + '/' + name + "/pull/\\1'\n";
    }
    return applications + repositories;
}

} // namespace

struct Sandbox::Private
{
    struct Cluster
    {
        std::string name;
        std::unique_ptr<ObjectStore> store;
        std::unique_ptr<KubeApi> api;
        std::unique_ptr<LoopbackServer> server; // last made, first gone
    };

    WorldClock clock;
    PracticeFolder folder;
    std::shared_ptr<const LoopbackCertificate> certificate;
    std::string token;
    SampleStore samples;
    AlertRules alerts{samples};
    int scrapes = 0; // by the world's thread
    PracticeStory story;
    std::vector<Cluster> clusters;
    std::unique_ptr<World> world;
    std::unique_ptr<PrometheusApi> prometheusApi;
    std::unique_ptr<LoopbackServer> prometheus;
    std::unique_ptr<LoopbackServer> registry;
    std::unique_ptr<PracticePipelines> pipelines;
    std::unique_ptr<Colleagues> colleagues;
};

Sandbox::Sandbox()
    : d(std::make_unique<Private>())
{}

Sandbox::~Sandbox()
{
    stop();
}

QString Sandbox::title()
{
    return SandboxText::tr("Practice world");
}

Result<std::unique_ptr<Sandbox>> Sandbox::start(double pace)
{
    shareMemory();
    returnLargeAtOnce();
    std::unique_ptr<Sandbox> made(new Sandbox);
    if (const auto opened = made->open(pace); !opened)
        return opened.error();
    return made;
}

Result<void> Sandbox::open(double pace)
{
    if (!d->folder.isValid())
        return Error{
            ErrorKind::Internal,
            SandboxText::tr("The practice world needs a folder for its kubeconfig, and none could be made below %1: "
                            "%2. Check the rights and the free space there.")
                .arg(QDir::toNativeSeparators(d->folder.base()), d->folder.errorString()),
            {}};
    // Beside the world, on another core: half the time.
    auto telling = std::async(std::launch::async, [this] { return tellStory(); });
    if (const auto opened = openWorld(pace); !opened)
        return opened;
    if (const auto told = telling.get(); !told)
        return told;
    returnMemory();
    d->world->start();
    return {};
}

Result<void> Sandbox::tellStory()
{
    d->folder.removeLeftOver();
    const QDateTime now = QDateTime::currentDateTimeUtc();
    auto story = writeStory(builtInCatalogue(), builtInStorybook(), now, d->folder.filePath(QStringLiteral("team")),
                            {operatorIdentity().email, accountIdentity().email});
    if (!story)
        return story.error();
    d->story = *std::move(story);
    return copyLedger();
}

// What the console would fetch first: the team's ledger on "its own machine".
Result<void> Sandbox::copyLedger()
{
    const auto shared = git::parseRemoteUrl(d->story.ledger);
    if (!shared)
        return shared.error();
    const QString copy = git::Mirror(dataFolder() + QStringLiteral("/ledgers"), *shared).path();
    QDirIterator files(d->story.ledger, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        const QString file = files.next();
        const QString to = copy + file.mid(d->story.ledger.size());
        if (!QDir().mkpath(QFileInfo(to).path()) || !QFile::copy(file, to))
            return cannotWrite(to, QString());
    }
    for (const char *folder : {"/objects/info", "/objects/pack", "/refs/tags"})
        QDir().mkpath(copy + QLatin1String(folder));
    return {};
}

Result<void> Sandbox::openWorld(double pace)
{
    auto certificate = LoopbackCertificate::make();
    if (!certificate)
        return certificate.error();
    d->certificate = std::move(*certificate);
    auto token = randomToken();
    if (!token)
        return token.error();
    d->token = std::move(*token);
    const Catalogue &catalogue = builtInCatalogue();
    std::vector<ObjectStore *> stores;
    for (const ClusterPlan &plan : catalogue.clusters) {
        Private::Cluster cluster;
        cluster.name = plan.name;
        cluster.store = std::make_unique<ObjectStore>(plan.name, [this] { return d->clock.nowMs(); });
        registerTypes(*cluster.store, builtInTypes());
        registerTypes(*cluster.store, gatewayTypes());
        stores.push_back(cluster.store.get());
        d->clusters.push_back(std::move(cluster));
    }
    d->world = std::make_unique<World>(catalogue, stores, d->samples, d->clock);
    d->world->seed(d->clock.nowMs());
    for (const Private::Cluster &cluster : d->clusters)
        cluster.store->forgetHistory();
    d->clock.release();
    d->clock.setPace(pace);
    addPracticeAlerts(d->alerts);
    d->world->setScrapeListener([this](std::int64_t nowMs) {
        d->alerts.evaluate(nowMs);
        if (++d->scrapes % scrapesBetweenReturns == 0)
            returnMemory();
    });
    for (std::size_t i = 0; i < d->clusters.size(); ++i) {
        if (const auto started = startCluster(i); !started)
            return started;
    }
    if (const auto started = startPrometheus(); !started)
        return started;
    if (const auto started = startRegistry(); !started)
        return started;
    if (const auto started = startPipelines(); !started)
        return started;
    return writeFiles();
}

Result<void> Sandbox::startCluster(std::size_t index)
{
    Private::Cluster &cluster = d->clusters[index];
    KubeApi::Options options;
    const std::string version = builtInCatalogue().clusters[index].serverVersion;
    options.version = version.substr(version.find_first_of("0123456789"));
    options.hooks.logs = logHook(*d->world, index);
    options.hooks.usage = usageHook(*d->world, index);
    cluster.api = std::make_unique<KubeApi>(*cluster.store, std::move(options));
    LoopbackServer::Options serving;
    serving.certificate = d->certificate;
    serving.token = d->token;
    serving.handler = [api = cluster.api.get()](const LoopbackRequest &request) { return api->handle(request); };
    serving.unauthorized = KubeApi::unauthorized();
    serving.tooLarge = KubeApi::tooLarge();
    auto server = LoopbackServer::start(std::move(serving));
    if (!server)
        return server.error();
    cluster.server = std::move(*server);
    return {};
}

Result<void> Sandbox::startPrometheus()
{
    d->prometheusApi = std::make_unique<PrometheusApi>(d->samples, &d->alerts, [this] { return d->clock.nowMs(); });
    LoopbackServer::Options serving;
    serving.certificate = d->certificate;
    serving.token = d->token;
    serving.handler = [api = d->prometheusApi.get()](const LoopbackRequest &request) {
        Parameters parameters = request.form;
        parameters.insert(parameters.end(), request.query.begin(), request.query.end());
        return promReply(api->answer(request.method, request.path, parameters));
    };
    serving.unauthorized.status = 401;
    serving.unauthorized.contentType = "text/plain; charset=utf-8";
    serving.unauthorized.body = "Unauthorized\n";
    auto server = LoopbackServer::start(std::move(serving));
    if (!server)
        return server.error();
    d->prometheus = std::move(*server);
    return {};
}

Result<void> Sandbox::startRegistry()
{
    LoopbackServer::Options serving;
    serving.certificate = d->certificate;
    serving.token = d->token;
    serving.handler = [api = RegistryApi(builtInCatalogue())](const LoopbackRequest &request) {
        return api.answer(request);
    };
    serving.unauthorized = RegistryApi::unauthorized();
    auto server = LoopbackServer::start(std::move(serving));
    if (!server)
        return server.error();
    d->registry = std::move(*server);
    return {};
}

// The story is told meanwhile: commits are looked up when somebody asks for runs.
Result<void> Sandbox::startPipelines()
{
    PracticePipelines::Options options;
    options.certificate = d->certificate;
    options.token = d->token;
    options.nowMs = [this] { return d->clock.nowMs(); };
    options.commitOf = [this](const std::string &application, const std::string &tag) {
        QFile file(sourcePath(d->story.sources, QString::fromStdString(application)) + QStringLiteral("/refs/tags/") +
                   QString::fromStdString(tag));
        return file.open(QIODevice::ReadOnly) ? file.readAll().trimmed().toStdString() : std::string();
    };
    options.deploy = [this](const ci::Deployment &one) {
        const std::string version = one.tag.starts_with('v') ? one.tag.substr(1) : one.tag;
        setImage(one.environment, one.application, version, one.subject);
    };
    auto pipelines = PracticePipelines::start(std::move(options));
    if (!pipelines)
        return pipelines.error();
    d->pipelines = std::move(*pipelines);
    return {};
}

Result<void> Sandbox::writeFiles()
{
    const std::uint64_t seed = builtInCatalogue().seed;
    const auto admin = practiceKey(seed, firstAdminName());
    const auto own = practiceKey(seed, operatorName());
    if (!admin || !own)
        return admin ? own.error() : admin.error();
    const auto ownKey = own->toOpenSsh(operatorName());
    if (!ownKey)
        return ownKey.error();
    const QByteArray token = QByteArray::fromStdString(d->token);
    const QByteArray ca = QByteArray::fromStdString(d->certificate->certificatePem());
    QByteArray config = "apiVersion: v1\nkind: Config\nclusters:\n";
    for (const Private::Cluster &cluster : d->clusters)
        config += "- name: " + QByteArray::fromStdString(cluster.name) +
                  "\n  cluster:\n    server: " + QByteArray::fromStdString(cluster.server->url()) +
                  "\n    certificate-authority-data: " + ca.toBase64() + '\n';
    config += "users:\n- name: operator\n  user:\n    token: " + token + "\ncontexts:\n";
    for (const Private::Cluster &cluster : d->clusters) {
        const QByteArray name = QByteArray::fromStdString(cluster.name);
        const std::size_t index = static_cast<std::size_t>(&cluster - d->clusters.data());
        config += "- name: " + name + "\n  context:\n    cluster: " + name + "\n    user: operator\n    namespace: " +
                  QByteArray::fromStdString(builtInCatalogue().clusters[index].namespaces.front()) + '\n';
    }
    config += "current-context: " + QByteArray::fromStdString(d->clusters.front().name) + '\n';

    QByteArray workspace = "version: 1\nname: " + title().toUtf8() + "\nconnections:\n";
    for (const Private::Cluster &cluster : d->clusters) {
        const QByteArray name = QByteArray::fromStdString(cluster.name);
        workspace += "- id: " + name + "\n  kind: kubernetes\n  kubeconfig: kubeconfig\n  context: " + name + '\n';
    }
    workspace += d->pipelines->connections(d->folder.filePath(QStringLiteral("token")));
    workspace +=
        "- id: practice-metrics\n  kind: prometheus\n  url: " + QByteArray::fromStdString(d->prometheus->url()) +
        "\n  caFile: ca.pem\n  auth:\n    bearer: \"file:" + d->folder.filePath(QStringLiteral("token")).toUtf8() +
        "\"\n"
        "metrics:\n  panels:\n"
        "  - id: agreement\n    title: Answers that agree\n    unit: percent\n"
        "    expression: 100 * avg by (slot) "
        "(model_agreement_ratio{app=\"{app}\",namespace=\"{ns}\"})\n"
        "    trackLabel: slot\n    higherIsWorse: false\n"
        "registries:\n- id: practice-registry\n  url: " +
        QByteArray::fromStdString(d->registry->url()) + "\n  imageHosts: [" +
        QByteArray::fromStdString(builtInCatalogue().registry) +
        "]\n  caFile: ca.pem\n  auth:\n    bearer: \"file:" + d->folder.filePath(QStringLiteral("token")).toUtf8() +
        "\"\n"
        "preferences:\n  environmentOrder: [dev, staging, production]\n"
        "  trafficSteps: [5, 25, 50, 100]\n  trafficDwell: 60s\n" +
        sourcesText() + "ledger:\n  url: team/ledger.git\n  firstAdmin: \"" + admin->publicKey().line() +
        "\"\n  signing: \"file:operator\"\n  fetchEvery: 5s\n";
    const std::vector<std::pair<QString, QByteArray>> files = {{QStringLiteral("token"), token},
                                                               {QStringLiteral("ca.pem"), ca},
                                                               {QStringLiteral("kubeconfig"), config},
                                                               {QStringLiteral("operator"), ownKey->reveal()},
                                                               {QStringLiteral("workspace.yaml"), workspace}};
    for (const auto &[name, text] : files) {
        QFile file(d->folder.filePath(name));
        // The folder is the user's alone already; the files are too, should somebody move them.
        if (!file.open(QIODevice::WriteOnly | QIODevice::NewOnly) ||
            !file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner) || file.write(text) != text.size())
            return cannotWrite(file.fileName(), file.errorString());
    }
    return {};
}

void Sandbox::wakeColleagues(const Colleagues::Timing &timing)
{
    if (d->colleagues)
        return;
    Colleagues::Hands hands;
    hands.begin = [this](const policy::PromotionRequest &request) {
        setImage(request.subject.environment.toStdString(), request.subject.application.toStdString(),
                 request.version.toStdString(), request.reason.toStdString());
    };
    hands.isDone = [this](const policy::PromotionRequest &request) { return runs(request); };
    d->colleagues =
        std::make_unique<Colleagues>(builtInStorybook(), builtInCatalogue().seed, d->story, std::move(hands), timing);
    d->colleagues->start();
}

ObjectStore *Sandbox::storeOf(const std::string &ns)
{
    const Catalogue &catalogue = builtInCatalogue();
    for (std::size_t i = 0; i < catalogue.clusters.size(); ++i) {
        const auto &all = catalogue.clusters[i].namespaces;
        if (std::find(all.begin(), all.end(), ns) != all.end())
            return d->clusters.at(i).store.get();
    }
    return nullptr;
}

// As `kubectl set image` does.
void Sandbox::setImage(const std::string &ns, const std::string &name, const std::string &tag,
                       const std::string &reason)
{
    ObjectStore *store = storeOf(ns);
    const ServiceSpec *service = builtInCatalogue().service(name);
    if (!store || !service || !service->version(tag))
        return;
    store->modify(*store->type("apps", "deployments"), ns, name, [&](Json &tree) -> std::optional<Refusal> {
        tree["metadata"]["annotations"]["kubernetes.io/change-cause"] = tag + ": " + reason;
        Json &podTemplate = tree["spec"]["template"];
        podTemplate["spec"]["containers"][0]["image"] = builtInCatalogue().image(*service, tag);
        podTemplate["metadata"]["labels"]["app.kubernetes.io/version"] = tag;
        return {};
    });
}

bool Sandbox::runs(const policy::PromotionRequest &request)
{
    const std::string ns = request.subject.environment.toStdString();
    ObjectStore *store = storeOf(ns);
    const ObjectPtr found =
        store ? store->get(*store->type("apps", "deployments"), ns, request.subject.application.toStdString())
              : nullptr;
    if (!found)
        return false;
    const Json tree = found->tree();
    const auto wanted = numberAt(tree, "/spec/replicas");
    return numberAt(tree, "/status/observedGeneration") >= found->generation &&
           numberAt(tree, "/status/updatedReplicas") == wanted && numberAt(tree, "/status/replicas") == wanted &&
           numberAt(tree, "/status/availableReplicas") == wanted;
}

void Sandbox::stop()
{
    if (d->colleagues)
        d->colleagues->stop();
    for (Private::Cluster &cluster : d->clusters) {
        if (cluster.server)
            cluster.server->stop();
    }
    if (d->prometheus)
        d->prometheus->stop();
    if (d->registry)
        d->registry->stop();
    if (d->pipelines)
        d->pipelines->stop();
    if (d->world)
        d->world->stop();
    d->folder.remove();
}

std::vector<Sandbox::Server> Sandbox::clusters() const
{
    std::vector<Server> all;
    for (const Private::Cluster &cluster : d->clusters)
        all.push_back({QString::fromStdString(cluster.name), QUrl(QString::fromStdString(cluster.server->url())),
                       cluster.server->threadCount()});
    return all;
}

Sandbox::Server Sandbox::prometheus() const
{
    return {QStringLiteral("practice-metrics"), QUrl(QString::fromStdString(d->prometheus->url())),
            d->prometheus->threadCount()};
}

Sandbox::Server Sandbox::registry() const
{
    return {QStringLiteral("practice-registry"), QUrl(QString::fromStdString(d->registry->url())),
            d->registry->threadCount()};
}

std::vector<Sandbox::Server> Sandbox::pipelines() const
{
    std::vector<Server> all;
    for (const PracticePipelines::Server &server : d->pipelines->servers())
        all.push_back({QString::fromStdString(server.id), QUrl(QString::fromStdString(server.url)), server.threads});
    return all;
}

QString Sandbox::kubeconfigFile() const
{
    return d->folder.filePath(QStringLiteral("kubeconfig"));
}

QString Sandbox::workspaceFile() const
{
    return d->folder.filePath(QStringLiteral("workspace.yaml"));
}

QString Sandbox::dataFolder() const
{
    return d->folder.filePath(QStringLiteral("data"));
}

const PracticeStory &Sandbox::story() const
{
    return d->story;
}

World &Sandbox::world()
{
    return *d->world;
}

ObjectStore &Sandbox::store(std::size_t cluster)
{
    return *d->clusters.at(cluster).store;
}

const SampleStore &Sandbox::samples() const
{
    return d->samples;
}

std::int64_t Sandbox::nowMs() const
{
    return d->clock.nowMs();
}

} // namespace signalbox::sandbox
