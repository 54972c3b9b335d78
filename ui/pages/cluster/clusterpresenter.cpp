#include "ui/pages/cluster/clusterpresenter.h"

#include "models/stores/deployedstore.h"
#include "services/feeds/clusterset.h"
#include "ui/shell/consolesettings.h"

#include <algorithm>
#include <cmath>

namespace signalbox
{

namespace
{

constexpr int podsDelay = 16; // ms: one frame; a change must be painted within 50 from the event on
constexpr int listDelay = 200;
constexpr int eventLimit = 200;
constexpr int rightsLifetime = 30; // seconds

QString resourceOf(const QString &kind)
{
    return kind.toLower() + QLatin1Char('s');
}

QString rightKey(const QString &ns, const QString &resource, const QString &verb)
{
    return ns + QLatin1Char('|') + resource + QLatin1Char('|') + verb;
}

} // namespace

ClusterPresenter::ClusterPresenter(ConsoleContext &context, QObject *parent)
    : QObject(parent)
    , m_context(context)
{
    const auto prepare = [this](QTimer &timer, int delay, auto handler) {
        timer.setSingleShot(true);
        timer.setInterval(delay);
        connect(&timer, &QTimer::timeout, this, handler);
    };
    prepare(m_podsSoon, podsDelay, [this] {
        m_sincePods.start();
        const QSet<QString> touched = std::exchange(m_touched, {});
        emit groupsChanged(touched, std::exchange(m_allTouched, false));
    });
    prepare(m_workloadsSoon, listDelay, [this] { refreshWorkloads(); });
    prepare(m_eventsSoon, listDelay, [this] { refreshEvents(); });
    connect(&m_usageTimer, &QTimer::timeout, this, &ClusterPresenter::pollUsage);
    connect(&context.clusters, &ClusterSet::added, this, [this] {
        if (cluster() == nullptr)
            setCluster({});
        emit clusterChanged();
    });
    connect(&context.clusters, &ClusterSet::aboutToRemove, this, [this](const QString &id) {
        if (id == m_clusterId) {
            for (const QMetaObject::Connection &wire : std::as_const(m_wires))
                disconnect(wire);
            m_wires.clear();
            m_nodeQuestion.cancel();
            m_podQuestion.cancel();
            m_rightsQuestion.cancel();
        }
        QTimer::singleShot(0, this, [this] {
            if (cluster() == nullptr)
                setCluster({});
            emit clusterChanged();
        });
    });
    m_ns = context.settings.choice(QStringLiteral("cluster/namespace"));
    const QString by = context.settings.choice(QStringLiteral("cluster/grouping"), QStringLiteral("node"));
    m_by = by == QLatin1String("namespace")  ? PodGroups::By::Namespace
           : by == QLatin1String("workload") ? PodGroups::By::Workload
                                             : PodGroups::By::Node;
    setCluster(context.settings.choice(QStringLiteral("cluster/cluster")));
}

ClusterPresenter::~ClusterPresenter() = default;

ClusterConnection *ClusterPresenter::cluster() const
{
    return m_context.clusters.find(m_clusterId);
}

void ClusterPresenter::setCluster(const QString &id)
{
    QString chosen = id;
    if (m_context.clusters.find(chosen) == nullptr)
        chosen = m_context.clusters.all().empty() ? QString() : m_context.clusters.all().front()->id;
    if (chosen == m_clusterId && !m_wires.isEmpty())
        return;
    m_clusterId = chosen;
    if (!chosen.isEmpty())
        m_context.settings.setChoice(QStringLiteral("cluster/cluster"), chosen);
    attach();
}

void ClusterPresenter::attach()
{
    for (const QMetaObject::Connection &wire : std::as_const(m_wires))
        disconnect(wire);
    m_wires.clear();
    m_nodeUsage.clear();
    m_rights.clear();
    m_usageProblem.clear();
    if (ClusterConnection *shown = cluster()) {
        ClusterStore *store = shown->store.get();
        m_wires.append(connect(store, &ClusterStore::podsChanged, this, [this, store](const IdChanges &ids) {
            m_touched.unite(m_groups.apply(ids, store->pods()));
            m_lastChange = QDateTime::currentDateTimeUtc();
            tellPodsSoon();
        }));
        m_wires.append(connect(store, &ClusterStore::nodesChanged, this, [this] {
            m_allTouched = true;
            tellPodsSoon();
        }));
        const auto workloadsSoon = [this] {
            if (!m_workloadsSoon.isActive())
                m_workloadsSoon.start();
        };
        m_wires.append(connect(store, &ClusterStore::workloadsChanged, this, workloadsSoon));
        m_wires.append(connect(store, &ClusterStore::revisionsChanged, this, workloadsSoon));
        m_wires.append(connect(store, &ClusterStore::eventsChanged, this, [this] {
            if (!m_eventsSoon.isActive())
                m_eventsSoon.start();
        }));
        m_wires.append(connect(store, &ClusterStore::namespacesChanged, this, &ClusterPresenter::clusterChanged));
        m_wires.append(connect(store, &ClusterStore::freshnessChanged, this, &ClusterPresenter::freshnessChanged));
        m_wires.append(connect(shown->source.get(), &ClusterSource::infoChanged, this, &ClusterPresenter::pollUsage));
    }
    if (!m_ns.isEmpty() && cluster() != nullptr && !namespaces().isEmpty() && !namespaces().contains(m_ns))
        m_ns.clear();
    rebuildGroups();
    refreshWorkloads();
    refreshEvents();
    pollUsage();
    emit clusterChanged();
    emit freshnessChanged();
}

// Once a frame at most, but the first at once: whoever brings the changes has collected them for a frame already.
void ClusterPresenter::tellPodsSoon()
{
    if (m_podsSoon.isActive())
        return;
    const qint64 since = m_sincePods.isValid() ? m_sincePods.elapsed() : podsDelay;
    m_podsSoon.start(static_cast<int>(std::max<qint64>(0, podsDelay - since)));
}

void ClusterPresenter::setNamespace(const QString &ns)
{
    if (ns == m_ns)
        return;
    m_ns = ns;
    m_context.settings.setChoice(QStringLiteral("cluster/namespace"), ns);
    rebuildGroups();
    refreshWorkloads();
    refreshEvents();
    emit clusterChanged();
}

void ClusterPresenter::setGrouping(PodGroups::By by)
{
    m_by = by;
    m_context.settings.setChoice(QStringLiteral("cluster/grouping"),
                                 by == PodGroups::By::Namespace  ? QStringLiteral("namespace")
                                 : by == PodGroups::By::Workload ? QStringLiteral("workload")
                                                                 : QStringLiteral("node"));
    rebuildGroups();
}

QStringList ClusterPresenter::namespaces() const
{
    const ClusterConnection *shown = cluster();
    if (shown == nullptr)
        return {};
    QStringList names = shown->store->namespaces();
    if (names.isEmpty()) { // listing them may be forbidden: those we see
        QSet<QString> seen;
        for (const Workload &item : shown->store->workloads())
            seen.insert(item.ref.ns);
        names = seen.values();
    }
    names.sort();
    return names;
}

void ClusterPresenter::rebuildGroups()
{
    m_groups.setGrouping(m_by, m_ns);
    const ClusterConnection *shown = cluster();
    m_groups.rebuild(shown != nullptr ? shown->store->pods() : QHash<QString, Pod>());
    emit groupsChanged({}, true);
}

ClusterPresenter::GroupInfo ClusterPresenter::groupInfo(const QString &group) const
{
    GroupInfo info;
    info.title = group;
    const ClusterConnection *shown = cluster();
    if (shown == nullptr)
        return info;
    if (m_by != PodGroups::By::Node) {
        const int count = static_cast<int>(m_groups.cells(group).size());
        info.usageText = count == 1 ? tr("1 pod") : tr("%1 pods").arg(count);
        return info;
    }
    const QHash<QString, Node> &nodes = shown->store->nodes();
    const auto node =
        std::find_if(nodes.begin(), nodes.end(), [&](const Node &item) { return item.ref.name == group; });
    if (node == nodes.end())
        return info;
    info.subtitle = node->instanceType;
    info.health = node->health;
    if (!node->isReady)
        info.subtitle = tr("not ready");
    else if (!node->isSchedulable)
        info.subtitle += tr(" · cordoned");
    const auto usage = m_nodeUsage.constFind(node->ref.uid);
    if (usage == m_nodeUsage.constEnd() || node->cpuCapacity <= 0 || node->memoryCapacity <= 0) {
        const int count = static_cast<int>(m_groups.cells(group).size());
        info.usageText = count == 1 ? tr("1 pod") : tr("%1 pods").arg(count);
        return info;
    }
    info.cpu = usage->cpu / node->cpuCapacity;
    info.memory = usage->memory / node->memoryCapacity;
    info.usageText = tr("cpu %1 % · mem %2 %").arg(std::lround(info.cpu * 100)).arg(std::lround(info.memory * 100));
    return info;
}

void ClusterPresenter::refreshWorkloads()
{
    QList<WorkloadRow> rows;
    if (const ClusterConnection *shown = cluster()) {
        const QHash<QString, qint64> newest = newestRevisions(shown->store->revisions());
        for (const Workload &item : shown->store->workloads()) {
            if (m_ns.isEmpty() || item.ref.ns == m_ns)
                rows.append(workloadRow(item, newest.value(item.ref.uid)));
        }
    }
    std::sort(rows.begin(), rows.end(), [](const WorkloadRow &a, const WorkloadRow &b) {
        const int byName = compareNaturally(a.ref.name, b.ref.name);
        return byName != 0 ? byName < 0 : a.ref.uid < b.ref.uid;
    });
    m_workloads.setRows(rows);
    emit workloadsChanged();
}

void ClusterPresenter::refreshEvents()
{
    const ClusterConnection *shown = cluster();
    m_events.setRows(shown != nullptr ? eventRows(shown->store->events(), m_ns, eventLimit) : QList<EventRow>());
    emit eventsChanged();
}

Freshness ClusterPresenter::podFreshness() const
{
    const ClusterConnection *shown = cluster();
    return shown != nullptr ? shown->store->freshness(ClusterKind::Pods) : Freshness();
}

Freshness ClusterPresenter::workloadFreshness() const
{
    const ClusterConnection *shown = cluster();
    if (shown == nullptr)
        return {};
    return shown->store->worstFreshness({ClusterKind::Deployments, ClusterKind::StatefulSets, ClusterKind::DaemonSets});
}

Freshness ClusterPresenter::eventFreshness() const
{
    const ClusterConnection *shown = cluster();
    return shown != nullptr ? shown->store->freshness(ClusterKind::Events) : Freshness();
}

const Pod *ClusterPresenter::pod(const QString &uid) const
{
    const ClusterConnection *shown = cluster();
    if (shown == nullptr)
        return nullptr;
    const auto it = shown->store->pods().constFind(uid);
    return it == shown->store->pods().constEnd() ? nullptr : &*it;
}

const Workload *ClusterPresenter::workload(const QString &uid) const
{
    const ClusterConnection *shown = cluster();
    if (shown == nullptr)
        return nullptr;
    const auto it = shown->store->workloads().constFind(uid);
    return it == shown->store->workloads().constEnd() ? nullptr : &*it;
}

QString ClusterPresenter::worstPodOf(const Workload &workload) const
{
    const ClusterConnection *shown = cluster();
    const Pod *worst = nullptr;
    for (const Pod &item : shown->store->pods()) {
        if (item.ref.ns != workload.ref.ns)
            continue;
        bool isOurs = !workload.selector.isEmpty();
        for (auto it = workload.selector.begin(); it != workload.selector.end() && isOurs; ++it)
            isOurs = item.labels.value(it.key()) == it.value();
        if (!isOurs && (!workload.selector.isEmpty() || workloadNameOf(item) != workload.ref.name))
            continue;
        if (worst == nullptr || item.health > worst->health ||
            (item.health == worst->health && item.ref.name < worst->ref.name))
            worst = &item;
    }
    return worst != nullptr ? worst->ref.uid : QString();
}

QString ClusterPresenter::deployedKeyOf(const ObjectRef &workload) const
{
    for (const Deployed &deployed : m_context.deployed.all()) {
        if (deployed.connection != m_clusterId || deployed.ns != workload.ns)
            continue;
        for (const Track &track : deployed.tracks) {
            for (const ObjectRef &ref : track.workloads) {
                if (samePlace(ref, workload))
                    return deployed.key();
            }
        }
    }
    return {};
}

void ClusterPresenter::askRights(const QString &ns)
{
    ClusterConnection *shown = cluster();
    if (shown == nullptr || ns.isEmpty())
        return;
    const auto known = m_rights.constFind(rightKey(ns, QStringLiteral("deployments"), QStringLiteral("patch")));
    if (known != m_rights.constEnd() && known->askedAt.secsTo(QDateTime::currentDateTimeUtc()) < rightsLifetime)
        return;
    QList<RightQuestion> questions;
    for (const QString &resource :
         {QStringLiteral("deployments"), QStringLiteral("statefulsets"), QStringLiteral("daemonsets")})
        questions.append({QStringLiteral("patch"), QStringLiteral("apps"), resource, {}, ns, {}});
    m_rightsQuestion.run(
        this, [&](const StopToken &stop) { return shown->source->rights(questions, stop); },
        [this, questions](const Result<QList<RightAnswer>> &answers) {
            if (!answers)
                return; // not known: the preflight asks again before anything is done
            for (qsizetype i = 0; i < std::min(questions.size(), answers->size()); ++i) {
                const RightAnswer &answer = answers->at(i);
                m_rights.insert(rightKey(questions[i].ns, questions[i].resource, questions[i].verb),
                                {answer.isAllowed, answer.reason, QDateTime::currentDateTimeUtc()});
            }
            emit rightsChanged();
        });
}

std::optional<QString> ClusterPresenter::whyNot(const ActionRequest &request) const
{
    const QString resource = resourceOf(request.workload.kind);
    const auto right = m_rights.constFind(rightKey(request.workload.ns, resource, QStringLiteral("patch")));
    if (right != m_rights.constEnd() && !right->isAllowed) {
        const QString reason = right->reason.isEmpty() ? QString() : QStringLiteral(": ") + right->reason;
        return tr("You may not patch %1 in %2%3.").arg(resource, request.workload.ns, reason);
    }
    const bool canPause = request.workload.kind == QLatin1String("Deployment");
    if ((request.kind == OperationKind::Pause || request.kind == OperationKind::Resume) && !canPause)
        return tr("Only a Deployment can be paused.");
    if (request.kind == OperationKind::Scale && request.workload.kind == QLatin1String("DaemonSet"))
        return tr("A DaemonSet runs one pod on each node; it has no replica count.");
    if (m_context.actions == nullptr)
        return tr("Operations are not available in this window.");
    return m_context.actions->whyNot(request);
}

void ClusterPresenter::retry()
{
    if (ClusterConnection *shown = cluster())
        shown->source->refresh();
}

void ClusterPresenter::setActive(bool isActive)
{
    m_isActive = isActive;
    if (isActive)
        pollUsage();
    else
        m_usageTimer.stop();
}

void ClusterPresenter::pollUsage()
{
    ClusterConnection *shown = cluster();
    if (shown == nullptr || !m_isActive || !shown->source->info().servesMetrics) {
        m_usageTimer.stop();
        return;
    }
    // metrics-server itself samples every 15 s; asking more often reads the same figures.
    m_usageTimer.start(std::max(15, m_context.settings.refreshSeconds()) * 1000);
    m_nodeQuestion.run(
        this, [&](const StopToken &stop) { return shown->source->nodeUsage(stop); },
        [this](const Result<QHash<QString, Usage>> &usage) {
            m_nodeUsage = usage ? *usage : QHash<QString, Usage>();
            m_allTouched = true;
            tellPodsSoon();
        });
    m_podQuestion.run(
        this, [&](const StopToken &stop) { return shown->source->podUsage(stop); },
        [this](const Result<QHash<QString, Usage>> &usage) {
            if (usage)
                takePodUsage(*usage);
        });
}

void ClusterPresenter::takePodUsage(const QHash<QString, Usage> &usage)
{
    double most = 0;
    for (const Usage &one : usage)
        most = std::max(most, one.cpu);
    QHash<QString, float> loads;
    if (most > 0) {
        loads.reserve(usage.size());
        for (auto it = usage.begin(); it != usage.end(); ++it)
            loads.insert(it.key(), static_cast<float>(std::sqrt(it->cpu / most)));
    }
    m_groups.setLoads(loads);
    m_allTouched = true;
    if (!m_podsSoon.isActive())
        m_podsSoon.start();
}

} // namespace signalbox
