#include "services/sandbox/world/autoscaler.h"

#include "services/sandbox/world/templates.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace signalbox::sandbox
{

namespace
{

constexpr double tolerance = 0.1;

int targetPercent(const Json &scaler)
{
    for (const Json &metric : valueAt(scaler, "/spec/metrics", Json::array())) {
        if (textAt(metric, "/resource/name") == "cpu")
            return static_cast<int>(numberAt(metric, "/resource/target/averageUtilization", 80));
    }
    return 80;
}

// Fives, and the one that is told already as long as it is not off by a whole one: between two of them it would go to
// and fro, each time a change that every watch is told of and that keeps the world's ticks at one a second.
int shownPercent(int percent, const Json &status)
{
    constexpr int grain = 5;
    const int told =
        static_cast<int>(numberAt(status, "/currentMetrics/0/resource/current/averageUtilization", -grain));
    return std::abs(percent - told) < grain ? told : (percent + grain / 2) / grain * grain;
}

} // namespace

void Autoscalers::run()
{
    if (m_state.nowMs - m_lastMs < periodMs)
        return;
    m_lastMs = m_state.nowMs;
    for (const ObjectPtr &scaler : m_state.store.list(*m_state.types.autoscalers).objects)
        scale(scaler);
}

// Downwards the highest wish of the window counts.
int Autoscalers::recommended(const Key &key, int wish)
{
    auto &wishes = m_wishes[key];
    wishes[m_state.nowMs] = wish;
    wishes.erase(wishes.begin(), wishes.lower_bound(m_state.nowMs - stabilizationMs));
    int highest = wish;
    for (const auto &[when, one] : wishes)
        highest = std::max(highest, one);
    return highest;
}

void Autoscalers::scale(const ObjectPtr &object)
{
    const Json scaler = object->tree();
    const std::string kind = textAt(scaler, "/spec/scaleTargetRef/kind");
    const std::string name = textAt(scaler, "/spec/scaleTargetRef/name");
    const ResourceType *type = kind == "StatefulSet" ? m_state.types.statefulSets : m_state.types.deployments;
    const ObjectPtr target = m_state.store.get(*type, object->ns, name);
    if (!target)
        return;
    const Json workload = target->tree();
    const int now = static_cast<int>(numberAt(workload, "/spec/replicas", 1));
    double used = 0;
    double requested = 0;
    int ready = 0;
    for (const PodRecord *pod :
         m_state.podsSelectedBy(object->ns, valueAt(workload, "/spec/selector/matchLabels", Json::object()))) {
        if (!pod->isReady())
            continue;
        used += m_cpuOf(*pod);
        requested += pod->cores;
        ++ready;
    }
    if (now == 0 || ready == 0 || requested <= 0)
        return; // scaled to nothing by hand, or nothing to measure
    const int percent = static_cast<int>(std::lround(100 * used / requested));
    const double ratio = static_cast<double>(percent) / targetPercent(scaler);
    int wish = std::abs(ratio - 1) <= tolerance ? now : static_cast<int>(std::ceil(ratio * ready));
    wish = std::clamp(wish, static_cast<int>(numberAt(scaler, "/spec/minReplicas", 1)),
                      static_cast<int>(numberAt(scaler, "/spec/maxReplicas", now)));
    const Key key{object->ns, object->name};
    const int held = recommended(key, wish);
    if (wish < now)
        wish = std::min(now, held);
    Json status = scaler.value("status", Json::object());
    if (wish != now) {
        m_state.store.modify(*type, object->ns, name, [wish](Json &tree) -> std::optional<Refusal> {
            tree["spec"]["replicas"] = wish;
            return {};
        });
        status["lastScaleTime"] = m_state.timeNow();
        m_state.tell(scaler, false, "SuccessfulRescale",
                     "New size: " + std::to_string(wish) + "; reason: " +
                         (wish > now ? "cpu resource utilization (percentage of request) above target"
                                     : "All metrics below target"),
                     "horizontal-pod-autoscaler");
    }
    // As the controller has them (kubernetes pkg/controller/podautoscaler/horizontal.go): of the target's spec, before
    // and after.
    status["currentReplicas"] = now;
    status["desiredReplicas"] = wish;
    const int shown = shownPercent(percent, status);
    // Of one pod, from what is told: it changes with that only. kubectl describe prints <nil> where it is missing.
    const auto milliCores = std::lround(10 * requested / ready * shown);
    status["currentMetrics"] = Json::array(
        {{{"type", "Resource"},
          {"resource",
           {{"name", "cpu"},
            {"current", {{"averageUtilization", shown}, {"averageValue", std::to_string(milliCores) + 'm'}}}}}}});
    if (wish != now)
        setCondition(status, "AbleToScale", true, "SucceededRescale",
                     "the HPA controller was able to update the target scale to " + std::to_string(wish),
                     m_state.timeNow(), false);
    else
        setCondition(status, "AbleToScale", true, "ReadyForNewScale", "recommended size matches current size",
                     m_state.timeNow(), false);
    setCondition(status, "ScalingActive", true, "ValidMetricFound",
                 "the HPA was able to successfully calculate a replica count from cpu resource utilization "
                 "(percentage of request)",
                 m_state.timeNow(), false);
    if (status == scaler.value("status", Json::object()))
        return;
    m_state.store.modify(*m_state.types.autoscalers, key.ns, key.name,
                         [&status](Json &tree) -> std::optional<Refusal> {
                             tree["status"] = status;
                             return {};
                         },
                         {.part = WriteOptions::Part::Status});
}

} // namespace signalbox::sandbox
