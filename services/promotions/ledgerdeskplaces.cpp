// Operations that are no promotion: what the policy says of the place that they change.
#include "models/policy/cardpermissions.h"
#include "models/policy/policytext.h"
#include "services/async/chain.h"
#include "services/async/within.h"
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

// On whatever track: after the first share none is idle any more.
bool runsThere(const PlaceReading &place, const QString &digest)
{
    const auto runs = [&digest](const std::optional<RunningRelease> &release) {
        return release && release->digest == digest;
    };
    return runs(place.running) || runs(place.target) ||
           (place.deployed && std::any_of(place.deployed->tracks.cbegin(), place.deployed->tracks.cend(),
                                          [&digest](const Track &track) { return track.digest == digest; }));
}

// Whoever acts alone with what runs there now may go on with it.
void takeGlass(policy::Facts &facts, const policy::LedgerHead &head, const Plan &plan, const PlaceReading &place)
{
    for (const policy::Glass &glass : policy::glassesOf(head.policy, head.entries, facts.now)) {
        if (!isOf(glass.subject, plan) || glass.validUntil <= facts.now || !runsThere(place, glass.subject.digest))
            continue;
        facts.digest = glass.subject.digest;
        facts.commit = glass.subject.commit;
    }
}

bool hasGlass(const policy::LedgerHead &head, const Plan &plan)
{
    const QDateTime now = QDateTime::currentDateTimeUtc();
    return std::any_of(head.entries.cbegin(), head.entries.cend(), [&](const policy::SignedRecord &entry) {
        const auto *glass = entry.as<policy::BreakGlass>();
        return glass && isOf(glass->subject, plan) && now < entry.at.addSecs(head.policy.breakGlass.validFor.count());
    });
}

bool isHeldByPerson(const policy::Policy &policy, const policy::Entries &entries, const Plan &plan)
{
    const QList<policy::Stop> holds = policy::holdsOn(policy, entries, plan.application, plan.environment);
    return std::any_of(holds.cbegin(), holds.cend(), [&entries](const policy::Stop &stop) {
        const policy::SignedRecord *entry = policy::entryOf(entries, stop.entry);
        return entry && entry->as<policy::Hold>();
    });
}

bool isTraffic(const Plan &plan)
{
    return plan.kind == OperationKind::TrafficShift || plan.kind == OperationKind::TrafficSwitch;
}

policy::Permission mayActAlone(const policy::Policy &policy, const policy::BoardOperator &me)
{
    const QStringList &roles = policy.breakGlass.roles;
    return roles.isEmpty() ? policy::notAllowed(PromotionsText::tr("The policy lets nobody act alone."))
                           : policy::allowedByRoles(policy, me, roles);
}

// What a glass is broken for: what traffic would be brought to, where that is told, else what users get.
const RunningRelease *releaseThere(const PlaceReading &place)
{
    const auto isKnown = [](const std::optional<RunningRelease> &release) {
        return release && !release->digest.isEmpty();
    };
    return isKnown(place.target) ? &*place.target : isKnown(place.running) ? &*place.running : nullptr;
}

// The way out of whoever cannot wait; empty: there is none.
QString glassOf(const policy::Policy &policy, const policy::BoardOperator &me, const Plan &plan)
{
    if (mayActAlone(policy, me).isGiven)
        return PromotionsText::tr("If it cannot wait, break the glass and act alone: "
                                  "\"signalbox break-glass %1 %2 --reason TEXT\", then try again.")
            .arg(plan.application, plan.environment);
    const QStringList others = policy.members(policy.breakGlass.roles);
    return others.isEmpty() ? QString()
                            : PromotionsText::tr("If it cannot wait, %1 may break the glass.")
                                  .arg(others.join(policy::PolicyText::tr(" or ")));
}

// What to do about a rule that says nothing of it.
QString wayOutOf(const policy::RuleResult &rule, const policy::Policy &policy)
{
    const QString admins = policy.members({policy::adminsRole()}).join(policy::PolicyText::tr(" or "));
    if (rule.rule == policy::Rule::Window)
        return PromotionsText::tr("Wait until it opens, or ask %1 to change the policy.").arg(admins);
    if (rule.rule == policy::Rule::Freeze)
        return PromotionsText::tr("Wait until it is over, or ask %1 to change the policy.").arg(admins);
    return PromotionsText::tr("Wait until it is over. What goes back is not held up by it.");
}

