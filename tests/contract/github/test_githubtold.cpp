// What GitHub tells only when it is asked once more: when work began, what a name stands for, the rest of a list.
#include "app/commands/json.h"
#include "tests/contract/github/githubdesk.h"
#include "tests/support/faultserver.h"

#include <QRegularExpression>
#include <QTest>
#include <QUrlQuery>

#include <nlohmann/json.hpp>

#include <mutex>

using namespace signalbox;
using namespace signalbox::test;
using Json = nlohmann::json;

namespace
{

const QByteArray repository = "/repos/acme/cart";
const QByteArray runs = repository + "/actions/workflows/release.yml/runs";
const PipelineRef release{u("gh"), u("acme/cart"), u("release.yml")};

RunRef refOf(int id)
{
    return {release, QString::number(id)};
}

Json runJson(int id, const char *event = "push", const char *head = "main", char commit = 'a')
{
    return {{"id", id},
            {"name", "release"},
            {"path", ".github/workflows/release.yml"},
            {"run_number", id},
            {"run_attempt", 1},
            {"event", event},
            {"status", "completed"},
            {"conclusion", "success"},
            {"workflow_id", 5},
            {"check_suite_id", 900 + id},
            {"head_branch", head},
            {"head_sha", std::string(40, commit)},
            {"display_title", "Sell more"},
            {"created_at", "2026-03-01T10:00:00Z"},
            {"updated_at", "2026-03-01T10:05:00Z"},
            {"run_started_at", "2026-03-01T10:00:00Z"},
            {"triggering_actor", {{"login", "ann"}}}};
}

Json jobJson(int id, const char *from, const char *to)
{
    return {{"id", id},
            {"name", "job"},
            {"status", "completed"},
            {"started_at", from},
            {"completed_at", to},
            {"conclusion", "success"},
            {"check_run_url", "https://api.github.com/repos/acme/cart/check-runs/" + std::to_string(id)}};
}

// A GitHub of one repository: answers by the path, lists in pages of a hundred.
class Repository
{
public:
    Repository()
        : m_server([this](Exchange &e) { answer(e); })
    {
        set(repository, {{"full_name", "acme/cart"}, {"default_branch", "main"}, {"permissions", {{"push", true}}}});
        set(repository + "/actions/workflows",
            {{"workflows",
              {{{"id", 5}, {"name", "release"}, {"path", ".github/workflows/release.yml"}, {"state", "active"}}}}});
        set("/user", {{"login", "me"}});
        setFile("on: {workflow_dispatch: }\njobs: {build: {runs-on: x}}\n");
    }
    void set(const QByteArray &path, const Json &body, int status = 200)
    {
        const std::lock_guard lock(m_lock);
        m_pages[path] = {status, body};
    }
    void setFile(const QByteArray &text)
    {
        const std::lock_guard lock(m_lock);
        m_file = text;
    }
    void setRuns(const Json &list, const QByteArray &path = runs) { set(path, {{"workflow_runs", list}}); }
    void setTag(const char *name)
    {
        const std::string ref = std::string("refs/tags/") + name;
        set(tagPath(name), {{"ref", ref}, {"object", {{"sha", std::string(40, 'b')}, {"type", "tag"}}}});
    }
    void setBranch(const char *name)
    {
        const std::string ref = std::string("refs/heads/") + name;
        set(branchPath(name), {{"ref", ref}, {"object", {{"sha", std::string(40, 'a')}, {"type", "commit"}}}});
    }
    static QByteArray tagPath(const char *name)
    {
        return repository + "/git/ref/tags%2F" + QUrl::toPercentEncoding(QString::fromLatin1(name));
    }
    static QByteArray branchPath(const char *name)
    {
        return repository + "/git/ref/heads%2F" + QUrl::toPercentEncoding(QString::fromLatin1(name));
    }
    int asked(const QByteArray &path) const
    {
        int count = 0;
        for (const auto &request : m_server.requests())
            count += request.target.split('?').constFirst() == path ? 1 : 0;
        return count;
    }
    QUrl url() const { return m_server.url(); }

private:
    struct Page
    {
        int status = 404;
        Json body = {{"message", "Not Found"}};
    };
    // Of a list below a key, or of one that stands alone, the hundred that are asked for.
    static bool cut(Json &body, const char *key, int page)
    {
        Json &list = key ? body[key] : body;
        const int from = (page - 1) * 100;
        const bool hasMore = static_cast<int>(list.size()) > from + 100;
        Json some = Json::array();
        for (int i = from; i < std::min(from + 100, static_cast<int>(list.size())); ++i)
            some.push_back(list[static_cast<std::size_t>(i)]);
        list = some;
        return hasMore;
    }
    void answer(Exchange &e) const
    {
        const std::lock_guard lock(m_lock);
        const QByteArray path = e.target.split('?').constFirst();
        const QUrlQuery query(QString::fromLatin1(e.target.mid(path.size() + 1)));
        if (path.contains("/contents/")) {
            e.answer(200, m_file, {{"Content-Type", "application/vnd.github.raw+json"}});
            return;
        }
        const QByteArray status = query.queryItemValue(u("status")).toLatin1();
        Page page = m_pages.value(status.isEmpty() ? path : path + '?' + status, m_pages.value(path));
        HttpHeaders headers{{"Content-Type", "application/json"}};
        const int number = std::max(1, query.queryItemValue(u("page")).toInt());
        bool hasMore = false;
        for (const char *key : {"workflow_runs", "artifacts"}) {
            if (page.body.is_object() && page.body.contains(key))
                hasMore = cut(page.body, key, number);
        }
        if (page.body.is_array())
            hasMore = cut(page.body, nullptr, number);
        if (hasMore)
            headers.append({"Link", "<http://" + e.header("Host") + path + "?per_page=100" +
                                        (status.isEmpty() ? QByteArray() : "&status=" + status) +
                                        "&page=" + QByteArray::number(number + 1) + ">; rel=\"next\""});
        e.answer(page.status, QByteArray::fromStdString(page.body.dump()), headers);
    }

