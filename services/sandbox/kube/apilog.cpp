// Pod logs (k8s.io/kubernetes/pkg/registry/core/pod/strategy.go: LogLocation; pkg/kubelet/kubelet_pods.go).
#include "services/sandbox/kube/apirequest.h"
#include "services/sandbox/kube/statusreply.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <mutex>

namespace signalbox::sandbox
{

using Json = nlohmann::json;

namespace
{

using LogHook = std::function<SandboxLogAnswer(const SandboxLogQuery &)>;

struct LogForm
{
    bool hasTimestamps = false;
    std::int64_t limitBytes = -1;
};

void append(const SandboxLogLine &line, const LogForm &form, std::string &out)
{
    if (form.hasTimestamps)
        out += microTimestamp(line.ms).insert(26, "000") + ' '; // nanoseconds
    out += line.text;
    out += '\n';
}

class LogFollow : public ReplyStream
{
public:
    LogFollow(ObjectStore &store, const ResourceType &pods, LogHook hook, SandboxLogQuery query, LogForm form,
              std::string first, bool isOver, std::chrono::milliseconds every)
        : m_store(store)
        , m_pods(pods)
        , m_hook(std::move(hook))
        , m_query(std::move(query))
        , m_form(form)
        , m_first(std::move(first))
        , m_isOver(isOver)
        , m_every(every)
    {}

    bool next(std::string &out, std::chrono::milliseconds patience) override
    {
        if (!m_first.empty()) {
            out += std::exchange(m_first, {});
            return !m_isOver;
        }
        if (m_isOver)
            return false;
        {
            std::unique_lock lock(m_mutex);
            if (m_wake.wait_for(lock, std::min(patience, m_every), [this] { return m_isWoken; }))
                return false;
        }
        const ObjectPtr pod = m_store.get(m_pods, m_query.pod->ns, m_query.pod->name);
        const bool isGone = !pod || pod->uid != m_query.pod->uid;
        if (!isGone)
            m_query.pod = pod;
        const SandboxLogAnswer answer = m_hook(m_query);
        for (const SandboxLogLine &line : answer.lines)
            append(line, m_form, out);
        m_query.cursor = answer.cursor;
        return !isGone && !answer.isOver;
    }

    void wake() override
    {
        const std::lock_guard lock(m_mutex);
        m_isWoken = true;
        m_wake.notify_all();
    }

private:
    ObjectStore &m_store;
    const ResourceType &m_pods;
    const LogHook m_hook;
    SandboxLogQuery m_query;
    const LogForm m_form;
    std::string m_first;
    const bool m_isOver;
    const std::chrono::milliseconds m_every;
    std::mutex m_mutex;
    std::condition_variable m_wake;
    bool m_isWoken = false;
};

std::vector<std::string> containersOf(const Json &pod)
{
    std::vector<std::string> names;
    for (const char *list : {"initContainers", "containers"}) {
        for (const Json &container : pod.value("spec", Json::object()).value(list, Json::array()))
            names.push_back(container.value("name", std::string()));
    }
    return names;
}

std::variant<std::string, Refusal> chosenContainer(const ApiCall &call, const Json &pod)
{
    const std::vector<std::string> all = containersOf(pod);
    const std::string asked = call.request.value("container");
    if (!asked.empty()) {
        if (std::find(all.begin(), all.end(), asked) == all.end())
            return badRequest("container " + asked + " is not valid for pod " + call.path.name);
        return asked;
    }
    const Json containers = pod.value("spec", Json::object()).value("containers", Json::array());
    if (containers.size() == 1)
        return containers[0].value("name", std::string());
    std::string names;
    for (const Json &container : containers)
        names += (names.empty() ? "" : " ") + container.value("name", std::string());
    return badRequest("a container name must be specified for pod " + call.path.name + ", choose one of: [" + names +
                      "]");
}

// What the kubelet says when there is no log.
std::optional<Refusal> notThere(const Json &pod, const std::string &podName, const std::string &container,
                                bool isPrevious)
{
    const std::string who = "container \"" + container + "\" in pod \"" + podName + '"';
    const Json status = pod.value("status", Json::object());
    for (const Json &one : status.value("containerStatuses", Json::array())) {
        if (one.value("name", std::string()) != container)
            continue;
        const Json waiting = one.value("state", Json::object()).value("waiting", Json());
        const bool hasRun = !one.value("lastState", Json::object()).value("terminated", Json()).is_null();
        if (isPrevious && !hasRun)
            return badRequest("previous terminated " + who + " not found");
        if (!isPrevious && !hasRun && waiting.is_object()) {
            const std::string reason = waiting.value("reason", std::string("ContainerCreating"));
            const bool isImage = reason == "ImagePullBackOff" || reason == "ErrImagePull";
            return badRequest(who + " is waiting to start: " + (isImage ? "trying and failing to pull image" : reason));
        }
        return {};
    }
    if (isPrevious)
        return badRequest("previous terminated " + who + " not found");
    if (status.value("phase", std::string()) == "Pending")
        return badRequest(who + " is waiting to start: ContainerCreating");
    return {};
}

std::variant<std::optional<std::int64_t>, Refusal> numberAt(const LoopbackRequest &request, const char *key)
{
    const std::string text = request.value(key);
    if (text.empty())
        return std::optional<std::int64_t>();
    std::int64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size())
        return badRequest("strconv.ParseInt: parsing \"" + text + "\": invalid syntax");
    if (number < 0)
        return invalid({}, "PodLogOptions", {}, {invalidValue(key, text, "must be greater than or equal to 0")});
    return std::optional<std::int64_t>(number);
}

bool isTrue(const LoopbackRequest &request, const char *key)
{
    const std::string text = request.value(key);
    return text == "true" || text == "1";
}

} // namespace

