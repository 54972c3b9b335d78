// Is the division of traffic that was written in force?
#include "services/adapters/kubernetes/kubernetessteptext.h"
#include "services/adapters/kubernetes/planpatch.h"
#include "services/adapters/kubernetes/preflight.h"
#include "services/adapters/kubernetes/steprunnerlook.h"
#include "services/adapters/kubernetes/trafficplan.h"

#include <QSet>

#include <algorithm>

namespace signalbox::kubernetes
{

namespace
{

// How long a controller that never reported is given to do so.
constexpr qint64 firstReportMs = 5000;

struct Endpoint
{
    QString podUid;
    QString podName;
};

// Ready endpoints that belong to pods. Slices say "ready" or leave it out, which means the same.
QList<Endpoint> readyEndpoints(const EndpointFacts &facts)
{
    QList<Endpoint> found;
    const auto add = [&found](const Json &target) { found.append({textAt(target, "/uid"), textAt(target, "/name")}); };
    for (const Json &slice : facts.endpointSlices) {
        for (const Json &endpoint : valueAt(slice, "/endpoints")) {
            if (valueAt(endpoint, "/conditions/ready") != Json(false))
                add(valueAt(endpoint, "/targetRef"));
        }
    }
    if (facts.endpoints) {
        for (const Json &subset : valueAt(*facts.endpoints, "/subsets")) {
            for (const Json &address : valueAt(subset, "/addresses"))
                add(valueAt(address, "/targetRef"));
        }
    }
    return found;
}

} // namespace

Observation judgeEndpoints(const EndpointFacts &facts)
{
    Observation seen;
    if (labelsAt(facts.service, "/spec/selector") != facts.selector) {
        seen.state = Observation::State::Failed;
        seen.text = KubernetesStepText::tr("Someone else changed the selector");
        return seen;
    }
    QSet<QString> ready;
    QString blocker;
    for (const Json &pod : facts.pods) {
        if (isReadyPod(pod))
            ready.insert(textAt(pod, "/metadata/uid"));
        else if (const auto problem = problemOf(pod); problem && blocker.isEmpty())
            blocker = problem->text;
    }
    QSet<QString> served;
    int foreign = 0;
    for (const Endpoint &endpoint : readyEndpoints(facts)) {
        if (ready.contains(endpoint.podUid))
            served.insert(endpoint.podUid);
        else
            ++foreign;
    }
    seen.text = KubernetesStepText::tr("%1 of %2 ready pods of the target receive traffic")
                    .arg(served.size())
                    .arg(ready.size());
    seen.progress = ready.isEmpty() ? 0 : double(served.size()) / double(ready.size());
    if (ready.isEmpty())
        seen.blocker = blocker.isEmpty() ? KubernetesStepText::tr("the target has no ready pod") : blocker;
    else if (foreign > 0)
        seen.blocker = KubernetesStepText::tr("%1 other endpoints are still there").arg(foreign);
    else if (served.size() == ready.size())
        seen.state = Observation::State::Effective;
    return seen;
}

Observation judgeRoute(const RouteFacts &facts)
{
    Observation seen;
    const Json *backends = atPointer(facts.route, facts.rulePointer);
    QList<int> weights;
    for (size_t i = 0; backends && backends->is_array() && i < backends->size(); ++i)
        weights.append(static_cast<int>(numberAt((*backends)[i], "/weight",
                                                 textAt(facts.route, "/kind") == QLatin1String("HTTPRoute") ? 1
                                                 : backends->size() == 1                                    ? 100
                                                                                                            : 0)));
    if (weights != facts.weights) {
        seen.state = Observation::State::Failed;
        seen.text = KubernetesStepText::tr("Someone else changed the weights");
        return seen;
    }
    const RouteState state = routeState(facts.route);
    seen.progress = 1;
    switch (state.applied) {
    case TrafficSplit::Applied::Yes:
        seen.state = Observation::State::Effective;
        seen.text = KubernetesStepText::tr("Weights in force: %1").arg(state.reason);
        return seen;
    case TrafficSplit::Applied::No:
        seen.state = Observation::State::Failed;
        seen.text = KubernetesStepText::tr("The weights are written, but the route is refused");
        seen.blocker = state.reason;
        return seen;
    case TrafficSplit::Applied::CannotTell:
        break;
    }
    const bool isIstio = textAt(facts.route, "/kind") == QLatin1String("VirtualService");
    const bool isDue = isIstio || !facts.acceptedAt.isValid() || facts.acceptedAt.msecsTo(facts.now) >= firstReportMs;
    const bool isSilent = !facts.reported && !state.isReported;
    if ((isSilent || state.isUndated) && isDue) {
        seen.state = Observation::State::Effective;
        seen.isConfirmed = false;
        seen.text = KubernetesStepText::tr("The weights are written; whether they are in force cannot be told: %1")
                        .arg(state.reason);
        return seen;
    }
    seen.text = KubernetesStepText::tr("The weights are written");
    seen.blocker = state.reason;
    seen.progress = -1;
    return seen;
}

QFuture<Result<Observation>> lookAtRoute(const ClientPtr &client, const PlanStep &step, const Receipt &receipt,
                                         const StopToken &stop)
{
    return mapped(fetch(client, step.call.path.toLatin1(), stop), [=](const Json &route) -> Result<Observation> {
        const Json data = Json::parse(step.expectation.data.begin(), step.expectation.data.end());
        RouteFacts facts;
        facts.route = route;
        facts.rulePointer = textAt(data, "/rule");
        facts.reported = valueAt(data, "/reported") == Json(true);
        for (const Json &weight : valueAt(data, "/weights"))
            facts.weights.append(weight.get<int>());
        facts.acceptedAt = receipt.acceptedAt;
        facts.now = QDateTime::currentDateTimeUtc();
        if (textAt(route, "/metadata/uid") != textAt(data, "/patch/uid"))
            return Observation{
                Observation::State::Failed, KubernetesStepText::tr("The route was deleted and made again"), {}, -1, {}};
        return judgeRoute(facts);
    });
}

QFuture<Result<Observation>> lookAtEndpoints(const ClientPtr &client, const PlanStep &step, const StopToken &stop)
{
    return andThen(client->discover(stop), [=](const Discovery &discovery) -> QFuture<Result<Observation>> {
        const ObjectRef object = step.expectation.object;
        const Json data = Json::parse(step.expectation.data.begin(), step.expectation.data.end());
        const Labels selector = labelsAt(data, "/selector");
        QStringList parts;
        for (auto it = selector.begin(); it != selector.end(); ++it)
            parts.append(it.key() + u'=' + it.value());
        const auto pods = resourceOf(discovery, QStringLiteral("Pod"));
        const auto slices = resourceOf(discovery, QStringLiteral("EndpointSlice"));
        const auto endpoints = resourceOf(discovery, QStringLiteral("Endpoints"));
        if (!pods || !endpoints)
            return ready(Result<Observation>(pods ? endpoints.error() : pods.error()));
        const QByteArray bySelector = pods->path(object.ns) + "?labelSelector=" + encoded(parts.join(u','));
        const QByteArray byName =
            "?labelSelector=" + encoded(QStringLiteral("kubernetes.io/service-name=") + object.name);
        const bool hasSlices = slices.has_value();
        const QList<QFuture<Result<QList<Json>>>> asked{
            mapped(fetch(client, step.call.path.toLatin1(), stop),
                   [](const Json &service) -> Result<QList<Json>> { return QList<Json>{service}; }),
            fetchCounted(client, bySelector, stop),
            hasSlices ? fetchCounted(client, slices->path(object.ns) + byName, stop)
                      : mapped(fetch(client, endpoints->path(object.ns, object.name), stop),
                               [](const Json &all) -> Result<QList<Json>> { return QList<Json>{all}; }),
        };
        return mapped(gathered(asked), [=](const QList<Result<QList<Json>>> &answers) -> Result<Observation> {
            for (const auto &answer : answers) {
                if (!answer)
                    return answer.error();
            }
            EndpointFacts facts;
            facts.service = answers[0]->first();
            facts.selector = selector;
            facts.pods = *answers[1];
            if (hasSlices)
                facts.endpointSlices = *answers[2];
            else
                facts.endpoints = answers[2]->first();
            return judgeEndpoints(facts);
        });
    });
}

} // namespace signalbox::kubernetes
