#include "ui/pages/pipelines/judgedtests.h"

#include "services/async/deliver.h"

#include <QThreadPool>

#include <algorithm>
#include <memory>
#include <utility>

namespace signalbox
{

namespace
{

constexpr qsizetype mostJudged = 8;

QString judgedKey(const Run &run)
{
    return run.ref.key() + u'|' + QString::number(run.attempt);
}

// Lists are shared as long as nobody reads the report anew: then the place of their data tells, whatever their size.
bool isSameReport(const runs::TestedRun &a, const runs::TestedRun &b)
{
    return a.run.ref == b.run.ref && a.run.attempt == b.run.attempt && a.run.branch == b.run.branch &&
           a.report.cases.size() == b.report.cases.size() && a.report.cases.constData() == b.report.cases.constData();
}

} // namespace

JudgedTests::JudgedTests(QObject *parent)
    : QObject(parent)
{}

JudgedTests::~JudgedTests() = default;

const JudgedTests::List *JudgedTests::of(const runs::TestedRun &run, const QList<runs::TestedRun> &past)
{
    const QString key = judgedKey(run.run);
    if (m_kept.size() >= mostJudged && !m_kept.contains(key))
        m_kept.clear();
    const bool isKnown = m_kept.contains(key);
    Kept &kept = m_kept[key];
    if (!isKnown || !isSameReport(kept.run, run) ||
        !std::equal(kept.past.cbegin(), kept.past.cend(), past.cbegin(), past.cend(), isSameReport)) {
        kept.run = run;
        kept.past = past;
        kept.isDue = true;
    }
    if (kept.isDue && !m_isWorking)
        work(key);
    return kept.judged ? &*kept.judged : nullptr;
}

// One at a time: whoever looks asks again when this one is done.
void JudgedTests::work(const QString &key)
{
    Kept &kept = m_kept[key];
    kept.isDue = false;
    m_isWorking = true;
    const auto promise = std::make_shared<QPromise<Result<List>>>();
    promise->start();
    deliver(promise->future(), {}, this, [this, key](const Result<List> &judged) {
        m_isWorking = false;
        const auto known = m_kept.find(key);
        if (judged && known != m_kept.end())
            known->judged = *judged;
        emit changed();
    });
    QThreadPool::globalInstance()->start([promise, run = kept.run, past = kept.past] {
        promise->addResult(Result<List>(runs::judged(run, past)));
        promise->finish();
    });
}

} // namespace signalbox
