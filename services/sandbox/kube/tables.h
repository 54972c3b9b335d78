#pragma once

#include "services/sandbox/kube/objectstore.h"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace signalbox::sandbox
{

// Tables as a server prints them for `kubectl get` (k8s.io/kubernetes/pkg/printers/internalversion/printers.go). Kinds
// without columns of their own have Name and Age.

// Without rows; the columns only if `hasColumns` (a watch sends them once).
nlohmann::json tableOf(const ResourceType &type, std::int64_t nowMs, bool hasColumns);
// `includeObject`: None, Metadata or Object.
nlohmann::json tableRow(const ResourceType &type, const StoredObject &object, const std::string &includeObject,
                        std::int64_t nowMs);

// "45s", "3m20s", "5h", "2d4h", "400d": as k8s.io/apimachinery/pkg/util/duration.
std::string humanDuration(std::int64_t ms);

} // namespace signalbox::sandbox
