#include "models/items/attentionmodel.h"
#include "models/items/eventsmodel.h"
#include "models/items/filterproxy.h"
#include "models/items/releasesmodel.h"
#include "models/items/roles.h"
#include "models/items/workloadsmodel.h"
#include "models/policy/promotionboard.h"
#include "models/stores/runstore.h"

#include <QAbstractItemModelTester>
#include <QRandomGenerator>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTest>

#include <algorithm>

using namespace signalbox;

namespace
{

WorkloadRow workload(const QString &name, int ready = 1)
{
    WorkloadRow row;
    row.ref.uid = QStringLiteral("uid-") + name;
    row.ref.name = name;
    row.ready = ready;
    row.desired = 3;
    return row;
}

QList<WorkloadRow> workloads(const QString &text) // "a b:2 c": name and ready pods
{
    QList<WorkloadRow> rows;
    for (const QString &word : text.split(QLatin1Char(' '), Qt::SkipEmptyParts))
        rows.append(workload(word.section(QLatin1Char(':'), 0, 0), word.section(QLatin1Char(':'), 1).toInt()));
    return rows;
}

Deployed deployed(const QString &application, const QString &environment, Health health, const QString &team = {})
{
    Deployed item;
    item.application = application;
    item.environment = environment;
    item.ns = environment;
    item.connection = QStringLiteral("c");
    item.team = team;
    item.health = health;
    item.freshness.state = Freshness::State::Live;
    Track track;
    track.version = QStringLiteral("1.0.0");
    track.templateHash = QStringLiteral("abcdef123456");
    track.podsReady = 2;
    track.podsWanted = 3;
    item.tracks = {track};
    return item;
}

} // namespace

class TestItems : public QObject
{
    Q_OBJECT
private slots:
    void listsBecomeTheFewestSignals_data()
    {
        QTest::addColumn<QString>("before");
        QTest::addColumn<QString>("after");
        QTest::addColumn<int>("inserted");
        QTest::addColumn<int>("removed");
        QTest::addColumn<int>("moved");
        QTest::addColumn<int>("changed");
        QTest::newRow("same again") << "a b c"
                                    << "a b c" << 0 << 0 << 0 << 0;
        QTest::newRow("from nothing") << ""
                                      << "a b c" << 1 << 0 << 0 << 0;
        QTest::newRow("to nothing") << "a b c"
                                    << "" << 0 << 1 << 0 << 0;
        QTest::newRow("one appears") << "a c"
                                     << "a b c" << 1 << 0 << 0 << 0;
        QTest::newRow("two apart appear") << "b"
                                          << "a b c" << 2 << 0 << 0 << 0;
        QTest::newRow("two apart go") << "a b c d"
                                      << "b d" << 0 << 2 << 0 << 0;
        QTest::newRow("one changes") << "a b:1 c"
                                     << "a b:2 c" << 0 << 0 << 0 << 1;
        QTest::newRow("neighbours change") << "a:1 b:1 c"
                                           << "a:2 b:2 c" << 0 << 0 << 0 << 1;
        QTest::newRow("one moves up") << "a b c"
                                      << "c a b" << 0 << 0 << 1 << 0;
        QTest::newRow("moved and changed") << "a b c:1"
                                           << "c:2 a b" << 0 << 0 << 1 << 1;
        QTest::newRow("all at once") << "a b:1 c"
                                     << "d c b:2" << 1 << 1 << 1 << 1;
    }
    void listsBecomeTheFewestSignals()
    {
        QFETCH(QString, before);
        QFETCH(QString, after);
        WorkloadsModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setRows(workloads(before));
        const QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
        const QSignalSpy removed(&model, &QAbstractItemModel::rowsRemoved);
        const QSignalSpy moved(&model, &QAbstractItemModel::rowsMoved);
        const QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
        const QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
        model.setRows(workloads(after));
        QCOMPARE(model.rows(), workloads(after));
        QTEST(static_cast<int>(inserted.size()), "inserted");
        QTEST(static_cast<int>(removed.size()), "removed");
        QTEST(static_cast<int>(moved.size()), "moved");
        QTEST(static_cast<int>(changed.size()), "changed");
        QCOMPARE(reset.size(), 0);
    }

