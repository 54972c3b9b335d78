#include "models/items/attentionmodel.h"
#include "models/items/gatesmodel.h"
#include "models/items/releasesmodel.h"
#include "models/items/roles.h"
#include "models/stores/deployedstore.h"
#include "services/operations/operation.h"
#include "services/pipelines/pipelinefeed.h"
#include "tests/gui/promotions/promotionconsole.h"
#include "tests/support/fakepipelineserver.h"
#include "tests/support/stays.h"
#include "ui/pages/changes/changerows.h"
#include "ui/pages/overview/overviewpage.h"
#include "ui/pages/overview/overviewpresenter.h"
#include "ui/pages/promotions/gatedelegate.h"
#include "ui/pages/promotions/gatedialog.h"
#include "ui/pages/promotions/promotionsinbox.h"
#include "ui/pages/promotions/promotionspage.h"
#include "ui/shell/desktopnotifier.h"
#include "ui/shell/sidenav.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/holdbutton.h"
#include "ui/widgets/panel.h"

#include <QApplication>
#include <QLabel>
#include <QLineEdit>
#include <QPointer>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

// The inbox over a server at which three runs wait; its calls are carried out by the console's one runner.
struct Screen
{
    PromotionConsole world;
    PipelineSet servers;
    RunStore store;
    PipelineFeed feed{servers, store};
    FakePipelineServer *server = nullptr;
    std::unique_ptr<PromotionsPage> page;

    Screen()
    {
        auto made = std::make_unique<FakePipelineServer>(connection());
        server = made.get();
        servers.add(std::move(made));
        const Run run = runOf(pipelineOf(connection(), QStringLiteral("shop/cart"), QStringLiteral("release")), 412,
                              RunState::Waiting, 30);
        WaitingGate others = gateOf(run, QStringLiteral("1"), QStringLiteral("production"), 30);
        others.mayDecide = false;
        const WaitingGate mine = gateOf(run, QStringLiteral("2"), QStringLiteral("staging"), 10);
        WaitingGate asks = gateOf(run, QStringLiteral("3"), QStringLiteral("load lab"), 5);
        asks.needsComment = true;
        asks.parameters = {{QStringLiteral("level"), RunParameter::Kind::Text, {}, {}, {}, true}};
        server->fakeGates.gates = {others, mine, asks};
        put();
        world.context->pipelines = &servers;
        world.context->runs = &feed;
        page = std::make_unique<PromotionsPage>(*world.context);
        page->resize(1240, 800);
        page->show();
        QApplication::setActiveWindow(page.get());
        page->open({});
    }
    static QString connection() { return QStringLiteral("prod-eu"); }
    void put(Freshness::State state = Freshness::State::Live)
    {
        RunStore::Server known;
        known.gates.state = state;
        store.putGates(connection(), server->fakeGates.gates);
        store.putServer(connection(), known);
    }
    RowList *list() const { return page->findChild<RowList *>(QStringLiteral("gatesInbox")); }
    QStringList places() const
    {
        QStringList texts;
        for (int i = 0; i < list()->model()->rowCount(); ++i)
            texts.append(list()->model()->index(i, 0).data(Qt::AccessibleTextRole).toString().section(u',', 1, 1));
        return texts;
    }
    QPointer<GateDialog> open(int row)
    {
        list()->setCurrentIndex(list()->model()->index(row, 0));
        list()->setFocus();
        QTest::keyClick(list(), Qt::Key_Return);
        QPointer<GateDialog> dialog = page->findChild<GateDialog *>(QStringLiteral("gateDialog"));
        if (dialog) {
            QApplication::setActiveWindow(dialog);
            world.takeClock(hold(*dialog));
        }
        return dialog;
    }
    // Its row begins with a line of a colour of its own.
    bool isMarked(int row) const
    {
        const QRect at = list()->visualRect(list()->model()->index(row, 0));
        const QImage drawn = list()->viewport()->grab().toImage();
        const double ratio = drawn.devicePixelRatio();
        const auto colour = [&](int x) { return drawn.pixelColor(int(x * ratio), int(at.center().y() * ratio)); };
        return colour(1) != colour(8);
    }
    static HoldButton *hold(const QWidget &dialog)
    {
        return dialog.findChild<HoldButton *>(QStringLiteral("holdButton"));
    }
    // With the keyboard on it: a press that began elsewhere does not count.
    void holdDown(const QWidget &dialog, int milliseconds)
    {
        hold(dialog)->setFocus(Qt::TabFocusReason);
        QVERIFY(QTest::qWaitFor([&dialog] { return hold(dialog)->hasFocus(); }));
        world.press(hold(dialog), milliseconds);
    }
    static bool isReady(const QWidget &dialog) { return !hold(dialog)->fingerprint().isEmpty(); }
};

} // namespace

// Gates of vendors in the inbox, and the decision on one.
class TestVendorGates : public QObject
{
    Q_OBJECT
private slots:
    void mineComeFirstThenTheOldest()
    {
        Screen screen;
        QVERIFY(screen.list()->isVisibleTo(screen.page.get()));
        QCOMPARE(screen.list()->model()->rowCount(), 3);
        QVERIFY2(screen.places().at(0).contains(QLatin1String("staging")), qPrintable(screen.places().join(u'|')));
        QVERIFY(screen.places().at(1).contains(QLatin1String("load lab")));
        QVERIFY(screen.places().at(2).contains(QLatin1String("production")));
        const auto *panel = screen.page->findChild<Panel *>(QStringLiteral("gatesPanel"));
        QCOMPARE(panel->subtitle(), QStringLiteral("3"));
        screen.page->findChild<FilterField *>(QStringLiteral("promotionsFilter"))->setText(QStringLiteral("412 lab"));
        QCOMPARE(screen.list()->model()->rowCount(), 1);
        screen.page->findChild<FilterField *>(QStringLiteral("promotionsFilter"))->setText(QStringLiteral("nothing"));
        QCOMPARE(panel->state(), Panel::State::Empty);
        screen.server->fakeGates.gates.clear();
        screen.put();
        QVERIFY(!panel->isVisibleTo(screen.page.get()));
    }

