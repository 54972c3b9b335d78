// kubectl as a user has it, on the sandbox's API server.
#include "tests/support/sandboxcluster.h"

#include <nlohmann/json.hpp>

#include <QProcess>
#include <QRegularExpression>
#include <QTest>

#include <atomic>

using namespace signalbox;
using namespace signalbox::sandbox;
using namespace signalbox::test;
using Json = nlohmann::json;

class TestKubectl : public QObject
{
    Q_OBJECT
private:
    std::unique_ptr<SandboxCluster> m_cluster;
    std::atomic<bool> m_mayPatch{true};
    int m_kubectlMinor = 0; // Debian 12 has 1.20

    LabCluster::Output run(const QString &line) const
    {
        return m_cluster->kubectl(line.split(u' ') + QStringList{QStringLiteral("-n"), QStringLiteral("shop")});
    }
    Json object(const char *group, const char *plural, const std::string &name) const
    {
        ObjectStore &store = m_cluster->store();
        const ObjectPtr there = store.get(*store.type(group, plural), "shop", name);
        return there ? there->tree() : Json();
    }

private slots:
    void init()
    {
        m_mayPatch = true;
        KubeApi::Options options;
        options.logPollEvery = std::chrono::milliseconds(50);
        options.hooks.logs = [](const SandboxLogQuery &query) {
            SandboxLogAnswer answer;
            const std::uint64_t end = query.cursor == 0 ? 10 : std::min<std::uint64_t>(query.cursor + 1, 13);
            for (std::uint64_t i = query.cursor; i < end; ++i)
                answer.lines.push_back({1'790'000'000'000 + std::int64_t(i) * 1000, "line " + std::to_string(i)});
            answer.cursor = end;
            answer.isOver = end == 13;
            return answer;
        };
        options.hooks.usage = [](const std::string &, const std::string &) {
            return SandboxUsage{{{"web", 0.25, 64 << 20}}};
        };
        options.hooks.access = [this](const AccessQuestion &question) {
            return AccessAnswer{question.verb != "patch" || m_mayPatch, {}};
        };
        QString error;
        m_cluster = SandboxCluster::start(&error, options);
        QVERIFY2(m_cluster, qPrintable(error));
        m_cluster->seedShop("shop");
        if (m_kubectlMinor == 0) {
            const Json version =
                Json::parse(run(QStringLiteral("version --client -o json")).out.toStdString(), nullptr, false);
            const Json minor = version.value(Json::json_pointer("/clientVersion/minor"), Json());
            m_kubectlMinor = minor.is_string() ? std::atoi(minor.get<std::string>().c_str()) : 0;
            QVERIFY(m_kubectlMinor > 0);
        }
    }

