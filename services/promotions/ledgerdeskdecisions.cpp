// Deciding: what is written to the ledger, and under which conditions.
#include "services/async/chain.h"
#include "services/feeds/clusterset.h"
#include "services/operations/operationcenter.h"
#include "services/policy/schedules.h"
#include "services/promotions/ledgerdesk_p.h"
#include "services/promotions/promotionstext.h"

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr int mostClaimAttempts = 20; // each loses to somebody else's entry
const policy::SignedRecord *claimIn(const policy::Entries &entries, const QString &promotion)
{
    const auto found = std::find_if(entries.cbegin(), entries.cend(), [&promotion](const policy::SignedRecord &entry) {
        const auto *claim = entry.as<policy::Claim>();
        return claim && claim->promotion == promotion;
    });
    return found == entries.cend() ? nullptr : &*found;
}

// Whoever mistypes a name believes that it is held.
Error nothingToHold(const QString &application, const QStringList &known)
{
    constexpr qsizetype shown = 8;
    QString names = known.mid(0, shown).join(QStringLiteral(", "));
    if (known.size() > shown)
        names = PromotionsText::tr("%1 and %2 more").arg(names).arg(known.size() - shown);
    return {ErrorKind::NotFound,
            PromotionsText::tr("There is no application \"%1\" that a hold could stop: no cluster runs it, and neither "
                               "the policy nor the ledger names it. There are: %2. Nothing was written.")
                .arg(application, names),
            {}};
}

} // namespace

bool isNamed(const policy::LedgerHead &head, const policy::EnvironmentPolicy &rules, const QString &application)
{
    return rules.applications.contains(application) || rules.execution.kind == policy::Execution::Kind::VendorGate ||
           std::any_of(head.entries.cbegin(), head.entries.cend(), [&application](const policy::SignedRecord &entry) {
               const auto *request = entry.as<policy::PromotionRequest>();
               const policy::OperationRecord *operation = entry.operation();
               return (request && request->subject.application == application) ||
                      (operation && operation->application == application);
           });
}

QString whatMoved(const SeenPromotion &seen, const policy::PromotionCard &now)
{
    const policy::Subject &then = seen.subject;
    const policy::Subject &subject = now.decision.subject;
    if (then.application != subject.application || then.environment != subject.environment)
        return PromotionsText::tr("it is about %1 in %2").arg(subject.application, subject.environment);
    if (then.digest != subject.digest)
        return PromotionsText::tr("%1 would go out now, you looked at %2")
            .arg(policy::shortDigest(subject.digest), policy::shortDigest(then.digest));
    if (then.commit != subject.commit)
        return PromotionsText::tr("it is commit %1 now, you looked at %2")
            .arg(policy::shortCommit(subject.commit), policy::shortCommit(then.commit));
    if (seen.policyCommit != now.decision.policyCommit)
        return PromotionsText::tr("the policy changed (%1, it was %2)")
            .arg(policy::shortCommit(now.decision.policyCommit), policy::shortCommit(seen.policyCommit));
    return {};
}

QFuture<Result<QString>> LedgerDesk::append(const policy::Record &record, const Reading &reading)
{
    const LedgerEntry entry =
        entryFor(record, QDateTime::currentDateTimeUtc(), reading.who, reading.head->policy.workspace);
    return after(this, m_book.append(entry), [this, id = entry.id](const QString &) {
        soon();
        return ready(Result<QString>(id));
    });
}

QFuture<Result<QString>> LedgerDesk::decide(const SeenPromotion &seen, May may, Make make)
{
    const auto reading = std::make_shared<Reading>();
    return after(
        this, cardNow(seen.promotion, m_gone.get_token(), reading), [=, this](const policy::PromotionCard &card) {
            if (const QString moved = whatMoved(seen, card); !moved.isEmpty()) {
                soon();
                return ready(Result<QString>(Error{
                    ErrorKind::Conflict,
                    PromotionsText::tr("The promotion %1 is not what you looked at any more: %2. Nothing was written.")
                        .arg(seen.promotion, moved),
                    {}}));
            }
            if (const policy::Permission permission = may(card); !permission.isGiven)
                return ready(Result<QString>(refused(permission.reason)));
            return append(make(card, *reading), *reading);
        });
}

QFuture<Result<QString>> LedgerDesk::approve(SeenPromotion seen, QString comment)
{
    return decide(
        seen,
        [](const policy::PromotionCard &card) -> policy::Permission {
            if (card.isLive())
                return card.mayApprove;
            return {false,
                    PromotionsText::tr("Nothing is approved on what may be old: %1").arg(card.stale.first().problem)};
        },
        [comment](const policy::PromotionCard &card, const Reading &) -> policy::Record {
            return policy::Approval{card.id, card.decision.subject, card.decision.policyCommit, comment};
        });
}

