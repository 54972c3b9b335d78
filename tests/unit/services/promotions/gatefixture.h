#pragma once

#include "tests/support/fakepipelineserver.h"
#include "tests/unit/services/promotions/promotionshop.h"

namespace signalbox::test
{

// cart goes to production by the gate of ci that is called so.
inline QByteArray gatedPolicy(const QByteArray &gate = "production")
{
    return cartPolicy("    execution: {by: vendorGate, connection: ci, gate: " + gate + "}\n");
}

// A shop where that gate carries the promotion out that dan asks for and bob agrees to.
struct GateShop : PromotionShop
{
    explicit GateShop(const QByteArray &gate = "production")
        : PromotionShop(gatedPolicy(gate))
    {
        dan->gates = &gates;
    }
    bool isAgreedOn()
    {
        id = ask(*dan);
        return bool(approve(*bob, id));
    }

    FakeGates gates{u("ci")};
    const std::unique_ptr<Console> dan = console("dan");
    const std::unique_ptr<Console> bob = console("bob");
    QString id; // the promotion's, once it was asked for
};

// A shop for every test, gates as ci lists them, and deployments as it tells of them.
class GateFixture : public QObject
{
    Q_OBJECT
private slots:
    void init() { m_shop = std::make_unique<PromotionShop>(); }

protected:
    static GateOrder order(char commit, const QString &environment = u("production"), bool approves = true)
    {
        Run run = runOf(pipelineOf(u("ci"), u("shop/cart"), u("release")), 7, RunState::Waiting, 9);
        run.commit = QString(40, QLatin1Char(commit));
        GateOrder made;
        made.gate = gateOf(run, u("7-1"), environment, 5);
        made.approves = approves;
        made.application = u("cart");
        return made;
    }
    static QList<Check> blocks(const Plan &plan)
    {
        QList<Check> found;
        for (const Check &check : plan.checks) {
            if (check.state == CheckState::Block)
                found.append(check);
        }
        return found;
    }
    static QString textOf(const QList<Check> &checks)
    {
        QStringList lines;
        for (const Check &check : checks)
            lines.append(QStringLiteral("%1: %2 -> %3").arg(check.text, check.detail, check.wayOut));
        return lines.join(u'\n');
    }
    static EnvironmentDeployment deployment(const QString &id, char commit, RunState state, bool isLive = false)
    {
        EnvironmentDeployment one;
        one.id = id;
        one.environment = u("Production");
        one.ref = u("v") + id;
        one.commit = QString(40, QLatin1Char(commit));
        one.state = state;
        one.isLive = isLive;
        one.at = QDateTime::currentDateTimeUtc().addSecs(-60);
        return one;
    }
    static FakeDeployments &fill(FakeDeployments &told)
    {
        told.names = {u("production")};
        told.known[u("production")] = {deployment(u("41"), '1', RunState::Passed, true)};
        return told;
    }

    std::unique_ptr<PromotionShop> m_shop;
};

} // namespace signalbox::test
