#pragma once

#include "services/sandbox/kube/objectstore.h"
#include "services/sandbox/promql/samplestore.h"
#include "services/sandbox/world/json.h"
#include "services/sandbox/world/world.h"

#include <memory>

// The practice world without servers, its clock driven by hand.
namespace signalbox::sandbox
{

class PracticeClusters
{
public:
    static constexpr std::int64_t beginMs = 1'772'539'200'000; // 2026-03-03 12:00 UTC

    explicit PracticeClusters(const Catalogue &catalogue = builtInCatalogue())
    {
        for (const ClusterPlan &plan : catalogue.clusters) {
            stores.push_back(std::make_unique<ObjectStore>(plan.name, [this] { return clock.nowMs(); }));
            registerTypes(*stores.back(), builtInTypes());
            registerTypes(*stores.back(), gatewayTypes());
        }
        std::vector<ObjectStore *> all;
        for (const auto &store : stores)
            all.push_back(store.get());
        world = std::make_unique<World>(catalogue, all, samples, clock);
        world->seed(beginMs);
    }

    void pass(std::int64_t seconds)
    {
        for (std::int64_t i = 0; i < seconds; ++i) {
            clock.hold(clock.nowMs() + 1000);
            world->tick();
        }
    }
    // Until it is true, at most so many seconds of the world's time.
    template <typename Condition>
    bool passUntil(Condition condition, int mostSeconds)
    {
        for (int i = 0; i < mostSeconds && !condition(); ++i)
            pass(1);
        return condition();
    }

    ObjectStore &production() { return *stores.at(0); }
    ObjectStore &lab() { return *stores.at(1); }
    static Json tree(ObjectStore &store, const char *group, const char *plural, const std::string &ns,
                     const std::string &name)
    {
        const ObjectPtr object = store.get(*store.type(group, plural), ns, name);
        return object ? object->tree() : Json();
    }
    static Json deployment(ObjectStore &store, const std::string &ns, const std::string &name)
    {
        return tree(store, "apps", "deployments", ns, name);
    }
    static bool edit(ObjectStore &store, const char *group, const char *plural, const std::string &ns,
                     const std::string &name, const std::function<void(Json &)> &change)
    {
        return bool(store.modify(*store.type(group, plural), ns, name,
                                 [&](Json &object) -> std::optional<Refusal> {
                                     change(object);
                                     return {};
                                 },
                                 {.part = WriteOptions::Part::Main, .isTrusted = false}));
    }
    static std::vector<Json> owned(ObjectStore &store, const char *group, const char *plural, const std::string &ns,
                                   const std::string &uid)
    {
        std::vector<Json> found;
        for (const ObjectPtr &one : store.list(*store.type(group, plural), ns).objects) {
            if (one->ownerUid == uid)
                found.push_back(one->tree());
        }
        return found;
    }
    // What `kubectl rollout status` waits for.
    static bool isRolledOut(const Json &deployment)
    {
        const int replicas = static_cast<int>(numberAt(deployment, "/spec/replicas"));
        return numberAt(deployment, "/status/observedGeneration") >= numberAt(deployment, "/metadata/generation") &&
               numberAt(deployment, "/status/updatedReplicas") == replicas &&
               numberAt(deployment, "/status/replicas") == replicas &&
               numberAt(deployment, "/status/availableReplicas") == replicas;
    }
    static std::string condition(const Json &object, const std::string &type)
    {
        for (const Json &one : valueAt(object, "/status/conditions", Json::array())) {
            if (textAt(one, "/type") == type)
                return textAt(one, "/status") + ' ' + textAt(one, "/reason");
        }
        return {};
    }

    WorldClock clock;
    std::vector<std::unique_ptr<ObjectStore>> stores;
    SampleStore samples;
    std::unique_ptr<World> world;
};

} // namespace signalbox::sandbox
