#include "services/gate/gate.h"

#include "services/policy/schedules.h"

#include <QCoreApplication>

namespace signalbox::policy
{

namespace
{

struct Text
{
    Q_DECLARE_TR_FUNCTIONS(Policy)
};

// As the request lists them. None: it does not list all.
std::optional<QStringList> authorsOf(const Entries &entries, const QString &promotion)
{
    const SignedRecord *entry = entryOf(entries, promotion);
    const auto *request = entry ? entry->as<PromotionRequest>() : nullptr;
    if (!request || !request->changes || !request->changes->hasAllCommits())
        return std::nullopt;
    QStringList emails;
    for (const auto &commit : request->changes->commits) {
        if (!emails.contains(commit.email))
            emails.append(commit.email);
    }
    return emails;
}

// As the decision on one promotion has it.
GateVerdict verdictOn(const LedgerHead &head, const GateQuestion &question, const QString &promotion, Facts facts)
{
    facts.authors = authorsOf(head.entries, promotion);
    Question asked;
    asked.promotion = promotion;
    asked.isLedgerOnly = true;
    asked.by = question.digest.isEmpty()   ? Question::By::Commit
               : question.commit.isEmpty() ? Question::By::Digest
                                           : Question::By::DigestAndCommit;
    GateVerdict verdict;
    verdict.decision = decide(head.policy, head.entries, asked, facts);
    const RuleResult *request = verdict.decision.rule(Rule::Request);
    const RuleResult *veto = verdict.decision.rule(Rule::Veto);
    verdict.isOpen = verdict.decision.isOpen;
    verdict.isOver = !verdict.isOpen && ((request && request->state == RuleResult::State::Block) ||
                                         (veto && veto->state == RuleResult::State::Block));
    verdict.text = verdict.decision.text;
    return verdict;
}

GateVerdict nobodyAsked(const LedgerHead &head, const GateQuestion &question)
{
    GateVerdict verdict;
    const QString what = question.digest.isEmpty() ? Text::tr("commit %1").arg(shortCommit(question.commit))
                                                   : shortDigest(question.digest);
    Decision &decision = verdict.decision;
    decision.subject = {question.application, question.environment, question.digest, question.commit};
    decision.policyCommit = head.policyCommit;
    decision.text =
        Text::tr("Nobody has asked that %1 of %2 may go to %3.").arg(what, question.application, question.environment);
    decision.rules.append(
        {Rule::Request, RuleResult::State::Waiting, decision.text, Text::tr("Ask for it with a promotion."), true});
    verdict.text = decision.text;
    return verdict;
}

} // namespace

GateVerdict gateVerdict(const LedgerHead &head, const GateQuestion &question, const QDateTime &now)
{
    Facts facts;
    facts.now = now;
    if (!question.digest.isEmpty())
        facts.digest = question.digest;
    if (!question.commit.isEmpty())
        facts.commit = question.commit;
    facts.policyCommit = head.policyCommit;
    facts.schedules = policySchedules(head.policy, now);
    // One that is open opens the gate, so that nobody closes it by asking for the same again; else the first is told.
    std::optional<GateVerdict> told;
    const QStringList promotions =
        promotionsFor(head.entries, question.application, question.environment, question.digest, question.commit);
    for (const QString &promotion : promotions) {
        GateVerdict verdict = verdictOn(head, question, promotion, facts);
        if (verdict.isOpen)
            return verdict;
        if (!told)
            told = std::move(verdict);
    }
    return told ? *told : nobodyAsked(head, question);
}

} // namespace signalbox::policy
