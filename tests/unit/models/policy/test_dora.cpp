#include "models/dora.h"
#include "models/policy/deployments.h"

#include <QTest>

#include <functional>

using namespace signalbox;
using namespace signalbox::policy;

namespace
{

QDateTime day(double days)
{
    return QDateTime(QDate(2026, 1, 1), QTime(0, 0), Qt::UTC).addMSecs(static_cast<qint64>(days * 86400000));
}

// A ledger that is written one entry after the other.
struct Story
{
    Entries entries;

    QString add(const QDateTime &at, const std::variant<Record, OperationRecord> &body)
    {
        SignedRecord one;
        one.position = entries.size() + 1;
        one.id = QStringLiteral("entry-%1").arg(one.position);
        one.at = at;
        one.body = body;
        entries.append(one);
        return one.id;
    }
    // Committed `hours` before it went out.
    void deploy(double at, OutcomeKind kind = OutcomeKind::Done, const QList<double> &hours = {},
                const QString &application = QStringLiteral("cart"))
    {
        const Subject subject{application, QStringLiteral("production"), QStringLiteral("sha256:1"), {}};
        PromotionRequest request;
        request.subject = subject;
        request.changes = ChangeSummary{};
        for (double before : hours)
            request.changes->commits.append({QStringLiteral("c%1-%2").arg(at).arg(before),
                                             QStringLiteral("dev@shop.example"), day(at - before / 24)});
        const QString id = add(day(at), Record(request));
        const QString claim = add(day(at), Record(Claim{id, subject, {}}));
        const QDateTime observed = kind == OutcomeKind::Done ? day(at) : QDateTime();
        add(day(at), Record(PromotionOutcome{id, claim, subject, kind, {}, {}, {}, observed}));
    }
    void rollBack(double at, std::optional<qint64> restoreMs = {}, OutcomeKind kind = OutcomeKind::Done,
                  const QString &application = QStringLiteral("cart"))
    {
        add(day(at), OperationRecord{OperationKind::Rollback, Direction::Back, application,
                                     QStringLiteral("production"), kind, restoreMs});
    }
    // Whether each failed, in the order of the deployments: "0100".
    QString failures() const
    {
        QString all;
        for (const Deployment &one : deploymentsOf(entries))
            all += QLatin1Char(one.hasFailed ? '1' : '0');
        return all;
    }
    DoraFigure figure(DoraMetric metric, double from = 0, double to = 30) const
    {
        return doraFigures(entries, {day(from), day(to), QStringLiteral("cart"), QStringLiteral("production")})
            .at(static_cast<int>(metric));
    }
};

} // namespace

class TestDora : public QObject
{
    Q_OBJECT

private slots:
    void frequencyCountsWhatWasObserved()
    {
        Story story;
        story.deploy(0);
        for (int i = 1; i <= 59; ++i)
            story.deploy(i * 0.5);
        story.deploy(15, OutcomeKind::Failed);
        story.deploy(15, OutcomeKind::Refused);
        story.deploy(15, OutcomeKind::Done, {}, QStringLiteral("pay"));
        DoraFigure figure = story.figure(DoraMetric::DeploymentFrequency);
        QCOMPARE(figure.sample, 60);
        QCOMPARE(*figure.value, 2.0);
        QCOMPARE(figure.text, QStringLiteral("2.0 a day (60 in 30 days)"));
        figure = story.figure(DoraMetric::DeploymentFrequency, 0, 29.5); // the end is outside
        QCOMPARE(figure.sample, 59);
    }

    void frequencyIsToldPerWeekOrMonth()
    {
        Story story;
        for (double at : {0.0, 10.0, 20.0, 25.0, 29.0, 29.5})
            story.deploy(at);
        QCOMPARE(story.figure(DoraMetric::DeploymentFrequency).text, QStringLiteral("1.4 a week (6 in 30 days)"));
        QCOMPARE(story.figure(DoraMetric::DeploymentFrequency, 0, 20).text,
                 QStringLiteral("3.0 a month (2 in 20 days)"));
    }

