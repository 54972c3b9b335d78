#include "services/adapters/github/githubworkflow.h"

#include <QFile>
#include <QTest>

#include <algorithm>

using namespace signalbox;
using namespace signalbox::github;

namespace
{

QString u(const char *text)
{
    return QString::fromUtf8(text);
}

const WorkflowPlace here{u("acme/cart"), u("a.yml"), u("c0ffee")};

Result<WorkflowFile> file(const char *name)
{
    QFile one(QStringLiteral(SIGNALBOX_TEST_DATA "/github/") + QLatin1String(name));
    if (!one.open(QIODevice::ReadOnly))
        return Error{ErrorKind::NotFound, one.fileName(), {}};
    return parseWorkflow(one.readAll(), QLatin1String(name));
}

// Jobs whose ids are their names.
QList<Job> jobs(const QStringList &names)
{
    QList<Job> all;
    for (const QString &name : names) {
        Job job;
        job.id = name;
        job.name = name;
        all.append(job);
    }
    return all;
}

QStringList needsOf(const JobGraph &graph, const char *job)
{
    QStringList needs = graph.needs.value(u(job));
    needs.sort();
    return needs;
}

const QStringList matrix{u("build (ubuntu, 3.11)"), u("build (ubuntu, 3.12)"), u("build (macos, 3.11)"),
                         u("build (macos, 3.12)")};
const QStringList whole = QStringList{u("lint")} + matrix +
                          QStringList{u("Docs for en"),   u("Docs for zh"), u("scan / fetch"),        u("scan / image"),
                                      u("scan / source"), u("staging"),     u("Deploy to production")};

} // namespace

class TestGitHubWorkflow : public QObject
{
    Q_OBJECT

    JobGraph graph(const QStringList &names, bool isEnded = true, bool hasCalled = true)
    {
        const auto main = file("release.yml");
        const auto scan = file("scan.yml");
        CalledFiles called;
        if (hasCalled && scan)
            called.files.insert(u("acme/cart/.github/workflows/scan.yml@c0ffee"), *scan);
        return graphOf(main.value_or(WorkflowFile()), called, here, jobs(names), isEnded);
    }

private slots:
    void theFileTellsHowToStartIt()
    {
        const auto read = file("release.yml");
        QVERIFY2(read, read ? "" : qPrintable(read.error().message));
        QCOMPARE(read->name, u("release"));
        QVERIFY(read->isDispatchable);
        QCOMPARE(read->schedules, QStringList{u("17 3 * * *")});
        QCOMPARE(read->inputs.size(), 3);
        QVERIFY(read->inputs[0].isRequired && read->inputs[0].kind == RunParameter::Kind::Text);
        QCOMPARE(read->inputs[1].choices, (QStringList{u("quick"), u("deep")}));
        QCOMPARE(read->inputs[1].value, u("quick"));
        QVERIFY(read->inputs[2].kind == RunParameter::Kind::Flag);
        QCOMPARE(read->jobs.size(), 6);
    }

    void howAFileSaysWhatStartsIt_data()
    {
        QTest::addColumn<QByteArray>("on");
        QTest::addColumn<bool>("byHand");
        QTest::newRow("one word") << QByteArray("workflow_dispatch") << true;
        QTest::newRow("a list") << QByteArray("[push, workflow_dispatch]") << true;
        QTest::newRow("a map") << QByteArray("{workflow_dispatch: }") << true;
        QTest::newRow("not at all") << QByteArray("{push: {branches: [main]}}") << false;
    }
    void howAFileSaysWhatStartsIt()
    {
        QFETCH(QByteArray, on);
        QFETCH(bool, byHand);
        const auto read = parseWorkflow("on: " + on + "\njobs: {a: {runs-on: x}}\n", u("a.yml"));
        QVERIFY(read);
        QCOMPARE(read->isDispatchable, byHand);
    }

