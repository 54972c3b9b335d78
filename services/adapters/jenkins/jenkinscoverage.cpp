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

constexpr qsizetype mostReports = 5; // of one run

QString reportOf(const QString &id)
{
    return id + QStringLiteral("/api/json");
}

// Their numbers are two levels below what is asked for, and the files between them are many.
QString treeOf(const QString &place)
{
    return reportOf(place) + QStringLiteral("?tree=results%5Belements%5Bname,ratio,numerator,denominator%5D%5D");
}

const QString defaultReport = reportOf(QStringLiteral("coverage"));

// One report after the other: most runs have one. One that could not be read is told unless another is there.
QFuture<Result<double>> nextReport(JenkinsClient &client, const RunRef &run, const QStringList &reports,
                                   const StopToken &stop)
{
    const QString project = run.pipeline.project;
    const auto ask = JenkinsClient::plain(runPath(project, run.id) + '/' + reports.constFirst().toLatin1(),
                                          JenkinsText::tr("the coverage of run %1 of %2").arg(run.id, project));
    const auto answer = client.rest().read(
        ask, stop, [](const HttpResponse &response) -> Result<double> { return parseCoverage(response.body); });
    return afterAny(&client, answer, [&client, run, reports, stop](const Result<double> &percent) {
        if (percent)
            client.setCoverageReport(run.pipeline.project, reports.constFirst());
        if (percent || reports.size() < 2 || stop.stop_requested())
            return ready(percent);
        const auto others = nextReport(client, run, reports.mid(1), stop);
        return afterAny(&client, others, [percent](const Result<double> &other) {
            return ready(!other && other.error().kind == ErrorKind::NotFound ? percent : other);
        });
    });
}

Error noLines()
{
    return {ErrorKind::NotFound, JenkinsText::tr("The report counts no lines."), {}};
}

// `percent` is what plugins tell that do not tell how many there are: of none, too, and then it is one of the ends.
Result<double> shareOf(const Json &covered, const Json &all, const Json &percent)
{
    if (covered.is_number() && all.is_number()) {
        const double lines = all.get<double>();
        const double share = lines > 0 ? 100 * covered.get<double>() / lines : 0;
        if (lines < 0 || share < 0 || share > 100)
            return unexpected();
        return lines > 0 ? Result<double>(share) : Result<double>(noLines());
    }
    const double share = percent.is_number() ? percent.get<double>() : 0;
    return share > 0 && share < 100 ? Result<double>(share) : Result<double>(noLines());
}

// As people read it: "95.39%", in the server's own language "95,39%".
Result<double> shareOf(QString text)
{
    if (text.isEmpty())
        return noLines();
    text.remove(u'%').replace(u',', u'.');
    bool isNumber = false;
    const double percent = text.trimmed().toDouble(&isNumber);
    return isNumber && percent >= 0 && percent <= 100 ? Result<double>(percent) : Result<double>(unexpected());
}

} // namespace

QStringList coverageReportsOf(const QByteArray &page, const QString &number)
{
    // What else may stand there goes into no address (plugin-util, ModelValidation: letters, digits, "-", "_", ".").
    static const QRegularExpression own(
        QStringLiteral("\\bid=\"coverage-action-link-([A-Za-z0-9_-][A-Za-z0-9_.-]*)\""));
    const QRegularExpression others(QStringLiteral("\\bhref=\"(?:[^\"]*/%1/)?(jacoco|cobertura|coverage)/?\"")
                                        .arg(QRegularExpression::escape(number)));
    const QString text = QString::fromUtf8(page);
    QStringList ids;
    QStringList reports;
    for (auto found = own.globalMatch(text); found.hasNext() && reports.size() < mostReports;) {
        const QString id = found.next().captured(1);
        if (!ids.contains(id)) {
            ids.append(id);
            reports.append(reportOf(id));
        }
    }
    for (auto found = others.globalMatch(text); found.hasNext();) {
        const QString id = found.next().captured(1);
        if (ids.contains(id))
            continue;
        ids.append(id);
        if (id == QLatin1String("jacoco"))
            reports.append(reportOf(id));
        else
            reports.append(treeOf(id == QLatin1String("coverage") ? QStringLiteral("coverage/result") : id));
    }
    return reports;
}

Result<double> parseCoverage(const QByteArray &body)
{
    return parsed(body, [](const Json &json) -> Result<double> {
        if (const Json &lines = memberOf(json, "lineCoverage"); lines.is_object()) // JaCoCo, model.Coverage
            return shareOf(memberOf(lines, "covered"), memberOf(lines, "total"), memberOf(lines, "percentageFloat"));
        for (const Json &one : listOf(memberOf(json, "results"), "elements")) { // CoverageTreeElement of both others
            const QString name = textOf(one, "name");
            if (name == QLatin1String("Lines") || name == QLatin1String("Line"))
                return shareOf(memberOf(one, "numerator"), memberOf(one, "denominator"), memberOf(one, "ratio"));
        }
        return shareOf(textOf(memberOf(json, "projectStatistics"), "line")); // Coverage, CoverageApiITest
    });
}

QFuture<Result<double>> coverageOf(JenkinsClient &client, const RunRef &run, const StopToken &stop)
{
    QStringList first{client.coverageReport(run.pipeline.project)};
    if (first.constFirst().isEmpty())
        first = QStringList{defaultReport};
    else if (first.constFirst() != defaultReport)
        first.append(defaultReport);
    return afterAny(&client, nextReport(client, run, first, stop), [=, &client](const Result<double> &percent) {
        if (percent || percent.error().kind != ErrorKind::NotFound)
            return ready(percent);
        return after(&client, client.coverageReports(run, stop), [=, &client](const QStringList &linked) {
            QStringList others;
            for (const QString &one : linked) {
                if (!first.contains(one))
                    others.append(one);
            }
            return others.isEmpty() ? ready(percent) : nextReport(client, run, others, stop);
        });
    });
}

} // namespace signalbox::jenkins
