#pragma once

#include "models/domain/operation.h"

#include <chrono>
#include <optional>

namespace signalbox
{

struct TrafficLeg
{
    QString track;                   // "blue"
    QString backend;                 // Service, or host/subset, or selector value
    int weight = 0;                  // as written in the object
    std::optional<double> share = 0; // weight / sum, 0..1; none: not known
    int podsReady = -1;              // behind it; -1 unknown

    bool operator==(const TrafficLeg &) const = default;
};

// How one router divides live traffic now.
struct TrafficSplit
{
    RouterRef router;
    QList<TrafficLeg> legs; // in the object's order
    // "Applied" has three answers: the router's controller says yes, says no, or nothing tells.
    enum class Applied { Yes, No, CannotTell };
    Applied applied = Applied::CannotTell;
    QString appliedReason;
    QList<Manager> managers;
    QString resourceVersion; // opaque
    QDateTime readAt;        // UTC

    bool operator==(const TrafficSplit &) const = default;
};

// What the operator wants: shares per track in per cent, summing to 100, in one move or step by step.
struct TrafficOrder
{
    struct Step
    {
        QMap<QString, int> percent;
        std::chrono::seconds dwell{0}; // before the next step
    };
    QString connection;
    QString ns;
    QString application;
    QString environment;
    RouterRef router;
    QList<Step> steps;
    Direction direction = Direction::Forward; // Back: all to stable, abandon; the plan takes it over
    QString reason;                           // for the record
    bool pauseReconciliation = false;         // choose the offered first step (Argo CD, Flux)
    // By track: the ready pods with which it was seen carrying all traffic alone, as it is now. Empty: not known.
    QMap<QString, int> carried = {};
    bool isRehearsal = false;  // nobody goes back now: each question may take its usual time
    bool bringsNewest = false; // as TrafficWay has it; the plan takes it over
};

} // namespace signalbox
