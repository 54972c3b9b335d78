// A workflow that calls reusable ones, of its own repository in a matrix and of another one, which calls one of its own
// that is named as one of the caller's, through the stand-in: the called jobs are there, with their own needs.
#include "tests/contract/github/githubworld.h"

#include <QFile>
#include <QRegularExpression>
#include <QTest>

using namespace signalbox;
using namespace signalbox::test;
using sandbox::ci::Cause;
using sandbox::ci::CiPlans;
using sandbox::ci::JobPlan;
using sandbox::ci::Phase;
using sandbox::ci::PipelinePlan;
using sandbox::ci::Vendor;

namespace
{

JobPlan calledJob(const char *name, std::vector<std::string> needs)
{
    JobPlan job;
    job.name = job.key = name;
    job.needs = std::move(needs);
    job.seconds = 60; // whatever it really takes, longer than a step of GitHubWorld::until()
    job.steps = {"Set up job", "Work", "Complete job"};
    job.log = "plain";
    job.runner = "ubuntu-24.04";
    return job;
}

PipelinePlan workflowOf(const char *project, const char *name, const char *file)
{
    PipelinePlan plan;
    plan.vendor = Vendor::GitHub;
    plan.project = project;
    plan.name = name;
    plan.file = std::string(".github/workflows/") + name + ".yml";
    QFile text(QStringLiteral(SIGNALBOX_TEST_DATA "/github/called/") + QLatin1String(file));
    if (text.open(QIODevice::ReadOnly))
        plan.definition = text.readAll().toStdString();
    plan.branches = {"main"};
    plan.people = {"wei"};
    plan.subjects = {"Count what is in the cart"};
    return plan;
}

CiPlans callingPlans()
{
    CiPlans plans;
    plans.seed = 7;
    plans.me = "operator";
    plans.people = {{"operator", "The Operator"}, {"wei", "Wei Zhang"}};
    PipelinePlan deliver = workflowOf("acme/cart", "deliver", "caller.yml");
    deliver.crons = {"17 3 * * *"};
    deliver.jobs.push_back(calledJob("lint", {}));
    std::vector<std::string> bundles;
    for (const std::string arch : {"x86_64", "arm64"}) {
        const std::string in = "package (" + arch + ") / ";
        deliver.jobs.push_back(calledJob((in + "compile").c_str(), {"lint"}));
        deliver.jobs.push_back(calledJob((in + "test (3.12)").c_str(), {in + "compile"}));
        deliver.jobs.push_back(calledJob((in + "test (3.13)").c_str(), {in + "compile"}));
        deliver.jobs.push_back(calledJob((in + "bundle").c_str(), {in + "test (3.12)", in + "test (3.13)"}));
        bundles.push_back(in + "bundle");
    }
    deliver.jobs.push_back(calledJob("sign / attest", bundles));
    deliver.jobs.push_back(calledJob("sign / verify", {"sign / attest"}));
    deliver.jobs.push_back(calledJob("sign / stamp / fetch", {"sign / verify"}));
    deliver.jobs.push_back(calledJob("sign / stamp / seal", {"sign / stamp / fetch"}));
    std::vector<std::string> all = bundles;
    all.push_back("sign / stamp / seal");
    deliver.jobs.push_back(calledJob("publish", all));
    PipelinePlan package = workflowOf("acme/cart", "package", "package.yml");
    PipelinePlan sign = workflowOf("acme/shared", "sign", "sign.yml");
    PipelinePlan stamp = workflowOf("acme/shared", "stamp", "stamp.yml");
    PipelinePlan own = workflowOf("acme/cart", "stamp", "stamp-of-cart.yml");
    for (PipelinePlan *called : {&package, &sign, &stamp, &own}) {
        called->isChild = true;
        called->jobs = {calledJob("never", {})};
    }
    plans.pipelines = {deliver, package, sign, stamp, own};
    return plans;
}

} // namespace

class TestGitHubCalled : public QObject
{
    Q_OBJECT

    HttpClient m_http;
    const CiPlans m_plans = callingPlans();
    std::unique_ptr<GitHubWorld> m_world;
    std::unique_ptr<OneToken> m_secrets;
    std::unique_ptr<PipelineServer> m_github;