    // With all three panels in a small window: none lies over its neighbour, and the gates keep a whole row.
    void nothingOfTheInboxLiesOverAnother_data()
    {
        QTest::addColumn<QSize>("size");
        QTest::newRow("a window of 1440 x 900") << QSize(1244, 822);
        QTest::newRow("a window of 1100 x 700") << QSize(904, 622);
        QTest::newRow("a window of 1100 x 640") << QSize(904, 562);
    }
    void nothingOfTheInboxLiesOverAnother()
    {
        QFETCH(QSize, size);
        Screen screen;
        screen.world.change([&screen](policy::PromotionBoard &board) {
            board.stops = {PromotionConsole::holdOn(screen.world.now.addSecs(-600), true)};
            board.debts = {PromotionConsole::debt(screen.world.now.addSecs(-3600), true)};
        });
        screen.page->resize(size);
        const auto *inbox = screen.page->findChild<PromotionsInbox *>();
        const auto *obligations = screen.page->findChild<Panel *>(QStringLiteral("obligationsPanel"));
        QTRY_VERIFY(obligations->isVisible());
        const auto overlap = [inbox] {
            QStringList found;
            const QList<QWidget *> all = inbox->findChildren<QWidget *>(QString(), Qt::FindDirectChildrenOnly);
            for (const QWidget *one : all) {
                for (const QWidget *other : all) {
                    if (one < other && one->isVisible() && other->isVisible() &&
                        one->geometry().intersects(other->geometry()))
                        found << one->objectName() + QStringLiteral(" over ") + other->objectName();
                }
                if (one->isVisible() && !inbox->rect().contains(one->geometry()))
                    found << one->objectName() + QStringLiteral(" sticks out");
            }
            return found.join(QLatin1String(", "));
        };
        QTRY_COMPARE(overlap(), QString());
        QVERIFY(screen.list()->viewport()->height() >=
                screen.list()->visualRect(screen.list()->model()->index(0, 0)).height());
    }

    // An inbox without a gate that could not ask everybody says whom it could not ask, and what to do.
    void whoCouldNotBeAskedIsNamed_data()
    {
        QTest::addColumn<Freshness::State>("state");
        QTest::addColumn<ErrorKind>("kind");
        QTest::addColumn<QString>("says");
        QTest::addColumn<QString>("button");
        const auto row = [](const char *name, Freshness::State state, ErrorKind kind, const char *says,
                            const char *button) {
            QTest::newRow(name) << state << kind << QString::fromLatin1(says) << QString::fromLatin1(button);
        };
        row("no plugin for it", Freshness::State::Failed, ErrorKind::Unsupported,
            "What waits there is not in this list", "Look again");
        row("down", Freshness::State::Failed, ErrorKind::Unreachable, "What waits there is not in this list",
            "Look again");
        row("down for a while", Freshness::State::Stale, ErrorKind::TimedOut, "may have changed", "Look again");
        row("forbidden", Freshness::State::Denied, ErrorKind::Forbidden, "in Connections", "Open Connections");
    }
    void whoCouldNotBeAskedIsNamed()
    {
        QFETCH(Freshness::State, state);
        QFETCH(ErrorKind, kind);
        QFETCH(QString, says);
        QFETCH(QString, button);
        Screen screen;
        screen.server->fakeGates.gates.clear();
        screen.put();
        const auto *panel = screen.page->findChild<Panel *>(QStringLiteral("gatesPanel"));
        QVERIFY(!panel->isVisibleTo(screen.page.get())); // everybody was asked
        RunStore::Server known;
        known.title = QStringLiteral("ci.example");
        known.gates.state = state;
        known.gates.since = screen.world.now.addSecs(-300);
        known.gates.lastHeard = state == Freshness::State::Stale ? screen.world.now.addSecs(-300) : QDateTime();
        known.gates.error = Error{kind, QStringLiteral("The gates of ci.example cannot be seen here."), {}};
        screen.store.putServer(Screen::connection(), known);
        QTRY_VERIFY(panel->isVisible());
        QCOMPARE(panel->state(), Panel::State::Content);
        const auto *text = screen.page->findChild<QLabel *>(QStringLiteral("gateSource-prod-eu"));
        QVERIFY(text);
        QTRY_VERIFY(!text->visibleRegion().isEmpty());
        for (const QString &part : {QStringLiteral("ci.example: "), QStringLiteral("cannot be seen here."), says})
            QVERIFY2(text->accessibleName().contains(part), qPrintable(text->accessibleName()));
        const auto *since = screen.page->findChild<QLabel *>(QStringLiteral("gateSourceSince-prod-eu"));
        QVERIFY2(since && since->text().contains(QLatin1Char('m')), qPrintable(since ? since->text() : QString()));
        QVERIFY2(panel->subtitle().startsWith(QLatin1Char('0')), qPrintable(panel->subtitle()));
        auto *action = screen.page->findChild<QPushButton *>(QStringLiteral("gateSourceAction-prod-eu"));
        QCOMPARE(action->text(), button);
        QSignalSpy navigated(screen.page.get(), &Page::navigate);
        if (state == Freshness::State::Denied) {
            action->click();
            QCOMPARE(navigated.size(), 1);
            const auto target = navigated.first().first().value<NavigationTarget>();
            QCOMPARE(target.page, QStringLiteral("connections"));
            QCOMPARE(target.connection, Screen::connection());
        } else {
            screen.feed.start();
            QTRY_VERIFY(screen.server->fakeGates.asks > 0);
            const int asks = screen.server->fakeGates.asks;
            screen.store.putServer(Screen::connection(), known);
            action = screen.page->findChild<QPushButton *>(QStringLiteral("gateSourceAction-prod-eu"));
            QVERIFY(action);
            action->click();
            QTRY_VERIFY(screen.server->fakeGates.asks > asks);
        }
        screen.put();
        QTRY_VERIFY(!panel->isVisible());
    }

