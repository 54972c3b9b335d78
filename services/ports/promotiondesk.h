#pragma once

#include "models/domain/application.h"
#include "models/domain/result.h"
#include "models/policy/freezereach.h"
#include "models/policy/promotionboard.h"
#include "services/async/stoptoken.h"
#include "services/ports/gatekeeper.h"

#include <QFuture>
#include <QObject>

namespace signalbox
{

// What the operator looked at when they decided. A decision is refused as Conflict, and nothing is written, when the
// ledger's newest state and the world say anything else about these three.
struct SeenPromotion
{
    QString promotion; // the whole id
    policy::Subject subject;
    QString policyCommit;
    bool operator==(const SeenPromotion &) const = default;
};
SeenPromotion seenOf(const policy::PromotionCard &card);

struct PromotionOrder
{
    QString application;
    QString environment; // where to
    QString digest;      // empty: what runs in the environment before
    QString release;     // version, tag or commit; empty: that of what runs there
    QString reason;
};

// What a request would say, before it is signed.
struct PromotionDraft
{
    policy::PromotionRequest request;
    policy::Decision decision; // as if it had been asked for
    policy::RiskFigure risk;
    QList<policy::PathPlace> path;
    QStringList warnings;
    policy::Permission mayBreakGlass = {}; // once it is asked for
};

// Promotions: asking for them, deciding on them, carrying them out. Calls come from the GUI thread and return at once;
// every future ends with one Result. Everything that writes reads the ledger's head first, from where it is shared, and
// is there once its future says so. Errors: Conflict (the world moved: look at the new board), Refused (the policy, or
// no key), Unreachable (the shared ledger; nothing is decided on what may be old).
class PromotionDesk : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;
    ~PromotionDesk() override;

    virtual const policy::PromotionBoard &board() const = 0;
    // Looks now. The board after it, whether or not it changed.
    [[nodiscard]] virtual QFuture<Result<policy::PromotionBoard>> refresh(StopToken stop) = 0;

    [[nodiscard]] virtual QFuture<Result<PromotionDraft>> draft(PromotionOrder order, StopToken stop) = 0;
    // How it would be carried out: the plan without its claim, dry-run where the remote has that. Writes nothing.
    [[nodiscard]] virtual QFuture<Result<Plan>> rehearse(PromotionDraft draft, StopToken stop) = 0;
    // The new promotion's id. What the draft says is what is asked for.
    [[nodiscard]] virtual QFuture<Result<QString>> request(PromotionDraft draft) = 0;

    // The entry's id.
    [[nodiscard]] virtual QFuture<Result<QString>> approve(SeenPromotion seen, QString comment) = 0;
    [[nodiscard]] virtual QFuture<Result<QString>> reject(SeenPromotion seen, QString comment) = 0;

    // The plan that carries it out: its first step claims the promotion in the ledger, so that whoever is second
    // changes nothing and ends as Conflict. To be handed to OperationCenter like any other; the desk records the
    // outcome when the operation ends. Planning writes nothing.
    [[nodiscard]] virtual QFuture<Result<Plan>> plan(SeenPromotion seen, StopToken stop) = 0;

    // As long as this program runs: once the policy is met, the promotion is claimed and carried out here, as exactly
    // the plan `seen` (of rehearse(), while it was asked for) that was deliberately confirmed; anything else, or
    // anybody against it meanwhile, leaves it to the operator.
    virtual void startWhenMet(const QString &promotion, const Plan &seen) = 0;
    virtual bool startsByItself(const QString &promotion) const = 0;
    virtual void doNotStart(const QString &promotion) = 0; // nothing once it is being carried out

    [[nodiscard]] virtual QFuture<Result<QString>> breakGlass(SeenPromotion seen, QString reason) = 0;
    // For changes by hand that the place's freezes, holds, window or alerts stop: whoever may acts alone with what is
    // there now, until the policy says that it is over or something else runs. What it would be bound to; writes
    // nothing. NotFound: nobody can tell what is there. Refused: also where nothing stops, or the glass is broken.
    [[nodiscard]] virtual QFuture<Result<policy::Subject>> draftGlassAt(QString application, QString environment,
                                                                        StopToken stop) = 0;
    // The entry's id. `seen` is what draftGlassAt() said and was shown; Conflict: something else is there by now.
    [[nodiscard]] virtual QFuture<Result<QString>> breakGlassAt(policy::Subject seen, QString reason) = 0;
    [[nodiscard]] virtual QFuture<Result<QString>> countersign(QString breakGlassEntry, QString comment) = 0;
    [[nodiscard]] virtual QFuture<Result<QString>> hold(QString application, QString environment, QString reason) = 0;
    // What a freeze would refuse; writes nothing. Invalid: it makes no sense. Of one that repeats, `until` of what
    // comes back is the end of its last occurrence, whatever was asked.
    [[nodiscard]] virtual QFuture<Result<policy::FreezeReach>> draftFreeze(policy::FreezeOrder order,
                                                                           StopToken stop) = 0;
    // Conflict, and nothing written, when it would refuse anything else by now than was seen.
    [[nodiscard]] virtual QFuture<Result<QString>> freeze(policy::FreezeReach seen) = 0;
    [[nodiscard]] virtual QFuture<Result<QString>> lift(QString stopEntry, QString reason) = 0;
    // Ends a claim whose claimant cannot record an outcome any more: their own, or as an admin.
    [[nodiscard]] virtual QFuture<Result<QString>> closeClaim(SeenPromotion seen, OutcomeKind kind,
                                                              QString message) = 0;

    // The plan by which a vendor's gate is decided, with what our own policy says of it among its checks: approving
    // needs the policy met for exactly the commit that waits, where the policy knows the environment. To be handed to
    // OperationCenter like any other. Environment and isProtected of the order are set by the policy.
    [[nodiscard]] virtual QFuture<Result<Plan>> planGate(GateKeeper &keeper, GateOrder order, StopToken stop) = 0;

    // Whether the environment is protected, as the policy that was read last says, or by its name. Waits for nothing.
    virtual bool protects(const QString &application, const QString &environment) const
    {
        Q_UNUSED(application)
        return isProtectedByName(environment);
    }

signals:
    void boardChanged(); // board() is another value now
    void boardRead();    // all was read again and the board shows the same: what failed before may be tried again
    // A promotion waits for this operator that did not before: for the desktop notification.
    void waitsForMe(const QString &promotion);
    void startsChanged(); // startsByItself() of some promotion
    // It does not start by itself any more: the operator is asked instead.
    void startLeft(const QString &promotion, const QString &why);
    // An outcome could not be recorded, a claim was left open by a crash ...: shown, not fatal.
    void problemOccurred(const signalbox::Error &problem);
};

} // namespace signalbox
