#include "tests/gui/promotions/promotionconsole.h"
#include "ui/pages/promotions/freezedialog.h"
#include "ui/pages/promotions/promotionspage.h"
#include "ui/shell/consolesettings.h"
#include "ui/theme/theme.h"
#include "ui/widgets/holdbutton.h"
#include "ui/widgets/timetext.h"

#include <QApplication>
#include <QComboBox>
#include <QDateTimeEdit>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <QTimeZone>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

// The dialog as the More menu of smart-support opens it, at noon UTC of a winter day in Berlin.
struct Screen
{
    explicit Screen(const std::function<void(PromotionConsole &)> &prepare = {})
        : page((prepare ? prepare(world) : void(), *world.context))
    {
        setDisplayZone(QTimeZone("Europe/Berlin"));
        AgeTicker::freezeAt(QDateTime(QDate(2026, 12, 23), QTime(12, 0, 30), Qt::UTC));
        world.desk.reach.may = {true, {}};
        world.desk.reach.policyCommit = hex("c0", 40);
        world.desk.reach.environments = {QStringLiteral("production")};
        world.desk.reach.applications = {QStringLiteral("smart-support")};
        world.desk.reach.promotions = {PromotionConsole::support};
        page.resize(1240, 800);
        page.show();
        QApplication::setActiveWindow(&page);
        NavigationTarget target;
        target.object.uid = PromotionConsole::support;
        page.open(target);
    }
    ~Screen()
    {
        AgeTicker::freezeAt({});
        setDisplayZone(QTimeZone::utc());
    }

    // By keys alone: the More button, down to the freeze, Enter.
    void openByKeys()
    {
        auto *more = page.findChild<QPushButton *>(QStringLiteral("decisionMore"));
        more->setFocus(Qt::TabFocusReason);
        QTest::keyClick(more, Qt::Key_Space);
        auto *menu = page.findChild<QMenu *>(QStringLiteral("decisionMenu"));
        QVERIFY(menu);
        for (int i = 0;
             i < 10 && (!menu->activeAction() || !menu->activeAction()->text().startsWith(u"Order a freeze")); ++i)
            QTest::keyClick(menu, Qt::Key_Down);
        QVERIFY(menu->activeAction());
        QTest::keyClick(menu, Qt::Key_Return);
        dialog = page.findChild<FreezeDialog *>();
        QVERIFY(dialog);
        QApplication::setActiveWindow(dialog);
        world.takeClock(button());
    }
    void tabTo(const char *name)
    {
        for (int i = 0; i < 30; ++i) {
            QWidget *focus = dialog->focusWidget();
            if (focus && focus->objectName() == QLatin1String(name))
                return;
            QTest::keyClick(focus ? focus : dialog, Qt::Key_Tab);
        }
        QFAIL(name);
    }
    HoldButton *button() const { return dialog->findChild<HoldButton *>(QStringLiteral("freezeButton")); }
    QString label(const char *name) const { return textOf(*dialog, name); }
    bool isShown(const char *name) const
    {
        const auto *widget = dialog->findChild<QWidget *>(QLatin1String(name));
        return widget && widget->isVisible();
    }
    const QList<policy::FreezeReach> &freezes() const { return world.desk.freezes; }

    PromotionConsole world;
    PromotionsPage page;
    FreezeDialog *dialog = nullptr;
};

} // namespace

