#include "services/sandbox/world/deploymentcontroller.h"

#include "services/sandbox/world/templates.h"

#include <algorithm>
#include <numeric>

namespace signalbox::sandbox
{

namespace
{

const char revisionAnnotation[] = "deployment.kubernetes.io/revision";
const char historyAnnotation[] = "deployment.kubernetes.io/revision-history";
const char desiredAnnotation[] = "deployment.kubernetes.io/desired-replicas";
const char mostAnnotation[] = "deployment.kubernetes.io/max-replicas";

std::string annotation(const Json &tree, const char *name)
{
    const Json annotations = valueAt(tree, "/metadata/annotations", Json::object());
    return annotations.contains(name) && annotations[name].is_string() ? annotations[name].get<std::string>()
                                                                       : std::string();
}

struct Set // a ReplicaSet
{
    std::string name;
    Json tree;
    std::string key; // of its template
    std::int64_t revision = 0;
    std::string created;
    int wanted = 0;
    int there = 0;
    int ready = 0;
    int available = 0;
};

class Rollout
{
public:
    Rollout(ClusterState &state, const ObjectPtr &object)
        : m_state(state)
        , m_tree(object->tree())
        , m_ns(object->ns)
        , m_name(object->name)
        , m_replicas(static_cast<int>(numberAt(m_tree, "/spec/replicas", 1)))
        , m_isPaused(valueAt(m_tree, "/spec/paused", false) == Json(true))
        , m_isRecreating(textAt(m_tree, "/spec/strategy/type") == "Recreate")
    {
        readLimits();
        readSets(object->uid);
    }

    void reconcile()
    {
        numberNewSet();
        if (isScalingEvent() || m_isPaused) {
            scale();
        } else {
            if (!newSet())
                makeNewSet();
            if (m_isRecreating)
                recreate();
            else
                roll();
        }
        prune();
        writeStatus();
    }

private:
    void readLimits()
    {
        m_surge = scaledValue(valueAt(m_tree, "/spec/strategy/rollingUpdate/maxSurge"), m_replicas, true, 1);
        m_missing = scaledValue(valueAt(m_tree, "/spec/strategy/rollingUpdate/maxUnavailable"), m_replicas, false, 0);
        if (m_surge == 0 && m_missing == 0)
            m_missing = 1; // as the controller: both rounded to nothing would never move
        m_missing = std::min(m_missing, m_replicas);
        if (m_isRecreating) {
            m_surge = 0;
            m_missing = m_replicas;
        }
    }

    void readSets(const std::string &uid)
    {
        const std::string wanted = templateKey(m_tree.at("spec").at("template"));
        for (const ObjectPtr &object : m_state.owned(*m_state.types.replicaSets, m_ns, uid)) {
            Set set;
            set.name = object->name;
            set.tree = object->tree();
            set.key = templateKey(set.tree.at("spec").at("template"));
            set.revision = std::atoll(annotation(set.tree, revisionAnnotation).c_str());
            set.created = textAt(set.tree, "/metadata/creationTimestamp");
            set.wanted = static_cast<int>(numberAt(set.tree, "/spec/replicas", 1));
            set.there = static_cast<int>(numberAt(set.tree, "/status/replicas"));
            set.ready = static_cast<int>(numberAt(set.tree, "/status/readyReplicas"));
            set.available = static_cast<int>(numberAt(set.tree, "/status/availableReplicas"));
            m_sets.push_back(std::move(set));
        }
        std::sort(m_sets.begin(), m_sets.end(), [](const Set &a, const Set &b) {
            return std::tie(a.created, a.revision) < std::tie(b.created, b.revision);
        });
        for (std::size_t i = 0; i < m_sets.size() && m_new < 0; ++i) {
            if (m_sets[i].key == wanted)
                m_new = static_cast<int>(i);
        }
    }

    Set *newSet() { return m_new < 0 ? nullptr : &m_sets[static_cast<std::size_t>(m_new)]; }
    bool isNew(const Set &set) const { return m_new >= 0 && &set == &m_sets[static_cast<std::size_t>(m_new)]; }