    void objectsArePrinted_data()
    {
        QTest::addColumn<QString>("command");
        QTest::addColumn<QString>("pattern"); // of the whole output, spaces made one
        QTest::addColumn<int>("since");       // kubectl 1.x
        const auto row = [](const char *command, const char *pattern, int since = 0) {
            QTest::newRow(command) << QString::fromLatin1(command) << QString::fromLatin1(pattern) << since;
        };
        row("get pods", "NAME READY STATUS RESTARTS AGE.*web-7f5d9c8b44-a 1/1 Running 0 \\d+s");
        row("get pods -o wide", "IP NODE NOMINATED NODE READINESS GATES.*10.0.0.3 node-2 <none> <none>");
        row("get deploy", "NAME READY UP-TO-DATE AVAILABLE AGE.*web 3/3 3 3 \\d+s");
        row("get deploy -o wide", "CONTAINERS IMAGES SELECTOR.*web registry.example/web:2 app=web");
        row("get rs", "NAME DESIRED CURRENT READY AGE.*web-7f5d9c8b44 3 3 3 \\d+s");
        row("get svc", "NAME TYPE CLUSTER-IP EXTERNAL-IP PORT\\(S\\) AGE.*web ClusterIP 10.96.0.10 <none> 80/TCP");
        row("get sts", "NAME READY AGE.*store 2/2 \\d+s");
        row("get ds", "DESIRED CURRENT READY UP-TO-DATE AVAILABLE NODE SELECTOR AGE.*agent 2 2 2 2 2 <none>");
        row("get hpa", "REFERENCE TARGETS MINPODS MAXPODS REPLICAS AGE.*Deployment/web cpu: 41%/60% 2 9 3");
        row("get nodes", "NAME STATUS ROLES AGE VERSION.*node-1 Ready <none> \\d+s v1.29.0");
        row("get ns", "NAME STATUS AGE.*shop Active");
        row("get events",
            "LAST SEEN TYPE REASON OBJECT MESSAGE.*Warning Unhealthy pod/web-7f5d9c8b44-a Readiness probe");
        row("get httproutes", "NAME HOSTNAMES AGE.*web \\[\"web.example\"\\]");
        row("get all", "pod/web-7f5d9c8b44-a.*service/web.*deployment.apps/web.*replicaset.apps/web-6d4cf56db6");
        row("get pods -l app=none", "");
        row("get pods --field-selector spec.nodeName=node-2", "^NAME [^\\n]*\\nweb-7f5d9c8b44-c [^\\n]*\\n$");
        row("get pods --chunk-size=1", "web-7f5d9c8b44-a.*web-7f5d9c8b44-b.*web-7f5d9c8b44-c");
        row("get pods --sort-by=.spec.nodeName", "web-7f5d9c8b44-a.*web-7f5d9c8b44-b.*web-7f5d9c8b44-c");
        row("get deploy web -o jsonpath={.spec.template.spec.containers[0].image}", "^registry.example/web:2$");
        row("describe deploy web",
            "Replicas: 3 desired \\| 3 updated.*OldReplicaSets: (web-6d4cf56db6|<none>).*NewReplicaSet: "
            "web-7f5d9c8b44");
        row("describe pod web-7f5d9c8b44-a", "Controlled By: ReplicaSet/web-7f5d9c8b44.*Warning Unhealthy .* kubelet "
                                             "Readiness probe failed");
        row("describe hpa web", "Reference: Deployment/web.*41% \\(250m\\) / 60%.*Min replicas: 2", 23);
        row("describe svc web", "Selector: app=web.*IP: 10.96.0.10");
        row("describe node node-1", "Ready True.*web-7f5d9c8b44-a");
        row("rollout history deploy/web", "REVISION CHANGE-CAUSE.*1 release 1.*2 release 2");
        row("rollout history deploy/web --revision=1", "Image: registry.example/web:1");
        row("rollout status deploy/web", "successfully rolled out");
        row("top pods", "web-7f5d9c8b44-a 250m 64Mi");
        row("logs web-7f5d9c8b44-a --tail=2", "^line 8\\nline 9\\n$");
        row("logs web-7f5d9c8b44-a --timestamps --tail=1", "^2026-09-21T14:13:29.000000000Z line 9\\n$");
        row("logs deploy/web -f --tail=1", "^.*line 9\\nline 10\\nline 11\\nline 12\\n$");
        row("auth can-i patch deployments", "^yes\\n$");
        row("auth can-i --list", "deployments.apps .*patch");
        row("auth whoami", "operator", 27);
        row("api-resources", "deployments deploy apps/v1 true Deployment");
        row("version", "Server Version: .*v1.29.0-signalbox");
    }
    void objectsArePrinted()
    {
        QFETCH(QString, command);
        QFETCH(QString, pattern);
        QFETCH(int, since);
        if (m_kubectlMinor < since)
            QSKIP("this kubectl is too old for it");
        const LabCluster::Output output = run(command);
        QVERIFY2(output.isGood(), output.err.constData());
        QString text = QString::fromUtf8(output.out);
        text.replace(QRegularExpression(QStringLiteral("[ \\t]+")), QStringLiteral(" "));
        text.replace(QStringLiteral(" \n"), QStringLiteral("\n"));
        const QRegularExpression wanted(pattern, QRegularExpression::DotMatchesEverythingOption);
        QVERIFY2(pattern.isEmpty() ? text.isEmpty() : wanted.match(text).hasMatch(), qPrintable(text));
    }