    void jobsAreTiedByTheFile()
    {
        const JobGraph tied = graph(whole);
        QStringList built = matrix;
        built.sort();
        QCOMPARE(tied.unmatched, 0);
        QCOMPARE(needsOf(tied, "lint"), QStringList());
        for (const QString &one : matrix)
            QCOMPARE(needsOf(tied, qPrintable(one)), QStringList{u("lint")});
        QCOMPARE(needsOf(tied, "Docs for zh"), QStringList{u("lint")});
        QCOMPARE(needsOf(tied, "scan / fetch"), built);
        QCOMPARE(needsOf(tied, "scan / image"), QStringList{u("scan / fetch")});
        QCOMPARE(needsOf(tied, "staging"), built + (QStringList{u("scan / image"), u("scan / source")}));
        QCOMPARE(needsOf(tied, "Deploy to production"), QStringList{u("staging")});
        QVERIFY(tied.mayFail.contains(u("Docs for en")) && !tied.mayFail.contains(u("lint")));
        QCOMPARE(tied.environments.value(u("Deploy to production")), u("production"));
        QCOMPARE(tied.environments.value(u("staging")), u("staging"));
        QVERIFY(tied.notBegun.isEmpty());
    }

    void aReusableWorkflowThatCannotBeReadIsOneStage()
    {
        const JobGraph tied = graph(whole, true, false);
        QStringList built = matrix;
        built.sort();
        QCOMPARE(needsOf(tied, "scan / image"), built);
        QCOMPARE(needsOf(tied, "staging"),
                 built + (QStringList{u("scan / fetch"), u("scan / image"), u("scan / source")}));
    }

    void whatHasNotBegunIsInTheFile()
    {
        const JobGraph tied = graph({u("lint"), u("build (ubuntu, 3.11)")}, false);
        QStringList later;
        for (const Job &job : tied.notBegun) {
            QVERIFY(job.state == RunState::NotStarted);
            later.append(job.name);
        }
        QCOMPARE(later, (QStringList{u("build-docs"), u("scan"), u("staging"), u("Deploy to production")}));
        QCOMPARE(tied.notBegun.last().needs, QStringList{tied.notBegun[2].id});
    }

    void aSkippedJobIsPassedThrough()
    {
        // A call whose condition was not met has the caller's name, and a job that never had one is left out.
        const JobGraph tied = graph({u("lint"), u("build (ubuntu, 3.11)"), u("scan"), u("Deploy to production")});
        QCOMPARE(needsOf(tied, "scan"), QStringList{u("build (ubuntu, 3.11)")});
        QCOMPARE(needsOf(tied, "Deploy to production"), (QStringList{u("build (ubuntu, 3.11)"), u("scan")}));
    }

    void whatTheFileDoesNotKnowIsCounted()
    {
        QCOMPARE(graph({u("lint"), u("Analyze (cpp)"), u("buildx")}).unmatched, 2);
    }

    void namesThatAreAllExpressionMatchLast()
    {
        const auto read =
            parseWorkflow("on: push\njobs:\n  any: {name: \"${{ matrix.x }}\", strategy: {matrix: {x: [1]}}}\n"
                          "  all: {name: all done, needs: any}\n",
                          u("a.yml"));
        QVERIFY(read);
        const JobGraph tied = graphOf(*read, {}, here, jobs({u("1"), u("all done")}), true);
        QCOMPARE(needsOf(tied, "all done"), QStringList{u("1")});
    }

