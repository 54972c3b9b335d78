#include "services/sandbox/kube/objectstore.h"

#include "services/sandbox/kube/defaults.h"
#include "services/sandbox/kube/members.h"

#include <nlohmann/json.hpp>

#include <QByteArray>
#include <QUuid>

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <mutex>

namespace signalbox::sandbox
{

using Json = nlohmann::json;
using members::textAt;

std::string StoredObject::label(const std::string &key) const
{
    const auto at = std::lower_bound(labels.begin(), labels.end(), key,
                                     [](const auto &label, const std::string &wanted) { return label.first < wanted; });
    return at != labels.end() && at->first == key ? at->second : std::string();
}

Json StoredObject::tree() const
{
    return Json::parse(json, nullptr, false);
}

namespace
{

std::string keyOf(const std::string &ns, const std::string &name)
{
    return ns + '/' + name;
}

bool hasFinalizers(const Json &object)
{
    const auto metadata = object.find("metadata");
    if (metadata == object.end() || !metadata->is_object())
        return false;
    const auto found = metadata->find("finalizers");
    return found != metadata->end() && found->is_array() && !found->empty();
}

ObjectPtr stored(const Json &tree, std::uint64_t version)
{
    auto object = std::make_shared<StoredObject>();
    const Json &metadata = tree.at("metadata");
    object->ns = textAt(metadata, "namespace");
    object->name = textAt(metadata, "name");
    object->uid = textAt(metadata, "uid");
    object->version = version;
    object->generation = metadata.value("generation", std::int64_t(0));
    object->isGoing = metadata.contains("deletionTimestamp");
    const auto owners = metadata.find("ownerReferences");
    if (owners != metadata.end() && owners->is_array()) {
        for (const Json &owner : *owners) {
            if (object->ownerUid.empty() || (owner.is_object() && owner.value("controller", false)))
                object->ownerUid = textAt(owner, "uid");
        }
    }
    const auto labels = metadata.find("labels");
    if (labels != metadata.end() && labels->is_object()) {
        for (const auto &[name, value] : labels->items()) {
            if (value.is_string())
                object->labels.emplace_back(name, value.get<std::string>());
        }
        std::sort(object->labels.begin(), object->labels.end());
    }
    object->json = tree.dump(-1, ' ', false, Json::error_handler_t::replace);
    object->json.shrink_to_fit(); // it grew by doubling, and is kept as long as the object
    return object;
}

struct Served
{
    ResourceType type;
    std::map<std::string, ObjectPtr> objects; // "ns/name"
};

} // namespace

struct ObjectStore::Private
{
    std::string seed;
    std::function<std::int64_t()> nowMs;
    HistoryLimits limits;
    Admission admission;

    mutable std::mutex mutex; // of all that follows
    std::deque<Served> served;
    std::uint64_t version = 1;
    std::uint64_t floor = 1; // everything after this version is in `history`
    std::deque<ChangePtr> history;
    std::size_t historyBytes = 0;
    std::uint64_t created = 0;

    struct Heard
    {
        std::uint64_t id;
        const ResourceType *type;
        Listener listener;
    };
    std::vector<Heard> listeners;
    std::uint64_t lastListener = 0;

    Served &of(const ResourceType &type)
    {
        for (Served &one : served) {
            if (&one.type == &type || (one.type.group == type.group && one.type.plural == type.plural))
                return one;
        }
        served.push_back({type, {}}); // a type nobody registered: served from now on
        return served.back();
    }
    const Served *find(const std::string &group, const std::string &plural) const
    {
        for (const Served &one : served) {
            if (one.type.plural == plural && one.type.group == group)
                return &one;
        }
        return nullptr;
    }

    void tell(Change::Kind kind, const ResourceType *type, ObjectPtr object, ObjectPtr before)
    {
        const ChangePtr change =
            std::make_shared<const Change>(Change{kind, type, std::move(object), std::move(before)});
        history.push_back(change);
        historyBytes += change->object->json.size();
        while (!history.empty() && (history.size() > limits.changes || historyBytes > limits.bytes)) {
            historyBytes -= history.front()->object->json.size();
            floor = history.front()->version();
            history.pop_front();
        }
        for (const Heard &heard : listeners) {
            if (!heard.type || heard.type == type)
                heard.listener(change);
        }
    }

