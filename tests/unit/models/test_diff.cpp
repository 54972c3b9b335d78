#include "models/items/diffmodel.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using namespace signalbox;

namespace
{

const char *const example = "diff --git a/price.txt b/price.txt\n"
                            "index 1..2 100644\n"
                            "--- a/price.txt\n"
                            "+++ b/price.txt\n"
                            "@@ -1,5 +1,6 @@ shop\n"
                            " head\n"
                            "-price = 10 EUR\n"
                            "-old line\n"
                            "+price = 12 EUR\n"
                            "+-- new line\n"
                            "++ one more\n"
                            " tail\r\n"
                            " \n"
                            "@@ -20 +21 @@\n"
                            "-last\n"
                            "\\ No newline at end of file\n"
                            "+Last\n"
                            "\\ No newline at end of file\n";

} // namespace

class TestDiff : public QObject
{
    Q_OBJECT

    static QStringList shown(const DiffModel &model)
    {
        QStringList rows;
        for (int row = 0; row < model.rowCount(); ++row) {
            QStringList cells;
            for (int column = 0; column < model.columnCount(); ++column)
                cells.append(model.index(row, column).data().toString());
            rows.append(cells.join(QLatin1Char('|')));
        }
        return rows;
    }

private slots:
    void showsLinesBelowEachOther()
    {
        DiffModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.show(example);
        QCOMPARE(shown(model), (QStringList{
                                   QStringLiteral("||a/price.txt b/price.txt"),
                                   QStringLiteral("||index 1..2 100644"),
                                   QStringLiteral("||@@ -1,5 +1,6 @@ shop"),
                                   QStringLiteral("1|1|head"),
                                   QStringLiteral("2||price = 10 EUR"),
                                   QStringLiteral("3||old line"),
                                   QStringLiteral("|2|price = 12 EUR"),
                                   QStringLiteral("|3|-- new line"),
                                   QStringLiteral("|4|+ one more"),
                                   QStringLiteral("4|5|tail"),
                                   QStringLiteral("5|6|"),
                                   QStringLiteral("||@@ -20 +21 @@"),
                                   QStringLiteral("20||last"),
                                   QStringLiteral("||No newline at end of file"),
                                   QStringLiteral("|21|Last"),
                                   QStringLiteral("||No newline at end of file"),
                               }));
        QCOMPARE(model.addedLines(), 4);
        QCOMPARE(model.removedLines(), 3);
    }

    void showsLinesBesideEachOther()
    {
        DiffModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.show(example);
        model.setLayout(DiffModel::Layout::SideBySide);
        QCOMPARE(shown(model).mid(3, 6), (QStringList{
                                             QStringLiteral("1|head|1|head"),
                                             QStringLiteral("2|price = 10 EUR|2|price = 12 EUR"),
                                             QStringLiteral("3|old line|3|-- new line"),
                                             QStringLiteral("||4|+ one more"),
                                             QStringLiteral("4|tail|5|tail"),
                                             QStringLiteral("5||6|"),
                                         }));
        QVERIFY(shown(model).contains(QStringLiteral("20|last|21|Last")));
        // Nothing stands on the left of a line that was only added.
        QVERIFY(!model.index(6, DiffModel::LeftText).data(DiffModel::KindRole).isValid());
        QCOMPARE(model.index(6, DiffModel::RightText).data(DiffModel::KindRole).toInt(), int(UnifiedLine::Kind::Added));
    }

    void marksWhatIsNotAsItWas()
    {
        DiffModel model;
        model.show(example);
        QCOMPARE(model.index(4, DiffModel::Text).data(DiffModel::ChangedRole).toList(), (QVariantList{9, 1}));
        QCOMPARE(model.index(6, DiffModel::Text).data(DiffModel::ChangedRole).toList(), (QVariantList{9, 1}));
        QVERIFY(model.index(3, DiffModel::Text).data(DiffModel::ChangedRole).toList().isEmpty());
    }

