#pragma once

#include "services/promotions/gitopssteps.h"
#include "services/promotions/revertplan.h"

#include <QObject>

#include <chrono>

namespace signalbox
{

// Going back where a cluster follows a repository: what named the present release is undone by one new commit, signed
// where the key is at hand, pushed only onto the commit that was seen; done when the cluster runs the earlier release.
// Where what was changed since cannot be told apart, nothing but the line with the image goes back. It needs no ledger,
// no quorum and no key that somebody has to unlock. GUI thread; git works on a thread of its own.
//
//   look (fetch) -> revisions of the file -> plan: revert of the commits since -> execute: revert again on the same
//   tip, sign, push by compare-and-swap -> observe the workload
class RevertSteps : public QObject, public PromotionSteps
{
public:
    struct Sources
    {
        QString cacheFolder; // for copies of the repositories
        GitopsSteps::AccessSource access;
        std::function<RecordBook::SignerFuture(StopToken stop)> signer;
        std::function<Deployer *(const QString &connection)> deployer; // null: it is gone
        std::chrono::milliseconds followWithin{std::chrono::minutes(15)};
        // A key that is locked, or one that nobody touches, keeps nobody from going back: the commit goes unsigned
        // then.
        std::chrono::milliseconds signedWithin{std::chrono::seconds(20)};
    };
    explicit RevertSteps(Sources sources, QObject *parent = nullptr);
    ~RevertSteps() override;

    // Newest first; the first one is what the repository says now.
    [[nodiscard]] QFuture<Result<QList<RollbackTarget>>> targets(policy::Execution execution, ObjectRef workload,
                                                                 QString application, StopToken stop);
    // NotFound: no revision of this name, or none that is earlier.
    [[nodiscard]] QFuture<Result<Plan>> plan(policy::Execution execution, RollbackOrder order, StopToken stop);
    // The step that takes back what a promotion's plan committed; planned from the repository now.
    [[nodiscard]] QFuture<Result<PlanStep>> undoing(Plan promotion, PlanStep committed, StopToken stop);

    bool isOurs(const PlanStep &step) const override;
    [[nodiscard]] QFuture<Result<void>> dryRun(PlanStep step, StopToken stop) override;
    [[nodiscard]] QFuture<Result<Receipt>> execute(PlanStep step, StopToken stop) override;
    [[nodiscard]] QFuture<Result<Observation>> observe(PlanStep step, Receipt receipt, StopToken stop) override;
    [[nodiscard]] QFuture<Result<bool>> tookPlace(PlanStep step, StopToken stop) override;

private:
    QFuture<Result<RepositoryCopy>> look(const QString &address, const QString &branch,
                                         std::chrono::seconds notOlderThan, const StopToken &stop);
    QFuture<Result<RevertPast>> past(const policy::Execution &execution, const ObjectRef &workload,
                                     const QString &application, std::chrono::seconds notOlderThan,
                                     const StopToken &stop);
    QFuture<Result<QByteArray>> signature(const QByteArray &text, const StopToken &stop);

    Sources m_sources;
    SerialQueue m_queue; // goes first
};

} // namespace signalbox
