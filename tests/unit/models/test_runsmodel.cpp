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

QList<RunRow> rowsOf(const RunsModel &model)
{
    QList<RunRow> all;
    for (int i = 0; i < model.rowCount(); ++i)
        all << model.row(i);
    return all;
}

QStringList texts(const RunsModel &model)
{
    QStringList all;
    const QList<RunRow> rows = rowsOf(model);
    for (const RunRow &row : rows)
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
    // Each look at a server reads its gates again: only a gate that is another one is news.
    void gatesThatAreReadAgainAreNoNews()
    {
        RunStore store;
        const QSignalSpy changed(&store, &RunStore::gatesChanged);
        WaitingGate gate;
        gate.connection = QStringLiteral("ci");
        gate.id = QStringLiteral("7");
        gate.readAt = noon;
        store.putGates(gate.connection, {gate});
        QCOMPARE(changed.size(), 1);
        gate.readAt = noon.addSecs(20);
        store.putGates(gate.connection, {gate});
        QCOMPARE(changed.size(), 1);
        QCOMPARE(store.gates().first().readAt, noon.addSecs(20)); // kept all the same
        gate.message = QStringLiteral("Now with a reason");
        store.putGates(gate.connection, {gate});
        QCOMPARE(changed.size(), 2);
        store.putGates(gate.connection, {});
        QCOMPARE(changed.size(), 3);
    }

    // Each answer of a server has another time and another budget: who shows gates hears of it when they look
    // otherwise.
    void aServerThatAnswersAgainIsNoNewsOfItsGates()
    {
        RunStore store;
        const QSignalSpy all(&store, &RunStore::serverChanged);
        const QSignalSpy sources(&store, &RunStore::gateSourceChanged);
        const QString id = QStringLiteral("ci");
        RunStore::Server server;
        server.title = QStringLiteral("CI");
        const auto put = [&](int told) {
            store.putServer(id, server);
            return sources.size() == told;
        };
        QVERIFY(put(1));
        server.gates = {Freshness::State::Live, noon, noon, {}};
        QVERIFY(put(2));
        server.gates.lastHeard = noon.addSecs(30);
        server.pipelines.lastHeard = noon.addSecs(30);
        server.budget = RequestBudget{5000, 4999, noon, 1};
        QVERIFY(put(2));
        QCOMPARE(all.size(), 3);
        server.unreadGates = QStringLiteral("What team/cart waits for could not be read: not allowed.");
        QVERIFY(put(3));
        server.unreadGates.clear(); // it lives as before, and all of them are known again
        QVERIFY(put(4));
        server.gates.state = Freshness::State::Stale;
        QVERIFY(put(5));
        server.gates.error = Error{ErrorKind::Unreachable, QStringLiteral("gone"), {}};
        QVERIFY(put(6));
        server.gates.lastHeard = noon.addSecs(60); // it says since when they are not known
        QVERIFY(put(7));
        server.title = QStringLiteral("Our CI");
        QVERIFY(put(8));
        store.removeConnection(id);
        QCOMPARE(sources.size(), 9);
    }

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
        row("a number's beginning", Group::None, "#9", -1, "", "web #90");
        row("no number's beginning", Group::None, "#0", -1, "", "");
        row("part of a number", Group::None, "0", -1, "", "web #30|api #60|web #90");
        row("as it is said", Group::None, "FAILED", -1, "", "web #90");
        row("of a branch", Group::None, "mai 5", -1, "", "api #5");
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

    // Hundreds of pipelines are heard for the first time, or go: a view looks at all its rows for every signal.
    void muchThatComesOrGoesIsFewSignals()
    {
        RunsModel model(*m_store);
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        const QPersistentModelIndex chosen = model.index(model.rowOf(QStringLiteral("gh|acme|web|30")), 0);
        int signalled = 0;
        const auto count = [&signalled] { ++signalled; };
        connect(&model, &RunsModel::rowsInserted, this, count);
        connect(&model, &RunsModel::rowsRemoved, this, count);
        connect(&model, &RunsModel::rowsMoved, this, count);
        connect(&model, &RunsModel::layoutChanged, this, count);
        connect(&model, &RunsModel::modelReset, this, [] { QFAIL("a reset"); });
        connect(&model, &RunsModel::dataChanged, this, count);
        const auto agrees = [&](RunsModel::Group group) {
            RunsModel anew(*m_store);
            anew.setGroup(group);
            QCOMPARE(rowsOf(model), rowsOf(anew));
            QVERIFY(chosen.isValid());
            QCOMPARE(chosen.data(IdRole).toString(), QStringLiteral("gh|acme|web|30"));
            QVERIFY2(signalled <= 5, qPrintable(QString::number(signalled)));
            signalled = 0;
        };
        for (int i = 0; i < 60; ++i) // between one another
            m_store->putEntry(
                entryOf(QStringLiteral("gh"), QStringLiteral("p%1").arg(i),
                        {{2 + i, RunState::Passed}, {70 + i, RunState::Failed}, {200 - i, RunState::Running}}));
        QTRY_COMPARE(model.shownRuns(), 5 + 180);
        agrees(RunsModel::Group::None);
        for (const RunsModel::Group group : {RunsModel::Group::Pipeline, RunsModel::Group::State,
                                             RunsModel::Group::Application, RunsModel::Group::None}) {
            model.setGroup(group);
            agrees(group);
        }
        model.setFilters({RunsModel::Filter::Passed});
        QCOMPARE(model.shownRuns(), 61);
        QVERIFY(chosen.isValid());
        QVERIFY2(signalled <= 5, qPrintable(QString::number(signalled)));
        signalled = 0;
        model.clearFilters();
        agrees(RunsModel::Group::None);
        m_store->keepOnly(QStringLiteral("gh"), {QStringLiteral("gh|acme|web")});
        QTRY_COMPARE(model.shownRuns(), 5);
        agrees(RunsModel::Group::None);
    }

    // Thousands of rows are made a few pipelines a frame. Until all of them are, the list is what it was: half of what
    // came is never listed, nor half of it said to be stale.
    void whatComesAtOnceIsListedAtOnce()
    {
        RunsModel model(*m_store);
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        const QPersistentModelIndex chosen = model.index(model.rowOf(QStringLiteral("gh|acme|web|30")), 0);
        QList<std::pair<int, int>> told; // runs, and those of them that are stale
        connect(&model, &RunsModel::changed, this, [&] {
            int stale = 0;
            for (int i = 0; i < model.rowCount(); ++i)
                stale += model.row(i).staleFrom.isValid() ? 1 : 0;
            QCOMPARE(model.rowCount(), model.shownRuns());
            told.append({model.shownRuns(), stale});
        });
        constexpr int pipelines = 120;
        constexpr int each = 40;
        QList<std::pair<int, RunState>> runs;
        for (int i = 0; i < each; ++i)
            runs.append({2 + 3 * i, i % 3 == 0 ? RunState::Failed : RunState::Passed});
        const auto title = [](int i) { return QStringLiteral("p%1").arg(i); };
        for (int i = 0; i < pipelines; ++i)
            m_store->putEntry(entryOf(QStringLiteral("gh"), title(i), runs));
        QCOMPARE(model.shownRuns(), 5);
        using Told = std::pair<int, int>;
        QTRY_COMPARE(told, QList<Told>({Told(5 + pipelines * each, 0)}));
        QCOMPARE(rowsOf(model), rowsOf(RunsModel(*m_store)));

        for (int i = 0; i < pipelines; ++i) { // their server fell silent
            RunStore::Entry entry = *m_store->entry(QStringLiteral("gh|acme|") + title(i));
            entry.freshness = {Freshness::State::Stale, noon, noon, {}};
            m_store->putEntry(entry);
        }
        QTRY_COMPARE(told.size(), 2);
        QCOMPARE(told.last(), Told(5 + pipelines * each, pipelines * each));
        QCOMPARE(rowsOf(model), rowsOf(RunsModel(*m_store)));
        QCOMPARE(chosen.data(IdRole).toString(), QStringLiteral("gh|acme|web|30"));

        for (int i = 0; i < pipelines; i += 2)
            m_store->putEntry(entryOf(QStringLiteral("gh"), title(i), runs.mid(1)));
        model.setWords(QStringLiteral("#8")); // who asks for something now gets all that is known now
        RunsModel narrowed(*m_store);
        narrowed.setWords(QStringLiteral("#8"));
        QCOMPARE(rowsOf(model), rowsOf(narrowed));
        model.clearFilters();
        QCOMPARE(rowsOf(model), rowsOf(RunsModel(*m_store)));
    }

    // The order is kept from one list to the next: whatever came, went, was narrowed or grouped in between, it is the
    // one that would be made anew.
    void theOrderIsKeptWhateverComes()
    {
        RunsModel model(*m_store);
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        quint32 seed = 20260305;
        const auto any = [&seed](int below) {
            seed = seed * 1664525U + 1013904223U;
            return int((seed >> 8U) % quint32(below));
        };
        constexpr RunState states[] = {RunState::Running, RunState::Waiting, RunState::Failed, RunState::Passed};
        for (int round = 0; round < 150; ++round) {
            for (int i = any(4); i >= 0; --i) {
                const QString title = QStringLiteral("p%1").arg(any(12));
                QList<std::pair<int, RunState>> runs;
                for (int minutes = any(5), left = any(6); left > 0; --left, minutes += 1 + any(9))
                    runs.append({minutes, states[any(4)]}); // often at the same time as another's
                RunStore::Entry entry = entryOf(QStringLiteral("gh"), title, runs);
                if (!entry.runs.isEmpty() && any(8) == 0)
                    entry.runs.last().createdAt = {};
                m_store->putEntry(entry);
            }
            if (any(10) == 0)
                m_store->keepOnly(QStringLiteral("gh"), {QStringLiteral("gh|acme|web"), QStringLiteral("gh|acme|p3")});
            RunsModel anew(*m_store);
            const QSet<RunsModel::Filter> filters =
                any(2) == 0 ? QSet<RunsModel::Filter>()
                            : QSet<RunsModel::Filter>{static_cast<RunsModel::Filter>(any(5))};
            const QString words = any(3) == 0 ? QStringLiteral("p1") : QString();
            const auto group = static_cast<RunsModel::Group>(any(4));
            for (RunsModel *one : {&model, &anew}) {
                one->setFilters(filters);
                one->setWords(words);
                one->setGroup(group);
            }
            QCOMPARE(rowsOf(model), rowsOf(anew));
            QCOMPARE(model.shownRuns(), anew.shownRuns());
            QCOMPARE(model.knownRuns(), anew.knownRuns());
        }
    }

    // Of what a pipeline's runs have in common one word, of what the run says another.
    void wordsAreLookedForInAllThatARunSays_data()
    {
        QTest::addColumn<QString>("words");
        QTest::addColumn<int>("runs");
        const auto row = [](const char *words, int runs) {
            QTest::newRow(words) << QString::fromLatin1(words) << runs;
        };
        row("ACME", 5);
        row("web main", 3);
        row("web failed", 1);
        row("#9", 1);
        row("#9 api", 0);
        row("dev-a", 1);
        row("push", 1);
        row("jk waiting", 1);
        row("acme jk people", 1);
    }
    void wordsAreLookedForInAllThatARunSays()
    {
        QFETCH(QString, words);
        QFETCH(int, runs);
        RunStore::Entry api = *m_store->entry(QStringLiteral("jk|acme|api"));
        api.runs[1].trigger = {TriggerKind::Push, QStringLiteral("dev-a"), {}, {}};
        m_store->putEntry(api);
        RunsModel model(*m_store);
        model.setWords(words);
        QCOMPARE(model.shownRuns(), runs);
        QCOMPARE(model.rowCount(), runs);
        QCOMPARE(model.knownRuns(), 5);
    }

    void anAnswerThatSaysNothingNewCostsNothing()
    {
        RunsModel model(*m_store);
        const QSignalSpy told(&model, &RunsModel::changed);
        const QSignalSpy changed(&model, &RunsModel::dataChanged);
        RunStore::Entry web = *m_store->entry(QStringLiteral("gh|acme|web"));
        web.freshness.lastHeard = noon.addSecs(60);
        m_store->putEntry(web);
        RunStore::Server server = *m_store->server(QStringLiteral("gh"));
        server.pipelines.lastHeard = noon.addSecs(60);
        server.budget = RequestBudget{5000, 4000, noon, 1000};
        m_store->putServer(QStringLiteral("gh"), server);
        web.runs[1].state = RunState::Failed; // what does say something comes behind it, once a frame
        QTest::qWait(40);
        QCOMPARE(told.size(), 0);
        m_store->putEntry(web);
        web.runs[2].state = RunState::Passed;
        m_store->putEntry(web);
        QTRY_COMPARE(told.size(), 1);
        QCOMPARE(changed.size(), 2); // these rows alone
        QCOMPARE(model.row(2).run.state, RunState::Failed);
    }

    void nothingIsDoneWhileNobodyLooks()
    {
        RunsModel model(*m_store);
        const QSignalSpy told(&model, &RunsModel::changed);
        model.setActive(false);
        m_store->putEntry(entryOf(QStringLiteral("gh"), QStringLiteral("docs"), {{2, RunState::Passed}}));
        QTest::qWait(40);
        QCOMPARE(told.size(), 0);
        QCOMPARE(model.shownRuns(), 5);
        model.setActive(true);
        QCOMPARE(model.shownRuns(), 6);
        QCOMPARE(told.size(), 1);
        model.setActive(false);
        model.setActive(true);
        QCOMPARE(told.size(), 1);
    }

    // Whatever comes: the list is what it would be if it were made anew.
    void singleRowsEndWhereTheWholeListHasThem_data()
    {
        QTest::addColumn<QString>("title");
        QTest::addColumn<QList<int>>("minutes");
        QTest::addColumn<bool>("hasOlder");
        QTest::newRow("at the top") << QStringLiteral("web") << QList<int>{0, 1, 30, 90} << false;
        QTest::newRow("between others") << QStringLiteral("web") << QList<int>{1, 30, 45, 90} << false;
        QTest::newRow("the last goes") << QStringLiteral("web") << QList<int>{1, 30} << false;
        QTest::newRow("all are others") << QStringLiteral("web") << QList<int>{2, 31, 91} << false;
        QTest::newRow("none is left") << QStringLiteral("web") << QList<int>{} << false;
        QTest::newRow("there are older ones now") << QStringLiteral("web") << QList<int>{0, 1, 30} << true;
        QTest::newRow("a new pipeline") << QStringLiteral("docs") << QList<int>{3, 61} << false;
        QList<int> many;
        for (int i = 2; i < 60; ++i)
            many << i;
        QTest::newRow("many") << QStringLiteral("web") << many << false;
    }
    void singleRowsEndWhereTheWholeListHasThem()
    {
        QFETCH(QString, title);
        QFETCH(QList<int>, minutes);
        QFETCH(bool, hasOlder);
        RunsModel model(*m_store);
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        const QSignalSpy told(&model, &RunsModel::changed);
        QList<std::pair<int, RunState>> runs;
        for (const int minute : minutes)
            runs.append({minute, RunState::Failed});
        RunStore::Entry entry = entryOf(QStringLiteral("gh"), title, runs);
        entry.next = hasOlder ? QStringLiteral("2") : QString();
        m_store->putEntry(entry);
        QTRY_COMPARE(told.size(), 1);
        const RunsModel anew(*m_store);
        QCOMPARE(rowsOf(model), rowsOf(anew));
        QCOMPARE(model.shownRuns(), anew.shownRuns());
        QCOMPARE(model.knownRuns(), anew.knownRuns());
    }

    // In groups too, and what stays in its group is no reason to make the list anew.
    void groupedRowsChangeInPlace_data()
    {
        QTest::addColumn<int>("group");
        QTest::addColumn<int>("state"); // of what is running
        QTest::addColumn<QString>("title");
        QTest::addColumn<bool>("isNew"); // a run
        QTest::addColumn<int>("rows");   // that are said to have changed; -1: whatever it takes
        using Group = RunsModel::Group;
        const QString web = QStringLiteral("web");
        const auto row = [](const char *name, Group group, RunState state, const QString &title, bool isNew, int rows) {
            QTest::newRow(name) << int(group) << int(state) << title << isNew << rows;
        };
        row("by pipeline", Group::Pipeline, RunState::Passed, web, false, 1);
        row("by application", Group::Application, RunState::Failed, web, false, 1);
        row("by state, the same group", Group::State, RunState::Queued, web, false, 1);
        row("by state, another group", Group::State, RunState::Passed, web, false, -1);
        row("a new run", Group::Pipeline, RunState::Passed, web, true, -1);
        row("another title", Group::Pipeline, RunState::Passed, QStringLiteral("a web"), false, -1);
    }
    void groupedRowsChangeInPlace()
    {
        QFETCH(int, group);
        QFETCH(int, state);
        QFETCH(QString, title);
        QFETCH(bool, isNew);
        QFETCH(int, rows);
        RunsModel model(*m_store);
        model.setGroup(static_cast<RunsModel::Group>(group));
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        const QSignalSpy told(&model, &RunsModel::changed);
        const QSignalSpy data(&model, &RunsModel::dataChanged);
        RunStore::Entry entry = *m_store->entry(QStringLiteral("gh|acme|web"));
        entry.pipeline.title = title;
        entry.runs[0].state = static_cast<RunState>(state);
        if (isNew)
            entry.runs.prepend(entryOf(QStringLiteral("gh"), title, {{0, RunState::Queued}}).runs.first());
        m_store->putEntry(entry);
        QTRY_COMPARE(told.size(), 1);
        if (rows >= 0)
            QCOMPARE(data.size(), rows);
        RunsModel anew(*m_store);
        anew.setGroup(static_cast<RunsModel::Group>(group));
        QCOMPARE(rowsOf(model), rowsOf(anew));
        QCOMPARE(model.shownRuns(), anew.shownRuns());
        QCOMPARE(model.knownRuns(), anew.knownRuns());
    }

    void anOlderRunThatCouldNotBeReadAgainSaysSince()
    {
        RunsModel model(*m_store);
        RunStore::Entry web = *m_store->entry(QStringLiteral("gh|acme|web"));
        web.staleRuns.insert(web.runs[1].ref.id, noon);
        m_store->putEntry(web);
        const int row = model.rowOf(web.runs[1].ref.key());
        QTRY_VERIFY(model.index(row, 0).data(DimmedRole).toBool());
        QCOMPARE(model.row(row).staleFrom, noon);
        QVERIFY(!model.index(model.rowOf(web.runs[0].ref.key()), 0).data(DimmedRole).toBool());
    }

    // Its pipeline was heard later than it was itself: it is as old as it is, not as old as that.
    void theEarlierOfTwoTimesIsTold()
    {
        RunStore::Entry web = *m_store->entry(QStringLiteral("gh|acme|web"));
        web.freshness = {Freshness::State::Stale, noon, noon, {}};
        web.staleRuns.insert(web.runs[1].ref.id, noon.addSecs(-3600));
        web.staleRuns.insert(web.runs[2].ref.id, noon.addSecs(60));
        m_store->putEntry(web);
        const RunsModel model(*m_store);
        const auto staleFrom = [&](int run) { return model.row(model.rowOf(web.runs[run].ref.key())).staleFrom; };
        QCOMPARE(staleFrom(0), noon);
        QCOMPARE(staleFrom(1), noon.addSecs(-3600));
        QCOMPARE(staleFrom(2), noon);
    }

    void theWorstOfAConnectionIsTold_data()
    {
        QTest::addColumn<int>("state"); // of the pipeline's runs
        QTest::addColumn<int>("chosen");
        QTest::addColumn<int>("gates");
        QTest::addColumn<int>("expected");
        using State = Freshness::State;
        const auto row = [](const char *name, State runs, State chosen, State expected, State gates = State::Live) {
            QTest::newRow(name) << int(runs) << int(chosen) << int(gates) << int(expected);
        };
        row("all live", State::Live, State::Live, State::Live);
        row("runs", State::Stale, State::Live, State::Stale);
        row("the chosen run", State::Live, State::Stale, State::Stale);
        row("refused", State::Denied, State::Stale, State::Denied);
        row("not read yet", State::Loading, State::Live, State::Live);
        row("gates that are not answered", State::Live, State::Live, State::Stale, State::Stale);
        row("gates that failed", State::Live, State::Live, State::Failed, State::Failed);
        row("a vendor without gates", State::Live, State::Live, State::Live, State::Absent);
        row("gates not read yet", State::Live, State::Live, State::Live, State::Loading);
    }
    void theWorstOfAConnectionIsTold()
    {
        QFETCH(int, state);
        QFETCH(int, chosen);
        QFETCH(int, gates);
        QFETCH(int, expected);
        RunStore::Entry web = *m_store->entry(QStringLiteral("gh|acme|web"));
        web.freshness = {static_cast<Freshness::State>(state), noon, noon.addSecs(-60), {}};
        m_store->putEntry(web);
        RunStore::Server server = *m_store->server(QStringLiteral("gh"));
        server.pipelines.lastHeard = noon;
        server.chosen = Freshness{static_cast<Freshness::State>(chosen), noon, noon.addSecs(-30), {}};
        server.gates = {static_cast<Freshness::State>(gates), noon, noon.addSecs(-10), {}};
        m_store->putServer(QStringLiteral("gh"), server);
        QCOMPARE(int(m_store->worstOf(QStringLiteral("gh")).state), expected);
        if (state != int(Freshness::State::Live) || expected != state)
            return;
        QCOMPARE(m_store->worstOf(QStringLiteral("gh")).lastHeard, noon.addSecs(-60));
        // The list of pipelines is read far less often: its age is not theirs, but that it is late is told.
        server.pipelines.lastHeard = noon.addSecs(-540);
        m_store->putServer(QStringLiteral("gh"), server);
        QCOMPARE(m_store->worstOf(QStringLiteral("gh")).lastHeard, noon.addSecs(-60));
        server.pipelines.state = Freshness::State::Stale;
        m_store->putServer(QStringLiteral("gh"), server);
        QCOMPARE(m_store->worstOf(QStringLiteral("gh")).lastHeard, noon.addSecs(-540));
    }

    // What a run stood still for is told by a gate that is decided, too, as long as the run is known.
    void gatesThatWereDecidedAreRemembered()
    {
        const Run run = m_store->entry(QStringLiteral("gh|acme|web"))->runs.first();
        WaitingGate gate;
        gate.connection = QStringLiteral("gh");
        gate.id = QStringLiteral("7");
        gate.run = run.ref;
        gate.environment = QStringLiteral("production");
        gate.readAt = noon;
        m_store->putGates(gate.connection, {gate});
        gate.readAt = noon.addSecs(20);
        m_store->putGates(gate.connection, {gate});
        QCOMPARE(m_store->seenGates(run.ref).size(), 1);
        m_store->putGates(gate.connection, {});
        QVERIFY(m_store->gates().isEmpty());
        QCOMPARE(m_store->seenGates(run.ref).size(), 1);
        QCOMPARE(m_store->seenGates(run.ref).first().environment, gate.environment);
        QVERIFY(m_store->seenGates({run.ref.pipeline, QStringLiteral("other")}).isEmpty());
        m_store->keepOnly(QStringLiteral("elsewhere"), {});
        QCOMPARE(m_store->seenGates(run.ref).size(), 1);
        m_store->removeConnection(QStringLiteral("gh"));
        QVERIFY(m_store->seenGates(run.ref).isEmpty());
    }

    // A list of pipelines that lacks one for a while says nothing of the gate at which its run waits.
    void aGateThatWaitsIsSeenWhateverThePipelinesAre()
    {
        const Run run = m_store->entry(QStringLiteral("gh|acme|web"))->runs.first();
        WaitingGate gate;
        gate.connection = QStringLiteral("gh");
        gate.id = QStringLiteral("7");
        gate.run = run.ref;
        m_store->putGates(gate.connection, {gate});
        m_store->keepOnly(gate.connection, {});
        QCOMPARE(m_store->seenGates(run.ref).size(), 1);
        m_store->putGates(gate.connection, {}); // decided meanwhile
        QCOMPARE(m_store->seenGates(run.ref).size(), 1);
        m_store->keepOnly(gate.connection, {});
        QVERIFY(m_store->seenGates(run.ref).isEmpty());
    }

    void notMoreGatesAreRememberedThanRunsAreKnown()
    {
        const RunRef known = m_store->entry(QStringLiteral("gh|acme|web"))->runs.first().ref;
        for (int i = 0; i <= 600; ++i) {
            WaitingGate gate;
            gate.connection = QStringLiteral("gh");
            gate.run = i == 0 ? known : RunRef{known.pipeline, QStringLiteral("old%1").arg(i)};
            m_store->putGates(gate.connection, {gate});
        }
        QCOMPARE(m_store->seenGates(known).size(), 1);
        QVERIFY(m_store->seenGates({known.pipeline, QStringLiteral("old1")}).isEmpty());
        QCOMPARE(m_store->seenGates({known.pipeline, QStringLiteral("old600")}).size(), 1);
    }

    void olderRunsAreAskedForWhereThereAreSome()
    {
        RunStore::Entry web = *m_store->entry(QStringLiteral("gh|acme|web"));
        web.next = QStringLiteral("2");
        m_store->putEntry(web);
        RunsModel model(*m_store);
        QCOMPARE(texts(model).last(), QStringLiteral("more"));
        QCOMPARE(rowsOf(model).last().more, QStringList(QStringLiteral("gh|acme|web")));
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

    // One server that says no hides nothing of another that fell silent.
    void whoWasNeverHeardHidesNoSilence_data()
    {
        QTest::addColumn<int>("never");
        QTest::addColumn<bool>("isOtherStale");
        QTest::addColumn<int>("expected");
        using State = Freshness::State;
        for (const State never : {State::Failed, State::Denied, State::Loading}) {
            QTest::addRow("%d, the others are live", int(never)) << int(never) << false << int(State::Live);
            QTest::addRow("%d, another is stale", int(never)) << int(never) << true << int(State::Stale);
        }
    }
    void whoWasNeverHeardHidesNoSilence()
    {
        QFETCH(int, never);
        QFETCH(bool, isOtherStale);
        RunStore::Server other = *m_store->server(QStringLiteral("gh"));
        other.pipelines.state = static_cast<Freshness::State>(never);
        m_store->putServer(QStringLiteral("other"), other);
        if (isOtherStale) {
            RunStore::Entry api = *m_store->entry(QStringLiteral("jk|acme|api"));
            api.freshness = {Freshness::State::Stale, noon, noon, {}};
            m_store->putEntry(api);
        }
        const RunsModel model(*m_store);
        QTEST(int(model.freshness().state), "expected");
    }

private:
    std::unique_ptr<RunStore> m_store;
};

QTEST_GUILESS_MAIN(TestRunsModel)
#include "test_runsmodel.moc"
