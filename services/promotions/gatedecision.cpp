#include "services/promotions/gatedecision.h"

#include "models/domain/digest.h"
#include "services/gate/gate.h"
#include "services/promotions/promotionstext.h"

namespace signalbox
{

namespace
{

struct GateRules
{
    const policy::EnvironmentPolicy *rules = nullptr;
    QStringList environments; // several: the policy names the gate for each of them, and nothing says which is meant
};

// By the gate that the policy names, else by the environment. Vendors do not always tell case apart (names of
// environments at GitHub are not case sensitive), and rules must not be passed by for a capital letter.
GateRules rulesOf(const policy::Policy &policy, const GateOrder &order)
{
    QList<const policy::EnvironmentPolicy *> named;
    GateRules found;
    for (const policy::EnvironmentPolicy &rules : policy.environments) {
        if (!isGateOf(rules.execution, order.gate) || !policy::matchesAny(rules.applications, order.application) ||
            found.environments.contains(rules.environment))
            continue;
        named.append(&rules);
        found.environments.append(rules.environment);
    }
    // Gates of several environments may have the same words: its own environment's rules come first.
    const auto own = [&](const policy::EnvironmentPolicy *rules) {
        return isSameEnvironment(rules->environment, order.environment);
    };
    if (const auto it = std::find_if(named.cbegin(), named.cend(), own); it != named.cend())
        return {*it, {}};
    if (!order.environment.isEmpty()) {
        if (const policy::EnvironmentPolicy *rules = policy.rules(order.application, order.environment))
            return {rules, {}};
    }
    if (named.size() == 1)
        return {named.first(), {}};
    for (const policy::EnvironmentPolicy &rules : policy.environments) {
        if (isSameEnvironment(rules.environment, order.environment) &&
            policy::matchesAny(rules.applications, order.application))
            return {&rules, {}};
    }
    return found;
}

Check policyCheck(CheckState state, const QString &detail, const QString &wayOut = {})
{
    return {CheckId::Policy, state, PromotionsText::tr("The ledger's policy"), detail, wayOut};
}

bool hasProtection(const policy::Policy &policy, const QString &application, const QString &environment, bool *hasRules)
{
    for (const policy::EnvironmentPolicy &rules : policy.environments) {
        if (!isSameEnvironment(rules.environment, environment) ||
            (!application.isEmpty() && !policy::matchesAny(rules.applications, application)))
            continue;
        *hasRules = true;
        if (rules.isProtected)
            return true;
    }
    return false;
}

QString placeOf(const GateOrder &order)
{
    return order.environment.isEmpty() ? PromotionsText::tr("%1 without an environment").arg(order.application)
                                       : PromotionsText::tr("%1 in %2").arg(order.application, order.environment);
}

GateStanding unknownTo(const GateOrder &order)
{
    GateStanding standing;
    standing.environment = order.environment;
    standing.isProtected = isProtectedByName(order.environment);
    standing.isOpen = true;
    return standing;
}

bool isUnmapped(const GateOrder &order)
{
    return !order.isMapped || order.application.isEmpty();
}

QString mapIt(const GateOrder &order)
{
    return PromotionsText::tr("Say in the workspace which application the project %1 of %2 builds (applications, "
                              "pipelines), or decide at the vendor.")
        .arg(order.gate.run.pipeline.project, order.gate.connection);
}

// The workspace maps projects to applications; which environment a gate is of, only the policy says.
QString nameIt(const GateOrder &order)
{
    const QString gate = order.gate.title.isEmpty() ? order.gate.id : order.gate.title;
    return PromotionsText::tr("Name it in the policy, at its environment (environments, execution: {by: vendorGate, "
                              "connection: %1, gate: \"%2\"}), or decide at the vendor.")
        .arg(order.gate.connection, gate);
}

// Of any application: whose the gate is cannot be told.
const policy::EnvironmentPolicy *anybodysRules(const policy::Policy &policy, const GateOrder &order)
{
    for (const policy::EnvironmentPolicy &rules : policy.environments) {
        if (isGateOf(rules.execution, order.gate) ||
            (!order.environment.isEmpty() && isSameEnvironment(rules.environment, order.environment)))
            return &rules;
    }
    return nullptr;
}

QStringList environmentsOf(const policy::Policy &policy, const QString &application)
{
    QStringList names;
    for (const policy::EnvironmentPolicy &rules : policy.environments) {
        if (policy::matchesAny(rules.applications, application) && !names.contains(rules.environment))
            names.append(rules.environment);
    }
    return names;
}

// No rules are this gate's. That lets it through only where it is surely none that the policy is about.
GateStanding withoutRules(GateStanding standing, const policy::Policy &policy, const GateOrder &order)
{
    const QString project = order.gate.run.pipeline.project;
    if (isUnmapped(order)) {
        if (const policy::EnvironmentPolicy *rules = anybodysRules(policy, order)) {
            standing.isOpen = false;
            standing.isKnown = true;
            standing.isProtected = standing.isProtected || rules->isProtected;
            standing.checks.append(policyCheck(
                CheckState::Block,
                PromotionsText::tr("It has rules for %1, and nothing says which application the project %2 builds.")
                    .arg(rules->environment, project),
                mapIt(order)));
            return standing;
        }
        if (order.environment.isEmpty() && !policy.environments.isEmpty()) {
            standing.isOpen = false;
            standing.checks.append(policyCheck(
                CheckState::Block,
                PromotionsText::tr("It has rules, and nothing says which application the project %1 builds, nor which "
                                   "environment this gate lets it into.")
                    .arg(project),
                mapIt(order)));
            return standing;
        }
        if (standing.isProtected && !policy.environments.isEmpty()) {
            standing.checks.append(policyCheck(
                CheckState::Warn,
                PromotionsText::tr("Nothing says which application the project %1 builds: the vendor's own rules alone "
                                   "decide.")
                    .arg(project),
                mapIt(order)));
            return standing;
        }
    }
    const QStringList known = environmentsOf(policy, order.application);
    const QString names = known.join(QStringLiteral(", "));
    if (order.environment.isEmpty() && !known.isEmpty()) { // it may be any of them
        standing.isOpen = false;
        standing.checks.append(policyCheck(
            CheckState::Block,
            PromotionsText::tr("It has rules for %1 in %2, and this gate names no environment: whose rules it has to "
                               "meet is not known.")
                .arg(order.application, names),
            nameIt(order)));
        return standing;
    }
    if (standing.isProtected && !known.isEmpty()) {
        standing.checks.append(policyCheck(
            CheckState::Warn,
            PromotionsText::tr("It has rules for %1 in %2, and none for %3: the vendor's own rules alone decide.")
                .arg(order.application, names, order.environment),
            PromotionsText::tr(
                "If it is the gate of one of them, name it in the policy (execution, gate), or decide at "
                "the vendor.")));
        return standing;
    }
    standing.checks.append(policyCheck(
        CheckState::Pass,
        PromotionsText::tr("It says nothing of %1: the vendor's own rules alone decide.").arg(placeOf(order))));
    return standing;
}

Check unreadPlace(const policy::PromotionCard &card, CheckState state)
{
    const policy::StalePlace &place = card.stale.first();
    return {CheckId::Freshness, state, PromotionsText::tr("What runs in %1 could not be read").arg(place.environment),
            place.problem,
            PromotionsText::tr("Look at the connection. Where no cluster shows it, name the gate in the policy "
                               "(execution, by: vendorGate), and the vendor's deployments tell it.")};
}

// The vendor would let in what was waiting then; the promotion is about something else by now.
Check anotherCommit(const GateStanding &standing, const policy::PromotionCard &card)
{
    return policyCheck(
        CheckState::Block,
        PromotionsText::tr("The promotion %1 would bring commit %2 now, and %3 waits at this gate.")
            .arg(card.id, policy::shortCommit(card.decision.subject.commit), policy::shortCommit(standing.commit)),
        PromotionsText::tr("Look why its release is built from another commit now, then ask for it "
                           "anew."));
}

// Who acts alone answers for what is not met and not known, but nobody deploys into another deployment.
GateStanding underGlass(const GateStanding &standing, const policy::PromotionCard &card)
{
    GateStanding whole = standing;
    const QList<Check> seen = policy::checksOf(card.decision, Direction::Forward);
    for (qsizetype i = 0; i < seen.size(); ++i) {
        const policy::RuleResult &rule = card.decision.rules.at(i);
        Check check = seen.at(i);
        const bool isNobodys = rule.rule == policy::Rule::Request || rule.rule == policy::Rule::OneAtATime;
        if (check.state != CheckState::Pass)
            check.state =
                isNobodys && rule.state != policy::RuleResult::State::Unknown ? CheckState::Block : CheckState::Warn;
        if (check.state == CheckState::Pass || whole.checks.contains(check))
            continue;
        whole.isOpen = whole.isOpen && check.state != CheckState::Block;
        whole.checks.append(check);
    }
    if (!card.isLive())
        whole.checks.append(unreadPlace(card, CheckState::Warn));
    return whole;
}

// For the log, and to tell it from what else is not found.
QString awaitsGate()
{
    return QStringLiteral("no run waits at the gate");
}

// Where it only starts what waits, the own vote was given before, or none was ever asked for.
bool givesVote(const Plan &plan)
{
    const auto is = [&plan](bool PlanStep::*claim) {
        return std::any_of(plan.steps.cbegin(), plan.steps.cend(),
                           [claim](const PlanStep &step) { return step.*claim; });
    };
    return is(&PlanStep::isVote) || !is(&PlanStep::startsWaiting);
}

Check sayingNo()
{
    return policyCheck(CheckState::Pass, PromotionsText::tr("Saying no needs nobody's agreement."));
}

} // namespace

bool isProtectedBy(const policy::Policy &policy, const QString &application, const QString &environment)
{
    bool hasRules = false;
    if (isProtectedByName(environment) || hasProtection(policy, application, environment, &hasRules))
        return true;
    return !hasRules && hasProtection(policy, {}, environment, &hasRules);
}

bool isGateAwaited(const Error &error)
{
    return error.kind == ErrorKind::NotFound && error.detail == awaitsGate();
}

bool isOutOfReach(const Error &error)
{
    return error.kind == ErrorKind::Unreachable || error.kind == ErrorKind::TimedOut;
}

bool isPlannedAgain(const Error &error, bool wasGateAwaited)
{
    return error.kind == ErrorKind::Conflict || isOutOfReach(error) || (wasGateAwaited && isGateAwaited(error));
}

Result<WaitingGate> gateToPress(const policy::Execution &execution, const policy::Subject &subject,
                                const QList<WaitingGate> &waiting)
{
    QList<WaitingGate> fitting;
    for (const WaitingGate &gate : waiting) {
        if (isGateFor(execution, subject, gate))
            fitting.append(gate);
    }
    if (fitting.isEmpty())
        return Error{ErrorKind::NotFound,
                     PromotionsText::tr("No run of commit %1 waits at the gate \"%2\" of the connection \"%3\".")
                         .arg(policy::shortCommit(subject.commit), execution.gate, execution.connection),
                     subject.commit.isEmpty() ? QString() : awaitsGate()};
    if (fitting.size() == 1)
        return fitting.first();
    QStringList runs;
    for (const WaitingGate &gate : std::as_const(fitting))
        runs.append(gate.page.isEmpty() ? gate.runNumber
                                        : QStringLiteral("%1 (%2)").arg(gate.runNumber, gate.page.toString()));
    return Error{ErrorKind::Refused,
                 PromotionsText::tr("Several gates \"%1\" wait for commit %2 at %3, in the runs %4: which one carries "
                                    "the promotion out cannot be told. Decide the others at the vendor, by their own "
                                    "links, then look again.")
                     .arg(execution.gate, policy::shortCommit(subject.commit), execution.connection,
                          runs.join(QStringLiteral(", "))),
                 {}};
}

std::optional<Check> missingApprovals(const WaitingGate &gate, const Plan &plan)
{
    const bool isGivenHere = givesVote(plan);
    const int missing = gate.missingVotes() - (isGivenHere ? 1 : 0);
    if (missing <= 0)
        return std::nullopt;
    const QString detail =
        isGivenHere
            ? PromotionsText::tr("%1 opens the gate with the last of %2: this promotion gives one, and nothing is "
                                 "deployed before the others have given theirs.")
            : PromotionsText::tr("%1 opens the gate with the last of %2: yours is given, and nothing is deployed "
                                 "before the others have given theirs.");
    Check check{CheckId::Policy, CheckState::Warn,
                PromotionsText::tr("%n approval(s) of others are missing at the vendor", nullptr, missing),
                detail.arg(gate.vendor).arg(gate.needed),
                PromotionsText::tr("Let the others approve the gate, here or at the vendor: the promotion waits for "
                                   "them, and holds %1 meanwhile.")
                    .arg(gate.environment.isEmpty() ? gate.run.pipeline.project : gate.environment)};
    check.missing = missing;
    return check;
}

std::optional<Check> unfilledParameters(const WaitingGate &gate)
{
    if (gate.parameters.isEmpty())
        return std::nullopt;
    QStringList names;
    for (const RunParameter &one : gate.parameters)
        names.append(one.name);
    return Check{CheckId::Policy, CheckState::Warn,
                 PromotionsText::tr("The gate asks for values, and takes its defaults so"),
                 names.join(QStringLiteral(", ")),
                 PromotionsText::tr("To fill them in, open the gate itself: approving it there carries the promotion "
                                    "out, too.")};
}

bool isSameName(const WaitingGate &one, const WaitingGate &other)
{
    return one.id != other.id && one.environment.isEmpty() && other.environment.isEmpty() && one.title == other.title &&
           one.commit == other.commit && one.run.pipeline.project == other.run.pipeline.project;
}

Check ambiguousCheck(const WaitingGate &gate, const WaitingGate &other)
{
    const QString place = gate.page.isEmpty() ? gate.vendor : gate.page.toString();
    return {CheckId::Policy, CheckState::Block,
            PromotionsText::tr("Two gates \"%1\" wait for the same commit").arg(gate.title),
            PromotionsText::tr("Run %1 and run %2 of %3; neither names an environment, so for which of them the policy "
                               "was met cannot be told.")
                .arg(gate.runNumber, other.runNumber, gate.run.pipeline.project),
            PromotionsText::tr("Decide at the vendor, or by its own link: %1").arg(place)};
}

std::optional<Check> otherCommit(const GateStanding &standing, const GateOrder &order, const Plan &plan)
{
    if (!order.approves || !standing.isKnown || !isCommitId(plan.toHash) || plan.toHash == order.gate.commit)
        return std::nullopt;
    return Check{CheckId::Policy,
                 CheckState::Block,
                 PromotionsText::tr("%1 waits there now, and %2 was judged")
                     .arg(policy::shortCommit(plan.toHash), policy::shortCommit(order.gate.commit)),
                 {},
                 PromotionsText::tr("Look at the gate anew.")};
}

GateStanding gateStanding(const policy::LedgerHead &head, const GateOrder &order, const QDateTime &now)
{
    GateStanding standing = unknownTo(order);
    const GateRules found = rulesOf(head.policy, order);
    const policy::EnvironmentPolicy *const rules = found.rules;
    if (rules) {
        standing.environment = rules->environment;
        standing.isProtected = rules->isProtected;
        standing.isKnown = true;
    }
    if (!order.approves) {
        standing.checks.append(sayingNo());
        return standing;
    }
    if (!rules && found.environments.size() > 1) {
        standing.isKnown = true;
        standing.isProtected = true;
        standing.isOpen = false;
        standing.checks.append(
            policyCheck(CheckState::Block,
                        PromotionsText::tr("It names the gate \"%1\" for %2, and nothing says for which of them it is.")
                            .arg(order.gate.title, found.environments.join(QStringLiteral(", "))),
                        PromotionsText::tr("Decide at the vendor, and give each gate a name of its own.")));
        return standing;
    }
    if (!rules)
        return withoutRules(standing, head.policy, order);
    standing.isOpen = false;
    if (!isCommitId(order.gate.commit)) {
        standing.checks.append(policyCheck(
            CheckState::Block,
            PromotionsText::tr("It lets exactly one commit of %1 go to %2, and the vendor does not say which one "
                               "waits here.")
                .arg(order.application, rules->environment),
            PromotionsText::tr("Look at the run at the vendor.")));
        return standing;
    }
    const policy::GateVerdict verdict =
        policy::gateVerdict(head, {order.application, rules->environment, {}, order.gate.commit}, now);
    standing.isOpen = verdict.isOpen;
    standing.promotion = verdict.decision.promotion;
    standing.commit = order.gate.commit;
    standing.hasGlass = verdict.decision.glass.has_value();
    standing.checks = policy::checksOf(verdict.decision, Direction::Forward);
    const bool isSaid = std::any_of(standing.checks.cbegin(), standing.checks.cend(),
                                    [](const Check &check) { return check.state == CheckState::Block; });
    if (!verdict.isOpen && !isSaid)
        standing.checks.prepend(policyCheck(CheckState::Block, verdict.text));
    if (isUnmapped(order) && standing.promotion.isEmpty())
        standing.checks.prepend(policyCheck(
            CheckState::Block,
            PromotionsText::tr("It has rules for %1, and nothing says which application the project %2 builds.")
                .arg(rules->environment, order.gate.run.pipeline.project),
            mapIt(order)));
    return standing;
}

GateStanding withWorld(const GateStanding &standing, const policy::PromotionCard &card)
{
    if (standing.isOpen && standing.hasGlass)
        return underGlass(standing, card);
    GateStanding whole = standing;
    whole.isOpen = card.decision.isOpen;
    if (standing.isOpen || card.decision.isOpen || card.isLive()) // the clusters know more than the ledger does
        whole.checks = policy::checksOf(card.decision, Direction::Forward);
    // As with a promotion's start: nothing is let through on what may be old.
    if (!card.isLive() && (standing.isOpen || card.decision.isOpen)) {
        whole.isOpen = whole.isOpen && card.decision.glass;
        whole.checks.append(unreadPlace(card, card.decision.glass ? CheckState::Warn : CheckState::Block));
    }
    const QString &now = card.decision.subject.commit;
    if (!standing.commit.isEmpty() && !now.isEmpty() && now != standing.commit) {
        whole.isOpen = false;
        whole.checks.append(anotherCommit(standing, card));
    }
    const bool isSaid = std::any_of(whole.checks.cbegin(), whole.checks.cend(),
                                    [](const Check &check) { return check.state == CheckState::Block; });
    if (!whole.isOpen && !isSaid)
        whole.checks.prepend(policyCheck(CheckState::Block, card.decision.text));
    if (!card.isLive() && !standing.isOpen && !card.decision.isOpen) // why no more is known
        whole.checks.append(unreadPlace(card, CheckState::Block));
    return whole;
}

GateStanding withoutWorld(const GateStanding &standing, const Error &problem)
{
    GateStanding whole = standing;
    const bool isLet = !standing.isKnown || standing.hasGlass;
    whole.isOpen = standing.isOpen && isLet;
    whole.checks.append({CheckId::FiringAlerts, isLet ? CheckState::Warn : CheckState::Block,
                         PromotionsText::tr("What runs there and whether alerts fire could not be read"),
                         problem.message, PromotionsText::tr("Look at the connections before you go on.")});
    return whole;
}

GateStanding gateStanding(const std::optional<Error> &problem, const GateOrder &order)
{
    GateStanding standing = unknownTo(order);
    if (!order.approves)
        standing.checks.append(sayingNo());
    else if (problem) {
        standing.isOpen = false;
        standing.checks.append(policyCheck(
            CheckState::Block, PromotionsText::tr("It could not be read: %1").arg(problem->message),
            PromotionsText::tr("Look at the ledger first: \"signalbox ledger status\" says what is wrong.")));
    } else
        standing.checks.append(policyCheck(
            CheckState::Pass,
            PromotionsText::tr("There is no ledger with a policy here: the vendor's own rules alone decide.")));
    return standing;
}

} // namespace signalbox
