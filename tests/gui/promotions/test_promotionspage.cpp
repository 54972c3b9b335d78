// The page of promotions as a whole: its inbox, what is chosen there, and where there is nothing to show.
#include "models/items/roles.h"
#include "tests/gui/promotions/promotionspagefixture.h"
#include "tests/support/calm.h"
#include "ui/pages/promotions/decisionbox.h"
#include "ui/pages/promotions/freezedialog.h"
#include "ui/shell/desktopnotifier.h"
#include "ui/shell/mainwindow.h"
#include "ui/widgets/controls.h"

#include <QDir>
#include <QLabel>
#include <QPointer>

using namespace signalbox;
using namespace signalbox::test;
using policy::PromotionBoard;
using policy::PromotionCard;

class TestPromotionsPage : public PromotionsPageFixture
{
    Q_OBJECT
private slots:
    void theInboxHasWhatWaitsForMeFirst()
    {
        Screen screen;
        QCOMPARE(
            screen.rows(),
            (QStringList{QStringLiteral("Waiting for you"), QStringLiteral("feature-store 0.98.1 \u2192 production"),
                         QStringLiteral("smart-support 8.1.9 \u2192 production"), QStringLiteral("Waiting for others"),
                         QStringLiteral("edge-gateway 5.0.1 \u2192 staging"), QStringLiteral("Recently decided"),
                         QStringLiteral("image-classifier 2.15.0-rc.2 \u2192 production"),
                         QStringLiteral("recommender 1.43.9 \u2192 production")}));
        QVERIFY(screen.inbox()->hasFocus());
        const QString spoken = screen.inbox()->model()->index(2, 0).data(Qt::AccessibleTextRole).toString();
        QVERIFY2(spoken.contains(QStringLiteral("1 of 2 approvals")) &&
                     spoken.contains(QStringLiteral("waits for you")),
                 qPrintable(spoken));
    }

    void enterInTheListGoesToTheButton()
    {
        Screen screen;
        QTest::keyClick(screen.inbox(), Qt::Key_Down);
        QTest::keyClick(screen.inbox(), Qt::Key_Return);
        QVERIFY(screen.approve()->hasFocus());
    }

    void filterAndSort()
    {
        Screen screen;
        QVERIFY(screen.page.focusFilter());
        auto *filter = screen.page.findChild<FilterField *>(QStringLiteral("promotionsFilter"));
        QVERIFY(filter->hasFocus());
        QTest::keyClicks(filter, QStringLiteral("gateway"));
        QCOMPARE(screen.rows(), (QStringList{QStringLiteral("Waiting for others"),
                                             QStringLiteral("edge-gateway 5.0.1 \u2192 staging")}));
        filter->setText(QStringLiteral("no such thing"));
        QCOMPARE(screen.panelText("promotionsInboxPanel"), QStringLiteral("Esc clears it."));
        QVERIFY(screen.page.goBack());
        QCOMPARE(screen.rows().size(), 8);
        auto *order = screen.page.findChild<ChipButton *>(QStringLiteral("promotionsOrder"));
        order->setChosen(QStringLiteral("application"));
        emit order->chosenChanged(QStringLiteral("application"));
        QCOMPARE(screen.rows().at(1), QStringLiteral("feature-store 0.98.1 \u2192 production"));
    }

    void theFiltersWordsAreNeverCut_data()
    {
        QTest::addColumn<QSize>("size");
        QTest::newRow("wide") << QSize(1240, 800);
        QTest::newRow("a window of 1100 x 700") << QSize(904, 622);
    }
    void theFiltersWordsAreNeverCut()
    {
        QFETCH(QSize, size);
        Screen screen;
        screen.page.resize(size);
        const auto *filter = screen.page.findChild<FilterField *>(QStringLiteral("promotionsFilter"));
        const auto wide = [filter](const QString &words) { return filter->fontMetrics().horizontalAdvance(words); };
        const auto room = [filter] { return filter->width() - filter->textMargins().left(); };
        QTRY_VERIFY2(wide(filter->placeholderText()) < room(), qPrintable(filter->placeholderText()));
        QCOMPARE(filter->accessibleName(), QStringLiteral("Filter promotions"));
        QVERIFY(filter->placeholderText() == filter->accessibleName() || filter->toolTip() == filter->accessibleName());
        // Where there is room everything is said.
        FilterField other(QStringLiteral("Filter promotions"));
        other.resize(400, 28);
        other.show();
        QTRY_COMPARE(other.placeholderText(), QStringLiteral("Filter promotions"));
        other.resize(60, 28);
        QTRY_VERIFY(other.placeholderText() != QStringLiteral("Filter promotions"));
        QVERIFY(wide(other.placeholderText()) < 60);
        other.resize(400, 28);
        QTRY_COMPARE(other.placeholderText(), QStringLiteral("Filter promotions"));
        QVERIFY(other.toolTip().isEmpty());
    }

