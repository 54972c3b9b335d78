#pragma once

#include "models/domain/result.h"
#include "models/pipelines/run.h"
#include "services/async/stoptoken.h"

#include <QByteArray>
#include <QFuture>
#include <QStringList>

// How much of the code a run's tests reach, as one of four plugins reports it, each below the build:
// - Coverage: the id that its step was given, "coverage" by default (jenkinsci/coverage-plugin, CoverageBuildAction
//   getUrlName; README "Remote API");
// - JaCoCo: "jacoco" (jenkinsci/jacoco-plugin, JacocoBuildAction getUrlName, CoverageObject getLineCoverage);
// - Cobertura: "cobertura" (jenkinsci/cobertura-plugin, CoberturaBuildAction getUrlName, CoverageTree);
// - Code Coverage API before 4.0: "coverage/result" (jenkinsci/code-coverage-api-plugin, README "REST API").
// The list "actions" of a build does not tell which: of these only JaCoCo's is exported, others are "{}". The build's
// page does: by the links of Coverage's summary ("coverage-action-link-ID"), and by those of the others' summaries and
// of the menu (hudson/model/Actionable, Functions.getActionUrl).
namespace signalbox::jenkins
{

class JenkinsClient;

// Where the reports are that the page of a build, by its number, links to: what follows the build's own address.
QStringList coverageReportsOf(const QByteArray &page, const QString &number);
// Per cent of lines, of any plugin's report. NotFound: it counts no lines; of none, JaCoCo and Cobertura say 100 %, and
// old ones 0 %.
Result<double> parseCoverage(const QByteArray &body);

// Of the first report that counts lines: where the job's last one was, else Coverage's default, else what the page
// links to. NotFound: there is none.
QFuture<Result<double>> coverageOf(JenkinsClient &client, const RunRef &run, const StopToken &stop);

} // namespace signalbox::jenkins
