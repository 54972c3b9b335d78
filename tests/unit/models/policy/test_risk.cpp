#include "models/policy/policy.h"
#include "models/policy/risk.h"
#include "models/policy/riskcache.h"

#include <QTest>

#include <cmath>
#include <random>

using namespace signalbox;
using namespace signalbox::policy;

namespace
{

// Wednesdays at noon.
QDateTime week(int number)
{
    return QDateTime(QDate(2020, 1, 1), QTime(12, 0), Qt::UTC).addDays(7 * number);
}

ChangeSummary changesOf(int lines, const QStringList &files = {}, const QString &author = {}, int tests = 1)
{
    ChangeSummary changes;
    changes.linesAdded = lines;
    changes.files = files;
    changes.fileCount = static_cast<int>(files.size());
    changes.testFileCount = tests;
    if (!author.isEmpty()) {
        changes.commits = {{QStringLiteral("c"), author, week(0)}};
        changes.commitCount = 1;
    }
    return changes;
}

struct History
{
    Entries entries;
    int weeks = 0;

    void add(const ChangeSummary &changes, bool fails, const QString &application = QStringLiteral("cart"),
             const QDateTime &then = {})
    {
        PromotionRequest request;
        request.subject = {application, QStringLiteral("production"), QStringLiteral("sha256:1"), {}};
        request.changes = changes;
        const qint64 position = entries.size() + 1;
        const QString id = QStringLiteral("entry-%1").arg(position);
        const QDateTime at = then.isValid() ? then : week(weeks++);
        const QString claim = id + QLatin1Char('c');
        entries.append({id, position, at, {}, Record(request)});
        entries.append({claim, position + 1, at, {}, Record(Claim{id, request.subject, {}})});
        entries.append({id + QLatin1Char('o'),
                        position + 2,
                        at,
                        {},
                        Record(PromotionOutcome{id,
                                                claim,
                                                request.subject,
                                                fails ? OutcomeKind::Failed : OutcomeKind::Done,
                                                {},
                                                {},
                                                {},
                                                fails ? QDateTime() : at})});
    }
    void rollBack(const QDateTime &at, const QString &application = QStringLiteral("cart"))
    {
        const qint64 position = entries.size() + 1;
        entries.append({QStringLiteral("entry-%1").arg(position),
                        position,
                        at,
                        {},
                        OperationRecord{OperationKind::Rollback,
                                        Direction::Back,
                                        application,
                                        QStringLiteral("production"),
                                        OutcomeKind::Done,
                                        {}}});
    }
    RiskFigure ask(const std::optional<ChangeSummary> &changes, const QDateTime &at = week(5000)) const
    {
        return riskOf({QStringLiteral("cart"), QStringLiteral("production"), changes, at, "Europe/Berlin"}, entries);
    }
};

const RiskReason *reason(const RiskFigure &figure, RiskFactor factor)
{
    for (const RiskReason &one : figure.reasons) {
        if (one.factor == factor)
            return &one;
    }
    return nullptr;
}

} // namespace

class TestRisk : public QObject
{
    Q_OBJECT

private slots:
    void fiftyPromotionsAreNeeded()
    {
        History history;
        for (int i = 0; i < 49; ++i)
            history.add(changesOf(10), i % 7 == 0);
        RiskFigure figure = history.ask(changesOf(10));
        QVERIFY(!figure.probability && !figure.brier);
        QCOMPARE(figure.text, QStringLiteral("too little history: 49 of 50 promotions"));
        QVERIFY(!figure.reasons.isEmpty()); // the evidence is shown all the same
        history.add(changesOf(10), false);
        figure = history.ask(changesOf(10));
        QVERIFY(figure.probability);
        QVERIFY(figure.brier && figure.baseBrier); // no figure without its score
        QCOMPARE(figure.tried, 10);                // from the forty before them
        QVERIFY2(figure.text.contains(QStringLiteral("Brier")), qPrintable(figure.text));
        const RiskFigure then = recordedRisk(figure, 110);
        QCOMPARE(then.text, QStringLiteral("0.11, as it was recorded when it was asked for"));
        QVERIFY(then.probability == 0.11 && then.history == 0 && then.reasons == figure.reasons);
        QVERIFY(!recordedRisk(figure, std::nullopt).probability);
        history.add(changesOf(10), false, QStringLiteral("pay"));
        QCOMPARE(history.ask(changesOf(10)).history, 51);
        QCOMPARE(history.ask(changesOf(10), week(51)).history, 51);
        QCOMPARE(history.ask(changesOf(10), week(50)).history, 50); // not from what comes later
    }

