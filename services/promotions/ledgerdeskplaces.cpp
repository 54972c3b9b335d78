// Operations that are no promotion: what the policy says of the place that they change.
#include "services/async/chain.h"
#include "services/promotions/ledgerdesk.h"
#include "services/promotions/ledgerdesk_p.h"
#include "services/promotions/promotionstext.h"

#include <algorithm>

namespace signalbox
{

namespace
{

// A promotion and a gate carry the word of the policy already, who stops a run starts nothing, and what names no place
// concerns none.
bool isJudgedHere(const Plan &plan)
{
    return plan.direction == Direction::Forward && !plan.application.isEmpty() && !plan.environment.isEmpty() &&
           plan.kind != OperationKind::Promote && plan.kind != OperationKind::DecideGate &&
           plan.kind != OperationKind::CancelRun;
}

// Freezes and holds name places by patterns: those that nobody wrote rules for, too.
policy::Policy withRulesOf(policy::Policy policy, const QString &application, const QString &environment)
{
    if (policy.rules(application, environment))
        return policy;
    policy::EnvironmentPolicy none;
    none.environment = environment;
    none.oneAtATime = false;
    none.noFiringAlerts = false;
    policy.environments.append(none);
    return policy;
}

bool isOf(const policy::Subject &subject, const Plan &plan)
{
    return subject.application == plan.application && subject.environment == plan.environment;
}

// Whoever acts alone with what runs there now may go on with it.
void takeGlass(policy::Facts &facts, const policy::LedgerHead &head, const Plan &plan, const PlaceReading &place)
{
    for (const policy::Glass &glass : policy::glassesOf(head.policy, head.entries, facts.now)) {
        const auto runs = [&glass](const std::optional<RunningRelease> &release) {
            return release && release->digest == glass.subject.digest;
        };
        if (!isOf(glass.subject, plan) || glass.validUntil <= facts.now || !(runs(place.running) || runs(place.target)))
            continue;
        facts.digest = glass.subject.digest;
        facts.commit = glass.subject.commit;
    }
}

Check ledgerCheck(const QString &text, const Error &problem)
{
    return {CheckId::Policy, CheckState::Warn, text, problem.message,
            PromotionsText::tr("\"signalbox ledger status\" says what is wrong.")};
}

} // namespace

QFuture<Result<QList<Check>>> LedgerDesk::checksFor(const Plan &plan, const StopToken &stop)
{
    using Checks = QList<Check>;
    if (!isJudgedHere(plan))
        return ready(Result<Checks>(Checks()));
    return afterAny(this, readLedger(For::Show, stop), [=, this](const Result<Reading> &reading) {
        if (reading)
            return checksAt(plan, *reading, stop);
        const Error &error = reading.error();
        if (error.kind == ErrorKind::Cancelled)
            return ready(Result<Checks>(error));
        // No ledger, or one that nobody has begun to sign: there is no policy.
        if (!m_isOld && (error.kind == ErrorKind::NotFound || error.kind == ErrorKind::Unsupported))
            return ready(Result<Checks>(Checks()));
        return ready(Result<Checks>(Checks{ledgerCheck(
            PromotionsText::tr("Whether a freeze or a hold stands against it is not known: the ledger cannot be read"),
            error)}));
    });
}

QFuture<Result<QList<Check>>> LedgerDesk::checksAt(const Plan &plan, const Reading &reading, const StopToken &stop)
{
    const policy::EnvironmentPolicy *const rules = reading.head->policy.rules(plan.application, plan.environment);
    const auto judged = [=, this](const PlaceReading &place, const AlertsReading &alerts) {
        return m_queue.run([=, memory = m_memory]() -> Result<QList<Check>> {
            const policy::LedgerHead &head = *reading.head;
            policy::Facts facts;
            facts.now = QDateTime::currentDateTimeUtc();
            facts.policyCommit = head.policyCommit;
            facts.isBusy = false; // checks of the operation's own say what is under way there
            memory->take(reading.head);
            facts.schedules = memory->schedulesAt(facts.now);
            if (alerts.hasSource)
                facts.alerts = policy::AlertState{alerts.isLive, alerts.readAt,
                                                  alertsAbout(alerts.firing, plan.application, place)};
            takeGlass(facts, head, plan, place);
            policy::Question question;
            question.application = plan.application;
            question.environment = plan.environment;
            const policy::Policy policy = withRulesOf(head.policy, plan.application, plan.environment);
            QList<Check> checks =
                policy::checksOf(policy::decide(policy, head.entries, question, facts), Direction::Forward);
            const QString alone = policy::ruleTitle(policy::Rule::OneAtATime);
            checks.removeIf(
                [&alone](const Check &check) { return check.text == alone && check.state == CheckState::Pass; });
            if (reading.isOld)
                checks.append(ledgerCheck(PromotionsText::tr("The shared ledger cannot be reached: what others wrote "
                                                             "meanwhile is not known"),
                                          *reading.isOld));
            return checks;
        });
    };
    const policy::Entries &entries = reading.head->entries;
    const bool hasGlass = std::any_of(entries.cbegin(), entries.cend(), [&plan](const policy::SignedRecord &entry) {
        const auto *glass = entry.as<policy::BreakGlass>();
        return glass && isOf(glass->subject, plan);
    });
    if (!hasGlass && !(rules && rules->noFiringAlerts))
        return judged({}, {});
    const auto place = m_world.place(reading.head->policy, plan.application, plan.environment, stop);
    return after(this, place, [=, this](const PlaceReading &there) {
        const auto world = m_world.read(reading.head->policy, {}, For::Look, stop); // alerts alone
        return after(this, world, [=](const World &around) { return judged(there, around.alerts); });
    });
}

} // namespace signalbox
