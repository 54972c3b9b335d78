#include "services/sandbox/world/nodeimages.h"

#include "services/sandbox/world/chance.h"

namespace signalbox::sandbox
{

namespace
{

constexpr std::size_t mostImages = 50; // the kubelet's nodeStatusMaxImages

// "r/x:1@sha256:..." is told as "r/x@sha256:..." and "r/x:1".
Json namesOf(const std::string &image)
{
    const std::size_t at = image.find('@');
    const std::string named = image.substr(0, at);
    Json names = Json::array();
    if (at != std::string::npos) {
        const std::size_t colon = named.rfind(':');
        const bool hasTag = colon != std::string::npos && named.find('/', colon) == std::string::npos;
        names.push_back((hasTag ? named.substr(0, colon) : named) + image.substr(at));
    }
    names.push_back(named);
    return names;
}

Json imagesOf(const NodeRecord &node, std::uint64_t seed)
{
    Json images = Json::array();
    for (const std::string &image : node.images) {
        if (images.size() == mostImages)
            break;
        const auto megabytes = static_cast<std::int64_t>(80 + 900 * chance(seed, image));
        images.push_back({{"names", namesOf(image)}, {"sizeBytes", megabytes * 1'000'000}});
    }
    return images;
}

} // namespace

void reportImages(ClusterState &state)
{
    for (auto &[name, node] : state.nodes) {
        if (node.areImagesTold)
            continue;
        node.areImagesTold = true;
        const Json images = imagesOf(node, state.catalogue.seed);
        state.store.modify(*state.types.nodes, {}, name, [&images](Json &tree) -> std::optional<Refusal> {
            tree["status"]["images"] = images;
            return {};
        });
    }
}

} // namespace signalbox::sandbox
