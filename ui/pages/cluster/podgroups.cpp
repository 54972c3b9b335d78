#include "ui/pages/cluster/podgroups.h"

#include "models/items/filterproxy.h"

#include <QCoreApplication>

#include <algorithm>

namespace signalbox
{

namespace
{

PodCell cellOf(const Pod &pod, float load)
{
    PodCell cell;
    cell.uid = pod.ref.uid;
    cell.name = pod.ref.name;
    cell.health = pod.health;
    cell.load = load;
    cell.text = pod.reason;
    if (pod.restarts > 0)
        cell.text += QCoreApplication::translate("PodGroups", ", %1 restarts").arg(pod.restarts);
    if (!pod.message.isEmpty() && pod.health != Health::Ok)
        cell.text += QLatin1Char('\n') + pod.message;
    return cell;
}

} // namespace

QString workloadNameOf(const Pod &pod)
{
    if (pod.ownerName.isEmpty())
        return pod.ref.name;
    if (pod.ownerKind == QLatin1String("ReplicaSet")) {
        const QString hash = pod.labels.value(QStringLiteral("pod-template-hash"));
        if (!hash.isEmpty() && pod.ownerName.endsWith(QLatin1Char('-') + hash))
            return pod.ownerName.chopped(hash.size() + 1);
        return pod.ownerName.section(QLatin1Char('-'), 0, -2);
    }
    return pod.ownerName;
}

void PodGroups::setGrouping(By by, const QString &ns)
{
    m_by = by;
    m_ns = ns;
}

void PodGroups::rebuild(const QHash<QString, Pod> &pods)
{
    m_groups.clear();
    m_placeOf.clear();
    m_placeOf.reserve(pods.size());
    m_counts = {};
    for (const Pod &pod : pods)
        insert(pod);
}

QSet<QString> PodGroups::apply(const IdChanges &ids, const QHash<QString, Pod> &pods)
{
    QSet<QString> touched;
    if (ids.isReset) {
        touched = QSet<QString>(m_groups.keyBegin(), m_groups.keyEnd());
        rebuild(pods);
        touched.unite(QSet<QString>(m_groups.keyBegin(), m_groups.keyEnd()));
        return touched;
    }
    for (const QString &uid : ids.removed)
        remove(uid, &touched);
    for (const QString &uid : ids.upserted) {
        remove(uid, &touched);
        const auto pod = pods.constFind(uid);
        if (pod == pods.constEnd())
            continue;
        insert(*pod);
        touched.insert(groupOf(uid));
    }
    touched.remove(QString());
    return touched;
}

void PodGroups::setLoads(const QHash<QString, float> &loads)
{
    m_loads = loads;
    for (auto &group : m_groups) {
        for (PodCell &cell : group)
            cell.load = m_loads.value(cell.uid, -1);
    }
}

QStringList PodGroups::groups() const
{
    QStringList names = m_groups.keys();
    std::sort(names.begin(), names.end(),
              [](const QString &a, const QString &b) { return compareNaturally(a, b) < 0; });
    return names;
}

QString PodGroups::groupFor(const Pod &pod) const
{
    switch (m_by) {
    case By::Node:
        return pod.node.isEmpty() ? QCoreApplication::translate("PodGroups", "on no node") : pod.node;
    case By::Namespace:
        return pod.ref.ns;
    case By::Workload:
        break;
    }
    return m_ns.isEmpty() ? pod.ref.ns + QLatin1Char('/') + workloadNameOf(pod) : workloadNameOf(pod);
}

void PodGroups::insert(const Pod &pod)
{
    if (!m_ns.isEmpty() && pod.ref.ns != m_ns)
        return;
    Place place;
    place.group = groupFor(pod);
    place.sortKey = pod.ref.name + QLatin1Char(' ') + pod.ref.uid;
    place.health = pod.health;
    place.isReady = pod.isReady;
    place.counts = pod.phase != QLatin1String("Succeeded");
    m_groups[place.group].insert(place.sortKey, cellOf(pod, m_loads.value(pod.ref.uid, -1)));
    count(place, 1);
    m_placeOf.insert(pod.ref.uid, place);
}

bool PodGroups::remove(const QString &uid, QSet<QString> *touched)
{
    const auto it = m_placeOf.constFind(uid);
    if (it == m_placeOf.constEnd())
        return false;
    touched->insert(it->group);
    count(*it, -1);
    auto group = m_groups.find(it->group);
    group->remove(it->sortKey);
    if (group->isEmpty())
        m_groups.erase(group);
    m_placeOf.erase(it);
    return true;
}

void PodGroups::count(const Place &place, int step)
{
    if (!place.counts)
        return;
    m_counts.pods += step;
    m_counts.ready += place.isReady ? step : 0;
    m_counts.warning += place.health == Health::Warning ? step : 0;
    m_counts.failing += place.health == Health::Failing ? step : 0;
    m_counts.moving += place.health == Health::InProgress && !place.isReady ? step : 0;
}

} // namespace signalbox
