#pragma once

#include "models/domain/operation.h"
#include "services/adapters/travis/travisanswer.h"
#include "services/ports/pipelinesource.h"

namespace signalbox::travis
{

// What a step of ours waits for; its data in the journal, which holds no secret.
struct Expected
{
    enum class Kind { Restarted, Cancelled, Started };
    Kind kind = Kind::Restarted;
    QString slug;
    QString build;  // id; empty for Started
    QString number; // of the build
    QString job;    // id; empty: the whole build
    // Restarted: as it was seen.
    QDateTime startedAt;
    QDateTime restartedAt; // of a job
    // Started: the mark that the commit message of the new build ends with, and since when to look for it.
    QString branch;
    QString mark;
    QDateTime since;
    bool operator==(const Expected &) const = default;
};
Expectation toExpectation(const Expected &expected, const QString &connection);
std::optional<Expected> expectedOf(const PlanStep &step); // none: it is no step of ours

// Pure. `connection` is an id, `host` for people.
Result<Plan> rerunPlan(const RunOrder &order, const RunDetail &seen, const BuildAnswer &build,
                       const QList<JobAnswer> &jobs, const QString &host);
Plan cancelPlan(const RunOrder &order, const RunDetail &seen, const BuildAnswer &build, const QString &host);
Result<Plan> triggerPlan(const RunOrder &order, const Pipeline &pipeline, const QString &host);

} // namespace signalbox::travis
