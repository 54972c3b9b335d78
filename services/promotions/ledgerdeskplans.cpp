// Asking for a promotion, and planning how it is carried out.
#include "services/promotions/ledgerdesk.h"

#include "models/domain/ulid.h"
#include "services/async/chain.h"
#include "services/feeds/clusterset.h"
#include "services/policy/schedules.h"
#include "services/promotions/ledgerdesk_p.h"
#include "services/promotions/promotionstext.h"

#include <QRegularExpression>

#include <algorithm>

namespace signalbox
{

namespace
{

bool isImageTag(const QString &text)
{
    static const QRegularExpression form(QStringLiteral("^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}\\z"));
    return form.match(text).hasMatch();
}

bool isSameVersion(const QString &tag, const QString &release)
{
    return !tag.isEmpty() && (tag == release || tag == QLatin1Char('v') + release || QLatin1Char('v') + tag == release);
}

// What the order means, from what runs before and what the ledger knows.
Result<policy::PromotionRequest> requestFor(const PromotionOrder &order, const policy::LedgerHead &head,
                                            const ApplicationReading &application, bool isListed)
{
    const policy::Policy &policy = head.policy;
    const policy::EnvironmentPolicy *const rules = policy.rules(order.application, order.environment);
    if (!rules)
        return refused(PromotionsText::tr("The policy has no rules for %1 in %2: nothing may go there.")
                           .arg(order.application, order.environment));
    const auto before = policy.before(order.application, order.environment);
    if (!before)
        return refused(
            PromotionsText::tr("No promotion path of %1 leads to %2.").arg(order.application, order.environment));
    policy::PromotionRequest request;
    request.subject = {order.application, order.environment, order.digest, {}};
    request.fromEnvironment = *before;
    request.policyCommit = head.policyCommit;
    request.reason = order.reason;
    request.version = order.release;
    const bool isRun = std::any_of(application.places.cbegin(), application.places.cend(),
                                   [](const PlaceReading &place) { return place.deployed || place.vendor; });
    if (isListed && !isRun && !isNamed(head, *rules, order.application))
        return Error{ErrorKind::NotFound,
                     PromotionsText::tr("There is no application \"%1\": no cluster runs it where its path leads, and "
                                        "neither the policy nor the ledger names it. See \"signalbox status\".")
                         .arg(order.application),
                     {}};
    const PlaceReading *from = before->isEmpty() ? nullptr : application.place(*before);
    const RunningRelease *running = from && from->running ? &*from->running : nullptr;
    if (order.digest.isEmpty()) {
        if (!running)
            return refused(
                from ? from->problem
                     : PromotionsText::tr("The path of %1 begins in %2: say with a digest what shall go there.")
                           .arg(order.application, order.environment));
        if (!order.release.isEmpty() && !isSameVersion(running->tag, order.release))
            return refused(PromotionsText::tr("%1 runs %2, not %3. Bring %3 there first, or name its digest.")
                               .arg(*before, running->tag.isEmpty() ? running->image : running->tag, order.release));
        if (running->digest.isEmpty())
            return refused(PromotionsText::tr("Which digest %1 runs is not known: %2").arg(*before, running->problem));
        request.subject.digest = running->digest;
    }
    if (running && running->digest == request.subject.digest && !running->tag.isEmpty())
        request.version = running->tag;
    for (const policy::SignedRecord &entry : head.entries) {
        const auto *known = entry.as<policy::PromotionRequest>();
        if (known && known->subject.digest == request.subject.digest && request.version.isEmpty())
            request.version = known->version;
        if (known && known->subject.digest == request.subject.digest && !known->model.isEmpty())
            request.model = known->model;
    }
    if (running && running->digest == request.subject.digest && !running->model.isEmpty())
        request.model = running->model;
    const PlaceReading *target = application.place(order.environment);
    // No cluster has to show it where a vendor's gate lets it in. Whether it may start is judged of the request.
    if (target && isListed && !target->deployed && rules->execution.kind == policy::Execution::Kind::VendorGate)
        return request;
    if (!target || !target->target)
        return refused(target
                           ? target->targetProblem
                           : PromotionsText::tr("No cluster runs %1 in %2.").arg(order.application, order.environment));
    request.replacesDigest = target->running ? target->running->digest : target->target->digest;
    const bool isOtherModel = !request.model.isEmpty() && !isSameModel(request.model, target->target->model);
    if (target->target->digest == request.subject.digest && !isOtherModel && target->target->isSettled)
        return refused(
            PromotionsText::tr("%1 runs exactly this already: %2").arg(order.environment, target->target->image));
    return request;
}

} // namespace

QFuture<Result<PromotionDraft>> LedgerDesk::draft(PromotionOrder order, StopToken stop)
{
    return after(this, readLedger(For::Decide, stop), [=, this](const Reading &reading) {
        const auto application = m_world.readApplication(reading.head->policy, order.application, stop);
        return after(this, application, [=, this](const ApplicationReading &places) {
            const auto asked =
                m_queue.run([=, isListed = m_world.isListed(order.application,
                                                            order.environment)]() -> Result<PromotionInQuestion> {
                    const Result<policy::PromotionRequest> request = requestFor(order, *reading.head, places, isListed);
                    if (!request)
                        return request.error();
                    return PromotionInQuestion{newUlid(), *request, request->fromEnvironment,
                                               commitsByDigest(reading.head->entries)};
                });
            return after(this, asked, [=, this](const PromotionInQuestion &question) {
                return after(this, readWorld(reading, {question}, For::Decide, stop), [=, this](const Reading &whole) {
                    return m_queue.run([=] { return drafted(whole, question.promotion, question.request); });
                });
            });
        });
    });
}

// As if it had been asked for: the request stands behind the entries.
Result<PromotionDraft> LedgerDesk::drafted(const Reading &reading, const QString &id, policy::PromotionRequest request)
{
    const policy::LedgerHead &head = *reading.head;
    const SourceReading source = reading.world.sources.value(id);
    PromotionDraft draft;
    if (!source.problem.isEmpty())
        draft.warnings.append(source.problem);
    request.subject.commit = source.commit.value_or(QString());
    request.replacesCommit = source.replaces.value_or(QString());
    request.changes = source.changes;
    const QDateTime now = QDateTime::currentDateTimeUtc();
    const policy::Subject &subject = request.subject;
    const QByteArray zone = policy::riskZone(head.policy, subject.application, subject.environment);
    draft.risk = policy::riskOf({subject.application, subject.environment, request.changes, now, zone}, head.entries);
    if (draft.risk.probability)
        request.riskPermille = static_cast<int>(*draft.risk.probability * 1000);
    draft.request = request;
    if (!reading.me.problem.isEmpty())
        draft.warnings.append(reading.me.problem);
    policy::Entries entries = policy::entriesOf(head.entries, request.subject.application);
    policy::SignedRecord asked;
    asked.id = id;
    asked.position = (head.entries.isEmpty() ? 0 : head.entries.last().position) + 1;
    asked.at = now;
    asked.body = policy::Record(request);
    const policy::Principal *me = head.policy.principal(reading.me.principal);
    asked.signer = me ? me->keys.value(0, me->emails.value(0)) : reading.me.key;
    entries.append(asked);
    policy::Facts facts = factsOf(reading.world, request, id, request.fromEnvironment);
    addCommitters(facts, head.policy, reading.world.sources.value(id).committers);
    facts.now = now;
    facts.policyCommit = head.policyCommit;
    facts.schedules = policy::policySchedules(head.policy, head.entries, now);
    policy::Question question;
    question.promotion = id;
    question.asker = reading.me.principal;
    draft.decision = policy::decide(head.policy, entries, question, facts);
    draft.path = pathOf(reading.world, request, request.fromEnvironment);
    draft.mayBreakGlass = policy::cardOf(head.policy, entries, id, facts, reading.me, draft.path).mayBreakGlass;
    return draft;
}

QFuture<Result<Plan>> LedgerDesk::rehearse(PromotionDraft draft, StopToken stop)
{
    policy::PromotionCard card;
    card.request = draft.request;
    card.decision = draft.decision;
    return after(this, readLedger(For::Decide, stop), [=, this](const Reading &reading) {
        const QString application = draft.request.subject.application;
        const auto places = m_world.readApplication(reading.head->policy, application, stop);
        return after(this, places, [=, this](const ApplicationReading &there) {
            Reading whole = reading;
            whole.world.applications.insert(application, there);
            return after(this, execution(card, whole, stop), [=](Plan plan) {
                plan.kind = OperationKind::Promote; // also where a vendor's gate does it
                plan.application = application;
                plan.environment = draft.request.subject.environment;
                plan.checks = policy::checksOf(card.decision, Direction::Forward) + plan.checks;
                return ready(Result<Plan>(plan));
            });
        });
    });
}

QFuture<Result<QString>> LedgerDesk::request(PromotionDraft draft)
{
    return record([draft](const Reading &reading) -> Result<policy::Record> {
        if (reading.head->policyCommit != draft.request.policyCommit)
            return Error{
                ErrorKind::Conflict,
                PromotionsText::tr("The policy changed since this was looked at. Nothing was written: look again."),
                {}};
        if (reading.me.principal.isEmpty())
            return refused(PromotionsText::tr("The policy gives the key %1 to nobody.").arg(reading.me.key));
        return policy::Record(draft.request);
    });
}

// ---- carrying it out

QFuture<Result<Plan>> LedgerDesk::execution(const policy::PromotionCard &card, const Reading &reading,
                                            const StopToken &stop)
{
    const policy::Subject &subject = card.decision.subject;
    const policy::EnvironmentPolicy *rules = reading.head->policy.rules(subject.application, subject.environment);
    const auto fail = [](ErrorKind kind, const QString &text) { return ready(Result<Plan>(Error{kind, text, {}})); };
    if (!rules)
        return fail(
            ErrorKind::Refused,
            PromotionsText::tr("The policy has no rules for %1 in %2.").arg(subject.application, subject.environment));
    if (rules->execution.kind == policy::Execution::Kind::VendorGate)
        return pressGate(card, rules->execution, reading, stop);
    const ApplicationReading application = reading.world.applications.value(subject.application);
    const PlaceReading *target = application.place(subject.environment);
    // What is still being read, or does not answer now, may be there all the same.
    const bool isAway = target && target->deployed && !target->isLive && target->heardAt.isValid();
    const bool isUnread = isAway || !m_world.whyNotListed(subject.application, subject.environment).isEmpty();
    if (!target || !target->target || !target->deployed)
        return fail(
            isUnread ? ErrorKind::Unreachable : ErrorKind::NotFound,
            target ? target->targetProblem
                   : PromotionsText::tr("No cluster runs %1 in %2.").arg(subject.application, subject.environment));
    const QString tag = isImageTag(card.request.version) ? card.request.version : QString();
    if (rules->execution.kind == policy::Execution::Kind::GitopsCommit) {
        if (!m_gitops)
            return fail(ErrorKind::Unsupported,
                        PromotionsText::tr("No repository can be written from here, and the policy "
                                           "carries out promotions of %1 to %2 by a commit to %3.")
                            .arg(subject.application, subject.environment, rules->execution.repository));
        return m_gitops->plan({rules->execution, target->deployed->connection, target->deployed->ns,
                               subject.application, subject.environment, *target->target, tag, subject.digest, card.id,
                               card.requester, card.request.reason, card.request.model},
                              stop);
    }
    ClusterConnection *cluster = m_sources.clusters ? m_sources.clusters->find(target->deployed->connection) : nullptr;
    if (!cluster || !cluster->deployer)
        return fail(
            ErrorKind::Unsupported,
            PromotionsText::tr("The connection %1 cannot set which release runs.").arg(target->deployed->connection));
    SetImageOrder order;
    order.connection = target->deployed->connection;
    order.ns = target->deployed->ns;
    order.application = subject.application;
    order.environment = subject.environment;
    order.workload = target->target->workload;
    order.container = target->target->container;
    order.digest = subject.digest;
    order.tag = tag;
    order.model = card.request.model;
    order.reason = card.request.reason;
    return cluster->deployer->plan(order, stop);
}

QFuture<Result<Plan>> LedgerDesk::plan(SeenPromotion seen, StopToken stop)
{
    const auto reading = std::make_shared<Reading>();
    return after(this, cardNow(seen.promotion, stop, reading), [=, this](const policy::PromotionCard &card) {
        if (const QString moved = whatMoved(seen, card); !moved.isEmpty()) {
            soon();
            return ready(
                Result<Plan>(Error{ErrorKind::Conflict,
                                   PromotionsText::tr("The promotion %1 is not what you looked at any more: %2.")
                                       .arg(seen.promotion, moved),
                                   {}}));
        }
        if (card.outcome)
            return ready(Result<Plan>(refused(card.mayStart.reason)));
        return after(this, execution(card, *reading, stop), [=, this](const Plan &plan) {
            const ClaimOrder order{newUlid(), {card.id, card.decision.subject, card.decision.policyCommit}};
            const policy::EnvironmentPolicy *rules = reading->head->policy.rules(plan.application, plan.environment);
            Plan whole = promotionPlan(plan, card, order, m_book.address(), !rules || rules->isProtected);
            if (!card.mayStart.isGiven)
                whole.checks.prepend({CheckId::Policy,
                                      CheckState::Block,
                                      PromotionsText::tr("Who may start it"),
                                      card.mayStart.reason,
                                      {}});
            return ready(Result<Plan>(whole));
        });
    });
}

} // namespace signalbox
