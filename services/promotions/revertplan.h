#pragma once

#include "models/policy/policy.h"
#include "services/git/revert.h"
#include "services/ports/deployer.h"
#include "services/ports/rollbackprovider.h"
#include "services/promotions/gitopsrevisions.h"
#include "services/promotions/imagetext.h"
#include "services/promotions/repositorystep.h"

#include <chrono>

// What a way back by a commit looks like: the step as it is journaled, its difference, the checks in words. Pure.
namespace signalbox
{

// What the step carries; journaled whole, and it holds nothing but names and hashes.
struct RevertCommission
{
    BranchPlace at;
    QStringList commits; // to be undone
    QString tree;        // what there will be
    QString application;
    QString image; // of the release gone back to, as the file names it
    QString digest;
    QString tag;
    QString id;         // stands in the commit's message
    QString line;       // not empty: nothing but the line with the image is put back, as this
    QString repository; // of the image
};
std::optional<RevertCommission> revertCommissionOf(const PlanStep &step);
QString revertTrailer(const QString &id);

// What an image's repository says, and what the cluster runs of it.
struct RevertPast
{
    RepositoryCopy copy;
    RunningRelease running;    // only its image's repository, where the cluster cannot be read
    std::optional<Error> dark; // why not
    QList<GitopsRevision> revisions;
    QByteArray content; // of the file now
};
struct RevertDraft
{
    RevertPast past;
    qsizetype to = 0;
    git::RevertPlan revert;
    std::optional<ImageInText> line; // where that cannot be done: the line that names the image
};

bool isRunning(const RunningRelease &now, const QString &digest, const QString &tag);
RollbackTarget revertTarget(const GitopsRevision &revision, const GitopsRevision &now, const ObjectRef &workload,
                            bool isLive, bool isSuggested);
// Which of them is meant. NotFound: no revision of this name, or none that is earlier.
Result<qsizetype> chosenRevision(const QList<GitopsRevision> &revisions, const QString &to,
                                 const policy::Execution &execution);
// Files of others that the commits changed as well: in a repository of many applications those stay as they are.
QStringList otherFiles(const git::RevertPlan &revert, const QString &file);
// The line as it was, where the present one stands.
Result<ImageInText> lineBack(const QByteArray &content, const QString &image, const QString &then);

PlanStep revertStep(const RevertCommission &one, const git::RevertPlan &revert, const ObjectRef &workload,
                    std::chrono::milliseconds deadline);
Plan revertPlan(const RevertDraft &draft, const policy::Execution &execution, const RollbackOrder &order,
                std::chrono::milliseconds deadline);

} // namespace signalbox
