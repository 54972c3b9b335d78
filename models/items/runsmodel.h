#pragma once

#include "models/items/keyedrows.h"
#include "models/stores/runstore.h"

#include <QSet>
#include <QStringList>
#include <QTimer>

namespace signalbox
{

// One row of the list of runs: a heading, a run, or what asks for older ones.
struct RunRow
{
    enum class Kind { Heading, Run, More };
    Kind kind = Kind::Run;
    QString key;     // stable
    QString heading; // of Heading
    int count = 0;   // of Heading: the runs below it
    Run run;
    QString pipeline; // title
    QString application;
    QString vendor;
    QStringList more;    // of More: keys of the pipelines that have older runs
    QDateTime staleFrom; // when what the row says was true; invalid: it is live
    QString id() const { return key; }
    bool operator==(const RunRow &) const = default;
};

} // namespace signalbox

Q_DECLARE_TYPEINFO(signalbox::RunRow, Q_RELOCATABLE_TYPE); // thousands make room for one

namespace signalbox
{

// The runs of all pipelines, newest first, as far as the filters take them; grouped with a heading before each group.
// Filtered, grouped and sorted here, since headings have to follow. Rows keep their place while the store changes.
// An answer that says nothing new costs nothing; one that does, the rows of its pipeline, at most once a frame.
class RunsModel : public KeyedRows<RunRow>
{
    Q_OBJECT
public:
    enum class Group { None, Pipeline, State, Application };
    Q_ENUM(Group)
    // What a chip stands for; the seven states are too many to choose from.
    enum class Filter { Running, Waiting, Failed, Passed, Other };
    Q_ENUM(Filter)
    enum Role {
        RowRole = Qt::UserRole + 360, // RunRow
        HeadingRole,                  // bool
        MoreRole,                     // bool
    };

    // The store outlives it.
    explicit RunsModel(RunStore &store, QObject *parent = nullptr);
    // While nobody looks nothing is done; what changed meanwhile is taken when somebody does. Active at first.
    void setActive(bool isActive);

    void setWords(const QString &text); // all of them have to occur
    void setGroup(Group group);
    Group group() const { return m_group; }
    void setFilters(const QSet<Filter> &filters); // empty: all
    const QSet<Filter> &filters() const { return m_filters; }
    void setConnection(const QString &connection); // empty: all
    const QString &connection() const { return m_connection; }
    // Something but the grouping is set.
    bool isNarrowed() const { return !m_words.isEmpty() || !m_filters.isEmpty() || !m_connection.isEmpty(); }
    void clearFilters();

    int rowOf(const QString &runKey) const; // -1: none, or filtered out
    int firstRun() const;                   // -1: none
    int shownRuns() const { return m_shown; }
    int knownRuns() const { return m_known; } // before any filter
    // What a view has to know of all that is listed: the worst of its sources.
    Freshness freshness() const;

    int columnCount(const QModelIndex &parent = {}) const override { return parent.isValid() ? 0 : 1; }
    QVariant data(const QModelIndex &index, int role) const override;
    Qt::ItemFlags flags(const QModelIndex &index) const override;

    static Filter filterOf(RunState state);
    static QString filterLabel(Filter filter);

signals:
    void aboutToChange(); // rows come, go or move: a view keeps its place
    void changed();

private:
    // A pipeline as its rows were made of, and these rows: newest first.
    struct Part
    {
        RunStore::Entry entry;
        QList<RunRow> rows;
    };
    void takeEntry(const QString &pipeline);
    void takeServer(const QString &connection);
    void soon();
    void apply();
    bool applyParts();
    bool applyPart(const QString &pipeline);
    int placeOf(const RunRow &row) const;
    bool staysInGroup(const RunRow &was, const RunRow &now) const;
    void replaceRows(const QList<const RunRow *> &changed);
    QList<RunRow> rowsOf(const RunStore::Entry &entry) const;
    void noteRest();
    void rebuild();
    QList<RunRow> accepted();
    QString groupOf(const RunRow &row) const;
    static QString nameOf(const RunStore::Entry &entry);
    bool accepts(const RunRow &row) const;
    void append(QList<RunRow> &rows, const QString &heading, const QList<RunRow> &runs) const;
    void appendMore(QList<RunRow> &rows, const QString &key, const QStringList &pipelines) const;

    RunStore &m_store;
    QStringList m_words;
    QSet<Filter> m_filters;
    QString m_connection;
    QStringList m_more; // pipelines with older runs that the connection's filter takes
    QHash<QString, Part> m_parts;
    QHash<QString, RunStore::Server> m_servers; // as they were when a view heard of them
    QSet<QString> m_dirty;                      // pipelines that say something new
    QTimer m_frame;
    Group m_group = Group::None;
    int m_known = 0;
    int m_shown = 0;
    bool m_isWhole = false; // all of it is to be made anew
    bool m_isActive = true;
};

size_t qHash(RunsModel::Filter filter, size_t seed = 0);

QString runTitle(const QString &pipeline, const Run &run); // "image-classifier #1290"
QString runWhere(const Run &run);                          // branch, tag or short commit
QString spokenRun(const RunRow &row, const QDateTime &now);

} // namespace signalbox

Q_DECLARE_METATYPE(signalbox::RunRow)