// What the policy says, as far as it concerns a change by hand: the operation's own locks say what is under way there.
// What is not known warns, and so do a hold that nobody ordered (it comes with each way back, and what runs has to be
// mended after it) and everything where it is not certain that a newer release gets more traffic.
QList<Check> checksByHand(const policy::Decision &decision, const policy::Policy &policy, const Plan &plan,
                          const policy::BoardOperator &me, bool isHeldByPerson)
{
    QList<Check> checks;
    for (const policy::RuleResult &rule : decision.rules) {
        if (rule.rule == policy::Rule::OneAtATime)
            continue;
        policy::Decision alone;
        alone.rules = {rule};
        Check check = policy::checksOf(alone, Direction::Forward).first();
        const bool mayStop = rule.state != policy::RuleResult::State::Unknown &&
                             (rule.rule != policy::Rule::Hold || isHeldByPerson) &&
                             (!isTraffic(plan) || plan.bringsNewest);
        if (check.state == CheckState::Block && !mayStop)
            check.state = CheckState::Warn;
        if (check.state != CheckState::Pass && check.wayOut.isEmpty())
            check.wayOut = wayOutOf(rule, policy);
        if (check.state == CheckState::Block)
            check.wayOut = QStringLiteral("%1 %2").arg(check.wayOut, glassOf(policy, me, plan)).trimmed();
        checks.append(check);
    }
    return checks;
}

Check ledgerCheck(const QString &text, const Error &problem)
{
    return {CheckId::Policy, CheckState::Warn, text, problem.message,
            PromotionsText::tr("\"signalbox ledger status\" says what is wrong.")};
}

} // namespace

// Who hangs is not waited for: what is here is judged then, and said to be old. What comes later is kept all the same.
QFuture<Result<LedgerDesk::Reading>> LedgerDesk::readLedgerInTime(const StopToken &stop)
{
    const QDateTime now = QDateTime::currentDateTimeUtc();
    const bool isFresh =
        m_caughtUpAt.isValid() && m_caughtUpAt <= now && now < m_caughtUpAt.addMSecs(m_settings.checksMayBeOld.count());
    if (isFresh)
        return readLedger(For::Look, stop);
    const auto read = within(this, readLedger(For::Show, stop), m_settings.checksLimit);
    return afterAny(this, read, [=, this, before = m_caughtUpAt](const Result<Reading> &reading) {
        if (reading || reading.error().kind != ErrorKind::TimedOut)
            return ready(reading);
        if (m_caughtUpAt == before) { // else it was reached in time, and only verifying it takes long
            m_isOld = reading.error();
            m_caughtUpAt = QDateTime::currentDateTimeUtc();
        }
        return readLedger(For::Look, stop);
    });
}

// What whoever may would act alone with; each that was written is owed by others, so none is where it would change
// nothing.
QFuture<Result<policy::Subject>> LedgerDesk::glassNow(const QString &application, const QString &environment,
                                                      const StopToken &stop, std::shared_ptr<Reading> keep)
{
    using Subject = Result<policy::Subject>;
    return after(this, readLedger(For::Decide, stop), [=, this](const Reading &reading) {
        *keep = reading;
        const policy::Permission may = mayActAlone(reading.head->policy, reading.me);
        if (!may.isGiven)
            return ready(Subject(refused(may.reason)));
        Plan any; // of the kind that the most stops
        any.kind = OperationKind::TriggerRun;
        any.application = application;
        any.environment = environment;
        return after(this, checksAt(any, reading, stop), [=, this](const QList<Check> &checks) {
            if (std::none_of(checks.cbegin(), checks.cend(),
                             [](const Check &check) { return check.state == CheckState::Block; }))
                return ready(Subject(
                    refused(PromotionsText::tr("There is no need to: nothing stops a change by hand of %1 in "
                                               "%2, or the glass is broken for it already. Nothing was written.")
                                .arg(application, environment))));
            const auto place = m_world.place(reading.head->policy, application, environment, stop);
            return after(this, place, [=](const PlaceReading &there) {
                const RunningRelease *const release = releaseThere(there);
                if (!release)
                    return ready(Subject(Error{
                        ErrorKind::NotFound,
                        PromotionsText::tr("The glass is broken for a digest, and which one runs as %1 in %2 is "
                                           "not known: %3 Nothing was written. A hold or a freeze that was "
                                           "ordered can be lifted.")
                            .arg(application, environment,
                                 there.problem.isEmpty() ? PromotionsText::tr("No digest is told.") : there.problem),
                        {}}));
                return ready(Subject(policy::Subject{application, environment, release->digest,
                                                     commitsByDigest(reading.head->entries).value(release->digest)}));
            });
        });
    });
}

