#pragma once

#include "models/domain/operation.h"
#include "models/pipelines/run.h"
#include "models/policy/records.h"
#include "services/promotions/world.h"

#include <optional>

namespace signalbox
{

// Where others carry a promotion out (a vendor's pipeline behind its gate), what the promotion waits for in the end:
// that the environment runs the release. A gate that opened is no release that runs.
struct AwaitedRelease
{
    policy::Subject subject;
    QString version;     // for people; empty: the digest
    bool isShown = true; // a cluster showed the application there when it was planned
    QString track = {};  // without traffic, that having it is enough of: the policy sets it; empty: only live traffic
    std::optional<RunRef> run = {}; // of the gate: once it has failed, nothing more comes
    QString runNumber = {};
    bool isTold = false;      // no cluster, but the vendor's deployments said what was there when it was planned
    QString toldBefore = {};  // the live one's id then: that one brought nothing
    QDateTime plannedAt = {}; // where nothing was told: what is older brought nothing
    QString name() const;
};

// Of a plan made now. A track that has the release already tells nothing of what the gate does.
AwaitedRelease awaitedNow(const policy::Subject &subject, const QString &version, const QString &track,
                          const PlaceReading &place);

// The last step of such a promotion. It calls nothing; observing it looks at the clusters.
PlanStep awaitStep(const AwaitedRelease &release, const QString &connection);
bool isAwaitStep(const PlanStep &step);
std::optional<AwaitedRelease> awaitedOf(const PlanStep &step);
// What the plan says beforehand of how the effect will be seen. Where nobody will, only who breaks the glass may start.
Check awaitCheck(const AwaitedRelease &release, const PlaceReading &place, bool breaksGlass);

// Effective once the release has the place's live traffic and nothing else does, or the track that the policy sets has
// it. Where no cluster shows the application, now or when it
// was planned: Effective, not confirmed; where the vendor's deployments tell it, once a new one of the commit is live,
// which is the vendor's word and not confirmed either. An error: a cluster that shows it cannot be read, or what
// clusters there are to be read is still being listed.
Result<Observation> awaitedIn(const AwaitedRelease &release, const PlaceReading &place, bool isListed);

// What it is when the run that should bring it has been read: failed, where that ended without success, none of its
// jobs that deploy there passed, and the release is not there. Where no job says where it deploys, the run's end is
// told and the wait goes on.
Observation withRun(const AwaitedRelease &release, const Observation &seen, const RunDetail &detail);

} // namespace signalbox
