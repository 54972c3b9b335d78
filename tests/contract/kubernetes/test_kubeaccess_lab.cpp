#include "services/adapters/kubernetes/access.h"
#include "services/adapters/kubernetes/kubeclient.h"
#include "services/adapters/kubernetes/rights.h"
#include "tests/support/httpwait.h"
#include "tests/support/lab.h"
#include "tests/support/testcertificates.h"

#include <nlohmann/json.hpp>

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTemporaryDir>
#include <QTest>

#include <mutex>

using namespace signalbox;
using namespace signalbox::kubernetes;
using namespace signalbox::test;
using Json = nlohmann::json;

namespace
{

QByteArray contentOf(const QString &file)
{
    QFile input(file);
    return input.open(QIODevice::ReadOnly) ? input.readAll() : QByteArray();
}

void write(const QString &file, const QByteArray &content)
{
    QDir().mkpath(QFileInfo(file).absolutePath());
    QFile output(file);
    QVERIFY2(output.open(QIODevice::WriteOnly | QIODevice::Truncate), qPrintable(file));
    output.write(content);
}

// An HTTP proxy on loopback that knows CONNECT alone, and counts. Lives in the test's thread.
class ConnectProxy : public QTcpServer
{
public:
    ConnectProxy()
    {
        connect(this, &QTcpServer::newConnection, this, [this] {
            while (QTcpSocket *client = nextPendingConnection())
                take(client);
        });
        listen(QHostAddress::LocalHost);
    }
    QByteArrayList asked; // "127.0.0.1:6443", one a tunnel

private:
    void take(QTcpSocket *client)
    {
        auto *server = new QTcpSocket(client);
        connect(client, &QTcpSocket::readyRead, server, [this, client, server] {
            if (server->state() == QAbstractSocket::ConnectedState) {
                server->write(client->readAll());
            } else if (client->peek(4096).contains("\r\n\r\n")) {
                const QByteArrayList words = client->readAll().split(' ');
                if (words.value(0) != "CONNECT")
                    return client->disconnectFromHost();
                asked.append(words.value(1));
                const QList<QByteArray> where = words.value(1).split(':');
                server->connectToHost(QString::fromLatin1(where.value(0)), where.value(1).toUShort());
            }
        });
        connect(server, &QTcpSocket::connected, client, [client] { client->write("HTTP/1.1 200 OK\r\n\r\n"); });
        connect(server, &QTcpSocket::readyRead, client, [client, server] { client->write(server->readAll()); });
        connect(server, &QTcpSocket::disconnected, client, &QTcpSocket::disconnectFromHost);
        connect(client, &QTcpSocket::disconnected, client, &QObject::deleteLater);
    }
};

Json jsonOf(const Result<HttpResponse> &answer)
{
    return Json::parse(answer->body.toStdString());
}

} // namespace

// Every kind of credential against a real API server, and kubectl's own view of merged files as the measure.
class TestKubeAccessLab : public QObject
{
    Q_OBJECT

    std::unique_ptr<LabCluster> m_lab;
    std::unique_ptr<HttpClient> m_http;
    KubeConfig m_config;

    Result<ClusterAccess> access(const QString &context) const { return accessFor(m_config, context); }

    std::unique_ptr<KubeClient> client(const ClusterAccess &access, EndpointOptions options = {})
    {
        options.connection = QStringLiteral("lab");
        return std::make_unique<KubeClient>(*m_http, endpointFor(access, options));
    }

private slots:
    void initTestCase()
    {
        QString error;
        m_lab = LabCluster::shared(&error);
        QVERIFY2(m_lab, qPrintable(error));
        const auto config = loadKubeConfig({m_lab->kubeconfig()});
        QVERIFY2(config.has_value(), config ? "" : qPrintable(config.error().message));
        m_config = *config;
    }
    void init() { m_http = std::make_unique<HttpClient>(); }
    void cleanup() { m_http.reset(); }