    // One build that is hidden from us takes no other gate away, and is no quiet gap.
    void whatCouldNotBeReadOfAServerIsNamed()
    {
        Screen screen;
        screen.server->fakeGates.gates.clear();
        screen.put();
        const auto *panel = screen.page->findChild<Panel *>(QStringLiteral("gatesPanel"));
        QVERIFY(!panel->isVisibleTo(screen.page.get()));
        RunStore::Server known;
        known.title = QStringLiteral("ci.example");
        known.gates.state = Freshness::State::Live;
        known.gates.lastHeard = screen.world.now;
        known.unreadGates = QStringLiteral("What team/cart#1 waits for could not be read: not allowed.");
        screen.store.putServer(Screen::connection(), known);
        QTRY_VERIFY(panel->isVisible());
        const auto *text = screen.page->findChild<QLabel *>(QStringLiteral("gateSource-prod-eu"));
        QVERIFY(text);
        for (const QString &part : {QStringLiteral("ci.example: not all of its gates are known"), known.unreadGates})
            QVERIFY2(text->accessibleName().contains(part), qPrintable(text->accessibleName()));
        QVERIFY2(!text->accessibleName().contains(QLatin1String("not in this list")), "others of it are");
        // Whoever is about to press its button is not disturbed by each look that tells the same.
        const QPointer<QPushButton> action =
            screen.page->findChild<QPushButton *>(QStringLiteral("gateSourceAction-prod-eu"));
        QVERIFY(action);
        const QList<GateSource> before = unreadGateSources(screen.store);
        known.gates.lastHeard = screen.world.now.addSecs(60);
        known.gates.since = screen.world.now;
        screen.store.putServer(Screen::connection(), known);
        QVERIFY(unreadGateSources(screen.store) == before);
        QVERIFY(stays([&action] { return !action.isNull(); }, std::chrono::milliseconds(100)));
        known.unreadGates.clear();
        screen.store.putServer(Screen::connection(), known);
        QTRY_VERIFY(!panel->isVisible());
    }

    // Gates of vendors are decided all the same: the place of promotions says why there are none.
    void besideGatesALedgerThatNobodySignsIsNoError()
    {
        Screen screen;
        policy::PromotionBoard board;
        board.ledgerFreshness.state = Freshness::State::Absent;
        board.ledgerFreshness.error = Error{ErrorKind::Unsupported, QStringLiteral("The ledger is not signed."), {}};
        screen.world.desk.put(board);
        const auto *panel = screen.page->findChild<Panel *>(QStringLiteral("promotionsInboxPanel"));
        QTRY_COMPARE(panel->state(), Panel::State::Empty);
        const auto labels = panel->findChildren<QLabel *>();
        QVERIFY(std::any_of(labels.cbegin(), labels.cend(), [](const QLabel *label) {
            return label->text() == QLatin1String("The ledger is not signed yet");
        }));
        QVERIFY(screen.list()->isVisible());
    }

    void noFilterHidesWhoCouldNotBeAsked()
    {
        Screen screen;
        RunStore::Server down;
        down.gates.state = Freshness::State::Failed;
        down.gates.error = Error{ErrorKind::Unreachable, QStringLiteral("It does not answer."), {}};
        screen.store.putServer(QStringLiteral("other"), down);
        const auto *panel = screen.page->findChild<Panel *>(QStringLiteral("gatesPanel"));
        QVERIFY2(panel->subtitle().startsWith(QLatin1String("3, ")), qPrintable(panel->subtitle()));
        QVERIFY(screen.list()->isVisible());
        screen.page->findChild<FilterField *>(QStringLiteral("promotionsFilter"))->setText(QStringLiteral("nothing"));
        QCOMPARE(panel->state(), Panel::State::Content);
        QVERIFY(!screen.list()->isVisible());
        const auto *text = screen.page->findChild<QLabel *>(QStringLiteral("gateSource-other"));
        QTRY_VERIFY(text && !text->visibleRegion().isEmpty());
        screen.store.removeConnection(QStringLiteral("other"));
        QCOMPARE(panel->state(), Panel::State::Empty);
    }

    void whoWasNotHeardYetIsAwaited()
    {
        Screen screen;
        screen.server->fakeGates.gates.clear();
        screen.put(Freshness::State::Loading);
        const auto *panel = screen.page->findChild<Panel *>(QStringLiteral("gatesPanel"));
        QVERIFY(panel->isVisible());
        QCOMPARE(panel->state(), Panel::State::Loading);
        screen.put();
        QVERIFY(!panel->isVisible());
    }

    // The navigation does not say "nothing" where it cannot know.
    void theNavigationMarksWhatItCannotCount()
    {
        NavItem item(QStringLiteral("Promotions"), 3);
        const QString plain = item.toolTip();
        item.setBadge(0, Health::Waiting, QStringLiteral("the gates of 1 server are not known now"));
        QVERIFY(item.accessibleName().endsWith(QLatin1String("not known now")));
        QVERIFY(item.toolTip().startsWith(plain) && item.toolTip() != plain);
        const QImage unsure = item.grab().toImage();
        item.setBadge(2, Health::Waiting, QStringLiteral("the gates of 1 server are not known now"));
        const QImage more = item.grab().toImage();
        item.setBadge(2, Health::Waiting);
        QVERIFY(item.grab().toImage() != more);
        QVERIFY(!item.accessibleName().contains(QLatin1String("not known")));
        item.setBadge(0, Health::Waiting);
        QVERIFY(item.grab().toImage() != unsure);
        QCOMPARE(item.accessibleName(), QStringLiteral("Promotions"));
        QCOMPARE(item.toolTip(), plain);
    }

