// The adapter on the practice world's GitHub, over HTTPS; with the official description in between where it is there.
#include "tests/contract/github/githubworld.h"
#include "tests/support/checkingproxy.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QSet>
#include <QTest>

#include <algorithm>

using namespace signalbox;
using namespace signalbox::test;
using sandbox::ci::Cause;
using sandbox::ci::Phase;
using sandbox::ci::Vendor;

namespace
{

const QStringList projects{u("growth/recommender"), u("search/embedding-api")};

} // namespace

class TestGitHub : public QObject
{
    Q_OBJECT

    HttpClient m_http;
    std::unique_ptr<GitHubWorld> m_world;
    std::unique_ptr<OneToken> m_secrets;
    std::unique_ptr<PipelineServer> m_github;

    PipelineRef release() const { return {u("gh"), projects[0], u("release.yml")}; }
    PipelineSource &source() { return m_github->source(); }
    static RunRef refOf(std::int64_t run) { return {{u("gh"), projects[0], u("release.yml")}, QString::number(run)}; }

    void carryOut(const Plan &plan)
    {
        QVERIFY2(!plan.isBlocked(), qPrintable(plan.to));
        QCOMPARE(plan.steps.size(), 1);
        const PlanStep &step = plan.steps[0];
        GOT(receipt, m_github->runner().execute(step, {}));
        for (int i = 0; i < 400; ++i) {
            GOT(seen, m_github->runner().observe(step, *receipt, {}));
            QVERIFY2(seen->state != Observation::State::Failed, qPrintable(seen->text));
            if (seen->state == Observation::State::Effective)
                return;
            m_world->pass(std::chrono::seconds(5));
        }
        QFAIL("it was never seen");
    }
    Result<Run> seenRun(std::int64_t id)
    {
        const auto detail = waitFor(source().run(refOf(id), {}));
        if (!detail)
            return detail.error();
        return detail->run;
    }
    Result<WaitingGate> gateOf(std::int64_t run)
    {
        const auto gates = waitFor(m_github->gates()->waiting({}));
        if (!gates)
            return gates.error();
        for (const WaitingGate &one : *gates) {
            if (one.run.id == QString::number(run))
                return one;
        }
        return Error{ErrorKind::NotFound, u("no such gate"), {}};
    }

private slots:
    void init()
    {
        QTest::failOnWarning(QRegularExpression(u(".")));
        QString error;
        m_world = GitHubWorld::start(&error);
        QVERIFY2(m_world, qPrintable(error));
        m_secrets = std::make_unique<OneToken>(m_world->token());
        const QUrl url(m_world->url().toString() + u("/api/v3"));
        m_github = makeGitHub(githubAt(url, projects, m_world->caPem()), m_http, *m_secrets);
    }
    void cleanup()
    {
        m_github.reset();
        m_secrets.reset();
        m_world.reset();
    }

    void workflowsSayHowTheyAreStarted()
    {
        GOT(pipelines, source().pipelines({}));
        QCOMPARE(pipelines->size(), 3);
        const auto found = std::find_if(pipelines->begin(), pipelines->end(),
                                        [this](const Pipeline &one) { return one.ref == release(); });
        QVERIFY(found != pipelines->end());
        QCOMPARE(found->title, u("release"));
        QCOMPARE(found->vendor, u("GitHub Actions"));
        QCOMPARE(found->canTrigger, std::optional(true));
        QCOMPARE(found->parameters.size(), 3);
        QCOMPARE(found->parameters[0].choices, (QStringList{u("staging"), u("production")}));
        QVERIFY(found->parameters[1].kind == RunParameter::Kind::Flag);
    }

    void runsComeInPagesAndUnchangedOnesAreFree()
    {
        const PipelineRef all{u("gh"), projects[0], {}};
        GOT(first, source().runs({all, {}, 20, {}}, {}));
        QCOMPARE(first->runs.size(), 20);
        QVERIFY(!first->next.isEmpty());
        GOT(second, source().runs({all, {}, 20, first->next}, {}));
        QSet<QString> ids;
        for (const Run &run : first->runs + second->runs)
            ids.insert(run.ref.id);
        QCOMPARE(ids.size(), first->runs.size() + second->runs.size());
        QVERIFY(first->runs.first().createdAt >= second->runs.first().createdAt);
        GOT(main, source().runs({all, u("main"), 20, {}}, {}));
        for (const Run &run : main->runs)
            QCOMPARE(run.branch, u("main"));
        QVERIFY(source().budget());
        const int before = source().budget()->remaining;
        GOT(past, source().runs({release(), {}, 20, u("3/20")}, {}));
        GOT(again, source().runs({release(), {}, 20, u("3/20")}, {}));
        QCOMPARE(past->runs.size(), again->runs.size());
        QCOMPARE(source().budget()->remaining, before - 1);
        QCOMPARE(source().budget()->limit, 5000);
    }

