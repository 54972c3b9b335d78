#include "services/adapters/gitlab/gitlabgates.h"

#include "services/adapters/gitlab/gitlabtext.h"
#include "services/async/inturn.h"
#include "services/pipelines/gatheredgates.h"

#include <algorithm>

namespace signalbox
{

using namespace gitlab;

namespace
{

constexpr qsizetype mostHeld = 50;     // pipelines of a project that are looked at
constexpr qsizetype mostBlocked = 100; // deployments: what one page of a list has
constexpr int mostDeploymentPages = 5;
constexpr qint64 unaskedLasts = 600; // s
constexpr qsizetype mostLooks = 3;
constexpr qint64 lookLasts = 300; // s: a run that does not go on is read again every two minutes

bool isAbsent(const Error &error)
{
    return error.kind == ErrorKind::NotFound || error.kind == ErrorKind::Forbidden;
}

QString cutText(const QString &project, qsizetype most)
{
    return GitLabText::tr("Only the newest %1 that wait in %2 are looked at: older ones may wait, too.")
        .arg(most)
        .arg(project);
}

QStringList openRules(const Deployment &deployment)
{
    QStringList names;
    for (const ApprovalRule &rule : deployment.rules) {
        const auto given =
            std::count_if(rule.given.begin(), rule.given.end(), [](const GateDecision &one) { return one.approves; });
        if (given < rule.required && !rule.name.isEmpty())
            names.append(rule.name);
    }
    return names;
}

} // namespace

QString gitlab::gateId(const QString &kind, qint64 id, const QString &project)
{
    return QStringLiteral("%1/%2@%3").arg(kind).arg(id).arg(project);
}

// ---- what waits

QFuture<Result<QList<WaitingGate>>> GitLabGates::waiting(StopToken stop)
{
    const auto ofAll = [this, stop](const QStringList &projects) {
        const auto ask = [=, this](qsizetype i) { return waitingOf(projects.at(i), stop); };
        const auto each =
            gatheredInTurn(this, projects.size(), GitLabApi::mostProjectsAtOnce, stop, ask, asksTheOthersToo);
        return after(this, each, [this, projects](const QList<Result<QList<WaitingGate>>> &answers) {
            const auto told = gatheredGates(projects, answers, GoneMeans::Hidden);
            m_unread = told ? told->unread : QString();
            return ready(told ? Result<QList<WaitingGate>>(told->gates) : Result<QList<WaitingGate>>(told.error()));
        });
    };
    if (!m_api.config().projects.isEmpty())
        return ofAll(m_api.config().projects);
    return after(this, m_api.projects(stop), [ofAll](const QList<Project> &projects) {
        QStringList paths;
        for (const Project &one : projects) {
            if (one.hasPipelines)
                paths.append(one.path);
        }
        return ofAll(paths);
    });
}

QFuture<Result<QList<WaitingGate>>> GitLabGates::waitingOf(const QString &project, const StopToken &stop)
{
    const auto blocked = blockedOf(project, stop);
    const auto lookedAt = optionalOf(project, stop);
    return after(this, manualOf(project, stop), [=, this](const Listed &manual) {
        return afterAny(this, blocked, [=, this](const Result<Listed> &deployments) {
            // A server, or a project, without environments has none that block.
            if (!deployments && !isAbsent(deployments.error()))
                return ready(Result<QList<WaitingGate>>(deployments.error()));
            return after(this, lookedAt, [=, this](const Gates &others) {
                const Listed listed = deployments.value_or(Listed());
                Gates all = listed.gates;
                for (const Found &found : manual.gates + others) { // a blocked deployment's job is manual as well
                    const bool isKnown = std::any_of(all.begin(), all.end(),
                                                     [&](const Found &one) { return one.gate.job == found.gate.job; });
                    if (!isKnown)
                        all.append(found);
                }
                const bool isAllSaid = (!listed.isCut || sayCut(all, listed, cutText(project, mostBlocked))) &&
                                       (!manual.isCut || sayCut(all, manual, cutText(project, mostHeld)));
                if (!isAllSaid)
                    return ready(Result<QList<WaitingGate>>(
                        Error{ErrorKind::Unsupported, cutText(project, listed.isCut ? mostBlocked : mostHeld), {}}));
                return judged(project, all, stop);
            });
        });
    });
}

bool GitLabGates::sayCut(Gates &all, const Listed &list, const QString &text)
{
    if (all.isEmpty())
        return false;
    const auto isOfList = [&list](const Found &one) {
        return std::any_of(list.gates.begin(), list.gates.end(),
                           [&one](const Found &listed) { return listed.gate.id == one.gate.id; });
    };
    const auto oldest = std::find_if(all.rbegin(), all.rend(), isOfList);
    QString &message = (oldest == all.rend() ? all.last() : *oldest).gate.message;
    message += (message.isEmpty() ? QString() : QStringLiteral("\n")) + text;
    return true;
}

void GitLabGates::lookAt(const RunRef &run)
{
    m_looks.removeIf([&run](const Look &one) { return one.run == run; });
    m_looks.prepend({run, QDateTime::currentDateTimeUtc()});
    m_looks = m_looks.mid(0, mostLooks);
}

QFuture<Result<GitLabGates::Gates>> GitLabGates::optionalOf(const QString &project, const StopToken &stop)
{
    QList<RunRef> runs;
    QList<QFuture<Result<QList<JobAnswer>>>> each;
    for (const Look &one : std::as_const(m_looks)) {
        if (one.run.pipeline.project != project || one.at.secsTo(QDateTime::currentDateTimeUtc()) >= lookLasts)
            continue;
        runs.append(one.run);
        each.append(m_api.manualJobs(one.run, stop));
    }
    return after(this, gathered(this, each), [=, this](const QList<Result<QList<JobAnswer>>> &answers) {
        Gates gates;
        for (qsizetype i = 0; i < answers.size(); ++i) {
            if (!answers.at(i) && answers.at(i).error().kind != ErrorKind::NotFound)
                return ready(Result<Gates>(answers.at(i).error()));
            for (const JobAnswer &job : answers.at(i).value_or(QList<JobAnswer>())) {
                PipelineAnswer pipeline;
                pipeline.run.ref = runs.at(i);
                pipeline.run.number = runs.at(i).id;
                pipeline.run.commit = job.commit;
                pipeline.ref = job.ref;
                if (isWaiting(job) && job.job.mayFail)
                    gates.append({gateOf(pipeline, job), {}, {}, job.isTag});
            }
        }
        if (gates.isEmpty())
            return ready(Result<Gates>(gates));
        return after(this, environmentsOf(project, stop), [gates](const Environments &known) {
            Gates placed = gates;
            for (Found &found : placed)
                found.gate.environment = known.value(found.gate.job);
            return ready(Result<Gates>(placed));
        });
    });
}

QFuture<Result<GitLabGates::Listed>> GitLabGates::blockedOf(const QString &project, const StopToken &stop)
{
    const auto list = m_api.deployments(project, "status=blocked&order_by=id&sort=desc", stop);
    return after(this, list, [=, this](const QList<Deployment> &blocked) {
        QList<QFuture<Result<Deployment>>> each; // the list does not tell approvals
        for (const Deployment &one : blocked)
            each.append(whole(project, one, stop));
        const bool isCut = blocked.size() >= mostBlocked;
        return after(this, gathered(this, each), [=, this](const QList<Result<Deployment>> &answers) {
            Listed listed{{}, isCut};
            QHash<qint64, QDateTime> unasked;
            const QDateTime now = QDateTime::currentDateTimeUtc();
            for (const Result<Deployment> &one : answers) {
                if (!one && one.error().kind != ErrorKind::NotFound)
                    return ready(Result<Listed>(one.error()));
                if (!one || !isWaiting(*one))
                    continue;
                Found found{gateOf(project, *one), one->who, {}, one->job && one->job->isTag};
                for (const ApprovalRule &rule : one->rules)
                    found.users.append(rule.user);
                listed.gates.append(found);
                if (!asksForApproval(*one))
                    unasked.insert(one->id, m_unasked.value(project).value(one->id, now));
            }
            m_unasked.insert(project, unasked);
            return ready(Result<Listed>(listed));
        });
    });
}

// Servers list every manual deployment that nobody started as blocked: those that ask nobody are read now and then, in
// case rules were made for their environment.
QFuture<Result<Deployment>> GitLabGates::whole(const QString &project, const Deployment &listed, const StopToken &stop)
{
    auto &unasked = m_unasked[project];
    const auto known = unasked.constFind(listed.id);
    if (known != unasked.constEnd()) {
        if (known->secsTo(QDateTime::currentDateTimeUtc()) < unaskedLasts)
            return ready(Result<Deployment>(listed));
        unasked.remove(listed.id);
    }
    return m_api.deployment(project, QString::number(listed.id), stop);
}

// Child pipelines are in lists only where they are asked for (gitlab-org/gitlab!149839); older servers list none then.
QFuture<Result<GitLabGates::Held>> GitLabGates::heldOf(const QString &project, const StopToken &stop)
{
    const PipelineRef pipeline{m_api.config().id, project, {}};
    const QByteArray query = "status=manual&per_page=" + QByteArray::number(mostHeld + 1);
    const auto children = m_api.pipelines(pipeline, query + "&source=parent_pipeline", stop);
    return after(this, m_api.pipelines(pipeline, query, stop), [=, this](const Held &held) {
        return afterAny(this, children, [held](const Result<Held> &below) {
            if (!below && below.error().kind != ErrorKind::Invalid) // a word that an old server does not know
                return ready(Result<Held>(below.error()));
            Held all = held;
            for (const PipelineAnswer &child : below.value_or(Held())) {
                if (std::none_of(held.begin(), held.end(), [&](const auto &one) { return one.id == child.id; }))
                    all.append(child);
            }
            std::sort(all.begin(), all.end(), [](const auto &a, const auto &b) { return b.id < a.id; });
            return ready(Result<Held>(all));
        });
    });
}

QFuture<Result<GitLabGates::Listed>> GitLabGates::manualOf(const QString &project, const StopToken &stop)
{
    return after(this, heldOf(project, stop), [=, this](const Held &all) {
        const Held held = all.mid(0, mostHeld);
        const bool isCut = all.size() > held.size();
        return after(this, readHeld(project, held, stop), [=, this](const KeptRuns &kept) {
            Listed listed{{}, isCut};
            for (const PipelineAnswer &one : held)
                listed.gates += kept.value(one.run.ref.id).gates;
            m_kept.insert(project, kept);
            for (Found &found : listed.gates)
                found.gate.readAt = QDateTime::currentDateTimeUtc();
            return ready(Result<Listed>(listed));
        });
    });
}

// The jobs of those that are new or changed, and where they deploy; of the others what is known. The answer is of this
// question alone: another that is answered meanwhile may have kept less, or forgotten all.
QFuture<Result<GitLabGates::KeptRuns>> GitLabGates::readHeld(const QString &project, const Held &held,
                                                             const StopToken &stop)
{
    const KeptRuns before = m_kept.value(project);
    KeptRuns same;
    Held fresh;
    QList<QFuture<Result<QList<JobAnswer>>>> each;
    for (const PipelineAnswer &one : held) {
        const auto known = before.constFind(one.run.ref.id);
        if (known != before.constEnd() && known->version == one.version) {
            same.insert(one.run.ref.id, *known);
            continue;
        }
        fresh.append(one);
        each.append(m_api.manualJobs(one.run.ref, stop));
    }
    if (fresh.isEmpty())
        return ready(Result<KeptRuns>(same));
    const auto environments = environmentsOf(project, stop);
    return after(this, gathered(this, each), [=, this](const QList<Result<QList<JobAnswer>>> &answers) {
        return after(this, environments, [=, this](const Environments &known) {
            KeptRuns all = same;
            for (qsizetype i = 0; i < answers.size(); ++i) {
                const PipelineAnswer &pipeline = fresh.at(i);
                if (!answers.at(i) && answers.at(i).error().kind != ErrorKind::NotFound)
                    return ready(Result<KeptRuns>(answers.at(i).error()));
                if (!answers.at(i))
                    continue; // deleted meanwhile
                Kept kept{pipeline.version, {}};
                for (const JobAnswer &job : *answers.at(i)) {
                    if (!isWaiting(job) || job.job.mayFail)
                        continue;
                    WaitingGate gate = gateOf(pipeline, job);
                    gate.environment = known.value(job.job.id);
                    kept.gates.append({gate, {}, {}, job.isTag});
                }
                all.insert(pipeline.run.ref.id, kept);
                m_kept[project].insert(pipeline.run.ref.id, kept); // also where another of them cannot be read
            }
            return ready(Result<KeptRuns>(all));
        });
    });
}

QFuture<Result<GitLabGates::Environments>> GitLabGates::environmentsOf(const QString &project, const StopToken &stop)
{
    // Of manual jobs, older servers call them created, newer ones blocked.
    const auto made = m_api.deployments(project, "status=created&order_by=id&sort=desc", stop, mostDeploymentPages);
    const auto blocked = m_api.deployments(project, "status=blocked&order_by=id&sort=desc", stop, mostDeploymentPages);
    return after(this, gathered(this, QList<QFuture<Result<QList<Deployment>>>>{made, blocked}),
                 [](const QList<Result<QList<Deployment>>> &answers) {
                     Environments environments;
                     for (const Result<QList<Deployment>> &one : answers) {
                         if (!one && !isAbsent(one.error()))
                             return ready(Result<Environments>(one.error()));
                         for (const Deployment &deployment : one.value_or(QList<Deployment>())) {
                             if (deployment.job)
                                 environments.insert(deployment.job->job.id, deployment.environment);
                         }
                     }
                     return ready(Result<Environments>(environments));
                 });
}

QFuture<Result<QList<WaitingGate>>> GitLabGates::judged(const QString &project, const Gates &gates,
                                                        const StopToken &stop)
{
    if (gates.isEmpty())
        return ready(Result<QList<WaitingGate>>(QList<WaitingGate>()));
    const auto who = m_api.me(stop);
    const auto accesses = accessesOf(project, gates, stop);
    return after(this, m_api.project(project, stop), [=, this](const Project &known) {
        return after(this, who, [=, this](const QString &me) {
            const auto tiers = after(this, accesses, [=, this](bool) { return tiersOf(project, gates, stop); });
            return after(this, tiers, [=, this](bool) {
                return after(this, branchesOf(project, gates, stop), [=, this](bool) {
                    // As known now: an answer that was late for `accesses` may have come meanwhile.
                    QList<WaitingGate> all;
                    for (const Found &found : gates) {
                        WaitingGate gate = found.gate;
                        const auto rules = rulesOf(project, gate.environment);
                        if (rules && !rules->isEmpty())
                            tellDeciders(gate, *rules, known);
                        else if (isUpToBranch(found, project))
                            tellStarters(gate, m_branches.value(refKey(project, gate.branch, found.isTag)), found.isTag,
                                         known);
                        judge(gate, found, known, me);
                        all.append(gate);
                    }
                    return ready(Result<QList<WaitingGate>>(all));
                });
            });
        });
    });
}

void GitLabGates::judge(WaitingGate &gate, const Found &found, const Project &project, const QString &me) const
{
    const bool hasDone =
        std::any_of(gate.given.begin(), gate.given.end(), [&](const GateDecision &one) { return one.who == me; });
    if (project.access && *project.access < 30 && !m_api.isAdmin()) {
        gate.mayDecide = false;
        gate.whyNot = GitLabText::tr("It takes the role Developer in %1.").arg(gate.run.pipeline.project);
    } else if (hasDone && gate.canReject) {
        gate.mayDecide = false;
        gate.whyNot = GitLabText::tr("You have decided already; it takes others, too.");
    } else if (found.starter == me && gate.canReject && project.mayStarterApprove == false) {
        gate.mayDecide = false;
        gate.whyNot = GitLabText::tr("You started this deployment, and %1 wants somebody else to approve "
                                     "it. You may reject it.")
                          .arg(gate.run.pipeline.project);
    } else if (m_api.myId() != 0 && gate.canReject && found.users.contains(m_api.myId())) {
        gate.mayDecide = true; // a rule names us
    }
}

WaitingGate GitLabGates::gateOf(const QString &project, const Deployment &deployment) const
{
    WaitingGate gate;
    gate.connection = connection();
    gate.vendor = QStringLiteral("GitLab CI");
    gate.id = gateId(QStringLiteral("deployment"), deployment.id, project);
    gate.run.pipeline = {connection(), project, {}};
    gate.environment = deployment.environment;
    gate.branch = deployment.ref;
    gate.commit = deployment.commit;
    gate.since = deployment.createdAt;
    gate.given = decisionsOf(deployment);
    gate.needed = approvalsOf(deployment).needed;
    for (const ApprovalRule &rule : deployment.rules)
        gate.deciders.append({rule.name, rule.isGroup});
    gate.missing = missingApprovals(deployment);
    const bool isComplete = gate.missing == 0;
    const bool isApproved = isComplete && asksForApproval(deployment);
    gate.title = isApproved ? GitLabText::tr("Start the approved deployment to %1?").arg(deployment.environment)
                            : GitLabText::tr("Deploy to %1?").arg(deployment.environment);
    gate.plainTitle =
        (isApproved ? QStringLiteral("Start the approved deployment to %1?") : QStringLiteral("Deploy to %1?"))
            .arg(deployment.environment);
    gate.canReject = !isComplete; // "This deployment is not waiting for approvals"
    if (deployment.job) {
        gate.run.id = QString::number(deployment.job->pipelineId);
        gate.runNumber = gate.run.id;
        gate.job = deployment.job->job.id;
        gate.jobName = deployment.job->job.name;
        gate.message = deployment.job->commitTitle;
        gate.page = deployment.job->job.page;
    }
    const QStringList open = openRules(deployment);
    if (deployment.rules.size() > 1 && open.size() > 1)
        gate.parameters.append(
            {representedAs,
             RunParameter::Kind::Choice,
             GitLabText::tr("For whom you decide, if you are in several of them; else GitLab chooses"),
             {},
             open,
             false});
    gate.readAt = QDateTime::currentDateTimeUtc();
    return gate;
}

WaitingGate GitLabGates::gateOf(const PipelineAnswer &pipeline, const JobAnswer &job) const
{
    WaitingGate gate;
    gate.connection = connection();
    gate.vendor = QStringLiteral("GitLab CI");
    gate.id = gateId(QStringLiteral("job"), job.id, pipeline.run.ref.pipeline.project);
    gate.run = pipeline.run.ref;
    gate.runNumber = pipeline.run.number;
    gate.job = job.job.id;
    gate.jobName = job.job.name;
    gate.title = GitLabText::tr("Start %1?").arg(job.job.name);
    gate.plainTitle = QStringLiteral("Start %1?").arg(job.job.name);
    gate.message = job.commitTitle;
    gate.branch = pipeline.ref;
    gate.commit = pipeline.run.commit;
    gate.missing = 0;
    gate.canReject = false; // GitLab has no word for no: the run can be cancelled
    gate.since = job.job.createdAt;
    gate.page = job.job.page;
    gate.readAt = QDateTime::currentDateTimeUtc();
    return gate;
}

} // namespace signalbox
