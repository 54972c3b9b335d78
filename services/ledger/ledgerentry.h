#pragma once

#include "models/domain/drill.h"
#include "models/domain/operation.h"
#include "models/domain/result.h"
#include "models/policy/records.h"

#include <nlohmann/json_fwd.hpp>

#include <QDateTime>
#include <QString>

#include <optional>

namespace signalbox
{

class CanonicalDocument;

// Who acts: the git identity where there is one, and always the account of the operating system.
struct Identity
{
    QString name;
    QString email; // user@host where git has none
    QString user;
    QString host;
    bool operator==(const Identity &) const = default;
};

// How long things took, in ms; none: not known, never 0.
struct OperationDurations
{
    std::optional<qint64> detect;  // from the start of the trouble to the first call
    std::optional<qint64> restore; // from the start of the trouble to the observed effect of going back
    std::optional<qint64> execute; // from the first call to the observed effect
    bool operator==(const OperationDurations &) const = default;
};

// One entry of the ledger: resources/ledger-entry.schema.json, version 1. An operation's outcome; or the debrief of a
// fire drill (then `drill` is set and nothing below it is); or a record about promotions (then `record` is).
struct LedgerEntry
{
    QString id; // ULID: the operation's; also says on which day it is filed
    QString type = QStringLiteral("operation");
    QDateTime at; // UTC, when it was closed
    Identity who;
    QString tool; // "signalbox 0.1.0"
    // Whose ledger it was written for: the policy's `workspace`. A record has to name it; empty: not said.
    QString workspace;

    std::optional<Debrief> drill;         // type "drill"
    std::optional<policy::Record> record; // `type` is policy::recordType() of it

    QString connection;
    QString ns;
    QString application;
    QString environment;

    OperationKind kind = OperationKind::Rollback;
    Direction direction = Direction::Forward;
    bool isProtected = true;
    QString from;
    QString to;
    QString fromHash;
    QString toHash;
    QString effect;
    QString reason;
    struct Step
    {
        QString id;
        QString title;
        QString through;
        bool operator==(const Step &) const = default;
    };
    QList<Step> steps;
    QList<Check> warnings; // checks that did not pass

    Outcome outcome;
    bool isReconciled = false; // closed at a later start, after a crash
    OperationDurations durations;

    bool operator==(const LedgerEntry &) const = default;
};

// An entry for a record, of its type, with an id of that time.
LedgerEntry entryFor(policy::Record record, const QDateTime &at, const Identity &who, const QString &workspace);
// As the policy's decisions read it; none: an entry they do not (a drill). `position` and `signer` come from whoever
// verified the chain.
std::optional<policy::SignedRecord> signedRecord(const LedgerEntry &entry, qint64 position, const QString &signer);

// entries/YYYY/MM/DD/ID.json, by the time in the ULID.
QString ledgerPath(const LedgerEntry &entry);
// A commit message for people: "rollback cart in production: done" and what it was about.
QString ledgerMessage(const LedgerEntry &entry);
nlohmann::json toJson(const LedgerEntry &entry);
// Strict: an unknown version, a missing or mistyped field is Invalid and names the field.
Result<LedgerEntry> ledgerEntryFromJson(const nlohmann::json &json);
Result<LedgerEntry> ledgerEntryFrom(const CanonicalDocument &document); // the same

} // namespace signalbox
