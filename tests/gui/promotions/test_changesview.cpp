#include "models/items/roles.h"
#include "tests/gui/promotions/promotionconsole.h"
#include "ui/pages/changes/changerows.h"
#include "ui/pages/changes/changesview.h"
#include "ui/theme/theme.h"
#include "ui/widgets/filediffview.h"
#include "ui/widgets/panel.h"

#include <QApplication>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

const ChangesSubject supportSubject{QStringLiteral("smart-support"), hex("5eed", 40), hex("9e1c2f7", 40)};

struct Screen
{
    explicit Screen(bool isFetched = true)
        : presenter(&world.sources)
        , view(presenter, *world.settings)
    {
        world.source->answersAtOnce = isFetched;
        view.resize(1200, 800);
        view.show();
        QApplication::setActiveWindow(&view);
        presenter.setActive(true);
        presenter.setSubject(supportSubject);
        view.open(QStringLiteral("smart-support 8.1.7 \u2192 8.1.9"), {});
    }
    RowList &files() const { return *view.findChild<RowList *>(QStringLiteral("changesFiles")); }
    RowList &commits() const { return *view.findChild<RowList *>(QStringLiteral("changesCommits")); }
    FileDiffView &diff() const { return *view.findChild<FileDiffView *>(); }
    QString label(const char *name) const { return textOf(view, name); }
    QString file() const { return files().currentIndex().data().toString(); }

    PromotionConsole world;
    ChangesPresenter presenter;
    ChangesView view;
};

} // namespace

