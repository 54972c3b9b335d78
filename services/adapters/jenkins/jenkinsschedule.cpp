#include "services/adapters/jenkins/jenkinsschedule.h"

#include "services/adapters/jenkins/jenkinsclient.h"
#include "services/adapters/jenkins/jenkinstext.h"
#include "services/async/chain.h"

#include <QXmlStreamReader>

#include <algorithm>

namespace signalbox::jenkins
{

namespace
{

void readSpec(const QString &spec, QStringList &crons)
{
    QString zone;
    for (const QString &each : spec.split(u'\n')) {
        const QString line = each.simplified();
        if (line.startsWith(QLatin1String("TZ=")))
            zone = line.mid(3);
        else if (!line.isEmpty() && !line.startsWith(u'#'))
            crons.append(zone.isEmpty() ? line : QStringLiteral("%1 (%2)").arg(line, zone));
    }
}

bool isTimed(const Run &run)
{
    return run.trigger.kind == TriggerKind::Schedule;
}

void take(const Schedule &schedule, Run &run)
{
    if (isTimed(run) && schedule.crons.size() == 1)
        run.trigger.cron = schedule.crons.constFirst();
}

} // namespace

Result<QStringList> parseSchedule(const QByteArray &body)
{
    // Jenkins writes version 1.1, which Qt's reader refuses; nothing in it differs from 1.0 for what is read here.
    const qsizetype prolog = body.startsWith("<?xml") ? body.indexOf("?>") + 2 : 0;
    QXmlStreamReader xml(body.mid(prolog));
    QStringList parents;
    QStringList crons;
    while (!xml.atEnd()) {
        switch (xml.readNext()) {
        case QXmlStreamReader::StartElement:
            if (xml.name() == QLatin1String("spec") && !parents.isEmpty() &&
                parents.constLast() == QLatin1String("hudson.triggers.TimerTrigger"))
                readSpec(xml.readElementText(QXmlStreamReader::SkipChildElements), crons);
            else
                parents.append(xml.name().toString());
            break;
        case QXmlStreamReader::EndElement:
            parents.removeLast();
            break;
        default:
            break;
        }
    }
    if (xml.hasError())
        return Error{ErrorKind::Protocol,
                     JenkinsText::tr("Jenkins answered with something that is no configuration of a job."),
                     xml.errorString()};
    return crons;
}

QFuture<Result<QList<Run>>> withSchedule(JenkinsClient &client, const QString &project, const QList<Run> &runs,
                                         const StopToken &stop)
{
    if (std::none_of(runs.cbegin(), runs.cend(), isTimed))
        return ready(Result<QList<Run>>(runs));
    return after(&client, client.schedule(project, stop), [runs](const Schedule &schedule) {
        QList<Run> timed = runs;
        for (Run &run : timed)
            take(schedule, run);
        return ready(Result<QList<Run>>(timed));
    });
}

QFuture<Result<RunDetail>> withSchedule(JenkinsClient &client, const RunDetail &detail, const StopToken &stop)
{
    if (!isTimed(detail.run))
        return ready(Result<RunDetail>(detail));
    return after(&client, client.schedule(detail.run.ref.pipeline.project, stop), [detail](const Schedule &schedule) {
        RunDetail timed = detail;
        take(schedule, timed.run);
        timed.note = QStringList{detail.note, schedule.whyNot}.join(u' ').trimmed();
        return ready(Result<RunDetail>(timed));
    });
}

} // namespace signalbox::jenkins
