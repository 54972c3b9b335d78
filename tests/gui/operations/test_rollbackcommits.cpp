// The Rollback page where a repository says what runs: the commits that named earlier releases, the revert in sight,
// the hold, and one signed commit on exactly what was seen. The repository and git are real.
#include "services/promotions/gitopsrollback.h"
#include "services/promotions/revertsteps.h"
#include "tests/gui/operations/operationconsole.h"
#include "tests/support/fleetrepository.h"
#include "tests/unit/services/promotions/promotionworld.h"
#include "ui/pages/rollback/rollbackpage.h"
#include "ui/widgets/holdbutton.h"

#include <QListView>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

QByteArray manifest(char digit)
{
    return QByteArray("spec:\n  containers:\n    - name: web\n      image: registry.example/support:1.") + digit + "@" +
           digestOf(digit).toLatin1() + "\n";
}

} // namespace

class TestRollbackCommits : public QObject
{
    Q_OBJECT

    struct World : OperationConsole
    {
        FakeDeployer deployer;
        std::unique_ptr<RevertSteps> reverts;
        std::unique_ptr<StepRunner> cluster; // what is left of the connection's own
        std::unique_ptr<RollbackPage> page;

        ~World() { page.reset(); }
        HoldButton *hold() const { return page->findChild<HoldButton *>(u("holdButton")); }
        QListView *list() const { return page->findChild<QListView *>(u("rollbackChoices")); }
        QStringList rows() const
        {
            QStringList all;
            for (int row = 0; row < list()->model()->rowCount(); ++row)
                all << list()->model()->index(row, 0).data().toString();
            return all;
        }
    };

    QString push(char digit) const
    {
        return m_fleet->push(u("support.yaml"), manifest(digit), u("Release 1.") + QLatin1Char(digit));
    }
    static void runs(World &world, char digit)
    {
        const ObjectRef workload = world.support().tracks.first().workloads.first();
        world.deployer.releases.insert(workload.ns, runningRelease(workload, u("registry.example/support"), digit));
    }

    // The connection as the session makes it, over the cluster that the console's world has.
    std::unique_ptr<World> open() const
    {
        auto world = std::make_unique<World>();
        runs(*world, '3');
        RevertSteps::Sources sources;
        sources.cacheFolder = m_fleet->filePath(u("cache"));
        sources.access = &FleetRepository::access;
        sources.signer = [this](StopToken) { return ready(Result<std::shared_ptr<ssh::Signer>>(m_fleet->signer())); };
        sources.deployer = [deployer = &world->deployer](const QString &) { return deployer; };
        world->reverts = std::make_unique<RevertSteps>(sources);
        const policy::Execution execution = m_fleet->follows(u("support.yaml"));
        ClusterConnection &connection = *world->clusters.find(u("prod-eu"));
        connection.rollback = std::make_unique<GitopsRollback>(
            std::move(connection.rollback), *world->reverts,
            [](const ObjectRef &workload) {
                return workload.name == u("smart-support")
                           ? std::optional(GitopsRollback::Place{u("smart-support"), u("production")})
                           : std::nullopt;
            },
            [execution](const QString &, const QString &, const StopToken &) {
                return ready(Result<std::optional<policy::Execution>>(std::optional(execution)));
            });
        world->cluster = std::move(connection.runner);
        connection.runner = std::make_unique<PromotionRunner>(
            *world->cluster, [] { return std::shared_ptr<PromotionSteps>(); }, world->reverts.get());
        world->page = std::make_unique<RollbackPage>(*world->context);
        world->page->resize(1200, 800);
        world->page->show();
        QApplication::setActiveWindow(world->page.get());
        NavigationTarget target;
        target.deployedKey = u("prod-eu|production|smart-support");
        world->page->open(target);
        world->takeClock(world->hold());
        return world;
    }

