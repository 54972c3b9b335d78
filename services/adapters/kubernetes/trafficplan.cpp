#include "services/adapters/kubernetes/trafficplan.h"

#include "models/domain/duration.h"
#include "services/adapters/kubernetes/kubernetestraffictext.h"
#include "services/adapters/kubernetes/planhead.h"
#include "services/adapters/kubernetes/planpatch.h"
#include "services/adapters/kubernetes/preflight.h"
#include "services/adapters/kubernetes/trafficweights.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace signalbox::kubernetes
{

namespace
{

constexpr int gatewayLimit = 1'000'000;

bool isIstio(const RouterView &view)
{
    return view.router.kind == RouterRef::Kind::VirtualService;
}

QString percentText(const QMap<QString, int> &percent)
{
    QStringList parts;
    for (auto it = percent.begin(); it != percent.end(); ++it)
        parts.append(QStringLiteral("%1 %2 %").arg(it.key()).arg(it.value()));
    return parts.join(QLatin1String(", "));
}

// None: how traffic is divided is not ours to see.
std::optional<QMap<QString, int>> percentNow(const RouterView &view)
{
    QList<double> shares;
    for (const Leg &leg : view.legs) {
        if (!leg.shown.share)
            return std::nullopt;
        shares.append(*leg.shown.share);
    }
    const QList<int> percents = wholePercents(shares);
    QMap<QString, int> now;
    for (qsizetype i = 0; i < view.legs.size(); ++i)
        now[view.legs[i].shown.track] += percents[i];
    return now;
}

// The order's keys are tracks; a backend's own name is understood too.
Result<QMap<QString, int>> resolved(const RouterView &view, const QMap<QString, int> &wanted)
{
    QMap<QString, int> percent;
    QStringList known;
    for (const Leg &leg : view.legs) {
        percent[leg.shown.track] = 0;
        known.append(leg.shown.track);
    }
    known.removeDuplicates();
    int sum = 0;
    for (auto it = wanted.begin(); it != wanted.end(); ++it) {
        const auto leg = std::find_if(view.legs.begin(), view.legs.end(), [&it](const Leg &l) {
            return l.shown.track.compare(it.key(), Qt::CaseInsensitive) == 0 || l.shown.backend == it.key();
        });
        if (leg == view.legs.end() && it.value() == 0)
            continue;
        if (leg == view.legs.end()) {
            return Error{
                ErrorKind::NotFound,
                KubernetesTrafficText::tr(
                    "%1 sends traffic to %2 only; there is no track \"%3\" to send %4 % to. Add it to the route first.")
                    .arg(view.title(), known.join(QLatin1String(", ")), it.key())
                    .arg(it.value()),
                {}};
        }
        percent[leg->shown.track] += it.value();
        sum += it.value();
    }
    if (sum != 100)
        return Error{ErrorKind::Invalid,
                     KubernetesTrafficText::tr("The shares sum to %1 %, 100 % were expected: %2.")
                         .arg(sum)
                         .arg(percentText(wanted)),
                     {}};
    return percent;
}

Json withWeights(const Json &backends, const QList<int> &weights)
{
    Json changed = backends;
    for (size_t i = 0; i < changed.size(); ++i)
        changed[i]["weight"] = weights[static_cast<qsizetype>(i)];
    return changed;
}

QList<WeightedLeg> weighted(const RouterView &view)
{
    QList<WeightedLeg> legs;
    for (const Leg &leg : view.legs)
        legs.append({leg.shown.track, leg.shown.weight});
    return legs;
}

RightQuestion patchRight(const RouterView &view)
{
    return {QStringLiteral("patch"),
            view.resource.group,
            view.resource.resource,
            {},
            textAt(view.object, "/metadata/namespace"),
            textAt(view.object, "/metadata/name")};
}

DraftStep emptyStep(const RouterView &view)
{
    DraftStep entry;
    entry.object = view.object;
    entry.right = patchRight(view);
    entry.step.through = QStringLiteral("%1 %2").arg(routerKindLabel(view.router.kind), view.title());
    entry.step.expectation.object =
        refOf(view.router.object.connection, view.resource.group, view.resource.kind, view.object);
    entry.step.expectation.kind =
        view.isService() ? QStringLiteral("service-selector") : QStringLiteral("route-weights");
    entry.step.deadline = std::chrono::seconds(60);
    return entry;
}

Json numbers(const QList<int> &values)
{
    Json list = Json::array();
    for (const int value : values)
        list.push_back(value);
    return list;
}

// The place of the rule itself and the tests that it still is the same one: its name and what it matches, or that it
// has none, for another rule with the same backends may have taken its place.
void testRule(JsonPatch &patch, const RouterView &view)
{
    const QString rule = view.rulePointer.section(u'/', 0, -2);
    patch.testSeen(view.object, rule + QStringLiteral("/name"));
    patch.testSeen(view.object, rule + (isIstio(view) ? QStringLiteral("/match") : QStringLiteral("/matches")));
}

// Short: it stands on markers in charts and beside its progress; the plan's own title names the application.
QString shiftTitle(const QMap<QString, int> &percent)
{
    for (auto it = percent.begin(); it != percent.end(); ++it) {
        if (it.value() == 100)
            return KubernetesTrafficText::tr("all traffic to %1").arg(it.key());
    }
    return percentText(percent);
}

QList<DiffLine> weightDiff(const QMap<QString, int> &before, const QMap<QString, int> &after)
{
    QList<DiffLine> lines;
    for (auto it = after.begin(); it != after.end(); ++it) {
        if (before.value(it.key()) == it.value())
            continue;
        lines.append({DiffLine::Kind::Note, KubernetesTrafficText::tr("%1: %2 % of live traffic instead of %3 %")
                                                .arg(it.key())
                                                .arg(it.value())
                                                .arg(before.value(it.key()))});
    }
    return lines;
}

Result<QList<DraftStep>> routeSteps(const RouterView &view, const TrafficOrder &order)
{
    QList<DraftStep> steps;
    const RouteState state = routeState(view.object);
    Json backends = valueAt(view.object, view.rulePointer.toLatin1().constData());
    QMap<QString, int> before = percentNow(view).value_or(QMap<QString, int>()); // a route's weights always tell
    QList<int> weightsBefore;
    for (const Leg &leg : view.legs)
        weightsBefore.append(leg.shown.weight);
    for (const TrafficOrder::Step &wanted : order.steps) {
        const auto percent = resolved(view, wanted.percent);
        if (!percent)
            return percent.error();
        const QList<int> weights =
            weightsFor(weighted(view), *percent, isIstio(view) ? 100 : gatewayLimit, isIstio(view));
        DraftStep entry = emptyStep(view);
        PlanStep &step = entry.step;
        step.title = shiftTitle(*percent);
        step.undoTitle = KubernetesTrafficText::tr("Back to %1").arg(percentText(before));
        const Json changed = withWeights(backends, weights);
        JsonPatch patch;
        patch.test(QStringLiteral("/metadata/uid"), valueAt(view.object, "/metadata/uid"));
        testRule(patch, view);
        patch.test(view.rulePointer, backends).replace(view.rulePointer, changed);
        step.call =
            patchCall(view.router.object.connection,
                      view.resource.path(step.expectation.object.ns, step.expectation.object.name), patch.toJson());
        entry.facts = {
            {"rule", view.rulePointer.toStdString()}, {"weights", numbers(weights)}, {"reported", state.isReported}};
        entry.facts["reverse"] = {{"rule", view.rulePointer.toStdString()},
                                  {"weights", numbers(weightsBefore)},
                                  {"reported", state.isReported}};
        entry.diffAt = view.rulePointer;
        step.diff = weightDiff(before, *percent);
        step.precondition = KubernetesTrafficText::tr("only if the weights are still %1").arg(percentText(before));
        step.dwell = wanted.dwell;
        steps.append(entry);
        backends = changed;
        before = *percent;
        weightsBefore = weights;
    }
    return steps;
}

Result<QList<DraftStep>> selectorSteps(const RouterView &view, const TrafficOrder &order)
{
    if (order.steps.size() != 1)
        return Error{ErrorKind::Unsupported,
                     KubernetesTrafficText::tr("A Service selector sends all traffic one way: one step, not several."),
                     {}};
    const auto percent = resolved(view, order.steps.first().percent);
    if (!percent)
        return percent.error();
    const auto target = std::find_if(view.legs.begin(), view.legs.end(),
                                     [&](const Leg &leg) { return percent->value(leg.shown.track) == 100; });
    if (target == view.legs.end()) {
        return Error{ErrorKind::Unsupported,
                     KubernetesTrafficText::tr(
                         "%1 chooses pods by its selector and can only send all traffic to one track, not %2. Use a "
                         "route with weights for shares.")
                         .arg(view.title(), percentText(*percent)),
                     {}};
    }
    DraftStep entry = emptyStep(view);
    PlanStep &step = entry.step;
    const Json seen = valueAt(view.object, "/spec/selector");
    Json wanted = seen;
    wanted[view.selectorKey.toStdString()] = target->selectorValue.toStdString();
    step.title = shiftTitle(*percent);
    step.undoTitle = KubernetesTrafficText::tr("Back to the selector from before");
    step.call = patchCall(view.router.object.connection,
                          view.resource.path(step.expectation.object.ns, step.expectation.object.name),
                          JsonPatch()
                              .test(QStringLiteral("/metadata/uid"), valueAt(view.object, "/metadata/uid"))
                              .test(QStringLiteral("/spec/selector"), seen)
                              .replace(QStringLiteral("/spec/selector"), wanted)
                              .toJson());
    entry.facts = {{"selector", wanted}, {"reverse", {{"selector", seen}}}};
    entry.diffAt = QStringLiteral("/spec/selector");
    step.precondition = KubernetesTrafficText::tr("only if the selector is still the one shown");
    step.dwell = order.steps.first().dwell;
    return QList<DraftStep>{entry};
}

bool areSomeNotOurs(const QList<Unseen> &unseen)
{
    return std::any_of(unseen.begin(), unseen.end(), [](const Unseen &one) { return one.problem.isEmpty(); });
}

Check unknownCapacity(const RouterView &view)
{
    const QList<Unseen> unseen = view.hiddenOf(
        {QStringLiteral("pods"), QStringLiteral("services"), QStringLiteral("destinationrules.networking.istio.io")});
    if (!unseen.isEmpty()) {
        return warned(CheckId::Capacity,
                      areSomeNotOurs(unseen)
                          ? KubernetesTrafficText::tr("How many pods are behind each track is not yours to see")
                          : KubernetesTrafficText::tr("How many pods are behind each track cannot be told"),
                      unseenSentence(unseen), unseenWayOut(unseen));
    }
    return warned(CheckId::Capacity, KubernetesTrafficText::tr("How many pods are behind each track cannot be told"),
                  {}, KubernetesTrafficText::tr("Look at the pods of the target track first."));
}

// A track's name is written as it is, but where a sentence begins with it.
QString atBeginning(const QString &sentence)
{
    return sentence.left(1).toUpper() + sentence.mid(1);
}

// `carried`: what is known to have been enough, whatever shares the work now.
Check capacityCheck(const RouterView &view, const QMap<QString, int> &percent, const QMap<QString, int> &carried)
{
    int serving = 0; // ready pods that carry the traffic now
    QStringList carriers;
    QMap<QString, int> ready;
    bool isKnown = true;
    for (const Leg &leg : view.legs) {
        isKnown = isKnown && leg.shown.podsReady >= 0;
        ready[leg.shown.track] += leg.shown.podsReady;
        if (leg.shown.share.value_or(0) <= 0)
            continue;
        serving += leg.shown.podsReady;
        if (!carriers.contains(leg.shown.track))
            carriers.append(leg.shown.track);
    }
    if (!isKnown)
        return unknownCapacity(view);
    const QString now = KubernetesTrafficText::tr("%1 (%2) carry the traffic now")
                            .arg(podsText(serving), carriers.join(QStringLiteral(", ")));
    QStringList known;
    for (auto it = percent.begin(); it != percent.end(); ++it) {
        if (it.value() == 0)
            continue;
        const int has = ready.value(it.key());
        const int needs = static_cast<int>(std::ceil(serving * it.value() / 100.0));
        const int enough = carried.value(it.key());
        const QString detail = KubernetesTrafficText::tr("%1 ready").arg(podsText(has)) + QStringLiteral("; ") + now;
        if (has == 0)
            return blocked(
                CheckId::Capacity,
                atBeginning(
                    KubernetesTrafficText::tr("%1 has no ready pod to take %2 %").arg(it.key()).arg(it.value())),
                detail, KubernetesTrafficText::tr("Scale %1 up and wait until its pods are ready.").arg(it.key()));
        const bool wasEnough = enough > 0 && has >= enough;
        if (has < needs && !wasEnough)
            return warned(
                CheckId::Capacity,
                atBeginning(KubernetesTrafficText::tr("%1 may be too small for %2 %").arg(it.key()).arg(it.value())),
                detail, KubernetesTrafficText::tr("Scale %1 up first, or go in smaller steps.").arg(it.key()));
        known.append(has < needs ? KubernetesTrafficText::tr("%1: %2 ready; %3 carried all of it before")
                                       .arg(it.key(), podsText(has), podsText(enough))
                                 : KubernetesTrafficText::tr("%1: %2 ready").arg(it.key(), podsText(has)));
    }
    return passed(CheckId::Capacity, KubernetesTrafficText::tr("The pods of each track can carry its share"),
                  (known << now).join(QLatin1String("; ")));
}

// Does a track that gets traffic change under it?
Check rollingCheck(const RouterView &view, const QMap<QString, int> &percent)
{
    for (const Leg &leg : view.legs) {
        for (const Json &workload : view.workloads) {
            if (percent.value(leg.shown.track) == 0 || leg.selector.isEmpty() ||
                !hasLabels(labelsAt(workload, "/spec/template/metadata/labels"), leg.selector))
                continue;
            WorkloadView rolling;
            rolling.resource.kind = QStringLiteral("Deployment");
            if (valueAt(workload, "/status/desiredNumberScheduled").is_number())
                rolling.resource.kind = QStringLiteral("DaemonSet");
            rolling.object = workload;
            Check check = underWayCheck(rolling);
            if (check.state == CheckState::Pass)
                continue;
            check.text =
                KubernetesTrafficText::tr("A roll-out of %1 is under way").arg(textAt(workload, "/metadata/name"));
            check.wayOut = KubernetesTrafficText::tr("Wait until %1 is rolled out, or send no traffic there yet.")
                               .arg(leg.shown.track);
            return check;
        }
    }
    const QList<Unseen> unseen = view.hiddenOf(
        {QStringLiteral("deployments.apps"), QStringLiteral("statefulsets.apps"), QStringLiteral("daemonsets.apps")});
    if (!unseen.isEmpty()) {
        return warned(
            CheckId::RolloutUnderWay,
            areSomeNotOurs(unseen)
                ? KubernetesTrafficText::tr("Whether a track that gets traffic is being rolled out is not yours to see")
                : KubernetesTrafficText::tr("Whether a track that gets traffic is being rolled out cannot be told"),
            unseenSentence(unseen), unseenWayOut(unseen));
    }
    return passed(CheckId::RolloutUnderWay,
                  KubernetesTrafficText::tr("No track that gets traffic is being rolled out"));
}

// The step that asks most of each track.
QMap<QString, int> peakOf(const RouterView &view, const TrafficOrder &order)
{
    QMap<QString, int> peak;
    for (const TrafficOrder::Step &step : order.steps) {
        const auto percent = resolved(view, step.percent);
        for (auto it = percent->begin(); it != percent->end(); ++it)
            peak[it.key()] = std::max(peak.value(it.key()), it.value());
    }
    return peak;
}

Check routingCheck(const RouterView &view)
{
    if (view.isService())
        return passed(CheckId::Routing, KubernetesTrafficText::tr("The Service itself chooses the pods"));
    const RouteState state = routeState(view.object);
    switch (state.applied) {
    case TrafficSplit::Applied::Yes:
        return passed(CheckId::Routing, KubernetesTrafficText::tr("The route is accepted and in force"), state.reason);
    case TrafficSplit::Applied::No:
        return blocked(CheckId::Routing,
                       KubernetesTrafficText::tr("The route's controller does not accept it as it is"), state.reason,
                       KubernetesTrafficText::tr("Mend the route first: weights written now have no effect."));
    case TrafficSplit::Applied::CannotTell:
        break;
    }
    const QString watch = KubernetesTrafficText::tr("Watch the traffic's metrics after the change.");
    if (!state.isReported)
        return warned(CheckId::Routing, KubernetesTrafficText::tr("Nothing reports whether this route is in force"),
                      state.reason, watch);
    if (state.isUndated)
        return warned(
            CheckId::Routing,
            KubernetesTrafficText::tr("The route is accepted; whether its last change is in force cannot be told"),
            state.reason, watch);
    return warned(CheckId::Routing, KubernetesTrafficText::tr("The route's last change is not in force yet"),
                  state.reason, KubernetesTrafficText::tr("Wait until it is, or go on: this change takes its place."));
}

// "in 3 steps: 10 % now, 50 % after 6 s, 100 % after 10 m": of the track that gets most of what moves.
QString stepsText(const RouterView &view, const TrafficOrder &order, const std::optional<QMap<QString, int>> &before)
{
    const QMap<QString, int> after = *resolved(view, order.steps.last().percent);
    QString track;
    int most = -101;
    for (auto it = after.begin(); it != after.end(); ++it) {
        const int more = it.value() - (before ? before->value(it.key()) : 0);
        if (more > most) {
            most = more;
            track = it.key();
        }
    }
    QStringList steps;
    std::chrono::seconds waited{0};
    for (const TrafficOrder::Step &step : order.steps) {
        const int percent = resolved(view, step.percent)->value(track);
        if (steps.isEmpty())
            steps << KubernetesTrafficText::tr("%1 % now").arg(percent);
        else if (waited.count() > 0)
            steps << KubernetesTrafficText::tr("%1 % after %2").arg(percent).arg(spacedDurationText(waited));
        else
            steps << KubernetesTrafficText::tr("then %1 %").arg(percent);
        waited = step.dwell;
    }
    return KubernetesTrafficText::tr("in %1 steps: %2").arg(order.steps.size()).arg(steps.join(QLatin1String(", ")));
}

} // namespace

QList<Unseen> RouterView::hiddenOf(const QStringList &resources) const
{
    QList<Unseen> found;
    std::copy_if(hidden.begin(), hidden.end(), std::back_inserter(found),
                 [&resources](const Unseen &one) { return resources.contains(one.resource); });
    return found;
}

Result<Draft> draftTraffic(const RouterView &view, const TrafficOrder &order)
{
    if (order.steps.isEmpty())
        return Error{ErrorKind::Invalid, KubernetesTrafficText::tr("The order names no share for any track."), {}};
    const auto steps = view.isService() ? selectorSteps(view, order) : routeSteps(view, order);
    if (!steps)
        return steps.error();
    const std::optional<QMap<QString, int>> before = percentNow(view);
    const QMap<QString, int> after = *resolved(view, order.steps.last().percent);
    Draft draft;
    draft.isRehearsal = order.isRehearsal;
    draft.steps = *steps;
    Plan &plan = draft.plan;
    plan = planHead(view.isService() ? OperationKind::TrafficSwitch : OperationKind::TrafficShift, order.direction,
                    order, view.router.object.connection, textAt(view.object, "/metadata/namespace"));
    plan.bringsNewest = order.bringsNewest;
    plan.from = before ? percentText(*before) : KubernetesTrafficText::tr("shares that are not yours to see");
    plan.to = percentText(after);
    QStringList moved;
    for (auto it = after.begin(); it != after.end(); ++it) {
        if (!before && it.value() > 0)
            moved.append(KubernetesTrafficText::tr("%1 % of live traffic goes to %2").arg(it.value()).arg(it.key()));
        else if (const int more = before ? it.value() - before->value(it.key()) : 0; more > 0)
            moved.append(KubernetesTrafficText::tr("%1 % of live traffic moves to %2").arg(more).arg(it.key()));
    }
    plan.effect = moved.isEmpty() ? KubernetesTrafficText::tr("no traffic moves") : moved.join(QLatin1String(", "));
    if (order.steps.size() > 1 && !moved.isEmpty())
        plan.effect = KubernetesTrafficText::tr("%1, %2").arg(plan.effect, stepsText(view, order, before));
    plan.checks = {freshnessCheck(view.readAt, view.discovery),
                   passed(CheckId::TargetExists, KubernetesTrafficText::tr("Every track of the order is in the route")),
                   capacityCheck(view, peakOf(view, order), order.carried),
                   routingCheck(view),
                   rollingCheck(view, after),
                   clockCheck(view.clockSkewMs)};
    const bool isSame = std::all_of(order.steps.begin(), order.steps.end(), [&](const TrafficOrder::Step &step) {
        return *resolved(view, step.percent) == before;
    });
    plan.checks.append(
        isSame ? blocked(CheckId::SameState, KubernetesTrafficText::tr("Traffic is divided like this already"),
                         plan.from, KubernetesTrafficText::tr("Choose another share."))
               : passed(CheckId::SameState, KubernetesTrafficText::tr("The division of traffic changes")));
    return draft;
}

} // namespace signalbox::kubernetes
