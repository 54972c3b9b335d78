// The commands of the real program on a real API server: what they print, what they change, what they return.
#include "tests/support/lab.h"
#include "tests/support/labprometheus.h"

#include <nlohmann/json.hpp>

#include <QDateTime>
#include <QDirIterator>
#include <QElapsedTimer>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

using namespace signalbox::test;
using Json = nlohmann::json;

namespace
{

QByteArray workload(const char *name, const char *app, const char *track, const char *image, int replicas)
{
    const QByteArray labels = QByteArray("{\"app\":\"") + app + "\",\"track\":\"" + track + "\"}";
    return QByteArray("{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"") + name +
           "\",\"labels\":" + labels + "},\"spec\":{\"replicas\":" + QByteArray::number(replicas) +
           ",\"progressDeadlineSeconds\":20,\"selector\":{\"matchLabels\":" + labels +
           "},\"template\":{\"metadata\":{\"labels\":" + labels +
           "},\"spec\":{\"containers\":[{\"name\":\"web\",\"image\":\"" + image + "\"}]}}}}\n";
}

QByteArray service(const char *name, const char *app, const char *track)
{
    return QByteArray("{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"") + name +
           "\"},\"spec\":{\"ports\":[{\"port\":80}],\"selector\":{\"app\":\"" + app + "\",\"track\":\"" + track +
           "\"}}}\n";
}

const char *const route =
    "{\"apiVersion\":\"gateway.networking.k8s.io/v1\",\"kind\":\"HTTPRoute\",\"metadata\":{\"name\":\"cart\"},"
    "\"spec\":{\"hostnames\":[\"cart.example\"],\"rules\":[{\"backendRefs\":["
    "{\"name\":\"cart-blue\",\"port\":80,\"weight\":100},{\"name\":\"cart-green\",\"port\":80,\"weight\":0}]}]}}\n";

} // namespace

class TestCliLab : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase();
    void showsTheStatus();
    void showsWhatPrometheusSays();
    void aDryRunWritesNothing();
    void rollsBackAndSeesIt();
    void aBrokenTargetIsNotEffective();
    void whoMayNotIsTold();
    void isNotAskedWithoutATerminal();
    void namesWhatIsNear();
    void movesTraffic();
    void scalesRestartsPausesAndResumes();
    void anUnreachableServerEndsWithThree();
    void aMovedWorldEndsWithFive();
    void anOperatorElsewhereIsWaitedForButNotToGoBack();
    void keepsItsTokenToItself();
    void rehearsesWithoutWriting_data();
    void rehearsesWithoutWriting();
    void aClockThatIsOffIsTold();
    void pausesAndResumesReconciliation();
    void ctrlCStopsAtASafePoint();

private:
    LabCluster::Output run(const QStringList &arguments, const QString &context = QStringLiteral("lab-cert")) const;
    QStringList withSource(const QStringList &arguments, const QString &context) const;
    Json json(const QStringList &arguments, int status = 0) const;
    Json object(const QString &what) const;
    void kubectl(const QStringList &arguments, const QByteArray &input = {}) const;
    QString image(const QString &deployment) const;
    void makeCart();
    void makeRehearsed(const char *name, const QStringList &images, const QByteArray &more = {}) const;
    QByteArray versionsIn(const QString &ns) const;

    std::unique_ptr<LabCluster> m_lab;
    QTemporaryDir m_folder;
    QString m_ns;
    QString m_rehearsed; // the namespace of what is rehearsed
};

void TestCliLab::initTestCase()
{
    QString error;
    m_lab = LabCluster::shared(&error);
    QVERIFY2(m_lab, qPrintable(error));
    m_ns = m_lab->makeNamespace(QStringLiteral("cli"));
    QVERIFY(!m_ns.isEmpty());
    makeCart();
}

QStringList TestCliLab::withSource(const QStringList &arguments, const QString &context) const
{
    return arguments +
           QStringList{QStringLiteral("--kubeconfig"), m_lab->kubeconfig(), QStringLiteral("--context"), context};
}

LabCluster::Output TestCliLab::run(const QStringList &arguments, const QString &context) const
{
    return runProgram(QStringLiteral(SIGNALBOX_PROGRAM), withSource(arguments, context), {}, 90,
                      {QStringLiteral("SIGNALBOX_DATA=") + m_folder.path()});
}

Json TestCliLab::json(const QStringList &arguments, int status) const
{
    const auto output = run(arguments + QStringList{QStringLiteral("--json")});
    if (output.status != status)
        qWarning("%s: status %d\n%s\n%s", qPrintable(arguments.join(u' ')), output.status, output.out.constData(),
                 output.err.constData());
    return output.status == status ? Json::parse(output.out.toStdString(), nullptr, false) : Json();
}

void TestCliLab::kubectl(const QStringList &arguments, const QByteArray &input) const
{
    const auto output = m_lab->kubectl(arguments + QStringList{QStringLiteral("-n"), m_ns}, input);
    QVERIFY2(output.isGood(), output.err.constData());
}

Json TestCliLab::object(const QString &what) const
{
    const auto output = m_lab->kubectl(
        {QStringLiteral("get"), what, QStringLiteral("-n"), m_ns, QStringLiteral("-o"), QStringLiteral("json")});
    return Json::parse(output.out.toStdString(), nullptr, false);
}

QString TestCliLab::image(const QString &deployment) const
{
    return QString::fromStdString(
        object(QStringLiteral("deployment/") + deployment)
            .value(Json::json_pointer("/spec/template/spec/containers/0/image"), std::string()));
}

// cart: blue 1.4.0 with all the traffic, green 1.5.0 without; web: one track, three revisions, the first one broken.
void TestCliLab::makeCart()
{
    kubectl({QStringLiteral("apply"), QStringLiteral("-f"), QStringLiteral("-")},
            workload("cart-blue", "cart", "blue", "registry.example/cart:1.4.0", 2) +
                workload("cart-green", "cart", "green", "registry.example/cart:1.5.0", 2) +
                service("cart-blue", "cart", "blue") + service("cart-green", "cart", "green") + route);
    for (const char *tag : {"crash", "1.0.0", "1.1.0"}) {
        kubectl({QStringLiteral("apply"), QStringLiteral("-f"), QStringLiteral("-")},
                workload("web", "web", "stable", QByteArray("registry.example/web:") + tag, 3));
        if (QByteArray(tag) != "crash")
            kubectl({QStringLiteral("rollout"), QStringLiteral("status"), QStringLiteral("deployment/web"),
                     QStringLiteral("--timeout=60s")});
    }
    kubectl({QStringLiteral("rollout"), QStringLiteral("status"), QStringLiteral("deployment/cart-green"),
             QStringLiteral("--timeout=60s")});
}

void TestCliLab::showsTheStatus()
{
    const auto output = run({QStringLiteral("status")});
    QVERIFY2(output.isGood(), output.err.constData());
    QVERIFY2(output.out.contains("APPLICATION"), output.out.constData());
    const Json status = json({QStringLiteral("status"), QStringLiteral("cart"), m_ns});
    QCOMPARE(status.value("schema", std::string()), std::string("signalbox.status/1"));
    QVERIFY(status.value("complete", false));
    QCOMPARE(status["connections"].size(), size_t(1));
    QCOMPARE(status["connections"][0].value("state", std::string()), std::string("live"));
    QCOMPARE(status["applications"].size(), size_t(1));
    const Json cart = status["applications"][0];
    QCOMPARE(cart.value("health", std::string()), std::string("ok"));
    QVERIFY(cart.value("protected", false));
    QCOMPARE(cart["tracks"].size(), size_t(2));
    QCOMPARE(cart["tracks"][0].value("name", std::string()), std::string("blue"));
    QCOMPARE(cart["tracks"][0].value("version", std::string()), std::string("1.4.0"));
    QCOMPARE(cart["tracks"][0].value("share", -1.0), 1.0);
    QCOMPARE(cart["tracks"][0].value("podsReady", -1), 2);
}

// Nothing but a kubeconfig and the address of a Prometheus.
void TestCliLab::showsWhatPrometheusSays()
{
    QString error;
    LabPrometheus::Options options;
    options.ns = m_ns;
    const auto prometheus = LabPrometheus::start(options, &error);
    QVERIFY2(prometheus, qPrintable(error));
    QVERIFY(prometheus->setLoad(QStringLiteral("blue"), 20) && prometheus->setLoad(QStringLiteral("green"), 20));
    QVERIFY(prometheus->control(QStringLiteral("green"), QStringLiteral("error_rate=0.5")));
    const QStringList asked{QStringLiteral("status"), QStringLiteral("cart"), m_ns, QStringLiteral("--prometheus"),
                            prometheus->url().toString()};
    Json tracks;
    const auto isSeen = [&] { // rates take a minute's samples
        tracks = json(asked)["applications"][0]["tracks"];
        return tracks[0]["errorPercent"].is_number() && tracks[1]["errorPercent"].is_number() &&
               tracks[0].value("requestsPerSecond", 0.0) > 5 && tracks[1].value("errorPercent", 0.0) > 25;
    };
    QTRY_VERIFY2_WITH_TIMEOUT(isSeen(), tracks.dump(1).c_str(), 60'000);
    QCOMPARE(tracks[0].value("name", std::string()), std::string("blue"));
    QVERIFY(tracks[0].value("errorPercent", 100.0) < 5);
    const auto told = run(asked);
    QVERIFY2(told.isGood() && told.out.contains("REQUESTS") && told.out.contains("/s"), told.out.constData());
    // Without APP nobody is asked; without an answer there are no figures, and that is said.
    QVERIFY(!run({QStringLiteral("status"), asked[3], asked[4]}).out.contains("REQUESTS"));
    QVERIFY(prometheus->kill());
    const auto gone = run(asked);
    QCOMPARE(gone.status, 0);
    QVERIFY2(gone.err.contains(QByteArray::number(prometheus->port())), gone.err.constData());
    QVERIFY2(!gone.out.contains("REQUESTS"), gone.out.constData());
}

void TestCliLab::aDryRunWritesNothing()
{
    const std::string before =
        object(QStringLiteral("deployment/web"))["metadata"].value("resourceVersion", std::string());
    const Json document = json({QStringLiteral("rollback"), QStringLiteral("web"), m_ns, QStringLiteral("--dry-run")});
    QCOMPARE(document["outcome"].value("kind", std::string()), std::string("dryRun"));
    QVERIFY(!document["plan"]["dryRunAt"].is_null());
    QVERIFY(document["plan"]["steps"][0].value("body", std::string()).find("1.0.0") != std::string::npos);
    QCOMPARE(object(QStringLiteral("deployment/web"))["metadata"].value("resourceVersion", std::string()), before);
}

void TestCliLab::rollsBackAndSeesIt()
{
    const Json document = json({QStringLiteral("rollback"), QStringLiteral("web"), m_ns, QStringLiteral("--confirm"),
                                QStringLiteral("web"), QStringLiteral("--reason"), QStringLiteral("test")});
    QCOMPARE(document["outcome"].value("kind", std::string()), std::string("done"));
    QCOMPARE(document["plan"].value("direction", std::string()), std::string("back"));
    QCOMPARE(image(QStringLiteral("web")), QStringLiteral("registry.example/web:1.0.0"));
    const Json deployment = object(QStringLiteral("deployment/web"));
    QCOMPARE(deployment["status"].value("updatedReplicas", 0), 3);
    QCOMPARE(deployment["status"].value("availableReplicas", 0), 3);
}

void TestCliLab::aBrokenTargetIsNotEffective()
{
    const auto list = json({QStringLiteral("rollback"), QStringLiteral("web"), m_ns, QStringLiteral("--list")});
    QString hash;
    for (const Json &target : list["targets"]) {
        if (target["images"][0] == "registry.example/web:crash")
            hash = QString::fromStdString(target.value("templateHash", std::string()));
    }
    QVERIFY2(!hash.isEmpty(), list.dump(1).c_str());
    const Json document = json({QStringLiteral("rollback"), QStringLiteral("web"), m_ns, QStringLiteral("--to"), hash,
                                QStringLiteral("--confirm"), QStringLiteral("web")},
                               1);
    QCOMPARE(document["outcome"].value("kind", std::string()), std::string("notEffective"));
    const std::string message = document["outcome"].value("message", std::string());
    QVERIFY2(message.find("CrashLoopBackOff") != std::string::npos, message.c_str());
    QVERIFY(json({QStringLiteral("rollback"), QStringLiteral("web"), m_ns, QStringLiteral("--confirm"),
                  QStringLiteral("web")})
                .is_object());
}

void TestCliLab::whoMayNotIsTold()
{
    const std::string before =
        object(QStringLiteral("deployment/web"))["metadata"].value("resourceVersion", std::string());
    const auto output = run(
        {QStringLiteral("rollback"), QStringLiteral("web"), m_ns, QStringLiteral("--confirm"), QStringLiteral("web")},
        QStringLiteral("lab-readonly"));
    QCOMPARE(output.status, 1);
    QVERIFY2(output.out.contains("patch"), (output.out + output.err).constData());
    QCOMPARE(object(QStringLiteral("deployment/web"))["metadata"].value("resourceVersion", std::string()), before);

    // Who may list one namespace only is told so: what is elsewhere is not said to be absent.
    const auto team = run({QStringLiteral("status")}, QStringLiteral("lab-team-a"));
    QVERIFY2(team.isGood(), team.err.constData());
    QVERIFY2(team.out.contains("only a part of this cluster is shown, its namespaces team-a"), team.out.constData());
}

void TestCliLab::isNotAskedWithoutATerminal()
{
    const auto output = run({QStringLiteral("restart"), QStringLiteral("web"), m_ns});
    QCOMPARE(output.status, 2);
    QVERIFY2(output.err.contains("--confirm web"), output.err.constData());
}

void TestCliLab::namesWhatIsNear()
{
    const auto output = run({QStringLiteral("rollback"), QStringLiteral("catr"), m_ns, QStringLiteral("--confirm"),
                             QStringLiteral("catr")});
    QCOMPARE(output.status, 2);
    QVERIFY2(output.err.contains("Did you mean cart"), output.err.constData());
}

void TestCliLab::movesTraffic()
{
    const Json split = json({QStringLiteral("traffic"), QStringLiteral("cart"), m_ns, QStringLiteral("--router"),
                             QStringLiteral("HTTPRoute/cart")});
    QCOMPARE(split["routers"][0]["legs"][0].value("share", -1.0), 1.0);
    const auto moved = run({QStringLiteral("traffic"), QStringLiteral("cart"), m_ns, QStringLiteral("--set"),
                            QStringLiteral("green=25"), QStringLiteral("--confirm"), QStringLiteral("cart")});
    QVERIFY2(moved.status == 0, (moved.out + moved.err).constData());
    const Json backends = object(QStringLiteral("httproute/cart"))["spec"]["rules"][0]["backendRefs"];
    const double blue = backends[0].value("weight", 0);
    const double green = backends[1].value("weight", 0);
    QCOMPARE(green / (blue + green), 0.25);
    const auto steps =
        run({QStringLiteral("traffic"), QStringLiteral("cart"), m_ns, QStringLiteral("--set"),
             QStringLiteral("green=100"), QStringLiteral("--steps"), QStringLiteral("50,100"),
             QStringLiteral("--dwell"), QStringLiteral("1s"), QStringLiteral("--confirm"), QStringLiteral("cart")});
    QVERIFY2(steps.status == 0, (steps.out + steps.err).constData());
    const auto back = run({QStringLiteral("traffic"), QStringLiteral("cart"), m_ns, QStringLiteral("--set"),
                           QStringLiteral("blue=100"), QStringLiteral("--confirm"), QStringLiteral("cart")});
    QVERIFY2(back.status == 0, (back.out + back.err).constData());
    QCOMPARE(object(QStringLiteral("httproute/cart"))["spec"]["rules"][0]["backendRefs"][1].value("weight", -1), 0);
}

void TestCliLab::scalesRestartsPausesAndResumes()
{
    const auto act = [this](const QStringList &arguments) {
        const auto output = run(arguments + QStringList{QStringLiteral("--track"), QStringLiteral("green"),
                                                        QStringLiteral("--confirm"), QStringLiteral("cart")});
        if (!output.isGood())
            qWarning("%s\n%s", output.out.constData(), output.err.constData());
        return output.status;
    };
    const QString green = QStringLiteral("deployment/cart-green");
    QCOMPARE(
        act({QStringLiteral("scale"), QStringLiteral("cart"), m_ns, QStringLiteral("--replicas"), QStringLiteral("3")}),
        0);
    QCOMPARE(object(green)["status"].value("readyReplicas", 0), 3);
    const int generation = object(green)["metadata"].value("generation", 0);
    QCOMPARE(act({QStringLiteral("restart"), QStringLiteral("cart"), m_ns}), 0);
    QVERIFY(object(green)["metadata"].value("generation", 0) > generation);
    QCOMPARE(act({QStringLiteral("pause"), QStringLiteral("cart"), m_ns}), 0);
    QVERIFY(object(green)["spec"].value("paused", false));
    QCOMPARE(act({QStringLiteral("resume"), QStringLiteral("cart"), m_ns}), 0);
    QVERIFY(!object(green)["spec"].value("paused", false));
}

void TestCliLab::anUnreachableServerEndsWithThree()
{
    const int port = freePorts();
    const QString path = m_folder.filePath(QStringLiteral("gone"));
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(QByteArray("apiVersion: v1\nkind: Config\ncurrent-context: x\nclusters: [{name: c, cluster: {server: "
                          "\"https://127.0.0.1:") +
               QByteArray::number(port) +
               "\"}}]\nusers: [{name: u, user: {token: t}}]\ncontexts: [{name: x, context: {cluster: c, user: u}}]\n");
    file.close();
    for (const QStringList &command :
         {QStringList{QStringLiteral("status")}, QStringList{QStringLiteral("rollback"), QStringLiteral("web"), m_ns,
                                                             QStringLiteral("--confirm"), QStringLiteral("web")}}) {
        const auto output =
            runProgram(QStringLiteral(SIGNALBOX_PROGRAM), command + QStringList{QStringLiteral("--kubeconfig"), path},
                       {}, 60, {QStringLiteral("SIGNALBOX_DATA=") + m_folder.path()});
        QCOMPARE(output.status, 3);
        QVERIFY2((output.out + output.err).contains(QByteArray::number(port)), (output.out + output.err).constData());
    }
}

// The world moves while the plan is on the screen: a change of the template between plan and confirmation.
void TestCliLab::aMovedWorldEndsWithFive()
{
    QProcess script;
    // `script` gives the program a terminal to ask at.
    const QString line = QStringLiteral("%1 rollback web %2 --kubeconfig %3")
                             .arg(QStringLiteral(SIGNALBOX_PROGRAM), m_ns, m_lab->kubeconfig());
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("SIGNALBOX_DATA"), m_folder.path());
    script.setProcessEnvironment(environment);
    script.setProcessChannelMode(QProcess::MergedChannels);
    script.start(QStringLiteral("script"), {QStringLiteral("-qec"), line, QStringLiteral("/dev/null")});
    if (!script.waitForStarted())
        QSKIP("no script(1) here");
    QByteArray seen;
    QTRY_VERIFY_WITH_TIMEOUT((seen += script.readAll()).contains("[y/N]"), 40000);
    kubectl({QStringLiteral("set"), QStringLiteral("image"), QStringLiteral("deployment/web"),
             QStringLiteral("web=registry.example/web:2.0.0")});
    script.write("y\n");
    QVERIFY(script.waitForFinished(60000));
    seen += script.readAll();
    QVERIFY2(script.exitCode() == 5, seen.constData());
    QCOMPARE(image(QStringLiteral("web")), QStringLiteral("registry.example/web:2.0.0"));
}

// Bob's own console holds web: another change ends with his name, a rollback takes precedence.
void TestCliLab::anOperatorElsewhereIsWaitedForButNotToGoBack()
{
    const QByteArray now = QDateTime::currentDateTimeUtc().toString(Qt::ISODate).chopped(1).toLatin1() + ".000000Z";
    kubectl({QStringLiteral("apply"), QStringLiteral("-f"), QStringLiteral("-")},
            "{\"apiVersion\":\"coordination.k8s.io/v1\",\"kind\":\"Lease\",\"metadata\":{\"name\":\"signalbox-web\","
            "\"annotations\":{\"signalbox/application\":\"web\",\"signalbox/purpose\":\"restart\"}},\"spec\":{"
            "\"holderIdentity\":\"bob@desk/2\",\"leaseDurationSeconds\":600,\"acquireTime\":\"" +
                now + "\",\"renewTime\":\"" + now + "\"}}");
    const Json before = object(QStringLiteral("deployment/web"));
    const auto scaled = run({QStringLiteral("scale"), QStringLiteral("web"), m_ns, QStringLiteral("--replicas"),
                             QStringLiteral("4"), QStringLiteral("--confirm"), QStringLiteral("web")});
    const QByteArray said = scaled.out + scaled.err;
    QVERIFY2(scaled.status == 1, said.constData());
    QVERIFY2(said.contains("bob@desk/2") && said.contains("restart"), said.constData());
    QVERIFY(object(QStringLiteral("deployment/web"))["spec"] == before["spec"]);
    const std::string holder = object(QStringLiteral("lease/signalbox-web"))["spec"].value("holderIdentity", "");
    QCOMPARE(holder, std::string("bob@desk/2"));
    const Json back = json(
        {QStringLiteral("rollback"), QStringLiteral("web"), m_ns, QStringLiteral("--confirm"), QStringLiteral("web")});
    QCOMPARE(back["outcome"].value("kind", std::string()), std::string("done"));
    QVERIFY(object(QStringLiteral("deployment/web"))["spec"]["template"] != before["spec"]["template"]);
    const Json lease = object(QStringLiteral("lease/signalbox-web")); // taken over, then given back
    QCOMPARE(lease["spec"].value("holderIdentity", std::string("none")), std::string());
    const std::string purpose = lease["metadata"]["annotations"].value("signalbox/purpose", std::string());
    QVERIFY2(purpose.find("Roll back web") == 0, purpose.c_str());
}

// A real bearer token, reads and a write, everything logged that can be.
void TestCliLab::keepsItsTokenToItself()
{
    QFile file(m_lab->directory() + QStringLiteral("/pki/token-operator"));
    QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(file.fileName()));
    const QByteArray token = file.readAll().trimmed();
    QVERIFY(token.size() > 20);
    QFile config(m_lab->kubeconfig());
    QVERIFY(config.open(QIODevice::ReadOnly) && config.readAll().contains(token));
    QTemporaryDir data;
    const QStringList environment{QStringLiteral("SIGNALBOX_DATA=") + data.path()};
    for (const QStringList &command :
         {QStringList{QStringLiteral("status")},
          QStringList{QStringLiteral("rollback"), QStringLiteral("web"), m_ns, QStringLiteral("--dry-run"),
                      QStringLiteral("--json")},
          QStringList{QStringLiteral("restart"), QStringLiteral("cart"), m_ns, QStringLiteral("--track"),
                      QStringLiteral("green"), QStringLiteral("--confirm"), QStringLiteral("cart")}}) {
        const auto output =
            runProgram(QStringLiteral(SIGNALBOX_PROGRAM),
                       withSource(command + QStringList{QStringLiteral("--log-level"), QStringLiteral("debug")},
                                  QStringLiteral("lab-token")),
                       {}, 90, environment);
        QVERIFY2(output.isGood(), (output.out + output.err).constData());
        QVERIFY2(!output.out.contains(token) && !output.err.contains(token), qPrintable(command.join(u' ')));
    }
    QByteArray log;
    QDirIterator files(data.path(), QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        QFile one(files.next());
        QVERIFY2(one.open(QIODevice::ReadOnly), qPrintable(one.fileName()));
        const QByteArray bytes = one.readAll();
        QVERIFY2(!bytes.contains(token) && !bytes.contains(token.toBase64()), qPrintable(one.fileName()));
        if (one.fileName().endsWith(QLatin1String("signalbox.log")))
            log = bytes;
    }
    QVERIFY2(log.contains("debug signalbox.") && log.contains("info signalbox.app "), log.right(2000));
}

