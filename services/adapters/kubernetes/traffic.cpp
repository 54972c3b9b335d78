#include "services/adapters/kubernetes/traffic.h"

#include "services/adapters/kubernetes/plansuspend.h"
#include "services/adapters/kubernetes/preflight.h"
#include "services/adapters/kubernetes/trafficplan.h"

#include <algorithm>

namespace signalbox::kubernetes
{

namespace
{

QString kindOf(RouterRef::Kind kind)
{
    switch (kind) {
    case RouterRef::Kind::ServiceSelector:
        return QStringLiteral("Service");
    case RouterRef::Kind::HttpRoute:
        return QStringLiteral("HTTPRoute");
    case RouterRef::Kind::VirtualService:
        return QStringLiteral("VirtualService");
    case RouterRef::Kind::ArgoRollout:
    case RouterRef::Kind::IngressNginx:
    case RouterRef::Kind::HAProxy:
        break;
    }
    return {};
}

QByteArray listPath(const Discovery &discovery, const QString &group, const QString &resource, const QString &ns)
{
    const auto found = discovery.find(group, resource);
    return found ? found->path(ns) : QByteArray();
}

QFuture<Result<QList<Json>>> listOf(const ClientPtr &client, const QByteArray &path, const StopToken &stop)
{
    return path.isEmpty() ? ready(Result<QList<Json>>(QList<Json>())) : fetchItems(client, path, stop);
}

QByteArray podsPath(const Discovery &discovery, const Leg &leg)
{
    if (leg.selector.isEmpty())
        return {};
    QStringList parts;
    for (auto it = leg.selector.begin(); it != leg.selector.end(); ++it)
        parts.append(it.key() + u'=' + it.value());
    return listPath(discovery, {}, QStringLiteral("pods"), leg.ns) + "?labelSelector=" + encoded(parts.join(u','));
}

// Ready pods behind each leg. A Service that chooses several tracks at once divides by them.
QFuture<Result<RouterView>> withPods(const ClientPtr &client, RouterView view, const StopToken &stop)
{
    QList<QFuture<Result<QList<Json>>>> asked;
    for (const Leg &leg : view.legs)
        asked.append(listOf(client, podsPath(view.discovery, leg), stop));
    return mapped(
        gathered(asked), [client, view](const QList<Result<QList<Json>>> &answers) mutable -> Result<RouterView> {
            double all = 0;
            bool choosesAll = view.isService();
            for (qsizetype i = 0; i < answers.size(); ++i) {
                Leg &leg = view.legs[i];
                if (!answers[i])
                    return answers[i].error();
                leg.shown.podsReady =
                    leg.selector.isEmpty()
                        ? -1
                        : static_cast<int>(std::count_if(answers[i]->begin(), answers[i]->end(), isReadyPod));
                all += std::max(0, leg.shown.podsReady);
                choosesAll = choosesAll && leg.shown.weight == 0;
            }
            for (Leg &leg : view.legs) {
                if (choosesAll && all > 0 && !labelsAt(view.object, "/spec/selector").contains(view.selectorKey))
                    leg.shown.share = leg.shown.podsReady / all;
            }
            view.readAt = QDateTime::currentDateTimeUtc();
            view.clockSkewMs = client->clockSkewMs();
            return view;
        });
}

QFuture<Result<RouterView>> withSurroundings(const ClientPtr &client, RouterView view, const StopToken &stop)
{
    const QString ns = view.router.object.ns;
    const auto path = [&](const char *group, const char *resource) {
        return listPath(view.discovery, QLatin1String(group), QLatin1String(resource), ns);
    };
    const bool isService = view.isService();
    const bool isIstio = view.router.kind == RouterRef::Kind::VirtualService;
    const QByteArray none;
    const QList<QFuture<Result<QList<Json>>>> asked{
        listOf(client, isService ? none : path("", "services"), stop),
        listOf(client, path("apps", "deployments"), stop),
        listOf(client, path("apps", "statefulsets"), stop),
        listOf(client, path("apps", "daemonsets"), stop),
        listOf(client, isIstio ? path("networking.istio.io", "destinationrules") : none, stop),
        listOf(client, path("argoproj.io", "rollouts"), stop),
        listOf(client, path("flagger.app", "canaries"), stop),
    };
    return andThen(gathered(asked),
                   [=](const QList<Result<QList<Json>>> &lists) mutable -> QFuture<Result<RouterView>> {
                       for (const auto &list : lists) {
                           if (!list)
                               return ready(Result<RouterView>(list.error()));
                       }
                       view.services = *lists[0];
                       view.workloads = *lists[1] + *lists[2] + *lists[3];
                       view.subsets = *lists[4];
                       view.rollouts = *lists[5];
                       view.canaries = *lists[6];
                       const Result<RouterView> whole = withLegs(view);
                       return whole ? withPods(client, *whole, stop) : ready(whole);
                   });
}

QFuture<Result<RouterView>> readRouter(const ClientPtr &client, const RouterRef &router, const StopToken &stop)
{
    return andThen(client->discover(stop), [=](const Discovery &discovery) -> QFuture<Result<RouterView>> {
        const auto resource =
            kindOf(router.kind).isEmpty()
                ? Result<ApiResource>(Error{ErrorKind::Unsupported,
                                            KubernetesTraffic::tr("Traffic cannot be steered here through %1.")
                                                .arg(routerKindLabel(router.kind)),
                                            {}})
                : resourceOf(discovery, kindOf(router.kind));
        if (!resource)
            return ready(Result<RouterView>(resource.error()));
        RouterView view;
        view.router = router;
        view.discovery = discovery;
        view.resource = *resource;
        return andThen(fetch(client, resource->path(router.object.ns, router.object.name), stop),
                       [=](const Json &object) mutable -> QFuture<Result<RouterView>> {
                           view.object = object;
                           const QString uid = textAt(object, "/metadata/uid");
                           if (!router.object.uid.isEmpty() && uid != router.object.uid) {
                               return ready(Result<RouterView>(Error{
                                   ErrorKind::Conflict,
                                   KubernetesTraffic::tr(
                                       "%1 was deleted and made again since it was shown: look at the new one first.")
                                       .arg(view.title()),
                                   uid}));
                           }
                           return withSurroundings(client, view, stop);
                       });
    });
}

QList<Manager> managersOfRouter(const RouterView &view)
{
    QList<Manager> managers = managersOfObject(view.router.object.connection, view.object);
    for (const Manager &manager : trafficManagers(view)) {
        const bool isKnown = std::any_of(managers.begin(), managers.end(), [&manager](const Manager &known) {
            return known.kind == manager.kind && known.object.name == manager.object.name;
        });
        if (!isKnown)
            managers.append(manager);
    }
    return managers;
}

} // namespace

KubernetesTraffic::KubernetesTraffic(std::shared_ptr<KubeClient> client, QObject *parent)
    : TrafficRouter(parent)
    , m_client(std::move(client))
{}

KubernetesTraffic::~KubernetesTraffic() = default;

TrafficRouter::Capabilities KubernetesTraffic::capabilities(const RouterRef &router) const
{
    switch (router.kind) {
    case RouterRef::Kind::ServiceSelector:
        return Capabilities(Capability::Switch) | Capability::Verify;
    case RouterRef::Kind::HttpRoute:
        return Capabilities(Capability::Split) | Capability::Switch | Capability::Verify;
    case RouterRef::Kind::VirtualService:
        return Capabilities(Capability::Split) | Capability::Switch;
    default:
        return {};
    }
}

QFuture<Result<TrafficSplit>> KubernetesTraffic::split(QString, RouterRef router, StopToken stop)
{
    return mapped(readRouter(m_client, router, stop),
                  [client = m_client](const RouterView &view) -> Result<TrafficSplit> {
                      return splitOf(view, managersOfRouter(view));
                  });
}

QFuture<Result<Plan>> KubernetesTraffic::plan(TrafficOrder order, StopToken stop)
{
    if (order.router.object.connection.isEmpty())
        order.router.object.connection = order.connection;
    if (order.router.object.ns.isEmpty())
        order.router.object.ns = order.ns;
    const ClientPtr client = m_client;
    return andThen(readRouter(client, order.router, stop), [=](const RouterView &view) {
        const Result<Draft> draft = draftTraffic(view, order);
        if (!draft)
            return ready(Result<Plan>(draft.error()));
        return withSuspension(client, view.discovery, *draft, managersOfRouter(view), order.pauseReconciliation, stop);
    });
}

} // namespace signalbox::kubernetes