    void frequencyDoesNotCountDaysNobodyWatched()
    {
        Story story;
        story.deploy(20);
        story.deploy(21);
        DoraFigure figure = story.figure(DoraMetric::DeploymentFrequency);
        QCOMPARE(*figure.value, 0.2); // 2 in 10 days, not in 30
        figure = story.figure(DoraMetric::DeploymentFrequency, 0, 26.9);
        QVERIFY(!figure.value);
        QCOMPARE(figure.text, QStringLiteral("too little data: the ledger covers 6 of at least 7 days"));
        QVERIFY(story.figure(DoraMetric::DeploymentFrequency, 0, 27).value);
        QVERIFY(!Story().figure(DoraMetric::DeploymentFrequency).value);
    }

    void noDeploymentIsAFigureWhereSomebodyWatched()
    {
        Story story;
        story.deploy(0, OutcomeKind::Done, {}, QStringLiteral("pay"));
        const DoraFigure figure = story.figure(DoraMetric::DeploymentFrequency);
        QCOMPARE(*figure.value, 0.0);
    }

    void leadTimeIsTheMedianOverCommits()
    {
        Story story;
        for (int i = 0; i < 4; ++i)
            story.deploy(i + 1, OutcomeKind::Done, {2});
        QVERIFY(!story.figure(DoraMetric::LeadTime).value);
        QCOMPARE(story.figure(DoraMetric::LeadTime).text,
                 QStringLiteral("too little data: 4 of at least 5 deployments whose commits are known"));
        story.deploy(10, OutcomeKind::Done, {4, 5, 100, 200});
        const DoraFigure figure = story.figure(DoraMetric::LeadTime); // 2 2 2 2 4 5 100 200
        QCOMPARE(*figure.value, 3.0 * 3600);
        QCOMPARE(figure.text, QStringLiteral("3 h (8 commits in 5 deployments)"));
    }

    void leadTimeCountsACommitOnceAndNeverBackwards()
    {
        Story story;
        for (int i = 0; i < 5; ++i)
            story.deploy(i + 1, OutcomeKind::Done, {2});
        Entries again = story.entries.mid(0, 3); // the first release goes out once more, much later
        for (qsizetype i = 0; i < 3; ++i) {
            again[i].position = 100 + i;
            again[i].id = QStringLiteral("entry-%1").arg(100 + i);
        }
        std::get<Claim>(std::get<Record>(again[1].body)).promotion = again[0].id;
        auto &outcome = std::get<PromotionOutcome>(std::get<Record>(again[2].body));
        outcome.promotion = again[0].id;
        outcome.claim = again[1].id;
        outcome.observedAt = day(25);
        story.entries += again;
        story.deploy(26, OutcomeKind::Done, {-3}); // a clock that was wrong
        story.deploy(27, OutcomeKind::Failed, {300});
        QCOMPARE(*story.figure(DoraMetric::LeadTime).value, 2.0 * 3600);
        QCOMPARE(story.figure(DoraMetric::LeadTime).sample, 5);
    }

    void failureRateCountsWhatWasRolledBack()
    {
        Story story;
        for (int i = 0; i < 7; ++i)
            story.deploy(i);
        QVERIFY(!story.figure(DoraMetric::ChangeFailureRate).value);
        story.deploy(8);
        story.rollBack(8.5); // blames the one before
        story.rollBack(8.6); // the same again
        story.deploy(9, OutcomeKind::NotEffective);
        story.deploy(10);
        story.rollBack(17.5); // more than a week later: something else
        story.rollBack(10.5, {}, OutcomeKind::Refused);
        story.rollBack(10.5, {}, OutcomeKind::Done, QStringLiteral("pay"));
        story.deploy(18, OutcomeKind::Unknown); // nothing is known to have changed
        story.deploy(18, OutcomeKind::Cancelled);
        const DoraFigure figure = story.figure(DoraMetric::ChangeFailureRate);
        QCOMPARE(figure.sample, 10);
        QCOMPARE(*figure.value, 0.2);
        QCOMPARE(figure.text, QStringLiteral("20 % (2 of 10)"));
        QCOMPARE(figure.shown, QStringLiteral("20 %"));
        QCOMPARE(figure.ground, QStringLiteral("2 of 10"));
    }