    // "Nothing waits for you" is said only where all who would tell were heard.
    void theOverviewSaysWhatItCannotKnow_data()
    {
        QTest::addColumn<Freshness::State>("gates");
        QTest::addColumn<Freshness::State>("ledger");
        QTest::addColumn<QStringList>("says");
        QTest::addColumn<ErrorKind>("problem"); // of the ledger
        const QString some = QStringLiteral("gates not of every server");
        const QString unread = QStringLiteral("the ledger is not read");
        using State = Freshness::State;
        const ErrorKind away = ErrorKind::Unreachable;
        QTest::newRow("all were heard") << State::Live << State::Live << QStringList() << away;
        QTest::newRow("there is no ledger") << State::Live << State::Absent << QStringList() << ErrorKind::NotFound;
        QTest::newRow("nobody signs the ledger yet")
            << State::Live << State::Failed << QStringList() << ErrorKind::Unsupported;
        QTest::newRow("the ledger is broken")
            << State::Live << State::Failed << QStringList{unread} << ErrorKind::Refused;
        QTest::newRow("a server failed") << State::Failed << State::Live << QStringList{some} << away;
        QTest::newRow("a server is awaited") << State::Loading << State::Live << QStringList{some} << away;
        QTest::newRow("the ledger is away") << State::Live << State::Stale << QStringList{unread} << away;
        QTest::newRow("both") << State::Denied << State::Failed << QStringList{some, unread} << away;
    }
    void theOverviewSaysWhatItCannotKnow()
    {
        QFETCH(Freshness::State, gates);
        QFETCH(Freshness::State, ledger);
        QFETCH(QStringList, says);
        QFETCH(ErrorKind, problem);
        Screen screen;
        screen.server->fakeGates.gates.clear();
        screen.put();
        policy::PromotionBoard board;
        board.ledgerFreshness.state = ledger;
        if (ledger != Freshness::State::Live)
            board.ledgerFreshness.error = Error{problem, QStringLiteral("The ledger says no."), {}};
        screen.world.desk.put(board);
        OverviewPage page(*screen.world.context);
        page.resize(1240, 800);
        page.show();
        auto *presenter = page.findChild<OverviewPresenter *>();
        const auto *panel = page.findChild<Panel *>(QStringLiteral("attentionPanel"));
        screen.put(gates);
        QTRY_COMPARE(presenter->unread().isNothing(), says.isEmpty());
        QTRY_COMPARE(panel->subtitle().contains(QLatin1String("gates not of every server")),
                     gates != Freshness::State::Live);
        for (const QString &part : says)
            QVERIFY2(panel->subtitle().contains(part), qPrintable(panel->subtitle()));
        QCOMPARE(presenter->unread().isLedger, says.contains(QStringLiteral("the ledger is not read")));
    }

    // A server that answers a poll says nothing of clusters: they are not gone through for it.
    void aPollIsNoReasonToCountPods()
    {
        Screen screen;
        OverviewPage page(*screen.world.context);
        page.resize(1240, 800);
        page.show();
        auto *presenter = page.findChild<OverviewPresenter *>();
        int walks = 0;
        presenter->releases().setReadinessOf([&walks](const QString &) {
            ++walks;
            return std::optional<Readiness>();
        });
        Deployed one;
        one.application = QStringLiteral("cart");
        one.connection = QStringLiteral("cluster");
        one.ns = QStringLiteral("dev");
        one.environment = one.ns;
        screen.world.context->deployed.apply({one}, {});
        QTRY_VERIFY(walks > 0);
        walks = 0;
        screen.put(Freshness::State::Stale);
        QTRY_VERIFY(!presenter->unread().isNothing());
        QCOMPARE(walks, 0);
        screen.put();
        QTRY_VERIFY(presenter->unread().servers.isEmpty());
        QCOMPARE(walks, 0);
    }

    // Hundreds may wait. A button takes longer to make than all else of its row: it is there where its row is seen.
    void whatWaitsHasItsButtonWhereItIsSeen()
    {
        Screen screen;
        const Run run = runOf(pipelineOf(Screen::connection(), QStringLiteral("shop/cart"), QStringLiteral("release")),
                              413, RunState::Waiting, 30);
        for (int i = 0; i < 80; ++i)
            screen.server->fakeGates.gates.append(
                gateOf(run, QString::number(100 + i), QStringLiteral("lab %1").arg(i), 200 - i));
        screen.put();
        OverviewPage page(*screen.world.context);
        page.resize(1240, 800);
        page.show();
        auto *table = page.findChild<QTableView *>(QStringLiteral("attentionTable"));
        const auto button = [table](int row) {
            const QWidget *const cell = table->indexWidget(table->model()->index(row, AttentionModel::Action));
            return cell ? cell->findChild<QPushButton *>() : nullptr;
        };
        QTRY_VERIFY(table->model()->rowCount() > 80);
        QTRY_VERIFY(table->isVisible() && button(0));
        const int last = table->model()->rowCount() - 1;
        QVERIFY(!button(last));
        table->scrollToBottom();
        QTRY_VERIFY(button(last));
        QVERIFY(button(0)); // what was made stays
        const QSignalSpy went(&page, &OverviewPage::navigate);
        button(last)->click();
        QCOMPARE(went.size(), 1);
    }