class TestChangesView : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase() { m_theme = std::make_unique<Theme>(*qApp); }
    void cleanupTestCase() { m_theme.reset(); }
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("^(?!This plugin does not support).*"))); }

    void listsCommitsFilesAndTheFirstDifference()
    {
        Screen screen;
        QTRY_COMPARE(screen.presenter.state(), ChangesPresenter::State::Ready);
        QTRY_COMPARE(screen.presenter.summary(), QStringLiteral("4 commit(s) · 4 file(s) · 2 author(s)"));
        QTRY_COMPARE(screen.file(), QStringLiteral("src/cache.py"));
        QTRY_VERIFY(screen.diff().stateText().isEmpty());
        QTRY_COMPARE(screen.diff().model().addedLines(), 3);
        // Line counts come after the list.
        QTRY_COMPARE(screen.presenter.commits().uncounted(), 0);
        const QString spoken = screen.commits().model()->index(0, 0).data(Qt::AccessibleTextRole).toString();
        QVERIFY2(spoken.contains(QStringLiteral("214 lines added, 88 removed")), qPrintable(spoken));
    }

    void marksMergesAndReverts()
    {
        Screen screen;
        QTRY_COMPARE(screen.commits().model()->rowCount(), 4);
        const auto spoken = [&](int row) {
            return screen.commits().model()->index(row, 0).data(Qt::AccessibleTextRole).toString();
        };
        QVERIFY(spoken(1).contains(QStringLiteral("reverts 71c9e02")));
        QVERIFY(spoken(2).contains(QStringLiteral("reverted by b40d7aa")));
        QVERIFY(spoken(3).contains(QStringLiteral("merge of feature/workers")));
    }

    void theKeyboardWalksFromFileToFile()
    {
        Screen screen;
        QTRY_COMPARE(screen.file(), QStringLiteral("src/cache.py"));
        QVERIFY(screen.files().hasFocus());
        QTest::keyClick(&screen.files(), Qt::Key_Down);
        QTRY_COMPARE(screen.diff().model().addedLines(), 1); // docs/a.md
        QTest::keyClick(&screen.files(), Qt::Key_Return);    // into the difference
        QTRY_VERIFY(screen.diff().isAncestorOf(QApplication::focusWidget()));
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Down, Qt::ControlModifier);
        QCOMPARE(screen.file(), QStringLiteral("src/new.py"));
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Down, Qt::ControlModifier);
        QTRY_VERIFY(screen.diff().stateText().contains(QStringLiteral("2.0 kB")) ||
                    screen.diff().stateText().contains(QStringLiteral("2.0 KB")));
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Down, Qt::ControlModifier); // the last one stays
        QCOMPARE(screen.file(), QStringLiteral("logo.png"));
    }

    void oneCommitAloneHasItsOwnFilesAndItsIssuesAsLinks()
    {
        Screen screen;
        QTRY_COMPARE(screen.commits().model()->rowCount(), 4);
        screen.commits().setFocus();
        screen.commits().setCurrentIndex(screen.commits().model()->index(0, 0));
        QTest::keyClick(&screen.commits(), Qt::Key_Return);
        QTRY_COMPARE(screen.world.source->asked.last(), hex("9d", 40) + QStringLiteral("..") + hex("9e1c2f7", 40));
        QTRY_VERIFY(!screen.label("changesCommitDetail").isEmpty());
        const QString detail = screen.label("changesCommitDetail");
        QVERIFY(detail.contains(QStringLiteral("href='https://git.example/shop/issues/12'")));
        QVERIFY2(!detail.contains(QStringLiteral("javascript")), "only addresses of the web become links");
        QVERIFY(detail.contains(QStringLiteral("SHOP-7")));
        QTest::mouseClick(screen.view.findChild<QPushButton *>(QStringLiteral("changesAll")), Qt::LeftButton);
        QTRY_COMPARE(screen.world.source->asked.last(), hex("5eed", 40) + QStringLiteral("..") + hex("9e1c2f7", 40));
        QVERIFY(screen.label("changesCommitDetail").isEmpty());
    }

    void theFilterNarrowsCommitsAndFiles()
    {
        Screen screen;
        QTRY_COMPARE(screen.files().model()->rowCount(), 4);
        screen.view.focusFilter();
        auto *filter = screen.view.findChild<QLineEdit *>(QStringLiteral("changesFilter"));
        QVERIFY(filter->hasFocus());
        QTest::keyClicks(filter, QStringLiteral("cache"));
        QCOMPARE(screen.files().model()->rowCount(), 1);
        QCOMPARE(screen.commits().model()->rowCount(), 1);
        QVERIFY(screen.view.goBack());
        QCOMPARE(screen.files().model()->rowCount(), 4);
        QVERIFY(!screen.view.goBack());
    }

    // Under one commit's heading stands what that commit changed, or nothing.
    void theDifferenceIsOfTheCommitAbove()
    {
        Screen screen;
        QTRY_COMPARE(screen.files().model()->rowCount(), 4);
        QTRY_COMPARE(screen.diff().model().addedLines(), 3); // src/cache.py
        auto *filter = screen.view.findChild<QLineEdit *>(QStringLiteral("changesFilter"));
        filter->setFocus();
        QTest::keyClicks(filter, QStringLiteral("9e1c2f7")); // a commit, and no file
        QCOMPARE(screen.commits().model()->rowCount(), 1);
        QTest::mouseClick(screen.commits().viewport(), Qt::LeftButton, {},
                          screen.commits().visualRect(screen.commits().model()->index(0, 0)).center());
        QTRY_VERIFY(!screen.label("changesCommitDetail").isEmpty());
        QTRY_COMPARE(screen.diff().stateText(), QStringLiteral("No file fits the filter."));
        filter->clear();
        QTRY_COMPARE(screen.file(), QStringLiteral("src/cache.py"));
        QTRY_VERIFY(screen.diff().stateText().isEmpty());
        QTest::keyClicks(filter, QStringLiteral("docs"));
        QCOMPARE(screen.file(), QStringLiteral("docs/a.md")); // the first that fits
        QTRY_COMPARE(screen.diff().model().addedLines(), 1);
    }

    void whatAFetchBroughtIsCountedToo()
    {
        Screen screen;
        QTRY_COMPARE(screen.commits().model()->rowCount(), 4);
        QTRY_COMPARE(screen.presenter.commits().uncounted(), 0);
        FakeSource &source = *screen.world.source;
        source.holdsCounts = true;
        ChangeCommit more = source.set.commits.first();
        const auto arrive = [&](const char *id) {
            more.id = hex(id, 40);
            more.lines.reset();
            source.lines.insert(more.id, {1, 2, 3});
            source.set.commits.prepend(more);
            screen.presenter.fetch();
        };
        arrive("aa1");
        QTRY_COMPARE(screen.commits().model()->rowCount(), 5);
        arrive("bb2"); // while the one before is being counted
        QTRY_COMPARE(screen.commits().model()->rowCount(), 6);
        QVERIFY(source.counted.contains(hex("bb2", 40)));
        QCOMPARE(source.counted.count(hex("aa1", 40)), 1);
        source.endCounts();
        QTRY_COMPARE(screen.presenter.commits().uncounted(), 0);
    }

    void theFirstFetchIsShownAndCanBeStopped()
    {
        Screen screen(false);
        QTRY_COMPARE(screen.world.source->updates, 1);
        QTRY_COMPARE(screen.presenter.state(), ChangesPresenter::State::Fetching);
        screen.world.source->tellProgress(1200, 5000);
        QTRY_VERIFY2(screen.label("fetchText").contains(QStringLiteral("1,200 of 5,000")),
                     qPrintable(screen.label("fetchText")));
        auto *button = screen.view.findChild<QPushButton *>(QStringLiteral("fetchButton"));
        QCOMPARE(button->text(), QStringLiteral("Stop"));
        QTest::mouseClick(button, Qt::LeftButton);
        QVERIFY(screen.world.source->isStopAsked());
        screen.world.source->endUpdate(Error{ErrorKind::Cancelled, QStringLiteral("Stopped."), {}});
        QTRY_COMPARE(screen.presenter.state(), ChangesPresenter::State::Failed);
        QCOMPARE(button->text(), QStringLiteral("Fetch"));
        QTest::mouseClick(button, Qt::LeftButton);
        screen.world.source->endUpdate({});
        QTRY_COMPARE(screen.presenter.state(), ChangesPresenter::State::Ready);
    }

    void whatIsNotFetchedAnyMoreSaysSo()
    {
        Screen screen;
        QTRY_COMPARE(screen.presenter.state(), ChangesPresenter::State::Ready);
        QTRY_VERIFY(screen.presenter.source().freshness.isLive());
        screen.world.source->answersAtOnce = false;
        auto *button = screen.view.findChild<QPushButton *>(QStringLiteral("fetchButton"));
        QTest::mouseClick(button, Qt::LeftButton);
        QTRY_COMPARE(button->text(), QStringLiteral("Stop"));
        QTest::mouseClick(button, Qt::LeftButton);
        screen.world.source->endUpdate(Error{ErrorKind::Cancelled, QStringLiteral("Stopped."), {}});
        QTRY_COMPARE(screen.label("fetchText"), QStringLiteral("fetching was stopped"));
        QVERIFY(!screen.presenter.source().freshness.isLive());
    }

    void aFailureSaysWhyAndIsTriedAgain()
    {
        Screen screen(false);
        QTRY_COMPARE(screen.world.source->updates, 1);
        screen.world.source->endUpdate(
            Error{ErrorKind::Unreachable, QStringLiteral("git.example does not answer."), {}});
        QTRY_COMPARE(screen.presenter.state(), ChangesPresenter::State::Failed);
        QTRY_COMPARE(screen.label("panelMessageText"), QStringLiteral("git.example does not answer."));
        screen.world.source->answersAtOnce = true;
        screen.world.source->trouble.reset();
        QTest::mouseClick(visible<QPushButton>(screen.view, "panelAction"), Qt::LeftButton);
        QTRY_COMPARE(screen.presenter.state(), ChangesPresenter::State::Ready);
    }

    void aFileThatWasCutIsReadWholeOnDemand()
    {
        Screen screen;
        FileDiff cut = screen.world.source->diffs.value(QStringLiteral("src/cache.py"));
        cut.isCut = true;
        screen.world.source->diffs.insert(cut.file.path, cut);
        QTRY_COMPARE(screen.file(), QStringLiteral("src/cache.py"));
        QTest::keyClick(&screen.files(), Qt::Key_Down);
        QTest::keyClick(&screen.files(), Qt::Key_Up);
        QTRY_VERIFY(visible<QPushButton>(screen.view, "diffMore"));
        QTest::mouseClick(visible<QPushButton>(screen.view, "diffMore"), Qt::LeftButton);
        QTRY_VERIFY(!visible<QPushButton>(screen.view, "diffMore"));
        QVERIFY(screen.world.source->limitsAsked.last() > DiffLimits().lines);
    }

    // What is asked for is compared, as far as that is possible at all.
    void aFileThatIsTooLargeIsComparedOnDemand_data()
    {
        QTest::addColumn<qint64>("size");
        QTest::addColumn<bool>("isOffered");
        QTest::newRow("above the usual") << DiffLimits().fileBytes + 1 << true;
        QTest::newRow("at the most") << mostComparedBytes << true;
        QTest::newRow("above that") << mostComparedBytes + 1 << false;
    }
    void aFileThatIsTooLargeIsComparedOnDemand()
    {
        QFETCH(qint64, size);
        QFETCH(bool, isOffered);
        Screen screen;
        FileDiff large = screen.world.source->diffs.value(QStringLiteral("src/cache.py"));
        large.isTooLarge = true;
        large.newSize = size;
        screen.world.source->diffs.insert(large.file.path, large);
        QTRY_COMPARE(screen.file(), QStringLiteral("src/cache.py"));
        QTest::keyClick(&screen.files(), Qt::Key_Down);
        QTest::keyClick(&screen.files(), Qt::Key_Up);
        QTRY_VERIFY2(screen.diff().stateText().contains(QStringLiteral("Too large")),
                     qPrintable(screen.diff().stateText()));
        QPushButton *compare = visible<QPushButton>(screen.view, "diffCompare");
        QCOMPARE(compare != nullptr, isOffered);
        if (!isOffered)
            return;
        QTest::mouseClick(compare, Qt::LeftButton);
        QTRY_VERIFY2(screen.diff().stateText().isEmpty(), qPrintable(screen.diff().stateText()));
        QTRY_COMPARE(screen.diff().model().addedLines(), 3);
    }

    void withoutARepositoryItSaysWhatToDo()
    {
        Screen screen;
        screen.presenter.setSubject({QStringLiteral("feature-store"), hex("1", 40), hex("2", 40)});
        QCOMPARE(screen.presenter.state(), ChangesPresenter::State::NoRepository);
        QVERIFY(screen.presenter.text().contains(QStringLiteral("repositories")));
    }

private:
    std::unique_ptr<Theme> m_theme;
};

QTEST_MAIN(TestChangesView)
#include "test_changesview.moc"
