#include "services/adapters/kubernetes/parsemeta.h"

namespace signalbox::kubernetes
{

namespace
{

const QString serviceNameLabel = QStringLiteral("kubernetes.io/service-name");

int lengthOf(od::value array)
{
    int count = 0;
    eachElement(array, [&count](od::value) { ++count; });
    return count;
}

// Endpoints, core/v1: subsets of ready and not ready addresses.
void readSubset(od::value value, EndpointSet &set)
{
    eachField(value, [&](std::string_view key, od::value field) {
        if (key == "addresses") {
            const int count = lengthOf(field);
            set.ready += count;
            set.all += count;
        } else if (key == "notReadyAddresses") {
            set.all += lengthOf(field);
        }
    });
}

// An EndpointSlice's endpoint counts as ready unless it says otherwise: the field's own default.
bool isEndpointReady(od::value value)
{
    bool isReady = true;
    eachField(value, [&](std::string_view key, od::value field) {
        if (key != "conditions")
            return;
        eachField(field, [&](std::string_view name, od::value condition) {
            if (name == "ready")
                isReady = boolean(condition, true);
        });
    });
    return isReady;
}

// Gateway API: a rule without matches, or with one for any path alone, takes whatever is left.
bool isAnyRequest(od::value match)
{
    bool isAny = true;
    eachField(match, [&](std::string_view key, od::value field) {
        if (key != "path") {
            isAny = false;
            return;
        }
        std::string type = "PathPrefix";
        std::string path = "/";
        eachField(field, [&](std::string_view name, od::value part) {
            if (name == "type")
                type = text(part);
            else if (name == "value")
                path = text(part);
        });
        isAny = isAny && type == "PathPrefix" && path == "/";
    });
    return isAny;
}

Route::Backend readBackendRef(od::value value, const QString &ns, Interner &strings, bool &isService)
{
    Route::Backend backend;
    backend.ns = ns;
    eachField(value, [&](std::string_view key, od::value field) {
        if (key == "name")
            backend.host = strings.text(field);
        else if (key == "namespace")
            backend.ns = strings.text(field);
        else if (key == "weight")
            backend.weight = static_cast<int>(integer(field, 1));
        else if (key == "kind")
            isService = text(field) == "Service";
    });
    return backend;
}

Route::Rule readHttpRule(od::value value, int index, const QString &ns, Interner &strings)
{
    Route::Rule rule;
    rule.index = index;
    rule.protocol = QStringLiteral("http");
    eachField(value, [&](std::string_view key, od::value field) {
        if (key == "name") {
            rule.name = strings.text(field);
        } else if (key == "matches") {
            bool hasMatches = false;
            bool hasAny = false;
            eachElement(field, [&](od::value match) {
                hasMatches = true;
                hasAny = isAnyRequest(match) || hasAny;
            });
            rule.isCatchAll = !hasMatches || hasAny;
        } else if (key == "backendRefs") {
            eachElement(field, [&](od::value backend) {
                bool isService = true;
                const Route::Backend read = readBackendRef(backend, ns, strings, isService);
                if (isService)
                    rule.backends.append(read);
            });
        }
    });
    return rule;
}

// status.parents[]: each parent's conditions with the generation its controller saw.
void readParents(od::value value, Route &route, Interner &strings)
{
    qint64 lowest = -1;
    eachElement(value, [&](od::value parent) {
        eachField(parent, [&](std::string_view key, od::value field) {
            if (key != "conditions")
                return;
            eachElement(field, [&](od::value entry) {
                Condition condition;
                eachField(entry, [&](std::string_view name, od::value part) {
                    if (name == "type") {
                        condition.type = strings.text(part);
                    } else if (name == "status") {
                        condition.status = strings.text(part);
                    } else if (name == "reason") {
                        condition.reason = strings.text(part);
                    } else if (name == "message") {
                        condition.message = toQString(text(part));
                    } else if (name == "observedGeneration") {
                        const qint64 seen = integer(part);
                        lowest = lowest < 0 ? seen : std::min(lowest, seen);
                    }
                });
                route.conditions.append(condition);
            });
        });
    });
    if (lowest >= 0)
        route.conditionsGeneration = QString::number(lowest);
}

void fillRoute(Route &route, const Meta &meta, ParseContext &context)
{
    context.resourceVersion = toQString(meta.resourceVersion);
    route.ref = context.refOf(meta);
    route.apiVersion = context.kind.group + QLatin1Char('/') + context.kind.version;
    route.resourceVersion = context.resourceVersion;
    route.generation = meta.generation;
    route.managers = context.managersOf(meta);
    for (Route::Rule &rule : route.rules) {
        for (Route::Backend &backend : rule.backends) {
            if (backend.ns.isEmpty())
                backend.ns = meta.ns;
        }
    }
}

// "cart", "cart.shop" or "cart.shop.svc.cluster.local": the second word names the namespace.
QString namespaceOfHost(const QString &host)
{
    return host.section(QLatin1Char('.'), 1, 1);
}

Route::Backend readDestination(od::value value, bool isOnly, Interner &strings)
{
    Route::Backend backend;
    backend.weight = isOnly ? 100 : 0; // Istio: a single destination takes all, one of several without a weight nothing
    eachField(value, [&](std::string_view key, od::value field) {
        if (key == "weight") {
            backend.weight = static_cast<int>(integer(field, backend.weight));
        } else if (key == "destination") {
            eachField(field, [&](std::string_view name, od::value part) {
                if (name == "host")
                    backend.host = strings.text(part);
                else if (name == "subset")
                    backend.subset = strings.text(part);
            });
        }
    });
    backend.ns = namespaceOfHost(backend.host);
    return backend;
}

bool isAnyIstioRequest(od::value matches, const QString &protocol)
{
    bool hasMatches = false;
    bool hasAny = false;
    eachElement(matches, [&](od::value match) {
        hasMatches = true;
        bool isAny = true;
        eachField(match, [&](std::string_view key, od::value field) {
            if (key == "port" || key == "gateways" || key == "name")
                return;
            if (key == "uri" || key == "sniHosts") {
                bool isRoot = protocol == QLatin1String("tls");
                eachField(field,
                          [&](std::string_view how, od::value path) { isRoot = how == "prefix" && text(path) == "/"; });
                isAny = isAny && isRoot;
                return;
            }
            isAny = false;
        });
        hasAny = hasAny || isAny;
    });
    return !hasMatches || hasAny;
}

Route::Rule readIstioRule(od::value value, int index, const QString &protocol, Interner &strings)
{
    Route::Rule rule;
    rule.index = index;
    rule.protocol = protocol;
    eachField(value, [&](std::string_view key, od::value field) {
        if (key == "name") {
            rule.name = strings.text(field);
        } else if (key == "match") {
            rule.isCatchAll = isAnyIstioRequest(field, protocol);
        } else if (key == "route") {
            eachElement(field, [&](od::value one) { rule.backends.append(readDestination(one, false, strings)); });
            if (rule.backends.size() == 1)
                rule.backends[0].weight = 100;
        }
    });
    return rule;
}

} // namespace

ServiceInfo readService(od::value value, ParseContext &context)
{
    Meta meta;
    ServiceInfo service;
    eachField(value, [&](std::string_view key, od::value field) {
        if (key == "metadata") {
            meta = readMeta(field, context.strings, MetaScope::Telling);
        } else if (key == "spec") {
            eachField(field, [&](std::string_view name, od::value spec) {
                if (name == "selector")
                    service.selector = context.strings.labels(spec);
            });
        }
    });
    context.resourceVersion = toQString(meta.resourceVersion);
    service.ref = context.refOf(meta);
    service.resourceVersion = context.resourceVersion;
    service.labels = meta.labels;
    service.managers = context.managersOf(meta);
    return service;
}

EndpointSet readEndpoints(od::value value, ParseContext &context)
{
    Meta meta;
    EndpointSet set;
    eachField(value, [&](std::string_view key, od::value field) {
        if (key == "metadata") {
            meta = readMeta(field, context.strings, MetaScope::Plain);
        } else if (key == "subsets") {
            eachElement(field, [&](od::value subset) { readSubset(subset, set); });
        } else if (key == "endpoints") {
            eachElement(field, [&](od::value endpoint) {
                ++set.all;
                set.ready += isEndpointReady(endpoint) ? 1 : 0;
            });
        }
    });
    context.resourceVersion = toQString(meta.resourceVersion);
    set.uid = meta.uid;
    set.ns = meta.ns;
    set.service = context.kind.kindName == QLatin1String("Endpoints") ? meta.name : meta.labels.value(serviceNameLabel);
    return set;
}

Route readHttpRoute(od::value value, ParseContext &context)
{
    Meta meta;
    Route route;
    eachField(value, [&](std::string_view key, od::value field) {
        if (key == "metadata") {
            meta = readMeta(field, context.strings, MetaScope::Telling);
        } else if (key == "spec") {
            eachField(field, [&](std::string_view name, od::value spec) {
                if (name == "hostnames") {
                    eachElement(spec, [&](od::value host) { route.hosts.append(context.strings.text(host)); });
                } else if (name == "rules") {
                    eachElement(spec, [&](od::value rule) {
                        const int index = static_cast<int>(route.rules.size());
                        route.rules.append(readHttpRule(rule, index, {}, context.strings));
                    });
                }
            });
        } else if (key == "status") {
            eachField(field, [&](std::string_view name, od::value status) {
                if (name == "parents")
                    readParents(status, route, context.strings);
            });
        }
    });
    fillRoute(route, meta, context);
    return route;
}

Route readVirtualService(od::value value, ParseContext &context)
{
    Meta meta;
    Route route;
    eachField(value, [&](std::string_view key, od::value field) {
        if (key == "metadata") {
            meta = readMeta(field, context.strings, MetaScope::Telling);
        } else if (key == "spec") {
            eachField(field, [&](std::string_view name, od::value spec) {
                if (name == "hosts") {
                    eachElement(spec, [&](od::value host) { route.hosts.append(context.strings.text(host)); });
                } else if (name == "http" || name == "tls" || name == "tcp") {
                    int index = 0; // within its protocol: the JSON path is spec/PROTOCOL/INDEX
                    const QString protocol = context.strings.text(name);
                    eachElement(spec, [&](od::value rule) {
                        route.rules.append(readIstioRule(rule, index++, protocol, context.strings));
                    });
                }
            });
        }
    });
    fillRoute(route, meta, context);
    return route;
}

SubsetRule readDestinationRule(od::value value, ParseContext &context)
{
    Meta meta;
    SubsetRule rule;
    const auto readSubsets = [&](od::value subset) {
        QString name;
        Labels labels;
        eachField(subset, [&](std::string_view key, od::value field) {
            if (key == "name")
                name = context.strings.text(field);
            else if (key == "labels")
                labels = context.strings.labels(field);
        });
        rule.subsets.insert(name, labels);
    };
    eachField(value, [&](std::string_view key, od::value field) {
        if (key == "metadata") {
            meta = readMeta(field, context.strings, MetaScope::Plain);
        } else if (key == "spec") {
            eachField(field, [&](std::string_view name, od::value spec) {
                if (name == "host")
                    rule.host = context.strings.text(spec);
                else if (name == "subsets")
                    eachElement(spec, readSubsets);
            });
        }
    });
    context.resourceVersion = toQString(meta.resourceVersion);
    rule.uid = meta.uid;
    rule.ns = meta.ns;
    return rule;
}

} // namespace signalbox::kubernetes
