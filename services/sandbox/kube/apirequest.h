#pragma once

#include "services/sandbox/http/loopbackserver.h"
#include "services/sandbox/kube/kubeapi.h"
#include "services/sandbox/kube/objectstore.h"
#include "services/sandbox/kube/selectors.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

// What the parts of KubeApi share. Not for others.
namespace signalbox::sandbox
{

// A path below /api/v1 or /apis/GROUP/VERSION.
struct ApiPath
{
    std::string group;
    std::string version;
    std::string ns;
    std::string plural;
    std::string name;
    std::string sub;
    bool isTooLong = false;
};
std::vector<std::string> segmentsOf(const std::string &path);
// `segments` from after "api" or "apis".
std::optional<ApiPath> apiPathOf(const std::vector<std::string> &segments, bool isCore);

// How the client wants objects: as they are, as a Table, or only their metadata.
struct Shape
{
    enum class Kind { Object, Table, Metadata };
    Kind kind = Kind::Object;
    std::string includeObject = "Metadata"; // in Table rows: None, Metadata, Object
};
// None: nothing that we serve is acceptable (406).
std::optional<Shape> shapeOf(const LoopbackRequest &request);
std::string contentTypeOf(const Shape &shape);
std::string shapedObject(const ResourceType &type, const StoredObject &object, const Shape &shape, std::int64_t nowMs,
                         bool hasColumns = true);

struct ApiCall
{
    ObjectStore &store;
    const KubeApi::Options &options;
    const LoopbackRequest &request;
    const ResourceType &type;
    ApiPath path;
    Shape shape;
};

LoopbackReply listReply(const ApiCall &call);
LoopbackReply watchReply(const ApiCall &call);
LoopbackReply logReply(const ApiCall &call);
LoopbackReply writeReply(const ApiCall &call);
LoopbackReply scaleReply(const ApiCall &call);

// "/version", "/api", "/apis..." down to the resource lists, "/openapi/v3...", health; none: not of these.
std::optional<LoopbackReply> discoveryReply(const ObjectStore &store, const KubeApi::Options &options,
                                            const LoopbackRequest &request, const std::vector<std::string> &segments);
// authorization.k8s.io, authentication.k8s.io
std::optional<LoopbackReply> reviewReply(const ObjectStore &store, const KubeApi::Options &options,
                                         const LoopbackRequest &request, const std::vector<std::string> &segments);
// metrics.k8s.io
std::optional<LoopbackReply> usageReply(const ObjectStore &store, const KubeApi::Options &options,
                                        const LoopbackRequest &request, const std::vector<std::string> &segments);

// dryRun=All, or nothing; anything else is refused.
std::variant<bool, Refusal> dryRunOf(const LoopbackRequest &request, const std::string &kind);
// The patch of `type` that the request carries, applied to `object`.
std::optional<Refusal> applyRequestPatch(const LoopbackRequest &request, const ResourceType &type,
                                         nlohmann::json &object);
// What a server says of a resourceVersion that is no number.
Refusal badVersion(const std::string &text);
std::string verbOf(const LoopbackRequest &request, const ApiPath &path);

} // namespace signalbox::sandbox