    std::unique_ptr<FleetRepository> m_fleet;
    QStringList m_commits; // of 1.1, 1.2 and 1.3

private slots:
    void init()
    {
        m_fleet = std::make_unique<FleetRepository>();
        QVERIFY(m_fleet->isReady());
        m_commits = {push('1'), push('2'), push('3')};
    }

    void goesBackByACommit()
    {
        const auto world = open();
        const QByteArray before = m_fleet->remoteTip();
        QTRY_VERIFY_WITH_TIMEOUT(!world->hold()->fingerprint().isEmpty(), 20000);
        // Commits first, the newest that is not live suggested; what the cluster keeps stands behind them.
        QVERIFY2(world->rows().size() > 3, qPrintable(world->rows().join(u'\n')));
        const QString suggested = world->list()->currentIndex().data().toString();
        QVERIFY2(suggested.startsWith(u("1.2 ")) && suggested.contains(m_commits.at(1).left(9)), qPrintable(suggested));
        QTest::keyClick(world->list(), Qt::Key_Return);
        QTRY_VERIFY(world->hold()->hasFocus());
        world->press(world->hold(), 300); // going back takes 400 ms
        QTest::qWait(200);
        QCOMPARE(m_fleet->remoteTip(), before);
        QTRY_VERIFY(!world->hold()->fingerprint().isEmpty());
        world->press(world->hold(), 400);
        QTRY_VERIFY_WITH_TIMEOUT(m_fleet->remoteTip() != before, 20000);
        QCOMPARE(m_fleet->atRemote(u("main:support.yaml")), manifest('2'));
        QCOMPARE(runTool(u("git"), {u("-C"), m_fleet->address(), u("rev-parse"), u("main~1")}).out.trimmed(), before);
        const QByteArray message =
            runTool(u("git"), {u("-C"), m_fleet->address(), u("log"), u("-1"), u("--format=%B"), u("main")}).out;
        QVERIFY2(message.startsWith("Revert \"Release 1.3\""), message.constData());
        const Operation *operation = world->operation();
        QVERIFY(operation && !operation->isFinished()); // done is what the cluster shows, not what was pushed
        runs(*world, '2');
        QVERIFY(world->reach(OperationState::Finished));
        QCOMPARE(operation->outcome()->kind, OutcomeKind::Done);
        QCOMPARE(world->executed(), 0); // nothing was written to the cluster

        const Ran proven = m_fleet->verified(u("main"));
        QVERIFY2(proven.status == 0, qPrintable(proven.text()));
    }

    void anEarlierCommitIsChosenWithArrows()
    {
        const auto world = open();
        QTRY_VERIFY_WITH_TIMEOUT(!world->hold()->fingerprint().isEmpty(), 20000);
        QTest::keyClick(world->list(), Qt::Key_Down);
        const QString chosen = world->list()->currentIndex().data().toString();
        QVERIFY2(chosen.startsWith(u("1.1 ")) && chosen.contains(m_commits.at(0).left(9)), qPrintable(chosen));
        QTRY_VERIFY_WITH_TIMEOUT(!world->hold()->fingerprint().isEmpty() && world->operation() &&
                                     world->operation()->plan().toHash == digestOf('1'),
                                 20000);
    }

    // Somebody pushes between the plan and the hold: nothing of theirs is lost.
    void whatWasPushedMeanwhileStays()
    {
        const auto world = open();
        QTRY_VERIFY_WITH_TIMEOUT(!world->hold()->fingerprint().isEmpty(), 20000);
        const QString theirs = push('4');
        QTest::keyClick(world->list(), Qt::Key_Return);
        QTRY_VERIFY(world->hold()->hasFocus());
        world->press(world->hold(), 400);
        QVERIFY(world->reach(OperationState::Finished));
        QCOMPARE(world->operation()->outcome()->kind, OutcomeKind::Conflict);
        QCOMPARE(QString::fromLatin1(m_fleet->remoteTip()), theirs);
        QCOMPARE(world->executed(), 0);
    }
};

QTEST_MAIN(TestRollbackCommits)
#include "test_rollbackcommits.moc"
