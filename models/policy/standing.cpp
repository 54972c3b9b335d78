#include "models/policy/standing.h"

#include "models/policy/decision.h"
#include "models/policy/deployments.h"
#include "models/policy/policytext.h"

#include <QHash>

#include <algorithm>

namespace signalbox::policy
{

namespace
{

// Clocks of two machines differ; more than this is not an accident.
constexpr qint64 entrySkewSeconds = 300;

QString whoOf(const Policy &policy, const SignedRecord &entry)
{
    const Principal *who = policy.signer(entry.signer);
    return who ? who->name : entry.signer;
}

// Finds seats for as many people as can be: each line has `count` of them, each person takes one.
class Seating
{
public:
    Seating(const Policy &policy, const QList<Quorum> &lines)
        : m_policy(policy)
    {
        for (qsizetype line = 0; line < lines.size(); ++line) {
            for (int seat = 0; seat < lines.at(line).count; ++seat)
                m_seats.append({line, lines.at(line).roles, {}});
        }
    }

    void seat(const QString &person)
    {
        QList<bool> tried(m_seats.size(), false);
        place(person, tried);
    }
    bool isFull() const
    {
        return std::none_of(m_seats.cbegin(), m_seats.cend(), [](const Seat &seat) { return seat.taken.isEmpty(); });
    }
    QStringList on(qsizetype line) const
    {
        QStringList people;
        for (const Seat &seat : m_seats) {
            if (seat.line == line && !seat.taken.isEmpty())
                people.append(seat.taken);
        }
        people.sort();
        return people;
    }

private:
    struct Seat
    {
        qsizetype line = 0;
        QStringList roles;
        QString taken;
    };

    bool place(const QString &person, QList<bool> &tried)
    {
        for (qsizetype i = 0; i < m_seats.size(); ++i) {
            if (tried.at(i) || !m_policy.isMember(person, m_seats.at(i).roles))
                continue;
            tried[i] = true;
            const QString before = m_seats.at(i).taken;
            if (before.isEmpty() || place(before, tried)) {
                m_seats[i].taken = person;
                return true;
            }
        }
        return false;
    }

    const Policy &m_policy;
    QList<Seat> m_seats;
};

// Reads the approvals and rejections of one promotion.
class Count
{
public:
    Count(const Policy &policy, const EnvironmentPolicy &rules, const StandingQuestion &question)
        : m_policy(policy)
        , m_rules(rules)
        , m_question(question)
    {
        for (const Quorum &line : rules.approvals)
            m_roles += line.roles;
    }

    Standing of(const Entries &entries)
    {
        for (const SignedRecord &entry : inChainOrder(entries)) {
            if (const auto *approval = entry.as<Approval>(); approval && approval->promotion == m_question.promotion)
                approve(entry, *approval);
            else if (const auto *rejection = entry.as<Rejection>();
                     rejection && rejection->promotion == m_question.promotion)
                reject(entry, *rejection);
        }
        takeVoices();
        seat();
        return std::move(m_standing);
    }

private:
    struct Said
    {
        Voice voice;
        bool isApproval = false;
        qint64 position = 0;
    };

    void setAside(const SignedRecord &entry, const QString &reason)
    {
        m_standing.setAside.append({entry.id, whoOf(m_policy, entry), reason});
    }

    QString whyNotBound(const SignedRecord &entry, const Approval &approval) const
    {
        const Subject &now = m_question.subject;
        const Subject &then = approval.subject;
        if (then.application != now.application || then.environment != now.environment)
            return PolicyText::tr("given for %1 in %2").arg(then.application, then.environment);
        if (!m_question.anyDigest && then.digest != now.digest)
            return PolicyText::tr("given for %1; what would go out now is %2")
                .arg(shortDigest(then.digest), shortDigest(now.digest));
        if (then.commit != now.commit)
            return PolicyText::tr("given for commit %1; it is %2 now")
                .arg(shortCommit(then.commit), shortCommit(now.commit));
        if (approval.policyCommit != m_question.policyCommit)
            return PolicyText::tr("given under the policy of %1, which has changed since (%2)")
                .arg(shortCommit(approval.policyCommit), shortCommit(m_question.policyCommit));
        if (entry.at > m_question.now.addSecs(entrySkewSeconds))
            return PolicyText::tr("dated in the future");
        return {};
    }

