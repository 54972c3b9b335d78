#pragma once

#include "app/commands/runfinder.h"
#include "app/exitstatus.h"

#include <QString>

// What `signalbox runs` and `signalbox run show` print. Times are UTC.
namespace signalbox::commands
{

struct ListedRun
{
    FoundPipeline of;
    Run run;
};

// Instead of a table. Not complete: a server could not be asked, so that nothing is said of what there is.
QString noRunsText(const QString &branch, bool isComplete);
QString runsText(const QList<ListedRun> &runs, const QDateTime &readAt);
QString runsJson(const QList<ListedRun> &runs, const QList<std::pair<QString, Error>> &problems,
                 const QDateTime &readAt, ExitStatus status);

struct RunReport
{
    FoundPipeline of;
    RunDetail detail;
    std::optional<TestReport> tests;
    QString noTests;                                // why there are none
    std::optional<Error> testsError = std::nullopt; // they could not be read: whether there are any is not known
    QList<Run> past = {}; // the pipeline's other runs, which tell what is usual; empty: nothing is said of it
};
QString runText(const RunReport &report);
QString runJson(const RunReport &report);
// A report without tests that could not be read is no whole one.
ExitStatus runStatus(const RunReport &report);

// What ended a question or a log that was followed, with what to do: a run that was deleted meanwhile, a server that
// asks for patience.
Error toldEnd(const Error &error, bool wasFollowed);

} // namespace signalbox::commands