    void everyContextActsAsItsUser_data()
    {
        QTest::addColumn<QString>("context");
        QTest::addColumn<QByteArray>("target");
        QTest::addColumn<int>("kind"); // -1: must work
        const QByteArray nodes("/api/v1/nodes?limit=1");
        const QByteArray secrets("/api/v1/secrets?limit=1");
        const QByteArray teamPods("/api/v1/namespaces/team-a/pods?limit=1");
        constexpr int works = -1;
        const int forbidden = static_cast<int>(ErrorKind::Forbidden);
        for (const char *context : {"lab-cert", "lab-token", "lab-files", "lab-token-file", "lab-exec"})
            QTest::addRow("%s reads secrets", context) << QString::fromLatin1(context) << secrets << works;
        QTest::newRow("current context") << QString() << secrets << works;
        QTest::newRow("lab-readonly reads nodes") << QStringLiteral("lab-readonly") << nodes << works;
        QTest::newRow("lab-readonly reads no secrets") << QStringLiteral("lab-readonly") << secrets << forbidden;
        QTest::newRow("lab-team-a reads its pods") << QStringLiteral("lab-team-a") << teamPods << works;
        QTest::newRow("lab-team-a reads no nodes") << QStringLiteral("lab-team-a") << nodes << forbidden;
    }
    void everyContextActsAsItsUser()
    {
        QFETCH(QString, context);
        QFETCH(QByteArray, target);
        QFETCH(int, kind);
        const auto found = access(context);
        QVERIFY2(found.has_value(), found ? "" : qPrintable(found.error().message));
        const auto kube = client(*found);
        const auto answer = waitFor(kube->get(target, {}));
        if (kind >= 0) {
            QVERIFY(!answer.has_value());
            QCOMPARE(static_cast<int>(answer.error().kind), kind);
            return;
        }
        QVERIFY2(answer.has_value(), answer ? "" : qPrintable(answer.error().message));
        QVERIFY(jsonOf(answer).contains("items"));
    }

    void aProxyUrlIsGoneThrough_data()
    {
        QTest::addColumn<bool>("isUp");
        QTest::newRow("a proxy that is there") << true;
        QTest::newRow("one that is not: nothing goes around it") << false;
    }
    void aProxyUrlIsGoneThrough()
    {
        QFETCH(bool, isUp);
        ConnectProxy proxy;
        QVERIFY(proxy.isListening());
        const QByteArray url = "http://127.0.0.1:" + QByteArray::number(proxy.serverPort());
        if (!isUp)
            proxy.close();
        QByteArray text = contentOf(m_lab->kubeconfig());
        text.replace("\n    server:", "\n    proxy-url: " + url + "\n    server:");
        const auto config = parseKubeConfig(text, m_lab->kubeconfig());
        QVERIFY2(config.has_value(), config ? "" : qPrintable(config.error().message));
        const auto found = accessFor(*config, QStringLiteral("lab-cert"));
        QVERIFY2(found.has_value(), found ? "" : qPrintable(found.error().message));
        const auto kube = client(*found);
        const auto answer = waitFor(kube->get("/api/v1/nodes?limit=1", {}));
        if (!isUp) {
            QVERIFY(!answer.has_value());
            QCOMPARE(answer.error().kind, ErrorKind::Unreachable);
            QVERIFY2(answer.error().message.contains(QStringLiteral("proxy"), Qt::CaseInsensitive),
                     qPrintable(answer.error().message));
            return;
        }
        QVERIFY2(answer.has_value(), answer ? "" : qPrintable(answer.error().message));
        QVERIFY(jsonOf(answer).contains("items"));
        QCOMPARE(proxy.asked, QByteArrayList{"127.0.0.1:" + QByteArray::number(m_lab->port())});
    }

    void refusalsCarryTheServersWords()
    {
        const auto readonly = client(*access(QStringLiteral("lab-readonly")));
        const auto forbidden = waitFor(readonly->get("/api/v1/namespaces/default/secrets", {}));
        QVERIFY(!forbidden.has_value());
        QCOMPARE(
            forbidden.error().message,
            QStringLiteral(
                "You may not list secrets in default: secrets is forbidden: User \"lab-viewer\" cannot list resource "
                "\"secrets\" in API group \"\" in the namespace \"default\". Ask whoever manages the cluster's roles "
                "for this right."));
        const auto admin = client(*access({}));
        const auto missing = waitFor(admin->get("/apis/apps/v1/namespaces/default/deployments/none", {}));
        QVERIFY(!missing.has_value());
        QCOMPARE(missing.error().kind, ErrorKind::NotFound);
        QVERIFY2(missing.error().message.contains(QStringLiteral("deployments.apps \"none\" not found")),
                 qPrintable(missing.error().message));
        const auto expired = waitFor(admin->get("/api/v1/pods?limit=1&continue=garbage", {}));
        QVERIFY(!expired.has_value());
        QCOMPARE(expired.error().kind, ErrorKind::Invalid);
    }