    void aRunIsAGraph()
    {
        const std::int64_t id = m_world->runAtGate();
        QVERIFY(id != 0);
        GOT(detail, source().run(refOf(id), {}));
        QCOMPARE(detail->run.state, RunState::Waiting);
        QCOMPARE(detail->run.trigger.kind, TriggerKind::Manual);
        QHash<QString, Job> jobs;
        QHash<QString, QString> names;
        for (const Job &job : detail->jobs) {
            jobs.insert(job.name, job);
            names.insert(job.id, job.name);
        }
        QVERIFY2(jobs.contains(u("image")), qPrintable(QStringList(jobs.keys()).join(u", ")));
        QStringList needs;
        for (const QString &one : jobs[u("image")].needs)
            needs.append(names.value(one));
        needs.sort();
        QCOMPARE(needs, (QStringList{u("test (3.11)"), u("test (3.12)"), u("test (3.13)")}));
        QCOMPARE(jobs[u("deploy-production")].state, RunState::Waiting);
        QCOMPARE(jobs[u("deploy-production")].environment, u("production"));
        QVERIFY(detail->graphNote.contains(u("release.yml")));
        QVERIFY(detail->canCancel && !detail->canRerun);
        QVERIFY(jobs[u("image")].hasLog);
        const QList<JobStep> steps = jobs[u("image")].steps;
        QCOMPARE(steps.size(), 5);
        QCOMPARE(steps[2].name, u("Build and push image"));
        for (const JobStep &step : steps) {
            QCOMPARE(step.state, RunState::Passed);
            QVERIFY(step.id.isEmpty() && step.startedAt.isValid() && step.startedAt <= step.finishedAt);
        }
        QByteArray text;
        GOT(end, source().log({refOf(id), jobs[u("image")].id, {}, 0, true},
                              [&](const QByteArray &more) { text += more; }, {}));
        QCOMPARE(end->bytes, text.size());
        QVERIFY2(text.count('\n') > 3 && text.contains("Z "), text.left(200));
        const auto none = waitFor(source().tests(refOf(id), {}));
        QVERIFY(!none && none.error().kind == ErrorKind::Unsupported); // none will ever come
    }

    void aGateIsDecided_data()
    {
        QTest::addColumn<bool>("approves");
        QTest::newRow("approved") << true;
        QTest::newRow("rejected") << false;
    }
    void aGateIsDecided()
    {
        QFETCH(bool, approves);
        const std::int64_t id = m_world->runAtGate();
        QVERIFY(id != 0);
        const auto gate = gateOf(id);
        QVERIFY2(gate, gate ? "" : qPrintable(messageOf(gate.error())));
        QCOMPARE(gate->environment, u("production"));
        QCOMPARE(gate->mayDecide, std::optional(true));
        QVERIFY(gate->deciders.size() == 2 && gate->deciders[1].isGroup);
        GateOrder order;
        order.gate = *gate;
        order.approves = approves;
        order.comment = u("seen the figures");
        GOT(plan, m_github->gates()->plan(order, {}));
        QCOMPARE(plan->direction, approves ? Direction::Forward : Direction::Back);
        carryOut(*plan);
        QVERIFY(!gateOf(id));
        const auto run = m_world->world.run(id);
        QCOMPARE(run->phase == Phase::Failed, !approves);
        GOT(detail, source().run(refOf(id), {}));
        const RunDecision decided{QString::fromStdString(m_world->world.me()), approves, u("production"), {}};
        QCOMPARE(detail->decisions, QList<RunDecision>{decided});
        GOT(late, m_github->gates()->plan(order, {}));
        QVERIFY(late->isBlocked());
    }