    // A freeze wants no promotion to be chosen.
    void aFreezeIsReachedWithoutAPromotion_data()
    {
        QTest::addColumn<bool>("byHint"); // as the palette does it
        QTest::newRow("by its button") << false;
        QTest::newRow("from elsewhere") << true;
    }
    void aFreezeIsReachedWithoutAPromotion()
    {
        QFETCH(bool, byHint);
        Screen screen([](PromotionConsole &world) {
            world.change([](PromotionBoard &board) {
                board.open.clear();
                board.decided.clear();
            });
        });
        NavigationTarget target;
        target.hint = QStringLiteral("freeze");
        if (byHint)
            screen.page.open(target);
        else
            QTest::mouseClick(screen.page.findChild<QPushButton *>(QStringLiteral("orderFreeze")), Qt::LeftButton);
        const QPointer<FreezeDialog> dialog = screen.page.findChild<FreezeDialog *>();
        QVERIFY(dialog && dialog->isVisible());
        QTRY_COMPARE(screen.world.desk.freezesDrafted.size() > 0, true);
        QCOMPARE(screen.world.desk.freezesDrafted.last().application, QStringLiteral("*"));
        dialog->reject();
    }

    void emptyLoadingAndForbiddenAreDrawnOnPurpose_data()
    {
        QTest::addColumn<Freshness::State>("state");
        QTest::addColumn<QString>("text");
        QTest::newRow("nothing waits") << Freshness::State::Live
                                       << QStringLiteral("No promotion was asked for lately.");
        QTest::newRow("denied") << Freshness::State::Denied << QStringLiteral("The remote lets you not read it.");
        QTest::newRow("failed") << Freshness::State::Failed << QStringLiteral("The remote lets you not read it.");
        QTest::newRow("loading") << Freshness::State::Loading << QString();
    }
    void emptyLoadingAndForbiddenAreDrawnOnPurpose()
    {
        QFETCH(Freshness::State, state);
        QFETCH(QString, text);
        Screen screen([state](PromotionConsole &world) {
            world.change([&](PromotionBoard &board) {
                board.open.clear();
                board.decided.clear();
                board.ledgerFreshness.state = state;
                if (state == Freshness::State::Denied || state == Freshness::State::Failed)
                    board.ledgerFreshness.error =
                        Error{ErrorKind::Forbidden, QStringLiteral("The remote lets you not read it."), {}};
            });
        });
        QVERIFY2(screen.panelText("promotionsInboxPanel").startsWith(text),
                 qPrintable(screen.panelText("promotionsInboxPanel")));
        if (state == Freshness::State::Loading)
            QVERIFY(visible<QWidget>(screen.page, "panelLoading"));
        QVERIFY(!screen.page.findChild<DecisionBox *>()->isVisible());
    }

    void withoutALedgerItSaysHowToBegin()
    {
        Screen screen([](PromotionConsole &world) {
            world.change([](PromotionBoard &board) {
                board.open.clear();
                board.decided.clear();
                board.ledgerFreshness.state = Freshness::State::Failed;
                board.ledgerFreshness.error =
                    Error{ErrorKind::NotFound, QStringLiteral("There is no ledger at /home/a/ledger.git yet."), {}};
            });
        });
        const QString told = screen.panelText("noLedgerPanel");
        QVERIFY2(told.contains(QLatin1String("/home/a/ledger.git")), qPrintable(told));
        QVERIFY2(told.contains(QLatin1String("signalbox ledger init")), qPrintable(told));
        QVERIFY(!screen.inbox()->isVisible()); // nothing red, and nothing to choose from
        screen.world.change([](PromotionBoard &board) {
            board.ledgerFreshness.state = Freshness::State::Live;
            board.ledgerFreshness.error.reset();
        });
        QTRY_VERIFY(screen.inbox()->isVisible() ||
                    screen.panelText("promotionsInboxPanel").startsWith(QLatin1String("No promotion was asked for")));
        QVERIFY(!screen.page.findChild<QWidget *>(QStringLiteral("noLedgerPanel"))->isVisible());
    }

