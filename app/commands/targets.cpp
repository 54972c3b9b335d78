#include "app/commands/targets.h"

#include "app/cli/nearest.h"

#include <QCoreApplication>

#include <algorithm>

namespace signalbox::commands
{

namespace
{

struct TargetsText
{
    Q_DECLARE_TR_FUNCTIONS(Targets)
};

constexpr int maxNames = 8;

QString listed(QStringList names)
{
    names.removeDuplicates();
    std::sort(names.begin(), names.end());
    if (names.size() <= maxNames)
        return names.join(QStringLiteral(", "));
    return TargetsText::tr("%1 and %2 more")
        .arg(QStringList(names.mid(0, maxNames)).join(QStringLiteral(", ")))
        .arg(names.size() - maxNames);
}

// "There is no X. Did you mean ...?" or "... There are: ...".
Error notFound(const QString &what, const QString &given, const QStringList &names)
{
    QString message = what;
    const QStringList close = nearest(given, names);
    if (!close.isEmpty())
        message += QLatin1Char(' ') + TargetsText::tr("Did you mean %1?").arg(orList(close));
    else if (!names.isEmpty())
        message += QLatin1Char(' ') + TargetsText::tr("There are: %1.").arg(listed(names));
    return Error{ErrorKind::NotFound, message, {}};
}

QString fullName(const Deployed &deployed)
{
    return deployed.connection + QLatin1Char('/') + deployed.ns;
}

bool namesObject(const ObjectRef &object, const QString &text)
{
    return object.name == text ||
           (object.kind + QLatin1Char('/') + object.name).compare(text, Qt::CaseInsensitive) == 0;
}

} // namespace

bool namesEnvironment(const Deployed &deployed, const QString &text)
{
    return deployed.environment == text || deployed.ns == text || fullName(deployed) == text;
}

Result<QList<Deployed>> findAll(const QList<Deployed> &all, const QString &application, const QString &environment)
{
    QList<Deployed> found;
    QStringList applications;
    QStringList environments; // of the application
    for (const Deployed &one : all) {
        applications.append(one.application);
        if (!application.isEmpty() && one.application != application)
            continue;
        environments.append(one.environment);
        if (environment.isEmpty() || namesEnvironment(one, environment))
            found.append(one);
    }
    if (!found.isEmpty() || application.isEmpty())
        return found;
    if (environments.isEmpty() && applications.isEmpty())
        return Error{ErrorKind::NotFound,
                     TargetsText::tr(
                         "There is no application \"%1\": no application was found at all. See \"signalbox status\".")
                         .arg(application),
                     {}};
    if (environments.isEmpty()) {
        applications.removeDuplicates();
        return notFound(TargetsText::tr("There is no application \"%1\".").arg(application), application, applications);
    }
    return notFound(TargetsText::tr("%1 is not in an environment \"%2\".").arg(application, environment), environment,
                    environments);
}

Result<Deployed> findOne(const QList<Deployed> &all, const QString &application, const QString &environment)
{
    const auto found = findAll(all, application, environment);
    if (!found)
        return found.error();
    if (found->size() == 1)
        return found->first();
    QStringList names;
    for (const Deployed &one : *found)
        names.append(fullName(one));
    return Error{ErrorKind::NotFound,
                 TargetsText::tr("\"%1\" is ambiguous for %2. Write CONTEXT/NAMESPACE: %3.")
                     .arg(environment, application, orList(names)),
                 {}};
}

Result<ObjectRef> findWorkload(const Deployed &deployed, const QString &track, const QString &workload)
{
    QList<ObjectRef> candidates;
    QStringList tracks;
    QStringList names;
    for (const Track &one : deployed.tracks) {
        tracks.append(one.name.isEmpty() ? TargetsText::tr("(no name)") : one.name);
        if (!track.isEmpty() && one.name != track)
            continue;
        for (const ObjectRef &object : one.workloads) {
            names.append(object.kind + QLatin1Char('/') + object.name);
            if (workload.isEmpty() || namesObject(object, workload))
                candidates.append(object);
        }
    }
    if (names.isEmpty() && !track.isEmpty())
        return notFound(
            TargetsText::tr("%1 in %2 has no track \"%3\".").arg(deployed.application, deployed.environment, track),
            track, tracks);
    if (candidates.isEmpty())
        return notFound(TargetsText::tr("%1 in %2 has no workload \"%3\".")
                            .arg(deployed.application, deployed.environment, workload),
                        workload, names);
    if (candidates.size() == 1)
        return candidates.first();
    // Several: only what gets live traffic is meant without saying so, and only if that is one.
    if (track.isEmpty() && workload.isEmpty() && !deployed.tracks.isEmpty()) {
        const Track &first = deployed.tracks.first();
        const bool leads = first.share.value_or(0) > 0.5;
        if (leads && first.workloads.size() == 1)
            return first.workloads.first();
    }
    return Error{ErrorKind::NotFound,
                 TargetsText::tr("%1 in %2 has several workloads. Say which one by --track (%3) or --workload (%4).")
                     .arg(deployed.application, deployed.environment, tracks.join(QStringLiteral(", ")), listed(names)),
                 {}};
}

Result<RouterRef> findRouter(const Deployed &deployed, const QString &router)
{
    QList<RouterRef> candidates;
    QStringList names;
    for (const RouterRef &one : deployed.routers) {
        names.append(one.object.kind + QLatin1Char('/') + one.object.name);
        if (router.isEmpty() || namesObject(one.object, router))
            candidates.append(one);
    }
    if (deployed.routers.isEmpty())
        return Error{
            ErrorKind::Unsupported,
            TargetsText::tr(
                "Nothing divides the traffic of %1 in %2: no Service, HTTPRoute or VirtualService points at it.")
                .arg(deployed.application, deployed.environment),
            {}};
    if (candidates.isEmpty())
        return notFound(TargetsText::tr("No router \"%1\" points at %2 in %3.")
                            .arg(router, deployed.application, deployed.environment),
                        router, names);
    // A route in front of Services divides; the Services behind it only name pods.
    QList<RouterRef> routes;
    for (const RouterRef &one : candidates) {
        if (one.kind != RouterRef::Kind::ServiceSelector)
            routes.append(one);
    }
    const QList<RouterRef> &deciding = routes.isEmpty() ? candidates : routes;
    if (deciding.size() == 1)
        return deciding.first();
    return Error{ErrorKind::NotFound,
                 TargetsText::tr("Several routers divide the traffic of %1 in %2. Say which one by --router: %3.")
                     .arg(deployed.application, deployed.environment, orList(names)),
                 {}};
}

} // namespace signalbox::commands