    void theOverviewTellsHowFarStagingIsAhead()
    {
        PromotionConsole world;
        Deployed production = world.OperationConsole::support();
        production.tracks.first().version = QStringLiteral("8.1.7");
        Deployed staging = production;
        staging.environment = staging.ns = QStringLiteral("staging");
        staging.tracks.first().version = QStringLiteral("8.1.9");
        world.put(production);
        world.put(staging);
        OverviewPage page(*world.context);
        page.resize(1200, 800);
        page.show();
        const QAbstractItemModel *const model = page.findChild<QTableView *>(QStringLiteral("releasesTable"))->model();
        const auto ahead = [&](const QString &environment) {
            for (int row = 0; row < model->rowCount(); ++row) {
                for (int column = 1; column < model->columnCount(); ++column) {
                    if (model->index(row, 0).data().toString() == production.application &&
                        model->headerData(column, Qt::Horizontal).toString() == environment)
                        return model->index(row, column).data(ReleasesModel::AheadRole).toString();
                }
            }
            return QStringLiteral("no such cell");
        };
        QTRY_COMPARE(ahead(QStringLiteral("staging")), QStringLiteral("▸ 4"));
        QCOMPARE(ahead(QStringLiteral("production")), QString());
        production.freshness.state = Freshness::State::Failed; // who is silent may run another one by now
        world.put(production);
        QTRY_COMPARE(ahead(QStringLiteral("staging")), QString());
        production.freshness.state = Freshness::State::Live;
        world.put(production);
        QTRY_COMPARE(ahead(QStringLiteral("staging")), QStringLiteral("▸ 4"));
        staging.tracks.first().version = QStringLiteral("never built here");
        world.put(staging);
        QTRY_COMPARE(ahead(QStringLiteral("staging")), QString()); // a figure of another release is gone at once
    }

    void isHeldPressedAndObserved()
    {
        Screen screen;
        for (WaitingGate &gate : screen.server->fakeGates.gates)
            gate.message = QStringLiteral("1 < 2");
        screen.put();
        const auto dialog = screen.open(0);
        QVERIFY(dialog);
        QTRY_VERIFY(Screen::isReady(*dialog));
        QCOMPARE(screen.world.desk.gateOrders.last().application, QStringLiteral("shop/cart"));
        QVERIFY(screen.world.desk.gateOrders.last().approves);
        QVERIFY(textOf(*dialog, "gateFacts").contains(QString(40, QLatin1Char('a'))));
        QVERIFY(textOf(*dialog, "gateFacts").contains(QStringLiteral("1 &lt; 2"))); // words of others are no markup
        screen.holdDown(*dialog, 800);
        QVERIFY(screen.world.reach(OperationState::Finished));
        QCOMPARE(screen.world.executed(), 1);
        QCOMPARE(screen.world.operation()->plan().kind, OperationKind::DecideGate);
        QCOMPARE(screen.world.operation()->outcome()->kind, OutcomeKind::Done);
        screen.server->fakeGates.gates.removeAt(1); // what was pressed here is no surprise
        screen.put();
        QTest::keyClick(visible<QPushButton>(*dialog, "operationDismiss"), Qt::Key_Space);
        QTRY_VERIFY(!dialog);
    }

    void rejectingIsChosenAndGoesBack()
    {
        Screen screen;
        const auto dialog = screen.open(0);
        QVERIFY(dialog);
        QTRY_VERIFY(Screen::isReady(*dialog));
        QTest::mouseClick(visible<QPushButton>(*dialog, "gateTurn"), Qt::LeftButton);
        QTRY_VERIFY(Screen::isReady(*dialog) && Screen::hold(*dialog)->text().contains(QLatin1String("Reject")));
        QVERIFY(!screen.world.desk.gateOrders.last().approves);
        screen.holdDown(*dialog, 400);
        QVERIFY(screen.world.reach(OperationState::Finished));
        QCOMPARE(screen.world.operation()->plan().direction, Direction::Back);
    }

    void whatItAsksForIsFilledInFirst()
    {
        Screen screen;
        const auto dialog = screen.open(1);
        QVERIFY(dialog);
        QVERIFY(screen.world.desk.gateOrders.isEmpty());
        QVERIFY(!Screen::isReady(*dialog));
        QTest::keyClicks(dialog->findChild<QLineEdit *>(QStringLiteral("gateComment")), QStringLiteral("SHOP-7"));
        QTest::keyClicks(dialog->findChild<QLineEdit *>(QStringLiteral("gateParameter-level")), QStringLiteral("full"));
        QTRY_VERIFY(Screen::isReady(*dialog));
        const GateOrder order = screen.world.desk.gateOrders.last();
        QCOMPARE(order.comment, QStringLiteral("SHOP-7"));
        QCOMPARE(order.parameters.value(QStringLiteral("level")), QStringLiteral("full"));
    }

    void somebodyWasFaster()
    {
        Screen screen;
        const auto dialog = screen.open(0);
        QVERIFY(dialog);
        QTRY_VERIFY(Screen::isReady(*dialog));
        Run run = runOf(pipelineOf(Screen::connection(), QStringLiteral("shop/cart"), QStringLiteral("release")), 412,
                        RunState::Running, 30);
        RunStore::Entry entry;
        entry.pipeline = pipelineOf(Screen::connection(), QStringLiteral("shop/cart"), QStringLiteral("release"));
        entry.runs = {run};
        screen.store.putEntry(entry);
        screen.server->fakeGates.gates.removeAt(1);
        screen.put();
        QTRY_VERIFY(!Screen::isReady(*dialog));
        QTRY_VERIFY2(textOf(*dialog, "operationText").contains(QLatin1String("faster")),
                     qPrintable(textOf(*dialog, "operationText")));
        QVERIFY(textOf(*dialog, "operationText").contains(QLatin1String("running")));
        QCOMPARE(screen.world.executed(), 0);
    }

