#pragma once

#include "services/async/deliver.h"
#include "services/ports/steprunner.h"

#include <QHash>
#include <QList>
#include <QStringList>

#include <deque>
#include <memory>
#include <optional>

namespace signalbox::test
{

// Answers as a test scripts it, in order; the last answer of a script is given again and again. `hold` keeps the next
// answer of execute() back until give() is called. Every call is noted in `calls` as "execute 1", "observe 1", ...
class FakeStepRunner : public StepRunner
{
public:
    QStringList calls;
    std::deque<Result<void>> dryRuns{Result<void>()};
    std::deque<Result<Receipt>> receipts{Receipt{}};
    std::deque<Result<Observation>> observations{
        seen(Observation::State::Effective, QStringLiteral("3 of 3 pods ready"))};
    std::deque<Result<bool>> takenPlace{true};
    std::deque<Result<PlanStep>> reversals{Error{ErrorKind::Unsupported, QStringLiteral("no way back"), {}}};
    bool holdsExecute = false;
    bool holdsObserve = false;                 // observe() is never answered
    bool holdsDryRun = false;                  // nor dryRun()
    QHash<QString, Result<bool>> takenPlaceOf; // by step id; before takenPlace
    std::optional<Result<bool>> objects;       // what hasObject() says; none: steps name none

    static Observation seen(Observation::State state, const QString &text, const QString &blocker = {})
    {
        Observation observation;
        observation.state = state;
        observation.text = text;
        observation.blocker = blocker;
        return observation;
    }

    void give(const Result<Receipt> &receipt)
    {
        m_held->addResult(receipt);
        m_held->finish();
        m_held.reset();
    }
    bool isHolding() const { return m_held != nullptr; }
    int count(const QString &call) const { return static_cast<int>(calls.count(call)); }

    QFuture<Result<void>> dryRun(PlanStep step, StopToken) override
    {
        if (!holdsDryRun)
            return answer(dryRuns, "dryRun ", step);
        calls.append(QStringLiteral("dryRun ") + step.id);
        m_untried = std::make_shared<QPromise<Result<void>>>();
        m_untried->start();
        return m_untried->future();
    }
    QFuture<Result<Receipt>> execute(PlanStep step, StopToken) override
    {
        if (!holdsExecute)
            return answer(receipts, "execute ", step);
        calls.append(QStringLiteral("execute ") + step.id);
        m_held = std::make_shared<QPromise<Result<Receipt>>>();
        m_held->start();
        return m_held->future();
    }
    QFuture<Result<Observation>> observe(PlanStep step, Receipt, StopToken) override
    {
        if (!holdsObserve)
            return answer(observations, "observe ", step);
        calls.append(QStringLiteral("observe ") + step.id);
        m_unseen = std::make_shared<QPromise<Result<Observation>>>();
        m_unseen->start();
        return m_unseen->future();
    }
    QFuture<Result<bool>> tookPlace(PlanStep step, StopToken) override
    {
        lastAsked = step;
        if (const auto known = takenPlaceOf.constFind(step.id); known != takenPlaceOf.constEnd())
            return ready(*known);
        return answer(takenPlace, "tookPlace ", step);
    }
    QFuture<Result<PlanStep>> reversal(Plan, QStringList doneStepIds, StopToken) override
    {
        PlanStep named;
        named.id = doneStepIds.join(QLatin1Char(','));
        return answer(reversals, "reversal ", named);
    }
    QFuture<Result<bool>> hasObject(PlanStep step, StopToken stop) override
    {
        if (!objects)
            return StepRunner::hasObject(step, stop);
        calls.append(QStringLiteral("hasObject ") + step.id);
        return ready(*objects);
    }
    PlanStep lastAsked;

private:
    template <typename T>
    QFuture<Result<T>> answer(std::deque<Result<T>> &script, const char *name, const PlanStep &step)
    {
        calls.append(QLatin1String(name) + step.id);
        const Result<T> next = script.front();
        if (script.size() > 1)
            script.pop_front();
        return ready(next);
    }
    std::shared_ptr<QPromise<Result<Receipt>>> m_held;
    std::shared_ptr<QPromise<Result<Observation>>> m_unseen;
    std::shared_ptr<QPromise<Result<void>>> m_untried;
};

class FakeLocker : public RemoteLocker
{
public:
    QStringList calls;
    Result<RemoteLock> grant = RemoteLock{true, {}, {}};
    Result<void> renewal;
    bool isSilent = false; // never answers acquire()

    QFuture<Result<RemoteLock>> acquire(QString, QString application, QString, bool preempt, StopToken) override
    {
        calls.append(QStringLiteral("acquire %1%2").arg(application, preempt ? QStringLiteral(" preempt") : QString()));
        if (!isSilent)
            return ready(grant);
        m_silent = std::make_shared<QPromise<Result<RemoteLock>>>();
        m_silent->start();
        return m_silent->future();
    }
    QFuture<Result<void>> renew(QString, QString application, StopToken) override
    {
        calls.append(QStringLiteral("renew ") + application);
        return ready(renewal);
    }
    QFuture<Result<void>> release(QString, QString application, StopToken) override
    {
        calls.append(QStringLiteral("release ") + application);
        return ready(Result<void>());
    }

private:
    std::shared_ptr<QPromise<Result<RemoteLock>>> m_silent;
};

} // namespace signalbox::test
