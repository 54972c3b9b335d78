// The practice world as people meet it: the real command line and the real kubectl on a running `signalbox sandbox`.
#include "tests/support/lab.h"

#include <nlohmann/json.hpp>

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QFileInfo>
#include <QProcess>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <csignal>
#include <set>

using namespace signalbox::test;
using Json = nlohmann::json;

namespace
{

// Processor time and resident memory of a process, from /proc.
struct Use
{
    double cpuSeconds = 0;
    double residentMb = 0;
};

Use useOf(qint64 pid)
{
    Use use;
    QFile stat(QStringLiteral("/proc/%1/stat").arg(pid));
    QFile memory(QStringLiteral("/proc/%1/statm").arg(pid));
    if (!stat.open(QIODevice::ReadOnly) || !memory.open(QIODevice::ReadOnly))
        return use;
    const QByteArray all = stat.readAll();
    const QList<QByteArray> fields = all.mid(all.lastIndexOf(')') + 2).split(' ');
    use.cpuSeconds = (fields.value(11).toDouble() + fields.value(12).toDouble()) / 100;
    use.residentMb = memory.readAll().split(' ').value(1).toDouble() * 4096 / 1e6;
    return use;
}

} // namespace

class PracticeWorldTest : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase();
    void cleanupTestCase();
    void showsItsApplications();
    void leavesOthersOut();
    void movesTrafficAndTheBadReleaseShows();
    void rollsBack();
    void followsPipelines(); // before its gate is let through
    void asksAndColleaguesApprove();
    void approvesWhatWaits();
    void servesKubectl();
    void printsLogs();
    void restsQuietly();
    void opensForOneCommand();
    void opensForWhatReadsTheRecord_data();
    void opensForWhatReadsTheRecord();
    void leavesNoTraceOfItsRecord();
    void namesWhatIsNowhere();

private:
    LabCluster::Output run(const QStringList &arguments) const;
    Json json(const QStringList &arguments) const;
    QByteArray kubectl(const QStringList &arguments, int status = 0) const;

    QProcess m_sandbox;
    QTemporaryDir m_folder;
    QString m_workspace;
    QString m_kubeconfig;
};

void PracticeWorldTest::initTestCase()
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("SIGNALBOX_DATA"), m_folder.filePath(QStringLiteral("data")));
    m_sandbox.setProcessEnvironment(environment);
    m_sandbox.start(QStringLiteral(SIGNALBOX_PROGRAM),
                    {QStringLiteral("sandbox"), QStringLiteral("--json"), QStringLiteral("--kubeconfig-out"),
                     m_folder.filePath(QStringLiteral("it's practice.yaml"))});
    QByteArray out;
    QElapsedTimer timer;
    timer.start();
    while (Json::parse(out.toStdString(), nullptr, false).is_discarded() && timer.elapsed() < 30'000) {
        m_sandbox.waitForReadyRead(1000);
        out += m_sandbox.readAllStandardOutput();
    }
    const Json places = Json::parse(out.toStdString(), nullptr, false);
    QVERIFY2(places.is_object(), out.constData());
    m_workspace = QString::fromStdString(places.at("workspace").get<std::string>());
    m_kubeconfig = QString::fromStdString(places.at("kubeconfig").get<std::string>());
    QCOMPARE(places.at("clusters").size(), std::size_t(2));
    const auto ownerOnly =
        QFileDevice::ReadOwner | QFileDevice::WriteOwner | QFileDevice::ReadUser | QFileDevice::WriteUser;
    QCOMPARE(QFileInfo(m_kubeconfig).permissions(), ownerOnly);
    QCOMPARE(QFileInfo(m_workspace).permissions(), ownerOnly);
}

