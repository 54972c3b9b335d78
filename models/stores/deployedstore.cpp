#include "models/stores/deployedstore.h"

#include <algorithm>

namespace signalbox
{

namespace
{

int releaseRank(const QString &environment)
{
    static const QList<QStringList> order = {{QStringLiteral("dev"), QStringLiteral("sandbox")},
                                             {QStringLiteral("test"), QStringLiteral("qa")},
                                             {QStringLiteral("preview")},
                                             {QStringLiteral("staging")}};
    for (int rank = 0; rank < order.size(); ++rank) {
        for (const QString &word : order[rank]) {
            if (environment.contains(word, Qt::CaseInsensitive) && !isProtectedByName(environment))
                return rank;
        }
    }
    return environment.contains(QStringLiteral("prod"), Qt::CaseInsensitive) ? 6 : 5;
}

} // namespace

DeployedStore::DeployedStore(QObject *parent)
    : QObject(parent)
{}

DeployedStore::~DeployedStore() = default;

void DeployedStore::apply(const QList<Deployed> &upserted, const QStringList &removedKeys)
{
    QStringList changedKeys;
    QStringList gone;
    for (const QString &key : removedKeys) {
        if (m_byKey.remove(key))
            gone.append(key);
        m_carriers.remove(key);
        m_failingSince.remove(key);
    }
    for (const Deployed &item : upserted) {
        const QString key = item.key();
        const auto known = m_byKey.constFind(key);
        if (known != m_byKey.constEnd() && *known == item)
            continue;
        m_byKey.insert(key, item);
        remember(item);
        noteHealth(item);
        changedKeys.append(key);
    }
    if (!changedKeys.isEmpty() || !gone.isEmpty())
        emit changed(changedKeys, gone);
}

void DeployedStore::noteHealth(const Deployed &item)
{
    const QString key = item.key();
    if (item.health != Health::Failing)
        m_failingSince.remove(key);
    else if (!m_failingSince.contains(key))
        m_failingSince.insert(key, m_clock());
}

void DeployedStore::remember(const Deployed &item)
{
    if (item.tracks.size() < 2)
        return;
    for (const Track &track : item.tracks) {
        if (track.share.value_or(0) < 1 || track.podsReady <= 0)
            continue;
        // Fewer than wanted are what is left of it, or what there is of it by now: they do not show that so few do.
        const bool isWhole = track.podsReady == track.podsWanted;
        QMap<QString, Carrier> &seen = m_carriers[item.key()];
        const auto known = seen.constFind(track.name);
        const bool isKnown = known != seen.constEnd() && known->templateHash == track.templateHash;
        if (isWhole || (isKnown && known->pods < track.podsReady))
            seen.insert(track.name, {track.templateHash, track.podsReady});
    }
}

QMap<QString, int> DeployedStore::carriedBy(const QString &key) const
{
    QMap<QString, int> carried;
    const Deployed *const item = find(key);
    const QMap<QString, Carrier> seen = m_carriers.value(key);
    for (const Track &track : item ? item->tracks : QList<Track>()) {
        const auto carrier = seen.constFind(track.name);
        if (carrier != seen.constEnd() && carrier->templateHash == track.templateHash)
            carried.insert(track.name, carrier->pods);
    }
    return carried;
}

QList<Deployed> DeployedStore::all() const
{
    QList<Deployed> list = m_byKey.values();
    std::sort(list.begin(), list.end(), [](const Deployed &a, const Deployed &b) {
        return std::pair(a.application, a.environment) < std::pair(b.application, b.environment);
    });
    return list;
}

const Deployed *DeployedStore::find(const QString &key) const
{
    const auto it = m_byKey.constFind(key);
    return it == m_byKey.constEnd() ? nullptr : &*it;
}

QStringList DeployedStore::applications() const
{
    QStringList names;
    for (const Deployed &item : m_byKey)
        names.append(item.application);
    names.sort();
    names.removeDuplicates();
    return names;
}

QStringList DeployedStore::environments() const
{
    QStringList names;
    for (const Deployed &item : m_byKey)
        names.append(item.environment);
    names.sort();
    names.removeDuplicates();
    std::stable_sort(names.begin(), names.end(),
                     [](const QString &a, const QString &b) { return releaseRank(a) < releaseRank(b); });
    const auto place = [this](const QString &name) {
        const qsizetype index = m_environmentOrder.indexOf(name);
        return index < 0 ? m_environmentOrder.size() : index;
    };
    std::stable_sort(names.begin(), names.end(),
                     [&place](const QString &a, const QString &b) { return place(a) < place(b); });
    return names;
}

} // namespace signalbox
