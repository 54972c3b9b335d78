#pragma once

#include "services/sandbox/kube/objectstore.h"

#include <nlohmann/json_fwd.hpp>

#include <optional>

// CustomResourceDefinitions (apiextensions.k8s.io/v1): what a cluster serves besides the built-in kinds.
namespace signalbox::sandbox
{

// The kind that a definition describes, in one version: the first stable one that is served, else the first served.
// None: it has no served version, or no names.
std::optional<ResourceType> typeOfDefinition(const nlohmann::json &definition);

// From now on the store serves the kind, and the definition's status says so. It stays served when the definition goes.
void establish(ObjectStore &store, const ObjectPtr &definition);

} // namespace signalbox::sandbox
