// One attempt at a drill, told by hand what was seen and done.
#include "services/drills/drillrun.h"
#include "services/sandbox/promql/engine.h"

#include <QTest>

#include <algorithm>
#include <utility>

using namespace signalbox;
using namespace signalbox::drills;

namespace
{

using Mark = DrillMoment::Mark;
using Kind = DrillMoment::Kind;

const Scenario &named(const char *name)
{
    for (const Scenario &one : builtInScenarios()) {
        if (one.info.name == QLatin1String(name))
            return one;
    }
    qFatal("no drill %s", name);
}

// Blue and Green, one Deployment each.
AppState stateOf(int blue, int green)
{
    AppState state;
    state.shares = {{QStringLiteral("blue"), blue}, {QStringLiteral("green"), green}};
    for (const char *track : {"blue", "green"}) {
        AppState::Workload workload;
        workload.track = QLatin1String(track);
        workload.name = QLatin1String("app-") + workload.track;
        workload.tag = QStringLiteral("2.0.0");
        workload.replicas = workload.updated = workload.available = workload.there = 4;
        workload.isObserved = true;
        state.workloads.push_back(workload);
    }
    return state;
}

// A run at a second a look.
class Attempt
{
public:
    Attempt(const Scenario &scenario, const AppState &state, bool hasScreen = false)
        : m_state(state)
        , run(scenario, {beginMs, false, false, state}, hasScreen)
    {}

    void fault() { run.faultBegan(nowMs); }
    void pass(int seconds, bool isBad)
    {
        for (int i = 0; i < seconds; ++i) {
            nowMs += 1000;
            run.look({nowMs, isBad, isBad, m_state});
        }
    }
    void change(const AppState &state) { m_state = state; }
    QList<DrillMoment> moments(Kind kind) const
    {
        QList<DrillMoment> found;
        for (const DrillMoment &moment : run.debrief().moments) {
            if (moment.kind == kind)
                found.append(moment);
        }
        return found;
    }

    static constexpr std::int64_t beginMs = 1'772'539'200'000;
    std::int64_t nowMs = beginMs;

private:
    AppState m_state;

public:
    DrillRun run;
};

// A chart of the application of `drill`, with a sample when the drill began and one some seconds later.
DrillSight chartOf(const char *drill, const char *panel, const char *track, const QList<double> &values)
{
    const DrillInfo &info = named(drill).info;
    DrillSight sight;
    sight.chart.panel.id = QLatin1String(panel);
    sight.chart.panel.title = QStringLiteral("A chart");
    sight.chart.panel.expression = QStringLiteral("x{app=\"%1\",namespace=\"%2\"}").arg(info.application, info.ns);
    sight.chart.stepMs = 5000;
    ChartSeries series{QLatin1String(track), QLatin1String(track), {}};
    std::int64_t atMs = Attempt::beginMs;
    for (const double value : values)
        series.samples.append({std::exchange(atMs, atMs + 5000), value});
    sight.chart.series = {series};
    sight.chart.freshness.state = Freshness::State::Live;
    sight.chart.freshness.lastHeard = QDateTime::fromMSecsSinceEpoch(Attempt::beginMs + 7000, Qt::UTC);
    return sight;
}

} // namespace

class DrillRunTest : public QObject
{
    Q_OBJECT
private slots:
    void theClockRunsFromTheFirstBadSample()
    {
        Attempt attempt(named("full-shift"), stateOf(100, 0));
        attempt.pass(10, false);
        attempt.fault();
        attempt.pass(7, false);
        attempt.pass(5, true); // bad at 18 s for the first time
        attempt.run.acknowledge(attempt.nowMs);
        attempt.pass(4, true);
        attempt.change(stateOf(0, 100));
        attempt.pass(10, true);
        attempt.pass(20, false); // well since 37 s
        QVERIFY(attempt.run.isOver());
        const Debrief &debrief = attempt.run.debrief();
        QCOMPARE(debrief.verdict, DrillVerdict::Passed);
        QCOMPARE(debrief.detectMs, std::optional<qint64>(4000));
        QCOMPARE(debrief.restoreMs, std::optional<qint64>(19000));
        QVERIFY(debrief.mistakes.isEmpty());
        QCOMPARE(attempt.moments(Kind::Action).value(0).mark, Mark::Right);
        QCOMPARE(attempt.moments(Kind::Recovery).value(0).atMs, qint64(37000));
        QVERIFY(std::is_sorted(debrief.moments.begin(), debrief.moments.end(),
                               [](const DrillMoment &a, const DrillMoment &b) { return a.atMs < b.atMs; }));
        QCOMPARE(debrief.moments.first().kind, Kind::Begin);
        QCOMPARE(debrief.moments.last().kind, Kind::End);
    }

