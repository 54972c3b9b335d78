#include "models/policy/decision.h"

#include "models/domain/duration.h"
#include "models/policy/claims.h"
#include "models/policy/decisionwords.h"
#include "models/policy/policytext.h"

#include <algorithm>

namespace signalbox::policy
{

namespace
{

using State = RuleResult::State;

// What plain schedules are laid out for; a year's worth of the others comes with the facts.
constexpr int daysAhead = 60;
constexpr qint64 skewSeconds = 300;

bool isClaimant(const Policy &policy, const EnvironmentPolicy &rules, const QString &requester, const QString &who)
{
    if (who.isEmpty())
        return false;
    if (who == requester || policy.isMember(who, rules.executors))
        return true;
    return std::any_of(rules.approvals.cbegin(), rules.approvals.cend(),
                       [&](const Quorum &line) { return policy.isMember(who, line.roles); });
}

QString requesterOf(const Policy &policy, const SignedRecord *request)
{
    const Principal *who = request ? policy.signer(request->signer) : nullptr;
    return who ? who->name : QString();
}

QString applicationOf(const Entries &entries, const Question &question)
{
    const SignedRecord *request = question.promotion.isEmpty() ? nullptr : entryOf(entries, question.promotion);
    const Record *record = request ? std::get_if<Record>(&request->body) : nullptr;
    return record ? subjectOf(*record).application : question.application;
}

class Decider
{
public:
    Decider(const Policy &policy, const Entries &entries, const Question &question, const Facts &facts)
        : m_policy(policy)
        , m_entries(entriesOf(inChainOrder(entries), applicationOf(entries, question)))
        , m_question(question)
        , m_facts(facts)
    {}

    Decision run()
    {
        m_decision.promotion = m_question.promotion;
        m_decision.policyCommit = m_facts.policyCommit;
        const bool isPromotion = !m_question.promotion.isEmpty();
        if (isPromotion ? request() : place()) {
            if (isPromotion) {
                artifact();
                people();
                environmentBefore();
            }
            oneAtATime();
            windows();
            freezes();
            holds();
            alerts();
            glass();
        }
        finish();
        return std::move(m_decision);
    }

private:
    void say(Rule rule, State state, const QString &text, const QString &wayOut = {})
    {
        m_decision.rules.append({rule, state, text, wayOut, m_question.direction != Direction::Back});
    }
    // Time alone changes something then.
    void soon(const QDateTime &at)
    {
        if (at.isValid() && at > m_facts.now && (!m_decision.changesAt.isValid() || at < m_decision.changesAt))
            m_decision.changesAt = at;
    }
    const Subject &subject() const { return m_decision.subject; }

    bool place()
    {
        m_decision.subject = {m_question.application, m_question.environment, m_facts.digest.value_or(QString()),
                              m_facts.commit.value_or(QString())};
        m_rules = m_policy.rules(m_question.application, m_question.environment);
        if (!m_rules)
            say(Rule::Request, State::Block, words::noRules(m_question.application, m_question.environment),
                words::addRules());
        return m_rules != nullptr;
    }

    bool refuse(const QString &text, const QString &wayOut = {})
    {
        say(Rule::Request, State::Block, text, wayOut);
        return false;
    }

