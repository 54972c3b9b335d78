#include "services/pipelines/runwatch.h"

#include "services/async/deliver.h"
#include "services/pipelines/pipelinefeed.h"
#include "services/pipelines/pipelinestext.h"

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr int testsEverySeconds = 20; // while the run goes on
constexpr int mostDoublings = 5;

} // namespace

RunWatch::RunWatch(PipelineSet &servers, RunRef ref, std::chrono::milliseconds running, std::chrono::milliseconds quiet)
    : m_servers(servers)
    , m_ref(std::move(ref))
    , m_running(running)
    , m_quiet(quiet)
{
    m_freshness.since = QDateTime::currentDateTimeUtc();
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &RunWatch::look);
    connect(&servers, &PipelineSet::aboutToRemove, this, [this](const QString &connection) {
        if (connection != m_ref.pipeline.connection)
            return;
        m_stop.request_stop();
        m_timer.stop();
        m_freshness = heardNow(
            m_freshness,
            Error{ErrorKind::NotFound, PipelinesText::tr("The connection %1 is no longer there.").arg(connection), {}});
        emit changed();
    });
    look();
}

RunWatch::~RunWatch()
{
    m_stop.request_stop();
}

void RunWatch::refresh()
{
    m_testedIn = RunState::Unknown;
    look();
}

void RunWatch::look()
{
    PipelineServer *const server = m_servers.find(m_ref.pipeline.connection);
    if (!server || m_isLooking || m_stop.stop_requested())
        return;
    m_isLooking = true;
    const StopToken stop = m_stop.get_token();
    deliver(server->source().run(m_ref, stop), stop, this, [this, stop](const Result<RunDetail> &result) {
        m_isLooking = false;
        if (stop.stop_requested())
            return;
        m_freshness = heardNow(m_freshness, result ? std::nullopt : std::optional(result.error()));
        m_failures = result ? 0 : std::min(m_failures + 1, mostDoublings);
        if (result)
            m_detail = *result;
        emit changed();
        lookAtTests();
        again();
    });
}

void RunWatch::again()
{
    const bool goesOn = !m_detail || !isEnded(m_detail->run.state);
    m_timer.start((goesOn ? m_running : m_quiet) * (1 << m_failures));
}

void RunWatch::lookAtTests()
{
    PipelineServer *const server = m_servers.find(m_ref.pipeline.connection);
    if (!server || !m_detail || m_isTesting)
        return;
    const RunState state = m_detail->run.state;
    const QDateTime now = QDateTime::currentDateTimeUtc();
    const bool isDue = state != m_testedIn || (!isEnded(state) && m_testedAt.secsTo(now) >= testsEverySeconds) ||
                       !m_testedAt.isValid();
    if (!isDue)
        return;
    m_isTesting = true;
    m_testedIn = state;
    m_testedAt = now;
    const StopToken stop = m_stop.get_token();
    deliver(server->source().tests(m_ref, stop), stop, this, [this, stop](const Result<TestReport> &result) {
        m_isTesting = false;
        if (stop.stop_requested())
            return;
        m_testsError = result ? std::nullopt : std::optional(result.error());
        if (result)
            m_tests = *result;
        emit changed();
    });
}

} // namespace signalbox
