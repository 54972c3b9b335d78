// The window around the pages: keys, palette, help, guide.
#include "tests/gui/shellfixture.h"
#include "ui/shell/fuzzy.h"
#include "ui/shell/guideoverlay.h"
#include "ui/shell/palette.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/holdbutton.h"
#include "ui/widgets/tableview.h"

#include <QAccessible>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QVBoxLayout>

using namespace signalbox;
using namespace signalbox::test;

class TestShell : public ShellFixture
{
    Q_OBJECT
private slots:
    void fuzzyFindsWhatIsMeant()
    {
        QVERIFY(fuzzyScore(QStringLiteral("imgc"), QStringLiteral("image-classifier in production")) > 0);
        QVERIFY(fuzzyScore(QStringLiteral("xyz"), QStringLiteral("image-classifier")) < 0);
        QVERIFY(fuzzyScore(QStringLiteral("rb"), QStringLiteral("Roll back")) >
                fuzzyScore(QStringLiteral("rb"), QStringLiteral("orbit")));
        QVERIFY(fuzzyScore(QStringLiteral("prod image"), QStringLiteral("image-classifier in production")) > 0);
    }

    // Among what answers alike: what is meant more often; without letters the natural order.
    void thePaletteKnowsWhatIsMeant()
    {
        const auto item = [](const char *title, int bonus) {
            PaletteItem one;
            one.title = QString::fromLatin1(title);
            one.bonus = bonus;
            return one;
        };
        PaletteModel model;
        model.setItems({item("Pin recommender", 0), item("recommender in staging", 24),
                        item("recommender in production", 46), item("Roll back recommender in production", 42)});
        const auto titles = [&model] {
            QStringList all;
            for (int i = 0; i < model.rowCount(); ++i)
                all << model.at(i).title;
            return all;
        };
        model.search(QStringLiteral("recom"));
        QCOMPARE(titles(), (QStringList{QStringLiteral("recommender in production"),
                                        QStringLiteral("Roll back recommender in production"),
                                        QStringLiteral("recommender in staging"), QStringLiteral("Pin recommender")}));
        model.search({});
        QCOMPARE(titles().first(), QStringLiteral("Pin recommender"));
    }

    void enterPressesWhatHasTheFocus()
    {
        QWidget panel;
        auto *layout = new QVBoxLayout(&panel);
        auto *plain = new QPushButton(QStringLiteral("Open"), &panel);
        plain->setAutoDefault(false);
        auto *hold = new HoldButton(QStringLiteral("Roll back"), ToneName::Failing, &panel);
        Confirmation confirmation;
        confirmation.kind = Confirmation::Kind::Hold;
        confirmation.hold = std::chrono::milliseconds(800);
        hold->showPlan(QByteArrayLiteral("plan"), confirmation);
        layout->addWidget(plain);
        layout->addWidget(hold);
        panel.show();
        QVERIFY(QTest::qWaitForWindowActive(&panel));
        const QSignalSpy pressed(plain, &QPushButton::clicked);
        const QSignalSpy held(hold, &HoldButton::held);
        const QSignalSpy asked(hold, &HoldButton::alternativeRequested);
        plain->setFocus();
        QTest::keyClick(plain, Qt::Key_Return);
        QTest::keyClick(plain, Qt::Key_Enter, Qt::KeypadModifier);
        QCOMPARE(pressed.size(), 2);
        QKeyEvent again(QEvent::KeyPress, Qt::Key_Return, Qt::NoModifier, QString(), true);
        QCoreApplication::sendEvent(plain, &again);
        QTest::keyClick(plain, Qt::Key_Return, Qt::ControlModifier);
        QCOMPARE(pressed.size(), 2);
        hold->setFocus();
        QTest::keyClick(hold, Qt::Key_Return);
        QCOMPARE(held.size() + asked.size(), 0);
    }

    void theListHasTheFocusAtTheStart()
    {
        QVERIFY(m_window->focusWidget() != nullptr);
        QCOMPARE(m_window->focusWidget()->objectName(), QStringLiteral("releasesTable"));
    }

    void numbersChangeThePage()
    {
        key(Qt::Key_6);
        QCOMPARE(m_window->currentPageId(), QStringLiteral("cluster"));
        key(Qt::Key_1);
        QCOMPARE(m_window->currentPageId(), QStringLiteral("overview"));
        key(Qt::Key_Escape); // back
        QCOMPARE(m_window->currentPageId(), QStringLiteral("cluster"));
        key(Qt::Key_2);
        QCOMPARE(m_window->currentPageId(), QStringLiteral("pipelines"));
    }

