// Somebody else's client on the practice world's GitHub: GitHub's own program "gh", Debian's package.
#include "tests/contract/github/githubworld.h"
#include "tests/support/needs.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <functional>

using namespace signalbox;
using namespace signalbox::test;
using sandbox::ci::Cause;
using sandbox::ci::Phase;
using sandbox::ci::RunRecord;
using sandbox::ci::Vendor;

class TestGitHubClient : public QObject
{
    Q_OBJECT

    static constexpr const char *project = "growth/recommender";

    struct Said
    {
        int status = -1;
        QByteArray text; // both channels
    };

    std::unique_ptr<GitHubWorld> m_world;
    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_gh;

    Said ended(const QStringList &arguments) const
    {
        QProcess process;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(u("SSL_CERT_FILE"), m_folder->filePath(u("ca.pem")));
        environment.insert(u("GH_HOST"), m_world->url().authority());
        environment.insert(u("GH_ENTERPRISE_TOKEN"), QString::fromUtf8(m_world->token()));
        environment.insert(u("GH_CONFIG_DIR"), m_folder->path());
        environment.insert(u("GH_NO_UPDATE_NOTIFIER"), u("1"));
        environment.insert(u("TMPDIR"), m_folder->path()); // it keeps archives there
        process.setProcessEnvironment(environment);
        process.setWorkingDirectory(m_folder->path());
        process.start(m_gh, arguments);
        if (!process.waitForFinished(30'000))
            return {-1, process.errorString().toUtf8()};
        return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1,
                process.readAllStandardOutput() + process.readAllStandardError()};
    }
    QByteArray say(const QStringList &arguments) const { return ended(arguments).text; }
    QString repository() const { return m_world->url().authority() + u'/' + u(project); }
    QStringList there(const QStringList &arguments) const { return arguments + QStringList{u("-R"), repository()}; }
    QByteArray api(const QString &path, const QStringList &more = {}) const
    {
        return say(QStringList{u("api"), u("repos/%1/").arg(u(project)) + path} + more);
    }
    // The newest run of the project that is so; none: id 0.
    RunRecord newest(const std::function<bool(const RunRecord &)> &isWanted = {}) const
    {
        sandbox::ci::RunQuery query;
        query.vendor = Vendor::GitHub;
        query.project = project;
        query.limit = 400;
        for (const RunRecord &one : m_world->world.runs(query).runs) {
            const auto whole = m_world->world.run(one.id);
            if (whole && (!isWanted || isWanted(*whole)))
                return *whole;
        }
        return {};
    }
    static bool hasFailedStep(const RunRecord &run)
    {
        const auto isFailed = [](const auto &one) { return one.phase == Phase::Failed; };
        return run.phase == Phase::Failed && std::any_of(run.jobs.begin(), run.jobs.end(), [&](const auto &job) {
                   return isFailed(job) && std::any_of(job.steps.begin(), job.steps.end(), isFailed);
               });
    }
    bool untilPhase(std::int64_t id, Phase phase)
    {
        return m_world->until([&] { return m_world->world.run(id)->phase == phase; });
    }

private slots:
    void init()
    {
        QTest::failOnWarning(QRegularExpression(u(".")));
        m_gh = QStandardPaths::findExecutable(u("gh"));
        if (m_gh.isEmpty())
            MISSING("gh is not installed");
        QString error;
        m_world = GitHubWorld::start(&error);
        QVERIFY2(m_world, qPrintable(error));
        m_folder = std::make_unique<QTemporaryDir>();
        QFile ca(m_folder->filePath(u("ca.pem")));
        QVERIFY(ca.open(QIODevice::WriteOnly) && ca.write(m_world->caPem()) > 0);
    }
    void cleanup()
    {
        m_world.reset();
        m_folder.reset();
    }

    void itReadsAndOrders()
    {
        const std::int64_t id = m_world->runAtGate();
        const QString number = QString::number(id);
        const QByteArray runs = say(there({u("run"), u("list"), u("--json"), u("databaseId,status,event")}));
        QVERIFY2(runs.contains("\"databaseId\":" + QByteArray::number(qint64(id))) && runs.contains("\"waiting\""),
                 runs);
        const QByteArray jobs = say(there({u("run"), u("view"), number}));
        QVERIFY2(jobs.contains("image") && jobs.contains("deploy-production"), jobs);
        const QByteArray workflows = say(there({u("workflow"), u("list")}));
        QVERIFY2(workflows.contains("release"), workflows);
        const QJsonArray deployments =
            QJsonDocument::fromJson(api(u("deployments?environment=staging&per_page=2"))).array();
        QCOMPARE(deployments.size(), 2);
        const QString last = QString::number(deployments.at(0).toObject().value(u("id")).toInteger());
        const QByteArray statuses = api(u("deployments/%1/statuses").arg(last));
        QVERIFY2(statuses.contains("\"state\":\"success\""), statuses);
        const QByteArray cancelled = say(there({u("run"), u("cancel"), number}));
        QVERIFY2(cancelled.contains("submitted"), cancelled);

        QVERIFY(untilPhase(id, Phase::Cancelled));
        const auto job = QString::number(m_world->world.run(id)->job("deploy-staging")->id);
        int attempt = 1;
        for (const QStringList &what :
             {QStringList{u("--job"), job}, QStringList{number}, QStringList{number, u("--failed")}}) {
            const QByteArray said = say(there(QStringList{u("run"), u("rerun")} + what));
            QVERIFY2(m_world->world.run(id)->attempt == ++attempt, said + what.join(u' ').toUtf8());
            QVERIFY(bool(m_world->world.cancel(id, m_world->world.me())));
            QVERIFY(untilPhase(id, Phase::Cancelled));
        }
        for (int before = 1; before <= attempt; ++before) {
            const QString path = u("actions/runs/%1/attempts/%2").arg(number).arg(before);
            const QJsonObject told = QJsonDocument::fromJson(api(path)).object();
            QCOMPARE(told.value(u("run_attempt")).toInt(), before);
            const QJsonArray jobsOfIt =
                QJsonDocument::fromJson(api(path + u("/jobs"))).object().value(u("jobs")).toArray();
            QVERIFY2(!jobsOfIt.isEmpty(), qPrintable(path));
        }
        QVERIFY(api(u("actions/runs/%1/attempts/%2").arg(number).arg(attempt + 1)).contains("Not Found"));
        const QByteArray started = say(there(
            {u("workflow"), u("run"), u("release.yml"), u("--ref"), u("main"), u("-f"), u("environment=staging")}));
        const RunRecord made = newest();
        QVERIFY2(made.id > id, started);
        QCOMPARE(made.pipeline, std::string("release"));
        QCOMPARE(made.cause, Cause::Manual);
    }

    // It takes the whole run's archive apart, and shows a job's steps from it.
    void itReadsLogs()
    {
        const std::int64_t id = m_world->runAtGate();
        QVERIFY(id != 0);
        const QStringList log = there({u("run"), u("view"), QString::number(id), u("--log")});
        const QByteArray early = say(log);
        QVERIFY2(early.contains("still in progress"), early);
        QVERIFY(bool(m_world->world.cancel(id, m_world->world.me())));
        QVERIFY(untilPhase(id, Phase::Cancelled));
        const auto run = *m_world->world.run(id);
        const auto *const job = run.job("deploy-staging");
        QVERIFY(job && job->phase == Phase::Passed && !job->steps.empty());
        const QByteArray whole = say(log);
        const QByteArray one = say(log + QStringList{u("--job"), QString::number(qint64(job->id))});
        int lines = 0;
        for (const auto &line : m_world->world.log(job->id)) {
            const QByteArray row = "deploy-staging\t" +
                                   QByteArray::fromStdString(job->steps[static_cast<std::size_t>(line.step)].name) +
                                   '\t';
            QVERIFY2(whole.contains(row) && one.contains(row), row + whole.left(2000));
            QVERIFY2(one.contains(QByteArray::fromStdString(line.text)), QByteArray::fromStdString(line.text));
            ++lines;
        }
        QVERIFY(lines > 0);
        QVERIFY2(one.count('\n') >= lines && whole.count('\n') > one.count('\n'), whole.left(2000));
    }

    void itReadsWorkflows()
    {
        const QByteArray shown = say(there({u("workflow"), u("view"), u("release.yml")}));
        QVERIFY2(shown.contains("release.yml") && shown.contains("Total runs"), shown);
        const auto plans = m_world->world.pipelines(Vendor::GitHub, project);
        const auto plan =
            std::find_if(plans.begin(), plans.end(), [](const auto *one) { return one->name == "release"; });
        QVERIFY(plan != plans.end());
        const QByteArray file = say(there({u("workflow"), u("view"), u("release.yml"), u("--yaml")}));
        QCOMPARE(file.trimmed(), QByteArray::fromStdString((*plan)->definition).trimmed());
    }

    void itReadsAnEndedRun()
    {
        const RunRecord failed = newest(hasFailedStep);
        QVERIFY(failed.id != 0);
        const QString number = QString::number(failed.id);
        const Said watched = ended(there({u("run"), u("watch"), number}));
        QCOMPARE(watched.status, 0);
        QVERIFY2(watched.text.contains("has already completed with 'failure'"), watched.text);

        const QByteArray verbose = say(there({u("run"), u("view"), number, u("-v")}));
        const QByteArray log = say(there({u("run"), u("view"), number, u("--log-failed")}));
        int steps = 0;
        for (const auto &job : failed.jobs) {
            const QByteArray name = QByteArray::fromStdString(job.name);
            for (const auto &step : job.steps) {
                const QByteArray row = name + '\t' + QByteArray::fromStdString(step.name) + '\t';
                if (job.phase != Phase::Failed || step.phase != Phase::Failed) {
                    QVERIFY2(!log.contains(row), row + log.left(2000));
                    continue;
                }
                ++steps;
                QVERIFY2(log.contains(row), row + log.left(2000));
                QVERIFY2(verbose.contains(name) && verbose.contains(QByteArray::fromStdString(step.name)), verbose);
            }
        }
        QVERIFY(steps > 0);
    }

    void itFetchesArtifacts()
    {
        const RunRecord passed =
            newest([](const RunRecord &run) { return run.pipeline == "release" && run.phase == Phase::Passed; });
        QVERIFY(passed.id != 0);
        const auto artifacts = m_world->world.artifacts(passed.id);
        QVERIFY(artifacts.size() > 1);
        const Said fetched = ended(
            there({u("run"), u("download"), QString::number(passed.id), u("--dir"), m_folder->filePath(u("got"))}));
        QVERIFY2(fetched.status == 0, fetched.text);
        for (const auto &one : artifacts) {
            QFile file(m_folder->filePath(u("got/%1/about.txt").arg(QString::fromStdString(one.name))));
            QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(file.fileName()));
            const QByteArray text = file.readAll();
            QVERIFY2(text.contains(QByteArray::fromStdString(one.name)) &&
                         text.contains(QByteArray::fromStdString(passed.commit)),
                     text);
            const QJsonObject told =
                QJsonDocument::fromJson(api(u("actions/artifacts/%1").arg(qint64(one.id)))).object();
            QCOMPARE(told.value(u("name")).toString(), QString::fromStdString(one.name));
        }
        QVERIFY2(api(u("actions/artifacts/1")).contains("Not Found"), "an artifact that is not there");
        QVERIFY2(api(u("actions/artifacts/%1/tar").arg(qint64(artifacts.front().id))).contains("Not Found"),
                 "only zip is a format of archives");
    }

