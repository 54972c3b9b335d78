#include "services/promotions/selfstarts.h"

#include "services/async/deliver.h"
#include "services/operations/lockkey.h"
#include "services/operations/operationcenter.h"
#include "services/promotions/awaitedrelease.h"
#include "services/promotions/gatedecision.h"
#include "services/promotions/promotionplan.h"
#include "services/promotions/promotionstext.h"

#include <algorithm>
#include <utility>

namespace signalbox
{

namespace
{

// In words: another reason is another warning. Details are left out, for some hold times.
QString warningText(const Check &check)
{
    return checkName(check.id) + QStringLiteral(": ") + check.text;
}

QList<Check> warningsOf(const Plan &plan)
{
    QList<Check> warned;
    for (const Check &check : plan.checks) {
        if (check.state == CheckState::Warn)
            warned.append(check);
    }
    return warned;
}

// Others have approved meanwhile, or this operator has.
bool isLess(const Check &now, const Check &then)
{
    return now.id == then.id && now.missing > 0 && now.missing <= then.missing;
}

QString otherThanShown()
{
    return PromotionsText::tr("what it would do is not what you were shown when you asked: look at the plan");
}

// The first warning that was not there when it was held for; empty: none.
QString newWarning(const Plan &plan, const QList<Check> &warned)
{
    for (const Check &one : warningsOf(plan)) {
        const bool isKnown = std::any_of(warned.cbegin(), warned.cend(), [&one](const Check &then) {
            return warningText(one) == warningText(then) || isLess(one, then);
        });
        if (!isKnown)
            return PromotionsText::tr("a check warns that did not when you asked (%1)").arg(warningText(one));
    }
    return {};
}

QString firstBlock(const Plan &plan)
{
    const auto found = std::find_if(plan.checks.cbegin(), plan.checks.cend(),
                                    [](const Check &check) { return check.state == CheckState::Block; });
    return found == plan.checks.cend() ? QString() : QStringLiteral("%1: %2").arg(found->text, found->detail);
}

} // namespace

QString planWords(const Plan &plan, Votes votes)
{
    // It has none yet while it is only rehearsed.
    const auto claim = claimOf(plan);
    const QString promotion = claim ? claim->claim.promotion : QString();
    QStringList words{plan.connection, plan.ns};
    const auto add = [&](QString text) {
        if (!promotion.isEmpty())
            text.remove(promotion);
        words << text.trimmed();
    };
    for (const PlanStep &step : plan.steps) {
        // How many others are waited for changes meanwhile; which release is awaited may not.
        if (isClaimStep(step) || (callsNothing(step) && !isAwaitStep(step)) || (step.isVote && votes == Votes::LeftOut))
            continue;
        for (const QString &text : {step.title, step.through, step.call.method, step.call.path})
            add(text);
        for (const DiffLine &line : step.diff)
            add(QStringLiteral("%1 %2").arg(static_cast<int>(line.kind)).arg(line.text));
    }
    return words.join(QLatin1Char('\n'));
}

bool doesWhatWasShown(const Plan &seen, const Plan &now)
{
    const QString words = planWords(now);
    if (words == planWords(seen))
        return true;
    const bool starts =
        std::any_of(now.steps.cbegin(), now.steps.cend(), [](const PlanStep &step) { return step.startsWaiting; });
    return starts && words == planWords(seen, Votes::LeftOut);
}

QString whatChanged(const Plan &seen, const Plan &now)
{
    if (!doesWhatWasShown(seen, now))
        return otherThanShown();
    QList<Check> known = seen.checks;
    known.removeIf([](const Check &check) { return check.state == CheckState::Pass; });
    Plan asked = now;
    asked.checks.removeIf([&seen](const Check &check) {
        if (check.id == CheckId::DryRun) // whether the remote tries it first is found out only now
            return true;
        // What stood against it warns in other words where somebody acts alone. The policy's rules share one id.
        return check.id != CheckId::Policy &&
               std::any_of(seen.checks.cbegin(), seen.checks.cend(), [&check](const Check &then) {
                   return then.id == check.id && then.state == CheckState::Block;
               });
    });
    return newWarning(asked, known);
}

SelfStarts::SelfStarts(PromotionDesk &desk, OperationCenter *operations, QObject *parent)
    : QObject(parent)
    , m_desk(desk)
    , m_operations(operations)
{
    connect(&m_desk, &PromotionDesk::boardChanged, this, qOverload<>(&SelfStarts::look));
    connect(&m_desk, &PromotionDesk::boardRead, this, qOverload<>(&SelfStarts::look));
    m_tick.setInterval(every);
    connect(&m_tick, &QTimer::timeout, this, [this] {
        if (m_wishes.isEmpty())
            return m_tick.stop();
        if (std::exchange(m_isLooking, true))
            return;
        deliver(m_desk.refresh(m_gone.get_token()), m_gone.get_token(), this,
                [this](const auto &) { m_isLooking = false; });
    });
}

SelfStarts::~SelfStarts()
{
    m_gone.request_stop();
}

void SelfStarts::add(const QString &promotion, const Plan &seen)
{
    Wish wish;
    wish.seen = seen;
    m_wishes.insert(promotion, wish);
    m_tick.start();
    emit changed();
    look(promotion);
}

void SelfStarts::remove(const QString &promotion)
{
    const auto wish = m_wishes.constFind(promotion);
    if (wish == m_wishes.constEnd() || wish->isCarriedOut)
        return;
    m_wishes.erase(wish);
    emit changed();
}

void SelfStarts::leave(const QString &promotion, const QString &why)
{
    if (m_wishes.remove(promotion) == 0)
        return;
    emit changed();
    if (!why.isEmpty())
        emit left(promotion, why);
}

void SelfStarts::look()
{
    const QStringList promotions = m_wishes.keys();
    for (const QString &promotion : promotions)
        look(promotion);
}

void SelfStarts::look(const QString &promotion)
{
    const auto wish = m_wishes.constFind(promotion);
    const policy::PromotionCard *card = m_desk.board().find(promotion); // not there yet: it was asked for just now
    if (wish == m_wishes.constEnd() || wish->isCarriedOut || !card)
        return;
    using State = policy::PromotionCard::State;
    if (!card->decision.claim.isEmpty() || card->outcome || card->state == State::Replaced)
        return leave(promotion, {}); // somebody was faster, or it is over: the board says so
    if (const QString why = whyNotAnyMore(*card); !why.isEmpty())
        return leave(promotion, why);
    if (!wish->isPlanning && card->state == State::Ready && card->mayStart.isGiven && card->isLive() &&
        m_desk.board().ledgerFreshness.isLive())
        begin(*card);
}

// What somebody did against it, even where it is over by the time that the policy is met.
QString SelfStarts::whyNotAnyMore(const policy::PromotionCard &card)
{
    for (const policy::RuleResult &rule : card.decision.rules) {
        const bool isPeoples =
            rule.rule == policy::Rule::Veto || rule.rule == policy::Rule::Hold || rule.rule == policy::Rule::Freeze;
        if (isPeoples && rule.counts && rule.state != policy::RuleResult::State::Pass)
            return rule.text;
    }
    // Votes keep what was taken back, and the word of those whose rejection is no veto.
    const auto against = std::find_if(card.votes.cbegin(), card.votes.cend(), [](const policy::Vote &vote) {
        return vote.kind == policy::Vote::Kind::Rejection;
    });
    return against == card.votes.cend() ? QString() : PromotionsText::tr("%1 rejected it").arg(against->who);
}

void SelfStarts::begin(const policy::PromotionCard &card)
{
    const QString promotion = card.id;
    m_wishes[promotion].isPlanning = true;
    deliver(m_desk.plan(seenOf(card), m_gone.get_token()), m_gone.get_token(), this,
            [this, promotion](const Result<Plan> &plan) {
                if (plan)
                    return take(promotion, *plan);
                const auto wish = m_wishes.find(promotion);
                if (wish != m_wishes.end() && isOutOfReach(plan.error()))
                    wish->isPlanning = false; // nobody could look: the next board tries again
                else
                    leave(promotion, plan.error().message);
            });
}

void SelfStarts::take(const QString &promotion, const Plan &plan)
{
    const auto wish = m_wishes.find(promotion);
    if (wish == m_wishes.end())
        return; // withdrawn while it was planned
    if (const policy::PromotionCard *card = m_desk.board().find(promotion)) {
        if (const QString why = whyNotAnyMore(*card); !why.isEmpty())
            return leave(promotion, why);
    }
    if (!doesWhatWasShown(wish->seen, plan))
        return leave(promotion, otherThanShown());
    const QList<Check> warned = warningsOf(wish->seen);
    if (const QString why = newWarning(plan, warned); !why.isEmpty())
        return leave(promotion, why);
    if (plan.isBlocked())
        return leave(promotion, firstBlock(plan));
    const Result<Operation *> made =
        m_operations ? m_operations->create(plan) : Result<Operation *>(Error{ErrorKind::Unsupported, {}, {}});
    if (!made)
        return leave(promotion, made.error().message);
    wish->isCarriedOut = true;
    follow(promotion, *made, warned);
}

// The deliberate hold was that of the request; what was held for is what is carried out, once, or nothing is.
void SelfStarts::follow(const QString &promotion, Operation *operation, const QList<Check> &warned)
{
    const auto confirm = [this, promotion, operation, warned, shown = operation->plan()] {
        const Plan &plan = operation->plan();
        QString why = newWarning(plan, warned);
        if (!doesWhatWasShown(shown, plan))
            why = otherThanShown();
        if (why.isEmpty() && operation->confirm(plan.fingerprint()))
            return;
        operation->cancel();
        leave(promotion,
              why.isEmpty() ? PromotionsText::tr("its plan grew old before it could begin: look at it") : why);
    };
    connect(operation, &Operation::stateChanged, this, [operation, confirm, isAsked = false](auto state) mutable {
        if (state == OperationState::AwaitingConfirmation && !std::exchange(isAsked, true))
            QTimer::singleShot(0, operation, confirm);
    });
    connect(operation, &Operation::finished, this, [this, promotion](const Outcome &outcome) {
        // One that began shows its outcome itself; one that was refused beforehand changed nothing.
        leave(promotion, outcome.steps.isEmpty() && outcome.kind != OutcomeKind::Done ? outcome.message : QString());
    });
    connect(operation, &QObject::destroyed, this, [this, promotion] { leave(promotion, {}); });
    operation->start();
}

} // namespace signalbox
