#pragma once

#include <string>
#include <vector>

// What the practice world's registry holds of one image: an index, below it a manifest and a configuration for each
// platform, no layers. Every digest is that of the bytes, as OCI's image-spec has it (image-index.md, manifest.md,
// config.md). Always the same for the same name and tag. Any thread.
namespace signalbox::sandbox
{

struct Blob
{
    std::string mediaType;
    std::string bytes;
    std::string digest; // "sha256:..."
};

struct ImageContent
{
    Blob index;
    std::vector<Blob> manifests; // one a platform
    std::vector<Blob> configs;   // in the same order
};
ImageContent imageContent(const std::string &name, const std::string &tag);
// The one layer of all: OCI's empty descriptor.
const Blob &emptyLayer();
// That of the index; kept once it was made.
const std::string &imageDigest(const std::string &name, const std::string &tag);

} // namespace signalbox::sandbox
