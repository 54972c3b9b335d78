#include "services/adapters/jenkins/jenkinscoverage.h"

#include "services/adapters/jenkins/jenkinsclient.h"
#include "services/adapters/jenkins/jenkinsjson.h"
#include "services/adapters/jenkins/jenkinsplace.h"
#include "services/async/chain.h"

#include <QRegularExpression>

namespace signalbox::jenkins
{

namespace
{

const QString defaultId = QStringLiteral("coverage");
constexpr qsizetype mostReports = 5; // of one run

// It goes into an address as it stands (plugin-util, ModelValidation: letters, digits, "-", "_" and ".").
bool isReportId(const QString &id)
{
    static const QRegularExpression allowed(QStringLiteral("^[A-Za-z0-9_-][A-Za-z0-9_.-]*$"));
    return allowed.match(id).hasMatch();
}

// One report after the other: most runs have one.
QFuture<Result<double>> nextReport(JenkinsClient &client, const RunRef &run, const QStringList &ids,
                                   const StopToken &stop)
{
    const QString project = run.pipeline.project;
    const auto ask = JenkinsClient::plain(runPath(project, run.id) + '/' + ids.constFirst().toLatin1() + "/api/json",
                                          JenkinsText::tr("the coverage of run %1 of %2").arg(run.id, project));
    const auto answer = client.rest().read(
        ask, stop, [](const HttpResponse &response) -> Result<double> { return parseCoverage(response.body); });
    return afterAny(&client, answer, [&client, run, ids, stop](const Result<double> &percent) {
        const bool isOver = percent || ids.size() < 2 || stop.stop_requested();
        return isOver ? ready(percent) : nextReport(client, run, ids.mid(1), stop);
    });
}

} // namespace

QByteArray actionsTree()
{
    return "actions[_class,urlName]";
}

Result<QStringList> parseCoverageIds(const QByteArray &body)
{
    return parsed(body, [](const Json &json) -> Result<QStringList> {
        QStringList ids{defaultId};
        for (const Json &action : listOf(json, "actions")) {
            const QString id = textOf(action, "urlName");
            if (classOf(action).contains(QLatin1String("coverage"), Qt::CaseInsensitive) && isReportId(id) &&
                !ids.contains(id))
                ids.append(id);
        }
        return ids.mid(0, mostReports);
    });
}

Result<double> parseCoverage(const QByteArray &body)
{
    return parsed(body, [](const Json &json) -> Result<double> {
        QString text = textOf(memberOf(json, "projectStatistics"), "line");
        if (text.isEmpty())
            return Error{ErrorKind::NotFound, JenkinsText::tr("The report counts no lines."), {}};
        text.remove(u'%').replace(u',', u'.'); // as the server's own language writes it
        bool isNumber = false;
        const double percent = text.trimmed().toDouble(&isNumber);
        return isNumber && percent >= 0 && percent <= 100 ? Result<double>(percent) : Result<double>(unexpected());
    });
}

QFuture<Result<double>> coverageOf(JenkinsClient &client, const RunRef &run, const StopToken &stop)
{
    const QString project = run.pipeline.project;
    const auto ask = JenkinsClient::tree(runPath(project, run.id), actionsTree(),
                                         JenkinsText::tr("the reports of run %1 of %2").arg(run.id, project));
    const auto listed =
        client.rest().read(ask, stop, [](const HttpResponse &response) { return parseCoverageIds(response.body); });
    return afterAny(&client, listed, [&client, run, stop](const Result<QStringList> &ids) {
        return nextReport(client, run, ids.value_or(QStringList{defaultId}), stop);
    });
}

} // namespace signalbox::jenkins
