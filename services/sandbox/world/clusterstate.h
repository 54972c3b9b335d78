#pragma once

#include "services/sandbox/kube/objectstore.h"
#include "services/sandbox/world/catalogue.h"
#include "services/sandbox/world/json.h"
#include "services/sandbox/world/podlife.h"

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>

namespace signalbox::sandbox
{

struct Key // of a namespaced object of a known kind
{
    std::string ns;
    std::string name;
    auto operator<=>(const Key &) const = default;
};

// What the world knows of a pod besides its text.
struct PodRecord
{
    std::string uid;
    std::string ns;
    std::string name;
    std::string ownerUid;
    std::string node; // empty: not scheduled
    std::string zone;
    std::string ip;
    std::string container;
    std::string image;
    Json labels;
    double cores = 0; // requested
    int gpus = 0;
    std::int64_t createdMs = 0;
    std::int64_t readySinceMs = 0;
    std::int64_t goneAtMs = 0; // terminating: removed then
    bool isGoing = false;
    PodLife life;
    const ServiceSpec *service = nullptr; // null: an image the registry does not know
    const Version *version = nullptr;     // likewise
    // An image of another registry: starts at once and idles, unless its tag says otherwise (foreignWish()).
    bool isForeign = false;

    bool isReady() const { return life.stage == PodStage::Ready && !isGoing; }
    // "crash", "image-pull", "unready", "pending": what people who try things out ask for by the tag of an image of
    // their own ("registry.example/web:crash"), the words of tests/lab/kubernetes. Empty: nothing.
    std::string foreignWish() const;
};

struct NodeRecord
{
    std::string name;
    std::string zone;
    double cores = 0;
    int gpus = 0;
    double usedCores = 0;
    int usedGpus = 0;
    int pods = 0;
    bool isSchedulable = true;
    std::set<std::string> images; // pulled so far; by pulled() and drop()
    bool areImagesTold = true;    // status.images has them

    void pulled(const std::string &image)
    {
        if (images.insert(image).second)
            areImagesTold = false;
    }
    void drop(const std::string &image)
    {
        if (images.erase(image) > 0)
            areImagesTold = false;
    }
};

// One cluster as its controllers see it: the objects of the store, what changed since they last looked, and the pods
// and nodes in a form that is cheap to go through. All but the subscription's queue belongs to the world's thread.
class ClusterState
{
public:
    enum class Kind { Deployment, ReplicaSet, StatefulSet, DaemonSet, Service, Route, Autoscaler };

    ClusterState(const Catalogue &catalogue, const ClusterPlan &plan, ObjectStore &store);
    ~ClusterState();

    const Catalogue &catalogue;
    const ClusterPlan &plan;
    ObjectStore &store;
    std::int64_t nowMs = 0;

    struct Types
    {
        const ResourceType *pods, *nodes, *namespaces, *services, *events, *endpoints, *configMaps;
        const ResourceType *deployments, *replicaSets, *statefulSets, *daemonSets, *controllerRevisions;
        const ResourceType *slices, *autoscalers, *routes, *gateways;
    } types;

    std::map<std::string, PodRecord> pods;   // by uid
    std::map<std::string, NodeRecord> nodes; // by name

    // Called by whoever writes to the store, any thread: it must return at once. Set before the first write.
    std::function<void()> wake;
    // Takes in what others and the controllers themselves wrote. True: there was something.
    bool drain();
    // Rises with everything that drain() takes in and that others follow: not with events, nor with what autoscalers
    // say they measure.
    std::uint64_t changes() const { return m_changes; }
    // Keys whose object, or something it depends on, changed; they are handed out once.
    std::set<Key> takeDirty(Kind kind);
    void mark(Kind kind, Key key) { m_dirty[kind].insert(std::move(key)); }
    // Marks it at that time.
    void markLater(Kind kind, Key key, std::int64_t atMs);
    void markDue();
    std::optional<std::int64_t> nextLaterMs() const;
    bool hasDirty() const;

    std::vector<PodRecord *> podsOwnedBy(const std::string &uid);
    // Ready or not, in a namespace, by a Service's selector.
    std::vector<PodRecord *> podsSelectedBy(const std::string &ns, const Json &selector);
    std::vector<ObjectPtr> owned(const ResourceType &type, const std::string &ns, const std::string &uid) const;

    // An Event about an object; equal ones are counted together for ten minutes and forgotten after an hour.
    void tell(const Json &about, bool isWarning, const std::string &reason, const std::string &message,
              const std::string &component);
    void tell(const PodRecord &pod, bool isWarning, const std::string &reason, const std::string &message,
              const std::string &component);
    void forgetOldEvents();

    std::string timeNow() const { return timestamp(nowMs); }
    // A number that no other call got, the same in every run that does the same.
    std::uint64_t fresh() { return ++m_fresh; }

private:
    void take(const Change &change);
    void takePod(const Change &change);
    void takeNode(const Change &change);
    void markOwner(const std::string &ns, const Json &tree);
    void recordEvent(Json regarding, bool isWarning, const std::string &reason, const std::string &message,
                     const std::string &component);

    std::mutex m_mutex; // of the queue
    std::vector<ChangePtr> m_queue;
    std::map<Kind, std::set<Key>> m_dirty;
    std::multimap<std::int64_t, std::pair<Kind, Key>> m_later;
    std::map<std::string, std::set<std::string>> m_podsByOwner;
    struct ToldEvent
    {
        std::string name;
        std::string ns;
        std::int64_t lastMs = 0;
        int count = 0;
    };
    std::map<std::string, ToldEvent> m_events; // by what makes two equal
    std::uint64_t m_fresh = 0;
    std::uint64_t m_changes = 0;
    ObjectStore::Subscription m_subscription; // last: ends before the queue does
};

} // namespace signalbox::sandbox
