#include "services/sandbox/ci/gitlab/gitlabcall.h"

// What is protected, by projects and by groups, and from whom.
namespace signalbox::sandbox::ci
{

namespace
{

// "release/*": any text for each "*".
bool fitsPattern(const std::string &pattern, const std::string &text)
{
    std::vector<bool> fits(text.size() + 1, false);
    fits[0] = true;
    for (const char one : pattern) {
        std::vector<bool> next(text.size() + 1, false);
        for (std::size_t i = 0; i <= text.size(); ++i) {
            if (one == '*')
                next[i] = fits[i] || (i > 0 && next[i - 1]);
            else
                next[i] = i > 0 && fits[i - 1] && text[i - 1] == one;
        }
        fits = next;
    }
    return fits[text.size()];
}

std::string roleText(int role)
{
    return role == 0    ? "No one"
           : role == 30 ? "Developers + Maintainers"
           : role == 40 ? "Maintainers"
                        : "Administrators";
}

bool names(const std::vector<std::string> &people, const std::string &who)
{
    return std::find(people.begin(), people.end(), who) != people.end();
}

} // namespace

bool GitLabApi::Call::mayUpdate(const std::string &ref, bool isTag) const
{
    const auto admits = [this](int role) { return role > 0 && view.access >= role; };
    bool isProtected = false;
    for (const ProtectedRef &one : state.options.protectedRefs) {
        if (one.isTag != isTag || !fitsPattern(one.name, ref))
            continue;
        isProtected = true;
        if (admits(one.push) || (!isTag && admits(one.merge)) || names(one.users, world.me()))
            return true; // whichever rule lets us
    }
    return !isProtected && admits(30);
}

bool GitLabApi::Call::mayDeploy(const std::string &environment) const
{
    const auto found = state.options.groupTiers.find(tierOf(environment));
    if (found == state.options.groupTiers.end())
        return true;
    return std::any_of(found->second.begin(), found->second.end(), [this](const Decider &one) {
        return one.isGroup ? names(one.members, world.me()) : one.name == world.me();
    });
}

Json GitLabApi::Call::levelsJson(const std::vector<Decider> &deciders, const std::string &of) const
{
    Json levels = Json::array();
    for (const Decider &one : deciders) {
        const Json user = one.isGroup ? Json() : userJson(view, one.name);
        levels.push_back({{"id", numberOf("deploy access " + of + one.name)},
                          {"access_level", 40}, // GitLab sends it beside a user or group, too
                          {"access_level_description", one.isGroup ? Json(one.name) : user.at("name")},
                          {"user_id", one.isGroup ? Json() : user.at("id")},
                          {"group_id", one.isGroup ? Json(numberOf("gitlab group " + one.name)) : Json()},
                          {"group_inheritance_type", 0}});
    }
    return levels;
}

// doc/api/branches.md, "Get single repository branch"; doc/api/tags.md, "Get a single repository tag".
LoopbackReply GitLabApi::Call::ofRepository(const LoopbackRequest &, const std::string &project,
                                            const std::vector<std::string> &below) const
{
    const bool isTag = below[1] == "tags";
    const std::string &ref = below[2];
    std::string commit = isTag ? std::string() : headOf(project, ref);
    if (isTag) {
        RunQuery query{
            Vendor::GitLab, project, {}, ref, {}, [](const RunRecord &run) { return !run.tag.empty(); }, 0, 1};
        const RunList found = world.runs(query);
        commit = found.runs.empty() ? std::string() : found.runs.front().commit;
    }
    if (commit.empty())
        return isTag ? notFound("Tag") : notFound("Branch");
    bool isProtected = false;
    bool mayDevelopersPush = false;
    bool mayDevelopersMerge = false;
    bool mayPush = false;
    for (const ProtectedRef &one : state.options.protectedRefs) {
        if (one.isTag != isTag || !fitsPattern(one.name, ref))
            continue;
        isProtected = true;
        mayDevelopersPush = mayDevelopersPush || one.push == 30;
        mayDevelopersMerge = mayDevelopersMerge || one.merge == 30;
        mayPush = mayPush || (one.push > 0 && view.access >= one.push) || names(one.users, world.me());
    }
    Json answer{
        {"name", ref}, {"commit", {{"id", commit}, {"short_id", commit.substr(0, 8)}}}, {"protected", isProtected}};
    if (!isTag)
        answer.update({{"merged", false},
                       {"developers_can_push", mayDevelopersPush},
                       {"developers_can_merge", mayDevelopersMerge},
                       {"can_push", isProtected ? mayPush : view.access >= 30}});
    return replied(200, answer);
}

// doc/api/protected_branches.md, doc/api/protected_tags.md: to maintainers.
LoopbackReply GitLabApi::Call::protectedRefs(const LoopbackRequest &request, bool areTags) const
{
    if (view.access < 40)
        return refused(403, "403 Forbidden");
    Json all = Json::array();
    for (const ProtectedRef &one : state.options.protectedRefs) {
        if (one.isTag != areTags)
            continue;
        const auto levels = [&](int role) {
            std::vector<Decider> people;
            for (const std::string &login : one.users)
                people.push_back({login, false, {}});
            Json some = levelsJson(people, one.name);
            some.push_back({{"id", numberOf("role " + one.name + std::to_string(role))},
                            {"access_level", role},
                            {"access_level_description", roleText(role)},
                            {"deploy_key_id", Json()},
                            {"user_id", Json()},
                            {"group_id", Json()}});
            return some;
        };
        if (areTags)
            all.push_back({{"name", one.name}, {"create_access_levels", levels(one.push)}});
        else
            all.push_back({{"id", numberOf("protected branch " + one.name)},
                           {"name", one.name},
                           {"push_access_levels", levels(one.push)},
                           {"merge_access_levels", levels(one.merge)},
                           {"unprotect_access_levels", Json::array()},
                           {"allow_force_push", false},
                           {"code_owner_approval_required", false}});
    }
    return paged(request, all);
}

// doc/api/group_protected_environments.md: to its maintainers. Only top groups protect anything here.
LoopbackReply GitLabApi::Call::ofGroup(const LoopbackRequest &request, const std::vector<std::string> &below) const
{
    const std::string &group = below[1];
    const auto projects = world.projects(Vendor::GitLab);
    const bool isThere = std::any_of(projects.begin(), projects.end(),
                                     [&](const std::string &one) { return one.rfind(group + '/', 0) == 0; });
    if (!isThere)
        return notFound("Group");
    if (below[2] != "protected_environments")
        return replied(404, {{"error", "404 Not Found"}});
    if (view.access < 40)
        return refused(403, "403 Forbidden");
    Json all = Json::array();
    if (group.find('/') == std::string::npos) {
        for (const auto &[tier, deciders] : state.options.groupTiers)
            all.push_back({{"name", tier},
                           {"deploy_access_levels", levelsJson(deciders, group)},
                           {"required_approval_count", 0},
                           {"approval_rules", Json::array()}});
    }
    return paged(request, all);
}

} // namespace signalbox::sandbox::ci
