#pragma once

#include "services/adapters/jenkins/jenkinsclient.h"
#include "services/adapters/jenkins/jenkinsplan.h"
#include "services/ports/steprunner.h"

namespace signalbox::jenkins
{

// Carries out what JenkinsSource and JenkinsGates planned. GUI thread.
class JenkinsSteps : public QObject, public StepRunner
{
public:
    explicit JenkinsSteps(JenkinsClient &client);

    [[nodiscard]] QFuture<Result<void>> dryRun(PlanStep step, StopToken stop) override;
    [[nodiscard]] QFuture<Result<Receipt>> execute(PlanStep step, StopToken stop) override;
    [[nodiscard]] QFuture<Result<Observation>> observe(PlanStep step, Receipt receipt, StopToken stop) override;
    [[nodiscard]] QFuture<Result<bool>> tookPlace(PlanStep step, StopToken stop) override;
    [[nodiscard]] QFuture<Result<PlanStep>> reversal(Plan plan, QStringList doneStepIds, StopToken stop) override;

private:
    // Of a start: builds since, and what waits in the queue.
    struct Begun
    {
        QList<SeenRun> runs; // newest first
        QList<QueueItem> queue;
    };
    QFuture<Result<Begun>> begun(const Commission &one, const StopToken &stop);
    QFuture<Result<Observation>> observeStart(const Commission &one, const Receipt &receipt, const StopToken &stop);
    QFuture<Result<Observation>> observeNewest(const Commission &one, qint64 item, const StopToken &stop);
    QFuture<Result<Observation>> observeStop(const Commission &one, const StopToken &stop);
    QFuture<Result<Observation>> observeUnqueue(const Commission &one, const StopToken &stop);
    QFuture<Result<Observation>> observeDecision(const Commission &one, const StopToken &stop);
    // Conflict with who decided what, where somebody else did; else `refusal`.
    QFuture<Result<Receipt>> send(const PlanStep &step, const Commission &one, const StopToken &stop);
    QFuture<Result<Receipt>> judgedRefusal(const Commission &one, const Error &refusal, const StopToken &stop);

    JenkinsClient &m_client;
};

} // namespace signalbox::jenkins
