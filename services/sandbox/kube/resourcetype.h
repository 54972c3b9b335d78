#pragma once

#include <string>
#include <vector>

namespace signalbox::sandbox
{

// A kind of object that a cluster serves.
struct ResourceType
{
    std::string group; // "" for core
    std::string version;
    std::string plural;
    std::string kind;
    bool isNamespaced = true;
    std::vector<std::string> shortNames;
    bool hasStatus = false;         // a status subresource: writes to the object leave its status alone, and conversely
    bool hasScale = false;          // a scale subresource over spec.replicas
    bool countsGenerations = false; // metadata.generation rises when the spec changes
    // Seconds that an object bound to a node takes to go: DELETE only marks it. The kubelet (the world) removes it.
    int graceSeconds = 0;
    bool isBuiltIn = true;               // false: a custom resource, which takes no strategic merge patches
    std::vector<std::string> categories; // "all"

    std::string groupVersion() const { return group.empty() ? version : group + '/' + version; }
};

class ObjectStore;

// pods, nodes, deployments ... as a server of today serves them, one version each. No Gateway API.
std::vector<ResourceType> builtInTypes();
// gateway.networking.k8s.io/v1 HTTPRoute and Gateway.
std::vector<ResourceType> gatewayTypes();
void registerTypes(ObjectStore &store, const std::vector<ResourceType> &types);

} // namespace signalbox::sandbox