// A Deployment of one track in the namespace of rehearsals that went through `images`.
void TestCliLab::makeRehearsed(const char *name, const QStringList &images, const QByteArray &more) const
{
    const auto apply = [&](const QByteArray &input) {
        const auto output = m_lab->apply(input, m_rehearsed);
        if (!output.isGood())
            qFatal("kubectl apply: %s", output.err.constData());
    };
    for (const QString &image : images) {
        QByteArray made = workload(name, name, "stable", image.toLatin1(), 2);
        apply(made.replace("\"progressDeadlineSeconds\"", more + "\"progressDeadlineSeconds\""));
        const bool isBroken = image.contains(QLatin1String("image-pull"));
        const auto isDone = [&] {
            if (isBroken)
                return m_lab
                    ->kubectl({QStringLiteral("get"), QStringLiteral("events"), QStringLiteral("-n"), m_rehearsed,
                               QStringLiteral("--field-selector"), QStringLiteral("reason=Failed")})
                    .out.contains(image.toLatin1());
            return m_lab
                ->kubectl({QStringLiteral("rollout"), QStringLiteral("status"), QStringLiteral("deployment"),
                           QString::fromLatin1(name), QStringLiteral("-n"), m_rehearsed,
                           QStringLiteral("--timeout=60s")})
                .isGood();
        };
        if (!QTest::qWaitFor(isDone, 60'000))
            qFatal("%s did not settle with %s", name, qPrintable(image));
    }
}

// Everything that a way back could touch, with its versions.
QByteArray TestCliLab::versionsIn(const QString &ns) const
{
    return m_lab
        ->kubectl({QStringLiteral("get"),
                   QStringLiteral("deployments,replicasets,services,configmaps,controllerrevisions,leases"),
                   QStringLiteral("-n"), ns, QStringLiteral("-o"),
                   QStringLiteral("jsonpath={range .items[*]}{.kind}/{.metadata.name} {.metadata.resourceVersion}\n"
                                  "{end}")})
        .out;
}

void TestCliLab::rehearsesWithoutWriting_data()
{
    QTest::addColumn<QString>("application");
    QTest::addColumn<QString>("context");
    QTest::addColumn<QString>("readiness");
    QTest::addColumn<QString>("reason"); // a part of it
    QTest::addColumn<QString>("mend");   // a part of the way out, or of the reason where that says it
    const auto row = [](const char *name, const char *application, const char *context, const char *readiness,
                        const char *reason, const char *mend) {
        QTest::newRow(name) << QString::fromLatin1(application) << QString::fromLatin1(context)
                            << QString::fromLatin1(readiness) << QString::fromLatin1(reason)
                            << QString::fromLatin1(mend);
    };
    row("open", "open", "lab-cert", "ok", "the cluster accepted a dry run of every call", "");
    row("its image cannot be pulled", "gone", "lab-cert", "failing", "The image could not be pulled lately",
        "registry still has the image");
    row("nothing is kept", "pruned", "lab-cert", "failing", "has no earlier revision to go back to",
        "Deploy the earlier version again");
    row("a right is missing", "open", "lab-readonly", "failing", "You may not patch", "Ask an administrator");
    if (!m_rehearsed.isEmpty())
        return;
    m_rehearsed = m_lab->makeNamespace(QStringLiteral("rehearse"));
    const QString good = QStringLiteral("registry.example/%1:2.0");
    makeRehearsed("open", {QStringLiteral("registry.example/open-%1:1.0").arg(m_rehearsed), good.arg(u"open")});
    makeRehearsed("gone", {QStringLiteral("registry.example/gone:image-pull"), good.arg(u"gone")});
    makeRehearsed("pruned", {QStringLiteral("registry.example/pruned:1.0"), good.arg(u"pruned")},
                  "\"revisionHistoryLimit\":0,");
}

// On a real workspace nothing is made up: the light is what the real server's answers come to.
void TestCliLab::rehearsesWithoutWriting()
{
    QFETCH(QString, application);
    QFETCH(QString, context);
    QFETCH(QString, readiness);
    QFETCH(QString, reason);
    QFETCH(QString, mend);
    const QByteArray before = versionsIn(m_rehearsed);
    QVERIFY2(before.contains("Deployment/" + application.toLatin1()), before.constData());
    Json one;
    QElapsedTimer clock;
    const auto rehearsed = [&] { // nodes tell a moment later which images they hold
        clock.start();
        const auto output =
            run({QStringLiteral("rehearse"), application, m_rehearsed, QStringLiteral("--json")}, context);
        const Json document = Json::parse(output.out.toStdString(), nullptr, false);
        if (!document.is_object() || document.value("schema", std::string()) != "signalbox.rehearsal/1" ||
            document["rehearsals"].size() != 1 || document.value("exitStatus", -1) != output.status)
            return false;
        one = document["rehearsals"][0];
        const bool isOpen = readiness == QLatin1String("ok");
        return output.status == (isOpen ? 0 : 1) && one.value("readiness", std::string()) == readiness.toStdString();
    };
    QTRY_VERIFY2_WITH_TIMEOUT(rehearsed(), one.dump(1).c_str(), 20'000);
    const QString said = QString::fromStdString(one.value("reason", std::string()));
    const QString wayOut = QString::fromStdString(one.value("wayOut", std::string()));
    QVERIFY2(said.contains(reason), qPrintable(said));
    QVERIFY2((said + wayOut).contains(mend), qPrintable(said + u' ' + wayOut));
    QCOMPARE(one.value("dryRun", false), readiness == QLatin1String("ok") || application == QLatin1String("gone"));
    const qint64 took = one.value("tookMs", -1);
    QVERIFY2(took > 0 && took <= clock.elapsed(), qPrintable(QString::number(took)));
    QCOMPARE(versionsIn(m_rehearsed), before);
}

// The real server's Date against a clock of ours that is five minutes fast.
void TestCliLab::aClockThatIsOffIsTold()
{
    const auto found = runProgram(QStringLiteral("sh"),
                                  {QStringLiteral("-c"), QStringLiteral("ls /usr/lib/*/faketime/libfaketimeMT.so.1")});
    const QString library = QString::fromUtf8(found.out).section(QLatin1Char('\n'), 0, 0);
    if (!found.isGood() || library.isEmpty())
        QSKIP("libfaketime is not there (Debian's package faketime)");
    const auto output =
        runProgram(QStringLiteral(SIGNALBOX_PROGRAM),
                   withSource({QStringLiteral("rollback"), QStringLiteral("web"), m_ns, QStringLiteral("--dry-run"),
                               QStringLiteral("--json")},
                              QStringLiteral("lab-cert")),
                   {}, 90,
                   {QStringLiteral("SIGNALBOX_DATA=") + m_folder.path(), QStringLiteral("LD_PRELOAD=") + library,
                    QStringLiteral("FAKETIME=+300s"), QStringLiteral("FAKETIME_DONT_FAKE_MONOTONIC=1")});
    QVERIFY2(output.isGood(), output.err.constData());
    const Json document = Json::parse(output.out.toStdString(), nullptr, false);
    bool isWarned = false;
    for (const Json &check : document["plan"]["checks"]) {
        if (check.value("check", std::string()) != "clockSkew")
            continue;
        isWarned = check.value("state", std::string()) == "warn";
        QVERIFY2(isWarned, check.dump().c_str());
        const std::string said = check.value("text", std::string()) + check.value("detail", std::string());
        QVERIFY2(said.find("300") != std::string::npos || said.find("299") != std::string::npos ||
                     said.find("301") != std::string::npos || said.find("5 min") != std::string::npos,
                 said.c_str());
    }
    QVERIFY2(isWarned, output.out.constData());
}

// Argo CD would write the weights back: paused first, told how to end that, and ended that way.
void TestCliLab::pausesAndResumesReconciliation()
{
    const QString crds = QStringLiteral(SIGNALBOX_SOURCE_DIR "/tests/lab/kubernetes/crds/argocd.yaml");
    QVERIFY(m_lab->kubectl({QStringLiteral("apply"), QStringLiteral("-f"), crds}).isGood());
    QVERIFY(m_lab
                ->kubectl({QStringLiteral("wait"), QStringLiteral("--for=condition=Established"),
                           QStringLiteral("crd/applications.argoproj.io")})
                .isGood());
    const QString app = m_ns + QStringLiteral("-cart");
    kubectl({QStringLiteral("apply"), QStringLiteral("-f"), QStringLiteral("-")},
            "{\"apiVersion\":\"argoproj.io/v1alpha1\",\"kind\":\"Application\",\"metadata\":{\"name\":\"" +
                app.toLatin1() + "\"},\"spec\":{\"syncPolicy\":{\"automated\":{\"prune\":true,\"selfHeal\":true}}}}");
    const QString application = QStringLiteral("applications.argoproj.io/") + app;
    const Json before = object(application);
    kubectl({QStringLiteral("annotate"), QStringLiteral("httproute/cart"),
             QStringLiteral("argocd.argoproj.io/tracking-id=%1:gateway.networking.k8s.io/HTTPRoute:%2/cart")
                 .arg(app, m_ns)});
    const Json shifted = json({QStringLiteral("traffic"), QStringLiteral("cart"), m_ns, QStringLiteral("--set"),
                               QStringLiteral("green=40"), QStringLiteral("--pause-reconciliation"),
                               QStringLiteral("--confirm"), QStringLiteral("cart")});
    QCOMPARE(shifted["outcome"].value("kind", std::string()), std::string("done"));
    QCOMPARE(shifted["plan"]["steps"].size(), size_t(2));
    QVERIFY(!object(application)["spec"]["syncPolicy"].contains("automated"));
    const QString message = QString::fromStdString(shifted["outcome"].value("message", std::string()));
    QVERIFY2(message.contains(QStringLiteral("signalbox resume cart %1 --reconciliation (or: kubectl -n %1 patch "
                                             "applications.argoproj.io %2 --type merge -p '")
                                  .arg(m_ns, app)),
             qPrintable(message));
    const Json resumed =
        json({QStringLiteral("resume"), QStringLiteral("cart"), m_ns, QStringLiteral("--reconciliation"),
              QStringLiteral("--confirm"), QStringLiteral("cart")});
    QCOMPARE(resumed["outcome"].value("kind", std::string()), std::string("done"));
    const Json after = object(application);
    QVERIFY2(after["spec"] == before["spec"], after.dump(1).c_str());
    QVERIFY2(after["metadata"]["annotations"] == before["metadata"]["annotations"], after.dump(1).c_str());
    // There is nothing to end any more.
    QVERIFY(json({QStringLiteral("resume"), QStringLiteral("cart"), m_ns, QStringLiteral("--reconciliation"),
                  QStringLiteral("--confirm"), QStringLiteral("cart")},
                 2)
                .contains("error"));
}

void TestCliLab::ctrlCStopsAtASafePoint()
{
    QProcess program;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("SIGNALBOX_DATA"), m_folder.path());
    program.setProcessEnvironment(environment);
    program.setProcessChannelMode(QProcess::MergedChannels);
    program.start(QStringLiteral(SIGNALBOX_PROGRAM),
                  withSource({QStringLiteral("traffic"), QStringLiteral("cart"), m_ns, QStringLiteral("--set"),
                              QStringLiteral("green=50"), QStringLiteral("--steps"), QStringLiteral("10,50"),
                              QStringLiteral("--dwell"), QStringLiteral("1h"), QStringLiteral("--confirm"),
                              QStringLiteral("cart")},
                             QStringLiteral("lab-cert")));
    // The first step is done, the long dwell has begun.
    const auto green = [this] {
        return object(QStringLiteral("httproute/cart"))["spec"]["rules"][0]["backendRefs"][1].value("weight", -1);
    };
    QTRY_VERIFY_WITH_TIMEOUT(green() > 0, 40000);
    QByteArray seen;
    QTRY_VERIFY_WITH_TIMEOUT((seen += program.readAll()).contains("step 1 of 2") && seen.contains("59m"), 30000);
    ::kill(static_cast<pid_t>(program.processId()), SIGINT);
    QVERIFY(program.waitForFinished(30000));
    seen += program.readAll();
    QVERIFY2(program.exitCode() == 1, seen.constData());
    const Json backends = object(QStringLiteral("httproute/cart"))["spec"]["rules"][0]["backendRefs"];
    QCOMPARE(backends[1].value("weight", 0) * 10, backends[0].value("weight", 0) + backends[1].value("weight", 0));
}

QTEST_GUILESS_MAIN(TestCliLab)
#include "test_cli_lab.moc"
