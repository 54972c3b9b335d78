#include "tests/support/faultserver.h"

#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

QByteArray listOfResources(const QList<QByteArray> &names)
{
    QByteArray list;
    for (const QByteArray &name : names)
        list += (list.isEmpty() ? "" : ",") + QByteArray("{\"name\":\"") + name +
                "\",\"kind\":\"X\",\"namespaced\":" + (name == "namespaces" || name == "nodes" ? "false" : "true") +
                ",\"verbs\":[\"get\",\"list\",\"watch\"]}";
    return "{\"kind\":\"APIResourceList\",\"resources\":[" + list + "]}";
}

// What discovery asks for; empty: something else.
QByteArray discovered(const QByteArray &path)
{
    if (path == "/version")
        return "{\"gitVersion\":\"v1.31.0\"}";
    if (path == "/api")
        return "{\"kind\":\"APIVersions\",\"versions\":[\"v1\"]}";
    if (path == "/apis")
        return "{\"kind\":\"APIGroupList\",\"groups\":[{\"name\":\"apps\",\"versions\":[{\"groupVersion\":\"apps/"
               "v1\"}]}]}";
    if (path == "/api/v1")
        return listOfResources({"namespaces", "nodes", "pods", "services", "endpoints", "events"});
    if (path == "/apis/apps/v1")
        return listOfResources({"deployments", "statefulsets", "daemonsets", "replicasets", "controllerrevisions"});
    return {};
}

FaultServer::Handler serverOf(const QByteArray &kind)
{
    return [kind](Exchange &exchange) {
        const HttpHeaders json{{"Content-Type", "application/json"}};
        const QByteArray found = discovered(exchange.target.split('?').first());
        if (kind == "a web page")
            exchange.answer(200, "<html>Sign in</html>", {{"Content-Type", "text/html"}});
        else if (kind == "half an answer")
            exchange.answer(200, "{\"kind\":\"API", json);
        else if (!found.isEmpty())
            exchange.answer(200, found, json);
        else if (kind == "no lists")
            exchange.answer(200, "{\"kind\":\"Status\"}", json);
        else
            exchange.answer(403, "{\"kind\":\"Status\",\"message\":\"it is forbidden\",\"code\":403}", json);
    };
}

} // namespace

