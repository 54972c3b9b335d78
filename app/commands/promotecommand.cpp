#include "app/commands/promotioncommand.h"

#include "app/commands/commandstext.h"
#include "app/commands/render.h"
#include "models/domain/digest.h"
#include "models/domain/duration.h"
#include "services/async/deliver.h"
#include "services/operations/operation.h"
#include "services/promotions/gatedecision.h"
#include "services/promotions/ledgerdesk.h"
#include "services/promotions/selfstarts.h"

#include <utility>

namespace signalbox::commands
{

namespace
{

constexpr int lookEveryMs = 2000;
constexpr int mostUnknownLooks = 8; // clusters and alerts are read by then, or cannot be

// Nothing is known to stand against it, but something is not known yet: there may be nothing to break.
bool isOnlyUnknown(const policy::Decision &decision)
{
    using State = policy::RuleResult::State;
    bool isUnknown = false;
    for (const policy::RuleResult &rule : decision.rules) {
        if (rule.counts && (rule.state == State::Block || rule.state == State::Waiting))
            return false;
        isUnknown = isUnknown || (rule.counts && rule.state == State::Unknown);
    }
    return isUnknown;
}

} // namespace

Result<PromotionOrder> PromoteCommand::orderOf(const cli::Arguments &arguments)
{
    PromotionOrder order;
    order.application = arguments.positionals.value(0);
    order.environment = arguments.value(QStringLiteral("to"));
    order.digest = arguments.value(QStringLiteral("digest"));
    order.release = arguments.value(QStringLiteral("release"));
    order.reason = arguments.value(QStringLiteral("reason"));
    const auto invalid = [](const QString &text) { return Error{ErrorKind::Invalid, text, {}}; };
    if (order.environment.isEmpty())
        return invalid(CommandsText::tr("\"signalbox promote\" needs --to ENV."));
    if (!order.digest.isEmpty() && !isDigest(order.digest))
        return invalid(CommandsText::tr("--digest: \"%1\" is no digest; give sha256: and 64 hexadecimal digits.")
                           .arg(order.digest.left(80)));
    for (const QString &option : {QStringLiteral("within"), QStringLiteral("follow-within")}) {
        if (!arguments.has(option))
            continue;
        if (!arguments.has(QStringLiteral("wait")))
            return invalid(CommandsText::tr("--%1 needs --wait.").arg(option));
        if (const auto parsed = parseDuration(arguments.value(option)); !parsed)
            return invalid(CommandsText::tr("--%1: %2").arg(option, parsed.error().message));
    }
    if (arguments.has(QStringLiteral("wait")) && arguments.has(QStringLiteral("dry-run")))
        return invalid(CommandsText::tr("--dry-run writes nothing, hence there is nothing to --wait for."));
    if (arguments.has(QStringLiteral("break-glass")) && order.reason.trimmed().isEmpty())
        return invalid(CommandsText::tr("--break-glass needs --reason TEXT: it is kept in the ledger."));
    return order;
}

void PromoteCommand::listed()
{
    if (const auto time = parseDuration(option("follow-within")))
        desk().setFollowWithin(*time);
    terminal().progress(CommandsText::tr("verifying the ledger, reading what runs where"));
    deliver(desk().draft(*orderOf(context().arguments), stopToken()), stopToken(), this,
            [this](const Result<PromotionDraft> &draft) {
                terminal().clearProgress();
                if (!draft)
                    return fail(draft.error());
                takeDraft(*draft);
            });
}

void PromoteCommand::takeDraft(const PromotionDraft &draft)
{
    m_report.draft = draft;
    if (has("break-glass") && !draft.mayBreakGlass.isGiven && !draft.decision.isOpen)
        return fail(Error{ErrorKind::Refused, draft.mayBreakGlass.reason, {}});
    for (const QString &warning : draft.warnings)
        terminal().say(QStringLiteral("signalbox: ") + warning);
    if (!context().isJson())
        terminal().print(draftText(draft));
    if (has("dry-run"))
        showPlan(draft);
    else if (has("wait"))
        lookForIt(draft);
    else if (has("break-glass"))
        confirmDraft(draft);
    else
        ask(draft);
}

// What is carried out later, maybe in hours, is what is shown and confirmed now, or nothing.
void PromoteCommand::showPlan(const PromotionDraft &draft)
{
    terminal().progress(CommandsText::tr("planning"));
    deliver(desk().rehearse(draft, stopToken()), stopToken(), this, [this, draft](const Result<Plan> &plan) {
        terminal().clearProgress();
        if (!plan && has("wait") && isGateAwaited(plan.error()))
            return showGate(draft, plan.error());
        if (!plan)
            return fail(plan.error());
        if (!context().isJson())
            terminal().print(planText(*plan));
        if (has("dry-run")) {
            m_report.plan = *plan;
            return tell(ExitStatus::Done);
        }
        m_seen = *plan;
        confirmDraft(draft);
    });
}

// A job may promote before the run that deploys has come to its gate. The policy says which gate, and the request which
// commit: that is confirmed, and the first plan for it is what is carried out.
void PromoteCommand::showGate(const PromotionDraft &draft, const Error &none)
{
    m_isGateAwaited = true;
    terminal().say(CommandsText::tr("%1 The gate is opened once one does.").arg(none.message));
    confirmDraft(draft);
}

void PromoteCommand::confirmDraft(const PromotionDraft &draft)
{
    const policy::Subject &subject = draft.request.subject;
    confirm(subject.application, subject.environment, [this, draft] { ask(draft); });
}

// Said once, before anybody confirms it.
void PromoteCommand::takeUp(const policy::PromotionCard &card, const QString &me)
{
    if (std::exchange(m_promotion, card.id) == card.id)
        return;
    terminal().say(card.requester == me
                       ? CommandsText::tr("It was asked for already: promotion %1.").arg(card.id)
                       : CommandsText::tr("%1 asked for it already: promotion %2.").arg(card.requester, card.id));
}

// What somebody else asked for is carried out with their words: that is the plan that is shown.
void PromoteCommand::lookForIt(const PromotionDraft &draft)
{
    deliver(desk().refresh(stopToken()), stopToken(), this, [this, draft](const Result<policy::PromotionBoard> &board) {
        if (!board)
            return fail(board.error());
        PromotionDraft shown = draft;
        if (const policy::PromotionCard *card = askedAlready(*board, draft.request.subject)) {
            takeUp(*card, board->me.principal);
            shown.request.reason = card->request.reason;
            shown.request.version = card->request.version;
            shown.request.model = card->request.model;
        }
        showPlan(shown);
    });
}

// What was asked for in the same words and is still open is taken up again, so that a job may be run anew.
void PromoteCommand::ask(const PromotionDraft &draft)
{
    deliver(desk().refresh(stopToken()), stopToken(), this, [this, draft](const Result<policy::PromotionBoard> &board) {
        if (!board)
            return fail(board.error());
        if (const policy::PromotionCard *card = askedAlready(*board, draft.request.subject)) {
            if (m_promotion.isEmpty() || m_promotion == card->id) {
                takeUp(*card, board->me.principal);
                return wait();
            }
        }
        // Its words were shown and confirmed: they are not signed as one's own.
        if (!m_promotion.isEmpty())
            return fail(Error{ErrorKind::Conflict,
                              CommandsText::tr("Nothing was changed: the promotion %1, which was to be taken up, is "
                                               "over. The same command asks for it anew.")
                                  .arg(m_promotion),
                              {}});
        terminal().progress(CommandsText::tr("signing"));
        deliver(desk().request(draft), stopToken(), this, [this](const Result<QString> &id) {
            terminal().clearProgress();
            if (!id)
                return fail(id.error());
            m_promotion = *id;
            m_report.entry = *id;
            if (!context().isJson())
                terminal().print(CommandsText::tr("Asked for: promotion %1.").arg(*id) + QLatin1Char('\n'));
            wait();
        });
    });
}

void PromoteCommand::wait()
{
    m_again.setInterval(lookEveryMs);
    connect(&m_again, &QTimer::timeout, this, &PromoteCommand::lookAgain);
    if (const auto within = parseDuration(option("within")); within && has("wait")) {
        QTimer::singleShot(*within, this, [this] {
            if (m_operation)
                return; // it is being carried out: its own deadline counts
            terminal().clearProgress();
            terminal().say(
                CommandsText::tr("The time of --within is up; the promotion %1 stays open.").arg(m_promotion));
            tell(ExitStatus::Unknown);
        });
    }
    m_again.start();
    lookAgain();
}

void PromoteCommand::lookAgain()
{
    if (m_isLooking || m_operation)
        return;
    m_isLooking = true;
    deliver(desk().refresh(stopToken()), stopToken(), this, [this](const Result<policy::PromotionBoard> &board) {
        m_isLooking = false;
        if (board)
            look(*board);
        else if (!has("wait"))
            fail(board.error());
        else // a remote that is away for a moment does not end a wait
            terminal().progress(CommandsText::tr("waiting: %1").arg(board.error().message));
    });
}

void PromoteCommand::look(const policy::PromotionBoard &board)
{
    using State = policy::PromotionCard::State;
    const policy::PromotionCard *card = board.find(m_promotion);
    if (!card || m_operation)
        return;
    m_report.card = *card;
    if (has("break-glass") && breaksGlass(*card))
        return;
    if (!has("wait")) {
        if (!context().isJson())
            terminal().print(card->decision.text + QLatin1Char('\n'));
        return tell(ExitStatus::Done);
    }
    switch (card->state) {
    case State::Done:
        return tell(ExitStatus::Done);
    case State::Ended:
    case State::Rejected:
    case State::Replaced:
        if (!context().isJson())
            terminal().print((card->outcome ? card->outcome->message : card->decision.text) + QLatin1Char('\n'));
        return tell(ExitStatus::Refused);
    case State::Ready:
        if (card->mayStart.isGiven)
            return carryOut(*card);
        break;
    case State::Waiting:
    case State::Blocked:
    case State::UnderWay:
        break;
    }
    terminal().progress(CommandsText::tr("waiting: %1").arg(card->decision.text));
}

// Only where the policy is not met: otherwise there is nothing to break.
bool PromoteCommand::breaksGlass(const policy::PromotionCard &card)
{
    if (!card.isOpen() || card.decision.isOpen || card.decision.glass ||
        card.state == policy::PromotionCard::State::UnderWay)
        return false;
    if (!card.mayBreakGlass.isGiven) {
        fail(Error{ErrorKind::Refused, card.mayBreakGlass.reason, {}});
        return true;
    }
    if (isOnlyUnknown(card.decision) && ++m_unknownLooks < mostUnknownLooks) { // m_again looks anew
        terminal().progress(CommandsText::tr("waiting: %1").arg(card.decision.text));
        return true;
    }
    m_again.stop();
    terminal().progress(CommandsText::tr("signing"));
    deliver(desk().breakGlass(seenOf(card), option("reason")), stopToken(), this, [this](const Result<QString> &entry) {
        terminal().clearProgress();
        if (!entry)
            return fail(entry.error());
        if (!context().isJson())
            terminal().print(
                CommandsText::tr("You act alone; entry %1. Others answer for it by \"signalbox countersign %1\".")
                    .arg(*entry) +
                QLatin1Char('\n'));
        m_again.start();
        lookAgain();
    });
    return true;
}

void PromoteCommand::carryOut(const policy::PromotionCard &card)
{
    m_again.stop();
    terminal().progress(CommandsText::tr("planning"));
    const QString policy = card.decision.policyCommit;
    deliver(desk().plan(seenOf(card), stopToken()), stopToken(), this, [this, policy](const Result<Plan> &plan) {
        terminal().clearProgress();
        if (m_isInterrupted)
            return;
        if (!plan) {
            if (!isPlannedAgain(plan.error(), m_isGateAwaited))
                return fail(plan.error());
            if (plan.error().kind != ErrorKind::Conflict)
                terminal().progress(CommandsText::tr("waiting: %1").arg(plan.error().message));
            m_again.start(); // it moved, nobody could look, or no run is at the gate yet: look again
            return;
        }
        if (!context().isJson())
            terminal().print(planText(*plan));
        if (m_isGateAwaited && policy != m_report.draft->request.policyCommit)
            return leaveIt(CommandsText::tr("the policy, which names the gate, is another one"));
        if (std::exchange(m_isGateAwaited, false))
            m_seen = *plan;
        if (const QString why = whatChanged(m_seen, *plan); !why.isEmpty())
            return leaveIt(why);
        auto created = session().operations().create(*plan);
        if (!created)
            return fail(created.error());
        follow(*created);
    });
}

void PromoteCommand::follow(Operation *operation)
{
    m_operation = operation;
    connect(operation, &Operation::stateChanged, this, [this](OperationState state) {
        if (state == OperationState::Executing && !m_steering && terminal().isInteractive())
            m_steering = new Steering(*m_operation, Steering::By::Keys, terminal(), this);
        if (state != OperationState::AwaitingConfirmation)
            return showProgress();
        QTimer::singleShot(0, this, &PromoteCommand::confirmShown); // outside the operation's own signal
    });
    connect(operation, &Operation::progressed, this, &PromoteCommand::showProgress);
    connect(operation, &Operation::finished, this, &PromoteCommand::noteOutcome);
    if (!operation->start())
        fail(Error{ErrorKind::Internal, CommandsText::tr("The operation could not be started."), {}});
}

// It was confirmed when it was asked for: that, and nothing else.
void PromoteCommand::confirmShown()
{
    if (!m_operation || m_operation->state() != OperationState::AwaitingConfirmation || m_isInterrupted)
        return;
    const Plan plan = m_operation->plan();
    const QString why = whatChanged(m_seen, plan);
    if (why.isEmpty()) {
        m_operation->confirm(plan.fingerprint());
        return;
    }
    Operation *const operation = m_operation;
    operation->disconnect(this);
    m_operation = nullptr;
    operation->cancel();
    leaveIt(why);
}

void PromoteCommand::leaveIt(const QString &why)
{
    m_again.stop();
    terminal().clearProgress();
    fail(Error{ErrorKind::Conflict,
               CommandsText::tr("Nothing was changed: %1. The promotion %2 stays open; the same command shows its plan "
                                "anew and takes it up.")
                   .arg(why, m_promotion),
               {}});
}

void PromoteCommand::showProgress()
{
    if (!m_operation || !m_operation->holdsLock())
        return;
    QString line = operationStateLabel(m_operation->state());
    const QList<PlanStep> steps = m_operation->chosenSteps();
    if (m_operation->stepIndex() >= 0 && steps.size() > 1)
        line = CommandsText::tr("step %1 of %2: %3").arg(m_operation->stepIndex() + 1).arg(steps.size()).arg(line);
    if (const auto seen = m_operation->observation())
        line += QStringLiteral(": ") + seen->text +
                (seen->blocker.isEmpty() ? QString() : QStringLiteral(" (%1)").arg(seen->blocker));
    terminal().progress(line);
}

void PromoteCommand::noteOutcome(const Outcome &outcome)
{
    if (m_steering)
        m_steering->end();
    m_steering = nullptr; // another attempt has its own
    terminal().clearProgress();
    for (const QString &warning : m_operation->warnings())
        terminal().say(QStringLiteral("▲ ") + warning);
    // Somebody else was first with the claim: their outcome is awaited.
    const bool isLost = outcome.kind == OutcomeKind::Conflict && outcome.steps.size() <= 1 && !m_isInterrupted;
    if (isLost) {
        terminal().say(outcome.message);
        m_operation->disconnect(this);
        m_operation = nullptr;
        m_again.start();
        return;
    }
    m_report.plan = m_operation->plan();
    m_report.outcome = outcome;
    if (!context().isJson())
        terminal().print(outcomeText(m_operation->plan(), outcome));
    // Nobody saw the effect: the ledger has it as unknown, too.
    const bool isUnseen = outcome.kind == OutcomeKind::Done && !outcome.isConfirmed;
    tell(isUnseen ? ExitStatus::Unknown : exitStatusOf(outcome));
}

void PromoteCommand::tell(ExitStatus status)
{
    m_again.stop();
    terminal().clearProgress();
    m_report.status = status;
    if (context().isJson())
        terminal().print(promotionJson(m_report));
    leave(status);
}

void PromoteCommand::interrupt()
{
    m_isInterrupted = true;
    if (m_operation && m_operation->holdsLock()) {
        terminal().say(
            m_operation->cancel()
                ? CommandsText::tr("Stopping at the next safe point. What was done stays; Ctrl+C again leaves at "
                                   "once.")
                : CommandsText::tr("The last call is on its way: waiting for its effect. Ctrl+C again leaves at "
                                   "once."));
        return;
    }
    if (m_promotion.isEmpty())
        return Command::interrupt();
    m_again.stop();
    terminal().clearProgress();
    terminal().say(CommandsText::tr("Cancelled. The promotion %1 stays open.").arg(m_promotion));
    finish(ExitStatus::Refused);
}

} // namespace signalbox::commands