    void anActionCountsAsSeen()
    {
        Attempt attempt(named("full-shift"), stateOf(100, 0));
        attempt.fault();
        attempt.pass(3, true);
        attempt.change(stateOf(0, 100));
        attempt.pass(1, true);
        QVERIFY(attempt.run.isSeen());
        attempt.pass(20, false);
        QCOMPARE(attempt.run.debrief().detectMs, std::optional<qint64>(3000));
    }

    void theFirstSignIsWhatTheWindowPainted_data()
    {
        QTest::addColumn<QString>("drill");
        QTest::addColumn<DrillSight>("harmless");
        QTest::addColumn<DrillSight>("telling");
        const auto row = [](const char *name, const DrillSight &harmless, const DrillSight &telling) {
            QTest::newRow(name) << QString::fromLatin1(name).section(u',', 0, 0) << harmless << telling;
        };
        row("full-shift", chartOf("full-shift", "errors", "blue", {0.4, 2.9}),
            chartOf("full-shift", "errors", "blue", {0.4, 3.1}));
        row("full-shift, another panel", chartOf("full-shift", "requests", "blue", {300, 400}),
            chartOf("full-shift", "errors", "blue", {12, 12}));
        row("full-shift, another application", chartOf("zone", "errors", "blue", {12, 12}),
            chartOf("full-shift", "errors", "blue", {12, 12}));
        row("full-shift, it was so once", chartOf("full-shift", "errors", "blue", {12, 0.4}),
            chartOf("full-shift", "errors", "blue", {0.4, 12}));
        row("leak", chartOf("leak", "memory", "", {1e9, 1.09e9}), chartOf("leak", "memory", "", {1e9, 1.11e9}));
        row("zone", chartOf("zone", "latency-p95", "blue", {90, 300}),
            chartOf("zone", "latency-p95", "green", {90, 300}));
        row("quality", chartOf("quality", "agreement", "green", {91, 83}),
            chartOf("quality", "agreement", "green", {91, 81}));
        row("image-gone", chartOf("image-gone", "errors", "", {1, 1}), chartOf("image-gone", "errors", "", {1, 11}));
        row("false-alarm", chartOf("false-alarm", "errors", "blue", {1, 1}),
            chartOf("false-alarm", "errors", "green", {1, 6}));
        DrillSight ended = chartOf("dark", "inferences", "blue", {70, 70});
        ended.chart.freshness.lastHeard = ended.chart.freshness.lastHeard.addSecs(21);
        row("dark", chartOf("dark", "inferences", "blue", {70, 0}), ended);
        DrillSight empty = chartOf("dark", "inferences", "blue", {});
        empty.chart.series.clear();
        DrillSight failed = empty; // unread is not unmeasured
        failed.chart.freshness.state = Freshness::State::Failed;
        row("dark, it was not read", failed, ended);
        row("dark, nothing was ever drawn", empty, ended);
        DrillSight earlier = ended; // it ended before anybody began
        for (Sample &sample : earlier.chart.series.first().samples)
            sample.time -= 60'000;
        row("dark, it ended before", earlier, ended);
        DrillSight moving;
        moving.health = Health::InProgress;
        DrillSight failing;
        failing.health = Health::Failing;
        row("leak, the pods are killed", moving, failing);
    }
    void theFirstSignIsWhatTheWindowPainted()
    {
        QFETCH(QString, drill);
        QFETCH(DrillSight, harmless);
        QFETCH(DrillSight, telling);
        Attempt attempt(named(drill.toLatin1().constData()), stateOf(50, 50), true);
        attempt.pass(2, false);
        if (!telling.chart.panel.id.isEmpty())
            attempt.run.shown(attempt.nowMs, telling); // of before the fault
        attempt.fault();
        attempt.pass(3, true); // the metrics have it
        attempt.run.shown(attempt.nowMs, harmless);
        QCOMPARE(attempt.moments(Kind::FirstSign).size(), 0);
        attempt.pass(4, true);
        attempt.run.shown(attempt.nowMs, telling);
        attempt.pass(1, true);
        attempt.run.shown(attempt.nowMs, telling);
        const QList<DrillMoment> signs = attempt.moments(Kind::FirstSign);
        QCOMPARE(signs.size(), 1);
        QCOMPARE(signs.first().atMs, qint64(9000));
        QVERIFY2(signs.first().text.startsWith(QStringLiteral("First sign on screen, in the ")),
                 qPrintable(signs.first().text));
    }