    void somebodyElseDecides()
    {
        const std::int64_t id = m_world->runAtGate();
        const auto gate = gateOf(id);
        QVERIFY(gate);
        GateOrder order;
        order.gate = *gate;
        order.comment = u("go");
        GOT(plan, m_github->gates()->plan(order, {}));
        const auto run = m_world->world.run(id);
        const auto *job = run->job("deploy-production");
        QVERIFY(job);
        const auto &members = m_world->world.planOf(*run, *job).gate.deciders.at(1).members;
        const auto other = std::find_if(members.begin(), members.end(),
                                        [this](const std::string &one) { return one != m_world->world.me(); });
        QVERIFY(other != members.end());
        QVERIFY(bool(m_world->world.decide(job->id, {*other, false, "not now", 0})));
        const auto receipt = waitFor(m_github->runner().execute(plan->steps[0], {}));
        QVERIFY(!receipt);
        QCOMPARE(receipt.error().kind, ErrorKind::Conflict);
        QVERIFY2(receipt.error().message.contains(QString::fromStdString(*other)) &&
                     receipt.error().message.contains(u("not now")),
                 qPrintable(receipt.error().message));
    }

    void aRunIsStartedCancelledAndRunAgain()
    {
        RunOrder start;
        start.kind = RunOrder::Kind::Trigger;
        start.pipeline = release();
        start.parameters = {{u("environment"), u("production")}};
        GOT(begin, source().plan(start, {}));
        carryOut(*begin);
        GOT(page, source().runs({release(), {}, 1, {}}, {}));
        const Run made = page->runs.at(0);
        QCOMPARE(made.trigger.kind, TriggerKind::Manual);
        QCOMPARE(made.trigger.who, QString::fromStdString(m_world->world.me()));

        RunOrder stop;
        stop.kind = RunOrder::Kind::Cancel;
        stop.pipeline = release();
        stop.run = made;
        GOT(end, source().plan(stop, {}));
        QCOMPARE(end->direction, Direction::Back);
        carryOut(*end);
        const auto ended = seenRun(made.ref.id.toLongLong());
        QVERIFY(ended);
        QCOMPARE(ended->state, RunState::Cancelled);
        GOT(twice, source().plan(stop, {}));
        QVERIFY(std::any_of(twice->checks.begin(), twice->checks.end(), [](const Check &one) {
            return one.id == CheckId::SameState && one.state == CheckState::Block;
        }));

        RunOrder again;
        again.kind = RunOrder::Kind::Rerun;
        again.pipeline = release();
        again.run = *ended;
        GOT(rerun, source().plan(again, {}));
        carryOut(*rerun);
        const auto second = seenRun(made.ref.id.toLongLong());
        QVERIFY(second);
        QCOMPARE(second->attempt, 2);
        const auto late = waitFor(m_github->runner().execute(rerun->steps[0], {}));
        QVERIFY(!late);
        QCOMPARE(late.error().kind, ErrorKind::Conflict);
    }

    void oneJobRunsAgain()
    {
        const std::int64_t id = m_world->runAtGate();
        QVERIFY(id != 0);
        QVERIFY(bool(m_world->world.cancel(id, m_world->world.me())));
        QVERIFY(m_world->until([&] { return m_world->world.run(id)->phase == Phase::Cancelled; }));
        GOT(detail, source().run(refOf(id), {}));
        const auto job = std::find_if(detail->jobs.begin(), detail->jobs.end(),
                                      [](const Job &one) { return one.name == u("deploy-staging"); });
        QVERIFY(job != detail->jobs.end());
        RunOrder order;
        order.kind = RunOrder::Kind::Rerun;
        order.pipeline = release();
        order.run = detail->run;
        order.job = job->id;
        GOT(plan, source().plan(order, {}));
        QVERIFY2(plan->steps.at(0).call.path.endsWith(u("/actions/jobs/") + job->id + u("/rerun")),
                 qPrintable(plan->steps.at(0).call.path));
        QVERIFY2(plan->effect.contains(u("deploy-staging")), qPrintable(plan->effect));
        GOT(before, m_github->runner().tookPlace(plan->steps[0], {}));
        QVERIFY(!*before);
        carryOut(*plan);
        const auto run = m_world->world.run(id);
        QCOMPARE(run->attempt, 2);
        QVERIFY(run->job("deploy-staging")->id != job->id.toLongLong());
        QCOMPARE(run->job("image")->attempt, 1); // what did not fail stays as it is
        QCOMPARE(detail->attempts, 1);
        GOT(again, source().run(refOf(id), {}));
        QVERIFY(again->attempts == 2 && again->run.attempt == 2 && !isEarlierAttempt(*again));
        const auto late = waitFor(source().plan(order, {}));
        QVERIFY(!late && late.error().kind == ErrorKind::Conflict); // that try is of the past
    }