    mutable std::mutex m_lock;
    QHash<QByteArray, Page> m_pages;
    QByteArray m_file;
    FaultServer m_server; // the last: it stops before what it reads goes
};

} // namespace

class TestGitHubTold : public QObject
{
    Q_OBJECT

    HttpClient m_http;
    OneToken m_secrets{"ghp_0123456789abcdefghij"};

    std::unique_ptr<PipelineServer> at(const Repository &there)
    {
        return makeGitHub(githubAt(there.url(), {u("acme/cart")}), m_http, m_secrets);
    }
    static Run runIn(const RunPage &page, int id)
    {
        for (const Run &run : page.runs) {
            if (run.ref.id == QString::number(id))
                return run;
        }
        return {};
    }

private slots:
    void init() { QTest::failOnWarning(QRegularExpression(u("."))); }

    // The start of an attempt is when it was asked for: no run would ever have waited.
    void howLongARunWaitedItsJobsTell()
    {
        using std::chrono::seconds;
        Repository there;
        there.setRuns({runJson(77), runJson(78)});
        there.set(repository + "/actions/runs/77", runJson(77));
        there.set(repository + "/actions/runs/77/jobs",
                  {{"jobs",
                    {jobJson(1, "2026-03-01T10:00:40Z", "2026-03-01T10:02:00Z"),
                     jobJson(2, "2026-03-01T10:02:10Z", "2026-03-01T10:04:50Z")}}});
        const auto github = at(there);
        GOT(list, github->source().runs({release, {}, 30, {}}, {}));
        for (const Run &run : list->runs) {
            QVERIFY(!queueTime(run));
            QCOMPARE(duration(run, run.finishedAt), std::optional<std::chrono::milliseconds>(seconds(300)));
        }
        GOT(detail, github->source().run(refOf(77), {}));
        QCOMPARE(queueTime(detail->run), std::optional<std::chrono::milliseconds>(seconds(40)));
        GOT(later, github->source().runs({release, {}, 30, {}}, {}));
        QCOMPARE(queueTime(runIn(*later, 77)), std::optional<std::chrono::milliseconds>(seconds(40)));
        QCOMPARE(duration(runIn(*later, 77), later->readAt), std::optional<std::chrono::milliseconds>(seconds(250)));
        QVERIFY(!queueTime(runIn(*later, 78)));
        // Another attempt waits anew.
        Json again = runJson(77);
        again["run_attempt"] = 2;
        again["run_started_at"] = "2026-03-01T11:00:00Z";
        again["updated_at"] = "2026-03-01T11:10:00Z";
        there.setRuns(Json::array({again}));
        GOT(second, github->source().runs({release, {}, 30, {}}, {}));
        QVERIFY(!queueTime(second->runs.at(0)));
        QCOMPARE(second->runs.at(0).startedAt, QDateTime({2026, 3, 1}, {11, 0}, Qt::UTC));
    }

