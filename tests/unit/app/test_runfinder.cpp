// Whether a new run may release: what `signalbox run trigger --branch` knows of a name.
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
};

QTEST_GUILESS_MAIN(TestRunFinder)
#include "test_runfinder.moc"