// A server that answers, but nothing that can be used: no command may say that there is nothing, and each says why.
class TestBadAnswers : public QObject
{
    Q_OBJECT
private slots:
    void whatCouldNotBeReadIsNotNone_data()
    {
        QTest::addColumn<QByteArray>("server");
        QTest::addColumn<QStringList>("command");
        QTest::addColumn<QString>("sentence");
        QTest::addColumn<bool>("isOnOutput"); // beside what could be told
        const std::pair<const char *, const char *> servers[] = {
            {"a web page",
             "127.0.0.1:%1 answered with a web page (HTTP 200) where a Kubernetes API server was expected, so we could "
             "not discover what the server offers. Check the server address of this cluster in the kubeconfig, and the "
             "proxy."},
            {"half an answer", "The server's answer (what it offers) is not in a form that Kubernetes writes. Look "
                               "whether the address of "
                               "this cluster leads to its API server, and what a proxy before it changes."},
            {"no lists",
             "The server's answer (list of deployments) is not in a form that Kubernetes writes. Look whether the "
             "address of this cluster leads to its API server, and what a proxy before it changes."},
            {"no rights",
             "You may not list deployments: it is forbidden. Ask whoever manages the cluster's roles for this right."},
        };
        const QList<std::pair<QStringList, bool>> commands{
            {{QStringLiteral("status")}, true},
            {{QStringLiteral("status"), QStringLiteral("cart")}, false},
            {{QStringLiteral("rehearse")}, false},
            {{QStringLiteral("rehearse"), QStringLiteral("cart")}, false},
            {{QStringLiteral("traffic"), QStringLiteral("cart"), QStringLiteral("shop")}, false},
            {{QStringLiteral("rollback"), QStringLiteral("cart"), QStringLiteral("shop"), QStringLiteral("--dry-run")},
             false},
        };
        for (const auto &[server, sentence] : servers) {
            for (const auto &[command, isOnOutput] : commands)
                QTest::addRow("%s: %s", server, qPrintable(command.join(u' ')))
                    << QByteArray(server) << command << QString::fromLatin1(sentence) << isOnOutput;
        }
    }
    void whatCouldNotBeReadIsNotNone()
    {
        QFETCH(QByteArray, server);
        QFETCH(QStringList, command);
        QFETCH(QString, sentence);
        QFETCH(bool, isOnOutput);
        const FaultServer api(serverOf(server));
        const QTemporaryDir folder;
        QFile config(folder.filePath(QStringLiteral("config")));
        QVERIFY(config.open(QIODevice::WriteOnly));
        config.write("apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters: [{name: c, cluster: {server: \"" +
                     api.url().toString().toUtf8() +
                     "\"}}]\nusers: [{name: u, user: {}}]\n"
                     "contexts: [{name: c, context: {cluster: c, user: u, namespace: shop}}]\n");
        config.close();
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("SIGNALBOX_DATA"), folder.filePath(QStringLiteral("data")));
        environment.insert(QStringLiteral("HOME"), folder.path());
        for (const char *name : {"KUBECONFIG", "SIGNALBOX_LOG", "SIGNALBOX_WORKSPACE", "QT_LOGGING_RULES"})
            environment.remove(QString::fromLatin1(name));
        QProcess program;
        program.setProcessEnvironment(environment);
        program.start(QStringLiteral(SIGNALBOX_PROGRAM),
                      command + QStringList{QStringLiteral("--kubeconfig"), config.fileName()});
        QVERIFY2(program.waitForFinished(60000), qPrintable(program.errorString()));
        const QString out = QString::fromUtf8(program.readAllStandardOutput());
        const QString err = QString::fromUtf8(program.readAllStandardError());
        if (sentence.contains(u'%'))
            sentence = sentence.arg(api.port());
        const QString told = isOnOutput ? QStringLiteral("not everything could be read: %1\nWhether there are "
                                                         "applications is not known.\n")
                                              .arg(sentence)
                                        : QStringLiteral("signalbox: %1\n").arg(sentence);
        QVERIFY2((isOnOutput ? out : err).contains(told), qPrintable(out + u'|' + err));
        QVERIFY2(!(out + err).contains(QStringLiteral("o application")), qPrintable(out + u'|' + err));
        QCOMPARE(program.exitStatus(), QProcess::NormalExit);
        QCOMPARE(program.exitCode(), 3);
    }

    // Two servers at one address: whose sentence it is stands before it, and of none of them it is said that it has
    // nothing.
    void serversOfPipelinesAreNamed_data()
    {
        QTest::addColumn<QStringList>("command");
        QTest::addColumn<QString>("told");
        QTest::addColumn<QStringList>("named");
        const QStringList both{QStringLiteral("one"), QStringLiteral("two")};
        QTest::newRow("runs") << QStringList{QStringLiteral("runs")}
                              << QStringLiteral("whether there are runs is not known.") << both;
        QTest::newRow("approvals") << QStringList{QStringLiteral("approvals")}
                                   << QStringLiteral("whether anything waits is not known.") << both;
        QTest::newRow("the run of one connection")
            << QStringList{QStringLiteral("run"), QStringLiteral("show"), QStringLiteral("cart"),
                           QStringLiteral("--connection"), QStringLiteral("two")}
            << QString() << QStringList{QStringLiteral("two")};
    }
    void serversOfPipelinesAreNamed()
    {
        QFETCH(QStringList, command);
        QFETCH(QString, told);
        QFETCH(QStringList, named);
        const FaultServer server(serverOf("a web page"));
        const QTemporaryDir folder;
        QFile file(folder.filePath(QStringLiteral("workspace.yaml")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        const QByteArray url = server.url().toString().toUtf8();
        file.write("version: 1\nname: shop\nconnections:\n- {id: one, kind: jenkins, url: \"" + url +
                   "\"}\n- {id: two, kind: gitlab, url: \"" + url + "\", projects: [shop/cart]}\n");
        file.close();
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("SIGNALBOX_DATA"), folder.filePath(QStringLiteral("data")));
        environment.insert(QStringLiteral("HOME"), folder.path());
        for (const char *name : {"KUBECONFIG", "SIGNALBOX_LOG", "SIGNALBOX_WORKSPACE", "QT_LOGGING_RULES"})
            environment.remove(QString::fromLatin1(name));
        QProcess program;
        program.setProcessEnvironment(environment);
        program.start(QStringLiteral(SIGNALBOX_PROGRAM), command + QStringList{QStringLiteral("-w"), file.fileName()});
        QVERIFY2(program.waitForFinished(60000), qPrintable(program.errorString()));
        const QString out = QString::fromUtf8(program.readAllStandardOutput());
        const QString err = QString::fromUtf8(program.readAllStandardError());
        QVERIFY2(out.contains(told), qPrintable(out + u'|' + err));
        QStringList who;
        for (const QString &id : {QStringLiteral("one"), QStringLiteral("two")}) {
            if (err.contains(QStringLiteral("signalbox: %1: ").arg(id)))
                who << id;
        }
        QVERIFY2(who == named, qPrintable(out + u'|' + err));
        QCOMPARE(program.exitCode(), 3);
    }
};

QTEST_GUILESS_MAIN(TestBadAnswers)
#include "test_badanswers.moc"
