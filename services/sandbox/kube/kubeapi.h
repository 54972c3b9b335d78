#pragma once

#include "services/sandbox/http/loopbackserver.h"
#include "services/sandbox/kube/objectstore.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace signalbox::sandbox
{

// What a container wrote.
struct SandboxLogLine
{
    std::int64_t ms = 0; // Unix time
    std::string text;    // without newline
};

struct SandboxLogQuery
{
    ObjectPtr pod;
    std::string container;
    bool isPrevious = false;  // the run before the last restart
    std::uint64_t cursor = 0; // 0: from the start; else what the answer before said
    std::int64_t sinceMs = 0; // earlier lines are not needed (they may be there)
    int tailLines = -1;       // more lines than the last ones are not needed (they may be there); -1: all
};

struct SandboxLogAnswer
{
    std::vector<SandboxLogLine> lines; // oldest first, those after the cursor
    std::uint64_t cursor = 0;          // for what comes next
    bool isOver = false;               // the container has ended: a follower is done
};

struct SandboxUsage
{
    struct Container
    {
        std::string name; // empty for a node
        double cores = 0;
        std::int64_t bytes = 0;
    };
    std::vector<Container> containers;
};

// May this be done? As SelfSubjectAccessReview asks it.
struct AccessQuestion
{
    std::string verb;
    std::string group;
    std::string resource;
    std::string subresource;
    std::string ns;
    std::string name;
};

struct AccessAnswer
{
    bool isAllowed = true;
    std::string reason;
};

// The wire protocol of a Kubernetes API server over an ObjectStore: discovery, lists (with limit and continue, Tables,
// PartialObjectMetadata), watches with bookmarks, writes with dry run, JSON, merge and strategic merge patches, status
// and scale subresources, pod logs, access reviews, resource metrics. Thread-safe: handle() is called by many threads.
//
// Not served: server-side apply (415), protobuf (but for what protobuf.h names) and YAML, managedFields,
// exec/attach/port-forward, /openapi/v2 (v3 says which parameters are taken, and has no schemas: `kubectl explain` and
// client-side validation find nothing), events.k8s.io (Events are in core v1), other versions than ResourceType names.
// A page after the first shows objects as they are now, under the first page's resourceVersion; a watch from there
// repeats what changed between.
class KubeApi
{
public:
    struct Hooks
    {
        // Called often while a log is followed, from several threads. None: every log is empty.
        std::function<SandboxLogAnswer(const SandboxLogQuery &)> logs;
        // Of a pod (`ns` set) or a node; nothing: not measured. Without the hook metrics.k8s.io is not served.
        std::function<std::optional<SandboxUsage>(const std::string &ns, const std::string &name)> usage;
        // Asked for reviews and before every request. None: all is allowed.
        std::function<AccessAnswer(const AccessQuestion &)> access;
    };
    struct Options
    {
        std::string version = "1.29.0"; // what /version says
        std::string user = "operator";  // in refusals and SelfSubjectReviews
        std::chrono::milliseconds bookmarkEvery{60'000};
        std::chrono::milliseconds logPollEvery{500};
        Hooks hooks;
    };

    // The store must outlive the API and all its streams.
    KubeApi(ObjectStore &store, Options options);
    ~KubeApi();
    KubeApi(const KubeApi &) = delete;
    KubeApi &operator=(const KubeApi &) = delete;

    LoopbackReply handle(const LoopbackRequest &request) const;

    // For LoopbackServer::Options: what a request without the token, or one with too large a body, gets.
    static LoopbackReply unauthorized();
    static LoopbackReply tooLarge();

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace signalbox::sandbox
