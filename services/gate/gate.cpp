#include "services/gate/gate.h"

#include "models/policy/policytext.h"
#include "services/policy/schedules.h"

#include <QSet>

namespace signalbox::policy
{

namespace
{

struct Authors
{
    std::optional<QStringList> emails; // none: not known
    QString problem;                   // why; empty: nothing more can be said
    QString wayOut;
};

// The one commit that the ledger names for what goes out under a digest, where the request itself names none: others
// asked for it, or approved it, with their repository or its registry at hand. Empty: none does, or they do not agree.
QString commitByLedger(const Entries &entries, const QString &application, const QString &digest)
{
    QString commit;
    for (const SignedRecord &entry : entries) {
        const Record *record = std::get_if<Record>(&entry.body);
        if (!record || (!entry.as<PromotionRequest>() && !entry.as<Approval>()))
            continue;
        const Subject subject = subjectOf(*record);
        if (subject.application != application || subject.digest != digest || subject.commit.isEmpty())
            continue;
        if (!commit.isEmpty() && subject.commit != commit)
            return {};
        commit = subject.commit;
    }
    return commit;
}

QString leftOut(const PromotionRequest &request, const QList<ChangeSummary::Commit> &pushed)
{
    QSet<QString> listed;
    if (request.changes) {
        for (const ChangeSummary::Commit &commit : request.changes->commits)
            listed.insert(commit.id);
    }
    QStringList missing;
    for (const ChangeSummary::Commit &commit : pushed) {
        if (!listed.contains(commit.id))
            missing.append(PolicyText::tr("%1 by %2").arg(shortCommit(commit.id), commit.email));
    }
    if (missing.isEmpty())
        return {};
    constexpr qsizetype shown = 3;
    const QString names = QStringList(missing.mid(0, shown)).join(QStringLiteral(", "));
    return listed.isEmpty()
               ? PolicyText::tr("The request lists no commits, and this brings %n: %1.", nullptr, int(missing.size()))
                     .arg(names)
               : PolicyText::tr("The request leaves out %n commit(s) of what this brings: %1.", nullptr,
                                int(missing.size()))
                     .arg(names);
}

// `commit`: that goes out, as far as it is known otherwise than by the request.
Authors authorsOf(const GateQuestion &question, const Entries &entries, const QString &promotion,
                  const std::optional<QString> &commit)
{
    const SignedRecord *entry = entryOf(entries, promotion);
    const auto *request = entry ? entry->as<PromotionRequest>() : nullptr;
    Authors authors;
    if (!request)
        return authors;
    if (question.pushed && !question.pushed->isEmpty()) {
        authors.problem = leftOut(*request, *question.pushed);
        authors.wayOut =
            PolicyText::tr("Ask for it anew, from where its repository can be read: who approves has to see "
                           "every commit, and none of them may be their own.");
        if (!authors.problem.isEmpty())
            return authors;
    } else if (request->subject.commit.isEmpty() && !commit) {
        return authors; // the decision says which label would tell
    } else if (!listsEveryCommit(*request) || (commit && *commit != request->subject.commit)) {
        authors.problem = PolicyText::tr("The request does not list the commits, so it is not known whom they are by.");
        authors.wayOut = PolicyText::tr("Ask for it anew, from where its repository can be read.");
        return authors;
    }
    QStringList emails;
    if (question.pushed) {
        for (const ChangeSummary::Commit &commit : *question.pushed)
            emails.append(commit.email);
    }
    if (request->changes)
        emails += authorsIn(*request->changes);
    emails.removeDuplicates();
    authors.emails = emails;
    return authors;
}

// As the decision on one promotion has it.
GateVerdict verdictOn(const LedgerHead &head, const GateQuestion &question, const QString &promotion, Facts facts)
{
    const SignedRecord *entry = entryOf(head.entries, promotion);
    const auto *asks = entry ? entry->as<PromotionRequest>() : nullptr;
    if (asks && asks->subject.commit.isEmpty() && !facts.commit) {
        const QString commit = commitByLedger(head.entries, question.application, question.digest);
        if (!commit.isEmpty())
            facts.commit = commit;
    }
    const Authors authors = authorsOf(question, head.entries, promotion, facts.commit);
    facts.authors = authors.emails;
    for (const QString &email : question.coAuthors) {
        if (facts.authors && !facts.authors->contains(email))
            facts.authors->append(email);
    }
    QStringList committers = question.committers;
    if (asks && asks->changes)
        committers += committersIn(*asks->changes);
    for (const QString &email : committers) {
        if (facts.authors && head.policy.author(email) && !facts.authors->contains(email))
            facts.authors->append(email);
    }
    Question asked;
    asked.promotion = promotion;
    asked.isLedgerOnly = true;
    asked.by = question.digest.isEmpty() ? Question::By::Commit
               : !facts.commit           ? Question::By::Digest
                                         : Question::By::DigestAndCommit;
    GateVerdict verdict;
    verdict.decision = decide(head.policy, head.entries, asked, facts);
    for (RuleResult &rule : verdict.decision.rules) {
        if (rule.rule != Rule::Authors || rule.state != RuleResult::State::Unknown || authors.problem.isEmpty())
            continue; // the decision's own words
        if (!verdict.decision.isOpen)
            verdict.decision.text = authors.problem + u' ' + verdict.decision.text;
        rule.text = authors.problem;
        rule.wayOut = authors.wayOut;
    }
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
    const QString what = question.digest.isEmpty() ? PolicyText::tr("commit %1").arg(shortCommit(question.commit))
                                                   : shortDigest(question.digest);
    Decision &decision = verdict.decision;
    decision.subject = {question.application, question.environment, question.digest, question.commit};
    decision.policyCommit = head.policyCommit;
    decision.text = PolicyText::tr("Nobody has asked that %1 of %2 may go to %3.")
                        .arg(what, question.application, question.environment);
    decision.rules.append({Rule::Request, RuleResult::State::Waiting, decision.text,
                           PolicyText::tr("Ask for it with a promotion."), true});
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
    facts.schedules = policySchedules(head.policy, head.entries, now);
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
