#pragma once

#include "models/domain/health.h"
#include "models/domain/operation.h"

#include <QMap>

#include <chrono>
#include <optional>

// Whether the way back is open, checked before it is needed (DESIGN 1.6). A rehearsal makes the plan of going back as
// an operator would: reads, checks and the remote's own dry run, and writes nothing.
namespace signalbox
{

struct Readiness
{
    // Ok: every check that matters passed. Warning: it would work, but. Failing: it would not, or there is nothing to
    // go back to. Unknown: could not be found out, never to be taken for Ok.
    Health light = Health::Unknown;
    QString reason; // one sentence
    QString wayOut; // how to mend it; empty: nothing to mend, or nobody knows
    QString to;     // "2.14.3 (c07d9aa)", "all traffic to blue"; empty: no plan could be made
    QString track;  // that all traffic would go to; empty: it is no other track that one goes back to
    QList<Check> checks;
    bool hadDryRun = false;            // the remote accepted the very calls
    std::chrono::milliseconds took{0}; // from the first question to the whole plan
    QDateTime checkedAt;               // UTC

    bool operator==(const Readiness &) const = default;
};

// From a plan's findings as the adapter reported them (before the table of operations softens them: a rollback to an
// image that cannot be pulled may be tried, but is not a way back).
Readiness readinessOf(const Plan &plan, std::chrono::milliseconds took, const QDateTime &at);
// No plan could be made.
Readiness readinessOf(const Error &error, std::chrono::milliseconds took, const QDateTime &at);
// The better of two ways back; the first where they are equal.
const Readiness &better(const Readiness &a, const Readiness &b);
// The worse of two things that both have to go back; the first where they are equal. Failing before Unknown: what is
// known to be closed stays so whatever the other one turns out to be.
const Readiness &worse(const Readiness &a, const Readiness &b);

// Whoever goes back to a track that fails itself gains nothing. `failing`: what is known to by its figures, and the
// share of its requests that fail, "7.2 %". Those change by the second and say nothing against the way: a reservation,
// no more.
Readiness withFigures(Readiness readiness, const QMap<QString, QString> &failing);

// What decides whether a rehearsal still holds: another text means to rehearse anew.
QString readinessBasis(const Deployed &deployed);

} // namespace signalbox
