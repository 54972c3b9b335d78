#include "models/domain/ulid.h"
#include "models/items/ledgermodel.h"
#include "models/stores/ledgertable.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using namespace signalbox;

namespace
{

const QDateTime noon(QDate(2026, 3, 4), QTime(12, 0), Qt::UTC);

QString hex(int n)
{
    return QStringLiteral("%1").arg(n, 40, 16, QLatin1Char('0'));
}

LedgerRow rowOf(int n, const QString &type, const QString &application, const QString &signer)
{
    LedgerRow row;
    row.commit = hex(0xabc000 + n);
    row.blob = hex(n + 1);
    row.at = noon.addSecs(60 * n).toMSecsSinceEpoch();
    row.id = newUlid(row.time());
    row.path = QStringLiteral("entries/2026/03/04/%1.json").arg(row.id);
    row.type = type;
    row.application = application;
    row.environment = QStringLiteral("production");
    row.signer = signer;
    row.key = QStringLiteral("SHA256:abc");
    row.author = QStringLiteral("Somebody <s@shop.example>");
    row.words = QStringLiteral("Entry number %1, Größe").arg(n);
    row.proof = LedgerProof::Good;
    return row;
}

LedgerTable tableOf(const QList<LedgerRow> &rows)
{
    LedgerTable table;
    for (const LedgerRow &row : rows)
        table.append(row);
    return table;
}

QList<LedgerRow> someRows()
{
    QList<LedgerRow> rows{rowOf(0, QStringLiteral("promotion"), QStringLiteral("cart"), QStringLiteral("dan")),
                          rowOf(1, QStringLiteral("approval"), QStringLiteral("cart"), QStringLiteral("ann")),
                          rowOf(2, QStringLiteral("note"), QStringLiteral("web"), QStringLiteral("ann")),
                          rowOf(3, QStringLiteral("claim"), QStringLiteral("cart"), QString()),
                          rowOf(4, QStringLiteral("promotionOutcome"), QStringLiteral("cart"), QStringLiteral("bob"))};
    rows[0].about = rows[0].id;
    rows[0].version = QStringLiteral("8.1.9");
    for (const int i : {1, 3, 4})
        rows[i].about = rows[0].id;
    rows[4].outcome = QStringLiteral("notEffective");
    rows[3].proof = LedgerProof::Bad;
    rows[3].fault = QStringLiteral("unknownSigner");
    rows[3].reason = QStringLiteral("The key was not in allowed_signers at that time.");
    return rows;
}

} // namespace

class TestLedgerTable : public QObject
{
    Q_OBJECT
private slots:
    void givesBackWhatWasPutIn()
    {
        QList<LedgerRow> rows = someRows();
        rows[2].path = QStringLiteral("allowed_signers"); // not the usual place
        rows[2].words = QStringLiteral("two\nlines, \x1f and more");
        rows[4].id.clear();
        const LedgerTable table = tableOf(rows);
        for (int i = 0; i < rows.size(); ++i)
            QVERIFY2(table.row(i) == rows.at(i), qPrintable(QString::number(i)));
    }

    void finds_data()
    {
        QTest::addColumn<LedgerFilter>("filter");
        QTest::addColumn<QList<int>>("expected"); // newest first
        const auto row = [](const char *name, auto change, const QList<int> &expected) {
            LedgerFilter filter;
            change(filter);
            QTest::newRow(name) << filter << expected;
        };
        row("everything", [](LedgerFilter &) {}, {4, 3, 2, 1, 0});
        row("an application", [](LedgerFilter &f) { f.application = QStringLiteral("cart"); }, {4, 3, 1, 0});
        row("one that is not there", [](LedgerFilter &f) { f.application = QStringLiteral("carts"); }, {});
        row("who signed", [](LedgerFilter &f) { f.person = QStringLiteral("ann"); }, {2, 1});
        row("who only says so", [](LedgerFilter &f) { f.person = QStringLiteral("Somebody <s@shop.example>"); }, {3});
        row("a kind", [](LedgerFilter &f) { f.type = QStringLiteral("note"); }, {2});
        row("a state", [](LedgerFilter &f) { f.proof = LedgerProof::Bad; }, {3});
        row("from, inside", [](LedgerFilter &f) { f.from = noon.addSecs(180); }, {4, 3});
        row("to, outside", [](LedgerFilter &f) { f.to = noon.addSecs(120); }, {1, 0});
        row("a word of the comment", [](LedgerFilter &f) { f.text = QStringLiteral("number 3,"); }, {3});
        row("without regard to case", [](LedgerFilter &f) { f.text = QStringLiteral("GRÖSSE größe"); }, {});
        row("umlauts", [](LedgerFilter &f) { f.text = QStringLiteral("GRÖßE"); }, {4, 3, 2, 1, 0});
        row("a version", [](LedgerFilter &f) { f.text = QStringLiteral("8.1.9"); }, {0});
        row("part of a commit", [](LedgerFilter &f) { f.text = QStringLiteral("abc002"); }, {2});
        row("words in different places", [](LedgerFilter &f) { f.text = QStringLiteral("web ann"); }, {2});
        row("all of it", [](LedgerFilter &f) { f.text = QStringLiteral("web bob"); }, {});
        row("a reason", [](LedgerFilter &f) { f.text = QStringLiteral("allowed_signers"); }, {3});
    }
    void finds()
    {
        QFETCH(LedgerFilter, filter);
        QFETCH(QList<int>, expected);
        const QList<LedgerRow> rows = someRows();
        const LedgerTable table = tableOf(rows);
        QList<int> found;
        for (const quint32 index : table.find(filter))
            found.append(static_cast<int>(index));
        QCOMPARE(found, expected);
        // The same by one row at a time, as exports ask.
        for (int i = 0; i < rows.size(); ++i)
            QCOMPARE(accepts(filter, rows.at(i)), expected.contains(i));
    }

