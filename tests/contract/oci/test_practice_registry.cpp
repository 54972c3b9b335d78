#include "services/adapters/oci/ociregistry.h"
#include "services/async/deliver.h"
#include "services/sandbox/world/catalogue.h"
#include "tests/support/httpwait.h"
#include "tests/support/practiceprogram.h"

#include <QTest>

#include <algorithm>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

class TokenStore : public SecretStore
{
public:
    explicit TokenStore(QByteArray token)
        : m_token(std::move(token))
    {}
    QFuture<Result<ResolvedSecret>> resolve(SecretReference, StopToken) override
    {
        return ready(Result<ResolvedSecret>(ResolvedSecret{Secret(m_token), {}}));
    }
    QFuture<Result<void>> keep(SecretReference, Secret, StopToken) override { return ready(Result<void>()); }

private:
    const QByteArray m_token;
};

} // namespace

// The registry adapter on the practice world's registry: what it says of real registries in test_oci_registry.
class TestPracticeRegistry : public QObject
{
    Q_OBJECT

    std::unique_ptr<PracticeProgram> m_practice;
    HttpClient m_http;
    const sandbox::Catalogue &m_catalogue = sandbox::builtInCatalogue();

    std::unique_ptr<OciRegistry> registry(SecretStore &secrets)
    {
        oci::RegistryConfig config;
        config.id = QStringLiteral("practice-registry");
        config.url = m_practice->registry();
        config.caPem = m_practice->caPem();
        config.imageHosts = {QString::fromStdString(m_catalogue.registry)};
        config.bearer = SecretReference{SecretReference::Kind::Environment, QStringLiteral("X"), {}};
        return std::make_unique<OciRegistry>(config, m_http, secrets);
    }
    QString repository(const sandbox::ServiceSpec &service) const
    {
        return QString::fromStdString(m_catalogue.registry + '/' + service.team + '/' + service.name);
    }

private slots:
    void initTestCase()
    {
        QString error;
        m_practice = PracticeProgram::start(&error);
        QVERIFY2(m_practice, qPrintable(error));
    }

    void everyVersionIsThereUnderTheDigestThatPodsName()
    {
        TokenStore secrets(m_practice->token());
        const auto registry = this->registry(secrets);
        for (const sandbox::ServiceSpec &service : m_catalogue.services) {
            const QString name = repository(service);
            const auto tags = waitFor(registry->tags(name, {}));
            QVERIFY2(tags, tags ? "" : qPrintable(tags.error().message));
            QCOMPARE(tags->size(), qsizetype(service.versions.size()));
            for (const sandbox::Version &version : service.versions) {
                const QString tag = QString::fromStdString(version.tag);
                QVERIFY2(tags->contains(tag), qPrintable(name + tag));
                const auto artifact = waitFor(registry->describe(name, tag, {}));
                QVERIFY2(artifact, artifact ? "" : qPrintable(artifact.error().message));
                const QString image = QString::fromStdString(m_catalogue.image(service, version.tag));
                QCOMPARE(artifact->digest, image.section(u'@', 1));
                QVERIFY(artifact->isIndex);
                QCOMPARE(artifact->version, tag);
                QStringList platforms;
                for (const Artifact::Platform &one : artifact->platforms)
                    platforms.append(one.name);
                QCOMPARE(platforms, (QStringList{QStringLiteral("linux/amd64"), QStringLiteral("linux/arm64")}));
            }
        }
    }

    void tagsComeInPages()
    {
        const auto most =
            std::max_element(m_catalogue.services.begin(), m_catalogue.services.end(),
                             [](const auto &a, const auto &b) { return a.versions.size() < b.versions.size(); });
        QVERIFY(most->versions.size() > 1);
        HttpRequest request;
        auto endpoint = std::make_shared<HttpEndpoint>();
        endpoint->connection = QStringLiteral("practice-registry");
        endpoint->base = m_practice->registry();
        endpoint->caPem = m_practice->caPem();
        request.endpoint = endpoint;
        request.headers = {{"Authorization", "Bearer " + m_practice->token()}};
        request.target = "/v2/" + QByteArray::fromStdString(most->team + '/' + most->name) + "/tags/list?n=1";
        qsizetype pages = 0;
        for (;; ++pages) {
            const auto page = waitFor(m_http.send(request, {}));
            QVERIFY(page);
            QCOMPARE(page->status, 200);
            const QByteArray link = page->header("Link");
            if (link.isEmpty())
                break;
            request.target = link.mid(1, link.indexOf('>') - 1);
        }
        QCOMPARE(pages + 1, qsizetype(most->versions.size()));
    }

    void whatIsNotThereIsNotFound()
    {
        TokenStore secrets(m_practice->token());
        const auto registry = this->registry(secrets);
        const QString name = repository(m_catalogue.services.front());
        const QString digest = QStringLiteral("sha256:") + QString(64, QLatin1Char('0'));
        for (const QString &reference : {QStringLiteral("no-such-tag"), digest}) {
            const auto artifact = waitFor(registry->describe(name, reference, {}));
            QVERIFY(!artifact);
            QCOMPARE(artifact.error().kind, ErrorKind::NotFound);
        }
        const auto tags = waitFor(registry->tags(name + QStringLiteral("-other"), {}));
        QVERIFY(!tags);
        QCOMPARE(tags.error().kind, ErrorKind::NotFound);
    }

    void nobodyReadsWithoutTheToken()
    {
        TokenStore secrets("wrong");
        const auto artifact = waitFor(
            registry(secrets)->describe(repository(m_catalogue.services.front()), QStringLiteral("latest"), {}));
        QVERIFY(!artifact);
        QCOMPARE(artifact.error().kind, ErrorKind::Unauthorized);
    }
};

QTEST_GUILESS_MAIN(TestPracticeRegistry)
#include "test_practice_registry.moc"
