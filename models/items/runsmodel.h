#pragma once

#include "models/items/rungroups.h"
#include "models/items/runrowlist.h"

#include <QTimer>

namespace signalbox
{

// The runs of all pipelines, newest first, as far as the filters take them; grouped with a heading before each group.
// Filtered, grouped and sorted here, since headings have to follow. Rows keep their place while the store changes.
// An answer that says nothing new costs nothing; one that does, its pipeline's rows and a pass over the list, at most
// once a frame. Where many say something new at once their rows are made a few pipelines a frame, and listed when all
// of them are: what is listed is never half of it.
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
    // While nobody looks nothing is listed; what changed meanwhile is when somebody does. The rows of it are made all
    // the same: whoever comes to look does not wait for thousands. Active at first.
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
    int shownRuns() const { return m_shown; }
    int knownRuns() const { return m_known; } // before any filter
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
    bool takeNews(int mostRuns);
    void takeAllNews();
    void noteServers();
    void narrow();
    void list();

    RunStore &m_store;
    RunNarrowing m_narrowing;
    RunParts m_parts;
    RunGroups m_groups;
    QHash<QString, RunStore::Server> m_servers; // as they were when a view heard of them
    QSet<QString> m_dirty;                      // pipelines that say something new
    QStringList m_taking;                       // those that did when a round of them began, and are left of it
    QTimer m_frame;
    Group m_group = Group::None;
    int m_shown = 0; // as listed
    int m_known = 0;
    bool m_isListed = false;     // all that was taken is
    bool m_isToBeListed = false; // a round of many frames was taken, and nothing since
    bool m_isActive = true;
};

} // namespace signalbox
