// What APP, RUN, --pipeline, --connection and --branch mean.
#include "app/commands/namedrun.h"
#include "app/commands/runfinder.h"
#include "tests/support/fakepipelineserver.h"
#include "tests/support/httpwait.h"

#include <QTest>

using namespace signalbox;
using namespace signalbox::commands;
using namespace signalbox::test;

class TestRunFinder : public QObject
{
    Q_OBJECT
private slots:
    void aRefIsProtectedUntilItIsKnownToBeABranch_data()
    {
        QTest::addColumn<QString>("ref");
        QTest::addColumn<QString>("branch"); // of the run of that name; empty: there is no run
        QTest::addColumn<QString>("tag");
        QTest::addColumn<bool>("isUnread");
        QTest::addColumn<bool>("isProtected");
        const QString none;
        QTest::newRow("a branch") << QStringLiteral("feature") << QStringLiteral("feature") << none << false << false;
        QTest::newRow("the default branch")
            << QStringLiteral("main") << QStringLiteral("main") << none << false << true;
        QTest::newRow("not given: the default") << none << QStringLiteral("feature") << none << false << true;
        QTest::newRow("a tag") << QStringLiteral("v1.2.3") << none << QStringLiteral("v1.2.3") << false << true;
        QTest::newRow("never ran") << QStringLiteral("v1.2.4") << none << none << false << true;
        QTest::newRow("not told") << QStringLiteral("feature") << QStringLiteral("feature") << none << true << true;
    }
    void aRefIsProtectedUntilItIsKnownToBeABranch()
    {
        QFETCH(QString, ref);
        QFETCH(QString, branch);
        QFETCH(QString, tag);
        QFETCH(bool, isUnread);
        QFETCH(bool, isProtected);
        FakePipelines source(QStringLiteral("ci"));
        Pipeline pipeline;
        pipeline.ref = {QStringLiteral("ci"), QStringLiteral("acme/cart"), {}};
        pipeline.defaultBranch = QStringLiteral("main");
        if (!branch.isEmpty() || !tag.isEmpty()) {
            Run run;
            run.ref = {pipeline.ref, QStringLiteral("1")};
            run.branch = branch;
            run.tag = tag;
            source.runsOf[pipeline.ref.key()] = {run};
        }
        if (isUnread)
            source.trouble = Error{ErrorKind::Unreachable, QStringLiteral("no"), {}};
        const auto known = waitFor(isOtherBranch(this, source, pipeline, ref, {}));
        QVERIFY(known);
        QCOMPARE(signalbox::isProtected(pipeline, std::nullopt, *known ? ref : QString()), isProtected);
        for (const RunQuery &query : std::as_const(source.queries))
            QCOMPARE(query.branch, ref);
    }

