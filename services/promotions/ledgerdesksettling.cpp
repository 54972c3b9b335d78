// Outcomes: of the operations of this program when they end, and of claims whose program ended before it could say.
#include "services/async/chain.h"
#include "services/operations/operationcenter.h"
#include "services/promotions/ledgerdesk.h"
#include "services/promotions/promotionstext.h"

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr int mostOperations = 300; // looked through for the one that carried a claim out

// The very operation that carried the card's claim out, as its claimant signed it: others may have tried the same and
// lost.
bool isOf(const LedgerEntry &entry, const policy::PromotionCard &card, const policy::LedgerHead &head)
{
    const QString claim = claimStepId(card.decision.claim);
    if (entry.kind != OperationKind::Promote ||
        std::none_of(entry.steps.cbegin(), entry.steps.cend(),
                     [&claim](const LedgerEntry::Step &step) { return step.id == claim; }))
        return false;
    const policy::SignedRecord *proven = policy::entryOf(head.entries, entry.id);
    const policy::Principal *who = proven && proven->operation() ? head.policy.signer(proven->signer) : nullptr;
    return who && who->name == card.decision.claimant;
}

policy::PromotionOutcome outcomeOf(const ClaimOrder &order, const QString &operation, const Outcome &outcome)
{
    policy::PromotionOutcome record;
    record.promotion = order.claim.promotion;
    record.claim = order.entry;
    record.subject = order.claim.subject;
    record.kind = outcome.kind;
    record.message = outcome.message;
    record.operation = operation;
    record.startedAt = outcome.startedAt;
    if (outcome.kind != OutcomeKind::Done)
        return record;
    if (outcome.isConfirmed && !outcome.steps.isEmpty())
        record.observedAt = outcome.steps.last().observedAt;
    if (!record.observedAt.isValid()) // done means observed, in the ledger: soak time and figures rest on it
        record.kind = OutcomeKind::Unknown;
    return record;
}

// Somebody ended our claim while it was being carried out: the ledger keeps the first outcome, and says another thing.
std::optional<Error> closedBefore(const policy::LedgerHead &head, const ClaimOrder &order, const QString &operation,
                                  const Outcome &outcome)
{
    const policy::SignedRecord *end = policy::promotionEnd(head.policy, head.entries, order.claim.promotion);
    const auto *written = end ? end->as<policy::PromotionOutcome>() : nullptr;
    if (!written || written->claim != order.entry || written->operation == operation)
        return std::nullopt;
    const policy::Principal *who = head.policy.signer(end->signer);
    return Error{
        ErrorKind::Conflict,
        PromotionsText::tr("The promotion %1 of %2 to %3 ended here as \"%4\", but %5 had closed its claim as \"%6\" "
                           "before, and that stays in the ledger. Look at %3, and tell them.")
            .arg(order.claim.promotion, order.claim.subject.application, order.claim.subject.environment,
                 outcomeKindName(outcome.kind), who ? who->name : end->signer, outcomeKindName(written->kind)),
        {}};
}

} // namespace

void LedgerDesk::noteFinished(const QString &operation, const Plan &plan, const Outcome &outcome)
{
    const auto order = claimOf(plan);
    if (order && outcome.kind != OutcomeKind::DryRun)
        recordOutcome(*order, operation, outcome, isOnlyTrack(order->claim.subject));
}

// As the watches tell it now: nothing divides the traffic there.
bool LedgerDesk::isOnlyTrack(const policy::Subject &subject) const
{
    const QList<Deployed> all = m_sources.deployed ? m_sources.deployed->all() : QList<Deployed>();
    int places = 0;
    bool isAlone = false;
    for (const Deployed &one : all) {
        if (one.application != subject.application || one.environment != subject.environment)
            continue;
        ++places;
        isAlone = one.freshness.isLive() && one.tracks.size() == 1 && one.tracks.first().share.value_or(1.0) >= 1.0;
    }
    return places == 1 && isAlone && m_world.isListed(subject.application, subject.environment);
}

// Unless it was never claimed (refused, lost or cancelled before), or has its outcome.
void LedgerDesk::recordOutcome(const ClaimOrder &order, const QString &operation, const Outcome &outcome, bool isAlone)
{
    ++m_pendingOutcomes;
    const auto written = after(this, readLedger(For::Show, m_gone.get_token()), [=, this](const Reading &reading) {
        const auto made = m_queue.run([=, head = reading.head]() -> Result<std::optional<policy::Record>> {
            if (auto closed = closedBefore(*head, order, operation, outcome))
                return *std::move(closed);
            const policy::SignedRecord *entry = policy::entryOf(head->entries, order.entry);
            const bool isOpen = entry && entry->as<policy::Claim>() &&
                                !policy::promotionEnd(head->policy, head->entries, order.claim.promotion);
            if (!isOpen)
                return std::optional<policy::Record>();
            policy::PromotionOutcome ended = outcomeOf(order, operation, outcome);
            ended.isAlone = isAlone && ended.observedAt.isValid();
            return std::optional(policy::Record(ended));
        });
        return after(this, made, [this, reading](const std::optional<policy::Record> &record) {
            return record ? append(*record, reading) : ready(Result<QString>(QString()));
        });
    });
    deliver(written, {}, this, [this](const Result<QString> &result) {
        if (!result && result.error().kind != ErrorKind::NotFound)
            emit problemOccurred(result.error());
        --m_pendingOutcomes;
        soon();
        if (m_pendingOutcomes == 0)
            emit settled();
    });
}

// A claim of ours that nobody carries out any more, although its operation has ended and is in the record: the program
// that ran it ended in between.
void LedgerDesk::settleOwnClaims()
{
    QList<policy::PromotionCard> open;
    const QDateTime before = QDateTime::currentDateTimeUtc().addSecs(-m_settings.settleAfter.count());
    for (const policy::PromotionCard &card : m_board.open) {
        const bool isMine = card.state == policy::PromotionCard::State::UnderWay && !m_board.me.principal.isEmpty() &&
                            card.decision.claimant == m_board.me.principal;
        if (isMine && card.claimedAt < before && !m_settling.contains(card.decision.claim))
            open.append(card);
    }
    if (open.isEmpty() || !m_sources.operations || !m_head)
        return;
    for (const Operation *operation : m_sources.operations->operations()) {
        if (operation->isFinished())
            continue;
        const auto order = claimOf(operation->plan());
        open.removeIf(
            [&order](const policy::PromotionCard &card) { return order && order->claim.promotion == card.id; });
    }
    if (open.isEmpty())
        return;
    deliver(
        m_sources.operations->newestEntries(mostOperations), {}, this,
        [this, open, before, head = m_head](const Result<QList<LedgerEntry>> &entries) {
            for (const policy::PromotionCard &card : open) {
                for (const LedgerEntry &entry : entries ? *entries : QList<LedgerEntry>()) {
                    if (!isOf(entry, card, *head) || entry.outcome.finishedAt > before ||
                        m_settling.contains(card.decision.claim))
                        continue;
                    m_settling.insert(card.decision.claim);
                    recordOutcome({card.decision.claim, {card.id, card.decision.subject, {}}}, entry.id, entry.outcome);
                }
            }
        });
}

} // namespace signalbox
