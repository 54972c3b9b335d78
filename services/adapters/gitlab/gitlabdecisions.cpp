#include "services/adapters/gitlab/gitlabdecisions.h"

#include "services/adapters/gitlab/gitlabtext.h"

#include <algorithm>

namespace signalbox
{

using namespace gitlab;

namespace
{

constexpr qsizetype mostAskedOfARun = 20; // the newest of its deployments
constexpr qsizetype mostSettled = 2000;

// "created" is what older servers call a deployment that waits to be started.
bool canBeDecided(const Deployment &deployment)
{
    return deployment.status == QLatin1String("blocked") || deployment.status == QLatin1String("created");
}

QString settledKey(const QString &project, qint64 id)
{
    return project + u'|' + QString::number(id);
}

} // namespace

QFuture<Result<GitLabDecisions::Told>> GitLabDecisions::of(const RunRef &run, const QList<Deployment> &deployments,
                                                           const StopToken &stop)
{
    const QString project = run.pipeline.project;
    QList<Deployment> own;
    std::copy_if(deployments.cbegin(), deployments.cend(), std::back_inserter(own),
                 [&run](const Deployment &one) { return one.job && QString::number(one.job->pipelineId) == run.id; });
    std::sort(own.begin(), own.end(), [](const Deployment &a, const Deployment &b) { return b.id < a.id; });
    Told known;
    if (own.size() > mostAskedOfARun)
        known.note = GitLabText::tr("Who decided its gates is told of its newest %1 deployments of %2.")
                         .arg(mostAskedOfARun)
                         .arg(own.size());
    QList<QFuture<Result<Deployment>>> asked;
    QList<Deployment> askedFor;
    for (const Deployment &one : own.mid(0, mostAskedOfARun)) {
        const auto settled = m_settled.constFind(settledKey(project, one.id));
        if (settled != m_settled.constEnd() && settled->status == one.status) {
            known.all += settled->all;
            continue;
        }
        askedFor.append(one);
        asked.append(m_api.deployment(project, QString::number(one.id), stop));
    }
    return after(this, gathered(this, asked), [=, this](const QList<Result<Deployment>> &answers) {
        Told told = known;
        QStringList problems;
        for (qsizetype i = 0; i < answers.size(); ++i) {
            const Result<Deployment> &answer = answers.at(i);
            if (!answer) {
                const bool isGone = answer.error().kind == ErrorKind::NotFound; // deleted since it was listed
                if (!isGone && !problems.contains(answer.error().message))
                    problems.append(answer.error().message);
                continue;
            }
            QList<RunDecision> decided;
            for (const GateDecision &one : decisionsOf(*answer))
                decided.append({one.who, one.approves, answer->environment, one.at});
            told.all += decided;
            if (canBeDecided(*answer))
                continue;
            if (m_settled.size() >= mostSettled)
                m_settled.clear();
            m_settled.insert(settledKey(project, askedFor.at(i).id), {answer->status, decided});
        }
        if (!problems.isEmpty()) {
            const QString why = GitLabText::tr("Who decided its gates could not be read: %1").arg(problems.join(u' '));
            told.note += (told.note.isEmpty() ? QString() : QStringLiteral(" ")) + why;
        }
        std::stable_sort(told.all.begin(), told.all.end(),
                         [](const RunDecision &a, const RunDecision &b) { return a.at < b.at; });
        return ready(Result<Told>(told));
    });
}

} // namespace signalbox