class TestFreezeDialog : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase() { m_theme = std::make_unique<Theme>(*qApp); }
    void cleanupTestCase() { m_theme.reset(); }
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("^(?!This plugin does not support).*"))); }

    void isOrderedByKeysAsItWasShown()
    {
        Screen screen;
        screen.openByKeys();
        QTRY_COMPARE(screen.label("freezeEffect"),
                     QStringLiteral("No promotion of smart-support to production starts from 2026-12-23 13:00:00 "
                                    "Europe/Berlin until 2026-12-23 15:00:00 Europe/Berlin."));
        const QString reach = screen.label("freezeReach");
        QVERIFY2(reach.contains(QStringLiteral("Cannot start meanwhile: smart-support 8.1.9 to production (asked")),
                 qPrintable(reach));
        QVERIFY2(reach.contains(QStringLiteral("Going back stays possible.")), qPrintable(reach));
        QVERIFY(screen.button()->fingerprint().isEmpty()); // no reason yet
        screen.tabTo("freezeReason");
        QTest::keyClicks(screen.dialog->focusWidget(), QStringLiteral("end of year"));
        QVERIFY(!screen.button()->fingerprint().isEmpty());
        screen.tabTo("freezeButton");
        screen.world.press(screen.button(), 500); // too short
        QVERIFY(screen.freezes().isEmpty());
        screen.world.press(screen.button(), 900);
        QTRY_COMPARE(screen.freezes().size(), 1);
        const policy::FreezeReach &seen = screen.freezes().first();
        QCOMPARE(seen.promotions, QStringList{PromotionConsole::support});
        QCOMPARE(seen.order.application, QStringLiteral("smart-support"));
        QCOMPARE(seen.order.environment, QStringLiteral("production"));
        QCOMPARE(seen.order.from, QDateTime(QDate(2026, 12, 23), QTime(12, 0), Qt::UTC));
        QCOMPARE(seen.order.until, QDateTime(QDate(2026, 12, 23), QTime(14, 0), Qt::UTC));
        QCOMPARE(seen.order.reason, QStringLiteral("end of year"));
        QTRY_VERIFY(!screen.page.findChild<FreezeDialog *>());
    }

    // Another promotion is asked for while the key is held: the hold is for nothing, the new state is shown.
    void whatMovesStartsTheHoldAnew()
    {
        Screen screen;
        screen.openByKeys();
        screen.tabTo("freezeReason");
        QTest::keyClicks(screen.dialog->focusWidget(), QStringLiteral("audit"));
        QTRY_VERIFY(!screen.button()->fingerprint().isEmpty());
        const QByteArray before = screen.button()->fingerprint();
        screen.tabTo("freezeButton");
        QTest::keyPress(screen.button(), Qt::Key_Return);
        QVERIFY(screen.button()->isHolding());
        screen.world.desk.reach.promotions.append(PromotionConsole::store);
        screen.world.change([](policy::PromotionBoard &board) { board.unsent = 1; });
        QTRY_VERIFY(screen.button()->fingerprint() != before);
        QVERIFY(!screen.button()->isHolding());
        screen.world.passHold(screen.button(), 5000);
        QVERIFY(screen.freezes().isEmpty());
        QTest::keyRelease(screen.button(), Qt::Key_Return);
        screen.world.press(screen.button(), 900);
        QTRY_COMPARE(screen.freezes().size(), 1);
        QCOMPARE(screen.freezes().first().promotions.size(), 2);
    }

    void allOfThemUntilAnotherDay()
    {
        Screen screen;
        screen.openByKeys();
        screen.tabTo("freezeApplication");
        QTest::keyClick(screen.dialog->focusWidget(), Qt::Key_Home);
        screen.tabTo("freezeEnvironment");
        QTest::keyClick(screen.dialog->focusWidget(), Qt::Key_Home);
        screen.tabTo("freezeUntil");
        screen.dialog->findChild<QDateTimeEdit *>(QStringLiteral("freezeUntil"))
            ->setCurrentSection(QDateTimeEdit::DaySection);
        QTest::keyClick(screen.dialog->focusWidget(), Qt::Key_Up);
        QTRY_COMPARE(screen.label("freezeEffect"),
                     QStringLiteral("No promotion of any application to any environment starts from 2026-12-23 "
                                    "13:00:00 Europe/Berlin until 2026-12-24 15:00:00 Europe/Berlin."));
        QCOMPARE(screen.world.desk.freezesDrafted.last().application, QStringLiteral("*"));
        QCOMPARE(screen.world.desk.freezesDrafted.last().environment, QStringLiteral("*"));
    }

    // Every Tuesday and Thursday by keys; and the same order whatever was chosen before.
    void comesAgainOnTheDaysThatAreChosen()
    {
        Screen screen;
        const QDateTime thursday(QDate(2026, 12, 24), QTime(12, 0), Qt::UTC);
        screen.world.desk.reach.next = {{thursday, thursday.addSecs(7200)},
                                        {thursday.addDays(5), thursday.addDays(5).addSecs(7200)}};
        screen.openByKeys();
        QVERIFY(!screen.isShown("freezeNext"));
        QVERIFY(!screen.isShown("freezeDay1"));
        QVERIFY(!screen.isShown("freezeRule"));
        QCOMPARE(screen.label("freezeZone"),
                 QStringLiteral("Times are in Europe/Berlin, and it repeats by the clocks there."));
        screen.tabTo("freezeRepeat");
        for (const char *key : {"every day", "every week, on some days"}) {
            QTest::keyClick(screen.dialog->focusWidget(), Qt::Key_Down);
            QCOMPARE(qobject_cast<QComboBox *>(screen.dialog->focusWidget())->currentText(), QString::fromLatin1(key));
        }
        for (const char *day : {"freezeDay2", "freezeDay3", "freezeDay4"}) { // it is a Wednesday: checked already
            screen.tabTo(day);
            QTest::keyClick(screen.dialog->focusWidget(), Qt::Key_Space);
        }
        screen.tabTo("freezeReason");
        QTest::keyClicks(screen.dialog->focusWidget(), QStringLiteral("stock taking"));
        QTRY_COMPARE(screen.label("freezeEffect"),
                     QStringLiteral("No promotion of smart-support to production starts for 2h each time that it "
                                    "comes: from 2026-12-23 13:00:00 Europe/Berlin on by FREQ=WEEKLY;BYDAY=TU,TH "
                                    "(clocks of Europe/Berlin), the last time until 2026-12-23 15:00:00 "
                                    "Europe/Berlin."));
        QCOMPARE(screen.label("freezeNext"),
                 QStringLiteral("The next times:\n"
                                "2026-12-24 13:00:00 Europe/Berlin until 2026-12-24 15:00:00 Europe/Berlin\n"
                                "2026-12-29 13:00:00 Europe/Berlin until 2026-12-29 15:00:00 Europe/Berlin"));
        screen.tabTo("freezeButton");
        screen.world.press(screen.button(), 900);
        QTRY_COMPARE(screen.freezes().size(), 1);
        const policy::FreezeOrder &order = screen.freezes().first().order;
        const policy::FreezeRepeat expected{QStringLiteral("FREQ=WEEKLY;BYDAY=TU,TH"), "Europe/Berlin",
                                            std::chrono::hours(2)};
        QVERIFY(order.repeat == expected);
        QCOMPARE(order.from, QDateTime(QDate(2026, 12, 23), QTime(12, 0), Qt::UTC));
        QTRY_VERIFY(!screen.page.findChild<FreezeDialog *>());
    }

    void anOwnRuleHasToBeThere()
    {
        Screen screen;
        screen.openByKeys();
        screen.tabTo("freezeReason");
        QTest::keyClicks(screen.dialog->focusWidget(), QStringLiteral("audit"));
        QTRY_VERIFY(!screen.button()->fingerprint().isEmpty());
        const QByteArray once = screen.button()->fingerprint();
        QTest::keyClick(screen.dialog->focusWidget(), Qt::Key_Tab, Qt::ShiftModifier);
        QCOMPARE(screen.dialog->focusWidget()->objectName(), QStringLiteral("freezeRepeat"));
        QTest::keyClick(screen.dialog->focusWidget(), Qt::Key_End);
        QTRY_COMPARE(screen.label("panelMessageText"),
                     QStringLiteral("Write the rule of the repetition (RRULE of RFC 5545), for example "
                                    "FREQ=MONTHLY;BYDAY=-1FR."));
        QVERIFY(screen.button()->fingerprint().isEmpty());
        screen.tabTo("freezeRule");
        QTest::keyClicks(screen.dialog->focusWidget(), QStringLiteral("freq=monthly"));
        QTRY_VERIFY(!screen.button()->fingerprint().isEmpty());
        QVERIFY(screen.button()->fingerprint() != once); // a hold would have begun for another thing
        QCOMPARE(screen.world.desk.freezesDrafted.last().repeat->rule, QStringLiteral("FREQ=MONTHLY"));
        screen.world.desk.reachFails =
            Error{ErrorKind::Invalid, QStringLiteral("\"FREQ=MONTHLYX\" is no recurrence rule."), {}};
        QTest::keyClicks(screen.dialog->focusWidget(), QStringLiteral("x"));
        QTRY_COMPARE(screen.label("panelMessageText"), QStringLiteral("\"FREQ=MONTHLYX\" is no recurrence rule."));
        QVERIFY(screen.button()->fingerprint().isEmpty());
        QTest::keyClick(screen.dialog, Qt::Key_Escape);
        QTRY_VERIFY(!screen.page.findChild<FreezeDialog *>());
    }

    void refuses_data()
    {
        QTest::addColumn<bool>("isAllowed");
        QTest::addColumn<QString>("fails");
        QTest::addColumn<QString>("text");
        QTest::newRow("nobody who may") << false << QString() << QStringLiteral("Only admins may order a freeze.");
        QTest::newRow("the ledger is away") << true << QStringLiteral("The shared ledger cannot be reached.")
                                            << QStringLiteral("The shared ledger cannot be reached.");
    }
    void refuses()
    {
        QFETCH(bool, isAllowed);
        QFETCH(QString, fails);
        QFETCH(QString, text);
        Screen screen;
        if (!isAllowed)
            screen.world.desk.reach.may = {false, text};
        if (!fails.isEmpty())
            screen.world.desk.reachFails = Error{ErrorKind::Unreachable, fails, {}};
        screen.openByKeys();
        screen.tabTo("freezeReason");
        QTest::keyClicks(screen.dialog->focusWidget(), QStringLiteral("audit"));
        QTRY_COMPARE(isAllowed ? screen.label("panelMessageText") : screen.label("freezeProblem"), text);
        screen.tabTo("freezeButton");
        screen.world.press(screen.button(), 5000);
        QVERIFY(screen.freezes().isEmpty());
        QTest::keyClick(screen.dialog, Qt::Key_Escape);
        QTRY_VERIFY(!screen.page.findChild<FreezeDialog *>());
    }

    // The ledger says that it is another thing by now: nothing was written, and what is there now is shown.
    void aConflictIsToldAndLookedAtAgain()
    {
        Screen screen;
        screen.openByKeys();
        screen.tabTo("freezeReason");
        QTest::keyClicks(screen.dialog->focusWidget(), QStringLiteral("audit"));
        QTRY_VERIFY(!screen.button()->fingerprint().isEmpty());
        screen.world.desk.writeFails = Error{ErrorKind::Conflict, QStringLiteral("The policy changed."), {}};
        const qsizetype drafts = screen.world.desk.freezesDrafted.size();
        screen.tabTo("freezeButton");
        screen.world.press(screen.button(), 900);
        QTRY_COMPARE(screen.label("freezeProblem"), QStringLiteral("The policy changed."));
        QTRY_VERIFY(screen.world.desk.freezesDrafted.size() > drafts);
        QTest::keyClick(screen.dialog, Qt::Key_Escape);
        QTRY_VERIFY(!screen.page.findChild<FreezeDialog *>());
    }

private:
    std::unique_ptr<Theme> m_theme;
};

QTEST_MAIN(TestFreezeDialog)
#include "test_freezedialog.moc"
