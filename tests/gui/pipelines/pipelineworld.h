#pragma once

#include "services/pipelines/pipelinefeed.h"
#include "tests/gui/operations/operationconsole.h"
#include "tests/support/fakepipelineserver.h"

// A console over three servers with pipelines: what they hold is put in by hand, the poll and the operations are real.
namespace signalbox::test
{

class PipelineWorld : public OperationConsole
{
public:
    // Of the picture that the screen is measured by: eight runs of six pipelines; image-classifier #1290 runs.
    enum class Filled { Yes, No };
    explicit PipelineWorld(Filled filled = Filled::Yes);
    ~PipelineWorld();

    FakePipelineServer &addServer(const QString &connection);
    Pipeline addPipeline(FakePipelineServer &server, const QString &title, const QString &application);
    // Begun so many seconds ago; `took` seconds, or going on.
    Run addRun(FakePipelineServer &server, const Pipeline &pipeline, int number, RunState state, int ago, int took);
    RunDetail detailOf(const Run &run, int running) const; // the first so many jobs have begun
    void fill();
    void start() { feed.start(); }

    RunStore runStore;
    PipelineSet servers;
    PipelineFeed feed;
    FakePipelineServer *jenkins = nullptr;
    FakePipelineServer *github = nullptr;
    FakePipelineServer *gitlab = nullptr;
    Pipeline classifierPipeline;
    QHash<QString, QString> applications; // by pipeline's key
};

} // namespace signalbox::test
