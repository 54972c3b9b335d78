#include "services/sandbox/ci/ciworld.h"
#include "services/sandbox/practicepipelines.h"
#include "services/workspace/workspacefile.h"

#include <httplib.h>

#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <QUrl>

#include <algorithm>

using namespace signalbox;
using namespace signalbox::sandbox;

// The practice world's CI servers as a workspace names them.
class PracticePipelinesTest : public QObject
{
    Q_OBJECT

    QTemporaryDir m_folder;
    std::unique_ptr<PracticePipelines> m_servers;

    bool write(const QString &name, const QByteArray &text) const
    {
        QFile file(m_folder.filePath(name));
        return file.open(QIODevice::WriteOnly) && file.write(text) == text.size();
    }
    std::unique_ptr<httplib::SSLClient> clientOf(const PracticePipelines::Server &server) const
    {
        auto client =
            std::make_unique<httplib::SSLClient>("127.0.0.1", QUrl(QString::fromStdString(server.url)).port());
        client->set_ca_cert_path(m_folder.filePath(QStringLiteral("ca.pem")).toStdString().c_str());
        client->enable_server_certificate_verification(true);
        return client;
    }

private slots:
    void initTestCase()
    {
        const auto certificate = LoopbackCertificate::make();
        QVERIFY(certificate);
        QVERIFY(write(QStringLiteral("ca.pem"), QByteArray::fromStdString((*certificate)->certificatePem())));
        PracticePipelines::Options options;
        options.certificate = *certificate;
        options.token = "secret";
        options.nowMs = [] { return std::int64_t(1'772'452'800'000); };
        options.commitOf = [](const std::string &application, const std::string &tag) {
            return application == "embedding-api" && tag == "v0.31.1" ? std::string(40, 'e') : std::string();
        };
        auto started = PracticePipelines::start(std::move(options));
        QVERIFY2(started, qPrintable(started ? QString() : started.error().message));
        m_servers = std::move(*started);
    }

    void aWorkspaceNamesThem()
    {
        QVERIFY(write(QStringLiteral("workspace.yaml"),
                      "version: 1\nname: Practice\nconnections:\n" +
                          m_servers->connections(m_folder.filePath(QStringLiteral("token")))));
        const auto file = WorkspaceFile::load(m_folder.filePath(QStringLiteral("workspace.yaml")));
        QVERIFY2(file, qPrintable(file ? QString() : file.error().message));
        const QList<WorkspaceConnection> connections = file->workspace().connections;
        QCOMPARE(connections.size(), static_cast<qsizetype>(m_servers->servers().size()));
        QVERIFY(!connections.isEmpty());
        for (const WorkspaceConnection &one : connections) {
            QVERIFY(hasPipelines(one.kind));
            QVERIFY(!one.projects.isEmpty());
            QVERIFY(one.bearer || (one.basicPassword && one.basicUser == QLatin1String("operator")));
        }
    }

    void strangersLearnNothing()
    {
        for (const PracticePipelines::Server &server : m_servers->servers()) {
            const auto answer = clientOf(server)->Get("/user");
            QVERIFY2(answer, server.id.c_str());
            QVERIFY2(answer->status == 401 || answer->status == 403, server.id.c_str());
        }
    }

    void releasesHaveTheCommitsOfTheSources()
    {
        const auto waiting = m_servers->world().waiting(ci::Vendor::GitHub, "search/embedding-api");
        QVERIFY(!waiting.empty());
        QCOMPARE(waiting.front().commit, std::string(40, 'e'));
    }

    void theOperatorIsKnown()
    {
        const auto servers = m_servers->servers();
        const auto github =
            std::find_if(servers.begin(), servers.end(), [](const auto &one) { return one.kind == "github"; });
        QVERIFY(github != servers.end());
        const auto client = clientOf(*github);
        client->set_bearer_token_auth("secret");
        const auto answer = client->Get("/user");
        QVERIFY(answer);
        QCOMPARE(answer->status, 200);
        QVERIFY(answer->body.find("operator") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(PracticePipelinesTest)
#include "test_practicepipelines.moc"
