// Going back by a commit: which releases a repository has named, what undoing them changes, signed where it can be,
// and only onto the commit that was seen.
#include "services/promotions/gitopsrollback.h"
#include "services/promotions/revertplan.h"
#include "services/promotions/revertsteps.h"
#include "tests/support/fleetrepository.h"
#include "tests/unit/services/promotions/promotionworld.h"

#include <QDir>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

// What a cluster keeps: one live revision and one before it.
class KeptRevisions : public RollbackProvider
{
public:
    QFuture<Result<QList<RollbackTarget>>> targets(ObjectRef, StopToken) override
    {
        RollbackTarget live;
        live.revision.templateHash = u("aaaaaaaaaa");
        live.isLive = true;
        RollbackTarget before;
        before.revision.templateHash = u("bbbbbbbbbb");
        before.isSuggested = true;
        return ready(Result<QList<RollbackTarget>>(QList<RollbackTarget>{live, before}));
    }
    QFuture<Result<Plan>> plan(RollbackOrder order, StopToken) override
    {
        Plan plan;
        plan.toHash = order.to.isEmpty() ? u("bbbbbbbbbb") : order.to;
        return ready(Result<Plan>(plan));
    }
};

} // namespace

class TestReverts : public QObject
{
    Q_OBJECT

    std::unique_ptr<FleetRepository> m_fleet;
    FakeDeployer m_deployer;

    QByteArray git(const QStringList &arguments) const { return m_fleet->git(arguments); }
    static QByteArray manifest(char digit, const QByteArray &replicas = "2")
    {
        return "spec:\n  replicas: " + replicas +
               "\n  containers:\n    - name: web\n      image: registry.example/cart:1." + digit + "@" +
               digestOf(digit).toLatin1() + "\n";
    }
    QString push(const QByteArray &content, const QString &message, const QString &file = u("apps/cart.yaml")) const
    {
        return m_fleet->push(file, content, message);
    }
    QByteArray atRemote(const QString &what) const { return m_fleet->atRemote(what); }
    QByteArray remoteTip() const { return m_fleet->remoteTip(); }
    RevertSteps::Sources sources(bool hasKey = true)
    {
        RevertSteps::Sources sources;
        sources.cacheFolder = m_fleet->filePath(u("cache"));
        sources.access = &FleetRepository::access;
        sources.signer = [this, hasKey](StopToken) {
            return ready(hasKey ? Result<std::shared_ptr<ssh::Signer>>(m_fleet->signer())
                                : Result<std::shared_ptr<ssh::Signer>>(
                                      Error{ErrorKind::Refused, u("the agent is locked."), {}}));
        };
        sources.deployer = [this](const QString &) { return &m_deployer; };
        return sources;
    }
    std::unique_ptr<RevertSteps> steps(bool hasKey = true) { return std::make_unique<RevertSteps>(sources(hasKey)); }
    policy::Execution execution() const { return m_fleet->follows(u("apps/cart.yaml")); }
    static RollbackOrder order(const QString &to = {})
    {
        RollbackOrder one;
        one.connection = u("eu");
        one.ns = u("production");
        one.application = u("cart");
        one.environment = u("production");
        one.workload = {u("eu"), u("apps"), u("Deployment"), u("production"), u("cart"), u("u1")};
        one.to = to;
        return one;
    }
    void runs(char digit)
    {
        m_deployer.releases.insert(u("production"),
                                   runningRelease(order().workload, u("registry.example/cart"), digit));
    }

private slots:
    void init()
    {
        m_deployer.isReachable = true;
        m_fleet = std::make_unique<FleetRepository>();
        QVERIFY(m_fleet->isReady());
        push(manifest('1'), u("Start"));
        push(manifest('2'), u("Release 2"));
        push("other\n", u("Something else"), u("apps/other.yaml"));
        push(manifest('2', "3"), u("Scale")); // the file, not the release
        push(manifest('3', "3"), u("Release 3"));
        runs('3');
    }

