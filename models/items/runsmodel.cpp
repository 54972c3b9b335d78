#include "models/items/runsmodel.h"

#include "models/items/filterproxy.h"
#include "models/items/roles.h"

#include <QElapsedTimer>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

namespace signalbox
{

namespace
{

using std::chrono::milliseconds;

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

// What a view shows of it is the same; when it was heard last is not shown of what is live.
bool isSame(const Freshness &a, const Freshness &b)
{
    return a.state == b.state && a.error == b.error && staleFrom(a) == staleFrom(b);
}

bool isSame(const RunStore::Entry &a, const RunStore::Entry &b)
{
    return isSame(a.freshness, b.freshness) && a.runs == b.runs && a.next == b.next && a.staleRuns == b.staleRuns &&
           a.application == b.application && a.pipeline == b.pipeline;
}

// Of two times when it was true; an invalid one says it still is.
QDateTime earlier(const QDateTime &a, const QDateTime &b)
{
    return !a.isValid() || (b.isValid() && b < a) ? b : a;
}

constexpr milliseconds frame(16);
constexpr milliseconds mostFrame(250);
constexpr int mostSingleRows = 16; // that come or go one by one; from there on the whole list is compared

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
    m_frame.setSingleShot(true);
    m_frame.setInterval(frame);
    connect(&m_frame, &QTimer::timeout, this, &RunsModel::apply);
    connect(&store, &RunStore::entryChanged, this, &RunsModel::takeEntry);
    connect(&store, &RunStore::entryRemoved, this, &RunsModel::takeEntry);
    connect(&store, &RunStore::serverChanged, this, &RunsModel::takeServer);
    rebuild();
}

void RunsModel::setActive(bool isActive)
{
    if (std::exchange(m_isActive, isActive) == isActive)
        return;
    if (!isActive) {
        m_frame.stop();
    } else if (m_isWhole || !m_dirty.isEmpty()) {
        m_isWhole = true; // what came meanwhile was not looked at
        apply();
    }
}

void RunsModel::takeEntry(const QString &pipeline)
{
    if (!m_isActive) {
        m_isWhole = true;
        return;
    }
    const RunStore::Entry *const now = m_store.entry(pipeline);
    const auto known = m_parts.constFind(pipeline);
    if (now && known != m_parts.cend() && isSame(*now, known->entry))
        return;
    m_dirty.insert(pipeline);
    soon();
}

void RunsModel::takeServer(const QString &connection)
{
    if (!m_isActive) {
        m_isWhole = true;
        return;
    }
    const RunStore::Server *const now = m_store.server(connection);
    const auto known = m_servers.constFind(connection);
    if (now && known != m_servers.cend() && now->title == known->title && now->vendor == known->vendor &&
        isSame(now->pipelines, known->pipelines))
        return;
    soon();
}

void RunsModel::soon()
{
    if (!m_frame.isActive())
        m_frame.start();
}

// Views hear of it also where no row changed: that something is heard again, or that there is nothing to list.
void RunsModel::apply()
{
    if (!m_isActive)
        return;
    QElapsedTimer took;
    took.start();
    const bool isWhole = m_isWhole || !applyParts();
    if (isWhole)
        rebuild();
    // While hundreds of pipelines are heard for the first time the list leaves room for other work.
    m_frame.setInterval(std::clamp(milliseconds(4 * took.elapsed()), frame, mostFrame));
    if (isWhole)
        return;
    noteRest();
    emit changed();
}

bool RunsModel::applyParts()
{
    if (m_dirty.size() > mostSingleRows)
        return false;
    emit aboutToChange();
    const QSet<QString> dirty = std::exchange(m_dirty, {});
    return std::all_of(dirty.cbegin(), dirty.cend(), [this](const QString &pipeline) { return applyPart(pipeline); });
}

// False: too much of it is new, or what asks for older runs has to follow; all is made anew then.
bool RunsModel::applyPart(const QString &pipeline)
{
    const RunStore::Entry *const entry = m_store.entry(pipeline);
    const Part before = m_parts.value(pipeline);
    if (!entry || before.entry.next.isEmpty() != entry->next.isEmpty())
        return false;
    const Part now{*entry, rowsOf(*entry)};
    QHash<QString, const RunRow *> old;
    for (const RunRow &row : before.rows)
        old.insert(row.key, &row);
    QList<const RunRow *> added;
    QList<const RunRow *> changed;
    for (const RunRow &row : now.rows) {
        const RunRow *const was = old.take(row.key);
        if (!was) {
            added.append(&row);
        } else if (was->run.createdAt != row.run.createdAt || !staysInGroup(*was, row)) {
            return false;
        } else if (!(*was == row)) {
            changed.append(&row);
        }
    }
    const qsizetype most = m_group == Group::None ? mostSingleRows : 0; // headings count theirs
    if (added.size() + old.size() > most)
        return false;
    replaceRows(changed);
    for (const RunRow *row : std::as_const(old))
        removeRow(placeOf(*row));
    for (const RunRow *row : std::as_const(added))
        insertRow(placeOf(*row), *row);
    m_shown += int(now.rows.size() - before.rows.size());
    m_known += int(entry->runs.size() - before.entry.runs.size());
    m_parts.insert(pipeline, now);
    return true;
}

// Also what its heading says, and where it stands among others, is the same.
bool RunsModel::staysInGroup(const RunRow &was, const RunRow &now) const
{
    return m_group == Group::None ||
           (groupOf(was) == groupOf(now) && was.pipeline == now.pipeline && was.application == now.application);
}

// Each stays where it is.
void RunsModel::replaceRows(const QList<const RunRow *> &changed)
{
    if (m_group == Group::None) {
        for (const RunRow *row : changed)
            replaceRow(placeOf(*row), *row);
        return;
    }
    QHash<QString, const RunRow *> left;
    for (const RunRow *row : changed)
        left.insert(row->key, row);
    for (int i = 0; i < rows().size() && !left.isEmpty(); ++i) {
        if (const RunRow *const row = left.take(rows().at(i).key))
            replaceRow(i, *row);
    }
}

// Where a run is, or would be: runs are sorted as long as they are not grouped, and what asks for older ones is last.
int RunsModel::placeOf(const RunRow &row) const
{
    return int(std::lower_bound(
                   rows().cbegin(), rows().cend(), row,
                   [](const RunRow &a, const RunRow &b) { return a.kind == RunRow::Kind::Run && isLater(a, b); }) -
               rows().cbegin());
}

void RunsModel::noteRest()
{
    m_dirty.clear();
    m_isWhole = false;
    m_frame.stop();
    m_servers.clear();
    const QStringList connections = m_store.connections();
    for (const QString &connection : connections)
        m_servers.insert(connection, *m_store.server(connection));
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
    // The first source that is not live tells. Where something is read, whoever was never heard is told of beside the
    // others' runs, and says nothing of these.
    std::optional<Freshness> worst;
    std::optional<Freshness> worstHeard;
    bool isAnyLive = false;
    const auto take = [&](const Freshness &one) {
        isAnyLive = isAnyLive || one.isLive();
        worst = worst ? worse(*worst, one) : one;
        if (one.state != Freshness::State::Failed && one.state != Freshness::State::Denied &&
            one.state != Freshness::State::Loading)
            worstHeard = worstHeard ? worse(*worstHeard, one) : one;
    };
    const QStringList connections = m_store.connections();
    for (const QString &connection : connections) {
        if (m_connection.isEmpty() || connection == m_connection)
            take(m_store.server(connection)->pipelines);
    }
    for (const RunStore::Entry &entry : m_store.byKey()) {
        if (m_connection.isEmpty() || entry.pipeline.ref.connection == m_connection)
            take(entry.freshness);
    }
    if (isAnyLive && worstHeard)
        return *worstHeard;
    return worst.value_or(Freshness{Freshness::State::Absent, {}, {}, std::nullopt});
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

// Of one pipeline, newest first, after all filters.
QList<RunRow> RunsModel::rowsOf(const RunStore::Entry &entry) const
{
    QList<RunRow> rows;
    if (!m_connection.isEmpty() && entry.pipeline.ref.connection != m_connection)
        return rows;
    QSet<QString> seen; // a page may tell a run twice when one came in between
    const QDateTime stale = staleFrom(entry.freshness);
    for (const Run &run : entry.runs) {
        RunRow row;
        row.key = run.ref.key();
        row.run = run;
        row.pipeline = nameOf(entry);
        row.application = entry.application;
        row.vendor = entry.pipeline.vendor;
        row.staleFrom = earlier(stale, entry.staleRuns.value(run.ref.id));
        if (!accepts(row) || seen.contains(row.key))
            continue;
        seen.insert(row.key);
        rows.append(row);
    }
    std::sort(rows.begin(), rows.end(), isLater);
    return rows;
}

// Of all pipelines; counts on the way.
QList<RunRow> RunsModel::accepted()
{
    std::vector<const RunRow *> all; // rows are large: pointers are sorted
    m_parts.clear();
    m_more.clear();
    m_known = 0;
    for (const RunStore::Entry &entry : m_store.byKey()) {
        m_known += int(entry.runs.size());
        const QString key = entry.pipeline.ref.key();
        m_parts.insert(key, {entry, rowsOf(entry)});
        if (!entry.next.isEmpty() && (m_connection.isEmpty() || entry.pipeline.ref.connection == m_connection))
            m_more << key;
    }
    m_more.sort();
    for (const Part &part : std::as_const(m_parts)) {
        for (const RunRow &row : part.rows)
            all.push_back(&row);
    }
    std::sort(all.begin(), all.end(), [](const RunRow *a, const RunRow *b) { return isLater(*a, *b); });
    QList<RunRow> rows;
    rows.reserve(qsizetype(all.size()));
    for (const RunRow *row : all)
        rows.append(*row);
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
    noteRest();
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