    void aMatrixInACalledMatrixBelongsToTheCalledFile()
    {
        const auto outer = parseWorkflow("on: push\njobs:\n  lint: {}\n"
                                         "  pack: {needs: lint, strategy: {matrix: {x: [1]}}, uses: ./w/mid.yml}\n",
                                         u("a.yml"));
        const auto middle = parseWorkflow("on: workflow_call\njobs:\n  make: {}\n"
                                          "  test: {needs: make, strategy: {matrix: {y: [1]}}}\n"
                                          "  send: {needs: test, strategy: {matrix: {y: [1]}}, uses: ./w/in.yml}\n",
                                          u("mid.yml"));
        const auto inner = parseWorkflow("on: workflow_call\njobs:\n  ask: {}\n"
                                         "  put: {needs: ask, strategy: {matrix: {z: [1]}}}\n",
                                         u("in.yml"));
        QVERIFY(outer && middle && inner);
        const CalledFiles called{
            {}, {{u("acme/cart/w/mid.yml@c0ffee"), *middle}, {u("acme/cart/w/in.yml@c0ffee"), *inner}}};
        const JobGraph tied =
            graphOf(*outer, called, here,
                    jobs({u("lint"), u("pack (a (b)) / make"), u("pack (a (b)) / test (3)"),
                          u("pack (a (b)) / send (4) / ask"), u("pack (a (b)) / send (4) / put (5)")}),
                    true);
        QCOMPARE(tied.unmatched, 0);
        QCOMPARE(needsOf(tied, "pack (a (b)) / make"), QStringList{u("lint")});
        QCOMPARE(needsOf(tied, "pack (a (b)) / test (3)"), QStringList{u("pack (a (b)) / make")});
        QCOMPARE(needsOf(tied, "pack (a (b)) / send (4) / ask"), QStringList{u("pack (a (b)) / test (3)")});
        QCOMPARE(needsOf(tied, "pack (a (b)) / send (4) / put (5)"), QStringList{u("pack (a (b)) / send (4) / ask")});
        // A call of a matrix that was never begun has no inner jobs.
        const JobGraph skipped = graphOf(*outer, called, here, jobs({u("lint"), u("pack (a)")}), true);
        QCOMPARE(skipped.unmatched, 0);
        QCOMPARE(needsOf(skipped, "pack (a)"), QStringList{u("lint")});
    }

    void whereACallLeads_data()
    {
        QTest::addColumn<QString>("uses");
        QTest::addColumn<QString>("key");
        const QString sha(40, u'd');
        QTest::newRow("the same repository") << u("./w/in.yml") << u("acme/tools/w/in.yml@beef");
        QTest::newRow("in the newer words") << u("$/w/in.yml") << u("acme/tools/w/in.yml@beef");
        QTest::newRow("another one") << u("acme/cart/w/in.yml@main") << u("acme/cart/w/in.yml@cafe");
        QTest::newRow("the same file at another ref") << u("acme/cart/w/in.yml@v1") << u("acme/cart/w/in.yml@0ld");
        QTest::newRow("at a commit") << u("acme/far/in.yml@") + sha << u("acme/far/in.yml@") + sha;
        QTest::newRow("the run writes its ref at length") << u("acme/long/in.yml@v2") << u("acme/long/in.yml@f00d");
        QTest::newRow("two refs, and neither is this one") << u("acme/cart/w/in.yml@v3") << u("acme/cart/w/in.yml@");
        QTest::newRow("the run does not tell") << u("acme/none/in.yml@main") << u("acme/none/in.yml@");
    }
    void whereACallLeads()
    {
        QFETCH(QString, uses);
        const QHash<QString, QString> commits{{u("acme/cart/w/in.yml@main"), u("cafe")},
                                              {u("acme/cart/w/in.yml@v1"), u("0ld")},
                                              {u("acme/long/in.yml@refs/tags/v2"), u("f00d")}};
        const WorkflowPlace to = calledFrom({u("acme/tools"), u("w/mid.yml"), u("beef")}, uses, commits);
        QTEST(to.key(), "key");
        QCOMPARE(to.isKnown(), !to.key().endsWith(u'@'));
    }