    void whatIsNotKnownHasNoFigure()
    {
        History history;
        for (int i = 0; i < 80; ++i)
            history.add(changesOf(10), i % 7 == 0);
        const RiskFigure figure = history.ask(std::nullopt);
        QVERIFY(!figure.probability);
        QVERIFY(figure.text.startsWith(QStringLiteral("not known")));
    }

    void reasonsHaveTheirWeightAndEvidence()
    {
        History history;
        const QString ann = QStringLiteral("ann@shop.example");
        history.add(changesOf(3, {QStringLiteral("a.cpp"), QStringLiteral("b.cpp")}, ann), true);
        history.add(changesOf(3, {QStringLiteral("c.cpp")}, ann), false);
        const QDateTime friday(QDate(2026, 3, 6), QTime(13, 30), Qt::UTC); // 14:30 in Berlin
        ChangeSummary changes =
            changesOf(200, {QStringLiteral("a.cpp"), QStringLiteral("b.cpp"), QStringLiteral("d.cpp")},
                      QStringLiteral("Bob@shop.example"), 0);
        changes.linesRemoved = 55;
        RiskFigure figure = history.ask(changes, friday);
        const auto check = [&figure](RiskFactor factor, double weight, const char *words) {
            const RiskReason *one = reason(figure, factor);
            QVERIFY2(one, qPrintable(riskFactorName(factor)));
            QVERIFY2(std::abs(one->weight - weight) < 1e-9, qPrintable(QString::number(one->weight)));
            QCOMPARE(one->text, QString::fromLatin1(words));
        };
        check(RiskFactor::Size, 2.0, "255 lines added or removed in 3 files, release against release");
        check(RiskFactor::TroubledFiles, 0.8, "a.cpp and 1 more were in promotions that failed");
        check(RiskFactor::NewAuthor, 0.7, "first change here by bob@shop.example");
        check(RiskFactor::Hour, 0.4, "Fri 14:30 Europe/Berlin");
        check(RiskFactor::NoTests, 0.5, "no test changes with it");
        check(RiskFactor::RecentFailures, 0.75, "1 of the last 2 promotions failed");
        QCOMPARE(figure.reasons.first().factor, RiskFactor::Size);
        figure = history.ask(changesOf(0, {QStringLiteral("c.cpp")}, QStringLiteral("ANN@shop.example")),
                             QDateTime(QDate(2026, 3, 6), QTime(12, 30), Qt::UTC));
        QCOMPARE(figure.reasons.size(), 1); // the recent failure alone
    }

    // What goes weighs as what comes: a release that takes 200 lines out is no small one.
    void linesThatGoCountAsThoseThatCome_data()
    {
        QTest::addColumn<int>("added");
        QTest::addColumn<int>("removed");
        QTest::newRow("only added") << 255 << 0;
        QTest::newRow("only removed") << 0 << 255;
        QTest::newRow("as many of either") << 127 << 128;
    }
    void linesThatGoCountAsThoseThatCome()
    {
        QFETCH(int, added);
        QFETCH(int, removed);
        ChangeSummary changes = changesOf(added, {QStringLiteral("a.cpp"), QStringLiteral("b.cpp")});
        changes.linesRemoved = removed;
        const RiskFigure figure = History().ask(changes);
        const RiskReason *const size = reason(figure, RiskFactor::Size);
        QVERIFY(size);
        QVERIFY(std::abs(size->weight - 2.0) < 1e-9);
        QCOMPARE(size->text, QStringLiteral("255 lines added or removed in 2 files, release against release"));
    }

