// Gates of vendors: our own policy first, then the vendor's plan.
#include "models/domain/ulid.h"
#include "services/async/chain.h"
#include "services/ports/pipelinesource.h"
#include "services/promotions/awaitedrelease.h"
#include "services/promotions/gatedecision.h"
#include "services/promotions/ledgerdesk.h"
#include "services/promotions/promotionplan.h"
#include "services/promotions/promotionstext.h"

#include <QPointer>

#include <algorithm>

namespace signalbox
{

namespace
{

// What is decided on may be old: somebody may have frozen or rejected it meanwhile.
void sayOld(GateStanding &standing, const Error &problem)
{
    standing.checks.append({CheckId::Policy, standing.isKnown ? CheckState::Block : CheckState::Warn,
                            PromotionsText::tr("The shared ledger cannot be reached"), problem.message,
                            PromotionsText::tr("Try again once it can be: what others wrote meanwhile is not known.")});
}

// It is for the same commit, and nothing but the vendor's own id tells the two apart.
QList<Check> ambiguityOf(const GateOrder &order, const Result<QList<WaitingGate>> &waiting)
{
    if (!waiting)
        return {{CheckId::Freshness, CheckState::Warn,
                 PromotionsText::tr("Whether another gate of this name waits could not be read"),
                 waiting.error().message, PromotionsText::tr("Try again, or decide at the vendor.")}};
    for (const WaitingGate &other : *waiting) {
        if (isSameName(other, order.gate))
            return {ambiguousCheck(order.gate, other)};
    }
    return {};
}

// Behind the gate the release has to arrive: an open gate is no promotion. What the operator typed at the gate stays as
// hidden as in a decision of its own.
Plan withArrival(Plan plan, AwaitedRelease release, const WaitingGate &gate, const PlaceReading &place,
                 bool breaksGlass)
{
    const auto missing = missingApprovals(gate, plan);
    for (PlanStep &step : plan.steps)
        step.isBodyHidden = true;
    release.run = gate.run;
    release.runNumber = gate.runNumber;
    plan.steps.append(awaitStep(release, plan.connection));
    if (!gate.environment.isEmpty())
        plan.places = {gate.environment};
    if (missing)
        plan.checks.append(*missing);
    plan.checks.append(awaitCheck(release, place, breaksGlass));
    return plan;
}

// The promotion would be carried out unclaimed, and be open in the ledger behind an open gate.
Plan notPressed(Plan decision, const QString &why)
{
    decision.checks.prepend(
        {CheckId::Policy, CheckState::Block, PromotionsText::tr("This gate carries out a promotion: who may start it"),
         why, PromotionsText::tr("Only whoever claims the promotion presses its gate: let them start it.")});
    return decision;
}

// A vote that opens nothing by itself, or one that a promotion under way waits for, is no start. What is missing was
// true when the gate was listed: the decision was planned of what the vendor says now, and starts what waits there
// where this vote is the last.
bool isVoteForOthers(const WaitingGate &gate, const policy::PromotionCard *card, const Plan &decision)
{
    if (card && card->state == policy::PromotionCard::State::UnderWay)
        return gate.needed > 1;
    return missingApprovals(gate, decision) && std::none_of(decision.steps.cbegin(), decision.steps.cend(),
                                                            [](const PlanStep &step) { return step.startsWaiting; });
}

PlaceReading placeAt(const ApplicationReading &application, const QString &environment)
{
    const PlaceReading *const known = application.place(environment);
    return known ? *known : PlaceReading();
}

} // namespace

QFuture<Result<GateStanding>> LedgerDesk::standingOf(const GateOrder &order, const StopToken &stop)
{
    const auto judged = [this, order](const Head &head) {
        return m_queue.run([head, order]() -> Result<GateStanding> {
            return gateStanding(*head, order, QDateTime::currentDateTimeUtc());
        });
    };
    if (!order.approves) // waits for no ledger
        return m_head ? judged(m_head) : ready(Result<GateStanding>(gateStanding(std::nullopt, order)));
    return afterAny(this, readLedger(For::Show, stop), [this, order, judged, stop](const Result<Reading> &reading) {
        if (reading)
            return after(this, judged(reading->head),
                         [this, stop, isOld = reading->isOld](const GateStanding &standing) {
                             return lookAround(standing, isOld, stop);
                         });
        const Error &error = reading.error();
        if (error.kind == ErrorKind::Cancelled)
            return ready(Result<GateStanding>(error));
        // No ledger, or one that nobody has begun to sign: that is so only where nobody else has another one.
        const bool isNone = !m_isOld && (error.kind == ErrorKind::NotFound || error.kind == ErrorKind::Unsupported);
        return ready(
            Result<GateStanding>(gateStanding(isNone ? std::nullopt : std::optional(m_isOld.value_or(error)), order)));
    });
}

QFuture<Result<GateStanding>> LedgerDesk::lookAround(const GateStanding &standing, const std::optional<Error> &isOld,
                                                     const StopToken &stop)
{
    const auto said = [isOld](GateStanding whole) {
        if (isOld)
            sayOld(whole, *isOld);
        return ready(Result<GateStanding>(whole));
    };
    if (standing.promotion.isEmpty())
        return said(standing);
    return afterAny(this, cardNow(standing.promotion, stop, {}, For::Look),
                    [standing, said](const Result<policy::PromotionCard> &card) {
                        return said(card ? withWorld(standing, *card) : withoutWorld(standing, card.error()));
                    });
}

QFuture<Result<Plan>> LedgerDesk::planGate(GateKeeper &keeper, GateOrder order, StopToken stop)
{
    if (order.environment.isEmpty())
        order.environment = order.gate.environment;
    const auto gone = [order] {
        return ready(Result<Plan>(Error{
            ErrorKind::Cancelled, PromotionsText::tr("The connection %1 was closed.").arg(order.gate.connection), {}}));
    };
    return after(this, standingOf(order, stop), [=, this, gates = QPointer(&keeper)](const GateStanding &standing) {
        if (!gates)
            return gone();
        const auto planned = [=, this](const QList<Check> &found) {
            if (!gates)
                return gone();
            GateOrder judged = order;
            judged.environment = standing.environment;
            judged.isProtected = standing.isProtected;
            return after(this, gates->plan(judged, stop), [=, this](const Plan &plan) {
                Plan whole = plan;
                whole.checks = standing.checks + found;
                if (const auto moved = otherCommit(standing, order, plan))
                    whole.checks.prepend(*moved);
                const bool isShut = whole.isBlocked();
                whole.checks += plan.checks;
                // Who has voted already cannot vote again, and may wait for the others nevertheless.
                const bool takesOthers = order.gate.needed > 1;
                if (!order.approves || !standing.isOpen || standing.promotion.isEmpty() || isShut ||
                    (whole.isBlocked() && !takesOthers))
                    return ready(Result<Plan>(whole));
                const auto promoted = [=, this](const Plan &pressed) {
                    Plan vendors = pressed;
                    vendors.checks = found + pressed.checks;
                    return asPromotion(standing.promotion, order, vendors, whole, stop);
                };
                if (!takesOthers) // else how many are missing the vendor tells with its plan
                    return promoted(plan);
                if (!gates)
                    return gone();
                GateOrder patient = judged;
                patient.waitsForOthers = true;
                return after(this, gates->plan(patient, stop), promoted);
            });
        };
        if (!order.approves || !standing.isKnown || !order.gate.environment.isEmpty())
            return planned({});
        return afterAny(this, gates->waiting(stop), [=](const Result<QList<WaitingGate>> &waiting) {
            return planned(ambiguityOf(order, waiting));
        });
    });
}

// Whoever presses the very gate by which the policy has a promotion carried out does just that: it is claimed before,
// and done once the release runs. Else it would stay open in the ledger, and nothing would be left to carry it out by.
// What is filled in at the gate goes along; one vote of several waits for the others, who decide on their own.
QFuture<Result<Plan>> LedgerDesk::asPromotion(const QString &promotion, const GateOrder &order, const Plan &vendors,
                                              const Plan &decision, const StopToken &stop)
{
    const auto alone = [decision] { return ready(Result<Plan>(decision)); };
    const auto blocked = [decision](const QString &why) { return ready(Result<Plan>(notPressed(decision, why))); };
    const auto reading = std::make_shared<Reading>();
    const auto card = cardNow(promotion, stop, reading);
    return afterAny(this, card, [=, this](const Result<policy::PromotionCard> &now) {
        if (!now && now.error().kind == ErrorKind::Cancelled)
            return ready(Result<Plan>(now.error()));
        const Head head = reading->head ? reading->head : m_head;
        const policy::SignedRecord *entry = head ? policy::entryOf(head->entries, promotion) : nullptr;
        const auto *request = entry ? entry->as<policy::PromotionRequest>() : nullptr;
        if (!request && !now)
            return blocked(now.error().message);
        const policy::Subject &subject = now ? now->decision.subject : request->subject;
        const policy::EnvironmentPolicy *rules =
            head ? head->policy.rules(subject.application, subject.environment) : nullptr;
        if (!rules || !isGateOf(rules->execution, order.gate))
            return alone();
        if (!now)
            return isVoteForOthers(order.gate, nullptr, decision) ? alone() : blocked(now.error().message);
        if (subject.commit != order.gate.commit)
            return alone();
        if (!now->mayStart.isGiven)
            return isVoteForOthers(order.gate, &*now, decision) ? alone() : blocked(now->mayStart.reason);
        const PlaceReading place = placeAt(reading->world.applications.value(subject.application), subject.environment);
        const QString unlisted = m_world.whyNotListed(subject.application, subject.environment);
        // Whether anybody will see it arrive is not known: that is for who acts alone to answer for.
        if (!place.deployed && !unlisted.isEmpty() && !now->decision.glass)
            return blocked(unlisted);
        const AwaitedRelease awaits = awaitedNow(subject, now->request.version, rules->execution.track, place);
        const ClaimOrder claim{newUlid(), {now->id, subject, now->decision.policyCommit}};
        Plan whole = promotionPlan(withArrival(vendors, awaits, order.gate, place, now->decision.glass.has_value()),
                                   *now, claim, m_book.address(), rules->isProtected);
        if (!order.reason.isEmpty())
            whole.reason = order.reason;
        return ready(Result<Plan>(whole));
    });
}

bool LedgerDesk::protects(const QString &application, const QString &environment) const
{
    return m_head ? isProtectedBy(m_head->policy, application, environment) : isProtectedByName(environment);
}

QFuture<Result<void>> LedgerDesk::readHere(const StopToken &stop)
{
    ledger::VerifyOptions options;
    if (m_settings.pin)
        options.pin = m_settings.pin();
    options.atLeast = m_settings.atLeast;
    const auto read = m_queue.run([=, path = m_book.path(), heads = m_settings.heads]() -> Result<Head> {
        return heads->read(path, options, stop);
    });
    return after(this, read, [this](const Head &head) {
        if (!m_head)
            m_head = head;
        return ready(Result<void>());
    });
}

// A promotion that a vendor's gate carries out: the run of exactly its commit that waits there goes on, and it is
// carried out once the environment runs the release.
QFuture<Result<Plan>> LedgerDesk::pressGate(const policy::PromotionCard &card, const policy::Execution &execution,
                                            const Reading &reading, const StopToken &stop)
{
    const policy::Subject &subject = card.decision.subject;
    GateKeeper *const keeper = m_sources.gatesOf ? m_sources.gatesOf(execution.connection) : nullptr;
    if (!keeper)
        return ready(Result<Plan>(Error{
            ErrorKind::Unsupported,
            PromotionsText::tr("The policy lets the gate \"%1\" of the connection \"%2\" carry out promotions of %3 to "
                               "%4, but no connection of this name that has gates is configured here. Add it to the "
                               "workspace, or press the gate at the vendor.")
                .arg(execution.gate, execution.connection, subject.application, subject.environment),
            {}}));
    const PlaceReading place = placeAt(reading.world.applications.value(subject.application), subject.environment);
    const QString unlisted = m_world.whyNotListed(subject.application, subject.environment);
    if (!place.deployed && !unlisted.isEmpty() && !card.decision.glass)
        return ready(Result<Plan>(
            Error{ErrorKind::Unreachable,
                  PromotionsText::tr("Whether a cluster shows %1 in %2 is not known. %3 Try again once it is.")
                      .arg(subject.application, subject.environment, unlisted),
                  {}}));
    const AwaitedRelease awaits = awaitedNow(subject, card.request.version, execution.track, place);
    return after(this, keeper->waiting(stop), [=, this, gates = QPointer(keeper)](const QList<WaitingGate> &waiting) {
        const auto gate = gateToPress(execution, subject, waiting);
        if (!gate) {
            Error none = gate.error();
            if (gates && none.kind == ErrorKind::NotFound && !gates->unread().isEmpty()) // it may be there
                none.message += u' ' + gates->unread();
            return ready(Result<Plan>(none));
        }
        if (!gates)
            return ready(
                Result<Plan>(Error{ErrorKind::Cancelled,
                                   PromotionsText::tr("The connection %1 was closed.").arg(execution.connection),
                                   {}}));
        GateOrder order;
        order.gate = *gate;
        // The same now and when it was rehearsed, but for the id: what people were shown is what is done.
        order.comment = card.request.reason.isEmpty()
                            ? PromotionsText::tr("Promotion %1").arg(card.id)
                            : PromotionsText::tr("Promotion %1: %2").arg(card.id, card.request.reason);
        order.application = subject.application;
        order.environment = subject.environment;
        order.reason = card.request.reason;
        order.waitsForOthers = gate->needed > 1; // for none where they have approved by now
        return after(this, gates->plan(order, stop), [=](const Plan &plan) {
            Plan whole = withArrival(plan, awaits, *gate, place, bool(card.decision.glass));
            if (const auto defaults = unfilledParameters(*gate))
                whole.checks.append(*defaults);
            return ready(Result<Plan>(whole));
        });
    });
}

QFuture<Result<Observation>> LedgerDesk::lookAtRelease(const AwaitedRelease &release, const StopToken &stop)
{
    const auto look = [this, release, stop](const Head &head) {
        const policy::Subject &subject = release.subject;
        return after(this, m_world.place(head->policy, subject.application, subject.environment, stop),
                     [this, release](const PlaceReading &place) {
                         const policy::Subject &awaited = release.subject;
                         return ready(
                             awaitedIn(release, place, m_world.isListed(awaited.application, awaited.environment)));
                     });
    };
    const auto seen = m_head ? look(m_head) : after(this, readLedger(For::Look, stop), [look](const Reading &reading) {
        return look(reading.head);
    });
    return after(this, seen, [this, release, stop](const Observation &now) { return lookAtRun(release, now, stop); });
}

// A run that cannot be read says nothing: the clusters have the word.
QFuture<Result<Observation>> LedgerDesk::lookAtRun(const AwaitedRelease &release, const Observation &seen,
                                                   const StopToken &stop)
{
    const auto same = ready(Result<Observation>(seen));
    if (seen.state != Observation::State::Pending || !release.run || !m_sources.runsOf)
        return same;
    PipelineSource *const source = m_sources.runsOf(release.run->pipeline.connection);
    QElapsedTimer &asked = m_runAsked[release.run->key()];
    if (!source || (asked.isValid() && !asked.hasExpired(m_settings.lookAtRun.count())))
        return same;
    asked.start();
    return afterAny(this, source->run(*release.run, stop), [release, seen](const Result<RunDetail> &detail) {
        return ready(Result<Observation>(detail ? withRun(release, seen, *detail) : seen));
    });
}

} // namespace signalbox
