// Jobs and what they need as a graph to be drawn, and the way keys go through it.
#include "models/pipelines/stagegraph.h"

#include <QElapsedTimer>
#include <QTest>

using namespace signalbox;

namespace
{

// "build" or "test<build" or "ship<test,lint@deploy": name, what it needs, stage. The id is the name.
QList<Job> jobsOf(const QString &text)
{
    QList<Job> jobs;
    for (const QString &word : text.split(u';', Qt::SkipEmptyParts)) {
        Job job;
        job.stage = word.section(u'@', 1);
        const QString rest = word.section(u'@', 0, 0);
        job.name = job.id = rest.section(u'<', 0, 0).trimmed();
        job.needs = rest.section(u'<', 1).split(u'|', Qt::SkipEmptyParts);
        jobs.append(job);
    }
    return jobs;
}

RunDetail detailOf(const QString &text)
{
    RunDetail detail;
    detail.jobs = jobsOf(text);
    return detail;
}

QString edgesText(const stages::Graph &graph)
{
    QStringList edges;
    for (const graph::Edge &edge : graph.edges)
        edges.append(graph.nodes[edge.from].title + u'>' + graph.nodes[edge.to].title);
    edges.sort();
    return edges.join(u' ');
}

QStringList titlesOf(const stages::Graph &graph)
{
    QStringList titles;
    for (const stages::Node &node : graph.nodes)
        titles.append(node.title);
    return titles;
}

Job timed(const QString &id, int from, int to)
{
    const QDateTime zero(QDate(2026, 11, 2), QTime(8, 0), Qt::UTC);
    Job job;
    job.id = job.name = id;
    job.state = to >= 0 ? RunState::Passed : from >= 0 ? RunState::Running : RunState::NotStarted;
    if (from >= 0)
        job.startedAt = zero.addSecs(from);
    if (to >= 0)
        job.finishedAt = zero.addSecs(to);
    return job;
}

} // namespace

class TestStageGraph : public QObject
{
    Q_OBJECT

private slots:
    void edgesAreWhatIsNeeded_data()
    {
        QTest::addColumn<QString>("jobs");
        QTest::addColumn<QString>("edges");
        QTest::addColumn<bool>("circle");
        QTest::addColumn<int>("unknown");
        QTest::newRow("nothing") << ""
                                 << "" << false << 0;
        QTest::newRow("one") << "a"
                             << "" << false << 0;
        QTest::newRow("side by side") << "a;b;c"
                                      << "" << false << 0;
        QTest::newRow("row") << "a;b<a;c<b"
                             << "a>b b>c" << false << 0;
        QTest::newRow("what follows is left out") << "a;b<a;c<a|b;d<a|b|c"
                                                  << "a>b b>c c>d" << false << 0;
        QTest::newRow("diamond") << "a;b<a;c<a;d<a|b|c"
                                 << "a>b a>c b>d c>d" << false << 0;
        QTest::newRow("twice") << "a;b<a|a"
                               << "a>b" << false << 0;
        QTest::newRow("any order of jobs") << "c<a|b;b<a;a"
                                           << "a>b b>c" << false << 0;
        QTest::newRow("unknown") << "a;b<a|gone|lost"
                                 << "a>b" << false << 2;
        QTest::newRow("itself") << "a<a;b<a"
                                << "a>b" << false << 0;
        QTest::newRow("two need each other") << "a<b;b<a"
                                             << "a>b b>a" << true << 0;
        QTest::newRow("circle with a tail") << "a<c;b<a;c<b;d<c|b"
                                            << "a>b b>c c>a c>d" << true << 0;
    }
    void edgesAreWhatIsNeeded()
    {
        QFETCH(QString, jobs);
        const stages::Graph graph = stages::graphOf(detailOf(jobs));
        QTEST(edgesText(graph), "edges");
        QTEST(graph.hasCircle, "circle");
        QTEST(graph.unknownNeeds, "unknown");
        QCOMPARE(graph.order, stages::Order::Needs);
        const graph::Layout layout = stages::layoutOf(graph);
        QCOMPARE(layout.places.size(), graph.nodes.size());
        QCOMPARE(layout.routes.size(), graph.edges.size());
    }

    void stagesStandInForNeeds()
    {
        const stages::Graph graph = stages::graphOf(detailOf(QStringLiteral("a@1;b@1;c@2;d@3;e@3")));
        QCOMPARE(graph.order, stages::Order::Stages);
        QCOMPARE(edgesText(graph), QStringLiteral("a>c b>c c>d c>e"));
        // Where one job needs something the vendor tells needs: the others need nothing.
        QCOMPARE(edgesText(stages::graphOf(detailOf(QStringLiteral("a@1;b@1;c<a@2;d@2")))), QStringLiteral("a>c"));
    }

