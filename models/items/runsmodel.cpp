#include "models/items/runsmodel.h"

#include "models/items/roles.h"

#include <QElapsedTimer>

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

namespace signalbox
{

namespace
{

using std::chrono::milliseconds;

constexpr milliseconds frame(16);
constexpr milliseconds mostFrame(250);
constexpr int mostRunsAFrame = 1500; // whose rows are made; some 3 us each (measured)

} // namespace

RunsModel::RunsModel(RunStore &store, QObject *parent)
    : RunRowList(parent)
    , m_store(store)
{
    m_frame.setSingleShot(true);
    m_frame.setInterval(frame);
    connect(&m_frame, &QTimer::timeout, this, &RunsModel::apply);
    connect(&store, &RunStore::entryChanged, this, &RunsModel::takeEntry);
    connect(&store, &RunStore::entryRemoved, this, &RunsModel::takeEntry);
    connect(&store, &RunStore::serverChanged, this, &RunsModel::takeServer);
    const QList<QString> known = store.byKey().keys();
    m_dirty = QSet<QString>(known.cbegin(), known.cend());
    takeAllNews();
    list();
}

void RunsModel::setActive(bool isActive)
{
    if (std::exchange(m_isActive, isActive) == isActive || !isActive)
        return;
    if (m_isListed && m_taking.isEmpty() && m_dirty.isEmpty())
        return;
    takeAllNews();
    list();
}

void RunsModel::takeEntry(const QString &pipeline)
{
    const RunStore::Entry *const now = m_store.entry(pipeline);
    if (now && !m_parts.isNews(*now))
        return;
    m_dirty.insert(pipeline);
    soon();
}

void RunsModel::takeServer(const QString &connection)
{
    const RunStore::Server *const now = m_store.server(connection);
    const auto known = m_servers.constFind(connection);
    if (now && known != m_servers.cend() && now->title == known->title && now->vendor == known->vendor &&
        isShownAlike(now->pipelines, known->pipelines))
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
    QElapsedTimer took;
    took.start();
    if (!m_isToBeListed) {
        const bool isLong = !m_taking.isEmpty(); // it takes more than one frame
        const bool isWhole = takeNews(mostRunsAFrame);
        m_isToBeListed = isWhole && isLong;
        if (!isWhole || isLong) {
            m_frame.start(frame);
            return;
        }
    }
    m_isToBeListed = false;
    noteServers();
    m_isListed = false;
    if (m_isActive)
        list();
    // While hundreds of pipelines are heard for the first time the list leaves room for other work.
    m_frame.setInterval(std::clamp(milliseconds(4 * took.elapsed()), frame, mostFrame));
    if (!m_dirty.isEmpty())
        soon();
}

// Makes the rows of pipelines that said something new, until they are of so many runs. False: some are left. Those that
// say something meanwhile are of the next round, so that each comes to its end.
bool RunsModel::takeNews(int mostRuns)
{
    if (m_taking.isEmpty())
        m_taking = std::exchange(m_dirty, {}).values();
    while (!m_taking.isEmpty() && mostRuns > 0) {
        const QString pipeline = m_taking.takeLast();
        if (const RunStore::Entry *const entry = m_store.entry(pipeline)) {
            m_parts.take(*entry);
            mostRuns -= std::max(1, int(entry->runs.size()));
        } else {
            m_parts.remove(pipeline);
            --mostRuns;
        }
    }
    return m_taking.isEmpty();
}

void RunsModel::takeAllNews()
{
    while (!m_taking.isEmpty() || !m_dirty.isEmpty())
        takeNews(std::numeric_limits<int>::max());
    m_isToBeListed = false;
    m_frame.stop();
    noteServers();
}

void RunsModel::noteServers()
{
    m_servers.clear();
    const QStringList connections = m_store.connections();
    for (const QString &connection : connections)
        m_servers.insert(connection, *m_store.server(connection));
}

void RunsModel::narrow()
{
    takeAllNews();
    m_parts.narrow(m_narrowing);
    list();
}

void RunsModel::list()
{
    const QList<RunRowPtr> rows = m_groups.rows(m_parts, m_group);
    m_shown = m_parts.taken();
    m_known = m_parts.known();
    m_isListed = true;
    emit aboutToChange();
    setRows(rows);
    emit changed();
}

void RunsModel::setWords(const QString &text)
{
    m_narrowing.words = text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    narrow();
}

void RunsModel::setGroup(Group group)
{
    m_group = group;
    takeAllNews();
    list();
}

void RunsModel::setFilters(const QSet<Filter> &filters)
{
    m_narrowing.filters = filters;
    narrow();
}

void RunsModel::setConnection(const QString &connection)
{
    m_narrowing.connection = connection;
    narrow();
}

void RunsModel::clearFilters()
{
    m_narrowing = {};
    narrow();
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
        if (m_narrowing.connection.isEmpty() || connection == m_narrowing.connection)
            take(m_store.server(connection)->pipelines);
    }
    for (const RunStore::Entry &entry : m_store.byKey()) {
        if (m_narrowing.connection.isEmpty() || entry.pipeline.ref.connection == m_narrowing.connection)
            take(entry.freshness);
    }
    if (isAnyLive && worstHeard)
        return *worstHeard;
    return worst.value_or(Freshness{Freshness::State::Absent, {}, {}, std::nullopt});
}

int RunsModel::rowOf(const QString &runKey) const
{
    return runKey.isEmpty() ? -1 : indexOf(runKey);
}

int RunsModel::firstRun() const
{
    for (int i = 0; i < rowCount(); ++i) {
        if (row(i).kind == RunRow::Kind::Run)
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
    case KindRole:
        return static_cast<int>(one.kind);
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
