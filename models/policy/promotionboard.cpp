#include "models/policy/promotionboard.h"

#include "models/policy/cardpermissions.h"
#include "models/policy/decisionwords.h"
#include "models/policy/policytext.h"

#include <QHash>

#include <algorithm>

namespace signalbox::policy
{

namespace
{

constexpr qsizetype mostDecided = 100;
constexpr int shortestPrefix = 6;

QString nameOf(const Policy &policy, const SignedRecord &entry)
{
    const Principal *who = policy.signer(entry.signer);
    return who ? who->name : entry.signer;
}

QString executionText(const Execution &execution)
{
    switch (execution.kind) {
    case Execution::Kind::SetImage:
        return execution.track.isEmpty()
                   ? PolicyText::tr("sets the image by digest")
                   : PolicyText::tr("sets the image of the track %1 by digest").arg(execution.track);
    case Execution::Kind::VendorGate:
        return PolicyText::tr("presses the gate %1 of %2").arg(execution.gate, execution.connection);
    case Execution::Kind::GitopsCommit:
        return PolicyText::tr("commits to %1 on %2 of %3").arg(execution.file, execution.branch, execution.repository);
    }
    return {};
}

// One card, part by part.
class CardMaker
{
public:
    CardMaker(const Policy &policy, const Entries &entries, const BoardOperator &me, const RiskSource &risk)
        : m_policy(policy)
        , m_entries(entries)
        , m_me(me)
        , m_risk(risk)
    {}

    PromotionCard make(const QString &promotion, const Facts &facts, const QList<PathPlace> &path)
    {
        m_card.id = promotion;
        m_card.path = path;
        const SignedRecord *entry = entryOf(m_entries, promotion);
        const auto *request = entry ? entry->as<PromotionRequest>() : nullptr;
        Question question;
        question.promotion = promotion;
        question.asker = m_me.principal;
        m_card.decision = decide(m_policy, m_entries, question, facts);
        if (!request)
            return std::move(m_card);
        m_card.request = *request;
        m_card.requester = nameOf(m_policy, *entry);
        m_card.requestedAt = entry->at;
        m_rules = m_policy.rules(request->subject.application, request->subject.environment);
        if (m_rules) {
            m_card.execution = m_rules->execution;
            m_card.executes = executionText(m_rules->execution);
        }
        ending();
        standingThen(facts);
        votes();
        m_card.state = state(*entry);
        const RiskQuestion risk{request->subject.application, request->subject.environment, request->changes,
                                m_card.endedAt.isValid() ? m_card.endedAt : facts.now,
                                riskZone(m_policy, request->subject.application, request->subject.environment)};
        m_card.risk = m_risk ? m_risk(risk, m_card.isOpen()) : riskOf(risk, m_entries);
        const CardPermissions may(m_policy, m_rules, m_me, m_card);
        m_card.mayApprove = may.approving();
        m_card.mayReject = may.rejecting();
        m_card.mayStart = may.starting();
        m_card.mayBreakGlass = may.breaking();
        if (m_card.outcome) { // permissions are judged above, from the decision itself
            m_card.path = pathThen();
            m_card.decision.rules = rulesThen();
            m_card.decision.text = textThen();
        }
        return std::move(m_card);
    }

private:
    // What has ended is judged no more: the votes are told as they stood when it was claimed.
    void standingThen(const Facts &facts)
    {
        const SignedRecord *entry = m_card.outcome ? entryOf(m_entries, m_card.outcome->claim) : nullptr;
        const auto *claim = entry ? entry->as<Claim>() : nullptr;
        if (!claim || !m_rules)
            return;
        StandingQuestion question;
        question.promotion = m_card.id;
        question.subject = claim->subject;
        question.policyCommit = claim->policyCommit;
        question.requester = m_card.decision.requester;
        question.now = entry->at;
        for (const QString &email : facts.authors.value_or(QStringList())) {
            if (const Principal *author = m_policy.author(email))
                question.authors.append(author->name);
        }
        m_card.decision.standing = standingOf(m_policy, *m_rules, m_entries, question);
    }

    // ---- what has ended, as it went: by the ledger alone, whatever runs there since

    QString claimant() const
    {
        const SignedRecord *claim = entryOf(m_entries, m_card.outcome->claim);
        return claim ? nameOf(m_policy, *claim) : QString();
    }

    QString textThen() const
    {
        const PromotionOutcome &outcome = *m_card.outcome;
        if (outcome.kind != OutcomeKind::Done)
            return outcome.message.isEmpty() ? outcomeKindName(outcome.kind) : outcome.message;
        return outcome.observedAt.isValid() ? PolicyText::tr("carried out by %1, seen in force %2")
                                                  .arg(claimant(), words::time(outcome.observedAt))
                                            : PolicyText::tr("carried out by %1").arg(claimant());
    }