    void aPushedTagIsNoBranch()
    {
        Repository there;
        there.setTag("v1.2.3");
        there.setBranch("feature/x");
        there.setRuns({runJson(5, "push", "v1.2.3"), runJson(4, "push", "feature/x"), runJson(3, "push", "main"),
                       runJson(2, "workflow_dispatch", "v1.2.3"), runJson(1, "pull_request", "fix")});
        const auto github = at(there);
        GOT(pipelines, github->source().pipelines({}));
        for (int i = 0; i < 2; ++i) {
            GOT(list, github->source().runs({release, {}, 30, {}}, {}));
            const Run tagged = runIn(*list, 5);
            QCOMPARE(tagged.tag, u("v1.2.3"));
            QVERIFY(tagged.branch.isEmpty());
            QCOMPARE(tagged.trigger.kind, TriggerKind::Tag);
            QCOMPARE(runIn(*list, 4).branch, u("feature/x"));
            QCOMPARE(runIn(*list, 4).trigger.kind, TriggerKind::Push);
            QCOMPARE(runIn(*list, 3).branch, u("main"));
            QCOMPARE(runIn(*list, 2).tag, u("v1.2.3"));
            QCOMPARE(runIn(*list, 2).trigger.kind, TriggerKind::Manual);
            QCOMPARE(runIn(*list, 1).branch, u("fix"));
        }
        // Once each; what is known needs no question.
        QCOMPARE(there.asked(Repository::tagPath("v1.2.3")), 1);
        QCOMPARE(there.asked(Repository::tagPath("feature/x")), 1);
        QCOMPARE(there.asked(Repository::tagPath("main")), 0);
        QCOMPARE(there.asked(Repository::tagPath("fix")), 0);
        // A tag that was moved is asked for anew, a branch that moved is not.
        there.setRuns({runJson(7, "push", "v1.2.3", 'c'), runJson(6, "push", "feature/x", 'c')});
        GOT(moved, github->source().runs({release, {}, 30, {}}, {}));
        QCOMPARE(runIn(*moved, 7).tag, u("v1.2.3"));
        QCOMPARE(there.asked(Repository::tagPath("v1.2.3")), 2);
        QCOMPARE(there.asked(Repository::tagPath("feature/x")), 1);
        there.set(repository + "/actions/runs/7", runJson(7, "push", "v1.2.3", 'c'));
        there.set(repository + "/actions/runs/7/jobs", {{"jobs", Json::array()}});
        GOT(detail, github->source().run(refOf(7), {}));
        QCOMPARE(detail->run.tag, u("v1.2.3"));
        QCOMPARE(detail->run.trigger.kind, TriggerKind::Tag);
    }

    void namesThatMayNotBeAskedForAreNotAskedForAgain()
    {
        Repository there;
        there.set(Repository::tagPath("v1.2.3"), {{"message", "Resource not accessible by integration"}}, 403);
        there.setRuns(Json::array({runJson(5, "push", "v1.2.3")}));
        const auto github = at(there);
        for (int i = 0; i < 3; ++i) {
            GOT(list, github->source().runs({release, {}, 30, {}}, {}));
            QCOMPARE(list->runs.at(0).branch, u("v1.2.3"));
        }
        QCOMPARE(there.asked(Repository::tagPath("v1.2.3")), 1);
    }

