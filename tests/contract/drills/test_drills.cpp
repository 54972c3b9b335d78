// Every drill, played on the practice world's servers: a good operator does what the world rewards, a bad one what a
// tired person might. Nothing is fed by hand; the world's clock runs faster, that is all.
#include "services/ledger/ledger.h"
#include "tests/contract/drills/drilloperator.h"

#include <QLoggingCategory>
#include <QTest>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

QString timeLine(const Debrief &debrief)
{
    QString text = QStringLiteral("%1: %2\n").arg(drillVerdictName(debrief.verdict), debrief.words);
    for (const DrillMoment &moment : debrief.moments)
        text += QStringLiteral("%1 %2 [%3] %4\n")
                    .arg(drillClockText(moment.atMs), 6)
                    .arg(drillMomentName(moment.kind), drillMarkName(moment.mark), moment.text);
    return text;
}

bool has(const Debrief &debrief, DrillMoment::Kind kind, DrillMoment::Mark mark = DrillMoment::Mark::None)
{
    return std::any_of(debrief.moments.begin(), debrief.moments.end(), [kind, mark](const DrillMoment &one) {
        return one.kind == kind && (mark == DrillMoment::Mark::None || one.mark == mark);
    });
}

} // namespace

class DrillsTest : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase()
    {
        QLoggingCategory::setFilterRules(QStringLiteral("signalbox.services.operations.debug=false"));
        QVERIFY(m_operator.open());
    }