QFuture<Result<QString>> LedgerDesk::reject(SeenPromotion seen, QString comment)
{
    return decide(
        seen, [](const policy::PromotionCard &card) { return card.mayReject; },
        [comment](const policy::PromotionCard &card, const Reading &) -> policy::Record {
            return policy::Rejection{card.id, card.decision.subject, card.decision.policyCommit, comment};
        });
}

QFuture<Result<QString>> LedgerDesk::breakGlass(SeenPromotion seen, QString reason)
{
    if (reason.trimmed().isEmpty())
        return ready(Result<QString>(Error{
            ErrorKind::Invalid, PromotionsText::tr("Acting alone needs a reason: it is kept in the ledger."), {}}));
    return decide(
        seen, [](const policy::PromotionCard &card) { return card.mayBreakGlass; },
        [reason](const policy::PromotionCard &card, const Reading &) -> policy::Record {
            return policy::BreakGlass{card.id, card.decision.subject, card.decision.policyCommit, reason};
        });
}

QFuture<Result<QString>> LedgerDesk::record(MakeAny make)
{
    return after(this, readLedger(For::Decide, m_gone.get_token()), [this, make](const Reading &reading) {
        if (!reading.me.problem.isEmpty())
            return ready(Result<QString>(refused(reading.me.problem)));
        const auto made = m_queue.run([make, reading] { return make(reading); }); // goes through all entries
        return after(this, made, [this, reading](const policy::Record &one) { return append(one, reading); });
    });
}

QFuture<Result<QString>> LedgerDesk::countersign(QString breakGlassEntry, QString comment)
{
    return record([=](const Reading &reading) -> Result<policy::Record> {
        const policy::LedgerHead &head = *reading.head;
        for (const policy::BoardDebt &debt :
             policy::debtsOf(head.policy, head.entries, reading.me, QDateTime::currentDateTimeUtc())) {
            if (debt.glass.entry != breakGlassEntry)
                continue;
            if (!debt.mayCountersign.isGiven)
                return refused(debt.mayCountersign.reason);
            return policy::Record(policy::Countersign{breakGlassEntry, comment});
        }
        return Error{ErrorKind::NotFound,
                     PromotionsText::tr("No break-glass %1 waits for a countersignature.").arg(breakGlassEntry),
                     {}};
    });
}

QFuture<Result<QString>> LedgerDesk::hold(QString application, QString environment, QString reason)
{
    // While a cluster is still read, is away, or shows a part of itself only, the name may be one of its applications;
    // and what the workspace names is one before it was ever deployed.
    const bool isWhole =
        !m_sources.clusters ||
        std::none_of(m_sources.clusters->all().cbegin(), m_sources.clusters->all().cend(), [](const auto &cluster) {
            return !cluster->source || !cluster->source->info().onlyNamespaces.isEmpty();
        });
    const bool isPlanned = m_sources.clustersOf && !m_sources.clustersOf(application, environment).isEmpty();
    const bool isAllKnown = isWhole && !isPlanned && m_world.isListed(application, environment) && m_sources.deployed;
    const QStringList known = isAllKnown ? knownApplications() : QStringList();
    return record([=](const Reading &reading) -> Result<policy::Record> {
        const policy::EnvironmentPolicy *const rules = reading.head->policy.rules(application, environment);
        if (!rules)
            return Error{ErrorKind::NotFound,
                         PromotionsText::tr("The policy has no rules for %1 in %2.").arg(application, environment),
                         {}};
        if (!known.isEmpty() && !known.contains(application) && !isNamed(*reading.head, *rules, application))
            return nothingToHold(application, known);
        return policy::Record(policy::Hold{application, environment, reason, {}});
    });
}

QFuture<Result<QString>> LedgerDesk::lift(QString stopEntry, QString reason)
{
    return record([=](const Reading &reading) -> Result<policy::Record> {
        const policy::LedgerHead &head = *reading.head;
        const QDateTime now = QDateTime::currentDateTimeUtc();
        for (const policy::BoardStop &stop : policy::stopsOf(head.policy, head.entries, reading.me, now,
                                                             policy::policySchedules(head.policy, head.entries, now))) {
            if (stop.stop.entry != stopEntry)
                continue;
            return stop.mayLift.isGiven ? Result<policy::Record>(policy::Lift{stopEntry, reason})
                                        : Result<policy::Record>(refused(stop.mayLift.reason));
        }
        return Error{ErrorKind::NotFound, PromotionsText::tr("Nothing is held by %1.").arg(stopEntry), {}};
    });
}

QFuture<Result<QString>> LedgerDesk::closeClaim(SeenPromotion seen, OutcomeKind kind, QString message)
{
    return record([=](const Reading &reading) -> Result<policy::Record> {
        const policy::LedgerHead &head = *reading.head;
        const policy::SignedRecord *entry = claimIn(head.entries, seen.promotion);
        if (!entry || policy::promotionEnd(head.policy, head.entries, seen.promotion))
            return Error{ErrorKind::NotFound, PromotionsText::tr("No claim of %1 is open.").arg(seen.promotion), {}};
        const policy::Principal *claimant = head.policy.signer(entry->signer);
        const bool isOwn = claimant && claimant->name == reading.me.principal;
        if (!isOwn && !head.policy.isMember(reading.me.principal, {policy::adminsRole()}))
            return refused(PromotionsText::tr("Only its claimant or an admin can end a claim."));
        return policy::Record(policy::PromotionOutcome{
            seen.promotion, entry->id, entry->as<policy::Claim>()->subject, kind, message, {}, {}, {}});
    });
}