    // A machine's own ledger was imported, or a laptop was offline.
    void aRollbackThatCameLateBlamesWhatWasThereThen()
    {
        Story story;
        story.deploy(1);
        story.deploy(2);
        story.deploy(20);
        story.rollBack(2.5);
        QCOMPARE(story.failures(), QStringLiteral("010"));
        QCOMPARE(deploymentsOf(story.entries).at(1).failedAt, day(2.5));
        story.rollBack(0.5); // from before all of them
        story.rollBack(15);  // nothing was new then
        QCOMPARE(story.failures(), QStringLiteral("010"));
        story.rollBack(20 - 2.0 / 1440); // by a clock that is two minutes slow
        QCOMPARE(story.failures(), QStringLiteral("011"));
        QCOMPARE(deploymentsOf(story.entries).at(2).failedAt, day(20));
    }

    // The outcome came late itself.
    void deploymentsStandInTheOrderOfTheirDates()
    {
        Story story;
        story.deploy(5);
        story.deploy(3);
        story.rollBack(4);
        const QList<Deployment> all = deploymentsOf(story.entries);
        QCOMPARE(all.size(), 2);
        QCOMPARE(all.first().at, day(3));
        QCOMPARE(story.failures(), QStringLiteral("10"));
    }

    void goingBackIsTold_data()
    {
        QTest::addColumn<OperationKind>("kind");
        QTest::addColumn<Direction>("direction");
        QTest::addColumn<bool>("isBack");
        QTest::newRow("a rollback") << OperationKind::Rollback << Direction::Back << true;
        QTest::newRow("traffic back") << OperationKind::TrafficShift << Direction::Back << true;
        QTest::newRow("all traffic back") << OperationKind::TrafficSwitch << Direction::Back << true;
        QTest::newRow("traffic on") << OperationKind::TrafficSwitch << Direction::Forward << false;
        QTest::newRow("an older run deploys again") << OperationKind::RerunRun << Direction::Back << true;
        QTest::newRow("a run again") << OperationKind::RerunRun << Direction::Forward << false;
        QTest::newRow("a run cancelled") << OperationKind::CancelRun << Direction::Back << false;
        QTest::newRow("a gate refused") << OperationKind::DecideGate << Direction::Back << false;
    }
    void goingBackIsTold()
    {
        QFETCH(OperationKind, kind);
        QFETCH(Direction, direction);
        QFETCH(bool, isBack);
        const OperationRecord operation{
            kind, direction, QStringLiteral("cart"), QStringLiteral("production"), OutcomeKind::Done, {}};
        QCOMPARE(isRollback(operation), isBack);
        Story story;
        story.deploy(1);
        story.add(day(2), operation);
        QCOMPARE(story.failures(), QString::number(isBack ? 1 : 0));
    }

    // What goes on with less of the traffic is not rolled back, though it holds what comes after as a way back does.
    void takenBackInPart_data()
    {
        QTest::addColumn<QString>("from");
        QTest::addColumn<QString>("to");
        QTest::addColumn<bool>("isWhole");
        const auto row = [](const char *name, const char *from, const char *to, bool isWhole) {
            QTest::newRow(name) << QString::fromLatin1(from) << QString::fromLatin1(to) << isWhole;
        };
        row("some of it", "blue 50 %, green 50 %", "blue 75 %, green 25 %", false);
        row("all of it", "blue 50 %, green 50 %", "blue 100 %, green 0 %", true);
        row("all of one, some of another", "a 50 %, b 30 %, c 20 %", "a 90 %, b 10 %, c 0 %", true);
        row("some of two", "a 50 %, b 30 %, c 20 %", "a 90 %, b 5 %, c 5 %", false);
        row("nobody knows of how much", "shares that are not yours to see", "blue 75 %, green 25 %", true);
        row("nobody knows to what", "blue 50 %, green 50 %", "", true);
    }
    void takenBackInPart()
    {
        QFETCH(QString, from);
        QFETCH(QString, to);
        QFETCH(bool, isWhole);
        const OperationRecord operation{OperationKind::TrafficShift,
                                        Direction::Back,
                                        QStringLiteral("cart"),
                                        QStringLiteral("production"),
                                        OutcomeKind::Done,
                                        {},
                                        to,
                                        from};
        QVERIFY(wentBack(operation));
        QCOMPARE(isRollback(operation), isWhole);
        Story story;
        story.deploy(1);
        story.add(day(2), operation);
        QCOMPARE(story.failures(), QString::number(isWhole ? 1 : 0));
    }

