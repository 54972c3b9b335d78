#pragma once

#include "services/drills/drillrun.h"
#include "services/sandbox/promql/engine.h"
#include "services/sandbox/world/json.h"

#include <map>

namespace signalbox::sandbox
{
class Sandbox;
}

namespace signalbox::drills
{

// The practice world's side of the drills: how the applications were at the start, putting one back to that, and
// looking at it. One thread at a time; the world must outlive it.
class Stage
{
public:
    // Remembers the Deployments of all applications that are practised with.
    explicit Stage(sandbox::Sandbox &world);

    // As it was at the start, with the scenario's shares of traffic and its probe; pods follow in their own time.
    void putBack(const Scenario &scenario) const;
    // Empty: everything is as the scenario wants it. Else what is still missing, for people.
    QString waitsFor(const Scenario &scenario, const DrillLook &look) const;
    // Numbers of revisions and what was added since the start; when the pods are back.
    void restoreHistory(const Scenario &scenario) const;
    DrillLook look(const Scenario &scenario) const;

private:
    struct Kept
    {
        sandbox::Json deployment;
        std::map<std::string, std::string> revisions; // of its ReplicaSets, by name
    };
    sandbox::ObjectStore &storeOf(const Scenario &scenario) const;
    void putTrafficBack(const Scenario &scenario) const;
    void putProbe(const Scenario &scenario) const;
    bool holds(const Condition &condition, std::int64_t nowMs) const;

    sandbox::Sandbox &m_world;
    sandbox::Engine m_engine;
    std::map<std::string, Kept> m_kept; // by cluster, namespace and name
};

} // namespace signalbox::drills
