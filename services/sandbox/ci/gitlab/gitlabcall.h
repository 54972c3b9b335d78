#pragma once

#include "services/sandbox/ci/gitlab/gitlabapi.h"
#include "services/sandbox/ci/gitlab/gitlabjson.h"

#include <algorithm>
#include <charconv>
#include <mutex>
#include <optional>
#include <unordered_map>

// One request to the practice world's GitLab, and what its parts share.
namespace signalbox::sandbox::ci
{

namespace gitlab
{

constexpr std::size_t mostRuns = 400; // of a project that are looked at for deployments

inline LoopbackReply replied(int status, const Json &json)
{
    LoopbackReply reply;
    reply.status = status;
    reply.body = json.dump(-1, ' ', false, Json::error_handler_t::replace);
    return reply;
}

// lib/api/helpers.rb, render_api_error!: "message"; Grape's own refusals: "error".
inline LoopbackReply refused(int status, const std::string &message)
{
    return replied(status, {{"message", message}});
}

inline LoopbackReply notFound(const char *what)
{
    return refused(404, std::string("404 ") + what + " Not Found");
}

inline LoopbackReply invalid(const std::string &error)
{
    return replied(400, {{"error", error}});
}

inline std::string unescaped(const std::string &text)
{
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        int code = 0;
        if (text[i] == '%' && i + 2 < text.size() &&
            std::from_chars(&text[i] + 1, &text[i] + 3, code, 16).ptr == &text[i] + 3) {
            plain += static_cast<char>(code);
            i += 2;
        } else {
            plain += text[i];
        }
    }
    return plain;
}

// Of "/api/v4/projects/a%2Fb/jobs": what follows "/api/v4/", decoded part by part.
inline std::vector<std::string> partsOf(const std::string &path)
{
    std::vector<std::string> parts;
    std::size_t from = 0;
    while (from <= path.size()) {
        const std::size_t slash = std::min(path.find('/', from), path.size());
        if (slash > from)
            parts.push_back(unescaped(path.substr(from, slash - from)));
        from = slash + 1;
    }
    return parts;
}

inline std::optional<std::int64_t> idOf(const std::string &text)
{
    std::int64_t id = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), id);
    return read.ec == std::errc() && read.ptr == text.data() + text.size() && id > 0 ? std::optional(id) : std::nullopt;
}

// Fields of a body, JSON or a form, and of the query: Grape takes all.
inline Json fieldsOf(const LoopbackRequest &request)
{
    Json fields = Json::object();
    for (const auto &[name, value] : request.query)
        fields[name] = value;
    for (const auto &[name, value] : request.form)
        fields[name] = value;
    if (request.contentType.find("json") != std::string::npos && !request.body.empty()) {
        const Json body = Json::parse(request.body, nullptr, false);
        if (body.is_object())
            fields.update(body);
    }
    return fields;
}

inline std::string textIn(const Json &fields, const char *key)
{
    const auto found = fields.find(key);
    return found != fields.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// GitLab takes any variable; the world only those that its jobs read.
inline void eraseUnknown(Parameters &given, const std::vector<InputPlan> &inputs)
{
    std::erase_if(given, [&inputs](const auto &one) {
        return std::none_of(inputs.begin(), inputs.end(),
                            [&](const InputPlan &input) { return input.name == one.first; });
    });
}

inline bool isIn(const std::string &word, std::initializer_list<const char *> words)
{
    return std::any_of(words.begin(), words.end(), [&](const char *one) { return word == one; });
}

} // namespace gitlab

using namespace gitlab;

// What requests have in common.
struct GitLabApi::State
{
    CiWorld &world;
    const Options options;
    std::mutex mutex;
    std::int64_t windowMs = 0;
    int asked = 0;
    std::unordered_map<std::int64_t, std::int64_t> runOfDeployment;
    std::unordered_map<std::int64_t, Parameters> variables = {}; // of runs begun here, also those that no job reads

    struct Limit
    {
        int remaining = 0;
        std::int64_t resetsMs = 0;
    };
    Limit counted()
    {
        const std::lock_guard lock(mutex);
        const std::int64_t now = world.nowMs();
        if (now - windowMs >= 60'000) {
            windowMs = now;
            asked = 0;
        }
        ++asked;
        return {options.requestsPerMinute - asked, windowMs + 60'000};
    }
};

// One request.
struct GitLabApi::Call
{
    State &state;
    CiWorld &world;
    const View view;

    LoopbackReply route(const LoopbackRequest &request, const std::vector<std::string> &parts);
    LoopbackReply ofProject(const LoopbackRequest &request, const std::string &project,
                            const std::vector<std::string> &below);
    LoopbackReply ofPipelines(const LoopbackRequest &request, const std::string &project,
                              const std::vector<std::string> &below);
    LoopbackReply ofJobs(const LoopbackRequest &request, const std::string &project,
                         const std::vector<std::string> &below);
    LoopbackReply ofDeployments(const LoopbackRequest &request, const std::string &project,
                                const std::vector<std::string> &below);
    LoopbackReply paged(const LoopbackRequest &request, const Json &all, std::optional<std::size_t> total = {}) const;

    std::string projectOf(const std::string &idOrPath) const;
    std::string headOf(const std::string &project, const std::string &branch) const;
    std::optional<RunRecord> runOf(const std::string &project, const std::string &id) const;
    struct Place
    {
        RunRecord run;
        JobRun job;
    };
    std::optional<Place> jobOf(const std::string &project, const std::string &id) const;
    std::optional<Place> deploymentOf(const std::string &project, const std::string &id);
    std::vector<Place> deployments(const std::string &project);
    LoopbackReply list(const LoopbackRequest &request, const std::string &project) const;
    LoopbackReply jobs(const LoopbackRequest &request, const RunRecord &run, bool wantsBridges) const;
    LoopbackReply make(const LoopbackRequest &request, const std::string &project);
    LoopbackReply decide(const LoopbackRequest &request, const Place &place);
    LoopbackReply play(const LoopbackRequest &request, const Place &place);
    LoopbackReply listDeployments(const LoopbackRequest &request, const std::string &project);
    LoopbackReply schedules(const LoopbackRequest &request, const std::string &project) const;
    LoopbackReply environments(const LoopbackRequest &request, const std::string &project);
    LoopbackReply protectedEnvironments(const LoopbackRequest &request, const std::string &project) const;
    // What is protected, and from whom (gitlabprotection.cpp).
    LoopbackReply ofRepository(const LoopbackRequest &request, const std::string &project,
                               const std::vector<std::string> &below) const;
    LoopbackReply protectedRefs(const LoopbackRequest &request, bool areTags) const;
    LoopbackReply ofGroup(const LoopbackRequest &request, const std::vector<std::string> &below) const;
    bool mayUpdate(const std::string &ref, bool isTag) const; // push or merge to it; create it
    bool mayUpdate(const RunRecord &run) const
    {
        return mayUpdate(run.tag.empty() ? run.branch : run.tag, !run.tag.empty());
    }
    bool mayDeploy(const std::string &environment) const; // as far as groups decide
    Json levelsJson(const std::vector<Decider> &deciders, const std::string &of) const;
};

} // namespace signalbox::sandbox::ci