void PracticeWorldTest::cleanupTestCase()
{
    QVERIFY(m_sandbox.state() == QProcess::Running);
    ::kill(static_cast<pid_t>(m_sandbox.processId()), SIGINT);
    QVERIFY(m_sandbox.waitForFinished(10'000));
    QCOMPARE(m_sandbox.exitCode(), 0);
    QVERIFY(!QFileInfo::exists(m_workspace));
    QVERIFY(!QFileInfo::exists(m_kubeconfig));
}

LabCluster::Output PracticeWorldTest::run(const QStringList &arguments) const
{
    return runProgram(QStringLiteral(SIGNALBOX_PROGRAM), arguments, {}, 120,
                      {QStringLiteral("SIGNALBOX_DATA=") + m_folder.filePath(QStringLiteral("data"))});
}

Json PracticeWorldTest::json(const QStringList &arguments) const
{
    const auto output = run(arguments + QStringList{QStringLiteral("-w"), m_workspace, QStringLiteral("--json")});
    if (output.status != 0)
        qWarning("%s: status %d\n%s\n%s", qPrintable(arguments.join(u' ')), output.status, output.out.constData(),
                 output.err.constData());
    return output.status == 0 ? Json::parse(output.out.toStdString(), nullptr, false) : Json();
}

QByteArray PracticeWorldTest::kubectl(const QStringList &arguments, int status) const
{
    const auto output = runProgram(QStringLiteral("kubectl"),
                                   QStringList{QStringLiteral("--kubeconfig"), m_kubeconfig} + arguments, {}, 200, {});
    if (output.status != status)
        qWarning("kubectl %s: status %d\n%s", qPrintable(arguments.join(u' ')), output.status, output.err.constData());
    return output.status == status ? output.out + output.err : QByteArray();
}

void PracticeWorldTest::showsItsApplications()
{
    const Json status = json({QStringLiteral("status")});
    QVERIFY(status.is_object());
    std::set<std::string> applications;
    std::set<std::string> environments;
    for (const Json &one : status.at("applications")) {
        applications.insert(one.at("application").get<std::string>());
        environments.insert(one.at("environment").get<std::string>());
    }
    QVERIFY(applications.size() >= 6);
    QCOMPARE(environments, (std::set<std::string>{"dev", "production", "staging"}));
}

void PracticeWorldTest::leavesOthersOut()
{
    QFile config(m_kubeconfig);
    QVERIFY(config.open(QIODevice::ReadOnly));
    QByteArray text = config.readAll();
    const qsizetype at = text.indexOf("token: ") + 7;
    text.replace(at, 8, "AAAAAAAA");
    QFile wrong(m_folder.filePath(QStringLiteral("wrong.yaml")));
    QVERIFY(wrong.open(QIODevice::WriteOnly));
    wrong.write(text);
    wrong.close();
    const auto output = run({QStringLiteral("status"), QStringLiteral("--kubeconfig"), wrong.fileName()});
    QCOMPARE(output.status, 3);
}

void PracticeWorldTest::movesTrafficAndTheBadReleaseShows()
{
    const Json before = json({QStringLiteral("traffic"), QStringLiteral("recommender"), QStringLiteral("production")});
    QVERIFY(before.is_object());
    const Json done = json({QStringLiteral("traffic"), QStringLiteral("recommender"), QStringLiteral("production"),
                            QStringLiteral("--set"), QStringLiteral("green=25"), QStringLiteral("--confirm"),
                            QStringLiteral("recommender")});
    QVERIFY(done.is_object());
    const QByteArray route = kubectl({QStringLiteral("get"), QStringLiteral("httproute/recommender"),
                                      QStringLiteral("-n"), QStringLiteral("production"), QStringLiteral("-o"),
                                      QStringLiteral("jsonpath={.spec.rules[0].backendRefs[*].weight}")});
    QCOMPARE(route.trimmed(), QByteArray("75 25"));
    QTRY_VERIFY_WITH_TIMEOUT(
        kubectl({QStringLiteral("logs"), QStringLiteral("-n"), QStringLiteral("production"), QStringLiteral("-l"),
                 QStringLiteral("slot=green,app.kubernetes.io/name=recommender"), QStringLiteral("--tail=50")})
            .contains("status=500"),
        40'000);
}

void PracticeWorldTest::rollsBack()
{
    const Json done = json({QStringLiteral("rollback"), QStringLiteral("search-ranker"), QStringLiteral("staging")});
    QVERIFY(done.is_object());
    const QByteArray image =
        kubectl({QStringLiteral("--context"), QStringLiteral("practice-lab"), QStringLiteral("get"),
                 QStringLiteral("deploy/search-ranker"), QStringLiteral("-n"), QStringLiteral("staging"),
                 QStringLiteral("-o"), QStringLiteral("jsonpath={.spec.template.spec.containers[0].image}")});
    QVERIFY2(image.contains("search-ranker:7.9.3@"), image.constData());
}

void PracticeWorldTest::servesKubectl()
{
    const QStringList lab = {QStringLiteral("--context"), QStringLiteral("practice-lab"), QStringLiteral("-n"),
                             QStringLiteral("dev")};
    const auto on = [&](const QStringList &words) { return kubectl(lab + words); };
    const QString target = QStringLiteral("deploy/recommender");
    const QByteArray history = on({QStringLiteral("rollout"), QStringLiteral("history"), target});
    QVERIFY2(history.contains("1.46.0-rc.1: Distilled ranker"), history.constData());
    QVERIFY(on({QStringLiteral("rollout"), QStringLiteral("undo"), target}).contains("rolled back"));
    QVERIFY(on({QStringLiteral("rollout"), QStringLiteral("status"), target, QStringLiteral("--timeout=150s")})
                .contains("successfully rolled out"));
    QVERIFY(on({QStringLiteral("scale"), target, QStringLiteral("--replicas=4")}).contains("scaled"));
    QVERIFY(on({QStringLiteral("rollout"), QStringLiteral("status"), target, QStringLiteral("--timeout=150s")})
                .contains("successfully rolled out"));
    QVERIFY(on({QStringLiteral("describe"), target}).contains("4 desired | 4 updated | 4 total | 4 available"));
    QVERIFY(on({QStringLiteral("get"), QStringLiteral("pods")}).contains("CrashLoopBackOff"));
    QVERIFY(on({QStringLiteral("patch"), target, QStringLiteral("--type=merge"), QStringLiteral("-p"),
                QStringLiteral("{\"metadata\":{\"annotations\":{\"seen\":\"yes\"}}}")})
                .contains("patched"));
    // What moves is told while it is watched, from the list on that the watch begins with.
    const qsizetype pods =
        on({QStringLiteral("get"), QStringLiteral("pods"), QStringLiteral("--no-headers")}).count('\n');
    QVERIFY(pods > 0);
    QProcess watch;
    watch.start(QStringLiteral("kubectl"), QStringList{QStringLiteral("--kubeconfig"), m_kubeconfig} + lab +
                                               QStringList{QStringLiteral("get"), QStringLiteral("pods"),
                                                           QStringLiteral("--watch"), QStringLiteral("--no-headers")});
    QByteArray seen;
    const auto saw = [&] { return seen += watch.readAllStandardOutput(); };
    QTRY_VERIFY_WITH_TIMEOUT(saw().count('\n') >= pods, 10'000);
    seen.clear();
    QVERIFY(on({QStringLiteral("set"), QStringLiteral("image"), target,
                QStringLiteral("recommender=registry.example.org/growth/recommender:1.44.0")})
                .contains("image updated"));
    QVERIFY(on({QStringLiteral("rollout"), QStringLiteral("status"), target, QStringLiteral("--timeout=150s")})
                .contains("successfully rolled out"));
    // A tag alone: the pods say which artifact they pulled.
    QVERIFY(on({QStringLiteral("get"), QStringLiteral("pods"), QStringLiteral("-l"),
                QStringLiteral("app.kubernetes.io/name=recommender"), QStringLiteral("-o"),
                QStringLiteral("jsonpath={.items[0].status.containerStatuses[0].imageID}")})
                .contains("growth/recommender@sha256:"));
    QTRY_VERIFY2_WITH_TIMEOUT(saw().indexOf("Running", seen.indexOf("ContainerCreating")) >= 0 &&
                                  seen.contains("ContainerCreating") && seen.contains("Terminating"),
                              seen.constData(), 10'000);
    watch.terminate();
    QVERIFY(watch.waitForFinished(10'000));
    QVERIFY(
        on({QStringLiteral("auth"), QStringLiteral("can-i"), QStringLiteral("patch"), QStringLiteral("deployments")})
            .contains("yes"));
}

// Every vendor's server answers through its adapter, and the release that the story waits for waits at its gate.
void PracticeWorldTest::followsPipelines()
{
    const Json all = json({QStringLiteral("runs"), QStringLiteral("--limit"), QStringLiteral("200")});
    QVERIFY(all.is_object());
    QVERIFY2(all.at("complete").get<bool>(), all.at("problems").dump(1).c_str());
    std::set<std::string> connections;
    Json waiting;
    for (const Json &one : all.at("runs")) {
        connections.insert(one.at("connection").get<std::string>());
        // GitHub tells a pushed tag as the run's branch.
        const bool isMeant = one.at("tag") == "v0.31.1" || one.at("branch") == "v0.31.1";
        if (isMeant && one.at("state") == "waiting")
            waiting = one;
    }
    const std::set<std::string> expected = {"practice-github", "practice-gitlab", "practice-jenkins",
                                            "practice-travis"};
    QVERIFY2(connections == expected, Json(connections).dump().c_str());
    QVERIFY(waiting.is_object());
    // The ledger knows that release, hence which run made it.
    const auto word = [&waiting](const char *key) {
        return QString::fromStdString(waiting.at(key).get<std::string>());
    };
    const Json shown =
        json({QStringLiteral("run"), QStringLiteral("show"), QStringLiteral("embedding-api"), word("number"),
              QStringLiteral("--connection"), word("connection"), QStringLiteral("--pipeline"), word("pipeline")});
    QVERIFY(shown.is_object());
    const std::string releases = shown.at("releases").dump();
    QVERIFY2(releases.find("\"0.31.1\"") != std::string::npos, releases.c_str());
}

// The promise is under 1 % of a core, window included (DESIGN 10, measured by tests/bench/bench_start); the world alone
// takes a quarter of that. Processor time of its process, not of the clock, is asserted here; a machine whose caches
// others fill makes the same work dearer several times over, hence 3 %. What the tests before set in motion goes on for
// some seconds, so that the quietest of a few stretches counts.
void PracticeWorldTest::restsQuietly()
{
    constexpr double most = 3; // per cent of a core
    double quietest = 100;
    Use after;
    for (int stretch = 0; stretch < 4 && quietest >= most; ++stretch) {
        const Use before = useOf(m_sandbox.processId());
        QElapsedTimer timer;
        timer.start();
        QTest::qWait(4000); // the clock of a process counts hundredths: exact to 0.25 %
        after = useOf(m_sandbox.processId());
        const double seconds = static_cast<double>(timer.elapsed()) / 1000;
        quietest = std::min(quietest, (after.cpuSeconds - before.cpuSeconds) / seconds * 100);
    }
    qInfo("the practice world alone: %.0f MB resident, %.1f %% of a core", after.residentMb, quietest);
    QVERIFY(after.residentMb > 5 && after.residentMb < 80);
    QVERIFY2(quietest < most, qPrintable(QStringLiteral("%1 % of a core").arg(quietest)));
}

// The operator may not approve it; somebody who wrote none of it does, then it is carried out, observed and recorded.
void PracticeWorldTest::asksAndColleaguesApprove()
{
    const auto promoted =
        run({QStringLiteral("promote"), QStringLiteral("recommender"), QStringLiteral("--to"),
             QStringLiteral("staging"), QStringLiteral("--wait"), QStringLiteral("--within"), QStringLiteral("60s"),
             QStringLiteral("--confirm"), QStringLiteral("recommender"), QStringLiteral("-w"), m_workspace});
    QVERIFY2(promoted.status == 0, (promoted.out + promoted.err).constData());
    // What it carries out was shown before it was asked for.
    const qsizetype shown = promoted.out.indexOf("Promote recommender to staging");
    QVERIFY2(shown >= 0 && shown < promoted.out.indexOf("Asked for: promotion"), promoted.out.constData());
    const Json status = json({QStringLiteral("status")});
    QVERIFY(status.is_object());
    std::string version;
    for (const Json &one : status.at("applications")) {
        if (one.at("application") == "recommender" && one.at("environment") == "staging")
            version = one.at("tracks").at(0).at("version").get<std::string>();
    }
    QCOMPARE(QString::fromStdString(version), QStringLiteral("1.46.0-rc.1"));
    const auto proven = run({QStringLiteral("ledger"), QStringLiteral("verify"), QStringLiteral("-w"), m_workspace});
    QVERIFY2(proven.status == 0, (proven.out + proven.err).constData());
}

void PracticeWorldTest::approvesWhatWaits()
{
    const Json board = json({QStringLiteral("approvals")});
    QVERIFY(board.is_object());
    std::string waiting;
    for (const Json &one : board.at("open")) {
        if (one.at("state") == "waiting" && one.at("application") == "embedding-api")
            waiting = one.at("promotion").get<std::string>();
    }
    QVERIFY2(!waiting.empty(), board.dump(1).c_str());
    const QString id = QString::fromStdString(waiting);
    const QStringList words{QStringLiteral("--comment"), QStringLiteral("Read the changes"),
                            QStringLiteral("--confirm"), QStringLiteral("embedding-api"),
                            QStringLiteral("-w"),        m_workspace};
    const auto approved = run(QStringList{QStringLiteral("approve"), id} + words);
    QVERIFY2(approved.status == 0, (approved.out + approved.err).constData());
    const Json after = json({QStringLiteral("approvals")});
    for (const Json &one : after.at("open")) {
        if (one.at("promotion") == waiting)
            QCOMPARE(QString::fromStdString(one.at("state").get<std::string>()), QStringLiteral("ready"));
    }
    // The policy has it carried out by the gate at which its pipeline waits: the job behind it brings it there.
    std::string gate;
    for (const Json &one : after.at("gates")) {
        if (one.at("application") == "embedding-api" && one.at("branch") == "v0.31.1")
            gate = one.at("gate").get<std::string>();
    }
    QVERIFY2(!gate.empty(), after.dump(1).c_str());
    const auto pressed = run(QStringList{QStringLiteral("approve"), QString::fromStdString(gate)} + words);
    QVERIFY2(pressed.status == 0, (pressed.out + pressed.err).constData());
    QVERIFY2(pressed.out.contains("Claim the promotion " + id.toUtf8()), pressed.out.constData());
    const QByteArray image =
        kubectl({QStringLiteral("--context"), QStringLiteral("practice-prod"), QStringLiteral("get"),
                 QStringLiteral("deploy/embedding-api"), QStringLiteral("-n"), QStringLiteral("production"),
                 QStringLiteral("-o"), QStringLiteral("jsonpath={.spec.template.spec.containers[0].image}")});
    QVERIFY2(image.contains("embedding-api:0.31.1@"), image.constData());
    const Json done = json({QStringLiteral("approvals")});
    QVERIFY(done.is_object());
    std::string state;
    for (const Json &one : done.at("decided")) {
        if (one.at("promotion") == waiting)
            state = one.at("state").get<std::string>();
    }
    QCOMPARE(QString::fromStdString(state), QStringLiteral("done"));
}

void PracticeWorldTest::opensForOneCommand()
{
    const auto output = run({QStringLiteral("status"), QStringLiteral("--demo")});
    QCOMPARE(output.status, 0);
    QVERIFY(output.out.contains("recommender"));
    QVERIFY(output.out.contains("staging"));
    const auto dry = run({QStringLiteral("traffic"), QStringLiteral("recommender"), QStringLiteral("production"),
                          QStringLiteral("--set"), QStringLiteral("green=5"), QStringLiteral("--dry-run"),
                          QStringLiteral("--demo")});
    QCOMPARE(dry.status, 0);
}

void PracticeWorldTest::printsLogs()
{
    const QStringList logs = {QStringLiteral("logs"), QStringLiteral("chat-gateway"), QStringLiteral("production"),
                              QStringLiteral("-w"), m_workspace};
    const auto all = run(logs + QStringList{QStringLiteral("--tail"), QStringLiteral("2")});
    QVERIFY2(all.status == 0, all.err.constData());
    static const QRegularExpression form(QStringLiteral("^\\[([a-z0-9-]+)/([a-z0-9-]+)\\] ."));
    QMap<QString, int> lines; // of each log
    QString pod;
    for (const QByteArray &line : all.out.split('\n')) {
        const auto match = form.match(QString::fromUtf8(line));
        QVERIFY2(match.hasMatch() || line.isEmpty(), line.constData());
        if (match.hasMatch())
            ++lines[match.captured(1) + u'/' + match.captured(2)];
        if (pod.isEmpty()) // blue has the traffic, hence lines to follow
            pod = match.captured(1);
    }
    QVERIFY(lines.size() > 1);
    for (const int each : std::as_const(lines))
        QVERIFY(each <= 2);

    const QStringList ofOne = logs + QStringList{QStringLiteral("--pod"), pod};
    const auto one = run(ofOne + QStringList{QStringLiteral("--timestamps"), QStringLiteral("--tail=3")});
    QVERIFY2(one.status == 0, one.err.constData());
    const QByteArray kubectls =
        kubectl({QStringLiteral("-n"), QStringLiteral("production"), QStringLiteral("logs"), pod});
    for (const QByteArray &line : one.out.trimmed().split('\n')) {
        QVERIFY2(QDateTime::fromString(QString::fromUtf8(line.left(line.indexOf(' '))), Qt::ISODateWithMs).isValid(),
                 line.constData());
        QVERIFY2(kubectls.contains(line.mid(line.indexOf(' ') + 1)), line.constData());
    }
    const auto asJson = run(ofOne + QStringList{QStringLiteral("--json"), QStringLiteral("--tail=1")});
    const Json line = Json::parse(asJson.out.toStdString(), nullptr, false);
    QVERIFY2(line.is_object(), asJson.out.constData());
    QCOMPARE(QString::fromStdString(line.at("schema")), QStringLiteral("signalbox.logLine/1"));
    QCOMPARE(QString::fromStdString(line.at("pod")), pod);
    QVERIFY(line.at("time").is_string() && line.at("text").is_string());

    const auto none = run(ofOne + QStringList{QStringLiteral("--previous")});
    QVERIFY2(none.status != 0 && none.out.isEmpty(), none.out.constData());
    QVERIFY2(none.err.contains("The log of " + pod.toUtf8()), none.err.constData());
    const auto nobody = run(logs + QStringList{QStringLiteral("--pod"), QStringLiteral("nobody")});
    QCOMPARE(nobody.status, 2);
    QVERIFY2(nobody.err.contains("has no pod \"nobody\"") && nobody.err.contains(pod.toUtf8()), nobody.err.constData());
    const auto other = run(ofOne + QStringList{QStringLiteral("--container"), QStringLiteral("sidecar")});
    QCOMPARE(other.status, 2);
    QVERIFY2(other.err.contains("No pod has a container \"sidecar\". There are: "), other.err.constData());
    const auto track = run(logs + QStringList{QStringLiteral("--track"), QStringLiteral("purple")});
    QCOMPARE(track.status, 2);

    QProcess follow; // what comes is printed as it comes
    follow.start(QStringLiteral(SIGNALBOX_PROGRAM),
                 ofOne + QStringList{QStringLiteral("--follow"), QStringLiteral("--tail=1")});
    int seen = 0;
    QTRY_VERIFY_WITH_TIMEOUT((seen += int(follow.readAllStandardOutput().count('\n'))) >= 3, 60'000);
    follow.kill();
    QVERIFY(follow.waitForFinished(10'000));
}

void PracticeWorldTest::namesWhatIsNowhere()
{
    const auto held = run({QStringLiteral("hold"), QStringLiteral("recomender"), QStringLiteral("production"),
                           QStringLiteral("--reason"), QStringLiteral("a look"), QStringLiteral("--demo")});
    QVERIFY2(held.status == 2, (held.out + held.err).constData());
    QVERIFY2(held.err.contains("There is no application \"recomender\""), held.err.constData());
    QVERIFY(!held.out.contains("Held"));
    const auto asked = run({QStringLiteral("promote"), QStringLiteral("recomender"), QStringLiteral("--to"),
                            QStringLiteral("production"), QStringLiteral("--demo")});
    QVERIFY2(asked.status == 2, (asked.out + asked.err).constData());
    QVERIFY2(asked.err.contains("There is no application \"recomender\""), asked.err.constData());
    const auto waiting = run({QStringLiteral("approvals"), QStringLiteral("recomender"), QStringLiteral("--demo")});
    QCOMPARE(waiting.status, 0); // a server of pipelines may have such a project
    QVERIFY2(waiting.err.contains("There is no application \"recomender\""), waiting.err.constData());
    const auto other = run({QStringLiteral("approvals"), QStringLiteral("recommender"), QStringLiteral("--demo")});
    QVERIFY2(!other.err.contains("There is no application"), other.err.constData());
}

void PracticeWorldTest::opensForWhatReadsTheRecord_data()
{
    const QString digest = QStringLiteral("sha256:") + QString(64, QLatin1Char('a'));
    QTest::addColumn<QString>("words");
    QTest::addColumn<int>("status");
    QTest::addColumn<QString>("says");
    QTest::newRow("changes") << QStringLiteral("changes embedding-api --from 0.31.0 --to 0.31.1") << 0
                             << QStringLiteral("Tokenizer in Rust (SRCH-1263)");
    // What runs where is the ledger's knowledge.
    QTest::newRow("changes, by the ledger")
        << QStringLiteral("changes embedding-api --from 0.31.0 --to 0.31.1") << 0 << QStringLiteral("ahead of");
    QTest::newRow("verify") << QStringLiteral("ledger verify") << 0
                            << QStringLiteral("Every entry since it began to be signed is proven.");
    QTest::newRow("log") << QStringLiteral("ledger log --limit 5") << 0 << QStringLiteral("@example.org");
    QTest::newRow("figures") << QStringLiteral("ledger figures") << 0 << QStringLiteral("Deployment frequency");
    QTest::newRow("status") << QStringLiteral("ledger status") << 0 << QStringLiteral("team/ledger.git");
    QTest::newRow("policy") << QStringLiteral("ledger policy") << 0 << QStringLiteral("release-managers");
    QTest::newRow("note") << QStringLiteral("ledger note Looked --app embedding-api") << 0 << QString();
    QTest::newRow("gate") << QStringLiteral("gate embedding-api production --digest ") + digest << 1
                          << QStringLiteral("Nobody has asked that sha256:aaaa");
    QTest::newRow("gate with another ledger")
        << QStringLiteral("gate embedding-api production --ledger x.git --digest ") + digest << 2
        << QStringLiteral("leave out --ledger, or --demo");
    QTest::newRow("changes of another repository")
        << QStringLiteral("changes embedding-api --from a --to b --repository x.git") << 2
        << QStringLiteral("leave out --repository, or --demo");
    QTest::newRow("path") << QStringLiteral("ledger path") << 2 << QStringLiteral("goes with the command");
    QTest::newRow("key") << QStringLiteral("ledger key --create") << 2 << QStringLiteral("goes with the command");
    QTest::newRow("pdf") << QStringLiteral("ledger export --out x.pdf") << 2 << QStringLiteral("Export csv or json");
}

void PracticeWorldTest::opensForWhatReadsTheRecord()
{
    QFETCH(QString, words);
    QFETCH(int, status);
    QFETCH(QString, says);
    const auto output = run(words.split(QLatin1Char(' ')) + QStringList{QStringLiteral("--demo")});
    QVERIFY2(output.status == status, (output.out + output.err).constData());
    QVERIFY2((output.out + output.err).contains(says.toUtf8()), (output.out + output.err).constData());
}

void PracticeWorldTest::leavesNoTraceOfItsRecord()
{
    const QString data = m_folder.filePath(QStringLiteral("data"));
    const auto ledgers = [&data] {
        return QDir(data + QStringLiteral("/ledgers")).entryList(QDir::Dirs | QDir::NoDotAndDotDot) +
               QDir(data + QStringLiteral("/cache/ledgers")).entryList(QDir::Dirs | QDir::NoDotAndDotDot);
    };
    const QStringList before = ledgers();
    QCOMPARE(run({QStringLiteral("ledger"), QStringLiteral("verify"), QStringLiteral("--demo")}).status, 0);
    QCOMPARE(run({QStringLiteral("gate"), QStringLiteral("embedding-api"), QStringLiteral("production"),
                  QStringLiteral("--digest"), QStringLiteral("sha256:") + QString(64, QLatin1Char('a')),
                  QStringLiteral("--demo")})
                 .status,
             1);
    QCOMPARE(ledgers(), before);
}

QTEST_GUILESS_MAIN(PracticeWorldTest)
#include "test_practiceworld.moc"