    bool request()
    {
        const SignedRecord *entry = entryOf(m_entries, m_question.promotion);
        m_request = entry ? entry->as<PromotionRequest>() : nullptr;
        if (!m_request)
            return refuse(PolicyText::tr("The ledger has no promotion %1.").arg(m_question.promotion),
                          PolicyText::tr("Ask for it anew."));
        m_decision.subject = m_request->subject;
        const QString application = subject().application;
        const QString environment = subject().environment;
        m_rules = m_policy.rules(application, environment);
        if (!m_rules)
            return refuse(words::noRules(application, environment), words::addRules());
        m_decision.requester = requesterOf(m_policy, entry);
        if (m_decision.requester.isEmpty())
            return refuse(
                PolicyText::tr("Asked for with the key %1, which the policy gives to nobody.").arg(entry->signer),
                PolicyText::tr("Name the key in the policy, or ask for it anew."));
        const std::optional<QString> before = m_policy.before(application, environment);
        if (!before)
            return refuse(PolicyText::tr("No promotion path of %1 leads to %2.").arg(application, environment),
                          PolicyText::tr("Add one to the policy."));
        m_before = *before;
        if (m_request->fromEnvironment != m_before)
            return refuse(words::wrongWay(*m_request, m_before));
        if (const SignedRecord *end = promotionEnd(m_policy, m_entries, m_question.promotion))
            return refuse(PolicyText::tr("It was carried out already: %1.")
                              .arg(outcomeKindName(end->as<PromotionOutcome>()->kind)),
                          PolicyText::tr("Ask for it anew to do it again."));
        if (isOvertaken(m_policy, m_entries, *entry)) {
            say(Rule::Request, State::Block, PolicyText::tr("A later promotion took its place."),
                PolicyText::tr("Ask for it anew to do it again."));
            return true; // the rest is told all the same
        }
        say(Rule::Request, State::Pass,
            m_before.isEmpty() ? PolicyText::tr("asked for by %1").arg(m_decision.requester)
                               : PolicyText::tr("asked for by %1, from %2").arg(m_decision.requester, m_before));
        return true;
    }

    void artifact()
    {
        const Subject &asked = m_request->subject;
        const bool isByCommit = m_question.by == Question::By::Commit;
        if (!isByCommit && !m_facts.digest)
            return say(Rule::Artifact, State::Unknown, PolicyText::tr("It is not known which digest would go out."),
                       PolicyText::tr("Look whether the registry can be reached."));
        Subject now = asked;
        if (m_facts.digest && !isByCommit)
            now.digest = *m_facts.digest;
        const bool isSameDigest = now.digest == asked.digest;
        if (m_facts.commit)
            now.commit = *m_facts.commit;
        else if (m_question.by != Question::By::Digest || !isSameDigest)
            return say(Rule::Artifact, State::Unknown, PolicyText::tr("It is not known which commit would go out."),
                       PolicyText::tr("Look whether the repository can be reached."));
        m_decision.subject = now;
        m_isKnown = true;
        if (const ServedModel &model = m_request->model;
            m_facts.model && !model.isEmpty() && !isSameModel(model, *m_facts.model))
            return say(Rule::Artifact, State::Block,
                       PolicyText::tr("%1 serves the model %2 now; it was asked for with %3.")
                           .arg(m_before, servedModelText(*m_facts.model), servedModelText(model)),
                       PolicyText::tr("Ask for it anew: another model answers differently."));
        if (now == asked)
            say(Rule::Artifact, State::Pass, words::artifact(now));
        else
            say(Rule::Artifact, State::Pass,
                PolicyText::tr("%1 now; it was asked for as %2. What was approved before does not count.")
                    .arg(words::artifact(now), words::artifact(asked)));
    }

    void people()
    {
        StandingQuestion question{m_question.promotion,
                                  subject(),
                                  m_question.by == Question::By::Commit,
                                  m_facts.policyCommit,
                                  m_decision.requester,
                                  {},
                                  m_facts.now};
        QStringList strangers;
        for (const QString &email : m_facts.authors.value_or(QStringList())) {
            if (const Principal *author = m_policy.author(email))
                question.authors.append(author->name);
            else if (!m_policy.isOutsider(email))
                strangers.append(email);
        }
        m_decision.standing = standingOf(m_policy, *m_rules, m_entries, question);
        const Standing &standing = m_decision.standing;
        for (const Voice &voice : standing.approvals)
            soon(voice.expiresAt);
        const State state = standing.isMet ? State::Pass : standing.isPossible ? State::Waiting : State::Block;
        say(Rule::Approvals, state, words::approvals(standing),
            standing.isMet || standing.isPossible ? QString() : words::impossible());
        if (m_rules->notAuthor && !m_rules->approvals.isEmpty())
            authors(question.authors, strangers);
        if (!standing.vetoes.isEmpty())
            say(Rule::Veto, State::Block, words::vetoes(standing.vetoes),
                PolicyText::tr("Who rejected it can approve it after all; or ask for another release."));
        else if (!m_rules->veto.isEmpty())
            say(Rule::Veto, State::Pass, PolicyText::tr("nobody has rejected it"));
    }

