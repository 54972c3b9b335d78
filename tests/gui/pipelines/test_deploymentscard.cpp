// The deployments of an environment on the Pipelines screen, and the way back to one of them.
#include "services/operations/operation.h"
#include "tests/gui/pipelines/pipelineworld.h"
#include "tests/gui/promotions/fakedesk.h"
#include "ui/pages/changes/changerows.h"
#include "ui/pages/pipelines/deploymentscard.h"
#include "ui/pages/pipelines/pipelinespage.h"
#include "ui/pages/pipelines/pipelinespresenter.h"
#include "ui/shell/mainwindow.h"
#include "ui/theme/theme.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/holdbutton.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/timetext.h"

#include <QApplication>
#include <QDialog>
#include <QPushButton>
#include <QTest>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

EnvironmentDeployment deployedBefore(int id, const char *ref, RunState state, bool isLive)
{
    EnvironmentDeployment one;
    one.id = QString::number(id);
    one.environment = QStringLiteral("production");
    one.ref = QString::fromLatin1(ref);
    one.commit = QString(40, QLatin1Char('a'));
    one.who = QStringLiteral("wei");
    one.at = QDateTime::currentDateTimeUtc().addSecs(-3600 * (100 - id));
    one.state = state;
    one.isLive = isLive;
    one.run.id = QStringLiteral("7");
    one.job = QStringLiteral("70");
    one.jobName = QStringLiteral("deploy");
    return one;
}

// The clock of all ages stands still so many seconds from now.
struct FrozenHour
{
    explicit FrozenHour(int seconds) { AgeTicker::freezeAt(QDateTime::currentDateTimeUtc().addSecs(seconds)); }
    ~FrozenHour() { thaw(); }
    static void thaw() { AgeTicker::freezeAt({}); }
};

struct Desk
{
    Desk()
    {
        const PageEntry entry{
            QStringLiteral("pipelines"), QStringLiteral("Pipelines"), 2,
            [](ConsoleContext &context, QWidget *parent) -> Page * { return new PipelinesPage(context, parent); }};
        window = std::make_unique<MainWindow>(*world.context, QList<PageEntry>{entry});
        window->resize(1440, 900);
        for (FakePipelineServer *server : {world.jenkins, world.github, world.gitlab}) {
            server->fakeDeployments = std::make_unique<FakeDeployments>(server->fakeSource.connection());
            FakeDeployments &fake = *server->fakeDeployments;
            fake.names = {QStringLiteral("staging"), QStringLiteral("production")};
            EnvironmentDeployment gone = deployedBefore(88, "v0.9", RunState::Passed, false);
            gone.whyNot = QStringLiteral("No job made it.");
            fake.known.insert(QStringLiteral("production"),
                              {deployedBefore(92, "v1.2", RunState::Failed, false),
                               deployedBefore(91, "v1.1", RunState::Passed, true),
                               deployedBefore(90, "v1.0", RunState::Passed, false), gone});
        }
    }
    void start()
    {
        world.start();
        window->show();
        window->go({QStringLiteral("pipelines"), {}, {}, {}, {}, {}});
        QVERIFY(QTest::qWaitForWindowActive(window.get()));
    }
    template <typename T>
    T *named(const char *name) const
    {
        return window->findChild<T *>(QString::fromLatin1(name));
    }
    Panel &panel() const { return *named<Panel>("deploymentsPanel"); }
    RowList &list() const { return *named<RowList>("deploymentsList"); }
    QPushButton &back() const { return *named<QPushButton>("redeployButton"); }
    // The page is left, and looked at again.
    void leaveAndComeBack() const
    {
        auto &card = *named<DeploymentsCard>("deploymentsPanel");
        card.setActive(false);
        card.setActive(true);
    }
    template <typename Change>
    void forEach(Change change) const
    {
        for (FakePipelineServer *server : {world.jenkins, world.github, world.gitlab})
            change(*server->fakeDeployments);
    }
    QString row(int at) const { return list().model()->index(at, 0).data(Qt::AccessibleTextRole).toString(); }
    void choose(int at) { list().setCurrentIndex(list().model()->index(at, 0)); }
    FakeDeployments *asked() const
    {
        for (FakePipelineServer *server : {world.jenkins, world.github, world.gitlab}) {
            if (server->fakeDeployments && !server->fakeDeployments->orders.isEmpty())
                return server->fakeDeployments.get();
        }
        return nullptr;
    }