    void aRemovedConnectionIsNobodysHaste()
    {
        Screen screen;
        const auto dialog = screen.open(0);
        QVERIFY(dialog);
        QTRY_VERIFY(Screen::isReady(*dialog));
        screen.store.removeConnection(Screen::connection());
        QTRY_VERIFY(!Screen::isReady(*dialog));
        QTRY_VERIFY2(textOf(*dialog, "operationText").contains(QLatin1String("was removed")),
                     qPrintable(textOf(*dialog, "operationText")));
        QVERIFY(!textOf(*dialog, "operationText").contains(QLatin1String("faster")));
    }

    // As a notification may name it that is clicked late.
    void aGateThatWasDecidedBeforeIsNoRemovedConnection()
    {
        Screen screen;
        const QString key = screen.server->fakeGates.gates.at(1).key();
        screen.server->fakeGates.gates.removeAt(1);
        screen.put();
        NavigationTarget target;
        target.hint = QStringLiteral("gate");
        target.object.uid = key;
        screen.page->open(target);
        const QPointer<GateDialog> dialog = screen.page->findChild<GateDialog *>(QStringLiteral("gateDialog"));
        QVERIFY(dialog);
        QCOMPARE(dialog->key(), key);
        QTRY_VERIFY2(textOf(*dialog, "operationText").contains(QLatin1String("Nothing waits here any more")),
                     qPrintable(textOf(*dialog, "operationText")));
        QVERIFY(!textOf(*dialog, "operationText").contains(QLatin1String("removed")));
        QTest::mouseClick(visible<QPushButton>(*dialog, "gateCancel"), Qt::LeftButton);
        QTRY_VERIFY(!dialog);
    }

    // A server that was not heard says nothing of its gates, and what it asks for comes with the first answer.
    void aGateThatIsNotReadYetIsNotDecided_data()
    {
        QTest::addColumn<Freshness::State>("state");
        QTest::newRow("loading") << Freshness::State::Loading;
        QTest::newRow("failed") << Freshness::State::Failed;
        QTest::newRow("stale") << Freshness::State::Stale;
    }
    void aGateThatIsNotReadYetIsNotDecided()
    {
        QFETCH(Freshness::State, state);
        Screen screen;
        const QList<WaitingGate> gates = screen.server->fakeGates.gates;
        screen.server->fakeGates.gates.clear();
        screen.put(state);
        NavigationTarget target;
        target.hint = QStringLiteral("gate");
        target.object.uid = gates.last().key();
        screen.page->open(target);
        const QPointer<GateDialog> dialog = screen.page->findChild<GateDialog *>(QStringLiteral("gateDialog"));
        QVERIFY(dialog);
        QTRY_VERIFY2(textOf(*dialog, "operationText").contains(QLatin1String("is not read yet")),
                     qPrintable(textOf(*dialog, "operationText")));
        QVERIFY(!textOf(*dialog, "operationText").contains(QLatin1String("decided")));
        QVERIFY(!dialog->findChild<QLineEdit *>(QStringLiteral("gateParameter-level")));
        const auto *turn = dialog->findChild<QPushButton *>(QStringLiteral("gateTurn"));
        QVERIFY(!turn->isVisible());
        screen.server->fakeGates.gates = gates;
        screen.put();
        QTRY_VERIFY(dialog->findChild<QLineEdit *>(QStringLiteral("gateParameter-level")));
        QTRY_VERIFY(turn->isVisible() && turn->isEnabled() && !turn->text().isEmpty());
        // As in a dialog that knew its gate from the start: nothing is where the other was a moment before.
        const auto *cancel = dialog->findChild<QPushButton *>(QStringLiteral("gateCancel"));
        QTRY_VERIFY(cancel->mapTo(dialog, QPoint()).x() < turn->mapTo(dialog, QPoint()).x());
        auto *level = dialog->findChild<QLineEdit *>(QStringLiteral("gateParameter-level"));
        auto *comment = dialog->findChild<QLineEdit *>(QStringLiteral("gateComment"));
        QVERIFY(level->isEnabled() && level->mapTo(dialog, QPoint()).y() < comment->mapTo(dialog, QPoint()).y());
        QVERIFY(level->nextInFocusChain() == comment);
        QTest::keyClicks(comment, QStringLiteral("SHOP-7"));
        QTest::keyClicks(level, QStringLiteral("full"));
        QTRY_VERIFY(Screen::isReady(*dialog));
        dialog->close();
        QTRY_VERIFY(!dialog);
    }

    // One row of the column is what is shown: the gate while its window is open, the promotion else.
    void onlyWhatIsShownIsMarked()
    {
        Screen screen;
        const QPointer<GateDialog> dialog = screen.open(0);
        QVERIFY(dialog);
        const auto *delegate = qobject_cast<const GateDelegate *>(screen.list()->itemDelegate());
        QVERIFY(delegate);
        QCOMPARE(delegate->shown(), dialog->key());
        QCOMPARE(screen.list()->currentIndex().row(), 0);
        QVERIFY(screen.isMarked(0));
        screen.server->fakeGates.gates.removeAt(1); // it is decided: its neighbour is not what is shown
        screen.put();
        QCOMPARE(screen.list()->model()->rowCount(), 2);
        QApplication::setActiveWindow(dialog);
        QVERIFY(!screen.isMarked(0) && !screen.isMarked(1));
        dialog->close();
        QTRY_VERIFY(!dialog);
        QVERIFY(delegate->shown().isEmpty());
    }

