#pragma once

#include "services/sandbox/kube/objectstore.h"

#include <nlohmann/json_fwd.hpp>

// The cells of the kinds that have columns of their own. Only for tables.cpp.
namespace signalbox::sandbox
{

struct Row
{
    const StoredObject &object;
    const nlohmann::json &tree;
    std::int64_t nowMs;

    std::string age() const;                               // since creation
    std::string since(const std::string &timestamp) const; // "<unknown>" for no time
};

nlohmann::json podCells(const Row &row);
nlohmann::json deploymentCells(const Row &row);
nlohmann::json replicaSetCells(const Row &row);
nlohmann::json statefulSetCells(const Row &row);
nlohmann::json daemonSetCells(const Row &row);
nlohmann::json controllerRevisionCells(const Row &row);
nlohmann::json serviceCells(const Row &row);
nlohmann::json nodeCells(const Row &row);
nlohmann::json namespaceCells(const Row &row);
nlohmann::json autoscalerCells(const Row &row);
nlohmann::json eventCells(const Row &row);
nlohmann::json leaseCells(const Row &row);
nlohmann::json endpointSliceCells(const Row &row);
nlohmann::json configMapCells(const Row &row);
nlohmann::json routeCells(const Row &row);

} // namespace signalbox::sandbox
