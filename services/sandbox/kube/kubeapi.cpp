#include "services/sandbox/kube/kubeapi.h"

#include "services/sandbox/kube/apirequest.h"
#include "services/sandbox/kube/protobuf.h"
#include "services/sandbox/kube/statusreply.h"

#include <nlohmann/json.hpp>

namespace signalbox::sandbox
{

using Json = nlohmann::json;

namespace
{

// What a server says at its root, and of a path that it has no idea of.
LoopbackReply indexReply(int status)
{
    return jsonReply(
        {{"paths",
          {"/api", "/api/v1", "/apis", "/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/readyz", "/version"}}},
        status);
}

} // namespace

struct KubeApi::Private
{
    ObjectStore &store;
    Options options;

    std::optional<Refusal> refusedBy(const AccessQuestion &question) const
    {
        if (!options.hooks.access)
            return {};
        const AccessAnswer answer = options.hooks.access(question);
        if (answer.isAllowed)
            return {};
        const std::string what =
            question.subresource.empty() ? question.resource : question.resource + '/' + question.subresource;
        std::string why = "User \"" + options.user + "\" cannot " + question.verb + " resource \"" + what +
                          "\" in API group \"" + question.group + '"';
        why += question.ns.empty() ? " at the cluster scope" : " in the namespace \"" + question.ns + '"';
        if (!answer.reason.empty())
            why += ": " + answer.reason;
        return forbidden(question.group, question.resource, question.name, why);
    }
    LoopbackReply resource(const LoopbackRequest &request, const ApiPath &path) const;
    LoopbackReply object(const ApiCall &call) const;
};

KubeApi::KubeApi(ObjectStore &store, Options options)
    : d(new Private{store, std::move(options)})
{}

KubeApi::~KubeApi() = default;

LoopbackReply KubeApi::unauthorized()
{
    Refusal refusal;
    refusal.code = 401;
    refusal.reason = "Unauthorized";
    refusal.message = "Unauthorized";
    return refusedReply(refusal);
}

LoopbackReply KubeApi::tooLarge()
{
    Refusal refusal;
    refusal.code = 413;
    refusal.reason = "RequestEntityTooLarge";
    refusal.message = "Request entity too large: limit is 4194304";
    return refusedReply(refusal);
}

LoopbackReply KubeApi::handle(const LoopbackRequest &request) const
{
    try {
        if (request.contentType.starts_with("application/vnd.kubernetes.protobuf")) {
            LoopbackRequest readable = request;
            if (auto json = jsonOfProtobuf(request.body)) {
                readable.body = std::move(*json);
                readable.contentType = "application/json";
                return handle(readable);
            }
        }
        const std::vector<std::string> segments = segmentsOf(request.path);
        for (const auto &answer : {discoveryReply, reviewReply, usageReply}) {
            if (auto reply = answer(d->store, d->options, request, segments))
                return std::move(*reply);
        }
        const bool isCore = segments.size() > 1 && segments[0] == "api" && segments[1] == "v1";
        const bool isGroup = segments.size() > 2 && segments[0] == "apis";
        if (!isCore && !isGroup)
            return indexReply(segments.empty() ? 200 : 404);
        const auto path = apiPathOf({segments.begin() + 1, segments.end()}, isCore);
        return path ? d->resource(request, *path) : textReply("404 page not found\n", 404);
    } catch (const Json::exception &error) {
        // A body of another form than expected, where no check of ours said so.
        return refusedReply(
            badRequest(std::string("the body of the request was in an unknown format: ") + error.what()));
    }
}

LoopbackReply KubeApi::Private::resource(const LoopbackRequest &request, const ApiPath &path) const
{
    const ResourceType *type = store.type(path.group, path.plural);
    if (!type || type->version != path.version || path.isTooLong || (!type->isNamespaced && !path.ns.empty())) {
        bool isGroupServed = false;
        for (const ResourceType *one : store.types())
            isGroupServed = isGroupServed || (one->group == path.group);
        return isGroupServed ? refusedReply(noSuchResource()) : textReply("404 page not found\n", 404);
    }
    if (type->isNamespaced && path.ns.empty() && !path.name.empty())
        return refusedReply(noSuchResource());
    const auto shape = shapeOf(request);
    if (!shape) {
        Refusal refusal;
        refusal.code = 406;
        refusal.reason = "NotAcceptable";
        refusal.message = "406: Not Acceptable";
        return refusedReply(refusal);
    }
    const ApiCall call{store, options, request, *type, path, *shape};
    const std::string verb = verbOf(request, path);
    if (auto refusal = refusedBy({verb, path.group, path.plural, path.sub, path.ns, path.name}))
        return refusedReply(*refusal);
    if (path.name.empty() && verb == "list")
        return listReply(call);
    if (path.name.empty() && verb == "watch")
        return watchReply(call);
    if (path.name.empty() && (verb == "create" || verb == "deletecollection"))
        return type->isNamespaced && path.ns.empty() ? refusedReply(methodNotAllowed()) : writeReply(call);
    if (path.name.empty())
        return refusedReply(methodNotAllowed());
    return object(call);
}

LoopbackReply KubeApi::Private::object(const ApiCall &call) const
{
    const std::string &sub = call.path.sub;
    const std::string &method = call.request.method;
    if (sub == "log" && call.type.kind == "Pod" && call.type.group.empty())
        return method == "GET" ? logReply(call) : refusedReply(methodNotAllowed());
    if (sub == "scale" && call.type.hasScale)
        return scaleReply(call);
    if (!sub.empty() && !(sub == "status" && call.type.hasStatus))
        return refusedReply(noSuchResource());
    if (method != "GET" && method != "HEAD") {
        const bool isWrong = method == "POST" || (method == "DELETE" && !sub.empty());
        return isWrong ? refusedReply(methodNotAllowed()) : writeReply(call);
    }
    // A watch of one object by its path is the list's with a field selector.
    const std::string watch = call.request.value("watch");
    if (watch == "1" || watch == "true")
        return watchReply(call);
    const ObjectPtr object = store.get(call.type, call.path.ns, call.path.name);
    if (!object)
        return refusedReply(notFound(call.type.group, call.type.plural, call.path.name));
    LoopbackReply reply;
    reply.contentType = contentTypeOf(call.shape);
    reply.body = shapedObject(call.type, *object, call.shape, store.nowMs()) + '\n';
    return reply;
}

} // namespace signalbox::sandbox
