#pragma once

#include "models/domain/operation.h"
#include "models/domain/servedmodel.h"

#include <QByteArray>
#include <QDateTime>
#include <QList>
#include <QString>
#include <QStringList>

#include <chrono>
#include <optional>
#include <variant>

// What people and machines put down in the ledger about promotions. The JSON of each is in services/ledger/records;
// every time is UTC.
namespace signalbox::policy
{

// What is to run where. Decisions bind to all four.
struct Subject
{
    QString application;
    QString environment;
    QString digest; // of the artifact: "sha256:..."
    QString commit; // it was built from; empty: not known
    bool operator==(const Subject &) const = default;
};

// What differs between the release that runs and the one that shall; as seen by who asked.
struct ChangeSummary
{
    struct Commit
    {
        QString id;
        QString email;              // the author's
        QDateTime at;               // when it was committed
        QStringList coAuthors = {}; // e-mails that its message names besides
        QString committer = {};     // e-mail of who put it there; empty: the author, or it is not told
        bool operator==(const Commit &) const = default;
    };
    int commitCount = 0;
    int fileCount = 0;
    int linesAdded = 0;
    int linesRemoved = 0;
    int testFileCount = 0;
    QList<Commit> commits; // newest first, at most 500
    QStringList files;     // paths, at most 500
    bool operator==(const ChangeSummary &) const = default;

    bool hasAllCommits() const { return commits.size() == commitCount; }
};

// Somebody asks that a release may go on. The entry's id is the promotion's.
struct PromotionRequest
{
    Subject subject;
    QString version;
    ServedModel model;       // of an AI service; empty: none
    QString fromEnvironment; // where it ran before; empty: the path begins here
    QString replacesDigest;  // what runs there now; empty: not known, or nothing
    QString replacesCommit;
    QString policyCommit; // of the policy that who asked saw
    QString reason;
    std::optional<ChangeSummary> changes;
    std::optional<int> riskPermille; // what the risk model said then; none: too little history
    bool operator==(const PromotionRequest &) const = default;
};

// Whether it tells whom all of what it brings is by: it names the commit that the artifact was built from, and lists
// every commit that does not run there already.
bool listsEveryCommit(const PromotionRequest &request);
// E-mails of the authors that it lists, each once; those that a commit names as its co-authors are authors, too.
QStringList authorsIn(const ChangeSummary &changes);
// E-mails of others who put commits of it there, each once. A vendor's own may be among them: only who is known counts.
QStringList committersIn(const ChangeSummary &changes);

struct Approval
{
    QString promotion;
    Subject subject;
    QString policyCommit; // the policy it was given under
    QString comment;
    bool operator==(const Approval &) const = default;
};

struct Rejection
{
    QString promotion;
    Subject subject;
    QString policyCommit;
    QString comment;
    bool operator==(const Rejection &) const = default;
};

// Who carries it out. The first one wins.
struct Claim
{
    QString promotion;
    Subject subject;
    QString policyCommit;
    bool operator==(const Claim &) const = default;
};

// How a claimed promotion ended.
struct PromotionOutcome
{
    QString promotion;
    QString claim; // the entry's id
    Subject subject;
    OutcomeKind kind = OutcomeKind::Done;
    QString message;
    QString operation;    // the operation's entry; empty: the vendor did it
    QDateTime startedAt;  // invalid: it never began
    QDateTime observedAt; // when the effect was seen; invalid: it was not
    bool isAlone = false; // no other track was there then; false: one was, or it is not told
    bool operator==(const PromotionOutcome &) const = default;
};

// How a freeze comes again: each time `length` long, from where the rule puts its first beginning.
struct FreezeRepeat
{
    QString rule;    // RRULE's value (RFC 5545): "FREQ=WEEKLY;BYDAY=FR"; empty: one that this program cannot read
    QByteArray zone; // IANA; the rule counts by the clocks on its walls
    std::chrono::seconds length{0};
    bool operator==(const FreezeRepeat &) const = default;
};

// No promotion from `from` until `until`, for what fits the two patterns. One that repeats holds within its occurrences
// alone, and `from` to `until` is all of them together: who cannot tell the occurrences has it hold all the time.
struct FreezeOrder
{
    QString application = QStringLiteral("*");
    QString environment = QStringLiteral("*");
    QDateTime from;
    QDateTime until; // the first instant after it
    QString reason;
    std::optional<FreezeRepeat> repeat = {};

