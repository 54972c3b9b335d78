#pragma once

#include "models/domain/result.h"
#include "models/pipelines/run.h"
#include "services/async/stoptoken.h"

#include <QByteArray>
#include <QFuture>

// When a job begins by itself. The cause of such a run says "Started by timer" and no more; the time is in the job's
// configuration, which the rights Job/Configure and Job/ExtendedRead show (jenkinsci/jenkins, hudson.model.AbstractItem
// doConfigDotXml; hudson.triggers.TimerTrigger "spec").
namespace signalbox::jenkins
{

class JenkinsClient;

struct Schedule
{
    QStringList crons; // as written, a time zone behind its lines: "H 2 * * * (Europe/Paris)"
    QString whyNot;    // for people: why nothing is known; empty: it was read
};
// Answer of .../config.xml.
Result<QStringList> parseSchedule(const QByteArray &body);

// The cron text of runs that a timer began, where the job has one: of several nobody says which. Never fails.
QFuture<Result<QList<Run>>> withSchedule(JenkinsClient &client, const QString &project, const QList<Run> &runs,
                                         const StopToken &stop);
// The same of a run that is looked at closely, which also says why there is none.
QFuture<Result<RunDetail>> withSchedule(JenkinsClient &client, const RunDetail &detail, const StopToken &stop);

} // namespace signalbox::jenkins