    std::int64_t nextRevision() const
    {
        std::int64_t highest = 0;
        for (const Set &set : m_sets) {
            if (!isNew(set))
                highest = std::max(highest, set.revision);
        }
        return highest + 1;
    }

    // What a ReplicaSet takes over from its Deployment: every annotation but those that are the Deployment's own.
    void copyAnnotations(Json &annotations) const
    {
        const Json own = valueAt(m_tree, "/metadata/annotations", Json::object());
        for (const auto &[name, value] : own.items()) {
            if (name != "kubectl.kubernetes.io/last-applied-configuration" && name != revisionAnnotation &&
                name != historyAnnotation && name != desiredAnnotation && name != mostAnnotation)
                annotations[name] = value;
        }
    }

    void setRevisionOfDeployment(const std::string &revision)
    {
        if (annotation(m_tree, revisionAnnotation) == revision)
            return;
        m_state.store.modify(*m_state.types.deployments, m_ns, m_name, [&](Json &tree) -> std::optional<Refusal> {
            tree["metadata"]["annotations"][revisionAnnotation] = revision;
            return {};
        });
    }

    // The ReplicaSet of the template gets the next number, also one from long ago.
    void numberNewSet()
    {
        Set *set = newSet();
        if (!set)
            return;
        const std::int64_t revision = nextRevision();
        Json annotations = valueAt(set->tree, "/metadata/annotations", Json::object());
        const Json before = annotations;
        copyAnnotations(annotations);
        if (set->revision < revision) {
            const std::string was = annotation(set->tree, revisionAnnotation);
            const std::string history = annotation(set->tree, historyAnnotation);
            if (!was.empty())
                annotations[historyAnnotation] = history.empty() ? was : history + ',' + was;
            annotations[revisionAnnotation] = std::to_string(revision);
            set->revision = revision;
        }
        if (annotations != before) {
            m_state.store.modify(*m_state.types.replicaSets, m_ns, set->name,
                                 [&](Json &tree) -> std::optional<Refusal> {
                                     tree["metadata"]["annotations"] = annotations;
                                     return {};
                                 });
        }
        setRevisionOfDeployment(std::to_string(set->revision));
        if (!conditionOf(m_tree.value("status", Json::object()), "Progressing"))
            m_progress = {"FoundNewReplicaSet", "Found new replica set \"" + set->name + '"'};
    }

    void makeNewSet()
    {
        const Json &podTemplate = m_tree.at("spec").at("template");
        const std::string hash = templateHash(podTemplate);
        Json labelled = podTemplate;
        labelled["metadata"]["labels"]["pod-template-hash"] = hash;
        Json selector = m_tree.at("spec").at("selector");
        selector["matchLabels"]["pod-template-hash"] = hash;
        const std::int64_t revision = nextRevision();
        Set set;
        set.name = m_name + '-' + hash;
        set.revision = revision;
        const int room = m_replicas + m_surge - total(&Set::wanted);
        set.wanted = m_isRecreating && total(&Set::there) > 0 ? 0 : std::clamp(room, 0, m_replicas);
        Json annotations = Json::object();
        copyAnnotations(annotations);
        annotations[revisionAnnotation] = std::to_string(revision);
        annotations[desiredAnnotation] = std::to_string(m_replicas);
        annotations[mostAnnotation] = std::to_string(m_replicas + m_surge);
        const StoreResult made = m_state.store.create(*m_state.types.replicaSets,
                                                      {{"metadata",
                                                        {{"name", set.name},
                                                         {"namespace", m_ns},
                                                         {"labels", labelled["metadata"]["labels"]},
                                                         {"annotations", annotations},
                                                         {"ownerReferences", ownedBy(m_tree)}}},
                                                       {"spec",
                                                        {{"replicas", set.wanted},
                                                         {"minReadySeconds", numberAt(m_tree, "/spec/minReadySeconds")},
                                                         {"selector", selector},
                                                         {"template", labelled}}},
                                                       {"status", {{"replicas", 0}}}});
        if (!made)
            return;
        set.tree = made.object->tree();
        m_sets.push_back(std::move(set));
        m_new = static_cast<int>(m_sets.size()) - 1;
        setRevisionOfDeployment(std::to_string(revision));
        if (newSet()->wanted > 0)
            tellScaled(*newSet(), 0, newSet()->wanted);
        m_progress = {"NewReplicaSetCreated", "Created new replica set \"" + newSet()->name + '"'};
    }