    void timesStandInForStages()
    {
        RunDetail detail;
        detail.jobs = {timed(QStringLiteral("a"), 0, 10),     timed(QStringLiteral("long"), 0, 100),
                       timed(QStringLiteral("b"), 12, 20),    timed(QStringLiteral("c"), 105, 110),
                       timed(QStringLiteral("now"), 111, -1), timed(QStringLiteral("later"), -1, -1)};
        QCOMPARE(edgesText(stages::graphOf(detail)), QString()); // the vendor says that they need nothing
        detail.graphNote = QStringLiteral("the vendor does not tell");
        const stages::Graph graph = stages::graphOf(detail);
        QCOMPARE(graph.order, stages::Order::Times);
        QCOMPARE(edgesText(graph), QStringLiteral("a>b b>c c>later c>now long>c"));
        QVERIFY(!graph.hasCircle);
        detail.jobs = {timed(QStringLiteral("a"), 5, 5), timed(QStringLiteral("b"), 5, 5)};
        QCOMPARE(edgesText(stages::graphOf(detail)), QString());
    }

    void matrixJobsAreOneNode_data()
    {
        QTest::addColumn<QString>("jobs");
        QTest::addColumn<QStringList>("titles");
        QTest::addColumn<QString>("edges");
        QTest::newRow("GitHub") << "build;test (a, 1)<build;test (a, 2)<build;test (b, 1)<build;"
                                   "ship<test (a, 1)|test (a, 2)|test (b, 1)"
                                << QStringList{QStringLiteral("build"), QStringLiteral("test"), QStringLiteral("ship")}
                                << "build>test test>ship";
        QTest::newRow("GitLab matrix") << "test: [a, 1];test: [a, 2];test: [b, 1]"
                                       << QStringList{QStringLiteral("test")} << "";
        QTest::newRow("GitLab parallel") << "rspec 1/3;rspec 2/3;rspec 3/3" << QStringList{QStringLiteral("rspec")}
                                         << "";
        QTest::newRow("two are shown") << "t (a);t (b)" << QStringList{QStringLiteral("t (a)"), QStringLiteral("t (b)")}
                                       << "";
        QTest::newRow("needed by different ones") << "t (a);t (b);t (c);s<t (a)"
                                                  << QStringList{QStringLiteral("t (a)"), QStringLiteral("t (b)"),
                                                                 QStringLiteral("t (c)"), QStringLiteral("s")}
                                                  << "t (a)>s";
        QTest::newRow("other stage") << "t (a)@1;t (b)@1;t (c)@2;x@2"
                                     << QStringList{QStringLiteral("t (a)"), QStringLiteral("t (b)"),
                                                    QStringLiteral("t (c)"), QStringLiteral("x")}
                                     << "t (a)>t (c) t (a)>x t (b)>t (c) t (b)>x";
        QTest::newRow("no more than alike names")
            << "t;t;t" << QStringList{QStringLiteral("t"), QStringLiteral("t"), QStringLiteral("t")} << "";
        QTest::newRow("the plain one is another")
            << "t;t (a);t (b);t (c)" << QStringList{QStringLiteral("t"), QStringLiteral("t")} << "";
    }
    void matrixJobsAreOneNode()
    {
        QFETCH(QString, jobs);
        const stages::Graph graph = stages::graphOf(detailOf(jobs));
        QTEST(titlesOf(graph), "titles");
        QTEST(edgesText(graph), "edges");
    }

    void groupsOpen()
    {
        const RunDetail detail = detailOf(QStringLiteral("test (a, 1);test (a, 2);test (b, 1)"));
        const stages::Graph shut = stages::graphOf(detail);
        QCOMPARE(shut.nodes.size(), 1);
        QCOMPARE(shut.nodes[0].jobs.size(), 3);
        QCOMPARE(shut.nodes[0].titles,
                 (QStringList{QStringLiteral("a, 1"), QStringLiteral("a, 2"), QStringLiteral("b, 1")}));
        QVERIFY(shut.nodes[0].isGroup());
        QCOMPARE(shut.nodeOf(QStringLiteral("test (a, 2)")), 0);
        QCOMPARE(shut.nodeOf(QStringLiteral("gone")), -1);
        stages::Options options;
        options.opened = {shut.nodes[0].id};
        QCOMPARE(stages::graphOf(detail, options).nodes.size(), 3);
        QCOMPARE(stages::graphOf(detail, {0, {}}).nodes.size(), 3);
    }

