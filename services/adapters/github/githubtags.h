#pragma once

#include "services/adapters/github/githubclient.h"

namespace signalbox::github
{

// The same runs, those that a tag began told apart: `tag` instead of `branch`, and a push of it TriggerKind::Tag.
// GitHub names both in one field; a name that is not known yet is asked for (GET /git/ref/tags/NAME, then
// heads/NAME), ten at most at a time: lists come again. A name of which GitHub tells nothing stays a branch. Never
// fails.
QFuture<Result<QList<RunSaid>>> withTags(GitHubClient &client, const QList<RunSaid> &runs, const StopToken &stop);

// What it runs on is not proven to be a branch other than the default one.
bool mayRelease(GitHubClient &client, const RunSaid &run);

} // namespace signalbox::github
