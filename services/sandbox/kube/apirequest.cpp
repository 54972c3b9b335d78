#include "services/sandbox/kube/apirequest.h"

#include "services/sandbox/kube/patches.h"
#include "services/sandbox/kube/statusreply.h"
#include "services/sandbox/kube/tables.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace signalbox::sandbox
{

using Json = nlohmann::json;

std::vector<std::string> segmentsOf(const std::string &path)
{
    std::vector<std::string> segments;
    std::string segment;
    for (const char c : path) {
        if (c != '/') {
            segment += c;
        } else if (!segment.empty()) {
            segments.push_back(std::move(segment));
            segment.clear();
        }
    }
    if (!segment.empty())
        segments.push_back(segment);
    return segments;
}

std::optional<ApiPath> apiPathOf(const std::vector<std::string> &segments, bool isCore)
{
    const std::size_t head = isCore ? 1 : 2;
    if (segments.size() <= head)
        return {};
    ApiPath path;
    if (!isCore)
        path.group = segments[0];
    path.version = segments[head - 1];
    std::vector<std::string> rest(segments.begin() + std::ptrdiff_t(head), segments.end());
    // namespaces/NS/RESOURCE..., but namespaces/NS/status is a namespace's own
    if (rest.size() >= 3 && rest[0] == "namespaces" && rest[2] != "status" && rest[2] != "finalize") {
        path.ns = rest[1];
        rest.erase(rest.begin(), rest.begin() + 2);
    }
    path.plural = rest[0];
    if (rest.size() > 1)
        path.name = rest[1];
    if (rest.size() > 2)
        path.sub = rest[2];
    path.isTooLong = rest.size() > 3;
    return path;
}

std::optional<Shape> shapeOf(const LoopbackRequest &request)
{
    Shape shape;
    if (request.accept.empty())
        return shape;
    if (request.has("includeObject") && !request.value("includeObject").empty())
        shape.includeObject = request.value("includeObject");
    std::size_t start = 0;
    while (start < request.accept.size()) {
        const std::size_t end = std::min(request.accept.find(',', start), request.accept.size());
        std::string one = request.accept.substr(start, end - start);
        one.erase(std::remove(one.begin(), one.end(), ' '), one.end());
        start = end + 1;
        const std::string media = one.substr(0, one.find(';'));
        if (media != "application/json" && media != "*/*" && media != "application/*")
            continue;
        if (one.find("as=Table") != std::string::npos)
            shape.kind = Shape::Kind::Table;
        else if (one.find("as=PartialObjectMetadata") != std::string::npos)
            shape.kind = Shape::Kind::Metadata;
        else if (one.find("as=") != std::string::npos)
            continue; // something newer; the next one will do
        return shape;
    }
    return {};
}

std::string contentTypeOf(const Shape &)
{
    return "application/json";
}

namespace
{

Json metadataOnly(const StoredObject &object)
{
    return {{"kind", "PartialObjectMetadata"},
            {"apiVersion", "meta.k8s.io/v1"},
            {"metadata", object.tree().value("metadata", Json::object())}};
}

} // namespace

std::string shapedObject(const ResourceType &type, const StoredObject &object, const Shape &shape, std::int64_t nowMs,
                         bool hasColumns)
{
    switch (shape.kind) {
    case Shape::Kind::Object:
        return object.json;
    case Shape::Kind::Metadata:
        return metadataOnly(object).dump(-1, ' ', false, Json::error_handler_t::replace);
    case Shape::Kind::Table:
        break;
    }
    Json table = tableOf(type, nowMs, hasColumns);
    table["metadata"]["resourceVersion"] = std::to_string(object.version);
    table["rows"] = Json::array({tableRow(type, object, shape.includeObject, nowMs)});
    return table.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::variant<bool, Refusal> dryRunOf(const LoopbackRequest &request, const std::string &kind)
{
    bool isDry = false;
    for (const auto &[key, value] : request.query) {
        if (key != "dryRun")
            continue;
        if (value != "All") {
            return invalid("meta.k8s.io", kind, {},
                           {{"FieldValueNotSupported",
                             "Unsupported value: []string{\"" + value + "\"}: supported values: \"All\"", "dryRun"}});
        }
        isDry = true;
    }
    return isDry;
}

std::optional<Refusal> applyRequestPatch(const LoopbackRequest &request, const ResourceType &type, Json &object)
{
    const std::string media = request.contentType.substr(0, request.contentType.find(';'));
    const Json patch = Json::parse(request.body, nullptr, false);
    const bool isStrategic = media == "application/strategic-merge-patch+json";
    if (media != "application/json-patch+json" && media != "application/merge-patch+json" &&
        !(isStrategic && type.isBuiltIn)) {
        return unsupportedMediaType(type.isBuiltIn ? "application/json-patch+json, application/merge-patch+json, "
                                                     "application/strategic-merge-patch+json"
                                                   : "application/json-patch+json, application/merge-patch+json");
    }
    if (patch.is_discarded())
        return badRequest("unexpected end of JSON input");
    if (isStrategic)
        return applyStrategicPatch(type, object, patch);
    if (media == "application/merge-patch+json")
        return applyMergePatch(object, patch);
    return applyJsonPatch(object, patch);
}

Refusal badVersion(const std::string &text)
{
    return unexpected("resourceVersion: Invalid value: \"" + text + "\": strconv.ParseUint: parsing \"" + text +
                      "\": invalid syntax");
}

std::string verbOf(const LoopbackRequest &request, const ApiPath &path)
{
    if (request.method == "POST")
        return "create";
    if (request.method == "PUT")
        return "update";
    if (request.method == "PATCH")
        return "patch";
    if (request.method == "DELETE")
        return path.name.empty() ? "deletecollection" : "delete";
    if (!path.name.empty())
        return "get";
    const std::string watch = request.value("watch");
    return watch == "1" || watch == "true" ? "watch" : "list";
}

} // namespace signalbox::sandbox
