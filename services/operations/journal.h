#pragma once

#include "models/domain/operation.h"
#include "models/domain/result.h"
#include "services/async/serialqueue.h"
#include "services/ledger/ledgerentry.h"

#include <QDateTime>
#include <QFuture>
#include <QStringList>

#include <optional>

namespace signalbox
{

// What is written, and synced, before the first call of an operation.
struct JournalIntent
{
    QString id; // the operation's
    QDateTime at;
    QString process; // LocalLocks::process() of the writer
    Identity who;
    QDateTime problemSince;           // may be invalid
    Plan plan;                        // read back: without bodies, undo and differences
    QStringList sentSteps;            // read back: whose call was about to leave
    std::optional<PlanStep> reversal; // read back: the step that was to take it all back
    QString ledger;                   // read back: where its outcome belongs (Journal::setLedger()); empty: not said
    QDateTime elsewhereSince = {}; // read back: its connection leads to another server since then; invalid: it does not
};

struct JournalClosed
{
    JournalIntent intent;
    Outcome outcome;
    bool isReconciled = false;
};

struct JournalReading
{
    QList<JournalIntent> open;       // no outcome; also those of processes that still run
    QList<JournalClosed> unrecorded; // closed, but not in the ledger yet
    int damagedLines = 0;            // skipped: torn by a crash or edited
    QString damagedFile;             // the first such
};

// JSON lines, one file a month (FOLDER/journal/2026-11.jsonl), several processes may append. It never holds bodies of
// calls or differences, which may carry values of a template's variables, only their SHA-256. Calls from any thread,
// answers by future; one thread of its own does the writing, in order.
class Journal
{
public:
    explicit Journal(QString folder, int keepMonths = 13);

    // What intents say from now on of where their outcome belongs: a name of the ledger that a moved folder keeps. From
    // the thread that writes intents.
    void setLedger(QString name) { m_ledger = std::move(name); }
    [[nodiscard]] QFuture<Result<void>> writeIntent(JournalIntent intent); // synced
    [[nodiscard]] QFuture<Result<void>> writeStep(const QString &id, const PlanStep &step, bool isReversal,
                                                  const QDateTime &at);
    [[nodiscard]] QFuture<Result<void>> writeWithdrawn(const QString &id, const QDateTime &at); // nothing was sent
    [[nodiscard]] QFuture<Result<void>> writeOutcome(const QString &id, Outcome outcome, bool isReconciled); // synced
    // Its connection was found to lead to another server. The first such line counts.
    [[nodiscard]] QFuture<Result<void>> writeElsewhere(const QString &id, const QDateTime &at); // synced
    [[nodiscard]] QFuture<Result<void>> writeRecorded(const QString &id, const QDateTime &at);  // it is in the ledger
    [[nodiscard]] QFuture<Result<JournalReading>> read();
    // Deletes months older than `keepMonths` that hold nothing open or unrecorded.
    [[nodiscard]] QFuture<Result<void>> prune(const QDateTime &now);

private:
    QFuture<Result<void>> append(QByteArray line, const QDateTime &at, bool sync);

    QString m_folder; // .../journal
    QString m_ledger;
    int m_keepMonths;
    SerialQueue m_queue;
};

} // namespace signalbox
