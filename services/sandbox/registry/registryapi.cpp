#include "services/sandbox/registry/registryapi.h"

#include "services/sandbox/world/imagecontent.h"
#include "services/sandbox/world/json.h"

#include <algorithm>
#include <charconv>

namespace signalbox::sandbox
{

namespace
{

LoopbackReply refused(int status, const char *code, const char *message)
{
    LoopbackReply reply;
    reply.status = status;
    reply.body = Json{{"errors", {{{"code", code}, {"message", message}}}}}.dump();
    return reply;
}

LoopbackReply served(const Blob &blob)
{
    LoopbackReply reply;
    reply.contentType = blob.mediaType;
    reply.body = blob.bytes;
    reply.headers = {{"Docker-Content-Digest", blob.digest}};
    return reply;
}

// The image that a tag or any digest of it names; none: there is none.
std::optional<Blob> manifestOf(const ServiceSpec &service, const std::string &reference)
{
    for (const Version &version : service.versions) {
        const ImageContent content = imageContent(service.name, version.tag);
        if (reference == version.tag || reference == content.index.digest)
            return content.index;
        for (const Blob &manifest : content.manifests) {
            if (reference == manifest.digest)
                return manifest;
        }
    }
    return std::nullopt;
}

std::optional<Blob> blobOf(const ServiceSpec &service, const std::string &digest)
{
    if (digest == emptyLayer().digest)
        return emptyLayer();
    for (const Version &version : service.versions) {
        for (const Blob &config : imageContent(service.name, version.tag).configs) {
            if (config.digest == digest)
                return config;
        }
    }
    return std::nullopt;
}

// "TEAM/NAME" and what stands behind it, of "/v2/TEAM/NAME/manifests/1.0".
struct Place
{
    std::string name;
    std::string kind; // "tags", "manifests", "blobs"; empty: none of them
    std::string reference;
};

Place placeOf(const std::string &path)
{
    for (const char *kind : {"tags", "manifests", "blobs"}) {
        const std::string middle = std::string("/") + kind + '/';
        const std::size_t at = path.rfind(middle);
        if (at != std::string::npos && at > 4)
            return {path.substr(4, at - 4), kind, path.substr(at + middle.size())};
    }
    return {};
}

} // namespace

RegistryApi::RegistryApi(const Catalogue &catalogue)
    : m_catalogue(catalogue)
{}

LoopbackReply RegistryApi::unauthorized()
{
    LoopbackReply reply = refused(401, "UNAUTHORIZED", "authentication required");
    reply.headers = {{"WWW-Authenticate", "Bearer realm=\"https://127.0.0.1/no-token-service\",service=\"practice\""}};
    return reply;
}

LoopbackReply RegistryApi::answer(const LoopbackRequest &request) const
{
    if (request.method != "GET" && request.method != "HEAD")
        return refused(405, "UNSUPPORTED", "this registry is read only");
    if (request.path == "/v2/" || request.path == "/v2") {
        LoopbackReply reply;
        reply.body = "{}";
        return reply;
    }
    const Place place = placeOf(request.path);
    if (request.path.rfind("/v2/", 0) != 0 || place.kind.empty())
        return refused(404, "UNSUPPORTED", "no such endpoint");
    const auto service =
        std::find_if(m_catalogue.services.begin(), m_catalogue.services.end(),
                     [&place](const ServiceSpec &one) { return one.team + '/' + one.name == place.name; });
    if (service == m_catalogue.services.end())
        return refused(404, "NAME_UNKNOWN", "repository name not known to registry");
    if (place.kind == "tags")
        return place.reference == "list" ? tags(request, *service, place.name)
                                         : refused(404, "UNSUPPORTED", "no such endpoint");
    const bool isManifest = place.kind == "manifests";
    const auto found = isManifest ? manifestOf(*service, place.reference) : blobOf(*service, place.reference);
    if (!found)
        return isManifest ? refused(404, "MANIFEST_UNKNOWN", "manifest unknown")
                          : refused(404, "BLOB_UNKNOWN", "blob unknown to registry");
    return served(*found);
}

// In lexical order, from behind `last`, at most `n`; more is told by a link.
LoopbackReply RegistryApi::tags(const LoopbackRequest &request, const ServiceSpec &service,
                                const std::string &name) const
{
    std::vector<std::string> all;
    for (const Version &version : service.versions)
        all.push_back(version.tag);
    std::sort(all.begin(), all.end());
    all.erase(all.begin(), std::upper_bound(all.begin(), all.end(), request.value("last")));
    std::size_t most = all.size();
    if (request.has("n")) {
        const std::string text = request.value("n");
        const auto read = std::from_chars(text.data(), text.data() + text.size(), most);
        if (read.ec != std::errc() || read.ptr != text.data() + text.size())
            return refused(400, "PAGINATION_NUMBER_INVALID", "invalid number of results requested");
    }
    LoopbackReply reply;
    if (most < all.size()) {
        all.resize(most);
        if (!all.empty())
            reply.headers = {{"Link", "</v2/" + name + "/tags/list?n=" + std::to_string(most) + "&last=" + all.back() +
                                          ">; rel=\"next\""}};
    }
    reply.body = Json{{"name", name}, {"tags", all}}.dump();
    return reply;
}

} // namespace signalbox::sandbox