    void whatMayReleaseIsProtected_data()
    {
        QTest::addColumn<QString>("ref");
        QTest::addColumn<bool>("isProtected");
        QTest::newRow("another branch") << u("feature/x") << false;
        QTest::newRow("the default branch") << u("main") << true;
        QTest::newRow("a tag") << u("v1.2.3") << true;
        QTest::newRow("not told") << u("broken") << true;
        QTest::newRow("neither branch nor tag any more") << u("gone") << true;
        QTest::newRow("a tag may have gone, the branch is not told") << u("half") << true;
    }
    void whatMayReleaseIsProtected()
    {
        QFETCH(QString, ref);
        QFETCH(bool, isProtected);
        Repository there;
        there.setTag("v1.2.3");
        there.setBranch("feature/x");
        there.set(Repository::tagPath("broken"), {{"message", "Server Error"}}, 500);
        there.set(Repository::branchPath("half"), {{"message", "Server Error"}}, 500);
        there.set(repository + "/actions/runs/5", runJson(5, "push", qPrintable(ref)));
        there.setRuns(Json::array());
        const auto github = at(there);
        RunOrder order;
        order.pipeline = release;
        order.isProtected = false;
        order.kind = RunOrder::Kind::Trigger;
        order.branch = ref;
        GOT(trigger, github->source().plan(order, {}));
        QCOMPARE(trigger->isProtected, isProtected);
        order.run = Run{};
        order.run->ref = refOf(5);
        order.kind = RunOrder::Kind::Rerun;
        GOT(rerun, github->source().plan(order, {}));
        QCOMPARE(rerun->isProtected, isProtected);
        order.kind = RunOrder::Kind::Cancel;
        GOT(cancel, github->source().plan(order, {}));
        QCOMPARE(cancel->isProtected, isProtected);
        order.isProtected = true; // never less than was asked for
        GOT(still, github->source().plan(order, {}));
        QVERIFY(still->isProtected);
    }
    // What goes into a form is shown before it is sent, and not told to what keeps the document of --json.
    void whatIsFilledInIsShownButNotTold()
    {
        Repository there;
        there.setRuns(Json::array());
        there.setFile("on: {workflow_dispatch: {inputs: {ticket: {type: string}}}}\njobs: {build: {runs-on: x}}\n");
        const auto github = at(there);
        RunOrder order;
        order.pipeline = release;
        order.kind = RunOrder::Kind::Trigger;
        order.branch = u("main");
        order.parameters = {{u("ticket"), u("OPS-7 = b")}};
        GOT(plan, github->source().plan(order, {}));
        QCOMPARE(plan->steps.size(), 1);
        QCOMPARE(plan->steps.first().diff, (QList<DiffLine>{{DiffLine::Kind::Added, u("ticket = OPS-7 = b")}}));
        const QString told = commands::operationJson(*plan, std::nullopt, ExitStatus::Done);
        QVERIFY2(told.contains(u("ticket = (hidden)")), qPrintable(told));
        QVERIFY2(!told.contains(u("OPS-7")), qPrintable(told));
    }
    // What a plan asks without a run, or what is not there, says nothing of the tag that comes later.
    void aTagThatWasNotThereYetIsATagOnceItIs()
    {
        Repository there;
        there.setRuns(Json::array());
        there.set(repository + "/actions/runs/5", runJson(5, "push", "v2"));
        const auto github = at(there);
        RunOrder order;
        order.pipeline = release;
        order.isProtected = false;
        order.kind = RunOrder::Kind::Trigger;
        order.branch = u("v2");
        GOT(early, github->source().plan(order, {}));
        QVERIFY(early->isProtected);
        there.setBranch("v2"); // for a question without a commit
        GOT(trigger, github->source().plan(order, {}));
        QVERIFY(!trigger->isProtected);
        there.setTag("v2");
        order.run = Run{};
        order.run->ref = refOf(5);
        order.kind = RunOrder::Kind::Rerun;
        GOT(rerun, github->source().plan(order, {}));
        QVERIFY(rerun->isProtected);
    }
    void whatIsGoneIsNotAskedForAtEachLook()
    {
        Repository there;
        there.setRuns(Json::array({runJson(5, "push", "merged")}));
        const auto github = at(there);
        for (int i = 0; i < 3; ++i) {
            GOT(list, github->source().runs({release, {}, 30, {}}, {}));
            QCOMPARE(list->runs.at(0).branch, u("merged"));
        }
        QCOMPARE(there.asked(Repository::tagPath("merged")), 1);
        QCOMPARE(there.asked(Repository::branchPath("merged")), 1);
    }
    void aWrittenOutTagIsProtected()
    {
        Repository there;
        there.setRuns(Json::array());
        RunOrder order;
        order.pipeline = release;
        order.isProtected = false;
        order.kind = RunOrder::Kind::Trigger;
        order.branch = u("refs/tags/v9");
        GOT(plan, at(there)->source().plan(order, {}));
        QVERIFY(plan->isProtected);
    }

