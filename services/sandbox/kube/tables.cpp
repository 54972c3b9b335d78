#include "services/sandbox/kube/tables.h"

#include "services/sandbox/kube/tablecells.h"

#include <nlohmann/json.hpp>

namespace signalbox::sandbox
{

using Json = nlohmann::json;

namespace
{

struct Column
{
    const char *name;
    const char *type;
    int priority; // above 0: only in -o wide
};

struct Printer
{
    const char *group;
    const char *kind;
    std::vector<Column> columns;
    Json (*cells)(const Row &row);
};

const Column nameColumn{"Name", "string", 0};
const Column age{"Age", "string", 0};

const std::vector<Printer> &printers()
{
    static const std::vector<Printer> all = {
        {"",
         "Pod",
         {nameColumn,
          {"Ready", "string", 0},
          {"Status", "string", 0},
          {"Restarts", "string", 0},
          age,
          {"IP", "string", 1},
          {"Node", "string", 1},
          {"Nominated Node", "string", 1},
          {"Readiness Gates", "string", 1}},
         podCells},
        {"apps",
         "Deployment",
         {nameColumn,
          {"Ready", "string", 0},
          {"Up-to-date", "string", 0},
          {"Available", "string", 0},
          age,
          {"Containers", "string", 1},
          {"Images", "string", 1},
          {"Selector", "string", 1}},
         deploymentCells},
        {"apps",
         "ReplicaSet",
         {nameColumn,
          {"Desired", "integer", 0},
          {"Current", "integer", 0},
          {"Ready", "integer", 0},
          age,
          {"Containers", "string", 1},
          {"Images", "string", 1},
          {"Selector", "string", 1}},
         replicaSetCells},
        {"apps",
         "StatefulSet",
         {nameColumn, {"Ready", "string", 0}, age, {"Containers", "string", 1}, {"Images", "string", 1}},
         statefulSetCells},
        {"apps",
         "DaemonSet",
         {nameColumn,
          {"Desired", "integer", 0},
          {"Current", "integer", 0},
          {"Ready", "integer", 0},
          {"Up-to-date", "integer", 0},
          {"Available", "integer", 0},
          {"Node Selector", "string", 0},
          age,
          {"Containers", "string", 1},
          {"Images", "string", 1},
          {"Selector", "string", 1}},
         daemonSetCells},
        {"apps",
         "ControllerRevision",
         {nameColumn, {"Controller", "string", 0}, {"Revision", "string", 0}, age},
         controllerRevisionCells},
        {"",
         "Service",
         {nameColumn,
          {"Type", "string", 0},
          {"Cluster-IP", "string", 0},
          {"External-IP", "string", 0},
          {"Port(s)", "string", 0},
          age,
          {"Selector", "string", 1}},
         serviceCells},
        {"",
         "Node",
         {nameColumn,
          {"Status", "string", 0},
          {"Roles", "string", 0},
          age,
          {"Version", "string", 0},
          {"Internal-IP", "string", 1},
          {"External-IP", "string", 1},
          {"OS-Image", "string", 1},
          {"Kernel-Version", "string", 1},
          {"Container-Runtime", "string", 1}},
         nodeCells},
        {"", "Namespace", {nameColumn, {"Status", "string", 0}, age}, namespaceCells},
        {"autoscaling",
         "HorizontalPodAutoscaler",
         {nameColumn,
          {"Reference", "string", 0},
          {"Targets", "string", 0},
          {"MinPods", "string", 0},
          {"MaxPods", "string", 0},
          {"Replicas", "string", 0},
          age},
         autoscalerCells},
        {"",
         "Event",
         {{"Last Seen", "string", 0},
          {"Type", "string", 0},
          {"Reason", "string", 0},
          {"Object", "string", 0},
          {"Subobject", "string", 1},
          {"Source", "string", 1},
          {"Message", "string", 0},
          {"First Seen", "string", 1},
          {"Count", "string", 1},
          {"Name", "string", 1}},
         eventCells},
        {"coordination.k8s.io", "Lease", {nameColumn, {"Holder", "string", 0}, age}, leaseCells},
        {"discovery.k8s.io",
         "EndpointSlice",
         {nameColumn, {"AddressType", "string", 0}, {"Ports", "string", 0}, {"Endpoints", "string", 0}, age},
         endpointSliceCells},
        {"", "ConfigMap", {nameColumn, {"Data", "string", 0}, age}, configMapCells},
        {"gateway.networking.k8s.io", "HTTPRoute", {nameColumn, {"Hostnames", "string", 0}, age}, routeCells},
    };
    return all;
}

Json plainCells(const Row &row)
{
    return {row.object.name, row.age()};
}

const Printer &printerOf(const ResourceType &type)
{
    static const Printer plain{"", "", {nameColumn, age}, plainCells};
    for (const Printer &printer : printers()) {
        if (type.kind == printer.kind && type.group == printer.group)
            return printer;
    }
    return plain;
}

} // namespace

Json tableOf(const ResourceType &type, std::int64_t, bool hasColumns)
{
    Json table = {{"kind", "Table"},
                  {"apiVersion", "meta.k8s.io/v1"},
                  {"metadata", Json::object()},
                  {"columnDefinitions", nullptr},
                  {"rows", Json::array()}};
    if (!hasColumns)
        return table;
    table["columnDefinitions"] = Json::array();
    for (const Column &column : printerOf(type).columns) {
        const bool isName = column.name == std::string_view("Name") && column.priority == 0;
        table["columnDefinitions"].push_back({{"name", column.name},
                                              {"type", column.type},
                                              {"format", isName ? "name" : ""},
                                              {"description", ""},
                                              {"priority", column.priority}});
    }
    return table;
}

Json tableRow(const ResourceType &type, const StoredObject &object, const std::string &includeObject,
              std::int64_t nowMs)
{
    const Json tree = object.tree();
    Json row = {{"cells", printerOf(type).cells({object, tree, nowMs})}};
    if (includeObject == "Object") {
        row["object"] = tree;
    } else if (includeObject != "None") {
        row["object"] = {{"kind", "PartialObjectMetadata"},
                         {"apiVersion", "meta.k8s.io/v1"},
                         {"metadata", tree.value("metadata", Json::object())}};
    }
    return row;
}

std::string humanDuration(std::int64_t ms)
{
    const auto text = [](std::int64_t a, const char *unit, std::int64_t b = 0, const char *second = "") {
        return std::to_string(a) + unit + (b > 0 ? std::to_string(b) + second : std::string());
    };
    const std::int64_t seconds = ms / 1000;
    if (seconds < -1)
        return "<invalid>";
    if (seconds < 0)
        return "0s";
    if (seconds < 60 * 2)
        return text(seconds, "s");
    const std::int64_t minutes = seconds / 60;
    if (minutes < 10)
        return text(minutes, "m", seconds % 60, "s");
    if (minutes < 60 * 3)
        return text(minutes, "m");
    const std::int64_t hours = minutes / 60;
    if (hours < 8)
        return text(hours, "h", minutes % 60, "m");
    if (hours < 48)
        return text(hours, "h");
    if (hours < 24 * 8)
        return text(hours / 24, "d", hours % 24, "h");
    if (hours < 24 * 365 * 2)
        return text(hours / 24, "d");
    if (hours < 24 * 365 * 8)
        return text(hours / 24 / 365, "y", hours / 24 % 365, "d");
    return text(hours / 24 / 365, "y");
}

} // namespace signalbox::sandbox
