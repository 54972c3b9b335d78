#include "services/adapters/kubernetes/kubernetesscopes.h"

#include "services/adapters/kubernetes/kubernetescluster.h"
#include "services/adapters/kubernetes/unreadable.h"
#include "services/async/deliver.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace signalbox::kubernetes
{

using Json = nlohmann::json;

namespace
{

constexpr FreshnessOrder forScopes({Freshness::State::Denied, Freshness::State::Absent, Freshness::State::Live,
                                    Freshness::State::Loading, Freshness::State::Stale, Freshness::State::Failed});

bool holds(const Json &list, const char *word)
{
    return std::any_of(list.begin(), list.end(), [word](const Json &one) { return one == "*" || one == word; });
}

} // namespace

Result<ReadableResources> parseRulesReview(const QByteArray &json)
{
    try {
        const Json status = Json::parse(json.begin(), json.end()).at("status");
        ReadableResources readable;
        readable.isComplete = !status.value("incomplete", false);
        for (const Json &rule : status.value("resourceRules", Json::array())) {
            const Json verbs = rule.value("verbs", Json::array());
            if (!holds(verbs, "list") || !holds(verbs, "watch") || !rule.value("resourceNames", Json::array()).empty())
                continue;
            for (const Json &group : rule.value("apiGroups", Json::array())) {
                for (const Json &resource : rule.value("resources", Json::array()))
                    readable.all.append({QString::fromStdString(group.get<std::string>()),
                                         QString::fromStdString(resource.get<std::string>())});
            }
        }
        return readable;
    } catch (const Json::exception &error) {
        return unreadableAnswer(KubernetesText::tr("your rights"), QString::fromLatin1(error.what()));
    }
}

Freshness combined(const std::vector<Freshness> &scopes, const Freshness &denied, bool isAllKnown)
{
    const Freshness *worst = nullptr;
    for (const Freshness &one : scopes) {
        const bool isReadable = one.state != Freshness::State::Denied && one.state != Freshness::State::Absent;
        if (isReadable && (!worst || forScopes.isWorse(one, *worst)))
            worst = &one;
    }
    if (worst)
        return *worst;
    if (isAllKnown || !scopes.empty())
        return denied;
    return {}; // still being found out
}

QStringList KubernetesCluster::wantedNamespaces() const
{
    if (!m_options.namespaces.isEmpty())
        return m_options.namespaces;
    const auto spaces = std::find_if(m_kinds.begin(), m_kinds.end(),
                                     [](const KindState &k) { return k.watched.kind == ClusterKind::Namespaces; });
    if (spaces->told.state == Freshness::State::Loading)
        return {}; // wait for its answer
    if (!m_namespaces.isEmpty())
        return m_namespaces.mid(0, m_options.mostNamespaces);
    if (spaces->reflectors.empty() || spaces->reflectors.begin()->second->state() != Reflector::State::Denied)
        return {};
    return {m_options.contextNamespace.isEmpty() ? QStringLiteral("default") : m_options.contextNamespace};
}

// Brings the reflectors of the kinds that are read by namespace in line with the namespaces there are.
void KubernetesCluster::updateScopes()
{
    const bool isNeeded =
        std::any_of(m_kinds.begin(), m_kinds.end(), [](const KindState &k) { return k.isByNamespace; });
    if (!isNeeded || !m_isStarted)
        return;
    const QStringList wanted = wantedNamespaces();
    // Some kind or other may be denied to a reader of the whole cluster: what counts is where pods are seen.
    const bool seesPart = std::any_of(m_kinds.begin(), m_kinds.end(), [](const KindState &k) {
        return k.isByNamespace && k.watched.kind == ClusterKind::Pods;
    });
    ClusterInfo info = m_info;
    info.onlyNamespaces = seesPart ? wanted : QStringList();
    updateInfo(info);
    for (const QString &ns : wanted) {
        if (!m_rights[ns].isAsked)
            askRights(ns);
    }
    for (KindState &kind : m_kinds) {
        if (!kind.isByNamespace || !kind.resource)
            continue;
        for (auto it = kind.reflectors.begin(); it != kind.reflectors.end();) {
            if (wanted.contains(it->first)) {
                ++it;
            } else {
                retire(std::move(it->second));
                it = kind.reflectors.erase(it);
            }
        }
        for (const QString &ns : wanted) {
            if (kind.reflectors.find(ns) == kind.reflectors.end() && mayRead(ns, *kind.resource))
                addReflector(kind, ns);
        }
        tellFreshness(kind);
    }
}

// https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/self-subject-rules-review-v1/
void KubernetesCluster::askRights(const QString &ns)
{
    m_rights[ns].isAsked = true;
    const Json review = {{"apiVersion", "authorization.k8s.io/v1"},
                         {"kind", "SelfSubjectRulesReview"},
                         {"spec", {{"namespace", ns.toStdString()}}}};
    const StopToken stop = m_stop.get_token();
    const auto answer = m_client->review("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
                                         QByteArray::fromStdString(review.dump()), stop);
    deliver(answer, stop, this, [this, stop, ns](const Result<HttpResponse> &reviewed) {
        if (stop.stop_requested())
            return;
        const auto readable =
            reviewed.and_then([](const HttpResponse &response) { return parseRulesReview(response.body); });
        NamespaceRights &rights = m_rights[ns];
        rights.isKnown = true;
        // Who cannot tell what is allowed is asked for it all, and refuses what is not.
        rights.mayTryAll = !readable || !readable->isComplete;
        if (readable)
            rights.readable = readable->all;
        updateScopes();
    });
}

bool KubernetesCluster::mayRead(const QString &ns, const ApiResource &resource) const
{
    const NamespaceRights rights = m_rights.value(ns);
    if (!rights.isKnown)
        return false;
    const QString any = QStringLiteral("*");
    return rights.mayTryAll || std::any_of(rights.readable.cbegin(), rights.readable.cend(), [&](const auto &one) {
               return (one.first == any || one.first == resource.group) &&
                      (one.second == any || one.second == resource.resource);
           });
}

} // namespace signalbox::kubernetes
