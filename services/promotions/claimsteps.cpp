#include "services/promotions/claimsteps.h"

#include "services/async/chain.h"
#include "services/promotions/gitopssteps.h"
#include "services/promotions/ledgerdesk.h"

#include <QCoreApplication>

namespace signalbox
{

namespace
{

struct Text
{
    Q_DECLARE_TR_FUNCTIONS(Promotions)
};

Error notOurs()
{
    return {ErrorKind::Unsupported, Text::tr("This step is not one that the ledger can carry out."), {}};
}

} // namespace

ClaimSteps::ClaimSteps(LedgerDesk &desk, GitopsSteps *gitops)
    : m_desk(&desk)
    , m_gitops(gitops)
{}

ClaimSteps::~ClaimSteps() = default;

bool ClaimSteps::isOurs(const PlanStep &step) const
{
    return isClaimStep(step) || (m_gitops && m_gitops->isOurs(step));
}

QFuture<Result<void>> ClaimSteps::dryRun(PlanStep step, StopToken stop)
{
    if (m_desk && m_gitops && m_gitops->isOurs(step))
        return m_gitops->dryRun(std::move(step), std::move(stop));
    return ready(m_desk && claimOfStep(step) ? Result<void>() : Result<void>(notOurs()));
}

QFuture<Result<Receipt>> ClaimSteps::execute(PlanStep step, StopToken stop)
{
    if (m_desk && m_gitops && m_gitops->isOurs(step))
        return m_gitops->execute(std::move(step), std::move(stop));
    const auto order = claimOfStep(step);
    if (!m_desk || !order)
        return ready(Result<Receipt>(notOurs()));
    const QDateTime sentAt = QDateTime::currentDateTimeUtc();
    return after(m_desk, m_desk->claim(*order, 0, stop), [sentAt](const QString &) {
        return ready(Result<Receipt>(Receipt{sentAt, QDateTime::currentDateTimeUtc(), {}}));
    });
}

QFuture<Result<Observation>> ClaimSteps::observe(PlanStep step, Receipt receipt, StopToken stop)
{
    if (m_desk && m_gitops && m_gitops->isOurs(step))
        return m_gitops->observe(std::move(step), std::move(receipt), std::move(stop));
    const auto order = claimOfStep(step);
    if (!m_desk || !order)
        return ready(Result<Observation>(notOurs()));
    return after(m_desk, m_desk->isClaimed(*order, stop), [](bool isClaimed) {
        Observation seen;
        seen.state = isClaimed ? Observation::State::Effective : Observation::State::Failed;
        seen.text = isClaimed ? Text::tr("claimed; nobody else can start it") : Text::tr("somebody else's claim won");
        seen.progress = isClaimed ? 1 : 0;
        seen.at = QDateTime::currentDateTimeUtc();
        return ready(Result<Observation>(seen));
    });
}

QFuture<Result<bool>> ClaimSteps::tookPlace(PlanStep step, StopToken stop)
{
    if (m_desk && m_gitops && m_gitops->isOurs(step))
        return m_gitops->tookPlace(std::move(step), std::move(stop));
    const auto order = claimOfStep(step);
    return m_desk && order ? m_desk->isClaimed(*order, stop) : ready(Result<bool>(notOurs()));
}

} // namespace signalbox
