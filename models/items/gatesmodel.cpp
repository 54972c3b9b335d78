#include "models/items/gatesmodel.h"

#include "models/items/roles.h"
#include "models/stores/runstore.h"

#include <algorithm>
#include <tuple>

namespace signalbox
{

namespace
{

GateRow rowFor(const RunStore &store, const WaitingGate &gate)
{
    GateRow row;
    row.gate = gate;
    const PipelineRef &ref = gate.run.pipeline;
    if (const RunStore::Entry *const entry = store.entry(ref.key())) {
        row.application = entry->application;
        row.pipeline = entry->pipeline.title;
    }
    row.isMapped = !row.application.isEmpty();
    if (!row.isMapped)
        row.application = ref.project;
    if (row.pipeline.isEmpty())
        row.pipeline = ref.pipeline;
    const RunStore::Server *const server = store.server(gate.connection);
    row.isLive = server && server->gates.isLive();
    return row;
}

} // namespace

QList<GateRow> gateRowsOf(const RunStore &store)
{
    QList<GateRow> rows;
    const QList<WaitingGate> gates = store.gates();
    for (const WaitingGate &gate : gates)
        rows.append(rowFor(store, gate));
    std::stable_sort(rows.begin(), rows.end(), [](const GateRow &a, const GateRow &b) {
        return a.gate.mayDecide.value_or(false) > b.gate.mayDecide.value_or(false);
    });
    return rows;
}

std::optional<GateRow> gateRowOf(const RunStore &store, const QString &key)
{
    const QList<WaitingGate> gates = store.gates();
    const auto found =
        std::find_if(gates.cbegin(), gates.cend(), [&key](const WaitingGate &gate) { return gate.key() == key; });
    return found == gates.cend() ? std::nullopt : std::optional(rowFor(store, *found));
}

QList<GateSource> unreadGateSources(const RunStore &store)
{
    QList<GateSource> unread;
    const QStringList connections = store.connections();
    for (const QString &connection : connections) {
        const RunStore::Server *const server = store.server(connection);
        if (!server)
            continue;
        const Freshness::State state = server->gates.state;
        const QString title = server->title.isEmpty() ? connection : server->title;
        if (state == Freshness::State::Stale || state == Freshness::State::Failed || state == Freshness::State::Denied)
            unread.append({connection, title, server->gates});
        else if (server->gates.isLive() && !server->unreadGates.isEmpty())
            // It lives: when it was heard last is another each time, and nothing of what is told here.
            unread.append({connection, title, Freshness{Freshness::State::Live, {}, {}, {}}, server->unreadGates});
    }
    std::sort(unread.begin(), unread.end(), [](const GateSource &a, const GateSource &b) {
        return std::tie(a.title, a.connection) < std::tie(b.title, b.connection);
    });
    return unread;
}

bool areGatesAwaited(const RunStore &store)
{
    const QStringList connections = store.connections();
    return std::any_of(connections.cbegin(), connections.cend(), [&store](const QString &connection) {
        const RunStore::Server *const server = store.server(connection);
        return server && server->gates.state == Freshness::State::Loading;
    });
}

QString gatePlaceText(const GateRow &row)
{
    const QString run = QStringLiteral("%1 %2").arg(row.pipeline, row.gate.runNumber).trimmed();
    return row.gate.environment.isEmpty() ? run : QStringLiteral("%1 \u2192 %2").arg(run, row.gate.environment);
}

QString gateDecidersText(const WaitingGate &gate)
{
    QStringList names;
    for (const GateDecider &one : gate.deciders)
        names.append(one.name);
    return names.isEmpty() ? GatesModel::tr("who may is not told") : names.join(QStringLiteral(", "));
}

QString spokenGate(const GateRow &row)
{
    QStringList words{row.application, gatePlaceText(row), row.gate.title,
                      GatesModel::tr("decided by %1").arg(gateDecidersText(row.gate)), row.gate.vendor};
    if (!row.isLive)
        words << GatesModel::tr("not live");
    else if (row.gate.mayDecide)
        words << (*row.gate.mayDecide ? GatesModel::tr("you may decide") : GatesModel::tr("you may not decide"));
    return words.join(QStringLiteral(", "));
}

void GatesModel::show(const QList<GateRow> &rows)
{
    m_all = rows;
    rebuild();
}

void GatesModel::setWords(const QString &text)
{
    m_words = text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    rebuild();
}

bool GatesModel::accepts(const GateRow &row) const
{
    if (m_words.isEmpty())
        return true;
    const WaitingGate &gate = row.gate;
    const QString text = QStringList{row.application,
                                     row.pipeline,
                                     gate.runNumber,
                                     gate.title,
                                     gate.environment,
                                     gate.message,
                                     gate.branch,
                                     gate.commit,
                                     gate.vendor,
                                     gate.connection,
                                     gate.id,
                                     gateDecidersText(gate),
                                     gate.run.pipeline.project}
                             .join(QLatin1Char(' '));
    return std::all_of(m_words.cbegin(), m_words.cend(),
                       [&text](const QString &word) { return text.contains(word, Qt::CaseInsensitive); });
}

void GatesModel::rebuild()
{
    QList<GateRow> some;
    std::copy_if(m_all.cbegin(), m_all.cend(), std::back_inserter(some),
                 [this](const GateRow &row) { return accepts(row); });
    setRows(some);
}

QVariant GatesModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const GateRow *const one = &row(index.row());
    switch (role) {
    case Qt::DisplayRole:
        return one->application;
    case SecondLineRole:
        return gatePlaceText(*one);
    case IdRole:
        return one->gate.key();
    case TimeRole:
        return one->gate.since;
    case CopyRole:
        return QString(one->gate.connection + u'/' + one->gate.id);
    case Qt::AccessibleTextRole:
        return spokenGate(*one);
    case Qt::ToolTipRole:
        return one->gate.title;
    case GateRole:
        return QVariant::fromValue(*one);
    default:
        return {};
    }
}

} // namespace signalbox
