#pragma once

#include "models/domain/result.h"
#include "models/pipelines/run.h"
#include "services/async/stoptoken.h"

#include <QByteArray>
#include <QFuture>
#include <QStringList>

// How much of the code a run's tests reach, as the plugin Coverage reports it. Each report has an address of its own
// below the build: the id that its step was given, "coverage" by default (jenkinsci/coverage-plugin,
// CoverageBuildAction getUrlName; README "Remote API"). The core's answers do not tell it, since that action is not
// exported; the build's page does: the plugin's summary links to each report (CoverageBuildAction/summary.jelly,
// "coverage-action-link-ID").
namespace signalbox::jenkins
{

class JenkinsClient;

// Ids of reports that the page of a build links to.
QStringList coverageIdsOf(const QByteArray &page);
// Per cent of lines, of a report ("projectStatistics": {"line": "95.39%", ...}: its test CoverageApiITest). NotFound:
// it counts no lines.
Result<double> parseCoverage(const QByteArray &body);

// Of the first report that counts lines, the default id first. NotFound: there is none.
QFuture<Result<double>> coverageOf(JenkinsClient &client, const RunRef &run, const StopToken &stop);

} // namespace signalbox::jenkins
