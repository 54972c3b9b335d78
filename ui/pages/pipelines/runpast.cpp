#include "ui/pages/pipelines/runpast.h"

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr int mostDetails = 12; // runs compared with; more are rarely of the same pipeline as it is now
constexpr int mostWithout = 4;  // reports that a branch may lack, the newest, until it is taken to have none
constexpr int mostKept = 200;   // of all pipelines that were looked at
constexpr double leastBudget = 0.4;

// That says nothing of the run: it is asked for again.
bool isTrouble(const Error &error)
{
    return error.kind == ErrorKind::RateLimited || error.kind == ErrorKind::Unreachable ||
           error.kind == ErrorKind::TimedOut;
}

} // namespace

RunPast::RunPast(QObject *parent)
    : RunPast(Pace(), parent)
{}

RunPast::RunPast(Pace pace, QObject *parent)
    : QObject(parent)
    , m_pace(pace)
{
    m_settle.setSingleShot(true);
    connect(&m_settle, &QTimer::timeout, this, &RunPast::next);
}

RunPast::~RunPast() = default;

QString RunPast::keyOf(const Run &run)
{
    return run.ref.key() + u'|' + QString::number(run.attempt);
}

void RunPast::follow(PipelineSource *source, const PipelineRef &pipeline, const QList<Run> &past, const Run &shown)
{
    QList<Run> wanted;
    for (const Run &run : past) {
        const bool isBefore = run.ref.id != shown.ref.id && run.createdAt <= shown.createdAt;
        if (isBefore && isEnded(run.state) && run.state != RunState::Skipped && run.state != RunState::Cancelled)
            wanted.append(run);
    }
    std::stable_sort(wanted.begin(), wanted.end(),
                     [](const Run &a, const Run &b) { return b.createdAt < a.createdAt; });
    QList<Run> reports = wanted;
    std::stable_partition(reports.begin(), reports.end(),
                          [&shown](const Run &run) { return run.branch == shown.branch; });
    reports = reports.mid(0, runs::mostTestRuns);
    wanted = wanted.mid(0, mostDetails);
    if (m_source == source && m_branch == shown.branch && wanted == m_wanted && reports == m_wantedReports)
        return;
    if (m_source != source) {
        m_pause = {};
        m_detailPause = {};
        if (m_source)
            disconnect(m_source.data(), &PipelineSource::budgetChanged, this, nullptr);
        if (source)
            connect(source, &PipelineSource::budgetChanged, this, [this] {
                if (m_isShort && mayAsk())
                    m_settle.start(m_pace.settle);
            });
    }
    m_source = source;
    m_usual.reset();
    m_pipeline = pipeline;
    m_branch = shown.branch;
    m_wanted = wanted;
    m_wantedReports = reports;
    m_ask.cancel();
    if (m_details.size() > mostKept)
        m_details.clear();
    if (m_reports.size() > mostKept) {
        m_reports.clear();
        m_names.clear();
    }
    if (m_isActive)
        m_settle.start(m_pace.settle);
}

void RunPast::setActive(bool isActive)
{
    m_isActive = isActive;
    if (isActive)
        m_settle.start(m_pace.settle);
    else
        m_ask.cancel();
}

bool RunPast::mayAsk() const
{
    if (!m_isActive || !m_source)
        return false;
    const std::optional<RequestBudget> budget = m_source->budget();
    return !budget || budget->limit <= 0 || budget->remaining > leastBudget * budget->limit;
}

// The report before this one is what tells new failures: it comes first. What flakiness needs comes last.
void RunPast::next()
{
    if (m_ask.isRunning())
        return;
    m_isShort = m_isActive && m_source && !mayAsk();
    if (m_isShort)
        waitForBudget();
    if (!mayAsk())
        return;
    const Run *const report = m_pause.hasExpired() ? nextReport() : nullptr;
    if (report && report == &m_wantedReports.constFirst())
        return askTests(*report);
    bool lacksDetail = false;
    for (const Run &run : std::as_const(m_wanted)) {
        const QString key = keyOf(run);
        if (m_failed.contains(key) || m_details.contains(key))
            continue;
        if (m_detailPause.hasExpired())
            return askDetail(run);
        lacksDetail = true;
    }
    if (report)
        return askTests(*report);
    // The sooner of what pauses.
    qint64 left = -1;
    const auto consider = [&left](const QDeadlineTimer &pause) {
        left = left < 0 ? pause.remainingTime() : std::min<qint64>(left, pause.remainingTime());
    };
    if (!m_pause.hasExpired())
        consider(m_pause);
    if (lacksDetail)
        consider(m_detailPause);
    if (left >= 0)
        m_settle.start(std::chrono::milliseconds(left + 1));
}

