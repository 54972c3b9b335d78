#include "models/policy/claims.h"

#include "models/domain/toldshares.h"

#include <QHash>

#include <algorithm>
#include <utility>

namespace signalbox::policy
{

namespace
{

bool isTraffic(const OperationRecord &operation, const QString &application, const QString &environment)
{
    return (operation.kind == OperationKind::TrafficShift || operation.kind == OperationKind::TrafficSwitch) &&
           operation.application == application && operation.environment == environment;
}

// As far as it is known. Refused, cancelled and taken back: not.
bool mayHaveMoved(const OperationRecord &operation)
{
    return operation.outcome == OutcomeKind::Done || operation.outcome == OutcomeKind::NotEffective ||
           operation.outcome == OutcomeKind::Unknown || operation.outcome == OutcomeKind::Failed;
}

// The one track that traffic was moved to, the share that it had, where that is told, and the one that it reached.
struct Gain
{
    QString track;
    std::optional<int> from;
    int percent = 0;
};

// None: the entry does not say, or several tracks got more.
std::optional<Gain> gainOf(const OperationRecord &operation)
{
    const QHash<QString, int> from = percentsOf(operation.from);
    const QHash<QString, int> to = percentsOf(operation.to);
    std::optional<Gain> gain;
    for (auto it = to.cbegin(); it != to.cend(); ++it) {
        // Without the shares of before only one that has all of them by now is known to have got more.
        if (from.isEmpty() ? it.value() < 100 : it.value() <= from.value(it.key()))
            continue;
        if (gain)
            return std::nullopt;
        gain = Gain{it.key(), from.isEmpty() ? std::nullopt : std::optional(from.value(it.key())), it.value()};
    }
    return gain;
}

constexpr int mostTraffic = 50; // percent: as of an environment's tracks the one with most traffic is what it runs

const SignedRecord *lastShift(const Entries &entries, const QString &application, const QString &environment)
{
    const SignedRecord *last = nullptr;
    for (const SignedRecord &entry : entries) {
        const OperationRecord *operation = entry.operation();
        if (operation && isTraffic(*operation, application, environment) && mayHaveMoved(*operation) &&
            (!last || entry.at > last->at))
            last = &entry;
    }
    return last;
}

// What the ledger tells of one place with several tracks or one: what has traffic, and what waits for some.
//
//   promoted -> running, where there is one track
//   promoted -> idle, where there are several -- most traffic on --> running -- traffic back --> idle
class PlaceTold
{
public:
    // `named`: the track that promotions go to as the policy says, which may be the one that had traffic. Empty: none.
    PlaceTold(bool hasTracks, QString named)
        : m_hasTracks(hasTracks)
        , m_named(std::move(named))
    {}

    // `isAlone`: it was seen where no other track was.
    void promoted(const Running &one, bool isAlone)
    {
        if (!m_hasTracks || isAlone) {
            run(one, {});
            m_idle.reset();
            return;
        }
        m_idle = one;
        if (!m_named.isEmpty())
            m_running.reset();
    }
    // Whatever it did, the one before is not known to run any more.
    void forget()
    {
        m_running.reset();
        m_idle.reset();
    }
    void traffic(const OperationRecord &operation, const QDateTime &at)
    {
        if (!mayHaveMoved(operation) || isLate(at, m_running))
            return;
        const std::optional<Gain> gain = gainOf(operation);
        if (operation.outcome != OutcomeKind::Done)
            m_running.reset(); // nobody knows where it went
        else if (operation.direction == Direction::Back)
            isInPart(operation.from, operation.to) ? shifted(gain, at, false) : takenBack(gain);
        else if (operation.kind == OperationKind::TrafficSwitch)
            switched(gain, at);
        else
            shifted(gain, at, true);
    }
    void wentBack(const QDateTime &at)
    {
        if (!isLate(at, m_running))
            m_running.reset();
        if (!isLate(at, m_idle))
            m_idle.reset();
    }
    const std::optional<Running> &running() const { return m_running; }

private:
    void run(const Running &one, const QString &track)
    {
        m_running = one;
        m_track = track;
    }
    bool isOfRunning(const std::optional<Gain> &gain) const
    {
        return m_running && gain && !m_track.isEmpty() && gain->track == m_track;
    }
    void takenBack(const std::optional<Gain> &gain)
    {
        if (isOfRunning(gain))
            return; // from what was only tried
        if (m_running && m_idle)
            m_idle.reset(); // which of the two has it is not told
        else if (m_running)
            m_idle = m_running;
        m_running.reset();
    }
    // A track that the policy does not name: what was promoted to the named one is not what has the traffic now, and
    // may get it later.
    bool isElsewhere(const std::optional<Gain> &gain) const
    {
        return !m_named.isEmpty() && gain && gain->track != m_named;
    }
    void switched(const std::optional<Gain> &gain, const QDateTime &at)
    {
        if (isElsewhere(gain))
            m_running.reset();
        else if (m_idle && !isLate(at, m_idle))
            takeIdle(gain, at);
        else
            m_running.reset(); // to another track, of which the ledger says nothing
    }
    // A part of it makes nothing what runs before that is the most. What gets some back is an older release, and not
    // the one that waits for its traffic: then `mayBeIdle` is not true.
    void shifted(const std::optional<Gain> &gain, const QDateTime &at, bool mayBeIdle)
    {
        if (!gain)
            m_running.reset(); // somewhere, and m_idle may get the rest later
        else if (isOfRunning(gain))
            m_running->since = std::max(m_running->since, at);
        else if (gain->percent < mostTraffic)
            return;
        else if (gain->from.value_or(0) >= mostTraffic && gain->track != m_named)
            gainedMore(*gain, at);
        else if (isElsewhere(gain))
            m_running.reset();
        else if (mayBeIdle && m_idle && !isLate(at, m_idle))
            takeIdle(gain, at);
        else
            m_running.reset();
    }
    // What had the most before is not what was idle: it got back what another had tried.
    void gainedMore(const Gain &gain, const QDateTime &at)
    {
        if (m_running && m_track.isEmpty() && gain.from.value_or(0) > mostTraffic)
            m_running->since = std::max(m_running->since, at);
        else
            m_running.reset(); // another track than what is told to run
    }
    void takeIdle(const std::optional<Gain> &gain, const QDateTime &at)
    {
        run({m_idle->digest, std::max(m_idle->since, at), true}, gain ? gain->track : QString());
        m_idle.reset();
    }
    // An old entry that came to the chain late (a machine's own ledger was imported).
    static bool isLate(const QDateTime &at, const std::optional<Running> &one)
    {
        return one && one->since.isValid() && at.isValid() && at < one->since;
    }