    void linesDiffer_data()
    {
        QTest::addColumn<QString>("before");
        QTest::addColumn<QString>("after");
        QTest::addColumn<QList<int>>("expected");
        const auto row = [](const char *name, const char *before, const char *after, const QList<int> &expected) {
            QTest::newRow(name) << QString::fromUtf8(before) << QString::fromUtf8(after) << expected;
        };
        row("middle", "abcdef", "abXdef", {2, 1, 2, 1});
        row("added", "abcd", "abXXcd", {2, 0, 2, 2});
        row("removed at the end", "abcdef", "abcd", {4, 2, 4, 0});
        row("repeated letters", "aaaa", "aaaaa", {4, 0, 4, 1});
        row("nothing in common", "abc", "xyz", {0, 3, 0, 3});
        row("both empty", "", "", {0, 0, 0, 0});
        row("signs beyond 16 bits stay whole", "aa😀bb", "aa😁bb", {2, 2, 2, 2});
    }
    void linesDiffer()
    {
        QFETCH(QString, before);
        QFETCH(QString, after);
        QFETCH(QList<int>, expected);
        const LineDifference found = lineDifference(before, after);
        QCOMPARE((QList<int>{int(found.oldStart), int(found.oldLength), int(found.newStart), int(found.newLength)}),
                 expected);
    }

    void searchesRoundTheEnds_data()
    {
        QTest::addColumn<DiffModel::Layout>("layout");
        QTest::newRow("unified") << DiffModel::Layout::Unified;
        QTest::newRow("side by side") << DiffModel::Layout::SideBySide;
    }
    void searchesRoundTheEnds()
    {
        QFETCH(DiffModel::Layout, layout);
        DiffModel model;
        model.show(example);
        model.setLayout(layout);
        QCOMPARE(model.find(QStringLiteral("last")), 2);
        QCOMPARE(model.find(QStringLiteral("Last")), 1); // a capital letter is meant
        QCOMPARE(model.find(QStringLiteral("line")), 4);
        QStringList seen;
        for (int i = 0; i < 5; ++i) {
            const QModelIndex at = model.findNext();
            QVERIFY(at.isValid());
            QVERIFY(at.data(DiffModel::CurrentMatchRole).isValid());
            seen.append(at.data().toString());
        }
        QCOMPARE(seen[0], QStringLiteral("old line"));
        QCOMPARE(seen[1], QStringLiteral("-- new line"));
        QCOMPARE(seen[4], seen[0]);
        QCOMPARE(model.findNext(true).data().toString(), seen[3]);
        const QModelIndex first =
            model.index(5, layout == DiffModel::Layout::Unified ? int(DiffModel::Text) : int(DiffModel::LeftText));
        QCOMPARE(first.data(DiffModel::MatchesRole).toList(), (QVariantList{4, 4}));
        QCOMPARE(model.find({}), 0);
        QVERIFY(!model.findNext().isValid());
        model.find(QStringLiteral("price"));
        model.show("@@ -1 +1 @@\n-a price\n+b\n"); // what is looked for stays
        QCOMPARE(model.matchCount(), 1);
    }

    void stepsFromHunkToHunk()
    {
        DiffModel model;
        model.show(example);
        QCOMPARE(model.hunkAfter(-1), 2);
        QCOMPARE(model.hunkAfter(2), 11);
        QCOMPARE(model.hunkAfter(11), -1);
        QCOMPARE(model.hunkAfter(11, true), 2);
    }

    void survivesWhatIsNoDifference_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("rows");
        QTest::newRow("empty") << QByteArray() << 0;
        QTest::newRow("binary") << QByteArray("diff --git a/x b/x\nBinary files a/x and b/x differ\n") << 2;
        QTest::newRow("cut in a hunk") << QByteArray("@@ -1,9 +1,9 @@\n a\n-b") << 3;
        QTest::newRow("numbers that are none") << QByteArray("@@ -x,1 +1 @@\n+a\n") << 2;
        QTest::newRow("more than the hunk says") << QByteArray("@@ -1 +1 @@\n-a\n-b\n+c\n") << 4;
        QTest::newRow("no UTF-8") << QByteArray("@@ -1 +1 @@\n-\xff\xfe\n+ok\n") << 3;
    }
    void survivesWhatIsNoDifference()
    {
        QFETCH(QByteArray, text);
        QFETCH(int, rows);
        DiffModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.show(text);
        QCOMPARE(model.rowCount(), rows);
        model.setLayout(DiffModel::Layout::SideBySide);
        QVERIFY(model.rowCount() <= rows);
    }
};

QTEST_GUILESS_MAIN(TestDiff)
#include "test_diff.moc"