    // One after the other, by keyboard alone; what happens to the promotions meanwhile takes nobody's place away.
    void gatesAreWorkedThrough()
    {
        Screen screen;
        const QPointer<GateDialog> first = screen.open(1);
        QVERIFY(first);
        QTest::keyClick(first.data(), Qt::Key_Escape);
        QTRY_VERIFY(!first);
        QApplication::setActiveWindow(screen.page.get());
        QVERIFY(screen.page->focusWidget() == screen.list());
        QCOMPARE(screen.list()->currentIndex().row(), 1);
        QTRY_VERIFY(screen.isMarked(1));                 // the keyboard is there
        screen.world.desk.put(policy::PromotionBoard()); // another promotion is chosen: none
        QVERIFY(screen.page->focusWidget() == screen.list());
        QCOMPARE(screen.list()->currentIndex().row(), 1);
        QTest::keyClick(screen.list(), Qt::Key_Down);
        QTest::keyClick(screen.list(), Qt::Key_Return);
        const QPointer<GateDialog> next = screen.page->findChild<GateDialog *>(QStringLiteral("gateDialog"));
        QVERIFY(next);
        QCOMPARE(next->key(), screen.list()->model()->index(2, 0).data(IdRole).toString());
        next->close();
        QTRY_VERIFY(!next);
        screen.server->fakeGates.gates.clear();
        screen.put();
        QVERIFY(!screen.list()->isVisible());
        QVERIFY(screen.page->focusWidget() != screen.list());
    }

    // By keyboard alone, whether its server was read again by then or not.
    void afterADecisionTheNextGateHasTheKeyboard_data()
    {
        QTest::addColumn<bool>("isListed"); // the decided one, still
        QTest::addColumn<bool>("isLast");
        QTest::newRow("still listed") << true << false;
        QTest::newRow("gone") << false << false;
        QTest::newRow("the last one, still listed") << true << true;
        QTest::newRow("the last one, gone") << false << true;
    }
    void afterADecisionTheNextGateHasTheKeyboard()
    {
        QFETCH(bool, isListed);
        QFETCH(bool, isLast);
        Screen screen;
        if (isLast) {
            screen.server->fakeGates.gates = {screen.server->fakeGates.gates.at(1)};
            screen.put();
        }
        const QString next = screen.list()->model()->index(1, 0).data(IdRole).toString();
        const auto dialog = screen.open(0);
        QVERIFY(dialog);
        QTRY_VERIFY(Screen::isReady(*dialog));
        screen.holdDown(*dialog, 800);
        QVERIFY(screen.world.reach(OperationState::Finished));
        if (!isListed) {
            screen.server->fakeGates.gates.removeAt(isLast ? 0 : 1);
            screen.put();
        }
        QTRY_VERIFY(visible<QPushButton>(*dialog, "operationDismiss"));
        QTest::keyClick(visible<QPushButton>(*dialog, "operationDismiss"), Qt::Key_Space);
        QTRY_VERIFY(!dialog);
        if (isLast) {
            QCOMPARE(screen.page->focusWidget()->objectName(), QStringLiteral("promotionsInbox"));
        } else {
            QCOMPARE(screen.page->focusWidget()->objectName(), QStringLiteral("gatesInbox"));
            QCOMPARE(screen.list()->currentIndex().data(IdRole).toString(), next);
        }
    }

    // Its section's heading with it, in whatever section it comes to stand.
    void thePromotionThatIsShownIsInSight()
    {
        Screen screen;
        screen.page->resize(1240, 700);
        auto *inbox = screen.page->findChild<RowList *>(QStringLiteral("promotionsInbox"));
        for (int row = inbox->model()->rowCount() - 1; row >= 0; --row) {
            const QString id = inbox->model()->index(row, 0).data(IdRole).toString();
            if (id.isEmpty())
                continue;
            NavigationTarget target;
            target.object.uid = id;
            screen.page->open(target);
            QCOMPARE(inbox->currentIndex().row(), row);
            QTRY_VERIFY2(inbox->viewport()->rect().contains(inbox->visualRect(inbox->currentIndex())),
                         qPrintable(QString::number(row)));
        }
        QVERIFY(inbox->viewport()->rect().contains(inbox->visualRect(inbox->model()->index(0, 0)))); // its heading
    }

    void theTitleAsksOnlyAsLongAsItIsAQuestion()
    {
        Screen screen;
        const auto dialog = screen.open(0);
        QVERIFY(dialog);
        QTRY_VERIFY(Screen::isReady(*dialog));
        const QString question = textOf(*dialog, "gateTitle");
        QVERIFY(!dialog->findChild<QLineEdit *>(QStringLiteral("operationReason"))->isVisible());
        const QString facts = textOf(*dialog, "gateFacts");
        QVERIFY2(facts.contains(QLatin1String("You may decide")), qPrintable(facts));
        screen.holdDown(*dialog, 800);
        QVERIFY(screen.world.reach(OperationState::Finished));
        QTRY_VERIFY2(textOf(*dialog, "gateTitle").startsWith(QLatin1String("Approved: ")),
                     qPrintable(textOf(*dialog, "gateTitle")));
        QVERIFY(textOf(*dialog, "gateTitle") != question);
        QVERIFY(!dialog->findChild<QPushButton *>(QStringLiteral("gateCancel"))->isVisible());
    }

