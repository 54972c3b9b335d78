// The list of all runs: its order, its groups and filters, and that a change moves as few rows as it has to.
#include "models/items/roles.h"
#include "models/items/runsmodel.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using namespace signalbox;

namespace
{

const QDateTime noon(QDate(2026, 3, 5), QTime(12, 0), Qt::UTC);

RunStore::Entry entryOf(const QString &connection, const QString &title, const QList<std::pair<int, RunState>> &runs)
{
    RunStore::Entry entry;
    entry.pipeline.ref = {connection, QStringLiteral("acme"), title};
    entry.pipeline.title = title;
    entry.application = title;
    entry.freshness.state = Freshness::State::Live;
    for (const auto &[minutes, state] : runs) {
        Run run;
        run.ref = {entry.pipeline.ref, QString::number(minutes)};
        run.number = QString::number(minutes);
        run.state = state;
        run.branch = QStringLiteral("main");
        run.createdAt = noon.addSecs(-60 * minutes);
        entry.runs.append(run);
    }
    return entry;
}

QStringList texts(const RunsModel &model)
{
    QStringList all;
    for (const RunRow &row : model.rows())
        all << (row.kind == RunRow::Kind::Run    ? runTitle(row.pipeline, row.run)
                : row.kind == RunRow::Kind::More ? QStringLiteral("more")
                                                 : QStringLiteral("[%1 %2]").arg(row.heading).arg(row.count));
    return all;
}

QStringList list(const char *words)
{
    return QString::fromLatin1(words).split(QLatin1Char('|'), Qt::SkipEmptyParts);
}

} // namespace

class TestRunsModel : public QObject
{
    Q_OBJECT
private slots:
    void init()
    {
        m_store = std::make_unique<RunStore>();
        m_store->putServer(QStringLiteral("gh"), {QStringLiteral("github"),
                                                  QStringLiteral("GitHub Actions"),
                                                  {Freshness::State::Live, {}, {}, {}},
                                                  {},
                                                  {},
                                                  {}});
        m_store->putEntry(entryOf(QStringLiteral("gh"), QStringLiteral("web"),
                                  {{1, RunState::Running}, {30, RunState::Passed}, {90, RunState::Failed}}));
        m_store->putEntry(
            entryOf(QStringLiteral("jk"), QStringLiteral("api"), {{5, RunState::Waiting}, {60, RunState::Unstable}}));
    }

    void isGroupedAndFiltered_data()
    {
        QTest::addColumn<int>("group");
        QTest::addColumn<QString>("words");
        QTest::addColumn<int>("filter"); // -1: none
        QTest::addColumn<QString>("connection");
        QTest::addColumn<QStringList>("expected");
        const auto row = [](const char *name, RunsModel::Group group, const char *words, int filter,
                            const char *connection, const char *expected) {
            QTest::newRow(name) << int(group) << QString::fromLatin1(words) << filter << QString::fromLatin1(connection)
                                << list(expected);
        };
        using Group = RunsModel::Group;
        row("newest first", Group::None, "", -1, "", "web #1|api #5|web #30|api #60|web #90");
        row("by pipeline", Group::Pipeline, "", -1, "", "[api 2]|api #5|api #60|[web 3]|web #1|web #30|web #90");
        row("by state", Group::State, "", -1, "",
            "[waiting 1]|api #5|[running 1]|web #1|[failed 2]|api #60|web #90|[passed 1]|web #30");
        row("by application", Group::Application, "", -1, "", "[api 2]|api #5|api #60|[web 3]|web #1|web #30|web #90");
        row("words", Group::None, "web #9", -1, "", "web #90");
        row("state", Group::None, "", int(RunsModel::Filter::Failed), "", "api #60|web #90");
        row("connection", Group::None, "", -1, "jk", "api #5|api #60");
        row("none fits", Group::State, "zebra", -1, "", "");
    }
    void isGroupedAndFiltered()
    {
        QFETCH(int, group);
        QFETCH(QString, words);
        QFETCH(int, filter);
        QFETCH(QString, connection);
        QFETCH(QStringList, expected);
        RunsModel model(*m_store);
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setGroup(static_cast<RunsModel::Group>(group));
        model.setWords(words);
        model.setFilters(filter < 0 ? QSet<RunsModel::Filter>()
                                    : QSet<RunsModel::Filter>{static_cast<RunsModel::Filter>(filter)});
        model.setConnection(connection);
        QCOMPARE(texts(model), expected);
        QCOMPARE(model.knownRuns(), 5);
        model.clearFilters();
        QCOMPARE(model.shownRuns(), 5);
    }

    void aChangeMovesAsFewRowsAsItHasTo()
    {
        RunsModel model(*m_store);
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        const QSignalSpy resets(&model, &RunsModel::modelReset);
        const QSignalSpy inserted(&model, &RunsModel::rowsInserted);
        const QSignalSpy changed(&model, &RunsModel::dataChanged);
        RunStore::Entry web = *m_store->entry(QStringLiteral("gh|acme|web"));
        web.runs[0].state = RunState::Passed;
        web.runs.prepend(web.runs[0]);
        web.runs[0].ref.id = QStringLiteral("0");
        web.runs[0].createdAt = noon;
        m_store->putEntry(web);
        QTRY_COMPARE(model.shownRuns(), 6);
        QCOMPARE(inserted.size(), 1);
        QCOMPARE(changed.size(), 1);
        QCOMPARE(resets.size(), 0);
    }

    void olderRunsAreAskedForWhereThereAreSome()
    {
        RunStore::Entry web = *m_store->entry(QStringLiteral("gh|acme|web"));
        web.next = QStringLiteral("2");
        m_store->putEntry(web);
        RunsModel model(*m_store);
        QCOMPARE(texts(model).last(), QStringLiteral("more"));
        QCOMPARE(model.rows().last().more, QStringList(QStringLiteral("gh|acme|web")));
        model.setConnection(QStringLiteral("jk"));
        QVERIFY(!texts(model).contains(QStringLiteral("more")));
        model.setConnection({});
        model.setGroup(RunsModel::Group::Pipeline);
        QCOMPARE(texts(model).count(QStringLiteral("more")), 1);
    }

    void theWorstSourceIsTold()
    {
        RunsModel model(*m_store);
        QCOMPARE(model.freshness().state, Freshness::State::Live);
        RunStore::Entry api = *m_store->entry(QStringLiteral("jk|acme|api"));
        api.freshness = {Freshness::State::Stale, noon, noon,
                         Error{ErrorKind::Unreachable, QStringLiteral("gone"), {}}};
        m_store->putEntry(api);
        QCOMPARE(model.freshness().state, Freshness::State::Stale);
        QTRY_VERIFY(model.index(model.rowOf(api.runs[0].ref.key()), 0).data(DimmedRole).toBool());
        QVERIFY(!model.index(0, 0).data(DimmedRole).toBool());
    }

private:
    std::unique_ptr<RunStore> m_store;
};

QTEST_GUILESS_MAIN(TestRunsModel)
#include "test_runsmodel.moc"