    std::string newUid(const std::string &key)
    {
        static const QUuid space(0x9a3c6f10, 0x51d2, 0x4c7e, 0x8b, 0x0e, 0x2f, 0x6d, 0x90, 0x41, 0x7a, 0xe5);
        ++created;
        const std::string name = seed + '/' + key + '/' + std::to_string(created);
        return QUuid::createUuidV5(space, QByteArray::fromStdString(name)).toString(QUuid::WithoutBraces).toStdString();
    }
    // The ending that generateName gets: five characters that make no words.
    std::string newEnding()
    {
        static const char letters[] = "bcdfghjklmnpqrstvwxz2456789";
        const std::string uid = newUid("name");
        std::uint64_t number = std::hash<std::string>()(uid);
        std::string ending;
        for (int i = 0; i < 5; ++i, number /= sizeof letters - 1)
            ending += letters[number % (sizeof letters - 1)];
        return ending;
    }

    std::optional<Refusal> prepareNew(Served &served, Json &object, const WriteOptions &options);
    StoreResult commit(Served &served, const ObjectPtr &before, const Json &old, Json next,
                       const WriteOptions &options);
    // By value: what it takes out of the map may be the caller's own reference.
    StoreResult take(Served &served, ObjectPtr object, const RemoveOptions &options);
    StoreResult mark(Served &served, const ObjectPtr &object, int graceSeconds, bool isDryRun);
    void takeOwned(const std::string &uid, bool isOrphaning);
    void takeNamespace(const std::string &ns);
};

ObjectStore::ObjectStore(std::string seed, std::function<std::int64_t()> nowMs, HistoryLimits limits)
    : d(std::make_unique<Private>())
{
    d->seed = std::move(seed);
    d->nowMs = nowMs ? std::move(nowMs) : [] {
        using namespace std::chrono;
        return std::int64_t(duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count());
    };
    d->limits = limits;
}

ObjectStore::~ObjectStore() = default;

const ResourceType *ObjectStore::registerType(const ResourceType &type)
{
    const std::lock_guard lock(d->mutex);
    return &d->of(type).type;
}

const ResourceType *ObjectStore::type(const std::string &group, const std::string &plural) const
{
    const std::lock_guard lock(d->mutex);
    const Served *served = d->find(group, plural);
    return served ? &served->type : nullptr;
}

const ResourceType *ObjectStore::typeOfKind(const std::string &group, const std::string &kind) const
{
    const std::lock_guard lock(d->mutex);
    for (const Served &one : d->served) {
        if (one.type.kind == kind && one.type.group == group)
            return &one.type;
    }
    return nullptr;
}

std::vector<const ResourceType *> ObjectStore::types() const
{
    const std::lock_guard lock(d->mutex);
    std::vector<const ResourceType *> all;
    for (const Served &one : d->served)
        all.push_back(&one.type);
    return all;
}

void ObjectStore::setAdmission(Admission admission)
{
    const std::lock_guard lock(d->mutex);
    d->admission = std::move(admission);
}

std::int64_t ObjectStore::nowMs() const
{
    return d->nowMs();
}

std::optional<Refusal> ObjectStore::Private::prepareNew(Served &one, Json &object, const WriteOptions &options)
{
    const ResourceType &type = one.type;
    if (!object.is_object() || (object.contains("metadata") && !object["metadata"].is_object()))
        return badRequest("the object provided is not a valid " + type.kind);
    object["apiVersion"] = type.groupVersion();
    object["kind"] = type.kind;
    Json &metadata = object["metadata"];
    if (metadata.is_null())
        metadata = Json::object();
    const std::string prefix = textAt(metadata, "generateName");
    if (textAt(metadata, "name").empty() && !prefix.empty())
        metadata["name"] = prefix.substr(0, 58) + newEnding();
    const std::string name = textAt(metadata, "name");
    if (name.empty())
        return invalid(type.group, type.kind, {}, {requiredValue("metadata.name", "name or generateName is required")});
    const std::string ns = type.isNamespaced ? textAt(metadata, "namespace") : std::string();
    if (!type.isNamespaced)
        metadata.erase("namespace");
    else if (ns.empty())
        return badRequest("the " + type.kind + " \"" + name + "\" has no namespace");
    if (!options.isTrusted) {
        const Served *namespaces = find({}, "namespaces");
        if (type.isNamespaced && namespaces && !namespaces->objects.contains(keyOf({}, ns)))
            return notFound({}, "namespaces", ns);
        for (const char *key : {"uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"})
            metadata.erase(key);
        if (metadata.contains("resourceVersion") && !textAt(metadata, "resourceVersion").empty())
            return unexpected("resourceVersion should not be set on objects to be created");
        if (type.hasStatus)
            object.erase("status");
    }
    if (one.objects.contains(keyOf(ns, name)))
        return alreadyExists(type.group, type.plural, name);
    if (textAt(metadata, "uid").empty())
        metadata["uid"] = newUid(type.plural + '/' + keyOf(ns, name));
    if (textAt(metadata, "creationTimestamp").empty())
        metadata["creationTimestamp"] = timestamp(nowMs());
    metadata.erase("generation");
    if (type.countsGenerations)
        metadata["generation"] = 1;
    return {};
}

StoreResult ObjectStore::create(const ResourceType &type, Json object, const WriteOptions &options)
{
    const std::lock_guard lock(d->mutex);
    Served &served = d->of(type);
    if (auto refusal = d->prepareNew(served, object, options))
        return *refusal;
    applyDefaults(served.type, object);
    if (!options.isTrusted) {
        if (auto refusal = validate(served.type, nullptr, object))
            return *refusal;
        if (d->admission) {
            if (auto refusal = d->admission(served.type, nullptr, object))
                return *refusal;
        }
    }
    if (options.isDryRun) {
        object["metadata"].erase("resourceVersion");
        return stored(object, 0);
    }
    const std::uint64_t version = ++d->version;
    object["metadata"]["resourceVersion"] = std::to_string(version);
    const ObjectPtr made = stored(object, version);
    served.objects[keyOf(made->ns, made->name)] = made;
    d->tell(Change::Kind::Added, &served.type, made, nullptr);
    return made;
}

// What a write may not touch is put back; what may not differ is refused.
StoreResult ObjectStore::Private::commit(Served &one, const ObjectPtr &before, const Json &old, Json next,
                                         const WriteOptions &options)
{
    const ResourceType &type = one.type;
    if (!next.is_object() || !next.contains("metadata") || !next["metadata"].is_object())
        return badRequest("the object provided is not a valid " + type.kind);
    const Json &was = old.at("metadata");
    const std::string seen = textAt(next["metadata"], "resourceVersion");
    if (seen.find_first_not_of("0123456789") != std::string::npos)
        return unexpected("strconv.ParseUint: parsing \"" + seen + "\": invalid syntax");
    if (!seen.empty() && seen != std::to_string(before->version))
        return staleVersion(type.group, type.plural, before->name);
    const std::string uid = textAt(next["metadata"], "uid");
    if (!uid.empty() && uid != before->uid) {
        return conflict(type.group, type.plural, before->name,
                        "Precondition failed: UID in precondition: " + uid + ", UID in object meta: " + before->uid);
    }
    if (options.part == WriteOptions::Part::Status) {
        Json status = next.contains("status") ? std::move(next["status"]) : Json();
        next = old;
        next.erase("status");
        if (!status.is_null())
            next["status"] = std::move(status);
    } else if (options.part == WriteOptions::Part::Main && type.hasStatus) {
        next.erase("status");
        if (old.contains("status"))
            next["status"] = old["status"];
    }
    next["apiVersion"] = type.groupVersion();
    next["kind"] = type.kind;
    Json &metadata = next["metadata"];
    for (const char *key : {"name", "namespace", "uid", "creationTimestamp", "resourceVersion", "generation",
                            "deletionTimestamp", "deletionGracePeriodSeconds", "generateName"}) {
        if (was.contains(key))
            metadata[key] = was[key];
        else
            metadata.erase(key);
    }
    if (options.part != WriteOptions::Part::Status)
        applyDefaults(type, next);
    if (!options.isTrusted) {
        if (auto refusal = validate(type, &old, next))
            return *refusal;
        if (admission) {
            if (auto refusal = admission(type, &old, next))
                return *refusal;
        }
    }
    if (type.countsGenerations && next.value("spec", Json()) != old.value("spec", Json()))
        next["metadata"]["generation"] = before->generation + 1;
    if (next == old) {
        StoreResult same(before);
        same.isUnchanged = true;
        return same;
    }
    if (options.isDryRun)
        return stored(next, before->version);
    if (before->isGoing && hasFinalizers(old) && !hasFinalizers(next))
        return take(one, before, {.graceSeconds = 0});
    const std::uint64_t now = ++version;
    next["metadata"]["resourceVersion"] = std::to_string(now);
    const ObjectPtr made = stored(next, now);
    one.objects[keyOf(made->ns, made->name)] = made;
    tell(Change::Kind::Modified, &type, made, before);
    return made;
}

StoreResult ObjectStore::update(const ResourceType &type, Json object, const WriteOptions &options)
{
    const std::lock_guard lock(d->mutex);
    Served &served = d->of(type);
    const Json metadata = object.is_object() ? object.value("metadata", Json::object()) : Json::object();
    const std::string name = textAt(metadata, "name");
    const auto at = served.objects.find(keyOf(type.isNamespaced ? textAt(metadata, "namespace") : std::string(), name));
    if (at == served.objects.end())
        return notFound(type.group, type.plural, name);
    const ObjectPtr before = at->second;
    return d->commit(served, before, before->tree(), std::move(object), options);
}

StoreResult ObjectStore::modify(const ResourceType &type, const std::string &ns, const std::string &name,
                                const Edit &edit, const WriteOptions &options)
{
    const std::lock_guard lock(d->mutex);
    Served &served = d->of(type);
    const auto at = served.objects.find(keyOf(ns, name));
    if (at == served.objects.end())
        return notFound(type.group, type.plural, name);
    const ObjectPtr before = at->second;
    const Json old = before->tree();
    Json next = old;
    if (auto refusal = edit(next))
        return *refusal;
    return d->commit(served, before, old, std::move(next), options);
}

StoreResult ObjectStore::Private::mark(Served &one, const ObjectPtr &object, int graceSeconds, bool isDryRun)
{
    Json tree = object->tree();
    Json &metadata = tree["metadata"];
    if (object->isGoing && metadata.value("deletionGracePeriodSeconds", 0) <= graceSeconds) {
        StoreResult same(object);
        same.isUnchanged = true;
        return same;
    }
    metadata["deletionTimestamp"] = timestamp(nowMs() + graceSeconds * 1000);
    metadata["deletionGracePeriodSeconds"] = graceSeconds;
    if (one.type.countsGenerations)
        metadata["generation"] = object->generation + 1;
    if (isDryRun)
        return stored(tree, object->version);
    const std::uint64_t now = ++version;
    metadata["resourceVersion"] = std::to_string(now);
    const ObjectPtr made = stored(tree, now);
    one.objects[keyOf(made->ns, made->name)] = made;
    tell(Change::Kind::Modified, &one.type, made, object);
    return made;
}

StoreResult ObjectStore::Private::take(Served &one, ObjectPtr object, const RemoveOptions &options)
{
    const Json tree = object->tree();
    const Json spec = tree.value("spec", Json::object());
    const bool isBound = spec.is_object() && !textAt(spec, "nodeName").empty();
    const int grace = one.type.graceSeconds > 0 && isBound ? options.graceSeconds.value_or(one.type.graceSeconds) : 0;
    // A second look at finalizers: an object whose last one was just taken off comes with grace 0 and isGoing.
    if (grace > 0 || (hasFinalizers(tree) && !object->isGoing))
        return mark(one, object, grace, options.isDryRun);
    if (options.isDryRun)
        return object;
    Json last = tree;
    const std::uint64_t now = ++version;
    last["metadata"]["resourceVersion"] = std::to_string(now);
    const ObjectPtr gone = stored(last, now);
    one.objects.erase(keyOf(object->ns, object->name));
    tell(Change::Kind::Deleted, &one.type, gone, object);
    takeOwned(object->uid, options.isOrphaning);
    if (one.type.group.empty() && one.type.plural == "namespaces")
        takeNamespace(object->name);
    return gone;
}

void ObjectStore::Private::takeOwned(const std::string &uid, bool isOrphaning)
{
    for (Served &one : served) {
        std::vector<ObjectPtr> owned;
        for (const auto &[key, object] : one.objects) {
            if (object->ownerUid == uid)
                owned.push_back(object);
        }
        for (const ObjectPtr &object : owned) {
            const auto at = one.objects.find(keyOf(object->ns, object->name));
            if (at == one.objects.end() || at->second != object)
                continue; // went with one of the others
            if (!isOrphaning) {
                take(one, object, {});
                continue;
            }
            Json next = object->tree();
            const Json old = next;
            next["metadata"].erase("ownerReferences");
            commit(one, object, old, std::move(next), {});
        }
    }
}

void ObjectStore::Private::takeNamespace(const std::string &ns)
{
    for (Served &one : served) {
        if (!one.type.isNamespaced)
            continue;
        std::vector<ObjectPtr> inside;
        for (auto at = one.objects.lower_bound(keyOf(ns, {})); at != one.objects.end() && at->second->ns == ns; ++at)
            inside.push_back(at->second);
        for (const ObjectPtr &object : inside) {
            const auto at = one.objects.find(keyOf(object->ns, object->name));
            if (at != one.objects.end())
                take(one, at->second, {.graceSeconds = 0});
        }
    }
}

StoreResult ObjectStore::remove(const ResourceType &type, const std::string &ns, const std::string &name,
                                const RemoveOptions &options)
{
    const std::lock_guard lock(d->mutex);
    Served &served = d->of(type);
    const auto at = served.objects.find(keyOf(ns, name));
    if (at == served.objects.end())
        return notFound(type.group, type.plural, name);
    const ObjectPtr object = at->second;
    const auto failed = [&](const std::string &what, const std::string &wanted, const std::string &there,
                            const char *why) {
        return conflict(type.group, type.kind, name,
                        "the " + what + " in the precondition (" + wanted + ") does not match the " + what +
                            " in record (" + there + "). The object might have been " + why);
    };
    if (!options.uid.empty() && options.uid != object->uid)
        return failed("UID", options.uid, object->uid, "deleted and then recreated");
    if (!options.version.empty() && options.version != std::to_string(object->version))
        return failed("ResourceVersion", options.version, std::to_string(object->version), "modified");
    return d->take(served, object, options);
}

ObjectPtr ObjectStore::get(const ResourceType &type, const std::string &ns, const std::string &name) const
{
    const std::lock_guard lock(d->mutex);
    const Served *served = d->find(type.group, type.plural);
    if (!served)
        return nullptr;
    const auto at = served->objects.find(keyOf(ns, name));
    return at == served->objects.end() ? nullptr : at->second;
}

ObjectStore::Listing ObjectStore::list(const ResourceType &type, const std::string &ns) const
{
    const std::lock_guard lock(d->mutex);
    Listing listing;
    listing.version = d->version;
    const Served *served = d->find(type.group, type.plural);
    if (!served)
        return listing;
    if (ns.empty()) {
        listing.objects.reserve(served->objects.size());
        for (const auto &[key, object] : served->objects)
            listing.objects.push_back(object);
        return listing;
    }
    for (auto at = served->objects.lower_bound(keyOf(ns, {})); at != served->objects.end() && at->second->ns == ns;
         ++at)
        listing.objects.push_back(at->second);
    return listing;
}

std::size_t ObjectStore::count(const ResourceType &type) const
{
    const std::lock_guard lock(d->mutex);
    const Served *served = d->find(type.group, type.plural);
    return served ? served->objects.size() : 0;
}

std::uint64_t ObjectStore::version() const
{
    const std::lock_guard lock(d->mutex);
    return d->version;
}

std::uint64_t ObjectStore::oldestVersion() const
{
    const std::lock_guard lock(d->mutex);
    return d->floor;
}

void ObjectStore::forgetHistory()
{
    const std::lock_guard lock(d->mutex);
    d->history = {};
    d->historyBytes = 0;
    d->floor = d->version;
}

std::optional<ObjectStore::Subscription> ObjectStore::subscribe(const ResourceType *type, Listener listener,
                                                                std::optional<std::uint64_t> since)
{
    const std::lock_guard lock(d->mutex);
    if (since && *since < d->floor)
        return {};
    if (since) {
        const auto first = std::partition_point(d->history.begin(), d->history.end(),
                                                [&](const ChangePtr &one) { return one->version() <= *since; });
        for (auto at = first; at != d->history.end(); ++at) {
            if (!type || (*at)->type == type)
                listener(*at);
        }
    }
    Subscription subscription;
    subscription.m_store = this;
    subscription.m_id = ++d->lastListener;
    d->listeners.push_back({subscription.m_id, type, std::move(listener)});
    return subscription;
}

ObjectStore::Subscription::Subscription(Subscription &&other) noexcept
    : m_store(std::exchange(other.m_store, nullptr))
    , m_id(other.m_id)
{}

ObjectStore::Subscription &ObjectStore::Subscription::operator=(Subscription &&other) noexcept
{
    if (this != &other) {
        end();
        m_store = std::exchange(other.m_store, nullptr);
        m_id = other.m_id;
    }
    return *this;
}

ObjectStore::Subscription::~Subscription()
{
    end();
}

void ObjectStore::Subscription::end()
{
    if (!m_store)
        return;
    const std::lock_guard lock(m_store->d->mutex);
    std::erase_if(m_store->d->listeners, [this](const Private::Heard &heard) { return heard.id == m_id; });
    m_store = nullptr;
}

} // namespace signalbox::sandbox