    void anyListBecomesAnyOther()
    {
        QRandomGenerator random(20260101);
        WorkloadsModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        FilterProxy proxy;
        proxy.setSourceModel(&model);
        proxy.sort(0);
        QAbstractItemModelTester proxyTester(&proxy, QAbstractItemModelTester::FailureReportingMode::QtTest);
        for (int round = 0; round < 200; ++round) {
            QList<WorkloadRow> rows;
            for (int i = 0; i < 12; ++i) {
                if (random.bounded(2) == 0)
                    rows.insert(random.bounded(static_cast<int>(rows.size()) + 1),
                                workload(QString::number(i), random.bounded(3)));
            }
            model.setRows(rows);
            QCOMPARE(model.rows(), rows);
        }
    }

    // A StatefulSet and a DaemonSet do not name their revision: what is kept of them does.
    void everyKindSaysItsRevision_data()
    {
        QTest::addColumn<QString>("own");
        QTest::addColumn<QString>("problem");
        QTest::addColumn<QList<int>>("kept");
        QTest::addColumn<Health>("health");
        QTest::addColumn<QString>("state");
        const QList<int> none;
        QTest::newRow("Deployment") << "41"
                                    << "" << QList<int>{40, 41} << Health::Ok << "rev 41";
        QTest::newRow("StatefulSet") << ""
                                     << "" << QList<int>{8, 9, 7} << Health::Ok << "rev 9";
        QTest::newRow("not to be read") << ""
                                        << "" << none << Health::Ok << "rolled out";
        QTest::newRow("nothing is known") << ""
                                          << "" << none << Health::Unknown << "";
        QTest::newRow("a reason goes first") << ""
                                             << "1 of 3 ready" << QList<int>{9} << Health::Warning << "1 of 3 ready";
    }
    void everyKindSaysItsRevision()
    {
        QFETCH(QString, own);
        QFETCH(QString, problem);
        QFETCH(QList<int>, kept);
        QFETCH(Health, health);
        Workload item;
        item.ref.uid = QStringLiteral("uid-db");
        item.revision = own;
        item.state = problem;
        item.health = health;
        QHash<QString, Revision> revisions;
        for (const int number : kept) {
            Revision revision;
            revision.ownerUid = item.ref.uid;
            revision.number = number;
            revisions.insert(QString::number(number), revision);
        }
        Revision others;
        others.ownerUid = QStringLiteral("uid-other");
        others.number = 99;
        revisions.insert(others.ownerUid, others);
        QTEST(workloadRow(item, newestRevisions(revisions).value(item.ref.uid)).state, "state");
    }

    void filterTakesEveryWord()
    {
        WorkloadsModel model;
        model.setRows(workloads(QStringLiteral("web-10 web-2 cart")));
        FilterProxy proxy;
        proxy.setSourceModel(&model);
        proxy.sort(WorkloadsModel::Name);
        QCOMPARE(proxy.index(1, 0).data().toString(), QStringLiteral("web-2")); // 2 before 10
        proxy.setWords(QStringLiteral("WEB 10"));
        QCOMPARE(proxy.rowCount(), 1);
        QCOMPARE(proxy.index(0, 0).data().toString(), QStringLiteral("web-10"));
        proxy.setWords({});
        QCOMPARE(proxy.rowCount(), 3);
    }

