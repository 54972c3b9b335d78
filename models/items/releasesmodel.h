#pragma once

#include "models/domain/application.h"
#include "models/domain/changes.h"
#include "models/domain/readiness.h"
#include "models/items/keyedrows.h"

#include <functional>
#include <optional>

namespace signalbox
{

// One application in one environment, as the Overview shows it.
struct ReleaseCell
{
    struct Share
    {
        QString track;
        double share = 0; // 0..1
        bool operator==(const Share &) const = default;
    };

    QString deployedKey; // empty: not there
    QString version;
    QString hash;
    QString reason; // second line: why it is not ok, or what moves
    QDateTime since;
    Health health = Health::NotStarted;
    QList<Share> shares; // only where a router says so and there is more than one track, or it is known to be all
    bool isStale = false;
    bool isProtected = true;
    std::optional<Health> wayBack; // the light of its rehearsal; none: not offered, or not rehearsed yet
    QString wayBackText;           // why, and how to mend it
    // Of what runs in the next environment of the path, in commits; none: no source is known, or nothing runs there.
    std::optional<Distance> ahead;
    QString aheadOf; // that environment

    bool needsAttention() const
    {
        return health == Health::Failing || health == Health::Warning || health == Health::Waiting;
    }
    bool operator==(const ReleaseCell &) const = default;
};
ReleaseCell releaseCell(const Deployed &deployed);

struct ReleaseRow
{
    QString application; // empty: a heading of its team
    QString team;
    QMap<QString, ReleaseCell> cells; // by environment

    QString id() const { return team + QLatin1Char('\n') + application; }
    bool isHeading() const { return application.isEmpty(); }
    bool needsAttention() const;
    Health worst() const;
    bool operator==(const ReleaseRow &) const = default;
};

// Applications by environment.
class ReleasesModel : public KeyedRows<ReleaseRow>
{
    Q_OBJECT
public:
    enum Column { Application, FirstEnvironment };
    enum Role {
        KeyRole = Qt::UserRole + 200, // Deployed::key()
        ReasonRole,
        SharesRole, // QVariantList of [track, share]
        StaleRole,
        WayBackRole, // int of Health; invalid: no light
        HeadingRole, // bool
        TracksRole,  // QStringList, of a column's header: the tracks whose shares are drawn in it
        AbsentRole,  // QString: what stands in a cell where nothing runs; empty: something does, or nobody knows
        AheadRole,   // QString: "▸ 3", "="; empty: how far it is ahead of the next environment is not known
        LinesRole,   // int, how tall the row must be: 1 plain, 2 with reasons or bars, 3 both
    };
    enum class Order { ByTeam, ByName, ByState };

    using KeyedRows::KeyedRows;

    // By Deployed::key(); asked for each cell when show() is called.
    using ReadinessOf = std::function<std::optional<Readiness>(const QString &key)>;
    void setReadinessOf(ReadinessOf readinessOf) { m_readinessOf = std::move(readinessOf); }
    // How far the release in this environment is ahead of the one in the next; asked like the former.
    using AheadOf = std::function<std::optional<Distance>(const QString &application, const QString &environment)>;
    void setAheadOf(AheadOf aheadOf) { m_aheadOf = std::move(aheadOf); }
    // False: a cluster could not be read, so what is not listed may run all the same.
    void setAllRead(bool isAllRead);
    // `environments` in the order they are shown. `order` ByTeam puts a heading above each team's applications.
    void show(const QList<Deployed> &all, const QStringList &environments, Order order, bool onlyAttention,
              const QString &filter);
    QStringList environments() const { return m_environments; }
    int applicationCount() const { return m_applications; } // all, whatever the filter hides
    QString environmentOf(int column) const { return m_environments.value(column - FirstEnvironment); }

    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    Qt::ItemFlags flags(const QModelIndex &index) const override;

private:
    void setEnvironments(const QStringList &environments);
    QVariant applicationData(const ReleaseRow &item, int role) const;
    QVariant cellData(const ReleaseRow &item, const QString &environment, int role) const;

    ReadinessOf m_readinessOf;
    AheadOf m_aheadOf;
    QStringList m_environments;
    int m_applications = 0;
    bool m_isAllRead = true;
};

} // namespace signalbox
