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

QString runsText(const QList<ListedRun> &runs, const QDateTime &readAt);
QString runsJson(const QList<ListedRun> &runs, const QList<std::pair<QString, Error>> &problems,
                 const QDateTime &readAt, ExitStatus status);

struct RunReport
{
    FoundPipeline of;
    RunDetail detail;
    std::optional<TestReport> tests;
    QString noTests; // why there are none
};
QString runText(const RunReport &report);
QString runJson(const RunReport &report);

} // namespace signalbox::commands
