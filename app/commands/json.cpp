#include "app/commands/json.h"

#include "app/commands/documentjson.h"

#include <cmath>

namespace signalbox::commands
{

namespace
{

Json countJson(int count)
{
    return count < 0 ? Json(nullptr) : Json(count);
}

QString managerKindName(Manager::Kind kind)
{
    switch (kind) {
    case Manager::Kind::ArgoCd:
        return QStringLiteral("argoCd");
    case Manager::Kind::Flux:
        return QStringLiteral("flux");
    case Manager::Kind::Helm:
        return QStringLiteral("helm");
    case Manager::Kind::Autoscaler:
        return QStringLiteral("autoscaler");
    case Manager::Kind::Rollouts:
        return QStringLiteral("rollouts");
    case Manager::Kind::Flagger:
        return QStringLiteral("flagger");
    case Manager::Kind::Other:
        break;
    }
    return QStringLiteral("other");
}

QString routerKindName(RouterRef::Kind kind)
{
    switch (kind) {
    case RouterRef::Kind::ServiceSelector:
        return QStringLiteral("serviceSelector");
    case RouterRef::Kind::HttpRoute:
        return QStringLiteral("httpRoute");
    case RouterRef::Kind::VirtualService:
        return QStringLiteral("virtualService");
    case RouterRef::Kind::ArgoRollout:
        return QStringLiteral("argoRollout");
    case RouterRef::Kind::IngressNginx:
        return QStringLiteral("ingressNginx");
    case RouterRef::Kind::HAProxy:
        break;
    }
    return QStringLiteral("haProxy");
}

QString checkStateName(CheckState state)
{
    return state == CheckState::Pass   ? QStringLiteral("pass")
           : state == CheckState::Warn ? QStringLiteral("warn")
                                       : QStringLiteral("block");
}

QString diffKindName(DiffLine::Kind kind)
{
    switch (kind) {
    case DiffLine::Kind::Context:
        return QStringLiteral("context");
    case DiffLine::Kind::Removed:
        return QStringLiteral("removed");
    case DiffLine::Kind::Added:
        return QStringLiteral("added");
    case DiffLine::Kind::Note:
        break;
    }
    return QStringLiteral("note");
}

Json managersJson(const QList<Manager> &managers)
{
    Json all = Json::array();
    for (const Manager &manager : managers)
        all.push_back({{"kind", utf8(managerKindName(manager.kind))},
                       {"name", utf8(manager.name)},
                       {"evidence", utf8(manager.evidence)},
                       {"reverts", manager.revertsOurs}});
    return all;
}

Json checksJson(const QList<Check> &checks)
{
    Json all = Json::array();
    for (const Check &check : checks)
        all.push_back({{"check", utf8(checkName(check.id))},
                       {"state", utf8(checkStateName(check.state))},
                       {"text", utf8(check.text)},
                       {"detail", utf8(check.detail)},
                       {"wayOut", utf8(check.wayOut)}});
    return all;
}

Json diffJson(const QList<DiffLine> &lines)
{
    Json all = Json::array();
    for (const DiffLine &line : lines)
        all.push_back({{"kind", utf8(diffKindName(line.kind))}, {"text", utf8(line.text)}});
    return all;
}

// What the body of a step tells of a form that was filled in stands in its difference, too: "name = value", whoever
// takes it.
QList<DiffLine> withoutValues(QList<DiffLine> lines)
{
    static const QString sign = QStringLiteral(" = ");
    for (DiffLine &line : lines) {
        const qsizetype at = line.kind == DiffLine::Kind::Added ? line.text.indexOf(sign) : -1;
        if (at >= 0)
            line.text = line.text.left(at + sign.size()) + QStringLiteral("(hidden)");
    }
    return lines;
}

Json routerJson(const RouterRef &router)
{
    return {{"kind", utf8(routerKindName(router.kind))},
            {"object", utf8(toString(router.object))},
            {"rule", utf8(router.rule)}};
}

Json numberJson(const std::optional<double> &value)
{
    return value && std::isfinite(*value) ? Json(*value) : Json(nullptr);
}

Json trackJson(const Track &track, const TrackFigures &figures)
{
    Json workloads = Json::array();
    for (const ObjectRef &workload : track.workloads)
        workloads.push_back(utf8(toString(workload)));
    return {{"name", utf8(track.name)},
            {"version", utf8(track.version)},
            {"templateHash", utf8(track.templateHash)},
            {"digest", utf8(track.digest)},
            {"podsReady", countJson(track.podsReady)},
            {"podsWanted", countJson(track.podsWanted)},
            {"share", track.share ? Json(*track.share) : Json(nullptr)},
            {"since", orNull(track.since)},
            {"health", utf8(healthName(track.health))},
            {"workloads", workloads},
            {"requestsPerSecond", numberJson(figures.requests)},
            {"errorPercent", numberJson(figures.errors)}};
}

Json placeJson(const QString &schema, const Deployed &deployed)
{
    return {{"schema", utf8(schema)},
            {"application", utf8(deployed.application)},
            {"environment", utf8(deployed.environment)},
            {"connection", utf8(deployed.connection)},
            {"namespace", utf8(deployed.ns)}};
}

Json deployedJson(const Deployed &deployed, const StatusFigures &figures)
{
    Json tracks = Json::array();
    for (const Track &track : deployed.tracks)
        tracks.push_back(trackJson(track, figures.value({deployed.key(), track.name})));
    Json routers = Json::array();
    for (const RouterRef &router : deployed.routers)
        routers.push_back(routerJson(router));
    return {{"application", utf8(deployed.application)},
            {"environment", utf8(deployed.environment)},
            {"connection", utf8(deployed.connection)},
            {"namespace", utf8(deployed.ns)},
            {"team", utf8(deployed.team)},
            {"protected", deployed.isProtected},
            {"health", utf8(healthName(deployed.health))},
            {"state", utf8(deployed.state)},
            {"since", orNull(deployed.since)},
            {"freshness", utf8(freshnessName(deployed.freshness.state))},
            {"tracks", tracks},
            {"routers", routers},
            {"managers", managersJson(deployed.managers)}};
}

Json stepJson(const PlanStep &step)
{
    return {{"id", utf8(step.id)},
            {"title", utf8(step.title)},
            {"through", utf8(step.through)},
            {"precondition", utf8(step.precondition)},
            {"method", utf8(step.call.method)},
            {"path", utf8(step.call.path)},
            {"contentType", utf8(step.call.contentType)},
            {"body", step.call.body.toStdString()},
            {"diff", diffJson(step.diff)},
            {"dwellSeconds", step.dwell.count()},
            {"deadlineMs", step.deadline.count()},
            {"optional", step.isOptional},
            {"chosen", step.isChosen}};
}

Json planJson(const Plan &plan)
{
    Json steps = Json::array();
    for (const PlanStep &step : plan.steps) {
        steps.push_back(stepJson(step));
        if (hidesBody(step, plan.kind)) {
            steps.back()["body"] = nullptr;
            steps.back()["diff"] = diffJson(withoutValues(step.diff));
        }
    }
    return {{"id", utf8(plan.id)},
            {"kind", utf8(operationKindName(plan.kind))},
            {"direction", plan.direction == Direction::Back ? "back" : "forward"},
            {"application", utf8(plan.application)},
            {"environment", utf8(plan.environment)},
            {"connection", utf8(plan.connection)},
            {"namespace", utf8(plan.ns)},
            {"protected", plan.isProtected},
            {"from", utf8(plan.from)},
            {"to", utf8(plan.to)},
            {"fromHash", utf8(plan.fromHash)},
            {"toHash", utf8(plan.toHash)},
            {"effect", utf8(plan.effect)},
            {"reason", utf8(plan.reason)},
            {"plannedAt", orNull(plan.plannedAt)},
            {"dryRunAt", orNull(plan.dryRunAt)},
            {"blocked", plan.isBlocked()},
            {"checks", checksJson(plan.checks)},
            {"steps", steps}};
}

bool hasError(OutcomeKind kind)
{
    return kind == OutcomeKind::Refused || kind == OutcomeKind::Conflict || kind == OutcomeKind::Failed ||
           kind == OutcomeKind::Unknown;
}

Json outcomeJson(const Outcome &outcome)
{
    const bool isEffect = outcome.kind == OutcomeKind::Done || outcome.kind == OutcomeKind::Abandoned;
    Json steps = Json::array();
    for (const StepOutcome &step : outcome.steps)
        steps.push_back({{"step", utf8(step.stepId)},
                         {"kind", utf8(outcomeKindName(step.kind))},
                         {"message", utf8(step.message)},
                         {"sentAt", orNull(step.sentAt)},
                         {"acceptedAt", orNull(step.acceptedAt)},
                         {"observedAt", orNull(step.observedAt)}});
    return {{"kind", utf8(outcomeKindName(outcome.kind))},
            {"message", utf8(outcome.message)},
            {"error", hasError(outcome.kind) ? Json(utf8(errorKindName(outcome.errorKind))) : Json(nullptr)},
            {"confirmed", isEffect ? Json(outcome.isConfirmed) : Json(nullptr)},
            {"startedAt", orNull(outcome.startedAt)},
            {"finishedAt", orNull(outcome.finishedAt)},
            {"steps", steps}};
}

} // namespace

QString errorJson(const Error &error, ExitStatus status)
{
    return document({{"schema", "signalbox.error/1"},
                     {"exitStatus", static_cast<int>(status)},
                     {"error", {{"kind", utf8(errorKindName(error.kind))}, {"message", utf8(error.message)}}}});
}

QString statusJson(Session &session, const QList<Deployed> &deployed, const QDateTime &readAt,
                   const StatusFigures &figures)
{
    return statusJson(statusConnections(session), session.listing() == Session::Listing::Complete, deployed, readAt,
                      figures);
}

QString statusJson(const QList<StatusConnection> &connections, bool isComplete, const QList<Deployed> &deployed,
                   const QDateTime &readAt, const StatusFigures &figures)
{
    Json all = Json::array();
    for (const StatusConnection &one : connections) {
        Json namespaces = Json::array();
        for (const QString &ns : one.info.onlyNamespaces)
            namespaces.push_back(utf8(ns));
        all.push_back({{"id", utf8(one.id)},
                       {"name", utf8(one.title)},
                       {"server", utf8(one.info.server)},
                       {"version", utf8(one.info.version)},
                       {"user", utf8(one.info.user)},
                       {"verifiesTls", one.info.verifiesTls},
                       {"state", utf8(one.state)},
                       {"trueAt", orNull(one.trueAt)},
                       {"error", one.error ? Json(utf8(one.error->message)) : Json(nullptr)},
                       {"onlyNamespaces", namespaces}});
    }
    Json applications = Json::array();
    for (const Deployed &one : deployed)
        applications.push_back(deployedJson(one, figures));
    return document({{"schema", "signalbox.status/1"},
                     {"readAt", orNull(readAt)},
                     {"complete", isComplete},
                     {"connections", all},
                     {"applications", applications}});
}

QString trafficJson(const Deployed &deployed, const QList<TrafficSplit> &splits)
{
    Json routers = Json::array();
    for (const TrafficSplit &split : splits) {
        Json legs = Json::array();
        for (const TrafficLeg &leg : split.legs)
            legs.push_back({{"track", utf8(leg.track)},
                            {"backend", utf8(leg.backend)},
                            {"weight", leg.weight},
                            {"share", leg.share ? Json(*leg.share) : Json(nullptr)},
                            {"podsReady", countJson(leg.podsReady)}});
        Json router = routerJson(split.router);
        router["applied"] = split.applied == TrafficSplit::Applied::Yes  ? "yes"
                            : split.applied == TrafficSplit::Applied::No ? "no"
                                                                         : "unknown";
        router["appliedReason"] = utf8(split.appliedReason);
        router["resourceVersion"] = utf8(split.resourceVersion);
        router["readAt"] = orNull(split.readAt);
        router["legs"] = legs;
        router["managers"] = managersJson(split.managers);
        routers.push_back(router);
    }
    Json json = placeJson(QStringLiteral("signalbox.traffic/1"), deployed);
    json["routers"] = routers;
    return document(json);
}

QString revisionsJson(const Deployed &deployed, const ObjectRef &workload, const QList<RollbackTarget> &targets)
{
    Json all = Json::array();
    for (const RollbackTarget &target : targets) {
        Json images = Json::array();
        for (const ContainerImage &image : target.revision.images)
            images.push_back(utf8(image.image));
        all.push_back({{"number", target.revision.number},
                       {"templateHash", utf8(target.revision.templateHash)},
                       {"version", utf8(target.version)},
                       {"live", target.isLive},
                       {"suggested", target.isSuggested},
                       {"created", orNull(target.revision.created)},
                       {"changeCause", utf8(target.revision.changeCause)},
                       {"images", images},
                       {"readiness", checksJson(target.readiness)}});
    }
    Json json = placeJson(QStringLiteral("signalbox.revisions/1"), deployed);
    json["workload"] = utf8(toString(workload));
    json["targets"] = all;
    return document(json);
}

QString rehearsalsJson(const QList<RehearseCommand::Rehearsed> &all, ExitStatus status)
{
    Json rehearsals = Json::array();
    for (const RehearseCommand::Rehearsed &one : all) {
        const Readiness &readiness = one.readiness;
        rehearsals.push_back({{"application", utf8(one.deployed.application)},
                              {"environment", utf8(one.deployed.environment)},
                              {"connection", utf8(one.deployed.connection)},
                              {"namespace", utf8(one.deployed.ns)},
                              {"readiness", utf8(healthName(readiness.light))},
                              {"reason", utf8(readiness.reason)},
                              {"wayOut", utf8(readiness.wayOut)},
                              {"to", utf8(readiness.to)},
                              {"dryRun", readiness.hadDryRun},
                              {"tookMs", readiness.took.count()},
                              {"checkedAt", orNull(readiness.checkedAt)},
                              {"checks", checksJson(readiness.checks)}});
    }
    return document(
        {{"schema", "signalbox.rehearsal/1"}, {"exitStatus", static_cast<int>(status)}, {"rehearsals", rehearsals}});
}

QString operationJson(const Plan &plan, const std::optional<Outcome> &outcome, ExitStatus status)
{
    return document({{"schema", "signalbox.operation/1"},
                     {"exitStatus", static_cast<int>(status)},
                     {"plan", planJson(plan)},
                     {"outcome", outcome ? outcomeJson(*outcome) : Json(nullptr)}});
}

} // namespace signalbox::commands