    void releasesGroupByTeam()
    {
        ReleasesModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        const QList<Deployed> all = {
            deployed(QStringLiteral("cart"), QStringLiteral("dev"), Health::Ok, QStringLiteral("shop")),
            deployed(QStringLiteral("cart"), QStringLiteral("prod"), Health::Failing, QStringLiteral("shop")),
            deployed(QStringLiteral("mail"), QStringLiteral("prod"), Health::Ok, QStringLiteral("core"))};
        const QStringList environments = {QStringLiteral("dev"), QStringLiteral("prod")};
        model.show(all, environments, ReleasesModel::Order::ByTeam, false, {});
        QCOMPARE(model.rowCount(), 4);
        QVERIFY(model.index(0, 0).data(ReleasesModel::HeadingRole).toBool());
        QCOMPARE(model.index(0, 0).data().toString(), QStringLiteral("core"));
        QCOMPARE(model.index(3, 2).data().toString(), QStringLiteral("1.0.0"));
        QVERIFY(!model.index(1, 1).data().isValid()); // mail is not in dev
        QVERIFY(!model.flags(model.index(0, 0)).testFlag(Qt::ItemIsSelectable));

        model.show(all, environments, ReleasesModel::Order::ByName, true, {});
        QCOMPARE(model.rowCount(), 1);
        QCOMPARE(model.applicationCount(), 2);
        model.show(all, {QStringLiteral("prod"), QStringLiteral("qa"), QStringLiteral("dev")},
                   ReleasesModel::Order::ByState, false, {});
        QCOMPARE(model.columnCount(), 4);
        QCOMPARE(model.headerData(1, Qt::Horizontal, Qt::DisplayRole).toString(), QStringLiteral("prod"));
        QCOMPARE(model.index(0, 0).data().toString(), QStringLiteral("cart")); // the failing one first
        model.show(all, {}, ReleasesModel::Order::ByName, false, QStringLiteral("mail"));
        QCOMPARE(model.columnCount(), 1);
        QCOMPARE(model.rowCount(), 1);
    }

    // The age stands beside the version that gets the traffic: what was installed beside it since is not its.
    void anAgeIsOfTheVersionBesideIt()
    {
        Deployed item = deployed(QStringLiteral("cart"), QStringLiteral("prod"), Health::Ok);
        const QDateTime old(QDate(2026, 7, 1), QTime(12, 0), Qt::UTC);
        item.tracks[0].since = old;
        Track green;
        green.name = QStringLiteral("green");
        green.version = QStringLiteral("2.0");
        green.since = old.addDays(6);
        item.tracks.append(green);
        item.since = green.since;
        QCOMPARE(releaseCell(item).since, old);
        item.health = Health::Failing; // what was rolled out last may be why
        QCOMPARE(attentionRows({item}).first().since, green.since);
    }

    void alertsThatFireNeedAttention_data()
    {
        QTest::addColumn<QString>("severity");
        QTest::addColumn<bool>("isKnown");
        QTest::addColumn<QStringList>("rows"); // health and title
        QTest::addColumn<bool>("saysUnknown");
        const QStringList failing{QStringLiteral("failing Alert Slow")};
        const QStringList warning{QStringLiteral("warning Alert Slow")};
        QTest::newRow("critical") << QStringLiteral("critical") << true << failing << false;
        QTest::newRow("Page") << QStringLiteral("Page") << true << failing << false;
        QTest::newRow("warning") << QStringLiteral("warning") << true << warning << false;
        QTest::newRow("none said") << QString() << true << warning << false;
        QTest::newRow("only informs") << QStringLiteral("info") << true << QStringList() << false;
        QTest::newRow("a watchdog") << QStringLiteral("none") << true << QStringList() << false;
        QTest::newRow("its source is away") << QStringLiteral("critical") << false << failing << true;
    }
    void alertsThatFireNeedAttention()
    {
        QFETCH(QString, severity);
        QFETCH(bool, isKnown);
        QFETCH(bool, saysUnknown);
        Alert alert;
        alert.name = QStringLiteral("Slow");
        alert.state = Alert::State::Firing;
        if (!severity.isEmpty())
            alert.labels.insert(QStringLiteral("severity"), severity);
        alert.annotations.insert(QStringLiteral("summary"), QStringLiteral("p95 over 2 s"));
        const QList<AttentionRow> rows = alertAttentionRows({{alert, QStringLiteral("prom"), {}, isKnown}});
        QStringList told;
        for (const AttentionRow &row : rows) {
            told << healthName(row.health) + u' ' + row.title;
            QVERIFY(row.detail.contains(QStringLiteral("p95 over 2 s")));
            QCOMPARE(row.detail.contains(QStringLiteral("not known now")), saysUnknown);
        }
        QTEST(told, "rows");
    }