// ---- claims and outcomes

// True: it is claimed already, by this very order.
Result<bool> LedgerDesk::claimable(const ClaimOrder &order, const policy::PromotionCard &card, const Reading &reading)
{
    if (const policy::SignedRecord *entry = claimIn(reading.head->entries, order.claim.promotion)) {
        if (entry->id == order.entry)
            return true;
        const policy::Principal *who = reading.head->policy.signer(entry->signer);
        return Error{ErrorKind::Conflict,
                     PromotionsText::tr("%1 has claimed the promotion already. Nothing was changed.")
                         .arg(who ? who->name : entry->signer),
                     {}};
    }
    const SeenPromotion seen{order.claim.promotion, order.claim.subject, order.claim.policyCommit};
    if (const QString moved = whatMoved(seen, card); !moved.isEmpty())
        return Error{
            ErrorKind::Conflict,
            PromotionsText::tr("The promotion is not what was planned any more: %1. Nothing was changed.").arg(moved),
            {}};
    if (!card.mayStart.isGiven)
        return refused(card.mayStart.reason);
    if (!card.isLive() && !card.decision.glass)
        return refused(PromotionsText::tr("Nothing is started on what may be old: %1").arg(card.stale.first().problem));
    return false;
}

QFuture<Result<QString>> LedgerDesk::claim(const ClaimOrder &order, int attempt, const StopToken &stop)
{
    const auto reading = std::make_shared<Reading>();
    const auto looked =
        after(this, cardNow(order.claim.promotion, stop, reading), [=, this](const policy::PromotionCard &card) {
            return m_queue.run([=] { return claimable(order, card, *reading); });
        });
    return after(this, looked, [=, this](bool isThere) {
        if (isThere)
            return confirmClaim(order, stop);
        LedgerEntry entry =
            entryFor(order.claim, QDateTime::currentDateTimeUtc(), reading->who, reading->head->policy.workspace);
        entry.id = order.entry;
        return afterAny(this, m_book.appendOn(entry, reading->head->tip), [=, this](const Result<QString> &written) {
            if (!written && written.error().kind == ErrorKind::Conflict && attempt + 1 < mostClaimAttempts)
                return claim(order, attempt + 1, stop);
            soon();
            if (!written)
                return ready(written);
            return confirmClaim(order, stop);
        });
    });
}

// Where the ledger is shared, entries that nobody here had seen may stand in front of ours now: it is decided anew.
QFuture<Result<LedgerDesk::ClaimLook>> LedgerDesk::lookAtClaim(const ClaimOrder &order, const StopToken &stop)
{
    return after(this, cardNow(order.claim.promotion, stop), [order](const policy::PromotionCard &card) {
        using State = ClaimLook::State;
        const policy::Decision &decision = card.decision;
        const SeenPromotion claimed{order.claim.promotion, order.claim.subject, decision.policyCommit};
        const QString moved = whatMoved(claimed, card);
        ClaimLook look;
        if (decision.claim != order.entry)
            look.text =
                !decision.claim.isEmpty() ? PromotionsText::tr("Somebody else has claimed the promotion %1 meanwhile.")
                                                .arg(order.claim.promotion)
                : moved.isEmpty()
                    ? PromotionsText::tr("The ledger has no claim of the promotion %1.").arg(order.claim.promotion)
                    : PromotionsText::tr("The promotion is not what was claimed any more: %1.").arg(moved);
        else if (decision.isOpen)
            look.state = State::Stands;
        else {
            const bool isKnown =
                std::none_of(decision.rules.cbegin(), decision.rules.cend(), [](const policy::RuleResult &rule) {
                    return rule.counts && rule.state == policy::RuleResult::State::Unknown;
                });
            look.state = isKnown ? State::Stopped : State::Unsure;
            look.text = PromotionsText::tr("What is in the ledger with the claim, or what runs, stands against it: %1")
                            .arg(decision.text);
        }
        return ready(Result<ClaimLook>(look));
    });
}

QFuture<Result<QString>> LedgerDesk::confirmClaim(const ClaimOrder &order, const StopToken &stop)
{
    return after(this, lookAtClaim(order, stop), [order](const ClaimLook &look) {
        if (look.state == ClaimLook::State::Stands)
            return ready(Result<QString>(order.entry));
        const bool isLost = look.state == ClaimLook::State::Lost;
        return ready(Result<QString>(Error{isLost ? ErrorKind::Conflict : ErrorKind::Refused,
                                           PromotionsText::tr("%1 Nothing was changed.").arg(look.text),
                                           {}}));
    });
}

} // namespace signalbox
