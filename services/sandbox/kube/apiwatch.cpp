// Watches (k8s.io/apiserver/pkg/endpoints/handlers/watch.go, pkg/storage/cacher).
#include "services/sandbox/kube/apirequest.h"
#include "services/sandbox/kube/statusreply.h"
#include "services/sandbox/kube/tables.h"

#include <nlohmann/json.hpp>

#include <atomic>
#include <charconv>
#include <condition_variable>
#include <deque>
#include <mutex>

namespace signalbox::sandbox
{

using Json = nlohmann::json;
using Clock = std::chrono::steady_clock;

namespace
{

constexpr std::size_t mostWaiting = 20'000; // changes a client may lag behind
constexpr std::chrono::seconds defaultDuration{1800};

struct WatchPlan
{
    Selection selection;
    std::string ns;
    Shape shape;
    bool wantsBookmarks = false;
    bool marksInitialEnd = false;
    std::chrono::milliseconds bookmarkEvery{};
    std::chrono::seconds duration{};
};

class WatchStream : public ReplyStream
{
public:
    WatchStream(ObjectStore &store, const ResourceType &type, WatchPlan plan)
        : m_store(store)
        , m_type(type)
        , m_plan(std::move(plan))
        , m_end(Clock::now() + m_plan.duration)
        , m_nextBookmark(Clock::now() + m_plan.bookmarkEvery)
    {}
    ~WatchStream() override { m_subscription.end(); }

    // From `since`, or from everything there is. False: too old.
    bool begin(std::optional<std::uint64_t> since)
    {
        const auto hear = [this](const ChangePtr &change) { take(change); };
        if (!since) {
            // What is listed may have changed again before the subscription: it repeats that, and nothing is lost.
            const ObjectStore::Listing listing = m_store.list(m_type, m_plan.ns);
            for (const ObjectPtr &object : listing.objects) {
                if (m_plan.selection.matches(*object))
                    m_initial.push_back(object);
            }
            m_initialVersion = listing.version;
            m_isInitial = true;
            since = listing.version;
        }
        auto subscription = m_store.subscribe(&m_type, hear, since);
        if (!subscription)
            return false;
        m_subscription = std::move(*subscription);
        return true;
    }
    void fail(const Refusal &refusal) { m_failure = refusal; }

    bool next(std::string &out, std::chrono::milliseconds patience) override
    {
        if (m_failure) {
            out += line("ERROR", statusOf(*m_failure).dump());
            return false;
        }
        if (m_isInitial)
            sendInitial(out);
        std::deque<ChangePtr> changes;
        bool isOverrun = false;
        {
            std::unique_lock lock(m_mutex);
            if (out.empty()) {
                auto until = std::min(Clock::now() + patience, m_end);
                if (m_plan.wantsBookmarks)
                    until = std::min(until, m_nextBookmark);
                m_wake.wait_until(lock, until, [this] { return !m_waiting.empty() || m_isWoken; });
            }
            changes.swap(m_waiting);
            isOverrun = m_isOverrun;
        }
        for (const ChangePtr &change : changes)
            send(*change, out);
        if (isOverrun) {
            out += line("ERROR", statusOf(expired("too old resource version: the client is too slow")).dump());
            return false;
        }
        const auto now = Clock::now();
        const bool isEnd = now >= m_end;
        if (m_plan.wantsBookmarks && (now >= m_nextBookmark || isEnd))
            bookmark(out, false);
        return !isEnd && !m_isWoken;
    }

    void wake() override
    {
        const std::lock_guard lock(m_mutex);
        m_isWoken = true;
        m_wake.notify_all();
    }

private:
    static std::string line(const char *kind, const std::string &object)
    {
        return std::string("{\"type\":\"") + kind + "\",\"object\":" + object + "}\n";
    }

    // In the writer's thread, with the store locked.
    void take(const ChangePtr &change)
    {
        if (!m_plan.ns.empty() && change->object->ns != m_plan.ns)
            return;
        const std::lock_guard lock(m_mutex);
        if (m_waiting.size() >= mostWaiting) {
            m_isOverrun = true;
            return;
        }
        m_waiting.push_back(change);
        m_wake.notify_one();
    }

    std::string shaped(const StoredObject &object)
    {
        return shapedObject(m_type, object, m_plan.shape, m_store.nowMs(), !std::exchange(m_hasColumns, true));
    }

    void sendInitial(std::string &out)
    {
        m_isInitial = false;
        for (const ObjectPtr &object : m_initial)
            out += line("ADDED", shaped(*object));
        m_initial.clear();
        m_initial.shrink_to_fit();
        if (m_plan.marksInitialEnd)
            bookmark(out, true);
    }

