#include "models/domain/application.h"
#include "models/domain/freshness.h"
#include "models/domain/operation.h"
#include "models/domain/result.h"
#include "models/domain/sharetext.h"

#include <QTest>

using namespace signalbox;

class TestDomain : public QObject
{
    Q_OBJECT
private slots:
    void sharesAreNeverRoundedToNoneOrAll_data()
    {
        QTest::addColumn<double>("share");
        QTest::addColumn<int>("whole");
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("exact");
        const auto row = [](const char *name, double share, int whole, const char *text, const char *exact) {
            QTest::newRow(name) << share << whole << QString::fromLatin1(text) << QString::fromLatin1(exact);
        };
        row("none", 0, 0, "0 %", "0 %");
        row("all", 1, 100, "100 %", "100 %");
        row("all, added up", 0.1 + 0.2 + 0.7, 100, "100 %", "100 %");
        row("a quarter", 0.25, 25, "25 %", "25 %");
        row("a third", 1.0 / 3, 33, "33 %", "33.3 %");
        row("4 of 1,000", 0.004, 1, "0.4 %", "0.4 %");
        row("1 of 10,000", 0.0001, 1, "<0.1 %", "<0.1 %");
        row("996 of 1,000", 0.996, 99, "99.6 %", "99.6 %");
        row("9,999 of 10,000", 0.9999, 99, ">99.9 %", ">99.9 %");
    }

    void sharesAreNeverRoundedToNoneOrAll()
    {
        QFETCH(double, share);
        QTEST(wholePercent(share), "whole");
        QTEST(shareText(share), "text");
        QTEST(shareText(share, 1), "exact");
    }

    void whoAsksSaysWhichStateSpeaksForAll()
    {
        using State = Freshness::State;
        constexpr FreshnessOrder waiting(
            {State::Absent, State::Live, State::Stale, State::Denied, State::Failed, State::Loading});
        constexpr FreshnessOrder telling(
            {State::Absent, State::Live, State::Loading, State::Denied, State::Stale, State::Failed});
        const auto in = [](State state) { return Freshness{state, {}, {}, std::nullopt}; };
        QVERIFY(waiting.isWorse(in(State::Loading), in(State::Failed)));
        QVERIFY(telling.isWorse(in(State::Failed), in(State::Loading)));
        QVERIFY(waiting.isWorse(in(State::Denied), in(State::Stale)));
        QVERIFY(telling.isWorse(in(State::Stale), in(State::Denied)));
        QVERIFY(!telling.isWorse(in(State::Live), in(State::Live)));
    }

    void imageTagIsWhatFollowsTheLastColonOfTheName_data()
    {
        QTest::addColumn<QString>("image");
        QTest::addColumn<QString>("tag");
        QTest::addColumn<QString>("digest");
        QTest::newRow("plain") << "nginx:1.25"
                               << "1.25"
                               << "";
        QTest::newRow("no tag") << "nginx"
                                << ""
                                << "";
        QTest::newRow("port, no tag") << "localhost:5000/web"
                                      << ""
                                      << "";
        QTest::newRow("port and tag") << "localhost:5000/web:2"
                                      << "2"
                                      << "";
        QTest::newRow("digest") << "r.io/web@sha256:ab"
                                << ""
                                << "sha256:ab";
        QTest::newRow("tag and digest") << "r.io/web:3@sha256:ab"
                                        << "3"
                                        << "sha256:ab";
    }
    void imageTagIsWhatFollowsTheLastColonOfTheName()
    {
        QFETCH(QString, image);
        QTEST(imageTag(image), "tag");
        QTEST(imageDigest(image), "digest");
    }

    void environmentIsProtectedUnlessAWholeWordSaysOtherwise_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<bool>("isProtected");
        QTest::newRow("production") << "production" << true;
        QTest::newRow("dev") << "dev" << false;
        QTest::newRow("team-dev") << "team-dev" << false;
        QTest::newRow("QA_2") << "QA_2" << false;
        QTest::newRow("developers") << "developers" << true;
        QTest::newRow("contest") << "contest" << true;
        QTest::newRow("cluster/staging") << "prod-eu/staging" << false;
    }
    void environmentIsProtectedUnlessAWholeWordSaysOtherwise()
    {
        QFETCH(QString, name);
        QTEST(isProtectedByName(name), "isProtected");
    }

    void fingerprintChangesWithWhatIsConfirmed()
    {
        Plan plan;
        plan.application = QStringLiteral("cart");
        plan.steps.append(PlanStep{});
        const QByteArray before = plan.fingerprint();
        plan.plannedAt = QDateTime::currentDateTimeUtc(); // not confirmed: the same plan, read again
        QCOMPARE(plan.fingerprint(), before);
        plan.steps[0].call.body = "x";
        QVERIFY(plan.fingerprint() != before);
    }

    void resultPassesAnErrorThrough()
    {
        const Result<int> good(2);
        const Result<int> bad(Error{ErrorKind::NotFound, QStringLiteral("gone"), {}});
        QCOMPARE(*good.transform([](int n) { return n * 3; }), 6);
        QCOMPARE(bad.transform([](int n) { return n * 3; }).error().message, QStringLiteral("gone"));
        QCOMPARE(bad.value_or(7), 7);
    }
};

QTEST_GUILESS_MAIN(TestDomain)
#include "test_domain.moc"
