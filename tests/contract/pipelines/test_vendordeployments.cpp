// Back to an older deployment of an environment: GitHub and GitLab, over HTTPS, on stand-ins that know what is true.
#include "services/pipelines/pipelineserver.h"
#include "services/promotions/vendorplace.h"
#include "tests/contract/pipelines/vendorstand.h"
#include "tests/support/httpwait.h"

#include <QTest>

using namespace signalbox;
using namespace signalbox::test;
using std::chrono::seconds;

namespace
{

const QString environmentName = QStringLiteral("staging");

QString problemOf(const Error &error)
{
    return errorKindName(error.kind) + QStringLiteral(": ") + error.message;
}

#define TOLD(name, future)                                                                                             \
    const auto name = waitFor(future);                                                                                 \
    QVERIFY2(name, name ? "" : qPrintable(problemOf(name.error())))

const Check *checkNamed(const Plan &plan, CheckId id)
{
    for (const Check &one : plan.checks) {
        if (one.id == id)
            return &one;
    }
    return nullptr;
}

} // namespace

class TestDeployments : public QObject
{
    Q_OBJECT

    std::unique_ptr<VendorStand> m_stand;
    QString m_project;

    DeploymentSource &source() { return *m_stand->server().deployments(); }
    StepRunner &runner() { return m_stand->server().runner(); }
    Result<EnvironmentDeployments> now() { return waitFor(source().deployments(m_project, environmentName, {})); }
    // The newest that succeeded with another commit than the one that is live.
    static const EnvironmentDeployment *older(const EnvironmentDeployments &told, int skip = 0)
    {
        for (const EnvironmentDeployment &one : told.all) {
            if (one.state == RunState::Passed && !one.isLive && one.whyNot.isEmpty() && told.live() &&
                one.commit != told.live()->commit && skip-- == 0)
                return &one;
        }
        return nullptr;
    }
    RedeployOrder orderFor(const QString &to)
    {
        RedeployOrder order;
        order.pipeline = {QStringLiteral("ci"), m_project, {}};
        order.environment = environmentName;
        order.to = to;
        order.application = QStringLiteral("cart");
        order.isProtected = false;
        order.reason = QStringLiteral("it is slow");
        return order;
    }
    Result<Observation> watched(const PlanStep &step, const Receipt &receipt)
    {
        for (int look = 0; look < 120; ++look) {
            const Result<Observation> seen = waitFor(runner().observe(step, receipt, {}));
            if (!seen || seen->state != Observation::State::Pending)
                return seen;
            m_stand->pass(seconds(10));
        }
        return Error{ErrorKind::TimedOut, QStringLiteral("never effective"), {}};
    }
    // As the journal keeps it (StepRunner::tookPlace).
    static PlanStep journaled(PlanStep step)
    {
        step.call.body.clear();
        step.undo.reset();
        step.diff.clear();
        return step;
    }

private slots:
    void initTestCase_data()
    {
        QTest::addColumn<QByteArray>("vendor");
        QTest::addColumn<QString>("project");
        QTest::newRow("GitHub") << QByteArray("github") << QStringLiteral("growth/recommender");
        QTest::newRow("GitLab") << QByteArray("gitlab") << QStringLiteral("platform/feature-store");
    }
    void init()
    {
        QFETCH_GLOBAL(QByteArray, vendor);
        QFETCH_GLOBAL(QString, project);
        m_project = project;
        m_stand = std::make_unique<VendorStand>(vendor);
        QString why;
        QVERIFY2(m_stand->isUp(&why), qPrintable(why));
        QVERIFY(m_stand->server().deployments());
    }
    void cleanup() { m_stand.reset(); }

    void environmentsAndWhatTheyGotAreListed()
    {
        TOLD(names, source().environments(m_project, {}));
        QVERIFY(names->contains(environmentName) && names->contains(QStringLiteral("production")));
        TOLD(told, source().deployments(m_project, environmentName, {}));
        QVERIFY(told->all.size() >= 3);
        QVERIFY(told->live());
        int live = 0;
        for (qsizetype i = 0; i < told->all.size(); ++i) {
            const EnvironmentDeployment &one = told->all.at(i);
            QCOMPARE(one.environment, environmentName);
            QCOMPARE(one.commit.size(), 40);
            QVERIFY(!one.ref.isEmpty() && !one.who.isEmpty() && one.at.isValid());
            QVERIFY2(!one.run.id.isEmpty() && !one.job.isEmpty(), qPrintable(one.id));
            QVERIFY(i == 0 || one.id.toLongLong() < told->all.at(i - 1).id.toLongLong());
            live += one.isLive ? 1 : 0;
        }
        QCOMPARE(live, 1);
    }

