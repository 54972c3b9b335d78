// What a promotion is judged by: which commit a release is, whether something else goes on.
#include "services/promotions/sourcereader.h"
#include "services/promotions/world.h"
#include "tests/support/fakesource.h"

#include <QTest>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

QString u(const char *text)
{
    return QString::fromLatin1(text);
}

QString commitOf(char digit)
{
    return QString(40, QLatin1Char(digit));
}

const QString digest = QStringLiteral("sha256:") + QString(64, QLatin1Char('7'));

} // namespace

class TestPromotionFacts : public QObject
{
    Q_OBJECT

private slots:
    void aReleasesCommitIsToldByItsImageFirst_data()
    {
        QTest::addColumn<QString>("label"); // of the running image
        QTest::addColumn<QString>("version");
        QTest::addColumn<QString>("asked"); // the request's commit
        QTest::addColumn<QString>("commit");
        QTest::addColumn<QString>("problem");
        const QString none;
        QTest::newRow("label before a tag that moved")
            << commitOf('a') << u("1.5.0") << commitOf('b') << commitOf('a') << none;
        QTest::newRow("a label that the repository does not have")
            << commitOf('9') << u("1.5.0") << commitOf('b') << none << u("no release 9999");
        QTest::newRow("a label that is no commit") << u("dev") << u("1.5.0") << none << commitOf('b') << none;
        QTest::newRow("a label that is a branch") << u("main") << u("1.5.0") << none << commitOf('b') << none;
        QTest::newRow("tag before the request") << none << u("1.5.0") << commitOf('a') << commitOf('b') << none;
        QTest::newRow("a branch as version") << none << u("main") << commitOf('a') << commitOf('a') << none;
        QTest::newRow("a branch alone") << none << u("main") << none << none << u("main is a branch");
    }
    void aReleasesCommitIsToldByItsImageFirst()
    {
        QFETCH(QString, label);
        QFETCH(QString, version);
        QFETCH(QString, asked);
        QFETCH(QString, commit);
        QFETCH(QString, problem);
        FakeSource source(u("shop"));
        source.releases = {{commitOf('a'), commitOf('a')},
                           {commitOf('b'), commitOf('b')},
                           {commitOf('1'), commitOf('1')},
                           {u("1.5.0"), commitOf('b')},
                           {u("main"), commitOf('e')}};
        source.branches = {u("main")};
        PromotionInQuestion question;
        question.promotion = u("P");
        question.before = u("staging");
        question.request.subject = {u("cart"), u("production"), digest, asked};
        question.request.version = version;
        PlaceReading staging;
        staging.environment = u("staging");
        staging.running = RunningRelease();
        staging.running->digest = digest;
        staging.running->revision = label;
        PlaceReading production;
        production.environment = u("production");
        production.target = RunningRelease();
        production.target->revision = commitOf('1');
        QObject context;
        std::optional<SourceReading> reading;
        deliver(readPromotionSource(&context, &source, question, {{staging, production}}, true, {}), {}, &context,
                [&reading](const Result<SourceReading> &read) { reading = read.value_or(SourceReading()); });
        QTRY_VERIFY(reading);
        QCOMPARE(reading->commit.value_or(QString()), commit);
        QVERIFY2(problem.isEmpty() ? reading->problem.isEmpty() : reading->problem.contains(problem),
                 qPrintable(reading->problem));
    }

    // The own operation's hold is no other deployment; a roll-out that nobody here began is.
    void busyIsWhatSomebodyElseDoes_data()
    {
        QTest::addColumn<QString>("heldBy"); // empty: not held
        QTest::addColumn<bool>("isSettled");
        QTest::addColumn<bool>("isBusy");
        QTest::newRow("nothing goes on") << QString() << true << false;
        QTest::newRow("a roll-out") << QString() << false << true;
        QTest::newRow("our own operation") << u("P") << true << false;
        QTest::newRow("our own operation, and a roll-out") << u("P") << false << true;
        QTest::newRow("another operation") << u("Q") << true << true;
    }
    void busyIsWhatSomebodyElseDoes()
    {
        QFETCH(QString, heldBy);
        QFETCH(bool, isSettled);
        QFETCH(bool, isBusy);
        PlaceReading production;
        production.environment = u("production");
        production.isHeld = !heldBy.isEmpty();
        production.heldBy = heldBy;
        production.target = RunningRelease();
        production.target->isSettled = isSettled;
        World world;
        world.applications.insert(u("cart"), {{production}});
        policy::PromotionRequest request;
        request.subject = {u("cart"), u("production"), digest, {}};
        QCOMPARE(factsOf(world, request, u("P"), u("staging")).isBusy, std::optional(isBusy));
    }
};

QTEST_GUILESS_MAIN(TestPromotionFacts)
#include "test_promotionfacts.moc"
