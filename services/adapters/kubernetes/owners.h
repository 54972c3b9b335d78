#pragma once

#include "models/domain/cluster.h"

// Who else writes an object: told from what the object itself carries. Pure.
namespace signalbox::kubernetes
{

struct OwnerReference
{
    QString apiVersion; // "apps/v1"
    QString kind;
    QString name;
    QString uid;
    bool isController = false;
};

// The parts of metadata that give an owner away. Annotations may be filtered by isTellingAnnotation() before.
struct OwnerHints
{
    QString connection;
    QString ns; // of the object
    Labels labels;
    QMap<QString, QString> annotations;
    QList<OwnerReference> owners;
    QStringList fieldManagers; // names in metadata.managedFields
};

bool isTellingAnnotation(QStringView name);

// Each manager once, those that write back first. Sources: Argo CD docs "Resource Tracking", Flux docs "Kustomization"
// and "HelmRelease" (labels they set), Helm docs "Labels and Annotations", argo-rollouts `managed-by-rollouts`,
// Flagger's owner references. A ReplicaSet's Deployment and the like are not managers but parts, and are left out.
QList<Manager> managersOf(const OwnerHints &hints);

// An autoscaler is a manager of what it scales: it writes the replica count back.
Manager managerOf(const Autoscaler &autoscaler);

} // namespace signalbox::kubernetes
