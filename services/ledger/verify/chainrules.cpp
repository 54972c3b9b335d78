#include "services/ledger/verify/chainrules.h"

#include "models/domain/ulid.h"
#include "services/ledger/verify/ledgerverifytext.h"
#include "services/ledger/verify/printable.h"

#include <algorithm>

namespace signalbox::ledger
{
namespace
{

using Kind = git::TreeChange::Kind;
using State = EntryVerdict::State;

constexpr qint64 skewSeconds = 600;        // two machines' clocks may differ by so much
constexpr qsizetype mostRemembered = 5000; // a stranger's history may have a name per commit

QString timeText(qint64 seconds)
{
    return QDateTime::fromSecsSinceEpoch(seconds, Qt::UTC).toString(QStringLiteral("yyyy-MM-dd HH:mm:ss 'UTC'"));
}

QString timeText(const QDateTime &time)
{
    return timeText(time.toSecsSinceEpoch());
}

QString shortId(const git::ObjectId &id)
{
    return QString::fromLatin1(id.hex().left(10));
}

QByteArray hashKey(const CommitFacts &facts)
{
    return {facts.signatureHash.data(), static_cast<qsizetype>(facts.signatureHash.size())};
}

EntryVerdict bad(EntryVerdict verdict, Fault fault, const QString &reason)
{
    verdict.state = State::Bad;
    verdict.fault = fault;
    verdict.reason = reason;
    return verdict;
}

} // namespace

bool hasAdminWithKey(const PolicyAt &policy, const ssh::AllowedSigners &signers, const QDateTime &now)
{
    const QStringList admins = policy.admins();
    for (const auto &line : signers.lines()) {
        const bool isOver = line.validBefore.isValid() && line.validBefore < now;
        for (const QString &name : line.names()) {
            if (!isOver && line.isForNamespace(ssh::gitNamespace) && admins.contains(policy.personOf(name)))
                return true;
        }
    }
    return false;
}

ChainRules::ChainRules(ChainPin pin, QDateTime now, PolicyReader policyReader, FileReader fileReader)
    : m_pin(std::move(pin))
    , m_now(std::move(now))
    , m_policyReader(std::move(policyReader))
    , m_fileReader(std::move(fileReader))
{}

void ChainRules::putInForce(const Rules &rules)
{
    m_inForce = rules;
    m_known.clear();
    m_persons.clear();
    m_roles.clear();
}

const ChainRules::Known &ChainRules::known(const CommitFacts &facts)
{
    const std::pair key(facts.key.blob(), facts.committerEmail);
    if (const auto found = m_known.constFind(key); found != m_known.constEnd())
        return *found;
    if (m_known.size() >= mostRemembered)
        m_known.clear();
    const auto &lines = m_inForce.signers.lines();
    const bool goesByDate = std::any_of(lines.cbegin(), lines.cend(), [&facts](const ssh::AllowedSigner &line) {
        return line.key == facts.key && (line.validAfter.isValid() || line.validBefore.isValid());
    });
    Known known;
    known.isRevoked = m_inForce.policy->isRevoked(facts.key);
    if (!goesByDate)
        known.finding =
            m_inForce.signers.find(facts.key, ssh::gitNamespace,
                                   QDateTime::fromSecsSinceEpoch(facts.committedAt, Qt::UTC), facts.committerEmail);
    return *m_known.insert(key, known);
}

QString ChainRules::personOf(const QString &name)
{
    if (const auto found = m_persons.constFind(name); found != m_persons.constEnd())
        return *found;
    if (m_persons.size() >= mostRemembered)
        m_persons.clear();
    return *m_persons.insert(name, m_inForce.policy->personOf(name));
}

QStringList ChainRules::rolesOf(const QString &person)
{
    if (const auto found = m_roles.constFind(person); found != m_roles.constEnd())
        return *found;
    if (m_roles.size() >= mostRemembered)
        m_roles.clear();
    return *m_roles.insert(person, m_inForce.policy->rolesOf(person));
}

EntryVerdict ChainRules::judge(const CommitFacts &facts)
{
    EntryVerdict verdict;
    verdict.commit = facts.id;
    verdict.committedAt = facts.committedAt;
    verdict.id = facts.entryId;
    verdict.type = facts.type;
    if (!facts.changes.isEmpty()) {
        verdict.path = facts.changes.first().path;
        verdict.blob = facts.changes.first().id;
    }
    if (touchesPolicy(facts))
        verdict.type = "policy";
    if (!facts.key.isNull()) {
        QString &known = m_fingerprints[facts.key.blob()];
        if (known.isEmpty())
            known = facts.key.fingerprint();
        verdict.fingerprint = known;
    }
    if (!m_start)
        return touchesPolicy(facts) ? judgeStart(facts, verdict) : judgeBeforeStart(facts, verdict);

    Signer signer;
    Found found = checkCommit(facts);
    if (!found)
        found = checkSignature(facts);
    if (!found)
        found = checkSigner(facts, signer);
    verdict.signer = shared(signer.name);
    if (!found)
        found = checkDate(facts);
    if (!found)
        found = checkChanges(facts);
    if (!found && touchesPolicy(facts))
        verdict = judgePolicyChange(facts, signer, verdict);
    else if (!found)
        found = checkEntry(facts, signer);
    if (found)
        verdict = bad(verdict, found.fault, found.reason);
    if (verdict.state != State::Bad) {
        m_latest = std::max(m_latest, facts.committedAt);
        m_signatures.insert(hashKey(facts), facts.id);
    }
    return verdict;
}

// Unsigned entries of older versions. They are proven by nothing, but what can be seen to be wrong is said.
EntryVerdict ChainRules::judgeBeforeStart(const CommitFacts &facts, EntryVerdict verdict)
{
    verdict.state = State::NotSigned;
    Found found = checkCommit(facts);
    if (!found)
        found = checkChanges(facts);
    if (!found && facts.entryFault != Fault::None)
        found = {facts.entryFault, LedgerVerifyText::tr("The entry cannot be used: %1.").arg(facts.entryProblem)};
    if (found)
        return bad(verdict, found.fault, found.reason);
    if (facts.type == "freeze") // somebody may lift it yet
        m_freezes.insert(facts.entryId);
    verdict.reason = LedgerVerifyText::tr("Written before the ledger was signed: nothing proves who wrote it.");
    return verdict;
}

EntryVerdict ChainRules::judgeStart(const CommitFacts &facts, EntryVerdict verdict)
{
    Found found = checkCommit(facts);
    if (!found)
        found = checkSignature(facts);
    if (!found && !isPinnedKey(facts.key))
        found = {Fault::WrongFirstAdmin,
                 LedgerVerifyText::tr(
                     "The ledger was begun with the key %1, but the pinned first admin's is %2. Whoever did this "
                     "made themselves admin.")
                     .arg(facts.key.fingerprint(), m_pin.firstAdmin)};
    if (!found)
        found = checkDate(facts);
    Rules rules;
    if (!found)
        found = readRules(facts, rules);
    Signer signer;
    if (!found)
        found = checkStart(facts, rules, signer);
    verdict.signer = signer.name;
    if (found) {
        m_isStartWrong = true;
        return bad(verdict, found.fault, found.reason);
    }
    m_start = facts.id;
    putInForce(rules);
    m_latest = facts.committedAt;
    m_signatures.insert(hashKey(facts), facts.id);
    verdict.reason = LedgerVerifyText::tr("The ledger is signed from here on.");
    return verdict;
}

ChainRules::Found ChainRules::checkStart(const CommitFacts &facts, const Rules &rules, Signer &signer) const
{
    const bool addsBoth =
        facts.changes.size() == 2 && std::all_of(facts.changes.begin(), facts.changes.end(), [](const auto &change) {
            return isPolicyFile(change.path) && change.kind == Kind::Added && change.mode == 0100644;
        });
    if (!addsBoth)
        return {Fault::BadStart,
                LedgerVerifyText::tr("A signed ledger begins with a commit that adds allowed_signers and "
                                     "policy.yaml, both, and nothing else.")};
    const auto finding = rules.signers.find(
        facts.key, ssh::gitNamespace, QDateTime::fromSecsSinceEpoch(facts.committedAt, Qt::UTC), facts.committerEmail);
    if (finding.kind != ssh::SignerFinding::Kind::Allowed)
        return {Fault::BadStart,
                LedgerVerifyText::tr("The first allowed_signers does not let the key %1 sign, which began the ledger.")
                    .arg(facts.key.fingerprint())};
    signer.name = finding.principal;
    signer.person = rules.policy->personOf(finding.principal);
    if (!rules.policy->admins().contains(signer.person))
        return {Fault::BadStart,
                LedgerVerifyText::tr("The first policy.yaml does not make %1 an admin, who began the ledger.")
                    .arg(finding.principal)};
    if (!m_pin.workspace.isEmpty() && rules.policy->workspace() != m_pin.workspace)
        return {Fault::WrongWorkspace,
                LedgerVerifyText::tr("This is the ledger of the workspace \"%1\", not of \"%2\".")
                    .arg(rules.policy->workspace(), m_pin.workspace)};
    return {};
}

EntryVerdict ChainRules::judgePolicyChange(const CommitFacts &facts, const Signer &signer, EntryVerdict verdict)
{
    const QStringList admins = m_inForce.policy->admins();
    if (!admins.contains(signer.person))
        return bad(verdict, Fault::PolicyByNonAdmin,
                   LedgerVerifyText::tr("%1 changed the policy or allowed_signers but was no admin at that time.")
                       .arg(signer.name));
    Rules rules;
    Found found = readRules(facts, rules);
    if (!found &&
        !hasAdminWithKey(*rules.policy, rules.signers, QDateTime::fromSecsSinceEpoch(facts.committedAt, Qt::UTC)))
        found = {Fault::PolicyInvalid,
                 LedgerVerifyText::tr(
                     "It leaves no admin with a key that may sign: nobody could ever change the policy again.")};
    if (found)
        return bad(verdict, found.fault, found.reason);
    if (admins.size() == 1) {
        putInForce(rules);
        for (const Change &each : std::as_const(m_pending))
            m_settled.insert(each.commit,
                             LedgerVerifyText::tr("Part of the change %1, which is in force.").arg(shortId(facts.id)));
        m_pending.clear();
        verdict.reason = LedgerVerifyText::tr("In force at once: there was no second admin to countersign it.");
        return verdict;
    }
    m_pending.append({facts.id, signer.person, signer.name, facts.committedAt, rules});
    verdict.state = State::Pending;
    verdict.reason = LedgerVerifyText::tr(
        "Waits for the countersignature of a second admin; until then the policy before it holds.");
    return verdict;
}

ChainRules::Found ChainRules::checkCommit(const CommitFacts &facts) const
{
    if (facts.isDamaged)
        return {Fault::Damaged, LedgerVerifyText::tr("The commit cannot be read: %1.").arg(facts.problem)};
    if (facts.isOdd)
        return {Fault::OddCommit, LedgerVerifyText::tr("The commit is not one of a ledger: %1.").arg(facts.problem)};
    if (facts.parents > 1)
        return {Fault::Merge,
                LedgerVerifyText::tr("It is a merge: it has %1 parents, and what came in through it was signed for "
                                     "another place. A ledger is one line.")
                    .arg(facts.parents)};
    return {};
}

ChainRules::Found ChainRules::checkSignature(const CommitFacts &facts) const
{
    switch (facts.signature) {
    case CommitFacts::Signature::Valid:
        return {};
    case CommitFacts::Signature::None:
        return {Fault::NotSigned, LedgerVerifyText::tr("It is not signed, though the ledger was by then.")};
    case CommitFacts::Signature::Broken:
        return {Fault::SignatureBroken, facts.signatureProblem};
    case CommitFacts::Signature::Unsupported:
        return {Fault::SignatureUnsupported, facts.signatureProblem};
    case CommitFacts::Signature::OtherNamespace:
        return {Fault::WrongNamespace,
                LedgerVerifyText::tr("The signature was made for \"%1\", not for a commit (\"git\").")
                    .arg(printable(facts.signatureProblem.toUtf8()))};
    case CommitFacts::Signature::Invalid:
        break;
    }
    const auto copied = m_signatures.constFind(hashKey(facts));
    if (copied != m_signatures.constEnd())
        return {Fault::SignatureReplayed,
                LedgerVerifyText::tr("The signature is a copy of the one of the commit %1: nobody signed this one.")
                    .arg(shortId(*copied))};
    return {Fault::SignatureInvalid,
            LedgerVerifyText::tr(
                "The signature of the key %1 does not fit: the commit was changed after it was signed, or signed "
                "by another key.")
                .arg(facts.key.fingerprint())};
}

ChainRules::Found ChainRules::checkSigner(const CommitFacts &facts, Signer &signer)
{
    using Finding = ssh::SignerFinding::Kind;
    const Known &by = known(facts);
    if (by.isRevoked)
        return {Fault::Revoked, LedgerVerifyText::tr("The key %1 was revoked before.").arg(facts.key.fingerprint())};
    const auto at = QDateTime::fromSecsSinceEpoch(facts.committedAt, Qt::UTC);
    const auto finding =
        by.finding ? *by.finding : m_inForce.signers.find(facts.key, ssh::gitNamespace, at, facts.committerEmail);
    switch (finding.kind) {
    case Finding::Allowed:
        signer.name = finding.principal;
        signer.person = personOf(finding.principal);
        return {};
    case Finding::WrongNamespace:
        return {Fault::NamespaceForbidden,
                LedgerVerifyText::tr("Line %1 of allowed_signers does not let the key %2 sign commits (namespaces).")
                    .arg(finding.line)
                    .arg(facts.key.fingerprint())};
    case Finding::NotYetValid:
        return {Fault::NotYetValid,
                LedgerVerifyText::tr("The key %1 was not valid yet on %2: only from %3 on (line %4 of "
                                     "allowed_signers).")
                    .arg(facts.key.fingerprint(), timeText(at), timeText(finding.limit))
                    .arg(finding.line)};
    case Finding::NoLongerValid:
        return {Fault::NoLongerValid,
                LedgerVerifyText::tr("The key %1 was no longer valid on %2: only until %3 (line %4 of "
                                     "allowed_signers).")
                    .arg(facts.key.fingerprint(), timeText(at), timeText(finding.limit))
                    .arg(finding.line)};
    case Finding::UnknownKey:
        break;
    }
    return {Fault::UnknownSigner,
            LedgerVerifyText::tr("The key %1 was not in allowed_signers at that time.").arg(facts.key.fingerprint())};
}

ChainRules::Found ChainRules::checkDate(const CommitFacts &facts) const
{
    if (facts.committedAt > m_now.toSecsSinceEpoch() + skewSeconds)
        return {Fault::DateInFuture,
                LedgerVerifyText::tr("Its date, %1, is yet to come. Is this machine's clock right?")
                    .arg(timeText(facts.committedAt))};
    if (facts.committedAt < m_latest)
        return {Fault::DateGoesBack,
                LedgerVerifyText::tr("Its date, %1, is before the one of an entry it stands behind, %2.")
                    .arg(timeText(facts.committedAt), timeText(m_latest))};
    return {};
}

// What a commit may do to the files: add one entry, or change the two of the policy.
ChainRules::Found ChainRules::checkChanges(const CommitFacts &facts) const
{
    if (facts.changes.isEmpty())
        return {Fault::NothingAdded, LedgerVerifyText::tr("It adds nothing.")};
    const auto count = [&facts](auto fits) { return std::count_if(facts.changes.begin(), facts.changes.end(), fits); };
    const auto isEntry = [](const auto &change) { return change.path.startsWith("entries/"); };
    const auto removed = std::find_if(facts.changes.begin(), facts.changes.end(), [&](const auto &change) {
        return change.kind == Kind::Removed && isEntry(change);
    });
    const bool addsToo = count([&](const auto &change) { return change.kind == Kind::Added && isEntry(change); }) > 0;
    if (removed != facts.changes.end())
        return addsToo ? Found{Fault::EntryRenamed,
                               LedgerVerifyText::tr("It moves the entry %1 away.").arg(printable(removed->path))}
                       : Found{Fault::EntryRemoved,
                               LedgerVerifyText::tr("It removes the entry %1.").arg(printable(removed->path))};
    for (const auto &change : facts.changes) {
        if (change.kind == Kind::Modified && isEntry(change))
            return {Fault::EntryEdited,
                    LedgerVerifyText::tr("It changes the entry %1 after it was written.").arg(printable(change.path))};
    }
    const auto policies = count([](const auto &change) { return isPolicyFile(change.path); });
    if (policies > 0 && policies < facts.changes.size())
        return {Fault::PolicyMixed,
                LedgerVerifyText::tr("It changes the policy or allowed_signers together with something else; "
                                     "those take a commit of their own.")};
    if (policies > 0)
        return {};
    for (const auto &change : facts.changes) {
        if (!isEntry(change))
            return {Fault::OtherFileTouched,
                    LedgerVerifyText::tr("It touches %1, which is no entry.").arg(printable(change.path))};
    }
    if (facts.changes.size() > 1)
        return {Fault::SeveralEntries,
                LedgerVerifyText::tr("It adds several entries; each takes a commit of its own.")};
    return {};
}

ChainRules::Found ChainRules::checkEntry(const CommitFacts &facts, const Signer &signer)
{
    if (facts.entryFault != Fault::None)
        return {facts.entryFault, LedgerVerifyText::tr("The entry cannot be used: %1.").arg(facts.entryProblem)};
    const QString workspace = m_inForce.policy->workspace();
    if (!facts.workspace.isEmpty() && QString::fromUtf8(facts.workspace) != workspace)
        return {Fault::WrongWorkspace,
                LedgerVerifyText::tr("It was written for the workspace \"%1\"; this is the ledger of \"%2\".")
                    .arg(printable(facts.workspace), workspace)};
    const QString named = personOf(QString::fromUtf8(facts.email));
    if (!named.isEmpty() && named != signer.person)
        return {Fault::WrongPerson, LedgerVerifyText::tr("It says that %1 wrote it, but %2 signed it.")
                                        .arg(printable(facts.email), signer.name)};
    const QDateTime made = ulidTime(QString::fromLatin1(facts.entryId));
    if (made.toSecsSinceEpoch() > facts.committedAt + skewSeconds)
        return {Fault::DateInFuture, LedgerVerifyText::tr("Its id says %1, which is later than its commit, %2.")
                                         .arg(timeText(made), timeText(facts.committedAt))};
    if (signer.person.isEmpty() || rolesOf(signer.person).isEmpty())
        return {Fault::RoleMissing,
                LedgerVerifyText::tr("%1 may sign, but had no role in the policy at that time.").arg(signer.name)};
    if (facts.type == "freeze")
        m_freezes.insert(facts.entryId);
    if (const Found found = checkRole(facts, signer))
        return found;
    if (facts.type == "promotion")
        m_asked.insert(facts.entryId, {shared(signer.person), facts.application, facts.environment, {facts.digest}});
    if (facts.type == "approval" || facts.type == "breakGlass") { // the artifact may be another one by then
        const auto asked = m_asked.find(facts.reference);
        if (asked != m_asked.end() && asked->application == facts.application &&
            asked->environment == facts.environment && !asked->digests.contains(facts.digest))
            asked->digests.append(facts.digest);
    }
    if (facts.type == "claim")
        return checkClaim(facts, signer);
    if (facts.type == "promotionOutcome")
        return checkOutcome(facts, signer);
    if (facts.type == "policyCountersign")
        return checkCountersign(facts, signer);
    return {};
}

namespace
{

std::optional<Deed> deedOf(const QByteArray &type, bool isOfFreeze)
{
    if (type == "approval")
        return Deed::Approve;
    if (type == "breakGlass")
        return Deed::ActAlone;
    if (type == "countersign")
        return Deed::Countersign;
    if (type == "freeze")
        return Deed::OrderFreeze;
    if (type == "lift")
        return isOfFreeze ? Deed::LiftFreeze : Deed::LiftHold;
    return std::nullopt;
}

QString deedText(Deed deed)
{
    switch (deed) {
    case Deed::Approve:
        return LedgerVerifyText::tr("%1 approved a promotion without a role that may at that time: %2.");
    case Deed::ActAlone:
        return LedgerVerifyText::tr("%1 acted alone without a role that may at that time: %2.");
    case Deed::Countersign:
        return LedgerVerifyText::tr("%1 countersigned a break-glass without a role that may at that time: %2.");
    case Deed::OrderFreeze:
        return LedgerVerifyText::tr("%1 ordered a freeze without a role that may at that time: %2.");
    case Deed::LiftFreeze:
        return LedgerVerifyText::tr("%1 lifted a freeze without a role that may at that time: %2.");
    case Deed::LiftHold:
        return LedgerVerifyText::tr("%1 lifted a hold without a role that may at that time: %2.");
    }
    return {};
}

} // namespace

// Everybody with a role may ask, reject, hold, note and operate: that stops things or says what was done. What lets
// something go on, or stops everybody, takes a role that the policy names for it.
ChainRules::Found ChainRules::checkRole(const CommitFacts &facts, const Signer &signer)
{
    const auto deed = deedOf(facts.type, m_freezes.contains(facts.reference));
    const auto needed = deed ? m_inForce.policy->rolesFor(*deed, QString::fromUtf8(facts.application),
                                                          QString::fromUtf8(facts.environment))
                             : std::nullopt;
    if (!needed)
        return {};
    const QStringList roles = rolesOf(signer.person);
    if (std::any_of(roles.cbegin(), roles.cend(), [&needed](const QString &role) { return needed->contains(role); }))
        return {};
    const QString may =
        needed->isEmpty() ? LedgerVerifyText::tr("the policy let nobody do that") : needed->join(QStringLiteral(", "));
    return {Fault::RoleMissing, deedText(*deed).arg(signer.name, may)};
}

// Of a claim its claimant tells the end, or an admin who cleans up behind a program that is gone.
ChainRules::Found ChainRules::checkOutcome(const CommitFacts &facts, const Signer &signer) const
{
    const auto claimed = m_claims.constFind(facts.reference);
    const bool isOwn =
        claimed != m_claims.constEnd() && (claimed->by.person == signer.person || claimed->by.name == signer.name);
    if (isOwn || m_inForce.policy->admins().contains(signer.person))
        return {};
    return {Fault::RoleMissing,
            LedgerVerifyText::tr("%1 told how the promotion %2 ended, but had not claimed it and was no admin at that "
                                 "time.")
                .arg(signer.name, printable(facts.reference))};
}

// One that was not theirs to make takes nothing from whoever claims it rightly behind it.
ChainRules::Found ChainRules::checkClaim(const CommitFacts &facts, const Signer &signer)
{
    const auto asked = m_asked.constFind(facts.reference);
    if (asked == m_asked.constEnd())
        return {Fault::ClaimUnknown,
                LedgerVerifyText::tr("It claims the promotion %1, which nobody had asked for by then.")
                    .arg(printable(facts.reference))};
    if (asked->application != facts.application || asked->environment != facts.environment)
        return {Fault::ClaimUnknown,
                LedgerVerifyText::tr("It claims the promotion %1 as one of %2 to %3, but asked for was %4 to %5.")
                    .arg(printable(facts.reference), printable(facts.application), printable(facts.environment),
                         printable(asked->application), printable(asked->environment))};
    if (!asked->digests.contains(facts.digest) &&
        m_inForce.policy->needsApproval(QString::fromUtf8(asked->application), QString::fromUtf8(asked->environment)))
        return {Fault::ClaimUnknown,
                LedgerVerifyText::tr(
                    "It claims the promotion %1 for %2, which nobody asked for or approved by then: asked for was "
                    "%3.")
                    .arg(printable(facts.reference), printable(facts.digest), printable(asked->digests.first()))};
    if (!m_inForce.policy->mayClaim(signer.person, asked->by, QString::fromUtf8(asked->application),
                                    QString::fromUtf8(asked->environment)))
        return {Fault::RoleMissing,
                LedgerVerifyText::tr(
                    "%1 claimed the promotion %2, but had not asked for it, could not approve it and was no "
                    "executor of %3 at that time.")
                    .arg(signer.name, printable(facts.reference), printable(asked->environment))};
    const auto first = m_claims.constFind(facts.reference);
    if (first != m_claims.constEnd())
        return {Fault::ClaimedTwice,
                LedgerVerifyText::tr("The promotion %1 was claimed before, by the commit %2; the first one counts.")
                    .arg(printable(facts.reference), shortId(first->commit))};
    m_claims.insert(facts.reference, {facts.id, {shared(signer.name), shared(signer.person)}});
    return {};
}

ChainRules::Found ChainRules::checkCountersign(const CommitFacts &facts, const Signer &signer)
{
    if (!m_inForce.policy->admins().contains(signer.person))
        return {Fault::RoleMissing,
                LedgerVerifyText::tr("%1 countersigned a change of the policy but was no admin at that time.")
                    .arg(signer.name)};
    const auto id = git::ObjectId::fromHex(facts.reference);
    const auto change = std::find_if(m_pending.begin(), m_pending.end(),
                                     [&id](const Change &each) { return id && each.commit == *id; });
    if (change == m_pending.end())
        return {Fault::CountersignUnknown,
                LedgerVerifyText::tr("It countersigns %1, which is no change of the policy that waits for that.")
                    .arg(printable(facts.reference.left(40)))};
    if (change->by == signer.person)
        return {
            Fault::CountersignOwn,
            LedgerVerifyText::tr("%1 countersigned a change of their own; it takes another admin.").arg(signer.name)};
    putInForce(change->rules);
    for (auto each = m_pending.begin(); each != change; ++each)
        m_settled.insert(each->commit,
                         LedgerVerifyText::tr("Part of the change %1, which %2 countersigned by the commit %3.")
                             .arg(shortId(change->commit), signer.name, shortId(facts.id)));
    m_settled.insert(change->commit, LedgerVerifyText::tr("In force since %1 countersigned it by the commit %2.")
                                         .arg(signer.name, shortId(facts.id)));
    m_pending.erase(m_pending.begin(), change + 1); // those before it are part of it
    return {};
}

ChainRules::Found ChainRules::readRules(const CommitFacts &facts, Rules &rules) const
{
    rules.commit = facts.id;
    for (const auto &change : facts.changes) {
        if (change.kind == Kind::Removed)
            return {Fault::PolicyRemoved, LedgerVerifyText::tr("It removes %1.").arg(printable(change.path))};
        if (change.mode != 0100644)
            return {Fault::NotAFile, LedgerVerifyText::tr("%1 is no ordinary file.").arg(printable(change.path))};
    }
    const auto signers = m_fileReader(facts.tree, "allowed_signers");
    const auto policy = m_fileReader(facts.tree, "policy.yaml");
    for (const auto *file : {&signers, &policy}) {
        if (!*file)
            return {Fault::Damaged, file->error().message};
    }
    if (!*signers || !*policy)
        return {Fault::BadStart,
                LedgerVerifyText::tr("A signed ledger begins with a commit that adds allowed_signers and "
                                     "policy.yaml, both, and nothing else.")};
    rules.signers = ssh::AllowedSigners::parse(**signers, QStringLiteral("allowed_signers"));
    for (const auto &note : rules.signers.notes()) {
        if (note.isBad)
            return {Fault::PolicyInvalid, note.text};
    }
    const auto read = m_policyReader(**policy);
    if (!read)
        return {Fault::PolicyInvalid, read.error().message};
    rules.policy = *read;
    return {};
}

bool ChainRules::isPinnedKey(const ssh::PublicKey &key) const
{
    if (m_pin.firstAdmin.isEmpty() || key.fingerprint() == m_pin.firstAdmin)
        return true;
    const auto pinned = ssh::PublicKey::fromLine(m_pin.firstAdmin.toUtf8());
    return pinned && *pinned == key;
}

bool ChainRules::touchesPolicy(const CommitFacts &facts) const
{
    return std::any_of(facts.changes.begin(), facts.changes.end(),
                       [](const auto &change) { return isPolicyFile(change.path); });
}

QString ChainRules::shared(const QString &text)
{
    return *m_texts.insert(text);
}

std::optional<git::ObjectId> ChainRules::policyCommit() const
{
    return m_inForce.policy ? std::optional(m_inForce.commit) : std::nullopt;
}

std::vector<WaitingChange> ChainRules::waiting() const
{
    std::vector<WaitingChange> all;
    for (const Change &each : m_pending)
        all.push_back({each.commit, each.signer, each.by, each.at});
    return all;
}

QStringList ChainRules::problems() const
{
    if (m_start || (m_pin.firstAdmin.isEmpty() && !m_isStartWrong))
        return {};
    return {
        LedgerVerifyText::tr("The ledger was never begun by its first admin: no entry is proven. Look at the one who "
                             "shared it, or fetch it again.")};
}

} // namespace signalbox::ledger
