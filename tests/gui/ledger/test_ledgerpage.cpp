#include "models/items/ledgermodel.h"
#include "services/async/deliver.h"
#include "services/ledger/sharing/ledgershare.h"
#include "services/ledger/sharing/teamledger.h"
#include "services/ledger/view/ledgerfeed.h"
#include "services/promotions/policydesk.h"
#include "tests/support/consoleworld.h"
#include "tests/unit/services/gate/gateledger.h"
#include "ui/pages/consolepages.h"
#include "ui/shell/mainwindow.h"
#include "ui/theme/theme.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/tableview.h"
#include "ui/widgets/timetext.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QDir>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>
#include <QTextBrowser>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

// A promotion from request to outcome, a note of somebody who may not sign, and a freeze.
class LedgerWorld
{
public:
    LedgerWorld()
    {
        approval = ledger.approve(u("ann"));
        ledger.approve(u("bob"));
        claim = ledger.add(policy::Claim{ledger.promotion, ledger.subject, QString::fromLatin1(ledger.policyCommit)},
                           u("ann"));
        policy::PromotionOutcome outcome;
        outcome.promotion = ledger.promotion;
        outcome.claim = claim;
        outcome.subject = ledger.subject;
        outcome.observedAt = ledger.next();
        outcome.message = u("12 of 12 pods run it");
        ledger.add(outcome, u("ann"));
        ForgedCommit byEve;
        byEve.files = {ledger.forge.file(
            ledger.forge.entry(policy::Note{{}, u("web"), u("staging"), u("never mind")}, u("eve"), ledger.next()))};
        byEve.by = u("eve");
        byEve.at = ledger.next();
        ledger.forge.commit(byEve);
        policy::FreezeOrder freeze;
        freeze.application = u("web");
        freeze.environment = u("production");
        freeze.from = ledger.next();
        freeze.until = freeze.from.addDays(2);
        freeze.reason = u("Inventory weekend");
        ledger.add(freeze, u("bob"));
        feed = std::make_unique<LedgerFeed>(
            LedgerFeed::Options{ledger.forge.path(), ledger.forge.key(u("ann")).fingerprint(), {}, {}});
        world.settings->setTheme(ConsoleSettings::ThemeChoice::Dark);
        world.context->entries = feed.get();
        AgeTicker::freezeAt({}); // the ledger's own time is the real one
    }

    void open(const QSize &size = {1440, 900})
    {
        window = std::make_unique<MainWindow>(*world.context, consolePages());
        window->resize(size);
        window->show();
        window->activateWindow();
        window->go({u("ledger"), {}, {}, {}, {}, {}});
        QTRY_COMPARE(feed->state(), LedgerFeed::State::Ready);
        QTRY_VERIFY(!feed->isBusy());
    }

    // As on a person's own machine: shared through a repository beside it, and signed with their key. Before open().
    void share(const QString &person)
    {
        QCOMPARE(runTool(u("git"), {u("init"), u("-q"), u("--bare"), u("-b"), u("main"), remote()}).status, 0);
        TeamLedger::Settings settings;
        settings.path = ledger.forge.path();
        settings.remote = remote();
        settings.access = [url = remote()](StopToken) {
            git::RemoteAccess access;
            access.url = *git::parseRemoteUrl(url);
            return ready(Result<git::RemoteAccess>(access));
        };
        settings.signer = [signer = ledger.forge.signer(person)](StopToken) {
            return ready(Result<std::shared_ptr<ssh::Signer>>(signer));
        };
        settings.pin.firstAdmin = ledger.forge.key(u("ann")).fingerprint();
        team = std::make_unique<TeamLedger>(settings);
        desk = std::make_unique<PolicyDesk>(*team, [person] {
            return Identity{person, person + u("@shop.example"), person, u("desk")};
        });
        world.context->ledger = team.get();
        feed->setPolicyChanges(desk.get());
    }
    QString remote(const char *name = "team.git") const { return folder.filePath(u(name)); }
    void sendNow()
    {
        const auto sent = team->share({});
        QTRY_VERIFY(sent.isFinished());
    }
    void note(const QString &text, const QString &person)
    {
        const auto written =
            team->append(ledger.forge.entry(policy::Note{{}, {}, {}, text}, person, QDateTime::currentDateTimeUtc()));
        QTRY_VERIFY(written.isFinished());
        QVERIFY2(written.result(), written.result() ? "" : qPrintable(written.result().error().message));
    }
    // What git says of every commit behind the entry that nobody may have signed.
    QStringList gitDoubts() const
    {
        QStringList doubts;
        for (const QByteArray &commit : ledger.forge.git({u("rev-list"), u("main")}).out.split('\n')) {
            if (!commit.isEmpty() && ledger.forge.gitSays(commit, ledger.forge.allowedSigners()) != u("good"))
                doubts.append(QString::fromLatin1(commit));
        }
        return doubts;
    }

