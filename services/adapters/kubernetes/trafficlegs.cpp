// Reading how traffic is divided: rules, legs, tracks, who else writes them, and whether it is in force.
#include "models/domain/discovery.h"
#include "services/adapters/kubernetes/kubernetestraffictext.h"
#include "services/adapters/kubernetes/planpatch.h"
#include "services/adapters/kubernetes/trafficplan.h"

#include <algorithm>

namespace signalbox::kubernetes
{

namespace
{

struct RulePlace
{
    QString name;
    QString protocol;
    int index = 0;
    QString pointer;
    size_t backends = 0;
};

QList<RulePlace> rulesOf(const Json &route, RouterRef::Kind kind)
{
    QList<RulePlace> places;
    const auto collect = [&](const char *list, const char *backends, const QString &protocol) {
        const QString base = QStringLiteral("/spec/%1").arg(QLatin1String(list));
        const Json *rules = atPointer(route, base);
        for (size_t i = 0; rules && rules->is_array() && i < rules->size(); ++i) {
            const Json targets = valueAt((*rules)[i], backends);
            places.append({textAt((*rules)[i], "/name"), protocol, static_cast<int>(i),
                           QStringLiteral("%1/%2%3").arg(base).arg(i).arg(QLatin1String(backends)),
                           targets.is_array() ? targets.size() : 0});
        }
    };
    if (kind == RouterRef::Kind::HttpRoute) {
        collect("rules", "/backendRefs", QStringLiteral("http"));
    } else {
        collect("http", "/route", QStringLiteral("http"));
        collect("tls", "/route", QStringLiteral("tls"));
        collect("tcp", "/route", QStringLiteral("tcp"));
    }
    return places;
}

QString placeText(const RulePlace &place)
{
    return place.name.isEmpty() ? QStringLiteral("%1/%2").arg(place.protocol).arg(place.index) : place.name;
}

} // namespace

QString trackWord(const QString &name, const Labels &labels)
{
    const QString labelled = trackOfLabels(labels);
    return labelled.isEmpty() ? trackOfWord(name) : labelled;
}

Result<QString> findRule(const Json &route, RouterRef::Kind kind, const QString &rule)
{
    const QList<RulePlace> places = rulesOf(route, kind);
    QStringList known;
    QList<RulePlace> dividing;
    QList<RulePlace> fitting;
    for (const RulePlace &place : places) {
        known.append(placeText(place));
        if (place.backends > 1)
            dividing.append(place);
        const QString index = QString::number(place.index);
        if (!rule.isEmpty() &&
            (place.name == rule || placeText(place) == rule || place.protocol + u'/' + index == rule || index == rule))
            fitting.append(place);
    }
    const QString title =
        QStringLiteral("%1 %2/%3")
            .arg(textAt(route, "/kind"), textAt(route, "/metadata/namespace"), textAt(route, "/metadata/name"));
    const QList<RulePlace> &choice = !rule.isEmpty() ? fitting : dividing.isEmpty() ? places : dividing;
    if (choice.isEmpty()) {
        return Error{ErrorKind::NotFound,
                     KubernetesTrafficText::tr("%1 has no rule \"%2\" that sends traffic anywhere. Its rules: %3.")
                         .arg(title, rule,
                              known.isEmpty() ? KubernetesTrafficText::tr("none") : known.join(QLatin1String(", "))),
                     {}};
    }
    if (choice.size() > 1 && rule.isEmpty()) {
        return Error{ErrorKind::Invalid,
                     KubernetesTrafficText::tr("%1 has several rules that divide traffic: %2. Say which one is meant.")
                         .arg(title, known.join(QLatin1String(", "))),
                     {}};
    }
    return choice.first().pointer; // an index alone means HTTP before TLS before TCP
}

namespace
{

const Json *serviceNamed(const RouterView &view, const QString &name)
{
    const auto it = std::find_if(view.services.begin(), view.services.end(),
                                 [&name](const Json &s) { return textAt(s, "/metadata/name") == name; });
    return it == view.services.end() ? nullptr : &*it;
}

Labels subsetLabels(const RouterView &view, const QString &host, const QString &subset)
{
    for (const Json &rule : view.subsets) {
        if (textAt(rule, "/spec/host").section(u'.', 0, 0) != host.section(u'.', 0, 0))
            continue;
        for (const Json &entry : valueAt(rule, "/spec/subsets")) {
            if (textAt(entry, "/name") == subset)
                return labelsAt(entry, "/labels");
        }
    }
    return {};
}

// What the workloads behind a selector call themselves, if they agree.
QString trackOfWorkloads(const RouterView &view, const Labels &selector)
{
    QStringList words;
    for (const Json &workload : view.workloads) {
        const Labels labels = labelsAt(workload, "/spec/template/metadata/labels");
        if (selector.isEmpty() || !hasLabels(labels, selector))
            continue;
        const QString labelled = trackOfLabels(labels, labelsAt(workload, "/metadata/labels"));
        words.append(labelled.isEmpty() ? trackOfWord(textAt(workload, "/metadata/name")) : labelled);
    }
    words.removeDuplicates();
    return words.size() == 1 ? words.first() : QString();
}

// The one without a word is the other half of the pair that the other's word tells; else its version, subset or host.
void nameTheRest(QList<Leg> &legs, const RouterView &view)
{
    QStringList known;
    for (const Leg &leg : legs)
        known.append(leg.shown.track);
    const QString other = otherHalf(known);
    for (Leg &leg : legs) {
        if (!leg.shown.track.isEmpty())
            continue;
        QString version = leg.selector.value(QStringLiteral("version"));
        for (const Json &workload : view.workloads) {
            const Labels labels = labelsAt(workload, "/spec/template/metadata/labels");
            if (version.isEmpty() && !leg.selector.isEmpty() && hasLabels(labels, leg.selector))
                version = labels.value(QStringLiteral("version"));
        }
        if (!other.isEmpty() && known.count(QString()) == 1)
            leg.shown.track = other;
        else
            leg.shown.track = version.isEmpty() ? leg.shown.backend.section(u'/', -1) : version;
    }
}

Leg routeLeg(const RouterView &view, const Json &backend, size_t count)
{
    const bool isGateway = view.router.kind == RouterRef::Kind::HttpRoute;
    const QString host = textAt(backend, isGateway ? "/name" : "/destination/host");
    const QString subset = isGateway ? QString() : textAt(backend, "/destination/subset");
    const QString own = textAt(view.object, "/metadata/namespace");
    const QString service = isGateway ? host : host.section(u'.', 0, 0);
    Leg leg;
    leg.ns = isGateway ? textAt(backend, "/namespace") : host.section(u'.', 1, 1);
    if (leg.ns.isEmpty())
        leg.ns = own;
    leg.shown.backend = subset.isEmpty() ? host : host + u'/' + subset;
    leg.shown.weight = static_cast<int>(numberAt(backend, "/weight", isGateway ? 1 : count == 1 ? 100 : 0));
    const Json *known = leg.ns == own ? serviceNamed(view, service) : nullptr;
    const Labels chosen = subset.isEmpty() ? Labels() : subsetLabels(view, host, subset);
    if (known)
        leg.selector = labelsAt(*known, "/spec/selector");
    for (auto it = chosen.begin(); it != chosen.end(); ++it)
        leg.selector.insert(it.key(), it.value());
    if (!subset.isEmpty() && chosen.isEmpty())
        leg.selector.clear(); // the subset is not defined where we can see it: its pods are not known
    leg.shown.track = trackOfWorkloads(view, leg.selector);
    if (leg.shown.track.isEmpty())
        leg.shown.track = subset.isEmpty() ? trackWord(service, leg.selector) : trackWord(subset, chosen);
    return leg;
}

Result<RouterView> routeLegs(RouterView view)
{
    const auto pointer = findRule(view.object, view.router.kind, view.router.rule);
    if (!pointer)
        return pointer.error();
    view.rulePointer = *pointer;
    const Json backends = valueAt(view.object, pointer->toLatin1().constData());
    double sum = 0;
    for (const Json &backend : backends) {
        view.legs.append(routeLeg(view, backend, backends.size()));
        sum += view.legs.last().shown.weight;
    }
    nameTheRest(view.legs, view);
    for (Leg &leg : view.legs)
        leg.shown.share = sum > 0 ? leg.shown.weight / sum : 0;
    return view;
}

struct Split
{
    QString key;
    QMap<QString, QStringList> workloads; // by value
};

QString applicationOf(const Json &workload)
{
    return signalbox::applicationOf(textAt(workload, "/metadata/name"), labelsAt(workload, "/metadata/labels"),
                                    labelsAt(workload, "/spec/template/metadata/labels"));
}

// Whose traffic the Service carries: a selector that tells applications apart by one label has no tracks.
QStringList applicationsBehind(const RouterView &view, const Labels &selector)
{
    QStringList names;
    for (const Json &workload : view.workloads) {
        if (hasLabels(labelsAt(workload, "/spec/template/metadata/labels"), selector))
            names.append(applicationOf(workload));
    }
    if (names.isEmpty()) // it leads nowhere now
        names.append(signalbox::applicationOf(textAt(view.object, "/metadata/name"), {}, selector));
    return names;
}

// Values of `key` among the workloads of `applications` that the rest of the selector chooses.
Split splitBy(const RouterView &view, const Labels &selector, const QString &key, const QStringList &applications)
{
    Labels rest = selector;
    rest.remove(key);
    Split split{key, {}};
    for (const Json &workload : view.workloads) {
        const Labels labels = labelsAt(workload, "/spec/template/metadata/labels");
        if (hasLabels(labels, rest) && labels.contains(key) && applications.contains(applicationOf(workload)))
            split.workloads[labels.value(key)].append(textAt(workload, "/metadata/name"));
    }
    return split;
}

std::optional<Split> findSplit(const RouterView &view, const Labels &selector)
{
    QStringList candidates;
    for (const QString &key : trackLabels()) {
        if (selector.contains(key))
            candidates.append(key);
    }
    for (const QString &key : selector.keys()) {
        if (!candidates.contains(key))
            candidates.append(key);
    }
    QStringList others = trackLabels(); // not in the selector yet: it chooses all tracks at once
    others << QStringLiteral("version") << QStringLiteral("app.kubernetes.io/version");
    for (const QString &key : others) {
        if (!candidates.contains(key))
            candidates.append(key);
    }
    const QStringList applications = applicationsBehind(view, selector);
    for (const QString &key : candidates) {
        const Split split = splitBy(view, selector, key, applications);
        if (split.workloads.size() > 1 &&
            (!selector.contains(key) || split.workloads.contains(selector.value(key)) || trackLabels().contains(key)))
            return split;
    }
    return std::nullopt;
}

Result<RouterView> selectorLegs(RouterView view)
{
    const Labels selector = labelsAt(view.object, "/spec/selector");
    view.rulePointer = QStringLiteral("/spec/selector");
    const auto split = selector.isEmpty() ? std::nullopt : findSplit(view, selector);
    if (!split) {
        return Error{
            ErrorKind::Unsupported,
            KubernetesTrafficText::tr(
                "%1 has no tracks to switch between: no two workloads of its application differ in one label and "
                "share the rest of its selector. Label the pods of each "
                "version, for example track=blue and track=green.")
                .arg(view.title()),
            {}};
    }
    view.selectorKey = split->key;
    const bool choosesOne = selector.contains(split->key);
    for (auto it = split->workloads.begin(); it != split->workloads.end(); ++it) {
        Leg leg;
        leg.ns = textAt(view.object, "/metadata/namespace");
        leg.selectorValue = it.key();
        leg.selector = selector;
        leg.selector.insert(split->key, it.key());
        const QString word = trackLabels().contains(split->key) ? it.key() : trackOfWord(it.key());
        leg.shown.track = !word.isEmpty()                                        ? word
                          : trackOfWord(it->first()).isEmpty() || it->size() > 1 ? it.key()
                                                                                 : trackOfWord(it->first());
        leg.shown.backend = QStringLiteral("%1=%2").arg(split->key, it.key());
        leg.shown.weight = choosesOne && selector.value(split->key) == it.key() ? 100 : 0;
        leg.shown.share = leg.shown.weight / 100.0; // where it chooses all: by ready pods, once they are read
        view.legs.append(leg);
    }
    return view;
}

} // namespace

Result<RouterView> withLegs(RouterView view)
{
    return view.isService() ? selectorLegs(std::move(view)) : routeLegs(std::move(view));
}

namespace
{

struct Verdict
{
    bool isReported = false;
    bool isOutdated = false;
    bool isUndated = false; // someone says yes, but not to which change
    QString waiting;        // for what it is not in force yet
    QString refusal;
};

// A condition that does not tell its generation is dated by `reported`, that of the whole status.
void judge(Verdict &verdict, const Json &conditions, std::pair<qint64, qint64> generations, const QString &by,
           const QStringList &types)
{
    const auto [generation, reported] = generations;
    for (const Json &condition : conditions) {
        const QString type = textAt(condition, "/type");
        if (!types.contains(type))
            continue;
        verdict.isReported = true;
        const QString status = textAt(condition, "/status");
        const qint64 seen = numberAt(condition, "/observedGeneration", reported);
        const QString said = QStringLiteral("%1: %2 %3 %4")
                                 .arg(by, type, textAt(condition, "/reason"), textAt(condition, "/message"))
                                 .simplified();
        // Istio says Reconciled=False while proxies still lack the change ("1/2 proxies up to date."), never for a
        // route it refuses: istio/istio, pilot/pkg/status/distribution, ReconcileStatuses().
        const bool isSpreading = type == QLatin1String("Reconciled") && status == QLatin1String("False");
        if (seen >= 0 && seen < generation)
            verdict.isOutdated = true;
        else if (isSpreading || (status != QLatin1String("True") && status != QLatin1String("False")))
            verdict.waiting = verdict.waiting.isEmpty() ? said : verdict.waiting;
        else if (status == QLatin1String("False"))
            verdict.refusal = verdict.refusal.isEmpty() ? said : verdict.refusal;
        else if (seen < 0)
            verdict.isUndated = true;
    }
}

} // namespace

RouteState routeState(const Json &route)
{
    const qint64 generation = numberAt(route, "/metadata/generation");
    Verdict verdict;
    QStringList by;
    for (const Json &parent : valueAt(route, "/status/parents")) {
        const QString name = textAt(parent, "/parentRef/name");
        judge(verdict, valueAt(parent, "/conditions"), {generation, -1}, name,
              {QStringLiteral("Accepted"), QStringLiteral("ResolvedRefs")});
        by.append(name);
    }
    const Json conditions = valueAt(route, "/status/conditions");
    if (conditions.is_array() && !conditions.empty()) {
        const qint64 reported = numberAt(route, "/status/observedGeneration", -1);
        judge(verdict, conditions, {generation, reported}, QStringLiteral("Istio"), {QStringLiteral("Reconciled")});
        verdict.isOutdated = verdict.isOutdated || (reported >= 0 && reported < generation);
        by.append(QStringLiteral("Istio"));
    }
    RouteState state;
    state.isReported = verdict.isReported;
    using Applied = TrafficSplit::Applied;
    if (!verdict.isReported) {
        state.reason = KubernetesTrafficText::tr("no controller has written a condition on it");
    } else if (!verdict.refusal.isEmpty()) {
        state = {Applied::No, verdict.refusal, true};
    } else if (verdict.isOutdated) {
        state.reason = KubernetesTrafficText::tr("its controller has not looked at the last change yet");
    } else if (!verdict.waiting.isEmpty()) {
        state.reason = verdict.waiting;
    } else if (verdict.isUndated) {
        state.reason = KubernetesTrafficText::tr("%1 accepted it, but does not say up to which change")
                           .arg(by.join(QLatin1String(", ")));
        state.isUndated = true;
    } else {
        state = {Applied::Yes, KubernetesTrafficText::tr("accepted by %1").arg(by.join(QLatin1String(", "))), true};
    }
    return state;
}

namespace
{

bool mentions(const Json &node, const QStringList &keys, const QString &name)
{
    if (node.is_object()) {
        for (const auto &[key, value] : node.items()) {
            if (keys.contains(QString::fromStdString(key)) && value == Json(name.toStdString()))
                return true;
            if (mentions(value, keys, name))
                return true;
        }
    }
    if (node.is_array()) {
        for (const Json &element : node) {
            if (mentions(element, keys, name))
                return true;
        }
    }
    return false;
}

} // namespace

QList<Manager> trafficManagers(const RouterView &view)
{
    const QString name = textAt(view.object, "/metadata/name");
    const QString connection = view.router.object.connection;
    QList<Manager> managers;
    static const QStringList serviceKeys{QStringLiteral("activeService"), QStringLiteral("previewService"),
                                         QStringLiteral("stableService"), QStringLiteral("canaryService")};
    static const QStringList routeKeys{QStringLiteral("name"), QStringLiteral("httpRoute")};
    for (const Json &rollout : view.rollouts) {
        const Json strategy = valueAt(rollout, "/spec/strategy");
        const Json routing = valueAt(strategy, "/canary/trafficRouting");
        if (view.isService() ? mentions(strategy, serviceKeys, name) : mentions(routing, routeKeys, name)) {
            Manager manager{Manager::Kind::Rollouts,
                            QStringLiteral("Rollout ") + textAt(rollout, "/metadata/name"),
                            QStringLiteral("its strategy names %1").arg(view.title()),
                            true,
                            {}};
            manager.object = refOf(connection, QStringLiteral("argoproj.io"), QStringLiteral("Rollout"), rollout);
            managers.append(manager);
        }
    }
    for (const Json &canary : view.canaries) {
        const QString target = textAt(canary, "/spec/targetRef/name");
        const QString service = textAt(canary, "/spec/service/name");
        const QString own = service.isEmpty() ? target : service;
        if (name == own || name == own + QLatin1String("-primary") || name == own + QLatin1String("-canary")) {
            Manager manager{Manager::Kind::Flagger,
                            QStringLiteral("Canary ") + textAt(canary, "/metadata/name"),
                            QStringLiteral("its service is %1").arg(own),
                            true,
                            {}};
            manager.object = refOf(connection, QStringLiteral("flagger.app"), QStringLiteral("Canary"), canary);
            managers.append(manager);
        }
    }
    return managers;
}

TrafficSplit splitOf(const RouterView &view, const QList<Manager> &managers)
{
    TrafficSplit split;
    split.router = view.router;
    for (const Leg &leg : view.legs)
        split.legs.append(leg.shown);
    const RouteState state = view.isService()
                                 ? RouteState{TrafficSplit::Applied::Yes,
                                              KubernetesTrafficText::tr("its endpoints follow the selector"), true}
                                 : routeState(view.object);
    split.applied = state.applied;
    split.appliedReason = state.reason;
    split.managers = managers;
    split.resourceVersion = textAt(view.object, "/metadata/resourceVersion");
    split.readAt = view.readAt;
    return split;
}

} // namespace signalbox::kubernetes