    void aWrongTokenIsUnauthorizedForReadsAndStreams()
    {
        auto wrong = *access(QStringLiteral("lab-token"));
        wrong.token = Secret("not-a-token");
        const auto kube = client(wrong);
        const auto read = waitFor(kube->get("/api/v1/nodes", {}));
        QVERIFY(!read.has_value());
        QCOMPARE(read.error().kind, ErrorKind::Unauthorized);
        QVERIFY(!read.error().message.contains(QStringLiteral("not-a-token")));
        const auto stream = kube->stream("/api/v1/nodes?watch=1&timeoutSeconds=5", {}, {});
        const auto end = waitFor(stream.finished);
        QVERIFY(!end.has_value());
        QVERIFY2(end.error().kind == ErrorKind::Unauthorized, qPrintable(end.error().message));
    }

    void aServerOfAnotherAuthorityIsNotTrusted()
    {
        auto foreign = *access(QStringLiteral("lab-token"));
        foreign.caPem = TestAuthority("another authority").caPem();
        const auto answer = waitFor(client(foreign)->get("/version", {}));
        QVERIFY(!answer.has_value());
        QCOMPARE(answer.error().kind, ErrorKind::Unreachable);
        foreign.insecureSkipVerify = true;
        QVERIFY(!foreign.verifiesTls());
        foreign.caPem.clear();
        const auto insecure = waitFor(client(foreign)->get("/version", {}));
        QVERIFY2(insecure.has_value(), insecure ? "" : qPrintable(insecure.error().message));
    }

    void anotherServerNameIsVerifiedInsteadOfTheHosts()
    {
        auto named = *access(QStringLiteral("lab-token"));
        named.tlsServerName = QStringLiteral("kubernetes.default.svc");
        QVERIFY(waitFor(client(named)->get("/version", {})).has_value());
        named.tlsServerName = QStringLiteral("elsewhere.example");
        const auto refused = waitFor(client(named)->get("/version", {}));
        QVERIFY(!refused.has_value());
        QCOMPARE(refused.error().kind, ErrorKind::Unreachable);
    }

    void impersonationReachesTheServer()
    {
        auto as = *access({});
        as.impersonation = {{"Impersonate-User", "lab-viewer"}, {"Impersonate-Group", "lab-viewers"}};
        const auto kube = client(as);
        QVERIFY(waitFor(kube->get("/api/v1/nodes?limit=1", {})).has_value());
        const auto secrets = waitFor(kube->get("/api/v1/secrets?limit=1", {}));
        QVERIFY(!secrets.has_value());
        QVERIFY2(secrets.error().message.contains(QStringLiteral("lab-viewer")), qPrintable(secrets.error().message));
    }

    void aTokenFileIsReadAgainAfterA401()
    {
        QTemporaryDir dir;
        const QString file = dir.filePath(QStringLiteral("token"));
        auto withFile = *access(QStringLiteral("lab-token-file"));
        write(file, contentOf(withFile.tokenFile));
        withFile.tokenFile = file;
        const auto kube = client(withFile);
        QVERIFY(waitFor(kube->get("/api/v1/secrets?limit=1", {})).has_value());
        write(file, "rotated-wrongly\n");
        QVERIFY2(waitFor(kube->get("/api/v1/secrets?limit=1", {})).has_value(), "cached for a minute");

        const auto fresh = client(withFile); // starts with the wrong one
        const auto refused = waitFor(fresh->get("/api/v1/secrets?limit=1", {}));
        QVERIFY(!refused.has_value());
        QCOMPARE(refused.error().kind, ErrorKind::Unauthorized);
        write(file, contentOf(access(QStringLiteral("lab-token-file"))->tokenFile));
        // Not read more than once a second over a 401.
        QTRY_VERIFY_WITH_TIMEOUT(waitFor(fresh->get("/api/v1/secrets?limit=1", {})).has_value(), 5000);
    }

