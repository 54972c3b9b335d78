#include "models/items/changedfilesmodel.h"
#include "models/items/commitsmodel.h"
#include "models/items/promotionsmodel.h"
#include "models/items/roles.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using namespace signalbox;
using policy::PromotionBoard;
using policy::PromotionCard;

namespace
{

ChangeCommit commit(const char *id, const char *subject)
{
    ChangeCommit made;
    made.id = QString::fromLatin1(id);
    made.subject = QString::fromLatin1(subject);
    made.authorName = QStringLiteral("ana");
    made.parents = {QStringLiteral("p")};
    return made;
}

PromotionCard card(const char *id, const char *application, int minutesAgo, bool isMine)
{
    PromotionCard made;
    made.id = QString::fromLatin1(id);
    made.state = PromotionCard::State::Waiting;
    made.request.subject.application = QString::fromLatin1(application);
    made.request.subject.environment = QStringLiteral("production");
    made.request.version = QStringLiteral("1.0");
    made.requestedAt = QDateTime(QDate(2026, 3, 4), QTime(12, 0), Qt::UTC).addSecs(-60 * minutesAgo);
    made.mayApprove.isGiven = isMine;
    return made;
}

QStringList rowsOf(const PromotionsModel &model)
{
    QStringList rows;
    for (int i = 0; i < model.rowCount(); ++i)
        rows << (model.index(i).data(PromotionsModel::HeadingRole).toBool()
                     ? QStringLiteral("# ") + model.index(i).data().toString()
                     : model.index(i).data(IdRole).toString());
    return rows;
}

} // namespace

class TestChangeModels : public QObject
{
    Q_OBJECT
private slots:
    void linesComeLaterAndChangeTheirRowsAlone()
    {
        CommitsModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.show({commit("a", "one"), commit("b", "two")}, {commit("c", "gone")});
        QCOMPARE(model.uncounted(), 3);
        const QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
        const QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
        model.count({{QStringLiteral("b"), {2, 10, 3}}, {QStringLiteral("elsewhere"), {1, 1, 1}}});
        QCOMPARE(changed.size(), 1);
        QCOMPARE(changed.first().first().toModelIndex().row(), 1);
        QCOMPARE(model.uncounted(), 2);
        model.show({commit("a", "one"), commit("b", "two")}, {commit("c", "gone")}); // read again: the same
        QCOMPARE(reset.size(), 0);
        model.show({commit("n", "new"), commit("a", "one"), commit("b", "two")}, {});
        QCOMPARE(model.uncounted(), 2); // b is known
        QCOMPARE(model.commit(2)->lines, LineCounts({2, 10, 3}));
        QVERIFY(!model.index(2).data(CommitsModel::MissingRole).toBool());
    }

    void aCommitIsFoundByWhatIsKnownOfIt()
    {
        CommitsModel model;
        ChangeCommit one = commit("abc", "Share cache");
        one.issues = {{QStringLiteral("SHOP-7"), {}}};
        model.show({one}, {});
        for (const char *word : {"abc", "Share", "ana", "SHOP-7"})
            QVERIFY2(model.index(0).data(FilterRole).toString().contains(QLatin1String(word)), word);
    }

    void filesTellHowTheyChanged()
    {
        ChangedFilesModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        FileChange moved{FileChange::Status::Renamed, QStringLiteral("b"), QStringLiteral("a"), 1, 2, false};
        FileChange binary{FileChange::Status::Added, QStringLiteral("logo"), {}, 0, 0, true};
        model.show({moved, binary});
        QCOMPARE(model.total(), (LineCounts{2, 1, 2}));
        QCOMPARE(model.index(0).data(Qt::AccessibleTextRole).toString(),
                 QStringLiteral("b, renamed, 1 lines added, 2 removed"));
        QVERIFY(model.index(0).data(Qt::ToolTipRole).toString().contains(QStringLiteral("was a")));
        QCOMPARE(model.index(1).data(Qt::AccessibleTextRole).toString(), QStringLiteral("logo, added, binary"));
        QCOMPARE(model.rowOf(QStringLiteral("logo")), 1);
    }

    void theInboxKeepsItsRowsWhileTheBoardMoves()
    {
        PromotionsModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        PromotionBoard board;
        board.open = {card("a", "cart", 10, true), card("b", "web", 30, true), card("c", "api", 20, false)};
        model.show(board);
        QCOMPARE(rowsOf(model),
                 (QStringList{QStringLiteral("# Waiting for you"), QStringLiteral("b"), QStringLiteral("a"),
                              QStringLiteral("# Waiting for others"), QStringLiteral("c")}));
        const QPersistentModelIndex kept = model.index(2);
        const QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
        board.open[1].mayApprove.isGiven = false; // I approved it
        board.open.append(card("d", "jobs", 90, true));
        board.decided = {card("z", "old", 999, false)};
        model.show(board);
        QCOMPARE(reset.size(), 0);
        QCOMPARE(kept.data(IdRole).toString(), QStringLiteral("a"));
        QCOMPARE(rowsOf(model),
                 (QStringList{QStringLiteral("# Waiting for you"), QStringLiteral("d"), QStringLiteral("a"),
                              QStringLiteral("# Waiting for others"), QStringLiteral("b"), QStringLiteral("c"),
                              QStringLiteral("# Recently decided"), QStringLiteral("z")}));
        model.setOrder(PromotionsModel::Order::Application);
        QCOMPARE(rowsOf(model).mid(1, 2), (QStringList{QStringLiteral("a"), QStringLiteral("d")}));
        model.setWords(QStringLiteral("web prod"));
        QCOMPARE(rowsOf(model), (QStringList{QStringLiteral("# Waiting for others"), QStringLiteral("b")}));
        QCOMPARE(model.firstCard(), 1);
        QVERIFY(!model.flags(model.index(0)).testFlag(Qt::ItemIsSelectable));
        model.setWords({});
        model.show({});
        QCOMPARE(model.rowCount(), 0);
        QCOMPARE(model.firstCard(), -1);
    }

    // A view looks at all its rows for every signal.
    void manyPromotionsComeWithOneSignal()
    {
        PromotionsModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        PromotionBoard board;
        for (int i = 0; i < 100; ++i)
            board.open.append(card(QByteArray::number(i).constData(), "cart", 300 - i, i % 2 == 0));
        const QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
        model.show(board);
        QCOMPARE(model.rowCount(), 102);
        QCOMPARE(inserted.size(), 1);
        board.open.removeFirst();
        board.open.append(card("100", "cart", 1, true));
        model.show(board);
        QCOMPARE(inserted.size(), 2);
        PromotionsModel anew;
        anew.show(board);
        QCOMPARE(rowsOf(model), rowsOf(anew));
    }
};

QTEST_GUILESS_MAIN(TestChangeModels)
#include "test_changemodels.moc"