    void aScheduledRunHasItsTimeWhereThereIsOne_data()
    {
        QTest::addColumn<QByteArray>("schedules");
        QTest::addColumn<QString>("cron");
        QTest::newRow("one") << QByteArray("[{cron: '0 */6 * * *'}]") << u("0 */6 * * *");
        QTest::newRow("two: nobody says which")
            << QByteArray("[{cron: '0 1 * * *'}, {cron: '0 2 * * *'}]") << QString();
    }
    void aScheduledRunHasItsTimeWhereThereIsOne()
    {
        QFETCH(QByteArray, schedules);
        QFETCH(QString, cron);
        Repository there;
        there.setFile("on: {schedule: " + schedules + "}\njobs: {build: {runs-on: x}}\n");
        there.setRuns({runJson(5, "schedule"), runJson(4, "push")});
        const auto github = at(there);
        GOT(pipelines, github->source().pipelines({}));
        GOT(list, github->source().runs({release, {}, 30, {}}, {}));
        QCOMPARE(runIn(*list, 5).trigger.kind, TriggerKind::Schedule);
        QCOMPARE(runIn(*list, 5).trigger.cron, cron);
        QVERIFY(runIn(*list, 4).trigger.cron.isEmpty());
    }

    void gatesOnLaterPagesAreInTheInbox()
    {
        Repository there;
        Json waiting = Json::array();
        Json working = Json::array();
        for (int i = 1; i <= 130; ++i) {
            waiting.push_back(runJson(i));
            working.push_back(runJson(1000 + i));
        }
        there.setRuns(waiting, repository + "/actions/runs?waiting");
        there.setRuns(working, repository + "/actions/runs?in_progress");
        const Json pending = Json::array({{{"environment", {{"id", 9}, {"name", "production"}}},
                                           {"current_user_can_approve", true},
                                           {"reviewers", Json::array()}}});
        for (int i = 1; i <= 130; ++i) {
            for (const int id : {i, 1000 + i}) {
                const QByteArray path = repository + "/actions/runs/" + QByteArray::number(id);
                there.set(path + "/pending_deployments", i == 130 || i == 1 ? pending : Json::array());
                there.set(path + "/approvals", Json::array());
            }
        }
        there.set(repository + "/deployments", Json::array());
        GOT(gates, at(there)->gates()->waiting({}));
        QStringList of;
        for (const WaitingGate &gate : *gates)
            of.append(gate.run.id);
        of.sort();
        QCOMPARE(of, (QStringList{u("1"), u("1001"), u("1130"), u("130")}));
    }
    // Hundreds of runs may work at a time: what did not change is not asked again at each look.
    void runsThatWorkOnAreAskedWhenTheyChange()
    {
        Repository there;
        const auto pathOf = [](int id) { return repository + "/actions/runs/" + QByteArray::number(id); };
        const Json pending = Json::array({{{"environment", {{"id", 9}, {"name", "production"}}},
                                           {"current_user_can_approve", true},
                                           {"reviewers", Json::array()}}});
        for (int id = 1; id <= 4; ++id) {
            there.set(pathOf(id) + "/pending_deployments", id == 1 || id == 4 ? pending : Json::array());
            there.set(pathOf(id) + "/approvals", Json::array());
        }
        there.set(repository + "/deployments", Json::array());
        there.setRuns(Json::array({runJson(1)}), repository + "/actions/runs?waiting");
        // One is in both lists, one has a gate while it works.
        Json working = Json::array({runJson(1), runJson(2), runJson(3), runJson(4)});
        there.setRuns(working, repository + "/actions/runs?in_progress");
        const auto github = at(there);
        const auto asked = [&](int id) { return there.asked(pathOf(id) + "/pending_deployments"); };
        for (int look = 1; look <= 3; ++look) {
            GOT(gates, github->gates()->waiting({}));
            QCOMPARE(gates->size(), 2);
            QCOMPARE(asked(1), look);
            QCOMPARE(asked(2), 1);
            QCOMPARE(asked(3), 1);
            QCOMPARE(asked(4), look);
        }
        there.set(pathOf(2) + "/pending_deployments", pending);
        working[1]["updated_at"] = "2026-03-01T10:06:00Z";
        there.setRuns(working, repository + "/actions/runs?in_progress");
        GOT(gates, github->gates()->waiting({}));
        QCOMPARE(gates->size(), 3);
        QCOMPARE(asked(2), 2);
        QCOMPARE(asked(3), 1);
        working[2]["run_attempt"] = 2;
        there.setRuns(working, repository + "/actions/runs?in_progress");
        GOT(last, github->gates()->waiting({}));
        QCOMPARE(asked(3), 2);
    }
    void theRunsAreAskedAHandfulAtATime()
    {
        Repository there;
        Json working = Json::array();
        for (int i = 1; i <= 60; ++i) {
            working.push_back(runJson(i));
            there.set(repository + "/actions/runs/" + QByteArray::number(i) + "/pending_deployments",
                      {{"message", "Resource not accessible by integration"}}, 403);
        }
        there.setRuns(Json::array(), repository + "/actions/runs?waiting");
        there.setRuns(working, repository + "/actions/runs?in_progress");
        const auto gates = waitFor(at(there)->gates()->waiting({}));
        QVERIFY(!gates);
        QCOMPARE(gates.error().kind, ErrorKind::Forbidden);
        int asked = 0;
        for (int i = 1; i <= 60; ++i)
            asked += there.asked(repository + "/actions/runs/" + QByteArray::number(i) + "/pending_deployments");
        QVERIFY2(asked > 0 && asked <= 8, qPrintable(QString::number(asked)));
    }
    void gatesThatGitHubDoesNotListAreToldToBeMissing()
    {
        Repository there;
        Json waiting = Json::array();
        for (int i = 1; i <= 1001; ++i)
            waiting.push_back({{"id", i}, {"status", "waiting"}, {"workflow_id", 5}});
        there.setRuns(waiting, repository + "/actions/runs?waiting");
        there.setRuns(Json::array(), repository + "/actions/runs?in_progress");
        const auto gates = waitFor(at(there)->gates()->waiting({}));
        QVERIFY(!gates);
        QCOMPARE(gates.error().kind, ErrorKind::Unsupported);
        QVERIFY2(gates.error().message.contains(u("acme/cart")), qPrintable(gates.error().message));
    }