    void itDecidesAndForces()
    {
        const std::int64_t id = m_world->runAtGate();
        QVERIFY(id != 0);
        const QString run = u("actions/runs/%1").arg(id);
        const QByteArray pending = api(run + u("/pending_deployments"));
        const QJsonObject gate = QJsonDocument::fromJson(pending).array().at(0).toObject();
        QVERIFY2(gate.value(u("current_user_can_approve")).toBool(), pending);
        const QJsonObject environment = gate.value(u("environment")).toObject();
        QCOMPARE(environment.value(u("name")).toString(), u("production"));
        QCOMPARE(QJsonDocument::fromJson(api(run + u("/approvals"))).array().size(), 0);
        const QByteArray environments = api(u("environments"));
        QVERIFY2(environments.contains("\"production\"") && environments.contains("\"staging\""), environments);

        const Said unnamed =
            ended({u("api"), u("repos/%1/").arg(u(project)) + run + u("/pending_deployments"), u("-F"),
                   u("environment_ids[]=1"), u("-f"), u("state=approved"), u("-f"), u("comment=by gh")});
        QVERIFY2(unnamed.status == 1 && unnamed.text.contains("422"), unnamed.text);
        QCOMPARE(m_world->world.run(id)->phase, Phase::Waiting);
        const QString chosen = u("environment_ids[]=%1").arg(environment.value(u("id")).toInteger());
        const QByteArray decided = api(run + u("/pending_deployments"),
                                       {u("-F"), chosen, u("-f"), u("state=approved"), u("-f"), u("comment=by gh")});
        QVERIFY2(decided.contains("\"environment\":\"production\""), decided);
        const QJsonObject approval = QJsonDocument::fromJson(api(run + u("/approvals"))).array().at(0).toObject();
        QCOMPARE(approval.value(u("state")).toString(), u("approved"));
        QCOMPARE(approval.value(u("comment")).toString(), u("by gh"));
        QCOMPARE(approval.value(u("user")).toObject().value(u("login")).toString(),
                 QString::fromStdString(m_world->world.me()));
        QVERIFY(m_world->world.run(id)->phase != Phase::Waiting);

        const std::int64_t other = m_world->runAtGate();
        QVERIFY(other != 0);
        const Said forced = ended(
            {u("api"), u("-X"), u("POST"), u("repos/%1/actions/runs/%2/force-cancel").arg(u(project)).arg(other)});
        QVERIFY2(forced.status == 0, forced.text);
        QVERIFY(untilPhase(other, Phase::Cancelled));
        const Said late = ended(
            {u("api"), u("-X"), u("POST"), u("repos/%1/actions/runs/%2/force-cancel").arg(u(project)).arg(other)});
        QVERIFY2(late.status == 1 && late.text.contains("409"), late.text);
    }
};

QTEST_GUILESS_MAIN(TestGitHubClient)
#include "test_githubclient.moc"