    void oneVoteOfTwoOpensNothing_data()
    {
        QTest::addColumn<int>("needed");
        QTest::addColumn<int>("given");
        QTest::addColumn<int>("pending"); // as the vendor says; -1: it does not
        QTest::addColumn<QString>("title");
        const QString mine = QStringLiteral("Your approval is given: ");
        const QString all = QStringLiteral("Approved: ");
        QTest::newRow("the first") << 2 << 0 << -1 << mine;
        QTest::newRow("the last") << 2 << 1 << -1 << all;
        QTest::newRow("one filled several rules") << 3 << 1 << 0 << all;
        QTest::newRow("the last by the vendor's count") << 3 << 1 << 1 << all;
        QTest::newRow("not the last by the vendor's count") << 2 << 1 << 2 << mine;
    }
    void oneVoteOfTwoOpensNothing()
    {
        QFETCH(int, needed);
        QFETCH(int, given);
        QFETCH(int, pending);
        Screen screen;
        WaitingGate &gate = screen.server->fakeGates.gates[1];
        gate.needed = needed;
        if (pending >= 0)
            gate.missing = pending;
        for (int i = 0; i < given; ++i)
            gate.given.append(GateDecision{QStringLiteral("lena"), true, {}, {}});
        screen.put();
        const auto dialog = screen.open(0);
        QVERIFY(dialog);
        QTRY_VERIFY(Screen::isReady(*dialog));
        screen.holdDown(*dialog, 800);
        QVERIFY(screen.world.reach(OperationState::Finished));
        QFETCH(QString, title);
        QTRY_VERIFY2(textOf(*dialog, "gateTitle").startsWith(title), qPrintable(textOf(*dialog, "gateTitle")));
    }

    // As a click on a notification does it.
    void anotherGateIsShownInstead()
    {
        Screen screen;
        const QPointer<GateDialog> first = screen.open(0);
        QVERIFY(first);
        QTRY_VERIFY(Screen::isReady(*first));
        NavigationTarget target;
        target.hint = QStringLiteral("gate");
        target.object.uid = first->key();
        screen.page->open(target);
        QVERIFY(first && first->isVisible()); // the same one stays
        const QString other = screen.server->fakeGates.gates.at(2).key();
        QVERIFY(first->key() != other);
        target.object.uid = other;
        screen.page->open(target);
        QTRY_VERIFY(!first);
        const auto *second = screen.page->findChild<GateDialog *>(QStringLiteral("gateDialog"));
        QVERIFY(second && second->isVisible());
        QCOMPARE(second->key(), other);
    }

    void aGateThatIsBeingDecidedStays()
    {
        Screen screen;
        const QPointer<GateDialog> dialog = screen.open(0);
        QVERIFY(dialog);
        QTRY_VERIFY(Screen::isReady(*dialog));
        screen.world.runner->holdsExecute = true;
        screen.holdDown(*dialog, 800);
        QTRY_VERIFY(screen.world.runner->isHolding());
        QVERIFY(dialog->isDeciding());
        NavigationTarget target;
        target.hint = QStringLiteral("gate");
        target.object.uid = screen.server->fakeGates.gates.at(0).key();
        screen.page->open(target);
        QVERIFY(dialog && dialog->isVisible());
        QVERIFY2(textOf(*dialog, "gateOther").contains(QLatin1String("production")),
                 qPrintable(textOf(*dialog, "gateOther")));
        screen.world.runner->give(Receipt{});
        QVERIFY(screen.world.reach(OperationState::Finished));
    }

    void whatWasSentIsNotEditedAfterwards()
    {
        Screen screen;
        const auto dialog = screen.open(1);
        QVERIFY(dialog);
        auto *level = dialog->findChild<QLineEdit *>(QStringLiteral("gateParameter-level"));
        auto *comment = dialog->findChild<QLineEdit *>(QStringLiteral("gateComment"));
        QTest::keyClicks(comment, QStringLiteral("SHOP-7"));
        QTest::keyClicks(level, QStringLiteral("full"));
        QTRY_VERIFY(Screen::isReady(*dialog));
        screen.holdDown(*dialog, 800);
        QVERIFY(screen.world.reach(OperationState::Finished));
        QTRY_VERIFY(!level->isEnabled() && !comment->isEnabled());
        QCOMPARE(screen.world.operation()->outcome()->kind, OutcomeKind::Done);
        QTRY_VERIFY(!level->isVisibleTo(dialog) && !comment->isVisibleTo(dialog)); // nothing is left to fill in
    }

    void whatIsNotFreshDecidesNothing()
    {
        Screen screen;
        screen.put(Freshness::State::Stale);
        const auto dialog = screen.open(0);
        QVERIFY(dialog);
        QTest::qWait(50);
        QVERIFY(!Screen::isReady(*dialog));
        QVERIFY(screen.world.desk.gateOrders.isEmpty());
        screen.put();
        QTRY_VERIFY(Screen::isReady(*dialog));
    }

    void aNewGateIsTold()
    {
        Screen screen;
        DesktopNotifier notifier(screen.world.desk, screen.world.context->settings, [] { return false; });
        QSignalSpy told(&notifier, &DesktopNotifier::told);
        QSignalSpy opened(&notifier, &DesktopNotifier::gateOpened);
        notifier.watchGates(screen.store);
        QCOMPARE(told.size(), 0); // they waited before
        WaitingGate next = screen.server->fakeGates.gates.first();
        next.id = QStringLiteral("9");
        screen.server->fakeGates.gates.append(next); // others decide it
        screen.put();
        QCOMPARE(told.size(), 0);
        next.id = QStringLiteral("10");
        next.mayDecide = true;
        screen.server->fakeGates.gates.append(next);
        screen.put();
        QCOMPARE(told.size(), 1);
        notifier.open();
        QCOMPARE(opened.size(), 1);
        QCOMPARE(opened.first().first().toString(), next.key());
        screen.put(Freshness::State::Stale);
        screen.put();
        QCOMPARE(told.size(), 1);
    }
};

QTEST_MAIN(TestVendorGates)
#include "test_vendorgates.moc"
