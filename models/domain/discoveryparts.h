#pragma once

#include "models/domain/discovery.h"

// The two halves of discovery: which workloads belong together, and which routers lead to them. Private to
// discovery.cpp, apart for their size.
namespace signalbox::discovery
{

struct Member
{
    const Workload *workload = nullptr;
    ContainerImage image; // of the container that is the application, not of a sidecar
    QString base;         // name without its track
    QString track;
};

struct Group
{
    QString name; // of the application
    std::vector<Member> members;
};
std::vector<Group> groupsOf(const std::vector<const Workload *> &workloads);

struct Routing
{
    QList<RouterRef> routers; // the one that chooses between tracks first
    bool isShareKnown = false;
    bool isShareOfService = false;  // no route tells them
    QMap<QString, double> shares;   // by track
    QList<QList<Manager>> managers; // of the Services and routes
};
Routing routingOf(const Group &group, const NamespaceContents &contents);

// Every label of `selector` is among `labels`.
bool selects(const Labels &selector, const Labels &labels);

} // namespace signalbox::discovery
