#include "services/drills/appstate.h"

#include "services/drills/drillstext.h"
#include "services/sandbox/world/json.h"

namespace signalbox::drills
{

namespace
{

using sandbox::Json;
using sandbox::numberAt;
using sandbox::ObjectPtr;
using sandbox::ObjectStore;
using sandbox::textAt;
using sandbox::valueAt;

QString text(const Json &tree, const char *pointer)
{
    return QString::fromStdString(textAt(tree, pointer));
}

AppState::Workload workloadOf(const Json &tree)
{
    AppState::Workload workload;
    workload.name = text(tree, "/metadata/name");
    workload.track = text(tree, "/metadata/labels/slot");
    workload.tag = tagOfImage(textAt(tree, "/spec/template/spec/containers/0/image"));
    workload.replicas = static_cast<int>(numberAt(tree, "/spec/replicas", 1));
    workload.updated = static_cast<int>(numberAt(tree, "/status/updatedReplicas"));
    workload.available = static_cast<int>(numberAt(tree, "/status/availableReplicas"));
    workload.there = static_cast<int>(numberAt(tree, "/status/replicas"));
    workload.isObserved = numberAt(tree, "/status/observedGeneration") >= numberAt(tree, "/metadata/generation");
    workload.isPaused = valueAt(tree, "/spec/paused", false) == Json(true);
    workload.restartedAt = text(tree, "/spec/template/metadata/annotations/kubectl.kubernetes.io~1restartedAt");
    return workload;
}

QString trackOfService(const ObjectStore &store, const std::string &ns, const std::string &name)
{
    const ObjectPtr service = store.get(*store.type({}, "services"), ns, name);
    return service ? text(service->tree(), "/spec/selector/slot") : QString();
}

TrackShares readShares(const ObjectStore &store, const AppState &state, const std::string &ns, const std::string &name)
{
    TrackShares shares;
    for (const AppState::Workload &workload : state.workloads) {
        if (!workload.track.isEmpty())
            shares[workload.track] = 0;
    }
    if (shares.empty())
        return shares;
    const sandbox::ResourceType *routes = store.type("gateway.networking.k8s.io", "httproutes");
    const ObjectPtr route = routes ? store.get(*routes, ns, name) : nullptr;
    if (!route) {
        shares[trackOfService(store, ns, name)] = 100;
        return shares;
    }
    const Json backends = valueAt(route->tree(), "/spec/rules/0/backendRefs", Json::array());
    std::int64_t sum = 0;
    for (const Json &backend : backends)
        sum += numberAt(backend, "/weight", 1);
    for (const Json &backend : backends) {
        const QString track = trackOfService(store, ns, textAt(backend, "/name"));
        shares[track] += sum > 0 ? static_cast<int>(numberAt(backend, "/weight", 1) * 100 / sum) : 0;
    }
    return shares;
}

QString sharesText(const TrackShares &before, const TrackShares &after)
{
    QStringList parts;
    for (const auto &[track, share] : after) {
        const auto old = before.find(track);
        const QString name = track.left(1).toUpper() + track.mid(1);
        const int was = old == before.end() ? 0 : old->second;
        parts << (was == share ? DrillsText::tr("%1 stays at %2 %").arg(name).arg(share)
                               : DrillsText::tr("%1 %2 → %3 %").arg(name).arg(was).arg(share));
    }
    return DrillsText::tr("Traffic: %1").arg(parts.join(QStringLiteral(", ")));
}

} // namespace

QString tagOfImage(const std::string &image)
{
    const QString named = QString::fromStdString(image.substr(0, image.find('@')));
    const auto colon = named.lastIndexOf(QLatin1Char(':'));
    return colon > named.lastIndexOf(QLatin1Char('/')) ? named.mid(colon + 1) : QString();
}

AppState readAppState(const ObjectStore &store, const DrillInfo &info)
{
    const std::string ns = info.ns.toStdString();
    const std::string application = info.application.toStdString();
    AppState state;
    for (const ObjectPtr &one : store.list(*store.type("apps", "deployments"), ns).objects) {
        if (one->label(nameLabel) == application)
            state.workloads.push_back(workloadOf(one->tree()));
    }
    state.shares = readShares(store, state, ns, application);
    const sandbox::ResourceType *scalers = store.type("autoscaling", "horizontalpodautoscalers");
    state.isAutoscaled = scalers && store.get(*scalers, ns, application);
    for (const ObjectPtr &pod : store.list(*store.type({}, "pods"), ns).objects) {
        if (pod->label(nameLabel) == application && (pod->json.find("\"ErrImagePull\"") != std::string::npos ||
                                                     pod->json.find("\"ImagePullBackOff\"") != std::string::npos))
            state.tagsNotPulled.insert(tagOfImage(textAt(pod->tree(), "/spec/containers/0/image")));
    }
    return state;
}

std::vector<DrillAction> actionsBetween(const AppState &before, const AppState &after)
{
    std::vector<DrillAction> actions;
    if (before.shares != after.shares)
        actions.push_back(
            {Rule::On::Shares, {}, {}, {}, before.shares, after.shares, sharesText(before.shares, after.shares)});
    for (const AppState::Workload &now : after.workloads) {
        const auto then = std::find_if(before.workloads.begin(), before.workloads.end(),
                                       [&now](const AppState::Workload &one) { return one.name == now.name; });
        if (then == before.workloads.end())
            continue;
        const auto add = [&](Rule::On on, const QString &to, const QString &what) {
            actions.push_back({on, now.name, now.track, to, {}, {}, what});
        };
        if (then->tag != now.tag)
            add(Rule::On::Rollout, now.tag,
                DrillsText::tr("Roll-out of %1: %2 → %3").arg(now.name, then->tag, now.tag));
        else if (then->restartedAt != now.restartedAt)
            add(Rule::On::Restart, {}, DrillsText::tr("Restart of %1").arg(now.name));
        if (then->replicas != now.replicas && !after.isAutoscaled)
            add(Rule::On::Scale, {},
                DrillsText::tr("%1 scaled from %2 to %3 pods").arg(now.name).arg(then->replicas).arg(now.replicas));
        if (then->isPaused != now.isPaused)
            add(Rule::On::Pause, {},
                now.isPaused ? DrillsText::tr("Roll-out of %1 paused").arg(now.name)
                             : DrillsText::tr("Roll-out of %1 resumed").arg(now.name));
    }
    return actions;
}

} // namespace signalbox::drills
