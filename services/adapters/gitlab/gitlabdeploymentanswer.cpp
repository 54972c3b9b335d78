#include "services/adapters/gitlab/gitlabfields.h"

#include <QRegularExpression>

#include <algorithm>

// Deployments, and who said what about them.
namespace signalbox::gitlab
{

namespace
{

GateDecision decisionFrom(const Json &json)
{
    return {userOf(json), textOf(json, "status") == QLatin1String("approved"), textOf(json, "comment"),
            timeOf(json, "created_at")};
}

// The description says one, the documentation and the server a list.
QList<GateDecision> decisionsFrom(const Json &object, const char *key)
{
    QList<GateDecision> decisions;
    const Json *list = memberOf(object, key);
    if (list && list->is_array()) {
        for (const Json &one : *list)
            decisions.append(decisionFrom(one));
    }
    return decisions;
}

Deployment deploymentFrom(const Json &json)
{
    Deployment deployment;
    deployment.id = idOf(json);
    deployment.status = textOf(json, "status");
    deployment.environment = textOf(partOf(json, "environment"), "name");
    deployment.who = userOf(json);
    deployment.ref = textOf(json, "ref");
    deployment.commit = textOf(json, "sha");
    deployment.createdAt = timeOf(json, "created_at");
    const Json job = partOf(json, "deployable");
    if (!job.empty())
        deployment.job = jobFrom(job);
    if (memberOf(json, "pending_approval_count"))
        deployment.pending = static_cast<int>(numberOf(json, "pending_approval_count"));
    deployment.given = decisionsFrom(json, "approvals");
    const Json summary = partOf(json, "approval_summary");
    const Json *rules = memberOf(summary, "rules");
    if (rules && rules->is_array()) {
        for (const Json &one : *rules) {
            ApprovalRule rule;
            rule.name = textOf(one, "access_level_description");
            rule.isGroup = memberOf(one, "user_id") == nullptr;
            rule.required = static_cast<int>(numberOf(one, "required_approvals", 1));
            rule.given = decisionsFrom(one, "deployment_approvals");
            rule.user = numberOf(one, "user_id");
            deployment.rules.append(rule);
        }
    }
    return deployment;
}

DeployAccess accessFrom(const Json &json)
{
    DeployAccess level{textOf(json, "access_level_description"), numberOf(json, "user_id"), numberOf(json, "group_id"),
                       0};
    // GitLab sends a level, 40, where a user or group is named as well: it says nothing there.
    if (level.user == 0 && level.group == 0)
        level.role = static_cast<int>(numberOf(json, "access_level"));
    return level;
}

ProtectedBranch protectedFrom(const Json &json, std::initializer_list<const char *> lists)
{
    ProtectedBranch rule{textOf(json, "name"), {}};
    for (const char *what : lists) {
        const Json *list = memberOf(json, what);
        if (!list || !list->is_array())
            throw Missing{what};
        for (const Json &one : *list) {
            const DeployAccess level = accessFrom(one);
            const bool isSomebody = level.user != 0 || level.group != 0 || level.role != 0; // 0: "No one"
            if (isSomebody && numberOf(one, "deploy_key_id") == 0)
                rule.levels.append(level);
        }
    }
    return rule;
}

} // namespace

Result<Deployment> parseDeployment(const QByteArray &body)
{
    return readObject<Deployment>(body, GitLabText::tr("deployment"),
                                  [](const Json &json) -> Result<Deployment> { return deploymentFrom(json); });
}

Result<QList<Deployment>> parseDeployments(const QByteArray &body)
{
    return readList<Deployment>(body, GitLabText::tr("list of deployments"), &deploymentFrom);
}

Result<QList<ProtectedEnvironment>> parseProtectedEnvironments(const QByteArray &body)
{
    return readList<ProtectedEnvironment>(body, GitLabText::tr("list of protected environments"), [](const Json &json) {
        ProtectedEnvironment environment{textOf(json, "name"), {}};
        const Json *list = memberOf(json, "deploy_access_levels");
        if (!list || !list->is_array())
            throw Missing{"deploy_access_levels"};
        for (const Json &one : *list)
            environment.levels.append(accessFrom(one));
        return environment;
    });
}

Result<BranchRights> parseBranchRights(const QByteArray &body)
{
    return readObject<BranchRights>(body, GitLabText::tr("branch"), [](const Json &json) -> Result<BranchRights> {
        const Json *isProtected = memberOf(json, "protected");
        if (!isProtected || !isProtected->is_boolean())
            throw Missing{"protected"};
        const auto says = [&json](const char *what) {
            const Json *value = memberOf(json, what);
            return value && value->is_boolean() && value->get<bool>();
        };
        return BranchRights{isProtected->get<bool>(), says("can_push"),
                            says("developers_can_push") || says("developers_can_merge")};
    });
}

Result<BranchRights> parseTagRights(const QByteArray &body)
{
    return readObject<BranchRights>(body, GitLabText::tr("tag"), [](const Json &json) -> Result<BranchRights> {
        const Json *isProtected = memberOf(json, "protected");
        if (!isProtected || !isProtected->is_boolean())
            throw Missing{"protected"};
        return BranchRights{isProtected->get<bool>(), false, false};
    });
}

Result<QString> parseTier(const QByteArray &body, const QString &environment)
{
    struct Tier
    {
        QString of;
        QString name;
    };
    const auto list = readList<Tier>(body, GitLabText::tr("list of environments"), [](const Json &json) {
        return Tier{textOf(json, "name"), textOf(json, "tier")};
    });
    if (!list)
        return list.error();
    for (const Tier &one : *list) {
        if (one.of == environment)
            return one.name;
    }
    return QString();
}

Result<QList<ProtectedBranch>> parseProtectedBranches(const QByteArray &body)
{
    return readList<ProtectedBranch>(body, GitLabText::tr("list of protected branches"), [](const Json &json) {
        return protectedFrom(json, {"push_access_levels", "merge_access_levels"});
    });
}

Result<QList<ProtectedBranch>> parseProtectedTags(const QByteArray &body)
{
    return readList<ProtectedBranch>(body, GitLabText::tr("list of protected tags"),
                                     [](const Json &json) { return protectedFrom(json, {"create_access_levels"}); });
}

std::optional<QList<DeployAccess>> levelsOf(const QList<ProtectedBranch> &rules, const QString &branch)
{
    std::optional<QList<DeployAccess>> all;
    for (const ProtectedBranch &rule : rules) {
        const QString pattern =
            QRegularExpression::escape(rule.name).replace(QStringLiteral("\\*"), QStringLiteral(".*"));
        if (!QRegularExpression(QRegularExpression::anchoredPattern(pattern)).match(branch).hasMatch())
            continue;
        if (!all)
            all.emplace();
        for (const DeployAccess &level : rule.levels) {
            if (!all->contains(level))
                all->append(level);
        }
    }
    return all;
}

QList<GateDecision> decisionsOf(const Deployment &deployment)
{
    QList<GateDecision> all = deployment.given;
    for (const ApprovalRule &rule : deployment.rules) {
        for (const GateDecision &one : rule.given) {
            if (!all.contains(one))
                all.append(one);
        }
    }
    return all;
}

std::optional<GateDecision> lastDecision(const Deployment &deployment)
{
    const QList<GateDecision> all = decisionsOf(deployment);
    std::optional<GateDecision> last;
    for (const GateDecision &one : all) {
        if (!last || !one.approves || (last->approves && one.at > last->at))
            last = one;
    }
    return last;
}

bool isWaiting(const JobAnswer &job)
{
    return job.status == QLatin1String("manual");
}

bool isWaiting(const Deployment &deployment)
{
    return deployment.status == QLatin1String("blocked") && (!deployment.job || isWaiting(*deployment.job));
}

bool hasDecided(const Deployment &deployment, const QString &who, bool approves)
{
    const QList<GateDecision> all = decisionsOf(deployment);
    return std::any_of(all.begin(), all.end(),
                       [&](const GateDecision &one) { return one.who == who && one.approves == approves; });
}

Approvals approvalsOf(const Deployment &deployment)
{
    const QList<GateDecision> all = decisionsOf(deployment);
    const auto approvals =
        static_cast<int>(std::count_if(all.begin(), all.end(), [](const GateDecision &one) { return one.approves; }));
    Approvals counted{0, 0};
    for (const ApprovalRule &rule : deployment.rules)
        counted.needed += rule.required;
    if (counted.needed == 0)
        counted.needed = std::max(1, deployment.pending.value_or(0) + approvals);
    const int left = deployment.pending.value_or(counted.needed - approvals);
    counted.missing = std::clamp(left, 0, counted.needed);
    return counted;
}

bool asksForApproval(const Deployment &deployment)
{
    return deployment.pending.value_or(0) > 0 || !deployment.rules.isEmpty() || !decisionsOf(deployment).isEmpty();
}

int missingApprovals(const Deployment &deployment)
{
    if (deployment.pending)
        return std::max(0, *deployment.pending);
    return asksForApproval(deployment) ? approvalsOf(deployment).missing : 0;
}

} // namespace signalbox::gitlab
