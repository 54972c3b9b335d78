#include "models/domain/readiness.h"

#include <QCoreApplication>

#include <algorithm>

namespace signalbox
{

namespace
{

struct ReadinessText
{
    Q_DECLARE_TR_FUNCTIONS(Readiness)
};

// Checks about this hour, not about the way: a freeze or an alert does not close the way back.
bool concernsTheWay(CheckId id)
{
    switch (id) {
    case CheckId::FiringAlerts:
    case CheckId::FreezeWindow:
    case CheckId::Policy:
    case CheckId::Busy:
    case CheckId::RolloutUnderWay:
        return false;
    default:
        return true;
    }
}

int badness(Health light)
{
    switch (light) {
    case Health::Ok:
        return 0;
    case Health::Warning:
        return 1;
    case Health::Unknown:
        return 2;
    default:
        return 3;
    }
}

} // namespace

Readiness readinessOf(const Plan &plan, std::chrono::milliseconds took, const QDateTime &at)
{
    Readiness readiness;
    readiness.to = plan.to;
    readiness.checks = plan.checks;
    readiness.hadDryRun = plan.dryRunAt.isValid();
    readiness.took = took;
    readiness.checkedAt = at;
    const Check *worst = nullptr;
    for (const Check &check : plan.checks) {
        if (check.state != CheckState::Pass && concernsTheWay(check.id) && (!worst || check.state > worst->state))
            worst = &check;
    }
    if (worst) {
        readiness.light = worst->state == CheckState::Block ? Health::Failing : Health::Warning;
        readiness.reason =
            worst->detail.isEmpty() ? worst->text : QStringLiteral("%1: %2").arg(worst->text, worst->detail);
        readiness.wayOut = worst->wayOut;
    } else if (!readiness.hadDryRun) {
        readiness.light = Health::Warning;
        readiness.reason = ReadinessText::tr("All checks passed, but the cluster has not dry-run the calls.");
    } else {
        readiness.light = Health::Ok;
        const auto image = std::find_if(plan.checks.begin(), plan.checks.end(),
                                        [](const Check &check) { return check.id == CheckId::TargetImage; });
        readiness.reason =
            image == plan.checks.end()
                ? ReadinessText::tr("All checks passed, and the cluster accepted a dry run of every call.")
                : ReadinessText::tr("%1; all checks passed, and the cluster accepted a dry run of every call.")
                      .arg(image->text);
    }
    return readiness;
}

Readiness readinessOf(const Error &error, std::chrono::milliseconds took, const QDateTime &at)
{
    Readiness readiness;
    readiness.took = took;
    readiness.checkedAt = at;
    readiness.reason = error.message;
    switch (error.kind) {
    case ErrorKind::NotFound:
    case ErrorKind::Forbidden:
    case ErrorKind::Unauthorized:
    case ErrorKind::Refused:
    case ErrorKind::Invalid:
    case ErrorKind::Unsupported:
        readiness.light = Health::Failing;
        break;
    default: // unreachable, too late, not understood: nothing was found out
        readiness.light = Health::Unknown;
    }
    return readiness;
}

const Readiness &better(const Readiness &a, const Readiness &b)
{
    return badness(b.light) < badness(a.light) ? b : a;
}

const Readiness &worse(const Readiness &a, const Readiness &b)
{
    return badness(b.light) > badness(a.light) ? b : a;
}

Readiness withFigures(Readiness readiness, const QMap<QString, QString> &failing)
{
    const auto share = readiness.track.isEmpty() ? failing.constEnd() : failing.constFind(readiness.track);
    const bool wouldWork = readiness.light == Health::Ok || readiness.light == Health::Warning;
    if (!wouldWork || share == failing.constEnd())
        return readiness;
    // Before any reservation of the rehearsal's: it weighs more, and what was rehearsed is said behind it.
    const QString rehearsed = readiness.light == Health::Warning ? u' ' + readiness.reason : QString();
    readiness.light = Health::Warning;
    readiness.reason =
        ReadinessText::tr("It would work, but %1 fails itself now: %2 of its requests.").arg(readiness.track, *share) +
        rehearsed;
    readiness.wayOut = ReadinessText::tr("Choose another version, or look behind both where they fail alike.");
    return readiness;
}

QString readinessBasis(const Deployed &deployed)
{
    QStringList parts;
    for (const Track &track : deployed.tracks) {
        QStringList workloads;
        for (const ObjectRef &workload : track.workloads)
            workloads << workload.uid;
        parts << QStringList{track.name, track.templateHash, workloads.join(QLatin1Char(',')),
                             track.podsReady > 0 ? QStringLiteral("up") : QStringLiteral("down"),
                             track.share ? QString::number(*track.share) : QString()}
                     .join(QLatin1Char(';'));
    }
    for (const RouterRef &router : deployed.routers)
        parts << router.object.uid + router.rule;
    for (const Manager &manager : deployed.managers)
        parts << manager.name;
    return parts.join(QLatin1Char('|'));
}

} // namespace signalbox