    PipelineWorld world;
    std::unique_ptr<MainWindow> window;
};

} // namespace

class TestDeploymentsCard : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase() { m_theme = std::make_unique<Theme>(*qApp); }
    void cleanupTestCase() { m_theme.reset(); }

    void isNotThereForVendorsWithoutEnvironments()
    {
        Desk desk;
        for (FakePipelineServer *server : {desk.world.jenkins, desk.world.github, desk.world.gitlab})
            server->fakeDeployments.reset();
        desk.start();
        QTRY_VERIFY(desk.named<RowList>("runsList")->model()->rowCount() > 0);
        QVERIFY(desk.panel().isHidden());
    }

    void listsWhatTheEnvironmentGot()
    {
        Desk desk;
        desk.start();
        QTRY_COMPARE(desk.list().model()->rowCount(), 4);
        QTRY_COMPARE(desk.panel().state(), Panel::State::Content);
        QCOMPARE(desk.named<ChipButton>("deploymentsEnvironment")->chosen(), QStringLiteral("production"));
        QVERIFY(desk.row(0).contains(QStringLiteral("v1.2")) && desk.row(0).contains(QStringLiteral("wei")));
        QVERIFY(desk.row(1).contains(QStringLiteral("live")));
        QVERIFY(!desk.row(2).contains(QStringLiteral("live")));
    }

    void anEnvironmentWithoutAnySaysSo()
    {
        Desk desk;
        desk.start();
        QTRY_COMPARE(desk.list().model()->rowCount(), 4);
        desk.named<ChipButton>("deploymentsEnvironment")->setChosen(QStringLiteral("staging"));
        emit desk.named<ChipButton>("deploymentsEnvironment")->chosenChanged(QStringLiteral("staging"));
        QTRY_COMPARE(desk.panel().state(), Panel::State::Empty);
        QVERIFY(!desk.back().isEnabled());
    }

    void whatCannotBeReadIsSaid()
    {
        Desk desk;
        for (FakePipelineServer *server : {desk.world.jenkins, desk.world.github, desk.world.gitlab})
            server->fakeDeployments->trouble =
                Error{ErrorKind::Forbidden, QStringLiteral("The token may not read deployments."), {}};
        desk.start();
        QTRY_COMPARE(desk.panel().state(), Panel::State::Error);
    }

    void whoComesBackSeesThatTheListIsOld()
    {
        Desk desk;
        const FrozenHour hourAgo(-3600);
        desk.forEach([](FakeDeployments &fake) { fake.readAt = AgeTicker::now(); });
        desk.start();
        QTRY_COMPARE(desk.panel().state(), Panel::State::Content);
        QTRY_COMPARE(desk.list().model()->rowCount(), 4);
        desk.choose(2);
        QVERIFY(desk.back().isEnabled());
        desk.forEach([](FakeDeployments &fake) { fake.readAt = {}; });
        FrozenHour::thaw();
        desk.leaveAndComeBack();
        QVERIFY(desk.panel().isStale());
        QVERIFY(!desk.back().isEnabled());
        QVERIFY(desk.back().toolTip().startsWith(QStringLiteral("This list is old")));
        QTRY_VERIFY(!desk.panel().isStale()); // the answer
        desk.choose(2);
        QVERIFY(desk.back().isEnabled());
    }

    // The timer that asks stood still, too: nobody may go back by a list of yesterday.
    void afterASleepOfTheComputerTheListIsOld()
    {
        Desk desk;
        const FrozenHour evening(-8 * 3600);
        desk.forEach([](FakeDeployments &fake) { fake.readAt = AgeTicker::now(); });
        desk.start();
        QTRY_COMPARE(desk.list().model()->rowCount(), 4);
        desk.choose(2);
        emit AgeTicker::ticker().ticked();
        QVERIFY(!desk.panel().isStale());
        QVERIFY(desk.back().isEnabled());
        desk.forEach([](FakeDeployments &fake) { fake.readAt = {}; });
        FrozenHour::thaw();
        emit AgeTicker::ticker().ticked();
        QVERIFY(desk.panel().isStale());
        QVERIFY(!desk.back().isEnabled());
        QTRY_VERIFY(!desk.panel().isStale()); // it is asked at once
    }

    // 429 with Retry-After, to the card itself or to whoever asked the same server before.
    void aServerThatAskedForPatienceIsLeftAlone_data()
    {
        QTest::addColumn<bool>("toTheCard");
        QTest::newRow("of the card") << true;
        QTest::newRow("of another question") << false;
    }
    void aServerThatAskedForPatienceIsLeftAlone()
    {
        QFETCH(bool, toTheCard);
        Desk desk;
        desk.start();
        QTRY_COMPARE(desk.list().model()->rowCount(), 4);
        desk.choose(2);
        auto &card = *desk.named<DeploymentsCard>("deploymentsPanel");
        const auto asks = [&desk] {
            int all = 0;
            desk.forEach([&all](const FakeDeployments &fake) { all += fake.asks; });
            return all;
        };
        if (toTheCard) {
            Error limit{ErrorKind::RateLimited, QStringLiteral("Too many questions."), {}};
            limit.retryAfter = std::chrono::hours(1);
            desk.forEach([&limit](FakeDeployments &fake) { fake.trouble = limit; });
            card.askAgain();
            QTRY_VERIFY(desk.panel().isStale());
        } else {
            for (FakePipelineServer *server : {desk.world.jenkins, desk.world.github, desk.world.gitlab})
                desk.world.feed.bePatient(server->fakeSource.connection(), std::chrono::hours(1));
        }
        const int asked = asks();
        card.askAgain(); // as each minute does
        card.askAgain();
        desk.leaveAndComeBack();
        QVERIFY(desk.panel().isStale());
        QCOMPARE(desk.list().model()->rowCount(), 4); // what was read stays
        QVERIFY(!desk.back().isEnabled());
        desk.named<ChipButton>("deploymentsEnvironment")->setChosen(QStringLiteral("staging"));
        emit desk.named<ChipButton>("deploymentsEnvironment")->chosenChanged(QStringLiteral("staging"));
        QCOMPARE(desk.panel().state(), Panel::State::Error); // nothing of it is known
        QCOMPARE(desk.list().model()->rowCount(), 0);
        QCOMPARE(asks(), asked);
    }

    void aServerWhosePatienceIsOverIsAskedAgain()
    {
        Desk desk;
        Error limit{ErrorKind::RateLimited, QStringLiteral("Too many questions."), {}};
        limit.retryAfter = std::chrono::milliseconds(1);
        desk.forEach([&limit](FakeDeployments &fake) { fake.trouble = limit; });
        desk.start();
        QTRY_COMPARE(desk.panel().state(), Panel::State::Error);
        desk.forEach([](FakeDeployments &fake) { fake.trouble.reset(); });
        auto &card = *desk.named<DeploymentsCard>("deploymentsPanel");
        const auto isRead = [&] {
            card.askAgain();
            return desk.list().model()->rowCount() == 4;
        };
        QTRY_VERIFY(isRead());
        QCOMPARE(desk.panel().state(), Panel::State::Content);
    }

    void aServerThatDoesNotAnswerLeavesTheListOld()
    {
        Desk desk;
        desk.start();
        QTRY_COMPARE(desk.list().model()->rowCount(), 4);
        desk.choose(2);
        QVERIFY(desk.back().isEnabled());
        auto &card = *desk.named<DeploymentsCard>("deploymentsPanel");
        const auto asks = [&desk] {
            int all = 0;
            desk.forEach([&all](const FakeDeployments &fake) { all += fake.asks; });
            return all;
        };
        desk.forEach([](FakeDeployments &fake) { fake.isSilent = true; });
        card.askAgain();
        const int asked = asks();
        QVERIFY(!desk.panel().isStale()); // a minute old at most
        card.askAgain();
        QVERIFY(desk.panel().isStale());
        QVERIFY(!desk.back().isEnabled());
        QCOMPARE(asks(), asked); // the answer is still awaited
        desk.forEach([](FakeDeployments &fake) { fake.isSilent = false; });
        desk.leaveAndComeBack();
        QTRY_VERIFY(!desk.panel().isStale());
    }

    void environmentsAreReadAgain()
    {
        Desk desk;
        desk.start();
        auto &environment = *desk.named<ChipButton>("deploymentsEnvironment");
        QTRY_COMPARE(desk.list().model()->rowCount(), 4);
        QCOMPARE(environment.chosen(), QStringLiteral("production"));
        desk.forEach([](FakeDeployments &fake) { fake.names.removeAll(QStringLiteral("production")); });
        desk.leaveAndComeBack();
        QTRY_COMPARE(environment.chosen(), QStringLiteral("staging"));
        QTRY_COMPARE(desk.panel().state(), Panel::State::Empty);
        QCOMPARE(desk.list().model()->rowCount(), 0);
    }

    void noEnvironmentsAreSaidWithoutFlashing()
    {
        Desk desk;
        desk.forEach([](FakeDeployments &fake) { fake.names.clear(); });
        desk.start();
        QTRY_COMPARE(desk.panel().state(), Panel::State::Empty);
        desk.leaveAndComeBack(); // asks again, as the minute does
        QCOMPARE(desk.panel().state(), Panel::State::Empty);
        desk.forEach([](FakeDeployments &fake) { fake.names = {QStringLiteral("production")}; });
        desk.leaveAndComeBack();
        QTRY_COMPARE(desk.list().model()->rowCount(), 4);
    }

    void goesBackToTheChosenOne()
    {
        Desk desk;
        desk.start();
        QTRY_COMPARE(desk.list().model()->rowCount(), 4);
        desk.choose(3);
        QVERIFY(!desk.back().isEnabled());
        QCOMPARE(desk.back().toolTip(), QStringLiteral("No job made it."));
        desk.choose(2);
        QVERIFY(desk.back().isEnabled());
        desk.back().click();
        QTRY_VERIFY(desk.named<QDialog>("redeployDialog"));
        QTRY_VERIFY(desk.asked());
        const RedeployOrder order = desk.asked()->orders.first();
        QCOMPARE(order.to, QStringLiteral("90"));
        QCOMPARE(order.environment, QStringLiteral("production"));
        QVERIFY(order.isProtected);
        QDialog *const dialog = desk.named<QDialog>("redeployDialog");
        auto *hold = dialog->findChild<HoldButton *>();
        QTRY_VERIFY(!hold->fingerprint().isEmpty());
        dialog->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(dialog));
        hold->setFocus();
        QTRY_VERIFY(hold->hasFocus());
        desk.world.takeClock(hold);
        const int before = desk.asked()->asks;
        desk.world.press(hold, 450); // going back: half as long as going on
        QVERIFY(desk.world.reach(OperationState::Finished));
        QCOMPARE(desk.world.operation()->outcome()->kind, OutcomeKind::Done);
        QTRY_VERIFY(desk.asked()->asks > before); // the list is read again
    }

    // Until another project's run is read, nothing of the one before can be gone back to.
    void anotherProjectHidesWhatIsNotItsOwn()
    {
        Desk desk;
        const RunRef below{
            {desk.world.github->fakeSource.connection(), QStringLiteral("acme/deploy"), QStringLiteral("cd")},
            QStringLiteral("77")};
        PipelinesPresenter presenter(*desk.world.context);
        DeploymentsCard card(*desk.world.context, presenter);
        desk.start();
        presenter.setActive(true);
        card.setActive(true);
        RunDetail &detail = desk.world.github->fakeSource.details[QStringLiteral("image-classifier-1289")];
        detail.jobs[0].downstream = below;
        presenter.select(detail.run.ref.key());
        QTRY_VERIFY(!card.isHidden());
        QTRY_VERIFY(presenter.detail());
        QVERIFY(presenter.openDownstream(detail.jobs[0].id)); // which no server knows
        QVERIFY(!presenter.run());
        QVERIFY(card.isHidden());
    }

    // A name alone does not tell: staging may be somebody's live place.
    void whatThePolicyProtectsIsProtected()
    {
        Desk desk;
        FakeDesk promotions;
        promotions.protectedOnes = {QStringLiteral("staging")};
        for (FakePipelineServer *server : {desk.world.jenkins, desk.world.github, desk.world.gitlab}) {
            FakeDeployments &fake = *server->fakeDeployments;
            fake.names = {QStringLiteral("staging")};
            fake.known.insert(QStringLiteral("staging"), fake.known.take(QStringLiteral("production")));
        }
        desk.world.context->promotions = &promotions;
        desk.start();
        QTRY_COMPARE(desk.list().model()->rowCount(), 4);
        desk.choose(2);
        desk.back().click();
        QTRY_VERIFY(desk.asked());
        QCOMPARE(desk.asked()->orders.first().environment, QStringLiteral("staging"));
        QVERIFY(desk.asked()->orders.first().isProtected);
        desk.window.reset(); // before the desk that it borrows
    }

private:
    std::unique_ptr<Theme> m_theme;
};

QTEST_MAIN(TestDeploymentsCard)
#include "test_deploymentscard.moc"