    // A row that was not well before says nothing of the fault, nor one that follows from what was done.
    void anEarlierAlarmIsNoSign()
    {
        DrillSight row;
        row.health = Health::Warning;
        Attempt before(named("leak"), stateOf(100, 0), true);
        before.run.shown(before.nowMs, row);
        before.fault();
        before.pass(2, true);
        before.run.shown(before.nowMs, row);
        QCOMPARE(before.moments(Kind::FirstSign).size(), 0);
        Attempt after(named("leak"), stateOf(100, 0), true);
        after.fault();
        after.pass(2, true);
        after.change(stateOf(0, 100));
        after.pass(1, true);
        after.run.shown(after.nowMs, row);
        QCOMPARE(after.moments(Kind::FirstSign).size(), 0);
    }

    void whatTheWindowNeverShowedIsSaid()
    {
        Attempt attempt(named("full-shift"), stateOf(100, 0), true);
        attempt.fault();
        attempt.pass(3, true);
        QCOMPARE(attempt.moments(Kind::FirstSign).size(), 0);
        attempt.run.abandon(attempt.nowMs);
        const QList<DrillMoment> signs = attempt.moments(Kind::FirstSign);
        QCOMPARE(signs.size(), 1);
        QCOMPARE(signs.first().atMs, qint64(1000));
        QVERIFY2(signs.first().text.contains(QStringLiteral("never shown in the window")),
                 qPrintable(signs.first().text));
    }

    void withoutAWindowTheFirstSignIsThatOfTheMetrics()
    {
        Attempt attempt(named("full-shift"), stateOf(100, 0));
        attempt.fault();
        attempt.pass(3, true);
        const QList<DrillMoment> signs = attempt.moments(Kind::FirstSign);
        QCOMPARE(signs.size(), 1);
        QVERIFY2(signs.first().text.startsWith(QStringLiteral("First visible in the metrics: ")),
                 qPrintable(signs.first().text));
        QCOMPARE(signs.first().atMs, qint64(1000));
    }

    void seenTooEarlyDoesNotCount()
    {
        Attempt attempt(named("full-shift"), stateOf(100, 0));
        attempt.pass(2, true); // bad, but not by the drill
        attempt.run.acknowledge(attempt.nowMs);
        attempt.run.acknowledge(attempt.nowMs); // told once
        QVERIFY(!attempt.run.isSeen());
        QCOMPARE(attempt.moments(Kind::Seen).size(), 1);
        attempt.fault();
        attempt.pass(2, true);
        attempt.run.acknowledge(attempt.nowMs);
        QVERIFY(attempt.run.isSeen());
    }

    void aRelapseIsNoRecovery()
    {
        Attempt attempt(named("full-shift"), stateOf(100, 0));
        attempt.fault();
        attempt.pass(5, true);
        attempt.run.acknowledge(attempt.nowMs);
        attempt.pass(6, false);
        attempt.pass(1, true);
        attempt.pass(7, false);
        QVERIFY(!attempt.run.isOver());
        attempt.pass(5, false);
        QVERIFY(attempt.run.isOver());
        QCOMPARE(attempt.moments(Kind::Recovery).value(0).atMs, qint64(13000));
    }

    void whatNobodySawIsNotPassed()
    {
        Attempt attempt(named("dark"), stateOf(75, 25));
        attempt.fault();
        attempt.pass(20, true);
        attempt.pass(20, false); // the metrics are back
        QVERIFY(attempt.run.isOver());
        QCOMPARE(attempt.run.debrief().verdict, DrillVerdict::Failed);
        QVERIFY(!attempt.run.debrief().restoreMs);
    }

