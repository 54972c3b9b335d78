// The way back of GitHub's environments, on servers whose answers are odd: what is run again is never more than was
// asked for, and what goes along is named.
#include "tests/contract/github/githubdesk.h"
#include "tests/support/faultserver.h"

#include <QTest>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <mutex>

using namespace signalbox;
using namespace signalbox::test;
using Json = nlohmann::json;

namespace
{

const QByteArray repository = "/repos/acme/cart";
const QByteArray runPath = repository + "/actions/runs/77";
const HttpHeaders asJson{{"Content-Type", "application/json"}};

Json deploymentJson(int id, char commit)
{
    return {{"id", id},
            {"sha", std::string(40, commit)},
            {"ref", "v" + std::to_string(id)},
            {"environment", "staging"},
            {"creator", {{"login", "ann"}}},
            {"created_at", QDateTime::currentDateTimeUtc().addDays(id - 10).toString(Qt::ISODate).toStdString()}};
}

Json statusJson(const std::string &state, const std::string &page)
{
    return Json::array({{{"id", 1},
                         {"state", state},
                         {"log_url", page},
                         {"target_url", page},
                         {"created_at", "2026-03-01T10:05:00Z"}}});
}

Json jobJson(int id, const char *name)
{
    return {{"id", id}, {"run_id", 77}, {"name", name}, {"status", "completed"}, {"conclusion", "success"}};
}

// acme/cart: deployment 2 is live in staging, deployment 1 is older and was made by the job deploy-staging of run 77.
class Yard
{
public:
    Yard()
    {
        set(repository, {{"full_name", "acme/cart"}, {"default_branch", "main"}, {"permissions", {{"push", true}}}});
        set("/user", {{"login", "me"}});
        set(repository + "/deployments", Json::array({deploymentJson(2, 'b'), deploymentJson(1, 'a')}));
        set(repository + "/deployments/2/statuses",
            statusJson("success", "https://github.example/acme/cart/actions/runs/78/job/6"));
        set(repository + "/deployments/1/statuses",
            statusJson("success", "https://github.example/acme/cart/actions/runs/77/job/5"));
        set(runPath, {{"id", 77},
                      {"path", ".github/workflows/release.yml"},
                      {"run_number", 12},
                      {"run_attempt", 1},
                      {"status", "completed"},
                      {"conclusion", "success"},
                      {"head_sha", std::string(40, 'a')},
                      {"workflow_id", 5}});
        set(repository + "/actions/jobs/5", jobJson(5, "deploy-staging"));
        set(runPath + "/jobs", {{"jobs", {jobJson(4, "image"), jobJson(5, "deploy-staging")}}});
        setWorkflow("  deploy-staging:\n    needs: image\n    environment: staging\n");
    }
    void setMoved(const QByteArray &path, int status, const QByteArray &to)
    {
        const std::lock_guard lock(m_lock);
        m_pages[path] = {status, {}};
        m_movedTo = to;
    }
    void set(const QByteArray &path, const Json &body) { setAnswer(path, 200, QByteArray::fromStdString(body.dump())); }
    void setAnswer(const QByteArray &path, int status, const QByteArray &body)
    {
        const std::lock_guard lock(m_lock);
        m_pages[path] = {status, body};
    }
    void setWorkflow(const QByteArray &jobs)
    {
        setAnswer(repository + "/contents/.github/workflows/release.yml", 200,
                  "on: push\njobs:\n  image:\n    runs-on: x\n" + jobs);
    }
    void answer(Exchange &e) const
    {
        const std::lock_guard lock(m_lock);
        const auto found = m_pages.constFind(e.target.split('?').constFirst());
        if (found == m_pages.constEnd())
            e.answer(404, "{\"message\":\"Not Found\"}", asJson);
        else
            e.answer(found->first, found->second,
                     found->first / 100 == 3 ? HttpHeaders{{"Location", m_movedTo}} : asJson);
    }

private:
    mutable std::mutex m_lock;
    QHash<QByteArray, std::pair<int, QByteArray>> m_pages;
    QByteArray m_movedTo;
};

RedeployOrder orderTo(const QString &to)
{
    RedeployOrder order;
    order.pipeline = {u("gh"), u("acme/cart"), {}};
    order.environment = u("staging");
    order.to = to;
    order.application = u("cart");
    order.isProtected = false;
    return order;
}

} // namespace

