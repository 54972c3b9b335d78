#pragma once

#include "models/policy/policy.h"
#include "models/stores/deployedstore.h"
#include "services/async/serialqueue.h"
#include "services/async/stoptoken.h"
#include "services/ports/deploymentsource.h"
#include "services/promotions/trafficwatch.h"
#include "services/promotions/world.h"

#include <QElapsedTimer>
#include <QFuture>
#include <QObject>
#include <QPointer>
#include <QTimer>

#include <chrono>
#include <functional>

namespace signalbox
{

class ArtifactRegistry;
class ClusterSet;
class GateKeeper;
class MetricSet;
class OperationCenter;
class PipelineSource;
class SourceRepository;

// One promotion (or one that may be asked for) as the reader has to know it.
struct PromotionInQuestion
{
    QString promotion; // empty: not asked for yet
    policy::PromotionRequest request;
    QString before; // environment
    // Commits that the ledger's requests name for digests: the newest of each.
    QHash<QString, QString> commitOf;
    QString label = {}; // the commit that the image's own label names; empty: it is not known, or names none
};

// Reads what promotions are judged by: what runs where from the clusters' API servers, who wrote what from the
// repositories, what fires from the metric sources. GUI thread.
class WorldReader : public QObject
{
    Q_OBJECT
public:
    // Borrowed. Any may be null: then nothing is known of that.
    struct Sources
    {
        ClusterSet *clusters = nullptr;
        DeployedStore *deployed = nullptr;
        MetricSet *metrics = nullptr;
        OperationCenter *operations = nullptr;
        std::function<SourceRepository *(const QString &application)> repositoryOf = {};
        // Where images of this repository lie; null: the workspace names no registry that has them.
        std::function<ArtifactRegistry *(const QString &repository)> registryOf = {};
        // Gates of this connection; null: it has none, or is not there.
        std::function<GateKeeper *(const QString &connection)> gatesOf = {};
        // Runs of this connection; null: it is not there.
        std::function<PipelineSource *(const QString &connection)> runsOf = {};
        // Environments and deployments of this connection; null: it keeps none, or is not there.
        std::function<DeploymentSource *(const QString &connection)> deploymentsOf = {};
        // Projects of this connection that build the application, as the workspace says.
        std::function<QStringList(const QString &application, const QString &connection)> projectsOf = {};
        // Clusters that may run the application in the environment, as the workspace says; empty: any may.
        std::function<QStringList(const QString &application, const QString &environment)> clustersOf = {};
    };
    explicit WorldReader(Sources sources, QObject *parent = nullptr);
    ~WorldReader() override;

    enum class For {
        Look,   // a cluster is asked again where its watches told something new, or the answer is a minute old
        Show,   // all are asked
        Decide, // likewise, and the repositories are brought up to date first
    };
    [[nodiscard]] QFuture<Result<World>> read(const policy::Policy &policy, const QList<PromotionInQuestion> &questions,
                                              For purpose, const StopToken &stop);
    // What one application runs in each environment of its path, alone.
    [[nodiscard]] QFuture<Result<ApplicationReading>>
    readApplication(const policy::Policy &policy, const QString &application, const StopToken &stop);
    // What it runs in one environment, asked now.
    [[nodiscard]] QFuture<Result<PlaceReading>> place(const policy::Policy &policy, const QString &application,
                                                      const QString &environment, const StopToken &stop);
    // What a vendor's deployments say of a place is not asked for more often: its server counts requests.
    void setVendorMayBeOld(std::chrono::milliseconds age) { m_vendorMayBeOld = age; }
    // Since when tracks have traffic outlives this program: it goes on from what this file says, and keeps it there.
    // The path is asked for each time; where it is empty, or its folder is not there, nothing is kept.
    void keepTrafficIn(std::function<QString()> file);
    // Whether everything that is asked is there to be asked: the listings of the clusters that may run it are complete.
    bool isListed(const QString &application, const QString &environment) const
    {
        return whyNotListed(application, environment).isEmpty();
    }
    // In a sentence; empty: they are.
    QString whyNotListed(const QString &application, const QString &environment) const;

private:
    // What a workload ran when it was asked, and what the watches told of its place at that moment.
    struct Answer
    {
        Deployed deployed;
        RunningRelease release;
        QElapsedTimer asked; // the clock on the wall may be set back meanwhile
    };
    void forgetGone(); // what lies nowhere any more
    QFuture<Result<ApplicationReading>> readApplication(const policy::Policy &policy, const QString &application,
                                                        For purpose, const StopToken &stop);
    QFuture<Result<PlaceReading>> readPlace(const policy::Policy &policy, const QString &application,
                                            const QString &environment, For purpose, const StopToken &stop);
    // `place`, with what the vendor says of it where a vendor's gate lets promotions in.
    QFuture<Result<PlaceReading>> readVendor(const policy::EnvironmentPolicy &rules, const QString &application,
                                             const PlaceReading &place, For purpose, const StopToken &stop);
    QFuture<Result<RunningRelease>> readRunning(Deployer &deployer, const Deployed &deployed, const ObjectRef &workload,
                                                For purpose, const StopToken &stop);
    QFuture<Result<SourceReading>> readSource(const PromotionInQuestion &question,
                                              const ApplicationReading &application, bool fetches,
                                              const StopToken &stop);
    ArtifactRegistry *registryOf(const QString &repository) const;
    QFuture<Result<AlertsReading>> readAlerts(const StopToken &stop);

    void watchTraffic();
    void keepTraffic(const QDateTime &now);

    Sources m_sources;
    TrafficWatch m_traffic;
    QTimer m_trafficTick;
    std::function<QString()> m_trafficFile; // null: nothing is kept
    SerialQueue m_files;
    QHash<QString, QDateTime> m_heard; // when a place last answered; by application and environment
    // An error is one, too: who is in trouble, or asks for patience, is asked no sooner.
    struct VendorAnswer
    {
        QPointer<DeploymentSource> source;   // null: its connection is gone
        QFuture<Result<VendorPlace>> answer; // of the question that may be under way still
        QElapsedTimer asked;
        QDateTime askedAt; // the other clock stands still while the computer sleeps
        bool holds(std::chrono::milliseconds mayBe) const;
    };
    std::chrono::milliseconds m_vendorMayBeOld{10'000};
    QHash<QString, VendorAnswer> m_told; // by application, environment, connection, project, gate
    QHash<QString, Answer> m_answers;    // by connection and uid of the workload, and application
};

} // namespace signalbox
