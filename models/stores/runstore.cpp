#include "models/stores/runstore.h"

#include <QSet>

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr FreshnessOrder forRuns({Freshness::State::Absent, Freshness::State::Live, Freshness::State::Loading,
                                  Freshness::State::Stale, Freshness::State::Denied, Freshness::State::Failed});

// Only what says where in the run it is.
WaitingGate placeOf(const WaitingGate &gate)
{
    WaitingGate place;
    place.connection = gate.connection;
    place.id = gate.id;
    place.run = gate.run;
    place.job = gate.job;
    place.jobName = gate.jobName;
    place.environment = gate.environment;
    return place;
}

} // namespace

QDateTime staleFrom(const Freshness &freshness)
{
    if (freshness.state == Freshness::State::Live)
        return {};
    return freshness.lastHeard.isValid() ? freshness.lastHeard : freshness.since;
}

bool isShownAlike(const Freshness &a, const Freshness &b)
{
    return a.state == b.state && a.error == b.error && staleFrom(a) == staleFrom(b);
}

const Freshness &worse(const Freshness &a, const Freshness &b)
{
    if (a.state != b.state)
        return forRuns.isWorse(b, a) ? b : a;
    return b.lastHeard < a.lastHeard ? b : a;
}

RunStore::RunStore(QObject *parent)
    : QObject(parent)
{}

RunStore::~RunStore() = default;

QList<RunStore::Entry> RunStore::entries() const
{
    QList<Entry> all = m_entries.values();
    std::sort(all.begin(), all.end(), [](const Entry &a, const Entry &b) {
        const int byTitle = QString::localeAwareCompare(a.pipeline.title, b.pipeline.title);
        return byTitle != 0 ? byTitle < 0 : a.pipeline.ref.key() < b.pipeline.ref.key();
    });
    return all;
}

const RunStore::Entry *RunStore::entry(const QString &pipelineKey) const
{
    const auto found = m_entries.constFind(pipelineKey);
    return found == m_entries.constEnd() ? nullptr : &*found;
}

QStringList RunStore::connections() const
{
    QStringList all = m_servers.keys();
    all.sort();
    return all;
}

const RunStore::Server *RunStore::server(const QString &connection) const
{
    const auto found = m_servers.constFind(connection);
    return found == m_servers.constEnd() ? nullptr : &*found;
}

Freshness RunStore::worstOf(const QString &connection) const
{
    const Server *const known = server(connection);
    if (!known)
        return {};
    std::optional<Freshness> worst;
    const auto consider = [&worst](const Freshness &one) { worst = worst ? worse(*worst, one) : one; };
    for (const Entry &entry : m_entries) {
        // A pipeline that comes up is no trouble of a server that answers.
        if (entry.pipeline.ref.connection == connection && entry.freshness.state != Freshness::State::Loading)
            consider(entry.freshness);
    }
    if (known->chosen)
        consider(*known->chosen);
    // The list of pipelines is read every ten minutes: its age says nothing of runs that are read every few seconds.
    if (!worst || !known->pipelines.isLive())
        consider(known->pipelines);
    // Gates that were never heard are Loading beside a list that answers: no trouble either.
    if (known->gates.state != Freshness::State::Absent && known->gates.state != Freshness::State::Loading)
        consider(known->gates);
    return *worst;
}

QList<WaitingGate> RunStore::gates() const
{
    QList<WaitingGate> all;
    for (const QList<WaitingGate> &some : m_gates)
        all += some;
    std::sort(all.begin(), all.end(), [](const WaitingGate &a, const WaitingGate &b) {
        return a.since != b.since ? a.since < b.since : a.key() < b.key();
    });
    return all;
}

QList<WaitingGate> RunStore::seenGates(const RunRef &run) const
{
    QList<WaitingGate> all = m_seen.value(run.key());
    const QString &connection = run.pipeline.connection;
    for (const WaitingGate &gate : m_gates.value(connection)) {
        if (gate.run.key() == run.key() && !all.contains(placeOf(gate)))
            all.append(placeOf(gate));
    }
    return all;
}

void RunStore::noteSeen(const QList<WaitingGate> &gates)
{
    for (const WaitingGate &gate : gates) {
        const WaitingGate place = placeOf(gate);
        QList<WaitingGate> &seen = m_seen[gate.run.key()];
        if (!seen.contains(place))
            seen.append(place);
    }
    if (m_seen.size() > m_mostSeen)
        forgetUnknown();
}

void RunStore::forgetUnknown()
{
    QSet<QString> known;
    for (const Entry &entry : std::as_const(m_entries)) {
        for (const Run &run : entry.runs)
            known.insert(run.ref.key());
    }
    for (const QList<WaitingGate> &some : std::as_const(m_gates)) {
        for (const WaitingGate &gate : some)
            known.insert(gate.run.key());
    }
    m_seen.removeIf([&known](const Seen::iterator &one) { return !known.contains(one.key()); });
    m_mostSeen = std::max(mostSeen, 2 * m_seen.size());
}

void RunStore::putServer(const QString &connection, const Server &server)
{
    const auto known = m_servers.constFind(connection);
    if (known != m_servers.constEnd() && *known == server)
        return;
    const bool isSource = known == m_servers.constEnd() || known->title != server.title ||
                          known->unreadGates != server.unreadGates || !isShownAlike(known->gates, server.gates);
    m_servers.insert(connection, server);
    emit serverChanged(connection);
    if (isSource)
        emit gateSourceChanged(connection);
}

void RunStore::putEntry(const Entry &entry)
{
    const QString key = entry.pipeline.ref.key();
    const auto known = m_entries.constFind(key);
    if (known != m_entries.constEnd() && *known == entry)
        return;
    m_entries.insert(key, entry);
    emit entryChanged(key);
}

void RunStore::putGates(const QString &connection, const QList<WaitingGate> &gates)
{
    // When it was read is kept, and is no news: each look has another time.
    const auto isSame = [](const WaitingGate &one, WaitingGate other) {
        other.readAt = one.readAt;
        return one == other;
    };
    const QList<WaitingGate> before = m_gates.value(connection);
    m_gates.insert(connection, gates);
    noteSeen(gates);
    if (!std::equal(before.cbegin(), before.cend(), gates.cbegin(), gates.cend(), isSame))
        emit gatesChanged();
}

void RunStore::keepOnly(const QString &connection, const QStringList &pipelineKeys)
{
    const QSet<QString> kept(pipelineKeys.cbegin(), pipelineKeys.cend());
    QStringList gone;
    for (const Entry &entry : std::as_const(m_entries)) {
        const QString key = entry.pipeline.ref.key();
        if (entry.pipeline.ref.connection == connection && !kept.contains(key))
            gone.append(key);
    }
    for (const QString &key : std::as_const(gone)) {
        m_entries.remove(key);
        emit entryRemoved(key);
    }
    QSet<QString> waiting; // at a gate that may be decided later, of a pipeline that is back then
    for (const WaitingGate &gate : m_gates.value(connection))
        waiting.insert(gate.run.key());
    m_seen.removeIf([&](const Seen::iterator &one) {
        const PipelineRef &pipeline = one->constFirst().run.pipeline;
        return pipeline.connection == connection && !kept.contains(pipeline.key()) && !waiting.contains(one.key());
    });
}

void RunStore::removeConnection(const QString &connection)
{
    const bool hadGates = m_gates.remove(connection) > 0;
    keepOnly(connection, {});
    if (hadGates)
        emit gatesChanged();
    if (m_servers.remove(connection) > 0) {
        emit serverChanged(connection);
        emit gateSourceChanged(connection);
    }
}

} // namespace signalbox
