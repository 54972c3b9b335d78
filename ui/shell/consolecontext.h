#pragma once

#include <QString>

#include <functional>

namespace signalbox
{

class ActionHandler;
class ClusterSet;
class ConnectionsService;
class ConsoleSettings;
class DeployedStore;
class DrillYard;
class LedgerFeed;
class MetricSet;
class OperationCenter;
class PanelSettings;
class PipelineFeed;
class PipelineSet;
class PromotionDesk;
class Prompter;
class ReadinessFeed;
class RequestMonitor;
class RunReleases;
class SourceSet;
class TeamLedger;

// Everything the window works on: built by app, borrowed by the shell and its pages, and alive longer than both. What
// may be null says so; a page that needs it is then not offered, or says what is missing.
struct ConsoleContext
{
    ClusterSet &clusters;
    DeployedStore &deployed;
    MetricSet &metrics;
    ConnectionsService &connections;
    ConsoleSettings &settings;
    Prompter &prompter;

    RequestMonitor *requests = nullptr;    // the panel of running requests is offered where there is one
    OperationCenter *operations = nullptr; // operations today, running ones
    ActionHandler *actions = nullptr;      // what scale, restart, roll back ... lead to; null: offered as disabled

    ReadinessFeed *readiness = nullptr; // whether the way back is open; null: the lights are not offered

    QString operatorName; // shown at the end of the status bar
    QString dataFolder;
    QString logFolder;
    std::function<void(const QString &level)> setLogLevel = {}; // "debug" "info" "warning"; may be empty
    PanelSettings *panels = nullptr; // where own queries are kept; null: among the operator's settings
    // Opens the practice world in a window of its own; false: it could not be started. Empty: not offered.
    std::function<bool()> openPractice = {};
    // Opens a workspace file instead of what this window shows; false: it could not be started. Empty: not offered.
    std::function<bool(const QString &file)> openWorkspace = {};
    TeamLedger *ledger = nullptr;        // the signed record, who signs, how far it is shared; null: not offered
    DrillYard *drills = nullptr;         // fire drills take place here: the window is on the practice world
    SourceSet *sources = nullptr;        // of the workspace; null: what changes between releases is not shown
    PromotionDesk *promotions = nullptr; // null: there is no ledger that decisions could be put in
    PipelineSet *pipelines = nullptr;    // servers with pipelines, with `runs`; null: not offered
    PipelineFeed *runs = nullptr;        // what is known of their runs, kept fresh
    LedgerFeed *entries = nullptr;       // of it, as screens show them; null: its screen says that there are none
    RunReleases *releases = nullptr;     // which releases a run of a pipeline made; null: nobody tells
};

} // namespace signalbox
