// What the registry adapter promises, on the real registry and, with SIGNALBOX_LAB_TARGET=sandbox, on the practice
// world's: the same program, the same expectations.
#include "services/adapters/oci/ociregistry.h"
#include "services/async/deliver.h"
#include "services/sandbox/world/catalogue.h"
#include "tests/support/httpwait.h"
#include "tests/support/labregistry.h"
#include "tests/support/practiceprogram.h"

#include <QRegularExpression>
#include <QTest>

#include <algorithm>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

class FixedSecret : public SecretStore
{
public:
    explicit FixedSecret(QByteArray value)
        : m_value(std::move(value))
    {}
    QFuture<Result<ResolvedSecret>> resolve(SecretReference, StopToken) override
    {
        return ready(Result<ResolvedSecret>(ResolvedSecret{Secret(m_value), {}}));
    }
    QFuture<Result<void>> keep(SecretReference, Secret, StopToken) override { return ready(Result<void>()); }

private:
    const QByteArray m_value;
};

// A registry with one repository of images for linux/amd64 and linux/arm64, whose tags are their versions.
struct Stand
{
    oci::RegistryConfig config;
    QByteArray secret;
    QString repository;
    QStringList tags; // sorted

    std::unique_ptr<LabRegistry> lab;
    std::unique_ptr<PracticeProgram> practice;

    bool startReal(QString *error)
    {
        lab = LabRegistry::start(error);
        if (!lab)
            return false;
        tags = {QStringLiteral("1.4.0"), QStringLiteral("1.5.0"), QStringLiteral("2.0.0-rc.1")};
        for (const QString &tag : std::as_const(tags)) {
            const QByteArray label = "{\"org.opencontainers.image.version\": \"" + tag.toUtf8() + "\"}";
            if (lab->push(QStringLiteral("team/cart"), tag, {label, label}, error).isEmpty())
                return false;
        }
        config.url = QUrl(lab->url());
        config.user = LabRegistry::user();
        config.password = SecretReference{SecretReference::Kind::Environment, QStringLiteral("X"), {}};
        secret = LabRegistry::password();
        repository = lab->host() + QStringLiteral("/team/cart");
        return true;
    }
    bool startPractice(QString *error)
    {
        practice = PracticeProgram::start(error);
        if (!practice)
            return false;
        const sandbox::Catalogue &catalogue = sandbox::builtInCatalogue();
        const sandbox::ServiceSpec &service =
            *std::max_element(catalogue.services.begin(), catalogue.services.end(),
                              [](const auto &a, const auto &b) { return a.versions.size() < b.versions.size(); });
        for (const sandbox::Version &version : service.versions)
            tags.append(QString::fromStdString(version.tag));
        tags.sort();
        config.url = practice->registry();
        config.caPem = practice->caPem();
        config.imageHosts = {QString::fromStdString(catalogue.registry)};
        config.bearer = SecretReference{SecretReference::Kind::Environment, QStringLiteral("X"), {}};
        secret = practice->token();
        repository = QString::fromStdString(catalogue.registry + '/' + service.team + '/' + service.name);
        return true;
    }
};

} // namespace

class TestRegistryContract : public QObject
{
    Q_OBJECT

    Stand m_stand;
    HttpClient m_http;
    std::unique_ptr<FixedSecret> m_secrets;

