#pragma once

#include "services/sandbox/kube/refusal.h"
#include "services/sandbox/kube/resourcetype.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace signalbox::sandbox
{

// One object at one version: its JSON text and the few fields that are asked for often. Never changes.
struct StoredObject
{
    using Labels = std::vector<std::pair<std::string, std::string>>; // sorted by name

    std::string ns; // empty for cluster-wide kinds
    std::string name;
    std::string uid;
    std::string ownerUid; // of the controller, if any
    std::uint64_t version = 0;
    std::int64_t generation = 0;
    bool isGoing = false; // metadata.deletionTimestamp is set
    Labels labels;
    std::string json; // with apiVersion, kind and metadata.resourceVersion

    std::string label(const std::string &key) const; // empty: not there
    nlohmann::json tree() const;
};
using ObjectPtr = std::shared_ptr<const StoredObject>;

struct Change
{
    enum class Kind { Added, Modified, Deleted };
    Kind kind = Kind::Added;
    const ResourceType *type = nullptr;
    ObjectPtr object; // for Deleted: its last state, with the version of its end
    ObjectPtr before; // null for Added
    std::uint64_t version() const { return object->version; }
};
using ChangePtr = std::shared_ptr<const Change>;

// A write's outcome: the object as it is now (for a dry run: as it would be), or why not.
struct StoreResult
{
    ObjectPtr object;
    std::optional<Refusal> refusal;
    bool isUnchanged = false; // nothing was written since nothing differed

    StoreResult(ObjectPtr made)
        : object(std::move(made))
    {}
    StoreResult(Refusal why)
        : refusal(std::move(why))
    {}
    explicit operator bool() const { return !refusal; }
};

struct WriteOptions
{
    // Main: status stays as it is stored. Status: nothing but status changes. Whole: both, for the world's controllers.
    enum class Part { Main, Status, Whole };
    Part part = Part::Whole;
    bool isDryRun = false;
    // The world's own writes: uid, creationTimestamp and status given at creation are kept (so that history can be
    // seeded), the namespace need not exist, admission is not asked.
    bool isTrusted = true;
};

struct RemoveOptions
{
    std::string uid = {};                 // only if it has this; empty: any
    std::string version = {};             // only if it is at this resourceVersion; empty: any
    std::optional<int> graceSeconds = {}; // default: the type's. 0 removes at once
    bool isOrphaning = false;             // leave what it owns
    bool isDryRun = false;
};

// How much history a store keeps for watches.
struct HistoryLimits
{
    std::size_t changes = 4096;      // kept for watches
    std::size_t bytes = 2 * 1000000; // of text in them: some hundred changes of pods
};

// The objects of one cluster, as JSON texts with resource versions, and the history that watches replay. Thread-safe.
// One lock: writes are short (a few KB parsed and written, some 100 us). Owned objects go with their owner, everything
// in a namespace goes with it.
class ObjectStore
{
public:
    using Listener = std::function<void(const ChangePtr &)>;
    // Changes the tree in place; a refusal leaves everything as it was. Runs while the store is locked: it must not
    // call the store.
    using Edit = std::function<std::optional<Refusal>(nlohmann::json &)>;
    // Asked before every write that is not trusted, after defaults are filled in; may change `next`. `before` is null
    // for a creation. Runs while the store is locked.
    using Admission =
        std::function<std::optional<Refusal>(const ResourceType &, const nlohmann::json *before, nlohmann::json &next)>;

    // `seed` makes the uids, so that two starts have the same; `nowMs` is Unix time (empty: the system's clock).
    explicit ObjectStore(std::string seed, std::function<std::int64_t()> nowMs = {}, HistoryLimits limits = {});
    ~ObjectStore();
    ObjectStore(const ObjectStore &) = delete;
    ObjectStore &operator=(const ObjectStore &) = delete;

    // The answer lives as long as the store. Again with the same group and plural: the first one.
    const ResourceType *registerType(const ResourceType &type);
    const ResourceType *type(const std::string &group, const std::string &plural) const; // null: not served
    const ResourceType *typeOfKind(const std::string &group, const std::string &kind) const;
    std::vector<const ResourceType *> types() const; // in order of registration
    void setAdmission(Admission admission);

    // `object` needs metadata.name (or generateName) and, for namespaced types, metadata.namespace. apiVersion, kind,
    // uid, creationTimestamp, resourceVersion and generation are filled in, defaults of the built-in kinds too.
    StoreResult create(const ResourceType &type, nlohmann::json object, const WriteOptions &options = {});
    // The whole object, as PUT. A metadata.resourceVersion in it must be the stored one, else Conflict.
    StoreResult update(const ResourceType &type, nlohmann::json object, const WriteOptions &options = {});
    // Read, change and write in one, so never in conflict by itself.
    StoreResult modify(const ResourceType &type, const std::string &ns, const std::string &name, const Edit &edit,
                       const WriteOptions &options = {});
    // Gone, or marked (the result's isGoing) where the type has a grace period or finalizers hold it.
    StoreResult remove(const ResourceType &type, const std::string &ns, const std::string &name,
                       const RemoveOptions &options = {});

    ObjectPtr get(const ResourceType &type, const std::string &ns, const std::string &name) const; // null: none
    struct Listing
    {
        std::vector<ObjectPtr> objects; // by namespace and name
        std::uint64_t version = 0;      // of the whole store at that moment
    };
    Listing list(const ResourceType &type, const std::string &ns = {}) const; // empty ns: all
    std::size_t count(const ResourceType &type) const;
    std::uint64_t version() const;
    std::uint64_t oldestVersion() const; // a watch can start here or later
    // Nobody can watch from before now: for what was made before anybody looked.
    void forgetHistory();

    // Ends when destroyed; no call of the listener is running then. Must not be destroyed by the listener, nor outlive
    // the store.
    class Subscription
    {
    public:
        Subscription() = default;
        Subscription(Subscription &&other) noexcept;
        Subscription &operator=(Subscription &&other) noexcept;
        ~Subscription();
        void end();

    private:
        friend class ObjectStore;
        ObjectStore *m_store = nullptr;
        std::uint64_t m_id = 0;
    };
    // The changes of `type` (null: of all types) from now on, or those after version `since` first. The listener runs
    // in the writer's thread while the store is locked: it must put the change into a queue of its own and return,
    // never call the store. None: `since` is older than the history (a watch answers 410).
    std::optional<Subscription> subscribe(const ResourceType *type, Listener listener,
                                          std::optional<std::uint64_t> since = {});

    std::int64_t nowMs() const;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

// "2026-03-01T12:00:00Z" of Unix milliseconds; with microseconds for Leases ("...00.000000Z").
std::string timestamp(std::int64_t ms);
std::string microTimestamp(std::int64_t ms);
// Unix milliseconds of such a text; none: it is not one.
std::optional<std::int64_t> timeOf(const std::string &text);

} // namespace signalbox::sandbox