    // As it ended, whatever became of the run since; what can be done, can be done with the newest.
    void anEarlierAttemptIsRead()
    {
        const std::int64_t id = m_world->runAtGate();
        QVERIFY(id != 0);
        QVERIFY(bool(m_world->world.cancel(id, m_world->world.me())));
        QVERIFY(m_world->until([&] { return m_world->world.run(id)->phase == Phase::Cancelled; }));
        GOT(before, source().run(refOf(id), {}));
        const auto staging = std::find_if(before->jobs.begin(), before->jobs.end(),
                                          [](const Job &one) { return one.name == u("deploy-staging"); });
        QVERIFY(staging != before->jobs.end() && staging->hasLog);
        QVERIFY(bool(m_world->world.rerun(id, false, m_world->world.me())));

        GOT(now, source().run(refOf(id), {}));
        QVERIFY(now->attempts == 2 && now->run.attempt == 2 && now->canCancel);
        GOT(then, source().attempt(refOf(id), 1, {}));
        QVERIFY(isEarlierAttempt(*then));
        QCOMPARE(then->run.ref, now->run.ref);
        QCOMPARE(then->run.attempt, 1);
        QCOMPARE(then->attempts, 2);
        QCOMPARE(then->run.state, RunState::Cancelled);
        QCOMPARE(then->run.finishedAt, before->run.finishedAt);
        QCOMPARE(then->annotations.size(), before->annotations.size());
        QHash<QString, RunState> states;
        for (const Job &job : then->jobs)
            states.insert(job.id, job.state);
        for (const Job &job : before->jobs)
            QCOMPARE(states.value(job.id, RunState::Unknown), job.state);
        QCOMPARE(then->jobs.size(), before->jobs.size());
        QVERIFY(!then->canRerun && !then->canRerunFailed && !then->canRerunJob && !then->canCancel);
        QVERIFY2(then->whyNot.contains(u("attempt 1 of 2")), qPrintable(then->whyNot));
        QVERIFY2(then->run.page.path().endsWith(u("/attempts/1")), qPrintable(then->run.page.path()));
        QVERIFY(then->artifacts.isEmpty() && then->note.contains(u("which attempt left an artifact")));
        QByteArray text;
        GOT(log,
            source().log({refOf(id), staging->id, {}, 0, false}, [&](const QByteArray &more) { text += more; }, {}));
        QVERIFY(log->isComplete && text.count('\n') > 3);

        GOT(newest, source().attempt(refOf(id), 2, {}));
        QVERIFY(!isEarlierAttempt(*newest) && newest->canCancel);
        const auto none = waitFor(source().attempt(refOf(id), 3, {}));
        QVERIFY(!none);
        QCOMPARE(none.error().kind, ErrorKind::NotFound);
        QVERIFY2(none.error().message.contains(u("no attempt 3")), qPrintable(none.error().message));
    }

    void aBranchThatMovedIsTold()
    {
        RunOrder order;
        order.kind = RunOrder::Kind::Trigger;
        order.pipeline = release();
        order.parameters = {{u("environment"), u("staging")}};
        GOT(plan, source().plan(order, {}));
        const QString shown = plan->toHash;
        QCOMPARE(shown.size(), 40);
        QVERIFY2(plan->to.contains(shown.left(8)), qPrintable(plan->to));
        m_world->pass(std::chrono::seconds(60));
        const auto pushed =
            m_world->world.start({Vendor::GitHub, "growth/recommender", "ci", "main", {}, {}, Cause::Push, "x", {}});
        QVERIFY(bool(pushed));
        const QString moved = QString::fromStdString(m_world->world.run(pushed.run)->commit);
        QVERIFY(moved != shown);
        GOT(receipt, m_github->runner().execute(plan->steps[0], {}));
        GOT(seen, m_github->runner().observe(plan->steps[0], *receipt, {}));
        QCOMPARE(seen->state, Observation::State::Failed);
        const QString says = u("runs commit %1, not %2 which was shown").arg(moved.left(8), shown.left(8));
        QVERIFY2(seen->text.contains(says), qPrintable(seen->text));
    }

    void whatIsGoneIsSaidToBeGone()
    {
        const std::int64_t id = m_world->runAtGate();
        QVERIFY(m_world->world.remove(id));
        const auto detail = waitFor(source().run(refOf(id), {}));
        QVERIFY(!detail);
        QCOMPARE(detail.error().kind, ErrorKind::NotFound);
    }

