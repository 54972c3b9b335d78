#pragma once

#include <nlohmann/json.hpp>

#include <QByteArray>
#include <QString>
#include <QStringList>

#include <optional>

// RFC 6902 patches whose `test` operations carry what the operator saw, and the reading of such a patch against the
// object as it is now: taken place, still possible, or the world moved.
namespace signalbox::kubernetes
{

// "/spec/template/metadata/annotations/a~1b" of {"spec", ..., "a/b"}.
QString jsonPointer(const QStringList &parts);
// Null: nothing there.
const nlohmann::json *atPointer(const nlohmann::json &object, const QString &pointer);

class JsonPatch
{
public:
    JsonPatch &test(const QString &pointer, const nlohmann::json &value);
    // That `pointer` still is as in `object`. Nothing there is tested as null, which the API servers' library takes for
    // "absent or null" (RFC 6902 alone has no test for absence). The place above it must be there.
    JsonPatch &testSeen(const nlohmann::json &object, const QString &pointer);
    JsonPatch &add(const QString &pointer, const nlohmann::json &value); // replaces what is there
    JsonPatch &replace(const QString &pointer, const nlohmann::json &value);
    JsonPatch &remove(const QString &pointer);
    QByteArray toJson() const;

private:
    JsonPatch &append(const char *op, const QString &pointer, const nlohmann::json *value);
    nlohmann::json m_operations = nlohmann::json::array();
};
extern const char jsonPatchType[]; // application/json-patch+json

struct PatchLook
{
    enum class State {
        Applied,    // what it writes is what is there
        Applicable, // every test would pass: it has not taken place
        Moved,      // neither: something else changed what it tests
    };
    State state = State::Moved;
    QString movedAt; // pointer of the first test that fails
};
PatchLook lookAtPatch(const QByteArray &patch, const nlohmann::json &live);
// Pointer of the first test of `patch` that `live` fails; none: all hold.
std::optional<QString> failedTest(const QByteArray &patch, const nlohmann::json &live);

// `object` after the patch, its tests left aside; for where no server can be asked.
nlohmann::json patched(const nlohmann::json &object, const QByteArray &patch);

// What takes `patch` back: tests that its result is still there, then restores what `before` had.
QByteArray inversePatch(const QByteArray &patch, const nlohmann::json &before, const nlohmann::json &after);

QStringList writtenPointers(const QByteArray &patch); // of its operations that are not tests
// Brings `pointers` back to what `wanted` has, if they still are as in `now` (or still absent); tests of `patch` on
// anything else stay.
QByteArray restoringPatch(const QByteArray &patch, const QStringList &pointers, const nlohmann::json &wanted,
                          const nlohmann::json &now);

// The patch without its preconditions on anything but the uid: what a dry run of a later step can be asked.
QByteArray withoutSeenState(const QByteArray &patch);

// Members that are null count as absent: servers differ in writing them ("creationTimestamp": null).
nlohmann::json withoutNulls(const nlohmann::json &value);
bool isSameJson(const nlohmann::json &a, const nlohmann::json &b);
// `actual` has all that `wanted` has; it may have more members (defaults a newer server filled in), not more elements.
bool holdsJson(const nlohmann::json &actual, const nlohmann::json &wanted);

} // namespace signalbox::kubernetes