    void deploymentsAreChanged_data()
    {
        QTest::addColumn<QString>("command");
        QTest::addColumn<QString>("pointer");
        QTest::addColumn<QString>("value"); // JSON
        const auto row = [](const char *command, const char *pointer, const char *value) {
            QTest::newRow(command) << QString::fromLatin1(command) << QString::fromLatin1(pointer)
                                   << QString::fromLatin1(value);
        };
        const char image[] = "/spec/template/spec/containers/0/image";
        row("scale deploy/web --replicas=5", "/spec/replicas", "5");
        row("set image deploy/web web=registry.example/web:9", image, "\"registry.example/web:9\"");
        row("set env deploy/web MODE=test", "/spec/template/spec/containers/0/env",
            "[{\"name\":\"MODE\",\"value\":\"test\"}]");
        row("set resources deploy/web --limits=cpu=2", "/spec/template/spec/containers/0/resources",
            "{\"limits\":{\"cpu\":\"2\"}}");
        row("rollout pause deploy/web", "/spec/paused", "true");
        row("rollout undo deploy/web", image, "\"registry.example/web:1\"");
        row("rollout undo deploy/web --to-revision=1", image, "\"registry.example/web:1\"");
        row("label deploy/web tier=front", "/metadata/labels/tier", "\"front\"");
        row("annotate deploy/web a=b", "/metadata/annotations/a", "\"b\"");
        row("patch deploy web -p {\"spec\":{\"replicas\":6}}", "/spec/replicas", "6");
        row("patch deploy web --type=merge -p {\"spec\":{\"replicas\":7}}", "/spec/replicas", "7");
        row("patch deploy web --type=json -p [{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":8}]",
            "/spec/replicas", "8");
        row("scale deploy/web --replicas=5 --current-replicas=3", "/spec/replicas", "5");
        row("scale deploy/web --replicas=5 --dry-run=server", "/spec/replicas", "3");
        row("set image deploy/web web=a:b --dry-run=server", image, "\"registry.example/web:2\"");
    }
    void deploymentsAreChanged()
    {
        QFETCH(QString, command);
        QFETCH(QString, pointer);
        QFETCH(QString, value);
        if (m_kubectlMinor < 27 && command.startsWith(QStringLiteral("set ")) &&
            command.endsWith(QStringLiteral("--dry-run=server")))
            QSKIP("this kubectl looks for dry run in a description of all kinds, which the sandbox has not");
        const LabCluster::Output output = run(command);
        QVERIFY2(output.isGood(), output.err.constData());
        const Json web = object("apps", "deployments", "web");
        QCOMPARE(web.at(Json::json_pointer(pointer.toStdString())).dump(), Json::parse(value.toStdString()).dump());
    }

    void refusalsAreTold_data()
    {
        QTest::addColumn<QString>("command");
        QTest::addColumn<QString>("words");
        const auto row = [](const char *command, const char *words) {
            QTest::newRow(command) << QString::fromLatin1(command) << QString::fromLatin1(words);
        };
        row("get deploy none", "Error from server (NotFound): deployments.apps \"none\" not found");
        row("get gadgets", "the server doesn't have a resource type \"gadgets\"");
        row("scale deploy/web --replicas=5 --current-replicas=4", "Expected replicas to be 4, was 3");
        row("patch deploy web --type=json -p [{\"op\":\"test\",\"path\":\"/spec/replicas\",\"value\":9}]",
            "The request is invalid");
        row("patch deploy web -p {\"spec\":{\"replicas\":-1}}", "must be greater than or equal to 0");
        row("logs web-7f5d9c8b44-a -c none", "container none is not valid for pod web-7f5d9c8b44-a");
        row("logs web-7f5d9c8b44-a --previous",
            "previous terminated container \"web\" in pod \"web-7f5d9c8b44-a\" not found");
        row("get pods -l a==b==c", "unable to parse requirement");
    }
    void refusalsAreTold()
    {
        QFETCH(QString, command);
        QFETCH(QString, words);
        const LabCluster::Output output = run(command);
        QVERIFY(!output.isGood());
        QVERIFY2(QString::fromUtf8(output.err).contains(words), output.err.constData());
    }

    void whoMayNotIsForbidden()
    {
        m_mayPatch = false;
        QCOMPARE(run(QStringLiteral("auth can-i patch deployments")).out.trimmed(), QByteArray("no"));
        const LabCluster::Output output = run(QStringLiteral("set image deploy/web web=a:b"));
        QVERIFY(!output.isGood());
        QVERIFY2(output.err.contains("deployments.apps \"web\" is forbidden: User \"operator\" cannot patch "
                                     "resource \"deployments\" in API group \"apps\" in the namespace \"shop\""),
                 output.err.constData());
    }

    // What newer kubectls send, as one of 1.32 did: it has no fall-back to JSON.
    void reviewsAndNamespacesComeAsProtobuf()
    {
        LoopbackRequest request;
        request.method = "POST";
        request.contentType = "application/vnd.kubernetes.protobuf";
        const auto message = [](char field, const std::string &content) {
            return std::string(1, char(field << 3 | 2)) + char(content.size()) + content;
        };
        const auto sent = [&](const char *version, const char *kind, const std::string &raw) {
            request.body = std::string("k8s\0", 4) + message(1, message(1, version) + message(2, kind)) +
                           message(2, raw) + message(3, {}) + message(4, {});
            return m_cluster->api().handle(request);
        };
        request.path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
        const std::string asked =
            message(1, "shop") + message(2, "patch") + message(3, "apps") + message(5, "deployments");
        const std::string review = message(1, {}) + message(2, message(1, asked)) + message(3, std::string(2, 0));
        const LoopbackReply answer = sent("authorization.k8s.io/v1", "SelfSubjectAccessReview", review);
        QCOMPARE(answer.status, 201);
        QCOMPARE(Json::parse(answer.body)["status"]["allowed"].dump(), std::string("true"));
        QCOMPARE(Json::parse(answer.body)["spec"]["resourceAttributes"]["resource"].dump(),
                 std::string("\"deployments\""));
        m_mayPatch = false;
        QCOMPARE(
            Json::parse(sent("authorization.k8s.io/v1", "SelfSubjectAccessReview", review).body)["status"]["allowed"]
                .dump(),
            std::string("false"));
        request.path = "/api/v1/namespaces";
        QCOMPARE(sent("v1", "Namespace", message(1, message(1, "proto"))).status, 201);
        QVERIFY(m_cluster->store().get(*m_cluster->store().type("", "namespaces"), {}, "proto"));
        QCOMPARE(sent("v1", "Secret", message(1, message(1, "proto"))).status, 415);
        request.body.resize(12);
        QCOMPARE(m_cluster->api().handle(request).status, 415);
    }

    void aWatchFollows()
    {
        QProcess watch;
        watch.start(QStringLiteral("kubectl"),
                    {QStringLiteral("--kubeconfig=") + m_cluster->kubeconfig(), QStringLiteral("-n"),
                     QStringLiteral("shop"), QStringLiteral("get"), QStringLiteral("deploy"), QStringLiteral("-w")});
        QByteArray seen;
        const auto sees = [&](const char *words) {
            watch.waitForReadyRead(50);
            seen += watch.readAllStandardOutput();
            return seen.simplified().contains(words);
        };
        QTRY_VERIFY(sees("web 3/3 3 3"));
        ObjectStore &store = m_cluster->store();
        store.modify(*store.type("apps", "deployments"), "shop", "web", [](Json &web) {
            web["status"]["readyReplicas"] = 2;
            return std::optional<Refusal>();
        });
        QTRY_VERIFY(sees("web 2/3 3 3"));
        watch.kill();
        QVERIFY(watch.waitForFinished());
    }

    void objectsComeAndGo()
    {
        const QByteArray lease("apiVersion: coordination.k8s.io/v1\nkind: Lease\nmetadata: {name: lock}\n"
                               "spec: {holderIdentity: me, leaseDurationSeconds: 15}\n");
        const QStringList here{QStringLiteral("-n"), QStringLiteral("shop"), QStringLiteral("-f"), QStringLiteral("-")};
        const auto with = [&](const char *verb, QByteArray yaml) {
            return m_cluster->kubectl(QStringList{QString::fromLatin1(verb)} + here, yaml);
        };
        QVERIFY(with("create", lease).isGood());
        QVERIFY(with("create", lease).err.contains("AlreadyExists"));
        QVERIFY(run(QStringLiteral("get lease lock")).out.contains("me"));
        QByteArray changed = lease;
        changed.replace("15", "20");
        if (m_kubectlMinor >= 27) { // before, it looks for dry run in a description of all kinds
            const LabCluster::Output difference = with("diff", changed);
            QCOMPARE(difference.status, 1);
            QVERIFY2(difference.out.contains("+  leaseDurationSeconds: 20"), difference.out.constData());
        }
        QVERIFY(with("apply", changed).isGood());
        QCOMPARE(object("coordination.k8s.io", "leases", "lock").at("spec").at("leaseDurationSeconds").dump(),
                 std::string("20"));
        QVERIFY(run(QStringLiteral("delete lease lock")).isGood());
        QVERIFY(object("coordination.k8s.io", "leases", "lock").is_null());
        QVERIFY(run(QStringLiteral("create deployment made --image=registry.example/x:1")).isGood());
        QVERIFY(run(QStringLiteral("delete deployment web")).isGood());
        QVERIFY(object("apps", "replicasets", "web-7f5d9c8b44").is_null());
        // Its pods are on nodes: they are going, and the kubelet that would end them is not part of this test.
        QVERIFY(object("", "pods", "web-7f5d9c8b44-a").at("metadata").contains("deletionTimestamp"));
    }
};

QTEST_GUILESS_MAIN(TestKubectl)
#include "test_kubectl.moc"
