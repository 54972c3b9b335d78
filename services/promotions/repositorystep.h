#pragma once

#include "services/git/remote.h"
#include "services/ports/steprunner.h"

#include <nlohmann/json_fwd.hpp>

#include <QDateTime>

#include <chrono>
#include <optional>

// What all steps have in common that commit to a repository which a cluster follows: where they commit, how that is
// journaled, and our copy of the repository.
namespace signalbox
{

struct BranchPlace
{
    QString address; // of the repository
    QString branch;
    QString file;
    QString tip; // the commit that was seen, and the only one that may be built on
    bool operator==(const BranchPlace &) const = default;
};

// As a step's expectation carries it: names and hashes only.
nlohmann::json toJson(const BranchPlace &place);
BranchPlace branchPlaceOf(const nlohmann::json &json);
// None: the step is of another kind, or its data is none of ours.
std::optional<nlohmann::json> stepData(const PlanStep &step, const QString &kind);
QString textOf(const nlohmann::json &json, const char *key); // empty: it has none

Error notARepositoryStep();
Error branchMoved(const BranchPlace &place, const QString &now);

// A repository in our cache, brought up to date.
struct RepositoryCopy
{
    git::RemoteAccess access;
    QString path;
    QString tip; // of the branch
    QDateTime readAt;
};

// Fetches unless that was done within `notOlderThan`. NotFound: there is no such branch. Blocks; it may take as long as
// the remote does.
Result<RepositoryCopy> upToDateCopy(const QString &cacheFolder, const git::RemoteAccess &access, const QString &address,
                                    const QString &branch, std::chrono::seconds notOlderThan, const StopToken &stop);
// Sends a commit of the copy, which is on no branch there (others fetch into it, and what the remote does not have is
// pruned), by compare-and-swap onto the tip that was seen; whatever fails leaves the remote as it was. What is looked
// at next has it without another fetch. Blocks.
Result<void> sendOnto(const RepositoryCopy &copy, const BranchPlace &place, const QString &commit,
                      const StopToken &stop);

} // namespace signalbox
