#pragma once

#include "models/stores/deployedstore.h"
#include "services/async/latestonly.h"
#include "services/ports/rollbackprovider.h"
#include "ui/pages/operation/plansession.h"

#include <QHash>
#include <QObject>
#include <QTimer>

#include <optional>

namespace signalbox
{

class ClusterSet;

// One place to go back to: a kept revision of the live workload, or another track that already runs.
struct RollbackChoice
{
    enum class Kind { Revision, Track };
    QString id;
    Kind kind = Kind::Revision;
    ObjectRef workload; // Revision
    RouterRef router;   // Track
    QString track;      // the track it belongs to, or would take all traffic; may be empty
    QString version;
    QString hash;
    QDateTime since;
    bool isLive = false;
    bool isSuggested = false;
    Health readiness = Health::Unknown;
    QString text; // what speaks for or against it, from its readiness checks
    QList<DiffLine> diff;
    QString share; // of live traffic, where it is live and that is known: "50 %"

    bool operator==(const RollbackChoice &) const = default;
};

// What the Rollback screen shows and does, without widgets. GUI thread.
class RollbackPresenter : public QObject
{
    Q_OBJECT
public:
    enum class LoadState { Nothing, Loading, Ready, Failed };
    Q_ENUM(LoadState)

    RollbackPresenter(DeployedStore &deployed, ClusterSet &clusters, OperationCenter &center,
                      QObject *parent = nullptr);
    ~RollbackPresenter() override;

    void select(const QString &key); // Deployed::key()
    QString selected() const { return m_key; }
    std::optional<Deployed> deployed() const;
    // The application and environment that most needs it: the worst health, then the newest roll-out. Empty: none.
    QString mostUrgent() const;

    LoadState loadState() const { return m_loadState; }
    const Error &error() const { return m_error; }
    const QList<RollbackChoice> &choices() const { return m_choices; }
    QDateTime readAt() const { return m_readAt; }
    // The choices were true at this time, and nobody knows since: they could not be read again, or the cluster that
    // would tell of a change is not heard any more. Invalid: they are those of now.
    QDateTime staleSince() const;
    QString staleReason() const;
    // Since when the chosen application fails: as its cluster says, or as it was first seen, whichever is earlier;
    // invalid: it does not.
    QDateTime failingSince() const;

    // The workloads of the live track; revisions are those of one of them.
    QList<ObjectRef> workloads() const;
    ObjectRef workload() const;
    void selectWorkload(const QString &uid);

    void choose(const QString &id);
    QString chosen() const { return m_chosen; }
    std::optional<RollbackChoice> choice(const QString &id) const;

    PlanSession &session() { return m_session; }
    void dismiss(); // the outcome was read: what is chosen is planned anew
    void setActive(bool isActive);
    void reload();
    // Which of its tracks fail by what a metric says of them: pods that are well do not tell.
    void setFailing(const QStringList &tracks);

signals:
    void selectionChanged();
    void choicesChanged();
    void opened(const QString &key); // somebody looks at this application from now on

private:
    const Freshness *lostSource() const; // null: the cluster is heard
    void storeChanged(const QStringList &upserted, const QStringList &removed);
    void connectionGoes(const QString &connection);
    void showRunning();
    void take(const Result<QList<RollbackTarget>> &targets, const Deployed &of);
    QList<RollbackChoice> trackChoices(const Deployed &of) const;
    void noteMixed(const Deployed &of, bool isMixed);
    void chooseAnew(const QString &hashBefore);
    void planChosen();
    void planTrack(const RollbackChoice &to, const Deployed &of);
    void planRevision(const RollbackChoice &to, const Deployed &of);

    DeployedStore &m_deployed;
    ClusterSet &m_clusters;
    OperationCenter &m_center;
    PlanSession m_session;
    LatestOnly m_ask;
    QTimer m_reload;
    QString m_key;
    QString m_workloadUid; // empty: the first
    QString m_seenState;   // what the choices were read for: another value means to read again
    LoadState m_loadState = LoadState::Nothing;
    Error m_error;
    QList<RollbackChoice> m_choices;
    QString m_chosen;
    QDateTime m_readAt;
    QHash<QString, QString> m_left; // by Deployed::key(): the operation whose outcome was not put away yet
    QStringList m_failing;          // tracks of the chosen application, by their figures
    bool m_isStale = false;         // they could not be read again
    bool m_wasSourceStale = false;  // as it was told last
    bool m_isMixed = false;         // the live track runs other revisions too: its pods move
    bool m_isActive = false;
};

} // namespace signalbox
