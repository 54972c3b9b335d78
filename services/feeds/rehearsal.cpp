#include "services/feeds/rehearsal.h"

#include "services/async/deliver.h"
#include "services/feeds/clusterset.h"

#include <QCoreApplication>
#include <QElapsedTimer>

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

// Another track that runs, could take everything and was rolled out before the live one: the newer one is a way on, not
// back.
const Track *otherTrack(const Deployed &deployed)
{
    if (deployed.routers.isEmpty())
        return nullptr;
    const Track *const live = liveTrack(deployed);
    for (const Track &track : deployed.tracks) {
        const bool isOlder = live && track.since.isValid() && track.since < live->since;
        if (&track != live && isOlder && track.podsReady > 0 && track.share.value_or(0) < 1)
            return &track;
    }
    return nullptr;
}

QFuture<Result<Plan>> revisionPlan(ClusterSet &clusters, const Deployed &of, const StopToken &stop)
{
    const ClusterConnection *const cluster = clusters.find(of.connection);
    if (!cluster || !cluster->rollback)
        return ready(Result<Plan>(
            Error{ErrorKind::Unreachable,
                  RehearsalText::tr("The connection \"%1\" is not open, so nothing could be asked.").arg(of.connection),
                  {}}));
    const Track *const live = liveTrack(of);
    if (!live)
        return ready(Result<Plan>(
            Error{ErrorKind::NotFound, RehearsalText::tr("It has no workload whose revisions are kept."), {}}));
    RollbackOrder order;
    order.connection = of.connection;
    order.ns = of.ns;
    order.application = of.application;
    order.environment = of.environment;
    order.workload = live->workloads.first();
    return cluster->rollback->plan(order, stop);
}

QFuture<Result<Plan>> trackPlan(const ClusterConnection &cluster, const Deployed &of, const QString &track,
                                const StopToken &stop)
{
    TrafficOrder order;
    order.connection = of.connection;
    order.ns = of.ns;
    order.application = of.application;
    order.environment = of.environment;
    order.router = of.routers.first();
    order.direction = Direction::Back;
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

} // namespace

void rehearse(ClusterSet &clusters, const Deployed &of, const StopToken &stop, QObject *context,
              std::function<void(const Readiness &)> done)
{
    QElapsedTimer clock;
    clock.start();
    deliver(revisionPlan(clusters, of, stop), stop, context,
            [&clusters, of, stop, context, clock, done = std::move(done)](const Result<Plan> &plan) {
                if (stop.stop_requested())
                    return;
                const Readiness first = judged(plan, clock);
                const Track *const other = otherTrack(of);
                const ClusterConnection *const cluster = clusters.find(of.connection);
                const bool isClear = first.light == Health::Ok || first.light == Health::Unknown;
                if (isClear || !other || !cluster || !cluster->traffic) {
                    done(first);
                    return;
                }
                const QString to = RehearsalText::tr("all traffic to %1 %2").arg(other->name, other->version);
                deliver(trackPlan(*cluster, of, other->name, stop), stop, context,
                        [stop, clock, first, to, done](const Result<Plan> &shift) {
                            if (stop.stop_requested())
                                return;
                            Readiness second = judged(shift, clock);
                            if (shift)
                                second.to = to;
                            done(better(first, second));
                        });
            });
}

} // namespace signalbox
