#pragma once

#include "tests/unit/services/promotions/promotionworld.h"

namespace signalbox::test
{

// The people's policy, under which `quorum` has to agree before cart goes to production.
inline QByteArray cartPolicy(const QByteArray &more = {}, const QByteArray &quorum = "[{count: 1, roles: [approvers]}]")
{
    return peoplesRules() +
           "  - {environment: staging, noFiringAlerts: false}\n"
           "  - environment: production\n"
           "    approvals: " +
           quorum +
           "\n    veto: [admins]\n"
           "    noFiringAlerts: false\n"
           "    notAuthor: false\n" +
           more;
}

// A ledger that began an hour ago, and the desks around it.
class PromotionShop
{
public:
    explicit PromotionShop(const QByteArray &policy = cartPolicy())
    {
        ForgedCommit first;
        first.files = {{u("allowed_signers"), forge.allowedSigners()}, {u("policy.yaml"), policy}};
        first.at = QDateTime::currentDateTimeUtc().addSecs(-3600);
        forge.commit(first);
    }

    std::unique_ptr<Console> console(const char *person, Console::Sharing sharing = Console::Sharing::SamePath) const
    {
        return std::make_unique<Console>(forge.path(), u(person), forge.signer(u(person)), sharing);
    }
    // By ann, countersigned by bob, now.
    void changePolicy(const QByteArray &policy)
    {
        ForgedCommit change;
        change.files = {{u("policy.yaml"), policy}};
        change.by = u("ann");
        change.at = QDateTime::currentDateTimeUtc();
        const QByteArray commit = forge.commit(change);
        forge.add(policy::PolicyCountersign{QString::fromLatin1(commit), {}}, u("bob"),
                  QDateTime::currentDateTimeUtc());
    }
    bool isWhole() const
    {
        const auto chain = ledger::verifyChain(forge.path(), {}, {});
        return chain && chain->isWhole();
    }

    Forge forge;
};

// Asks for cart in production. The promotion's id; empty: it was refused, and is told.
inline QString ask(Console &by)
{
    const auto draft = awaited(by.desk->draft({u("cart"), u("production"), {}, {}, u("it is time")}, {}));
    const auto id = draft ? awaited(by.desk->request(*draft)) : Result<QString>(draft.error());
    if (!id)
        qWarning("%s", qPrintable(id.error().message));
    return id.value_or(QString());
}

inline Result<QString> approve(Console &by, const QString &promotion)
{
    return awaited(by.desk->approve(seenOf(by.card(promotion)), u("fine")));
}

inline Result<Plan> planOf(Console &by, const QString &promotion)
{
    return awaited(by.desk->plan(seenOf(by.card(promotion)), {}));
}

// Confirms it as soon as it may be. Null: it was refused, and is told.
inline Operation *start(Console &by, const Result<Plan> &plan)
{
    const auto made = plan ? by.operations->create(*plan) : Result<Operation *>(plan.error());
    if (!made) {
        qWarning("%s", qPrintable(made.error().message));
        return nullptr;
    }
    Operation *operation = *made;
    QObject::connect(operation, &Operation::stateChanged, operation, [operation](OperationState state) {
        if (state == OperationState::AwaitingConfirmation)
            QTimer::singleShot(0, operation, [operation] { operation->confirm(operation->plan().fingerprint()); });
    });
    operation->start();
    return operation;
}

// Null: it did not come to an end.
inline Operation *finished(Operation *operation)
{
    const bool isOver = operation && QTest::qWaitFor([operation] { return operation->isFinished(); }, 20000);
    return isOver ? operation : nullptr;
}

// As far as the call to the cluster, which does not answer. Null: it did not come to it.
inline Operation *startAndHold(Console &by, const Result<Plan> &plan)
{
    by.cluster.holdsExecute = true;
    Operation *operation = start(by, plan);
    const bool isHolding = operation && QTest::qWaitFor([&by] { return by.cluster.isHolding(); });
    return isHolding ? operation : nullptr;
}

// The program ends after the effect, before it could say so.
inline bool goAwayUnsaid(Console &by, Operation *operation)
{
    by.desk.reset();
    by.cluster.give(Receipt{});
    return finished(operation) && QTest::qWaitFor([&by] { return by.operations->isIdle(); });
}

} // namespace signalbox::test
