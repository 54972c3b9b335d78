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

QFuture<Result<Listed>> listOf(const ClientPtr &client, const QByteArray &path, const StopToken &stop,
                               std::chrono::milliseconds limit)
{
    return path.isEmpty() ? ready(Result<Listed>(Listed{})) : fetchItems(client, path, stop, limit);
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

// Ready pods behind each leg, -1 where they are not ours to see or could not be listed. A Service that chooses several
// tracks at once divides by them: without them nobody knows how.
QFuture<Result<RouterView>> withPods(const ClientPtr &client, RouterView view, const StopToken &stop,
                                     std::chrono::milliseconds limit)
{
    QList<QFuture<Result<Listed>>> asked;
    for (const Leg &leg : view.legs)
        asked.append(listOf(client, podsPath(view.discovery, leg), stop, limit));
    return mapped(gathered(asked), [client, view](const QList<Result<Listed>> &answers) mutable -> Result<RouterView> {
        double all = 0;
        bool areAllKnown = true;
        for (qsizetype i = 0; i < answers.size(); ++i) {
            Leg &leg = view.legs[i];
            if (!answers[i] && answers[i].error().kind == ErrorKind::Cancelled)
                return answers[i].error();
            const bool isListed = answers[i] && !answers[i]->hidden;
            if (!isListed)
                view.hidden.append(unseenFor(QStringLiteral("pods"), leg.ns, answers[i]));
            const bool isKnown = !leg.selector.isEmpty() && isListed;
            const QList<Json> pods = isListed ? answers[i]->items : QList<Json>();
            leg.shown.podsReady = isKnown ? static_cast<int>(std::count_if(pods.begin(), pods.end(), isReadyPod)) : -1;
            all += isKnown ? leg.shown.podsReady : 0;
            areAllKnown = areAllKnown && isKnown;
        }
        if (view.isService() && !labelsAt(view.object, "/spec/selector").contains(view.selectorKey)) {
            for (Leg &leg : view.legs) {
                leg.shown.share.reset();
                if (areAllKnown)
                    leg.shown.share = all > 0 ? leg.shown.podsReady / all : 0;
            }
        }
        view.readAt = QDateTime::currentDateTimeUtc();
        view.clockSkewMs = client->clockSkewMs();
        return view;
    });
}

// What a router is read with; in the order of the lists below.
struct Surrounding
{
    QString group;
    QString resource;
    bool isNeeded = false; // names the tracks: nothing can be said without it. All else is a help
    bool isWanted = true;

    // Workloads may say which track they are: those are worth waiting for.
    bool isHint() const { return !isNeeded && group != QLatin1String("apps"); }
    QString title() const { return group.isEmpty() ? resource : resource + u'.' + group; }
};

QList<Surrounding> surroundingsOf(const RouterView &view)
{
    const QString apps = QStringLiteral("apps");
    const bool isIstio = view.router.kind == RouterRef::Kind::VirtualService;
    return {{{}, QStringLiteral("services"), true, !view.isService()},
            {apps, QStringLiteral("deployments"), view.isService()},
            {apps, QStringLiteral("statefulsets"), view.isService()},
            {apps, QStringLiteral("daemonsets"), view.isService()},
            {QStringLiteral("networking.istio.io"), QStringLiteral("destinationrules"), true, isIstio},
            {QStringLiteral("argoproj.io"), QStringLiteral("rollouts")},
            {QStringLiteral("flagger.app"), QStringLiteral("canaries")}};
}

QFuture<Result<RouterView>> withSurroundings(const ClientPtr &client, RouterView view, const StopToken &stop,
                                             std::chrono::milliseconds limit)
{
    const QString ns = view.router.object.ns;
    const QList<Surrounding> wanted = surroundingsOf(view);
    QList<QFuture<Result<Listed>>> asked;
    for (const Surrounding &one : wanted)
        asked.append(listOf(client, one.isWanted ? listPath(view.discovery, one.group, one.resource, ns) : QByteArray(),
                            stop, one.isHint() ? limit : std::chrono::milliseconds(0)));
    return andThen(gathered(asked), [=](const QList<Result<Listed>> &lists) mutable -> QFuture<Result<RouterView>> {
        std::optional<Error> hiddenWorkloads;
        for (qsizetype i = 0; i < lists.size(); ++i) {
            if (!lists[i] && (wanted[i].isNeeded || lists[i].error().kind == ErrorKind::Cancelled))
                return ready(Result<RouterView>(lists[i].error()));
            if (!lists[i] || lists[i]->hidden)
                view.hidden.append(unseenFor(wanted[i].title(), ns, lists[i]));
            if (lists[i] && lists[i]->hidden && wanted[i].group == QLatin1String("apps"))
                hiddenWorkloads = lists[i]->hidden;
        }
        const auto items = [&lists](qsizetype i) { return lists[i] ? lists[i]->items : QList<Json>(); };
        view.services = items(0);
        view.workloads = items(1) + items(2) + items(3);
        view.subsets = items(4);
        view.rollouts = items(5);
        view.canaries = items(6);
        const Result<RouterView> whole = withLegs(view);
        if (!whole && view.isService() && hiddenWorkloads) // the tracks may be among what we may not see
            return ready(Result<RouterView>(*hiddenWorkloads));
        return whole ? withPods(client, *whole, stop, limit) : ready(whole);
    });
}

QFuture<Result<RouterView>> readRouter(const ClientPtr &client, const RouterRef &router, const StopToken &stop,
                                       std::chrono::milliseconds limit = {})
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
                           return withSurroundings(client, view, stop, limit);
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
    const auto limit = patienceFor(order.direction, order.isRehearsal);
    return plannedAnew([=] {
        return andThen(readRouter(client, order.router, stop, limit), [=](const RouterView &view) {
            const Result<Draft> draft = draftTraffic(view, order);
            if (!draft)
                return ready(Result<Plan>(draft.error()));
            const QList<Unseen> unseen =
                view.hiddenOf({QStringLiteral("rollouts.argoproj.io"), QStringLiteral("canaries.flagger.app")});
            return withSuspension(client, view.discovery, *draft, managersOfRouter(view), order.pauseReconciliation,
                                  stop, unseen);
        });
    });
}

} // namespace signalbox::kubernetes