// The server tells when there is more; where nobody else asks it, it tells nothing before it is asked.
void RunPast::waitForBudget()
{
    const std::optional<RequestBudget> budget = m_source->budget();
    const qint64 left =
        budget && budget->resetsAt.isValid() ? QDateTime::currentDateTimeUtc().msecsTo(budget->resetsAt) : 0;
    m_settle.start(std::max(m_pace.again, std::chrono::milliseconds(left)));
}

const Run *RunPast::nextReport() const
{
    int without = 0;
    for (const Run &run : m_wantedReports) {
        const auto known = m_reports.constFind(keyOf(run));
        if (known == m_reports.cend())
            return &run;
        without = known->has_value() ? -runs::mostTestRuns : without + 1; // one that has some: go on
        if (without >= mostWithout)
            break;
    }
    return nullptr;
}

void RunPast::askDetail(const Run &run)
{
    m_ask.run(
        this, [this, &run](const StopToken &stop) { return m_source->run(run.ref, stop); },
        [this, key = keyOf(run)](const Result<RunDetail> &detail) {
            if (detail) {
                m_details.insert(key, *detail);
                m_usual.reset();
            } else if (isTrouble(detail.error())) {
                m_detailPause.setRemainingTime(std::max(m_pace.again, detail.error().retryAfter));
            } else {
                m_failed.insert(key);
            }
            if (detail)
                emit changed();
            next();
        });
}

void RunPast::askTests(const Run &run)
{
    m_ask.run(
        this, [this, &run](const StopToken &stop) { return m_source->tests(run.ref, stop); },
        [this, key = keyOf(run)](const Result<TestReport> &report) {
            const bool isFirst = !m_wantedReports.isEmpty() && key == keyOf(m_wantedReports.constFirst());
            if (!report && isTrouble(report.error())) {
                m_pause.setRemainingTime(std::max(m_pace.again, report.error().retryAfter));
                next(); // jobs may come all the same
                return;
            }
            m_reports.insert(key, report ? std::optional(slim(*report)) : std::nullopt);
            if (report)
                emit changed();
            if (isFirst)
                next();
            else
                m_settle.start(m_pace.apart);
        });
}

// Of thousands of tests in twenty reports only what is compared is kept: not what they printed, and each name once.
TestReport RunPast::slim(TestReport report)
{
    for (TestCase &test : report.cases) {
        test.suite = *m_names.insert(test.suite);
        test.name = *m_names.insert(test.name);
        test.message.clear();
        test.trace.clear();
    }
    return report;
}

QList<RunDetail> RunPast::details() const
{
    QList<RunDetail> all;
    for (const Run &run : m_wanted) {
        if (const auto known = m_details.constFind(keyOf(run)); known != m_details.cend())
            all.append(*known);
    }
    return all;
}

QHash<QString, runs::JobTime> RunPast::usual() const
{
    if (!m_usual)
        m_usual = runs::jobTimes(details());
    return *m_usual;
}

QList<runs::TestedRun> RunPast::tested() const
{
    QList<runs::TestedRun> all;
    for (const Run &run : m_wantedReports) {
        const auto known = m_reports.constFind(keyOf(run));
        if (known != m_reports.cend() && *known)
            all.append({run, **known});
    }
    return all;
}

std::optional<TestReport> RunPast::testsBefore() const
{
    const QList<runs::TestedRun> all = tested();
    return all.isEmpty() || all.first().run.branch != m_branch ? std::nullopt : std::optional(all.first().report);
}

} // namespace signalbox