    int total(int Set::*field) const
    {
        return std::accumulate(m_sets.begin(), m_sets.end(), 0,
                               [field](int sum, const Set &set) { return sum + set.*field; });
    }

    void tellScaled(const Set &set, int from, int to)
    {
        m_state.tell(m_tree, false, "ScalingReplicaSet",
                     std::string("Scaled ") + (to > from ? "up" : "down") + " replica set " + set.name + " from " +
                         std::to_string(from) + " to " + std::to_string(to),
                     "deployment-controller");
    }

    void scaleSet(Set &set, int to)
    {
        const bool isTold = annotation(set.tree, desiredAnnotation) == std::to_string(m_replicas) &&
                            annotation(set.tree, mostAnnotation) == std::to_string(m_replicas + m_surge);
        if (set.wanted == to && isTold)
            return;
        m_state.store.modify(*m_state.types.replicaSets, m_ns, set.name, [&](Json &tree) -> std::optional<Refusal> {
            tree["spec"]["replicas"] = to;
            tree["metadata"]["annotations"][desiredAnnotation] = std::to_string(m_replicas);
            tree["metadata"]["annotations"][mostAnnotation] = std::to_string(m_replicas + m_surge);
            return {};
        });
        if (set.wanted != to)
            tellScaled(set, set.wanted, to);
        set.wanted = to;
    }

    // The Deployment's own size was changed since the ReplicaSets were last told of it.
    bool isScalingEvent() const
    {
        return std::any_of(m_sets.begin(), m_sets.end(), [this](const Set &set) {
            const std::string told = annotation(set.tree, desiredAnnotation);
            return set.wanted > 0 && !told.empty() && told != std::to_string(m_replicas);
        });
    }

    void scale()
    {
        std::vector<Set *> active;
        for (Set &set : m_sets) {
            if (set.wanted > 0)
                active.push_back(&set);
        }
        if (active.empty() && newSet())
            active.push_back(newSet());
        if (active.size() == 1)
            return scaleSet(*active.front(), m_replicas);
        if (active.empty())
            return;
        if (newSet() && newSet()->wanted == m_replicas && newSet()->available == m_replicas) {
            for (Set *set : active)
                scaleSet(*set, isNew(*set) ? m_replicas : 0);
            return;
        }
        scaleInProportion(active);
    }

    // In the middle of a roll-out: everybody grows or shrinks by their part, the rest goes to the largest.
    void scaleInProportion(std::vector<Set *> &active)
    {
        const int before = total(&Set::wanted);
        const int allowed = m_replicas > 0 ? m_replicas + m_surge : 0;
        std::sort(active.begin(), active.end(), [](const Set *a, const Set *b) { return a->wanted > b->wanted; });
        std::vector<int> sizes;
        int sum = 0;
        for (const Set *set : active) {
            sizes.push_back(set->wanted * allowed / std::max(before, 1));
            sum += sizes.back();
        }
        sizes.front() += std::max(0, allowed - sum);
        for (std::size_t i = 0; i < active.size(); ++i)
            scaleSet(*active[i], sizes[i]);
    }

    void recreate()
    {
        for (Set &set : m_sets) {
            if (!isNew(set) && set.wanted > 0)
                scaleSet(set, 0);
        }
        const bool hasOld =
            std::any_of(m_sets.begin(), m_sets.end(), [this](const Set &set) { return !isNew(set) && set.there > 0; });
        if (!hasOld && newSet())
            scaleSet(*newSet(), m_replicas);
    }