    void goesBackByASignedCommit()
    {
        const auto one = steps();
        const QByteArray before = remoteTip();
        const auto plan = awaited(one->plan(execution(), order(), {}));
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        QVERIFY(!plan->isBlocked());
        QCOMPARE(plan->direction, Direction::Back);
        QCOMPARE(plan->toHash, digestOf('2'));
        const PlanStep step = plan->steps.first();
        QCOMPARE(std::count_if(step.diff.begin(), step.diff.end(),
                               [](const DiffLine &line) { return line.kind == DiffLine::Kind::Added; }),
                 1);
        QCOMPARE(remoteTip(), before);
        const auto receipt = awaited(one->execute(step, {}));
        QVERIFY2(receipt, qPrintable(receipt ? QString() : receipt.error().message));
        QCOMPARE(atRemote(u("main:apps/cart.yaml")), manifest('2', "3")); // what else was changed stays
        git({u("fetch"), u("-q"), u("origin")});
        QCOMPARE(git({u("rev-parse"), u("origin/main~1")}), before);
        const QByteArray message = git({u("log"), u("-1"), u("--format=%B"), u("origin/main")});
        QVERIFY2(message.startsWith("Revert \"Release 3\"") && message.contains("Operation: " + plan->id.toLatin1()),
                 message.constData());
        const Ran proven = m_fleet->verified(u("main"));
        QVERIFY2(proven.status == 0, qPrintable(proven.text()));
        auto seen = awaited(one->observe(step, *receipt, {}));
        QVERIFY(seen && seen->state == Observation::State::Pending);
        QVERIFY2(seen->blocker.contains(m_fleet->address()), qPrintable(seen->blocker));
        runs('2');
        seen = awaited(one->observe(step, *receipt, {}));
        QVERIFY(seen && seen->state == Observation::State::Effective);
        PlanStep journaled = step; // as a crash leaves it
        journaled.call.body.clear();
        journaled.diff.clear();
        const auto took = awaited(one->tookPlace(journaled, {}));
        QVERIFY(took && *took);
    }

    void theWayBackFromAWayBackIsNotTheBadOne()
    {
        const auto one = steps();
        const auto first = awaited(one->plan(execution(), order(), {}));
        QVERIFY(first && awaited(one->execute(first->steps.first(), {})));
        runs('2');
        const auto targets = awaited(one->targets(execution(), order().workload, u("cart"), {}));
        QVERIFY2(targets, qPrintable(targets ? QString() : targets.error().message));
        QStringList versions;
        for (const RollbackTarget &target : *targets)
            versions.append(target.version + (target.isSuggested ? u("!") : QString()));
        QCOMPARE(versions, QStringList({u("1.2"), u("1.3"), u("1.2"), u("1.1!")}));
        QVERIFY(targets->first().isLive);
        const auto second = awaited(one->plan(execution(), order(), {}));
        QVERIFY2(second, qPrintable(second ? QString() : second.error().message));
        QCOMPARE(second->toHash, digestOf('1'));
        const auto receipt = awaited(one->execute(second->steps.first(), {}));
        QVERIFY2(receipt, qPrintable(receipt ? QString() : receipt.error().message));
        QCOMPARE(atRemote(u("main:apps/cart.yaml")), manifest('1', "3"));
    }

    void somebodyPushedInBetween()
    {
        const auto one = steps();
        const auto plan = awaited(one->plan(execution(), order(), {}));
        QVERIFY(plan);
        const auto notYet = awaited(one->tookPlace(plan->steps.first(), {}));
        QVERIFY(notYet && !*notYet);
        push("else\n", u("In between"), u("apps/other.yaml"));
        const QByteArray tip = remoteTip();
        const auto receipt = awaited(one->execute(plan->steps.first(), {}));
        QVERIFY(!receipt);
        QCOMPARE(receipt.error().kind, ErrorKind::Conflict);
        QCOMPARE(remoteTip(), tip);
        const auto never = awaited(one->tookPlace(plan->steps.first(), {}));
        QVERIFY(never && !*never);
    }