    void authors(const QStringList &known, const QStringList &strangers)
    {
        if (!m_facts.authors && subject().commit.isEmpty())
            say(Rule::Authors, State::Unknown,
                PolicyText::tr("Which commit it was built from is not known, so it is not known whom it is by; and no "
                               "author may approve it."),
                PolicyText::tr("Have the image say it (label org.opencontainers.image.revision), or name the commit, "
                               "and ask for it anew."));
        else if (!m_facts.authors)
            say(Rule::Authors, State::Unknown, PolicyText::tr("It is not known whom the commits are by."),
                PolicyText::tr("Look whether the repository can be reached."));
        else if (!strangers.isEmpty())
            say(Rule::Authors, State::Block,
                PolicyText::tr("The policy does not say who commits as %1.").arg(strangers.join(QStringLiteral(", "))),
                PolicyText::tr("Add the e-mail to a principal of the policy, or to its outsiders."));
        else if (m_facts.authors->isEmpty())
            say(Rule::Authors, State::Pass, PolicyText::tr("no commit that does not run there already"));
        else
            say(Rule::Authors, State::Pass,
                known.isEmpty() ? PolicyText::tr("by nobody who may approve")
                                : PolicyText::tr("by %1").arg(QStringList(known).join(QStringLiteral(", "))));
    }

    void environmentBefore()
    {
        const bool hasSoak = m_rules->soak.count() > 0;
        if (m_before.isEmpty() || (!m_rules->sameDigest && !hasSoak))
            return;
        std::optional<Running> running = m_facts.before;
        if (!running && m_question.isLedgerOnly)
            running = runningByLedger(m_policy, m_entries, subject().application, m_before);
        const bool isKnown = running && running->isLive && !running->digest.isEmpty() && m_isKnown;
        const bool isSame = isKnown && running->digest == subject().digest;
        const QString unknown = PolicyText::tr("It is not known what %1 runs.").arg(m_before);
        if (m_rules->sameDigest)
            say(Rule::SameDigest,
                !isKnown ? State::Unknown
                : isSame ? State::Pass
                         : State::Block,
                !isKnown ? unknown
                : isSame ? PolicyText::tr("%1 runs %2").arg(m_before, shortDigest(running->digest))
                         : PolicyText::tr("%1 runs %2, this is %3")
                               .arg(m_before, shortDigest(running->digest), shortDigest(subject().digest)),
                isKnown && !isSame ? PolicyText::tr("Bring it to %1 first.").arg(m_before) : QString());
        if (!hasSoak)
            return;
        if (!isKnown || (isSame && !running->since.isValid()))
            return say(Rule::Soak, State::Unknown,
                       isKnown ? PolicyText::tr("It is not known since when %1 runs it.").arg(m_before) : unknown);
        if (!isSame)
            return say(Rule::Soak, State::Block, PolicyText::tr("%1 does not run it.").arg(m_before),
                       PolicyText::tr("Bring it to %1 first.").arg(m_before));
        soak(*running);
    }

