#pragma once

#include "services/sandbox/ci/github/githubquestion.h"

// What the practice world's GitHub answers about a repository, by what is asked for.
namespace signalbox::sandbox::ci::github
{

// githubruns.cpp: "actions/workflows...", "actions/runs...".
LoopbackReply workflowAnswer(const Question &ask);
LoopbackReply runs(const Question &ask, const PipelinePlan *plan); // null: of all
LoopbackReply runAnswer(const Question &ask);

// githubjobs.cpp: "actions/jobs/...", and what a run's jobs say as checks.
LoopbackReply jobAnswer(const Question &ask);
LoopbackReply jobs(const Question &ask, const RunRecord &run);
LoopbackReply checkRuns(const Question &ask, const RunRecord &run);
LoopbackReply annotations(const Question &ask, const std::string &checkRun);

// githublogs.cpp: where logs lie, and what lies there: a job's text, or a run's files in a ZIP archive. GitHub Docs,
// "Download workflow run logs": a link that redirects to an archive.
LoopbackReply jobLogAddress(const Question &ask, const JobRun &job);
LoopbackReply runLogAddress(const Question &ask, const RunRecord &run);
LoopbackReply artifactAddress(const Question &ask, std::int64_t id);
bool isLogAddress(const std::string &path); // or an artifact's
LoopbackReply logAt(const CiWorld &world, const std::string &path);

// githubartifacts.cpp: what a run's jobs made, "actions/artifacts/N" and its archive. GitHub Docs, "Download an
// artifact": a link that redirects, as that of a log does; only "zip" is a format of archives.
LoopbackReply artifacts(const Question &ask, const RunRecord &run);
LoopbackReply artifactAnswer(const Question &ask);
LoopbackReply artifactArchive(const CiWorld &world, std::int64_t id);

// githubreviews.cpp: who may let a run go on, and what went where.
LoopbackReply pendingDeployments(const Question &ask, const RunRecord &run);
LoopbackReply approvals(const Question &ask, const RunRecord &run);
LoopbackReply review(const Question &ask, const RunRecord &run);
LoopbackReply deployments(const Question &ask);
LoopbackReply deploymentStatuses(const Question &ask);

// githubcontents.cpp: files, the names of commits, branches and tags.
LoopbackReply contents(const Question &ask);
LoopbackReply commitName(const Question &ask);
LoopbackReply reference(const Question &ask); // "git/ref/tags/NAME", "git/ref/heads/NAME"

} // namespace signalbox::sandbox::ci::github
