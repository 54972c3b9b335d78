#include "services/adapters/jenkins/jenkinsserver.h"
#include "services/net/httpclient.h"
#include "tests/contract/jenkins/jenkinsyard.h"
#include "tests/support/faultserver.h"
#include "tests/support/httpwait.h"

#include <QRegularExpression>
#include <QTest>

#include <algorithm>
#include <atomic>
#include <memory>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

using Handler = std::function<void(Exchange &)>;

QString u(const char *text)
{
    return QString::fromUtf8(text);
}

const HttpHeaders asJson{{"Content-Type", "application/json"}};
const HttpHeaders asPage{{"Content-Type", "text/html"}};

Handler status(int code, const QByteArray &body = {}, const HttpHeaders &headers = {})
{
    return [=](Exchange &e) { e.answer(code, body, asPage + headers); };
}

// Of 10,000 builds those that are asked for, as ?tree=...allBuilds[...]{FROM,TO} asks. How many that were.
int longHistory(Exchange &e)
{
    static const QRegularExpression range(u("\\{(\\d+),(\\d+)\\}$"));
    const auto match = range.match(QString::fromUtf8(QByteArray::fromPercentEncoding(e.target)));
    const int from = match.captured(1).toInt();
    const int to = std::min(match.captured(2).toInt(), 10'000);
    QByteArray body = "{\"allBuilds\":[";
    for (int i = from; i < to; ++i)
        body += (i == from ? "{\"number\":" : ",{\"number\":") + QByteArray::number(10'000 - i) +
                ",\"result\":\"SUCCESS\",\"timestamp\":1700000000000,\"duration\":1000}";
    e.answer(200, body + "]}", asJson);
    return to - from;
}

} // namespace

// Servers that answer as no Jenkins should.
class TestJenkinsFaults : public QObject
{
    Q_OBJECT

    HttpClient m_http;
    OneApiToken m_token{"hunter2hunter2"};
    const PipelineRef m_pipeline{u("ci"), u("team/cart/main"), {}};

    std::unique_ptr<PipelineServer> serverOf(const FaultServer &server)
    {
        return makeJenkins(jenkinsConfig(server.url(), {}), m_http, m_token);
    }
    // A job that can be started without anything.
    static void jobAnd(Exchange &e, const Handler &build)
    {
        if (e.method == "POST")
            build(e);
        else if (e.target.startsWith("/whoAmI"))
            e.answer(200, "{\"name\":\"operator\",\"anonymous\":false,\"authorities\":[]}", asJson);
        else if (e.target.startsWith("/job/team/job/cart/job/main/api/json?tree=_class"))
            e.answer(200, "{\"_class\":\"x\",\"buildable\":true,\"nextBuildNumber\":7,\"property\":[]}", asJson);
        else if (e.target.startsWith("/crumbIssuer"))
            e.answer(200, "{\"crumb\":\"abc\",\"crumbRequestField\":\"Jenkins-Crumb\"}",
                     asJson + HttpHeaders{{"Set-Cookie", "JSESSIONID.1=node0; Path=/; HttpOnly"}});
        else
            e.answer(404, {}, asPage);
    }
    Result<PlanStep> startStep(PipelineServer &server)
    {
        RunOrder order;
        order.kind = RunOrder::Kind::Trigger;
        order.pipeline = m_pipeline;
        const auto plan = waitFor(server.source().plan(order, {}));
        if (!plan)
            return plan.error();
        return plan->steps.first();
    }

private slots:
    // Where what is looked at waits for nobody, nothing could say that there is more.
    void whatIsLeftOutIsSaidWithoutAGate_data()
    {
        QTest::addColumn<int>("underWay");
        QTest::addColumn<bool>("isTold");
        QTest::newRow("all are looked at") << 200 << true;
        QTest::newRow("one is not") << 201 << false;
    }
    void whatIsLeftOutIsSaidWithoutAGate()
    {
        QFETCH(int, underWay);
        QFETCH(bool, isTold);
        QByteArray executors = "{\"currentExecutable\":{\"_class\":\"hudson.model.FreeStyleBuild\","
                               "\"url\":\"http://ci/job/team/job/plain/1/\"}}";
        for (int i = 1; i <= underWay; ++i)
            executors += ",{\"currentExecutable\":{\"_class\":\"org.jenkinsci.plugins.workflow.job.WorkflowRun\","
                         "\"url\":\"http://ci/job/team/job/cart/" +
                         QByteArray::number(i) + "/\"}}";
        const QByteArray computer = "{\"computer\":[{\"executors\":[],\"oneOffExecutors\":[" + executors + "]}]}";
        FaultServer server([computer](Exchange &e) {
            e.answer(200,
                     e.target.startsWith("/computer") ? computer
                                                      : QByteArray("{\"status\":\"IN_PROGRESS\",\"stages\":[]}"),
                     asJson);
        });
        const auto jenkins = serverOf(server);
        const auto waiting = waitFor(jenkins->gates()->waiting({}), 20'000);
        QCOMPARE(bool(waiting), isTold);
        if (waiting) {
            QVERIFY(waiting->isEmpty());
        } else {
            QCOMPARE(waiting.error().kind, ErrorKind::Unsupported);
            QVERIFY2(waiting.error().message.contains(u("Only 200")), qPrintable(waiting.error().message));
        }
        QCOMPARE(server.requests().size(), 201);
    }

    void aBuildThatCannotBeReadHidesNoOther_data()
    {
        QTest::addColumn<Handler>("answer");
        QTest::addColumn<bool>("isAlone");
        QTest::addColumn<std::optional<ErrorKind>>("kind");
        const std::optional<ErrorKind> none;
        QTest::newRow("not allowed") << status(403, "<html>denied</html>") << false << none;
        QTest::newRow("no JSON") << status(200, "<html>Oops!</html>") << false << none;
        QTest::newRow("gone") << status(404) << false << none;
        QTest::newRow("not allowed, and no other") << status(403) << true << std::optional(ErrorKind::Forbidden);
        QTest::newRow("the server is ailing") << status(503) << false << std::optional(ErrorKind::Unreachable);
        QTest::newRow("log in again") << status(401) << false << std::optional(ErrorKind::Unauthorized);
    }
    void aBuildThatCannotBeReadHidesNoOther()
    {
        QFETCH(Handler, answer);
        QFETCH(bool, isAlone);
        QFETCH(std::optional<ErrorKind>, kind);
        const auto pipeline = [](const char *number) -> QByteArray {
            return QByteArray("{\"currentExecutable\":{\"_class\":\"org.jenkinsci.plugins.workflow.job.WorkflowRun\","
                              "\"url\":\"http://ci/job/team/job/cart/") +
                   number + "/\"}}";
        };
        const QByteArray computer = "{\"computer\":[{\"executors\":[],\"oneOffExecutors\":[" + pipeline("1") +
                                    (isAlone ? QByteArray() : QByteArray("," + pipeline("2"))) + "]}]}";
        std::atomic_bool isRead{false}; // the next time it may be
        FaultServer server([&](Exchange &e) {
            if (e.target.startsWith("/computer"))
                e.answer(200, computer, asJson);
            else if (e.target.startsWith("/job/team/job/cart/1/") && isRead)
                e.answer(200, "{\"status\":\"IN_PROGRESS\",\"stages\":[]}", asJson);
            else if (e.target.startsWith("/job/team/job/cart/1/"))
                answer(e);
            else if (e.target == "/job/team/job/cart/2/wfapi/describe")
                e.answer(200,
                         "{\"status\":\"PAUSED_PENDING_INPUT\",\"stages\":[{\"id\":\"6\",\"name\":\"Deploy\","
                         "\"status\":\"PAUSED_PENDING_INPUT\",\"startTimeMillis\":1700000000000}]}",
                         asJson);
            else if (e.target == "/job/team/job/cart/2/wfapi/pendingInputActions")
                e.answer(200, "[{\"id\":\"Deploy\",\"message\":\"Deploy?\",\"proceedText\":\"Go\",\"inputs\":[]}]",
                         asJson);
            else if (e.target.startsWith("/job/team/job/cart/2/api/json"))
                e.answer(200,
                         "{\"_class\":\"org.jenkinsci.plugins.workflow.job.WorkflowRun\",\"number\":2,"
                         "\"building\":true,\"timestamp\":1700000000000,\"url\":\"http://ci/job/team/job/cart/2/\"}",
                         asJson);
            else
                e.answer(404, {}, asPage);
        });
        const auto jenkins = serverOf(server);
        const auto waiting = waitFor(jenkins->gates()->waiting({}), 20'000);
        QCOMPARE(bool(waiting), !kind);
        if (!waiting) {
            QCOMPARE(waiting.error().kind, *kind);
            QVERIFY2(waiting.error().message.contains(u("team/cart")) || *kind != ErrorKind::Forbidden,
                     qPrintable(waiting.error().message));
            return;
        }
        QCOMPARE(waiting->size(), 1);
        QCOMPARE(waiting->first().id, u("team/cart#2#Deploy"));
        const QString unread = jenkins->gates()->unread();
        const bool isGone = QLatin1String(QTest::currentDataTag()) == QLatin1String("gone");
        QCOMPARE(unread.contains(u("team/cart#1")), !isGone);
        isRead = true;
        QVERIFY(waitFor(jenkins->gates()->waiting({}), 20'000));
        QVERIFY2(jenkins->gates()->unread().isEmpty(), qPrintable(jenkins->gates()->unread()));
    }

    void refusalsAreErrors_data()
    {
        QTest::addColumn<Handler>("handler");
        QTest::addColumn<ErrorKind>("kind");
        QTest::addColumn<QString>("says");
        QTest::newRow("401") << status(401, "<html>Invalid password/token for user</html>") << ErrorKind::Unauthorized
                             << u("token");
        QTest::newRow("403") << status(403, "<html>denied</html>",
                                       {{"X-Required-Permission", "hudson.model.Item.Read"}})
                             << ErrorKind::Forbidden << u("hudson.model.Item.Read");
        QTest::newRow("404") << status(404) << ErrorKind::NotFound << u("hides it");
        QTest::newRow("403 of a proxy") << status(403, "<html>Too many requests</html>") << ErrorKind::Forbidden
                                        << u("does not let us");
        QTest::newRow("403 as a limit") << status(403, "<html>Forbidden</html>", {{"Retry-After", "77"}})
                                        << ErrorKind::RateLimited << u("wait");
        QTest::newRow("409") << status(409) << ErrorKind::Conflict << u("otherwise");
        QTest::newRow("502") << status(502, "<html>Bad gateway</html>") << ErrorKind::Unreachable << u("502");
        QTest::newRow("503 while it starts")
            << status(503, "<html>Jenkins is getting ready to work</html>") << ErrorKind::Unreachable << u("503");
        QTest::newRow("429") << status(429, "slow down", {{"Retry-After", "77"}}) << ErrorKind::RateLimited
                             << u("wait");
        QTest::newRow("500") << status(500, "<html>Oops!</html>") << ErrorKind::Unreachable << u("500");
        QTest::newRow("a page") << status(200, "<html>Sign in</html>") << ErrorKind::Protocol << u("its API promises");
        QTest::newRow("cut JSON") << status(200, "{\"allBuilds\":[{") << ErrorKind::Protocol << u("its API promises");
        QTest::newRow("other JSON") << status(200, "{}") << ErrorKind::Protocol << u("its API promises");
        QTest::newRow("cut off") << Handler([](Exchange &e) {
            e.send("HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n{\"all");
            e.close();
        }) << ErrorKind::Protocol << QString();
    }
    void refusalsAreErrors()
    {
        QFETCH(Handler, handler);
        QFETCH(ErrorKind, kind);
        QFETCH(QString, says);
        FaultServer fault(handler);
        const auto server = serverOf(fault);
        const auto page = waitFor(server->source().runs({m_pipeline, {}, 5, {}}, {}), 20'000);
        QVERIFY(!page);
        QCOMPARE(page.error().kind, kind);
        QVERIFY2(page.error().message.contains(says), qPrintable(page.error().message));
        QVERIFY(!(page.error().message + page.error().detail).contains(u("hunter2")));
        if (kind == ErrorKind::RateLimited)
            QCOMPARE(page.error().retryAfter, std::chrono::milliseconds(77'000));
    }

    void aSlowServerIsStopped()
    {
        FaultServer fault([](Exchange &e) { e.stall(); });
        const auto server = serverOf(fault);
        StopSource stop;
        const auto gates = server->gates()->waiting(stop.get_token());
        QTRY_VERIFY(!fault.requests().isEmpty());
        QVERIFY(!gates.isFinished());
        stop.request_stop();
        QCOMPARE(waitFor(gates).error().kind, ErrorKind::Cancelled);
    }

    void tenThousandRunsComeInPagesThatCanBeStopped()
    {
        std::atomic<int> most = 0;
        std::atomic<bool> isStuck = false;
        FaultServer fault([&](Exchange &e) {
            if (isStuck) {
                e.stall();
                return;
            }
            most = std::max(most.load(), longHistory(e));
        });
        const auto server = serverOf(fault);
        RunQuery query{m_pipeline, {}, 10'000, {}}; // however many are asked for
        int count = 0;
        QString last;
        do {
            const auto page = waitFor(server->source().runs(query, {}), 20'000);
            QVERIFY2(page, page ? "" : qPrintable(page.error().message));
            count += static_cast<int>(page->runs.size());
            if (!page->runs.isEmpty()) // Jenkins does not say that a full page was the last
                last = page->runs.last().number;
            query.after = page->next;
        } while (!query.after.isEmpty());
        QCOMPARE(count, 10'000);
        QCOMPARE(last, u("1"));
        QCOMPARE(most.load(), 200);
        QVERIFY(fault.requests().size() <= 51);
        isStuck = true;
        query.after.clear();
        StopSource stop;
        const auto asked = fault.requests().size();
        const auto page = server->source().runs(query, stop.get_token());
        QTRY_VERIFY(fault.requests().size() > asked);
        stop.request_stop();
        QCOMPARE(waitFor(page).error().kind, ErrorKind::Cancelled);
    }

    void theTokenStaysWithItsHost()
    {
        FaultServer other([](Exchange &e) { e.answer(200, "{\"allBuilds\":[]}", asJson); });
        const QByteArray elsewhere = "http://localhost:" + QByteArray::number(other.port()) + "/steal";
        FaultServer fault([&](Exchange &e) { e.answer(302, {}, {{"Location", elsewhere}}); });
        const auto server = serverOf(fault);
        const auto page = waitFor(server->source().runs({m_pipeline, {}, 5, {}}, {}));
        Q_UNUSED(page) // whatever it leads to
        QVERIFY(!fault.requests().isEmpty());
        QVERIFY(fault.requests().first().header("Authorization").startsWith("Basic "));
        for (const auto &request : other.requests()) {
            QCOMPARE(request.header("Authorization"), QByteArray());
            QVERIFY(!request.target.contains("hunter2"));
        }
    }

    void aWriteIsNotSentElsewhere()
    {
        FaultServer other([](Exchange &e) { e.answer(201); });
        const QByteArray elsewhere = "http://localhost:" + QByteArray::number(other.port()) + "/steal";
        FaultServer fault([&](Exchange &e) { jobAnd(e, status(307, {}, {{"Location", elsewhere}})); });
        const auto server = serverOf(fault);
        const auto step = startStep(*server);
        QVERIFY2(step, step ? "" : qPrintable(step.error().message));
        const auto receipt = waitFor(server->runner().execute(*step, {}));
        Q_UNUSED(receipt)
        QVERIFY(other.requests().isEmpty());
    }

    void refusedWritesHaveTheirKinds_data()
    {
        QTest::addColumn<Handler>("handler");
        QTest::addColumn<ErrorKind>("kind");
        QTest::newRow("401") << status(401) << ErrorKind::Unauthorized;
        QTest::newRow("403") << status(403, {}, {{"X-Required-Permission", "hudson.model.Item.Build"}})
                             << ErrorKind::Forbidden;
        QTest::newRow("403 as a limit") << status(403, {}, {{"Retry-After", "9"}}) << ErrorKind::RateLimited;
        QTest::newRow("deleted meanwhile") << status(404) << ErrorKind::NotFound;
        QTest::newRow("disabled meanwhile") << status(409) << ErrorKind::Refused;
        QTest::newRow("429") << status(429, {}, {{"Retry-After", "9"}}) << ErrorKind::RateLimited;
        QTest::newRow("500") << status(500, "<html>Oops!</html>") << ErrorKind::OutcomeUnknown;
        QTest::newRow("504 of a proxy") << status(504) << ErrorKind::OutcomeUnknown;
    }
    void refusedWritesHaveTheirKinds()
    {
        QFETCH(Handler, handler);
        FaultServer fault([&](Exchange &e) { jobAnd(e, handler); });
        const auto server = serverOf(fault);
        const auto step = startStep(*server);
        QVERIFY2(step, step ? "" : qPrintable(step.error().message));
        const auto receipt = waitFor(server->runner().execute(*step, {}), 20'000);
        QVERIFY(!receipt);
        QTEST(receipt.error().kind, "kind");
        int posts = 0;
        for (const auto &request : fault.requests())
            posts += request.method == "POST" ? 1 : 0;
        // Never again by itself; but a login that was refused, so nothing was done, is read anew and tried once.
        QCOMPARE(posts, receipt.error().kind == ErrorKind::Unauthorized ? 2 : 1);
    }

    void aLostAnswerIsUnknownAndNeverSentAgain()
    {
        int posts = 0;
        FaultServer fault([&posts](Exchange &e) {
            jobAnd(e, [&posts](Exchange &post) {
                ++posts;
                post.reset();
            });
        });
        const auto server = serverOf(fault);
        const auto step = startStep(*server);
        QVERIFY2(step, step ? "" : qPrintable(step.error().message));
        const auto receipt = waitFor(server->runner().execute(*step, {}), 20'000);
        QVERIFY(!receipt);
        QCOMPARE(receipt.error().kind, ErrorKind::OutcomeUnknown);
        QCOMPARE(posts, 1);
    }

    void aCrumbIsShownWithItsSession()
    {
        FaultServer fault([](Exchange &e) {
            jobAnd(e, [](Exchange &post) {
                const bool isShown =
                    post.header("Jenkins-Crumb") == "abc" && post.header("Cookie") == "JSESSIONID.1=node0";
                if (isShown)
                    post.answer(201, {}, {{"Location", "https://ci.example.com/ctx/queue/item/44/"}});
                else
                    post.answer(403, "<html>No valid crumb was included in the request</html>", asPage);
            });
        });
        const auto server = serverOf(fault);
        const auto step = startStep(*server);
        QVERIFY2(step, step ? "" : qPrintable(step.error().message));
        const auto receipt = waitFor(server->runner().execute(*step, {}));
        QVERIFY2(receipt, receipt ? "" : qPrintable(receipt.error().message));
        QCOMPARE(receipt->state, "{\"queue\":44}");
        const auto again = waitFor(server->runner().execute(*step, {}));
        QVERIFY(again);
        int posts = 0;
        for (const auto &one : fault.requests())
            posts += one.method == "POST" ? 1 : 0;
        QCOMPARE(posts, 3); // the crumb is kept
    }

    void aServerThatLeadsToItsLoginDoesNotKnowUs()
    {
        FaultServer fault([](Exchange &e) {
            jobAnd(e, status(302, {}, {{"Location", "https://ci.example.com/securityRealm/commenceLogin?from=%2F"}}));
        });
        const auto server = serverOf(fault);
        const auto step = startStep(*server);
        QVERIFY2(step, step ? "" : qPrintable(step.error().message));
        QCOMPARE(waitFor(server->runner().execute(*step, {})).error().kind, ErrorKind::Unauthorized);
    }

    // The reader goes while an answer comes: its bytes are not taken any more, so the place must not count them.
    void aLogThatIsLetGoKeepsItsPlaceBeforeWhatNobodyTook()
    {
        FaultServer fault([](Exchange &e) {
            if (e.target.endsWith("start=0"))
                e.answer(200, "first\n", {{"X-Text-Size", "6"}, {"X-More-Data", "true"}});
            else
                e.answer(200, "second\n", {{"X-Text-Size", "13"}, {"X-More-Data", "true"}});
        });
        const auto server = serverOf(fault);
        StopSource stop;
        LogQuery query;
        query.run = {m_pipeline, u("7")};
        query.follow = true;
        query.place = std::make_shared<LogPlace>();
        const auto end = waitFor(server->source().log(
            query,
            [&stop](const QByteArray &bytes) {
                if (bytes.startsWith("second"))
                    stop.request_stop();
            },
            stop.get_token()));
        QVERIFY(!end);
        QCOMPARE(end.error().kind, ErrorKind::Cancelled);
        QCOMPARE(query.place->bytes.load(), 6);
        QCOMPARE(query.place->offset.load(), 6);
    }
};

QTEST_GUILESS_MAIN(TestJenkinsFaults)
#include "test_jenkins_faults.moc"
