#pragma once

#include "services/sandbox/kube/refusal.h"
#include "services/sandbox/kube/resourcetype.h"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>

namespace signalbox::sandbox
{

// Fills in what a server fills in (k8s.io/kubernetes/pkg/apis/*/v1/defaults.go), for the fields that clients read:
// pod templates, Deployments, StatefulSets, DaemonSets, ReplicaSets, Services, HorizontalPodAutoscalers, HTTPRoutes.
void applyDefaults(const ResourceType &type, nlohmann::json &object);

// The rules of a server (pkg/apis/*/validation) that people run into: names, labels and selectors that must agree,
// required images, negative counts, fields that cannot change. `before` is null for a creation.
std::optional<Refusal> validate(const ResourceType &type, const nlohmann::json *before, const nlohmann::json &object);

// The first field that has another JSON type than its kind says ("spec.replicas: cannot unmarshal string into Go struct
// field .spec.replicas of type int32"); none: all those checked are right.
std::optional<std::string> wrongType(const ResourceType &type, const nlohmann::json &object);

} // namespace signalbox::sandbox