#ifdef DRILL_OPERATOR_IS_good
    void goodOperator_data()
    {
        QTest::addColumn<QString>("drill");
        QTest::newRow("full-shift") << "full-shift";
        QTest::newRow("leak") << "leak";
        QTest::newRow("zone") << "zone";
        QTest::newRow("quality") << "quality";
        QTest::newRow("image-gone") << "image-gone";
        QTest::newRow("dark") << "dark";
        QTest::newRow("false-alarm") << "false-alarm";
    }
    void goodOperator()
    {
        QFETCH(QString, drill);
        QVERIFY(m_operator.begin(drill));
        QVERIFY(m_operator.see());
        if (drill == QLatin1String("full-shift"))
            QVERIFY(m_operator.goBackTo(QStringLiteral("green")));
        else if (drill == QLatin1String("leak"))
            QVERIFY(m_operator.rollBack(QStringLiteral("0.30.2")));
        else if (drill == QLatin1String("image-gone")) {
            // What is suggested is played: 5.0.1 cannot be pulled, and 5.1.0 was itself rolled back.
            QCOMPARE(m_operator.suggested(), QStringLiteral("5.0.0"));
            QVERIFY(m_operator.rollBack(m_operator.suggested()));
        } else if (drill == QLatin1String("false-alarm"))
            m_operator.yard().standDown();
        else
            QVERIFY(m_operator.goBackTo(QStringLiteral("blue")));
        QVERIFY(m_operator.waitForEnd());
        const Debrief debrief = m_operator.debrief();
        QVERIFY2(debrief.verdict == DrillVerdict::Passed, qPrintable(timeLine(debrief)));
        QVERIFY(debrief.mistakes.isEmpty());
        QVERIFY(debrief.detectMs && debrief.restoreMs && *debrief.detectMs <= *debrief.restoreMs);
        QVERIFY2(*debrief.restoreMs < 240'000, qPrintable(timeLine(debrief)));
        for (const auto kind : {DrillMoment::Kind::Begin, DrillMoment::Kind::Fault, DrillMoment::Kind::FirstBad,
                                DrillMoment::Kind::FirstSign, DrillMoment::Kind::Seen, DrillMoment::Kind::End})
            QVERIFY2(has(debrief, kind), qPrintable(timeLine(debrief)));
        qInfo("%s", qPrintable(timeLine(debrief)));
    }

    // What was learnt outlives the world it was learnt in.
    void theHistoryIsInTheLedger()
    {
        const QList<Debrief> history = m_operator.yard().history();
        QCOMPARE(history.size(), 7);
        Ledger ledger(m_operator.ledgerPath());
        QList<LedgerEntry> kept;
        QTRY_VERIFY_WITH_TIMEOUT(
            [&] {
                auto entries = ledger.newest(20, QStringLiteral("drill"));
                entries.waitForFinished();
                kept = entries.result() ? *entries.result() : QList<LedgerEntry>();
                return kept.size() == 7;
            }(),
            10'000);
        QCOMPARE(*kept.first().drill, history.last());
    }
#else
    void badOperator_data()
    {
        QTest::addColumn<QString>("drill");
        QTest::addColumn<DrillVerdict>("verdict");
        QTest::newRow("full-shift") << "full-shift" << DrillVerdict::Failed;
        QTest::newRow("leak") << "leak" << DrillVerdict::Failed;
        QTest::newRow("zone") << "zone" << DrillVerdict::Mistaken;
        QTest::newRow("quality") << "quality" << DrillVerdict::Failed;
        QTest::newRow("image-gone") << "image-gone" << DrillVerdict::Mistaken;
        QTest::newRow("dark") << "dark" << DrillVerdict::Mistaken;
        QTest::newRow("false-alarm") << "false-alarm" << DrillVerdict::Mistaken;
    }
    void badOperator()
    {
        QFETCH(QString, drill);
        QFETCH(DrillVerdict, verdict);
        QVERIFY(m_operator.begin(drill));
        if (drill == QLatin1String("full-shift")) {
            QVERIFY(m_operator.see());
            m_operator.yard().standDown(); // "it will pass"
        } else if (drill == QLatin1String("leak")) {
            QVERIFY(m_operator.see());
            QVERIFY(m_operator.restart()); // hides it for a while
            QTRY_VERIFY_WITH_TIMEOUT(m_operator.yard().progress().elapsedMs > 110'000, 15'000);
            QVERIFY(m_operator.yard().progress().isUnderWay()); // that was no cure
            m_operator.yard().standDown();
        } else if (drill == QLatin1String("zone")) {
            QVERIFY(m_operator.see());
            QVERIFY(m_operator.goOn(QStringLiteral("green"), 75)); // the average looked fine
            QVERIFY(m_operator.goBackTo(QStringLiteral("blue")));
        } else if (drill == QLatin1String("quality")) {
            QVERIFY(m_operator.see());
            m_operator.yard().standDown(); // "latency is fine"
        } else if (drill == QLatin1String("image-gone")) {
            QVERIFY(m_operator.see());
            QVERIFY(m_operator.rollBack(QStringLiteral("5.0.1"))); // the obvious one
            QTRY_VERIFY_WITH_TIMEOUT(m_operator.isStuck(), 15'000);
            QVERIFY(m_operator.rollBack(QStringLiteral("5.0.0")));
        } else if (drill == QLatin1String("dark")) {
            QVERIFY(m_operator.see());
            QVERIFY(m_operator.goOn(QStringLiteral("green"), 50)); // blind
            QVERIFY(m_operator.goBackTo(QStringLiteral("blue")));
        } else {
            QVERIFY(m_operator.see());
            QVERIFY(m_operator.goBackTo(QStringLiteral("blue"))); // a good release taken back
            QTest::qWait(200);                                    // a look or two
            m_operator.yard().standDown();
        }
        QVERIFY(m_operator.waitForEnd());
        const Debrief debrief = m_operator.debrief();
        QVERIFY2(debrief.verdict == verdict, qPrintable(timeLine(debrief)));
        QVERIFY2(!debrief.mistakes.isEmpty(), qPrintable(timeLine(debrief)));
        QVERIFY2(has(debrief, DrillMoment::Kind::FirstBad), qPrintable(timeLine(debrief)));
        qInfo("%s", qPrintable(timeLine(debrief)));
    }
#endif

private:
    DrillOperator m_operator;
};

QTEST_GUILESS_MAIN(DrillsTest)
#include "test_drills.moc"
