#include "services/adapters/kubernetes/workloadmanagers.h"

#include <algorithm>

namespace signalbox::kubernetes
{

namespace
{

// "apps" of "apps/v1"; the core group has no name.
QString groupOf(const QString &apiVersion)
{
    return apiVersion.contains(u'/') ? apiVersion.section(u'/', 0, 0) : QString();
}

bool names(const Json &reference, const WorkloadView &view, const QString &name)
{
    const QString apiVersion = textAt(reference, "/apiVersion");
    return textAt(reference, "/kind") == view.kind() && textAt(reference, "/name") == name &&
           (apiVersion.isEmpty() || groupOf(apiVersion) == view.resource.group);
}

Manager controller(Manager::Kind kind, const WorkloadView &view, const QString &group, const char *objectKind,
                   const Json &object, const QString &evidence)
{
    Manager manager;
    manager.kind = kind;
    manager.object = refOf(view.connection, group, QString::fromLatin1(objectKind), object);
    manager.name =
        QStringLiteral("%1 %2/%3")
            .arg(QLatin1String(objectKind), textAt(object, "/metadata/namespace"), textAt(object, "/metadata/name"));
    manager.evidence = evidence;
    return manager;
}

QString referenceText(const char *field, const Json &reference)
{
    return QStringLiteral("%1 %2/%3").arg(QLatin1String(field), textAt(reference, "/kind"), textAt(reference, "/name"));
}

std::optional<Manager> managingCanary(const WorkloadView &view, const Json &canary)
{
    const QString primary = QStringLiteral("-primary");
    const Json target = valueAt(canary, "/spec/targetRef");
    const bool isPrimary = view.name().endsWith(primary) && names(target, view, view.name().chopped(primary.size()));
    if (!isPrimary && !names(target, view, view.name()))
        return std::nullopt;
    QString evidence = referenceText("targetRef", target);
    const bool isSuspended = valueAt(canary, "/spec/suspend") == Json(true);
    if (isSuspended)
        evidence += QStringLiteral(", suspended");
    Manager manager =
        controller(Manager::Kind::Flagger, view, QStringLiteral("flagger.app"), "Canary", canary, evidence);
    manager.revertsOurs = isPrimary && !isSuspended;
    return manager;
}

std::optional<Manager> managingRollout(const WorkloadView &view, const Json &rollout)
{
    const Json reference = valueAt(rollout, "/spec/workloadRef");
    if (!names(reference, view, view.name()))
        return std::nullopt;
    QString evidence = referenceText("workloadRef", reference);
    if (const QString scaleDown = textAt(reference, "/scaleDown"); !scaleDown.isEmpty())
        evidence += QStringLiteral(", scaleDown ") + scaleDown;
    return controller(Manager::Kind::Rollouts, view, QStringLiteral("argoproj.io"), "Rollout", rollout, evidence);
}

} // namespace

QList<Manager> deliveryManagers(const WorkloadView &view)
{
    QList<Manager> managers;
    for (const Json &canary : view.canaries) {
        if (const auto manager = managingCanary(view, canary))
            managers.append(*manager);
    }
    for (const Json &rollout : view.rollouts) {
        if (const auto manager = managingRollout(view, rollout))
            managers.append(*manager);
    }
    return managers;
}

QList<Manager> managersOfWorkload(const WorkloadView &view)
{
    QList<Manager> managers = managersOfObject(view.connection, view.object);
    for (const Manager &found : deliveryManagers(view)) {
        // Flagger scales its target, and is in managedFields from then on.
        managers.removeIf(
            [&found](const Manager &told) { return told.kind == found.kind && told.object.name.isEmpty(); });
        const auto told = std::find_if(managers.begin(), managers.end(), [&found](const Manager &one) {
            return one.kind == found.kind && one.object.name == found.object.name;
        });
        if (told == managers.end())
            managers.append(found);
        else
            *told = found; // its own object knows whether it is suspended
    }
    std::stable_sort(managers.begin(), managers.end(),
                     [](const Manager &a, const Manager &b) { return a.revertsOurs && !b.revertsOurs; });
    return managers;
}

} // namespace signalbox::kubernetes