    RunRef started()
    {
        const auto made =
            m_world->world.start({Vendor::GitHub, "acme/cart", "deliver", "main", {}, {}, Cause::Manual, "wei", {}});
        return {{u("gh"), u("acme/cart"), u("deliver.yml")}, made ? QString::number(made.run) : QString()};
    }
    // By name: what it needs, by name.
    static QHash<QString, QStringList> needsOf(const RunDetail &detail)
    {
        QHash<QString, QString> names;
        for (const Job &job : detail.jobs)
            names.insert(job.id, job.name);
        QHash<QString, QStringList> needs;
        for (const Job &job : detail.jobs) {
            QStringList those;
            for (const QString &id : job.needs)
                those.append(names.value(id, u("?")));
            those.sort();
            needs.insert(job.name, those);
        }
        return needs;
    }

private slots:
    void init()
    {
        QTest::failOnWarning(QRegularExpression(u(".")));
        QString error;
        m_world = GitHubWorld::start(&error, m_plans);
        QVERIFY2(m_world, qPrintable(error));
        m_secrets = std::make_unique<OneToken>(m_world->token());
        const QUrl url(m_world->url().toString() + u("/api/v3"));
        m_github = makeGitHub(githubAt(url, {u("acme/cart")}, m_world->caPem()), m_http, *m_secrets);
    }

    void calledJobsHaveTheirOwnNeeds()
    {
        const RunRef ref = started();
        QVERIFY(!ref.id.isEmpty());
        QVERIFY(m_world->until([&] { return m_world->world.run(ref.id.toLongLong())->phase == Phase::Passed; }));
        GOT(detail, m_github->source().run(ref, {}));
        QCOMPARE(detail->jobs.size(), 14);
        const auto needs = needsOf(*detail);
        QCOMPARE(needs[u("lint")], QStringList());
        for (const QString &arch : {u("x86_64"), u("arm64")}) {
            const QString in = u("package (%1) / ").arg(arch);
            QCOMPARE(needs[in + u("compile")], QStringList{u("lint")});
            QCOMPARE(needs[in + u("test (3.12)")], QStringList{in + u("compile")});
            QCOMPARE(needs[in + u("test (3.13)")], QStringList{in + u("compile")});
            QCOMPARE(needs[in + u("bundle")], (QStringList{in + u("test (3.12)"), in + u("test (3.13)")}));
        }
        const QStringList bundles{u("package (arm64) / bundle"), u("package (x86_64) / bundle")};
        QCOMPARE(needs[u("sign / attest")], bundles);
        QCOMPARE(needs[u("sign / verify")], QStringList{u("sign / attest")});
        QCOMPARE(needs[u("sign / stamp / fetch")], QStringList{u("sign / verify")});
        QCOMPARE(needs[u("sign / stamp / seal")], QStringList{u("sign / stamp / fetch")});
        QCOMPARE(needs[u("publish")], bundles + QStringList{u("sign / stamp / seal")});
        QVERIFY2(!detail->graphNote.contains(u("not in the file")), qPrintable(detail->graphNote));
    }

    // What has not begun is not on GitHub's list: it comes from the called files.
    void whatHasNotBegunIsReadFromTheCalledFiles()
    {
        const RunRef ref = started();
        QVERIFY(m_world->until([&] {
            const auto run = m_world->world.run(ref.id.toLongLong());
            const auto *compile = run->job("package (arm64) / compile");
            return compile && compile->phase == Phase::Running;
        }));
        GOT(detail, m_github->source().run(ref, {}));
        const auto needs = needsOf(*detail);
        QCOMPARE(needs[u("package (arm64) / compile")], QStringList{u("lint")});
        QVERIFY2(needs.contains(u("publish")), qPrintable(QStringList(needs.keys()).join(u", ")));
        QVERIFY2(needs.contains(u("package (arm64) / bundle")), qPrintable(QStringList(needs.keys()).join(u", ")));
        for (const Job &job : detail->jobs) {
            if (job.name == u("package (arm64) / bundle") || job.name == u("publish"))
                QCOMPARE(job.state, RunState::NotStarted);
        }
    }
};

QTEST_GUILESS_MAIN(TestGitHubCalled)
#include "test_githubcalled.moc"
