// The adapter on servers that answer as they should not, and what it asks for where it matters.
#include "tests/contract/github/githubdesk.h"
#include "tests/support/faultserver.h"

#include <QRegularExpression>
#include <QSet>
#include <QTest>

#include <nlohmann/json.hpp>

#include <atomic>
#include <functional>
#include <mutex>

using namespace signalbox;
using namespace signalbox::test;
using Json = nlohmann::json;

namespace
{

const QByteArray token = "ghp_0123456789abcdefghij";
const RunRef theRun{{u("gh"), u("acme/cart"), u("release.yml")}, u("77")};

Json user(const char *login)
{
    return {{"login", login}};
}

Json runJson(const char *status = "in_progress", const Json &conclusion = nullptr, int attempt = 1)
{
    return {{"id", 77},
            {"name", "release"},
            {"path", ".github/workflows/release.yml"},
            {"run_number", 12},
            {"run_attempt", attempt},
            {"event", "push"},
            {"status", status},
            {"conclusion", conclusion},
            {"workflow_id", 5},
            {"head_branch", "main"},
            {"head_sha", std::string(40, 'a')},
            {"display_title", "Sell more"},
            {"created_at", "2026-03-01T10:00:00Z"},
            {"updated_at", "2026-03-01T10:05:00Z"},
            {"run_started_at", "2026-03-01T10:00:01Z"},
            {"triggering_actor", user("ann")}};
}

Json pendingJson()
{
    return Json::array({{{"environment", {{"id", 9}, {"name", "production"}}},
                         {"wait_timer", 0},
                         {"wait_timer_started_at", nullptr},
                         {"current_user_can_approve", true},
                         {"reviewers", Json::array({{{"type", "User"}, {"reviewer", user("ann")}}})}}});
}

Json reviewJson(const char *who, const char *state, const char *comment)
{
    return {{"environments", Json::array({{{"id", 9}, {"name", "production"}}})},
            {"user", user(who)},
            {"state", state},
            {"comment", comment}};
}

HttpHeaders json()
{
    return {{"Content-Type", "application/json"}};
}

// Answers by the path; what is not there is not found.
class Pages
{
public:
    void set(const QByteArray &path, const Json &body)
    {
        const std::lock_guard lock(m_lock);
        m_pages[path] = QByteArray::fromStdString(body.dump());
    }
    void answer(Exchange &e) const
    {
        const std::lock_guard lock(m_lock);
        const QByteArray path = e.target.split('?').constFirst();
        if (m_pages.contains(path))
            e.answer(200, m_pages.value(path), json());
        else
            e.answer(404, "{\"message\":\"Not Found\"}", json());
    }

private:
    mutable std::mutex m_lock;
    QHash<QByteArray, QByteArray> m_pages;
};

const QByteArray repository = "/repos/acme/cart";
const QByteArray runPath = repository + "/actions/runs/77";

} // namespace

class TestGitHubFaults : public QObject
{
    Q_OBJECT

    HttpClient m_http;
    OneToken m_secrets{token};

    std::unique_ptr<PipelineServer> at(const FaultServer &server, const QByteArray &prefix = {})
    {
        return makeGitHub(githubAt(QUrl(server.url().toString() + QString::fromLatin1(prefix)), {u("acme/cart")}),
                          m_http, m_secrets);
    }

private slots:
    void init() { QTest::failOnWarning(QRegularExpression(u("."))); }

