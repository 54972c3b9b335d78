#pragma once

#include "models/domain/operation.h"
#include "models/pipelines/run.h"
#include "services/adapters/github/githubanswer.h"

#include <optional>

namespace signalbox::github
{

// What a step is to achieve: everything that is needed to see it, also after a crash, when the body is gone.
struct Errand
{
    enum class Kind { Rerun, RerunFailed, RerunJob, Cancel, Trigger, Gate };
    Kind kind = Kind::Rerun;
    QString project;
    QString pipeline;
    QString run;       // all but Trigger
    int attempt = 1;   // as it was seen
    QString who;       // we; empty: an app's token
    QString ref;       // Trigger: the branch or tag
    qint64 newest = 0; // Trigger: id of the newest run that was there before
    QDateTime since;   // Trigger: the server's time of the plan
    QString shown;     // Trigger: the commit that the ref was at; empty: not told
    QString job;       // RerunJob: id of its newest try
    QString jobName;   // RerunJob
    QString gate;      // Gate: id of the environment
    QString title;     // Gate: its name
    bool approves = true;
    QStringList before; // Gate: decisions about it that were there, "who|state"

    RunRef runRef(const QString &connection) const { return {{connection, project, pipeline}, run}; }
};
bool isRerun(Errand::Kind kind);
QString errandKind(); // of an expectation
QByteArray toData(const Errand &errand);
std::optional<Errand> errandOf(const PlanStep &step);

// Of the decisions about an environment those that were not there before.
QList<Review> newReviews(const Errand &errand, const QList<Review> &reviews);

} // namespace signalbox::github
