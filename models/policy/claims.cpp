#include "models/policy/claims.h"

#include <algorithm>

namespace signalbox::policy
{

const SignedRecord *outcomeOf(const Policy &policy, const Entries &entries, const SignedRecord &claim)
{
    const Principal *claimant = policy.signer(claim.signer);
    for (const SignedRecord &entry : entries) {
        const auto *outcome = entry.as<PromotionOutcome>();
        const Principal *who = outcome ? policy.signer(entry.signer) : nullptr;
        if (who && outcome->claim == claim.id && entry.position > claim.position &&
            ((claimant && claimant->name == who->name) || policy.isMember(who->name, {adminsRole()})))
            return &entry;
    }
    return nullptr;
}

const SignedRecord *winningClaim(const Entries &entries, const QString &promotion, const Subject &subject)
{
    const SignedRecord *first = nullptr;
    for (const SignedRecord &entry : entries) {
        const auto *claim = entry.as<Claim>();
        if (claim && claim->promotion == promotion && claim->subject == subject &&
            (!first || entry.position < first->position))
            first = &entry;
    }
    return first;
}

const SignedRecord *promotionEnd(const Policy &policy, const Entries &entries, const QString &promotion)
{
    for (const SignedRecord &entry : entries) {
        const auto *claim = entry.as<Claim>();
        if (!claim || claim->promotion != promotion)
            continue;
        const SignedRecord *won = winningClaim(entries, promotion, claim->subject);
        if (won == nullptr || won->id != entry.id)
            continue;
        if (const SignedRecord *end = outcomeOf(policy, entries, entry))
            return end;
    }
    return nullptr;
}

bool isOvertaken(const Policy &policy, const Entries &entries, const SignedRecord &asked)
{
    const Subject &subject = asked.as<PromotionRequest>()->subject;
    return std::any_of(entries.cbegin(), entries.cend(), [&](const SignedRecord &entry) {
        const auto *later = entry.as<PromotionRequest>();
        if (!later || entry.position <= asked.position || later->subject.application != subject.application ||
            later->subject.environment != subject.environment)
            return false;
        const SignedRecord *end = promotionEnd(policy, entries, entry.id);
        return end && end->as<PromotionOutcome>()->kind == OutcomeKind::Done;
    });
}

std::optional<Running> runningByLedger(const Policy &policy, const Entries &entries, const QString &application,
                                       const QString &environment)
{
    std::optional<Running> running;
    // An old entry that came to the chain late (a machine's own ledger was imported).
    const auto isBefore = [](const QDateTime &at, const std::optional<Running> &now) {
        return now && now->since.isValid() && at.isValid() && at < now->since;
    };
    for (const SignedRecord &entry : inChainOrder(entries)) {
        const auto *outcome = entry.as<PromotionOutcome>();
        if (outcome && outcome->subject.application == application && outcome->subject.environment == environment) {
            running.reset(); // whatever it did, the one before is not known to run any more
            const SignedRecord *claim = winningClaim(entries, outcome->promotion, outcome->subject);
            const SignedRecord *end = claim ? outcomeOf(policy, entries, *claim) : nullptr;
            const bool isProven = end && end->id == entry.id && outcome->claim == claim->id;
            // Nobody saw an effect before it was begun.
            if (isProven && outcome->kind == OutcomeKind::Done && outcome->observedAt.isValid())
                running = Running{outcome->subject.digest, std::max(outcome->observedAt, claim->at), true};
        }
        const OperationRecord *operation = entry.operation();
        if (operation && operation->direction == Direction::Back && operation->application == application &&
            operation->environment == environment && !isBefore(entry.at, running))
            running.reset();
    }
    return running;
}

QStringList promotionsFor(const Entries &entries, const QString &application, const QString &environment,
                          const QString &digest, const QString &commit)
{
    const auto fits = [&](const Subject &subject) {
        return subject.application == application && subject.environment == environment &&
               (digest.isEmpty() || subject.digest == digest) && (commit.isEmpty() || subject.commit == commit);
    };
    QStringList requested;
    QStringList approved; // asked for as something else: the tag moved
    QStringList over;
    for (const SignedRecord &entry : inChainOrder(entries)) {
        const auto *request = entry.as<PromotionRequest>();
        const auto *approval = entry.as<Approval>();
        if (const auto *outcome = entry.as<PromotionOutcome>())
            over.append(outcome->promotion);
        else if (request && fits(request->subject))
            requested.prepend(entry.id);
        else if (approval && fits(approval->subject))
            approved.prepend(approval->promotion);
    }
    QStringList all = requested + approved;
    all.removeDuplicates();
    std::stable_partition(all.begin(), all.end(), [&over](const QString &id) { return !over.contains(id); });
    return all;
}

} // namespace signalbox::policy
