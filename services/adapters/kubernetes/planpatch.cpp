#include "services/adapters/kubernetes/planpatch.h"

#include <algorithm>

namespace signalbox::kubernetes
{

using Json = nlohmann::json;

const char jsonPatchType[] = "application/json-patch+json";

QString jsonPointer(const QStringList &parts)
{
    QString pointer;
    for (QString part : parts) {
        part.replace(u'~', QLatin1String("~0")).replace(u'/', QLatin1String("~1"));
        pointer += u'/' + part;
    }
    return pointer;
}

const Json *atPointer(const Json &object, const QString &pointer)
{
    const Json *node = &object;
    for (QString part : pointer.split(u'/').mid(1)) {
        part.replace(QLatin1String("~1"), QLatin1String("/")).replace(QLatin1String("~0"), QLatin1String("~"));
        if (node->is_object()) {
            const auto it = node->find(part.toStdString());
            if (it == node->end())
                return nullptr;
            node = &*it;
        } else if (node->is_array()) {
            bool isIndex = false;
            const uint index = part.toUInt(&isIndex);
            if (!isIndex || index >= node->size())
                return nullptr;
            node = &(*node)[index];
        } else {
            return nullptr;
        }
    }
    return node;
}

JsonPatch &JsonPatch::append(const char *op, const QString &pointer, const Json *value)
{
    Json operation = {{"op", op}, {"path", pointer.toStdString()}};
    if (value)
        operation["value"] = *value;
    m_operations.push_back(std::move(operation));
    return *this;
}

JsonPatch &JsonPatch::test(const QString &pointer, const Json &value)
{
    return append("test", pointer, &value);
}

JsonPatch &JsonPatch::testSeen(const Json &object, const QString &pointer)
{
    const Json *there = atPointer(object, pointer);
    return test(pointer, there ? *there : Json());
}

JsonPatch &JsonPatch::add(const QString &pointer, const Json &value)
{
    return append("add", pointer, &value);
}

JsonPatch &JsonPatch::replace(const QString &pointer, const Json &value)
{
    return append("replace", pointer, &value);
}

JsonPatch &JsonPatch::remove(const QString &pointer)
{
    return append("remove", pointer, nullptr);
}

QByteArray JsonPatch::toJson() const
{
    return QByteArray::fromStdString(m_operations.dump());
}

Json withoutNulls(const Json &value)
{
    if (value.is_object()) {
        Json kept = Json::object();
        for (const auto &[key, member] : value.items()) {
            if (!member.is_null())
                kept[key] = withoutNulls(member);
        }
        return kept;
    }
    if (value.is_array()) {
        Json kept = Json::array();
        for (const Json &element : value)
            kept.push_back(withoutNulls(element));
        return kept;
    }
    return value;
}

bool isSameJson(const Json &a, const Json &b)
{
    return withoutNulls(a) == withoutNulls(b);
}

bool holdsJson(const Json &actual, const Json &wanted)
{
    if (wanted.is_object() && actual.is_object()) {
        const auto items = wanted.items();
        return std::all_of(items.begin(), items.end(), [&actual](const auto &item) {
            if (item.value().is_null())
                return true;
            const auto it = actual.find(item.key());
            return it != actual.end() && holdsJson(*it, item.value());
        });
    }
    if (wanted.is_array() && actual.is_array()) {
        if (wanted.size() != actual.size())
            return false;
        for (size_t i = 0; i < wanted.size(); ++i) {
            if (!holdsJson(actual[i], wanted[i]))
                return false;
        }
        return true;
    }
    return actual == wanted;
}

namespace
{

bool isThere(const Json &live, const Json &operation, bool exactly)
{
    const Json *there = atPointer(live, QString::fromStdString(operation.at("path")));
    if (operation.at("op") == "remove")
        return !there;
    if (!there)
        return operation.at("value").is_null(); // testSeen()
    return exactly ? isSameJson(*there, operation.at("value")) : holdsJson(*there, operation.at("value"));
}

bool isApplied(const Json &operations, const Json &live, bool exactly)
{
    return std::all_of(operations.begin(), operations.end(), [&](const Json &operation) {
        if (operation.at("op") == "test") // the identity stays what it was, the rest is what gets replaced
            return operation.at("path") != "/metadata/uid" || isThere(live, operation, true);
        return isThere(live, operation, exactly);
    });
}

} // namespace

PatchLook lookAtPatch(const QByteArray &patch, const Json &live)
{
    const Json operations = Json::parse(patch.begin(), patch.end());
    if (isApplied(operations, live, true))
        return {PatchLook::State::Applied, {}};
    const std::optional<QString> failed = failedTest(patch, live);
    if (!failed)
        return {PatchLook::State::Applicable, {}};
    if (isApplied(operations, live, false))
        return {PatchLook::State::Applied, {}};
    return {PatchLook::State::Moved, *failed};
}

std::optional<QString> failedTest(const QByteArray &patch, const Json &live)
{
    const Json operations = Json::parse(patch.begin(), patch.end());
    for (const Json &operation : operations) {
        if (operation.at("op") == "test" && !isThere(live, operation, true))
            return QString::fromStdString(operation.at("path"));
    }
    return std::nullopt;
}

Json patched(const Json &object, const QByteArray &patch)
{
    const Json operations = Json::parse(patch.begin(), patch.end());
    Json result = object;
    for (const Json &operation : operations) {
        if (operation.at("op") == "test")
            continue;
        try {
            result = result.patch(Json::array({operation}));
        } catch (const Json::exception &) { // nothing there to replace or remove
            continue;
        }
    }
    return result;
}

namespace
{

bool isRelated(const QString &a, const QString &b) // the same place, or one within the other
{
    return a == b || a.startsWith(b + u'/') || b.startsWith(a + u'/');
}

} // namespace

QStringList writtenPointers(const QByteArray &patch)
{
    const Json operations = Json::parse(patch.begin(), patch.end());
    QStringList pointers;
    for (const Json &operation : operations) {
        if (operation.at("op") != "test")
            pointers.append(QString::fromStdString(operation.at("path")));
    }
    return pointers;
}

QByteArray restoringPatch(const QByteArray &patch, const QStringList &pointers, const Json &wanted, const Json &now)
{
    const Json operations = Json::parse(patch.begin(), patch.end());
    JsonPatch restoring;
    for (const Json &operation : operations) { // identity and place: what the patch tests but does not write
        const QString pointer = QString::fromStdString(operation.at("path"));
        const bool isWritten = std::any_of(pointers.begin(), pointers.end(),
                                           [&pointer](const QString &p) { return isRelated(p, pointer); });
        if (operation.at("op") == "test" && !isWritten)
            restoring.test(pointer, operation.at("value"));
    }
    for (const QString &pointer : pointers) {
        if (atPointer(now, pointer.section(u'/', 0, -2)))
            restoring.testSeen(now, pointer);
    }
    for (const QString &pointer : pointers) {
        if (const Json *old = atPointer(wanted, pointer))
            restoring.add(pointer, *old);
        else if (atPointer(now, pointer))
            restoring.remove(pointer);
    }
    return restoring.toJson();
}

QByteArray inversePatch(const QByteArray &patch, const Json &before, const Json &after)
{
    return restoringPatch(patch, writtenPointers(patch), before, after);
}

QByteArray withoutSeenState(const QByteArray &patch)
{
    const Json operations = Json::parse(patch.begin(), patch.end());
    Json kept = Json::array();
    for (const Json &operation : operations) {
        if (operation.at("op") != "test" || operation.at("path") == "/metadata/uid")
            kept.push_back(operation);
    }
    return QByteArray::fromStdString(kept.dump());
}

} // namespace signalbox::kubernetes