QFuture<Result<policy::Subject>> LedgerDesk::draftGlassAt(QString application, QString environment, StopToken stop)
{
    return glassNow(application, environment, stop, std::make_shared<Reading>());
}

// Not exclusive, as a claim is: of two at the very same moment both stay, and both are owed. Leaving the second out
// when it is sent would take away the record of somebody who acted alone, for what it let through may be done by then.
QFuture<Result<QString>> LedgerDesk::breakGlassAt(policy::Subject seen, QString reason)
{
    if (reason.trimmed().isEmpty())
        return ready(Result<QString>(Error{
            ErrorKind::Invalid, PromotionsText::tr("Acting alone needs a reason: it is kept in the ledger."), {}}));
    const auto reading = std::make_shared<Reading>();
    const auto now = glassNow(seen.application, seen.environment, m_gone.get_token(), reading);
    return after(this, now, [=, this](const policy::Subject &subject) {
        if (!(subject == seen))
            return ready(Result<QString>(
                Error{ErrorKind::Conflict,
                      PromotionsText::tr("%1 in %2 is %3 by now, you looked at %4. Nothing was written: look again.")
                          .arg(seen.application, seen.environment, policy::shortDigest(subject.digest),
                               policy::shortDigest(seen.digest)),
                      {}}));
        return append(policy::BreakGlass{{}, subject, reading->head->policyCommit, reason}, *reading);
    });
}

QFuture<Result<QList<Check>>> LedgerDesk::checksFor(const Plan &plan, const StopToken &stop)
{
    using Checks = QList<Check>;
    if (!isJudgedHere(plan))
        return ready(Result<Checks>(Checks()));
    return afterAny(this, readLedgerInTime(stop), [=, this](const Result<Reading> &reading) {
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
    const bool breaksGlass = hasGlass(*reading.head, plan);
    // `isKnown`: what runs there, as far as it matters.
    const auto judged = [=, this](const PlaceReading &place, const AlertsReading &alerts, bool isKnown) {
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
            QList<Check> checks = checksByHand(policy::decide(policy, head.entries, question, facts), policy, plan,
                                               reading.me, isHeldByPerson(policy, head.entries, plan));
            for (Check &check : checks) { // who acts alone is not stopped because the cluster does not answer
                if (check.state == CheckState::Block && breaksGlass && !isKnown)
                    check.state = CheckState::Warn;
            }
            if (reading.isOld)
                checks.append(ledgerCheck(PromotionsText::tr("The shared ledger cannot be reached: what others wrote "
                                                             "meanwhile is not known"),
                                          *reading.isOld));
            return checks;
        });
    };
    if (!breaksGlass && !(rules && rules->noFiringAlerts))
        return judged({}, {}, true);
    // Freezes and holds are the ledger's: alerts that do not come in time are not known, and stop nothing else.
    struct Around
    {
        PlaceReading place;
        AlertsReading alerts;
    };
    const auto place = m_world.place(reading.head->policy, plan.application, plan.environment, stop);
    const auto around = after(this, place, [=, this](const PlaceReading &there) {
        const auto world = m_world.read(reading.head->policy, {}, For::Look, stop); // alerts alone
        return after(this, world, [there](const World &seen) {
            return ready(Result<Around>(Around{there, seen.alerts}));
        });
    });
    return afterAny(this, within(this, around, m_settings.checksLimit), [=](const Result<Around> &seen) {
        return seen ? judged(seen->place, seen->alerts, seen->place.isLive) : judged({}, {}, false);
    });
}

} // namespace signalbox
