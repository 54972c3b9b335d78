#include "services/sandbox/world/kubelet.h"

#include "services/sandbox/world/chance.h"
#include "services/sandbox/world/nodeimages.h"
#include "services/sandbox/world/templates.h"

#include <algorithm>
#include <cstdio>

namespace signalbox::sandbox
{

namespace
{

std::string digestPart(const std::string &image)
{
    const std::size_t at = image.find('@');
    return at == std::string::npos ? std::string() : image.substr(at);
}

// As a container runtime names what it pulled: by digest, also where the pod says a tag alone.
std::string imageId(const std::string &image, const PodRecord &pod, const Catalogue &catalogue)
{
    std::string digest = digestPart(image);
    if (digest.empty() && pod.service && pod.version)
        digest = digestPart(catalogue.image(*pod.service, pod.version->tag));
    const std::string named = image.substr(0, image.find('@'));
    const std::size_t colon = named.rfind(':');
    const bool hasTag = colon != std::string::npos && named.find('/', colon) == std::string::npos;
    return (hasTag ? named.substr(0, colon) : named) + digest;
}

std::string containerId(const PodRecord &pod, int restarts)
{
    std::string id = "containerd://";
    for (std::uint64_t i = 0; i < 4; ++i) {
        char part[20];
        std::snprintf(part, sizeof part, "%016llx",
                      static_cast<unsigned long long>(hashOf(pod.uid, static_cast<std::uint64_t>(restarts) * 8 + i)));
        id += part;
    }
    return id;
}

std::string pullProblem(const std::string &image)
{
    return "rpc error: code = NotFound desc = failed to pull and unpack image \"" + image +
           "\": failed to resolve reference \"" + image + "\": " + image + ": not found";
}

std::string backOffText(const PodLife &life)
{
    const std::int64_t seconds = (life.nextMs - life.sinceMs) / 1000;
    return seconds >= 60 ? std::to_string(seconds / 60) + "m" + std::to_string(seconds % 60) + "s"
                         : std::to_string(seconds) + "s";
}

std::string qualifiedName(const PodRecord &pod)
{
    return pod.name + '_' + pod.ns + '(' + pod.uid + ')';
}

Json terminatedState(const PodRecord &pod, int restarts)
{
    const auto &last = pod.life.last;
    return {{"terminated",
             {{"containerID", containerId(pod, restarts)},
              {"exitCode", last.exitCode},
              {"reason", last.reason},
              {"startedAt", timestamp(last.startedMs)},
              {"finishedAt", timestamp(last.finishedMs)}}}};
}

Json stateOf(const PodRecord &pod)
{
    const PodLife &life = pod.life;
    switch (life.stage) {
    case PodStage::Unscheduled:
    case PodStage::Pulling:
        return {{"waiting", {{"reason", "ContainerCreating"}}}};
    case PodStage::PullFailed:
        return {{"waiting", {{"reason", "ErrImagePull"}, {"message", pullProblem(pod.image)}}}};
    case PodStage::PullBackOff:
        return {
            {"waiting", {{"reason", "ImagePullBackOff"}, {"message", "Back-off pulling image \"" + pod.image + '"'}}}};
    case PodStage::Starting:
    case PodStage::Ready:
        return {{"running", {{"startedAt", timestamp(life.startedMs)}}}};
    case PodStage::Crashed:
        return terminatedState(pod, life.restarts);
    case PodStage::CrashBackOff:
        break;
    }
    return {{"waiting",
             {{"reason", "CrashLoopBackOff"},
              {"message", "back-off " + backOffText(life) + " restarting failed container=" + pod.container +
                              " pod=" + qualifiedName(pod)}}}};
}

Json containerStatus(const PodRecord &pod, const Catalogue &catalogue)
{
    const PodLife &life = pod.life;
    const bool hasContainer = life.startedMs > 0 || life.last.finishedMs > 0;
    Json status = {{"name", pod.container},
                   {"image", pod.image},
                   {"imageID", hasContainer ? imageId(pod.image, pod, catalogue) : std::string()},
                   {"ready", life.stage == PodStage::Ready},
                   {"started", life.isRunning()},
                   {"restartCount", life.restarts},
                   {"state", stateOf(pod)},
                   {"lastState", Json::object()}};
    if (hasContainer)
        status["containerID"] = containerId(pod, life.restarts);
    if (life.last.finishedMs > 0 && life.stage != PodStage::Crashed)
        status["lastState"] = terminatedState(pod, std::max(0, life.restarts - 1));
    return status;
}

// A container that runs, and runs a version that does not stay up.
bool hasReasonToCrash(const PodRecord &pod)
{
    return pod.life.isRunning() &&
           (pod.version ? pod.version->behaviour.crashAfterSeconds > 0 : pod.foreignWish() == "crash");
}

// Small, and loads no model.
PodCircumstances foreignCircumstances(const PodRecord &pod)
{
    constexpr std::int64_t never = std::int64_t(365) * 24 * 3600 * 1000;
    PodCircumstances now;
    const std::string wish = pod.foreignWish();
    now.canPull = wish != "image-pull";
    now.pullMs = 300;
    now.warmUpMs = wish == "unready" ? never : 300;
    now.crashAfterMs = wish == "crash" ? 200 : 0;
    return now;
}

// The kubelet's conditions; lastTransitionTime stays where the status does.
void fillConditions(Json &status, const PodRecord &pod, const std::string &now)
{
    const bool isReady = pod.life.stage == PodStage::Ready;
    const std::string unready = "containers with unready status: [" + pod.container + ']';
    const auto set = [&](const char *type, bool isTrue) {
        setCondition(status, type, isTrue, isTrue ? "" : "ContainersNotReady", isTrue ? "" : unready, now, false);
    };
    set("PodReadyToStartContainers", true);
    set("Initialized", true);
    set("Ready", isReady);
    set("ContainersReady", isReady);
    set("PodScheduled", true);
}

void fillStatus(Json &status, const PodRecord &pod, const std::string &hostIp, const std::string &now,
                const Catalogue &catalogue)
{
    const bool wasRunning = pod.life.startedMs > 0 || pod.life.last.finishedMs > 0;
    status["phase"] = wasRunning ? "Running" : "Pending";
    status["hostIP"] = hostIp;
    status["hostIPs"] = Json::array({{{"ip", hostIp}}});
    if (wasRunning) {
        status["podIP"] = pod.ip;
        status["podIPs"] = Json::array({{{"ip", pod.ip}}});
    }
    fillConditions(status, pod, now);
    status["containerStatuses"] = Json::array({containerStatus(pod, catalogue)});
}

} // namespace

Json Kubelet::readyStatus(const Catalogue &catalogue, const PodRecord &pod, const std::string &hostIp,
                          std::int64_t startedMs, std::int64_t readyMs)
{
    PodRecord ready = pod;
    ready.life.stage = PodStage::Ready;
    ready.life.startedMs = startedMs;
    Json status = {{"qosClass", "Burstable"}, {"startTime", timestamp(startedMs - 4000)}};
    fillStatus(status, ready, hostIp, timestamp(readyMs), catalogue);
    return status;
}

PodCircumstances Kubelet::circumstancesOf(const PodRecord &pod) const
{
    if (pod.isForeign)
        return foreignCircumstances(pod);
    PodCircumstances now;
    const auto node = m_state.nodes.find(pod.node);
    const bool isGone = m_faults.isImageGone(pod);
    now.canPull = pod.version && !isGone;
    now.isCached = !isGone && node != m_state.nodes.end() && node->second.images.contains(pod.image);
    now.pullMs = 2500 + static_cast<std::int64_t>(chance(m_state.catalogue.seed, pod.name) * 4500);
    if (!pod.version)
        return now;
    const Behaviour &behaviour = pod.version->behaviour;
    now.warmUpMs =
        static_cast<std::int64_t>(behaviour.warmUpSeconds * (850 + 300 * chance(m_state.catalogue.seed, pod.name, 1)));
    now.crashAfterMs = static_cast<std::int64_t>(behaviour.crashAfterSeconds * 1000);
    return now;
}

// 0: no step of its own.
std::int64_t Kubelet::dueMs(const PodRecord &pod)
{
    return pod.isGoing ? pod.goneAtMs : pod.life.nextMs;
}

std::optional<std::int64_t> Kubelet::nextDueMs() const
{
    std::optional<std::int64_t> next;
    for (const auto &[uid, pod] : m_state.pods) {
        const std::int64_t due = dueMs(pod);
        if (due > m_state.nowMs && (!next || due < *next))
            next = due;
    }
    return next;
}

void Kubelet::run()
{
    std::vector<std::string> due; // by name: writing changes the table
    for (const auto &[uid, pod] : m_state.pods) {
        const bool isDue = pod.life.nextMs > 0 ? pod.life.nextMs <= m_state.nowMs
                                               : pod.life.stage == PodStage::Unscheduled || hasReasonToCrash(pod);
        if (pod.isGoing ? m_state.nowMs >= pod.goneAtMs : isDue)
            due.push_back(uid);
    }
    for (const std::string &uid : due) {
        const auto found = m_state.pods.find(uid);
        if (found == m_state.pods.end())
            continue;
        PodRecord &pod = found->second;
        if (pod.isGoing) {
            m_unschedulable.erase(uid);
            m_state.store.remove(*m_state.types.pods, pod.ns, pod.name, {.uid = uid, .graceSeconds = 0});
            continue;
        }
        if (pod.node.empty())
            place(pod);
        else if (pod.life.stage == PodStage::Unscheduled && pod.life.nextMs == 0)
            schedule(pod.life, m_state.nowMs); // somebody set spec.nodeName: a DaemonSet's pod
        step(pod);
    }
    reportImages(m_state);
}

void Kubelet::place(PodRecord &pod)
{
    NodeRecord *best = nullptr;
    int full = 0;
    int cordoned = 0;
    double bestScore = 0;
    const bool isHeldBack = pod.foreignWish() == "pending";
    for (auto &[name, node] : m_state.nodes) {
        if (!node.isSchedulable) {
            ++cordoned;
            continue;
        }
        if (isHeldBack || node.usedCores + pod.cores > node.cores || node.usedGpus + pod.gpus > node.gpus) {
            ++full;
            continue;
        }
        const double score =
            node.usedCores / std::max(node.cores, 1.0) + 0.02 * chance(m_state.catalogue.seed, name + pod.name);
        if (!best || score < bestScore) {
            best = &node;
            bestScore = score;
        }
    }
    if (best) {
        const std::string node = best->name;
        m_state.tell(pod, false, "Scheduled", "Successfully assigned " + pod.ns + '/' + pod.name + " to " + node,
                     "default-scheduler");
        schedule(pod.life, m_state.nowMs);
        m_state.store.modify(*m_state.types.pods, pod.ns, pod.name, [&](Json &tree) -> std::optional<Refusal> {
            tree["spec"]["nodeName"] = node;
            setCondition(tree["status"], "PodScheduled", true, "", "", m_state.timeNow(), false);
            return {};
        });
        m_state.drain(); // the node's room is counted before the next pod asks for it
        return;
    }
    std::int64_t &told = m_unschedulable[pod.uid];
    if (told > 0 && m_state.nowMs - told < 30'000)
        return;
    told = m_state.nowMs;
    std::string why = "0/" + std::to_string(m_state.nodes.size()) + " nodes are available:";
    if (cordoned > 0)
        why += ' ' + std::to_string(cordoned) + " node(s) were unschedulable" + (full > 0 ? "," : ".");
    if (full > 0)
        why += ' ' + std::to_string(full) + (pod.gpus > 0 ? " Insufficient nvidia.com/gpu." : " Insufficient cpu.");
    why += " preemption: 0/" + std::to_string(m_state.nodes.size()) +
           " nodes are available: No preemption victims found for incoming pod.";
    m_state.tell(pod, true, "FailedScheduling", why, "default-scheduler");
    m_state.store.modify(*m_state.types.pods, pod.ns, pod.name, [&](Json &tree) -> std::optional<Refusal> {
        setCondition(tree["status"], "PodScheduled", false, "Unschedulable", why, m_state.timeNow(), false);
        return {};
    });
}

void Kubelet::step(PodRecord &pod)
{
    const std::vector<PodEvent> events = advance(pod.life, circumstancesOf(pod), m_state.nowMs);
    if (events.empty())
        return;
    if (pod.life.isRunning())
        m_state.nodes[pod.node].pulled(pod.image);
    tellEvents(pod, events);
    writeStatus(pod);
}

void Kubelet::killForMemory(PodRecord &pod)
{
    const std::vector<PodEvent> events = kill(pod.life, 137, "OOMKilled", m_state.nowMs);
    if (events.empty())
        return;
    tellEvents(pod, events);
    writeStatus(pod);
}

void Kubelet::tellEvents(const PodRecord &pod, const std::vector<PodEvent> &events)
{
    const auto tell = [&](bool isWarning, const char *reason, const std::string &message) {
        m_state.tell(pod, isWarning, reason, message, "kubelet");
    };
    for (const PodEvent event : events) {
        switch (event) {
        case PodEvent::Pulling:
            if (!m_state.nodes[pod.node].images.contains(pod.image))
                tell(false, "Pulling", "Pulling image \"" + pod.image + '"');
            break;
        case PodEvent::Pulled:
            tell(false, "Pulled", "Successfully pulled image \"" + pod.image + '"');
            break;
        case PodEvent::AlreadyPresent:
            tell(false, "Pulled", "Container image \"" + pod.image + "\" already present on machine");
            break;
        case PodEvent::PullFailed:
            tell(true, "Failed", "Failed to pull image \"" + pod.image + "\": " + pullProblem(pod.image));
            tell(true, "Failed", "Error: ErrImagePull");
            break;
        case PodEvent::PullBackOff:
            tell(false, "BackOff", "Back-off pulling image \"" + pod.image + '"');
            tell(true, "Failed", "Error: ImagePullBackOff");
            break;
        case PodEvent::Started:
            tell(false, "Created", "Created container: " + pod.container);
            tell(false, "Started", "Started container " + pod.container);
            break;
        case PodEvent::BackOff:
            tell(true, "BackOff",
                 "Back-off restarting failed container " + pod.container + " in pod " + qualifiedName(pod));
            break;
        case PodEvent::BecameReady:
        case PodEvent::Exited:
            break;
        }
    }
}

void Kubelet::writeStatus(PodRecord &pod)
{
    if (pod.ip.empty()) {
        const std::uint64_t number = hashOf(pod.uid);
        pod.ip = "10." + std::to_string(64 + number % 64) + '.' + std::to_string(number / 64 % 256) + '.' +
                 std::to_string(1 + number / 16384 % 254);
    }
    if (pod.life.stage == PodStage::Ready && pod.readySinceMs == 0)
        pod.readySinceMs = m_state.nowMs;
    else if (pod.life.stage != PodStage::Ready)
        pod.readySinceMs = 0;
    const ObjectPtr node = m_state.store.get(*m_state.types.nodes, {}, pod.node);
    const std::string hostIp = node ? textAt(node->tree(), "/status/addresses/0/address") : std::string();
    m_state.store.modify(*m_state.types.pods, pod.ns, pod.name, [&](Json &tree) -> std::optional<Refusal> {
        Json &status = tree["status"];
        if (!status.contains("startTime"))
            status["startTime"] = m_state.timeNow();
        fillStatus(status, pod, hostIp, m_state.timeNow(), m_state.catalogue);
        return {};
    });
}

} // namespace signalbox::sandbox