    // An application with several pipelines: a number that one of them has needs no --pipeline.
    void aRunTellsItsPipelineWhereOneAloneHasIt_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("isUnread"); // the second pipeline
        QTest::addColumn<QString>("pipeline");
        QTest::addColumn<QString>("says"); // where none is found
        const QString which = QStringLiteral("Several fit.");
        QTest::newRow("the first has it") << QStringLiteral("209") << false << QStringLiteral("ci") << QString();
        QTest::newRow("the second has it") << QStringLiteral("33") << false << QStringLiteral("release") << QString();
        QTest::newRow("both have it") << QStringLiteral("7") << false << QString() << which;
        QTest::newRow("one could not be asked") << QStringLiteral("209") << true << QString() << which;
        QTest::newRow("none has it")
            << QStringLiteral("8") << false << QString()
            << QStringLiteral("There is no run \"8\" in any of: ci (acme/cart, one), release (acme/cart, two). "
                              "\"signalbox runs\" lists them.");
        QTest::newRow("the first has more than are looked through")
            << QStringLiteral("33") << false << QString() << which;
        QTest::newRow("the newest: all have one") << QStringLiteral("latest") << false << QString() << which;
    }
    void aRunTellsItsPipelineWhereOneAloneHasIt()
    {
        QFETCH(QString, text);
        QFETCH(bool, isUnread);
        QFETCH(QString, pipeline);
        QFETCH(QString, says);
        PipelineSet servers;
        QList<FoundPipeline> pipelines;
        const auto add = [&](const char *connection, const char *title, const QStringList &numbers) {
            const QString id = QString::fromLatin1(connection);
            auto server = std::make_unique<FakePipelineServer>(id);
            const Pipeline made = pipelineOf(id, QStringLiteral("acme/cart"), QString::fromLatin1(title));
            for (const QString &number : numbers) {
                Run run;
                run.ref = {made.ref, QStringLiteral("id") + number};
                run.number = number;
                server->fakeSource.runsOf[made.ref.key()].append(run);
            }
            if (isUnread && !pipelines.isEmpty())
                server->fakeSource.trouble = Error{ErrorKind::Unreachable, QStringLiteral("no"), {}};
            pipelines.append({made, QStringLiteral("cart")});
            servers.add(std::move(server));
        };
        QStringList ofFirst{QStringLiteral("210"), QStringLiteral("209"), QStringLiteral("7")};
        if (qstrcmp(QTest::currentDataTag(), "the first has more than are looked through") == 0) {
            ofFirst.clear();
            for (int number = 5000; number > 4000; --number)
                ofFirst.append(QString::number(number));
        }
        add("one", "ci", ofFirst);
        add("two", "release", {QStringLiteral("33"), QStringLiteral("7")});
        const Error which{ErrorKind::Invalid, QStringLiteral("Several fit."), {}};
        const auto found = waitFor(findRunAmong(this, servers, pipelines, text, which, {}, {}));
        if (!says.isEmpty()) {
            QVERIFY(!found);
            QCOMPARE(found.error().message, says);
            return;
        }
        QVERIFY2(found, found ? "" : qPrintable(found.error().message));
        QCOMPARE(found->of.pipeline.title, pipeline);
        QCOMPARE(found->run.number, text);
    }

    // One that does not answer in time does not hide what the others said.
    void aServerIsWaitedForAsLongAsIsGiven()
    {
        auto silent = std::make_shared<QPromise<Result<int>>>();
        silent->start();
        const Patience little = std::chrono::milliseconds(20);
        const auto late = waitFor(within(this, silent->future(), little));
        QVERIFY(!late);
        QCOMPARE(late.error().kind, ErrorKind::TimedOut);
        QVERIFY2(late.error().message.contains(QStringLiteral("within 0.02 s")), qPrintable(late.error().message));
        silent->addResult(Result<int>(1)); // too late: nothing is given twice
        silent->finish();
        const auto soon = waitFor(within(this, ready(Result<int>(2)), Patience(std::chrono::minutes(1))));
        QVERIFY(soon);
        QCOMPARE(*soon, 2);
        QVERIFY(!patienceOf({}));
    }

    // As a release engineer names it: the job of a multibranch project by its branch.
    void aBranchsJobIsFoundByItsBranch()
    {
        const auto job = [](const char *branch) {
            const QString name = QString::fromLatin1(branch);
            return FoundPipeline{
                pipelineOf(QStringLiteral("ci"), QStringLiteral("shop/cart/") + name, QStringLiteral("cart / ") + name),
                QStringLiteral("cart")};
        };
        const auto found = onlyOne({job("main"), job("next")}, {QStringLiteral("cart"), QStringLiteral("main"), {}});
        QVERIFY(found);
        QCOMPARE(found->pipeline.ref.project, QStringLiteral("shop/cart/main"));
        // A name that is one is not a branch's as well.
        FoundPipeline whole = job("next");
        whole.pipeline.title = QStringLiteral("main");
        const auto exact = onlyOne({job("main"), whole}, {QStringLiteral("cart"), QStringLiteral("main"), {}});
        QVERIFY2(exact, exact ? "" : qPrintable(exact.error().message));
        QCOMPARE(exact->pipeline.ref.project, QStringLiteral("shop/cart/next"));
        const auto several = onlyOne({job("main"), job("next")}, {QStringLiteral("cart"), {}, {}});
        QVERIFY(!several);
        QVERIFY2(several.error().message.startsWith(QStringLiteral("Several pipelines fit: cart / main")),
                 qPrintable(several.error().message));
    }

    // Of several servers that are silent the one that was asked for is named.
    void aSilentServerIsNamed_data()
    {
        QTest::addColumn<ErrorKind>("kind");
        QTest::addColumn<QString>("connection");
        QTest::addColumn<QString>("says");
        QTest::newRow("any") << ErrorKind::NotFound << QString() << QStringLiteral("one: It is down.");
        QTest::newRow("the second") << ErrorKind::NotFound << QStringLiteral("two")
                                    << QStringLiteral("two: It knows us not.");
        QTest::newRow("another, that answered")
            << ErrorKind::NotFound << QStringLiteral("three") << QStringLiteral("Not there.");
        QTest::newRow("not for want of an answer") << ErrorKind::Invalid << QString() << QStringLiteral("Not there.");
    }
    void aSilentServerIsNamed()
    {
        QFETCH(ErrorKind, kind);
        QFETCH(QString, connection);
        QFETCH(QString, says);
        const QList<std::pair<QString, Error>> problems{
            {QStringLiteral("one"), {ErrorKind::Unreachable, QStringLiteral("It is down."), {}}},
            {QStringLiteral("two"), {ErrorKind::Unauthorized, QStringLiteral("It knows us not."), {}}}};
        QCOMPARE(explainedBy({kind, QStringLiteral("Not there."), {}}, problems, connection).message, says);
    }
};

QTEST_GUILESS_MAIN(TestRunFinder)
#include "test_runfinder.moc"
