#include "ui/pages/pipelines/runpast.h"

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr int mostDetails = 12; // runs compared with; more are rarely of the same pipeline as it is now
constexpr int mostReports = 4;
constexpr int mostKept = 400; // of all pipelines that were looked at
constexpr double leastBudget = 0.4;

} // namespace

RunPast::RunPast(QObject *parent)
    : QObject(parent)
{
    m_settle.setSingleShot(true);
    m_settle.setInterval(std::chrono::milliseconds(300)); // who walks through the list asks for nothing
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
    wanted = wanted.mid(0, mostDetails);
    if (m_source == source && wanted == m_wanted)
        return;
    m_source = source;
    m_pipeline = pipeline;
    m_wanted = wanted;
    m_ask.cancel();
    if (m_known.size() > mostKept)
        m_known.clear();
    if (m_isActive)
        m_settle.start();
}

void RunPast::setActive(bool isActive)
{
    m_isActive = isActive;
    if (isActive)
        m_settle.start();
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

// The report before this one is what tells new failures: it comes first.
void RunPast::next()
{
    if (m_ask.isRunning() || !mayAsk())
        return;
    int reports = 0;
    for (const Run &run : std::as_const(m_wanted)) {
        const QString key = keyOf(run);
        const auto known = m_known.constFind(key);
        if (m_failed.contains(key))
            continue;
        if (known == m_known.cend())
            return askDetail(run);
        if (reports++ < mostReports && !known->hasAskedTests)
            return askTests(run);
    }
}

void RunPast::askDetail(const Run &run)
{
    m_ask.run(
        this, [this, &run](const StopToken &stop) { return m_source->run(run.ref, stop); },
        [this, run](const Result<RunDetail> &detail) {
            if (detail)
                m_known.insert(keyOf(run), {run, *detail, std::nullopt, false});
            else
                m_failed.insert(keyOf(run));
            if (detail)
                emit changed();
            next();
        });
}

void RunPast::askTests(const Run &run)
{
    m_ask.run(
        this, [this, &run](const StopToken &stop) { return m_source->tests(run.ref, stop); },
        [this, run](const Result<TestReport> &report) {
            Known &known = m_known[keyOf(run)];
            known.hasAskedTests = true;
            if (report)
                known.tests = *report;
            if (report)
                emit changed();
            next();
        });
}

QList<RunDetail> RunPast::details() const
{
    QList<RunDetail> all;
    for (const Run &run : m_wanted) {
        if (const auto known = m_known.constFind(keyOf(run)); known != m_known.cend())
            all.append(known->detail);
    }
    return all;
}

QList<runs::TestedRun> RunPast::tested() const
{
    QList<runs::TestedRun> all;
    for (const Run &run : m_wanted) {
        const auto known = m_known.constFind(keyOf(run));
        if (known != m_known.cend() && known->tests)
            all.append({known->run, *known->tests});
    }
    return all;
}

std::optional<TestReport> RunPast::testsBefore() const
{
    const QList<runs::TestedRun> all = tested();
    return all.isEmpty() ? std::nullopt : std::optional(all.first().report);
}

} // namespace signalbox
