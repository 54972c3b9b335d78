#include "services/adapters/kubernetes/planbasics.h"

#include "services/adapters/kubernetes/kindtable.h"
#include "services/adapters/kubernetes/owners.h"
#include "services/adapters/kubernetes/planparts.h"
#include "services/adapters/kubernetes/planpatch.h"

#include <QCoreApplication>
#include <QCryptographicHash>

#include <algorithm>

namespace signalbox::kubernetes
{

namespace
{

struct KubernetesPlanText
{
    Q_DECLARE_TR_FUNCTIONS(KubernetesPlan)
};

Json parsed(const HttpResponse &response)
{
    return Json::parse(response.body.begin(), response.body.end());
}

const Json *find(const Json &object, const char *pointer)
{
    return atPointer(object, QString::fromLatin1(pointer));
}

} // namespace

QFuture<Result<Json>> fetch(const ClientPtr &client, const QByteArray &target, const StopToken &stop,
                            std::chrono::milliseconds limit)
{
    return mapped(client->get(target, stop, limit),
                  [client](const HttpResponse &response) -> Result<Json> { return parsed(response); });
}

QFuture<Result<std::optional<Json>>> fetchIfAny(const ClientPtr &client, const QByteArray &target,
                                                const StopToken &stop, std::chrono::milliseconds limit)
{
    using Found = std::optional<Json>;
    return converted(fetch(client, target, stop, limit), [](const Result<Json> &object) -> Result<Found> {
        if (object)
            return Found(*object);
        if (object.error().kind == ErrorKind::NotFound)
            return Found();
        return object.error();
    });
}

QFuture<Result<Listed>> fetchItems(const ClientPtr &client, const QByteArray &target, const StopToken &stop,
                                   std::chrono::milliseconds limit)
{
    return converted(fetchCounted(client, target, stop, limit), [](const Result<QList<Json>> &items) -> Result<Listed> {
        if (items)
            return Listed{*items, std::nullopt};
        if (items.error().kind == ErrorKind::NotFound)
            return Listed{};
        if (items.error().kind == ErrorKind::Forbidden)
            return Listed{{}, items.error()};
        return items.error();
    });
}

QFuture<Result<QList<Json>>> fetchCounted(const ClientPtr &client, const QByteArray &target, const StopToken &stop,
                                          std::chrono::milliseconds limit)
{
    return mapped(fetch(client, target, stop, limit), [](const Json &list) -> Result<QList<Json>> {
        QList<Json> items;
        const auto found = list.find("items");
        if (found != list.end() && found->is_array()) {
            for (const Json &item : *found)
                items.append(item);
        }
        return items;
    });
}

std::optional<KindName> kindName(const QString &kind, const QString &group)
{
    struct Row
    {
        const char *kind;
        const char *group;
        const char *resource;
        const char *versions = ""; // of what is not watched
    };
    static const Row rows[] = {
        {"Deployment", "apps", "deployments"},
        {"StatefulSet", "apps", "statefulsets"},
        {"DaemonSet", "apps", "daemonsets"},
        {"ReplicaSet", "apps", "replicasets"},
        {"ControllerRevision", "apps", "controllerrevisions"},
        {"HorizontalPodAutoscaler", "autoscaling", "horizontalpodautoscalers"},
        {"Service", "", "services"},
        {"Pod", "", "pods"},
        {"Event", "", "events"},
        {"Endpoints", "", "endpoints"},
        {"EndpointSlice", "discovery.k8s.io", "endpointslices"},
        {"HTTPRoute", "gateway.networking.k8s.io", "httproutes"},
        {"VirtualService", "networking.istio.io", "virtualservices"},
        {"DestinationRule", "networking.istio.io", "destinationrules"},
        {"Lease", "coordination.k8s.io", "leases", "v1"},
        {"Application", "argoproj.io", "applications", "v1alpha1"},
        {"Kustomization", "kustomize.toolkit.fluxcd.io", "kustomizations", "v1 v1beta2 v1beta1"},
        {"HelmRelease", "helm.toolkit.fluxcd.io", "helmreleases", "v2 v2beta2 v2beta1"},
    };
    for (const Row &row : rows) {
        const QLatin1String own(row.group);
        if (kind != QLatin1String(row.kind) || (!group.isEmpty() && group != own))
            continue;
        const QLatin1String resource(row.resource);
        const QStringList watched = watchedVersions(own, resource);
        return KindName{own, resource, watched.isEmpty() ? QString::fromLatin1(row.versions).split(u' ') : watched};
    }
    return std::nullopt;
}

Result<ApiResource> resourceOf(const Discovery &discovery, const QString &kind, const QString &group)
{
    const auto name = kindName(kind, group);
    if (!name)
        return Error{ErrorKind::Unsupported,
                     KubernetesPlanText::tr("Signalbox does not know how to change objects of kind %1.").arg(kind),
                     {}};
    const auto resource = discovery.find(name->group, name->resource, name->versions);
    if (!resource)
        return Error{ErrorKind::Unsupported,
                     KubernetesPlanText::tr("This server has no kind %1 in a version that Signalbox knows.").arg(kind),
                     {}};
    return *resource;
}

QString textAt(const Json &object, const char *pointer)
{
    const Json *value = find(object, pointer);
    if (!value)
        return {};
    if (value->is_string())
        return QString::fromStdString(value->get<std::string>());
    return value->is_number() ? QString::fromStdString(value->dump()) : QString();
}

qint64 numberAt(const Json &object, const char *pointer, qint64 otherwise)
{
    const Json *value = find(object, pointer);
    if (!value)
        return otherwise;
    if (value->is_number())
        return value->get<qint64>();
    bool isNumber = false;
    const qint64 number = textAt(object, pointer).toLongLong(&isNumber);
    return isNumber ? number : otherwise;
}

Json valueAt(const Json &object, const char *pointer)
{
    const Json *value = find(object, pointer);
    return value ? *value : Json();
}

Labels labelsAt(const Json &object, const char *pointer)
{
    Labels labels;
    const Json *value = find(object, pointer);
    if (value && value->is_object()) {
        for (const auto &[key, text] : value->items()) {
            if (text.is_string())
                labels.insert(QString::fromStdString(key), QString::fromStdString(text.get<std::string>()));
        }
    }
    return labels;
}

QDateTime timeAt(const Json &object, const char *pointer)
{
    const QString text = textAt(object, pointer);
    return text.isEmpty() ? QDateTime() : QDateTime::fromString(text, Qt::ISODateWithMs).toUTC();
}

bool isOwnedBy(const Json &object, const QString &uid)
{
    const Json owners = valueAt(object, "/metadata/ownerReferences");
    return std::any_of(owners.begin(), owners.end(), [&uid](const Json &owner) {
        return textAt(owner, "/uid") == uid && valueAt(owner, "/controller") == Json(true);
    });
}

bool hasLabels(const Labels &labels, const Labels &wanted)
{
    for (auto it = wanted.begin(); it != wanted.end(); ++it) {
        const auto found = labels.find(it.key());
        if (found == labels.end() || *found != *it)
            return false;
    }
    return true;
}

QByteArray selectorQuery(const Json &labelSelector)
{
    QStringList parts;
    const Labels labels = labelsAt(labelSelector, "/matchLabels");
    for (auto it = labels.begin(); it != labels.end(); ++it)
        parts.append(it.key() + u'=' + it.value());
    const Json expressions = valueAt(labelSelector, "/matchExpressions");
    for (const Json &expression : expressions) {
        const QString key = textAt(expression, "/key");
        const QString op = textAt(expression, "/operator");
        QStringList values;
        for (const Json &value : valueAt(expression, "/values"))
            values.append(QString::fromStdString(value.get<std::string>()));
        if (op == QLatin1String("In"))
            parts.append(key + QStringLiteral(" in (") + values.join(u',') + u')');
        else if (op == QLatin1String("NotIn"))
            parts.append(key + QStringLiteral(" notin (") + values.join(u',') + u')');
        else if (op == QLatin1String("Exists"))
            parts.append(key);
        else if (op == QLatin1String("DoesNotExist"))
            parts.append(u'!' + key);
    }
    return encoded(parts.join(u','));
}

ObjectRef refOf(const QString &connection, const QString &group, const QString &kind, const Json &object)
{
    return {connection,
            group,
            kind,
            textAt(object, "/metadata/namespace"),
            textAt(object, "/metadata/name"),
            textAt(object, "/metadata/uid")};
}

QString shortHash(const QString &hash)
{
    return hash.left(10);
}

QList<ContainerImage> imagesOf(const Json &podTemplate)
{
    QList<ContainerImage> images;
    for (const Json &container : valueAt(podTemplate, "/spec/containers"))
        images.append({textAt(container, "/name"), textAt(container, "/image")});
    return images;
}

QString versionOf(const QList<ContainerImage> &images, const QString &hash)
{
    const QString tag = images.isEmpty() ? QString() : imageTag(images.first().image);
    return tag.isEmpty() ? shortHash(hash) : tag;
}

QString podsText(int count)
{
    return count == 1 ? KubernetesPlanText::tr("1 pod") : KubernetesPlanText::tr("%1 pods").arg(count);
}

Check passed(CheckId id, const QString &text, const QString &detail)
{
    return {id, CheckState::Pass, text, detail, {}};
}

Check warned(CheckId id, const QString &text, const QString &detail, const QString &wayOut)
{
    return {id, CheckState::Warn, text, detail, wayOut};
}

Check blocked(CheckId id, const QString &text, const QString &detail, const QString &wayOut)
{
    return {id, CheckState::Block, text, detail, wayOut};
}

QString unseenText(const QList<Unseen> &unseen)
{
    QStringList parts;
    for (const Unseen &one : unseen)
        parts.append(one.ns.isEmpty() ? one.resource : KubernetesPlanText::tr("%1 in %2").arg(one.resource, one.ns));
    parts.removeDuplicates();
    return parts.join(QLatin1String(", "));
}

QString unseenSentence(const QList<Unseen> &unseen)
{
    QList<Unseen> forbidden;
    QStringList sentences;
    for (const Unseen &one : unseen) {
        if (one.problem.isEmpty())
            forbidden.append(one);
        else
            sentences.append(KubernetesPlanText::tr("%1 could not be listed: %2").arg(unseenText({one}), one.problem));
    }
    if (!forbidden.isEmpty())
        sentences.prepend(KubernetesPlanText::tr("You may not list %1.").arg(unseenText(forbidden)));
    return sentences.join(u' ');
}

Unseen unseenFor(const QString &resource, const QString &ns, const Result<Listed> &answer)
{
    return {resource, ns, answer ? QString() : answer.error().message};
}

QString unseenWayOut(const QList<Unseen> &unseen)
{
    QList<Unseen> forbidden = unseen;
    forbidden.removeIf([](const Unseen &one) { return !one.problem.isEmpty(); });
    if (forbidden.isEmpty())
        return KubernetesPlanText::tr("Plan again, or look at %1 with other means first.").arg(unseenText(unseen));
    return KubernetesPlanText::tr(
               "Ask an administrator of the cluster for the right to list %1, or use another context.")
        .arg(unseenText(forbidden));
}

QList<Manager> managersOfObject(const QString &connection, const Json &object)
{
    OwnerHints hints;
    hints.connection = connection;
    hints.ns = textAt(object, "/metadata/namespace");
    hints.labels = labelsAt(object, "/metadata/labels");
    hints.annotations = labelsAt(object, "/metadata/annotations");
    for (const Json &owner : valueAt(object, "/metadata/ownerReferences")) {
        hints.owners.append({textAt(owner, "/apiVersion"), textAt(owner, "/kind"), textAt(owner, "/name"),
                             textAt(owner, "/uid"), valueAt(owner, "/controller") == Json(true)});
    }
    for (const Json &entry : valueAt(object, "/metadata/managedFields"))
        hints.fieldManagers.append(textAt(entry, "/manager"));
    return managersOf(hints);
}

Json cleanTemplate(Json podTemplate)
{
    if (!podTemplate.is_object())
        return podTemplate;
    podTemplate.erase("$patch");
    const auto metadata = podTemplate.find("metadata");
    if (metadata != podTemplate.end() && metadata->is_object()) {
        const auto labels = metadata->find("labels");
        if (labels != metadata->end() && labels->is_object())
            labels->erase("pod-template-hash");
    }
    return podTemplate;
}

QString fingerprintOf(const Json &value)
{
    const QByteArray text = dump(withoutNulls(value));
    return QString::fromLatin1(QCryptographicHash::hash(text, QCryptographicHash::Sha256).toHex());
}

Json withPatchFacts(Json facts, const QByteArray &patch, const Json &before, const Json &after)
{
    Json sides = {{"uid", textAt(before, "/metadata/uid").toStdString()}};
    const Json planned = patched(before, patch);
    for (const QString &pointer : writtenPointers(patch)) {
        const auto hashAt = [&pointer](const Json &object) {
            const Json *value = atPointer(object, pointer);
            return value && !value->is_null() ? Json(fingerprintOf(*value).toStdString()) : Json();
        };
        sides["before"][pointer.toStdString()] = hashAt(before);
        sides["after"][pointer.toStdString()] = hashAt(after);
        // One label more in a selector is another choice of pods: there only the whole counts.
        const Json *written = atPointer(planned, pointer);
        if (!written || written->is_null() || pointer.startsWith(QLatin1String("/spec/selector")))
            continue;
        const Json *old = atPointer(before, pointer);
        sides["parts"][pointer.toStdString()] = partsOf(old ? *old : Json(), *written);
    }
    facts["patch"] = sides;
    if (atPointer(before, QStringLiteral("/spec/template"))) {
        const auto hashOf = [](const Json &object) {
            return fingerprintOf(cleanTemplate(valueAt(object, "/spec/template"))).toStdString();
        };
        facts["template"] = {{"before", hashOf(before)}, {"after", hashOf(after)}};
    }
    return facts;
}

Call patchCall(const QString &connection, const QByteArray &path, const QByteArray &body)
{
    return {connection, QStringLiteral("PATCH"), QString::fromLatin1(path), QString::fromLatin1(jsonPatchType), body};
}

QByteArray dump(const Json &value)
{
    return QByteArray::fromStdString(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

} // namespace signalbox::kubernetes
