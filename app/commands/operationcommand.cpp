#include "app/commands/operationcommand.h"

#include "app/commands/json.h"
#include "app/commands/render.h"
#include "app/commands/targets.h"
#include "models/domain/confirmation.h"
#include "models/domain/duration.h"
#include "services/async/deliver.h"
#include "services/promotions/ledgerdesk.h"

#include <QCoreApplication>
#include <QTimer>

namespace signalbox::commands
{

namespace
{

struct OperationCommandText
{
    Q_DECLARE_TR_FUNCTIONS(OperationCommand)
};

bool isOfRun(OperationKind kind)
{
    return kind == OperationKind::RerunRun || kind == OperationKind::CancelRun || kind == OperationKind::TriggerRun;
}

} // namespace

OperationCommand::~OperationCommand() = default;

bool OperationCommand::divert(const Deployed &, ClusterConnection &)
{
    return false;
}

void OperationCommand::listed()
{
    auto found = findOne(session().deployed().all(), application(), environment());
    if (!found) {
        fail(session().listingError().value_or(found.error())); // what could not be read may hold it
        return;
    }
    m_deployed = std::move(*found);
    ClusterConnection *cluster = session().clusters().find(m_deployed.connection);
    if (!cluster)
        fail(connectionGone(m_deployed.connection));
    else if (!divert(m_deployed, *cluster))
        makePlan();
}

Result<QFuture<Result<Plan>>> OperationCommand::order(const Deployed &, ClusterConnection &)
{
    return Error{ErrorKind::Internal, OperationCommandText::tr("Nothing was asked for."), {}};
}

Result<QFuture<Result<Plan>>> OperationCommand::askPlan()
{
    ClusterConnection *cluster = session().clusters().find(m_deployed.connection);
    if (!cluster)
        return connectionGone(m_deployed.connection);
    return order(m_deployed, *cluster);
}

void OperationCommand::makePlan()
{
    auto asked = askPlan();
    if (!asked) {
        fail(asked.error());
        return;
    }
    terminal().progress(OperationCommandText::tr("planning"));
    deliver(*asked, stopToken(), this, [this](const Result<Plan> &plan) {
        terminal().clearProgress();
        if (plan)
            takePlan(*plan);
        else if (!m_isInterrupted)
            fail(plan.error());
    });
}

void OperationCommand::takePlan(const Plan &plan)
{
    if (m_isReplanning && m_operation) {
        m_isReplanning = false;
        if (m_operation->replacePlan(plan))
            return; // goes through preflight again
        fail(Error{ErrorKind::Conflict, OperationCommandText::tr("The plan could not be made again in time."), {}});
        return;
    }
    auto created = session().operations().create(plan);
    if (!created) {
        if (!context().isJson())
            terminal().print(planText(plan));
        fail(created.error());
        return;
    }
    follow(*created);
}

void OperationCommand::follow(Operation *operation)
{
    m_operation = operation;
    connect(operation, &Operation::stateChanged, this, &OperationCommand::stateChanged);
    connect(operation, &Operation::progressed, this, &OperationCommand::showProgress);
    connect(operation, &Operation::ticked, this, &OperationCommand::showProgress);
    connect(operation, &Operation::finished, this, &OperationCommand::finishWith);
    connect(operation, &Operation::planExpired, this, [this] {
        m_isReplanning = true;
        makePlan();
    });
    terminal().progress(OperationCommandText::tr("checking"));
    if (!operation->start(has("dry-run") ? Operation::Mode::DryRun : Operation::Mode::Real))
        fail(Error{ErrorKind::Internal, OperationCommandText::tr("The operation could not be started."), {}});
}

void OperationCommand::stateChanged(OperationState state)
{
    if (state == OperationState::AwaitingConfirmation)
        // Outside the operation's own signal.
        QTimer::singleShot(0, this, &OperationCommand::confirmOrAsk);
    else
        showProgress();
    if (state == OperationState::Executing && !m_steering) // confirmed: the terminal's keys have no other use now
        m_steering = new Steering(*m_operation, steeredBy(), terminal(), this);
}

// Standard input that is no terminal is somebody else's, unless it was said to be for us.
Steering::By OperationCommand::steeredBy() const
{
    if (has("steer")) // of traffic
        return Steering::By::Words;
    return terminal().isInteractive() ? Steering::By::Keys : Steering::By::Nothing;
}

void OperationCommand::confirmOrAsk()
{
    if (!m_operation || m_operation->state() != OperationState::AwaitingConfirmation || m_isInterrupted || m_isAsking)
        return;
    terminal().clearProgress();
    const QByteArray fingerprint = m_operation->plan().fingerprint();
    if (m_shown != fingerprint) {
        if (!m_shown.isEmpty())
            terminal().say(OperationCommandText::tr("The world moved meanwhile; this is the plan now:"));
        if (!context().isJson())
            terminal().print(planText(m_operation->plan()));
        m_isConfirmed = m_isConfirmed && m_shown.isEmpty();
        m_shown = fingerprint;
    }
    const Confirmation confirmation = m_operation->confirmation(false);
    if (m_isConfirmed || confirmation.kind == Confirmation::Kind::Press || !option("confirm").isEmpty()) {
        confirmed();
    } else if (terminal().isInteractive()) {
        ask(confirmation);
    } else {
        const Plan plan = m_operation->plan();
        drop();
        const QString sentence =
            isOfRun(plan.kind)
                ? OperationCommandText::tr("It may release, and nobody can be asked here: add --confirm %1. Nothing "
                                           "was written.")
                      .arg(plan.application)
                : OperationCommandText::tr(
                      "%1 is protected and nobody can be asked here: add --confirm %2. Nothing was written.")
                      .arg(plan.environment, plan.application);
        fail(Error{ErrorKind::Invalid, sentence, {}});
    }
}

void OperationCommand::ask(const Confirmation &confirmation)
{
    const bool isForward = confirmation.kind == Confirmation::Kind::TypeName;
    terminal().ask(isForward ? OperationCommandText::tr("Type %1 to go on: ").arg(confirmation.text)
                             : OperationCommandText::tr("Go back now? [y/N] "));
    m_isAsking = true;
    auto *reader = new cli::LineReader(terminal(), this);
    const auto refuse = [this, reader](const QString &sentence) {
        reader->deleteLater();
        m_isAsking = false;
        if (m_operation)
            drop();
        fail(Error{ErrorKind::Refused, sentence, {}});
    };
    connect(reader, &cli::LineReader::ended, this,
            [refuse] { refuse(OperationCommandText::tr("Not confirmed. Nothing was written.")); });
    connect(reader, &cli::LineReader::entered, this,
            [this, reader, refuse, confirmation, isForward](const QString &line) {
                const bool isYes = isForward ? confirmation.accepts(line)
                                             : line.compare(QLatin1String("y"), Qt::CaseInsensitive) == 0 ||
                                                   line.compare(QLatin1String("yes"), Qt::CaseInsensitive) == 0;
                if (!isYes) {
                    refuse(OperationCommandText::tr("Not confirmed. Nothing was written."));
                    return;
                }
                reader->deleteLater();
                m_isAsking = false;
                confirmed();
            });
}

void OperationCommand::confirmed()
{
    m_isConfirmed = true;
    if (m_operation && !m_operation->confirm(m_shown) && !m_isReplanning && !m_operation->isFinished())
        // The plan changed while it was being looked at: what is there now is shown and asked for anew.
        QTimer::singleShot(0, this, &OperationCommand::confirmOrAsk);
}

void OperationCommand::showProgress()
{
    if (!m_operation || m_isAsking)
        return;
    showWarnings(); // some come after the end: a lock that could not be given back
    if (!m_operation->holdsLock())
        return;
    QString line = operationStateLabel(m_operation->state());
    const QList<PlanStep> steps = m_operation->chosenSteps();
    if (m_operation->stepIndex() >= 0 && steps.size() > 1)
        line =
            OperationCommandText::tr("step %1 of %2: %3").arg(m_operation->stepIndex() + 1).arg(steps.size()).arg(line);
    if (m_operation->state() == OperationState::Dwelling || m_operation->state() == OperationState::Paused) {
        line += QStringLiteral(", ") +
                durationText(std::chrono::duration_cast<std::chrono::seconds>(m_operation->dwellRemaining()));
    } else if (const auto seen = m_operation->observation()) {
        line += QStringLiteral(": ") + seen->text;
        if (!seen->blocker.isEmpty())
            line += QStringLiteral(" (%1)").arg(seen->blocker);
    }
    terminal().progress(line);
}

void OperationCommand::showWarnings()
{
    const QStringList warnings = m_operation->warnings();
    for (; m_warningsShown < warnings.size(); ++m_warningsShown)
        terminal().say(QStringLiteral("▲ ") + warnings[m_warningsShown]);
}

void OperationCommand::finishWith(const Outcome &outcome)
{
    if (m_steering)
        m_steering->end();
    terminal().clearProgress();
    showWarnings();
    const Plan &plan = m_operation->plan();
    const ExitStatus status = exitStatusOf(outcome);
    if (context().isJson()) {
        terminal().print(operationJson(plan, outcome, status));
    } else {
        if (m_shown.isEmpty()) // ended before it was shown: a dry run, or blocked
            terminal().print(planText(plan));
        terminal().print(outcomeText(plan, outcome));
    }
    leaveWhenIdle(status);
}

void OperationCommand::leaveWhenIdle(ExitStatus status)
{
    // The record is written behind the outcome; leaving before would lose it until the next start.
    OperationCenter &center = session().operations();
    LedgerDesk *const desk = recorder();
    const auto isWritten = [&center, desk] { return center.isIdle() && (!desk || desk->isSettled()); };
    if (isWritten()) {
        finish(status);
        return;
    }
    const auto look = [this, isWritten, status] {
        if (isWritten())
            finish(status);
    };
    connect(&center, &OperationCenter::idle, this, look);
    if (desk)
        connect(desk, &LedgerDesk::settled, this, look);
    QTimer::singleShot(10000, this, [this, status] { finish(status); });
}

// Its end as cancelled is no outcome to tell: the reason is told instead.
void OperationCommand::drop()
{
    m_operation->disconnect(this);
    session().operations().discard(m_operation);
}

void OperationCommand::interrupt()
{
    m_isInterrupted = true;
    if (!m_operation || !m_operation->holdsLock()) {
        if (m_operation && !m_operation->isFinished())
            drop();
        Command::interrupt();
        return;
    }
    terminal().say(m_operation->cancel()
                       ? OperationCommandText::tr(
                             "Stopping at the next safe point. What was done stays; Ctrl+C again leaves at once.")
                       : OperationCommandText::tr(
                             "The last call is on its way: waiting for its effect. Ctrl+C again leaves at once."));
}

} // namespace signalbox::commands