    void shiftingInTheDarkIsWrong()
    {
        Attempt attempt(named("dark"), stateOf(75, 25));
        attempt.pass(3, false);
        attempt.change(stateOf(50, 50)); // while one could see
        attempt.pass(1, false);
        attempt.fault();
        attempt.pass(5, true);
        attempt.change(stateOf(0, 100));
        attempt.pass(2, true);
        attempt.change(stateOf(100, 0));
        attempt.pass(12, true); // dark still, yet nothing is at stake
        QVERIFY(attempt.run.isOver());
        QCOMPARE(attempt.run.debrief().verdict, DrillVerdict::Mistaken);
        QCOMPARE(attempt.run.debrief().mistakes.size(), 1);
        const auto actions = attempt.moments(Kind::Action);
        QCOMPARE(actions.size(), 3);
        QCOMPARE(actions[0].mark, Mark::None);
        QCOMPARE(actions[1].mark, Mark::Wrong);
        QCOMPARE(actions[2].mark, Mark::Right);
    }

    void standingDownEndsIt_data()
    {
        QTest::addColumn<QString>("drill");
        QTest::addColumn<bool>("isBad");
        QTest::addColumn<DrillVerdict>("verdict");
        QTest::newRow("false alarm") << "false-alarm" << true << DrillVerdict::Passed;
        QTest::newRow("false alarm, too early") << "false-alarm" << false << DrillVerdict::Failed;
        QTest::newRow("none") << "full-shift" << true << DrillVerdict::Failed;
    }
    void standingDownEndsIt()
    {
        QFETCH(QString, drill);
        QFETCH(bool, isBad);
        QFETCH(DrillVerdict, verdict);
        Attempt attempt(named(drill.toLatin1().constData()), stateOf(75, 25));
        attempt.fault();
        attempt.pass(20, isBad);
        attempt.run.standDown(attempt.nowMs);
        QVERIFY(attempt.run.isOver());
        QCOMPARE(attempt.run.debrief().verdict, verdict);
        QCOMPARE(attempt.run.debrief().mistakes.isEmpty(), verdict == DrillVerdict::Passed);
    }

    void goingBackAtAFalseAlarmIsWrong()
    {
        Attempt attempt(named("false-alarm"), stateOf(75, 25));
        attempt.fault();
        attempt.pass(5, true);
        attempt.change(stateOf(100, 0));
        attempt.pass(20, false); // it is well again, which is not what decides here
        QVERIFY(!attempt.run.isOver());
        attempt.run.standDown(attempt.nowMs);
        QCOMPARE(attempt.run.debrief().verdict, DrillVerdict::Mistaken);
    }

    void anImageThatIsGoneIsAStuckRollout()
    {
        AppState state;
        AppState::Workload workload;
        workload.name = QStringLiteral("speech-to-text");
        workload.tag = QStringLiteral("5.1.1");
        workload.replicas = workload.updated = workload.available = workload.there = 8;
        workload.isObserved = true;
        state.workloads = {workload};
        Attempt attempt(named("image-gone"), state);
        attempt.fault();
        attempt.pass(5, true);
        state.workloads[0].tag = QStringLiteral("5.0.1");
        state.workloads[0].updated = 2;
        attempt.change(state);
        attempt.pass(2, true);
        state.tagsNotPulled = {QStringLiteral("5.0.1")};
        attempt.change(state);
        attempt.pass(3, true);
        QCOMPARE(attempt.moments(Kind::Action).value(0).mark, Mark::Wrong);
        QCOMPARE(attempt.moments(Kind::Outcome).size(), 1);
        state.workloads[0].tag = QStringLiteral("5.0.0");
        attempt.change(state);
        attempt.pass(5, true);
        state.workloads[0].updated = 8;
        attempt.change(state);
        attempt.pass(12, false);
        QCOMPARE(attempt.run.debrief().verdict, DrillVerdict::Mistaken);
        QCOMPARE(attempt.moments(Kind::Outcome).size(), 2);
    }

    void timeRunsOut()
    {
        Attempt attempt(named("full-shift"), stateOf(100, 0));
        attempt.fault();
        attempt.pass(named("full-shift").info.limitSeconds, true);
        QVERIFY(attempt.run.isOver());
        QCOMPARE(attempt.run.debrief().verdict, DrillVerdict::Failed);
        attempt.run.abandon(attempt.nowMs);
        QCOMPARE(attempt.run.debrief().verdict, DrillVerdict::Failed);
    }

