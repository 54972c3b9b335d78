#include "services/adapters/kubernetes/owners.h"

#include <algorithm>

namespace signalbox::kubernetes
{

namespace
{

using Kind = Manager::Kind;

const QString instanceLabel = QStringLiteral("app.kubernetes.io/instance");
const QString managedByLabel = QStringLiteral("app.kubernetes.io/managed-by");
const QString argoTracking = QStringLiteral("argocd.argoproj.io/tracking-id");
const QString argoInstance = QStringLiteral("argocd.argoproj.io/instance");
const QString helmName = QStringLiteral("meta.helm.sh/release-name");
const QString helmNamespace = QStringLiteral("meta.helm.sh/release-namespace");
const QString rolloutsManaged = QStringLiteral("argo-rollouts.argoproj.io/managed-by-rollouts");

Manager manager(Kind kind, const OwnerHints &hints, const QString &group, const QString &objectKind, const QString &ns,
                const QString &name, const QString &evidence, bool revertsOurs)
{
    Manager found;
    found.kind = kind;
    found.object = {hints.connection, group, objectKind, ns, name, {}};
    found.name = objectKind + QLatin1Char(' ') + (ns.isEmpty() ? name : ns + QLatin1Char('/') + name);
    found.evidence = evidence;
    found.revertsOurs = revertsOurs;
    return found;
}

QString evidence(const char *what, const QString &name, const QString &value)
{
    return QLatin1String(what) + QLatin1Char(' ') + name + QLatin1Char('=') + value;
}

QString managerNamed(const QStringList &fieldManagers, QLatin1String part)
{
    for (const QString &name : fieldManagers) {
        if (name.contains(part, Qt::CaseInsensitive))
            return name;
    }
    return {};
}

// An Application in another namespace than Argo CD's own is written "NAMESPACE_NAME".
Manager argoApplication(const OwnerHints &hints, QString application, const QString &how)
{
    QString ns = QStringLiteral("argocd");
    if (const qsizetype at = application.indexOf(QLatin1Char('_')); at > 0) {
        ns = application.left(at);
        application = application.mid(at + 1);
    }
    return manager(Kind::ArgoCd, hints, QStringLiteral("argoproj.io"), QStringLiteral("Application"), ns, application,
                   how, true);
}

void addArgoCd(const OwnerHints &hints, QList<Manager> &found)
{
    const QString tracking = hints.annotations.value(argoTracking);
    if (!tracking.isEmpty()) {
        found.append(argoApplication(hints, tracking.section(QLatin1Char(':'), 0, 0),
                                     evidence("annotation", argoTracking, tracking)));
        return;
    }
    if (const QString name = hints.labels.value(argoInstance); !name.isEmpty()) {
        found.append(argoApplication(hints, name, evidence("label", argoInstance, name)));
        return;
    }
    // The label alone proves nothing, Helm charts set it too: Argo CD must have written the object.
    const QString writer = managerNamed(hints.fieldManagers, QLatin1String("argocd"));
    if (writer.isEmpty())
        return;
    const QString how = QStringLiteral("field manager ") + writer;
    if (const QString name = hints.labels.value(instanceLabel); !name.isEmpty()) {
        found.append(argoApplication(hints, name, how + QStringLiteral(", ") + evidence("label", instanceLabel, name)));
        return;
    }
    Manager unnamed;
    unnamed.kind = Kind::ArgoCd;
    unnamed.name = QStringLiteral("Argo CD");
    unnamed.evidence = how;
    unnamed.revertsOurs = true;
    found.append(unnamed);
}

void addFlux(const OwnerHints &hints, QList<Manager> &found)
{
    struct Toolkit
    {
        QString label;
        QString group;
        QString kind;
        bool revertsOurs;
    };
    // helm-controller corrects drift only where it is asked to; kustomize-controller always does.
    static const QList<Toolkit> toolkits = {
        {QStringLiteral("kustomize.toolkit.fluxcd.io"), QStringLiteral("kustomize.toolkit.fluxcd.io"),
         QStringLiteral("Kustomization"), true},
        {QStringLiteral("helm.toolkit.fluxcd.io"), QStringLiteral("helm.toolkit.fluxcd.io"),
         QStringLiteral("HelmRelease"), false},
    };
    for (const Toolkit &toolkit : toolkits) {
        const QString label = toolkit.label + QStringLiteral("/name");
        const QString name = hints.labels.value(label);
        if (name.isEmpty())
            continue;
        const QString ns = hints.labels.value(toolkit.label + QStringLiteral("/namespace"), hints.ns);
        found.append(manager(Kind::Flux, hints, toolkit.group, toolkit.kind, ns, name, evidence("label", label, name),
                             toolkit.revertsOurs));
    }
}

void addHelm(const OwnerHints &hints, QList<Manager> &found)
{
    const QString release = hints.annotations.value(helmName);
    const bool isHelms = hints.labels.value(managedByLabel) == QLatin1String("Helm");
    if (release.isEmpty() && !isHelms)
        return;
    const QString name = release.isEmpty() ? hints.labels.value(instanceLabel) : release;
    Manager helm;
    helm.kind = Kind::Helm;
    const QString ns = hints.annotations.value(helmNamespace, hints.ns);
    helm.name = name.isEmpty() ? QStringLiteral("Helm") : QStringLiteral("Helm release %1/%2").arg(ns, name);
    helm.evidence = release.isEmpty() ? evidence("label", managedByLabel, QStringLiteral("Helm"))
                                      : evidence("annotation", helmName, release);
    found.append(helm);
}

void addRollouts(const OwnerHints &hints, QList<Manager> &found)
{
    const QString rollout = hints.annotations.value(rolloutsManaged);
    if (!rollout.isEmpty()) {
        found.append(manager(Kind::Rollouts, hints, QStringLiteral("argoproj.io"), QStringLiteral("Rollout"), hints.ns,
                             rollout, evidence("annotation", rolloutsManaged, rollout), true));
    }
}

bool isPartOf(const OwnerReference &owner)
{
    static const QStringList builtIn = {QStringLiteral("Deployment"),  QStringLiteral("ReplicaSet"),
                                        QStringLiteral("StatefulSet"), QStringLiteral("DaemonSet"),
                                        QStringLiteral("Service"),     QStringLiteral("Job"),
                                        QStringLiteral("CronJob"),     QStringLiteral("Node")};
    return builtIn.contains(owner.kind);
}

void addOwners(const OwnerHints &hints, QList<Manager> &found)
{
    for (const OwnerReference &owner : hints.owners) {
        if (isPartOf(owner))
            continue;
        const QString group =
            owner.apiVersion.contains(QLatin1Char('/')) ? owner.apiVersion.section(QLatin1Char('/'), 0, 0) : QString();
        Kind kind = Kind::Other;
        if (group == QLatin1String("flagger.app"))
            kind = Kind::Flagger;
        else if (group == QLatin1String("argoproj.io") && owner.kind == QLatin1String("Rollout"))
            kind = Kind::Rollouts;
        Manager one =
            manager(kind, hints, group, owner.kind, hints.ns, owner.name,
                    QStringLiteral("owner reference %1 %2").arg(owner.apiVersion, owner.kind), owner.isController);
        one.object.uid = owner.uid;
        found.append(one);
    }
}

// Only where nothing more exact was found: a field manager's name says who wrote once, not that it still does.
void addWriters(const OwnerHints &hints, QList<Manager> &found)
{
    struct Writer
    {
        QLatin1String part;
        Kind kind;
        QLatin1String name;
    };
    static const QList<Writer> writers = {
        {QLatin1String("kustomize-controller"), Kind::Flux, QLatin1String("Flux")},
        {QLatin1String("helm-controller"), Kind::Flux, QLatin1String("Flux")},
        {QLatin1String("flagger"), Kind::Flagger, QLatin1String("Flagger")},
        {QLatin1String("rollouts-controller"), Kind::Rollouts, QLatin1String("Argo Rollouts")},
        {QLatin1String("helm"), Kind::Helm, QLatin1String("Helm")},
        {QLatin1String("jenkins"), Kind::Other, QLatin1String("Jenkins")},
    };
    for (const Writer &writer : writers) {
        const QString name = managerNamed(hints.fieldManagers, writer.part);
        const auto same = [&writer](const Manager &m) { return m.kind == writer.kind; };
        if (name.isEmpty() || std::any_of(found.cbegin(), found.cend(), same))
            continue;
        if (writer.part == QLatin1String("helm") && name.contains(QLatin1String("helm-controller")))
            continue;
        Manager one;
        one.kind = writer.kind;
        one.name = writer.name;
        one.evidence = QStringLiteral("field manager ") + name;
        one.revertsOurs = writer.kind == Kind::Flagger;
        found.append(one);
    }
}

} // namespace

bool isTellingAnnotation(QStringView name)
{
    return name == argoTracking || name == helmName || name == helmNamespace || name == rolloutsManaged;
}

QList<Manager> managersOf(const OwnerHints &hints)
{
    QList<Manager> found;
    addArgoCd(hints, found);
    addFlux(hints, found);
    addRollouts(hints, found);
    addHelm(hints, found);
    addOwners(hints, found);
    addWriters(hints, found);
    std::stable_sort(found.begin(), found.end(),
                     [](const Manager &a, const Manager &b) { return a.revertsOurs && !b.revertsOurs; });
    return found;
}

Manager managerOf(const Autoscaler &autoscaler)
{
    Manager one;
    one.kind = Kind::Autoscaler;
    one.name = QStringLiteral("HPA ") + autoscaler.ref.name;
    one.evidence = QStringLiteral("scaleTargetRef %1/%2").arg(autoscaler.target.kind, autoscaler.target.name);
    one.revertsOurs = true;
    one.object = autoscaler.ref;
    return one;
}

} // namespace signalbox::kubernetes
