#pragma once

#include "services/adapters/github/githubanswer.h"
#include "services/adapters/github/githubworkflow.h"

namespace signalbox::github
{

// Where running jobs again leads besides the environment that is meant.
struct RerunReach
{
    QStringList environments; // of other jobs that run again with it, in their order
    bool isKnown = true;      // false: there may be more
};

// A job that is run again takes all along that needs it (GitHub Docs, "Re-running workflows and jobs"). `job` empty:
// all of the run. Pure.
RerunReach reachOf(const WorkflowFile &file, const QString &project, const QList<JobSaid> &jobs, const QString &job,
                   const QString &meant);

} // namespace signalbox::github