    bool m_hasTracks = false;
    QString m_named;
    std::optional<Running> m_running;
    QString m_track; // of m_running; empty: not told
    std::optional<Running> m_idle;
};

} // namespace

const SignedRecord *claimEnd(const Policy &policy, const Entries &entries, const SignedRecord &claim)
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

QDateTime lastTraffic(const Entries &entries, const QString &application, const QString &environment)
{
    const SignedRecord *last = lastShift(entries, application, environment);
    return last ? last->at : QDateTime();
}

TrafficSince trafficSince(const Entries &entries, const QString &application, const QString &environment,
                          const Running &running)
{
    using State = TrafficSince::State;
    const SignedRecord *shift = lastShift(entries, application, environment);
    const QDateTime shifted = shift ? shift->at : QDateTime();
    if (!running.serving)
        return {State::Known, shifted};
    const Serving &serving = *running.serving;
    if (serving.share && *serving.share <= 0)
        return {State::None, {}};
    const bool isLater = serving.isBegun && serving.since.isValid() && (!shift || serving.since > shifted);
    if (serving.share && isLater)
        return {State::Known, serving.since};
    const bool isDone = shift && shift->operation()->outcome == OutcomeKind::Done;
    const QHash<QString, int> told = isDone ? percentsOf(shift->operation()->to) : QHash<QString, int>();
    // Proven, also where nothing says what it has right now; not where nobody sees what is there right now.
    if (told.value(serving.track) > 0 && (serving.share || serving.isSeen))
        return {State::Known, isLater ? serving.since : shifted};
    if (!serving.share)
        return {State::Unknown, {}};
    return {told.contains(serving.track) ? State::Moved : State::Unknown, serving.since};
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
        if (const SignedRecord *end = claimEnd(policy, entries, entry))
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
    const EnvironmentPolicy *rules = policy.rules(application, environment);
    const QString named =
        rules && rules->execution.kind == Execution::Kind::SetImage ? rules->execution.track : QString();
    const bool hasMoved = std::any_of(entries.cbegin(), entries.cend(), [&](const SignedRecord &entry) {
        const OperationRecord *operation = entry.operation();
        return operation && isTraffic(*operation, application, environment) && mayHaveMoved(*operation);
    });
    PlaceTold place(!named.isEmpty() || hasMoved, named);
    for (const SignedRecord &entry : inChainOrder(entries)) {
        const auto *outcome = entry.as<PromotionOutcome>();
        if (outcome && outcome->subject.application == application && outcome->subject.environment == environment) {
            const SignedRecord *claim = winningClaim(entries, outcome->promotion, outcome->subject);
            const SignedRecord *end = claim ? claimEnd(policy, entries, *claim) : nullptr;
            const bool isProven = end && end->id == entry.id && outcome->claim == claim->id;
            // Nobody saw an effect before it was begun.
            if (isProven && outcome->kind == OutcomeKind::Done && outcome->observedAt.isValid())
                place.promoted({outcome->subject.digest, std::max(outcome->observedAt, claim->at), true},
                               outcome->isAlone);
            else
                place.forget();
        }
        const OperationRecord *operation = entry.operation();
        if (!operation || operation->application != application || operation->environment != environment)
            continue;
        if (isTraffic(*operation, application, environment))
            place.traffic(*operation, entry.at);
        else if (operation->direction == Direction::Back)
            place.wentBack(entry.at);
    }
    return place.running();
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