    void groupsAreWhatMattersMost_data()
    {
        QTest::addColumn<QList<RunState>>("states");
        QTest::addColumn<RunState>("state");
        using S = RunState;
        QTest::newRow("all passed") << QList<S>{S::Passed, S::Passed} << S::Passed;
        QTest::newRow("one skipped") << QList<S>{S::Passed, S::Skipped} << S::Passed;
        QTest::newRow("all skipped") << QList<S>{S::Skipped, S::Skipped} << S::Skipped;
        QTest::newRow("one failed, others run") << QList<S>{S::Running, S::Failed, S::Passed} << S::Failed;
        QTest::newRow("people first") << QList<S>{S::Running, S::Waiting} << S::Waiting;
        QTest::newRow("half way") << QList<S>{S::Passed, S::NotStarted} << S::Running;
        QTest::newRow("queued") << QList<S>{S::Queued, S::NotStarted} << S::Queued;
        QTest::newRow("not started") << QList<S>{S::NotStarted, S::NotStarted} << S::NotStarted;
        QTest::newRow("cancelled") << QList<S>{S::Passed, S::Cancelled} << S::Cancelled;
        QTest::newRow("unstable") << QList<S>{S::Passed, S::Unstable} << S::Unstable;
        QTest::newRow("unknown is not passed") << QList<S>{S::Passed, S::Unknown} << S::Unknown;
    }
    void groupsAreWhatMattersMost()
    {
        QFETCH(QList<RunState>, states);
        QList<Job> jobs;
        for (const RunState state : states) {
            Job job;
            job.state = state;
            jobs.append(job);
        }
        QTEST(stages::stateOf(jobs), "state");
    }

    void failuresThatMayBeAreUnstable()
    {
        Job may;
        may.state = RunState::Failed;
        may.mayFail = true;
        Job fine;
        fine.state = RunState::Passed;
        QCOMPARE(stages::stateOf({may, fine}), RunState::Unstable);
        QCOMPARE(stages::stateOf({may}), RunState::Failed); // one is told as it is, with mayFail beside it
    }

    void keysFollowTheDrawing()
    {
        const stages::Graph graph = stages::graphOf(detailOf(QStringLiteral("a;b<a;c<a;d<b|c;e<c")));
        const graph::Layout layout = stages::layoutOf(graph);
        const auto at = [&graph](const char *title) { return titlesOf(graph).indexOf(QLatin1String(title)); };
        const auto go = [&](const char *from, stages::Move move) {
            return titlesOf(graph).at(stages::next(graph, layout, static_cast<int>(at(from)), move));
        };
        QCOMPARE(go("a", stages::Move::Left), QStringLiteral("a"));
        QCOMPARE(go("b", stages::Move::Right), QStringLiteral("d"));
        QCOMPARE(go("d", stages::Move::Right), QStringLiteral("d"));
        QCOMPARE(go("b", stages::Move::Left), QStringLiteral("a"));
        QCOMPARE(go("e", stages::Move::Left), QStringLiteral("c"));
        QCOMPARE(go("b", stages::Move::Down), QStringLiteral("c"));
        QCOMPARE(go("c", stages::Move::Up), QStringLiteral("b"));
        QCOMPARE(go("b", stages::Move::Up), QStringLiteral("b"));
        QCOMPARE(go("c", stages::Move::Down), QStringLiteral("c"));
        QCOMPARE(go("c", stages::Move::First), QStringLiteral("a"));
        QCOMPARE(stages::next(graph, layout, -1, stages::Move::Down), 0);
        QCOMPARE(stages::next(graph, layout, 99, stages::Move::Right), 0);
        QCOMPARE(stages::next({}, {}, 0, stages::Move::Right), -1);
    }

    void everyNodeIsReachedByKeys()
    {
        const stages::Graph graph =
            stages::graphOf(detailOf(QStringLiteral("a;lone;b<a;c<a|b;x<y;y<x;far<c|gone;d<a;e<d")));
        const graph::Layout layout = stages::layoutOf(graph);
        QSet<int> seen{stages::next(graph, layout, -1, stages::Move::First)};
        QList<int> open = seen.values();
        while (!open.isEmpty()) {
            const int node = open.takeLast();
            for (const auto move : {stages::Move::Left, stages::Move::Right, stages::Move::Up, stages::Move::Down}) {
                const int to = stages::next(graph, layout, node, move);
                if (!seen.contains(to)) {
                    seen.insert(to);
                    open.append(to);
                }
            }
        }
        QCOMPARE(seen.size(), graph.nodes.size());
        QCOMPARE(stages::readingOrder(layout).size(), graph.nodes.size());
    }

    void manyJobsAreQuick()
    {
        RunDetail staged;
        RunDetail needing;
        for (int i = 0; i < 200; ++i) {
            Job job;
            job.id = job.name = QString::number(i);
            job.stage = QString::number(i / 20);
            staged.jobs.append(job);
            for (int j = 0; j < i; ++j)
                job.needs.append(QString::number(j));
            needing.jobs.append(job);
        }
        QElapsedTimer timer;
        timer.start();
        QCOMPARE(stages::graphOf(staged).edges.size(), 9 * 20 * 20);
        QCOMPARE(stages::graphOf(needing).edges.size(), 199); // of 19,900
        qInfo("two graphs of 200 jobs: %lld ms", timer.restart());
        QVERIFY(stages::layoutOf(stages::graphOf(needing)).layers == 200);
        qInfo("layout of a row of 200: %lld ms", timer.restart());
        QVERIFY(stages::layoutOf(stages::graphOf(staged)).layers == 10);
        qInfo("layout of ten stages of 20: %lld ms", timer.elapsed());
    }
};

QTEST_GUILESS_MAIN(TestStageGraph)
#include "test_stagegraph.moc"
