#include "services/sandbox/world/imagecontent.h"

#include "services/sandbox/world/json.h"

#include <QCryptographicHash>

#include <map>
#include <mutex>

namespace signalbox::sandbox
{

namespace
{

const char *const indexType = "application/vnd.oci.image.index.v1+json";
const char *const manifestType = "application/vnd.oci.image.manifest.v1+json";
const char *const configType = "application/vnd.oci.image.config.v1+json";
const char *const emptyType = "application/vnd.oci.empty.v1+json";

Blob blobOf(const char *mediaType, std::string bytes)
{
    const QByteArray hash =
        QCryptographicHash::hash(QByteArray::fromStdString(bytes), QCryptographicHash::Sha256).toHex();
    return {mediaType, std::move(bytes), "sha256:" + hash.toStdString()};
}

Json descriptorOf(const Blob &blob)
{
    return {{"mediaType", blob.mediaType}, {"digest", blob.digest}, {"size", blob.bytes.size()}};
}

} // namespace

const Blob &emptyLayer()
{
    static const Blob layer = blobOf(emptyType, "{}");
    return layer;
}

ImageContent imageContent(const std::string &name, const std::string &tag)
{
    ImageContent content;
    Json list = Json::array();
    for (const char *architecture : {"amd64", "arm64"}) {
        const Json platform = {{"architecture", architecture}, {"os", "linux"}};
        Json config = platform;
        config["config"]["Labels"] = {{"org.opencontainers.image.title", name},
                                      {"org.opencontainers.image.version", tag}};
        config["rootfs"] = {{"type", "layers"}, {"diff_ids", {emptyLayer().digest}}};
        content.configs.push_back(blobOf(configType, config.dump()));
        const Json manifest = {{"schemaVersion", 2},
                               {"mediaType", manifestType},
                               {"config", descriptorOf(content.configs.back())},
                               {"layers", {descriptorOf(emptyLayer())}}};
        content.manifests.push_back(blobOf(manifestType, manifest.dump()));
        list.push_back(descriptorOf(content.manifests.back()));
        list.back()["platform"] = platform;
    }
    const Json index = {{"schemaVersion", 2}, {"mediaType", indexType}, {"manifests", list}};
    content.index = blobOf(indexType, index.dump());
    return content;
}

const std::string &imageDigest(const std::string &name, const std::string &tag)
{
    static std::mutex guard;
    static std::map<std::pair<std::string, std::string>, std::string> known;
    const std::lock_guard lock(guard);
    std::string &digest = known[{name, tag}];
    if (digest.empty())
        digest = imageContent(name, tag).index.digest;
    return digest; // a map's values stay where they are
}

} // namespace signalbox::sandbox
