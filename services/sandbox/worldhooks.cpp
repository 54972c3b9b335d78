#include "services/sandbox/worldhooks.h"

#include "services/sandbox/world/world.h"

#include <algorithm>

namespace signalbox::sandbox
{

namespace
{

constexpr std::size_t mostLines = 3000; // of one answer; a real kubelet has rotated older ones away, too

std::int64_t bytesOf(double megabytes)
{
    return static_cast<std::int64_t>(megabytes * 1024 * 1024);
}

} // namespace

std::function<SandboxLogAnswer(const SandboxLogQuery &)> logHook(World &world, std::size_t cluster)
{
    return [&world, cluster](const SandboxLogQuery &query) {
        SandboxLogAnswer answer;
        // The cursor is the time of the last line: no two lines of a container have the same.
        answer.cursor = query.cursor;
        const auto after = std::max(static_cast<std::int64_t>(query.cursor), query.sinceMs - 1);
        const std::size_t most = query.cursor == 0 && query.tailLines >= 0
                                     ? std::min<std::size_t>(static_cast<std::size_t>(query.tailLines), mostLines)
                                     : mostLines;
        for (LogText &line : world.log(cluster, query.pod->uid, query.isPrevious, after, most)) {
            answer.cursor = static_cast<std::uint64_t>(line.ms);
            answer.lines.push_back({line.ms, std::move(line.text)});
        }
        const auto pod = world.pod(cluster, query.pod->ns, query.pod->name);
        answer.isOver = query.isPrevious || !pod || pod->pod.uid != query.pod->uid || !pod->pod.life.isRunning();
        return answer;
    };
}

std::function<std::optional<SandboxUsage>(const std::string &ns, const std::string &name)>
usageHook(World &world, std::size_t cluster)
{
    return [&world, cluster](const std::string &ns, const std::string &name) -> std::optional<SandboxUsage> {
        if (ns.empty()) {
            const auto node = world.node(cluster, name);
            if (!node)
                return {};
            return SandboxUsage{{{{}, node->cores, bytesOf(node->memoryMb)}}};
        }
        const auto pod = world.pod(cluster, ns, name);
        if (!pod || !pod->pod.life.isRunning())
            return {};
        return SandboxUsage{{{pod->pod.container, pod->meter.cores, bytesOf(pod->meter.memoryMb)}}};
    };
}

} // namespace signalbox::sandbox