    QString whyNotHeard(const QString &who) const
    {
        if (!m_policy.isMember(who, m_roles))
            return PolicyText::tr("in none of the roles %1").arg(m_roles.join(QStringLiteral(", ")));
        return whyExcluded(who);
    }

    QString whyExcluded(const QString &who) const
    {
        if (m_rules.notRequester && who == m_question.requester)
            return PolicyText::tr("asked for it");
        if (m_rules.notAuthor && m_question.authors.contains(who))
            return PolicyText::tr("wrote part of it");
        return {};
    }

    void approve(const SignedRecord &entry, const Approval &approval)
    {
        const Principal *who = m_policy.signer(entry.signer);
        if (!who)
            return setAside(entry, PolicyText::tr("signed by a key that the policy gives to nobody"));
        if (const QString reason = whyNotBound(entry, approval); !reason.isEmpty())
            return setAside(entry, reason);
        Said said{{entry.id, who->name, entry.at, {}, approval.comment}, true, entry.position};
        if (m_rules.approvalsExpire.count() > 0)
            said.voice.expiresAt = entry.at.addSecs(m_rules.approvalsExpire.count());
        const auto before = m_last.constFind(who->name);
        // The youngest word by its date stands: an old approval that comes late takes nothing away, least of all the
        // own rejection. A rejection that comes late counts, whatever its date.
        // Not even one that is dated moments before: it may have been given before the rejection, and a veto is only
        // taken back by a word that is certainly younger.
        if (before == m_last.constEnd() || before->voice.at <= said.voice.at)
            m_last.insert(who->name, said);
        else if (!before->isApproval)
            setAside(entry, PolicyText::tr("given before the same person rejected it"));
    }

    void reject(const SignedRecord &entry, const Rejection &rejection)
    {
        const Principal *who = m_policy.signer(entry.signer);
        if (!who)
            return setAside(entry, PolicyText::tr("signed by a key that the policy gives to nobody"));
        if (!m_policy.isMember(who->name, m_rules.veto) && !m_policy.isMember(who->name, m_roles))
            return setAside(entry, PolicyText::tr("in none of the roles that decide"));
        m_last.insert(who->name, {{entry.id, who->name, entry.at, {}, rejection.comment}, false, entry.position});
    }

    // The last word of each person.
    void takeVoices()
    {
        QList<Said> all = m_last.values();
        std::sort(all.begin(), all.end(), [](const Said &a, const Said &b) { return a.position < b.position; });
        for (const Said &said : all) {
            const Voice &voice = said.voice;
            if (!said.isApproval) {
                if (m_policy.isMember(voice.who, m_rules.veto))
                    m_standing.vetoes.append(voice);
                continue;
            }
            QString reason = whyNotHeard(voice.who);
            if (reason.isEmpty() && voice.expiresAt.isValid() && m_question.now >= voice.expiresAt)
                reason = PolicyText::tr("expired");
            if (reason.isEmpty())
                m_standing.approvals.append(voice);
            else
                m_standing.setAside.append({voice.entry, voice.who, reason});
        }
    }

    void seat()
    {
        Seating now(m_policy, m_rules.approvals);
        for (const Voice &voice : m_standing.approvals)
            now.seat(voice.who);
        Seating best = now;
        for (const QString &member : m_policy.members(m_roles)) {
            if (!hasApproved(member) && whyExcluded(member).isEmpty())
                best.seat(member);
        }
        m_standing.isMet = now.isFull();
        m_standing.isPossible = best.isFull();
        for (qsizetype i = 0; i < m_rules.approvals.size(); ++i) {
            QuorumLine line;
            line.asked = m_rules.approvals.at(i);
            line.given = now.on(i);
            line.missing = line.asked.count - static_cast<int>(line.given.size());
            for (const QString &member : m_policy.members(line.asked.roles)) {
                const QString excluded = whyExcluded(member);
                if (!excluded.isEmpty())
                    line.excluded.append(QStringLiteral("%1 (%2)").arg(member, excluded));
                else if (!hasApproved(member))
                    line.eligible.append(member);
            }
            m_standing.lines.append(line);
        }
    }