    void knowsWhatBelongsTogether()
    {
        QList<LedgerRow> rows = someRows();
        LedgerRow operation = rowOf(5, QStringLiteral("operation"), QStringLiteral("cart"), QStringLiteral("bob"));
        rows[4].another = operation.id;
        rows.append(operation);
        const LedgerTable table = tableOf(rows);
        QCOMPARE(table.related(0), (std::vector<quint32>{1, 3, 4}));
        QCOMPARE(table.related(1), (std::vector<quint32>{0, 3, 4}));
        QCOMPARE(table.related(2), std::vector<quint32>{});
        QCOMPARE(table.related(4), (std::vector<quint32>{0, 1, 3, 5}));
        QCOMPARE(table.related(5), std::vector<quint32>{4});
    }

    void offersWhatThereIs()
    {
        const LedgerTable table = tableOf(someRows());
        QCOMPARE(table.applications(), (QStringList{QStringLiteral("cart"), QStringLiteral("web")}));
        QCOMPARE(table.persons(), (QStringList{QStringLiteral("ann"), QStringLiteral("bob"), QStringLiteral("dan"),
                                               QStringLiteral("Somebody <s@shop.example>")}));
        QCOMPARE(table.types().first(), QStringLiteral("promotion"));
        QCOMPARE(table.types().size(), 5);
    }

    void keepsManyRowsInLittleMemory()
    {
        LedgerTable table;
        for (int i = 0; i < 10000; ++i)
            table.append(
                rowOf(i, QStringLiteral("operation"), QStringLiteral("app-%1").arg(i % 40), QStringLiteral("ann")));
        table.squeeze();
        QVERIFY2(table.memoryUse() < 10000 * 350, qPrintable(QString::number(table.memoryUse())));
    }

    void showsTheNewestFirst()
    {
        const LedgerTable table = tableOf(someRows());
        LedgerModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setTable(&table);
        QCOMPARE(model.rowCount(), 5);
        QCOMPARE(model.index(0, LedgerModel::Entry).data().toString(), QStringLiteral("Promotion: not effective"));
        QCOMPARE(model.index(1, LedgerModel::Proof).data().toString(), QStringLiteral("not to be trusted"));
        QCOMPARE(model.index(1, LedgerModel::Proof).data(SecondLineRole).toString(),
                 QStringLiteral("The key was not in allowed_signers at that time."));
        QCOMPARE(model.index(1, LedgerModel::Proof).data(HealthRole).toInt(), static_cast<int>(Health::Failing));
        QCOMPARE(model.index(4, LedgerModel::Entry).data(SecondLineRole).toString(),
                 QStringLiteral("8.1.9 · Entry number 0, Größe"));
        QCOMPARE(model.rowOf(0), 4);
    }

    void growsAtTheTopWithoutAReset()
    {
        const QList<LedgerRow> rows = someRows();
        LedgerTable table = tableOf(rows.mid(0, 3));
        LedgerModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setTable(&table);
        LedgerFilter filter;
        filter.application = QStringLiteral("cart");
        model.setFilter(filter);
        QCOMPARE(model.rowCount(), 2);
        const QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
        const QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
        table.append(rowOf(7, QStringLiteral("note"), QStringLiteral("web"), QStringLiteral("ann"))); // not taken
        model.tableGrew();
        QCOMPARE(inserted.size(), 0);
        table.append(rows.at(3));
        table.append(rows.at(4));
        model.tableGrew();
        QCOMPARE(inserted.size(), 1);
        QCOMPARE(resets.size(), 0);
        QCOMPARE(model.rowCount(), 4);
        QCOMPARE(model.index(0, 0).data(LedgerModel::CommitRole).toString(), rows.at(4).commit);
    }
};

QTEST_APPLESS_MAIN(TestLedgerTable)
#include "test_ledgertable.moc"
