#include "ui/theme/theme.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/difflines.h"
#include "ui/widgets/filediffview.h"

#include <QApplication>
#include <QClipboard>
#include <QElapsedTimer>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>

using namespace signalbox;

namespace
{

const char *const example = "diff --git a/price.txt b/price.txt\n"
                            "index 1..2 100644\n"
                            "--- a/price.txt\n"
                            "+++ b/price.txt\n"
                            "@@ -1,3 +1,4 @@ shop\n"
                            " head\n"
                            "-price = 10 EUR\n"
                            "+price = 12 EUR\n"
                            "+new line\n"
                            " tail\n"
                            "@@ -20 +21 @@\n"
                            "-last\n"
                            "\\ No newline at end of file\n"
                            "+Last\n"
                            "\\ No newline at end of file\n";

FileDiff diffOf(const QByteArray &text, const QString &path = QStringLiteral("price.txt"))
{
    FileDiff diff;
    diff.file.path = path;
    diff.file.added = 3;
    diff.file.removed = 2;
    diff.text = text;
    return diff;
}

struct Screen
{
    Screen()
    {
        view.resize(900, 500);
        view.show();
        QApplication::setActiveWindow(&view);
    }
    void show(const FileDiff &diff) { view.showDiff(diff, parseUnifiedDiff(diff.text)); }
    DiffLines &lines() const { return *view.findChild<DiffLines *>(); }
    QString text(const char *name) const { return view.findChild<QLabel *>(QLatin1String(name))->text(); }
    QString current() const { return lines().currentIndex().siblingAtColumn(DiffModel::Text).data().toString(); }
    void key(Qt::Key key, Qt::KeyboardModifiers modifiers = Qt::NoModifier)
    {
        QTest::keyClick(QApplication::focusWidget() ? QApplication::focusWidget() : &view, key, modifiers);
    }

    FileDiffView view;
};

} // namespace

