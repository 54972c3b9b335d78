// What Jenkins tells only when it is asked once more: coverage, and when a job begins by itself.
#include "services/adapters/jenkins/jenkinsserver.h"
#include "services/net/httpclient.h"
#include "tests/contract/jenkins/jenkinsyard.h"
#include "tests/support/faultserver.h"
#include "tests/support/httpwait.h"
#include "tests/support/needs.h"

#include <nlohmann/json.hpp>

#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QTest>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

const HttpHeaders asJson{{"Content-Type", "application/json"}};

QByteArray data(const QString &name)
{
    QFile file(QStringLiteral(SIGNALBOX_SOURCE_DIR "/tests/data/jenkins/") + name);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

class TestJenkinsTold : public QObject
{
    Q_OBJECT

    HttpClient m_http;
    OneApiToken m_token{"hunter2hunter2"};
    const PipelineRef m_pipeline{QStringLiteral("ci"), QStringLiteral("tools"), {}};
    const RunRef m_run{m_pipeline, QStringLiteral("7")};

    std::unique_ptr<PipelineServer> serverOf(const FaultServer &server)
    {
        return makeJenkins(jenkinsConfig(server.url(), {}), m_http, m_token);
    }
    static QByteArray pathOf(const Exchange &e) { return e.target.split('?').constFirst(); }

private slots:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("."))); }

    void coverageIsReadWhereItIsReported_data()
    {
        QTest::addColumn<bool>("hasTests");
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("answer");
        QTest::addColumn<double>("percent");  // below 0: none
        QTest::addColumn<ErrorKind>("error"); // without tests; beside them it is noted, but for NotFound
        const QByteArray told = data(QStringLiteral("coverage.json"));
        const QByteArray none;
        QTest::newRow("beside tests") << true << 200 << told << 95.39 << ErrorKind::NotFound;
        QTest::newRow("without tests") << false << 200 << told << 95.39 << ErrorKind::NotFound;
        QTest::newRow("the plugin is not there") << true << 404 << none << -1.0 << ErrorKind::NotFound;
        QTest::newRow("neither") << false << 404 << none << -1.0 << ErrorKind::NotFound;
        QTest::newRow("no lines are counted")
            << true << 200 << QByteArray("{\"projectStatistics\": {\"module\": \"100.00%\"}}") << -1.0
            << ErrorKind::NotFound;
        QTest::newRow("no number") << true << 200 << QByteArray("{\"projectStatistics\": {\"line\": \"n/a\"}}") << -1.0
                                   << ErrorKind::Protocol;
        QTest::newRow("not allowed") << true << 403 << none << -1.0 << ErrorKind::Forbidden;
        QTest::newRow("not allowed, without tests") << false << 403 << none << -1.0 << ErrorKind::Forbidden;
        QTest::newRow("it breaks, without tests") << false << 500 << none << -1.0 << ErrorKind::Unreachable;
        QTest::newRow("it breaks") << true << 500 << none << -1.0 << ErrorKind::Unreachable;
    }
    void coverageIsReadWhereItIsReported()
    {
        QFETCH(bool, hasTests);
        QFETCH(int, status);
        QFETCH(QByteArray, answer);
        QFETCH(double, percent);
        FaultServer server([&](Exchange &e) {
            if (pathOf(e) == "/job/tools/7/coverage/api/json")
                e.answer(status, answer, asJson);
            else if (hasTests && pathOf(e) == "/job/tools/7/testReport/api/json")
                e.answer(200, "{\"failCount\": 0, \"passCount\": 3, \"skipCount\": 0, \"suites\": []}", asJson);
            else
                e.answer(404);
        });
        const auto report = waitFor(serverOf(server)->source().tests(m_run, {}));
        QCOMPARE(bool(report), hasTests || percent >= 0);
        if (!report) {
            QTEST(report.error().kind, "error");
            return;
        }
        QFETCH(ErrorKind, error);
        QCOMPARE(report->note.isEmpty(), error == ErrorKind::NotFound);
        QCOMPARE(report->coverage, percent < 0 ? std::nullopt : std::optional(percent));
        QCOMPARE(report->passed, hasTests ? 3 : 0);
        QVERIFY(report->readAt.isValid());
    }

    // A step may give its report another id than the plugin's own: the page of the build links to it.
    void coverageIsFoundUnderItsOwnId_data()
    {
        QTest::addColumn<int>("page"); // how the build's page is answered
        QTest::addColumn<QByteArray>("place");
        QTest::addColumn<bool>("isFound");
        QTest::newRow("another id") << 200 << QByteArray("unit-tests") << true;
        QTest::newRow("the default id") << 200 << QByteArray("coverage") << true;
        QTest::newRow("the default id, and no page") << 404 << QByteArray("coverage") << true;
        QTest::newRow("another id, and no page") << 404 << QByteArray("unit-tests") << false;
    }
    void coverageIsFoundUnderItsOwnId()
    {
        QFETCH(int, page);
        QFETCH(QByteArray, place);
        QFETCH(bool, isFound);
        FaultServer server([&](Exchange &e) {
            if (pathOf(e) == "/job/tools/7/" + place + "/api/json")
                e.answer(200, data(QStringLiteral("coverage.json")), asJson);
            else if (pathOf(e) == "/job/tools/7/mutation/api/json") // it counts no lines
                e.answer(200, "{\"projectStatistics\": {\"mutation\": \"70.00%\"}}", asJson);
            else if (pathOf(e) == "/job/tools/7/" && page == 200)
                e.answer(200, data(QStringLiteral("run-page.html")), {{"Content-Type", "text/html"}});
            else
                e.answer(404);
        });
        const auto jenkins = serverOf(server);
        for (int i = 0; i < 2; ++i) {
            const auto report = waitFor(jenkins->source().tests(m_run, {}));
            QCOMPARE(bool(report), isFound);
            if (report)
                QCOMPARE(report->coverage, std::optional(95.39));
        }
        int pages = 0;
        for (const auto &request : server.requests()) {
            QVERIFY2(!request.target.contains("secret"), request.target.constData());
            pages += request.target == "/job/tools/7/" ? 1 : 0;
        }
        if (page == 200) // it is remembered, and not asked for where nobody needs it
            QCOMPARE(pages, place == "coverage" ? 0 : 1);
    }

    // What JaCoCo, Cobertura and the Code Coverage API before 4.0 say, and where: sources at coverageReportsOf().
    void anotherPluginsReportIsReadWhereThePageLinksToIt_data()
    {
        QTest::addColumn<QByteArray>("link");
        QTest::addColumn<QByteArray>("place");
        QTest::addColumn<QByteArray>("answer");
        QTest::addColumn<double>("percent"); // below 0: none
        const QByteArray menu = "<a href=\"/job/tools/7/jacoco\" class=\"task-link\">Coverage Report</a>";
        QTest::newRow("JaCoCo") << menu << QByteArray("jacoco")
                                << QByteArray(
                                       "{\"lineCoverage\": {\"covered\": 829, \"missed\": 171, \"percentage\": 83, "
                                       "\"percentageFloat\": 82.9, \"total\": 1000}}")
                                << 82.9;
        QTest::newRow("JaCoCo, which found no classes")
            << menu << QByteArray("jacoco")
            << QByteArray("{\"lineCoverage\": {\"covered\": 0, \"missed\": 0, \"percentageFloat\": 100, \"total\": 0}}")
            << -1.0;
        QTest::newRow("JaCoCo, and nothing is covered")
            << menu << QByteArray("jacoco")
            << QByteArray("{\"lineCoverage\": {\"covered\": 0, \"missed\": 9, \"percentageFloat\": 0, \"total\": 9}}")
            << 0.0;
        QTest::newRow("an old JaCoCo") << menu << QByteArray("jacoco")
                                       << QByteArray("{\"lineCoverage\": {\"percentageFloat\": 62.5}}") << 62.5;
        QTest::newRow("an old JaCoCo, which found no classes")
            << menu << QByteArray("jacoco") << QByteArray("{\"lineCoverage\": {\"percentageFloat\": 0}}") << -1.0;
        QTest::newRow("Cobertura") << QByteArray("<a href=\"cobertura/\">Cobertura Coverage Report</a>")
                                   << QByteArray("cobertura")
                                   << QByteArray(
                                          "{\"results\": {\"elements\": [{\"name\": \"Packages\", \"ratio\": 100.0, "
                                          "\"numerator\": 1.0, \"denominator\": 1.0}, {\"name\": \"Lines\", "
                                          "\"ratio\": 80.0, \"numerator\": 4.0, \"denominator\": 5.0}]}}")
                                   << 80.0;
        QTest::newRow("Cobertura, without a line")
            << QByteArray("<a href=\"cobertura/\">Cobertura Coverage Report</a>") << QByteArray("cobertura")
            << QByteArray("{\"results\": {\"elements\": [{\"name\": \"Lines\", \"ratio\": 100.0, \"numerator\": 0.0, "
                          "\"denominator\": 0.0}]}}")
            << -1.0;
        QTest::newRow("Code Coverage API")
            << QByteArray("<a href=\"coverage/\">Coverage Reports</a>") << QByteArray("coverage/result")
            << QByteArray("{\"results\": {\"elements\": [{\"name\": \"Line\", \"ratio\": 40.66363}]}}") << 40.66363;
        QTest::newRow("a page of another run")
            << QByteArray("<a href=\"/job/coverage/\">coverage</a>"
                          "<a href=\"/job/tools/6/jacoco\">Coverage Report</a>")
            << QByteArray("jacoco") << QByteArray("{\"lineCoverage\": {\"covered\": 1, \"total\": 2}}") << -1.0;
    }
    void anotherPluginsReportIsReadWhereThePageLinksToIt()
    {
        QFETCH(QByteArray, link);
        QFETCH(QByteArray, place);
        QFETCH(QByteArray, answer);
        QFETCH(double, percent);
        FaultServer server([&](Exchange &e) {
            if (pathOf(e) == "/job/tools/7/" + place + "/api/json")
                e.answer(200, answer, asJson);
            else if (pathOf(e) == "/job/tools/7/")
                e.answer(200, "<html><body>" + link + "</body></html>", {{"Content-Type", "text/html"}});
            else if (pathOf(e) == "/job/tools/7/testReport/api/json")
                e.answer(200, "{\"failCount\": 0, \"passCount\": 3, \"skipCount\": 0, \"suites\": []}", asJson);
            else
                e.answer(404);
        });
        const auto jenkins = serverOf(server);
        qsizetype first = 0;
        for (int i = 0; i < 2; ++i) {
            first = server.requests().size();
            const auto report = waitFor(jenkins->source().tests(m_run, {}));
            QVERIFY2(report, report ? "" : qPrintable(report.error().message));
            QCOMPARE(report->coverage.has_value(), percent >= 0);
            QCOMPARE(report->coverage.value_or(percent), percent);
            QVERIFY2(report->note.isEmpty(), qPrintable(report->note));
        }
        if (percent >= 0) // tests, and where the last report was
            QCOMPARE(server.requests().size() - first, 2);
    }

    // Nobody knows then whether there is a report: who asks again later may find it.
    void aPageThatCouldNotBeReadIsNoReportThatIsMissing_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<ErrorKind>("error");
        QTest::newRow("not there") << 404 << ErrorKind::NotFound;
        QTest::newRow("it breaks") << 500 << ErrorKind::Unreachable;
        QTest::newRow("not allowed") << 403 << ErrorKind::Forbidden;
    }
    void aPageThatCouldNotBeReadIsNoReportThatIsMissing()
    {
        QFETCH(int, status);
        bool isMended = false;
        FaultServer server([&](Exchange &e) {
            if (pathOf(e) == "/job/tools/7/" && isMended)
                e.answer(200, data(QStringLiteral("run-page.html")), {{"Content-Type", "text/html"}});
            else if (pathOf(e) == "/job/tools/7/unit-tests/api/json")
                e.answer(200, data(QStringLiteral("coverage.json")), asJson);
            else
                e.answer(pathOf(e) == "/job/tools/7/" ? status : 404);
        });
        const auto jenkins = serverOf(server);
        const auto report = waitFor(jenkins->source().tests(m_run, {}));
        QVERIFY(!report);
        QTEST(report.error().kind, "error");
        isMended = true;
        const auto later = waitFor(jenkins->source().tests(m_run, {}));
        QVERIFY2(later, later ? "" : qPrintable(later.error().message));
        QCOMPARE(later->coverage, std::optional(95.39));
    }

    void theStandInReportsCoverageAsThePluginDoes_data()
    {
        using Plugin = sandbox::ci::JenkinsApi::CoveragePlugin;
        QTest::addColumn<bool>("hasPlugin");
        QTest::addColumn<QString>("id");
        QTest::addColumn<int>("plugin");
        QTest::newRow("with the plugin") << true << QStringLiteral("coverage") << int(Plugin::Coverage);
        QTest::newRow("with an id of its own") << true << QStringLiteral("unit-tests") << int(Plugin::Coverage);
        QTest::newRow("with JaCoCo") << true << QStringLiteral("coverage") << int(Plugin::Jacoco);
        QTest::newRow("with Cobertura") << true << QStringLiteral("coverage") << int(Plugin::Cobertura);
        QTest::newRow("with the old API") << true << QStringLiteral("coverage") << int(Plugin::OldCoverageApi);
        QTest::newRow("without") << false << QStringLiteral("coverage") << int(Plugin::Coverage);
    }
    void theStandInReportsCoverageAsThePluginDoes()
    {
        QFETCH(bool, hasPlugin);
        QFETCH(QString, id);
        sandbox::ci::JenkinsApi::Options options;
        options.hasCoverage = hasPlugin;
        options.coverageId = id.toStdString();
        QFETCH(int, plugin);
        options.coveragePlugin = static_cast<sandbox::ci::JenkinsApi::CoveragePlugin>(plugin);
        JenkinsYard yard(options);
        const std::int64_t begun = yard.start("team/cart", "main", "ana");
        QVERIFY(yard.untilPhase(begun, sandbox::ci::Phase::Waiting));
        OneApiToken token(JenkinsYard::token());
        const auto jenkins = makeJenkins(jenkinsConfig(yard.url(), yard.caPem()), m_http, token);
        const RunRef run{{QStringLiteral("ci"), QStringLiteral("team/cart/main"), {}},
                         QString::number(yard.run(begun).number)};
        const auto report = waitFor(jenkins->source().tests(run, {}));
        QVERIFY2(report, report ? "" : qPrintable(report.error().message));
        QCOMPARE(report->coverage.has_value(), hasPlugin);
        if (hasPlugin)
            QCOMPARE(report->coverage, yard.world().tests(begun).coverage);
    }

    // Every address that its answers name can be followed, and nothing else is there.
    void theStandInServesTheNodesOfAFlow()
    {
        using Json = nlohmann::json;
        JenkinsYard yard;
        const std::int64_t id = yard.start("team/cart", "main", "ana");
        QVERIFY(yard.untilPhase(id, sandbox::ci::Phase::Waiting));
        sandbox::ci::JenkinsApi api(yard.world());
        const auto get = [&api](const std::string &path, const char *start = nullptr) {
            sandbox::LoopbackRequest request;
            request.method = "GET";
            request.path = request.rawPath = path;
            if (start)
                request.query.emplace_back("start", start);
            return api.answer(request);
        };
        const auto jsonOf = [&get](const std::string &path) {
            const auto reply = get(path);
            return reply.status == 200 ? Json::parse(reply.body, nullptr, false) : Json();
        };
        const auto follow = [](const Json &of, const char *link) {
            return of.at("_links").at(link).at("href").get<std::string>();
        };
        const std::string run = "/job/team/job/cart/job/main/" + std::to_string(yard.run(id).number);
        const Json whole = jsonOf(run + "/wfapi/describe");
        QVERIFY(whole.is_object() && !whole.at("stages").empty());
        int logs = 0;
        for (const Json &one : whole.at("stages")) {
            const std::string self = follow(one, "self");
            const Json stage = jsonOf(self);
            QVERIFY2(stage.is_object() && stage.at("id") == one.at("id"), self.c_str());
            const std::string node = self.substr(0, self.size() - std::string("/wfapi/describe").size());
            QCOMPARE(get(node).status, 200);
            QCOMPARE(get(node + "/wfapi").body, get(self).body);
            QCOMPARE(get(node + "/log").status, 404); // a stage writes nothing itself
            QCOMPARE(get(node + "/wfapi/nothing").status, 404);
            for (const Json &listed : stage.at("stageFlowNodes")) {
                const Json step = jsonOf(follow(listed, "self"));
                QVERIFY2(step == listed, listed.dump().c_str());
                const Json log = jsonOf(follow(listed, "log"));
                QVERIFY2(log.is_object() && log.at("nodeId") == listed.at("id"), listed.dump().c_str());
                const std::string page = log.at("consoleUrl").get<std::string>();
                const auto shown = get(page);
                QCOMPARE(shown.status, 200);
                QVERIFY(shown.contentType.rfind("text/html", 0) == 0);
                const auto text = get(page + "/logText/progressiveText", "0");
                QCOMPARE(text.status, 200);
                QVERIFY(text.contentType.rfind("text/plain", 0) == 0);
                QCOMPARE(text.body.empty(), log.at("text").get<std::string>().empty());
                QVERIFY(get(page + "/logText/progressiveText", std::to_string(text.body.size()).c_str()).body.empty());
                logs += text.body.empty() ? 0 : 1;
            }
        }
        QVERIFY(logs > 0);
        QCOMPARE(get(run + "/execution/node/99999/wfapi/describe").status, 404);
    }

    void anIndependentClientReadsAndOrders()
    {
        // Debian's, which has the package, before another one in the path.
        const QString python = QStandardPaths::findExecutable(QStringLiteral("python3"), {QStringLiteral("/usr/bin")});
        if (python.isEmpty() ||
            QProcess::execute(python, {QStringLiteral("-c"), QStringLiteral("import jenkins")}) != 0)
            MISSING("python3-jenkins is not installed");
        sandbox::ci::JenkinsApi::Options options;
        options.crumbs = sandbox::ci::JenkinsApi::Crumbs::Always;
        JenkinsYard yard(options);
        const std::int64_t other = yard.start("team/risk", "main", "ana");
        const std::int64_t id = yard.start("team/cart", "main", "ana");
        QVERIFY(yard.untilPhase(id, sandbox::ci::Phase::Waiting));
        QVERIFY(yard.untilPhase(other, sandbox::ci::Phase::Waiting));
        QProcess client;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("REQUESTS_CA_BUNDLE"), yard.caFile());
        client.setProcessEnvironment(environment);
        client.start(python,
                     {QStringLiteral(SIGNALBOX_SOURCE_DIR "/tests/contract/jenkins/client_orders.py"),
                      yard.url().toString(), QStringLiteral("operator"), QString::fromLatin1(JenkinsYard::token())});
        QVERIFY(QTest::qWaitFor([&] { return client.state() == QProcess::NotRunning; }, 40'000));
        const QByteArray said = client.readAllStandardOutput() + client.readAllStandardError();
        QVERIFY2(client.exitStatus() == QProcess::NormalExit && client.exitCode() == 0, said.constData());
        QCOMPARE(yard.run(id).phase, sandbox::ci::Phase::Cancelled);
    }

    // No list waits for it: the next one has it.
    void aListedJobHasItsSchedules_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QString>("config");
        QTest::addColumn<QStringList>("crons");
        QTest::newRow("one") << 200 << QStringLiteral("config-timer.xml") << QStringList{QStringLiteral("H 2 * * *")};
        QTest::newRow("not allowed") << 403 << QString() << QStringList();
    }
    void aListedJobHasItsSchedules()
    {
        QFETCH(int, status);
        QFETCH(QString, config);
        QFETCH(QStringList, crons);
        FaultServer server([&](Exchange &e) {
            if (pathOf(e) == "/job/tools/config.xml")
                e.answer(status, config.isEmpty() ? QByteArray() : data(config), {{"Content-Type", "application/xml"}});
            else if (pathOf(e) == "/job/tools/api/json")
                e.answer(200, "{\"_class\": \"hudson.model.FreeStyleProject\", \"name\": \"tools\"}", asJson);
            else
                e.answer(404);
        });
        PipelineServerConfig of = jenkinsConfig(server.url(), {});
        of.projects = {QStringLiteral("tools")};
        const auto jenkins = makeJenkins(of, m_http, m_token);
        const auto listed = [&] {
            const auto list = waitFor(jenkins->source().pipelines({}));
            return list && list->size() == 1 ? list->constFirst() : Pipeline();
        };
        QCOMPARE(listed().schedules, QStringList());
        QTRY_VERIFY(listed().schedules == crons && listed().whyNoSchedules.isEmpty() == (status == 200));
        int asked = 0;
        for (const auto &request : server.requests())
            asked += request.target.endsWith("/config.xml") ? 1 : 0;
        QCOMPARE(asked, 1); // it is remembered
    }

    void aTimersRunHasItsTime_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QString>("config");
        QTest::addColumn<QString>("cron");
        QTest::addColumn<bool>("isSaid"); // why there is none
        QTest::newRow("one") << 200 << QStringLiteral("config-timer.xml") << QStringLiteral("H 2 * * *") << false;
        QTest::newRow("two: nobody says which") << 200 << QStringLiteral("config-timers.xml") << QString() << false;
        QTest::newRow("not allowed") << 403 << QString() << QString() << true;
        QTest::newRow("no configuration") << 200 << QStringLiteral("coverage.json") << QString() << true;
    }
    void aTimersRunHasItsTime()
    {
        QFETCH(int, status);
        QFETCH(QString, config);
        QFETCH(QString, cron);
        QFETCH(bool, isSaid);
        FaultServer server([&](Exchange &e) {
            if (pathOf(e) == "/job/tools/config.xml")
                e.answer(status, config.isEmpty() ? QByteArray() : data(config), {{"Content-Type", "application/xml"}});
            else if (pathOf(e) == "/job/tools/api/json")
                e.answer(200, "{\"allBuilds\": [" + data(QStringLiteral("timed-run.json")) + "]}", asJson);
            else if (pathOf(e) == "/job/tools/7/api/json")
                e.answer(200, data(QStringLiteral("timed-run.json")), asJson);
            else
                e.answer(404);
        });
        const auto jenkins = serverOf(server);
        const auto list = waitFor(jenkins->source().runs({m_pipeline, {}, 30, {}}, {}));
        QVERIFY2(list, list ? "" : qPrintable(list.error().message));
        QCOMPARE(list->runs.size(), 1);
        QCOMPARE(list->runs.at(0).trigger.kind, TriggerKind::Schedule);
        QCOMPARE(list->runs.at(0).trigger.cron, cron);
        const auto detail = waitFor(jenkins->source().run(m_run, {}));
        QVERIFY2(detail, detail ? "" : qPrintable(detail.error().message));
        QCOMPARE(detail->run.trigger.cron, cron);
        QCOMPARE(detail->note.contains(QStringLiteral("begins by itself")), isSaid);
        int asked = 0;
        for (const auto &request : server.requests())
            asked += request.target.endsWith("/config.xml") ? 1 : 0;
        QVERIFY(asked == 1 || (isSaid && status == 200)); // it is remembered
    }
};

QTEST_GUILESS_MAIN(TestJenkinsTold)
#include "test_jenkins_told.moc"
