#include "app/commands/render.h"

#include "models/domain/sharetext.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace signalbox::commands
{

namespace
{

struct RenderText
{
    Q_DECLARE_TR_FUNCTIONS(Render)
};

QString sign(Health health)
{
    switch (health) {
    case Health::Ok:
        return QStringLiteral("●");
    case Health::Warning:
        return QStringLiteral("▲");
    case Health::Failing:
        return QStringLiteral("✖");
    case Health::InProgress:
        return QStringLiteral("◐");
    case Health::Waiting:
        return QStringLiteral("‖");
    case Health::NotStarted:
        return QStringLiteral("○");
    case Health::Unknown:
        break;
    }
    return QStringLiteral("◌");
}

QString sign(CheckState state)
{
    return state == CheckState::Pass   ? QStringLiteral("●")
           : state == CheckState::Warn ? QStringLiteral("▲")
                                       : QStringLiteral("✖");
}

QString orDash(const QString &text)
{
    return text.isEmpty() ? QStringLiteral("-") : text;
}

QString figureText(const std::optional<double> &value, const QString &form)
{
    return value && std::isfinite(*value) ? form.arg(*value, 0, 'f', *value < 10 ? 2 : 0) : QStringLiteral("-");
}

QString countText(int count)
{
    return count < 0 ? QStringLiteral("?") : QString::number(count);
}

QString timeText(const QDateTime &time)
{
    return time.isValid() ? time.toUTC().toString(QStringLiteral("yyyy-MM-dd HH:mm:ss")) + QStringLiteral(" UTC")
                          : QStringLiteral("-");
}

QString managersText(const QList<Manager> &managers)
{
    QStringList names;
    for (const Manager &manager : managers)
        names.append(manager.revertsOurs ? RenderText::tr("%1 (writes back)").arg(manager.name) : manager.name);
    return names.join(QStringLiteral(", "));
}

QString connectionText(const StatusConnection &connection)
{
    const ClusterInfo &info = connection.info;
    QString text = RenderText::tr("%1  %2  %3  as %4")
                       .arg(connection.title, orDash(info.server), orDash(info.version), orDash(info.user));
    if (!info.verifiesTls)
        text += QStringLiteral("\n▲ ") +
                RenderText::tr(
                    "the server's certificate is not verified: anybody in between can read and change everything");
    if (!info.onlyNamespaces.isEmpty())
        text += QStringLiteral("\n▲ ") + RenderText::tr("only a part of this cluster is shown, its namespaces %1")
                                             .arg(info.onlyNamespaces.join(QStringLiteral(", ")));
    if (connection.error)
        text +=
            QStringLiteral("\n✖ ") + RenderText::tr("not everything could be read: %1").arg(connection.error->message);
    if (connection.trueAt.isValid())
        text +=
            QStringLiteral("\n  ") + RenderText::tr("What is shown of it was true at %1; what came after is not known.")
                                         .arg(timeText(connection.trueAt));
    return text + QLatin1Char('\n');
}

QString checkText(const Check &check)
{
    QString text = QStringLiteral("  %1 %2").arg(sign(check.state), check.text);
    if (!check.detail.isEmpty())
        text += QStringLiteral(" (%1)").arg(check.detail);
    if (check.state != CheckState::Pass && !check.wayOut.isEmpty())
        text += QStringLiteral("\n      ") + check.wayOut;
    return text + QLatin1Char('\n');
}

QString stepText(const PlanStep &step)
{
    QString text = QStringLiteral("  %1. %2\n").arg(step.id, step.title);
    if (step.isOptional && !step.isChosen)
        text = QStringLiteral("  %1. %2\n").arg(step.id, RenderText::tr("(offered, left out) %1").arg(step.title));
    if (!step.through.isEmpty())
        text += QStringLiteral("     ") + RenderText::tr("through %1").arg(step.through) + QLatin1Char('\n');
    if (!step.precondition.isEmpty())
        text += QStringLiteral("     ") + step.precondition + QLatin1Char('\n');
    for (const DiffLine &line : step.diff) {
        const QString mark = line.kind == DiffLine::Kind::Removed ? QStringLiteral("- ")
                             : line.kind == DiffLine::Kind::Added ? QStringLiteral("+ ")
                             : line.kind == DiffLine::Kind::Note  ? QStringLiteral("# ")
                                                                  : QStringLiteral("  ");
        text += QStringLiteral("     ") + mark + line.text + QLatin1Char('\n');
    }
    return text;
}

QString outcomeSign(const Outcome &outcome)
{
    switch (outcome.kind) {
    case OutcomeKind::Done:
        return outcome.isConfirmed ? QStringLiteral("●") : QStringLiteral("◌");
    case OutcomeKind::DryRun:
        return QStringLiteral("●");
    case OutcomeKind::Unknown:
        return QStringLiteral("◌");
    case OutcomeKind::Cancelled:
    case OutcomeKind::Abandoned:
    case OutcomeKind::Preempted:
        return QStringLiteral("▲");
    case OutcomeKind::NotEffective:
    case OutcomeKind::Refused:
    case OutcomeKind::Conflict:
    case OutcomeKind::Failed:
        break;
    }
    return QStringLiteral("✖");
}

} // namespace

QString tableText(const QList<QStringList> &rows)
{
    QList<qsizetype> widths;
    for (const QStringList &row : rows) {
        for (int column = 0; column < row.size(); ++column) {
            if (column >= widths.size())
                widths.append(0);
            widths[column] = std::max(widths[column], row[column].size());
        }
    }
    QString text;
    for (const QStringList &row : rows) {
        QString line;
        for (int column = 0; column < row.size(); ++column)
            line += column + 1 < row.size() ? row[column].leftJustified(widths[column] + 2) : row[column];
        text += line.trimmed().isEmpty() ? QString() : line;
        while (text.endsWith(QLatin1Char(' ')))
            text.chop(1);
        text += QLatin1Char('\n');
    }
    return text;
}

QString ageText(const QDateTime &since, const QDateTime &now)
{
    if (!since.isValid())
        return QStringLiteral("-");
    const qint64 seconds = std::max<qint64>(0, since.secsTo(now));
    if (seconds < 120)
        return QStringLiteral("%1s").arg(seconds);
    if (seconds < 2 * 3600)
        return QStringLiteral("%1m").arg(seconds / 60);
    if (seconds < 48 * 3600)
        return QStringLiteral("%1h").arg(seconds / 3600);
    return QStringLiteral("%1d").arg(seconds / 86400);
}

QString statusText(Session &session, const QList<Deployed> &deployed, const QDateTime &readAt,
                   const StatusFigures &figures)
{
    return statusText(statusConnections(session), session.listing() == Session::Listing::Complete, deployed, readAt,
                      figures);
}

QString statusText(const QList<StatusConnection> &connections, bool isComplete, const QList<Deployed> &deployed,
                   const QDateTime &readAt, const StatusFigures &figures)
{
    QString text;
    for (const StatusConnection &one : connections)
        text += connectionText(one);
    const QString time =
        isComplete ? RenderText::tr("Read at %1.\n").arg(timeText(readAt))
                   : RenderText::tr("Looked at %1; not all of it could be read then.\n").arg(timeText(readAt));
    if (deployed.isEmpty()) {
        const bool isPart = std::any_of(connections.begin(), connections.end(),
                                        [](const StatusConnection &one) { return !one.info.onlyNamespaces.isEmpty(); });
        text += !isComplete ? RenderText::tr("Whether there are applications is not known.\n")
                : isPart    ? RenderText::tr("No application was found there; whether there are others is not known.\n")
                            : RenderText::tr("No application was found.\n");
        return text + time;
    }
    QList<QStringList> rows = {{RenderText::tr("APPLICATION"), RenderText::tr("ENVIRONMENT"), RenderText::tr("TRACK"),
                                RenderText::tr("HEALTH"), RenderText::tr("VERSION"), RenderText::tr("HASH"),
                                RenderText::tr("PODS"), RenderText::tr("TRAFFIC"), RenderText::tr("AGE"),
                                RenderText::tr("OWNED BY")}};
    constexpr qsizetype afterTraffic = 8;
    if (!figures.isEmpty()) {
        rows.first().insert(afterTraffic, RenderText::tr("ERRORS"));
        rows.first().insert(afterTraffic, RenderText::tr("REQUESTS"));
    }
    QStringList reasons; // below the table: they are longer than a line has room
    for (const Deployed &one : deployed) {
        bool isFirst = true;
        for (const Track &track : one.tracks) {
            const Health health = one.tracks.size() == 1 ? one.health : track.health;
            // What nobody hears of any more is told as it was, never as it is.
            const bool isStale = one.freshness.state == Freshness::State::Stale;
            const QString state = isStale ? RenderText::tr("%1 was %2").arg(sign(Health::Unknown), healthLabel(health))
                                          : sign(health) + QLatin1Char(' ') + healthLabel(health);
            if (isFirst && !one.state.isEmpty())
                reasons.append(RenderText::tr("%1 %2 in %3: %4")
                                   .arg(sign(isStale ? Health::Unknown : one.health), one.application, one.environment,
                                        one.state));
            rows.append({isFirst ? one.application : QString(), isFirst ? one.environment : QString(),
                         orDash(track.name), state, orDash(track.version), orDash(track.templateHash),
                         QStringLiteral("%1/%2").arg(countText(track.podsReady), countText(track.podsWanted)),
                         track.share ? shareText(*track.share, 1) : QStringLiteral("-"), ageText(track.since, readAt),
                         isFirst ? orDash(managersText(one.managers)) : QString()});
            if (!figures.isEmpty()) {
                const TrackFigures known = figures.value({one.key(), track.name});
                rows.last().insert(afterTraffic, figureText(known.errors, QStringLiteral("%1 %")));
                rows.last().insert(afterTraffic, figureText(known.requests, QStringLiteral("%1/s")));
            }
            isFirst = false;
        }
    }
    text += tableText(rows);
    for (const QString &reason : reasons)
        text += reason + QLatin1Char('\n');
    return text + time;
}

QString trafficText(const Deployed &deployed, const QList<TrafficSplit> &splits)
{
    QString text = RenderText::tr("%1 in %2\n").arg(deployed.application, deployed.environment);
    for (const TrafficSplit &split : splits) {
        text += QStringLiteral("%1 %2").arg(routerKindLabel(split.router.kind), toString(split.router.object));
        if (!split.router.rule.isEmpty())
            text += RenderText::tr(", rule %1").arg(split.router.rule);
        text += QLatin1Char('\n');
        QList<QStringList> rows = {{QStringLiteral("  ") + RenderText::tr("TRACK"), RenderText::tr("TRAFFIC"),
                                    RenderText::tr("WEIGHT"), RenderText::tr("PODS READY"), RenderText::tr("BACKEND")}};
        for (const TrafficLeg &leg : split.legs)
            rows.append({QStringLiteral("  ") + orDash(leg.track),
                         leg.share ? shareText(*leg.share, 1) : QStringLiteral("?"), QString::number(leg.weight),
                         countText(leg.podsReady), leg.backend});
        text += tableText(rows);
        QString applied = split.applied == TrafficSplit::Applied::Yes ? RenderText::tr("in force")
                          : split.applied == TrafficSplit::Applied::No
                              ? RenderText::tr("not in force")
                              : RenderText::tr("nothing tells whether it is in force");
        if (!split.appliedReason.isEmpty())
            applied += QStringLiteral(": ") + split.appliedReason;
        text += QStringLiteral("  ") + applied + QLatin1Char('\n');
        if (!split.managers.isEmpty())
            text += QStringLiteral("  ") + RenderText::tr("owned by %1\n").arg(managersText(split.managers));
        text += QStringLiteral("  ") + RenderText::tr("read at %1\n").arg(timeText(split.readAt));
    }
    return text;
}

QString revisionsText(const Deployed &deployed, const ObjectRef &workload, const QList<RollbackTarget> &targets)
{
    QString text = RenderText::tr("%1 in %2: %3\n").arg(deployed.application, deployed.environment, toString(workload));
    QList<QStringList> rows = {{RenderText::tr("REVISION"), RenderText::tr("HASH"), RenderText::tr("VERSION"),
                                RenderText::tr("MADE"), QString(), RenderText::tr("READINESS")}};
    const QDateTime now = QDateTime::currentDateTimeUtc();
    for (const RollbackTarget &target : targets) {
        CheckState worst = CheckState::Pass;
        QStringList reasons;
        for (const Check &check : target.readiness) {
            worst = std::max(worst, check.state);
            if (check.state != CheckState::Pass)
                reasons.append(check.text);
        }
        const QString role = target.isLive        ? RenderText::tr("live")
                             : target.isSuggested ? RenderText::tr("suggested")
                                                  : QString();
        rows.append({QString::number(target.revision.number), orDash(target.revision.templateHash),
                     orDash(target.version), ageText(target.revision.created, now), role,
                     target.isLive ? QString() : sign(worst) + QLatin1Char(' ') + reasons.join(QStringLiteral("; "))});
    }
    return text + tableText(rows);
}

QString rehearsalsText(const QList<RehearseCommand::Rehearsed> &all, bool isComplete)
{
    if (all.isEmpty() && !isComplete)
        return RenderText::tr("Whether there are applications is not known.\n");
    if (all.isEmpty())
        return RenderText::tr("No application was found, so there is no way back to rehearse.\n");
    QList<QStringList> rows = {{RenderText::tr("APPLICATION"), RenderText::tr("ENVIRONMENT"),
                                RenderText::tr("WAY BACK"), RenderText::tr("TO"), RenderText::tr("TOOK"),
                                RenderText::tr("WHY")}};
    for (const RehearseCommand::Rehearsed &one : all) {
        const Readiness &readiness = one.readiness;
        const QString light = readiness.light == Health::Ok        ? RenderText::tr("ready")
                              : readiness.light == Health::Warning ? RenderText::tr("ready, but")
                              : readiness.light == Health::Unknown ? RenderText::tr("unknown")
                                                                   : RenderText::tr("not ready");
        const QString why = readiness.wayOut.isEmpty()
                                ? readiness.reason
                                : QStringLiteral("%1 → %2").arg(readiness.reason, readiness.wayOut);
        rows.append({one.deployed.application, one.deployed.environment,
                     sign(readiness.light) + QLatin1Char(' ') + light, orDash(readiness.to),
                     RenderText::tr("%1 ms").arg(readiness.took.count()), why});
    }
    return tableText(rows);
}

QString planText(const Plan &plan)
{
    QString text;
    QString heading;
    switch (plan.kind) {
    case OperationKind::Rollback:
        heading = RenderText::tr("Roll back %1 in %2");
        break;
    case OperationKind::TrafficShift:
        heading = RenderText::tr("Shift the traffic of %1 in %2");
        break;
    case OperationKind::TrafficSwitch:
        heading = RenderText::tr("Switch the traffic of %1 in %2");
        break;
    case OperationKind::Scale:
        heading = RenderText::tr("Scale %1 in %2");
        break;
    case OperationKind::Restart:
        heading = RenderText::tr("Restart %1 in %2");
        break;
    case OperationKind::Pause:
        heading = RenderText::tr("Pause the roll-out of %1 in %2");
        break;
    case OperationKind::Resume:
        heading = RenderText::tr("Resume the roll-out of %1 in %2");
        break;
    case OperationKind::SuspendReconciliation:
        heading = RenderText::tr("Suspend the reconciliation of %1 in %2");
        break;
    case OperationKind::Promote:
        heading = RenderText::tr("Promote %1 to %2");
        break;
    case OperationKind::RerunRun:
        heading =
            plan.direction == Direction::Back ? RenderText::tr("Take %1 in %2 back") : RenderText::tr("Run %1 again");
        break;
    case OperationKind::CancelRun:
        heading = RenderText::tr("Cancel a run of %1");
        break;
    case OperationKind::TriggerRun:
        heading = RenderText::tr("Start a run of %1");
        break;
    case OperationKind::DecideGate:
        heading = RenderText::tr("Decide a gate of %1");
        break;
    }
    text += heading.arg(plan.application, plan.environment) +
            (plan.isProtected ? RenderText::tr(" (protected)") : QString()) + QLatin1Char('\n');
    QList<QStringList> rows;
    if (!plan.from.isEmpty())
        rows.append({QStringLiteral("  ") + RenderText::tr("from"), plan.from});
    if (!plan.to.isEmpty())
        rows.append({QStringLiteral("  ") + RenderText::tr("to"), plan.to});
    if (!plan.effect.isEmpty())
        rows.append({QStringLiteral("  ") + RenderText::tr("effect"), plan.effect});
    text += tableText(rows);
    for (const PlanStep &step : plan.steps)
        text += stepText(step);
    for (const Check &check : plan.checks)
        text += checkText(check);
    return text;
}

QString outcomeText(const Plan &plan, const Outcome &outcome)
{
    QString text = QStringLiteral("%1 %2\n").arg(outcomeSign(outcome), outcome.message);
    if (outcome.kind == OutcomeKind::Done && outcome.startedAt.isValid() && outcome.finishedAt.isValid())
        text += RenderText::tr("  in %1 s, at %2\n")
                    .arg(static_cast<double>(outcome.startedAt.msecsTo(outcome.finishedAt)) / 1000, 0, 'f', 1)
                    .arg(timeText(outcome.finishedAt));
    if (outcome.kind == OutcomeKind::Unknown)
        text += RenderText::tr("  Look at the present state before you try again: signalbox status %1 %2\n")
                    .arg(plan.application, plan.environment);
    return text;
}

} // namespace signalbox::commands