class TestFileDiffView : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase() { m_theme = std::make_unique<Theme>(*qApp); }
    void cleanupTestCase() { m_theme.reset(); }
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("^(?!This plugin does not support).*"))); }

    void showsWhatChangedWithNumbersAndSigns()
    {
        Screen screen;
        screen.show(diffOf(example));
        QVERIFY(screen.view.stateText().isEmpty());
        QCOMPARE(screen.text("diffCounts"), QStringLiteral("+3 \u22122"));
        QCOMPARE(screen.current(), QStringLiteral("@@ -1,3 +1,4 @@ shop"));
        // Colour is not all that tells them apart: the copied text has the signs, and so has what is read aloud.
        screen.lines().selectAll();
        QVERIFY(
            screen.lines().copyText().contains(QStringLiteral("-price = 10 EUR\n+price = 12 EUR\n+new line\n tail\n")));
        const QModelIndex added = screen.lines().model()->index(5, DiffModel::Text);
        QCOMPARE(added.data(Qt::AccessibleTextRole).toString(), QStringLiteral("added: price = 12 EUR"));
    }

    void keysGoFromChangeToChangeAndOnToTheNextFile()
    {
        Screen screen;
        screen.show(diffOf(example));
        screen.lines().setFocus();
        const QSignalSpy wanted(&screen.view, &FileDiffView::fileWanted);
        screen.key(Qt::Key_Down, Qt::AltModifier);
        QCOMPARE(screen.current(), QStringLiteral("@@ -20 +21 @@"));
        screen.key(Qt::Key_Up, Qt::AltModifier);
        QCOMPARE(screen.current(), QStringLiteral("@@ -1,3 +1,4 @@ shop"));
        QCOMPARE(wanted.size(), 0);
        screen.key(Qt::Key_Up, Qt::AltModifier);
        QCOMPARE(wanted.last().first().toBool(), true);
        screen.key(Qt::Key_Down, Qt::ControlModifier);
        QCOMPARE(wanted.last().first().toBool(), false);
        QCOMPARE(wanted.size(), 2);
    }

    void searchesByKeyboard()
    {
        Screen screen;
        screen.show(diffOf(example));
        screen.lines().setFocus();
        screen.key(Qt::Key_F, Qt::ControlModifier);
        auto *field = screen.view.findChild<QLineEdit *>(QStringLiteral("diffSearch"));
        QVERIFY(field->hasFocus());
        QTest::keyClicks(field, QStringLiteral("price ="));
        QCOMPARE(screen.text("diffFound"), QStringLiteral("1 of 2"));
        screen.key(Qt::Key_Return);
        QCOMPARE(screen.text("diffFound"), QStringLiteral("2 of 2"));
        QCOMPARE(screen.current(), QStringLiteral("price = 12 EUR"));
        screen.key(Qt::Key_F3, Qt::ShiftModifier);
        QCOMPARE(screen.text("diffFound"), QStringLiteral("1 of 2"));
        field->setText(QStringLiteral("nowhere"));
        QCOMPARE(screen.text("diffFound"), QStringLiteral("not found"));
        screen.key(Qt::Key_Escape);
        QVERIFY(field->text().isEmpty());
        QVERIFY(screen.lines().hasFocus());
    }

    void standsSideBySideAndCopiesTheSideOfTheCursor()
    {
        Screen screen;
        screen.show(diffOf(example));
        screen.lines().setFocus();
        screen.key(Qt::Key_L, Qt::ControlModifier);
        QCOMPARE(screen.view.layoutKind(), DiffModel::Layout::SideBySide);
        QVERIFY(screen.view.findChild<QPushButton *>(QStringLiteral("diffSideBySide"))->isChecked());
        const QModelIndex pair = screen.lines().model()->index(4, DiffModel::RightText);
        QCOMPARE(pair.data().toString(), QStringLiteral("price = 12 EUR"));
        QCOMPARE(pair.siblingAtColumn(DiffModel::LeftText).data().toString(), QStringLiteral("price = 10 EUR"));
        screen.lines().setCurrentIndex(pair);
        screen.key(Qt::Key_C, Qt::ControlModifier);
        QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("price = 12 EUR\n"));
        screen.lines().setCurrentIndex(pair.siblingAtColumn(DiffModel::LeftText));
        screen.key(Qt::Key_C, Qt::ControlModifier);
        QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("price = 10 EUR\n"));
    }

    void saysWhatItDoesNotShow_data()
    {
        QTest::addColumn<FileDiff>("diff");
        QTest::addColumn<QString>("says");
        FileDiff binary = diffOf({});
        binary.file.isBinary = true;
        binary.oldSize = 2048;
        binary.newSize = 4096;
        QTest::newRow("binary") << binary << QStringLiteral("A binary file");
        FileDiff large = diffOf({});
        large.isTooLarge = true;
        large.newSize = 100'000'000;
        QTest::newRow("too large") << large << QStringLiteral("Too large to be compared");
        QTest::newRow("mode only") << diffOf({}) << QStringLiteral("Its content is the same");
    }
    void saysWhatItDoesNotShow()
    {
        QFETCH(FileDiff, diff);
        QFETCH(QString, says);
        Screen screen;
        screen.show(diff);
        QVERIFY2(screen.view.stateText().contains(says), qPrintable(screen.view.stateText()));
    }

    void tellsThatTheLastLineHasNoEnd()
    {
        Screen screen;
        screen.show(diffOf(example));
        screen.lines().selectAll();
        QCOMPARE(screen.lines().copyText().count(QStringLiteral("No newline at end of file")), 2);
    }

    void namesBothPathsOfAFileThatMoved()
    {
        Screen screen;
        FileDiff diff =
            diffOf("diff --git a/old.txt b/new.txt\nsimilarity index 100%\nrename from old.txt\nrename to new.txt\n",
                   QStringLiteral("new.txt"));
        diff.file.status = FileChange::Status::Renamed;
        diff.file.oldPath = QStringLiteral("old.txt");
        screen.show(diff);
        QCOMPARE(screen.view.findChild<ElidedLabel *>(QStringLiteral("diffPath"))->text(),
                 QStringLiteral("old.txt \u2192 new.txt"));
        QVERIFY(screen.view.stateText().isEmpty());
    }

    void offersTheRestOfAFileThatWasCut()
    {
        Screen screen;
        FileDiff diff = diffOf(example);
        diff.isCut = true;
        screen.show(diff);
        auto *more = screen.view.findChild<QPushButton *>(QStringLiteral("diffMore"));
        QVERIFY(more->isVisible());
        QSignalSpy wanted(&screen.view, &FileDiffView::moreWanted);
        QTest::mouseClick(more, Qt::LeftButton);
        QCOMPARE(wanted.size(), 1);
        diff.isCut = false;
        screen.show(diff);
        QVERIFY(!more->isVisible());
    }

    void aHugeFileIsShownAtOnce()
    {
        QByteArray text = "--- a/big\n+++ b/big\n@@ -1,100000 +1,100000 @@\n";
        for (int i = 0; i < 100'000; ++i)
            text += i % 10 == 0 ? QByteArray("+added ") + QByteArray::number(i) + '\n'
                                : QByteArray(" line ") + QByteArray::number(i) + '\n';
        const QList<UnifiedLine> lines = parseUnifiedDiff(text);
        Screen screen;
        QElapsedTimer timer;
        timer.start();
        screen.view.showDiff(diffOf({}, QStringLiteral("big")), lines);
        screen.view.grab();
        QVERIFY2(timer.elapsed() < 1000, qPrintable(QString::number(timer.elapsed())));
        QCOMPARE(screen.lines().model()->rowCount(), 100'001);
        screen.lines().scrollToBottom();
        timer.start();
        screen.view.grab();
        QVERIFY2(timer.elapsed() < 500, qPrintable(QString::number(timer.elapsed())));
    }

    void aLineOfAMegabyteScrollsAcross()
    {
        const QByteArray letters(1'000'000, 'x');
        Screen screen;
        screen.show(diffOf("@@ -1 +1 @@\n-" + letters + "\n+" + letters + "needle\n"));
        auto *bar = screen.view.findChild<QScrollBar *>(QString(), Qt::FindDirectChildrenOnly);
        for (QScrollBar *each : screen.view.findChildren<QScrollBar *>()) {
            if (each->accessibleName() == QStringLiteral("Scroll long lines"))
                bar = each;
        }
        QVERIFY(bar && bar->isVisible());
        QCOMPARE(bar->value(), 0);
        QElapsedTimer timer;
        timer.start();
        screen.view.findChild<QLineEdit *>(QStringLiteral("diffSearch"))->setText(QStringLiteral("needle"));
        QVERIFY(bar->value() > 1'000'000);
        screen.view.grab();
        QVERIFY2(timer.elapsed() < 1000, qPrintable(QString::number(timer.elapsed())));
    }

    void lettersAndEscapeBelongToThePage()
    {
        Screen screen;
        screen.show(diffOf(example));
        QWidget host;
        QKeyEvent slash(QEvent::KeyPress, Qt::Key_Slash, Qt::NoModifier, QStringLiteral("/"));
        QApplication::sendEvent(&screen.lines(), &slash);
        QVERIFY(!slash.isAccepted());
        QKeyEvent escape(QEvent::KeyPress, Qt::Key_Escape, Qt::NoModifier);
        QApplication::sendEvent(&screen.lines(), &escape);
        QVERIFY(!escape.isAccepted());
    }

private:
    std::unique_ptr<Theme> m_theme;
};

QTEST_MAIN(TestFileDiffView)
#include "test_filediffview.moc"
