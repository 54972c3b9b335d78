#include "models/items/ledgermodel.h"
#include "tests/gui/ledger/ledgerpageworld.h"
#include "ui/widgets/panel.h"

#include <QClipboard>
#include <QDir>
#include <QFile>
#include <QPlainTextEdit>
#include <QSignalSpy>

using namespace signalbox;
using namespace signalbox::test;

// What is done on the Ledger screen: copies, exports, figures, what is pushed, countersigned and noted.
class TestLedgerActs : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase() { m_theme = std::make_unique<Theme>(*qApp); }
    void cleanupTestCase() { m_theme.reset(); }
    void init() { m_ledger = std::make_unique<LedgerWorld>(); }
    void cleanup() { m_ledger.reset(); }

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
        m_ledger->shoot("dora");
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
        QTRY_VERIFY2(at.text("ledgerFacts").contains(u("2 entries not pushed yet, last contact with ") + at.remote()),
                     qPrintable(at.text("ledgerFacts")));
        at.sendNow(); // in vain: it says why
        QTRY_VERIFY2(at.text("ledgerFacts").contains(at.team->sharing().problem->message),
                     qPrintable(at.text("ledgerFacts")));
        QVERIFY(at.text("ledgerFacts").contains(u("2 entries not pushed yet")));
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
        m_ledger->shoot(QTest::currentDataTag());
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

private:
    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<LedgerWorld> m_ledger;
};

QTEST_MAIN(TestLedgerActs)
#include "test_ledgeracts.moc"