    void theLimitIsHonoured()
    {
        m_world->api.setRemaining(0);
        const auto runs = waitFor(source().runs({release(), {}, 10, {}}, {}));
        QVERIFY(!runs);
        QCOMPARE(runs.error().kind, ErrorKind::RateLimited);
        QVERIFY(runs.error().retryAfter > std::chrono::minutes(50));
        QCOMPARE(source().budget()->remaining, 0);
    }

    void aWrongTokenIsRefused()
    {
        OneToken wrong("ghp_nonsense");
        const auto github = makeGitHub(githubAt(m_world->url(), projects, m_world->caPem()), m_http, wrong);
        const auto runs = waitFor(github->source().runs({release(), {}, 10, {}}, {}));
        QVERIFY(!runs);
        QCOMPARE(runs.error().kind, ErrorKind::Unauthorized);
    }

    // Which calls were held against the description: "GET /actions/runs/N", below the repository's address.
    static QSet<QString> callsOf(const CheckingProxy &proxy)
    {
        static const QRegularExpression number(u("/\\d+(?=/|$)"));
        static const QRegularExpression name(u("/git/ref/.*$"));
        QSet<QString> calls;
        for (const QByteArray &line : proxy.text("checked").split('\n')) {
            QString call = QJsonDocument::fromJson(line).object().value(u("call")).toString();
            call.remove(u("the body of ")).remove(u("/repos/") + projects[0]).remove(u("/repos/") + projects[1]);
            calls.insert(call.section(u'?', 0, 0).replace(name, u("/git/ref/NAME")).replace(number, u("/N")));
        }
        return calls;
    }

