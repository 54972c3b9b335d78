#include "services/sandbox/ci/github/githubquestion.h"

#include <QByteArray>

#include <charconv>

namespace signalbox::sandbox::ci::github
{

namespace
{

bool endsWith(const std::string &text, const std::string &end)
{
    return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

} // namespace

LoopbackReply said(int status, const Json &body)
{
    LoopbackReply reply;
    reply.status = status;
    reply.contentType = "application/json; charset=utf-8";
    reply.body = body.dump();
    return reply;
}

LoopbackReply refusal(int status, const std::string &message)
{
    return said(status, {{"message", message},
                         {"documentation_url", "https://docs.github.com/rest"},
                         {"status", std::to_string(status)}});
}

LoopbackReply notFound()
{
    return refusal(404, "Not Found");
}

LoopbackReply refusedBy(const Outcome &outcome)
{
    switch (outcome.kind) {
    case Outcome::Kind::NoSuch:
        return notFound();
    case Outcome::Kind::NotAllowed:
        return refusal(403, outcome.text.empty() ? "Must have admin rights to Repository." : outcome.text);
    default:
        return refusal(422, outcome.text.empty() ? "Validation Failed" : outcome.text);
    }
}

LoopbackReply tooOldToRerun()
{
    return refusal(403, "Unable to retry this workflow run because it was created over a month ago");
}

std::int64_t idIn(const std::string &text)
{
    std::int64_t id = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), id);
    return read.ec == std::errc() && read.ptr == text.data() + text.size() ? id : 0;
}

std::optional<Json> bodyOf(const LoopbackRequest &request)
{
    Json body = Json::parse(request.body.empty() ? "{}" : request.body, nullptr, false);
    return body.is_object() ? std::optional(body) : std::nullopt;
}

void addLink(LoopbackReply &reply, const LoopbackRequest &request, const std::string &url, const Paging &paging,
             std::size_t total)
{
    if (paging.offset() + paging.size >= total)
        return;
    std::string query;
    for (const auto &[name, value] : request.query) {
        if (name != "page")
            query += name + '=' + QByteArray::fromStdString(value).toPercentEncoding().toStdString() + '&';
    }
    reply.headers.emplace_back("Link",
                               '<' + url + '?' + query + "page=" + std::to_string(paging.page + 1) + ">; rel=\"next\"");
}

LoopbackReply listed(const Question &ask, const char *key, const std::vector<Json> &all)
{
    const Paging paging = Paging::of(ask.request);
    Json page = Json::array();
    for (std::size_t i = paging.offset(); i < std::min(all.size(), paging.offset() + paging.size); ++i)
        page.push_back(all[i]);
    LoopbackReply reply = key ? said(200, {{"total_count", all.size()}, {key, page}}) : said(200, page);
    addLink(reply, ask.request, ask.address(), paging, all.size());
    return reply;
}

const PipelinePlan *planOf(const Question &ask, const std::string &name)
{
    for (const PipelinePlan *plan : ask.world.pipelines(Vendor::GitHub, ask.project)) {
        if (endsWith(plan->file, '/' + name) || std::to_string(workflowId(*plan)) == name)
            return plan;
    }
    return nullptr;
}

std::optional<RunRecord> runOf(const Question &ask, const std::string &id)
{
    auto run = ask.world.run(idIn(id));
    if (!run || run->vendor != Vendor::GitHub || run->project != ask.project)
        return std::nullopt;
    return run;
}

std::string headOf(const Question &ask, const std::string &branch)
{
    for (const PipelinePlan *plan : ask.world.pipelines(Vendor::GitHub, ask.project)) {
        if (std::find(plan->branches.begin(), plan->branches.end(), branch) == plan->branches.end())
            continue;
        for (auto commit = plan->commits.rbegin(); branch == plan->defaultBranch && commit != plan->commits.rend();
             ++commit) { // sources that are really there: the newest may not have run yet
            if (commit->atMs <= ask.world.nowMs())
                return commit->sha;
        }
        const std::string head = ask.world.headOf(Vendor::GitHub, ask.project, branch);
        return head.empty() ? ask.world.headOf(Vendor::GitHub, ask.project, plan->defaultBranch) : head;
    }
    return {};
}

} // namespace signalbox::sandbox::ci::github
