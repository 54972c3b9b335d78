#pragma once

#include "services/sandbox/ci/jenkins/jenkinsapi.h"
#include "services/sandbox/ci/jenkins/jenkinsbeans.h"
#include "services/sandbox/ci/jenkins/jenkinsflow.h"
#include "services/sandbox/ci/jenkins/jenkinsreplies.h"

namespace signalbox::sandbox::ci
{

// One Jenkins that was asked: folders, jobs and the queue (jenkinsapi.cpp), what is below a run (jenkinsrunapi.cpp),
// the nodes of its flow (jenkinsnodeapi.cpp), Blue Ocean (jenkinsblueapi.cpp).
struct JenkinsApi::Private
{
    CiWorld &world;
    Options options;

    jenkins::View view() const { return {world, options.pages}; }
    bool hasCrumb(const LoopbackRequest &request) const;

    LoopbackReply api(const LoopbackRequest &request, const Json &value) const;
    LoopbackReply route(const LoopbackRequest &request, const jenkins::Names &names);
    LoopbackReply itemPage(const LoopbackRequest &request, const jenkins::Item &item, const jenkins::Names &rest);
    LoopbackReply start(const LoopbackRequest &request, const jenkins::Item &item, bool withParameters);
    LoopbackReply runPage(const LoopbackRequest &request, const jenkins::Item &item, const RunRecord &run,
                          const jenkins::Names &rest);
    LoopbackReply coverage(const LoopbackRequest &request, const RunRecord &run, const jenkins::Names &rest) const;
    LoopbackReply summary(const jenkins::Item &item, const RunRecord &run) const;
    LoopbackReply wfapi(const LoopbackRequest &request, const jenkins::Item &item, const RunRecord &run,
                        const jenkins::Names &rest);
    LoopbackReply flowPage(const LoopbackRequest &request, const jenkins::Item &item, const RunRecord &run,
                           const jenkins::Names &rest) const;
    LoopbackReply input(const LoopbackRequest &request, const RunRecord &run, const jenkins::Names &rest);
    LoopbackReply proceed(const RunRecord &run, const JobRun &job, const Parameters &answers, bool isWfapi);
    LoopbackReply queue(const LoopbackRequest &request, const jenkins::Names &rest);
    LoopbackReply computers(const LoopbackRequest &request, const jenkins::Names &rest) const;
    LoopbackReply blue(const LoopbackRequest &request, const jenkins::Names &rest) const;
    LoopbackReply blueRun(const LoopbackRequest &request, const RunRecord &run, const jenkins::Names &rest) const;
    std::vector<RunRecord> underWay(bool inQueue) const;
};

} // namespace signalbox::sandbox::ci