    void aLockedKeyDoesNotStandInTheWay()
    {
        const auto one = steps(false);
        const auto plan = awaited(one->plan(execution(), order(), {}));
        QVERIFY(plan);
        const auto receipt = awaited(one->execute(plan->steps.first(), {}));
        QVERIFY2(receipt, qPrintable(receipt ? QString() : receipt.error().message));
        QCOMPARE(atRemote(u("main:apps/cart.yaml")), manifest('2', "3"));
        runs('2');
        const auto seen = awaited(one->observe(plan->steps.first(), *receipt, {}));
        QVERIFY(seen && seen->state == Observation::State::Effective);
        QVERIFY2(seen->text.contains(u("the agent is locked")), qPrintable(seen->text));
    }

    void aKeyThatNobodyTouchesDoesNotEither()
    {
        RevertSteps::Sources quiet = sources();
        QPromise<Result<std::shared_ptr<ssh::Signer>>> silent;
        silent.start();
        quiet.signer = [&silent](StopToken) { return silent.future(); };
        quiet.signedWithin = std::chrono::milliseconds(50);
        RevertSteps one(quiet);
        const auto plan = awaited(one.plan(execution(), order(), {}));
        QVERIFY(plan);
        const auto receipt = awaited(one.execute(plan->steps.first(), {}));
        QVERIFY2(receipt, qPrintable(receipt ? QString() : receipt.error().message));
        QCOMPARE(atRemote(u("main:apps/cart.yaml")), manifest('2', "3"));
        const auto seen = awaited(one.observe(plan->steps.first(), *receipt, {}));
        QVERIFY(seen && seen->text.contains(u("unsigned")));
        silent.finish();
    }

    void aClusterThatCannotBeReadDoesNotEither()
    {
        m_deployer.isReachable = false;
        const auto one = steps();
        const auto targets = awaited(one->targets(execution(), order().workload, u("cart"), {}));
        QVERIFY2(targets, qPrintable(targets ? QString() : targets.error().message));
        QCOMPARE(targets->first().version, u("1.3"));
        const auto plan = awaited(one->plan(execution(), order(), {}));
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        QVERIFY(!plan->isBlocked());
        QVERIFY(std::any_of(plan->checks.begin(), plan->checks.end(), [](const Check &check) {
            return check.state == CheckState::Warn && check.detail == u("the cluster is away");
        }));
        const auto receipt = awaited(one->execute(plan->steps.first(), {}));
        QVERIFY2(receipt, qPrintable(receipt ? QString() : receipt.error().message));
        QCOMPARE(atRemote(u("main:apps/cart.yaml")), manifest('2', "3"));
        QVERIFY(!awaited(one->observe(plan->steps.first(), *receipt, {}))); // nothing is said to be seen
        // Which of two images it would be, only the cluster tells.
        push(manifest('2') + "    - name: side\n      image: registry.example/side:1.0\n", u("A sidecar"));
        const auto unknown = awaited(one->plan(execution(), order(), {}));
        QVERIFY(!unknown);
        QCOMPARE(unknown.error().message, u("the cluster is away"));
    }

    void whatChangedAgainKeepsAllButTheImage()
    {
        const auto pulled = [](char digit) {
            return manifest(digit, "3").replace("      image", "      pullPolicy: Always\n      image");
        };
        push(pulled('3'), u("Always pull"));
        const auto one = steps();
        const auto plan = awaited(one->plan(execution(), order(), {}));
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        QVERIFY(!plan->isBlocked());
        QVERIFY(std::any_of(plan->checks.begin(), plan->checks.end(), [](const Check &check) {
            return check.id == CheckId::TargetExists && check.state == CheckState::Warn &&
                   check.text.contains(u("apps/cart.yaml"));
        }));
        const auto receipt = awaited(one->execute(plan->steps.first(), {}));
        QVERIFY2(receipt, qPrintable(receipt ? QString() : receipt.error().message));
        QCOMPARE(atRemote(u("main:apps/cart.yaml")), pulled('2'));
        const auto took = awaited(one->tookPlace(plan->steps.first(), {}));
        QVERIFY(took && *took);
    }

