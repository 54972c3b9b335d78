// Lists in pages (k8s.io/apiserver/pkg/storage/etcd3/store.go, pkg/storage/continue.go).
#include "services/sandbox/kube/apirequest.h"
#include "services/sandbox/kube/statusreply.h"
#include "services/sandbox/kube/tables.h"

#include <nlohmann/json.hpp>

#include <QByteArray>

#include <algorithm>
#include <charconv>

namespace signalbox::sandbox
{

using Json = nlohmann::json;

namespace
{

struct Page
{
    std::size_t limit = 0;     // 0: all
    std::string startAfter;    // "ns/name"
    std::uint64_t version = 0; // of the first page; 0: this is the first
};

std::string keyOf(const StoredObject &object)
{
    return object.ns + '/' + object.name;
}

std::string continueToken(const Page &page, const StoredObject &last, std::uint64_t version)
{
    const Json token = {{"v", "meta.k8s.io/v1"}, {"rv", page.version ? page.version : version}, {"start", keyOf(last)}};
    return QByteArray::fromStdString(token.dump())
        .toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals)
        .toStdString();
}

template <typename Number>
std::optional<Number> numberOf(const std::string &text)
{
    Number number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size())
        return {};
    return number;
}

std::optional<Refusal> readContinue(const ApiCall &call, Page &page)
{
    const std::string text = call.request.value("continue");
    if (text.empty())
        return {};
    const QByteArray bytes = QByteArray::fromBase64(QByteArray::fromStdString(text),
                                                    QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
    const Json token = Json::parse(bytes.cbegin(), bytes.cend(), nullptr, false);
    if (!token.is_object() || !token.contains("start") || !token["start"].is_string() || !token.contains("rv") ||
        !token["rv"].is_number_unsigned() || token.value("v", Json()) != "meta.k8s.io/v1") {
        return badRequest("continue key is not valid: invalid character in the token");
    }
    const std::string version = call.request.value("resourceVersion");
    if (!version.empty() && version != "0")
        return badRequest("specifying resource version is not allowed when using continue");
    page.startAfter = token["start"];
    page.version = token["rv"];
    if (page.version < call.store.oldestVersion()) {
        return expired(
            "The provided continue parameter is too old to display a consistent list result. You can start a new list "
            "without the continue parameter, or use the continue token in this response to retrieve the remainder of "
            "the results. Continuing with the provided token results in an inconsistent list - objects that were "
            "created, modified, or deleted between the time the first chunk was returned and now may show up in the "
            "list.");
    }
    return {};
}

std::optional<Refusal> checkVersion(const ApiCall &call)
{
    const std::string text = call.request.value("resourceVersion");
    const std::string match = call.request.value("resourceVersionMatch");
    const std::string listKind = call.type.kind + "List";
    if (!match.empty() && text.empty()) {
        return invalid(
            "meta.k8s.io", "ListOptions", {},
            {{"FieldValueForbidden", "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided",
              "resourceVersionMatch"}});
    }
    if (text.empty() || text == "0")
        return {};
    const auto version = numberOf<std::uint64_t>(text);
    if (!version) {
        return badVersion(text);
    }
    const std::uint64_t now = call.store.version();
    if (*version > now) {
        Refusal refusal;
        refusal.code = 504;
        refusal.reason = "Timeout";
        refusal.message = "Timeout: Too large resource version: " + text + ", current: " + std::to_string(now);
        refusal.causes = {{"ResourceVersionTooLarge", "Too large resource version", {}}};
        refusal.retryAfterSeconds = 1;
        return refusal;
    }
    if (match == "Exact" && *version != now)
        return expired("The resourceVersion for the provided list is too old.");
    return {};
}

std::string wrapped(const ApiCall &call, const std::vector<ObjectPtr> &objects, const Json &metadata)
{
    const auto text = [](const Json &json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); };
    const std::int64_t now = call.store.nowMs();
    if (call.shape.kind == Shape::Kind::Table) {
        Json table = tableOf(call.type, now, true);
        table["metadata"] = metadata;
        for (const ObjectPtr &object : objects)
            table["rows"].push_back(tableRow(call.type, *object, call.shape.includeObject, now));
        return text(table) + '\n';
    }
    const bool isWhole = call.shape.kind == Shape::Kind::Object;
    std::string body = "{\"kind\":\"" + (isWhole ? call.type.kind : std::string("PartialObjectMetadata")) +
                       "List\",\"apiVersion\":\"" + (isWhole ? call.type.groupVersion() : "meta.k8s.io/v1") +
                       "\",\"metadata\":" + text(metadata) + ",\"items\":[";
    std::size_t size = body.size() + 4;
    for (const ObjectPtr &object : objects)
        size += object->json.size() + 1;
    body.reserve(size);
    bool isFirst = true;
    for (const ObjectPtr &object : objects) {
        body += isFirst ? "" : ",";
        isFirst = false;
        body += shapedObject(call.type, *object, call.shape, now);
    }
    return body + "]}\n";
}

} // namespace

LoopbackReply listReply(const ApiCall &call)
{
    std::string problem;
    const auto selection =
        Selection::parse(call.type, call.request.value("labelSelector"), call.request.value("fieldSelector"), problem);
    if (!selection)
        return refusedReply(badRequest(problem));
    Page page;
    if (const std::string limit = call.request.value("limit"); !limit.empty()) {
        const auto number = numberOf<std::int64_t>(limit);
        if (!number)
            return refusedReply(badRequest("strconv.ParseInt: parsing \"" + limit + "\": invalid syntax"));
        page.limit = *number > 0 ? std::size_t(*number) : 0;
    }
    if (auto refusal = readContinue(call, page))
        return refusedReply(*refusal);
    if (auto refusal = checkVersion(call))
        return refusedReply(*refusal);

    const ObjectStore::Listing listing = call.store.list(call.type, call.path.ns);
    auto at = listing.objects.begin();
    if (!page.startAfter.empty()) {
        at = std::partition_point(at, listing.objects.end(), [&](const ObjectPtr &object) {
            return std::pair(object->ns, object->name) <=
                   std::pair(page.startAfter.substr(0, page.startAfter.find('/')),
                             page.startAfter.substr(page.startAfter.find('/') + 1));
        });
    }
    std::vector<ObjectPtr> objects;
    ObjectPtr last;
    bool isMore = false;
    for (; at != listing.objects.end(); ++at) {
        if (!selection->matches(**at))
            continue;
        if (page.limit && objects.size() == page.limit) {
            isMore = true;
            break;
        }
        objects.push_back(*at);
    }
    Json metadata = {{"resourceVersion", std::to_string(page.version ? page.version : listing.version)}};
    if (isMore) {
        metadata["continue"] = continueToken(page, *objects.back(), listing.version);
        if (selection->isEverything())
            metadata["remainingItemCount"] = listing.objects.end() - at;
    }
    LoopbackReply reply;
    reply.contentType = contentTypeOf(call.shape);
    reply.body = wrapped(call, objects, metadata);
    return reply;
}

} // namespace signalbox::sandbox
