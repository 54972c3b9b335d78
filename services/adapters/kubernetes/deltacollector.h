#pragma once

#include "services/adapters/kubernetes/parse.h"

#include <QSet>

#include <deque>
#include <functional>
#include <mutex>
#include <optional>

namespace signalbox::kubernetes
{

// Between the workers that parse and the thread that owns the store: collects what changed, keeps only the newest state
// of each object, joins what belongs together (endpoints into their Service, DestinationRules into VirtualServices),
// and hands it out in portions. Thread-safe.
class DeltaCollector
{
public:
    // `wake` is called, from any thread, when there is something to take and nobody was told since the last take().
    explicit DeltaCollector(std::function<void()> wake);

    void upsert(std::vector<KubeObject> objects);
    void remove(ClusterKind kind, const QStringList &uids);
    void setFreshness(ClusterKind kind, const Freshness &freshness);

    // At most `most` objects, oldest first; `isMore` tells whether something is left. "Live" is told only after
    // everything that was known before it.
    ClusterDelta take(int most, bool &isMore);
    // The owner is gone: no more wake-ups. When this returns none is running.
    void close();

private:
    template <typename T>
    class Pending
    {
    public:
        void upsert(T item)
        {
            const QString uid = item.ref.uid;
            const auto known = m_index.constFind(uid);
            if (known != m_index.constEnd()) {
                m_items[size_t(*known - m_base)] = std::move(item);
                return;
            }
            m_index.insert(uid, m_base + qint64(m_items.size()));
            m_items.push_back(std::move(item));
        }
        void remove(const QString &uid)
        {
            const auto known = m_index.constFind(uid);
            if (known != m_index.constEnd()) {
                m_items[size_t(*known - m_base)].reset();
                m_index.erase(known);
            }
            m_removed.append(uid);
        }
        void take(Changes<T> &changes, int &left)
        {
            changes.removedUids = std::exchange(m_removed, {});
            while (left > 0 && !m_items.empty()) {
                if (m_items.front()) {
                    m_index.remove(m_items.front()->ref.uid);
                    changes.upserted.append(std::move(*m_items.front()));
                    --left;
                }
                m_items.pop_front();
                ++m_base;
            }
        }
        bool isEmpty() const { return m_items.empty() && m_removed.isEmpty(); }

    private:
        std::deque<std::optional<T>> m_items;
        QHash<QString, qint64> m_index; // uid -> position since the beginning
        qint64 m_base = 0;
        QStringList m_removed;
    };

    struct Slice
    {
        QString service; // "ns/name"
        int ready = 0;
        int all = 0;
    };

    void add(KubeObject &&object);
    void addService(ServiceInfo service);
    void addEndpoints(const EndpointSet &set);
    void removeEndpoints(const QString &uid);
    void refreshService(const QString &key);
    void addRoute(Route route);
    void joinVirtualServices();
    bool isEmpty() const;
    void tell(std::unique_lock<std::mutex> lock);

    std::mutex m_mutex; // of everything below
    std::function<void()> m_wake;
    std::mutex m_wakeMutex;
    bool m_isTold = false;

    Pending<Node> m_nodes;
    Pending<Pod> m_pods;
    Pending<Workload> m_workloads;
    Pending<Revision> m_revisions;
    Pending<ServiceInfo> m_services;
    Pending<Route> m_routes;
    Pending<Autoscaler> m_autoscalers;
    Pending<ClusterEvent> m_events;
    QMap<ClusterKind, Freshness> m_freshness;

    QHash<QString, QString> m_namespaces; // uid -> name
    bool m_namespacesChanged = false;

    QHash<QString, ServiceInfo> m_knownServices;   // "ns/name" -> as read
    QHash<QString, QString> m_serviceKeys;         // uid -> "ns/name"
    QHash<QString, Slice> m_slices;                // by uid
    QHash<QString, QStringList> m_slicesOfService; // "ns/name" -> uids
    QHash<QString, Route> m_virtualServices;       // by uid, as read
    QHash<QString, SubsetRule> m_subsetRules;      // by uid
    QSet<QString> m_unjoined;                      // VirtualServices to be joined with the subsets
    bool m_subsetsChanged = false;                 // all of them are
};

} // namespace signalbox::kubernetes
