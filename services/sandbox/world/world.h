#pragma once

#include "services/sandbox/world/catalogue.h"
#include "services/sandbox/world/faults.h"
#include "services/sandbox/world/podlog.h"
#include "services/sandbox/world/worldclock.h"

#include <condition_variable>
#include <memory>
#include <thread>

namespace signalbox::sandbox
{

class SampleStore;

// The practice world: clusters whose controllers work, pods that start and fail, requests that follow the weights and
// the metrics of all that. Everything but faults and reads happens in tick(): by hand in tests, by start() once a
// second while something moves, before each scrape and at once when somebody writes. Thread-safe.
class World
{
public:
    // One store for each cluster of the catalogue, their types registered; all must outlive the world, and their clock
    // must be `clock`.
    World(const Catalogue &catalogue, const std::vector<ObjectStore *> &stores, SampleStore &samples,
          WorldClock &clock);
    ~World();
    World(const World &) = delete;
    World &operator=(const World &) = delete;

    // Makes the objects, and plays the last half hour up to `nowMs` (holding the clock meanwhile, releasing it after,
    // unless it was held). Once.
    void seed(std::int64_t nowMs);
    // Everything up to the clock's time.
    void tick();
    void start();
    void stop();

    // Called after each scrape, by the world's thread. Set before start().
    void setScrapeListener(std::function<void(std::int64_t nowMs)> listener) { m_scraped = std::move(listener); }

    int injectFault(FaultSpec fault);
    void clearFaults();
    void clearFault(int number);
    std::vector<Faults::Active> faults() const;
    bool isMoving() const; // something changed lately, and may go on: ticks come every second

    std::map<std::string, TrackFlow> tracks(std::size_t cluster, const std::string &ns,
                                            const std::string &service) const;
    struct PodView
    {
        PodRecord pod;
        PodMeter meter;
    };
    std::optional<PodView> pod(std::size_t cluster, const std::string &ns, const std::string &name) const;
    std::vector<LogText> log(std::size_t cluster, const std::string &uid, bool isPrevious, std::int64_t afterMs,
                             std::size_t most) const;
    struct NodeUse
    {
        double cores = 0;
        double memoryMb = 0;
    };
    std::optional<NodeUse> node(std::size_t cluster, const std::string &name) const;

    static constexpr std::int64_t liveMs = 30 * 60 * 1000; // how much of the past is played rather than made

private:
    struct Cluster;
    void step(std::int64_t nowMs, bool isLive);
    void settleTraffic();
    void loop();
    void wake();           // the next tick comes soon
    std::int64_t restMs(); // until the next tick, when nobody writes

    const Catalogue &m_catalogue;
    WorldClock &m_clock;
    Faults m_faults;
    mutable std::mutex m_mutex; // of the clusters
    std::vector<std::unique_ptr<Cluster>> m_clusters;
    std::function<void(std::int64_t)> m_scraped;
    std::int64_t m_movedMs = 0; // an object changed last; with m_mutex

    std::mutex m_wakeMutex;
    std::condition_variable m_wake;
    bool m_isWoken = false;
    bool m_isStopping = false;
    std::thread m_thread;
};

} // namespace signalbox::sandbox
