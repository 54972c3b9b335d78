#include "services/promotions/claimsteps.h"

#include "services/async/chain.h"
#include "services/promotions/awaitedrelease.h"
#include "services/promotions/gitopssteps.h"
#include "services/promotions/ledgerdesk.h"
#include "services/promotions/promotionstext.h"

namespace signalbox
{

namespace
{

Error notOurs()
{
    return {ErrorKind::Unsupported, PromotionsText::tr("This step is not one that the ledger can carry out."), {}};
}

Observation claimed()
{
    Observation seen;
    seen.state = Observation::State::Effective;
    seen.text = PromotionsText::tr("claimed; nobody else can start it");
    seen.progress = 1;
    seen.at = QDateTime::currentDateTimeUtc();
    return seen;
}

} // namespace

ClaimSteps::ClaimSteps(LedgerDesk &desk, GitopsSteps *gitops)
    : m_desk(&desk)
    , m_gitops(gitops)
{}

ClaimSteps::~ClaimSteps() = default;

bool ClaimSteps::isOurs(const PlanStep &step) const
{
    return isClaimStep(step) || isAwaitStep(step) || (m_gitops && m_gitops->isOurs(step));
}

QFuture<Result<void>> ClaimSteps::dryRun(PlanStep step, StopToken stop)
{
    if (m_desk && m_gitops && m_gitops->isOurs(step))
        return m_gitops->dryRun(std::move(step), std::move(stop));
    return ready(m_desk && (claimOfStep(step) || awaitedOf(step)) ? Result<void>() : Result<void>(notOurs()));
}

QFuture<Result<Receipt>> ClaimSteps::execute(PlanStep step, StopToken stop)
{
    if (m_desk && m_gitops && m_gitops->isOurs(step))
        return m_gitops->execute(std::move(step), std::move(stop));
    const QDateTime sentAt = QDateTime::currentDateTimeUtc();
    if (m_desk && awaitedOf(step)) // others do it: here it is only looked at
        return ready(Result<Receipt>(Receipt{sentAt, sentAt, {}}));
    const auto order = claimOfStep(step);
    if (!m_desk || !order)
        return ready(Result<Receipt>(notOurs()));
    return after(m_desk, m_desk->claim(*order, 0, stop), [sentAt](const QString &entry) {
        return ready(Result<Receipt>(Receipt{sentAt, QDateTime::currentDateTimeUtc(), entry.toLatin1()}));
    });
}

QFuture<Result<Observation>> ClaimSteps::observe(PlanStep step, Receipt receipt, StopToken stop)
{
    if (m_desk && m_gitops && m_gitops->isOurs(step))
        return m_gitops->observe(std::move(step), std::move(receipt), std::move(stop));
    if (const auto release = awaitedOf(step); m_desk && release)
        return m_desk->lookAtRelease(*release, stop);
    const auto order = claimOfStep(step);
    if (!m_desk || !order)
        return ready(Result<Observation>(notOurs()));
    if (receipt.state == order->entry.toLatin1())
        return ready(Result<Observation>(claimed())); // decided when it was written
    using State = LedgerDesk::ClaimLook::State;
    return after(m_desk, m_desk->lookAtClaim(*order, stop), [](const LedgerDesk::ClaimLook &look) {
        if (look.state == State::Stands)
            return ready(Result<Observation>(claimed()));
        Observation seen;
        seen.state = look.state == State::Unsure ? Observation::State::Pending : Observation::State::Failed;
        seen.text = look.text;
        seen.at = QDateTime::currentDateTimeUtc();
        return ready(Result<Observation>(seen));
    });
}

QFuture<Result<bool>> ClaimSteps::tookPlace(PlanStep step, StopToken stop)
{
    if (m_desk && m_gitops && m_gitops->isOurs(step))
        return m_gitops->tookPlace(std::move(step), std::move(stop));
    if (const auto release = awaitedOf(step); m_desk && release)
        return after(m_desk, m_desk->lookAtRelease(*release, stop), [](const Observation &seen) { // it calls nothing
            return ready(Result<bool>(seen.state == Observation::State::Effective && seen.isConfirmed));
        });
    const auto order = claimOfStep(step);
    if (!m_desk || !order)
        return ready(Result<bool>(notOurs()));
    // One behind which nothing may go on is none, although it is in the ledger: its outcome says how it ended.
    return after(m_desk, m_desk->lookAtClaim(*order, stop), [](const LedgerDesk::ClaimLook &look) {
        return ready(Result<bool>(look.state == LedgerDesk::ClaimLook::State::Stands));
    });
}

} // namespace signalbox
