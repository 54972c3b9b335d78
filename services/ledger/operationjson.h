#pragma once

#include "models/domain/operation.h"
#include "models/domain/result.h"
#include "services/ledger/canonicaldocument.h"
#include "services/ledger/ledgerentry.h"

#include <nlohmann/json.hpp>

#include <QVarLengthArray>

#include <functional>
#include <initializer_list>

// JSON of the values that both the journal and the ledger keep. Reading is strict: what is missing or mistyped is
// Invalid and named. Times are ISO 8601, UTC, with ms; an unknown time is left out.
namespace signalbox::operationjson
{

using Json = nlohmann::json;

// Thrown by Fields, caught by decode(): never leaves these files' callers.
struct BadField
{
    QString path;
    QString expected;
};

// The fields of one object, of either kind of JSON, which has to outlive them as the keys have to. Each function throws
// BadField.
class Fields
{
public:
    explicit Fields(const Json &object);
    explicit Fields(const CanonicalDocument &document);

    QString text(const char *key) const;
    QString text(const char *key, const QString &fallback) const;
    qint64 number(const char *key) const;
    std::optional<qint64> maybeNumber(const char *key) const;
    bool flag(const char *key) const;
    QDateTime time(const char *key) const;      // required
    QDateTime maybeTime(const char *key) const; // invalid where it is missing
    Fields object(const char *key) const;
    bool has(const char *key) const;
    bool hasOnly(std::initializer_list<const char *> keys) const;                       // or fewer of them
    QStringList texts(const char *key) const;                                           // of an array of texts
    void each(const char *key, const std::function<void(const Fields &)> &visit) const; // of an array of objects
    // The value whose name stands there.
    template <typename Enum>
    Enum named(const char *key, const QList<Enum> &all, QString (*nameOf)(Enum)) const
    {
        const QString name = text(key);
        for (Enum value : all) {
            if (nameOf(value) == name)
                return value;
        }
        fail(key, "a known name, not " + name.toStdString());
    }
    [[noreturn]] void fail(const char *key, const std::string &expected) const;

private:
    // A value of either kind; both null: there is none.
    struct Value
    {
        const Json *json = nullptr;
        const CanonicalDocument::Value *canonical = nullptr;
        explicit operator bool() const { return json || canonical; }
    };
    struct Step // on the way from the top: for what is said of a bad field
    {
        const char *key = nullptr;
        int index = -1; // in the array of that key; -1: it is none
    };
    using Path = QVarLengthArray<Step, 6>;

    Fields(Value object, Path path);
    Value find(const char *key) const;
    Value array(const char *key) const;
    Path below(const char *key, int index = -1) const;

    Value m_object;
    Path m_path;
};

// Runs `read` and turns BadField into an Error that begins with `what`.
template <typename T, typename Read>
Result<T> decode(const QString &what, Read read)
{
    try {
        return Result<T>(read());
    } catch (const BadField &bad) {
        return Error{ErrorKind::Invalid, QStringLiteral("%1: %2 should be %3.").arg(what, bad.path, bad.expected), {}};
    }
}

std::string utf8(const QString &text);
std::string timeText(const QDateTime &time);

const QList<OperationKind> &allOperationKinds();
const QList<CheckId> &allChecks();
const QList<OutcomeKind> &allOutcomes();
const QList<ErrorKind> &allErrorKinds();
QString directionName(Direction direction); // "forward" "back"
QString checkStateName(CheckState state);   // "pass" "warn" "block"
const QList<Direction> &allDirections();
const QList<CheckState> &allCheckStates();

Json toJson(const Check &check);
Check checkFrom(const Fields &fields);
Json toJson(const Outcome &outcome);
Outcome outcomeFrom(const Fields &fields);
Json toJson(const Identity &identity);
Identity identityFrom(const Fields &fields);

} // namespace signalbox::operationjson