    void send(const Change &change, std::string &out)
    {
        const bool isIn = change.kind != Change::Kind::Deleted && m_plan.selection.matches(*change.object);
        const bool wasIn = change.before && m_plan.selection.matches(*change.before);
        if (isIn) {
            out += line(wasIn ? "MODIFIED" : "ADDED", shaped(*change.object));
        } else if (wasIn && change.kind == Change::Kind::Deleted) {
            out += line("DELETED", shaped(*change.object));
        } else if (wasIn) { // it left the selection: its last state in it, at the version that took it out
            Json tree = change.before->tree();
            tree["metadata"]["resourceVersion"] = std::to_string(change.version());
            StoredObject last = *change.before;
            last.version = change.version();
            last.json = tree.dump(-1, ' ', false, Json::error_handler_t::replace);
            out += line("DELETED", shaped(last));
        }
    }

    void bookmark(std::string &out, bool isInitialEnd)
    {
        const std::uint64_t version = isInitialEnd ? m_initialVersion : m_store.version();
        if (!isInitialEnd) {
            // Whatever is older than that version has been told; if it has not been sent yet, the next round will do.
            const std::lock_guard lock(m_mutex);
            if (!m_waiting.empty())
                return;
            m_nextBookmark = Clock::now() + m_plan.bookmarkEvery;
        }
        Json object = {{"kind", m_type.kind},
                       {"apiVersion", m_type.groupVersion()},
                       {"metadata", {{"resourceVersion", std::to_string(version)}, {"creationTimestamp", nullptr}}}};
        if (isInitialEnd)
            object["metadata"]["annotations"] = {{"k8s.io/initial-events-end", "true"}};
        if (m_plan.shape.kind == Shape::Kind::Table) {
            Json table = tableOf(m_type, m_store.nowMs(), !std::exchange(m_hasColumns, true));
            table["metadata"] = object["metadata"];
            object = table;
        } else if (m_plan.shape.kind == Shape::Kind::Metadata) {
            object["kind"] = "PartialObjectMetadata";
            object["apiVersion"] = "meta.k8s.io/v1";
        }
        out += line("BOOKMARK", object.dump());
    }

    ObjectStore &m_store;
    const ResourceType &m_type;
    const WatchPlan m_plan;
    const Clock::time_point m_end;
    Clock::time_point m_nextBookmark;
    std::vector<ObjectPtr> m_initial;
    std::uint64_t m_initialVersion = 0;
    bool m_isInitial = false;
    bool m_hasColumns = false;
    std::optional<Refusal> m_failure;

    std::mutex m_mutex; // of what follows
    std::condition_variable m_wake;
    std::deque<ChangePtr> m_waiting;
    bool m_isOverrun = false;
    std::atomic<bool> m_isWoken{false};
    ObjectStore::Subscription m_subscription;
};

bool isTrue(const std::string &text)
{
    return text == "true" || text == "1";
}

} // namespace

LoopbackReply watchReply(const ApiCall &call)
{
    std::string problem;
    std::string fields = call.request.value("fieldSelector");
    if (!call.path.name.empty())
        fields += (fields.empty() ? "metadata.name=" : ",metadata.name=") + call.path.name;
    auto selection = Selection::parse(call.type, call.request.value("labelSelector"), fields, problem);
    if (!selection)
        return refusedReply(badRequest(problem));
    std::optional<std::uint64_t> since;
    const std::string version = call.request.value("resourceVersion");
    if (!version.empty()) {
        std::uint64_t number = 0;
        const auto read = std::from_chars(version.data(), version.data() + version.size(), number);
        if (read.ec != std::errc() || read.ptr != version.data() + version.size()) {
            return refusedReply(badVersion(version));
        }
        if (number > 0)
            since = number;
    }
    const bool sendsInitial = isTrue(call.request.value("sendInitialEvents"));
    if (sendsInitial)
        since.reset();
    WatchPlan plan;
    plan.selection = std::move(*selection);
    plan.ns = call.path.ns;
    plan.shape = call.shape;
    plan.wantsBookmarks = isTrue(call.request.value("allowWatchBookmarks"));
    plan.marksInitialEnd = sendsInitial && plan.wantsBookmarks;
    plan.bookmarkEvery = call.options.bookmarkEvery;
    plan.duration = defaultDuration;
    const std::string seconds = call.request.value("timeoutSeconds");
    long long asked = 0;
    if (std::from_chars(seconds.data(), seconds.data() + seconds.size(), asked).ec == std::errc() && asked > 0)
        plan.duration = std::chrono::seconds(std::min<long long>(asked, 24 * 3600));
    auto stream = std::make_shared<WatchStream>(call.store, call.type, std::move(plan));
    if (!stream->begin(since)) {
        stream->fail(
            expired("too old resource version: " + version + " (" + std::to_string(call.store.oldestVersion()) + ")"));
    }
    LoopbackReply reply;
    reply.contentType = contentTypeOf(call.shape);
    reply.stream = std::move(stream);
    return reply;
}

} // namespace signalbox::sandbox
