#include "services/promotions/policydesk.h"

#include "models/policy/decisionwords.h"
#include "models/policy/policydifference.h"
#include "services/async/chain.h"
#include "services/git/bufferdiff.h"
#include "services/ledger/sharing/ledgershare.h"
#include "services/ledger/sharing/teamledger.h"
#include "services/ledger/signing/allowedsigners.h"
#include "services/ledger/verify/chainrules.h"
#include "services/policy/policydecoder.h"
#include "services/promotions/ledgerdesk_p.h"
#include "services/promotions/ledgeroperator.h"
#include "services/promotions/promotionstext.h"

#include <QFileInfo>

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr qsizetype shortestChangeName = 7; // of a commit

QString lineOf(const ssh::AllowedSigner &one)
{
    QString text = QStringLiteral("%1 (%2)").arg(QString::fromUtf8(one.principals), one.key.fingerprint());
    if (one.validAfter.isValid())
        text += PromotionsText::tr(" from %1").arg(policy::words::time(one.validAfter));
    if (one.validBefore.isValid())
        text += PromotionsText::tr(" until %1").arg(policy::words::time(one.validBefore));
    return text;
}

QStringList signersInWords(const QByteArray &before, const QByteArray &after)
{
    const auto linesOf = [](const QByteArray &text) {
        QStringList lines;
        const auto signers = ssh::AllowedSigners::parse(text, QStringLiteral("allowed_signers"));
        for (const ssh::AllowedSigner &one : signers.lines())
            lines.append(lineOf(one));
        return lines;
    };
    const QStringList had = linesOf(before);
    const QStringList has = linesOf(after);
    QStringList words;
    for (const QString &line : has) {
        if (!had.contains(line))
            words.append(PromotionsText::tr("May sign: %1.").arg(line));
    }
    for (const QString &line : had) {
        if (!has.contains(line))
            words.append(PromotionsText::tr("May not sign any more: %1.").arg(line));
    }
    return words;
}

RulesDifference differenceOf(const LedgerRules &before, const LedgerRules &after)
{
    RulesDifference difference;
    const auto was = policy::parsePolicy(before.policy, QStringLiteral("policy.yaml"));
    const auto is = policy::parsePolicy(after.policy, QStringLiteral("policy.yaml"));
    if (was && is)
        difference.words = policy::differenceInWords(*was, *is);
    difference.words += signersInWords(before.allowedSigners, after.allowedSigners);
    difference.unified =
        git::unifiedDiff(before.policy, after.policy, QStringLiteral("policy.yaml")) +
        git::unifiedDiff(before.allowedSigners, after.allowedSigners, QStringLiteral("allowed_signers"));
    if (difference.words.isEmpty() && !difference.unified.isEmpty())
        difference.words.append(PromotionsText::tr("Nothing but remarks and layout."));
    return difference;
}

QStringList without(QStringList names, const QString &name)
{
    names.removeAll(name);
    return names;
}

policy::Permission mayCountersign(const policy::LedgerHead &head, const policy::WaitingChange &change,
                                  const policy::BoardOperator &me)
{
    if (!me.problem.isEmpty())
        return {false, me.problem};
    const QStringList others = without(head.policy.members({policy::adminsRole()}), change.who);
    const QString who = others.isEmpty() ? PromotionsText::tr("there is none") : others.join(QStringLiteral(", "));
    if (change.who == me.principal)
        return {false, PromotionsText::tr("You made this change: another admin has to countersign it (%1).").arg(who)};
    if (!head.policy.isMember(me.principal, {policy::adminsRole()}))
        return {false, PromotionsText::tr("Only an admin may countersign a change of the policy (%1).").arg(who)};
    return {true, {}};
}

policy::Permission mayChange(const policy::LedgerHead &head, const policy::BoardOperator &me)
{
    if (!me.problem.isEmpty())
        return {false, me.problem};
    const QStringList admins = head.policy.members({policy::adminsRole()});
    if (admins.contains(me.principal))
        return {true, {}};
    return {false, PromotionsText::tr("Only an admin may change the policy or allowed_signers (%1).")
                       .arg(admins.join(QStringLiteral(", ")))};
}

