// What Travis CI answers, as our values. The answers in tests/data/travis have the form of those in the specifications
// of travis-ci/travis-api (spec/v3/services: build/find, builds/find, jobs/find, repository/find,
// crons/for_repository, requests/create, request/find).
#include "services/adapters/travis/travisanswer.h"
#include "services/adapters/travis/travisplan.h"

#include <QFile>
#include <QTest>

using namespace signalbox;
using namespace signalbox::travis;

namespace
{

QByteArray answer(const QString &name)
{
    QFile file(QStringLiteral(SIGNALBOX_TEST_DATA "/travis/%1.json").arg(name));
    if (!file.open(QIODevice::ReadOnly))
        qFatal("no %s", qPrintable(file.fileName()));
    return file.readAll();
}

const Reading by{QStringLiteral("travis"), webOf(QUrl(QStringLiteral("https://api.travis-ci.com"))),
                 QDateTime(QDate(2026, 11, 20), QTime(14, 0), Qt::UTC)};

QDateTime at(int hour, int minute, int second)
{
    return QDateTime(QDate(2026, 11, 20), QTime(hour, minute, second), Qt::UTC);
}

} // namespace

class TestTravisAnswer : public QObject
{
    Q_OBJECT

private slots:
    void wordsAreStates_data()
    {
        QTest::addColumn<QString>("word");
        QTest::addColumn<RunState>("state");
        QTest::newRow("created") << "created" << RunState::Queued;
        QTest::newRow("queued") << "queued" << RunState::Queued;
        QTest::newRow("received") << "received" << RunState::Queued;
        QTest::newRow("started") << "started" << RunState::Running;
        QTest::newRow("passed") << "passed" << RunState::Passed;
        QTest::newRow("failed") << "failed" << RunState::Failed;
        QTest::newRow("errored") << "errored" << RunState::Failed;
        QTest::newRow("canceled") << "canceled" << RunState::Cancelled;
        QTest::newRow("a new word") << "teleported" << RunState::Unknown;
        QTest::newRow("none") << "" << RunState::Unknown;
    }
    void wordsAreStates()
    {
        QFETCH(QString, word);
        QTEST(runStateOf(word), "state");
    }

    void aBuildIsARun()
    {
        const auto build = parseBuild(answer(QStringLiteral("build")), by);
        QVERIFY2(build, build ? "" : qPrintable(build.error().message));
        const Run &run = build->run;
        QCOMPARE(run.ref.key(), QStringLiteral("travis|acme/cart||65"));
        QCOMPARE(run.number, QStringLiteral("412"));
        QCOMPARE(run.title, QStringLiteral("Keep the cart of a guest"));
        QCOMPARE(run.state, RunState::Running);
        QCOMPARE(run.trigger, (RunTrigger{TriggerKind::Push, QStringLiteral("dev-a"), QStringLiteral("push"), {}}));
        QCOMPARE(run.branch, QStringLiteral("main"));
        QCOMPARE(run.commit, QStringLiteral("add057e66c3e1d59ef1fadd057e66c3e1d59ef1f"));
        QCOMPARE(run.startedAt, at(13, 0, 0));
        QVERIFY(!run.finishedAt.isValid() && !run.createdAt.isValid());
        QCOMPARE(run.page, QUrl(QStringLiteral("https://app.travis-ci.com/github/acme/cart/builds/65")));
        QCOMPARE(build->stages, (QList<Stage>{{1, QStringLiteral("test")}, {2, QStringLiteral("deploy")}}));
        QCOMPARE(build->jobs.size(), 2);
        QVERIFY(build->mayCancel == true && build->mayRestart == true);
    }

