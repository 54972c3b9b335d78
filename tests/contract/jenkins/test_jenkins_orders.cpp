#include "services/pipelines/restclient.h"
#include "tests/contract/jenkins/jenkinspractice.h"

#include <QTest>

using namespace signalbox;
using namespace signalbox::test;
using namespace signalbox::sandbox::ci;

// What the adapter does on the practice world's Jenkins: runs are started, repeated and stopped, gates decided.
class TestJenkinsOrders : public JenkinsPractice
{
    Q_OBJECT

private slots:
    void init() { open(); }
    void cleanup() { m_server.reset(); }

    void aNewRunIsStartedAndFound()
    {
        RunOrder order = orderOf(RunOrder::Kind::Trigger, cart());
        order.parameters = {{u("LEVEL"), u("debug")}, {u("KEY"), u("hunter2")}};
        const auto plan = waitFor(source().plan(order, {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        QVERIFY(!plan->isBlocked());
        QVERIFY(plan->steps.first().call.isSecret); // the journal keeps no digest of it
        QCOMPARE(plan->kind, OperationKind::TriggerRun);
        QString shown = plan->effect + plan->to + plan->steps.first().title + plan->steps.first().call.path +
                        QString::fromUtf8(plan->steps.first().expectation.data);
        for (const DiffLine &line : plan->steps.first().diff)
            shown += line.text;
        QVERIFY(!shown.contains(u("hunter2")));
        QVERIFY(shown.contains(u("LEVEL = debug")));
        PlanStep journaled = plan->steps.first();
        journaled.call.body.clear();
        QCOMPARE(*waitFor(m_server->runner().tookPlace(journaled, {})), false);
        const auto seen = carriedOut(*plan);
        QVERIFY2(seen, qPrintable(problem(seen)));
        QCOMPARE(seen->state, Observation::State::Effective);
        QCOMPARE(*waitFor(m_server->runner().tookPlace(journaled, {})), true);
        QCOMPARE(waitFor(m_server->runner().observe(journaled, {}, {}))->state, Observation::State::Effective);
        const auto run = m_yard->world().runByNumber(Vendor::Jenkins, "team/cart", "cart", "main", 1);
        QVERIFY(run);
        QCOMPARE(parameterOf(run->parameters, "LEVEL"), std::string("debug"));
        QCOMPARE(run->who, std::string("operator"));
        order.parameters = {{u("LEVEL"), u("loud")}};
        QCOMPARE(waitFor(source().plan(order, {})).error().kind, ErrorKind::Invalid);
        order.parameters = {};
        order.branch = u("other");
        QCOMPARE(waitFor(source().plan(order, {})).error().kind, ErrorKind::Unsupported);
    }

    void aRunIsRepeatedWithItsParameters()
    {
        const auto first = m_yard->start("team/risk", "main", "ana");
        QVERIFY(m_yard->untilPhase(first, Phase::Waiting));
        const auto plan = waitFor(source().plan(orderOf(RunOrder::Kind::Rerun, risk(), numberOf(first)), {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        QCOMPARE(plan->kind, OperationKind::RerunRun);
        const auto seen = carriedOut(*plan);
        QVERIFY2(seen, qPrintable(problem(seen)));
        QCOMPARE(seen->state, Observation::State::Effective);
        QVERIFY(m_yard->world().runByNumber(Vendor::Jenkins, "team/risk", "risk", "main", 2));
        const auto hidden = m_yard->start("team/cart", "main", "ana");
        QVERIFY(m_yard->untilPhase(hidden, Phase::Waiting));
        const auto refused = waitFor(source().plan(orderOf(RunOrder::Kind::Rerun, cart(), numberOf(hidden)), {}));
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Unsupported);
        QVERIFY(refused.error().message.contains(u("KEY")));
        QCOMPARE(waitFor(source().plan(orderOf(RunOrder::Kind::RerunFailed, risk(), numberOf(first)), {})).error().kind,
                 ErrorKind::Unsupported);
        const auto seenAgain = detail(risk(), numberOf(first));
        QVERIFY(!seenAgain->canRerunJob);
        RunOrder one = orderOf(RunOrder::Kind::Rerun, risk(), numberOf(first));
        one.job = jobOf(seenAgain->jobs, "Build").id;
        const auto alone = waitFor(source().plan(one, {}));
        QVERIFY(!alone); // and never the whole run instead
        QCOMPARE(alone.error().kind, ErrorKind::Unsupported);
        QVERIFY2(alone.error().message.contains(u("one stage alone")), qPrintable(alone.error().message));
    }

    void aRunIsStopped()
    {
        const auto id = m_yard->start("team/cart", "main", "ana");
        QVERIFY(m_yard->untilPhase(id, Phase::Running));
        const auto plan = waitFor(source().plan(orderOf(RunOrder::Kind::Cancel, cart(), numberOf(id)), {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        QCOMPARE(plan->direction, Direction::Back);
        const auto seen = carriedOut(*plan);
        QVERIFY2(seen, qPrintable(problem(seen)));
        QCOMPARE(seen->state, Observation::State::Effective);
        QCOMPARE(m_yard->run(id).phase, Phase::Cancelled);
        QCOMPARE(*waitFor(m_server->runner().tookPlace(plan->steps.first(), {})), true);
        const auto over = detail(cart(), numberOf(id));
        QCOMPARE(over->run.state, RunState::Cancelled);
        QVERIFY(over->run.reason.contains(u("The Operator")));
        const auto again = waitFor(source().plan(orderOf(RunOrder::Kind::Cancel, cart(), numberOf(id)), {}));
        QCOMPARE(stateOf(*again, CheckId::SameState), std::optional(CheckState::Block));
    }

    void whatWaitsInTheQueueSaysWhyAndLeavesIt()
    {
        const auto id = m_yard->start("team/cart", "main", "ana");
        QCOMPARE(m_yard->run(id).phase, Phase::Queued);
        const auto page = waitFor(source().runs({cart(), {}, 5, {}}, {}));
        QVERIFY2(page, qPrintable(problem(page)));
        QCOMPARE(page->runs.size(), 1);
        const Run waiting = page->runs.first();
        QCOMPARE(waiting.state, RunState::Queued);
        QVERIFY(waiting.reason.contains(u("agent-1")));
        RunOrder order = orderOf(RunOrder::Kind::Cancel, cart());
        order.run = waiting;
        const auto plan = waitFor(source().plan(order, {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        const auto seen = carriedOut(*plan);
        QVERIFY2(seen, qPrintable(problem(seen)));
        QCOMPARE(seen->state, Observation::State::Effective);
        QCOMPARE(m_yard->run(id).phase, Phase::Cancelled);
    }

    void aGateIsApproved_data()
    {
        QTest::addColumn<int>("crumbs");
        QTest::addColumn<bool>("stages");
        QTest::addColumn<bool>("tells");
        const int usual = static_cast<int>(JenkinsApi::Crumbs::ForSessions);
        const int always = static_cast<int>(JenkinsApi::Crumbs::Always);
        QTest::newRow("no protection") << static_cast<int>(JenkinsApi::Crumbs::Off) << true << true;
        QTest::newRow("token needs none") << usual << true << true;
        QTest::newRow("crumb demanded") << always << true << true;
        QTest::newRow("no stage view") << usual << false << true;
        QTest::newRow("no stage view, Blue Ocean tells") << always << false << false;
    }
    void aGateIsApproved()
    {
        QFETCH(int, crumbs);
        QFETCH(bool, stages);
        QFETCH(bool, tells);
        JenkinsApi::Options options;
        options.crumbs = static_cast<JenkinsApi::Crumbs>(crumbs);
        options.hasStageView = stages;
        options.tellsInputs = tells;
        open(options);
        const auto id = m_yard->start("team/cart", "main", "ana");
        QVERIFY(m_yard->untilPhase(id, Phase::Waiting));
        const WaitingGate gate = gateOf(cart());
        QCOMPARE(gate.title, u("Deploy to production?"));
        QCOMPARE(gate.mayDecide, std::optional(true));
        QCOMPARE(gate.deciders.size(), 2);
        QCOMPARE(gate.parameters.size(), 2);
        QVERIFY(gate.since.isValid());
        QCOMPARE(gate.branch, u("main"));
        QCOMPARE(gate.job, stages ? jobOf(detail(cart(), gate.run.id)->jobs, "Deploy").id : QString());
        GateOrder order = decisionOn(gate, true);
        order.parameters = {{u("TRACK"), u("blue")}};
        const auto plan = waitFor(m_server->gates()->plan(order, {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        QVERIFY(!plan->isBlocked());
        QVERIFY(!plan->steps.first().call.isSecret);
        QVERIFY2(plan->steps.first().call.path.endsWith(stages ? u("/wfapi/inputSubmit?inputId=Deploy")
                                                               : u("/input/Deploy/proceed")),
                 qPrintable(plan->steps.first().call.path));
        QCOMPARE(*waitFor(m_server->runner().tookPlace(plan->steps.first(), {})), false);
        const auto seen = carriedOut(*plan);
        QVERIFY2(seen, qPrintable(problem(seen)));
        QCOMPARE(seen->state, Observation::State::Effective);
        QCOMPARE(*waitFor(m_server->runner().tookPlace(plan->steps.first(), {})), true);
        const RunRecord run = m_yard->run(id);
        const JobRun *deploy = run.job(std::string_view("Deploy"));
        QCOMPARE(deploy->decisions.size(), std::size_t(1));
        QCOMPARE(deploy->decisions.front().who, std::string("operator"));
        QCOMPARE(parameterOf(deploy->answers, "TRACK"), std::string("blue"));
        QCOMPARE(parameterOf(deploy->answers, "WATCH"), std::string("15"));
        QVERIFY(waitFor(m_server->gates()->waiting({}))->isEmpty());
    }

    void aGateIsStopped()
    {
        const auto id = m_yard->start("team/cart", "main", "ana");
        QVERIFY(m_yard->untilPhase(id, Phase::Waiting));
        const auto plan = waitFor(m_server->gates()->plan(decisionOn(gateOf(cart()), false), {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        QCOMPARE(plan->direction, Direction::Back);
        const auto seen = carriedOut(*plan);
        QVERIFY2(seen, qPrintable(problem(seen)));
        QCOMPARE(seen->state, Observation::State::Effective);
        const auto over = detail(cart(), numberOf(id));
        QCOMPARE(over->run.state, RunState::Cancelled);
        QVERIFY(over->run.reason.contains(u("Rejected by The Operator")));
        QCOMPARE(*waitFor(m_server->runner().tookPlace(plan->steps.first(), {})), true);
    }

    void somebodyWasFaster_data()
    {
        QTest::addColumn<QString>("project");
        QTest::addColumn<bool>("theirs");
        QTest::newRow("by wfapi") << u("team/cart") << true;
        QTest::newRow("by the step") << u("team/risk") << true;
        QTest::newRow("stopped") << u("team/risk") << false;
    }
    void somebodyWasFaster()
    {
        QFETCH(QString, project);
        QFETCH(bool, theirs);
        const PipelineRef ref{u("ci"), project + u("/main"), {}};
        const auto id = m_yard->start(qPrintable(project), "main", "ana");
        QVERIFY(m_yard->untilPhase(id, Phase::Waiting));
        const WaitingGate gate = gateOf(ref);
        const auto plan = waitFor(m_server->gates()->plan(decisionOn(gate, true), {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        Decision decision;
        decision.who = "ben";
        decision.approves = theirs;
        QVERIFY(m_yard->world().decide(m_yard->waitingJob(id)->id, decision));
        m_yard->pass(5);
        const auto receipt = waitFor(m_server->runner().execute(plan->steps.first(), {}));
        QVERIFY(!receipt);
        QCOMPARE(receipt.error().kind, ErrorKind::Conflict);
        QVERIFY2(receipt.error().message.contains(theirs ? u("approved by ben") : u("stopped by ben")),
                 qPrintable(receipt.error().message));
        QCOMPARE(*waitFor(m_server->runner().tookPlace(plan->steps.first(), {})), false);
        const auto late = waitFor(m_server->gates()->plan(decisionOn(gate, true), {}));
        QCOMPARE(stateOf(*late, CheckId::SameState), std::optional(CheckState::Block));
    }

    void whoMayNotDecideMayStop()
    {
        const auto id = m_yard->start("team/risk", "main", "ana");
        QVERIFY(m_yard->untilPhase(id, Phase::Waiting));
        const WaitingGate gate = gateOf(risk());
        QCOMPARE(gate.mayDecide, std::nullopt); // an administrator might
        QVERIFY(gate.whyNot.contains(u("ben")));
        QVERIFY(gate.whyNot.contains(u("Job/Cancel")));
        const auto approve = waitFor(m_server->gates()->plan(decisionOn(gate, true), {}));
        QVERIFY2(approve, qPrintable(problem(approve)));
        QCOMPARE(stateOf(*approve, CheckId::Rights), std::optional(CheckState::Warn));
        const auto refused = waitFor(m_server->runner().execute(approve->steps.first(), {}));
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Forbidden);
        QVERIFY2(refused.error().message.contains(u("You need to be ben")), qPrintable(refused.error().message));
        const auto stop = waitFor(m_server->gates()->plan(decisionOn(gate, false), {}));
        const auto seen = carriedOut(*stop);
        QVERIFY2(seen, qPrintable(problem(seen)));
        QCOMPARE(seen->state, Observation::State::Effective);
        QVERIFY(isEnded(m_yard->run(id).phase));
    }

    void aMissingRightIsNamed()
    {
        JenkinsApi::Options options;
        options.mayStop = false;
        open(options);
        const auto id = m_yard->start("team/cart", "main", "ana");
        QVERIFY(m_yard->untilPhase(id, Phase::Running));
        QVERIFY(!detail(cart(), numberOf(id))->canCancel);
        const auto plan = waitFor(source().plan(orderOf(RunOrder::Kind::Cancel, cart(), numberOf(id)), {}));
        QCOMPARE(stateOf(*plan, CheckId::Rights), std::optional(CheckState::Block));
        const auto receipt = waitFor(m_server->runner().execute(plan->steps.first(), {}));
        QCOMPARE(receipt.error().kind, ErrorKind::Forbidden);
        QVERIFY(receipt.error().message.contains(u("hudson.model.Item.Cancel")));
    }

    void writesAreRefusedAsReads()
    {
        const auto id = m_yard->start("team/risk", "main", "ana");
        QVERIFY(m_yard->untilPhase(id, Phase::Waiting));
        for (const char *path :
             {"/job/team/job/risk/job/main/1/stop", "/job/team/job/risk/job/main/1/input/Release/abort",
              "/job/team/job/risk/job/main/build", "/queue/cancelItem?id=1"}) {
            const RestClient client(jenkinsConfig(m_yard->url(), m_yard->caPem()), m_http, m_token,
                                    basicHeader(u("operator")), {});
            RestClient::Ask ask;
            ask.target = path;
            QCOMPARE(waitFor(client.send(ask, {})).error().kind, ErrorKind::Unsupported); // 405
        }
        QCOMPARE(m_yard->run(id).phase, Phase::Waiting);
    }
};

QTEST_GUILESS_MAIN(TestJenkinsOrders)
#include "test_jenkins_orders.moc"