    // A squashed commit released two applications: the other one's release stays.
    void whatElseACommitChangedStays()
    {
        writeFile(m_fleet->copy() + u("/apps/other.yaml"), "released as well\n");
        push(manifest('4', "3"), u("Release 4 and the other one"));
        runs('4');
        const auto one = steps();
        const auto plan = awaited(one->plan(execution(), order(), {}));
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        QVERIFY(std::any_of(plan->checks.begin(), plan->checks.end(), [](const Check &check) {
            return check.state == CheckState::Warn && check.detail.contains(u("apps/other.yaml"));
        }));
        QVERIFY(awaited(one->execute(plan->steps.first(), {})));
        QCOMPARE(atRemote(u("main:apps/cart.yaml")), manifest('3', "3"));
        QCOMPARE(atRemote(u("main:apps/other.yaml")), QByteArray("released as well\n"));
    }

    void aFileThatNeverWasIsToldSo()
    {
        policy::Execution by = execution();
        by.file = u("apps/typo.yaml");
        const auto one = steps();
        const auto plan = awaited(one->plan(by, order(), {}));
        QVERIFY(!plan);
        QCOMPARE(plan.error().kind, ErrorKind::NotFound);
        QVERIFY2(plan.error().message.contains(by.file), qPrintable(plan.error().message));
        QVERIFY(!awaited(one->targets(by, order().workload, u("cart"), {})));
    }

    // No name was wrong: the command line tells that from a usage error.
    void nothingToGoBackToIsARefusal()
    {
        QCOMPARE(chosenRevision({}, {}, execution()).error().kind, ErrorKind::Refused);
        QCOMPARE(chosenRevision({}, u("0123456"), execution()).error().kind, ErrorKind::NotFound);
    }

    // Somewhere that never answers: the cluster's revisions are offered.
    void aSilentRepositoryIsNotWaitedFor()
    {
        RevertSteps::Sources sources;
        QPromise<Result<git::RemoteAccess>> never;
        never.start();
        sources.access = [&never](const QString &, StopToken) { return never.future(); };
        sources.deployer = [this](const QString &) { return &m_deployer; };
        RevertSteps silent(sources);
        GitopsRollback rollback(
            std::make_unique<KeptRevisions>(), silent,
            [](const ObjectRef &) {
                return GitopsRollback::Place{u("cart"), u("production")};
            },
            [&](const QString &, const QString &, const StopToken &) {
                return ready(Result<std::optional<policy::Execution>>(std::optional(execution())));
            });
        const auto plan = awaited(rollback.plan(order(), {}), 12);
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        QCOMPARE(plan->toHash, u("bbbbbbbbbb"));
        QVERIFY2(plan->checks.first().text.contains(u("no answer")), qPrintable(plan->checks.first().text));
        never.addResult(Result<git::RemoteAccess>(Error{}));
        never.finish();
    }

    void aRevisionIsNamedByItsCommit()
    {
        const auto one = steps();
        const QString first = QString::fromLatin1(git({u("rev-parse"), u("HEAD~4")}));
        const auto plan = awaited(one->plan(execution(), order(first.left(8)), {}));
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        QCOMPARE(plan->toHash, digestOf('1'));
        const auto unknown = awaited(one->plan(execution(), order(u("0123456")), {}));
        QVERIFY(!unknown);
        QCOMPARE(unknown.error().kind, ErrorKind::NotFound);
    }

