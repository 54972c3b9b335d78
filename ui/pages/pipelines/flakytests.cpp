#include "ui/pages/pipelines/flakytests.h"

#include "services/async/deliver.h"

#include <QThreadPool>

#include <algorithm>
#include <memory>
#include <utility>

namespace signalbox
{

namespace
{

// As long as nobody reads a report anew the place of its data tells, whatever its size.
bool isSamePastReport(const runs::TestedRun &a, const runs::TestedRun &b)
{
    return a.run.ref == b.run.ref && a.run.attempt == b.run.attempt && a.report.cases.size() == b.report.cases.size() &&
           a.report.cases.constData() == b.report.cases.constData();
}

bool areOfOnePipeline(const QList<runs::TestedRun> &a, const QList<runs::TestedRun> &b)
{
    return !a.isEmpty() && !b.isEmpty() && a.first().run.ref.pipeline == b.first().run.ref.pipeline;
}

} // namespace

FlakyTests::FlakyTests(QObject *parent)
    : QObject(parent)
{}

FlakyTests::~FlakyTests() = default;

const FlakyTests::List *FlakyTests::of(const QList<runs::TestedRun> &past)
{
    const bool isKnown = (m_list || m_isDue || m_isWorking) &&
                         std::equal(m_past.cbegin(), m_past.cend(), past.cbegin(), past.cend(), isSamePastReport);
    if (!isKnown) {
        if (!areOfOnePipeline(m_past, past))
            m_list.reset();
        m_past = past;
        m_isDue = true;
    }
    if (m_isDue && !m_isWorking)
        work();
    return m_list ? &*m_list : nullptr;
}

// One at a time: whoever looks asks again when this one is done.
void FlakyTests::work()
{
    m_isDue = false;
    m_isWorking = true;
    const auto promise = std::make_shared<QPromise<Result<List>>>();
    promise->start();
    deliver(promise->future(), {}, this, [this, of = m_past](const Result<List> &found) {
        m_isWorking = false;
        if (found && (!m_isDue || areOfOnePipeline(of, m_past)))
            m_list = *found;
        emit changed();
    });
    QThreadPool::globalInstance()->start([promise, past = m_past] {
        promise->addResult(Result<List>(runs::flakiest(past)));
        promise->finish();
    });
}

} // namespace signalbox