    template <typename T>
    T *find(const char *name) const
    {
        return window->findChild<T *>(QString::fromLatin1(name));
    }
    TableView &table() const { return *find<TableView>("ledgerTable"); }
    QString cell(int row, int column) const { return table().model()->index(row, column).data().toString(); }
    QString text(const char *name) const { return find<QLabel>(name)->text(); }
    QString fields() const { return find<QTextBrowser>("entryFields")->toPlainText(); }
    int rows() const { return table().model()->rowCount(); }

    // Opens a menu by the button of that name and takes the line that begins so.
    void take(const char *button, const char *menu, const QString &line)
    {
        auto *source = find<QPushButton>(button);
        QVERIFY(source != nullptr && source->isVisible());
        QTest::mouseClick(source, Qt::LeftButton);
        QMenu *opened = nullptr;
        QTRY_VERIFY((opened = qobject_cast<QMenu *>(QApplication::activePopupWidget())) != nullptr);
        QCOMPARE(opened->objectName(), QString::fromLatin1(menu));
        for (QAction *action : opened->actions()) {
            if (action->text().startsWith(line)) {
                action->trigger();
                opened->close();
                return;
            }
        }
        opened->close();
        QFAIL(qPrintable(u("no line ") + line));
    }

    GateLedger ledger;
    QTemporaryDir folder;
    QString approval;
    QString claim;
    std::unique_ptr<TeamLedger> team; // null until share()
    std::unique_ptr<PolicyDesk> desk;
    ConsoleWorld world;
    std::unique_ptr<LedgerFeed> feed;
    std::unique_ptr<MainWindow> window;
};

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