    // Two sources may watch two clusters: each says it for itself. What one source says twice is one thing.
    void anAlertIsListedOnceASource()
    {
        Alert alert;
        alert.name = QStringLiteral("Slow");
        alert.state = Alert::State::Firing;
        alert.annotations.insert(QStringLiteral("summary"), QStringLiteral("p95 over 2 s"));
        Alert again = alert;
        again.value = QStringLiteral("2.5");
        const FiringAlert east{alert, QStringLiteral("east"), QStringLiteral("Prometheus east:9090"), true};
        const FiringAlert eastAgain{again, QStringLiteral("east"), QStringLiteral("Prometheus east:9090"), true};
        const FiringAlert west{alert, QStringLiteral("west"), QStringLiteral("Prometheus west:9090"), false};
        const QList<AttentionRow> rows = alertAttentionRows({east, eastAgain, west});
        QCOMPARE(rows.size(), 2);
        QVERIFY(rows[0].id() != rows[1].id());
        QCOMPARE(rows[0].connection, QStringLiteral("east"));
        QCOMPARE(rows[0].detail, QStringLiteral("Prometheus east:9090 · p95 over 2 s"));
        QCOMPARE(rows[1].connection, QStringLiteral("west"));
        QVERIFY(rows[1].detail.contains(QStringLiteral("Prometheus west:9090")));
        QVERIFY(rows[1].detail.contains(QStringLiteral("not known now")));
    }

    void whatFailsByItsFiguresIsListedOnce_data()
    {
        QTest::addColumn<double>("share");        // of green, of live traffic
        QTest::addColumn<Health>("health");       // by the pods
        QTest::addColumn<QString>("severity");    // of an alert that fires; empty: none does
        QTest::addColumn<QString>("application"); // that it names
        QTest::addColumn<bool>("isListed");
        const QString cart = QStringLiteral("cart");
        QTest::newRow("nobody else says so") << 0.5 << Health::Ok << QString() << cart << true;
        QTest::newRow("it has no traffic any more") << 0.0 << Health::Ok << QString() << cart << false;
        QTest::newRow("its pods fail") << 0.5 << Health::Failing << QString() << cart << false;
        QTest::newRow("an alert calls for it") << 0.5 << Health::Ok << QStringLiteral("page") << cart << false;
        QTest::newRow("an alert mentions it") << 0.5 << Health::Ok << QStringLiteral("ticket") << cart << true;
        QTest::newRow("an alert calls for another")
            << 0.5 << Health::Ok << QStringLiteral("page") << QStringLiteral("search") << true;
    }
    void whatFailsByItsFiguresIsListedOnce()
    {
        QFETCH(double, share);
        QFETCH(Health, health);
        QFETCH(QString, severity);
        QFETCH(QString, application);
        QFETCH(bool, isListed);
        Deployed cart;
        cart.application = QStringLiteral("cart");
        cart.environment = cart.ns = QStringLiteral("production");
        cart.health = health;
        cart.tracks.resize(2);
        cart.tracks[0].name = QStringLiteral("blue");
        cart.tracks[1].name = QStringLiteral("green");
        cart.tracks[1].version = QStringLiteral("1.5.0");
        cart.tracks[1].share = share;
        QList<FiringAlert> firing;
        if (!severity.isEmpty()) {
            Alert alert;
            alert.name = QStringLiteral("HighErrorRate");
            alert.labels = {{QStringLiteral("severity"), severity}, {QStringLiteral("app"), application}};
            firing.append({alert, QStringLiteral("prom"), {}, true});
        }
        FailingTrack green{cart.key(), QStringLiteral("green"), 7.2, QDateTime(), true};
        const QList<AttentionRow> rows = errorAttentionRows({green}, {cart}, firing);
        QCOMPARE(rows.size(), isListed ? 1 : 0);
        if (!isListed)
            return;
        QCOMPARE(rows[0].title, QStringLiteral("cart 1.5.0"));
        QCOMPARE(rows[0].detail, QStringLiteral("production · 7.2 % of requests to green fail"));
        QCOMPARE(rows[0].health, Health::Failing);
        QCOMPARE(rows[0].action, AttentionRow::Action::RollBack);
        QVERIFY(rows[0].id() != cart.key()); // beside the row of the release itself
        FailingTrack old = green;
        old.isKnown = false;
        QVERIFY(errorAttentionRows({old}, {cart}, firing)[0].detail.startsWith(QStringLiteral("not known now")));
        FailingTrack all = green;
        all.track.clear(); // nothing tells them apart: it is neither version's
        const AttentionRow ofAll = errorAttentionRows({all}, {cart}, firing).value(0);
        QCOMPARE(ofAll.title, QStringLiteral("cart"));
        QCOMPARE(ofAll.detail, QStringLiteral("production · 7.2 % of requests fail"));
        green.since = QDateTime::currentDateTimeUtc();
        cart.tracks[1].since = green.since.addSecs(30); // gone back to, perhaps: the figures are of what was there
        QCOMPARE(errorAttentionRows({green}, {cart}, firing)[0].title, QStringLiteral("cart"));
        cart.tracks[1].since = green.since.addSecs(-30);
        QCOMPARE(errorAttentionRows({green}, {cart}, firing)[0].title, QStringLiteral("cart 1.5.0"));
    }

