#include "models/items/ledgermodel.h"
#include "tests/gui/ledger/ledgerpageworld.h"
#include "tests/support/calm.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/panel.h"

#include <QLineEdit>
#include <QScrollBar>
#include <QSignalSpy>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

class PaintCounter : public QObject
{
public:
    explicit PaintCounter(QWidget &widget) { widget.installEventFilter(this); }
    bool eventFilter(QObject *, QEvent *event) override
    {
        count += event->type() == QEvent::Paint ? 1 : 0;
        return false;
    }
    int count = 0;
};

} // namespace

// The Ledger screen over a real signed repository, by keyboard and mouse: its list, its time line, an entry.
class TestLedgerPage : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase() { m_theme = std::make_unique<Theme>(*qApp); }
    void cleanupTestCase() { m_theme.reset(); }
    void init() { m_ledger = std::make_unique<LedgerWorld>(); }
    void cleanup() { m_ledger.reset(); }

    void listsEntriesWithWhatProvesThem()
    {
        LedgerWorld &at = *m_ledger;
        at.open();
        QCOMPARE(at.rows(), 8);
        QCOMPARE(at.cell(0, LedgerModel::Entry), u("Freeze ordered"));
        QCOMPARE(at.cell(0, LedgerModel::Proof), u("proven"));
        QCOMPARE(at.cell(1, LedgerModel::Entry), u("Note"));
        QCOMPARE(at.cell(1, LedgerModel::Proof), u("not to be trusted"));
        QVERIFY(at.table()
                    .model()
                    ->index(1, LedgerModel::Proof)
                    .data(SecondLineRole)
                    .toString()
                    .contains(u("was not in allowed_signers")));
        QCOMPARE(at.cell(7, LedgerModel::Entry), u("Policy or signers changed"));
        QVERIFY2(at.text("ledgerVerdict").contains(u("1 of 8 entries")), qPrintable(at.text("ledgerVerdict")));
        QVERIFY2(at.text("ledgerFacts").contains(u("8 entries on this machine")), qPrintable(at.text("ledgerFacts")));
        QVERIFY(at.text("ledgerFacts").contains(QString::fromLatin1(at.ledger.forge.tip().left(10))));
        m_ledger->shoot("entries");
    }

    void opensWithItsKeyAndIsReadByKeys()
    {
        LedgerWorld &at = *m_ledger;
        at.open();
        at.window->go({u("overview"), {}, {}, {}, {}, {}});
        QTest::keyClick(at.window.get(), Qt::Key_8);
        QCOMPARE(at.window->currentPageId(), u("ledger"));
        at.table().setFocus();
        QTest::keyClick(&at.table(), Qt::Key_Home, Qt::ControlModifier);
        QTest::keyClick(&at.table(), Qt::Key_Down);
        QTRY_VERIFY(at.fields().contains(u("never mind")));
        QCOMPARE(at.text("entryProof"), u("not to be trusted"));
        QVERIFY(at.text("entryReason").contains(u("was not in allowed_signers")));
        QVERIFY(at.fields().contains(
            u("verify-commit ") +
            QString::fromLatin1(at.ledger.forge.git({u("rev-parse"), u("main~1")}).out.trimmed())));
        QTest::keyClick(&at.table(), Qt::Key_Return);
        QVERIFY(at.find<QTextBrowser>("entryFields")->hasFocus());
        QTest::keyClick(at.find<QTextBrowser>("entryFields"), Qt::Key_Escape);
        QVERIFY(at.table().hasFocus());
    }

    void leadsFromOneEntryToThoseThatBelongToIt()
    {
        LedgerWorld &at = *m_ledger;
        at.open();
        NavigationTarget target;
        target.page = u("ledger");
        target.hint = at.approval;
        at.window->go(target);
        QTRY_VERIFY(at.fields().contains(at.ledger.subject.digest));
        auto *browser = at.find<QTextBrowser>("entryFields");
        for (const char *title : {"Promotion asked for", "Approved", "Claimed", "Promotion: done"})
            QVERIFY2(at.fields().contains(QString::fromLatin1(title)), title);
        // By keys: to the first link, and along it.
        browser->setFocus();
        QTest::keyClick(browser, Qt::Key_Tab);
        QTest::keyClick(browser, Qt::Key_Return);
        QTRY_COMPARE(at.table().currentIndex().data(IdRole).toString(),
                     QString::fromLatin1(at.ledger.forge.git({u("rev-parse"), u("main~6")}).out.trimmed()));
        QTRY_VERIFY(at.fields().contains(at.ledger.promotion));
    }

    void narrowsTheListByWordsAndChoices()
    {
        LedgerWorld &at = *m_ledger;
        at.open();
        QTest::keyClick(at.window.get(), Qt::Key_Slash);
        auto *field = at.find<QLineEdit>("ledgerSearch");
        QVERIFY(field->hasFocus());
        QTest::keyClicks(field, u("inventory"));
        QTRY_COMPARE(at.rows(), 1);
        QCOMPARE(at.find<Panel>("ledgerList")->subtitle(), u("1 of 8"));
        QTest::keyClick(field, Qt::Key_Escape);
        QTRY_COMPARE(at.rows(), 8);
        at.take("ledgerPerson", "chipMenu", u("ann@shop.example"));
        QCOMPARE(at.rows(), 4); // the start, an approval, the claim, the outcome
        at.take("ledgerKind", "chipMenu", u("Approval"));
        QCOMPARE(at.rows(), 1);
        at.take("ledgerProof", "chipMenu", u("not to be trusted"));
        QCOMPARE(at.rows(), 0);
        QCOMPARE(at.find<Panel>("ledgerList")->state(), Panel::State::Empty);
        at.table().setFocus();
        QTest::keyClick(at.window.get(), Qt::Key_Escape);
        QTRY_COMPARE(at.rows(), 8);
    }

    void remembersChoices()
    {
        LedgerWorld &at = *m_ledger;
        at.open();
        at.take("ledgerApplication", "chipMenu", u("web"));
        QCOMPARE(at.rows(), 2);
        at.window.reset();
        at.open();
        QCOMPARE(at.rows(), 2);
        QCOMPARE(at.find<ChipButton>("ledgerApplication")->chosen(), u("web"));
    }

    void choosesAStretchOfTime()
    {
        LedgerWorld &at = *m_ledger;
        at.open();
        auto *strip = at.find<QWidget>("ledgerTimeline");
        QVERIFY(strip->isVisible());
        QVERIFY2(strip->accessibleDescription().contains(u("8 entries")), qPrintable(strip->accessibleDescription()));
        strip->setFocus();
        QTest::keyClick(strip, Qt::Key_Right);
        QVERIFY(strip->accessibleDescription().contains(u(": 1 entry")));
        QTest::keyClick(strip, Qt::Key_Return);
        QCOMPARE(at.rows(), 1);
        QCOMPARE(at.cell(0, LedgerModel::Entry), u("Policy or signers changed"));
        QTest::keyClick(strip, Qt::Key_Escape);
        QCOMPARE(at.rows(), 8);
    }

    void showsNewEntriesWhereTheyBelong()
    {
        LedgerWorld &at = *m_ledger;
        at.open();
        at.table().setFocus();
        at.table().setCurrentIndex(at.table().model()->index(2, 0));
        const QString chosen = at.table().currentIndex().data(IdRole).toString();
        at.ledger.add(policy::Note{{}, u("cart"), u("production"), u("all is well")}, u("cai"));
        at.feed->refresh();
        QTRY_COMPARE(at.rows(), 9);
        QCOMPARE(at.cell(0, LedgerModel::Entry), u("Note"));
        QCOMPARE(at.table().currentIndex().data(IdRole).toString(), chosen);
        QCOMPARE(at.table().currentIndex().row(), 3);
    }

    // Who did it is told also where there is no room for a column of it.
    void aNarrowListStillTellsWho()
    {
        LedgerWorld &at = *m_ledger;
        at.open();
        const auto told = [&at] {
            return at.table().model()->index(0, LedgerModel::Entry).data(SecondLineRole).toString();
        };
        const QString who = at.cell(0, LedgerModel::By);
        QVERIFY(!who.isEmpty());
        at.window->resize(1600, 900);
        QTRY_VERIFY(!at.table().isColumnHidden(LedgerModel::By));
        QVERIFY2(!told().startsWith(who), qPrintable(told()));
        at.window->resize(1000, 700);
        QTRY_VERIFY(at.table().isColumnHidden(LedgerModel::By));
        QVERIFY2(told().startsWith(who), qPrintable(told()));
    }

    // The newest is shown at once; whoever types goes on typing.
    void opensWithTheNewestEntry()
    {
        LedgerWorld &at = *m_ledger;
        at.window = std::make_unique<MainWindow>(*at.world.context, consolePages());
        at.window->resize(1440, 900);
        at.window->show();
        at.window->activateWindow();
        at.window->go({u("ledger"), {}, {}, {}, {}, {}});
        auto *field = at.find<QLineEdit>("ledgerSearch");
        field->setFocus();
        QTRY_COMPARE(at.feed->state(), LedgerFeed::State::Ready);
        QTRY_VERIFY2(at.fields().contains(u("Inventory weekend")), qPrintable(at.fields()));
        QCOMPARE(at.table().currentIndex().row(), 0);
        QVERIFY(field->hasFocus());
        QTest::keyClicks(field, u("never mind")); // it is not among those any more
        QTRY_COMPARE(at.rows(), 1);
        QTRY_VERIFY(at.fields().contains(u("never mind")));
        QVERIFY(field->hasFocus());
    }

    void aWantedEntryIsShownAsSoonAsItIsThere()
    {
        LedgerWorld &at = *m_ledger;
        at.open();
        at.table().setCurrentIndex(at.table().model()->index(3, 0));
        const QString wanted = at.ledger.add(policy::Note{{}, u("cart"), u("production"), u("all is well")}, u("cai"));
        at.window->go({u("ledger"), {}, {}, {}, {}, wanted});
        QCOMPARE(at.table().currentIndex().row(), 3);
        at.feed->refresh();
        QTRY_COMPARE(at.rows(), 9);
        QCOMPARE(at.table().currentIndex().row(), 0);
        QTRY_VERIFY(at.fields().contains(u("all is well")));
        // Also past a filter that would not take it.
        at.take("ledgerKind", "chipMenu", u("Approval"));
        QVERIFY(at.rows() < 9);
        at.window->go({u("ledger"), {}, {}, {}, {}, wanted});
        QTRY_VERIFY(at.fields().contains(u("all is well")));
    }

    // New entries move neither the list under whoever reads further down, nor the entry's own text.
    void whoReadsKeepsTheirPlace()
    {
        LedgerWorld &at = *m_ledger;
        at.open({1100, 560});
        at.table().setCurrentIndex(at.table().model()->index(0, 0));
        QTRY_VERIFY(at.fields().contains(u("Inventory weekend")));
        auto *browser = at.find<QTextBrowser>("entryFields");
        browser->selectAll();
        QScrollBar *bar = at.table().verticalScrollBar();
        QVERIFY(bar->maximum() > 60);
        bar->setValue(60);
        const auto top = [&] { return at.table().indexAt({4, 0}).data(IdRole).toString(); };
        const QString before = top();
        at.ledger.add(policy::Note{{}, u("cart"), u("production"), u("all is well")}, u("cai"));
        at.feed->refresh();
        QTRY_COMPARE(at.rows(), 9);
        QCOMPARE(top(), before);
        QCOMPARE(at.table().currentIndex().row(), 1);
        QVERIFY(browser->textCursor().hasSelection());
        bar->setValue(0);
        at.ledger.add(policy::Note{{}, u("cart"), u("production"), u("and again")}, u("cai"));
        at.feed->refresh();
        QTRY_COMPARE(at.rows(), 10);
        QCOMPARE(bar->value(), 0); // who is at the top sees what comes
    }

    // It is looked at every few seconds: what did not change is neither told nor drawn again.
    void theTimeLineIsDrawnAnewOnlyWhenItChanges()
    {
        LedgerWorld &at = *m_ledger;
        at.open();
        QTest::qWait(100);
        PaintCounter painted(*at.find<QWidget>("ledgerTimeline"));
        const QSignalSpy changes(at.feed.get(), &LedgerFeed::changed);
        at.feed->refresh();
        QTRY_VERIFY(changes.size() >= 2 && !at.feed->isBusy());
        QTest::qWait(50);
        QCOMPARE(painted.count, 0);
        at.ledger.add(policy::Note{{}, u("cart"), u("production"), u("all is well")}, u("cai"));
        at.feed->refresh();
        QTRY_COMPARE(at.rows(), 9);
        QTRY_VERIFY(painted.count > 0);
    }

    void aLookThatFailsIsSeenAndToldOnce()
    {
        GateLedger ledger;
        LedgerFeed feed(LedgerFeed::Options{ledger.forge.path(), ledger.forge.key(u("ann")).fingerprint(), {}, {}});
        ConsoleWorld world;
        world.context->entries = &feed;
        MainWindow window(*world.context, consolePages());
        window.show();
        window.go({u("ledger"), {}, {}, {}, {}, {}});
        QTRY_COMPARE(feed.state(), LedgerFeed::State::Ready);
        const auto *sign = window.findChild<QWidget *>(u("ledgerHead"))->findChild<StateSign *>();
        QTRY_COMPARE(sign->health(), Health::Ok);
        const QSignalSpy notices(window.currentPage(), &Page::notice);
        const auto *problems = window.findChild<QLabel *>(u("ledgerProblems"));
        const QByteArray tip = ledger.forge.tip();
        const auto point = [&](const QByteArray &commit) {
            QFile file(ledger.forge.path() + u("/refs/heads/main"));
            QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
            file.write(commit + '\n');
        };
        point("no commit's name");
        for (int look = 0; look < 2; ++look) {
            feed.refresh();
            QTRY_VERIFY(!feed.isBusy());
            QTRY_COMPARE(sign->health(), Health::Warning);
        }
        QVERIFY(problems->isVisible());
        QVERIFY2(problems->text().contains(feed.error().message), qPrintable(problems->text()));
        QCOMPARE(notices.size(), 1);
        QCOMPARE(feed.table().size(), 2); // what was read stays
        point(tip);
        feed.refresh();
        QTRY_COMPARE(sign->health(), Health::Ok);
        QVERIFY(!problems->isVisible());
    }

    // The Overview's figures are this screen's, and lead to what is counted in them.
    void theOverviewShowsTheKeyFigures()
    {
        LedgerWorld &at = *m_ledger;
        at.world.addRichCluster();
        at.open();
        at.window->go({u("overview"), {}, {}, {}, {}, {}});
        const auto *tiles = at.find<QWidget>("doraTiles");
        QVERIFY(tiles != nullptr);
        QTRY_VERIFY(tiles->isVisible());
        auto *lead = at.find<QPushButton>("overview-leadTime");
        QTRY_VERIFY2(lead->accessibleName().startsWith(doraTitle(DoraMetric::LeadTime) + u(": no data, ")),
                     qPrintable(lead->accessibleName())); // one promotion is too little, and no figure is made of it
        QVERIFY(lead->accessibleDescription().contains(doraDefinition(DoraMetric::LeadTime)));
        const QString said = lead->accessibleName();
        QTest::mouseClick(lead, Qt::LeftButton);
        QTRY_VERIFY(at.find<QLabel>("definition-leadTime")->isVisible());
        QVERIFY(!at.find<QLabel>("definition-timeToRestore")->isVisible());
        QTRY_VERIFY2(said.endsWith(at.text("ground-leadTime")), qPrintable(at.text("ground-leadTime")));
        // A low window keeps its height for what runs.
        at.window->go({u("overview"), {}, {}, {}, {}, {}});
        at.window->resize(1100, 700);
        QTRY_VERIFY(!tiles->isVisible());
        // What was counted is there at once when there is room again.
        at.window->resize(1440, 900);
        QTRY_VERIFY(tiles->isVisible());
        QVERIFY2(lead->accessibleName() == said, qPrintable(lead->accessibleName()));
    }

    void fits_data()
    {
        QTest::addColumn<QSize>("size");
        QTest::addColumn<bool>("dark");
        QTest::addColumn<QString>("view");
        for (const QSize &size : {QSize(1440, 900), QSize(1100, 700)}) {
            for (const bool dark : {true, false}) {
                for (const char *view : {"entries", "dora"})
                    QTest::newRow(qPrintable(
                        u("%1-%2-%3").arg(QString::fromLatin1(view), dark ? u("dark") : u("light")).arg(size.width())))
                        << size << dark << QString::fromLatin1(view);
            }
        }
    }
    void fits()
    {
        QFETCH(QSize, size);
        QFETCH(bool, dark);
        QFETCH(QString, view);
        LedgerWorld &at = *m_ledger;
        m_theme->setChoice(dark ? Theme::Choice::Dark : Theme::Choice::Light);
        at.open(size);
        if (view == u("dora"))
            at.take("ledgerView", "chipMenu", u("DORA"));
        else
            at.table().setCurrentIndex(at.table().model()->index(3, 0));
        QVERIFY(comesToRest(*at.window));
        m_ledger->shoot(QTest::currentDataTag());
        QStringList clipped;
        for (const QLabel *label : at.window->findChildren<QLabel *>()) {
            if (label->isVisible() && !label->text().isEmpty() && !label->wordWrap() &&
                label->sizeHint().width() > label->width() + 1)
                clipped.append(label->text());
        }
        for (const QPushButton *button : at.window->findChildren<QPushButton *>()) {
            if (button->isVisible() && !button->text().isEmpty() && button->sizeHint().width() > button->width() + 2)
                clipped.append(button->text());
        }
        QCOMPARE(clipped, QStringList());
    }

private:
    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<LedgerWorld> m_ledger;
};

QTEST_MAIN(TestLedgerPage)
#include "test_ledgerpage.moc"