    QList<RuleResult> rulesThen() const
    {
        using State = RuleResult::State;
        const PromotionRequest &request = m_card.request;
        const bool isDone = m_card.outcome->kind == OutcomeKind::Done;
        QList<RuleResult> rules;
        rules.append({Rule::Request,
                      State::Pass,
                      request.fromEnvironment.isEmpty()
                          ? PolicyText::tr("asked for by %1").arg(m_card.requester)
                          : PolicyText::tr("asked for by %1, from %2").arg(m_card.requester, request.fromEnvironment),
                      {},
                      true});
        // Of one that began without them somebody answers, who acted alone.
        if (const Standing &standing = m_card.decision.standing; m_card.approvalsAsked() > 0)
            rules.append({Rule::Approvals,
                          standing.isMet ? State::Pass : State::Waiting,
                          words::approvals(standing),
                          {},
                          standing.isMet});
        rules.append({Rule::Artifact,
                      isDone ? State::Pass : State::Block,
                      QStringLiteral("%1; %2").arg(words::artifact(m_card.outcome->subject), textThen()),
                      {},
                      true});
        return rules;
    }

    QList<PathPlace> pathThen() const
    {
        const PromotionRequest &request = m_card.request;
        const PromotionOutcome &outcome = *m_card.outcome;
        PathPlace place;
        place.digest = outcome.subject.digest;
        place.version = place.digest == request.subject.digest && !request.version.isEmpty()
                            ? request.version
                            : shortDigest(place.digest);
        place.model = servedModelText(request.model);
        QList<PathPlace> path;
        if (!request.fromEnvironment.isEmpty()) {
            PathPlace source = place;
            source.environment = request.fromEnvironment;
            source.state = PathPlace::State::Runs;
            source.isSource = true;
            path.append(source);
        }
        place.environment = request.subject.environment;
        place.isTarget = true;
        if (outcome.kind == OutcomeKind::Done) {
            place.state = PathPlace::State::Runs;
            place.since = outcome.observedAt;
        } else {
            place.problem = textThen();
        }
        path.append(place);
        return path;
    }

    void votes()
    {
        const Standing &standing = m_card.decision.standing;
        for (const SignedRecord &entry : m_entries) {
            const auto *approval = entry.as<Approval>();
            const auto *rejection = entry.as<Rejection>();
            if ((!approval || approval->promotion != m_card.id) && (!rejection || rejection->promotion != m_card.id))
                continue;
            Vote vote;
            vote.entry = entry.id;
            vote.kind = approval ? Vote::Kind::Approval : Vote::Kind::Rejection;
            vote.who = nameOf(m_policy, entry);
            vote.at = entry.at;
            vote.comment = approval ? approval->comment : rejection->comment;
            vote.counts = false;
            for (const Voice &voice : approval ? standing.approvals : standing.vetoes) {
                if (voice.entry == entry.id) {
                    vote.counts = true;
                    vote.expiresAt = m_card.outcome ? QDateTime() : voice.expiresAt;
                }
            }
            if (!vote.counts)
                vote.whyNot = whyNot(entry, rejection != nullptr);
            m_card.votes.append(vote);
        }
    }

    QString whyNot(const SignedRecord &entry, bool isRejection) const
    {
        for (const SetAside &one : m_card.decision.standing.setAside) {
            if (one.entry == entry.id)
                return one.reason;
        }
        const Principal *who = m_policy.signer(entry.signer);
        if (isRejection && who && m_rules && !m_policy.isMember(who->name, m_rules->veto))
            return PolicyText::tr("has no veto; it takes back their own approval");
        return PolicyText::tr("a later word of the same person stands");
    }

    void ending()
    {
        for (const SignedRecord &entry : m_entries) {
            if (entry.id == m_card.decision.claim)
                m_card.claimedAt = entry.at;
        }
        if (const SignedRecord *end = promotionEnd(m_policy, m_entries, m_card.id)) {
            m_card.outcome = *end->as<PromotionOutcome>();
            m_card.endedAt = end->at;
        }
    }

    PromotionCard::State state(const SignedRecord &asked) const
    {
        using State = PromotionCard::State;
        const Decision &decision = m_card.decision;
        if (m_card.outcome)
            return m_card.outcome->kind == OutcomeKind::Done ? State::Done : State::Ended;
        if (!decision.claim.isEmpty())
            return State::UnderWay;
        if (isOvertaken(m_policy, m_entries, asked))
            return State::Replaced;
        if (decision.isOpen)
            return State::Ready;
        if (!decision.standing.vetoes.isEmpty())
            return State::Rejected;
        const bool stands = std::any_of(decision.rules.cbegin(), decision.rules.cend(), [](const RuleResult &one) {
            return one.counts && (one.state == RuleResult::State::Block || one.state == RuleResult::State::Unknown);
        });
        return stands ? State::Blocked : State::Waiting;
    }