    // Where no cluster shows the environment, promotions know this much of it.
    void theListTellsWhatIsThereAndWhetherSomethingIsUnderWay()
    {
        const QString ci = QStringLiteral("ci");
        const auto read = [&](const QStringList &names) {
            return readVendorPlace(&source(), source(), ci, m_project, names, {});
        };
        const QStringList names{QStringLiteral("Deploy it?"), environmentName.toUpper()};
        TOLD(before, source().deployments(m_project, environmentName, {}));
        const EnvironmentDeployment *const target = older(*before);
        QVERIFY(target);
        TOLD(place, read(names));
        QCOMPARE(place->environment, environmentName);
        QVERIFY(place->live);
        QCOMPARE(place->live->id, before->live()->id);
        QVERIFY2(place->text().contains(m_project) && place->text().contains(place->live->commit.left(8)),
                 qPrintable(place->text()));
        const auto none = waitFor(read({QStringLiteral("moon")}));
        QVERIFY(!none);
        QCOMPARE(none.error().kind, ErrorKind::NotFound);
        QVERIFY2(none.error().message.contains(environmentName), qPrintable(none.error().message));
        // A deployment runs, and is over.
        TOLD(plan, source().plan(orderFor(target->id), {}));
        TOLD(receipt, runner().execute(plan->steps.first(), {}));
        bool wasBusy = false;
        for (int look = 0; look < 120 && !wasBusy; ++look) {
            TOLD(under, read(names));
            wasBusy = under->isBusy.value_or(false);
            m_stand->pass(seconds(3));
        }
        QVERIFY(wasBusy);
        const auto seen = watched(plan->steps.first(), *receipt);
        QVERIFY(seen && seen->state == Observation::State::Effective);
        TOLD(after, read(names));
        QVERIFY(after->live);
        QCOMPARE(after->live->commit, target->commit);
        QVERIFY(after->live->id != place->live->id);
    }

    void goesBackToAnOlderOne()
    {
        TOLD(before, source().deployments(m_project, environmentName, {}));
        const EnvironmentDeployment *const target = older(*before);
        QVERIFY(target);
        TOLD(plan, source().plan(orderFor(target->commit.left(8)), {}));
        QVERIFY2(!plan->isBlocked(), qPrintable(plan->checks.isEmpty() ? QString() : plan->checks.last().text));
        QVERIFY(plan->direction == Direction::Back);
        QCOMPARE(plan->environment, environmentName);
        QCOMPARE(plan->fromHash, before->live()->commit);
        QCOMPARE(plan->toHash, target->commit);
        QVERIFY(plan->to.contains(target->commit.left(8)));
        QCOMPARE(plan->steps.size(), 1);
        QCOMPARE(plan->steps.first().diff.size(), 2);
        const PlanStep step = plan->steps.first();
        const auto early = waitFor(runner().tookPlace(journaled(step), {}));
        QVERIFY(early && !*early);
        TOLD(receipt, runner().execute(step, {}));
        const auto late = waitFor(runner().tookPlace(journaled(step), {}));
        QVERIFY2(late && *late, late ? "" : qPrintable(problemOf(late.error())));
        const auto seen = watched(step, *receipt);
        QVERIFY2(seen, seen ? "" : qPrintable(problemOf(seen.error())));
        QVERIFY2(seen->state == Observation::State::Effective, qPrintable(seen->text + seen->blocker));
        TOLD(after, source().deployments(m_project, environmentName, {}));
        QVERIFY(after->live());
        QCOMPARE(after->live()->commit, target->commit);
        QCOMPARE(after->all.size() > before->all.size() || after->all.first().id != before->all.first().id, true);
        QVERIFY(after->live()->id != target->id); // a deployment of its own
        QCOMPARE(after->live()->who, QString::fromStdString(m_stand->world().me()));
        // After a crash there is no receipt: it is seen all the same.
        const auto again = waitFor(runner().observe(journaled(step), {}, {}));
        QVERIFY(again && again->state == Observation::State::Effective);
    }

    void whoeverWasFasterIsNotOverwritten()
    {
        TOLD(before, source().deployments(m_project, environmentName, {}));
        const EnvironmentDeployment *const first = older(*before);
        const EnvironmentDeployment *const second = older(*before, 1);
        QVERIFY(first && second);
        TOLD(slow, source().plan(orderFor(second->id), {}));
        TOLD(fast, source().plan(orderFor(first->id), {}));
        TOLD(receipt, runner().execute(fast->steps.first(), {}));
        const auto seen = watched(fast->steps.first(), *receipt);
        QVERIFY(seen && seen->state == Observation::State::Effective);
        const auto refused = waitFor(runner().execute(slow->steps.first(), {}));
        QVERIFY(!refused);
        QVERIFY2(refused.error().kind == ErrorKind::Conflict, qPrintable(problemOf(refused.error())));
        TOLD(after, source().deployments(m_project, environmentName, {}));
        QCOMPARE(after->live()->commit, first->commit);
    }

    void whatIsLiveIsWarnedOfAndWhatIsNotThereIsNamed()
    {
        TOLD(told, source().deployments(m_project, environmentName, {}));
        TOLD(same, source().plan(orderFor(told->live()->id), {}));
        const Check *const check = checkNamed(*same, CheckId::SameState);
        QVERIFY(check && check->state == CheckState::Warn);
        for (const QString &to : {QStringLiteral("7"), QStringLiteral("ffffffffff"), QString()}) {
            const auto none = waitFor(source().plan(orderFor(to), {}));
            QVERIFY(!none);
            QCOMPARE(none.error().kind, ErrorKind::NotFound);
            QVERIFY2(none.error().message.contains(told->all.first().id), qPrintable(none.error().message));
        }
    }

    void othersKeepNoEnvironments_data()
    {
        QTest::addColumn<QByteArray>("other");
        QTest::newRow("Jenkins") << QByteArray("jenkins");
        QTest::newRow("Travis CI") << QByteArray("travis");
    }
    void othersKeepNoEnvironments()
    {
        QFETCH(QByteArray, other);
        VendorStand stand(other);
        QString why;
        QVERIFY2(stand.isUp(&why), qPrintable(why));
        QVERIFY(!stand.server().deployments());
    }
};

QTEST_GUILESS_MAIN(TestDeployments)
#include "test_vendordeployments.moc"
