#pragma once

#include "models/stores/clusterstore.h"
#include "services/ports/clustersource.h"
#include "services/ports/deployer.h"
#include "services/ports/rollbackprovider.h"
#include "services/ports/trafficrouter.h"

#include <memory>
#include <vector>

namespace signalbox
{

// One cluster connection with everything that hangs on it. Made by app (which knows the adapter), owned by ClusterSet.
struct ClusterConnection
{
    QString id;
    QString title; // context or configured name
    std::unique_ptr<ClusterSource> source;
    std::unique_ptr<ClusterStore> store;
    std::unique_ptr<TrafficRouter> traffic;
    std::unique_ptr<RollbackProvider> rollback;
    std::unique_ptr<WorkloadActions> workloads;
    std::unique_ptr<Deployer> deployer;
    std::unique_ptr<StepRunner> runner;
    std::unique_ptr<RemoteLocker> locker;
    std::shared_ptr<void> keepAlive; // what the above borrow from; freed last
};

// The clusters of the workspace. GUI thread.
class ClusterSet : public QObject
{
    Q_OBJECT
public:
    explicit ClusterSet(QObject *parent = nullptr);
    ~ClusterSet() override;

    ClusterConnection &
    add(std::unique_ptr<ClusterConnection> connection); // connects source to store; does not start it
    void remove(const QString &id);
    ClusterConnection *find(const QString &id) const; // null: none
    const std::vector<std::unique_ptr<ClusterConnection>> &all() const { return m_all; }

signals:
    void added(const QString &id);
    void aboutToRemove(const QString &id);

private:
    std::vector<std::unique_ptr<ClusterConnection>> m_all;
};

} // namespace signalbox
