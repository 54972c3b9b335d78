#include "services/sandbox/kube/tablecells.h"

#include "services/sandbox/kube/members.h"
#include "services/sandbox/kube/selectors.h"
#include "services/sandbox/kube/tables.h"

#include <nlohmann/json.hpp>

namespace signalbox::sandbox
{

using Json = nlohmann::json;
using members::at;
using members::textAt;

namespace
{

std::int64_t numberAt(const Json &object, const char *key)
{
    const Json &value = at(object, key);
    return value.is_number_integer() ? value.get<std::int64_t>() : 0;
}

const Json &listAt(const Json &object, const char *key)
{
    static const Json none = Json::array();
    const Json &value = at(object, key);
    return value.is_array() ? value : none;
}

std::string orNone(const std::string &text)
{
    return text.empty() ? "<none>" : text;
}

std::string joined(const Json &list, const char *key)
{
    std::string text;
    for (const Json &one : list)
        text += (text.empty() ? "" : ",") + (key ? textAt(one, key) : one.is_string() ? one.get<std::string>() : "");
    return text;
}

const Json &spec(const Row &row)
{
    return at(row.tree, "spec");
}

const Json &status(const Row &row)
{
    return at(row.tree, "status");
}

const Json &templateContainers(const Row &row)
{
    return listAt(at(at(spec(row), "template"), "spec"), "containers");
}

std::string selectorOf(const Row &row)
{
    return orNone(selectorText(at(spec(row), "selector")));
}

} // namespace

std::string Row::since(const std::string &text) const
{
    const auto when = timeOf(text);
    return when ? humanDuration(nowMs - *when) : "<unknown>";
}

std::string Row::age() const
{
    return since(textAt(at(tree, "metadata"), "creationTimestamp"));
}

namespace
{

// The word under STATUS (printPod): the pod's phase or reason, or what its containers complain of.
std::string podWord(const Row &row)
{
    std::string word = textAt(status(row), "reason");
    if (word.empty())
        word = textAt(status(row), "phase");
    for (const Json &one : listAt(status(row), "initContainerStatuses")) {
        const Json &state = at(one, "state");
        const Json &terminated = at(state, "terminated");
        if (terminated.is_object() && numberAt(terminated, "exitCode") == 0)
            continue;
        const std::string waiting = textAt(at(state, "waiting"), "reason");
        if (terminated.is_object())
            return "Init:" + (textAt(terminated, "reason").empty()
                                  ? "ExitCode:" + std::to_string(numberAt(terminated, "exitCode"))
                                  : textAt(terminated, "reason"));
        if (!waiting.empty() && waiting != "PodInitializing")
            return "Init:" + waiting;
        return "Init:0/" + std::to_string(listAt(spec(row), "initContainers").size());
    }
    bool isRunning = false;
    const Json &all = listAt(status(row), "containerStatuses");
    for (auto one = all.rbegin(); one != all.rend(); ++one) {
        const Json &state = at(*one, "state");
        const std::string waiting = textAt(at(state, "waiting"), "reason");
        const Json &terminated = at(state, "terminated");
        if (!waiting.empty())
            word = waiting;
        else if (terminated.is_object())
            word = textAt(terminated, "reason").empty() ? "ExitCode:" + std::to_string(numberAt(terminated, "exitCode"))
                                                        : textAt(terminated, "reason");
        else if (at(*one, "ready") == true && at(state, "running").is_object())
            isRunning = true;
    }
    if (word == "Completed" && isRunning)
        word = "Running";
    if (row.object.isGoing)
        word = textAt(status(row), "reason") == "NodeLost" ? "Unknown" : "Terminating";
    return word;
}

std::string restarts(const Row &row)
{
    std::int64_t count = 0;
    std::string last;
    for (const Json &one : listAt(status(row), "containerStatuses")) {
        count += numberAt(one, "restartCount");
        last = std::max(last, textAt(at(at(one, "lastState"), "terminated"), "finishedAt"));
    }
    if (count == 0 || last.empty())
        return std::to_string(count);
    return std::to_string(count) + " (" + row.since(last) + " ago)";
}

} // namespace

Json podCells(const Row &row)
{
    std::size_t ready = 0;
    for (const Json &one : listAt(status(row), "containerStatuses"))
        ready += at(one, "ready") == true && at(at(one, "state"), "running").is_object() ? 1 : 0;
    const std::size_t all = listAt(spec(row), "containers").size();
    return {row.object.name,
            std::to_string(ready) + '/' + std::to_string(all),
            podWord(row),
            restarts(row),
            row.age(),
            orNone(textAt(status(row), "podIP")),
            orNone(textAt(spec(row), "nodeName")),
            orNone(textAt(status(row), "nominatedNodeName")),
            "<none>"};
}

Json deploymentCells(const Row &row)
{
    return {row.object.name,
            std::to_string(numberAt(status(row), "readyReplicas")) + '/' +
                std::to_string(numberAt(spec(row), "replicas")),
            numberAt(status(row), "updatedReplicas"),
            numberAt(status(row), "availableReplicas"),
            row.age(),
            joined(templateContainers(row), "name"),
            joined(templateContainers(row), "image"),
            selectorOf(row)};
}

Json replicaSetCells(const Row &row)
{
    return {row.object.name,
            numberAt(spec(row), "replicas"),
            numberAt(status(row), "replicas"),
            numberAt(status(row), "readyReplicas"),
            row.age(),
            joined(templateContainers(row), "name"),
            joined(templateContainers(row), "image"),
            selectorOf(row)};
}

Json statefulSetCells(const Row &row)
{
    return {row.object.name,
            std::to_string(numberAt(status(row), "readyReplicas")) + '/' +
                std::to_string(numberAt(spec(row), "replicas")),
            row.age(), joined(templateContainers(row), "name"), joined(templateContainers(row), "image")};
}

Json daemonSetCells(const Row &row)
{
    return {row.object.name,
            numberAt(status(row), "desiredNumberScheduled"),
            numberAt(status(row), "currentNumberScheduled"),
            numberAt(status(row), "numberReady"),
            numberAt(status(row), "updatedNumberScheduled"),
            numberAt(status(row), "numberAvailable"),
            orNone(selectorText(at(at(at(spec(row), "template"), "spec"), "nodeSelector"))),
            row.age(),
            joined(templateContainers(row), "name"),
            joined(templateContainers(row), "image"),
            selectorOf(row)};
}

Json controllerRevisionCells(const Row &row)
{
    std::string owner = "<none>";
    for (const Json &one : listAt(at(row.tree, "metadata"), "ownerReferences")) {
        std::string kind = textAt(one, "kind");
        for (char &c : kind)
            c = c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
        const std::string version = textAt(one, "apiVersion");
        const auto slash = version.find('/');
        owner = (slash == std::string::npos ? kind : kind + '.' + version.substr(0, slash)) + '/' + textAt(one, "name");
    }
    return {row.object.name, owner, numberAt(row.tree, "revision"), row.age()};
}

Json serviceCells(const Row &row)
{
    std::string ports;
    for (const Json &one : listAt(spec(row), "ports")) {
        ports += (ports.empty() ? "" : ",") + std::to_string(numberAt(one, "port"));
        if (const std::int64_t node = numberAt(one, "nodePort"))
            ports += ':' + std::to_string(node);
        ports += '/' + textAt(one, "protocol");
    }
    const std::string type = textAt(spec(row), "type");
    std::string external = joined(listAt(spec(row), "externalIPs"), nullptr);
    if (type == "LoadBalancer") {
        for (const Json &one : listAt(at(status(row), "loadBalancer"), "ingress"))
            external += (external.empty() ? "" : ",") +
                        (textAt(one, "ip").empty() ? textAt(one, "hostname") : textAt(one, "ip"));
        if (external.empty())
            external = "<pending>";
    } else if (type == "ExternalName") {
        external = textAt(spec(row), "externalName");
    }
    return {row.object.name, type,           orNone(textAt(spec(row), "clusterIP")), orNone(external), orNone(ports),
            row.age(),       selectorOf(row)};
}

Json nodeCells(const Row &row)
{
    std::string word = "Unknown";
    for (const Json &one : listAt(status(row), "conditions")) {
        if (textAt(one, "type") == "Ready")
            word = textAt(one, "status") == "True" ? "Ready" : "NotReady";
    }
    if (at(spec(row), "unschedulable") == true)
        word += ",SchedulingDisabled";
    std::string roles;
    static const std::string prefix = "node-role.kubernetes.io/";
    for (const auto &[name, value] : row.object.labels) {
        if (name.starts_with(prefix) && name.size() > prefix.size())
            roles += (roles.empty() ? "" : ",") + name.substr(prefix.size());
    }
    const auto address = [&](const char *type) {
        for (const Json &one : listAt(status(row), "addresses")) {
            if (textAt(one, "type") == type)
                return textAt(one, "address");
        }
        return std::string();
    };
    const Json &info = at(status(row), "nodeInfo");
    const auto known = [&](const char *key) {
        const std::string text = textAt(info, key);
        return text.empty() ? std::string("<unknown>") : text;
    };
    return {row.object.name,
            word,
            orNone(roles),
            row.age(),
            textAt(info, "kubeletVersion"),
            orNone(address("InternalIP")),
            orNone(address("ExternalIP")),
            known("osImage"),
            known("kernelVersion"),
            known("containerRuntimeVersion")};
}

Json namespaceCells(const Row &row)
{
    return {row.object.name, textAt(status(row), "phase"), row.age()};
}

namespace
{

std::string amountOf(const Json &value)
{
    if (at(value, "averageUtilization").is_number_integer())
        return std::to_string(numberAt(value, "averageUtilization")) + '%';
    for (const char *key : {"averageValue", "value"}) {
        const Json &amount = at(value, key);
        if (amount.is_string())
            return amount.get<std::string>() + (key == std::string_view("averageValue") ? " (avg)" : "");
        if (amount.is_number())
            return amount.dump();
    }
    return {};
}

const Json &sourceOf(const Json &metric)
{
    static const Json none;
    const std::string type = textAt(metric, "type");
    if (type.empty())
        return none;
    std::string key = type;
    key[0] = char(key[0] - 'A' + 'a');
    return at(metric, key.c_str());
}

} // namespace

Json autoscalerCells(const Row &row)
{
    std::string targets;
    const Json &metrics = listAt(spec(row), "metrics");
    const Json &current = listAt(status(row), "currentMetrics");
    for (std::size_t i = 0; i < metrics.size(); ++i) {
        const Json &source = sourceOf(metrics[i]);
        std::string now = i < current.size() ? amountOf(at(sourceOf(current[i]), "current")) : std::string();
        std::string wanted = amountOf(at(source, "target"));
        if (const auto average = wanted.find(" (avg)"); average != std::string::npos && !now.empty())
            now = now.substr(0, now.find(" (avg)"));
        const std::string who = textAt(metrics[i], "type") == "Resource" ? textAt(source, "name") + ": " : "";
        targets += (targets.empty() ? "" : ", ") + who + (now.empty() ? "<unknown>" : now) + '/' + wanted;
    }
    const Json &reference = at(spec(row), "scaleTargetRef");
    return {row.object.name,
            textAt(reference, "kind") + '/' + textAt(reference, "name"),
            orNone(targets),
            at(spec(row), "minReplicas").is_number() ? std::to_string(numberAt(spec(row), "minReplicas")) : "<unset>",
            numberAt(spec(row), "maxReplicas"),
            numberAt(status(row), "currentReplicas"),
            row.age()};
}

Json eventCells(const Row &row)
{
    const Json &about = at(row.tree, "involvedObject");
    std::string kind = textAt(about, "kind");
    for (char &c : kind)
        c = c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
    const std::string eventTime = textAt(row.tree, "eventTime");
    std::string first = textAt(row.tree, "firstTimestamp");
    std::string last = textAt(row.tree, "lastTimestamp");
    const Json &series = at(row.tree, "series");
    if (first.empty())
        first = eventTime;
    if (series.is_object())
        last = textAt(series, "lastObservedTime");
    if (last.empty())
        last = first;
    std::int64_t count = series.is_object() ? numberAt(series, "count") : numberAt(row.tree, "count");
    const Json &source = at(row.tree, "source");
    std::string who = textAt(source, "component");
    if (who.empty())
        who = textAt(row.tree, "reportingComponent");
    if (!textAt(source, "host").empty())
        who += ", " + textAt(source, "host");
    std::string message = textAt(row.tree, "message");
    while (!message.empty() && (message.back() == '\n' || message.back() == ' '))
        message.pop_back();
    return {row.since(last),
            textAt(row.tree, "type"),
            textAt(row.tree, "reason"),
            kind + '/' + textAt(about, "name"),
            textAt(about, "fieldPath"),
            who,
            message,
            row.since(first),
            std::max<std::int64_t>(count, 1),
            row.object.name};
}

Json leaseCells(const Row &row)
{
    return {row.object.name, textAt(spec(row), "holderIdentity"), row.age()};
}

Json endpointSliceCells(const Row &row)
{
    std::string ports;
    for (const Json &one : listAt(row.tree, "ports"))
        ports += (ports.empty() ? "" : ",") + std::to_string(numberAt(one, "port"));
    std::string addresses;
    std::size_t count = 0;
    for (const Json &one : listAt(row.tree, "endpoints")) {
        for (const Json &address : listAt(one, "addresses")) {
            if (++count <= 3 && address.is_string())
                addresses += (addresses.empty() ? "" : ",") + address.get<std::string>();
        }
    }
    if (count > 3)
        addresses += " + " + std::to_string(count - 3) + " more...";
    return {row.object.name, textAt(row.tree, "addressType"), ports.empty() ? "<unset>" : ports,
            addresses.empty() ? "<unset>" : addresses, row.age()};
}

Json configMapCells(const Row &row)
{
    return {row.object.name, at(row.tree, "data").size() + at(row.tree, "binaryData").size(), row.age()};
}

Json routeCells(const Row &row)
{
    return {row.object.name, listAt(spec(row), "hostnames").dump(), row.age()};
}

} // namespace signalbox::sandbox
