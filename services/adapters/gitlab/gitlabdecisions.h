#pragma once

#include "services/adapters/gitlab/gitlabapi.h"

#include <QHash>

namespace signalbox
{

// Who approved or rejected what a run deploys. Lists of deployments do not tell it: each of the run's own is asked for,
// again only as long as it can still be decided. GUI thread.
class GitLabDecisions : public QObject
{
public:
    // `api` outlives it.
    explicit GitLabDecisions(GitLabApi &api)
        : m_api(api)
    {}

    struct Told
    {
        QList<RunDecision> all; // the oldest first
        QString note;           // what could not be read, and why; empty: nothing
    };
    // `deployments`: of a list, others' among them. Never an error.
    [[nodiscard]] QFuture<Result<Told>> of(const RunRef &run, const QList<gitlab::Deployment> &deployments,
                                           const StopToken &stop);

private:
    GitLabApi &m_api;
    // Of deployments whose decision is over, by project and id, with the status that they were read in.
    struct Settled
    {
        QString status;
        QList<RunDecision> all;
    };
    QHash<QString, Settled> m_settled;
};

} // namespace signalbox