    void aPluginIsAskedOnceForManyAndAgainAfterA401()
    {
        QTemporaryDir dir;
        const QString token = dir.filePath(QStringLiteral("token"));
        const QString runs = dir.filePath(QStringLiteral("runs"));
        const QString script = dir.filePath(QStringLiteral("plugin"));
        auto withPlugin = *access(QStringLiteral("lab-exec"));
        const QByteArray good = access(QStringLiteral("lab-token"))->token.reveal();
        write(token, "an-old-token");
        write(script,
              "#!/bin/sh\necho run >>'" + runs.toUtf8() +
                  "'\n"
                  "printf "
                  "'{\"apiVersion\":\"client.authentication.k8s.io/v1beta1\",\"kind\":\"ExecCredential\",\"status\":"
                  "{\"token\":\"%s\"}}' \"$(cat '" +
                  token.toUtf8() +
                  "')\"\n"
                  "printf '%s' '" +
                  good + "' >'" + token.toUtf8() + "'\n");
        QFile::setPermissions(script, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        withPlugin.exec->command = script;
        const auto kube = client(withPlugin);
        std::vector<QFuture<Result<HttpResponse>>> answers;
        for (int i = 0; i < 12; ++i)
            answers.push_back(kube->get("/api/v1/secrets?limit=1", {}));
        for (const auto &answer : answers) {
            const auto result = waitFor(answer);
            QVERIFY2(result.has_value(), result ? "" : qPrintable(result.error().message));
        }
        QCOMPARE(contentOf(runs).count('\n'), 2); // the old one, refused, and the good one
    }

    void aPluginsCertificateIsPresented()
    {
        QTemporaryDir dir;
        const QString script = dir.filePath(QStringLiteral("plugin"));
        const QString output = dir.filePath(QStringLiteral("credential"));
        const auto cert = access(QStringLiteral("lab-cert"));
        const Json credential = {{"apiVersion", "client.authentication.k8s.io/v1beta1"},
                                 {"kind", "ExecCredential"},
                                 {"status",
                                  {{"clientCertificateData", cert->certificate->certPem.toStdString()},
                                   {"clientKeyData", cert->certificate->keyPem.reveal().toStdString()}}}};
        write(output, QByteArray::fromStdString(credential.dump()));
        write(script, "#!/bin/sh\ncat '" + output.toUtf8() + "'\n");
        QFile::setPermissions(script, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        auto withPlugin = *access(QStringLiteral("lab-exec"));
        withPlugin.exec->command = script;
        const auto answer = waitFor(client(withPlugin)->get("/api/v1/secrets?limit=1", {}));
        QVERIFY2(answer.has_value(), answer ? "" : qPrintable(answer.error().message));
    }

    void discoveryFindsWhatTheServerServes()
    {
        const auto kube = client(*access(QStringLiteral("lab-readonly")));
        const auto first = kube->discover({});
        const auto second = kube->discover({});
        const auto found = waitFor(first);
        QVERIFY2(found.has_value(), found ? "" : qPrintable(found.error().message));
        QVERIFY(waitFor(second).has_value());
        const auto version = m_lab->kubectl({QStringLiteral("version"), QStringLiteral("-o"), QStringLiteral("json")});
        QCOMPARE(found->gitVersion.toStdString(),
                 Json::parse(version.out.toStdString())["serverVersion"]["gitVersion"].get<std::string>());
        QVERIFY(found->unavailable.isEmpty());

        const auto pods = found->find({}, QStringLiteral("pods"));
        QVERIFY(pods.has_value());
        QCOMPARE(pods->path(QStringLiteral("a b"), QStringLiteral("x"), QStringLiteral("log")),
                 QByteArray("/api/v1/namespaces/a%20b/pods/x/log"));
        QVERIFY(pods->subresources.contains(QStringLiteral("log")));
        QVERIFY(pods->verbs.contains(QStringLiteral("watch")));
        const auto nodes = found->find({}, QStringLiteral("nodes"));
        QVERIFY(nodes.has_value() && !nodes->isNamespaced);
        const auto deployments = found->find(QStringLiteral("apps"), QStringLiteral("deployments"));
        QVERIFY(deployments.has_value());
        QCOMPARE(deployments->path(QStringLiteral("s"), QStringLiteral("n"), QStringLiteral("scale")),
                 QByteArray("/apis/apps/v1/namespaces/s/deployments/n/scale"));
        // As every resource of kubectl's own list is found, in the same group and version.
        const auto listed = m_lab->kubectl({QStringLiteral("api-resources"), QStringLiteral("--no-headers")});
        QVERIFY(listed.isGood());
        int checked = 0;
        for (const QByteArray &line : listed.out.split('\n')) {
            const QList<QByteArray> columns = line.simplified().split(' ');
            if (columns.size() < 4)
                continue;
            const QString groupVersion = QString::fromLatin1(columns.at(columns.size() - 3));
            const QString group = groupVersion.contains(u'/') ? groupVersion.section(u'/', 0, 0) : QString();
            const auto resource =
                found->find(group, QString::fromLatin1(columns.first()), {groupVersion.section(u'/', -1)});
            QVERIFY2(resource.has_value(), line.constData());
            QCOMPARE(resource->kind, QString::fromLatin1(columns.last()));
            QCOMPARE(resource->isNamespaced, columns.at(columns.size() - 2) == "true");
            ++checked;
        }
        QVERIFY(checked > 30);
        // Of kinds that moved, the best version that this server has, old or new; none where there is none.
        const auto versions = m_lab->kubectl({QStringLiteral("api-versions")});
        QVERIFY(versions.isGood());
        const QList<QByteArray> served = versions.out.split('\n');
        const struct
        {
            const char *group;
            const char *resource;
            QStringList best; // first
        } moved[] = {
            {"discovery.k8s.io", "endpointslices", {QStringLiteral("v1"), QStringLiteral("v1beta1")}},
            {"networking.istio.io", "virtualservices", {QStringLiteral("v1"), QStringLiteral("v1beta1")}},
            {"autoscaling",
             "horizontalpodautoscalers",
             {QStringLiteral("v2"), QStringLiteral("v1"), QStringLiteral("v2beta2")}},
            {"events.k8s.io", "events", {QStringLiteral("v1"), QStringLiteral("v1beta1")}},
            {"policy", "poddisruptionbudgets", {QStringLiteral("v1"), QStringLiteral("v1beta1")}},
        };
        for (const auto &row : moved) {
            const QString group = QString::fromLatin1(row.group);
            const auto best = std::find_if(row.best.begin(), row.best.end(), [&](const QString &one) {
                return served.contains((group + u'/' + one).toLatin1());
            });
            QVERIFY2(best != row.best.end(), row.group);
            QCOMPARE(found->find(group, QString::fromLatin1(row.resource))->version, *best);
            QVERIFY(!found->find(group, QString::fromLatin1(row.resource), {QStringLiteral("v99")}));
        }
        QVERIFY(!found->find(QStringLiteral("metrics.k8s.io"), QStringLiteral("pods")));
        QVERIFY(qAbs(kube->clockSkewMs()) < 1500);
    }

    void anApiServiceThatIsDownHidesNothingElse()
    {
        const QByteArray service(
            "apiVersion: apiregistration.k8s.io/v1\nkind: APIService\nmetadata: {name: v1beta1.down.example}\n"
            "spec: {group: down.example, version: v1beta1, groupPriorityMinimum: 100, versionPriority: 100,\n"
            "  insecureSkipTLSVerify: true, service: {name: none, namespace: default}}\n");
        const auto applied = m_lab->apply(service);
        if (!applied.isGood())
            QSKIP("this server has no aggregation layer");
        const auto kube = client(*access({}));
        const auto found = waitFor(kube->discover({}), 30'000);
        (void)m_lab->kubectl(
            {QStringLiteral("delete"), QStringLiteral("apiservice"), QStringLiteral("v1beta1.down.example")});
        QVERIFY2(found.has_value(), found ? "" : qPrintable(found.error().message));
        QVERIFY(found->isUncertain(QStringLiteral("down.example")));
        QVERIFY(!found->isUncertain(QStringLiteral("apps")));
        QVERIFY(found->find(QStringLiteral("apps"), QStringLiteral("deployments")).has_value());
    }

    void rightsAreThoseOfTheServer_data()
    {
        QTest::addColumn<QString>("context");
        QTest::addColumn<QList<bool>>("allowed");
        QTest::newRow("lab-cert") << QStringLiteral("lab-cert") << QList<bool>{true, true, true, true};
        QTest::newRow("lab-readonly") << QStringLiteral("lab-readonly") << QList<bool>{true, false, false, false};
        QTest::newRow("lab-team-a") << QStringLiteral("lab-team-a") << QList<bool>{true, true, false, true};
    }
    void rightsAreThoseOfTheServer()
    {
        QFETCH(QString, context);
        QFETCH(QList<bool>, allowed);
        const auto kube = client(*access(context));
        RightsReviewer reviewer(*kube);
        const auto s = [](const char *text) { return QString::fromLatin1(text); };
        const QList<RightQuestion> questions{
            {s("list"), {}, s("pods"), {}, s("team-a"), {}},
            {s("patch"), s("apps"), s("deployments"), {}, s("team-a"), {}},
            {s("patch"), s("apps"), s("deployments"), {}, s("default"), {}},
            {s("patch"), s("apps"), s("deployments"), s("scale"), s("team-a"), s("web")},
        };
        const auto answers = waitFor(reviewer.ask(questions + questions, {}));
        QVERIFY2(answers.has_value(), answers ? "" : qPrintable(answers.error().message));
        QCOMPARE(answers->size(), 8);
        for (int i = 0; i < 8; ++i)
            QCOMPARE(answers->at(i).isAllowed, allowed.at(i % 4));
        // Asked again at once: out of memory, with the same time.
        const auto again = waitFor(reviewer.ask(questions, {}));
        QVERIFY(again.has_value());
        for (int i = 0; i < 4; ++i)
            QCOMPARE(again->at(i).askedAt, answers->at(i).askedAt);
    }

    void writesCarryManagerAndDryRun()
    {
        const auto kube = client(*access({}));
        const QString ns = m_lab->makeNamespace(QStringLiteral("access"));
        QVERIFY(!ns.isEmpty());
        const QByteArray path = "/api/v1/namespaces/" + ns.toLatin1() + "/configmaps";
        const QByteArray body(
            "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"c\"},\"data\":{\"k\":\"v\"}}");
        QVERIFY(waitFor(kube->write("POST", path, "application/json", body, true, {})).has_value());
        QCOMPARE(waitFor(kube->get(path + "/c", {})).error().kind, ErrorKind::NotFound);
        const auto created = waitFor(kube->write("POST", path, "application/json", body, false, {}));
        QVERIFY2(created.has_value(), created ? "" : qPrintable(created.error().message));
        QCOMPARE(jsonOf(created)["metadata"]["managedFields"][0]["manager"].get<std::string>(),
                 std::string("signalbox"));
        const auto twice = waitFor(kube->write("POST", path, "application/json", body, false, {}));
        QCOMPARE(twice.error().kind, ErrorKind::Conflict);
        QVERIFY2(twice.error().message.contains(QStringLiteral("it exists already")),
                 qPrintable(twice.error().message));
        const auto moved =
            waitFor(kube->write("PATCH", path + "/c", "application/json-patch+json",
                                "[{\"op\":\"test\",\"path\":\"/data/k\",\"value\":\"other\"}]", false, {}));
        QCOMPARE(moved.error().kind, ErrorKind::Invalid);
        const auto old =
            waitFor(kube->write("PATCH", path + "/c", "application/merge-patch+json",
                                "{\"metadata\":{\"resourceVersion\":\"1\"},\"data\":{\"k\":\"w\"}}", false, {}));
        QCOMPARE(old.error().kind, ErrorKind::Conflict);
        QVERIFY2(old.error().message.contains(QStringLiteral("changed meanwhile")), qPrintable(old.error().message));
    }

    void aWatchStreamsAndEndsByItself()
    {
        const auto kube = client(*access({}));
        std::mutex mutex;
        QByteArray seen;
        HttpSink sink;
        sink.data = [&](QByteArrayView bytes) {
            const std::lock_guard lock(mutex);
            seen.append(bytes);
            return true;
        };
        const auto stream = kube->stream("/api/v1/namespaces?watch=1&timeoutSeconds=2", sink, {});
        const auto end = waitFor(stream.finished);
        QVERIFY2(end.has_value(), end ? "" : qPrintable(end.error().message));
        const std::lock_guard lock(mutex);
        QVERIFY(seen.contains("\"type\":\"ADDED\""));
    }

    // kubectl's merged view, name by name.
    void filesMergeAsKubectlMergesThem_data()
    {
        QTest::addColumn<QStringList>("files");
        const auto data = [](const char *name) {
            return QStringLiteral(SIGNALBOX_TEST_DATA "/kubeconfig/%1.yaml").arg(QLatin1String(name));
        };
        QTest::newRow("a then b") << QStringList{data("merge-a"), data("merge-b")};
        QTest::newRow("b then a") << QStringList{data("merge-b"), data("merge-a")};
        QTest::newRow("a hole between") << QStringList{data("merge-a"), data("missing"), data("merge-b")};
        QTest::newRow("no context in the first") << QStringList{data("merge-c"), data("merge-b"), data("merge-a")};
        QTest::newRow("alone") << QStringList{data("merge-b")};
        QTest::newRow("an empty one first") << QStringList{data("empty"), data("merge-a")};
    }
    void filesMergeAsKubectlMergesThem()
    {
        QFETCH(QStringList, files);
        const auto ours = loadKubeConfig(files);
        QVERIFY2(ours.has_value(), ours ? "" : qPrintable(ours.error().message));
        const auto peer = runProgram(QStringLiteral("kubectl"),
                                     {QStringLiteral("config"), QStringLiteral("view"), QStringLiteral("--merge"),
                                      QStringLiteral("--raw"), QStringLiteral("-o"), QStringLiteral("json")},
                                     {}, 60, {QStringLiteral("KUBECONFIG=") + files.join(QDir::listSeparator())});
        QVERIFY2(peer.isGood(), peer.err.constData());
        const Json theirs = Json::parse(peer.out.toStdString());
        const auto text = [](const Json &object, const char *key) {
            return object.contains(key) ? QString::fromStdString(object[key].get<std::string>()) : QString();
        };
        // kubectl shows names as written; all these files lie in one folder.
        const auto path = [&text](const Json &object, const char *key) {
            const QString name = text(object, key);
            return name.isEmpty() ? name
                                  : QDir::cleanPath(
                                        QDir(QStringLiteral(SIGNALBOX_TEST_DATA "/kubeconfig")).absoluteFilePath(name));
        };
        const auto list = [&theirs](const char *key) { return theirs[key].is_array() ? theirs[key] : Json::array(); };
        QCOMPARE(ours->currentContext, text(theirs, "current-context"));
        QCOMPARE(ours->contexts.size(), static_cast<qsizetype>(list("contexts").size()));
        for (const Json &item : list("contexts")) {
            const KubeContext *context = ours->context(text(item, "name"));
            QVERIFY2(context != nullptr, item.dump().c_str());
            QCOMPARE(context->cluster, text(item["context"], "cluster"));
            QCOMPARE(context->user, text(item["context"], "user"));
            QCOMPARE(context->ns, text(item["context"], "namespace"));
        }
        QCOMPARE(ours->clusters.size(), static_cast<qsizetype>(list("clusters").size()));
        for (const Json &item : list("clusters")) {
            const KubeCluster *cluster = ours->cluster(text(item, "name"));
            QVERIFY2(cluster != nullptr, item.dump().c_str());
            const Json &body = item["cluster"];
            QCOMPARE(cluster->server, text(body, "server"));
            QCOMPARE(cluster->ca.file, path(body, "certificate-authority"));
            QCOMPARE(QString::fromLatin1(cluster->ca.inlinePem.reveal().toBase64()),
                     text(body, "certificate-authority-data"));
            QCOMPARE(cluster->tlsServerName, text(body, "tls-server-name"));
            QCOMPARE(cluster->insecureSkipVerify, body.value("insecure-skip-tls-verify", false));
            QCOMPARE(cluster->proxy, text(body, "proxy-url"));
        }
        QCOMPARE(ours->users.size(), static_cast<qsizetype>(list("users").size()));
        for (const Json &item : list("users")) {
            const KubeUser *user = ours->user(text(item, "name"));
            QVERIFY2(user != nullptr, item.dump().c_str());
            const Json &body = item["user"];
            QCOMPARE(QString::fromUtf8(user->token.reveal()), text(body, "token"));
            QCOMPARE(user->tokenFile.file, path(body, "tokenFile"));
            QCOMPARE(user->certificate.file, path(body, "client-certificate"));
            QCOMPARE(user->key.file, path(body, "client-key"));
            QCOMPARE(user->impersonate, text(body, "as"));
            QCOMPARE(user->exec.has_value(), body.contains("exec"));
            if (user->exec)
                QCOMPARE(user->exec->command, path(body["exec"], "command"));
        }
    }
};

QTEST_GUILESS_MAIN(TestKubeAccessLab)
#include "test_kubeaccess_lab.moc"
