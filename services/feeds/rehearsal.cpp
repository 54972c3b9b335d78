#include "services/feeds/rehearsal.h"

#include "models/domain/wayback.h"
#include "services/async/deliver.h"
#include "services/feeds/clusterset.h"

#include <QCoreApplication>
#include <QElapsedTimer>

#include <memory>

namespace signalbox
{

namespace
{

struct RehearsalText
{
    Q_DECLARE_TR_FUNCTIONS(Rehearsal)
};

// The track most live traffic goes to comes first.
const Track *liveTrack(const Deployed &deployed)
{
    for (const Track &track : deployed.tracks) {
        if (!track.workloads.isEmpty())
            return &track;
    }
    return nullptr;
}

QFuture<Result<Plan>> revisionPlan(ClusterSet &clusters, const Deployed &of, const ObjectRef &workload,
                                   const StopToken &stop)
{
    const ClusterConnection *const cluster = clusters.find(of.connection);
    if (!cluster || !cluster->rollback)
        return ready(Result<Plan>(
            Error{ErrorKind::Unreachable,
                  RehearsalText::tr("The connection \"%1\" is not open, so nothing could be asked.").arg(of.connection),
                  {}}));
    RollbackOrder order;
    order.connection = of.connection;
    order.ns = of.ns;
    order.application = of.application;
    order.environment = of.environment;
    order.workload = workload;
    order.isRehearsal = true;
    return cluster->rollback->plan(order, stop);
}

QFuture<Result<Plan>> trackPlan(const ClusterConnection &cluster, const Deployed &of, const QString &track,
                                const QMap<QString, int> &carried, const StopToken &stop)
{
    TrafficOrder order;
    order.connection = of.connection;
    order.ns = of.ns;
    order.application = of.application;
    order.environment = of.environment;
    order.router = of.routers.first();
    order.direction = Direction::Back;
    order.carried = carried;
    order.isRehearsal = true;
    TrafficOrder::Step step;
    for (const Track &each : of.tracks)
        step.percent.insert(each.name, each.name == track ? 100 : 0);
    order.steps = {step};
    return cluster.traffic->plan(order, stop);
}

Readiness judged(const Result<Plan> &plan, const QElapsedTimer &clock)
{
    const std::chrono::milliseconds took(clock.elapsed());
    const QDateTime now = QDateTime::currentDateTimeUtc();
    return plan ? readinessOf(*plan, took, now) : readinessOf(plan.error(), took, now);
}

// Going back to the last good revision has to work for each workload of the live track: an application whose worker
// cannot go back is not brought back by its web server. One after the other, so that a rehearsal is one question at a
// time to the cluster; `done` is told the worst, named where there are several. Keeps itself until then.
class RevisionRehearsal : public std::enable_shared_from_this<RevisionRehearsal>
{
public:
    using Done = std::function<void(const Readiness &)>;
    RevisionRehearsal(ClusterSet &clusters, Deployed of, StopToken stop, QObject *context, Done done)
        : m_clusters(clusters)
        , m_of(std::move(of))
        , m_stop(std::move(stop))
        , m_context(context)
        , m_done(std::move(done))
    {
        if (const Track *const live = liveTrack(m_of))
            m_workloads = live->workloads;
        m_clock.start();
    }

    void next()
    {
        const auto plan =
            m_workloads.isEmpty()
                ? ready(Result<Plan>(Error{
                      ErrorKind::NotFound, RehearsalText::tr("It has no workload whose revisions are kept."), {}}))
                : revisionPlan(m_clusters, m_of, m_workloads[m_at], m_stop);
        deliver(plan, m_stop, m_context, [self = shared_from_this()](const Result<Plan> &answer) {
            if (!self->m_stop.stop_requested())
                self->take(answer);
        });
    }

private:
    void take(const Result<Plan> &plan)
    {
        Readiness one = judged(plan, m_clock);
        const bool isOneOfSeveral = m_workloads.size() > 1;
        if (isOneOfSeveral && one.light != Health::Ok)
            one.reason = QStringLiteral("%1 %2: %3").arg(m_workloads[m_at].kind, m_workloads[m_at].name, one.reason);
        if (isOneOfSeveral && !one.to.isEmpty())
            m_ways << QStringLiteral("%1 %2").arg(m_workloads[m_at].name, one.to);
        m_hadDryRun = m_hadDryRun && one.hadDryRun;
        m_worst = m_worst ? worse(*m_worst, one) : one;
        if (++m_at < m_workloads.size()) {
            next();
            return;
        }
        m_worst->took = std::chrono::milliseconds(m_clock.elapsed());
        m_worst->hadDryRun = m_hadDryRun;
        if (m_ways.size() == m_workloads.size() && isOneOfSeveral)
            m_worst->to = m_ways.join(QStringLiteral(", "));
        if (isOneOfSeveral && m_worst->light == Health::Ok)
            m_worst->reason =
                RehearsalText::tr("Each of its %1 workloads: %2").arg(m_workloads.size()).arg(m_worst->reason);
        m_done(*m_worst);
    }

    ClusterSet &m_clusters;
    Deployed m_of;
    StopToken m_stop;
    QObject *m_context;
    Done m_done;
    QList<ObjectRef> m_workloads;
    qsizetype m_at = 0;
    QElapsedTimer m_clock;
    std::optional<Readiness> m_worst;
    QStringList m_ways;
    bool m_hadDryRun = true;
};

} // namespace

// A track that runs takes everything at once: it is the way back that is suggested, so it is what is tried. Only where
// it is closed a revision of the live track is asked for.
void rehearse(ClusterSet &clusters, const Deployed &of, const QMap<QString, int> &carried, const StopToken &stop,
              QObject *context, std::function<void(const Readiness &)> done)
{
    QElapsedTimer clock;
    clock.start();
    const Track *const other = trackToGoBackTo(of);
    const ClusterConnection *const cluster = clusters.find(of.connection);
    if (!other || !cluster || !cluster->traffic) {
        std::make_shared<RevisionRehearsal>(clusters, of, stop, context, std::move(done))->next();
        return;
    }
    const QString to = RehearsalText::tr("all traffic to %1 %2").arg(other->name, other->version);
    deliver(trackPlan(*cluster, of, other->name, carried, stop), stop, context,
            [&clusters, of, stop, context, clock, to, track = other->name,
             done = std::move(done)](const Result<Plan> &shift) {
                if (stop.stop_requested())
                    return;
                Readiness first = judged(shift, clock);
                if (shift) {
                    first.to = to;
                    first.track = track;
                }
                if (first.light != Health::Failing) {
                    done(first);
                    return;
                }
                const auto both = [first, done](const Readiness &second) { done(better(first, second)); };
                std::make_shared<RevisionRehearsal>(clusters, of, stop, context, both)->next();
            });
}

} // namespace signalbox