    const Policy &m_policy;
    const Entries &m_entries;
    const BoardOperator &m_me;
    const RiskSource &m_risk;
    const EnvironmentPolicy *m_rules = nullptr;
    PromotionCard m_card;
};

} // namespace

bool PromotionCard::isOpen() const
{
    switch (state) {
    case State::Waiting:
    case State::Blocked:
    case State::Ready:
    case State::UnderWay:
        return true;
    case State::Done:
    case State::Rejected:
    case State::Ended:
    case State::Replaced:
        return false;
    }
    return false;
}

bool PromotionCard::waitsForOperator() const
{
    return isOpen() &&
           ((mayApprove.isGiven && !decision.standing.isMet) || (state == State::Ready && mayStart.isGiven));
}

int PromotionCard::approvalsGiven() const
{
    int given = 0;
    for (const QuorumLine &line : decision.standing.lines)
        given += static_cast<int>(line.given.size());
    return given;
}

int PromotionCard::approvalsAsked() const
{
    int asked = 0;
    for (const QuorumLine &line : decision.standing.lines)
        asked += line.asked.count;
    return asked;
}

QString cardStateName(PromotionCard::State state)
{
    static const char *const names[] = {"waiting", "blocked",  "ready", "underWay",
                                        "done",    "rejected", "ended", "replaced"};
    return QString::fromLatin1(names[static_cast<int>(state)]);
}

QString cardStateLabel(PromotionCard::State state)
{
    switch (state) {
    case PromotionCard::State::Waiting:
        return PolicyText::tr("waiting");
    case PromotionCard::State::Blocked:
        return PolicyText::tr("blocked");
    case PromotionCard::State::Ready:
        return PolicyText::tr("ready to start");
    case PromotionCard::State::UnderWay:
        return PolicyText::tr("under way");
    case PromotionCard::State::Done:
        return PolicyText::tr("done");
    case PromotionCard::State::Rejected:
        return PolicyText::tr("rejected");
    case PromotionCard::State::Ended:
        return PolicyText::tr("ended without effect");
    case PromotionCard::State::Replaced:
        return PolicyText::tr("replaced");
    }
    return {};
}

bool PromotionBoard::hasNoLedger() const
{
    if (ledgerFreshness.state == Freshness::State::Absent)
        return true;
    const std::optional<Error> &error = ledgerFreshness.error;
    return tip.isEmpty() && error && (error->kind == ErrorKind::NotFound || error->kind == ErrorKind::Unsupported);
}

const PromotionCard *PromotionBoard::find(const QString &id) const
{
    const PromotionCard *found = nullptr;
    for (const QList<PromotionCard> *cards : {&open, &decided}) {
        for (const PromotionCard &card : *cards) {
            if (card.id == id)
                return &card;
            if (id.size() < shortestPrefix || !card.id.startsWith(id, Qt::CaseInsensitive))
                continue;
            if (found)
                return nullptr;
            found = &card;
        }
    }
    return found;
}

int PromotionBoard::waitingForMe() const
{
    return static_cast<int>(
        std::count_if(open.cbegin(), open.cend(), [](const PromotionCard &card) { return card.waitsForOperator(); }));
}

PromotionCard cardOf(const Policy &policy, const Entries &entries, const QString &promotion, const Facts &facts,
                     const BoardOperator &me, const QList<PathPlace> &path, const RiskSource &risk)
{
    return CardMaker(policy, entries, me, risk).make(promotion, facts, path);
}

QStringList promotionsToShow(const Policy &policy, const Entries &entries, const QDateTime &now, int days)
{
    struct About // one promotion, so that the ledger is gone through once and not for each
    {
        Entries entries; // its claims and their outcomes
        bool isClaimed = false;
        QDateTime lastWord;
    };
    QHash<QString, About> all;
    for (const SignedRecord &entry : entries) {
        const auto *claim = entry.as<Claim>();
        const auto *outcome = entry.as<PromotionOutcome>();
        const auto *approval = entry.as<Approval>();
        const auto *rejection = entry.as<Rejection>();
        if (claim || outcome) {
            About &about = all[claim ? claim->promotion : outcome->promotion];
            about.entries.append(entry);
            about.isClaimed = about.isClaimed || claim;
        } else if (approval || rejection) {
            About &about = all[approval ? approval->promotion : rejection->promotion];
            about.lastWord = std::max(about.lastWord, entry.at);
        }
    }
    QStringList shown;
    const QDateTime oldest = now.addDays(-days);
    for (const SignedRecord &entry : entries) {
        if (!entry.as<PromotionRequest>())
            continue;
        const About about = all.value(entry.id);
        const SignedRecord *end = promotionEnd(policy, about.entries, entry.id);
        if (end ? end->at >= oldest : about.isClaimed || std::max(entry.at, about.lastWord) >= oldest)
            shown.prepend(entry.id);
    }
    return shown;
}

QList<BoardStop> stopsOf(const Policy &policy, const Entries &entries, const BoardOperator &me, const QDateTime &now,
                         const Schedules &schedules)
{
    QList<std::pair<QString, QString>> places;
    const auto note = [&places](const QString &application, const QString &environment) {
        if (const std::pair place(application, environment); !application.isEmpty() && !places.contains(place))
            places.append(place);
    };
    for (const SignedRecord &entry : entries) {
        if (const auto *hold = entry.as<Hold>())
            note(hold->application, hold->environment);
        else if (const auto *request = entry.as<PromotionRequest>())
            note(request->subject.application, request->subject.environment);
        else if (const auto *freeze = entry.as<FreezeOrder>())
            note(freeze->application, freeze->environment);
        else if (const OperationRecord *operation = entry.operation();
                 operation && operation->direction == Direction::Back)
            note(operation->application, operation->environment);
    }
    QList<BoardStop> stops;
    QStringList seen;
    const auto add = [&](const QString &application, const QString &environment, bool isFreeze, const Stop &stop) {
        if (seen.contains(stop.entry))
            return;
        seen.append(stop.entry);
        stops.append({application, environment, isFreeze, stop,
                      allowedByRoles(policy, me, isFreeze ? policy.freezers() : policy.holdLifters())});
    };
    for (const auto &[application, environment] : places) {
        for (const Stop &stop : holdsOn(policy, entries, application, environment))
            add(application, environment, false, stop);
        for (const Stop &stop : orderedFreezes(policy, entries, application, environment, now, schedules)) {
            const SignedRecord *entry = entryOf(entries, stop.entry);
            const auto *order = entry ? entry->as<FreezeOrder>() : nullptr;
            add(order ? order->application : application, order ? order->environment : environment, true, stop);
        }
    }
    return stops;
}

QList<BoardDebt> debtsOf(const Policy &policy, const Entries &entries, const BoardOperator &me, const QDateTime &now)
{
    QList<BoardDebt> debts;
    for (const Glass &glass : glassesOf(policy, entries, now)) {
        if (glass.owed <= 0)
            continue;
        Permission may = allowedByRoles(policy, me, policy.breakGlass.countersignRoles);
        if (may.isGiven && !glass.mayCountersign.contains(me.principal))
            may =
                notAllowed(glass.who == me.principal ? PolicyText::tr("You acted alone: others have to answer for it.")
                                                     : PolicyText::tr("You have countersigned it."));
        debts.append({glass, debtText(glass), may});
    }
    return debts;
}

// Times of reading move all the time and mean nothing; of what is not live they are its age.
static PromotionBoard timeless(PromotionBoard board)
{
    board.readAt = {};
    if (board.worldFreshness.isLive())
        board.worldFreshness.lastHeard = {};
    for (QList<PromotionCard> *cards : {&board.open, &board.decided}) {
        for (PromotionCard &card : *cards)
            card.decision.changesAt = {};
    }
    return board;
}

bool showsTheSame(const PromotionBoard &one, const PromotionBoard &other)
{
    return timeless(one) == timeless(other);
}

void putCards(PromotionBoard &board, const QList<PromotionCard> &cards)
{
    board.open.clear();
    board.decided.clear();
    for (const PromotionCard &card : cards)
        (card.isOpen() ? board.open : board.decided).append(card);
    const auto isMine = [](const PromotionCard &card) { return card.waitsForOperator(); };
    std::stable_sort(board.open.begin(), board.open.end(), [&](const PromotionCard &a, const PromotionCard &b) {
        const bool first = isMine(a);
        const bool second = isMine(b);
        return first != second ? first : a.requestedAt < b.requestedAt;
    });
    const auto decidedAt = [](const PromotionCard &card) {
        QDateTime at = card.endedAt.isValid() ? card.endedAt : card.requestedAt;
        for (const Vote &vote : card.votes)
            at = card.endedAt.isValid() ? at : std::max(at, vote.at);
        return at;
    };
    std::stable_sort(board.decided.begin(), board.decided.end(),
                     [&](const PromotionCard &a, const PromotionCard &b) { return decidedAt(a) > decidedAt(b); });
    board.decided = board.decided.mid(0, mostDecided);
}

} // namespace signalbox::policy
