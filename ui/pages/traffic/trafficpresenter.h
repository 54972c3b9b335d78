#pragma once

#include "models/domain/freshness.h"
#include "models/domain/traffic.h"
#include "models/stores/deployedstore.h"
#include "services/async/latestonly.h"
#include "services/ports/trafficrouter.h"
#include "ui/pages/operation/plansession.h"

#include <QHash>
#include <QObject>
#include <QTimer>

#include <optional>

namespace signalbox
{

class ClusterSet;
class OperationCenter;

// What the Traffic screen shows and does, without widgets. GUI thread.
//
// The candidate is the track that traffic is to be moved to; the rest of the traffic stays with the others in the
// proportion they have now.
class TrafficPresenter : public QObject
{
    Q_OBJECT
public:
    enum class LoadState { Nothing, Loading, Ready, Failed };
    Q_ENUM(LoadState)
    enum class Mode { OneMove, Steps };
    Q_ENUM(Mode)
    struct Stage
    {
        int percent = 0; // of the candidate
        std::chrono::seconds dwell{0};
        bool operator==(const Stage &) const = default;
    };

    TrafficPresenter(DeployedStore &deployed, ClusterSet &clusters, OperationCenter &center, QObject *parent = nullptr);
    ~TrafficPresenter() override;

    void select(const QString &key); // Deployed::key()
    QString selected() const { return m_key; }
    std::optional<Deployed> deployed() const;
    // Where there is something to route: applications with a router and at least two tracks. Keys, as all() orders
    // them.
    QStringList routable() const;
    // Whether that is known: the worst of what it is told from, in all clusters.
    Freshness listed() const;
    void listAgain();

    QList<RouterRef> routers() const;
    int routerIndex() const { return m_routerIndex; }
    void selectRouter(int index);

    LoadState loadState() const { return m_loadState; }
    const Error &error() const { return m_error; } // also while an older split is still shown
    bool isStale() const { return m_split && m_error.kind != ErrorKind::Cancelled && m_hasError; }
    const std::optional<TrafficSplit> &split() const { return m_split; }
    TrafficRouter::Capabilities capabilities() const;

    QString candidate() const { return m_candidate; }
    void setCandidate(const QString &track);
    QString stable() const; // the other track with most traffic
    int percentNow() const; // of the candidate; -1 unknown
    int percentWanted() const { return m_wanted; }
    void setPercentWanted(int percent);
    Mode mode() const { return m_mode; }
    void setMode(Mode mode);
    QList<Stage> stages() const { return m_stages; }
    // What is offered until somebody writes others: per cent, and how long to wait between them (empty, 0: as usual).
    void setUsualStages(const QList<int> &percents, std::chrono::seconds dwell);
    void setStages(const QList<Stage> &stages);
    // What was typed is no list of stages: nothing can be confirmed until it is one again.
    void rejectStages();
    bool hasStages() const { return m_hasStages; }
    bool canSplit() const { return capabilities().testFlag(TrafficRouter::Capability::Split); }

    // Where Argo CD or Flux would write a change back: what could be paused first, in words; empty: nothing. The choice
    // holds for the change and for the way back.
    QStringList offeredPauses() const;
    bool pausesReconciliation() const { return m_pausesReconciliation; }
    void setPausesReconciliation(bool pauses);

    // The change that is chosen, and all to the stable track, each with a plan of its own. Which way each of them goes
    // is for trafficWayOf() to say, here as on the command line.
    PlanSession &session() { return m_session; }
    PlanSession &wayBack() { return m_wayBack; }
    void dismiss(PlanSession &session); // its outcome was read: planned anew from the split of now
    void setActive(bool isActive);
    void reload();

signals:
    void selectionChanged();
    void splitChanged();
    void orderChanged();

private:
    std::optional<double> shareNow() const; // of the candidate; none: not known
    bool isAt(int percent) const;
    std::optional<int> percentOffered() const;
    void offerPercent(); // until somebody chooses
    void ask();
    void take(const Result<TrafficSplit> &split);
    void forgetSplit();
    void connectionGoes(const QString &connection);
    void showRunning();
    void storeChanged(const QStringList &changed);
    void followFreshness(const QString &cluster);
    void planWayBack();
    void chooseCandidate();
    void planWanted();
    void planInto(PlanSession &session, const QList<Stage> &stages);
    std::optional<RouterRef> router() const;
    QMap<QString, int> percentages(int candidatePercent) const;

    DeployedStore &m_deployed;
    ClusterSet &m_clusters;
    OperationCenter &m_center;
    PlanSession m_session;
    PlanSession m_wayBack;
    LatestOnly m_ask;
    QTimer m_poll;
    QTimer m_replan;
    QString m_key;
    int m_routerIndex = 0;
    LoadState m_loadState = LoadState::Nothing;
    Error m_error;
    bool m_hasError = false;
    std::optional<TrafficSplit> m_split;
    QStringList m_releases; // of the tracks, when it was read
    QString m_candidate;
    int m_wanted = -1;
    Mode m_mode = Mode::OneMove;
    QList<Stage> m_stages;
    QHash<PlanSession *, QByteArray> m_orders; // what each session was last planned for
    struct Left                                // operations, whose outcome was not put away yet
    {
        QString shift;
        QString wayBack;
    };
    QHash<QString, Left> m_left; // by Deployed::key()
    bool m_hasStages = true;
    bool m_hasOwnStages = false; // somebody wrote them
    bool m_pausesReconciliation = false;
    bool m_asksAgain = false; // something moved while the answer was on its way
    bool m_isActive = false;
};

} // namespace signalbox