    void roll()
    {
        if (Set *set = newSet()) {
            if (set->wanted > m_replicas) {
                scaleSet(*set, m_replicas);
            } else if (set->wanted < m_replicas) {
                const int room = m_replicas + m_surge - total(&Set::wanted);
                if (room > 0)
                    scaleSet(*set, std::min(set->wanted + room, m_replicas));
            }
            shrinkOld(*set);
        }
    }

    void shrinkOld(const Set &latest)
    {
        const int all = total(&Set::wanted);
        const int least = m_replicas - m_missing;
        int room = all - least - (latest.wanted - latest.available);
        if (room <= 0)
            return;
        // First what is not healthy anyway, then the oldest.
        for (Set &set : m_sets) {
            if (isNew(set) || set.wanted == 0 || set.available >= set.wanted)
                continue;
            const int cut = std::min(room, set.wanted - set.available);
            scaleSet(set, set.wanted - cut);
            room -= cut;
        }
        int spare = std::min(room, total(&Set::available) - least);
        for (Set &set : m_sets) {
            if (isNew(set) || set.wanted == 0 || spare <= 0)
                continue;
            const int cut = std::min(spare, set.wanted);
            scaleSet(set, set.wanted - cut);
            spare -= cut;
        }
    }

    bool isComplete() const
    {
        const Set *set = m_new < 0 ? nullptr : &m_sets[static_cast<std::size_t>(m_new)];
        return set && set->there == m_replicas && set->available == m_replicas && total(&Set::there) == m_replicas;
    }

    void prune()
    {
        const std::int64_t limit = numberAt(m_tree, "/spec/revisionHistoryLimit", 10);
        if (!isComplete())
            return;
        std::vector<const Set *> idle;
        for (const Set &set : m_sets) {
            if (!isNew(set) && set.wanted == 0 && set.there == 0)
                idle.push_back(&set);
        }
        std::sort(idle.begin(), idle.end(), [](const Set *a, const Set *b) { return a->revision < b->revision; });
        for (std::size_t i = 0; i + static_cast<std::size_t>(limit) < idle.size(); ++i)
            m_state.store.remove(*m_state.types.replicaSets, m_ns, idle[i]->name, {.graceSeconds = 0});
    }

    void writeStatus()
    {
        const Json before = m_tree.value("status", Json::object());
        Json status = before;
        const Set *latest = newSet();
        const int available = total(&Set::available);
        status["observedGeneration"] = numberAt(m_tree, "/metadata/generation");
        const auto count = [&status](const char *name, int value) {
            if (value > 0)
                status[name] = value;
            else
                status.erase(name);
        };
        count("replicas", total(&Set::there));
        count("updatedReplicas", latest ? latest->there : 0);
        count("readyReplicas", total(&Set::ready));
        count("availableReplicas", available);
        count("unavailableReplicas", std::max(0, std::max(m_replicas, total(&Set::there)) - available));
        if (available >= m_replicas - m_missing) {
            if (!isConditionNow(status, "Available", "MinimumReplicasAvailable"))
                setCondition(status, "Available", true, "MinimumReplicasAvailable",
                             "Deployment has minimum availability.", m_state.timeNow(), true);
        } else if (!isConditionNow(status, "Available", "MinimumReplicasUnavailable")) {
            setCondition(status, "Available", false, "MinimumReplicasUnavailable",
                         "Deployment does not have minimum availability.", m_state.timeNow(), true);
        }
        tellProgress(before, status);
        if (status != before) {
            m_state.store.modify(*m_state.types.deployments, m_ns, m_name,
                                 [&](Json &tree) -> std::optional<Refusal> {
                                     tree["status"] = status;
                                     return {};
                                 },
                                 {.part = WriteOptions::Part::Status});
        }
    }