    // Pods that wait without traffic soak in nothing. Where the ledger does not prove since when they have had some, it
    // counts from when this program saw it.
    void soak(const Running &running)
    {
        using Traffic = TrafficSince::State;
        const TrafficSince traffic = trafficSince(m_entries, subject().application, m_before, running);
        if (traffic.state == Traffic::None)
            return say(Rule::Soak, State::Block, PolicyText::tr("%1 runs it without any traffic.").arg(m_before),
                       PolicyText::tr("Move traffic to it in %1 first.").arg(m_before));
        const bool isKnown = traffic.state == Traffic::Known;
        const bool isSeen = traffic.at.isValid();
        if (isKnown || isSeen) {
            const QDateTime since = isSeen ? std::max(running.since, traffic.at) : running.since;
            const QDateTime done = since.addSecs(m_rules->soak.count());
            soon(done);
            const qint64 seconds = std::max<qint64>(0, since.secsTo(m_facts.now));
            const QString elapsed =
                spacedDurationText(std::chrono::seconds(seconds < 3600 ? seconds : seconds - seconds % 60));
            if (isKnown || m_facts.now >= done)
                return say(Rule::Soak, m_facts.now >= done ? State::Pass : State::Waiting,
                           PolicyText::tr("%1 of %2 in %3").arg(elapsed, spacedDurationText(m_rules->soak), m_before));
        }
        const QString why =
            traffic.state == Traffic::Moved
                ? PolicyText::tr("Soak cannot be told: traffic was moved by another tool at or before %1.")
                      .arg(words::time(isSeen ? traffic.at : m_facts.now))
            : isSeen ? PolicyText::tr("Soak cannot be told: since when it has traffic in %1 is not known; it had some "
                                      "at %2.")
                           .arg(m_before, words::time(traffic.at))
                     : PolicyText::tr("Soak cannot be told: nothing says how much traffic it has in %1.").arg(m_before);
        say(Rule::Soak, State::Unknown, why,
            PolicyText::tr("Leave a console open: it counts from when that first sees the traffic. Traffic that "
                           "Signalbox moves counts from then on."));
    }

    void oneAtATime()
    {
        if (!m_rules->oneAtATime)
            return;
        for (const SignedRecord &entry : m_entries) {
            const auto *claim = entry.as<Claim>();
            if (!claim || claim->subject.application != subject().application ||
                claim->subject.environment != subject().environment ||
                (claim->promotion == m_question.promotion && isOurs(claim->subject)))
                continue;
            const SignedRecord *won = winningClaim(m_entries, claim->promotion, claim->subject);
            if (won == nullptr || won->id != entry.id || claimEnd(m_policy, m_entries, entry))
                continue;
            const Principal *who = m_policy.signer(entry.signer);
            return say(
                Rule::OneAtATime, State::Waiting,
                PolicyText::tr("%1 carries out another promotion there, %2, since %3.")
                    .arg(who ? who->name : entry.signer, shortDigest(claim->subject.digest), words::time(entry.at)),
                PolicyText::tr("Wait for its outcome; an admin can record one when whoever began is gone."));
        }
        if (m_question.isLedgerOnly)
            say(Rule::OneAtATime, State::Pass, PolicyText::tr("nobody carries out another promotion there"));
        else if (!m_facts.isBusy)
            say(Rule::OneAtATime, State::Unknown,
                (PolicyText::tr("It is not known whether something is being deployed there.") + QLatin1Char(' ') +
                 m_facts.busyProblem)
                    .trimmed(),
                PolicyText::tr("Mend that, then look again. Breaking the glass does not set it aside: two would write "
                               "at once."));
        else
            say(Rule::OneAtATime, *m_facts.isBusy ? State::Waiting : State::Pass,
                *m_facts.isBusy ? PolicyText::tr("something is being deployed there")
                                : PolicyText::tr("nothing else is under way"));
    }
    bool isOurs(const Subject &claimed) const
    {
        return claimed.commit == subject().commit &&
               (m_question.by == Question::By::Commit || claimed.digest == subject().digest);
    }

    std::optional<ScheduleState> stateOf(const Schedule &schedule) const
    {
        const auto given = m_facts.schedules.constFind(schedule.name);
        if (given != m_facts.schedules.constEnd())
            return stateAt(*given, m_facts.now);
        const auto plain = plainIntervals(schedule, m_facts.now.addDays(-1), m_facts.now.addDays(daysAhead));
        return plain ? std::optional(stateAt(*plain, m_facts.now)) : std::nullopt;
    }