    void brierScoreIsTheMeanSquaredErrorGoingForward()
    {
        // Nothing ever fails and no promotion differs from another: p is 1 / (n + 2) after n, fitted anew every ten.
        History history;
        for (int i = 0; i < 70; ++i)
            history.add(changesOf(0), false);
        const RiskFigure figure = history.ask(changesOf(0));
        QCOMPARE(figure.tried, 30);
        const double expected = (1.0 / (42 * 42) + 1.0 / (52 * 52) + 1.0 / (62 * 62)) / 3;
        QVERIFY2(std::abs(*figure.brier - expected) < 1e-9, qPrintable(QString::number(*figure.brier, 'g', 12)));
        QCOMPARE(*figure.baseBrier, 0.0);
        QVERIFY(std::abs(*figure.probability - 1.0 / 72) < 1e-6);
    }

    void nothingIsPredictedFromWhatWasSeenLater()
    {
        History history;
        const QString pay = QStringLiteral("pay");
        for (int i = 0; i < 49; ++i)
            history.add(changesOf(0), false);
        history.add(changesOf(0), false, pay);
        const QDateTime at = week(49);
        for (int i = 1; i <= 10; ++i)
            history.add(changesOf(0), false, QStringLiteral("cart"), at.addSecs(i * 60));
        history.rollBack(at.addDays(5), pay); // when all ten had been predicted from the fifty
        RiskFigure figure = history.ask(changesOf(0));
        QCOMPARE(figure.tried, 20);
        // None of those before was known to have failed; the last of the fifty did, as is known by now.
        const double p = 1.0 / 52;
        const double q = 1.0 / 42;
        const double fiftieth = 9 * q * q + (1 - q) * (1 - q);
        const double before = (fiftieth + 10 * p * p) / 20;
        QVERIFY2(std::abs(*figure.brier - before) < 1e-9, qPrintable(QString::number(*figure.brier, 'g', 12)));
        QVERIFY(std::abs(*figure.baseBrier - 1.0 / 20) < 1e-9);
        const double fitted = (2.0 / 3 + 59.0 / 61) / 60; // now it is: the mean of Platt's smoothed targets
        QVERIFY2(std::abs(*figure.probability - fitted) < 1e-6, qPrintable(QString::number(*figure.probability)));

        // The last one fails: that is what the predictions are held against.
        history.rollBack(at.addDays(1));
        figure = history.ask(changesOf(0));
        const double expected = (fiftieth + 9 * p * p + (1 - p) * (1 - p)) / 20;
        QVERIFY2(std::abs(*figure.brier - expected) < 1e-9, qPrintable(QString::number(*figure.brier, 'g', 12)));
        QVERIFY(reason(figure, RiskFactor::RecentFailures));
        QVERIFY(!reason(history.ask(changesOf(0), at.addDays(1).addSecs(-1)), RiskFactor::RecentFailures));
    }

    void historyMakesItAProbability()
    {
        // Large changes fail with 0.5, small ones with 0.05.
        std::mt19937 random(3);
        std::uniform_real_distribution<double> chance;
        History history;
        for (int i = 0; i < 800; ++i) {
            const bool isLarge = i % 4 == 0;
            history.add(changesOf(isLarge ? 4000 : 3), chance(random) < (isLarge ? 0.5 : 0.05),
                        QStringLiteral("app-%1").arg(i));
        }
        const RiskFigure large = history.ask(changesOf(4000));
        const RiskFigure small = history.ask(changesOf(3));
        QVERIFY2(std::abs(*large.probability - 0.5) < 0.1, qPrintable(large.text));
        QVERIFY2(std::abs(*small.probability - 0.05) < 0.04, qPrintable(small.text));
        QVERIFY2(*large.brier < *large.baseBrier * 0.9, qPrintable(large.text));
    }

