#pragma once

#include "services/async/deliver.h"
#include "services/ports/promotiondesk.h"

#include <memory>

namespace signalbox::test
{

// A desk that shows the board a test puts on it, and remembers what it was told.
class FakeDesk : public PromotionDesk
{
public:
    struct Told
    {
        QString what; // "approve" "reject" ...
        SeenPromotion seen;
        QString words;
    };

    const policy::PromotionBoard &board() const override { return m_board; }
    QFuture<Result<policy::PromotionBoard>> refresh(StopToken) override
    {
        ++refreshes;
        return ready(Result<policy::PromotionBoard>(m_board));
    }
    bool protects(const QString &, const QString &environment) const override
    {
        return protectedOnes.contains(environment);
    }
    QFuture<Result<PromotionDraft>> draft(PromotionOrder order, StopToken) override
    {
        orders.append(order);
        return ready(draftFails ? Result<PromotionDraft>(*draftFails) : Result<PromotionDraft>(drafted));
    }
    QFuture<Result<Plan>> rehearse(PromotionDraft, StopToken) override
    {
        ++rehearsals;
        if (holdsRehearsals) {
            m_rehearsal = std::make_shared<QPromise<Result<Plan>>>();
            m_rehearsal->start();
            return m_rehearsal->future();
        }
        return ready(planFails ? Result<Plan>(*planFails) : Result<Plan>(planOf({})));
    }
    QFuture<Result<QString>> request(PromotionDraft draft) override
    {
        requests.append(draft);
        return answer({QStringLiteral("request"), {}, draft.request.reason});
    }
    QFuture<Result<QString>> approve(SeenPromotion seen, QString comment) override
    {
        return answer({QStringLiteral("approve"), seen, comment});
    }
    QFuture<Result<QString>> reject(SeenPromotion seen, QString comment) override
    {
        return answer({QStringLiteral("reject"), seen, comment});
    }
    QFuture<Result<Plan>> plan(SeenPromotion seen, StopToken) override
    {
        planned.append(seen);
        return ready(planFails ? Result<Plan>(*planFails) : Result<Plan>(planOf(seen)));
    }
    QFuture<Result<QString>> breakGlass(SeenPromotion seen, QString reason) override
    {
        return answer({QStringLiteral("breakGlass"), seen, reason});
    }
    QFuture<Result<policy::Subject>> draftGlassAt(QString application, QString environment, StopToken) override
    {
        using Subject = Result<policy::Subject>;
        return ready(draftFails ? Subject(*draftFails)
                                : Subject(policy::Subject{application, environment, glassDigest, {}}));
    }
    QFuture<Result<QString>> breakGlassAt(policy::Subject subject, QString reason) override
    {
        return answer({QStringLiteral("breakGlassAt %1 %2").arg(subject.application, subject.environment),
                       {{}, subject, {}},
                       reason});
    }
    QFuture<Result<QString>> countersign(QString entry, QString comment) override
    {
        return answer({QStringLiteral("countersign ") + entry, {}, comment});
    }
    QFuture<Result<QString>> hold(QString application, QString environment, QString reason) override
    {
        return answer({QStringLiteral("hold %1 %2").arg(application, environment), {}, reason});
    }
    QFuture<Result<policy::FreezeReach>> draftFreeze(policy::FreezeOrder order, StopToken) override
    {
        policy::FreezeReach answered = reach;
        answered.order = order;
        freezesDrafted.append(order);
        return ready(reachFails ? Result<policy::FreezeReach>(*reachFails) : Result<policy::FreezeReach>(answered));
    }
    QFuture<Result<QString>> freeze(policy::FreezeReach seen) override
    {
        freezes.append(seen);
        return answer({QStringLiteral("freeze"), {}, seen.order.reason});
    }
    QFuture<Result<QString>> lift(QString entry, QString reason) override
    {
        return answer({QStringLiteral("lift ") + entry, {}, reason});
    }
    QFuture<Result<QString>> closeClaim(SeenPromotion seen, OutcomeKind, QString message) override
    {
        return answer({QStringLiteral("closeClaim"), seen, message});
    }

    QFuture<Result<Plan>> planGate(GateKeeper &keeper, GateOrder order, StopToken stop) override
    {
        gateOrders.append(order);
        return keeper.plan(std::move(order), std::move(stop));
    }

    void startWhenMet(const QString &promotion, const Plan &seen) override
    {
        starts.insert(promotion, seen);
        emit startsChanged();
    }
    bool startsByItself(const QString &promotion) const override { return starts.contains(promotion); }
    void doNotStart(const QString &promotion) override
    {
        starts.remove(promotion);
        emit startsChanged();
    }
    void leaveStart(const QString &promotion, const QString &why)
    {
        doNotStart(promotion);
        emit startLeft(promotion, why);
    }

    void put(const policy::PromotionBoard &board)
    {
        if (board == m_board)
            return;
        m_board = board;
        emit boardChanged();
    }
    void callFor(const QString &promotion) { emit waitsForMe(promotion); }
    void endHeld(const Result<QString> &result)
    {
        const auto held = std::exchange(m_held, nullptr);
        held->addResult(result);
        held->finish();
    }

    std::function<Plan(const SeenPromotion &)> planOf;
    std::optional<Error> planFails;
    std::optional<Error> draftFails;
    std::optional<Error> writeFails;
    PromotionDraft drafted;
    QString glassDigest = QStringLiteral("sha256:") + QString(64, u'c'); // what runs wherever glass is broken by hand
    policy::FreezeReach reach; // of every freeze; its order is the one that was asked about
    std::optional<Error> reachFails;
    QList<policy::FreezeOrder> freezesDrafted;
    QList<policy::FreezeReach> freezes;
    bool holdsWrites = false;
    bool holdsRehearsals = false; // for good
    QList<Told> told;
    QStringList protectedOnes;
    QList<PromotionOrder> orders;
    QList<PromotionDraft> requests;
    QList<SeenPromotion> planned;
    QList<GateOrder> gateOrders;
    int refreshes = 0;
    int rehearsals = 0;
    QHash<QString, Plan> starts; // by themselves

private:
    QFuture<Result<QString>> answer(const Told &one)
    {
        told.append(one);
        if (holdsWrites) {
            m_held = std::make_shared<QPromise<Result<QString>>>();
            m_held->start();
            return m_held->future();
        }
        return ready(writeFails ? Result<QString>(*writeFails) : Result<QString>(QStringLiteral("01NEWENTRY")));
    }

    policy::PromotionBoard m_board;
    std::shared_ptr<QPromise<Result<QString>>> m_held;
    std::shared_ptr<QPromise<Result<Plan>>> m_rehearsal;
};

} // namespace signalbox::test