    void windows()
    {
        if (m_rules->windows.isEmpty())
            return;
        bool isUnknown = false;
        QDateTime opens;
        QStringList names;
        for (const Schedule &window : m_rules->windows) {
            const std::optional<ScheduleState> state = stateOf(window);
            isUnknown = isUnknown || !state;
            names.append(words::window(window));
            if (!state)
                continue;
            soon(state->until);
            if (state->isOn)
                return say(Rule::Window, State::Pass,
                           PolicyText::tr("%1, until %2").arg(words::window(window), words::time(state->until)));
            if (state->until.isValid() && (!opens.isValid() || state->until < opens))
                opens = state->until;
        }
        if (isUnknown)
            say(Rule::Window, State::Unknown,
                PolicyText::tr("It cannot be told whether %1 is open.").arg(names.join(PolicyText::tr(" or "))));
        else if (opens.isValid())
            say(Rule::Window, State::Waiting,
                PolicyText::tr("only within %1; opens %2").arg(names.join(PolicyText::tr(" or ")), words::time(opens)));
        else
            say(Rule::Window, State::Block,
                PolicyText::tr("only within %1, which does not open again").arg(names.join(PolicyText::tr(" or "))));
    }

    void freezes()
    {
        QStringList unknown;
        for (const Freeze &freeze : m_policy.freezes) {
            if (!matchesAny(freeze.applications, subject().application) ||
                !matchesAny(freeze.environments, subject().environment))
                continue;
            const std::optional<ScheduleState> state = stateOf(freeze.schedule);
            if (!state) {
                unknown.append(freeze.schedule.name);
                continue;
            }
            soon(state->until);
            if (state->isOn)
                return say(Rule::Freeze, State::Block, words::freeze(freeze, state->until));
        }
        const QList<Stop> ordered = orderedFreezes(m_policy, m_entries, subject().application, subject().environment,
                                                   m_facts.now, m_facts.schedules);
        for (const Stop &stop : ordered) {
            if (stop.state == Stop::State::Holds) {
                soon(stop.until);
                return say(Rule::Freeze, State::Block, words::freeze(stop),
                           PolicyText::tr("Who may order a freeze can lift it."));
            }
            if (stop.state == Stop::State::Later)
                soon(stop.since);
            else
                unknown.append(PolicyText::tr("the freeze that %1 ordered (%2)").arg(stop.who, stop.entry));
        }
        if (!unknown.isEmpty())
            say(Rule::Freeze, State::Unknown,
                PolicyText::tr("It cannot be told whether %1 holds.").arg(unknown.join(QStringLiteral(", "))));
        else
            say(Rule::Freeze, State::Pass, PolicyText::tr("no freeze"));
    }

    void holds()
    {
        const QList<Stop> stops = holdsOn(m_policy, m_entries, subject().application, subject().environment);
        if (stops.isEmpty())
            return say(Rule::Hold, State::Pass, PolicyText::tr("not held"));
        say(Rule::Hold, State::Block, words::hold(stops.last()),
            PolicyText::tr("One of %1 can lift it.")
                .arg(m_policy.members(m_policy.holdLifters()).join(PolicyText::tr(" or "))));
    }

    void alerts()
    {
        if (!m_rules->noFiringAlerts)
            return;
        if (m_question.isLedgerOnly) {
            m_decision.leftOut.append(Rule::Alerts);
            return;
        }
        const std::optional<AlertState> &alerts = m_facts.alerts;
        if (!alerts || !alerts->readAt.isValid() || !alerts->isLive)
            return say(Rule::Alerts, State::Unknown, PolicyText::tr("It is not known whether alerts fire."),
                       PolicyText::tr("Look whether the source of alerts can be reached."));
        const qint64 age = alerts->readAt.secsTo(m_facts.now);
        if (age > m_rules->alertsAge.count() || age < -skewSeconds)
            return say(Rule::Alerts, State::Unknown,
                       PolicyText::tr("What is known of alerts is %1 old, %2 is allowed.")
                           .arg(spacedDurationText(std::chrono::seconds(age)), spacedDurationText(m_rules->alertsAge)));
        soon(alerts->readAt.addSecs(m_rules->alertsAge.count() + 1));
        if (alerts->firing.isEmpty())
            say(Rule::Alerts, State::Pass, PolicyText::tr("no alert fires"));
        else
            say(Rule::Alerts, State::Block,
                PolicyText::tr("firing: %1").arg(alerts->firing.join(QStringLiteral(", "))));
    }

