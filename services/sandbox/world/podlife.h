#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace signalbox::sandbox
{

// Where a pod of one container stands.
//
//   Unscheduled -> Pulling -> Starting -> Ready
//                    |  ^        |          |
//                    v  |        +-> Crashed <+ ... -> CrashBackOff -> Starting
//              PullFailed -> PullBackOff
//
enum class PodStage { Unscheduled, Pulling, PullFailed, PullBackOff, Starting, Ready, Crashed, CrashBackOff };

// What decides how it goes on; asked anew at every step, since an image may vanish and a fault begin meanwhile.
struct PodCircumstances
{
    bool canPull = true;
    bool isCached = false; // the image is on the node
    std::int64_t pullMs = 4000;
    std::int64_t warmUpMs = 5000;
    std::int64_t crashAfterMs = 0; // since the start of the container; 0: it does not crash
    int exitCode = 1;
    std::string exitReason = "Error";
};

struct PodLife
{
    PodStage stage = PodStage::Unscheduled;
    std::int64_t sinceMs = 0;
    std::int64_t nextMs = 0; // when something happens by itself; 0: nothing does
    int restarts = 0;
    int pullFailures = 0;
    std::int64_t startedMs = 0; // of the running container; 0: none runs
    struct
    {
        std::int64_t startedMs = 0;
        std::int64_t finishedMs = 0; // 0: there was none
        int exitCode = 0;
        std::string reason;
    } last; // container that ended

    bool isRunning() const { return stage == PodStage::Starting || stage == PodStage::Ready; }
};

enum class PodEvent { Pulling, Pulled, AlreadyPresent, PullFailed, PullBackOff, Started, BecameReady, Exited, BackOff };

// As the kubelet: 10 s, doubled with each failure, at most 5 minutes.
std::int64_t backOffMs(int failures);

// A node was found.
void schedule(PodLife &life, std::int64_t nowMs);
// Everything that is due at `nowMs`, in order. The times of the steps are those at which they were due.
std::vector<PodEvent> advance(PodLife &life, const PodCircumstances &circumstances, std::int64_t nowMs);
// The container ends now, by whatever cause. Nothing when none runs.
std::vector<PodEvent> kill(PodLife &life, int exitCode, const std::string &reason, std::int64_t nowMs);

} // namespace signalbox::sandbox
