#pragma once

#include "models/domain/result.h"
#include "models/policy/promotionboard.h"
#include "services/async/stoptoken.h"

#include <QFuture>
#include <QObject>

#include <optional>

namespace signalbox
{

// What differs between two states of policy.yaml and allowed_signers.
struct RulesDifference
{
    QStringList words;  // what it means, a sentence each
    QByteArray unified; // as `git diff` has it, of both files
    bool operator==(const RulesDifference &) const = default;
};

// A change that waits for a second admin. Not in force until then.
struct PolicyChangeCard
{
    QString commit; // of the ledger
    QString who;    // principal, or the signer's name
    QDateTime at;
    QString reason;             // empty: none was given
    QStringList mayCountersign; // principals
    policy::Permission mine;    // whether this operator may
    RulesDifference difference; // against what is in force: countersigning it takes those before it along
    QStringList takesAlong;     // commits of those before it
    bool operator==(const PolicyChangeCard &) const = default;
};

struct PolicyBoard
{
    QString ledger; // address or folder, for people
    QString tip;
    QString policyCommit; // whose policy is in force
    policy::BoardOperator me;
    QStringList admins;              // of the policy in force
    QList<PolicyChangeCard> waiting; // oldest first
    std::optional<Error> isOld;      // the shared ledger could not be reached: others may have gone on
    bool operator==(const PolicyBoard &) const = default;
};

// What came of writing.
struct PolicyWritten
{
    QString commit;                         // of the change, where it stands now; empty: it was a note
    QString entry;                          // of the countersignature or the note; empty: it was a change
    bool isInForce = false;                 // the change
    QStringList mayCountersign = {};        // while it is not
    std::optional<Error> shareProblem = {}; // it is on this machine, and is sent later
};

// What waits for a second admin, countersigning it, and remarks. Calls come from the GUI thread and return at once;
// every future ends with one Result.
class PolicyChanges : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;
    ~PolicyChanges() override;

    // As of the last look.
    virtual const PolicyBoard &board() const = 0;
    // Fetches what others wrote, where that can be done without a touch, and reads. NotFound: there is no ledger;
    // Unsupported: it is not signed; Refused: it cannot be trusted.
    [[nodiscard]] virtual QFuture<Result<PolicyBoard>> look(StopToken stop) = 0;
    // Without asking the remote.
    [[nodiscard]] virtual QFuture<Result<PolicyBoard>> lookHere(StopToken stop) = 0;
    // `commit`: its name, or at least 7 digits of it. Conflict when another policy is in force than was seen; Refused
    // for whoever made it, and for who is no admin.
    [[nodiscard]] virtual QFuture<Result<PolicyWritten>> countersign(QString commit, QString seenPolicyCommit,
                                                                     QString comment) = 0;
    // A remark, signed. Unsupported: the ledger is not signed; Refused: what this operator signs would not count.
    [[nodiscard]] virtual QFuture<Result<PolicyWritten>> note(policy::Note note) = 0;

signals:
    void boardChanged();
};

} // namespace signalbox