    // A repository that the token may not see takes no other's gates away.
    void aRepositoryThatIsHiddenHidesNoOther_data()
    {
        QTest::addColumn<int>("status"); // of the runs of the other one
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<bool>("isSaid");
        QTest::addColumn<std::optional<ErrorKind>>("kind");
        const std::optional<ErrorKind> none;
        QTest::newRow("not allowed") << 403 << QByteArray("{\"message\":\"Resource not accessible by integration\"}")
                                     << true << none;
        QTest::newRow("no JSON") << 200 << QByteArray("<html>") << true << none;
        // What a token may not see is not there for it.
        QTest::newRow("hidden, or gone") << 404 << QByteArray("{\"message\":\"Not Found\"}") << true << none;
        QTest::newRow("the server is ailing")
            << 503 << QByteArray("{}") << false << std::optional(ErrorKind::Unreachable);
    }
    void aRepositoryThatIsHiddenHidesNoOther()
    {
        QFETCH(int, status);
        QFETCH(QByteArray, body);
        QFETCH(bool, isSaid);
        QFETCH(std::optional<ErrorKind>, kind);
        const HttpHeaders asJson{{"Content-Type", "application/json"}};
        FaultServer server([=](Exchange &e) {
            const QByteArray path = e.target.split('?').constFirst();
            if (path.contains("/repos/acme/hidden/"))
                e.answer(status, body, asJson);
            else if (path.endsWith("/actions/runs") && e.target.contains("status=waiting"))
                e.answer(200,
                         "{\"total_count\":1,\"workflow_runs\":[" + QByteArray::fromStdString(runJson(7).dump()) + "]}",
                         asJson);
            else if (path.endsWith("/actions/runs"))
                e.answer(200, "{\"total_count\":0,\"workflow_runs\":[]}", asJson);
            else if (path.endsWith("/pending_deployments"))
                e.answer(200,
                         "[{\"environment\":{\"id\":9,\"name\":\"production\"},\"current_user_can_approve\":true,"
                         "\"reviewers\":[]}]",
                         asJson);
            else
                e.answer(200, "[]", asJson);
        });
        const auto github = makeGitHub(githubAt(server.url(), {u("acme/hidden"), u("acme/cart")}), m_http, m_secrets);
        const auto gates = waitFor(github->gates()->waiting({}), 20'000);
        QCOMPARE(bool(gates), !kind);
        if (!gates) {
            QCOMPARE(gates.error().kind, *kind);
            return;
        }
        QCOMPARE(gates->size(), 1);
        QCOMPARE(gates->first().run.pipeline.project, u("acme/cart"));
        QCOMPARE(github->gates()->unread().contains(u("acme/hidden")), isSaid);
    }

    void allAnnotationsAndArtifactsAreThere_data()
    {
        QTest::addColumn<bool>("isRefused");
        QTest::newRow("read") << false;
        QTest::newRow("refused") << true;
    }
    void allAnnotationsAndArtifactsAreThere()
    {
        QFETCH(bool, isRefused);
        Repository there;
        const QByteArray run = repository + "/actions/runs/5";
        there.set(run, runJson(5));
        there.set(run + "/jobs", {{"jobs", Json::array({jobJson(1, "2026-03-01T10:00:40Z", "2026-03-01T10:02:00Z")})}});
        there.set(repository + "/check-suites/905/check-runs",
                  {{"check_runs", {{{"id", 1}, {"output", {{"annotations_count", 150}}}}}}});
        Json annotations = Json::array();
        Json artifacts = Json::array();
        for (int i = 0; i < 150; ++i) {
            annotations.push_back({{"annotation_level", "warning"}, {"message", "no. " + std::to_string(i)}});
            artifacts.push_back({{"name", "part-" + std::to_string(i)}});
        }
        const QByteArray path = repository + "/check-runs/1/annotations";
        if (isRefused)
            there.set(path, {{"message", "Resource not accessible by integration"}}, 403);
        else
            there.set(path, annotations);
        there.set(run + "/artifacts", {{"artifacts", artifacts}});
        GOT(detail, at(there)->source().run(refOf(5), {}));
        QCOMPARE(detail->artifacts.size(), 150);
        QCOMPARE(detail->annotations.size(), isRefused ? 0 : 150);
        QCOMPARE(detail->note.contains(u("Annotations could not be read")), isRefused);
        if (!isRefused)
            QCOMPARE(detail->annotations.last().job, u("1"));
    }

    // What broke is there however many others have some, and where the reading ends is said.
    void annotationsOfManyJobsBeginWithWhatFailed_data()
    {
        QTest::addColumn<int>("jobs");
        QTest::addColumn<int>("read");
        QTest::newRow("more than a question's worth") << 45 << 45;
        QTest::newRow("more than anybody reads") << 130 << 100;
    }
    void annotationsOfManyJobsBeginWithWhatFailed()
    {
        QFETCH(int, jobs);
        QFETCH(int, read);
        Repository there;
        const QByteArray run = repository + "/actions/runs/5";
        there.set(run, runJson(5));
        Json all = Json::array();
        Json checks = Json::array();
        for (int i = 1; i <= jobs; ++i) {
            Json job = jobJson(i, "2026-03-01T10:00:40Z", "2026-03-01T10:02:00Z");
            job["name"] = "job " + std::to_string(i);
            if (i == jobs - 3)
                job["conclusion"] = "failure";
            all.push_back(job);
            checks.push_back({{"id", i}, {"output", {{"annotations_count", 1}}}});
            there.set(repository + "/check-runs/" + QByteArray::number(i) + "/annotations",
                      Json::array({{{"annotation_level", "warning"}, {"message", "of " + std::to_string(i)}}}));
        }
        there.set(run + "/jobs", {{"jobs", all}});
        there.set(repository + "/check-suites/905/check-runs", {{"check_runs", checks}});
        GOT(detail, at(there)->source().run(refOf(5), {}));
        QCOMPARE(detail->annotations.size(), read);
        QCOMPARE(detail->annotations.first().job, QString::number(jobs - 3));
        QCOMPARE(detail->annotations.at(1).job, u("1"));
        QCOMPARE(detail->note.contains(u("Annotations of 100 of 130 jobs")), jobs == 130);
        QCOMPARE(detail->note.contains(u("the first without is job 100")), jobs == 130);
    }
};

QTEST_GUILESS_MAIN(TestGitHubTold)
#include "test_githubtold.moc"