    void anOutcomeCountsOncePerClaim()
    {
        Story story;
        story.deploy(1);
        const Entries first = story.entries;
        const auto again = [&](const std::function<void(PromotionOutcome &)> &change, double at) {
            auto outcome = std::get<PromotionOutcome>(std::get<Record>(first.at(2).body));
            change(outcome);
            story.add(day(at), Record(outcome));
        };
        again([](PromotionOutcome &) {}, 2); // of the same claim
        again([](PromotionOutcome &one) { one.kind = OutcomeKind::Failed; }, 3);
        again([](PromotionOutcome &one) { one.claim = QStringLiteral("entry-99"); }, 4); // of none
        again([](PromotionOutcome &one) { one.claim.clear(); }, 5);
        QCOMPARE(story.failures(), QStringLiteral("0"));
        story.add(day(6), Record(Claim{first.at(0).id, first.at(2).as<PromotionOutcome>()->subject, {}})); // second
        again([](PromotionOutcome &one) { one.claim = QStringLiteral("entry-8"); }, 7);
        QCOMPARE(story.failures(), QStringLiteral("0"));
        story.deploy(8, OutcomeKind::Unknown); // by an admin who cleaned up; what its claimant says later is too late
        auto late = std::get<PromotionOutcome>(std::get<Record>(story.entries.last().body));
        late.kind = OutcomeKind::Done;
        story.add(day(9), Record(late));
        QCOMPARE(story.failures(), QStringLiteral("0"));
        // An outcome of another promotion by this claim, or of something else than was claimed.
        story.deploy(10, OutcomeKind::Refused);
        story.entries.removeLast();
        auto other = late;
        other.claim = story.entries.last().id;
        story.add(day(11), Record(other));
        other.promotion = story.entries.at(story.entries.size() - 3).id;
        other.subject.digest = QStringLiteral("sha256:2");
        story.add(day(11), Record(other));
        QCOMPARE(story.failures(), QStringLiteral("0"));
        other.subject.digest = QStringLiteral("sha256:1");
        story.add(day(11), Record(other));
        QCOMPARE(story.failures(), QStringLiteral("00"));
    }

    void restoreIsTheMedianOfWhatIsKnown()
    {
        Story story;
        story.rollBack(1, 60000);
        story.rollBack(2);
        story.rollBack(3, 30000);
        story.rollBack(4, 999000, OutcomeKind::Failed);
        QVERIFY(!story.figure(DoraMetric::TimeToRestore).value);
        QCOMPARE(story.figure(DoraMetric::TimeToRestore).text,
                 QStringLiteral("too little data: 2 of at least 3 rollbacks whose trouble has a known beginning"));
        story.rollBack(5, 3600000);
        story.rollBack(40, 1);
        const DoraFigure figure = story.figure(DoraMetric::TimeToRestore);
        QCOMPARE(*figure.value, 60.0);
        QCOMPARE(figure.text, QStringLiteral("1 m (3 of 4 rollbacks)"));
    }

    void eachFigureHasItsDefinition()
    {
        const QList<DoraFigure> figures = doraFigures({}, {day(0), day(30), {}, {}});
        QCOMPARE(figures.size(), 4);
        for (const DoraFigure &figure : figures) {
            QVERIFY(!figure.value);
            QVERIFY(figure.text.startsWith(QStringLiteral("too little data")));
            QVERIFY(!doraTitle(figure.metric).isEmpty() && doraDefinition(figure.metric).size() > 60);
            QVERIFY(!doraName(figure.metric).isEmpty());
        }
        QVERIFY(doraSource().contains(QStringLiteral("dora.dev")));
    }
};

QTEST_GUILESS_MAIN(TestDora)
#include "test_dora.moc"