    void reasonsThatSayNothingAreNotBelieved()
    {
        // Here small changes fail: more reasons must not mean less risk, so the usual share is all that is said.
        History history;
        for (int i = 0; i < 200; ++i) {
            const bool isLarge = i % 2 == 0;
            history.add(changesOf(isLarge ? 4000 : 3), !isLarge && i % 4 == 1, QStringLiteral("app-%1").arg(i));
        }
        const RiskFigure large = history.ask(changesOf(4000));
        const RiskFigure small = history.ask(changesOf(3));
        QCOMPARE(*large.probability, *small.probability);
        QVERIFY(std::abs(*large.probability - 0.25) < 0.02);
    }

    void hoursAreThoseOfTheTeam()
    {
        Policy policy;
        const QString cart = QStringLiteral("cart");
        const QString production = QStringLiteral("production");
        QCOMPARE(riskZone(policy, cart, production), QByteArray());
        Freeze freeze;
        freeze.environments = {QStringLiteral("staging")};
        freeze.schedule.zone = "Europe/Berlin";
        policy.freezes = {freeze};
        QCOMPARE(riskZone(policy, cart, production), QByteArray());
        policy.freezes.first().environments = {QStringLiteral("prod*")};
        QCOMPARE(riskZone(policy, cart, production), QByteArray("Europe/Berlin"));
        EnvironmentPolicy rules;
        rules.environment = production;
        Schedule window;
        window.zone = "Asia/Shanghai";
        rules.windows = {window};
        policy.environments = {rules};
        QCOMPARE(riskZone(policy, cart, production), QByteArray("Asia/Shanghai"));

        // Ten in the morning there is two at night in UTC: no odd hour.
        const QDateTime morning(QDate(2026, 3, 4), QTime(2, 0), Qt::UTC);
        const auto ask = [&](const QByteArray &zone) {
            return riskOf({cart, production, changesOf(1), morning, zone}, {});
        };
        QVERIFY(!reason(ask("Asia/Shanghai"), RiskFactor::Hour));
        QVERIFY(reason(ask({}), RiskFactor::Hour));
    }

    void aFigureIsWorkedOutOnceForTheSame_data()
    {
        QTest::addColumn<QString>("promotion");
        QTest::addColumn<int>("lines");
        QTest::addColumn<int>("minutes"); // later
        QTest::addColumn<int>("more");    // entries
        QTest::addColumn<bool>("forgets");
        QTest::addColumn<int>("computed");
        const QString same = QStringLiteral("P");
        QTest::newRow("the same again") << same << 10 << 0 << 0 << false << 1;
        QTest::newRow("within the hour") << same << 10 << 59 << 0 << false << 1;
        QTest::newRow("the next hour") << same << 10 << 60 << 0 << false << 2;
        QTest::newRow("other changes") << same << 11 << 0 << 0 << false << 2;
        QTest::newRow("another promotion") << QStringLiteral("Q") << 10 << 0 << 0 << false << 2;
        QTest::newRow("the ledger goes on") << same << 10 << 0 << 1 << false << 2;
        QTest::newRow("another ledger") << same << 10 << 0 << 0 << true << 2;
    }
    void aFigureIsWorkedOutOnceForTheSame()
    {
        QFETCH(QString, promotion);
        QFETCH(int, lines);
        QFETCH(int, minutes);
        QFETCH(int, more);
        QFETCH(bool, forgets);
        QFETCH(int, computed);
        History history;
        for (int i = 0; i < 60; ++i)
            history.add(changesOf(10 + i), i % 7 == 0);
        const auto questionAt = [](const QDateTime &at, int size) {
            return RiskQuestion{QStringLiteral("cart"), QStringLiteral("production"), changesOf(size), at, {}};
        };
        RiskCache cache;
        const RiskQuestion first = questionAt(week(5000), 10);
        QCOMPARE(cache.of(QStringLiteral("P"), first, history.entries), riskOf(first, history.entries));
        for (int i = 0; i < more; ++i)
            history.add(changesOf(10), true);
        if (forgets)
            cache.forget();
        const RiskQuestion second = questionAt(week(5000).addSecs(60 * minutes), lines);
        QCOMPARE(cache.of(promotion, second, history.entries), riskOf(second, history.entries));
        QCOMPARE(cache.computed(), computed);
    }
};

QTEST_GUILESS_MAIN(TestRisk)
#include "test_risk.moc"