    void causesAreTold_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("why");
        QTest::addColumn<QString>("branch");
        QTest::addColumn<QString>("tag");
        QTest::addColumn<QString>("title");
        const QString subject = QStringLiteral("Keep the cart of a guest");
        QTest::newRow("push") << "build" << int(TriggerKind::Push) << "push"
                              << "main"
                              << "" << subject;
        QTest::newRow("tag") << "build_tag" << int(TriggerKind::Tag) << "push"
                             << ""
                             << "v1.0.0" << subject;
        QTest::newRow("pull request") << "build_pull" << int(TriggerKind::PullRequest) << "pull_request #17"
                                      << "main"
                                      << ""
                                      << "Guests keep their cart";
        QTest::newRow("cron") << "build_noaccess" << int(TriggerKind::Schedule) << "cron"
                              << "main"
                              << "" << subject;
        QTest::newRow("unknown") << "build_unknown" << int(TriggerKind::Unknown) << "moonphase"
                                 << "main"
                                 << "" << subject;
    }
    void causesAreTold()
    {
        QFETCH(QString, file);
        const auto build = parseBuild(answer(file), by);
        QVERIFY(build);
        QTEST(int(build->run.trigger.kind), "kind");
        QTEST(build->run.trigger.why, "why");
        QTEST(build->run.branch, "branch");
        QTEST(build->run.tag, "tag");
        QTEST(build->run.title, "title");
    }

    void buildsArePages()
    {
        const auto page = parseBuilds(answer(QStringLiteral("builds")), by);
        QVERIFY(page);
        QCOMPARE(page->runs.size(), 2);
        QCOMPARE(page->next, QStringLiteral("2"));
        QCOMPARE(page->readAt, by.at);
        QCOMPARE(page->runs[0].state, RunState::Queued);
        QVERIFY(!page->runs[0].createdAt.isValid()); // its jobs did not come whole
        QCOMPARE(page->runs[1].createdAt, QDateTime(QDate(2026, 11, 20), QTime(12, 59, 30, 123), Qt::UTC));
        QVERIFY(parseBuilds(answer(QStringLiteral("builds_last")), by)->next.isEmpty());
        const auto none = parseBuilds(answer(QStringLiteral("builds_none")), by);
        QVERIFY(none && none->runs.isEmpty() && none->next.isEmpty());
    }

    void stagesAreTheGraph()
    {
        const auto build = parseBuild(answer(QStringLiteral("build")), by);
        const auto jobs = parseJobs(answer(QStringLiteral("jobs")), by);
        QVERIFY(build && jobs);
        const RunDetail detail = detailOf(*build, *jobs, by.at);
        QCOMPARE(detail.jobs.size(), 5);
        const QStringList tests{QStringLiteral("651"), QStringLiteral("652"), QStringLiteral("653")};
        QVERIFY(detail.jobs[0].needs.isEmpty() && detail.jobs[2].needs.isEmpty());
        QCOMPARE(detail.jobs[3].needs, tests); // stage 3; there is no 2
        QCOMPARE(detail.jobs[4].needs, QStringList{QStringLiteral("654")});
        QVERIFY(!detail.graphNote.isEmpty());
        QCOMPARE(detail.jobs[3].state, RunState::NotStarted);
        QCOMPARE(detail.jobs[0].name, QStringLiteral("unit"));
        QCOMPARE(detail.jobs[0].stage, QStringLiteral("test"));
        QCOMPARE(detail.jobs[1].name, QStringLiteral("rvm 1.8.7, linux"));
        QCOMPARE(detail.jobs[2].name, QStringLiteral("job 3"));
        QVERIFY(detail.jobs[1].mayFail && !detail.jobs[0].mayFail);
        QCOMPARE(detail.jobs[1].attempt, 2);
        QCOMPARE(detail.jobs[0].runner, QStringLiteral("builds.linux"));
        QVERIFY(detail.jobs[2].hasLog && !detail.jobs[3].hasLog);
        QCOMPARE(detail.jobs[0].finishedAt, at(13, 3, 0));
        QCOMPARE(detail.jobs[0].page, QUrl(QStringLiteral("https://app.travis-ci.com/github/acme/cart/jobs/651")));
        QCOMPARE(detail.run.createdAt, QDateTime(QDate(2026, 11, 20), QTime(12, 59, 30, 123), Qt::UTC));
        QCOMPARE(detail.run.attempt, 2);
        QVERIFY(detail.canCancel && !detail.canRerun && !detail.canRerunFailed);
        QVERIFY(detail.whyNot.contains(QStringLiteral("not ended")));
    }

    void whatEndedHasNoJobsToCome()
    {
        const auto build = parseBuild(answer(QStringLiteral("build_pull")), by);
        auto jobs = parseJobs(answer(QStringLiteral("jobs")), by);
        const RunDetail detail = detailOf(*build, *jobs, by.at);
        QCOMPARE(detail.jobs[3].state, RunState::Skipped);
        QVERIFY(detail.canRerun && detail.canRerunFailed && !detail.canCancel);
        QCOMPARE(failedJobs(*jobs).size(), 1);
        while (jobs->size() < 14)
            jobs->append(jobs->at(1));
        const RunDetail many = detailOf(*build, *jobs, by.at);
        QVERIFY(many.canRerun && !many.canRerunFailed);
        QVERIFY(many.whyNot.contains(QString::number(mostRestarts)));
    }

    void rightsAreToldByPermissions()
    {
        const auto build = parseBuild(answer(QStringLiteral("build_noaccess")), by);
        QVERIFY(build->mayRestart == false && build->mayCancel == false);
        const RunDetail detail = detailOf(*build, {}, by.at);
        QVERIFY(!detail.canRerun && !detail.canCancel && !detail.canRerunFailed);
        QVERIFY(detail.whyNot.contains(QStringLiteral("acme/cart")));
    }

    void aRepositoryIsAPipeline()
    {
        const auto pipeline = parseRepository(answer(QStringLiteral("repository")), by);
        QVERIFY(pipeline);
        QCOMPARE(pipeline->ref, (PipelineRef{QStringLiteral("travis"), QStringLiteral("acme/cart"), {}}));
        QCOMPARE(pipeline->defaultBranch, QStringLiteral("main"));
        QVERIFY(pipeline->isEnabled && pipeline->canTrigger == true && pipeline->whyNotTrigger.isEmpty());
        QCOMPARE(pipeline->page, QUrl(QStringLiteral("https://app.travis-ci.com/github/acme/cart")));
        const auto off = parseRepository(answer(QStringLiteral("repository_off")), by);
        QVERIFY(!off->isEnabled && off->canTrigger == false && !off->whyNotTrigger.isEmpty());
        const auto readOnly = parseRepository(answer(QStringLiteral("repository_read")), by);
        QVERIFY(readOnly->isEnabled && readOnly->canTrigger == false && !readOnly->whyNotTrigger.isEmpty());
        const auto all = parseRepositories(answer(QStringLiteral("repositories")), by);
        QCOMPARE(all->pipelines.size(), 1);
        QCOMPARE(all->next, std::optional<int>(100));
        QCOMPARE(*parseCrons(answer(QStringLiteral("crons"))), QStringList{QStringLiteral("daily, main")});
        const QStringList crons{QStringLiteral("daily, main"), QStringLiteral("weekly, old/main"),
                                QStringLiteral("monthly")};
        QCOMPARE(cronOf(crons, QStringLiteral("main")), QStringLiteral("daily"));
        QCOMPARE(cronOf(crons, QStringLiteral("old/main")), QStringLiteral("weekly"));
        QCOMPARE(cronOf(crons, QStringLiteral("feature")), QString());
        QCOMPARE(cronOf(crons, QString()), QString());
        QCOMPARE(cronOf(crons + QStringList{QStringLiteral("weekly, main")}, QStringLiteral("main")), QString());
    }

    void requestsBecomeBuilds()
    {
        QCOMPARE(*parseAccepted(answer(QStringLiteral("accepted"))), QStringLiteral("7001"));
        const auto request = parseRequest(answer(QStringLiteral("request")));
        QCOMPARE(request->builds, QStringList{QStringLiteral("70")});
        QCOMPARE(request->buildNumbers, QStringList{QStringLiteral("417")});
        QCOMPARE(request->commitMessage, QStringLiteral("Again [01JD]"));
        const auto all = parseRequests(answer(QStringLiteral("requests")));
        QCOMPARE(all->size(), 3);
        QCOMPARE(all->at(0).result, QStringLiteral("rejected"));
        QVERIFY(all->at(0).message.startsWith(QStringLiteral("Could not authorize")));
        QVERIFY(all->at(2).result.isEmpty() && all->at(2).commitMessage.isEmpty());
    }

    void nonsenseIsASentence_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("a page") << QByteArray("<html>sign in</html>");
        QTest::newRow("cut off") << answer(QStringLiteral("builds")).left(300);
        QTest::newRow("a list") << QByteArray("[]");
        QTest::newRow("a number") << QByteArray("42");
        QTest::newRow("empty") << QByteArray("{}");
        QTest::newRow("lists of nothing")
            << QByteArray("{\"builds\": [{}], \"jobs\": [3], \"repositories\": [null], \"requests\": [[]]}");
        QTest::newRow("other kinds") << QByteArray("{\"id\": {}, \"builds\": 3, \"jobs\": \"x\", \"request\": []}");
        QTest::newRow("not UTF-8") << QByteArray("{\"id\": \"\xff\xfe\"}");
    }
    void nonsenseIsASentence()
    {
        QFETCH(QByteArray, body);
        const auto isProtocol = [](const auto &result) {
            return !result && result.error().kind == ErrorKind::Protocol && result.error().message.endsWith(u'.');
        };
        QVERIFY(isProtocol(parseBuild(body, by)));
        QVERIFY(isProtocol(parseBuilds(body, by)));
        QVERIFY(isProtocol(parseJob(body, by)));
        QVERIFY(isProtocol(parseJobs(body, by)));
        QVERIFY(isProtocol(parseRepository(body, by)));
        QVERIFY(isProtocol(parseRepositories(body, by)));
        QVERIFY(isProtocol(parseRequests(body)));
        QVERIFY(isProtocol(parseRequest(body)));
        QVERIFY(isProtocol(parseAccepted(body)));
    }

    void pagesOfEnterpriseAreBesideItsApi()
    {
        QCOMPARE(webOf(QUrl(QStringLiteral("https://travis.example.com/api"))).base,
                 QStringLiteral("https://travis.example.com/github"));
        QVERIFY(webOf(QUrl(QStringLiteral("https://127.0.0.1:8443"))).base.isEmpty());
        QVERIFY(Web{}.build(QStringLiteral("acme/cart"), QStringLiteral("1")).isEmpty());
    }

    void plansTellTheirStepsInTheJournal()
    {
        const auto build = parseBuild(answer(QStringLiteral("build_pull")), by);
        const auto jobs = parseJobs(answer(QStringLiteral("jobs")), by);
        RunOrder order;
        order.pipeline = build->run.ref.pipeline;
        order.kind = RunOrder::Kind::RerunFailed;
        order.run = build->run;
        const RunDetail detail = detailOf(*build, *jobs, by.at);
        const auto plan = rerunPlan(order, detail, *build, *jobs, QStringLiteral("travis.example.com"));
        QVERIFY(plan);
        QCOMPARE(plan->kind, OperationKind::RerunRun);
        QCOMPARE(plan->steps.size(), 1);
        QCOMPARE(plan->steps[0].call.path, QStringLiteral("/job/652/restart"));
        QCOMPARE(plan->application, QStringLiteral("acme/cart"));
        QVERIFY(!plan->isBlocked());
        const auto expected = expectedOf(plan->steps[0]);
        QVERIFY(expected && expected->kind == Expected::Kind::Restarted);
        QCOMPARE(expected->job, QStringLiteral("652"));
        QCOMPARE(expected->startedAt, at(13, 0, 10));
        QVERIFY(!expectedOf(PlanStep{}));

        order.kind = RunOrder::Kind::Cancel;
        const Plan cancel = cancelPlan(order, detail, *build, QStringLiteral("travis.example.com"));
        QCOMPARE(cancel.direction, Direction::Back);
        QVERIFY(cancel.isBlocked()); // it has ended

        order.kind = RunOrder::Kind::Trigger;
        order.reason = QStringLiteral("Try again");
        const auto pipeline = parseRepository(answer(QStringLiteral("repository")), by);
        const auto trigger = triggerPlan(order, *pipeline, QStringLiteral("travis.example.com"));
        QCOMPARE(trigger->steps[0].call.path, QStringLiteral("/repo/acme%2Fcart/requests"));
        QVERIFY(trigger->steps[0].call.body.contains(trigger->id.toUtf8()));
        QCOMPARE(expectedOf(trigger->steps[0])->mark, QStringLiteral("[%1]").arg(trigger->id));
        order.parameters.insert(QStringLiteral("LEVEL"), QStringLiteral("secret"));
        const auto refused = triggerPlan(order, *pipeline, QStringLiteral("travis.example.com"));
        QVERIFY(!refused && refused.error().kind == ErrorKind::Unsupported);
        QVERIFY(!refused.error().message.contains(QStringLiteral("secret")));
        const auto off = triggerPlan({RunOrder::Kind::Trigger, order.pipeline, {}, {}, {}, {}, true, {}, {}},
                                     *parseRepository(answer(QStringLiteral("repository_off")), by), {});
        QVERIFY(off && off->isBlocked());
    }
};

QTEST_GUILESS_MAIN(TestTravisAnswer)
#include "test_travisanswer.moc"