    static bool isConditionNow(const Json &status, const char *type, const std::string &reason)
    {
        const Json *condition = conditionOf(status, type);
        return condition && textAt(*condition, "/reason") == reason;
    }

    void progress(Json &status, bool isTrue, const std::string &reason, const std::string &message)
    {
        setCondition(status, "Progressing", isTrue, reason, message, m_state.timeNow(), true);
    }

    void tellProgress(const Json &before, Json &status)
    {
        const Set *latest = newSet();
        const std::string named = latest ? "ReplicaSet \"" + latest->name + '"' : "Deployment \"" + m_name + '"';
        const Json *condition = conditionOf(before, "Progressing");
        const std::string reason = condition ? textAt(*condition, "/reason") : std::string();
        if (m_isPaused) {
            if (reason != "DeploymentPaused") {
                progress(status, false, "DeploymentPaused", "Deployment is paused");
                for (Json &one : status["conditions"]) {
                    if (textAt(one, "/type") == "Progressing")
                        one["status"] = "Unknown";
                }
            }
            return;
        }
        if (reason == "DeploymentPaused")
            return progress(status, true, "DeploymentResumed", "Deployment is resumed");
        if (!m_progress.reason.empty()) {
            progress(status, true, m_progress.reason, m_progress.message);
            return watchDeadline();
        }
        const auto number = [](const Json &from, const char *name) { return from.value(name, 0); };
        const bool wasCounted = number(before, "replicas") == number(before, "updatedReplicas");
        const bool isSettled = reason == "NewReplicaSetAvailable" && wasCounted &&
                               number(status, "replicas") == number(status, "updatedReplicas");
        if (isComplete()) {
            if (reason != "NewReplicaSetAvailable")
                progress(status, true, "NewReplicaSetAvailable", named + " has successfully progressed.");
            return;
        }
        if (isSettled)
            return;
        const bool hasMoved = number(status, "updatedReplicas") > number(before, "updatedReplicas") ||
                              number(status, "replicas") - number(status, "updatedReplicas") <
                                  number(before, "replicas") - number(before, "updatedReplicas") ||
                              number(status, "readyReplicas") > number(before, "readyReplicas") ||
                              number(status, "availableReplicas") > number(before, "availableReplicas");
        if (hasMoved)
            progress(status, true, "ReplicaSetUpdated", named + " is progressing.");
        else if (isOverdue(condition) && reason != "ProgressDeadlineExceeded")
            progress(status, false, "ProgressDeadlineExceeded", named + " has timed out progressing.");
        watchDeadline();
    }

    bool isOverdue(const Json *condition) const
    {
        // An earlier roll-out's end says nothing about this one's: the first step of this one will.
        if (!condition || textAt(*condition, "/reason") == "NewReplicaSetAvailable")
            return false;
        const std::int64_t since = timeOf(textAt(*condition, "/lastUpdateTime")).value_or(m_state.nowMs);
        return m_state.nowMs - since > numberAt(m_tree, "/spec/progressDeadlineSeconds", 600) * 1000;
    }

    void watchDeadline() { m_state.markLater(ClusterState::Kind::Deployment, {m_ns, m_name}, m_state.nowMs + 5000); }

    ClusterState &m_state;
    const Json m_tree;
    const std::string m_ns;
    const std::string m_name;
    const int m_replicas;
    const bool m_isPaused;
    const bool m_isRecreating;
    int m_surge = 0;
    int m_missing = 0;       // maxUnavailable
    std::vector<Set> m_sets; // oldest first
    int m_new = -1;          // index of the one with the Deployment's template
    struct
    {
        std::string reason;
        std::string message;
    } m_progress; // to tell, besides what the counts say
};

} // namespace

void reconcileDeployment(ClusterState &state, const Key &key)
{
    const ObjectPtr object = state.store.get(*state.types.deployments, key.ns, key.name);
    if (object && !object->isGoing)
        Rollout(state, object).reconcile();
}

} // namespace signalbox::sandbox