// As the chain's verifier judges it, with errors that name the given file.
Result<void> checkRules(const LedgerRules &rules, const PolicyOrder &order)
{
    const auto policy = policy::parsePolicy(rules.policy, order.policyFile);
    if (!policy)
        return policy.error();
    const auto signers = ssh::AllowedSigners::parse(rules.allowedSigners, order.signersFile);
    QStringList wrong;
    for (const ssh::SignerLineNote &note : signers.notes()) {
        if (note.isBad)
            wrong.append(note.text);
    }
    if (!wrong.isEmpty())
        return Error{ErrorKind::Invalid, wrong.join(QLatin1Char('\n')), {}};
    const auto at = ledger::readPolicy(rules.policy);
    if (!at)
        return at.error();
    if (!ledger::hasAdminWithKey(**at, signers, QDateTime::currentDateTimeUtc()))
        return Error{
            ErrorKind::Invalid,
            PromotionsText::tr("%1 and %2 leave no admin with a key that may sign: nobody could ever change the policy "
                               "again. Keep one of the admins of the role \"admins\" in both.")
                .arg(order.policyFile, order.signersFile),
            {}};
    return {};
}

Result<PolicyBoard> boardOf(const QString &path, const policy::LedgerHead &head, const policy::BoardOperator &me)
{
    PolicyBoard board;
    board.tip = head.tip;
    board.policyCommit = head.policyCommit;
    board.me = me;
    board.admins = head.policy.members({policy::adminsRole()});
    if (head.waiting.isEmpty())
        return board;
    auto reader = git::ObjectReader::open(path);
    if (!reader)
        return reader.error();
    const auto inForce = rulesAt(*reader, head.policyCommit);
    if (!inForce)
        return inForce.error();
    QStringList before;
    for (const policy::WaitingChange &change : head.waiting) {
        const auto rules = rulesAt(*reader, change.commit);
        const auto reason = reasonOf(*reader, change.commit);
        if (!rules || !reason)
            return rules ? reason.error() : rules.error();
        board.waiting.append({change.commit, change.who, change.at, *reason, without(board.admins, change.who),
                              mayCountersign(head, change, me), differenceOf(*inForce, *rules), before});
        before.append(change.commit);
    }
    return board;
}

// The rules that a new change starts from: the newest that are proven. What the tip has may be by anybody.
QString baseOf(const policy::LedgerHead &head)
{
    return head.waiting.isEmpty() ? head.policyCommit : head.waiting.last().commit;
}

Result<PolicyDraft> draftOf(const QString &path, const policy::LedgerHead &head, const policy::BoardOperator &me,
                            const PolicyOrder &order)
{
    auto reader = git::ObjectReader::open(path);
    if (!reader)
        return reader.error();
    const auto atTip = rulesAt(*reader, head.tip);
    const auto newest = rulesAt(*reader, baseOf(head));
    const auto inForce = rulesAt(*reader, head.policyCommit);
    if (!atTip || !newest || !inForce)
        return !atTip ? atTip.error() : !newest ? newest.error() : inForce.error();
    PolicyDraft draft;
    draft.seen = *atTip;
    draft.now = {order.allowedSigners.value_or(newest->allowedSigners), order.policy.value_or(newest->policy)};
    if (const auto checked = checkRules(draft.now, order); !checked)
        return checked.error();
    if (draft.now == draft.seen)
        return refused(
            head.waiting.isEmpty()
                ? PromotionsText::tr("The ledger says exactly this already: nothing was written.")
                : PromotionsText::tr("The change %1 says exactly this already, and waits for a second admin. Nothing "
                                     "was written.")
                      .arg(policy::shortCommit(head.waiting.last().commit)));
    draft.policyCommit = head.policyCommit;
    draft.difference = differenceOf(*inForce, draft.now);
    draft.may = mayChange(head, me);
    draft.reason = order.reason.trimmed();
    const QStringList admins = head.policy.members({policy::adminsRole()});
    if (admins.size() > 1)
        draft.mayCountersign = without(admins, me.principal);
    for (const policy::WaitingChange &change : head.waiting)
        draft.takesAlong.append(change.commit);
    return draft;
}

// For whoever reads the repository: English.
QString messageOf(const PolicyDraft &draft)
{
    const bool isPolicy = draft.now.policy != draft.seen.policy;
    const bool isSigners = draft.now.allowedSigners != draft.seen.allowedSigners;
    const QString what = isPolicy && isSigners ? QStringLiteral("policy.yaml and allowed_signers")
                         : isPolicy            ? QStringLiteral("policy.yaml")
                                               : QStringLiteral("allowed_signers");
    const QString subject = QStringLiteral("Change %1\n").arg(what);
    return draft.reason.isEmpty() ? subject : subject + QLatin1Char('\n') + draft.reason + QLatin1Char('\n');
}

Error moved()
{
    return {
        ErrorKind::Conflict,
        PromotionsText::tr("Another policy is in force than the one you looked at, or other changes wait. Nothing was "
                           "written: look again."),
        {}};
}

Error takenBack()
{
    return {ErrorKind::Conflict,
            PromotionsText::tr(
                "Somebody else changed the policy, or countersigned a change, in the same moment: yours was taken "
                "back. Look at theirs, then decide again."),
            {}};
}