    void aPromotionsCommitIsTakenBack()
    {
        GitopsSteps::Sources sources;
        sources.cacheFolder = m_fleet->filePath(u("cache"));
        sources.access = &FleetRepository::access;
        sources.signer = [this](StopToken) { return ready(Result<std::shared_ptr<ssh::Signer>>(m_fleet->signer())); };
        sources.deployer = [this](const QString &) { return &m_deployer; };
        GitopsSteps promotions(sources);
        GitopsSteps::Order promoted;
        promoted.execution = execution();
        promoted.application = u("cart");
        promoted.environment = u("production");
        promoted.target = m_deployer.releases.value(u("production"));
        promoted.tag = u("1.7");
        promoted.digest = digestOf('7');
        promoted.promotion = u("01JD2M8RAAAAAAAAAAAAAAAAAA");
        const auto plan = awaited(promotions.plan(promoted, {}));
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        QVERIFY(awaited(promotions.execute(plan->steps.first(), {})));
        push("else\n", u("Behind it"), u("apps/other.yaml"));
        const auto one = steps();
        FakeStepRunner cluster;
        PromotionRunner runner(
            cluster, [] { return nullptr; }, one.get());
        const auto step = awaited(runner.reversal(*plan, {plan->steps.first().id}, {}));
        QVERIFY2(step, qPrintable(step ? QString() : step.error().message));
        QVERIFY(awaited(runner.execute(*step, {})));
        QCOMPARE(atRemote(u("main:apps/cart.yaml")), manifest('3', "3"));
        runs('3');
        const auto seen = awaited(runner.observe(*step, {}, {}));
        QVERIFY(seen && seen->state == Observation::State::Effective);
    }

    void theClustersRevisionsStayBehindTheCommits()
    {
        const auto one = steps();
        policy::Execution by = execution();
        std::optional<Error> ledgerIsBroken;
        GitopsRollback rollback(
            std::make_unique<KeptRevisions>(), *one,
            [](const ObjectRef &) {
                return GitopsRollback::Place{u("cart"), u("production")};
            },
            [&](const QString &, const QString &, const StopToken &) {
                using Answer = Result<std::optional<policy::Execution>>;
                return ready(ledgerIsBroken            ? Answer(*ledgerIsBroken)
                             : by.repository.isEmpty() ? Answer(std::nullopt)
                                                       : Answer(std::optional(by)));
            });
        const auto first = [](const auto &list) { return list->at(0).revision.templateHash; };
        auto targets = awaited(rollback.targets(order().workload, {}));
        QVERIFY(targets && targets->size() == 4); // three commits, one revision of the cluster
        QCOMPARE(first(targets), QString::fromLatin1(remoteTip().left(12)));
        QVERIFY(!targets->last().isSuggested && targets->last().readiness.first().state == CheckState::Warn);
        auto plan = awaited(rollback.plan(order(u("bbbbbbbbbb")), {}));
        QVERIFY(plan && plan->toHash == u("bbbbbbbbbb") && plan->checks.first().state == CheckState::Warn);
        plan = awaited(rollback.plan(order(), {}));
        QVERIFY(plan && plan->toHash == digestOf('2'));
        // The repository is away: what the cluster keeps is offered, and says so.
        QVERIFY(QDir().rename(m_fleet->address(), m_fleet->address() + u(".away")));
        plan = awaited(rollback.plan(order(), {}));
        QVERIFY(plan && plan->toHash == u("bbbbbbbbbb") && plan->checks.first().state == CheckState::Warn);
        ledgerIsBroken = Error{ErrorKind::Refused, u("the chain is cut"), {}};
        plan = awaited(rollback.plan(order(), {}));
        QVERIFY(plan && plan->checks.first().id == CheckId::Policy);
        // No repository is followed: as if there were no such thing.
        ledgerIsBroken.reset();
        by.repository.clear();
        plan = awaited(rollback.plan(order(), {}));
        QVERIFY(plan && plan->checks.isEmpty());
        targets = awaited(rollback.targets(order().workload, {}));
        QVERIFY(targets && targets->size() == 2 && first(targets) == u("aaaaaaaaaa"));
    }
};

QTEST_GUILESS_MAIN(TestReverts)
#include "test_reverts.moc"