    bool hasApproved(const QString &who) const
    {
        return std::any_of(m_standing.approvals.cbegin(), m_standing.approvals.cend(),
                           [&who](const Voice &voice) { return voice.who == who; });
    }

    const Policy &m_policy;
    const EnvironmentPolicy &m_rules;
    const StandingQuestion &m_question;
    QStringList m_roles;
    QHash<QString, Said> m_last;
    Standing m_standing;
};

bool isLifted(const Policy &policy, const Entries &entries, const SignedRecord &stop, const QStringList &roles)
{
    return std::any_of(entries.cbegin(), entries.cend(), [&](const SignedRecord &entry) {
        const auto *lift = entry.as<Lift>();
        const Principal *who = lift ? policy.signer(entry.signer) : nullptr;
        return who && lift->of == stop.id && entry.position > stop.position && policy.isMember(who->name, roles);
    });
}

// Whether a promotion that the ledger had before it says that it went there after this rollback, which came to the
// chain late: then what it went back to runs there no more, and there is nothing to hold. `done`: of that place.
bool isFromBefore(const Policy &policy, const Entries &entries, const SignedRecord &rollback,
                  const QList<const SignedRecord *> &done)
{
    return std::any_of(done.cbegin(), done.cend(), [&](const SignedRecord *one) {
        const auto *outcome = one->as<PromotionOutcome>();
        const QDateTime at = outcome->observedAt.isValid() ? std::min(outcome->observedAt, one->at) : one->at;
        if (at <= rollback.at.addSecs(entrySkewSeconds))
            return false;
        const SignedRecord *end = promotionEnd(policy, entries, outcome->promotion);
        return end && end->id == one->id;
    });
}

} // namespace

Entries inChainOrder(Entries entries)
{
    const auto isOutOfOrder = [](const SignedRecord &a, const SignedRecord &b) { return a.position >= b.position; };
    if (std::adjacent_find(entries.cbegin(), entries.cend(), isOutOfOrder) == entries.cend())
        return entries; // as a reader of the chain has them: nothing is copied
    std::stable_sort(entries.begin(), entries.end(),
                     [](const SignedRecord &a, const SignedRecord &b) { return a.position < b.position; });
    entries.erase(std::unique(entries.begin(), entries.end(),
                              [](const SignedRecord &a, const SignedRecord &b) { return a.position == b.position; }),
                  entries.end());
    return entries;
}

Entries entriesOf(const Entries &entries, const QString &application)
{
    Entries some;
    for (const SignedRecord &entry : entries) {
        const OperationRecord *operation = entry.operation();
        const Record *record = std::get_if<Record>(&entry.body);
        const bool isForMany = entry.as<Lift>() || entry.as<Countersign>() || entry.as<FreezeOrder>();
        if (isForMany || (operation && operation->application == application) ||
            (record && subjectOf(*record).application == application))
            some.append(entry);
    }
    return some;
}

const SignedRecord *entryOf(const Entries &entries, const QString &id)
{
    const auto found =
        std::find_if(entries.cbegin(), entries.cend(), [&id](const SignedRecord &entry) { return entry.id == id; });
    return found == entries.cend() ? nullptr : &*found;
}

QString missingText(const QuorumLine &line)
{
    if (line.missing <= 0)
        return {};
    QString text = PolicyText::tr("%1 more of %2").arg(line.missing).arg(line.asked.roles.join(PolicyText::tr(" or ")));
    if (!line.eligible.isEmpty())
        text += QStringLiteral(": ") + line.eligible.join(PolicyText::tr(" or "));
    if (!line.excluded.isEmpty())
        text += PolicyText::tr(", not ") + line.excluded.join(PolicyText::tr(" or "));
    return text;
}

Standing standingOf(const Policy &policy, const EnvironmentPolicy &rules, const Entries &entries,
                    const StandingQuestion &question)
{
    return Count(policy, rules, question).of(entries);
}

QList<Stop> holdsOn(const Policy &policy, const Entries &entries, const QString &application,
                    const QString &environment)
{
    QList<Stop> stops;
    QStringList named;                      // rollbacks that an entry of its own holds
    QList<const SignedRecord *> done;       // promotions there so far
    const SignedRecord *rollback = nullptr; // the newest by its date
    const QStringList lifters = policy.holdLifters();
    const Entries ordered = inChainOrder(entries);
    for (const SignedRecord &entry : ordered) {
        const auto *hold = entry.as<Hold>();
        const bool isHere = hold && hold->application == application && hold->environment == environment;
        if (isHere && policy.signer(entry.signer)) {
            named.append(hold->operation);
            if (!isLifted(policy, ordered, entry, lifters))
                stops.append({entry.id, whoOf(policy, entry), entry.at, {}, hold->reason});
        }
        const auto *outcome = entry.as<PromotionOutcome>();
        if (outcome && outcome->kind == OutcomeKind::Done && outcome->subject.application == application &&
            outcome->subject.environment == environment)
            done.append(&entry);
        const OperationRecord *operation = entry.operation();
        const bool isBack = operation && operation->application == application &&
                            operation->environment == environment && wentBack(*operation);
        if (isBack && (!rollback || rollback->at <= entry.at.addSecs(entrySkewSeconds)) &&
            !isFromBefore(policy, ordered, entry, done))
            rollback = &entry;
    }
    if (policy.stops.holdAfterRollback && rollback && !named.contains(rollback->id) &&
        !isLifted(policy, ordered, *rollback, lifters))
        stops.append({rollback->id,
                      whoOf(policy, *rollback),
                      rollback->at,
                      {},
                      isRollback(*rollback->operation()) ? PolicyText::tr("it was rolled back")
                                                         : PolicyText::tr("a part of its traffic was taken back")});
    return stops;
}

// As it is at that time; none: it is over.
static std::optional<Stop> stopOf(const SignedRecord &entry, const FreezeOrder &freeze, const QString &who,
                                  const QDateTime &now, const Schedules &schedules)
{
    if (now >= freeze.until)
        return std::nullopt;
    Stop stop{entry.id, who, freeze.from, freeze.until, freeze.reason, Stop::State::Holds, freeze.repeat};
    if (now < freeze.from && !freeze.repeat)
        stop.state = Stop::State::Later;
    if (freeze.isEndless())
        stop.until = {};
    if (!freeze.repeat)
        return stop;
    const auto known = schedules.constFind(entry.id);
    if (known == schedules.constEnd()) {
        stop.state = now < freeze.from ? Stop::State::Later : Stop::State::Unknown;
        return stop;
    }
    const QList<Interval> times = merged(*known); // what touches does not open in between
    const auto next = std::find_if(times.cbegin(), times.cend(), [&now](const Interval &one) { return now < one.end; });
    stop.state = next != times.cend() && next->begin <= now ? Stop::State::Holds : Stop::State::Later;
    stop.since = next == times.cend() ? QDateTime() : next->begin;
    stop.until = next == times.cend() ? QDateTime() : next->end;
    if (freeze.isEndless() && stop.until > now.addDays(365)) // no end within what is known of it
        stop.until = {};
    return stop;
}

QList<Stop> orderedFreezes(const Policy &policy, const Entries &entries, const QString &application,
                           const QString &environment, const QDateTime &now, const Schedules &schedules)
{
    QList<Stop> stops;
    const QStringList roles = policy.freezers();
    const Entries ordered = inChainOrder(entries);
    for (const SignedRecord &entry : ordered) {
        const auto *freeze = entry.as<FreezeOrder>();
        const Principal *who = freeze ? policy.signer(entry.signer) : nullptr;
        if (!who || !policy.isMember(who->name, roles) || !matches(freeze->application, application) ||
            !matches(freeze->environment, environment))
            continue;
        const std::optional<Stop> stop = stopOf(entry, *freeze, who->name, now, schedules);
        if (stop && !isLifted(policy, ordered, entry, roles))
            stops.append(*stop);
    }
    return stops;
}

QList<Glass> glassesOf(const Policy &policy, const Entries &entries, const QDateTime &now)
{
    QList<Glass> glasses;
    const BreakGlassRules &rules = policy.breakGlass;
    const Entries ordered = inChainOrder(entries);
    for (const SignedRecord &entry : ordered) {
        const auto *use = entry.as<BreakGlass>();
        const Principal *who = use ? policy.signer(entry.signer) : nullptr;
        if (!who || !policy.isMember(who->name, rules.roles))
            continue;
        Glass glass{entry.id, who->name, use->subject, use->reason, entry.at, {}, {}, {}, {}, 0, false};
        glass.validUntil = entry.at.addSecs(rules.validFor.count());
        glass.dueAt = entry.at.addSecs(rules.within.count());
        for (const SignedRecord &other : ordered) {
            const auto *sign = other.as<Countersign>();
            const Principal *second = sign && sign->of == entry.id ? policy.signer(other.signer) : nullptr;
            if (second && other.position > entry.position && second->name != who->name &&
                policy.isMember(second->name, rules.countersignRoles) && !glass.countersigned.contains(second->name))
                glass.countersigned.append(second->name);
        }
        for (const QString &member : policy.members(rules.countersignRoles)) {
            if (member != who->name && !glass.countersigned.contains(member))
                glass.mayCountersign.append(member);
        }
        glass.owed = std::max(0, rules.countersigners - static_cast<int>(glass.countersigned.size()));
        glass.isOverdue = glass.owed > 0 && now >= glass.dueAt;
        glasses.append(glass);
    }
    return glasses;
}

// "alice, bob or 4 others": a line has room for a few.
static QString someOf(const QStringList &names)
{
    constexpr qsizetype shown = 3;
    if (names.size() <= shown)
        return names.join(PolicyText::tr(" or "));
    return PolicyText::tr("%1 or %n other(s)", nullptr, static_cast<int>(names.size() - shown + 1))
        .arg(names.mid(0, shown - 1).join(QStringLiteral(", ")));
}

QString debtText(const Glass &glass)
{
    if (glass.owed == 0)
        return {};
    const QString due = glass.dueAt.toUTC().toString(QStringLiteral("yyyy-MM-dd HH:mm 'UTC'"));
    const QString who = someOf(glass.mayCountersign);
    const QString what = QStringLiteral("%1 in %2").arg(glass.subject.application, glass.subject.environment);
    return glass.isOverdue ? PolicyText::tr("%1 acted alone on %2; %3 more had to countersign by %4: %5")
                                 .arg(glass.who, what, QString::number(glass.owed), due, who)
                           : PolicyText::tr("%1 acted alone on %2; %3 more must countersign by %4: %5")
                                 .arg(glass.who, what, QString::number(glass.owed), due, who);
}

PolicyChange policyChange(const Policy &before, const Entries &entries, const QString &commit, const QString &signer)
{
    PolicyChange change;
    const QStringList admins = before.members({adminsRole()});
    const Principal *first = before.signer(signer);
    if (!first || !admins.contains(first->name)) {
        change.text = PolicyText::tr("%1 is no admin; the policy of before holds").arg(first ? first->name : signer);
        return change;
    }
    for (const SignedRecord &entry : inChainOrder(entries)) {
        const auto *sign = entry.as<PolicyCountersign>();
        const Principal *second = sign && sign->commit == commit ? before.signer(entry.signer) : nullptr;
        if (second && second->name != first->name && admins.contains(second->name) &&
            !change.countersigned.contains(second->name))
            change.countersigned.append(second->name);
    }
    QStringList others = admins;
    others.removeAll(first->name);
    if (!change.countersigned.isEmpty()) {
        change.isInForce = true;
        change.text = PolicyText::tr("signed by %1, countersigned by %2")
                          .arg(first->name, change.countersigned.join(QStringLiteral(", ")));
    } else if (others.isEmpty()) {
        change.isInForce = true;
        change.text = PolicyText::tr("signed by %1, the only admin").arg(first->name);
    } else {
        change.text = PolicyText::tr("signed by %1; a second admin has to countersign: %2")
                          .arg(first->name, others.join(PolicyText::tr(" or ")));
    }
    return change;
}

} // namespace signalbox::policy
