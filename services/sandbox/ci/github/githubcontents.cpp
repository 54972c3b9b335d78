#include "services/sandbox/ci/github/githubanswers.h"

#include <QByteArray>

namespace signalbox::sandbox::ci::github
{

namespace
{

std::string pathFrom(const Question &ask, std::size_t first)
{
    std::string path;
    for (std::size_t i = first; i < ask.rest.size(); ++i)
        path += (i > first ? "/" : "") + ask.rest[i];
    return path;
}

// Of the newest run that the tag began; empty: there is no such tag.
std::string commitOfTag(const Question &ask, const std::string &tag)
{
    RunQuery query;
    query.vendor = Vendor::GitHub;
    query.project = ask.project;
    query.branch = tag;
    query.isWanted = [](const RunRecord &run) { return !run.tag.empty(); };
    query.limit = 1;
    const RunList found = ask.world.runs(query);
    return found.runs.empty() ? std::string() : found.runs.front().commit;
}

} // namespace

LoopbackReply contents(const Question &ask)
{
    const std::string path = pathFrom(ask, 1);
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
    const std::string ref = pathFrom(ask, 1);
    std::string commit = headOf(ask, ref);
    if (commit.empty())
        commit = commitOfTag(ask, ref);
    if (commit.empty())
        return refusal(422, "No commit found for SHA: " + ref);
    if (ask.request.accept.find("vnd.github.sha") == std::string::npos)
        return refusal(415, "Unsupported 'Accept' header: the practice world tells a commit's name alone.");
    LoopbackReply reply;
    reply.contentType = "application/vnd.github.sha; charset=utf-8";
    reply.body = commit;
    return reply;
}

// The operation git/get-ref. Tags of the practice world are plain ones: their object is the commit.
LoopbackReply reference(const Question &ask)
{
    const std::string name = pathFrom(ask, 3);
    const bool isTag = ask.rest[2] == "tags";
    if (!isTag && ask.rest[2] != "heads")
        return notFound();
    const std::string commit = isTag ? commitOfTag(ask, name) : headOf(ask, name);
    if (commit.empty())
        return notFound();
    const std::string ref = "refs/" + ask.rest[2] + '/' + name;
    return said(200, {{"ref", ref},
                      {"node_id", "REF_" + std::to_string(ci::numberOf(ask.project + ref))},
                      {"url", ask.site.repository(ask.project) + "/git/" + ref},
                      {"object",
                       {{"sha", commit},
                        {"type", "commit"},
                        {"url", ask.site.repository(ask.project) + "/git/commits/" + commit}}}});
}

} // namespace signalbox::sandbox::ci::github
