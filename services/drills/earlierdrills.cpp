#include "services/drills/earlierdrills.h"

#include "models/domain/ulid.h"
#include "services/drills/drillrun.h"

#include <algorithm>

namespace signalbox::drills
{

namespace
{

// Seconds since the drill began.
struct Attempt
{
    int badFrom = 0;
    int signFrom = 0; // in the metrics
    int seenAt = 0;
    int backAt = 0; // all traffic on Green
    int goodFrom = 0;
};

Debrief played(const Scenario &scenario, const Attempt &attempt, const QDateTime &began)
{
    const QString blue = QStringLiteral("blue");
    const QString green = QStringLiteral("green");
    const std::int64_t startMs = began.toMSecsSinceEpoch();
    DrillLook look;
    look.nowMs = startMs;
    look.state.shares = {{blue, 100}, {green, 0}};
    DrillRun run(scenario, look);
    for (int second = 1; second <= scenario.info.limitSeconds && !run.isOver(); ++second) {
        look.nowMs = startMs + second * 1000LL;
        look.isBad = second >= attempt.badFrom && second < attempt.goodFrom;
        look.isSign = second >= attempt.signFrom && second < attempt.goodFrom;
        if (second == attempt.backAt)
            look.state.shares = {{blue, 0}, {green, 100}};
        if (second == scenario.faults.front().afterSeconds)
            run.faultBegan(look.nowMs);
        run.look(look);
        if (second == attempt.seenAt)
            run.acknowledge(look.nowMs);
    }
    Debrief debrief = run.debrief();
    debrief.id = newUlid(began.addMSecs(debrief.tookMs));
    return debrief;
}

} // namespace

QList<Debrief> earlierDrills(const QDateTime &now)
{
    const auto &all = builtInScenarios();
    const auto found =
        std::find_if(all.begin(), all.end(), [](const Scenario &one) { return one.info.name == u"full-shift"; });
    if (found == all.end() || found->faults.empty())
        return {};
    const Scenario scenario = inWords(*found);
    return {played(scenario, {19, 24, 66, 95, 118}, now.addDays(-7)),
            played(scenario, {17, 23, 38, 49, 71}, now.addDays(-1))};
}

} // namespace signalbox::drills