LoopbackReply logReply(const ApiCall &call)
{
    const ObjectPtr pod = call.store.get(call.type, call.path.ns, call.path.name);
    if (!pod)
        return refusedReply(notFound({}, "pods", call.path.name));
    const Json tree = pod->tree();
    const auto container = chosenContainer(call, tree);
    if (const auto *refusal = std::get_if<Refusal>(&container))
        return refusedReply(*refusal);
    std::optional<std::int64_t> numbers[3]; // tail, seconds, bytes
    const char *keys[] = {"tailLines", "sinceSeconds", "limitBytes"};
    for (int i = 0; i < 3; ++i) {
        const auto number = numberAt(call.request, keys[i]);
        if (const auto *refusal = std::get_if<Refusal>(&number))
            return refusedReply(*refusal);
        numbers[i] = std::get<0>(number);
    }
    SandboxLogQuery query;
    query.pod = pod;
    query.container = std::get<0>(container);
    query.isPrevious = isTrue(call.request, "previous");
    if (auto refusal = notThere(tree, pod->name, query.container, query.isPrevious))
        return refusedReply(*refusal);
    query.tailLines = int(std::min<std::int64_t>(numbers[0].value_or(-1), 1'000'000));
    if (numbers[1])
        query.sinceMs = call.store.nowMs() - *numbers[1] * 1000;
    else if (const auto since = timeOf(call.request.value("sinceTime")))
        query.sinceMs = *since;
    const LogForm form{isTrue(call.request, "timestamps"), numbers[2].value_or(-1)};

    SandboxLogAnswer answer;
    answer.isOver = !call.options.hooks.logs;
    if (call.options.hooks.logs)
        answer = call.options.hooks.logs(query);
    std::erase_if(answer.lines, [&](const SandboxLogLine &line) { return line.ms < query.sinceMs; });
    const std::size_t skipped = query.tailLines >= 0 && answer.lines.size() > std::size_t(query.tailLines)
                                    ? answer.lines.size() - std::size_t(query.tailLines)
                                    : 0;
    std::string text;
    for (std::size_t i = skipped; i < answer.lines.size(); ++i)
        append(answer.lines[i], form, text);
    if (form.limitBytes >= 0 && text.size() > std::size_t(form.limitBytes))
        text.resize(std::size_t(form.limitBytes));
    LoopbackReply reply = textReply({});
    reply.contentType = "text/plain";
    if (!isTrue(call.request, "follow")) {
        reply.body = std::move(text);
        return reply;
    }
    query.cursor = answer.cursor;
    reply.stream =
        std::make_shared<LogFollow>(call.store, call.type, call.options.hooks.logs, query, form, std::move(text),
                                    answer.isOver || query.isPrevious, call.options.logPollEvery);
    return reply;
}

} // namespace signalbox::sandbox
