#pragma once

#include "services/adapters/travis/travisplan.h"
#include "services/adapters/travis/travisreads.h"
#include "services/ports/steprunner.h"

#include <QObject>

namespace signalbox
{

// Carries out TravisSource's plans. Travis CI answers a write before it did it (202): the step is done when a read says
// so. GUI thread.
class TravisSteps : public QObject, public StepRunner
{
public:
    explicit TravisSteps(travis::Reads reads, QObject *parent = nullptr);
    ~TravisSteps() override;

    QFuture<Result<void>> dryRun(PlanStep step, StopToken stop) override;
    QFuture<Result<Receipt>> execute(PlanStep step, StopToken stop) override;
    QFuture<Result<Observation>> observe(PlanStep step, Receipt receipt, StopToken stop) override;
    QFuture<Result<bool>> tookPlace(PlanStep step, StopToken stop) override;
    QFuture<Result<PlanStep>> reversal(Plan plan, QStringList doneStepIds, StopToken stop) override;

private:
    // Of the build or job of a step.
    struct Standing
    {
        RunState state = RunState::Unknown;
        QDateTime startedAt;
        QDateTime restartedAt;
    };
    QFuture<Result<Standing>> standing(const travis::Expected &expected, const StopToken &stop);
    QFuture<Result<Receipt>> send(const PlanStep &step, const travis::Expected &expected, const StopToken &stop);
    // By the mark, among the newest; none: there is none yet.
    QFuture<Result<std::optional<travis::RequestAnswer>>> find(const travis::Expected &expected, const StopToken &stop);
    QFuture<Result<Observation>> observeRequest(const travis::Expected &expected, const QString &id,
                                                const StopToken &stop);
    static bool hasRestarted(const travis::Expected &expected, const Standing &now);

    const travis::Reads m_reads;
};

} // namespace signalbox