class TestGitHubRedeploy : public QObject
{
    Q_OBJECT

    HttpClient m_http;
    OneToken m_secrets{"ghp_0123456789abcdefghij"};
    std::unique_ptr<Yard> m_yard;
    std::unique_ptr<FaultServer> m_server;
    std::unique_ptr<PipelineServer> m_github;

    Result<Plan> planned() { return waitFor(m_github->deployments()->plan(orderTo(u("1")), {})); }

private slots:
    void init()
    {
        m_yard = std::make_unique<Yard>();
        m_server = std::make_unique<FaultServer>([this](Exchange &e) { m_yard->answer(e); });
        m_github = makeGitHub(githubAt(m_server->url(), {u("acme/cart")}), m_http, m_secrets);
    }
    void cleanup()
    {
        m_github.reset();
        m_server.reset();
    }

    void theJobThatDeployedIsRunAgain()
    {
        const auto plan = planned();
        QVERIFY2(plan, plan ? "" : qPrintable(messageOf(plan.error())));
        QVERIFY(!plan->isBlocked());
        QCOMPARE(plan->steps.size(), 1);
        QCOMPARE(plan->steps.first().call.path, QString::fromLatin1(repository + "/actions/jobs/5/rerun"));
    }

    void aJobThatIsNotReadIsNotAllOfTheRun_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<ErrorKind>("kind");
        QTest::newRow("too many questions") << 429 << ErrorKind::RateLimited;
        QTest::newRow("the server fails") << 500 << ErrorKind::Unreachable;
        QTest::newRow("it is gone, and no other of its name is there") << 404 << ErrorKind::Refused;
    }
    void aJobThatIsNotReadIsNotAllOfTheRun()
    {
        QFETCH(int, status);
        QFETCH(ErrorKind, kind);
        m_yard->setAnswer(repository + "/actions/jobs/5", status, "{\"message\":\"no\"}");
        m_yard->set(runPath + "/jobs", {{"jobs", Json::array({jobJson(4, "image")})}});
        const auto plan = planned();
        QVERIFY(!plan);
        QCOMPARE(plan.error().kind, kind);
    }

    void whyNothingCanBeRunAgainIsTheError_data()
    {
        QTest::addColumn<QByteArray>("gone"); // path; empty: no run made the deployment
        QTest::addColumn<QString>("sentence");
        QTest::newRow("no run made it") << QByteArray() << u("No run of GitHub Actions made it");
        QTest::newRow("its run is gone") << runPath << u("Its run 77 is no longer there.");
    }
    void whyNothingCanBeRunAgainIsTheError()
    {
        QFETCH(QByteArray, gone);
        QFETCH(QString, sentence);
        if (gone.isEmpty())
            m_yard->set(repository + "/deployments/1/statuses", statusJson("success", "https://deploy.example/1"));
        else
            m_yard->setAnswer(gone, 404, "{\"message\":\"Not Found\"}");
        const auto plan = planned();
        QVERIFY(!plan);
        QCOMPARE(plan.error().kind, ErrorKind::Refused);
        QVERIFY2(plan.error().message.contains(sentence), qPrintable(plan.error().message));
        QVERIFY2(plan.error().message.contains(u("Start a new run of v1.")), qPrintable(plan.error().message));
    }

    void whatRunsAlongIsNamedAndProtects_data()
    {
        QTest::addColumn<QByteArray>("behind");
        QTest::addColumn<QString>("named"); // in effect and check
        QTest::addColumn<bool>("isProtected");
        QTest::addColumn<bool>("isWarned");
        const auto behind = [](const char *name, const char *needs, const char *environment) {
            return QByteArray("  ") + name + ":\n    needs: " + needs + "\n    environment: " + environment + '\n';
        };
        QTest::newRow("nothing") << QByteArray() << QString() << false << false;
        QTest::newRow("beside it") << behind("deploy-production", "image", "production") << QString() << false << false;
        QTest::newRow("behind it") << behind("deploy-production", "deploy-staging", "production") << u("production")
                                   << true << true;
        QTest::newRow("behind what is behind it")
            << QByteArray("  smoke:\n    needs: [deploy-staging]\n") + behind("far", "[image, smoke]", "production")
            << u("production") << true << true;
        QTest::newRow("one that nobody protects")
            << behind("deploy-preview", "deploy-staging", "preview") << u("preview") << false << true;
        QTest::newRow("the same, otherwise written")
            << behind("again", "deploy-staging", "Staging") << QString() << false << false;
        QTest::newRow("an expression") << behind("later", "deploy-staging", "${{ inputs.where }}") << QString() << true
                                       << true;
        QTest::newRow("another file") << QByteArray("  later:\n    needs: deploy-staging\n    uses: ./x.yml\n")
                                      << QString() << true << true;
    }
    void whatRunsAlongIsNamedAndProtects()
    {
        QFETCH(QByteArray, behind);
        QFETCH(QString, named);
        QFETCH(bool, isProtected);
        QFETCH(bool, isWarned);
        m_yard->setWorkflow("  deploy-staging:\n    needs: image\n    environment: staging\n" + behind);
        const auto plan = planned();
        QVERIFY2(plan, plan ? "" : qPrintable(messageOf(plan.error())));
        QVERIFY(!plan->isBlocked());
        QCOMPARE(plan->isProtected, isProtected);
        // What it holds: where nothing tells all that runs along, it may be any.
        QStringList places{u("staging")};
        if (!named.isEmpty())
            places.append(named);
        QCOMPARE(plan->places, isWarned && named.isEmpty() ? QStringList() : places);
        const auto found = std::find_if(plan->checks.begin(), plan->checks.end(),
                                        [](const Check &one) { return one.id == CheckId::OtherOwner; });
        QCOMPARE(found != plan->checks.end(), isWarned);
        if (isWarned)
            QCOMPARE(found->state, CheckState::Warn);
        if (!named.isEmpty())
            QVERIFY2(plan->effect.contains(named) && found->text.contains(named), qPrintable(plan->effect));
    }

    // The run may be older than what one of its later attempts deployed: only the call tells.
    void aRunThatIsTooOldIsRefusedInWords()
    {
        const auto plan = planned();
        QVERIFY2(plan && !plan->isBlocked(), plan ? "blocked" : qPrintable(messageOf(plan.error())));
        m_yard->setAnswer(repository + "/actions/jobs/5/rerun", 403,
                          "{\"message\":\"Unable to retry this workflow run because it was created over a month "
                          "ago\"}");
        const auto refused = waitFor(m_github->runner().execute(plan->steps.first(), {}));
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Refused);
        QVERIFY2(refused.error().message.contains(u("30 days")), qPrintable(refused.error().message));
    }

    void aRepositoryThatMovedAcceptsNothing_data()
    {
        QTest::addColumn<int>("status");
        QTest::newRow("301") << 301;
        QTest::newRow("307") << 307;
    }
    void aRepositoryThatMovedAcceptsNothing()
    {
        QFETCH(int, status);
        FaultServer other([](Exchange &e) { e.answer(201, "{}", asJson); });
        const auto plan = planned();
        QVERIFY2(plan && !plan->isBlocked(), plan ? "blocked" : qPrintable(messageOf(plan.error())));
        const QByteArray rerun = repository + "/actions/jobs/5/rerun";
        m_yard->setMoved(rerun, status, "http://localhost:" + QByteArray::number(other.port()) + "/elsewhere");
        const auto refused = waitFor(m_github->runner().execute(plan->steps.first(), {}));
        QVERIFY(!refused);
        QVERIFY2(refused.error().kind == ErrorKind::Refused, qPrintable(messageOf(refused.error())));
        QVERIFY2(refused.error().message.contains(u("acme/cart")), qPrintable(refused.error().message));
        QVERIFY(other.requests().isEmpty());
        const auto requests = m_server->requests();
        QCOMPARE(std::count_if(requests.begin(), requests.end(), [](const auto &one) { return one.method == "POST"; }),
                 1);
    }

    void aDeploymentThatIsTooOldIsBlockedInThePlan_data()
    {
        QTest::addColumn<int>("days");
        QTest::addColumn<bool>("isBlocked");
        QTest::newRow("29 days") << 29 << false;
        QTest::newRow("32 days") << 32 << true;
    }
    void aDeploymentThatIsTooOldIsBlockedInThePlan()
    {
        QFETCH(int, days);
        QFETCH(bool, isBlocked);
        Json old = deploymentJson(1, 'a');
        old["created_at"] = QDateTime::currentDateTimeUtc().addDays(-days).toString(Qt::ISODate).toStdString();
        m_yard->set(repository + "/deployments", Json::array({deploymentJson(2, 'b'), old}));
        const auto plan = planned();
        QVERIFY2(plan, plan ? "" : qPrintable(messageOf(plan.error())));
        QCOMPARE(plan->isBlocked(), isBlocked);
        const auto found = std::find_if(plan->checks.begin(), plan->checks.end(),
                                        [](const Check &one) { return one.id == CheckId::TargetExists; });
        QVERIFY(found != plan->checks.end());
        QCOMPARE(found->text.contains(u("30 days")), isBlocked);
    }

    void environmentsBeyondTheFirstPageAreListed()
    {
        FaultServer server([](Exchange &e) {
            const bool isSecond = e.target.contains("page=2");
            Json names = Json::array();
            for (int i = 0; i < (isSecond ? 3 : 100); ++i)
                names.push_back({{"name", (isSecond ? "late-" : "early-") + std::to_string(i)}});
            HttpHeaders headers = asJson;
            if (!isSecond)
                headers.append({"Link", "<http://" + e.header("Host") + repository +
                                            "/environments?per_page=100&page=2>; rel=\"next\""});
            e.answer(200, QByteArray::fromStdString(Json{{"environments", names}}.dump()), headers);
        });
        const auto github = makeGitHub(githubAt(server.url(), {u("acme/cart")}), m_http, m_secrets);
        GOT(names, github->deployments()->environments(u("acme/cart"), {}));
        QCOMPARE(names->size(), 103);
        QVERIFY(names->contains(u("late-2")));
    }

    // What is live has not changed yet: the other deployment is on its way.
    void whatWasBegunMeanwhileIsNotOvertaken()
    {
        const auto plan = planned();
        QVERIFY2(plan, plan ? "" : qPrintable(messageOf(plan.error())));
        m_yard->set(repository + "/deployments",
                    Json::array({deploymentJson(3, 'c'), deploymentJson(2, 'b'), deploymentJson(1, 'a')}));
        m_yard->set(repository + "/deployments/3/statuses",
                    statusJson("in_progress", "https://github.example/acme/cart/actions/runs/79/job/9"));
        const auto refused = waitFor(m_github->runner().execute(plan->steps.first(), {}));
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Conflict);
        QVERIFY2(refused.error().message.contains(u("deployment 3 of v3")), qPrintable(refused.error().message));
        for (const auto &request : m_server->requests())
            QCOMPARE(request.method, QByteArray("GET"));
    }

    void withoutItsFileItIsProtected()
    {
        m_yard->setAnswer(repository + "/contents/.github/workflows/release.yml", 404, "{}");
        const auto plan = planned();
        QVERIFY2(plan, plan ? "" : qPrintable(messageOf(plan.error())));
        QVERIFY(plan->isProtected && !plan->isBlocked());
        m_yard->setAnswer(repository + "/contents/.github/workflows/release.yml", 500, "{}");
        QVERIFY(!planned());
    }
};

QTEST_GUILESS_MAIN(TestGitHubRedeploy)
#include "test_githubredeploy.moc"