    void aRefusalIsToldAsWhatItIs_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("header");
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<ErrorKind>("kind");
        QTest::addColumn<int>("seconds");
        const QByteArray none;
        QTest::newRow("token") << 401 << none << none << QByteArray("{\"message\":\"Bad credentials\"}")
                               << ErrorKind::Unauthorized << 0;
        QTest::newRow("right") << 403 << none << none
                               << QByteArray("{\"message\":\"Resource not accessible by personal access token\"}")
                               << ErrorKind::Forbidden << 0;
        QTest::newRow("primary limit") << 403 << QByteArray("X-RateLimit-Remaining") << QByteArray("0")
                                       << QByteArray("{\"message\":\"API rate limit exceeded\"}")
                                       << ErrorKind::RateLimited << 60;
        QTest::newRow("secondary limit") << 403 << QByteArray("Retry-After") << QByteArray("45")
                                         << QByteArray("{\"message\":\"secondary rate limit\"}")
                                         << ErrorKind::RateLimited << 45;
        QTest::newRow("too many") << 429 << QByteArray("Retry-After") << QByteArray("90") << none
                                  << ErrorKind::RateLimited << 90;
        QTest::newRow("deleted") << 404 << none << none << QByteArray("{\"message\":\"Not Found\"}")
                                 << ErrorKind::NotFound << 0;
        QTest::newRow("otherwise by now")
            << 409 << none << none << QByteArray("{\"message\":\"Conflict\"}") << ErrorKind::Conflict << 0;
        QTest::newRow("no longer kept") << 410 << none << none << none << ErrorKind::NotFound << 0;
        QTest::newRow("garbage") << 200 << none << none << QByteArray("{\"workflow_runs\": [") << ErrorKind::Protocol
                                 << 0;
        QTest::newRow("a page") << 200 << none << none << QByteArray("<html>sign in</html>") << ErrorKind::Protocol
                                << 0;
    }
    void aRefusalIsToldAsWhatItIs()
    {
        QFETCH(int, status);
        QFETCH(QByteArray, header);
        QFETCH(QByteArray, value);
        QFETCH(QByteArray, body);
        QFETCH(ErrorKind, kind);
        QFETCH(int, seconds);
        FaultServer server([&](Exchange &e) {
            HttpHeaders headers = json();
            headers.append({"X-RateLimit-Reset", QByteArray::number(QDateTime::currentSecsSinceEpoch() + 60)});
            if (!header.isEmpty())
                headers.append({header, value});
            e.answer(status, body, headers);
        });
        const auto github = at(server);
        const auto runs = waitFor(github->source().runs({theRun.pipeline, {}, 30, {}}, {}));
        QVERIFY(!runs);
        QCOMPARE(runs.error().kind, kind);
        QVERIFY(runs.error().message.contains(u("acme/cart")) || kind == ErrorKind::Protocol);
        QVERIFY(!messageOf(runs.error()).contains(QString::fromLatin1(token)));
        if (seconds > 0) {
            const auto wait = std::chrono::duration_cast<std::chrono::seconds>(runs.error().retryAfter).count();
            QVERIFY2(wait >= seconds - 3 && wait <= seconds, qPrintable(QString::number(wait)));
            // And until then nobody asks.
            const auto asked = server.requests().size();
            const auto again = waitFor(github->source().runs({theRun.pipeline, {}, 30, {}}, {}));
            QVERIFY(!again && again.error().kind == ErrorKind::RateLimited && again.error().retryAfter.count() > 0);
            QCOMPARE(server.requests().size(), asked);
        }
    }

    void aServerThatFailsIsSaidToFail()
    {
        FaultServer server([](Exchange &e) { e.answer(500, "{}", json()); });
        const auto runs = waitFor(at(server)->source().runs({theRun.pipeline, {}, 30, {}}, {}));
        QVERIFY(!runs);
        QCOMPARE(runs.error().kind, ErrorKind::Unreachable);
    }

    // What is gone hides none of the others. What cannot be read now must not look as if it were gone.
    void aListOfPipelinesIsWholeOrNone_data()
    {
        QTest::addColumn<bool>("isGone");
        QTest::addColumn<bool>("isBroken");
        QTest::addColumn<int>("pipelines"); // -1: none, for this
        QTest::addColumn<int>("kind");
        QTest::newRow("all are there") << false << false << 3 << 0;
        QTest::newRow("one is gone") << true << false << 2 << 0;
        QTest::newRow("one fails") << false << true << -1 << int(ErrorKind::Unreachable);
        QTest::newRow("one is gone, another fails") << true << true << -1 << int(ErrorKind::Unreachable);
    }
    void aListOfPipelinesIsWholeOrNone()
    {
        QFETCH(bool, isGone);
        QFETCH(bool, isBroken);
        QFETCH(int, pipelines);
        QFETCH(int, kind);
        FaultServer server([isGone, isBroken](Exchange &e) {
            const QByteArray path = e.target.split('?').constFirst();
            if (path.contains("/contents/") || (isGone && path.startsWith("/repos/acme/first")))
                e.answer(404, "{\"message\":\"Not Found\"}", json());
            else if (isBroken && path.startsWith("/repos/acme/second"))
                e.answer(500, "{}", json());
            else if (path.endsWith("/actions/workflows"))
                e.answer(200,
                         "{\"workflows\":[{\"id\":5,\"name\":\"release\",\"path\":\".github/workflows/release.yml\","
                         "\"state\":\"active\"}]}",
                         json());
            else
                e.answer(200, "{\"full_name\":\"acme/any\",\"default_branch\":\"main\"}", json());
        });
        const auto github =
            makeGitHub(githubAt(server.url(), {u("acme/first"), u("acme/second"), u("acme/third")}), m_http, m_secrets);
        const auto all = waitFor(github->source().pipelines({}), 30'000);
        if (pipelines < 0) {
            QVERIFY(!all);
            QCOMPARE(int(all.error().kind), kind);
            return;
        }
        QVERIFY2(all, all ? "" : qPrintable(messageOf(all.error())));
        QCOMPARE(all->size(), pipelines);
        QCOMPARE(all->last().ref.project, u("acme/third")); // in the order of the workspace
    }

    void tenThousandRunsAreReadInPages()
    {
        FaultServer server([](Exchange &e) {
            const QString target = QString::fromLatin1(e.target);
            const auto number = [&target](const char *key) {
                const auto found = QRegularExpression(u("[?&]") + u(key) + u("=(\\d+)")).match(target);
                return found.captured(1).toInt();
            };
            const int page = number("page");
            const int size = number("per_page");
            QByteArray body = "{\"total_count\":10000,\"workflow_runs\":[";
            for (int i = 0; i < size; ++i) {
                const QByteArray id = QByteArray::number(10'000 - (page - 1) * size - i);
                body += (i > 0 ? ",{\"id\":" : "{\"id\":") + id + ",\"status\":\"completed\",\"workflow_id\":5}";
            }
            HttpHeaders headers = json();
            if (page * size < 10'000)
                headers.append({"Link", "<http://" + e.header("Host") + repository +
                                            "/actions/runs?per_page=" + QByteArray::number(size) +
                                            "&page=" + QByteArray::number(page + 1) + ">; rel=\"next\""});
            e.answer(200, body + "]}", headers);
        });
        const auto github = at(server);
        RunQuery query{theRun.pipeline, {}, 100, {}};
        QSet<QString> ids;
        int pages = 0;
        do {
            GOT(page, github->source().runs(query, {}));
            ++pages;
            for (const Run &run : page->runs)
                ids.insert(run.ref.id);
            query.after = page->next;
        } while (!query.after.isEmpty() && pages <= 100);
        QCOMPARE(pages, 100);
        QCOMPARE(ids.size(), 10'000);
        QCOMPARE(server.requests().size(), 100);
    }

    void anAnswerThatBreaksOffIsNoEmptyList()
    {
        FaultServer server([](Exchange &e) {
            e.send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                   "5000\r\n\r\n{\"workflow_runs\":[]");
            e.close();
        });
        const auto runs = waitFor(at(server)->source().runs({theRun.pipeline, {}, 30, {}}, {}), 30'000);
        QVERIFY(!runs);
        QCOMPARE(runs.error().kind, ErrorKind::Protocol);
    }

    void aStopEndsAQuestion()
    {
        FaultServer server([](Exchange &e) { e.stall(); });
        StopSource stop;
        const auto github = at(server);
        const auto asked = github->source().runs({theRun.pipeline, {}, 30, {}}, stop.get_token());
        QTRY_VERIFY(!server.requests().isEmpty());
        stop.request_stop();
        const auto runs = waitFor(asked);
        QVERIFY(!runs);
        QCOMPARE(runs.error().kind, ErrorKind::Cancelled);
    }

    void aCompanysServerHasItsOwnPrefixAndEncodedNames()
    {
        FaultServer server([](Exchange &e) { e.answer(200, "{\"workflow_runs\":[]}", json()); });
        const PipelineRef odd{u("gh"), u("acme/cart"), u("a b%2F../x?.yml")};
        GOT(runs, at(server, "/api/v3")->source().runs({odd, u("feature/x&y"), 10, {}}, {}));
        QCOMPARE(server.requests().size(), 1);
        const auto request = server.requests().at(0);
        QCOMPARE(request.target, QByteArray("/api/v3/repos/acme/cart/actions/workflows/a%20b%252F..%2Fx%3F.yml/runs?"
                                            "exclude_pull_requests=true&per_page=10&page=1&branch=feature%2Fx%26y"));
        QCOMPARE(request.header("Authorization"), "Bearer " + token);
        QCOMPARE(request.header("X-GitHub-Api-Version"), QByteArray("2022-11-28"));
        QCOMPARE(request.header("Accept"), QByteArray("application/vnd.github+json"));
    }

    void theTokenStaysWithItsServer()
    {
        FaultServer store([](Exchange &e) { e.answer(200, "line one\nline two\n"); });
        Pages pages;
        pages.set(repository + "/actions/jobs/5",
                  {{"id", 5}, {"name", "build"}, {"status", "completed"}, {"conclusion", "success"}});
        FaultServer server([&](Exchange &e) {
            if (e.target.endsWith("/logs"))
                e.answer(302, {}, {{"Location", store.url().toString().toUtf8() + "/blob?sig=once"}});
            else
                pages.answer(e);
        });
        const auto github = at(server);
        QByteArray text;
        GOT(end,
            github->source().log({theRun, u("5"), {}, 5, false}, [&](const QByteArray &more) { text += more; }, {}));
        QCOMPARE(text, QByteArray("one\nline two\n"));
        QCOMPARE(end->bytes, 18);
        QVERIFY(end->isComplete);
        QCOMPARE(store.requests().size(), 1);
        QVERIFY(store.requests().at(0).header("Authorization").isEmpty());
    }

    void theTokenOfAReadStaysWithItsServer()
    {
        FaultServer other([](Exchange &e) { e.answer(200, "{\"workflow_runs\":[]}", json()); });
        const QByteArray elsewhere = "http://localhost:" + QByteArray::number(other.port()) + "/steal";
        FaultServer server([&](Exchange &e) { e.answer(302, {}, {{"Location", elsewhere}}); });
        const auto runs = waitFor(at(server)->source().runs({theRun.pipeline, {}, 30, {}}, {}));
        Q_UNUSED(runs) // whatever it leads to
        QVERIFY(!server.requests().isEmpty());
        QCOMPARE(server.requests().at(0).header("Authorization"), "Bearer " + token);
        QVERIFY(!other.requests().isEmpty()); // or nothing is shown by it
        for (const auto &request : other.requests()) {
            QCOMPARE(request.header("Authorization"), QByteArray());
            QVERIFY(!request.target.contains(token));
        }
    }

    void aLogIsThereWhenItsJobHasEnded()
    {
        std::atomic<int> looks = 0;
        FaultServer server([&](Exchange &e) {
            if (e.target.endsWith("/logs")) {
                e.answer(200, "all of it\n");
                return;
            }
            const bool hasEnded = ++looks > 3;
            const Json job = {{"id", 5},
                              {"name", "build"},
                              {"status", hasEnded ? "completed" : "in_progress"},
                              {"conclusion", hasEnded ? Json("success") : Json()}};
            e.answer(200, QByteArray::fromStdString(job.dump()), json());
        });
        const auto github = at(server);
        dynamic_cast<github::GitHubSource &>(github->source()).setLogPatience(std::chrono::milliseconds(5));
        QByteArray text;
        const auto take = [&](const QByteArray &more) { text += more; };
        GOT(now, github->source().log({theRun, u("5"), {}, 0, false}, take, {}));
        QVERIFY(!now->isComplete && !now->note.isEmpty() && text.isEmpty());
        GOT(later, github->source().log({theRun, u("5"), {}, 0, true}, take, {}));
        QVERIFY(later->isComplete && later->note.isEmpty());
        QCOMPARE(text, QByteArray("all of it\n"));
        const auto step = waitFor(github->source().log({theRun, u("5"), u("1"), 0, false}, take, {}));
        QVERIFY(!step && step.error().kind == ErrorKind::Unsupported);
    }

    void testsAreToldToBeElsewhere()
    {
        FaultServer server([](Exchange &e) { e.answer(500); });
        const auto tests = waitFor(at(server)->source().tests(theRun, {}));
        QVERIFY(!tests);
        QCOMPARE(tests.error().kind, ErrorKind::Unsupported); // not: there are none yet
        QVERIFY(server.requests().isEmpty());
    }

    void withoutItsFileTheGraphIsGuessedAndSaysSo()
    {
        Pages pages;
        pages.set(repository,
                  {{"full_name", "acme/cart"}, {"default_branch", "main"}, {"permissions", {{"push", false}}}});
        pages.set(runPath, runJson("completed", "success"));
        const auto job = [](int id, const char *name, const char *from, const char *to) -> Json {
            return {{"id", id},           {"name", name},      {"status", "completed"}, {"conclusion", "success"},
                    {"started_at", from}, {"completed_at", to}};
        };
        pages.set(runPath + "/jobs", {{"jobs",
                                       {job(1, "build", "2026-03-01T10:00:05Z", "2026-03-01T10:01:00Z"),
                                        job(2, "deploy", "2026-03-01T10:01:05Z", "2026-03-01T10:02:00Z")}}});
        pages.set(runPath + "/artifacts", {{"artifacts", Json::array()}});
        FaultServer server([&](Exchange &e) { pages.answer(e); });
        GOT(detail, at(server)->source().run(theRun, {}));
        QVERIFY(detail->decisions.isEmpty()); // not: nobody decided
        QVERIFY2(detail->note.contains(u("Who decided its gates could not be read")), qPrintable(detail->note));
        QCOMPARE(detail->jobs.size(), 2);
        QCOMPARE(detail->jobs[1].needs, QStringList{u("1")});
        QVERIFY2(detail->graphNote.contains(u("guessed")), qPrintable(detail->graphNote));
        QVERIFY(!detail->canRerun && !detail->canCancel && detail->whyNot.contains(u("acme/cart")));
        QCOMPARE(detail->run.startedAt, QDateTime({2026, 3, 1}, {10, 0, 5}, Qt::UTC));
        QCOMPARE(detail->run.finishedAt, QDateTime({2026, 3, 1}, {10, 2}, Qt::UTC));
    }

    // ---- decisions

    static void setWaiting(Pages &pages)
    {
        pages.set(repository,
                  {{"full_name", "acme/cart"}, {"default_branch", "main"}, {"permissions", {{"push", true}}}});
        pages.set("/user", user("me"));
        pages.set(runPath, runJson("waiting"));
        pages.set(repository + "/actions/runs", {{"workflow_runs", Json::array({runJson("waiting")})}});
        pages.set(runPath + "/pending_deployments", pendingJson());
        pages.set(runPath + "/approvals", Json::array());
        pages.set(repository + "/deployments", Json::array({{{"created_at", "2026-03-01T10:04:00Z"}}}));
    }

    void aGateNeedsACommentAndIsDecidedAlone()
    {
        Pages pages;
        setWaiting(pages);
        FaultServer server([&](Exchange &e) {
            if (e.method == "POST") {
                pages.set(runPath + "/approvals", Json::array({reviewJson("me", "approved", "ship it")}));
                pages.set(runPath + "/pending_deployments", Json::array());
                pages.set(runPath, runJson("in_progress"));
                e.answer(200, "[]", json());
            } else {
                pages.answer(e);
            }
        });
        const auto github = at(server);
        GOT(gates, github->gates()->waiting({}));
        QCOMPARE(gates->size(), 1);
        const WaitingGate gate = gates->at(0);
        QCOMPARE(gate.environment, u("production"));
        QCOMPARE(gate.since, QDateTime({2026, 3, 1}, {10, 4}, Qt::UTC));
        QVERIFY(gate.needsComment && gate.mayDecide == true && gate.canReject && !gate.opensBySelfAt.isValid());
        GateOrder order;
        order.gate = gate;
        const auto silent = waitFor(github->gates()->plan(order, {}));
        QVERIFY(!silent && silent.error().kind == ErrorKind::Invalid);
        order.comment = u("ship it");
        GOT(plan, github->gates()->plan(order, {}));
        QVERIFY(!plan->isBlocked());
        QCOMPARE(plan->steps.size(), 1);
        const PlanStep &step = plan->steps[0];
        const Json body = Json::parse(step.call.body.toStdString());
        QCOMPARE(body.dump(), std::string("{\"comment\":\"ship it\",\"environment_ids\":[9],\"state\":\"approved\"}"));
        GOT(receipt, github->runner().execute(step, {}));
        GOT(seen, github->runner().observe(step, *receipt, {}));
        QVERIFY(seen->state == Observation::State::Effective);
        PlanStep journaled = step;
        journaled.call.body.clear();
        GOT(took, github->runner().tookPlace(journaled, {}));
        QVERIFY(*took);
    }

    void somebodyWasFaster_data()
    {
        QTest::addColumn<bool>("isBeforeTheCall");
        QTest::newRow("before the call") << true;
        QTest::newRow("with the call") << false;
    }
    void somebodyWasFaster()
    {
        QFETCH(bool, isBeforeTheCall);
        Pages pages;
        setWaiting(pages);
        const auto decided = [&] {
            pages.set(runPath + "/approvals", Json::array({reviewJson("ann", "rejected", "not today")}));
            pages.set(runPath + "/pending_deployments", Json::array());
        };
        std::atomic<int> posts = 0;
        FaultServer server([&](Exchange &e) {
            if (e.method == "POST") {
                ++posts;
                decided();
                e.answer(422, "{\"message\":\"nothing is pending\"}", json());
            } else {
                pages.answer(e);
            }
        });
        const auto github = at(server);
        GOT(gates, github->gates()->waiting({}));
        QCOMPARE(gates->size(), 1);
        GateOrder order;
        order.gate = gates->at(0);
        order.comment = u("ship it");
        GOT(plan, github->gates()->plan(order, {}));
        if (isBeforeTheCall)
            decided();
        const auto receipt = waitFor(github->runner().execute(plan->steps[0], {}));
        QVERIFY(!receipt);
        QCOMPARE(receipt.error().kind, ErrorKind::Conflict);
        QVERIFY2(receipt.error().message.contains(u("ann")) && receipt.error().message.contains(u("not today")),
                 qPrintable(receipt.error().message));
        QCOMPARE(posts.load(), isBeforeTheCall ? 0 : 1);
        const auto took = waitFor(github->runner().tookPlace(plan->steps[0], {}));
        QVERIFY(!took && took.error().kind == ErrorKind::Conflict);
        GOT(late, github->gates()->plan(order, {}));
        QVERIFY(late->isBlocked());
    }

    void aLostAnswerIsNeverSentAgain()
    {
        Pages pages;
        setWaiting(pages);
        pages.set(runPath, runJson("completed", "failure"));
        std::atomic<int> posts = 0;
        FaultServer server([&](Exchange &e) {
            if (e.method == "POST") {
                ++posts;
                pages.set(runPath, runJson("queued", nullptr, 2));
                e.reset();
            } else {
                pages.answer(e);
            }
        });
        const auto github = at(server);
        GOT(seen, github->source().runs({{u("gh"), u("acme/cart"), {}}, {}, 30, {}}, {}));
        RunOrder order;
        order.kind = RunOrder::Kind::RerunFailed;
        order.run = seen->runs.at(0);
        order.pipeline = order.run->ref.pipeline;
        GOT(plan, github->source().plan(order, {}));
        QVERIFY(plan->steps[0].call.path.endsWith(u("/rerun-failed-jobs")));
        GOT(before, github->runner().tookPlace(plan->steps[0], {}));
        QVERIFY(!*before);
        const auto receipt = waitFor(github->runner().execute(plan->steps[0], {}));
        QVERIFY(!receipt);
        QCOMPARE(receipt.error().kind, ErrorKind::OutcomeUnknown);
        QCOMPARE(posts.load(), 1);
        const auto took = waitFor(github->runner().tookPlace(plan->steps[0], {}));
        QVERIFY(!took && took.error().kind == ErrorKind::Conflict); // ann's doing, as the server tells
        QVERIFY(took.error().message.contains(u("ann")));
    }

    // Of a run that failed: it is asked to run again, which is answered by `write`. How often it was asked.
    Result<Receipt> rerunAnswered(const std::function<void(Exchange &)> &write, int &posts)
    {
        Pages pages;
        setWaiting(pages);
        pages.set(runPath, runJson("completed", "failure"));
        std::atomic<int> asked = 0;
        FaultServer server([&](Exchange &e) {
            if (e.method == "POST") {
                ++asked;
                write(e);
            } else {
                pages.answer(e);
            }
        });
        const auto github = at(server);
        const auto seen = waitFor(github->source().runs({{u("gh"), u("acme/cart"), {}}, {}, 30, {}}, {}));
        if (!seen)
            return seen.error();
        RunOrder order;
        order.kind = RunOrder::Kind::RerunFailed;
        order.run = seen->runs.at(0);
        order.pipeline = order.run->ref.pipeline;
        const auto plan = waitFor(github->source().plan(order, {}));
        if (!plan)
            return plan.error();
        auto receipt = waitFor(github->runner().execute(plan->steps[0], {}), 20'000);
        posts = asked;
        return receipt;
    }

    void refusedWritesHaveTheirKinds_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("retryAfter");
        QTest::addColumn<ErrorKind>("kind");
        const QByteArray none;
        QTest::newRow("401") << 401 << none << ErrorKind::Unauthorized;
        QTest::newRow("403") << 403 << none << ErrorKind::Forbidden;
        QTest::newRow("403 as a limit") << 403 << QByteArray("9") << ErrorKind::RateLimited;
        QTest::newRow("deleted meanwhile") << 404 << none << ErrorKind::NotFound;
        QTest::newRow("409") << 409 << none << ErrorKind::Conflict;
        QTest::newRow("429") << 429 << QByteArray("9") << ErrorKind::RateLimited;
        QTest::newRow("500") << 500 << none << ErrorKind::OutcomeUnknown;
    }
    void refusedWritesHaveTheirKinds()
    {
        QFETCH(int, status);
        QFETCH(QByteArray, retryAfter);
        int posts = 0;
        const auto receipt = rerunAnswered(
            [&](Exchange &e) {
                HttpHeaders headers = json();
                if (!retryAfter.isEmpty())
                    headers.append({"Retry-After", retryAfter});
                e.answer(status, "{\"message\":\"no\"}", headers);
            },
            posts);
        QVERIFY(!receipt);
        QTEST(receipt.error().kind, "kind");
        QVERIFY(!messageOf(receipt.error()).contains(QString::fromLatin1(token)));
        // Never again by itself; but a login that was refused, so nothing was done, is read anew and tried once.
        QCOMPARE(posts, receipt.error().kind == ErrorKind::Unauthorized ? 2 : 1);
    }

    void aWriteIsNotSentElsewhere()
    {
        FaultServer other([](Exchange &e) { e.answer(201, "{}", json()); });
        const QByteArray elsewhere = "http://localhost:" + QByteArray::number(other.port()) + "/steal";
        int posts = 0;
        const auto receipt = rerunAnswered([&](Exchange &e) { e.answer(307, {}, {{"Location", elsewhere}}); }, posts);
        QVERIFY(!receipt);
        QVERIFY2(receipt.error().kind == ErrorKind::Refused, qPrintable(messageOf(receipt.error())));
        QVERIFY(receipt.error().message.contains(u("acme/cart")));
        QCOMPARE(posts, 1);
        QVERIFY(other.requests().isEmpty());
    }

    void aNewRunIsFoundByWhoAndWhen()
    {
        Pages pages;
        setWaiting(pages);
        Json old = runJson("completed", "success");
        old["triggering_actor"] = user("me");
        const QByteArray runs = repository + "/actions/workflows/release.yml/runs";
        pages.set(runs, {{"workflow_runs", Json::array({old})}});
        FaultServer server([&](Exchange &e) {
            if (e.target.contains("/contents/.github/workflows/release.yml?ref=v1%2F2")) {
                e.answer(200, "on:\n  workflow_dispatch:\n    inputs:\n      level: {type: choice, options: [a, b]}\n"
                              "      token: {required: true}\njobs: {a: {runs-on: x}}\n");
            } else if (e.method == "POST") {
                const auto made = [](int id, const char *who, const char *branch) {
                    Json run = runJson("queued");
                    run["id"] = id;
                    run["run_number"] = id;
                    run["head_branch"] = branch;
                    run["triggering_actor"] = user(who);
                    return run;
                };
                pages.set(runs, {{"workflow_runs",
                                  {made(82, "me", "v1/2"), made(81, "me", "v1/2"), made(80, "ann", "v1/2"),
                                   made(79, "me", "main"), old}}});
                e.answer(204);
            } else {
                pages.answer(e);
            }
        });
        const auto github = at(server);
        RunOrder order;
        order.kind = RunOrder::Kind::Trigger;
        order.pipeline = theRun.pipeline;
        order.branch = u("v1/2");
        order.parameters = {{u("level"), u("a")}};
        const auto refused = [&] {
            const auto plan = waitFor(github->source().plan(order, {}));
            return !plan && plan.error().kind == ErrorKind::Invalid;
        };
        QVERIFY(refused()); // "token" is missing
        order.parameters.insert(u("token"), u("t"));
        order.parameters.insert(u("level"), u("c"));
        QVERIFY(refused());
        order.parameters.insert(u("level"), u("b"));
        order.parameters.insert(u("more"), u("x"));
        QVERIFY(refused());
        order.parameters.remove(u("more"));
        GOT(plan, github->source().plan(order, {}));
        QVERIFY(!plan->isBlocked());
        const PlanStep &step = plan->steps[0];
        GOT(before, github->runner().tookPlace(step, {}));
        QVERIFY(!*before);
        GOT(receipt, github->runner().execute(step, {}));
        const auto posted = server.requests().last();
        QCOMPARE(posted.target, repository + "/actions/workflows/release.yml/dispatches");
        QCOMPARE(posted.body, QByteArray("{\"inputs\":{\"level\":\"b\",\"token\":\"t\"},\"ref\":\"v1/2\"}"));
        GOT(seen, github->runner().observe(step, {}, {}));
        QVERIFY(seen->state == Observation::State::Effective);
        QVERIFY2(seen->text.contains(u("81")), qPrintable(seen->text));
        const auto asked = server.requests().last().target;
        QVERIFY2(asked.contains("event=workflow_dispatch") && asked.contains("actor=me") &&
                     asked.contains("created=%3E%3D"),
                 asked);
        GOT(took, github->runner().tookPlace(step, {}));
        QVERIFY(*took);
    }
};

QTEST_GUILESS_MAIN(TestGitHubFaults)
#include "test_githubfaults.moc"
