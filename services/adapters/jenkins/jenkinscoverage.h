#pragma once

#include "models/domain/result.h"
#include "models/pipelines/run.h"
#include "services/async/stoptoken.h"

#include <QByteArray>
#include <QFuture>
#include <QStringList>

// How much of the code a run's tests reach, as plugins report it. Each of their actions has an address of its own below
// the build: the id that its step was given, "coverage" by default (jenkinsci/coverage-plugin, CoverageBuildAction
// getUrlName, README "Remote API"; parasoft-findings-plugin copies it). The core lists the actions of a build that are
// exported, with their "urlName"; of those that are not it lists an empty object, and only the default id can be tried.
namespace signalbox::jenkins
{

class JenkinsClient;

QByteArray actionsTree();
// Where reports of coverage are, of the answer to actionsTree(); the default id is first, and always among them.
Result<QStringList> parseCoverageIds(const QByteArray &body);
// Per cent of lines, of a report ("projectStatistics": {"line": "95.39%", ...}: its test CoverageApiITest). NotFound:
// it counts no lines.
Result<double> parseCoverage(const QByteArray &body);

// Of the first report that counts lines. NotFound: there is none.
QFuture<Result<double>> coverageOf(JenkinsClient &client, const RunRef &run, const StopToken &stop);

} // namespace signalbox::jenkins
