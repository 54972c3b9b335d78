#include "models/domain/workloadhealth.h"
#include "services/adapters/kubernetes/parsemeta.h"
#include "services/adapters/kubernetes/values.h"

namespace signalbox::kubernetes
{

namespace
{

void readNodeStatus(od::value value, Node &node, Interner &strings)
{
    eachField(value, [&](std::string_view key, od::value field) {
        if (key == "conditions") {
            node.conditions = readConditions(field, strings);
        } else if (key == "capacity") {
            eachField(field, [&](std::string_view name, od::value amount) {
                if (name == "cpu")
                    node.cpuCapacity = parseQuantity(text(amount)).value_or(0);
                else if (name == "memory")
                    node.memoryCapacity = parseQuantity(text(amount)).value_or(0);
            });
        } else if (key == "nodeInfo") {
            eachField(field, [&](std::string_view name, od::value info) {
                if (name == "kubeletVersion")
                    node.version = strings.text(info);
            });
        }
    });
}

QString firstOf(const Labels &labels, const QString &name, const QString &older)
{
    return labels.value(name, labels.value(older));
}

ObjectRef readReference(od::value value, const ParseContext &context)
{
    ObjectRef ref;
    ref.connection = context.kind.connection;
    eachField(value, [&](std::string_view key, od::value field) {
        if (key == "kind") {
            ref.kind = context.strings.text(field);
        } else if (key == "namespace") {
            ref.ns = context.strings.text(field);
        } else if (key == "name") {
            ref.name = toQString(text(field));
        } else if (key == "uid") {
            ref.uid = toQString(text(field));
        } else if (key == "apiVersion") {
            const std::string_view version = text(field);
            const size_t slash = version.find('/');
            if (slash != std::string_view::npos)
                ref.group = context.strings.text(version.substr(0, slash));
        }
    });
    return ref;
}

struct EventTimes
{
    QDateTime event;
    QDateTime first;
    QDateTime last;
    QDateTime seriesLast;
};

void readSeries(od::value value, ClusterEvent &event, EventTimes &times)
{
    eachField(value, [&](std::string_view key, od::value field) {
        if (key == "count")
            event.count = static_cast<int>(integer(field, 1));
        else if (key == "lastObservedTime")
            times.seriesLast = parseTime(text(field));
    });
}

// core/v1 and events.k8s.io name the same things differently.
void readEventField(std::string_view key, od::value field, ClusterEvent &event, EventTimes &times,
                    const ParseContext &context)
{
    if (key == "regarding" || key == "involvedObject")
        event.about = readReference(field, context);
    else if (key == "type")
        event.isWarning = text(field) == "Warning";
    else if (key == "reason")
        event.reason = context.strings.text(field);
    else if (key == "note" || key == "message")
        event.message = toQString(text(field));
    else if (key == "count" || key == "deprecatedCount")
        event.count = static_cast<int>(integer(field, 1));
    else if (key == "firstTimestamp" || key == "deprecatedFirstTimestamp")
        times.first = parseTime(text(field));
    else if (key == "lastTimestamp" || key == "deprecatedLastTimestamp")
        times.last = parseTime(text(field));
    else if (key == "eventTime")
        times.event = parseTime(text(field));
    else if (key == "series")
        readSeries(field, event, times);
    else if (key == "reportingController" || key == "reportingComponent")
        event.source = event.source.isEmpty() ? context.strings.text(field) : event.source;
    else if (key == "source" || key == "deprecatedSource")
        eachField(field, [&](std::string_view name, od::value part) {
            if (name == "component" && !text(part).empty())
                event.source = context.strings.text(part);
        });
}

} // namespace

Node readNode(od::value value, ParseContext &context)
{
    Meta meta;
    Node node;
    eachField(value, [&](std::string_view key, od::value field) {
        if (key == "metadata") {
            meta = readMeta(field, context.strings, MetaScope::Plain);
        } else if (key == "spec") {
            eachField(field, [&](std::string_view name, od::value spec) {
                if (name == "unschedulable")
                    node.isSchedulable = !boolean(spec);
            });
        } else if (key == "status") {
            readNodeStatus(field, node, context.strings);
        }
    });
    context.resourceVersion = toQString(meta.resourceVersion);
    node.ref = context.refOf(meta);
    node.labels = meta.labels;
    node.instanceType = firstOf(meta.labels, QStringLiteral("node.kubernetes.io/instance-type"),
                                QStringLiteral("beta.kubernetes.io/instance-type"));
    node.zone = firstOf(meta.labels, QStringLiteral("topology.kubernetes.io/zone"),
                        QStringLiteral("failure-domain.beta.kubernetes.io/zone"));
    for (const Condition &one : qAsConst(node.conditions)) {
        if (one.type == QLatin1String("Ready"))
            node.isReady = one.status == QLatin1String("True");
    }
    node.health = nodeHealth(node);
    return node;
}

NamespaceFact readNamespace(od::value value, ParseContext &context)
{
    Meta meta;
    eachField(value, [&](std::string_view key, od::value field) {
        if (key == "metadata")
            meta = readMeta(field, context.strings, MetaScope::Plain);
    });
    context.resourceVersion = toQString(meta.resourceVersion);
    return {meta.uid, meta.name};
}

Autoscaler readAutoscaler(od::value value, ParseContext &context)
{
    Meta meta;
    Autoscaler scaler;
    eachField(value, [&](std::string_view key, od::value field) {
        if (key == "metadata") {
            meta = readMeta(field, context.strings, MetaScope::Plain);
        } else if (key == "spec") {
            eachField(field, [&](std::string_view name, od::value spec) {
                if (name == "scaleTargetRef")
                    scaler.target = readReference(spec, context);
                else if (name == "minReplicas")
                    scaler.minReplicas = static_cast<int>(integer(spec, 1));
                else if (name == "maxReplicas")
                    scaler.maxReplicas = static_cast<int>(integer(spec));
            });
        } else if (key == "status") {
            eachField(field, [&](std::string_view name, od::value status) {
                if (name == "currentReplicas")
                    scaler.current = static_cast<int>(integer(status, -1));
                else if (name == "desiredReplicas")
                    scaler.desired = static_cast<int>(integer(status, -1));
            });
        }
    });
    context.resourceVersion = toQString(meta.resourceVersion);
    scaler.ref = context.refOf(meta);
    scaler.target.ns = meta.ns;
    return scaler;
}

ClusterEvent readEvent(od::value value, ParseContext &context)
{
    Meta meta;
    ClusterEvent event;
    EventTimes times;
    eachField(value, [&](std::string_view key, od::value field) {
        if (key == "metadata")
            meta = readMeta(field, context.strings, MetaScope::Plain);
        else
            readEventField(key, field, event, times, context);
    });
    context.resourceVersion = toQString(meta.resourceVersion);
    event.ref = context.refOf(meta);
    event.first = times.first.isValid() ? times.first : times.event.isValid() ? times.event : meta.created;
    event.last = times.seriesLast.isValid() ? times.seriesLast : times.last.isValid() ? times.last : event.first;
    event.count = std::max(event.count, 1);
    return event;
}

} // namespace signalbox::kubernetes
