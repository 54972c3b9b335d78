// One table of requests (tests/data/sandbox/requests.json), two servers, the same expectations: a real API server, and
// the sandbox's. What the table expects was read off the real one.
#include "services/adapters/kubernetes/access.h"
#include "services/net/httpclient.h"
#include "tests/support/httpwait.h"
#include "tests/support/lab.h"
#include "tests/support/sandboxcluster.h"

#include <nlohmann/json.hpp>

#include <QDateTime>
#include <QFile>
#include <QTest>

using namespace signalbox;
using namespace signalbox::test;
using Json = nlohmann::json;

class TestSameAnswers : public QObject
{
    Q_OBJECT
private:
    struct Server
    {
        QString name;
        std::shared_ptr<const HttpEndpoint> endpoint;
        QByteArray ns;
    };

    Result<HttpResponse> send(const Server &server, const Json &row)
    {
        HttpRequest request;
        request.endpoint = server.endpoint;
        request.method = QByteArray::fromStdString(row.at("method"));
        request.target = QByteArray::fromStdString(row.at("path")).replace("$NS", server.ns).replace(' ', "%20");
        request.headers = {{"Accept", QByteArray::fromStdString(row.value("accept", std::string("application/json")))}};
        request.retries = 0;
        if (row.contains("body")) {
            const Json &body = row.at("body");
            const std::string text = body.is_string() ? body.get<std::string>() : body.dump();
            request.body = QByteArray::fromStdString(text).replace("$NS", server.ns);
            request.headers.emplaceBack("Content-Type", QByteArray::fromStdString(row.at("type")));
        }
        return waitFor(m_http->send(request, {}), 20'000);
    }

    bool add(const QString &name, const QString &kubeconfig)
    {
        const auto config = kubernetes::loadKubeConfig({kubeconfig});
        if (!config)
            return false;
        const auto access = kubernetes::accessFor(*config, QStringLiteral("lab-token"));
        if (!access)
            return false;
        const QByteArray ns = "same-" + QByteArray::number(QDateTime::currentMSecsSinceEpoch() % 100'000'000);
        const Server server{name, kubernetes::endpointFor(*access, {name}), ns};
        const Json made = {
            {"method", "POST"},
            {"path", "/api/v1/namespaces"},
            {"type", "application/json"},
            {"body", {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", ns.toStdString()}}}}}};
        const auto answer = send(server, made);
        if (!answer || answer->status != 201)
            return false;
        for (const Json &row : m_table.at("seed")) {
            const auto seeded = send(server, row);
            if (!seeded || seeded->status != 201) {
                qWarning("%s: %s", qPrintable(name), seeded ? seeded->body.constData() : "no answer");
                return false;
            }
        }
        m_servers.append(server);
        return true;
    }

    Json m_table;
    std::unique_ptr<LabCluster> m_lab;
    std::unique_ptr<SandboxCluster> m_sandbox;
    std::unique_ptr<HttpClient> m_http;
    QList<Server> m_servers;

private slots:
    void initTestCase()
    {
        QFile file(QStringLiteral(SIGNALBOX_TEST_DATA "/sandbox/requests.json"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        m_table = Json::parse(file.readAll().toStdString());
        m_http = std::make_unique<HttpClient>();
        QString error;
        m_lab = LabCluster::shared(&error);
        QVERIFY2(m_lab, qPrintable(error));
        m_sandbox = SandboxCluster::start(&error);
        QVERIFY2(m_sandbox, qPrintable(error));
        QVERIFY(add(QStringLiteral("real"), m_lab->kubeconfig()));
        QVERIFY(add(QStringLiteral("sandbox"), m_sandbox->kubeconfig()));
    }

    void everyRequestGetsTheAnswerOfTheRealServer_data()
    {
        QTest::addColumn<int>("server");
        QTest::addColumn<int>("row");
        for (int server = 0; server < m_servers.size(); ++server) {
            for (std::size_t row = 0; row < m_table.at("requests").size(); ++row) {
                const std::string name = m_table["requests"][row].at("name");
                QTest::addRow("%s: %s", qPrintable(m_servers[server].name), name.c_str()) << server << int(row);
            }
        }
    }
    void everyRequestGetsTheAnswerOfTheRealServer()
    {
        QFETCH(int, server);
        QFETCH(int, row);
        const Json &wanted = m_table["requests"][std::size_t(row)];
        const auto answer = send(m_servers[server], wanted);
        QVERIFY2(answer, answer ? "" : qPrintable(answer.error().message));
        if (answer->status != wanted.at("status").get<int>())
            qInfo("%s", answer->body.left(600).constData());
        QCOMPARE(answer->status, wanted.at("status").get<int>());
        const Json body = Json::parse(answer->body.cbegin(), answer->body.cend(), nullptr, false);
        const Json details = body.is_object() ? body.value("details", Json::object()) : Json::object();
        if (wanted.contains("reason"))
            QCOMPARE(body.value("reason", std::string()), wanted.at("reason").get<std::string>());
        if (wanted.contains("about"))
            QCOMPARE(details.value("kind", std::string()), wanted.at("about").get<std::string>());
        Json fields = Json::array();
        for (const Json &cause : details.value("causes", Json::array()))
            fields.push_back(cause.value("field", std::string()));
        QCOMPARE(fields.dump(), wanted.value("fields", Json::array()).dump());
    }
};

QTEST_GUILESS_MAIN(TestSameAnswers)
#include "test_sameanswers.moc"
