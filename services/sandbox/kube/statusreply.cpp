#include "services/sandbox/kube/statusreply.h"

#include <nlohmann/json.hpp>

namespace signalbox::sandbox
{

using Json = nlohmann::json;

Json statusOf(const Refusal &refusal)
{
    Json status = {{"kind", "Status"},    {"apiVersion", "v1"},   {"metadata", Json::object()},
                   {"status", "Failure"}, {"code", refusal.code}, {"message", refusal.message}};
    if (!refusal.reason.empty())
        status["reason"] = refusal.reason;
    Json details = Json::object();
    if (!refusal.name.empty())
        details["name"] = refusal.name;
    if (!refusal.group.empty())
        details["group"] = refusal.group;
    if (!refusal.kind.empty())
        details["kind"] = refusal.kind;
    if (refusal.retryAfterSeconds > 0)
        details["retryAfterSeconds"] = refusal.retryAfterSeconds;
    for (const Refusal::Cause &cause : refusal.causes)
        details["causes"].push_back({{"reason", cause.reason}, {"message", cause.message}, {"field", cause.field}});
    if (!details.empty() || refusal.code == 422 || refusal.reason == "NotFound")
        status["details"] = details;
    return status;
}

LoopbackReply refusedReply(const Refusal &refusal)
{
    LoopbackReply reply = jsonReply(statusOf(refusal), refusal.code);
    if (refusal.retryAfterSeconds > 0)
        reply.headers.emplace_back("Retry-After", std::to_string(refusal.retryAfterSeconds));
    return reply;
}

LoopbackReply jsonReply(const Json &body, int status)
{
    LoopbackReply reply;
    reply.status = status;
    reply.body = body.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
    return reply;
}

LoopbackReply textReply(std::string body, int status)
{
    LoopbackReply reply;
    reply.status = status;
    reply.contentType = "text/plain; charset=utf-8";
    reply.body = std::move(body);
    return reply;
}

namespace
{

Refusal refusal(int code, const char *reason, std::string message)
{
    Refusal made;
    made.code = code;
    made.reason = reason;
    made.message = std::move(message);
    return made;
}

} // namespace

Refusal unsupportedMediaType(const std::string &accepted)
{
    return refusal(415, "UnsupportedMediaType",
                   "the body of the request was in an unknown format - accepted media types include: " + accepted);
}

Refusal noSuchResource()
{
    return refusal(404, "NotFound", "the server could not find the requested resource");
}

Refusal methodNotAllowed()
{
    return refusal(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
}

} // namespace signalbox::sandbox
