#pragma once

#include "services/ports/sourcerepository.h"

namespace signalbox
{

// One release or hotfix branch beside the lines it comes from and goes back to.
struct BranchStanding
{
    BranchState branch;
    std::optional<Distance> ofMain;    // ahead: commits of it that main lacks; none: there is no main, or not read
    std::optional<Distance> ofDevelop; // the same for develop
    bool operator==(const BranchStanding &) const = default;
};

// How a team works with its branches, and what is not where it belongs yet.
struct FlowReading
{
    BranchingFlow flow = BranchingFlow::GitHubFlow;
    QString main; // names; empty: there is none
    QString develop;
    std::optional<Distance> developOfMain;
    QList<BranchStanding> branches; // release, then hotfix; newest first; at most 20 in all
    int features = 0;               // branches of that kind
    bool operator==(const FlowReading &) const = default;
};

// Reads refs and distances. `repository` is borrowed and may go: the future then ends with what is known.
[[nodiscard]] QFuture<Result<FlowReading>> readFlow(QObject *context, SourceRepository &repository,
                                                    const StopToken &stop);

QString flowTitle(const FlowReading &flow); // "Git Flow: main, develop; 1 release branch, 2 hotfix branches"
// A sentence each: "release/1.4 is 3 ahead of main", "hotfix/1.4.1 is not merged back to develop: 1 commit".
QStringList flowSentences(const FlowReading &flow);

} // namespace signalbox
