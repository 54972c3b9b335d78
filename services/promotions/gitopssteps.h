#pragma once

#include "models/policy/policy.h"
#include "services/async/serialqueue.h"
#include "services/git/remote.h"
#include "services/ports/deployer.h"
#include "services/promotions/promotionrunner.h"
#include "services/promotions/recordbook.h"
#include "services/promotions/repositorystep.h"

#include <QObject>

#include <chrono>
#include <functional>

namespace signalbox
{

// A promotion by a commit to the repository that a cluster follows: the image's line of one file, and the model's where
// it says one, signed by the operator's key, pushed only onto the commit that was seen; done when the cluster runs it.
// GUI thread; git works on a thread of its own.
class GitopsSteps : public QObject, public PromotionSteps
{
public:
    // How a repository of this address is reached.
    using AccessSource = std::function<QFuture<Result<git::RemoteAccess>>(QString address, StopToken stop)>;
    struct Sources
    {
        QString cacheFolder; // for copies of the repositories
        AccessSource access;
        std::function<RecordBook::SignerFuture(StopToken stop)> signer;
        std::function<Deployer *(const QString &connection)> deployer; // null: it is gone
    };
    explicit GitopsSteps(Sources sources, QObject *parent = nullptr);
    ~GitopsSteps() override;

    struct Order
    {
        policy::Execution execution;
        QString connection;
        QString ns;
        QString application;
        QString environment;
        RunningRelease target; // what the cluster runs there now
        QString tag;
        QString digest;
        QString promotion;
        QString requester;
        QString reason;
        ServedModel model; // written beside the image where the file says one
    };
    [[nodiscard]] QFuture<Result<Plan>> plan(Order order, StopToken stop);
    // How long whatever follows the repository may take, of plans made from now on.
    void setFollowWithin(std::chrono::milliseconds time) { m_followWithin = time; }

    // Where a step of ours commits, and what: for whoever takes it back. None: it is none of ours.
    struct Committed
    {
        BranchPlace at; // the tip is what it was put on
        QString message;
    };
    static std::optional<Committed> committedBy(const PlanStep &step);

    bool isOurs(const PlanStep &step) const override;
    [[nodiscard]] QFuture<Result<void>> dryRun(PlanStep step, StopToken stop) override;
    [[nodiscard]] QFuture<Result<Receipt>> execute(PlanStep step, StopToken stop) override;
    [[nodiscard]] QFuture<Result<Observation>> observe(PlanStep step, Receipt receipt, StopToken stop) override;
    [[nodiscard]] QFuture<Result<bool>> tookPlace(PlanStep step, StopToken stop) override;

private:
    struct Seen
    {
        RepositoryCopy copy;
        QByteArray content; // of the file
    };
    // Brings the copy up to date and reads the file at the branch's tip.
    QFuture<Result<Seen>> look(const QString &address, const QString &branch, const QString &file,
                               const StopToken &stop);

    Sources m_sources;
    std::chrono::milliseconds m_followWithin{std::chrono::minutes(15)};
    StopSource m_gone;
    SerialQueue m_queue; // goes first
};

} // namespace signalbox
