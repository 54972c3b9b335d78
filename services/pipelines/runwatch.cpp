#include "services/pipelines/runwatch.h"

#include "services/async/deliver.h"
#include "services/pipelines/pipelinefeed.h"
#include "services/pipelines/pipelinestext.h"

#include <QPointer>

#include <algorithm>
#include <utility>

namespace signalbox
{

namespace
{

constexpr int testsEverySeconds = 20; // while the run goes on
constexpr int mostDoublings = 5;
constexpr int newEndSeconds = 60; // what ended that short ago may still get reports and artifacts

} // namespace

RunWatch::RunWatch(PipelineSet &servers, RunRef ref, RunWatchPace pace)
    : m_servers(servers)
    , m_ref(std::move(ref))
    , m_pace(std::move(pace))
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
        tell();
    });
    m_timer.start(m_pace.settle);
}

RunWatch::~RunWatch()
{
    m_stop.request_stop();
}

void RunWatch::tell()
{
    Told now{m_detail, m_tests, m_testsError, m_freshness};
    if (now.detail)
        now.detail->readAt = {};
    if (now.tests)
        now.tests->readAt = {};
    if (now.freshness.isLive())
        now.freshness.lastHeard = {};
    if (m_told == now)
        return;
    m_told = std::move(now);
    emit changed();
}

void RunWatch::refresh()
{
    m_testedIn = RunState::Unknown;
    lookAgain();
}

void RunWatch::lookAgain()
{
    if (m_isLooking)
        m_isWanted = true;
    else
        look();
}

void RunWatch::noteSleep()
{
    PipelineServer *const server = m_servers.find(m_ref.pipeline.connection);
    if (!server)
        return;
    const QPointer<RunWatch> self(this);
    if (becomeStale(m_freshness, notAskedInTime(server->source().title(), std::chrono::milliseconds(0))))
        tell();
    if (self)
        lookAgain();
}

void RunWatch::look()
{
    PipelineServer *const server = m_servers.find(m_ref.pipeline.connection);
    if (!server || m_isLooking || m_stop.stop_requested())
        return;
    if (const auto wait = m_pace.patience ? m_pace.patience() : std::chrono::milliseconds(0); wait.count() > 0) {
        m_timer.start(wait);
        // It is due, and nobody asks: from now on it is as old as it says.
        if (wait > m_pace.running && becomeStale(m_freshness, notAskedInTime(server->source().title(), wait)))
            tell();
        return;
    }
    m_timer.stop();
    m_isLooking = true;
    if (GateKeeper *const gates = server->gates())
        gates->lookAt(m_ref);
    const StopToken stop = m_stop.get_token();
    deliver(server->source().run(m_ref, stop), stop, this, [this, stop](const Result<RunDetail> &result) {
        m_isLooking = false;
        if (!stop.stop_requested())
            take(result);
    });
}

void RunWatch::take(const Result<RunDetail> &result)
{
    m_freshness = heardNow(m_freshness, result ? std::nullopt : std::optional(result.error()));
    m_failures = result ? 0 : std::min(m_failures + 1, mostDoublings);
    if (!result && result.error().kind == ErrorKind::RateLimited && m_pace.limited)
        m_pace.limited(result.error().retryAfter);
    if (result) {
        const QDateTime ended = result->run.finishedAt;
        const bool isNew = ended.isValid() && ended.secsTo(QDateTime::currentDateTimeUtc()) < newEndSeconds;
        m_isEndNew = m_isEndNew || !isEnded(result->run.state) || (!m_detail && isNew);
        if (m_detail && m_detail->run.attempt != result->run.attempt) { // what the one before reported is not its own
            m_tests.reset();
            m_testsError.reset();
            m_testedIn = RunState::Unknown;
        }
        m_detail = *result;
        if (std::exchange(m_areTestsLate, false))
            m_testedIn = RunState::Unknown;
    }
    const QPointer<RunWatch> self(this);
    tell();
    if (!self)
        return;
    lookAtTests();
    again();
}

void RunWatch::again()
{
    if (std::exchange(m_isWanted, false)) {
        look();
        return;
    }
    const bool goesOn = !m_detail || !isEnded(m_detail->run.state);
    const bool isLate = !goesOn && m_failures == 0 && std::exchange(m_isEndNew, false);
    m_areTestsLate = m_areTestsLate || isLate;
    const int thrift = m_pace.thrift ? std::max(m_pace.thrift(), 1) : 1;
    const std::chrono::milliseconds wait =
        (goesOn || isLate || m_areTestsLate ? m_pace.running : m_pace.quiet) * (thrift << m_failures);
    m_timer.start(wait); // patience that is still asked for by then: see look()
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
    const int attempt = m_detail->run.attempt;
    deliver(server->source().tests(m_ref, stop), stop, this, [this, stop, attempt](const Result<TestReport> &result) {
        m_isTesting = false;
        if (!stop.stop_requested())
            takeTests(result, attempt);
    });
}

void RunWatch::takeTests(const Result<TestReport> &result, int attempt)
{
    if (!result && result.error().kind == ErrorKind::RateLimited && m_pace.limited)
        m_pace.limited(result.error().retryAfter);
    if (m_detail->run.attempt != attempt) { // it began again while they were read
        lookAtTests();
        return;
    }
    const bool areNone = // as the server says; else it could not be asked, and what it said before may still be so
        !result && (result.error().kind == ErrorKind::NotFound || result.error().kind == ErrorKind::Unsupported);
    if (!result && !areNone)
        m_testedIn = RunState::Unknown; // asked again with the next look
    m_testsError = result ? std::nullopt : std::optional(result.error());
    if (areNone)
        m_tests.reset();
    if (result) {
        m_tests = *result;
        if (!m_tests->readAt.isValid())
            m_tests->readAt = QDateTime::currentDateTimeUtc();
    }
    const QPointer<RunWatch> self(this);
    tell();
    if (self && m_detail && m_detail->run.state != m_testedIn && m_testedIn != RunState::Unknown)
        lookAtTests(); // it ended while they were read
}

} // namespace signalbox
