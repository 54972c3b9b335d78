#include "app/commands/trafficcommand.h"

#include "app/commands/json.h"
#include "app/commands/render.h"
#include "app/commands/targets.h"
#include "models/domain/duration.h"
#include "models/domain/trafficway.h"
#include "services/async/deliver.h"

#include <QCoreApplication>
#include <QPromise>

#include <algorithm>

namespace signalbox::commands
{

namespace
{

struct TrafficCommandText
{
    Q_DECLARE_TR_FUNCTIONS(TrafficCommand)
};

std::optional<int> percentOf(const QString &text)
{
    QString digits = text;
    if (digits.endsWith(QLatin1Char('%')))
        digits.chop(1);
    bool isNumber = false;
    const int percent = digits.toInt(&isNumber);
    if (!isNumber || percent < 0 || percent > 100)
        return std::nullopt;
    return percent;
}

} // namespace

Result<TrafficWish> trafficWishOf(const cli::Arguments &arguments)
{
    TrafficWish wish;
    int sum = 0;
    for (const QString &given : arguments.options.value(QStringLiteral("set"))) {
        const auto equals = given.indexOf(QLatin1Char('='));
        const auto percent = percentOf(given.mid(equals + 1));
        if (equals < 1 || !percent)
            return invalid(
                TrafficCommandText::tr("--set: \"%1\" is not TRACK=N with N from 0 to 100, for example green=25.")
                    .arg(given));
        const QString track = given.left(equals);
        for (const auto &[known, share] : wish.set) {
            if (known == track)
                return invalid(TrafficCommandText::tr("--set names %1 twice.").arg(track));
        }
        wish.set.append({track, *percent});
        sum += *percent;
    }
    if (sum > 100)
        return invalid(
            TrafficCommandText::tr("--set: the shares add up to %1 %, which is more than all of it.").arg(sum));
    const QString steps = arguments.value(QStringLiteral("steps"));
    const QString dwell = arguments.value(QStringLiteral("dwell"));
    if (arguments.has(QStringLiteral("steer"))) {
        if (wish.set.isEmpty())
            return invalid(TrafficCommandText::tr("--steer needs --set, for example --set green=100."));
        if (arguments.has(QStringLiteral("dry-run")))
            return invalid(TrafficCommandText::tr("--dry-run writes nothing, hence there is nothing to --steer."));
    }
    if (wish.set.isEmpty() && (!steps.isEmpty() || !dwell.isEmpty()))
        return invalid(TrafficCommandText::tr("%1 needs --set, for example --set green=100.")
                           .arg(steps.isEmpty() ? QStringLiteral("--dwell") : QStringLiteral("--steps")));
    if (steps.isEmpty() && !dwell.isEmpty())
        return invalid(TrafficCommandText::tr("--dwell needs --steps, for example --steps 5,25,50,100."));
    if (!steps.isEmpty() && wish.set.size() > 1)
        return invalid(TrafficCommandText::tr("--steps takes one --set; with several tracks do one move at a time."));
    for (const QString &step : steps.split(QLatin1Char(','), Qt::SkipEmptyParts)) {
        const auto percent = percentOf(step.trimmed());
        if (!percent)
            return invalid(
                TrafficCommandText::tr(
                    "--steps: \"%1\" is no share: give whole numbers from 0 to 100, for example 5,25,50,100.")
                    .arg(step));
        if (!wish.steps.isEmpty() && *percent == wish.steps.last())
            return invalid(TrafficCommandText::tr("--steps: %1 follows itself.").arg(*percent));
        wish.steps.append(*percent);
    }
    if (!steps.isEmpty() && wish.steps.isEmpty())
        return invalid(
            TrafficCommandText::tr("--steps: \"%1\" names no share: give for example 5,25,50,100.").arg(steps));
    const bool rises = std::is_sorted(wish.steps.begin(), wish.steps.end());
    const bool falls = std::is_sorted(wish.steps.rbegin(), wish.steps.rend());
    if (!rises && !falls)
        return invalid(
            TrafficCommandText::tr("--steps: %1 goes up and down; let it only rise or only fall.").arg(steps));
    if (!wish.steps.isEmpty() && wish.steps.last() != wish.set.first().second)
        wish.steps.append(wish.set.first().second);
    if (!dwell.isEmpty()) {
        const auto parsed = parseDuration(dwell);
        if (!parsed)
            return invalid(TrafficCommandText::tr("--dwell: %1").arg(parsed.error().message));
        wish.dwell = std::chrono::duration_cast<std::chrono::seconds>(*parsed);
    }
    return wish;
}

Result<QList<TrafficOrder::Step>> trafficSteps(const TrafficWish &wish, const QStringList &tracks)
{
    QStringList rest = tracks;
    int sum = 0;
    for (const auto &[track, percent] : wish.set) {
        if (!tracks.contains(track))
            return Error{ErrorKind::NotFound,
                         TrafficCommandText::tr("--set: there is no track \"%1\". There are: %2.")
                             .arg(track, tracks.join(QStringLiteral(", "))),
                         {}};
        rest.removeAll(track);
        sum += percent;
    }
    if (rest.size() > 1 && sum < 100)
        return invalid(TrafficCommandText::tr("--set: say who gets the remaining %1 %: %2.")
                           .arg(100 - sum)
                           .arg(rest.join(QStringLiteral(", "))));
    if (rest.isEmpty() && sum != 100)
        return invalid(TrafficCommandText::tr("--set: the shares add up to %1 %, not to 100 %.").arg(sum));
    const auto shares = [&wish, &rest](int first) {
        QMap<QString, int> percent;
        int given = 0;
        for (int i = 0; i < wish.set.size(); ++i) {
            const int share = i == 0 ? first : wish.set[i].second;
            percent.insert(wish.set[i].first, share);
            given += share;
        }
        for (const QString &track : rest)
            percent.insert(track, rest.size() == 1 ? 100 - given : 0);
        return percent;
    };
    QList<TrafficOrder::Step> steps;
    for (const int step : wish.steps.isEmpty() ? QList<int>{wish.set.first().second} : wish.steps) {
        if (rest.size() > 1 && step != 100)
            return invalid(TrafficCommandText::tr("--steps: with more than two tracks do one move at a time."));
        steps.append({shares(step), wish.dwell});
    }
    steps.last().dwell = std::chrono::seconds(0);
    return steps;
}

Result<QFuture<Result<Plan>>> TrafficCommand::order(const Deployed &deployed, ClusterConnection &cluster)
{
    const auto wish = trafficWishOf(context().arguments);
    if (!wish)
        return wish.error();
    const auto router = findRouter(deployed, option("router"));
    if (!router)
        return router.error();
    // The tracks are those of the router, read now: the plan's shares must name them all.
    auto promise = std::make_shared<QPromise<Result<Plan>>>();
    promise->start();
    const QFuture<Result<Plan>> future = promise->future();
    const auto answer = [promise](const Result<Plan> &plan) {
        promise->addResult(plan);
        promise->finish();
    };
    deliver(cluster.traffic->split(deployed.application, *router, stopToken()), stopToken(), this,
            [this, deployed, wish = *wish, router = *router, answer,
             traffic = cluster.traffic.get()](const Result<TrafficSplit> &split) {
                if (!split) {
                    answer(split.error());
                    return;
                }
                QStringList tracks;
                for (const TrafficLeg &leg : split->legs)
                    tracks.append(leg.track);
                for (const Track &track : deployed.tracks) {
                    if (!track.name.isEmpty() && !tracks.contains(track.name))
                        tracks.append(track.name);
                }
                const auto steps = trafficSteps(wish, tracks);
                if (!steps) {
                    answer(steps.error());
                    return;
                }
                TrafficOrder wanted;
                wanted.connection = deployed.connection;
                wanted.ns = deployed.ns;
                wanted.application = deployed.application;
                wanted.environment = deployed.environment;
                wanted.router = router;
                wanted.steps = *steps;
                const TrafficWay way = trafficWayOf(*steps, *split, deployed.tracks);
                wanted.direction = way.direction;
                wanted.bringsNewest = way.bringsNewest;
                wanted.reason = option("reason");
                wanted.pauseReconciliation = has("pause-reconciliation");
                deliver(traffic->plan(wanted, stopToken()), stopToken(), this, answer);
            });
    return future;
}

bool TrafficCommand::divert(const Deployed &deployed, ClusterConnection &cluster)
{
    if (has("set"))
        return false;
    m_deployed = deployed;
    if (!option("router").isEmpty() || deployed.routers.isEmpty()) {
        const auto router = findRouter(deployed, option("router"));
        if (!router) {
            fail(router.error());
            return true;
        }
        m_toRead = {*router};
    } else {
        m_toRead = deployed.routers;
    }
    Q_UNUSED(cluster)
    readNext();
    return true;
}

void TrafficCommand::readNext()
{
    if (m_toRead.isEmpty()) {
        terminal().print(context().isJson() ? trafficJson(m_deployed, m_splits) : trafficText(m_deployed, m_splits));
        finish(ExitStatus::Done);
        return;
    }
    const RouterRef router = m_toRead.takeFirst();
    ClusterConnection *cluster = session().clusters().find(m_deployed.connection);
    deliver(cluster->traffic->split(m_deployed.application, router, stopToken()), stopToken(), this,
            [this](const Result<TrafficSplit> &split) {
                if (!split) {
                    fail(split.error());
                    return;
                }
                m_splits.append(*split);
                readNext();
            });
}

} // namespace signalbox::commands