    bool isEndless() const { return until >= endless(); } // holds, or comes again, until somebody lifts it
    static QDateTime endless() { return {QDate(9999, 12, 31), QTime(0, 0), Qt::UTC}; }
    bool operator==(const FreezeOrder &) const = default;
};

// Nothing goes on there until somebody lifts it.
struct Hold
{
    QString application;
    QString environment;
    QString reason;
    QString operation; // the rollback's entry; empty: held by hand
    bool operator==(const Hold &) const = default;
};

// Ends a hold, a freeze that was ordered, or the hold that a rollback means.
struct Lift
{
    QString of; // entry
    QString reason;
    bool operator==(const Lift &) const = default;
};

// One person acts alone, for exactly this.
struct BreakGlass
{
    QString promotion; // empty: without one
    Subject subject;
    QString policyCommit;
    QString reason;
    bool operator==(const BreakGlass &) const = default;
};

// Somebody else answers for a break-glass as well.
struct Countersign
{
    QString of; // entry
    QString comment;
    bool operator==(const Countersign &) const = default;
};

// A second admin agrees to a change of the policy or of allowed_signers.
struct PolicyCountersign
{
    QString commit; // the one that changed it
    QString comment;
    bool operator==(const PolicyCountersign &) const = default;
};

struct Note
{
    QString about; // entry; empty: of none
    QString application;
    QString environment;
    QString text;
    bool operator==(const Note &) const = default;
};

using Record = std::variant<PromotionRequest, Approval, Rejection, Claim, PromotionOutcome, FreezeOrder, Hold, Lift,
                            BreakGlass, Countersign, PolicyCountersign, Note>;

// The entry's type: "promotion", "approval", "rejection", "claim", "promotionOutcome", "freeze", "hold", "lift",
// "breakGlass", "countersign", "policyCountersign", "note".
QString recordType(const Record &record);
const QStringList &allRecordTypes();
// In one line, for people who read the repository: English.
QString recordTitle(const Record &record);
// Application and environment it is about, where the record itself says it; empty: it does not.
Subject subjectOf(const Record &record);
// What the operator wrote to it: reason, comment, text.
QString wordsOf(const Record &record);

// What of an operation's entry is read here: a rollback holds what goes on, and times to restore are counted from it.
struct OperationRecord
{
    OperationKind kind = OperationKind::Rollback;
    Direction direction = Direction::Forward;
    QString application;
    QString environment;
    OutcomeKind outcome = OutcomeKind::Done;
    std::optional<qint64> restoreMs; // from the start of the trouble to the effect; none: not known
    QString to = {};                 // of a traffic shift: the shares, "blue 0 %, green 100 %"
    QString from = {};               // likewise, before it
    bool operator==(const OperationRecord &) const = default;
};

// An entry whose signature and place in the chain have been verified.
struct SignedRecord
{
    QString id;          // ULID of the entry
    qint64 position = 0; // in the chain, rising; each once
    QDateTime at;        // as the entry says
    QString signer;      // the key's principal, as allowed_signers names it
    std::variant<Record, OperationRecord> body;

    template <typename T>
    const T *as() const
    {
        const Record *record = std::get_if<Record>(&body);
        return record ? std::get_if<T>(record) : nullptr;
    }
    const OperationRecord *operation() const { return std::get_if<OperationRecord>(&body); }
    bool operator==(const SignedRecord &) const = default;
};

// The first of a text's characters that tell one digest or commit from another: "sha256:77b0…e41c", "9e1c2f7".
QString shortDigest(const QString &digest);
QString shortCommit(const QString &commit);

} // namespace signalbox::policy
