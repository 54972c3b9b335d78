#include "tests/support/consoleworld.h"

#include "services/async/deliver.h"
#include "ui/widgets/timetext.h"

#include <QTimer>

namespace signalbox::test
{

namespace
{

struct AppSpec
{
    const char *name;
    const char *team;
    const char *versions[3]; // dev, staging, production
    const char *hashes[3];
    int ages[3]; // minutes
    Health health[3];
    const char *reasons[3];
};

const AppSpec apps[] = {
    {"image-classifier",
     "vision team",
     {"2.15.0-rc.3", "2.15.0-rc.2", "2.14.3"},
     {"a91f3c7", "5be02d1", "c07d9aa"},
     {6, 130, 0},
     {Health::Ok, Health::Ok, Health::Ok},
     {"", "", ""}},
    {"smart-support",
     "dialog team",
     {"8.2.0-dev.41", "8.1.9", "8.1.7"},
     {"7d1e0b4", "e0c44f2", "91b2d08"},
     {14, 38, 4320},
     {Health::Ok, Health::InProgress, Health::Ok},
     {"", "3 of 8 pods updated", ""}},
    {"recommender",
     "growth team",
     {"1.44.1", "1.44.0", "1.44.0"},
     {"0fa9e3b", "b7720c9", "b7720c9"},
     {61, 300, 1440},
     {Health::Failing, Health::Ok, Health::Warning},
     {"ImagePullBackOff", "", "1 pod crash loops"}},
    {"sentiment-watch",
     "finance team",
     {"3.3.0", "3.3.0", "3.2.8"},
     {"44d8a10", "44d8a10", "d3b6f77"},
     {2880, 1500, 8640},
     {Health::Ok, Health::Ok, Health::Warning},
     {"", "", "5 of 6 pods ready"}},
    {"feature-store",
     "platform",
     {"0.98.2", "0.98.1", "0.97.4"},
     {"6c0de55", "f2a1907", "ab3310e"},
     {20, 1440, 17280},
     {Health::Ok, Health::Ok, Health::Ok},
     {"", "", ""}},
    {"edge-gateway",
     "platform",
     {"5.0.1", "5.0.0", "5.0.0"},
     {"c5510f0", "2b9ef4c", "2b9ef4c"},
     {0, 5760, 4320},
     {Health::InProgress, Health::Ok, Health::Ok},
     {"8 of 10 pods updated", "", ""}},
};
const char *const environments[] = {"dev", "staging", "production"};

ObjectRef refOf(const QString &kind, const QString &ns, const QString &name)
{
    return {QStringLiteral("prod-eu"),
            kind == QLatin1String("Pod") ? QString() : QStringLiteral("apps"),
            kind,
            ns,
            name,
            QStringLiteral("uid-%1-%2-%3").arg(kind, ns, name)};
}

Workload workloadOf(const QString &ns, const QString &name, const QString &version, const QString &hash, int pods,
                    int ready)
{
    Workload workload;
    workload.ref =
        refOf(name.startsWith(QLatin1String("feature")) ? QStringLiteral("StatefulSet") : QStringLiteral("Deployment"),
              ns, name);
    workload.images = {{QStringLiteral("app"), QStringLiteral("registry.example/%1:%2").arg(name, version)}};
    workload.desired = pods;
    workload.ready = ready;
    workload.revision = QString::number(3 + name.size());
    workload.templateHash = hash;
    workload.health = Health::Ok;
    return workload;
}

QList<Deployed> deployedOf(const QDateTime &now)
{
    QList<Deployed> list;
    for (const AppSpec &app : apps) {
        for (int i = 0; i < 3; ++i) {
            Deployed item;
            item.application = QString::fromLatin1(app.name);
            item.team = QString::fromLatin1(app.team);
            item.environment = item.ns = QString::fromLatin1(environments[i]);
            item.connection = QStringLiteral("prod-eu");
            item.health = app.health[i];
            item.state = QString::fromLatin1(app.reasons[i]);
            item.since = now.addSecs(-60LL * app.ages[i]);
            item.isProtected = i == 2;
            item.freshness = {Freshness::State::Live, now, now, std::nullopt};
            Track track;
            track.version = QString::fromLatin1(app.versions[i]);
            track.templateHash = QString::fromLatin1(app.hashes[i]);
            track.podsWanted = track.podsReady = 8;
            track.health = item.health;
            track.since = item.since;
            if (i == 2) {
                const bool isGreen = list.size() % 2 == 0;
                track.name = isGreen ? QStringLiteral("green") : QStringLiteral("blue");
                track.share = 1.0;
            }
            item.tracks = {track};
            if (i == 2 && item.application == QLatin1String("image-classifier")) {
                item.tracks[0].name = QStringLiteral("blue");
                item.tracks[0].share = 0.75;
                Track candidate = track;
                candidate.name = QStringLiteral("green");
                candidate.version = QStringLiteral("2.15.0-rc.2");
                candidate.share = 0.25;
                item.tracks.append(candidate);
                item.routers = {{RouterRef::Kind::VirtualService,
                                 refOf(QStringLiteral("VirtualService"), item.ns, item.application),
                                 {}}};
            }
            list.append(item);
        }
    }
    return list;
}

Pod podOf(const QString &ns, const QString &owner, int number, const QString &node)
{
    Pod pod;
    const QString name = QStringLiteral("%1-6f7b-%2").arg(owner).arg(number, 3, 36, QLatin1Char('0'));
    pod.ref = refOf(QStringLiteral("Pod"), ns, name);
    pod.node = node;
    pod.ownerKind = QStringLiteral("ReplicaSet");
    pod.ownerName = owner + QStringLiteral("-6f7b");
    pod.images = {{QStringLiteral("app"), QStringLiteral("registry.example/%1:1.0").arg(owner)},
                  {QStringLiteral("proxy"), QStringLiteral("registry.example/proxy:2.1")}};
    pod.phase = pod.reason = QStringLiteral("Running");
    pod.containers = pod.readyContainers = 2;
    pod.isReady = true;
    pod.health = Health::Ok;
    return pod;
}

ClusterEvent eventOf(const QDateTime &at, bool isWarning, const QString &message, const QString &about)
{
    ClusterEvent event;
    event.ref = refOf(QStringLiteral("Event"), QStringLiteral("production"), QString::number(at.toSecsSinceEpoch()));
    event.about = refOf(QStringLiteral("Pod"), QStringLiteral("production"), about);
    event.isWarning = isWarning;
    event.message = message;
    event.last = at;
    return event;
}

QList<Node> nodesOf()
{
    QList<Node> nodes;
    for (int i = 1; i <= 6; ++i) {
        Node node;
        node.ref = refOf(QStringLiteral("Node"), {}, QStringLiteral("node-%1").arg(i));
        node.instanceType = i <= 3 ? QStringLiteral("g5.2xlarge") : QStringLiteral("m6.xlarge");
        node.isReady = true;
        node.cpuCapacity = 8;
        node.memoryCapacity = 32e9;
        node.health = Health::Ok;
        nodes.append(node);
    }
    return nodes;
}

QList<Pod> podsOf()
{
    QList<Pod> pods;
    const QString owners[] = {QStringLiteral("image-classifier-blue"), QStringLiteral("image-classifier-green"),
                              QStringLiteral("smart-support"),         QStringLiteral("recommender"),
                              QStringLiteral("sentiment-watch"),       QStringLiteral("feature-store"),
                              QStringLiteral("edge-gateway")};
    for (int i = 0; i < 528; ++i) {
        Pod pod = podOf(i % 9 == 0 ? QStringLiteral("staging") : QStringLiteral("production"), owners[i % 7], i,
                        QStringLiteral("node-%1").arg(i / 88 + 1));
        if (i == 95 || i == 96) {
            pod.health = Health::Failing;
            pod.reason = QStringLiteral("CrashLoopBackOff");
            pod.message = QStringLiteral("back-off 40s restarting failed container");
            pod.restarts = 12;
            pod.isReady = false;
            pod.readyContainers = 1;
        } else if (i == 118) {
            pod.health = Health::Warning;
            pod.reason = QStringLiteral("Running");
            pod.isReady = false;
        } else if (i >= 370 && i < 373) {
            pod.health = Health::InProgress;
            pod.phase = QStringLiteral("Pending");
            pod.reason = QStringLiteral("ContainerCreating");
            pod.isReady = false;
        }
        pods.append(pod);
    }
    return pods;
}

} // namespace

QFuture<Result<QList<RightAnswer>>> FakeCluster::rights(QList<RightQuestion> questions, StopToken)
{
    QList<RightAnswer> answers;
    for (const RightQuestion &question : questions) {
        RightAnswer answer;
        answer.isAllowed = !deniedVerbs.contains(question.verb);
        if (!answer.isAllowed)
            answer.reason = QStringLiteral("no role binding grants it");
        answers.append(answer);
    }
    return ready<QList<RightAnswer>>(answers);
}

std::unique_ptr<LogStream> FakeCluster::openLog(const LogRequest &request)
{
    auto stream = std::make_unique<FakeLog>();
    stream->request = request;
    log = stream.get();
    return stream;
}

QFuture<Result<QHash<QString, Usage>>> FakeCluster::podUsage(StopToken)
{
    return ready<QHash<QString, Usage>>(podUse);
}

QFuture<Result<QHash<QString, Usage>>> FakeCluster::nodeUsage(StopToken)
{
    return ready<QHash<QString, Usage>>(nodes);
}

void FakeProbe::begin()
{
    if (m_steps[0].state != ProbeStep::State::Pending)
        return;
    m_steps[0].state = ProbeStep::State::Running;
    emit stepChanged(m_steps[0]);
}

void FakeProbe::finishWith(bool isUsable, const QString &text)
{
    ProbeReport report;
    report.isUsable = isUsable;
    for (ProbeStep &step : m_steps) {
        step.state = isUsable ? ProbeStep::State::Passed : ProbeStep::State::Failed;
        step.text = text;
        emit stepChanged(step);
    }
    report.steps = m_steps;
    report.version = QStringLiteral("v1.32.0");
    report.user = QStringLiteral("operator");
    if (!isUsable)
        report.error = Error{ErrorKind::Unreachable, text, {}};
    emit finished(report);
}

QFuture<Result<QList<ContextInfo>>> FakeConnections::contexts(QStringList moreFiles, StopToken)
{
    askedFiles = moreFiles;
    return ready<QList<ContextInfo>>(known);
}

std::unique_ptr<ConnectionProbe> FakeConnections::probe(const ConnectionConfig &config)
{
    probed = config;
    auto made = std::make_unique<FakeProbe>();
    probing = made.get();
    probes.append(probing);
    QTimer::singleShot(0, made.get(), &FakeProbe::begin);
    return made;
}

QFuture<Result<QString>> FakeConnections::save(ConnectionConfig config)
{
    if (saveFails)
        return ready<QString>(*saveFails);
    if (config.id.isEmpty())
        config.id = QStringLiteral("c%1").arg(configs.size() + 1);
    for (ConnectionConfig &present : configs) {
        if (present.id == config.id) {
            present = config;
            emit changed();
            return ready<QString>(config.id);
        }
    }
    configs.append(config);
    emit changed();
    return ready<QString>(config.id);
}

QFuture<Result<void>> FakeConnections::remove(QString id)
{
    configs.removeIf([&](const ConnectionConfig &config) { return config.id == id; });
    emit changed();
    return ready<void>(Result<void>());
}

void FakePrompter::ask(QWidget *, const Question &question, std::function<void(bool)> answer)
{
    asked.append(question.title);
    lastText = question.text;
    answer(accepts);
}

void FakePrompter::askTypedName(QWidget *, const TypedName &question, std::function<void(bool)> answer)
{
    asked.append(question.question.title);
    lastText = question.expected;
    answer(accepts);
}

void FakePrompter::askNumber(QWidget *, const NumberQuestion &question, std::function<void(std::optional<int>)> answer)
{
    asked.append(question.question.title);
    answer(number);
}

void FakePrompter::askText(QWidget *, const TextQuestion &question, std::function<void(std::optional<QString>)> answer)
{
    asked.append(question.question.title);
    lastText = question.question.text;
    answer(words);
}

void FakePrompter::askFile(QWidget *, const QString &title, const QString &,
                           std::function<void(const QString &)> answer)
{
    asked.append(title);
    answer(file);
}

void FakePrompter::askSaveFile(QWidget *, const QString &title, const QString &,
                               std::function<void(const QString &)> answer)
{
    asked.append(title);
    answer(file);
}

QFuture<Result<MetricAnswer>> FakeMetrics::instant(QString, QDateTime, StopToken)
{
    return ready<MetricAnswer>(MetricAnswer());
}
QFuture<Result<MetricAnswer>> FakeMetrics::range(RangeQuery, StopToken)
{
    return ready<MetricAnswer>(MetricAnswer());
}
QFuture<Result<QList<Alert>>> FakeMetrics::alerts(StopToken)
{
    return ready<QList<Alert>>(QList<Alert>());
}
QFuture<Result<QList<AlertRule>>> FakeMetrics::rules(StopToken)
{
    return ready<QList<AlertRule>>(QList<AlertRule>());
}
QFuture<Result<QList<MetricPanel>>> FakeMetrics::suggestPanels(MetricSubject, StopToken)
{
    return ready<QList<MetricPanel>>(QList<MetricPanel>());
}

std::optional<QString> FakeActions::whyNot(const ActionRequest &request) const
{
    if (refused && *refused == request.kind)
        return QStringLiteral("You may not do this here.");
    return std::nullopt;
}

ConsoleWorld::ConsoleWorld()
    : now(QDateTime(QDate(2026, 3, 5), QTime(10, 54, 21), Qt::UTC))
{
    AgeTicker::freezeAt(now);
    deployed.setClock(&AgeTicker::now);
    settings = std::make_unique<ConsoleSettings>(folder.filePath(QStringLiteral("console.ini")));
    settings->setTimeZoneId("UTC");
    const auto ports = [this](const QString &id) -> std::optional<OperationPorts> {
        const ClusterConnection *const connection = clusters.find(id);
        if (!connection || !connection->runner)
            return std::nullopt;
        return OperationPorts{connection->runner.get(), connection->locker.get()};
    };
    OperationCenter::Settings center;
    center.dataFolder = folder.filePath(QStringLiteral("data"));
    operations = std::make_unique<OperationCenter>(ports, center, &clock);
    context.reset(new ConsoleContext{clusters,
                                     deployed,
                                     metrics,
                                     connections,
                                     *settings,
                                     prompter,
                                     &requests,
                                     operations.get(),
                                     &actions,
                                     nullptr,
                                     QStringLiteral("operator"),
                                     folder.path(),
                                     folder.path(),
                                     {}});
}

ConsoleWorld::~ConsoleWorld()
{
    AgeTicker::freezeAt({});
}

FakeCluster &ConsoleWorld::addCluster(const QString &id, const ClusterInfo &info)
{
    ClusterInfo known = info;
    known.connection = id;
    if (known.name.isEmpty())
        known.name = id;
    auto connection = std::make_unique<ClusterConnection>();
    connection->id = id;
    connection->title = known.name;
    auto source = std::make_unique<FakeCluster>(known);
    FakeCluster &result = *source;
    connection->source = std::move(source);
    connection->store = std::make_unique<ClusterStore>();
    clusters.add(std::move(connection));
    ConnectionConfig config;
    config.id = id;
    config.title = known.name;
    config.context = id;
    config.skipsTlsVerification = !known.verifiesTls;
    connections.configs.append(config);
    return result;
}

FakeCluster &ConsoleWorld::addRichCluster()
{
    ClusterInfo info;
    info.version = QStringLiteral("v1.32");
    info.server = QStringLiteral("10.1.0.10:6443");
    info.user = QStringLiteral("operator");
    info.servesMetrics = true;
    FakeCluster &cluster = addCluster(QStringLiteral("prod-eu"), info);
    ClusterDelta delta;
    delta.namespacesChanged = true;
    delta.namespaces = {QStringLiteral("dev"), QStringLiteral("production"), QStringLiteral("staging")};
    delta.nodes.upserted = nodesOf();
    delta.pods.upserted = podsOf();
    const QString production = QStringLiteral("production");
    QList<Workload> workloads = {workloadOf(production, QStringLiteral("image-classifier-blue"),
                                            QStringLiteral("2.14.3"), QStringLiteral("c07d9aa"), 12, 12),
                                 workloadOf(production, QStringLiteral("image-classifier-green"),
                                            QStringLiteral("2.15.0-rc.2"), QStringLiteral("5be02d1"), 12, 12),
                                 workloadOf(production, QStringLiteral("smart-support"), QStringLiteral("8.1.7"),
                                            QStringLiteral("91b2d08"), 8, 8),
                                 workloadOf(production, QStringLiteral("recommender"), QStringLiteral("1.44.0"),
                                            QStringLiteral("b7720c9"), 20, 19),
                                 workloadOf(production, QStringLiteral("sentiment-watch"), QStringLiteral("3.2.8"),
                                            QStringLiteral("d3b6f77"), 6, 6),
                                 workloadOf(production, QStringLiteral("feature-store"), QStringLiteral("0.97.4"),
                                            QStringLiteral("ab3310e"), 5, 5),
                                 workloadOf(production, QStringLiteral("edge-gateway"), QStringLiteral("5.0.0"),
                                            QStringLiteral("2b9ef4c"), 10, 9)};
    workloads[3].health = Health::Warning;
    workloads[3].state = QStringLiteral("1 pod crash loops");
    workloads[3].managers = {{Manager::Kind::ArgoCd, QStringLiteral("Application argocd/recommender"), {}, true, {}}};
    workloads[6].health = Health::InProgress;
    workloads[6].state = QStringLiteral("scaling 8 to 10");
    workloads[6].managers = {{Manager::Kind::Autoscaler, QStringLiteral("HPA edge-gateway"), {}, false, {}}};
    delta.workloads.upserted = workloads;
    delta.events.upserted = {
        eventOf(now.addSecs(-19), true,
                QStringLiteral("Back-off restarting failed container app in pod recommender-6f7b-x2n"),
                QStringLiteral("recommender-6f7b-x2n")),
        eventOf(now.addSecs(-33), false, QStringLiteral("Scaled up replica set edge-gateway-58c9 to 10"),
                QStringLiteral("edge-gateway")),
        eventOf(now.addSecs(-50), true,
                QStringLiteral("Readiness probe failed: HTTP probe failed with statuscode: 503"),
                QStringLiteral("recommender-6f7b-x2n")),
        eventOf(now.addSecs(-131), false, QStringLiteral("New size: 10; reason: cpu resource utilization above target"),
                QStringLiteral("edge-gateway")),
        eventOf(now.addSecs(-394), false, QStringLiteral("Successfully assigned production/smart-support to node-5"),
                QStringLiteral("smart-support"))};
    for (int i = 0; i < 6; ++i) {
        const double cpu[] = {0.67, 0.39, 0.84, 0.67, 0.73, 0.39};
        const double memory[] = {0.79, 0.64, 0.48, 0.69, 0.43, 0.56};
        cluster.nodes.insert(delta.nodes.upserted[i].ref.uid, {cpu[i] * 8, memory[i] * 32e9, now});
    }
    for (qsizetype i = 0; i < delta.pods.upserted.size(); ++i)
        cluster.podUse.insert(delta.pods.upserted[i].ref.uid,
                              {0.02 + 0.16 * static_cast<double>(i * 7919 % 101) / 100, 1e8, now});
    store(QStringLiteral("prod-eu")).apply(delta);
    setFreshness(QStringLiteral("prod-eu"), Freshness::State::Live);
    deployed.apply(deployedOf(now), {});
    settings->setPinned(QStringLiteral("image-classifier"), true);
    settings->setPinned(QStringLiteral("smart-support"), true);
    return cluster;
}

void ConsoleWorld::addPods(const QString &cluster, int count)
{
    ClusterDelta delta;
    for (int i = 0; i < count; ++i)
        delta.pods.upserted.append(
            podOf(QStringLiteral("load"), QStringLiteral("web"), i, QStringLiteral("node-%1").arg(i % 6 + 1)));
    for (Pod &pod : delta.pods.upserted)
        pod.ref.uid = QStringLiteral("load-") + pod.ref.name;
    store(cluster).apply(delta);
}

void ConsoleWorld::setFreshness(const QString &cluster, Freshness::State state, const QString &error)
{
    ClusterDelta delta;
    Freshness freshness{state, now.addSecs(-95), now.addSecs(-95), std::nullopt};
    if (!error.isEmpty())
        freshness.error = Error{ErrorKind::Unreachable, error, {}};
    for (int kind = 0; kind <= static_cast<int>(ClusterKind::DestinationRules); ++kind)
        delta.freshness.insert(static_cast<ClusterKind>(kind), freshness);
    store(cluster).apply(delta);
}

} // namespace signalbox::test
