#pragma once

#include "services/adapters/kubernetes/preflight.h"
#include "services/ports/rollbackprovider.h"

// Going back to a kept revision, as data. Pure: works on what preflight.h read.
//
// Source: kubernetes/kubectl pkg/polymorphichelpers/rollback.go and history.go. Ours differs on purpose: the template
// alone is replaced (kubectl's Deployment rollback also replaces all annotations and so drops what was set later), and
// only if the template is still the one the operator saw.
namespace signalbox::kubernetes
{

struct KeptRevision
{
    Revision revision;
    Json podTemplate; // as it would be written: without the label pod-template-hash and without $patch
    bool isLive = false;
    QList<qint64> formerNumbers; // before it was gone back to
    // The older revision, by name, that took its place: it was rolled back itself. Empty: none did.
    QString goneBackTo;
};

// What the workload has kept, newest first.
QList<KeptRevision> keptRevisions(const WorkloadView &view);
// By revision number or a unique prefix (5 and more) of the hash; empty: the newest that is not live, nor the live one
// before it was restarted, gave no sign of being broken and was not rolled back itself; one whose image cannot be
// pulled comes last. NotFound names what is kept; Refused: no name was wrong, there is nothing to go back to.
Result<qsizetype> findRevision(const WorkloadView &view, const QList<KeptRevision> &kept, const QString &to);

// Forbidden where the revisions are not ours to list: what is kept is unknown then, not nothing.
Result<Draft> draftRollback(const WorkloadView &view, const RollbackOrder &order);
Result<QList<RollbackTarget>> rollbackTargets(const WorkloadView &view);

// How long the object's own deadline gives a roll-out, and a little for seeing it.
std::chrono::milliseconds rolloutDeadline(const WorkloadView &view);
// Paused Deployments, OnDelete and partitioned updates: what keeps a new template from reaching pods.
Check pausedCheck(const WorkloadView &view);

} // namespace signalbox::kubernetes
