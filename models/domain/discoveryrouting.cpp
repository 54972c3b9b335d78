#include "models/domain/discoveryparts.h"

#include <QSet>

#include <algorithm>

namespace signalbox
{

QString serviceOfHost(const QString &host)
{
    return host.section(QLatin1Char('.'), 0, 0);
}

QStringList namespacesOf(const Route &route)
{
    QStringList found;
    for (const Route::Rule &rule : route.rules) {
        for (const Route::Backend &backend : rule.backends) {
            const QString ns = backend.ns.isEmpty() ? route.ref.ns : backend.ns;
            if (!found.contains(ns))
                found.append(ns);
        }
    }
    return found;
}

namespace discovery
{

bool selects(const Labels &selector, const Labels &labels)
{
    if (selector.isEmpty())
        return false;
    for (auto it = selector.cbegin(); it != selector.cend(); ++it) {
        const auto label = labels.constFind(it.key());
        if (label == labels.constEnd() || *label != it.value())
            return false;
    }
    return true;
}

namespace
{

// Tracks whose pods carry these labels; none where the selector is empty.
QSet<QString> tracksSelected(const Labels &selector, const Group &group)
{
    QSet<QString> tracks;
    for (const Member &member : group.members) {
        if (selects(selector, member.workload->podLabels))
            tracks.insert(member.track);
    }
    return tracks;
}

QSet<QString> allTracks(const Group &group)
{
    QSet<QString> tracks;
    for (const Member &member : group.members)
        tracks.insert(member.track);
    return tracks;
}

class Router
{
public:
    Router(const Group &group, const NamespaceContents &contents)
        : m_group(group)
        , m_contents(contents)
        , m_all(allTracks(group))
    {
        for (const ServiceInfo *service : contents.services) {
            const QSet<QString> tracks = tracksSelected(service->selector, group);
            if (!tracks.isEmpty())
                m_services.insert(service->ref.name, {service, tracks});
        }
    }

    Routing find()
    {
        Routing routing;
        findRules();
        findMainServices();
        // Routers that choose between tracks come first, routes before Services: they stand before them.
        for (const bool isChoosing : {true, false}) {
            for (const Found &rule : m_rules) {
                if (rule.isChoosing == isChoosing)
                    routing.routers.append(rule.ref);
            }
            for (const Found &service : m_mainServices) {
                if (service.isChoosing == isChoosing)
                    routing.routers.append(service.ref);
            }
        }
        for (const Found &one : m_rules)
            routing.managers.append(one.managers);
        for (const Found &one : m_mainServices)
            routing.managers.append(one.managers);
        if (const Found *decisive = decisiveOne()) {
            routing.isShareKnown = true;
            routing.isShareOfService = decisive->ref.kind == RouterRef::Kind::ServiceSelector;
            routing.shares = decisive->shares;
        }
        return routing;
    }

private:
    struct Selecting
    {
        const ServiceInfo *service = nullptr;
        QSet<QString> tracks;
    };
    struct Found
    {
        RouterRef ref;
        bool isCatchAll = true;
        bool isChoosing = false; // leads to some tracks and not to others, or to each with a weight
        bool isShareKnown = false;
        QMap<QString, double> shares;
        QList<Manager> managers;
    };

    // Where one destination of a route leads; empty: not to this application.
    QSet<QString> tracksOf(const Route &route, const Route::Backend &backend) const
    {
        const QString ns = backend.ns.isEmpty() ? route.ref.ns : backend.ns;
        if (ns != m_contents.ns)
            return {};
        const auto service = m_services.constFind(serviceOfHost(backend.host));
        if (service == m_services.constEnd())
            return {};
        if (backend.subset.isEmpty())
            return service->tracks;
        Labels labels = service->service->selector;
        const Labels subset = route.subsets.value(backend.host + QLatin1Char('/') + backend.subset);
        if (subset.isEmpty())
            return {}; // a subset nobody defines leads nowhere
        for (auto it = subset.cbegin(); it != subset.cend(); ++it)
            labels.insert(it.key(), it.value());
        return tracksSelected(labels, m_group);
    }

    void findRules()
    {
        for (const Route *route : m_contents.routes) {
            for (const Route::Rule &rule : route->rules)
                addRule(*route, rule);
        }
    }

