#pragma once

#include "models/items/rungroups.h"
#include "models/items/runrowlist.h"

#include <QTimer>

namespace signalbox
{

// The runs of all pipelines, newest first, as far as the filters take them; grouped with a heading before each group.
// Filtered, grouped and sorted here, since headings have to follow. Rows keep their place while the store changes.
// An answer that says nothing new costs nothing; one that does, its pipeline's rows and a pass over the list, at most
// once a frame.
class RunsModel : public RunRowList
{
    Q_OBJECT
public:
    using Group = RunGroup;
    using Filter = RunFilter;
    enum Role {
        RowRole = Qt::UserRole + 360, // RunRow
        HeadingRole,                  // bool
        MoreRole,                     // bool
        KindRole,                     // int: RunRow::Kind
    };

    // The store outlives it.
    explicit RunsModel(RunStore &store, QObject *parent = nullptr);
    // While nobody looks nothing is done; what changed meanwhile is taken when somebody does. Active at first.
    void setActive(bool isActive);

    void setWords(const QString &text); // all of them have to occur
    void setGroup(Group group);
    Group group() const { return m_group; }
    void setFilters(const QSet<Filter> &filters); // empty: all
    const QSet<Filter> &filters() const { return m_narrowing.filters; }
    void setConnection(const QString &connection); // empty: all
    const QString &connection() const { return m_narrowing.connection; }
    // Something but the grouping is set.
    bool isNarrowed() const { return m_narrowing.isSet(); }
    void clearFilters();

    int rowOf(const QString &runKey) const; // -1: none, or filtered out
    int firstRun() const;                   // -1: none
    int shownRuns() const { return m_parts.taken(); }
    int knownRuns() const { return m_parts.known(); } // before any filter
    // What a view has to know of all that is listed: the worst of its sources.
    Freshness freshness() const;

    QVariant data(const QModelIndex &index, int role) const override;
    Qt::ItemFlags flags(const QModelIndex &index) const override;

    static QString filterLabel(Filter filter);

signals:
    void aboutToChange(); // rows come, go or move: a view keeps its place
    void changed();

private:
    void takeEntry(const QString &pipeline);
    void takeServer(const QString &connection);
    void soon();
    void apply();
    void takeNews();
    void narrow();
    void list();

    RunStore &m_store;
    RunNarrowing m_narrowing;
    RunParts m_parts;
    RunGroups m_groups;
    QHash<QString, RunStore::Server> m_servers; // as they were when a view heard of them
    QSet<QString> m_dirty;                      // pipelines that say something new
    QTimer m_frame;
    Group m_group = Group::None;
    bool m_isWhole = true; // anything may be new
    bool m_isActive = true;
};

} // namespace signalbox
