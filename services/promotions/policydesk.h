#pragma once

#include "services/async/serialqueue.h"
#include "services/gate/ledgerhead.h"
#include "services/ledger/ledger.h"
#include "services/ledger/ledgerrules.h"
#include "services/ports/policychanges.h"

#include <functional>
#include <memory>
#include <optional>

namespace signalbox
{

class TeamLedger;

// What to change, as it was given.
struct PolicyOrder
{
    std::optional<QByteArray> policy; // none: stays as it is
    std::optional<QByteArray> allowedSigners;
    QString policyFile = QStringLiteral("policy.yaml"); // how errors name them
    QString signersFile = QStringLiteral("allowed_signers");
    QString reason;
};

// A change before it is signed.
struct PolicyDraft
{
    LedgerRules seen; // the newest there are, what waits included
    LedgerRules now;
    QString policyCommit;       // in force when it was drafted
    RulesDifference difference; // against what is in force
    QStringList takesAlong;     // changes that wait already, and become part of it
    QStringList mayCountersign; // principals; empty: it is in force at once
    policy::Permission may;     // whether this operator may make it
    QString reason;
};

// Changing policy.yaml and allowed_signers by two admins (DESIGN 6): one signs the change, another countersigns it.
//
//   draft -> change (a commit of its own, signed) -> waits -> countersign (an entry of another admin) -> in force
//
// Works where the shared ledger is away: what is written here waits and is sent later; when others decided about the
// policy meanwhile it is dropped then, and TeamLedger says so. GUI thread; git and verifying on a worker.
class PolicyDesk : public PolicyChanges
{
    Q_OBJECT
public:
    // Borrowed. `who`: on a worker.
    explicit PolicyDesk(TeamLedger &ledger, std::function<Identity()> who = operatorIdentity,
                        QObject *parent = nullptr);
    ~PolicyDesk() override;
    // Shared with others of this ledger: what one of them proved is not proven again. First of all.
    void setHeads(std::shared_ptr<policy::HeadFollower> heads) { m_heads = std::move(heads); }

    const PolicyBoard &board() const override { return m_board; }
    [[nodiscard]] QFuture<Result<PolicyBoard>> look(StopToken stop) override;
    [[nodiscard]] QFuture<Result<PolicyBoard>> lookHere(StopToken stop) override;
    // Checks it; writes nothing. Invalid: a sentence for each mistake (file, line, path). Refused: nothing changes.
    [[nodiscard]] QFuture<Result<PolicyDraft>> draft(PolicyOrder order, StopToken stop);
    // Conflict, and nothing written, when the policy is another one by now.
    [[nodiscard]] QFuture<Result<PolicyWritten>> change(PolicyDraft seen);
    [[nodiscard]] QFuture<Result<PolicyWritten>> countersign(QString commit, QString seenPolicyCommit,
                                                             QString comment) override;
    [[nodiscard]] QFuture<Result<PolicyWritten>> note(policy::Note note) override;
    // The newest two files, what waits included: to be edited.
    [[nodiscard]] QFuture<Result<LedgerRules>> newestRules();

private:
    struct Reading
    {
        std::shared_ptr<const policy::LedgerHead> head;
        policy::BoardOperator me;
        Identity who;
        std::optional<Error> isOld;
    };
    enum class For { Here, Look, Decide };
    QFuture<Result<Reading>> read(For purpose, const StopToken &stop);
    QFuture<Result<PolicyBoard>> show(const QFuture<Result<Reading>> &reading);
    QFuture<Result<PolicyWritten>> send(PolicyWritten written, std::optional<LedgerRules> rules = {});
    QString address() const;

    TeamLedger &m_ledger;
    std::function<Identity()> m_who;
    PolicyBoard m_board;
    StopSource m_gone;
    std::shared_ptr<policy::HeadFollower> m_heads;
    SerialQueue m_queue; // goes first: what it runs has values only
};

} // namespace signalbox
