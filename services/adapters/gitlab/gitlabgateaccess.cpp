#include "services/adapters/gitlab/gitlabgates.h"

#include "services/adapters/gitlab/gitlabtext.h"

#include <QTimer>

#include <algorithm>

// Who may start a job that deploys: GitLab says it of protected environments, to those who may see the settings. Of an
// environment that is not protected nothing is said: a manual job there may be started by whoever may merge to, or push
// to, its branch (doc/ci/jobs/job_control.md, "Protecting manual jobs"; doc/user/permissions.md).
namespace signalbox
{

using namespace gitlab;

namespace
{

constexpr qint64 accessLasts = 3600; // s: settings of an environment rarely change
constexpr qint64 noLasts = 60;       // s: who is turned away asks to be let in, and looks again
constexpr qint64 failureLasts = 300; // s
constexpr std::chrono::milliseconds accessBy(2000);

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
    } else {
        access.isFinal = answer.error().kind == ErrorKind::Forbidden || answer.error().kind == ErrorKind::NotFound;
    }
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
    auto promise = std::make_shared<QPromise<Result<Levels>>>();
    promise->start();
    const auto give = [this, promise, project] {
        if (promise->future().isFinished())
            return;
        promise->addResult(Result<Levels>(m_accesses.value(project).levels.value_or(Levels())));
        promise->finish();
    };
    QTimer::singleShot(accessBy, this, give);
    deliver(m_api.protectedEnvironments(project, stop), {}, this,
            [this, project, give](const Result<QList<ProtectedEnvironment>> &answer) {
                keepAccess(project, answer);
                give();
            });
    return promise->future();
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
    } else if (who == Named::Others) {
        gate.mayDecide = false;
        gate.whyNot = GitLabText::tr("Who may deploy to %1 of %2: %3.")
                          .arg(gate.environment, gate.run.pipeline.project, names.join(QStringLiteral(", ")));
    }
}

} // namespace signalbox
