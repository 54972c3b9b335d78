#include "models/dora.h"
#include "models/policy/deployments.h"

#include <QTest>

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
        const QDateTime observed = kind == OutcomeKind::Done ? day(at) : QDateTime();
        add(day(at), Record(PromotionOutcome{id, id, subject, kind, {}, {}, {}, observed}));
    }
    void rollBack(double at, std::optional<qint64> restoreMs = {}, OutcomeKind kind = OutcomeKind::Done,
                  const QString &application = QStringLiteral("cart"))
    {
        add(day(at), OperationRecord{OperationKind::Rollback, Direction::Back, application,
                                     QStringLiteral("production"), kind, restoreMs});
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
        QCOMPARE(figure.text, QStringLiteral("3h (8 commits in 5 deployments)"));
    }

    void leadTimeCountsACommitOnceAndNeverBackwards()
    {
        Story story;
        for (int i = 0; i < 5; ++i)
            story.deploy(i + 1, OutcomeKind::Done, {2});
        Entries again = story.entries.mid(0, 2); // the first release goes out once more, much later
        again[0].position = 100;
        again[0].id = QStringLiteral("entry-100");
        again[1].position = 101;
        auto &outcome = std::get<PromotionOutcome>(std::get<Record>(again[1].body));
        outcome.promotion = again[0].id;
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
        QCOMPARE(figure.text, QStringLiteral("1m (3 of 4 rollbacks)"));
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
