#include "tests/gui/pipelines/pipelineworld.h"

namespace signalbox::test
{

namespace
{

PipelineFeed::Timing quick()
{
    using std::chrono::milliseconds;
    PipelineFeed::Timing timing;
    timing.running = milliseconds(60);
    timing.runningUnseen = milliseconds(120);
    timing.looked = milliseconds(150);
    timing.quiet = milliseconds(20000); // what is not looked at, and the details of what ended
    timing.gates = milliseconds(150);
    timing.pipelines = milliseconds(3000);
    timing.apart = milliseconds(2);
    timing.stirred = milliseconds(100);
    timing.limited = milliseconds(300);
    return timing;
}

struct JobSpec
{
    const char *name;
    QStringList needs;
    int begins; // seconds after the run
    int takes;
};

QList<JobSpec> jobSpecs()
{
    const auto of = [](std::initializer_list<const char *> names) {
        QStringList list;
        for (const char *name : names)
            list << QString::fromLatin1(name);
        return list;
    };
    return {{"Build", {}, 3, 91},
            {"Unit tests", of({"Build"}), 96, 118},
            {"Sonar", of({"Build"}), 96, 58},
            {"Image scan", of({"Build"}), 96, 39},
            {"Push image", of({"Unit tests", "Sonar", "Image scan"}), 216, 30},
            {"Dev", of({"Push image"}), 250, 60},
            {"Staging", of({"Dev"}), 312, 70},
            {"Approve", of({"Staging"}), 384, 90}};
}

TestReport reportOf(int passed, int failed)
{
    TestReport report;
    report.passed = passed;
    report.failed = failed;
    report.skipped = 2;
    report.coverage = 83.8;
    for (int i = 0; i < 20; ++i)
        report.cases.append({QStringLiteral("test_api"),
                             QStringLiteral("test_batch_%1").arg(i),
                             TestCase::State::Passed,
                             std::chrono::milliseconds(100 * i),
                             {},
                             {}});
    report.cases.append({QStringLiteral("test_api"),
                         QStringLiteral("test_batch_256"),
                         TestCase::State::Passed,
                         std::chrono::milliseconds(11200),
                         {},
                         {}});
    return report;
}

} // namespace

PipelineWorld::PipelineWorld(Filled filled)
    : feed(servers, runStore, quick())
{
    const auto ports = [this](const QString &id) -> std::optional<OperationPorts> {
        if (PipelineServer *const server = servers.find(id))
            return OperationPorts{&server->runner(), nullptr};
        const ClusterConnection *const connection = clusters.find(id);
        if (!connection)
            return std::nullopt;
        return OperationPorts{connection->runner.get(), connection->locker.get()};
    };
    OperationCenter::Settings center;
    center.dataFolder = folder.filePath(QStringLiteral("pipelinedata"));
    operations = std::make_unique<OperationCenter>(ports, center, &clock);
    context->operations = operations.get();
    context->pipelines = &servers;
    context->runs = &feed;
    feed.setApplicationOf([this](const PipelineRef &pipeline) { return applications.value(pipeline.key()); });
    if (filled == Filled::Yes)
        fill();
}

PipelineWorld::~PipelineWorld() = default;

FakePipelineServer &PipelineWorld::addServer(const QString &connection)
{
    auto made = std::make_unique<FakePipelineServer>(connection);
    FakePipelineServer &server = *made;
    servers.add(std::move(made));
    return server;
}

Pipeline PipelineWorld::addPipeline(FakePipelineServer &server, const QString &title, const QString &application)
{
    Pipeline pipeline = pipelineOf(server.fakeSource.connection(), QStringLiteral("acme"), title);
    server.fakeSource.known.append(pipeline);
    applications.insert(pipeline.ref.key(), application);
    return pipeline;
}

Run PipelineWorld::addRun(FakePipelineServer &server, const Pipeline &pipeline, int number, RunState state, int ago,
                          int took)
{
    Run run = runOf(pipeline, number, state, 0);
    run.ref.id = QStringLiteral("%1-%2").arg(pipeline.title).arg(number);
    run.createdAt = now.addSecs(-ago - 3);
    run.startedAt = now.addSecs(-ago);
    run.finishedAt = isEnded(state) ? run.startedAt.addSecs(took) : QDateTime();
    run.commit = QStringLiteral("7c2f91e%1").arg(number, 33, 10, QLatin1Char('0'));
    QList<Run> &runs = server.fakeSource.runsOf[pipeline.ref.key()];
    const auto place =
        std::find_if(runs.begin(), runs.end(), [&run](const Run &other) { return other.createdAt < run.createdAt; });
    runs.insert(place, run);
    RunDetail detail = detailOf(run, isEnded(state) ? 8 : 4);
    server.fakeSource.details.insert(run.ref.id, detail);
    return run;
}

RunDetail PipelineWorld::detailOf(const Run &run, int running) const
{
    RunDetail detail;
    detail.run = run;
    int index = 0;
    for (const JobSpec &spec : jobSpecs()) {
        Job job;
        job.id = job.name = QString::fromLatin1(spec.name);
        job.needs = spec.needs;
        job.state = RunState::NotStarted;
        if (index++ < running && run.startedAt.addSecs(spec.begins) <= now) {
            job.hasLog = true;
            job.startedAt = run.startedAt.addSecs(spec.begins);
            job.finishedAt = job.startedAt.addSecs(spec.takes);
            job.state = RunState::Passed;
            if (job.finishedAt > now) {
                job.finishedAt = {};
                job.state = RunState::Running;
            } else if (run.state == RunState::Failed && spec.begins == 216) {
                job.state = RunState::Failed;
            }
        }
        detail.jobs.append(job);
    }
    detail.canCancel = !isEnded(run.state);
    detail.canRerun = isEnded(run.state);
    detail.canRerunFailed = run.state == RunState::Failed;
    return detail;
}

void PipelineWorld::fill()
{
    jenkins = &addServer(QStringLiteral("jenkins"));
    github = &addServer(QStringLiteral("github"));
    gitlab = &addServer(QStringLiteral("gitlab"));
    const auto named = [](const char *name) { return QString::fromLatin1(name); };
    const Pipeline support = addPipeline(*gitlab, named("smart-support"), named("smart-support"));
    classifierPipeline = addPipeline(*github, named("image-classifier"), named("image-classifier"));
    const Pipeline recommender = addPipeline(*jenkins, named("recommender"), named("recommender"));
    const Pipeline store = addPipeline(*gitlab, named("feature-store"), {});
    const Pipeline gateway = addPipeline(*jenkins, named("edge-gateway"), named("edge-gateway"));
    const Pipeline watch = addPipeline(*jenkins, named("sentiment-watch"), named("sentiment-watch"));
    addRun(*gitlab, support, 411, RunState::Cancelled, 3 * 3600, 31);
    addRun(*gitlab, support, 412, RunState::Passed, 38 * 60, 362);
    addRun(*jenkins, recommender, 1181, RunState::Failed, 3900, 280);
    addRun(*gitlab, store, 77, RunState::Passed, 1340, 138);
    addRun(*jenkins, gateway, 930, RunState::Running, 62, 0);
    addRun(*jenkins, watch, 502, RunState::Passed, 2 * 86400, 464);
    for (int i = 0; i < 8; ++i) {
        const Run run = addRun(*github, classifierPipeline, 1289 - i, RunState::Passed, 7681 + 8 * 3600 * i, 481 + i);
        github->fakeSource.reports.insert(run.ref.id, reportOf(2212, 0));
    }
    const Run run = addRun(*github, classifierPipeline, 1290, RunState::Running, 191, 0);
    github->fakeSource.reports.insert(run.ref.id, reportOf(1349, 0));
    QByteArray log;
    for (int i = 1; i <= 1210; ++i)
        log += "tests/test_predict.py::test_batch[" + QByteArray::number(i) + "] \033[32mPASSED\033[0m\n";
    github->fakeSource.logs.insert(named("Unit tests"), log);
    github->fakeSource.logs.insert(named("Sonar"), "quality gate passed\n");
    github->fakeSource.logs.insert(named("Build"), "built\n");
}

} // namespace signalbox::test