    void abandonedIsKeptAsSuch()
    {
        Attempt attempt(named("zone"), stateOf(50, 50));
        attempt.pass(4, false);
        attempt.run.abandon(attempt.nowMs);
        QCOMPARE(attempt.run.debrief().verdict, DrillVerdict::Abandoned);
        QCOMPARE(attempt.run.debrief().tookMs, qint64(4000));
    }

    void theBestAttemptIsAPassBeforeAMistake()
    {
        QList<Debrief> history;
        const auto add = [&history](DrillVerdict verdict, std::optional<qint64> restoreMs) {
            Debrief one;
            one.drill = QStringLiteral("zone");
            one.verdict = verdict;
            one.restoreMs = restoreMs;
            one.startedAt = QDateTime::fromMSecsSinceEpoch(Attempt::beginMs + history.size() * 1000);
            history.append(one);
        };
        QVERIFY(!bestAttempt(history, QStringLiteral("zone")));
        add(DrillVerdict::Failed, {});
        QVERIFY(!bestAttempt(history, QStringLiteral("zone")));
        add(DrillVerdict::Mistaken, 20'000);
        add(DrillVerdict::Passed, 50'000);
        add(DrillVerdict::Passed, 40'000);
        add(DrillVerdict::Passed, 60'000);
        QCOMPARE(bestAttempt(history, QStringLiteral("zone"))->restoreMs, std::optional<qint64>(40'000));
        QCOMPARE(lastAttempt(history, QStringLiteral("zone"))->restoreMs, std::optional<qint64>(60'000));
        QVERIFY(!lastAttempt(history, QStringLiteral("leak")));
    }

    void scenariosNameWhatIsThere()
    {
        const auto &all = builtInScenarios();
        QVERIFY(all.size() >= 7);
        std::set<sandbox::FaultSpec::Kind> kinds;
        std::set<QString> names;
        const sandbox::SampleStore samples;
        const sandbox::Engine engine(samples);
        for (const Scenario &one : all) {
            const QByteArray name = one.info.name.toUtf8();
            names.insert(one.info.name);
            const sandbox::ServiceSpec *service =
                sandbox::builtInCatalogue().service(one.info.application.toStdString());
            QVERIFY2(service, name);
            for (const DrillFault &fault : one.faults) {
                kinds.insert(fault.spec.kind);
                QVERIFY2(fault.spec.tag.empty() || service->version(fault.spec.tag), name);
            }
            QVERIFY2(one.probeTag.isEmpty() || service->version(one.probeTag.toStdString()), name);
            for (const Rule &rule : one.rules)
                QVERIFY2(rule.to.isEmpty() || service->version(rule.to.toStdString()), name);
            for (const drills::Condition *condition : {&one.bad, &one.sign})
                QVERIFY2(std::holds_alternative<sandbox::QueryResult>(engine.instant(condition->query, 1000)),
                         condition->query.c_str());
            QVERIFY2(one.info.limitSeconds <= 300, name);
            QVERIFY2(one.recovery.byStandDown || !one.recovery.any.empty(), name);
            const auto has = [&one](Mark mark) {
                return std::any_of(one.rules.begin(), one.rules.end(),
                                   [mark](const Rule &rule) { return rule.mark == mark; });
            };
            QVERIFY2(has(Mark::Right) && has(Mark::Wrong), name);
        }
        QCOMPARE(names.size(), all.size());
        QCOMPARE(kinds.size(), std::size_t(7));
    }

    void brokenScenariosAreRefusedByPlace()
    {
        QVERIFY(!parseScenarios("{", QStringLiteral("x.json")));
        const auto parsed = parseScenarios(
            "{\"version\":1,\"drills\":[{\"name\":\"x\",\"title\":\"\",\"briefing\":\"\",\"task\":\"\"}]}",
            QStringLiteral("x.json"));
        QVERIFY(!parsed);
        QVERIFY2(parsed.error().message.contains(QLatin1String("drills[0].application")),
                 qPrintable(parsed.error().message));
    }
};

QTEST_GUILESS_MAIN(DrillRunTest)
#include "test_drillrun.moc"
