#pragma once

#include "services/drills/scenario.h"
#include "services/sandbox/kube/objectstore.h"

#include <set>

namespace signalbox::drills
{

// Names the application that an object belongs to.
inline constexpr char nameLabel[] = "app.kubernetes.io/name";

// How an application stands in one namespace of a practice cluster.
struct AppState
{
    struct Workload // a Deployment
    {
        QString name;
        QString track;
        QString tag; // of the image that is wanted
        int replicas = 0;
        int updated = 0; // pods of the wanted template
        int available = 0;
        int there = 0;
        bool isObserved = false; // the controller knows of the newest change
        bool isPaused = false;
        QString restartedAt;
        bool isComplete() const
        {
            return isObserved && updated == replicas && available == replicas && there == replicas;
        }
        bool operator==(const Workload &) const = default;
    };
    TrackShares shares; // by the route's weights, else by the Service's selector
    std::vector<Workload> workloads;
    bool isAutoscaled = false;
    std::set<QString> tagsNotPulled; // that pods wait for in vain
    bool operator==(const AppState &) const = default;
};
AppState readAppState(const sandbox::ObjectStore &store, const DrillInfo &info);

// What somebody did.
struct DrillAction
{
    Rule::On on = Rule::On::Shares;
    QString workload;
    QString track;
    QString to; // Rollout: the version
    TrackShares before;
    TrackShares after;
    QString text; // for people
};
// What lies between two looks. What an autoscaler does does not count.
std::vector<DrillAction> actionsBetween(const AppState &before, const AppState &after);

// The tag in "registry/name:tag@sha256:...".
QString tagOfImage(const std::string &image);

} // namespace signalbox::drills
