#pragma once

#include "services/adapters/gitlab/gitlabapi.h"
#include "services/ports/pipelinesource.h"

namespace signalbox
{

// A job's trace. GitLab gives it whole each time (lib/api/ci/jobs.rb, gitlab-org/gitlab#30391: no ranges), so following
// is to ask again and hand on what is new. Lives until the answer; its context is the api.
[[nodiscard]] QFuture<Result<LogEnd>> readTrace(GitLabApi &api, const LogQuery &query, const LogTaker &taker,
                                                const StopToken &stop);
// Until a trace of this length is asked for again.
std::chrono::milliseconds traceRest(qint64 length);

} // namespace signalbox