// The Ledger screen over a real signed repository, by keyboard and mouse.
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
        shoot("entries");
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

    void copies()
    {
        LedgerWorld &at = *m_ledger;
        at.open();
        at.table().setCurrentIndex(at.table().model()->index(0, 0));
        QTRY_VERIFY(at.fields().contains(u("Inventory weekend")));
        at.take("copyEntry", "copyMenu", u("Copy the commit's id"));
        QCOMPARE(QGuiApplication::clipboard()->text(), QString::fromLatin1(at.ledger.forge.tip()));
        at.take("copyEntry", "copyMenu", u("Copy the entry"));
        QVERIFY(QGuiApplication::clipboard()->text().contains(u("Inventory weekend")));
    }

    void exports_data()
    {
        QTest::addColumn<QString>("line");
        QTest::addColumn<QByteArray>("begins");
        QTest::addColumn<QByteArray>("holds");
        QTest::newRow("csv") << u("CSV") << QByteArray("time,position,commit,entry,type,") << QByteArray("never mind");
        QTest::newRow("json") << u("JSON") << QByteArray("{\"counts\":") << QByteArray("\"fault\":\"unknownSigner\"");
        QTest::newRow("pdf") << u("PDF") << QByteArray("%PDF-1.6") << QByteArray("%%EOF");
    }
    void exports()
    {
        QFETCH(QString, line);
        QFETCH(QByteArray, begins);
        QFETCH(QByteArray, holds);
        LedgerWorld &at = *m_ledger;
        at.open();
        QTemporaryDir folder;
        at.world.prompter.file = folder.filePath(u("out"));
        at.take("ledgerExport", "exportMenu", line);
        QCOMPARE(at.world.prompter.asked, QStringList{u("Export all 8 entries")});
        QTRY_VERIFY(QFile::exists(folder.filePath(u("out"))));
        QTRY_VERIFY(!at.find<QWidget>("ledgerExporting")->isVisible());
        QFile file(folder.filePath(u("out")));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray written = file.readAll();
        QVERIFY2(written.startsWith(begins), written.left(60).constData());
        QVERIFY(written.contains(holds));
    }

    void saysWhereAnExportCannotBeWritten()
    {
        LedgerWorld &at = *m_ledger;
        at.open();
        at.world.prompter.file = u("/nonexistent/folder/out.csv");
        at.take("ledgerExport", "exportMenu", u("CSV"));
        QTRY_VERIFY([&] {
            for (const QWidget *notice : at.window->findChildren<QWidget *>(u("notice"))) {
                if (notice->accessibleName().contains(u("/nonexistent/folder/out.csv could not be written")))
                    return true;
            }
            return false;
        }());
    }

    void showsFiguresWithTheirGround()
    {
        LedgerWorld &at = *m_ledger;
        at.open();
        const QSignalSpy crumbs(at.window->currentPage(), &Page::crumbsChanged);
        at.take("ledgerView", "chipMenu", u("DORA"));
        QVERIFY(!crumbs.isEmpty()); // the head of the window names what is shown
        QCOMPARE(at.window->currentPage()->crumbs(), QStringList{u("DORA figures")});
        auto *card = at.find<QWidget>("dora-changeFailureRate");
        QVERIFY(card->isVisible());
        QTRY_VERIFY(at.text("ground-changeFailureRate") != u("being counted"));
        const auto texts = [card] {
            QStringList all;
            for (const QLabel *label : card->findChildren<QLabel *>()) {
                if (label->isVisible())
                    all.append(label->text());
            }
            return all.join(u("\n"));
        };
        QVERIFY2(texts().contains(u("not enough data")), qPrintable(texts()));
        QVERIFY2(texts().contains(u("1 of at least 10 deployments")), qPrintable(texts()));
        QVERIFY(!texts().contains(u("dora.dev")));
        auto *info = at.find<QPushButton>("define-changeFailureRate");
        QTest::mouseClick(info, Qt::LeftButton);
        QVERIFY2(texts().contains(u("dora.dev")), qPrintable(texts()));
        QVERIFY(at.text("doraNote").contains(u("From 6 proven entries")));
        shoot("dora");
        QTest::keyClick(at.window.get(), Qt::Key_Escape);
        QVERIFY(at.table().isVisible());
    }

    void saysWhatIsMissing_data()
    {
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("verdict");
        QTest::addColumn<QString>("figure");
        QTest::newRow("no ledger yet") << u("/nonexistent/ledger.git") << u("There is no ledger yet.")
                                       << u("nothing to count");
        QTest::newRow("no repository") << QDir::tempPath() << u("The ledger cannot be read.") << u("not known");
    }
    void saysWhatIsMissing()
    {
        QFETCH(QString, path);
        QFETCH(QString, verdict);
        QFETCH(QString, figure);
        ConsoleWorld world;
        LedgerFeed feed(LedgerFeed::Options{path, {}, {}, {}});
        world.context->entries = &feed;
        MainWindow window(*world.context, consolePages());
        window.show();
        window.go({u("ledger"), {}, {}, {}, {}, {}});
        QTRY_COMPARE(window.findChild<QLabel *>(u("ledgerVerdict"))->text(), verdict);
        QVERIFY(!window.findChild<QPushButton *>(u("ledgerExport"))->isEnabled());
        QVERIFY(window.findChild<Panel *>(u("ledgerList"))->state() != Panel::State::Content);
        window.go({u("ledger"), {}, {}, {}, {}, u("dora")});
        QTRY_COMPARE(window.findChild<QLabel *>(u("ground-leadTime"))->text(), figure);
        QVERIFY(window.findChild<Panel *>(u("doraTrend"))->state() != Panel::State::Loading);
    }

    // What others have of it, and what not.
    void saysWhatIsPushedAndWhatIsNot()
    {
        LedgerWorld &at = *m_ledger;
        at.share(u("ann"));
        at.open();
        QTRY_VERIFY2(at.text("ledgerFacts").contains(u("not shared with ") + at.remote() + u(" yet")),
                     qPrintable(at.text("ledgerFacts")));
        at.sendNow();
        QTRY_VERIFY2(at.text("ledgerFacts").contains(u("all pushed to ") + at.remote()),
                     qPrintable(at.text("ledgerFacts")));
        QVERIFY(QDir().rename(at.remote(), at.remote("away.git")));
        at.note(u("one"), u("ann"));
        at.note(u("two"), u("ann"));
        QTRY_VERIFY2(at.text("ledgerFacts").contains(u("2 not pushed yet, last contact with ") + at.remote()),
                     qPrintable(at.text("ledgerFacts")));
        at.sendNow(); // in vain: it says why
        QTRY_VERIFY2(at.text("ledgerFacts").contains(at.team->sharing().problem->message),
                     qPrintable(at.text("ledgerFacts")));
        QVERIFY(at.text("ledgerFacts").contains(u("2 not pushed yet")));
        QVERIFY(QDir().rename(at.remote("away.git"), at.remote()));
        at.sendNow();
        QTRY_VERIFY2(at.text("ledgerFacts").contains(u("all pushed to ") + at.remote()),
                     qPrintable(at.text("ledgerFacts")));
        QCOMPARE(runTool(u("git"), {u("-C"), at.remote(), u("rev-parse"), u("main")}).out.trimmed(),
                 at.ledger.forge.tip());
    }

    void aChangeOfThePolicyIsCountersignedHere_data()
    {
        QTest::addColumn<QString>("person");
        QTest::addColumn<QString>("whyNot"); // empty: it is done
        QTest::newRow("the second admin") << u("bob") << QString();
        QTest::newRow("who made it") << u("ann")
                                     << u("You made this change: another admin has to countersign it (bob)");
        QTest::newRow("no admin") << u("cai") << u("Only an admin may countersign");
    }
    void aChangeOfThePolicyIsCountersignedHere()
    {
        QFETCH(QString, person);
        QFETCH(QString, whyNot);
        LedgerWorld &at = *m_ledger;
        const QString commit = QString::fromLatin1(
            at.ledger.changePolicy(at.ledger.policy("outsiders: [\"*@bots.example\"]\n"), u("ann")));
        at.share(person);
        at.open();
        auto *card = at.find<QWidget>("policyChanges");
        QTRY_VERIFY(card->isVisible());
        QVERIFY(at.text("policyChangeTitle").contains(commit.left(10)));
        QVERIFY2(at.text("policyChangeWords").contains(u("Authors who are nobody here: *@bots.example")),
                 qPrintable(at.text("policyChangeWords")));
        QVERIFY(at.find<QPlainTextEdit>("policyDifference")->toPlainText().contains(u("+outsiders")));
        QVERIFY(at.text("ledgerFacts").contains(u("1 waiting for a second admin")));
        const auto isWhole = [card] {
            const QRect difference = card->findChild<QWidget *>(u("policyDifference"))->geometry();
            const QList<QLabel *> labels = card->findChildren<QLabel *>();
            return card->rect().contains(difference) &&
                   std::all_of(labels.cbegin(), labels.cend(), [card, difference](const QLabel *label) {
                       return !label->isVisible() || !label->wordWrap() ||
                              (label->height() >= label->heightForWidth(label->width()) &&
                               card->rect().contains(label->geometry()) && !difference.intersects(label->geometry()));
                   });
        };
        QTRY_VERIFY(isWhole());
        shoot(QTest::currentDataTag());
        auto *sign = at.find<QPushButton>("policyCountersign");
        QCOMPARE(sign->isEnabled(), whyNot.isEmpty());
        if (!whyNot.isEmpty()) {
            QVERIFY2(at.text("policyWhyNot").contains(whyNot), qPrintable(at.text("policyWhyNot")));
            QVERIFY(sign->toolTip().contains(whyNot));
            return;
        }
        at.world.prompter.words = std::nullopt; // thought better of it
        QTest::mouseClick(sign, Qt::LeftButton);
        QVERIFY2(at.world.prompter.lastText.contains(u("*@bots.example")), qPrintable(at.world.prompter.lastText));
        QCOMPARE(at.desk->board().waiting.size(), 1);
        at.world.prompter.words = u("as agreed");
        QTest::mouseClick(sign, Qt::LeftButton);
        QTRY_VERIFY(!card->isVisible());
        QTRY_VERIFY2(at.text("ledgerFacts").contains(u("policy of ") + commit.left(10)),
                     qPrintable(at.text("ledgerFacts")));
        QTRY_VERIFY(!at.text("ledgerFacts").contains(u("waiting")));
        QTRY_COMPARE(at.rows(), 10);
        QCOMPARE(at.cell(1, LedgerModel::Proof), u("proven")); // it waits no more
        // Proven by both: all but the one of somebody who may not sign.
        const auto chain = ledger::verifyChain(at.ledger.forge.path(), {}, {});
        QVERIFY(chain && chain->bad == 1 && chain->waiting.empty());
        QCOMPARE(chain->policyCommit->hex(), commit.toLatin1());
        QCOMPARE(at.gitDoubts().size(), 1);
    }

    void writesANote()
    {
        LedgerWorld &at = *m_ledger;
        at.share(u("cai"));
        at.open();
        at.world.prompter.words = u("Restored from back-up");
        QTest::mouseClick(at.find<QPushButton>("ledgerNote"), Qt::LeftButton);
        QTRY_COMPARE(at.rows(), 9);
        QCOMPARE(at.cell(0, LedgerModel::Entry), u("Note"));
        QCOMPARE(at.cell(0, LedgerModel::Proof), u("proven"));
        QTRY_VERIFY(at.fields().contains(u("Restored from back-up")));
        QCOMPARE(at.gitDoubts().size(), 1);
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
        QTest::qWait(300);
        shoot(QTest::currentDataTag());
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
    void shoot(const char *name)
    {
        const QString folder = qEnvironmentVariable("SIGNALBOX_SHOTS");
        if (!folder.isEmpty())
            m_ledger->window->grab().save(u("%1/ledger-%2.png").arg(folder, QString::fromLatin1(name)));
    }

    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<LedgerWorld> m_ledger;
};

QTEST_MAIN(TestLedgerPage)
#include "test_ledgerpage.moc"