    // Every question of the adapter and every answer of the stand-in, held against GitHub's own description.
    void nothingLeavesTheOfficialDescription()
    {
        const QString contracts = qEnvironmentVariable("SIGNALBOX_CONTRACTS");
        const QString file = contracts + u("/github/api.github.com.release-paths.json");
        if (contracts.isEmpty() || !QFile::exists(file))
            QSKIP("SIGNALBOX_CONTRACTS does not name the folder of the official descriptions");
        QTemporaryDir folder;
        QFile ca(folder.filePath(u("ca.pem")));
        QVERIFY(ca.open(QIODevice::WriteOnly) && ca.write(m_world->caPem()) > 0);
        ca.close();
        QString error;
        const auto proxy =
            CheckingProxy::start({u("--description"), file, u("--newer"),
                                  QStringLiteral(SIGNALBOX_SOURCE_DIR "/tests/lab/openapi/github-newer.json")},
                                 m_world->url(), ca.fileName(), &error);
        QVERIFY2(proxy, qPrintable(error));
        // Logs are fetched where GitHub says they lie, which is not behind the proxy.
        m_github = makeGitHub(githubAt(QUrl(QString::fromUtf8(proxy->address())), projects,
                                       proxy->certificate() + '\n' + m_world->caPem()),
                              m_http, *m_secrets);
        const std::int64_t id = m_world->runAtGate();
        GOT(pipelines, source().pipelines({}));
        for (const Pipeline &one : *pipelines) {
            GOT(page, source().runs({one.ref, {}, 30, {}}, {}));
            int seen = 0;
            for (const Run &run : page->runs) {
                if (run.state == RunState::Failed || seen < 3) {
                    GOT(detail, source().run(run.ref, {}));
                    ++seen;
                }
            }
        }
        GOT(detail, source().run(refOf(id), {}));
        const auto gate = gateOf(id);
        QVERIFY(gate);
        GateOrder order;
        order.gate = *gate;
        order.comment = u("go");
        GOT(decide, m_github->gates()->plan(order, {}));
        carryOut(*decide);
        const auto logged = std::find_if(detail->jobs.begin(), detail->jobs.end(),
                                         [](const Job &one) { return one.name == u("image"); });
        QVERIFY(logged != detail->jobs.end());
        QByteArray text;
        GOT(log,
            source().log({refOf(id), logged->id, {}, 0, false}, [&](const QByteArray &more) { text += more; }, {}));
        QVERIFY(log->isComplete && text.count('\n') > 3);
        const std::int64_t refused = m_world->runAtGate();
        const auto another = gateOf(refused);
        QVERIFY(another);
        order.gate = *another;
        order.approves = false;
        order.comment = u("not today");
        GOT(reject, m_github->gates()->plan(order, {}));
        carryOut(*reject);
        QCOMPARE(m_world->world.run(refused)->phase, Phase::Failed);
        RunOrder start;
        start.kind = RunOrder::Kind::Trigger;
        start.pipeline = release();
        start.parameters = {{u("environment"), u("staging")}, {u("note"), u("x")}};
        GOT(begin, source().plan(start, {}));
        carryOut(*begin);
        GOT(newest, source().runs({release(), {}, 1, {}}, {}));
        RunOrder stop;
        stop.kind = RunOrder::Kind::Cancel;
        stop.pipeline = release();
        stop.run = newest->runs.at(0);
        GOT(end, source().plan(stop, {}));
        carryOut(*end);
        stop.kind = RunOrder::Kind::RerunFailed;
        GOT(again, source().plan(stop, {}));
        carryOut(*again);
        // Back to what an environment had before.
        DeploymentSource &deployments = *m_github->deployments();
        GOT(environments, deployments.environments(projects[0], {}));
        QVERIFY(environments->contains(u("staging")));
        GOT(told, deployments.deployments(projects[0], u("staging"), {}));
        const auto older = std::find_if(told->all.begin(), told->all.end(), [&](const EnvironmentDeployment &one) {
            return told->live() && one.state == RunState::Passed && one.commit != told->live()->commit;
        });
        QVERIFY(older != told->all.end());
        GOT(back, deployments.plan({release(), u("staging"), older->id, {}, false, {}}, {}));
        carryOut(*back);
        stop.kind = RunOrder::Kind::Cancel;
        GOT(stopped, source().plan(stop, {}));
        carryOut(*stopped);
        GOT(tried, source().run(stop.run->ref, {}));
        stop.kind = RunOrder::Kind::Rerun;
        stop.run = tried->run;
        const auto failed = std::find_if(tried->jobs.begin(), tried->jobs.end(),
                                         [](const Job &one) { return one.state == RunState::Cancelled; });
        QVERIFY(failed != tried->jobs.end());
        stop.job = failed->id;
        GOT(oneJob, source().plan(stop, {}));
        carryOut(*oneJob);
        GOT(last, source().run(stop.run->ref, {}));
        stop.kind = RunOrder::Kind::Cancel;
        stop.run = last->run;
        GOT(ended, source().plan(stop, {}));
        carryOut(*ended);
        stop.kind = RunOrder::Kind::Rerun;
        stop.job.clear();
        GOT(whole, source().plan(stop, {}));
        carryOut(*whole);
        GOT(once, source().attempt(stop.run->ref, 1, {}));
        QVERIFY(isEarlierAttempt(*once));
        QVERIFY2(proxy->text("violations").isEmpty(), proxy->text("violations").left(3000));
        QVERIFY(proxy->checked("status 200") >= 40);
        QCOMPARE(proxy->checked("status 201"), 4); // failed jobs, one job, all, an older deployment
        QCOMPARE(proxy->checked("status 202"), 3); // cancelled
        QVERIFY(proxy->checked("body") >= 3);
        const QSet<QString> calls = callsOf(*proxy);
        for (const char *call : {"GET /user",
                                 "GET ",
                                 "GET /actions/workflows",
                                 "GET /actions/workflows/release.yml/runs",
                                 "POST /actions/workflows/release.yml/dispatches",
                                 "GET /actions/runs",
                                 "GET /actions/runs/N",
                                 "GET /actions/runs/N/jobs",
                                 "GET /actions/runs/N/attempts/N",
                                 "GET /actions/runs/N/attempts/N/jobs",
                                 "GET /actions/runs/N/artifacts",
                                 "GET /actions/runs/N/approvals",
                                 "GET /actions/runs/N/pending_deployments",
                                 "POST /actions/runs/N/pending_deployments",
                                 "POST /actions/runs/N/cancel",
                                 "POST /actions/runs/N/rerun",
                                 "POST /actions/runs/N/rerun-failed-jobs",
                                 "GET /actions/jobs/N",
                                 "POST /actions/jobs/N/rerun",
                                 "GET /check-suites/N/check-runs",
                                 "GET /check-runs/N/annotations",
                                 "GET /deployments",
                                 "GET /deployments/N/statuses",
                                 "GET /environments",
                                 "GET /git/ref/NAME"})
            QVERIFY2(calls.contains(u(call)), call);
    }
};

QTEST_GUILESS_MAIN(TestGitHub)
#include "test_github.moc"