    // "./" in a file of another repository is that repository, though the caller has a file of the same name.
    void callsOfACalledFileOfAnotherRepositoryStayThere()
    {
        const auto outer = parseWorkflow(
            "on: push\njobs:\n  sign: {uses: acme/tools/w/mid.yml@main}\n  own: {uses: ./w/in.yml}\n", u("a.yml"));
        const auto middle = parseWorkflow("on: workflow_call\njobs:\n  stamp: {uses: ./w/in.yml}\n", u("mid.yml"));
        const auto theirs =
            parseWorkflow("on: workflow_call\njobs:\n  fetch: {}\n  seal: {needs: fetch}\n", u("in.yml"));
        const auto ours = parseWorkflow("on: workflow_call\njobs:\n  seal: {}\n  fetch: {needs: seal}\n", u("in.yml"));
        QVERIFY(outer && middle && theirs && ours);
        const CalledFiles called{{{u("acme/tools/w/mid.yml@main"), u("beef")}},
                                 {{u("acme/tools/w/mid.yml@beef"), *middle},
                                  {u("acme/tools/w/in.yml@beef"), *theirs},
                                  {u("acme/cart/w/in.yml@c0ffee"), *ours}}};
        const JobGraph tied = graphOf(
            *outer, called, here,
            jobs({u("sign / stamp / fetch"), u("sign / stamp / seal"), u("own / fetch"), u("own / seal")}), true);
        QCOMPARE(tied.unmatched, 0);
        QCOMPARE(needsOf(tied, "sign / stamp / seal"), QStringList{u("sign / stamp / fetch")});
        QCOMPARE(needsOf(tied, "sign / stamp / fetch"), QStringList());
        QCOMPARE(needsOf(tied, "own / fetch"), QStringList{u("own / seal")});
    }

    void jobsThatWaitForEachOtherEndTheSearch()
    {
        const auto read = parseWorkflow("on: push\njobs: {a: {needs: b}, b: {needs: a}}\n", u("a.yml"));
        QVERIFY(read);
        QCOMPARE(graphOf(*read, {}, here, jobs({u("a"), u("b")}), true).needs.size(), 2);
    }

    void withoutAFileTheOrderIsTheirStart()
    {
        QList<Job> all = jobs({u("a"), u("b"), u("c"), u("d"), u("later")});
        const QDateTime begin({2026, 3, 1}, {10, 0}, Qt::UTC);
        const auto ran = [&](int i, int from, int to) {
            all[i].startedAt = begin.addSecs(from);
            all[i].finishedAt = begin.addSecs(to);
        };
        ran(0, 0, 60);
        ran(1, 0, 90);
        ran(2, 65, 100);
        ran(3, 120, 130);
        const auto needs = needsByStart(all);
        QCOMPARE(needs.value(u("a")), QStringList());
        QCOMPARE(needs.value(u("c")), QStringList{u("a")});
        QCOMPARE(needs.value(u("d")), (QStringList{u("b"), u("c")}));
        QCOMPARE(needs.value(u("later")), QStringList());
    }

    void aFileThatIsNoneIsAnError_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("a list") << QByteArray("- a\n- b\n");
        QTest::newRow("no jobs") << QByteArray("on: push\n");
        QTest::newRow("broken") << QByteArray("jobs: {a: [}\n");
        QByteArray bomb("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for (int i = 1; i < 9; ++i) {
            const QByteArray before = "*a" + QByteArray::number(i - 1);
            bomb += 'a' + QByteArray::number(i) + ": &a" + QByteArray::number(i) + " [" +
                    QByteArray(before + ',').repeated(9) + before + "]\n";
        }
        QTest::newRow("a billion laughs") << bomb + "jobs: {a: {}}\n";
    }
    void aFileThatIsNoneIsAnError()
    {
        QFETCH(QByteArray, bytes);
        const auto read = parseWorkflow(bytes, u("a.yml"));
        QVERIFY(!read);
        QCOMPARE(read.error().kind, ErrorKind::Invalid);
    }
};

QTEST_GUILESS_MAIN(TestGitHubWorkflow)
#include "test_githubworkflow.moc"
