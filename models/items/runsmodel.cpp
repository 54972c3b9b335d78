#include "models/items/runsmodel.h"

#include "models/items/filterproxy.h"
#include "models/items/roles.h"

#include <QTimer>

#include <algorithm>
#include <utility>

namespace signalbox
{

namespace
{

constexpr RunsModel::Filter filterOrder[] = {RunsModel::Filter::Waiting, RunsModel::Filter::Running,
                                             RunsModel::Filter::Failed, RunsModel::Filter::Passed,
                                             RunsModel::Filter::Other};

bool isLater(const RunRow &a, const RunRow &b)
{
    const QDateTime &left = a.run.createdAt;
    const QDateTime &right = b.run.createdAt;
    if (left == right)
        return a.key < b.key;
    return right < left; // an invalid time is the earliest
}

QDateTime staleFrom(const Freshness &freshness)
{
    if (freshness.state == Freshness::State::Live)
        return {};
    return freshness.lastHeard.isValid() ? freshness.lastHeard : freshness.since;
}

} // namespace

size_t qHash(RunsModel::Filter filter, size_t seed)
{
    return ::qHash(static_cast<int>(filter), seed);
}

QString runTitle(const QString &pipeline, const Run &run)
{
    return run.number.isEmpty() ? pipeline : QStringLiteral("%1 #%2").arg(pipeline, run.number);
}

QString runWhere(const Run &run)
{
    if (!run.tag.isEmpty())
        return run.tag;
    return run.branch.isEmpty() ? run.commit.left(7) : run.branch;
}

QString spokenRun(const RunRow &row, const QDateTime &now)
{
    QStringList words{runTitle(row.pipeline, row.run), runStateLabel(row.run.state), runWhere(row.run),
                      triggerText(row.run.trigger)};
    if (const auto took = duration(row.run, now))
        words << RunsModel::tr("%n second(s)", nullptr, int(took->count() / 1000));
    if (row.staleFrom.isValid())
        words << RunsModel::tr("not live");
    words.removeAll(QString());
    return words.join(QStringLiteral(", "));
}

RunsModel::RunsModel(RunStore &store, QObject *parent)
    : KeyedRows<RunRow>(parent)
    , m_store(store)
{
    // A poll changes many pipelines one after the other: one new list for all of them.
    const auto later = [this] {
        if (std::exchange(m_isDirty, true))
            return;
        QTimer::singleShot(0, this, &RunsModel::rebuild);
    };
    connect(&store, &RunStore::entryChanged, this, later);
    connect(&store, &RunStore::entryRemoved, this, later);
    connect(&store, &RunStore::serverChanged, this, later);
    rebuild();
}

void RunsModel::setWords(const QString &text)
{
    m_words = text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    rebuild();
}

void RunsModel::setGroup(Group group)
{
    m_group = group;
    rebuild();
}

void RunsModel::setFilters(const QSet<Filter> &filters)
{
    m_filters = filters;
    rebuild();
}

void RunsModel::setConnection(const QString &connection)
{
    m_connection = connection;
    rebuild();
}

void RunsModel::clearFilters()
{
    m_words.clear();
    m_filters.clear();
    m_connection.clear();
    rebuild();
}

RunsModel::Filter RunsModel::filterOf(RunState state)
{
    switch (state) {
    case RunState::NotStarted:
    case RunState::Queued:
    case RunState::Running:
        return Filter::Running;
    case RunState::Waiting:
        return Filter::Waiting;
    case RunState::Failed:
    case RunState::Unstable:
        return Filter::Failed;
    case RunState::Passed:
        return Filter::Passed;
    case RunState::Cancelled:
    case RunState::Skipped:
    case RunState::Unknown:
        break;
    }
    return Filter::Other;
}

QString RunsModel::filterLabel(Filter filter)
{
    switch (filter) {
    case Filter::Running:
        return tr("running");
    case Filter::Waiting:
        return tr("waiting");
    case Filter::Failed:
        return tr("failed");
    case Filter::Passed:
        return tr("passed");
    case Filter::Other:
        break;
    }
    return tr("other");
}

Freshness RunsModel::freshness() const
{
    // The first source that is not live tells; what was never heard of counts only while there is nothing else.
    std::optional<Freshness> worst;
    bool isAnyLive = false;
    const auto take = [&](const Freshness &one) {
        isAnyLive = isAnyLive || one.isLive();
        const auto rank = [](const Freshness &freshness) {
            switch (freshness.state) {
            case Freshness::State::Absent:
                return 0;
            case Freshness::State::Live:
                return 1;
            case Freshness::State::Loading:
                return 2;
            case Freshness::State::Stale:
                return 3;
            case Freshness::State::Denied:
                return 4;
            case Freshness::State::Failed:
                break;
            }
            return 5;
        };
        if (!worst || rank(one) > rank(*worst))
            worst = one;
    };
    const QStringList connections = m_store.connections();
    for (const QString &connection : connections) {
        if (m_connection.isEmpty() || connection == m_connection)
            take(m_store.server(connection)->pipelines);
    }
    const QList<RunStore::Entry> entries = m_store.entries();
    for (const RunStore::Entry &entry : entries) {
        if (m_connection.isEmpty() || entry.pipeline.ref.connection == m_connection)
            take(entry.freshness);
    }
    Freshness result = worst.value_or(Freshness{Freshness::State::Absent, {}, {}, std::nullopt});
    // Something that is read shows the others' runs: whoever is not heard is told of beside them.
    if (isAnyLive && (result.state == Freshness::State::Failed || result.state == Freshness::State::Denied ||
                      result.state == Freshness::State::Loading))
        result.state = Freshness::State::Live;
    return result;
}

// "release" alone says little among those of ten applications.
QString RunsModel::nameOf(const RunStore::Entry &entry)
{
    const QString &title = entry.pipeline.title;
    return entry.application.isEmpty() || title.contains(entry.application) ? title : entry.application + u' ' + title;
}

bool RunsModel::accepts(const RunRow &row) const
{
    if (!m_filters.isEmpty() && !m_filters.contains(filterOf(row.run.state)))
        return false;
    if (m_words.isEmpty())
        return true;
    const QString text = QStringList{row.pipeline,
                                     QLatin1Char('#') + row.run.number,
                                     row.application,
                                     row.vendor,
                                     row.run.ref.pipeline.connection,
                                     row.run.ref.pipeline.project,
                                     row.run.title,
                                     row.run.branch,
                                     row.run.tag,
                                     row.run.commit,
                                     triggerText(row.run.trigger),
                                     runStateLabel(row.run.state)}
                             .join(QLatin1Char(' '));
    return std::all_of(m_words.cbegin(), m_words.cend(),
                       [&text](const QString &word) { return text.contains(word, Qt::CaseInsensitive); });
}

// Newest first, after all filters; counts on the way.
QList<RunRow> RunsModel::accepted()
{
    QList<RunRow> rows;
    QSet<QString> seen; // a page may tell a run twice when one came in between
    m_more.clear();
    m_known = 0;
    const QList<RunStore::Entry> entries = m_store.entries();
    for (const RunStore::Entry &entry : entries) {
        m_known += int(entry.runs.size());
        if (!m_connection.isEmpty() && entry.pipeline.ref.connection != m_connection)
            continue;
        if (!entry.next.isEmpty())
            m_more << entry.pipeline.ref.key();
        const QDateTime stale = staleFrom(entry.freshness);
        for (const Run &run : entry.runs) {
            RunRow row;
            row.key = run.ref.key();
            row.run = run;
            row.pipeline = nameOf(entry);
            row.application = entry.application;
            row.vendor = entry.pipeline.vendor;
            row.staleFrom = stale;
            if (!accepts(row) || seen.contains(row.key))
                continue;
            seen.insert(row.key);
            rows.append(row);
        }
    }
    std::sort(rows.begin(), rows.end(), isLater);
    m_shown = int(rows.size());
    return rows;
}

QString RunsModel::groupOf(const RunRow &row) const
{
    switch (m_group) {
    case Group::Pipeline:
        return row.run.ref.pipeline.key();
    case Group::State:
        return QString::number(static_cast<int>(filterOf(row.run.state)));
    case Group::Application:
        return row.application;
    case Group::None:
        break;
    }
    return {};
}

void RunsModel::append(QList<RunRow> &rows, const QString &heading, const QList<RunRow> &runs) const
{
    if (runs.isEmpty())
        return;
    RunRow head;
    head.kind = RunRow::Kind::Heading;
    head.key = QLatin1Char(' ') + groupOf(runs.first()) + QLatin1Char(' ') + heading;
    head.heading = heading;
    head.count = int(runs.size());
    rows.append(head);
    rows.append(runs);
}

void RunsModel::appendMore(QList<RunRow> &rows, const QString &key, const QStringList &pipelines) const
{
    if (pipelines.isEmpty())
        return;
    RunRow more;
    more.kind = RunRow::Kind::More;
    more.key = QStringLiteral("  more ") + key;
    more.more = pipelines;
    rows.append(more);
}

void RunsModel::rebuild()
{
    m_isDirty = false;
    const QList<RunRow> runs = accepted();
    QList<RunRow> rows;
    if (m_group == Group::None) {
        rows = runs;
    } else {
        QStringList order; // of groups, by their newest run
        QHash<QString, QList<RunRow>> groups;
        for (const RunRow &row : runs) {
            const QString group = groupOf(row);
            if (!groups.contains(group))
                order << group;
            groups[group].append(row);
        }
        if (m_group == Group::State) {
            order.clear();
            for (const Filter filter : filterOrder)
                order << QString::number(static_cast<int>(filter));
        } else {
            std::stable_sort(order.begin(), order.end(), [&groups, this](const QString &a, const QString &b) {
                const auto title = [&groups, this](const QString &group) {
                    const RunRow &row = groups[group].first();
                    return m_group == Group::Pipeline ? row.pipeline : row.application;
                };
                if (title(a).isEmpty() != title(b).isEmpty())
                    return title(b).isEmpty(); // what builds nothing that is known comes last
                return compareNaturally(title(a), title(b)) < 0;
            });
        }
        for (const QString &group : std::as_const(order)) {
            const QList<RunRow> &some = groups[group];
            if (some.isEmpty())
                continue;
            const RunRow &first = some.first();
            append(rows,
                   m_group == Group::Pipeline    ? first.pipeline
                   : m_group == Group::State     ? filterLabel(filterOf(first.run.state))
                   : first.application.isEmpty() ? tr("no application")
                                                 : first.application,
                   some);
            if (m_group == Group::Pipeline && m_more.contains(group))
                appendMore(rows, group, {group});
        }
    }
    if (m_group != Group::Pipeline)
        appendMore(rows, {}, m_more);
    emit aboutToChange();
    setRows(rows);
    emit changed();
}

int RunsModel::rowOf(const QString &runKey) const
{
    return runKey.isEmpty() ? -1 : indexOf(runKey);
}

int RunsModel::firstRun() const
{
    for (int i = 0; i < rows().size(); ++i) {
        if (rows()[i].kind == RunRow::Kind::Run)
            return i;
    }
    return -1;
}

Qt::ItemFlags RunsModel::flags(const QModelIndex &index) const
{
    if (!index.isValid())
        return Qt::NoItemFlags;
    return row(index.row()).kind == RunRow::Kind::Heading ? Qt::ItemFlags(Qt::ItemIsEnabled)
                                                          : Qt::ItemIsEnabled | Qt::ItemIsSelectable;
}

QVariant RunsModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const RunRow &one = row(index.row());
    switch (role) {
    case RowRole:
        return QVariant::fromValue(one);
    case IdRole:
        return one.key;
    case HeadingRole:
        return one.kind == RunRow::Kind::Heading;
    case MoreRole:
        return one.kind == RunRow::Kind::More;
    default:
        break;
    }
    if (one.kind == RunRow::Kind::Heading)
        return role == Qt::DisplayRole          ? QVariant(one.heading)
               : role == Qt::AccessibleTextRole ? QVariant(tr("%1, %n run(s)", nullptr, one.count).arg(one.heading))
                                                : QVariant();
    if (one.kind == RunRow::Kind::More)
        return role == Qt::DisplayRole || role == Qt::AccessibleTextRole ? QVariant(tr("Older runs...")) : QVariant();
    switch (role) {
    case Qt::DisplayRole:
        return runTitle(one.pipeline, one.run);
    case Qt::AccessibleTextRole:
        return spokenRun(one, QDateTime::currentDateTimeUtc());
    case SecondLineRole:
        return triggerText(one.run.trigger);
    case HealthRole:
        return static_cast<int>(healthOf(one.run.state));
    case TimeRole:
        return one.run.createdAt;
    case CopyRole:
        return one.run.page.isEmpty() ? runTitle(one.pipeline, one.run) : one.run.page.toString(QUrl::FullyEncoded);
    case DimmedRole:
        return one.staleFrom.isValid();
    default:
        return {};
    }
}

} // namespace signalbox