// What became of what was written: told by the proven ledger. `rules`: of a change; behind entries of others it is
// another commit.
Result<PolicyWritten> cameOf(const QString &path, PolicyWritten told, const std::optional<LedgerRules> &rules,
                             const PolicyBoard &board)
{
    if (told.commit.isEmpty())
        return told; // a note
    auto reader = git::ObjectReader::open(path);
    if (!reader)
        return reader.error();
    const auto isIt = [&](const QString &commit) -> Result<bool> {
        if (commit == told.commit || !rules)
            return commit == told.commit;
        const auto found = rulesAt(*reader, commit);
        return found ? Result<bool>(*found == *rules) : Result<bool>(found.error());
    };
    for (const PolicyChangeCard &card : board.waiting) {
        const auto is = isIt(card.commit);
        if (!is)
            return is.error();
        if (!*is || (card.commit != told.commit && card.who != board.me.principal))
            continue;
        told.commit = card.commit;
        told.mayCountersign = card.mayCountersign;
        return told;
    }
    const auto isInForce = isIt(board.policyCommit);
    if (!isInForce)
        return isInForce.error();
    if (!*isInForce)
        return takenBack();
    told.commit = board.policyCommit;
    told.isInForce = true;
    return told;
}

} // namespace

PolicyDesk::PolicyDesk(TeamLedger &ledger, std::function<Identity()> who, QObject *parent)
    : PolicyChanges(parent)
    , m_ledger(ledger)
    , m_who(std::move(who))
    , m_heads(std::make_shared<policy::HeadFollower>())
{}

PolicyDesk::~PolicyDesk()
{
    m_gone.request_stop();
}

QString PolicyDesk::address() const
{
    return m_ledger.sharing().isShared() ? m_ledger.sharing().remote : m_ledger.path();
}

QFuture<Result<PolicyDesk::Reading>> PolicyDesk::read(For purpose, const StopToken &stop)
{
    const auto caughtUp =
        purpose == For::Here || !m_ledger.sharing().isShared()
            ? ready(Result<void>())
            : after(this, m_ledger.share(stop, purpose == For::Decide ? Touches::Ask : Touches::Refuse),
                    [](const ShareReport &) { return ready(Result<void>()); });
    return afterAny(this, caughtUp, [this, stop](const Result<void> &caught) {
        if (!caught && caught.error().kind == ErrorKind::Cancelled)
            return ready(Result<Reading>(caught.error()));
        return afterAny(this, m_ledger.signer(stop), [=, this](const Result<std::shared_ptr<ssh::Signer>> &signer) {
            ledger::VerifyOptions options;
            options.pin = m_ledger.pin();
            return m_queue.run([=, path = m_ledger.path(), heads = m_heads, who = m_who]() -> Result<Reading> {
                if (!QFileInfo::exists(path))
                    return Error{
                        ErrorKind::NotFound, PromotionsText::tr("There is no ledger at %1 yet.").arg(path), {}};
                const auto head = heads->read(path, options, stop);
                if (!head)
                    return head.error();
                Reading reading;
                reading.head = *head;
                reading.who = who();
                reading.me = operatorOf(*reading.head, path, signer, reading.who);
                if (!caught)
                    reading.isOld = caught.error();
                return reading;
            });
        });
    });
}

QFuture<Result<PolicyBoard>> PolicyDesk::show(const QFuture<Result<Reading>> &reading)
{
    const auto made = after(this, reading, [this](const Reading &read) {
        return m_queue.run([read, path = m_ledger.path(), shown = address()]() -> Result<PolicyBoard> {
            auto board = boardOf(path, *read.head, read.me);
            if (board) {
                board->ledger = shown;
                board->isOld = read.isOld;
            }
            return board;
        });
    });
    return after(this, made, [this](const PolicyBoard &board) {
        if (!(board == m_board)) {
            m_board = board;
            emit boardChanged();
        }
        return ready(Result<PolicyBoard>(board));
    });
}

QFuture<Result<PolicyBoard>> PolicyDesk::look(StopToken stop)
{
    return show(read(For::Look, stop));
}

QFuture<Result<PolicyBoard>> PolicyDesk::lookHere(StopToken stop)
{
    return show(read(For::Here, stop));
}

QFuture<Result<LedgerRules>> PolicyDesk::newestRules()
{
    return after(this, read(For::Here, m_gone.get_token()), [this](const Reading &reading) {
        return m_queue.run([path = m_ledger.path(), base = baseOf(*reading.head)]() -> Result<LedgerRules> {
            auto reader = git::ObjectReader::open(path);
            return reader ? rulesAt(*reader, base) : Result<LedgerRules>(reader.error());
        });
    });
}