    // Nothing is broken there: no red, and what to do.
    void whereNobodySignsYetItSaysHowToBegin()
    {
        Screen screen([](PromotionConsole &world) {
            world.change([](PromotionBoard &board) {
                board.open.clear();
                board.decided.clear();
                board.ledgerFreshness.state = Freshness::State::Failed;
                board.ledgerFreshness.error =
                    Error{ErrorKind::Unsupported, QStringLiteral("The ledger is not signed."), {}};
            });
        });
        const auto *panel = screen.page.findChild<Panel *>(QStringLiteral("noLedgerPanel"));
        QCOMPARE(panel->state(), Panel::State::Empty);
        const auto labels = panel->findChildren<QLabel *>();
        QVERIFY(std::any_of(labels.cbegin(), labels.cend(), [](const QLabel *label) {
            return label->isVisible() && label->text() == QLatin1String("The ledger is not signed yet");
        }));
        QVERIFY(screen.panelText("noLedgerPanel").contains(QLatin1String("signalbox ledger init")));
        QVERIFY(!screen.page.findChild<QWidget *>(QStringLiteral("promotionsBanner"))->isVisible());
        const int refreshes = screen.world.desk.refreshes;
        QTest::mouseClick(visible<QPushButton>(*panel, "panelAction"), Qt::LeftButton);
        QVERIFY(screen.world.desk.refreshes > refreshes);
        // One that is broken is told as what it is.
        screen.world.change([](PromotionBoard &board) { board.ledgerFreshness.error->kind = ErrorKind::Refused; });
        QVERIFY(!panel->isVisible());
        QVERIFY(screen.page.findChild<QWidget *>(QStringLiteral("promotionsBanner"))->isVisible());
    }

    void manyPromotionsKeepTheChosenOne()
    {
        Screen screen;
        screen.select(PromotionConsole::support);
        screen.world.change([&](PromotionBoard &board) {
            for (int i = 0; i < 300; ++i) {
                PromotionCard more = board.open.first();
                more.id = QStringLiteral("01MORE%1").arg(i, 20, 10, QLatin1Char('0'));
                more.request.subject.application = QStringLiteral("app-%1").arg(i);
                more.requestedAt = screen.world.now.addSecs(-i - 7200);
                board.open.prepend(more);
            }
        });
        QCOMPARE(screen.inbox()->currentIndex().data(IdRole).toString(), PromotionConsole::support);
        QCOMPARE(screen.inbox()->model()->rowCount(), 308);
        QCOMPARE(screen.label("promotionTitle"), QStringLiteral("smart-support  8.1.7 \u2192 8.1.9"));
    }

    void everyControlHasAName()
    {
        Screen screen([](PromotionConsole &world) {
            world.change([&](PromotionBoard &board) {
                board.stops = {PromotionConsole::holdOn(world.now.addSecs(-600), true)};
            });
        });
        screen.select(PromotionConsole::support);
        for (const QWidget *widget : screen.page.findChildren<QWidget *>()) {
            if (!widget->isVisible() || (widget->focusPolicy() & Qt::TabFocus) == 0 ||
                qobject_cast<const QAbstractScrollArea *>(widget))
                continue;
            const auto *button = qobject_cast<const QAbstractButton *>(widget);
            QVERIFY2(!widget->accessibleName().isEmpty() || (button && !button->text().isEmpty()),
                     widget->metaObject()->className());
        }
    }

    void withoutALedgerItSaysWhatIsMissing()
    {
        PromotionConsole world;
        world.context->promotions = nullptr;
        PromotionsPage page(*world.context);
        page.resize(1000, 700);
        page.show();
        page.open({});
        QVERIFY(textOf(page, "panelMessageText").contains(QStringLiteral("signed ledger")));
        QVERIFY(!page.goBack());
    }

