#pragma once

#include "models/domain/operation.h"
#include "services/adapters/gitlab/gitlabanswer.h"

#include <optional>

namespace signalbox::gitlab
{

// What a step of GitLab's plans is to achieve: all that is needed to see it, also after a crash.
struct Facts
{
    QString kind; // of the expectation, see gitlabplans.h
    QString project;
    RunRef run; // its id empty: the step is about none
    QList<qint64> failed;
    QString ref;
    bool isTag = false;
    QString commit; // empty: any
    QString shown;  // the commit that the plan showed; a branch may have moved on
    qint64 lastId = 0;
    QString who; // we
    qint64 job = 0;
    QString name; // of the job
    QString deployment;
    bool approves = false;
    std::optional<bool> isLast; // of the approvals, as shown; none: it was not noted
    bool mayHaveStarted = false;
    QString jobId() const { return QString::number(job); }
};
Result<Facts> factsOf(const PlanStep &step);

Observation seen(Observation::State state, const QString &text, const QString &blocker = {});
// The world moved before anything was written.
Error conflict(const QString &sentence);
QString byWhom(const QString &who);
// Of asGraph()'s nodes; null: none has the name.
const JobAnswer *newestOf(const QList<JobAnswer> &jobs, const QString &name);
// "approved, 1 of 2: still waits"
QString approvalText(const Approvals &approvals);

} // namespace signalbox::gitlab