    // Sets aside what one person may take upon themselves: not that it is known what goes out, nor that nobody else is
    // at it.
    void glass()
    {
        for (const Glass &one : glassesOf(m_policy, m_entries, m_facts.now)) {
            if (one.subject.application != subject().application || one.subject.environment != subject().environment)
                continue;
            if (one.owed > 0)
                m_decision.debt.append(one);
            const bool isForThis = one.subject == subject() && !subject().digest.isEmpty();
            if (isForThis && m_facts.now < one.validUntil && one.at <= m_facts.now.addSecs(skewSeconds))
                m_decision.glass = one;
        }
        if (!m_decision.glass)
            return;
        soon(m_decision.glass->validUntil);
        for (RuleResult &result : m_decision.rules) {
            if (result.rule != Rule::Request && result.rule != Rule::Artifact && result.rule != Rule::OneAtATime)
                result.counts = false;
        }
    }

    void finish()
    {
        const auto &results = m_decision.rules;
        m_decision.isMet =
            !results.isEmpty() && std::all_of(results.cbegin(), results.cend(),
                                              [](const RuleResult &one) { return one.state == State::Pass; });
        m_decision.isOpen = !results.isEmpty() &&
                            std::all_of(results.cbegin(), results.cend(),
                                        [](const RuleResult &one) { return !one.counts || one.state == State::Pass; });
        bool isAskers = true;
        if (const SignedRecord *won = m_request ? winningClaim(m_entries, m_question.promotion, subject()) : nullptr) {
            const Principal *who = m_policy.signer(won->signer);
            m_decision.claim = won->id;
            m_decision.claimant = who ? who->name : won->signer;
            isAskers = m_question.asker == m_decision.claimant;
        } else if (m_request && m_rules && !m_question.asker.isEmpty()) {
            isAskers = isClaimant(m_policy, *m_rules, m_decision.requester, m_question.asker);
        }
        m_decision.mayStart = m_question.direction == Direction::Back || (m_decision.isOpen && isAskers);
        m_decision.text = words::decision(m_decision, m_question.direction);
    }

    const Policy &m_policy;
    const Entries m_entries;
    const Question &m_question;
    const Facts &m_facts;
    const EnvironmentPolicy *m_rules = nullptr;
    const PromotionRequest *m_request = nullptr;
    QString m_before;
    bool m_isKnown = false; // the artifact
    Decision m_decision;
};

} // namespace

const RuleResult *Decision::rule(Rule which) const
{
    const auto found =
        std::find_if(rules.cbegin(), rules.cend(), [which](const RuleResult &one) { return one.rule == which; });
    return found == rules.cend() ? nullptr : &*found;
}

Decision decide(const Policy &policy, const Entries &entries, const Question &question, const Facts &facts)
{
    return Decider(policy, entries, question, facts).run();
}

bool mayClaim(const Policy &policy, const QString &application, const QString &environment, const QString &requester,
              const QString &who)
{
    const EnvironmentPolicy *rules = policy.rules(application, environment);
    return rules && isClaimant(policy, *rules, requester, who);
}

QList<Check> checksOf(const Decision &decision, Direction direction)
{
    QList<Check> checks;
    for (const RuleResult &result : decision.rules) {
        Check check;
        check.id = result.rule == Rule::Alerts                                  ? CheckId::FiringAlerts
                   : result.rule == Rule::Window || result.rule == Rule::Freeze ? CheckId::FreezeWindow
                                                                                : CheckId::Policy;
        const bool blocks = result.counts && direction == Direction::Forward;
        check.state = result.state == State::Pass ? CheckState::Pass : blocks ? CheckState::Block : CheckState::Warn;
        check.text = ruleTitle(result.rule);
        check.detail = result.text;
        check.wayOut = result.wayOut;
        checks.append(check);
    }
    return checks;
}

} // namespace signalbox::policy
