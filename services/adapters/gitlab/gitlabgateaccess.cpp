#include "services/adapters/gitlab/gitlabgates.h"

#include "services/adapters/gitlab/gitlabtext.h"

#include <algorithm>

// Who may start a job that deploys: GitLab says it of its environment, to those who may see its settings.
namespace signalbox
{

using namespace gitlab;

namespace
{

constexpr qint64 accessLasts = 3600; // s: settings of an environment rarely change, and each is a question of its own

} // namespace

QFuture<Result<GitLabGates::Access>> GitLabGates::accessOf(const QString &project, const QString &environment,
                                                           const StopToken &stop)
{
    const Access known = m_accesses.value(project).value(environment);
    if (known.at.isValid() && known.at.secsTo(QDateTime::currentDateTimeUtc()) < accessLasts)
        return ready(Result<Access>(known));
    return afterAny(this, m_api.deployAccess(project, environment, stop),
                    [=, this](const Result<QList<DeployAccess>> &levels) {
                        Access access{QDateTime::currentDateTimeUtc(), {}, false};
                        if (levels)
                            access.levels = *levels;
                        else
                            access.isOpen = levels.error().kind == ErrorKind::NotFound;
                        // A Developer may not read it; anything else may be otherwise with the next question.
                        if (levels || access.isOpen || levels.error().kind == ErrorKind::Forbidden)
                            m_accesses[project].insert(environment, access);
                        return ready(Result<Access>(access));
                    });
}

QFuture<Result<GitLabGates::Accesses>> GitLabGates::accessesOf(const QString &project, const Gates &gates,
                                                               const StopToken &stop)
{
    QStringList environments;
    for (const Found &found : gates) { // rules of approval say who decides
        const QString &environment = found.gate.environment;
        if (!environment.isEmpty() && found.gate.deciders.isEmpty() && !environments.contains(environment))
            environments.append(environment);
    }
    QList<QFuture<Result<Access>>> each;
    for (const QString &environment : std::as_const(environments))
        each.append(accessOf(project, environment, stop));
    return after(this, gathered(this, each), [environments](const QList<Result<Access>> &answers) {
        Accesses accesses;
        for (qsizetype i = 0; i < answers.size(); ++i)
            accesses.insert(environments.at(i), answers.at(i).value_or(Access()));
        return ready(Result<Accesses>(accesses));
    });
}

// A role is compared with ours; whether we are in a group is not told.
void GitLabGates::tellDeciders(WaitingGate &gate, const Access &access, const Project &project) const
{
    if (!gate.deciders.isEmpty())
        return;
    if (access.isOpen)
        gate.deciders.append({GitLabText::tr("Developer and above"), true});
    if (!access.levels)
        return;
    bool isUs = false;
    bool mayBeUs = false;
    QStringList names;
    for (const DeployAccess &one : *access.levels) {
        gate.deciders.append({one.name, one.user == 0});
        names.append(one.name);
        isUs = isUs || (one.user != 0 && one.user == m_api.myId()) ||
               (one.role > 0 && project.access && *project.access >= one.role);
        mayBeUs =
            mayBeUs || one.group != 0 || (one.user != 0 && m_api.myId() == 0) || (one.role > 0 && !project.access);
    }
    if (isUs) {
        gate.mayDecide = true;
    } else if (!mayBeUs) {
        gate.mayDecide = false;
        gate.whyNot = GitLabText::tr("Who may deploy to %1 of %2: %3.")
                          .arg(gate.environment, gate.run.pipeline.project, names.join(QStringLiteral(", ")));
    }
}

} // namespace signalbox
