// Paths, version order and the documents of /api, /apis and /apis/GROUP/VERSION
// (k8s.io/apimachinery/pkg/apis/meta/v1: APIVersions, APIGroupList, APIResourceList; version order:
// pkg/version/helpers.go).
#include "services/adapters/kubernetes/discovery.h"
#include "services/adapters/kubernetes/jsonfields.h"
#include "services/adapters/kubernetes/unreadable.h"

#include <QRegularExpression>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <tuple>

namespace signalbox::kubernetes
{

namespace
{

using Json = nlohmann::json;

const Json &listOf(const Json &object, const char *key)
{
    static const Json none = Json::array();
    const auto found = object.find(key);
    return found != object.end() && found->is_array() ? *found : none;
}

Result<Json> parsed(const QByteArray &body, const QString &kind)
{
    Json object = Json::parse(body.cbegin(), body.cend(), nullptr, false);
    if (!object.is_object() || (!kind.isEmpty() && textOf(object, "kind") != kind)) {
        return unreadableAnswer(
            KubernetesText::tr("what it offers"),
            QStringLiteral("no %1: %2")
                .arg(kind.isEmpty() ? QStringLiteral("JSON object") : kind, QString::fromUtf8(body.left(200))));
    }
    return object;
}

} // namespace

std::tuple<int, int, int> versionRank(const QString &version)
{
    static const QRegularExpression form(QStringLiteral("^v([0-9]{1,6})(?:(alpha|beta)([0-9]{1,6}))?$"));
    const auto match = form.match(version);
    if (!match.hasMatch())
        return {0, 0, 0};
    const QString stage = match.captured(2);
    return {stage.isEmpty() ? 3 : stage == u"beta" ? 2 : 1, match.captured(1).toInt(), match.captured(3).toInt()};
}

bool isBetterVersion(const QString &a, const QString &b)
{
    const auto rankA = versionRank(a);
    const auto rankB = versionRank(b);
    return rankA != rankB ? rankA > rankB : a < b;
}

QByteArray ApiResource::path(const QString &ns, const QString &name, const QString &subresource) const
{
    QByteArray path = group.isEmpty() ? "/api/" + encoded(version) : "/apis/" + encoded(group) + '/' + encoded(version);
    if (isNamespaced && !ns.isEmpty())
        path += "/namespaces/" + encoded(ns);
    path += '/' + encoded(resource);
    if (!name.isEmpty())
        path += '/' + encoded(name);
    if (!subresource.isEmpty())
        path += '/' + encoded(subresource);
    return path;
}

std::optional<ApiResource> Discovery::find(const QString &group, const QString &resource,
                                           const QStringList &versions) const
{
    const QList<ApiResource> served = resources.value(group + u'/' + resource);
    if (versions.isEmpty())
        return served.isEmpty() ? std::nullopt : std::optional(served.first());
    for (const QString &version : versions) {
        for (const ApiResource &candidate : served) {
            if (candidate.version == version)
                return candidate;
        }
    }
    return std::nullopt;
}

bool Discovery::isUncertain(const QString &group) const
{
    return !whyUncertain(group).isEmpty();
}

QString Discovery::whyUncertain(const QString &group) const
{
    for (auto it = unavailable.cbegin(); it != unavailable.cend(); ++it) {
        const QString of = it.key().section(u'/', 0, -2);
        if (of == u'*' && !group.isEmpty())
            return QStringLiteral("/apis: %1").arg(it.value());
        if (of == group)
            return QStringLiteral("%1: %2").arg(group.isEmpty() ? it.key().mid(1) : it.key(), it.value());
    }
    return {};
}

Result<QString> parseVersion(const QByteArray &body)
{
    const auto object = parsed(body, {});
    if (!object)
        return object.error();
    const QString version = textOf(*object, "gitVersion");
    if (version.isEmpty())
        return unreadableAnswer(KubernetesText::tr("its version"), QStringLiteral("no gitVersion"));
    return version;
}

Result<QStringList> parseCoreVersions(const QByteArray &body)
{
    const auto object = parsed(body, QStringLiteral("APIVersions"));
    if (!object)
        return object.error();
    QStringList versions;
    for (const Json &version : listOf(*object, "versions")) {
        if (version.is_string())
            versions.append(u'/' + QString::fromStdString(version.get<std::string>()));
    }
    return versions;
}

Result<QStringList> parseGroups(const QByteArray &body)
{
    const auto object = parsed(body, QStringLiteral("APIGroupList"));
    if (!object)
        return object.error();
    QStringList all;
    for (const Json &group : listOf(*object, "groups")) {
        if (!group.is_object())
            continue;
        for (const Json &version : listOf(group, "versions")) {
            const QString groupVersion = version.is_object() ? textOf(version, "groupVersion") : QString();
            if (groupVersion.contains(u'/'))
                all.append(groupVersion);
        }
    }
    return all;
}

Result<void> addResources(const QByteArray &body, const QString &groupVersion, Discovery &discovery)
{
    const auto object = parsed(body, QStringLiteral("APIResourceList"));
    if (!object)
        return object.error();
    const QString group = groupVersion.section(u'/', 0, -2);
    const QString version = groupVersion.section(u'/', -1);
    QHash<QString, QStringList> subresources;
    QList<ApiResource> found;
    for (const Json &item : listOf(*object, "resources")) {
        if (!item.is_object())
            continue;
        const QString name = textOf(item, "name");
        if (name.contains(u'/')) {
            subresources[name.section(u'/', 0, 0)].append(name.section(u'/', 1));
            continue;
        }
        ApiResource resource{group, version, name, textOf(item, "kind"), item.value("namespaced", Json()) == Json(true),
                             {},    {}};
        for (const Json &verb : listOf(item, "verbs")) {
            if (verb.is_string())
                resource.verbs.append(QString::fromStdString(verb.get<std::string>()));
        }
        if (!name.isEmpty())
            found.append(resource);
    }
    for (ApiResource &resource : found) {
        resource.subresources = subresources.value(resource.resource);
        QList<ApiResource> &served = discovery.resources[group + u'/' + resource.resource];
        served.append(resource);
        std::stable_sort(served.begin(), served.end(), [](const ApiResource &a, const ApiResource &b) {
            return isBetterVersion(a.version, b.version);
        });
    }
    return {};
}

namespace
{

// The API server itself answers for all of them; behind others may be servers that are down for good.
const QStringList &groupsOfPlans()
{
    static const QStringList groups{QString(),
                                    QStringLiteral("apps"),
                                    QStringLiteral("autoscaling"),
                                    QStringLiteral("coordination.k8s.io"),
                                    QStringLiteral("discovery.k8s.io"),
                                    QStringLiteral("gateway.networking.k8s.io"),
                                    QStringLiteral("networking.istio.io")};
    return groups;
}

} // namespace

bool isEnoughForPlans(const Discovery &discovery)
{
    const auto isKnown = [&discovery](const QString &group) {
        return std::any_of(discovery.resources.keyBegin(), discovery.resources.keyEnd(),
                           [&group](const QString &key) { return key.section(u'/', 0, -2) == group; });
    };
    return std::all_of(groupsOfPlans().begin(), groupsOfPlans().end(),
                       [&](const QString &group) { return !discovery.isUncertain(group) || isKnown(group); });
}

void keepKnown(const Discovery &before, Discovery &now)
{
    for (auto it = before.resources.cbegin(); it != before.resources.cend(); ++it) {
        for (const ApiResource &known : it.value()) {
            const bool isLost = now.unavailable.contains(known.group + u'/' + known.version) ||
                                (!known.group.isEmpty() && now.unavailable.contains(QStringLiteral("*/*")));
            if (!isLost || !groupsOfPlans().contains(known.group))
                continue;
            QList<ApiResource> &served = now.resources[it.key()];
            const bool isThere = std::any_of(served.cbegin(), served.cend(),
                                             [&known](const ApiResource &one) { return one.version == known.version; });
            if (!isThere)
                served.append(known);
            std::stable_sort(served.begin(), served.end(), [](const ApiResource &a, const ApiResource &b) {
                return isBetterVersion(a.version, b.version);
            });
        }
    }
}

} // namespace signalbox::kubernetes