    Result<Artifact> describe(OciRegistry &registry, const QString &reference)
    {
        return waitFor(registry.describe(m_stand.repository, reference, {}));
    }
    OciRegistry registry() { return {m_stand.config, m_http, *m_secrets}; }

private slots:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("."))); }
    void initTestCase()
    {
        QString error;
        const bool isPractice = qEnvironmentVariable("SIGNALBOX_LAB_TARGET") == QLatin1String("sandbox");
        QVERIFY2(isPractice ? m_stand.startPractice(&error) : m_stand.startReal(&error), qPrintable(error));
        m_stand.config.id = QStringLiteral("team");
        m_secrets = std::make_unique<FixedSecret>(m_stand.secret);
        QVERIFY(m_stand.tags.size() > 1);
    }

    void tagsAreListed()
    {
        OciRegistry registry = this->registry();
        QVERIFY(registry.serves(m_stand.repository));
        const auto tags = waitFor(registry.tags(m_stand.repository, {}));
        QVERIFY2(tags, tags ? "" : qPrintable(tags.error().message));
        QStringList sorted = *tags;
        sorted.sort();
        QCOMPARE(sorted, m_stand.tags);
    }

    void anImageForSeveralPlatformsIsToldApart()
    {
        OciRegistry registry = this->registry();
        QStringList digests;
        for (const QString &tag : std::as_const(m_stand.tags)) {
            const auto artifact = describe(registry, tag);
            QVERIFY2(artifact, artifact ? "" : qPrintable(artifact.error().message));
            QCOMPARE(artifact->repository, m_stand.repository);
            QCOMPARE(artifact->tag, tag);
            QCOMPARE(artifact->version, tag);
            QVERIFY(artifact->isIndex);
            QVERIFY(artifact->readAt.isValid());
            QCOMPARE(artifact->platforms.size(), 2);
            QCOMPARE(artifact->platforms[0].name, QStringLiteral("linux/amd64"));
            QCOMPARE(artifact->platforms[1].name, QStringLiteral("linux/arm64"));
            QVERIFY(artifact->covers(artifact->digest));
            for (const auto &platform : artifact->platforms)
                QVERIFY(artifact->covers(platform.digest) && platform.digest != artifact->digest);
            QVERIFY(!artifact->covers(artifact->configDigest));
            digests.append(artifact->digest);
        }
        digests.removeDuplicates();
        QCOMPARE(digests.size(), m_stand.tags.size());
    }

    void whatADigestNamesIsTheSame()
    {
        OciRegistry registry = this->registry();
        const auto byTag = describe(registry, m_stand.tags.first());
        QVERIFY2(byTag, byTag ? "" : qPrintable(byTag.error().message));
        const auto byDigest = describe(registry, byTag->digest);
        QVERIFY2(byDigest, byDigest ? "" : qPrintable(byDigest.error().message));
        QVERIFY(byDigest->tag.isEmpty());
        QCOMPARE(byDigest->digest, byTag->digest);
        QCOMPARE(byDigest->platforms, byTag->platforms);
        QCOMPARE(byDigest->labels, byTag->labels);
        const auto one = describe(registry, byTag->platforms[1].digest);
        QVERIFY2(one, one ? "" : qPrintable(one.error().message));
        QVERIFY(!one->isIndex && one->platforms.isEmpty());
        QCOMPARE(one->digest, byTag->platforms[1].digest);
        QCOMPARE(one->version, byTag->version);
    }

    void whatIsNotThereIsSaid_data()
    {
        QTest::addColumn<QString>("reference");
        QTest::addColumn<ErrorKind>("kind");
        QTest::newRow("no such tag") << QStringLiteral("9.9.9") << ErrorKind::NotFound;
        QTest::newRow("no such digest") << QStringLiteral("sha256:") + QString(64, QLatin1Char('0'))
                                        << ErrorKind::NotFound;
        QTest::newRow("no tag at all") << QStringLiteral("../x") << ErrorKind::Invalid;
    }
    void whatIsNotThereIsSaid()
    {
        QFETCH(QString, reference);
        QFETCH(ErrorKind, kind);
        OciRegistry registry = this->registry();
        const auto artifact = describe(registry, reference);
        QVERIFY(!artifact);
        QCOMPARE(artifact.error().kind, kind);
        QVERIFY2(artifact.error().message.size() > 20, qPrintable(artifact.error().message));
    }

    void anotherRepositoryIsNotFound()
    {
        OciRegistry registry = this->registry();
        const auto tags = waitFor(registry.tags(m_stand.repository + QStringLiteral("-other"), {}));
        QVERIFY(!tags);
        QCOMPARE(tags.error().kind, ErrorKind::NotFound);
    }

    void nobodyReadsWithTheWrongSecret()
    {
        FixedSecret wrong("hunter2");
        OciRegistry registry(m_stand.config, m_http, wrong);
        const auto artifact = describe(registry, m_stand.tags.first());
        QVERIFY(!artifact);
        QCOMPARE(artifact.error().kind, ErrorKind::Unauthorized);
        QVERIFY(!artifact.error().message.contains(QStringLiteral("hunter2")));
    }
};

QTEST_GUILESS_MAIN(TestRegistryContract)
#include "test_registrycontract.moc"