    void addRule(const Route &route, const Route::Rule &rule)
    {
        Found found;
        double sum = 0;
        bool isOurs = false;
        bool isClear = true; // every destination is one track of ours
        QMap<QString, double> weights;
        for (const Route::Backend &backend : rule.backends) {
            const QSet<QString> tracks = tracksOf(route, backend);
            sum += backend.weight;
            isOurs = isOurs || !tracks.isEmpty();
            if (tracks.size() == 1)
                weights[*tracks.cbegin()] += backend.weight;
            else if (backend.weight > 0)
                isClear = false;
        }
        if (!isOurs)
            return;
        const bool isVirtual = route.ref.kind == QLatin1String("VirtualService");
        found.ref.kind = isVirtual ? RouterRef::Kind::VirtualService : RouterRef::Kind::HttpRoute;
        found.ref.object = route.ref;
        found.ref.rule = !rule.name.isEmpty() ? rule.name : QString::number(rule.index);
        found.isCatchAll = rule.isCatchAll;
        found.isChoosing = m_all.size() > 1 && (weights.size() > 1 || (isClear && weights.size() == 1));
        found.isShareKnown = isClear && sum > 0;
        for (auto it = weights.cbegin(); it != weights.cend() && sum > 0; ++it)
            found.shares.insert(it.key(), it.value() / sum);
        found.managers = route.managers;
        m_rules.push_back(std::move(found));
    }

    // A Service that a route sends to is a destination, one named after a track stands for that track; neither decides.
    bool isDestination(const ServiceInfo &service) const
    {
        for (const Route *route : m_contents.routes) {
            for (const Route::Rule &rule : route->rules) {
                for (const Route::Backend &backend : rule.backends) {
                    const QString ns = backend.ns.isEmpty() ? route->ref.ns : backend.ns;
                    if (rule.backends.size() > 1 && ns == service.ref.ns &&
                        serviceOfHost(backend.host) == service.ref.name)
                        return true;
                }
            }
        }
        return false;
    }

    void findMainServices()
    {
        static const QStringList liveWords = {QString(), QStringLiteral("active"), QStringLiteral("live"),

                                              QStringLiteral("primary"), QStringLiteral("stable")};
        for (const Selecting &selecting : std::as_const(m_services)) {
            const ServiceInfo &service = *selecting.service;
            const bool isPart = selecting.tracks.size() < m_all.size();
            if (isPart && (!liveWords.contains(splitTrack(service.ref.name).track) || isDestination(service)))
                continue;
            Found found;
            found.ref.kind = RouterRef::Kind::ServiceSelector;
            found.ref.object = service.ref;
            found.isChoosing = isPart && selecting.tracks.size() == 1;
            found.isShareKnown = selecting.tracks.size() == 1;
            if (found.isShareKnown)
                found.shares.insert(*selecting.tracks.cbegin(), 1.0);
            found.managers = service.managers;
            m_mainServices.push_back(std::move(found));
        }
        // "cart" before "cart-active", and both before what else selects a part.
        std::stable_sort(m_mainServices.begin(), m_mainServices.end(), [this](const Found &a, const Found &b) {
            return std::pair(a.ref.object.name != m_group.name, a.ref.object.name.size()) <
                   std::pair(b.ref.object.name != m_group.name, b.ref.object.name.size());
        });
    }

    // The one whose word counts; null: none, or two that say different things.
    const Found *decisiveOne() const
    {
        for (const std::vector<Found> *list : {&m_rules, &m_mainServices}) {
            std::vector<const Found *> candidates;
            for (const Found &one : *list) {
                if (one.isCatchAll)
                    candidates.push_back(&one);
            }
            if (candidates.empty()) {
                for (const Found &one : *list)
                    candidates.push_back(&one);
            }
            const bool hasChoosing =
                std::any_of(candidates.begin(), candidates.end(), [](const Found *f) { return f->isChoosing; });
            if (hasChoosing)
                candidates.erase(
                    std::remove_if(candidates.begin(), candidates.end(), [](const Found *f) { return !f->isChoosing; }),
                    candidates.end());
            if (candidates.empty())
                continue;
            const auto isSame = [&](const Found *f) {
                return f->isShareKnown && f->shares == candidates.front()->shares;
            };
            if (std::all_of(candidates.begin(), candidates.end(), isSame))
                return candidates.front();
            if (list == &m_mainServices || candidates.front()->isShareKnown || hasChoosing)
                return nullptr;
            // A route that leads to a Service for all tracks leaves the choice to what is behind it.
        }
        return nullptr;
    }

    const Group &m_group;
    const NamespaceContents &m_contents;
    const QSet<QString> m_all;
    QMap<QString, Selecting> m_services; // by name; those that select pods of this application
    std::vector<Found> m_rules;
    std::vector<Found> m_mainServices;
};

} // namespace

Routing routingOf(const Group &group, const NamespaceContents &contents)
{
    return Router(group, contents).find();
}

} // namespace discovery

} // namespace signalbox