QFuture<Result<PolicyDraft>> PolicyDesk::draft(PolicyOrder order, StopToken stop)
{
    return after(this, read(For::Look, stop), [this, order = std::move(order)](const Reading &reading) {
        return m_queue.run([=, path = m_ledger.path()] { return draftOf(path, *reading.head, reading.me, order); });
    });
}

QFuture<Result<PolicyWritten>> PolicyDesk::change(PolicyDraft seen)
{
    return after(this, read(For::Decide, m_gone.get_token()), [this, seen](const Reading &reading) {
        if (const policy::Permission may = mayChange(*reading.head, reading.me); !may.isGiven)
            return ready(Result<PolicyWritten>(refused(may.reason)));
        QStringList waiting;
        for (const policy::WaitingChange &change : reading.head->waiting)
            waiting.append(change.commit);
        if (reading.head->policyCommit != seen.policyCommit || waiting != seen.takesAlong)
            return ready(Result<PolicyWritten>(moved()));
        const auto written = m_ledger.record()->change(seen.seen, seen.now, messageOf(seen),
                                                       authorOf(reading.who, QDateTime::currentDateTimeUtc()));
        return after(this, written, [this, rules = seen.now](const QString &commit) {
            m_ledger.noteWritten();
            PolicyWritten done;
            done.commit = commit;
            return send(done, rules);
        });
    });
}

QFuture<Result<PolicyWritten>> PolicyDesk::countersign(QString commit, QString seenPolicyCommit, QString comment)
{
    return after(this, read(For::Decide, m_gone.get_token()), [=, this](const Reading &reading) {
        const policy::LedgerHead &head = *reading.head;
        const auto found = std::find_if(head.waiting.cbegin(), head.waiting.cend(), [&](const auto &change) {
            return commit.size() >= shortestChangeName && change.commit.startsWith(commit.toLower());
        });
        if (found == head.waiting.cend())
            return ready(Result<PolicyWritten>(Error{
                ErrorKind::NotFound,
                PromotionsText::tr("No change of the policy %1 waits for a countersignature.").arg(commit.left(40)),
                {}}));
        if (const policy::Permission may = mayCountersign(head, *found, reading.me); !may.isGiven)
            return ready(Result<PolicyWritten>(refused(may.reason)));
        if (head.policyCommit != seenPolicyCommit)
            return ready(Result<PolicyWritten>(moved()));
        const LedgerEntry entry = entryFor(policy::PolicyCountersign{found->commit, comment},
                                           QDateTime::currentDateTimeUtc(), reading.who, head.policy.workspace);
        PolicyWritten done;
        done.commit = found->commit;
        done.entry = entry.id;
        return after(this, m_ledger.append(entry), [this, done](const QString &) { return send(done); });
    });
}

QFuture<Result<PolicyWritten>> PolicyDesk::note(policy::Note note)
{
    if (note.text.trimmed().isEmpty())
        return ready(Result<PolicyWritten>(
            Error{ErrorKind::Invalid, PromotionsText::tr("A note without a word says nothing."), {}}));
    return after(this, read(For::Decide, m_gone.get_token()), [this, note](const Reading &reading) {
        if (!reading.me.problem.isEmpty())
            return ready(Result<PolicyWritten>(refused(reading.me.problem)));
        const LedgerEntry entry =
            entryFor(note, QDateTime::currentDateTimeUtc(), reading.who, reading.head->policy.workspace);
        PolicyWritten done;
        done.entry = entry.id;
        return after(this, m_ledger.append(entry), [this, done](const QString &) { return send(done); });
    });
}

// To where it is shared, and what came of it.
QFuture<Result<PolicyWritten>> PolicyDesk::send(PolicyWritten written, std::optional<LedgerRules> rules)
{
    const auto sent =
        m_ledger.sharing().isShared() ? m_ledger.share(m_gone.get_token()) : ready(Result<ShareReport>(ShareReport()));
    return afterAny(this, sent, [this, written, rules](const Result<ShareReport> &shared) {
        PolicyWritten done = written;
        if (!shared)
            done.shareProblem = shared.error();
        else if (shared->dropped.contains(written.entry.isEmpty() ? written.commit : written.entry))
            return ready(Result<PolicyWritten>(takenBack()));
        return after(this, show(read(For::Here, m_gone.get_token())), [this, done, rules](const PolicyBoard &board) {
            return m_queue.run(
                [path = m_ledger.path(), done, rules, board] { return cameOf(path, done, rules, board); });
        });
    });
}

} // namespace signalbox
