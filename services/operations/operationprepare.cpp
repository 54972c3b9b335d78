#include "services/operations/journal.h"
#include "services/operations/lockkey.h"
#include "services/operations/operationrun.h"
#include "services/operations/operationrun_impl.h"
#include "services/operations/planchoices.h"
#include "services/operations/preflighttable.h"

#include <QCoreApplication>
#include <QSysInfo>

#include <algorithm>
#include <memory>
#include <utility>

// Everything before the first call: checks, locks, the journal's intent.
namespace signalbox
{

using namespace std::chrono_literals;

// ---- preflight

namespace
{

void addCheck(Plan &plan, CheckId check, CheckState state, const QString &text, const QString &wayOut)
{
    plan.checks.removeIf([check](const Check &known) { return known.id == check; });
    plan.checks.append({check, state, text, {}, wayOut});
}

void addDryRun(Plan &plan, const Result<void> &result, const QDateTime &now)
{
    if (result) {
        plan.dryRunAt = now;
        addCheck(plan, CheckId::DryRun, CheckState::Pass, Operation::tr("The remote accepted a dry run."), {});
        return;
    }
    const Error &error = result.error();
    if (error.kind == ErrorKind::Unsupported)
        addCheck(plan, CheckId::DryRun, CheckState::Warn, Operation::tr("The remote offers no dry run."), {});
    else if (error.kind == ErrorKind::Forbidden || error.kind == ErrorKind::Unauthorized)
        addCheck(plan, CheckId::Rights, CheckState::Block, error.message,
                 Operation::tr("Ask for the right that is named."));
    else
        addCheck(plan, CheckId::DryRun, CheckState::Block, Operation::tr("The dry run failed: %1").arg(error.message),
                 Operation::tr("Make the plan again once the cause is gone."));
}

// With what the table makes of its checks; the same, judged again.
Plan judged(Plan plan)
{
    plan.checks = PreflightTable::standard().apply(plan.kind, plan.direction, plan.checks);
    return plan;
}

// What a check says mostly has no full stop, for it stands in a list; here what to do follows it.
QString refusalOf(const Check &check)
{
    static const QString ends = QStringLiteral(".:!?。：！？…");
    const QString why = check.detail.isEmpty() ? check.text : QStringLiteral("%1: %2").arg(check.text, check.detail);
    const bool isSentence = check.wayOut.isEmpty() || why.isEmpty() || ends.contains(why.back());
    const QString both = isSentence ? Operation::tr("Refused, nothing was written: %1 %2")
                                    : Operation::tr("Refused, nothing was written: %1. %2");
    return both.arg(why, check.wayOut).trimmed();
}

const PlanStep *firstChosen(const Plan &plan)
{
    const auto first = std::find_if(plan.steps.begin(), plan.steps.end(),
                                    [](const PlanStep &step) { return !step.isOptional || step.isChosen; });
    return first == plan.steps.end() ? nullptr : &*first;
}

// Which other server leaves alone what goes back; what goes on is kept out by any at that address.
QString lockServerOf(const Plan &plan)
{
    return plan.direction == Direction::Back ? plan.server : QString();
}

Error notInTime()
{
    return {ErrorKind::TimedOut, Operation::tr("the remote did not answer it in time"), {}};
}

} // namespace

void OperationRun::runPreflight()
{
    answer(env.locks->peek(lockKeys, lockPlaces(), lockServerOf(plan)),
           [this](const Result<std::optional<LockHolder>> &holder) {
               if (holder && *holder && (*holder)->operation != id)
                   addCheck(plan, CheckId::Busy, CheckState::Block,
                            Operation::tr("Another operation is under way here: %1").arg(toString(**holder)),
                            plan.direction == Direction::Back ? Operation::tr("It gives way to this one.")
                                                              : Operation::tr("Wait for it, or stop it first."));
               askPolicy(plan, [this](const QList<Check> &found) {
                   takePolicy(found);
                   askDryRun();
               });
           });
}

// What cannot be told in time is told to be so, and the table says what that does.
template <typename Handler>
void OperationRun::askPolicy(const Plan &of, Handler handler)
{
    if (of.direction == Direction::Back || !env.policyChecks)
        return handler(QList<Check>());
    const auto isTold = std::make_shared<bool>(false);
    const auto tell = [isTold, handler](const QList<Check> &found) {
        if (!std::exchange(*isTold, true))
            handler(found);
    };
    const auto unknown = [](const QString &why) {
        return QList<Check>{{CheckId::Policy, CheckState::Warn,
                             Operation::tr("Whether a freeze or a hold stands against it is not known"), why,
                             Operation::tr("Look at the ledger before you go on.")}};
    };
    after(env.timings.policyLimit, [tell, unknown] { tell(unknown(Operation::tr("It was not told in time."))); });
    answer(env.policyChecks(of, m_stop.get_token()), [tell, unknown](const Result<QList<Check>> &found) {
        tell(found ? *found : unknown(found.error().message));
    });
}

void OperationRun::addPolicy(Plan &to, const QList<Check> &found)
{
    for (const Check &check : found) {
        to.checks.append(check);
        m_policyTexts.insert(check.text);
    }
}

// In place of those that were found for the plan before it.
void OperationRun::takePolicy(const QList<Check> &found)
{
    plan.checks.removeIf([this](const Check &known) { return m_policyTexts.contains(known.text); });
    addPolicy(plan, found);
}

// Going back is not held up by a webhook that hangs: who planned it asked already, with a limit of its own.
bool OperationRun::isHurried(const Plan &of) const
{
    return of.direction == Direction::Back && mode == Operation::Mode::Real;
}

// What goes on elsewhere is in the way of what goes on, never of what goes back.
QStringList OperationRun::lockPlaces() const
{
    return plan.direction == Direction::Back ? lockPlacesOf(plan) : QStringList();
}

bool OperationRun::wantsDryRun(const Plan &of) const
{
    const bool wasAsked =
        std::any_of(of.checks.begin(), of.checks.end(), [](const Check &check) { return check.id == CheckId::DryRun; });
    // Later steps build on the first one's effect: the remote could only judge that one now.
    return !of.dryRunAt.isValid() && firstChosen(of) && !(isHurried(of) && wasAsked);
}

void OperationRun::askDryRun()
{
    if (!wantsDryRun(plan))
        return finishPreflight();
    if (isHurried(plan))
        after(env.timings.backDryRun, [this] { noteDryRun(notInTime()); });
    answer(env.ports.runner->dryRun(*firstChosen(plan), m_stop.get_token()),
           [this](const Result<void> &result) { noteDryRun(result); });
}

void OperationRun::noteDryRun(const Result<void> &result)
{
    if (!result && result.error().kind == ErrorKind::Conflict) {
        end(Event::ChecksBlocked, OutcomeKind::Conflict,
            Operation::tr("Nothing was written: %1").arg(result.error().message), ErrorKind::Conflict);
        return;
    }
    addDryRun(plan, result, env.clock->now());
    finishPreflight();
}

void OperationRun::finishPreflight()
{
    plan = judged(plan);
    emit q->planChanged();
    if (state != State::Preflight)
        return; // a listener decided otherwise
    const auto blocking = std::find_if(plan.checks.begin(), plan.checks.end(),
                                       [](const Check &check) { return check.state == CheckState::Block; });
    if (blocking != plan.checks.end()) {
        end(Event::ChecksBlocked, OutcomeKind::Refused, refusalOf(*blocking), ErrorKind::Refused);
    } else if (mode == Operation::Mode::DryRun) {
        end(Event::DryRunEnded, OutcomeKind::DryRun, Operation::tr("Dry run: nothing was written."));
    } else {
        fire(Event::ChecksPassed);
    }
}

// ---- the same plan, made again

bool OperationRun::renewPlan(const Plan &renewed)
{
    // One that is too old is of no use to whoever looks at it: they see that it is being checked.
    if ((state != State::AwaitingConfirmation && state != State::Journaling && state != State::Armed) ||
        isPlanExpired())
        return replacePlan(renewed);
    const Plan next = asChosen(renewed);
    if (judged(next).isBlocked() || next.fingerprint() != plan.fingerprint())
        return replacePlan(next);
    if (state != State::AwaitingConfirmation)
        return true; // what is held was checked, and sends the same
    if (m_renewalEpoch == m_epoch)
        return true; // the one before is being checked still; were it given up each time, none would come to its end
    m_renewalEpoch = m_epoch;
    ++m_renewal;
    answer(env.locks->peek(lockKeys, lockPlaces(), lockServerOf(plan)),
           [this, renewed](const Result<std::optional<LockHolder>> &holder) {
               if (holder && *holder && (*holder)->operation != id)
                   replacePlan(asChosen(renewed)); // says who is at work
               else
                   tryRenewal(renewed);
           });
    return true;
}

void OperationRun::tryRenewal(const Plan &renewed)
{
    askPolicy(renewed, [this, renewed, number = m_renewal](const QList<Check> &found) {
        if (number != m_renewal || m_renewalEpoch != m_epoch)
            return;
        Plan held = renewed;
        addPolicy(held, found);
        if (judged(held).isBlocked())
            replacePlan(asChosen(renewed)); // asked once more where its refusal is told
        else
            tryRenewedDryRun(held);
    });
}

void OperationRun::tryRenewedDryRun(const Plan &renewed)
{
    if (!wantsDryRun(renewed))
        return takeRenewal(renewed);
    const auto note = [this, renewed, number = m_renewal](const Result<void> &result) {
        if (number != m_renewal || m_renewalEpoch != m_epoch)
            return;
        Plan tried = renewed;
        addDryRun(tried, result, env.clock->now());
        if (judged(tried).isBlocked())
            replacePlan(asChosen(renewed)); // tried once more where its refusal is told
        else
            takeRenewal(tried);
    };
    if (isHurried(renewed))
        after(env.timings.backDryRun, [note] { note(notInTime()); });
    answer(env.ports.runner->dryRun(*firstChosen(renewed), m_stop.get_token()), note);
}

void OperationRun::takeRenewal(const Plan &renewed)
{
    m_renewalEpoch.reset();
    Plan next = judged(asChosen(renewed));
    if (next.fingerprint() != plan.fingerprint()) { // another first step was chosen meanwhile
        replacePlan(next);
        return;
    }
    plan = std::move(next);
    emit q->planChanged();
}

Plan OperationRun::asChosen(Plan renewed) const
{
    renewed = withChoicesOf(std::move(renewed), plan);
    renewed.reason = plan.reason;
    renewed.server = plan.server;
    return renewed;
}

// ---- locks and journal, while the button is down

void OperationRun::takeLocks()
{
    m_ready = {};
    m_hasLocalLock = false;
    m_isRenewWarned = false;
    m_preparingSince = env.clock->monotonicMs();
    m_lockEpoch = m_epoch;
    const bool isBack = plan.direction == Direction::Back;
    after(isBack ? env.timings.backLockLimit : env.timings.lockLimit, [this] { giveUpPreparing(); });
    waitForWay();
}

void OperationRun::waitForWay()
{
    if (env.makeWay(q))
        return acquireLocal();
    if (plan.direction == Direction::Forward)
        return refusePreparation(
            Event::LockRefused,
            {ErrorKind::Refused,
             Operation::tr("Another operation of yours is under way here. Wait for it or stop it first."),
             {}});
    after(20ms, [this] { waitForWay(); });
}

void OperationRun::acquireLocal()
{
    LockHolder self;
    const Identity who = env.who();
    self.operation = id;
    self.process = env.locks->process();
    self.pid = QCoreApplication::applicationPid();
    self.who = who.user + QLatin1Char('@') + who.host;
    self.title = title();
    self.direction = plan.direction;
    self.since = env.clock->now();
    self.places = lockPlacesOf(plan);
    self.server = plan.server;
    const bool isBack = plan.direction == Direction::Back;
    // The grace ends well before the limit of going back, so that taking over still fits.
    const auto grace = env.timings.backLockLimit * 2 / 3;
    answer(env.locks->acquire(lockKeys, self, isBack, grace), [this, isBack](const Result<LockGrant> &grant) {
        if (!grant && !isBack)
            return refusePreparation(Event::LockRefused, grant.error());
        if (!grant)
            warn(Operation::tr("Not locked against other programs on this machine: %1").arg(grant.error().message));
        for (const LockHolder &one : grant ? grant->tookOverFrom : QList<LockHolder>())
            warn(Operation::tr("Took over from %1, which did not answer.").arg(toString(one)));
        m_ready.hasLocal = true;
        m_hasLocalLock = grant.has_value();
        prepareRest();
    });
}

void OperationRun::fillIntent()
{
    intent.id = id;
    intent.at = env.clock->now();
    intent.process = env.locks->process();
    intent.who = env.who();
    intent.problemSince = problemSince;
    intent.plan = plan;
    wasJournaled = true;
}

void OperationRun::prepareRest()
{
    fillIntent();
    answer(env.journal->writeIntent(intent), [this](const Result<void> &written) {
        m_ready.hasJournal = true;
        if (!written)
            m_ready.journalFailure = written.error();
        checkPrepared();
    });
    acquireRemote();
}

void OperationRun::acquireRemote()
{
    if (!env.ports.locker) {
        m_ready.hasRemote = true;
        return checkPrepared();
    }
    m_asksRemote = true;
    const bool isBack = plan.direction == Direction::Back;
    const auto asked = env.ports.locker->acquire(plan.ns, plan.application, title(), isBack, m_stop.get_token());
    answer(asked, [this](const Result<RemoteLock> &lock) {
        m_ready.hasRemote = true;
        // Nothing to renew or give back, where it is somebody else's or does not exist.
        if ((!lock && lock.error().kind == ErrorKind::Refused) || (lock && !lock->isShared))
            m_asksRemote = false;
        if (!lock)
            m_ready.remoteRefusal = lock.error();
        else if (!lock->isShared)
            warn(Operation::tr("Not locked against other operators: %1").arg(lock->reason));
        checkPrepared();
    });
}

void OperationRun::checkPrepared()
{
    if (!m_ready.hasLocal || !m_ready.hasRemote || !m_ready.hasJournal)
        return;
    const bool isBack = plan.direction == Direction::Back;
    if (m_ready.remoteRefusal && !isBack)
        return refusePreparation(Event::LockRefused, *m_ready.remoteRefusal);
    if (m_ready.journalFailure && !isBack)
        return refusePreparation(Event::JournalFailed, *m_ready.journalFailure);
    if (m_ready.remoteRefusal)
        warn(Operation::tr("Not locked against other operators: %1").arg(m_ready.remoteRefusal->message));
    if (m_ready.journalFailure)
        warn(Operation::tr("Goes on without a journal: %1").arg(m_ready.journalFailure->message));
    keepLocks();
    fire(Event::Ready);
}

void OperationRun::refusePreparation(Event event, const Error &error)
{
    end(event, OutcomeKind::Refused, Operation::tr("Refused, nothing was written: %1").arg(error.message), error.kind);
}

// The limit has passed. Going back goes on with what there is; going forward does not.
void OperationRun::giveUpPreparing()
{
    if (plan.direction == Direction::Forward) {
        const QString what = m_ready.hasLocal && m_ready.hasJournal
                                 ? Operation::tr("the lock against other operators was not answered in time")
                                 : Operation::tr("lock and journal on this machine did not answer in time");
        return refusePreparation(Event::LockRefused,
                                 {ErrorKind::TimedOut, Operation::tr("%1. Try again.").arg(what), {}});
    }
    if (!m_ready.hasLocal)
        warn(Operation::tr("Not locked against other programs on this machine: no answer in time."));
    if (!wasJournaled) { // the local lock kept it from being asked for: without it there would be no record at all
        fillIntent();
        deliver(env.journal->writeIntent(intent), StopToken{}, this, [this](const Result<void> &written) {
            if (!written)
                warn(Operation::tr("Goes on without a journal: %1").arg(written.error().message));
        });
    } else if (!m_ready.hasJournal) {
        warn(Operation::tr("Goes on without a journal: the disk did not answer in time."));
    }
    if (!m_ready.hasRemote)
        warn(Operation::tr("Not locked against other operators: no answer in time."));
    keepLocks();
    fire(Event::Ready);
}

void OperationRun::releaseLocks()
{
    if (std::exchange(m_lockEpoch, 0) == 0)
        return;
    env.locks->release(lockKeys, id);
    if (!std::exchange(m_asksRemote, false) || !env.ports.locker)
        return;
    isReleasing = true;
    deliver(env.ports.locker->release(plan.ns, plan.application, StopToken{}), StopToken{}, this,
            [this](const Result<void> &released) {
                isReleasing = false;
                if (!released)
                    warn(Operation::tr("The lock against other operators was not given back (%1); it ends by itself.")
                             .arg(released.error().message));
                emit q->progressed();
            });
}

// ---- while the locks are held

void OperationRun::keepLocks()
{
    watchLocal();
    renewRemote();
}

void OperationRun::watchLocal()
{
    env.clock->callAfter(env.timings.lockWatch, this, [this, held = m_lockEpoch] {
        if (held != m_lockEpoch || !holdsLock())
            return;
        deliver(env.locks->watch(lockKeys, id), StopToken{}, this, [this, held](const Result<LockWatch> &seen) {
            if (held != m_lockEpoch || !holdsLock())
                return;
            if (seen && seen->isLost && m_hasLocalLock)
                preempt(seen->lostTo ? toString(*seen->lostTo) : Operation::tr("somebody who is done by now"));
            else if (seen && seen->request && seen->request->direction == Direction::Back)
                preempt(toString(*seen->request));
            watchLocal();
        });
    });
}

void OperationRun::renewRemote()
{
    if (!m_asksRemote)
        return;
    env.clock->callAfter(env.timings.renewEvery, this, [this, held = m_lockEpoch] {
        if (held != m_lockEpoch || !holdsLock() || !env.ports.locker)
            return;
        const auto renewed = env.ports.locker->renew(plan.ns, plan.application, StopToken{});
        deliver(renewed, StopToken{}, this, [this, held](const Result<void> &result) {
            if (held != m_lockEpoch || !holdsLock())
                return;
            const bool isTaken =
                !result && (result.error().kind == ErrorKind::Refused || result.error().kind == ErrorKind::Conflict);
            if (isTaken && plan.direction == Direction::Forward)
                preempt(result.error().message);
            else if (!result && !std::exchange(m_isRenewWarned, true))
                warn(Operation::tr("The lock against other operators could not be renewed: %1")
                         .arg(result.error().message));
            renewRemote();
        });
    });
}

} // namespace signalbox
