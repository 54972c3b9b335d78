#include "services/sandbox/ci/github/githubanswers.h"

#include <QByteArray>

namespace signalbox::sandbox::ci::github
{

LoopbackReply contents(const Question &ask)
{
    std::string path;
    for (std::size_t i = 1; i < ask.rest.size(); ++i)
        path += (i > 1 ? "/" : "") + ask.rest[i];
    for (const PipelinePlan *plan : ask.world.pipelines(Vendor::GitHub, ask.project)) {
        if (plan->file != path)
            continue;
        if (ask.request.accept.find("raw") != std::string::npos) {
            LoopbackReply reply;
            reply.contentType = "application/vnd.github.raw+json; charset=utf-8";
            reply.body = plan->definition;
            return reply;
        }
        return said(200, {{"type", "file"},
                          {"encoding", "base64"},
                          {"size", plan->definition.size()},
                          {"name", ask.rest.back()},
                          {"path", path},
                          {"content", QByteArray::fromStdString(plan->definition).toBase64().toStdString()}});
    }
    return notFound();
}

// Of a branch or tag, in the form that has nothing but the commit's name.
LoopbackReply commitName(const Question &ask)
{
    std::string ref;
    for (std::size_t i = 1; i < ask.rest.size(); ++i)
        ref += (i > 1 ? "/" : "") + ask.rest[i];
    std::string commit = headOf(ask, ref);
    if (commit.empty()) {
        RunQuery query;
        query.vendor = Vendor::GitHub;
        query.project = ask.project;
        query.branch = ref;
        query.isWanted = [](const RunRecord &run) { return !run.tag.empty(); };
        query.limit = 1;
        const RunList found = ask.world.runs(query);
        commit = found.runs.empty() ? std::string() : found.runs.front().commit;
    }
    if (commit.empty())
        return refusal(422, "No commit found for SHA: " + ref);
    if (ask.request.accept.find("vnd.github.sha") == std::string::npos)
        return refusal(415, "Unsupported 'Accept' header: the practice world tells a commit's name alone.");
    LoopbackReply reply;
    reply.contentType = "application/vnd.github.sha; charset=utf-8";
    reply.body = commit;
    return reply;
}

} // namespace signalbox::sandbox::ci::github
