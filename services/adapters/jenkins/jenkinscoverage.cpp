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

QStringList coverageIdsOf(const QByteArray &page)
{
    // What else may stand there goes into no address (plugin-util, ModelValidation: letters, digits, "-", "_", ".").
    static const QRegularExpression link(
        QStringLiteral("\\bid=\"coverage-action-link-([A-Za-z0-9_-][A-Za-z0-9_.-]*)\""));
    QStringList ids;
    for (auto found = link.globalMatch(QString::fromUtf8(page)); found.hasNext() && ids.size() < mostReports;) {
        const QString id = found.next().captured(1);
        if (id != defaultId && !ids.contains(id))
            ids.append(id);
    }
    return ids;
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
    return afterAny(&client, nextReport(client, run, {defaultId}, stop), [=, &client](const Result<double> &percent) {
        if (percent || percent.error().kind != ErrorKind::NotFound)
            return ready(percent);
        return after(&client, client.coverageIds(run, stop), [=, &client](const QStringList &ids) {
            return ids.isEmpty() ? ready(percent) : nextReport(client, run, ids, stop);
        });
    });
}

} // namespace signalbox::jenkins
