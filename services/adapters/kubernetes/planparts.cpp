#include "services/adapters/kubernetes/planparts.h"

#include "services/adapters/kubernetes/planbasics.h"
#include "services/adapters/kubernetes/planpatch.h"

#include <algorithm>
#include <optional>

namespace signalbox::kubernetes
{

namespace
{

// Members and elements without their values.
Json shapeOf(const Json &value)
{
    Json shape;
    if (value.is_object()) {
        shape = Json::object();
        for (const auto &[key, member] : value.items())
            shape[key] = shapeOf(member);
    } else if (value.is_array()) {
        shape = Json::array();
        for (const Json &element : value)
            shape.push_back(shapeOf(element));
    }
    return shape;
}

// What `live` has in the places of `shape`; none: a place is missing there.
std::optional<Json> cutOut(const Json &shape, const Json &live)
{
    if (shape.is_object()) {
        if (!live.is_object())
            return std::nullopt;
        Json cut = Json::object();
        for (const auto &[key, inner] : shape.items()) {
            const auto found = live.find(key);
            const auto part = found == live.end() ? std::nullopt : cutOut(inner, *found);
            if (!part)
                return std::nullopt;
            cut[key] = *part;
        }
        return cut;
    }
    if (shape.is_array()) {
        if (!live.is_array() || live.size() != shape.size())
            return std::nullopt;
        Json cut = Json::array();
        for (size_t i = 0; i < shape.size(); ++i) {
            const auto part = cutOut(shape[i], live[i]);
            if (!part)
                return std::nullopt;
            cut.push_back(*part);
        }
        return cut;
    }
    return live;
}

// Pointers of what `before` has and `written` has not.
void addGone(const Json &before, const Json &written, const QString &at, Json &gone)
{
    if (before.is_object() && written.is_object()) {
        for (const auto &[key, member] : before.items()) {
            const QString pointer = at + jsonPointer({QString::fromStdString(key)});
            const auto kept = written.find(key);
            if (kept == written.end())
                gone.push_back(pointer.toStdString());
            else
                addGone(member, *kept, pointer, gone);
        }
    } else if (before.is_array() && written.is_array() && before.size() == written.size()) {
        for (size_t i = 0; i < before.size(); ++i)
            addGone(before[i], written[i], at + u'/' + QString::number(i), gone);
    }
}

} // namespace

Json partsOf(const Json &before, const Json &written)
{
    const Json value = withoutNulls(written);
    Json gone = Json::array();
    addGone(withoutNulls(before), value, {}, gone);
    return {{"shape", shapeOf(value)}, {"digest", fingerprintOf(value).toStdString()}, {"gone", gone}};
}

bool holdsParts(const Json &parts, const Json &live)
{
    const auto cut = cutOut(valueAt(parts, "/shape"), live);
    if (!cut || fingerprintOf(*cut) != textAt(parts, "/digest"))
        return false;
    const Json gone = valueAt(parts, "/gone");
    return std::none_of(gone.begin(), gone.end(), [&live](const Json &pointer) {
        const Json *there = atPointer(live, QString::fromStdString(pointer.get<std::string>()));
        return there && !there->is_null();
    });
}

} // namespace signalbox::kubernetes