    // It toggles what can be checked, without a click.
    void aScreenReaderChangesThePage()
    {
        auto *nav = m_window->findChild<QPushButton *>(QStringLiteral("nav-cluster"));
        QVERIFY(nav != nullptr);
        const auto toggle = [nav] {
            QAccessible::queryAccessibleInterface(nav)->actionInterface()->doAction(
                QAccessibleActionInterface::toggleAction());
        };
        toggle();
        QCOMPARE(m_window->currentPageId(), QStringLiteral("cluster"));
        QVERIFY(nav->isChecked());
        toggle(); // who is there stays there
        QCOMPARE(m_window->currentPageId(), QStringLiteral("cluster"));
        QVERIFY(nav->isChecked());
    }

    void rollbackIsOneChordAway()
    {
        auto *table = m_window->findChild<TableView *>(QStringLiteral("releasesTable"));
        table->setCurrentIndex(findCell(table, QStringLiteral("1.44.1")));
        QTest::keyClick(m_window.get(), Qt::Key_R, Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(m_window->currentPageId(), QStringLiteral("rollback"));
        QCOMPARE(m_window->currentPage()->property("key").toString(), QStringLiteral("prod-eu|dev|recommender"));
    }

    void paletteFindsAndOpens()
    {
        QTest::keyClick(m_window.get(), Qt::Key_K, Qt::ControlModifier);
        auto *input = m_window->findChild<QLineEdit *>(QStringLiteral("paletteInput"));
        QVERIFY(input->isVisible());
        QTRY_VERIFY(input->hasFocus());
        QTest::keyClicks(input, QStringLiteral("roll back recom prod"));
        const auto *palette = m_window->findChild<Palette *>(QStringLiteral("palette"));
        QCOMPARE(palette->model().at(0).title, QStringLiteral("Roll back recommender in production"));
        QTest::keyClick(input, Qt::Key_Return);
        QVERIFY(!palette->isVisible());
        QCOMPARE(m_window->currentPageId(), QStringLiteral("rollback"));
        QCOMPARE(m_window->currentPage()->property("key").toString(), QStringLiteral("prod-eu|production|recommender"));
    }

    void paletteShowsWhyNot()
    {
        m_world->actions.refused = OperationKind::Restart;
        m_window->openPalette();
        auto *input = m_window->findChild<QLineEdit *>(QStringLiteral("paletteInput"));
        QTest::keyClicks(input, QStringLiteral("restart edge-gateway"));
        const auto *palette = m_window->findChild<Palette *>(QStringLiteral("palette"));
        QCOMPARE(palette->model().at(0).title, QStringLiteral("Restart edge-gateway"));
        QCOMPARE(palette->model().at(0).whyNot, QStringLiteral("You may not do this here."));
        QTest::keyClick(input, Qt::Key_Return);
        QVERIFY(palette->isVisible()); // nothing happened
        QVERIFY(m_world->actions.performed.isEmpty());
        QTest::keyClick(input, Qt::Key_Escape);
        m_world->actions.refused.reset();
        m_window->openPalette(QStringLiteral("restart edge-gateway"));
        QTest::keyClick(input, Qt::Key_Return);
        QCOMPARE(m_world->actions.performed.size(), 1);
        QCOMPARE(m_world->actions.performed[0].workload.name, QStringLiteral("edge-gateway"));
    }

    // Where there is one version there is nowhere to move to.
    void paletteMovesTrafficBetweenTracksOnly()
    {
        QStringList wanted;
        Deployed single;
        for (const Deployed &one : m_world->deployed.all()) {
            if (one.routers.isEmpty() || one.tracks.size() < 2)
                continue;
            wanted.append(QStringLiteral("Move traffic of %1 in %2").arg(one.application, one.environment));
            single = one;
        }
        QVERIFY(!wanted.isEmpty());
        single.application = QStringLiteral("single");
        single.tracks.resize(1);
        m_world->deployed.apply({single}, {});
        m_window->openPalette(QStringLiteral("move traffic of"));
        const auto *palette = m_window->findChild<Palette *>(QStringLiteral("palette"));
        QStringList offered;
        for (int row = 0; row < palette->model().rowCount(); ++row) {
            if (palette->model().at(row).title.startsWith(QLatin1String("Move traffic")))
                offered.append(palette->model().at(row).title);
        }
        offered.sort();
        wanted.sort();
        QCOMPARE(offered, wanted);
    }

    void slashFiltersAndEscapeClears()
    {
        auto *table = m_window->findChild<TableView *>(QStringLiteral("releasesTable"));
        table->setFocus();
        QTest::keyClick(table, Qt::Key_Slash);
        auto *filter = m_window->findChild<FilterField *>(QStringLiteral("releasesFilter"));
        QTRY_VERIFY(filter->hasFocus());
        QTest::keyClicks(filter, QStringLiteral("edge"));
        QCOMPARE(table->model()->rowCount(), 1);
        QTest::keyClick(filter, Qt::Key_1); // a digit is text here
        QCOMPARE(filter->text(), QStringLiteral("edge1"));
        QTest::keyClick(filter, Qt::Key_Escape);
        QCOMPARE(table->model()->rowCount(), 6);
        QVERIFY(table->hasFocus());
    }

    void enterOpensWhereItMatters()
    {
        auto *table = m_window->findChild<TableView *>(QStringLiteral("releasesTable"));
        table->setFocus();
        table->setCurrentIndex(findCell(table, QStringLiteral("2.14.3")));
        QTest::keyClick(table, Qt::Key_Return); // two tracks: its traffic
        QCOMPARE(m_window->currentPageId(), QStringLiteral("traffic"));
        key(Qt::Key_1);
        table->setCurrentIndex(findCell(table, QStringLiteral("8.1.7")));
        QTest::keyClick(table, Qt::Key_Return); // all is well: the cluster
        QCOMPARE(m_window->currentPageId(), QStringLiteral("cluster"));
        key(Qt::Key_1);
        table->setCurrentIndex(findCell(table, QStringLiteral("1.44.1")));
        QTest::keyClick(table, Qt::Key_Return); // failing: the way back
        QCOMPARE(m_window->currentPageId(), QStringLiteral("rollback"));
    }

    void everyScreenExplainsItself_data()
    {
        QTest::addColumn<QString>("id");
        for (const PageEntry &entry : consolePages())
            QTest::newRow(qPrintable(entry.id)) << entry.id;
    }
    void everyScreenExplainsItself()
    {
        QFETCH(QString, id);
        QList<PageEntry> pages = consolePages();
        const auto entry = std::find_if(pages.begin(), pages.end(), [&](const PageEntry &one) { return one.id == id; });
        QVERIFY(entry->help);
        const ScreenHelp help = entry->help();
        QVERIFY2(help.shows.size() > 80, qPrintable(help.shows));
        QVERIFY(help.signs.size() >= 2);
        for (const HelpSign &sign : help.signs)
            QVERIFY(sign.what.endsWith(QLatin1Char('.')));
        // As it is shown: on the real page where the fakes can carry it, by F1 as by the question mark.
        m_window->go({id, {}, {}, {}, {}, {}});
        QTest::keyClick(m_window.get(), Qt::Key_F1);
        auto *overlay = m_window->findChild<QWidget *>(QStringLiteral("helpOverlay"));
        QVERIFY(overlay->isVisible());
        QVERIFY(overlay->accessibleDescription().contains(QStringLiteral("Ctrl Shift R: Roll back")));
        if (const ScreenHelp shown = m_window->findChild<QWidget *>(QStringLiteral("helpShows")) ? help : ScreenHelp();
            !shown.shows.isEmpty())
            QVERIFY(overlay->accessibleDescription().contains(shown.shows));
        QTest::keyClick(overlay, Qt::Key_F1);
        QVERIFY(!overlay->isVisible());
    }

    void whatLooksUnusualIsExplained_data()
    {
        QTest::addColumn<QString>("id");
        QTest::addColumn<QString>("word");
        QTest::newRow("acting alone, by hand") << QStringLiteral("traffic") << QStringLiteral("Break glass...");
        QTest::newRow("acting alone, on a promotion") << QStringLiteral("promotions") << QStringLiteral("Break glass");
        QTest::newRow("no pass") << QStringLiteral("traffic") << QStringLiteral("too few");
        QTest::newRow("another attempt") << QStringLiteral("pipelines") << QStringLiteral("attempt 1 of 2");
        QTest::newRow("commits ahead") << QStringLiteral("overview") << QStringLiteral("▸ 3");
    }
    void whatLooksUnusualIsExplained()
    {
        QFETCH(QString, id);
        QFETCH(QString, word);
        const QList<PageEntry> pages = consolePages();
        const auto entry = std::find_if(pages.begin(), pages.end(), [&](const PageEntry &one) { return one.id == id; });
        const QList<HelpSign> signs = entry->help().signs;
        QVERIFY(std::any_of(signs.begin(), signs.end(), [&](const HelpSign &sign) { return sign.word == word; }));
    }

    void questionMarkExplainsTheScreen()
    {
        auto *table = m_window->findChild<TableView *>(QStringLiteral("releasesTable"));
        table->setFocus();
        QTest::keyClick(table, Qt::Key_Question, Qt::ShiftModifier);
        auto *overlay = m_window->findChild<QWidget *>(QStringLiteral("helpOverlay"));
        QVERIFY(overlay->isVisible());
        QCOMPARE(overlay->accessibleName(), QStringLiteral("Help on Overview"));
        QVERIFY(m_window->findChild<QLabel *>(QStringLiteral("helpShows"))->isVisible());
        QTest::keyClick(overlay, Qt::Key_4); // keys do not reach the page below
        QCOMPARE(m_window->currentPageId(), QStringLiteral("overview"));
        QTest::keyClick(overlay, Qt::Key_Escape);
        QVERIFY(!overlay->isVisible());
        QVERIFY(table->hasFocus());
    }

    void questionMarkInATextFieldIsText()
    {
        auto *filter = m_window->findChild<FilterField *>(QStringLiteral("releasesFilter"));
        filter->setFocus();
        QTest::keyClick(filter, Qt::Key_Question, Qt::ShiftModifier);
        QCOMPARE(filter->text(), QStringLiteral("?"));
        auto *overlay = m_window->findChild<QWidget *>(QStringLiteral("helpOverlay"));
        QVERIFY(!overlay->isVisible());
        QTest::keyClick(filter, Qt::Key_F1); // no letter: help all the same
        QVERIFY(overlay->isVisible());
    }

    void theHelpButtonOffersHelpAndGuide()
    {
        QTest::mouseClick(m_window->findChild<QPushButton *>(QStringLiteral("helpButton")), Qt::LeftButton);
        auto *menu = m_window->findChild<QMenu *>(QStringLiteral("helpMenu"));
        QVERIFY(menu != nullptr);
        QCOMPARE(menu->actions().size(), 2);
        menu->actions().at(0)->trigger();
        auto *overlay = m_window->findChild<QWidget *>(QStringLiteral("helpOverlay"));
        QVERIFY(overlay->isVisible());
        menu->close();
        QTest::mouseClick(m_window->findChild<QPushButton *>(QStringLiteral("helpGuide")), Qt::LeftButton);
        QVERIFY(!overlay->isVisible());
        QVERIFY(m_window->findChild<QWidget *>(QStringLiteral("guideOverlay"))->isVisible());
    }

    // ---- guide

    void theGuidePointsAtFiveThingsByKeyboard()
    {
        QVERIFY(!m_world->settings->hasSeenGuide());
        auto *guide = m_window->findChild<GuideOverlay *>();
        QVERIFY(!guide->isVisible()); // nobody asked for it
        key(Qt::Key_6);
        m_window->showGuide();
        QVERIFY(guide->isVisible());
        QCOMPARE(m_window->currentPageId(), QStringLiteral("overview"));
        QList<QWidget *> targets;
        QStringList titles;
        for (int step = 0; step < GuideOverlay::mostSteps; ++step) {
            QCOMPARE(guide->step(), step);
            QVERIFY(guide->target() != nullptr && guide->target()->isVisible());
            QVERIFY(!targets.contains(guide->target()));
            targets << guide->target();
            titles << m_window->findChild<QLabel *>(QStringLiteral("guideTitle"))->text();
            // What is pointed at is not covered by what is said of it.
            const auto *card = m_window->findChild<QLabel *>(QStringLiteral("guideTitle"))->parentWidget();
            QVERIFY(guide->rect().contains(card->geometry()));
            if (step == 1) { // back and forth
                QTest::keyClick(guide, Qt::Key_Left);
                QCOMPARE(guide->step(), 0);
                QTest::keyClick(guide, Qt::Key_Right);
            }
            QTest::keyClick(guide, Qt::Key_Return);
        }
        QVERIFY(!guide->isVisible());
        titles.removeDuplicates();
        QCOMPARE(titles.size(), 5);
        QVERIFY(ConsoleSettings(m_world->settings->file()).hasSeenGuide());
    }

    void theGuideCanBeSkippedAndComesBack()
    {
        auto *guide = m_window->findChild<GuideOverlay *>();
        m_window->showGuide();
        QTest::keyClick(guide, Qt::Key_4); // does not reach what lies below
        QCOMPARE(m_window->currentPageId(), QStringLiteral("overview"));
        QTest::mouseClick(m_window->findChild<QPushButton *>(QStringLiteral("guideNext")), Qt::LeftButton);
        QCOMPARE(guide->step(), 1);
        QTest::mouseClick(m_window->findChild<QPushButton *>(QStringLiteral("guideSkip")), Qt::LeftButton);
        QVERIFY(!guide->isVisible());
        QVERIFY(m_world->settings->hasSeenGuide());
        m_window->openPalette(QStringLiteral("show the guide"));
        QTest::keyClick(m_window->findChild<QLineEdit *>(QStringLiteral("paletteInput")), Qt::Key_Return);
        QVERIFY(guide->isVisible());
        QTest::keyClick(guide, Qt::Key_Escape);
        QVERIFY(!guide->isVisible());
    }
};

QTEST_MAIN(TestShell)
#include "test_shell.moc"
