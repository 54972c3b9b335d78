#include "services/adapters/gitlab/gitlabgates.h"

#include "services/adapters/gitlab/gitlabtext.h"

#include <QTimer>

#include <algorithm>

// Who may start a job: GitLab says it of protected environments, to those who may see the settings. Where no protected
// environment decides, it is whoever may merge to, or push to, the branch (doc/ci/pipelines/_index.md, "Pipeline
// security on protected branches"; app/policies/ci/build_policy.rb, protected_ref). Whether we may push, and whether
// developers may, every reader of a branch is told, wildcards applied; who is named by its rules, maintainers are.
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
    if (!access.levels)
        return access.isFinal ? accessLasts : failureLasts;
    const bool turnsAway = std::any_of(access.levels->begin(), access.levels->end(),
                                       [this](const auto &levels) { return named(levels, nullptr) == Named::Others; });
    return turnsAway ? noLasts : accessLasts;
}

void GitLabGates::keepAccess(const QString &project, const Result<QList<ProtectedEnvironment>> &answer)
{
    Access &access = m_accesses[project];
    access.isAsked = false;
    if (!answer && answer.error().kind == ErrorKind::Cancelled)
        return;
    access.at = QDateTime::currentDateTimeUtc();
    access.levels.reset();
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

QFuture<Result<GitLabGates::Levels>> GitLabGates::accessesOf(const QString &project, const Gates &gates,
                                                             const StopToken &stop)
{
    const bool isWanted = std::any_of(gates.begin(), gates.end(), [](const Found &found) { // rules of approval say it
        return !found.gate.environment.isEmpty() && found.gate.deciders.isEmpty();
    });
    if (!isWanted)
        return ready(Result<Levels>(Levels()));
    Access &access = m_accesses[project];
    const bool isFresh = access.at.isValid() && access.at.secsTo(QDateTime::currentDateTimeUtc()) < lasts(access);
    if (isFresh || access.isAsked)
        return ready(Result<Levels>(access.levels.value_or(Levels())));
    access.isAsked = true;
    const auto kept = afterAny(this, m_api.protectedEnvironments(project, stop),
                               [this, project](const Result<QList<ProtectedEnvironment>> &answer) {
                                   keepAccess(project, answer);
                                   return ready(Result<bool>(true));
                               });
    return after(this, inTime(kept), [this, project](bool) {
        return ready(Result<Levels>(m_accesses.value(project).levels.value_or(Levels())));
    });
}

// ---- branches

bool GitLabGates::isUpToBranch(const Found &found, const QString &project) const
{
    const WaitingGate &gate = found.gate;
    // What waits for approvals, or had some, is protected: by its group where the project's list does not have it.
    const bool isProtected = gate.canReject || !gate.given.isEmpty();
    if (isProtected || !gate.deciders.isEmpty() || gate.branch.isEmpty())
        return false;
    if (gate.environment.isEmpty())
        return true;
    // It may be protected where that is hidden from us.
    const std::optional<Levels> levels = m_accesses.value(project).levels;
    return levels && !levels->contains(gate.environment);
}

QFuture<Result<bool>> GitLabGates::branchesOf(const QString &project, const Gates &gates, const StopToken &stop)
{
    const QDateTime now = QDateTime::currentDateTimeUtc();
    QList<QFuture<Result<bool>>> each;
    for (const Found &found : gates) {
        if (each.size() >= mostBranches || !isUpToBranch(found, project))
            continue;
        const BranchAccess known = m_branches.value(branchKey(project, found.gate.branch));
        const bool turnsAway =
            known.rights && !known.rights->mayWePush && known.levels && named(*known.levels, nullptr) == Named::Others;
        const qint64 lasting = turnsAway ? noLasts : known.isFinal ? accessLasts : failureLasts;
        if (!known.isAsked && (!known.at.isValid() || known.at.secsTo(now) >= lasting))
            each.append(askBranch(project, found.gate.branch, stop));
    }
    if (each.isEmpty())
        return ready(Result<bool>(true));
    return inTime(afterAny(this, gathered(this, each),
                           [](const Result<QList<Result<bool>>> &) { return ready(Result<bool>(true)); }));
}

QFuture<Result<bool>> GitLabGates::askBranch(const QString &project, const QString &branch, const StopToken &stop)
{
    const QString key = branchKey(project, branch);
    m_branches[key].isAsked = true;
    return afterAny(this, m_api.branchRights(project, branch, stop), [=, this](const Result<BranchRights> &rights) {
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
        const auto rules = m_api.protectedBranches(project, stop);
        return afterAny(this, rules, [=, this](const Result<QList<ProtectedBranch>> &list) {
            BranchAccess whole = known;
            if (list)
                whole.levels = levelsOf(*list, branch);
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

void GitLabGates::tellStarters(WaitingGate &gate, const BranchAccess &access, const Project &known) const
{
    if (!access.rights)
        return; // a tag, or not told
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
    if (!levels.isEmpty())
        gate.whyNot = GitLabText::tr("Who may push or merge to %1 of %2, and so start its jobs: %3.")
                          .arg(gate.branch, project, namesOf(levels).join(QStringLiteral(", ")));
    else if (isNobody)
        gate.whyNot = GitLabText::tr("Nobody may push or merge to %1 of %2, and so nobody may start its jobs.")
                          .arg(gate.branch, project);
    else
        gate.whyNot = GitLabText::tr("%1 of %2 is protected, and GitLab does not tell us who may push or merge to it: "
                                     "only they may start its jobs.")
                          .arg(gate.branch, project);
}

void GitLabGates::tellDeciders(WaitingGate &gate, const QList<DeployAccess> &levels, const Project &project) const
{
    if (!gate.deciders.isEmpty())
        return;
    QStringList names;
    for (const DeployAccess &one : levels) {
        gate.deciders.append({one.name, one.user == 0});
        names.append(one.name);
    }
    const Named who = named(levels, &project);
    if (who == Named::Us) {
        gate.mayDecide = true;
        return;
    }
    if (who == Named::Others)
        gate.mayDecide = false;
    if (!names.isEmpty()) { // also where it is not told whether we are in a group of them
        gate.whyNot = GitLabText::tr("Who may deploy to %1 of %2: %3.")
                          .arg(gate.environment, gate.run.pipeline.project, names.join(QStringLiteral(", ")));
    }
}

} // namespace signalbox
