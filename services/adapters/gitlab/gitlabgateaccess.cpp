#include "services/adapters/gitlab/gitlabgates.h"

#include "services/adapters/gitlab/gitlabtext.h"

#include <QTimer>

#include <algorithm>

// Who may start a job: GitLab says it of protected environments, to those who may see the settings; by name for the
// project, by tier for each group above it, and all of these rules must admit (ee/app/models/ee/environment.rb,
// protected_by?; ProtectedEnvironment.for_environment). Where no protected environment decides, it is whoever may merge
// to, or push to, the branch, or create the tag (doc/ci/pipelines/_index.md, "Pipeline security on protected branches";
// app/policies/ci/build_policy.rb, protected_ref). Whether we may push, and whether developers may, every reader of a
// branch is told, wildcards applied, and of a tag whether it is protected; who is named by rules, maintainers are.
namespace signalbox
{

using namespace gitlab;

namespace
{

constexpr qint64 accessLasts = 3600; // s: settings of an environment rarely change
constexpr qint64 noLasts = 60;       // s: who is turned away asks to be let in, and looks again
constexpr qint64 failureLasts = 300; // s
constexpr std::chrono::milliseconds accessBy(2000);
constexpr int developerRole = 30;
constexpr qsizetype mostBranches = 10; // of a project that are asked for at once

// What may be told later, and is not settled by what was answered.
bool isSettled(const Error &error)
{
    return error.kind == ErrorKind::Forbidden || error.kind == ErrorKind::NotFound;
}

QStringList namesOf(const QList<DeployAccess> &levels)
{
    QStringList names;
    for (const DeployAccess &one : levels) {
        if (!names.contains(one.name))
            names.append(one.name);
    }
    return names;
}

} // namespace

GitLabGates::Named GitLabGates::named(const QList<DeployAccess> &levels, const Project *project) const
{
    if (m_api.isAdmin())
        return Named::Us;
    bool mayBeUs = levels.isEmpty();
    for (const DeployAccess &one : levels) {
        if (one.user != 0 && one.user == m_api.myId())
            return Named::Us;
        if (one.role > 0 && project && project->access && *project->access >= one.role)
            return Named::Us;
        // Whether we are in a group is not told, nor what role a group that the project is shared with gives us.
        mayBeUs = mayBeUs || one.user == 0 || m_api.myId() == 0;
    }
    return mayBeUs ? Named::Perhaps : Named::Others;
}

qint64 GitLabGates::lasts(const Access &access) const
{
    if (!access.levels || !access.groups.isFinal)
        return access.isFinal && access.groups.isFinal ? accessLasts : failureLasts;
    const auto turnsAway = [this](const QList<DeployAccess> &levels) {
        return named(levels, nullptr) == Named::Others;
    };
    bool isTurnedAway = std::any_of(access.levels->begin(), access.levels->end(), turnsAway);
    for (const auto &rules : access.groups.levels)
        isTurnedAway = isTurnedAway || std::any_of(rules.begin(), rules.end(), turnsAway);
    return isTurnedAway ? noLasts : accessLasts;
}

void GitLabGates::keepAccess(const QString &project, const Result<QList<ProtectedEnvironment>> &answer,
                             const Result<GroupRules> &groups)
{
    Access &access = m_accesses[project];
    access.isAsked = false;
    const auto isStopped = [](const auto &result) { return !result && result.error().kind == ErrorKind::Cancelled; };
    if (isStopped(answer) || isStopped(groups))
        return;
    access.at = QDateTime::currentDateTimeUtc();
    access.levels.reset();
    access.tiers.clear();
    access.groups = groups.value_or(GroupRules{{}, true, false});
    if (answer) {
        access.levels.emplace();
        for (const ProtectedEnvironment &one : *answer)
            access.levels->insert(one.name, one.levels);
    } else if (answer.error().kind == ErrorKind::NotFound) {
        access.levels.emplace(); // the server protects none
    } else {
        access.isFinal = isSettled(answer.error());
    }
}

QFuture<Result<GitLabGates::GroupRules>> GitLabGates::groupRules(const QStringList &groups, const StopToken &stop)
{
    QList<QFuture<Result<QList<ProtectedEnvironment>>>> each;
    for (const QString &group : groups)
        each.append(m_api.protectedTiers(group, stop));
    return after(this, gathered(this, each), [](const QList<Result<QList<ProtectedEnvironment>>> &answers) {
        GroupRules all;
        for (const auto &one : answers) {
            if (!one && one.error().kind == ErrorKind::Cancelled)
                return ready(Result<GroupRules>(one.error()));
            if (!one && one.error().kind != ErrorKind::NotFound) {
                all.isHidden = true;
                all.isFinal = all.isFinal && isSettled(one.error());
            }
            for (const ProtectedEnvironment &tier : one.value_or(QList<ProtectedEnvironment>()))
                all.levels[tier.name].append(tier.levels);
        }
        return ready(Result<GroupRules>(all));
    });
}

std::optional<QList<GitLabGates::Rule>> GitLabGates::rulesOf(const QString &project, const QString &environment) const
{
    const Access access = m_accesses.value(project);
    if (!access.levels)
        return std::nullopt;
    QList<Rule> rules;
    if (const auto own = access.levels->constFind(environment); own != access.levels->constEnd())
        rules.append({*own, false});
    const QString tier = access.tiers.value(environment);
    for (const QList<DeployAccess> &levels : access.groups.levels.value(tier))
        rules.append({levels, true});
    const bool mayBeMore = access.groups.isHidden || (!access.groups.levels.isEmpty() && tier.isEmpty());
    if (rules.isEmpty() && mayBeMore)
        return std::nullopt;
    if (mayBeMore)
        rules.append({{}, true, true});
    return rules;
}

QFuture<Result<bool>> GitLabGates::inTime(const QFuture<Result<bool>> &asked)
{
    auto promise = std::make_shared<QPromise<Result<bool>>>();
    promise->start();
    const auto give = [promise] {
        if (promise->future().isFinished())
            return;
        promise->addResult(Result<bool>(true));
        promise->finish();
    };
    QTimer::singleShot(accessBy, this, give);
    deliver(asked, {}, this, [give](const Result<bool> &) { give(); });
    return promise->future();
}

QFuture<Result<bool>> GitLabGates::accessesOf(const QString &project, const Gates &gates, const StopToken &stop)
{
    const bool isWanted = std::any_of(gates.begin(), gates.end(), [](const Found &found) { // rules of approval say it
        return !found.gate.environment.isEmpty() && found.gate.deciders.isEmpty();
    });
    if (!isWanted)
        return ready(Result<bool>(true));
    Access &access = m_accesses[project];
    const bool isFresh = access.at.isValid() && access.at.secsTo(QDateTime::currentDateTimeUtc()) < lasts(access);
    if (isFresh || access.isAsked)
        return ready(Result<bool>(true));
    access.isAsked = true;
    const auto groups = after(this, m_api.project(project, stop),
                              [=, this](const Project &known) { return groupRules(known.groups, stop); });
    const auto own = m_api.protectedEnvironments(project, stop);
    return inTime(afterAny(this, own, [=, this](const Result<QList<ProtectedEnvironment>> &answer) {
        return afterAny(this, groups, [=, this](const Result<GroupRules> &byGroups) {
            keepAccess(project, answer, byGroups);
            return ready(Result<bool>(true));
        });
    }));
}

// Where groups protect anything, what they call an environment is asked for once.
QFuture<Result<bool>> GitLabGates::tiersOf(const QString &project, const Gates &gates, const StopToken &stop)
{
    const Access access = m_accesses.value(project);
    if (access.groups.levels.isEmpty())
        return ready(Result<bool>(true));
    QStringList names;
    for (const Found &found : gates) {
        const QString name = found.gate.environment;
        if (!name.isEmpty() && found.gate.deciders.isEmpty() && !access.tiers.contains(name) && !names.contains(name) &&
            names.size() < mostBranches)
            names.append(name);
    }
    QList<QFuture<Result<QString>>> each;
    for (const QString &name : names)
        each.append(m_api.tier(project, name, stop));
    if (each.isEmpty())
        return ready(Result<bool>(true));
    return inTime(after(this, gathered(this, each), [=, this](const QList<Result<QString>> &tiers) {
        for (qsizetype i = 0; i < tiers.size(); ++i) {
            if (tiers.at(i) || isSettled(tiers.at(i).error()))
                m_accesses[project].tiers.insert(names.at(i), tiers.at(i).value_or(QString()));
        }
        return ready(Result<bool>(true));
    }));
}

// ---- branches

bool GitLabGates::isUpToBranch(const Found &found, const QString &project) const
{
    const WaitingGate &gate = found.gate;
    // What waits for approvals, or had some, is protected, whatever lists say.
    const bool isProtected = gate.canReject || !gate.given.isEmpty();
    if (isProtected || !gate.deciders.isEmpty() || gate.branch.isEmpty())
        return false;
    if (gate.environment.isEmpty())
        return true;
    // It may be protected where that is hidden from us.
    const auto rules = rulesOf(project, gate.environment);
    return rules && rules->isEmpty();
}

QFuture<Result<bool>> GitLabGates::branchesOf(const QString &project, const Gates &gates, const StopToken &stop)
{
    const QDateTime now = QDateTime::currentDateTimeUtc();
    QList<QFuture<Result<bool>>> each;
    for (const Found &found : gates) {
        if (each.size() >= mostBranches || !isUpToBranch(found, project))
            continue;
        const BranchAccess known = m_branches.value(refKey(project, found.gate.branch, found.isTag));
        const bool turnsAway =
            known.rights && !known.rights->mayWePush && known.levels && named(*known.levels, nullptr) == Named::Others;
        const qint64 lasting = turnsAway ? noLasts : known.isFinal ? accessLasts : failureLasts;
        if (!known.isAsked && (!known.at.isValid() || known.at.secsTo(now) >= lasting))
            each.append(askBranch(project, found.gate.branch, found.isTag, stop));
    }
    if (each.isEmpty())
        return ready(Result<bool>(true));
    return inTime(afterAny(this, gathered(this, each),
                           [](const Result<QList<Result<bool>>> &) { return ready(Result<bool>(true)); }));
}

QFuture<Result<bool>> GitLabGates::askBranch(const QString &project, const QString &ref, bool isTag,
                                             const StopToken &stop)
{
    const QString key = refKey(project, ref, isTag);
    m_branches[key].isAsked = true;
    return afterAny(this, m_api.rightsAt(project, ref, isTag, stop), [=, this](const Result<BranchRights> &rights) {
        if (!rights) {
            keepBranch(key, {}, rights.error());
            return ready(Result<bool>(true));
        }
        BranchAccess known;
        known.rights = *rights;
        if (!rights->isProtected) {
            keepBranch(key, known, {});
            return ready(Result<bool>(true));
        }
        const auto rules = m_api.protectedRefs(project, isTag, stop);
        return afterAny(this, rules, [=, this](const Result<QList<ProtectedBranch>> &list) {
            BranchAccess whole = known;
            if (list)
                whole.levels = levelsOf(*list, ref);
            keepBranch(key, whole, list ? std::nullopt : std::optional(list.error()));
            return ready(Result<bool>(true));
        });
    });
}

void GitLabGates::keepBranch(const QString &key, BranchAccess known, const std::optional<Error> &error)
{
    if (error && error->kind == ErrorKind::Cancelled) {
        m_branches[key].isAsked = false;
        return;
    }
    known.at = QDateTime::currentDateTimeUtc();
    known.isFinal = !error || isSettled(*error);
    m_branches.insert(key, known);
}

void GitLabGates::tellStarters(WaitingGate &gate, const BranchAccess &access, bool isTag, const Project &known) const
{
    if (!access.rights)
        return; // not told
    QList<DeployAccess> levels = access.levels.value_or(QList<DeployAccess>());
    if (!access.rights->isProtected || (!access.levels && access.rights->mayDevelopers))
        levels =
            QList<DeployAccess>{DeployAccess{GitLabText::tr("Developers and those above them"), 0, 0, developerRole}};
    for (const QString &name : namesOf(levels)) {
        const bool isUser = std::any_of(levels.begin(), levels.end(),
                                        [&](const DeployAccess &one) { return one.name == name && one.user != 0; });
        gate.deciders.append({name, !isUser});
    }
    const bool isNobody = access.levels && levels.isEmpty();
    const Named who = access.rights->mayWePush ? Named::Us : isNobody ? Named::Others : named(levels, &known);
    if (who == Named::Us) {
        gate.mayDecide = true;
        return;
    }
    if (who == Named::Others)
        gate.mayDecide = false;
    const QString project = gate.run.pipeline.project;
    const QString names = namesOf(levels).join(QStringLiteral(", "));
    if (!levels.isEmpty())
        gate.whyNot = isTag ? GitLabText::tr("Who may create the tag %1 of %2, and so start its jobs: %3.")
                                  .arg(gate.branch, project, names)
                            : GitLabText::tr("Who may push or merge to %1 of %2, and so start its jobs: %3.")
                                  .arg(gate.branch, project, names);
    else if (isNobody)
        gate.whyNot = isTag ? GitLabText::tr("Nobody may create the tag %1 of %2, and so nobody may start its jobs.")
                                  .arg(gate.branch, project)
                            : GitLabText::tr("Nobody may push or merge to %1 of %2, and so nobody may start its jobs.")
                                  .arg(gate.branch, project);
    else
        gate.whyNot =
            isTag ? GitLabText::tr("The tag %1 of %2 is protected, and GitLab does not tell us who may create it: only "
                                   "they may start its jobs.")
                        .arg(gate.branch, project)
                  : GitLabText::tr("%1 of %2 is protected, and GitLab does not tell us who may push or merge to it: "
                                   "only they may start its jobs.")
                        .arg(gate.branch, project);
}

void GitLabGates::tellDeciders(WaitingGate &gate, const QList<Rule> &rules, const Project &project) const
{
    if (!gate.deciders.isEmpty())
        return;
    QStringList own;
    QStringList ofGroups;
    bool isAllUs = true;
    bool isOthers = false;
    const bool isHidden = std::any_of(rules.begin(), rules.end(), [](const Rule &rule) { return rule.isHidden; });
    for (const Rule &rule : rules) {
        for (const DeployAccess &one : rule.levels) {
            const GateDecider decider{one.name, one.user == 0};
            if (!gate.deciders.contains(decider))
                gate.deciders.append(decider);
        }
        (rule.isOfGroup ? ofGroups : own) += namesOf(rule.levels);
        Project asked = project;
        // A role in the project alone is none in its group, nor one in its group any in the group above that.
        if (rule.isOfGroup)
            asked.access = project.groups.size() == 1 ? project.groupAccess : std::nullopt;
        const Named who = named(rule.levels, &asked);
        isAllUs = isAllUs && who == Named::Us;
        isOthers = isOthers || who == Named::Others;
    }
    if (isAllUs) {
        gate.mayDecide = true;
        return;
    }
    if (isOthers)
        gate.mayDecide = false;
    const QString place = gate.environment;
    const QString path = gate.run.pipeline.project;
    QStringList why; // also where it is not told whether we are in a group of them
    if (!own.isEmpty())
        why.append(GitLabText::tr("Who may deploy to %1 of %2: %3.").arg(place, path, own.join(QStringLiteral(", "))));
    if (!ofGroups.isEmpty())
        why.append(GitLabText::tr("Whom its group lets deploy to %1 of %2: %3.")
                       .arg(place, path, ofGroups.join(QStringLiteral(", "))));
    if (isHidden)
        why.append(GitLabText::tr("Whether a group above %1 lets fewer deploy to %2 GitLab does not tell us.")
                       .arg(path, place));
    gate.whyNot = why.join(u' ');
}

} // namespace signalbox
