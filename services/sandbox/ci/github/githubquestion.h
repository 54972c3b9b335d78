#pragma once

#include "services/sandbox/ci/github/githubbodies.h"
#include "services/sandbox/http/loopbackserver.h"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// One request to the practice world's GitHub, and what its parts share: refusals, pages, what an address names.
namespace signalbox::sandbox::ci::github
{

LoopbackReply said(int status, const Json &body);
LoopbackReply refusal(int status, const std::string &message);
LoopbackReply notFound();
// What the world did not do, in GitHub's words.
LoopbackReply refusedBy(const Outcome &outcome);
LoopbackReply tooOldToRerun();

// 0: it is none.
std::int64_t idIn(const std::string &text);
// None: it is no object.
std::optional<Json> bodyOf(const LoopbackRequest &request);

struct Paging
{
    std::size_t page = 1;
    std::size_t size = 30;

    static Paging of(const LoopbackRequest &request)
    {
        Paging one;
        if (const auto size = idIn(request.value("per_page")); size > 0)
            one.size = static_cast<std::size_t>(std::min<std::int64_t>(size, 100));
        if (const auto page = idIn(request.value("page")); page > 0)
            one.page = static_cast<std::size_t>(page);
        return one;
    }
    std::size_t offset() const { return (page - 1) * size; }
};

// As GitHub words it: absolute addresses with the question's own parameters.
void addLink(LoopbackReply &reply, const LoopbackRequest &request, const std::string &url, const Paging &paging,
             std::size_t total);

// A question about one repository.
struct Question
{
    CiWorld &world;
    const LoopbackRequest &request;
    Site site;
    std::string project;
    std::vector<std::string> rest; // of the path
    std::string logHost;

    bool isGet() const { return request.method == "GET"; }
    bool isPost() const { return request.method == "POST"; }
    bool is(std::size_t size, std::initializer_list<std::pair<std::size_t, const char *>> words) const
    {
        return rest.size() == size && std::all_of(words.begin(), words.end(),
                                                  [this](const auto &word) { return rest[word.first] == word.second; });
    }
    std::string address() const
    {
        std::string url = site.repository(project);
        for (const std::string &part : rest)
            url += '/' + part;
        return url;
    }
};

// All of a list, page by page; `key` null: the list alone.
LoopbackReply listed(const Question &ask, const char *key, const std::vector<Json> &all);

const PipelinePlan *planOf(const Question &ask, const std::string &name); // null: there is none
std::optional<RunRecord> runOf(const Question &ask, const std::string &id);
// A branch that nothing was pushed to is where the default branch is. Empty: there is no such branch.
std::string headOf(const Question &ask, const std::string &branch);

} // namespace signalbox::sandbox::ci::github