    // A source that names one thing twice must not lead past the end of the rows.
    void rowsOfOneIdAreShownOnce()
    {
        AttentionRow row;
        row.alert = QStringLiteral("alert Slow");
        row.title = QStringLiteral("first");
        AttentionRow again = row;
        again.title = QStringLiteral("second");
        AttentionRow other = row;
        other.alert = QStringLiteral("alert Errors");
        AttentionModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setRows({row});
        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("was given 2 rows with 1 ids")));
        model.setRows({row, again});
        QCOMPARE(model.rows(), QList<AttentionRow>{row});
        model.setRows({again, other, row, other});
        QCOMPARE(model.rows(), (QList<AttentionRow>{again, other}));
        model.setRows({other, row, row});
        QCOMPARE(model.rows(), (QList<AttentionRow>{other, row}));
        model.setRows({row});
        QCOMPARE(model.rows(), QList<AttentionRow>{row});
    }

    void sharesShowOnlyWhereSomethingSaysSo()
    {
        Deployed item = deployed(QStringLiteral("cart"), QStringLiteral("prod"), Health::Ok);
        QVERIFY(releaseCell(item).shares.isEmpty());
        item.tracks[0].name = QStringLiteral("green");
        item.tracks[0].share = 0.75;
        Track blue;
        blue.name = QStringLiteral("blue");
        blue.version = QStringLiteral("0.9");
        blue.share = 0.25;
        item.tracks.append(blue);
        const ReleaseCell cell = releaseCell(item);
        QCOMPARE(cell.shares.size(), 2);
        QCOMPARE(cell.shares.first().track, QStringLiteral("blue")); // the same order everywhere
        QCOMPARE(cell.health, Health::InProgress);
        QCOMPARE(cell.reason, QStringLiteral("blue 0.9 at 25 %"));
    }

    void attentionPutsTheWorstFirst()
    {
        const QList<AttentionRow> rows =
            attentionRows({deployed(QStringLiteral("a"), QStringLiteral("dev"), Health::Ok),
                           deployed(QStringLiteral("b"), QStringLiteral("dev"), Health::Warning),
                           deployed(QStringLiteral("c"), QStringLiteral("dev"), Health::InProgress),
                           deployed(QStringLiteral("d"), QStringLiteral("dev"), Health::Failing),
                           deployed(QStringLiteral("e"), QStringLiteral("dev"), Health::Unknown)});
        QCOMPARE(rows.size(), 3);
        QCOMPARE(rows[0].title, QStringLiteral("d 1.0.0"));
        QCOMPARE(rows[0].action, AttentionRow::Action::RollBack);
        QCOMPARE(rows[0].detail, QStringLiteral("dev · 2 of 3 pods ready"));
        QCOMPARE(rows[2].action, AttentionRow::Action::Watch);
    }

    void whatWaitsForTheOperatorNeedsAttention()
    {
        policy::PromotionBoard board;
        policy::PromotionCard card;
        card.id = QStringLiteral("p1");
        card.state = policy::PromotionCard::State::Ready;
        card.mayStart = {true, {}};
        card.request.subject.application = QStringLiteral("cart");
        card.request.subject.environment = QStringLiteral("production");
        card.request.version = QStringLiteral("1.2.3");
        card.requester = QStringLiteral("ann");
        board.open = {card};
        QVERIFY(card.waitsForOperator());
        card.mayStart = {};
        card.id = QStringLiteral("p2"); // others'
        board.open.append(card);
        RunStore runs;
        WaitingGate mine;
        mine.connection = QStringLiteral("ci");
        mine.id = QStringLiteral("7");
        mine.vendor = QStringLiteral("Jenkins");
        mine.title = QStringLiteral("Go?");
        mine.mayDecide = true;
        WaitingGate others = mine;
        others.id = QStringLiteral("8");
        others.mayDecide = false;
        RunStore::Server server;
        server.gates.state = Freshness::State::Live;
        runs.putServer(QStringLiteral("ci"), server);
        runs.putGates(QStringLiteral("ci"), {mine, others});
        QList<AttentionRow> rows =
            attentionRows({deployed(QStringLiteral("b"), QStringLiteral("dev"), Health::Warning),
                           deployed(QStringLiteral("d"), QStringLiteral("dev"), Health::Failing)});
        rows += reviewRows(&board, &runs);
        sortAttention(rows);
        QCOMPARE(rows.size(), 4);
        QCOMPARE(rows[0].health, Health::Failing);
        const auto promotion = std::find_if(
            rows.cbegin(), rows.cend(), [](const AttentionRow &row) { return row.promotion == QLatin1String("p1"); });
        const auto gate =
            std::find_if(rows.cbegin(), rows.cend(), [&](const AttentionRow &row) { return row.gate == mine.key(); });
        QVERIFY(promotion != rows.cend() && gate != rows.cend());
        QCOMPARE(promotion->title, QStringLiteral("cart 1.2.3 \u2192 production"));
        QCOMPARE(promotion->action, AttentionRow::Action::Review);
        QCOMPARE(gate->detail, QStringLiteral("Go? · Jenkins"));
        QVERIFY(reviewRows(nullptr, nullptr).isEmpty());
    }

    // The promotion presses it: one decision, one row.
    void aGateOfAListedPromotionIsNotListedBesideIt()
    {
        WaitingGate gate;
        gate.connection = QStringLiteral("ci");
        gate.id = QStringLiteral("7");
        gate.jobName = QStringLiteral("deploy-production");
        gate.commit = QStringLiteral("5be02d1");
        WaitingGate newer = gate; // of another commit: another decision
        newer.id = QStringLiteral("8");
        newer.commit = QStringLiteral("b7720c9");
        RunStore runs;
        RunStore::Server server;
        server.gates.state = Freshness::State::Live;
        runs.putServer(QStringLiteral("ci"), server);
        runs.putGates(QStringLiteral("ci"), {gate, newer});
        policy::PromotionCard card;
        card.id = QStringLiteral("p1");
        card.state = policy::PromotionCard::State::Ready;
        card.mayStart = {true, {}};
        card.request.subject.environment = QStringLiteral("production");
        card.request.subject.commit = gate.commit;
        card.execution.kind = policy::Execution::Kind::VendorGate;
        card.execution.connection = gate.connection;
        card.execution.gate = gate.jobName;
        policy::PromotionBoard board;
        board.open = {card};
        const auto listed = [&] {
            QStringList ids;
            for (const AttentionRow &row : reviewRows(&board, &runs))
                ids.append(row.promotion + row.gate);
            ids.sort();
            return ids;
        };
        QCOMPARE(listed(), QStringList({newer.key(), QStringLiteral("p1")}));
        board.open.first().execution.connection = QStringLiteral("other"); // nothing of that gate
        QCOMPARE(listed().size(), 3);
        board.open = {card};
        board.open.first().mayStart = {}; // others': the gate is all there is to decide here
        QCOMPARE(listed(), QStringList({gate.key(), newer.key()}));
    }

    void aReleaseTellsHowFarItIsAheadOfTheNext_data()
    {
        QTest::addColumn<int>("ahead"); // negative: not known
        QTest::addColumn<int>("behind");
        QTest::addColumn<QString>("sign");
        QTest::addColumn<QString>("spoken"); // a part of it
        QTest::newRow("ahead") << 3 << 0 << QStringLiteral("▸ 3") << QStringLiteral("commits: 3 ahead of prod");
        QTest::newRow("behind") << 0 << 2 << QStringLiteral("◂ 2") << QStringLiteral("commits: 2 behind prod");
        QTest::newRow("both") << 3 << 2 << QStringLiteral("▸ 3 ◂ 2")
                              << QStringLiteral("commits: 3 ahead of prod, 2 behind prod");
        QTest::newRow("the same") << 0 << 0 << QStringLiteral("=") << QStringLiteral("the same commit as in prod");
        QTest::newRow("not known") << -1 << 0 << QString() << QString();
    }
    void aReleaseTellsHowFarItIsAheadOfTheNext()
    {
        QFETCH(int, ahead);
        QFETCH(int, behind);
        QFETCH(QString, sign);
        QFETCH(QString, spoken);
        ReleasesModel model;
        QStringList asked;
        model.setAheadOf([&](const QString &application, const QString &environment) -> std::optional<Distance> {
            asked.append(application + u'/' + environment);
            return ahead < 0 ? std::nullopt : std::optional(Distance{ahead, behind, {}, {}, {}});
        });
        model.show({deployed(QStringLiteral("cart"), QStringLiteral("dev"), Health::Ok),
                    deployed(QStringLiteral("cart"), QStringLiteral("prod"), Health::Ok)},
                   {QStringLiteral("dev"), QStringLiteral("prod")}, ReleasesModel::Order::ByName, false, {});
        QCOMPARE(asked, QStringList{QStringLiteral("cart/dev")}); // nothing comes after the last
        const QModelIndex dev = model.index(0, 1);
        QCOMPARE(dev.data(ReleasesModel::AheadRole).toString(), sign);
        QVERIFY(model.index(0, 2).data(ReleasesModel::AheadRole).toString().isEmpty());
        for (const int role : {int(Qt::AccessibleTextRole), int(Qt::ToolTipRole)}) {
            const QString text = dev.data(role).toString();
            QVERIFY2(spoken.isEmpty() ? !text.contains(QStringLiteral("commit")) : text.contains(spoken),
                     qPrintable(text));
        }
    }

    // Only what was read can be missing.
    void whereNothingRunsIsSaid()
    {
        ReleasesModel model;
        const QList<Deployed> all{deployed(QStringLiteral("mail"), QStringLiteral("prod"), Health::Ok)};
        const QStringList environments{QStringLiteral("dev"), QStringLiteral("prod")};
        model.show(all, environments, ReleasesModel::Order::ByName, false, {});
        QCOMPARE(model.index(0, 1).data(ReleasesModel::AbsentRole).toString(), QStringLiteral("— not deployed"));
        QVERIFY(model.index(0, 2).data(ReleasesModel::AbsentRole).toString().isEmpty());
        const QSignalSpy changed(&model, &ReleasesModel::dataChanged);
        model.setAllRead(false);
        QCOMPARE(changed.size(), 1); // or what is on screen stays until something else is drawn there
        QCOMPARE(changed.first().at(1).toModelIndex(), model.index(0, 2));
        QVERIFY(changed.first().at(2).value<QList<int>>().contains(ReleasesModel::AbsentRole));
        model.setAllRead(false);
        QCOMPARE(changed.size(), 1);
        QVERIFY(model.index(0, 1).data(ReleasesModel::AbsentRole).toString().isEmpty());
    }

    void eventsAreNewestFirstAndLimited()
    {
        QHash<QString, ClusterEvent> events;
        for (int i = 0; i < 50; ++i) {
            ClusterEvent event;
            event.ref.uid = QString::number(i);
            event.ref.ns = i % 2 == 0 ? QStringLiteral("even") : QStringLiteral("odd");
            event.last = QDateTime::fromSecsSinceEpoch(1000 + i, Qt::UTC);
            event.message = QStringLiteral("m%1").arg(i);
            events.insert(event.ref.uid, event);
        }
        const QList<EventRow> rows = eventRows(events, QStringLiteral("even"), 10);
        QCOMPARE(rows.size(), 10);
        QCOMPARE(rows.first().text, QStringLiteral("m48"));
        EventsModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setRows(rows);
        model.setRows(eventRows(events, {}, 20));
        QCOMPARE(model.rowCount(), 20);
    }
};

QTEST_GUILESS_MAIN(TestItems)
#include "test_items.moc"