    void theDesktopIsToldOnlyWhenNobodyLooks_data()
    {
        QTest::addColumn<bool>("isInFront");
        QTest::addColumn<bool>("isWanted");
        QTest::addColumn<int>("told");
        QTest::newRow("behind") << false << true << 1;
        QTest::newRow("in front") << true << true << 0;
        QTest::newRow("switched off") << false << false << 0;
    }
    void theDesktopIsToldOnlyWhenNobodyLooks()
    {
        QFETCH(bool, isInFront);
        QFETCH(bool, isWanted);
        QFETCH(int, told);
        PromotionConsole world;
        DesktopNotifier::setWanted(*world.settings, isWanted);
        QStringList shown;
        DesktopNotifier notifier(world.desk, *world.settings, [isInFront] { return isInFront; });
        connect(&notifier, &DesktopNotifier::told, this,
                [&shown](const QString &title, const QString &text) { shown << title + QLatin1Char('|') + text; });
        world.desk.callFor(PromotionConsole::support);
        QCOMPARE(shown.size(), told);
        if (told > 0)
            QCOMPARE(shown.first(),
                     QStringLiteral("smart-support 8.1.9 waits for you|ana asks that it may go to production."));
    }

    // Made and measured in both themes and two sizes; SIGNALBOX_SHOTS names a folder to leave the pictures in.
    void pictures_data()
    {
        QTest::addColumn<QSize>("size");
        QTest::addColumn<bool>("isDark");
        QTest::addColumn<QString>("what");
        for (const bool isDark : {true, false}) {
            for (const QSize size : {QSize(1440, 900), QSize(1100, 700)}) {
                for (const char *what : {"promotion", "diff", "side", "ready", "stale"}) {
                    const QString name =
                        QStringLiteral("%1-%2-%3")
                            .arg(QLatin1String(what), isDark ? QStringLiteral("dark") : QStringLiteral("light"))
                            .arg(size.width());
                    QTest::newRow(qPrintable(name)) << size << isDark << QString::fromLatin1(what);
                }
            }
        }
    }
    void pictures()
    {
        QFETCH(QSize, size);
        QFETCH(bool, isDark);
        QFETCH(QString, what);
        PromotionConsole world;
        AgeTicker::freezeAt(world.now);
        world.settings->setTheme(isDark ? ConsoleSettings::ThemeChoice::Dark : ConsoleSettings::ThemeChoice::Light);
        if (what == QLatin1String("stale"))
            world.change([&](PromotionBoard &board) {
                PromotionConsole::goStale(board, QStringLiteral("git.example does not answer."));
                board.stops = {PromotionConsole::holdOn(world.now.addSecs(-600), false)};
                board.debts = {PromotionConsole::debt(world.now.addSecs(-3600), true)};
            });
        const PageEntry entry{
            QStringLiteral("promotions"), QStringLiteral("Promotions"), 3,
            [](ConsoleContext &context, QWidget *parent) -> Page * { return new PromotionsPage(context, parent); }};
        MainWindow window(*world.context, {entry}, m_theme.get());
        window.resize(size);
        window.show();
        NavigationTarget target;
        target.page = entry.id;
        target.object.uid = PromotionConsole::support;
        window.go(target);
        auto *page = window.currentPage();
        if (what == QLatin1String("ready"))
            world.makeReady(PromotionConsole::support);
        auto *commits = page->findChild<RowList *>(QStringLiteral("promotionCommits"));
        QTRY_COMPARE(commits->model()->rowCount(), 4);
        if (what == QLatin1String("diff") || what == QLatin1String("side")) {
            page->findChild<QPushButton *>(QStringLiteral("openDiff"))->click();
            if (what == QLatin1String("side"))
                page->findChild<QPushButton *>(QStringLiteral("diffSideBySide"))->click();
            else
                world.settings->setChoice(QStringLiteral("changes/layout"), QStringLiteral("unified"));
        }
        QVERIFY(comesToRest(window));
        const QPixmap picture = window.grab();
        QCOMPARE(picture.size(), size);
        const QString folder = qEnvironmentVariable("SIGNALBOX_SHOTS");
        if (!folder.isEmpty())
            QVERIFY(picture.save(
                QDir(folder).filePath(QString::fromLatin1(QTest::currentDataTag()) + QStringLiteral(".png"))));
        AgeTicker::freezeAt({});
    }
};

QTEST_MAIN(TestPromotionsPage)
#include "test_promotionspage.moc"
