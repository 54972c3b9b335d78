#include "services/adapters/oci/ociregistry.h"
#include "services/async/deliver.h"
#include "tests/support/faultserver.h"
#include "tests/support/httpwait.h"
#include "tests/support/labregistry.h"

#include <QCryptographicHash>
#include <QJsonArray>
#include <QRegularExpression>
#include <QTest>

#include <atomic>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

QString u(const char *text)
{
    return QString::fromUtf8(text);
}

// Gives every reference the same password.
class OneSecret : public SecretStore
{
public:
    explicit OneSecret(QByteArray value)
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

oci::RegistryConfig configOf(const QUrl &url, const QString &user = {})
{
    oci::RegistryConfig config;
    config.id = u("team");
    config.url = url;
    config.user = user;
    if (!user.isEmpty())
        config.password = SecretReference{SecretReference::Kind::Environment, u("X"), {}};
    return config;
}

QByteArray digestOf(const QByteArray &bytes)
{
    return "sha256:" + QCryptographicHash::hash(bytes, QCryptographicHash::Sha256).toHex();
}

const QByteArray configBlob = "{\"os\":\"linux\",\"architecture\":\"amd64\",\"config\":{\"Labels\":"
                              "{\"org.opencontainers.image.revision\":\"abc1234\"}}}";

QByteArray manifestBody()
{
    return "{\"schemaVersion\":2,\"config\":{\"digest\":\"" + digestOf(configBlob) + "\"},\"layers\":[]}";
}

bool isManifest(const Exchange &e)
{
    return e.target.contains("/manifests/");
}

void serve(Exchange &e)
{
    if (isManifest(e))
        e.answer(200, e.method == "HEAD" ? QByteArray() : manifestBody(),
                 {{"Docker-Content-Digest", digestOf(manifestBody())}});
    else
        e.answer(200, configBlob);
}

} // namespace

// The real registry, and servers that answer as no registry should.
class TestOciRegistry : public QObject
{
    Q_OBJECT

    std::unique_ptr<LabRegistry> m_lab;
    HttpClient m_http;
    OneSecret m_secrets{LabRegistry::password()};

    QString repository(const char *name) const { return m_lab->host() + u'/' + u(name); }
    OciRegistry registry() { return {configOf(QUrl(m_lab->url()), LabRegistry::user()), m_http, m_secrets}; }
    Result<Artifact> describe(OciRegistry &registry, const QString &repository, const QString &reference)
    {
        return waitFor(registry.describe(repository, reference, {}));
    }

private slots:
    void init() { QTest::failOnWarning(QRegularExpression(u("."))); }
    void initTestCase()
    {
        QString error;
        m_lab = LabRegistry::start(&error);
        QVERIFY2(m_lab, qPrintable(error));
    }

    void theDigestsOfAnImageForSeveralPlatformsAreToldApart_data()
    {
        QTest::addColumn<bool>("isDocker");
        QTest::newRow("OCI") << false;
        QTest::newRow("Docker") << true;
    }
    void theDigestsOfAnImageForSeveralPlatformsAreToldApart()
    {
        QFETCH(bool, isDocker);
        const QString commit(40, QLatin1Char('a'));
        const QByteArray label = LabRegistry::revisionLabel(commit);
        QString error;
        const QJsonObject pushed =
            m_lab->push(u(isDocker ? "team/docker" : "team/cart"), u("1.4.0"), {label, label, label}, &error, isDocker);
        QVERIFY2(!pushed.isEmpty(), qPrintable(error));
        OciRegistry registry = this->registry();
        const auto artifact = describe(registry, repository(isDocker ? "team/docker" : "team/cart"), u("1.4.0"));
        QVERIFY2(artifact, artifact ? "" : qPrintable(artifact.error().message));
        QVERIFY(artifact->isIndex);
        QCOMPARE(artifact->digest, pushed[u("digest")].toString());
        QCOMPARE(artifact->configDigest, pushed[u("config")].toString());
        QCOMPARE(artifact->platforms.size(), 3); // not the attestation
        QCOMPARE(artifact->platforms[2].name, u("linux/arm/v7"));
        for (const auto &platform : artifact->platforms)
            QVERIFY(artifact->covers(platform.digest) && platform.digest != artifact->digest);
        QVERIFY(!artifact->covers(artifact->configDigest)); // the configuration is no image
        QVERIFY(!artifact->covers({}));
        QCOMPARE(artifact->revision, commit);
        QCOMPARE(artifact->createdAt, QDateTime({2026, 3, 1}, {10, 0}, Qt::UTC));
        // A platform's manifest can be asked for as well, and is no index.
        const auto one = describe(registry, artifact->repository, artifact->platforms[1].digest);
        QVERIFY(one && !one->isIndex && one->digest == artifact->platforms[1].digest && one->revision == commit);
    }

    void aTagThatMovedIsAnotherDigest()
    {
        QString error;
        OciRegistry registry = this->registry();
        QStringList digests;
        for (const char digit : {'1', '2'}) {
            const QByteArray label = LabRegistry::revisionLabel(QString(40, QLatin1Char(digit)));
            QVERIFY2(!m_lab->push(u("team/moved"), u("stable"), {label}, &error).isEmpty(), qPrintable(error));
            const auto artifact = describe(registry, repository("team/moved"), u("stable"));
            QVERIFY2(artifact, artifact ? "" : qPrintable(artifact.error().message));
            QCOMPARE(artifact->revision, QString(40, QLatin1Char(digit)));
            QVERIFY(!artifact->isIndex && artifact->platforms.isEmpty());
            digests.append(artifact->digest);
        }
        QVERIFY(digests[0] != digests[1]);
        const auto before = describe(registry, repository("team/moved"), digests[0]);
        QVERIFY(before && before->revision == QString(40, QLatin1Char('1')) && before->tag.isEmpty());
    }

    void whatPlatformsDisagreeOnIsNotBelieved()
    {
        QString error;
        const auto pushed = m_lab->push(u("team/torn"), u("1"),
                                        {"{\"org.opencontainers.image.revision\":\"aaa1111\",\"same\":\"x\"}",
                                         "{\"org.opencontainers.image.revision\":\"bbb2222\",\"same\":\"x\"}"},
                                        &error);
        QVERIFY2(!pushed.isEmpty(), qPrintable(error));
        OciRegistry registry = this->registry();
        const auto artifact = describe(registry, repository("team/torn"), u("1"));
        QVERIFY(artifact && artifact->isIndex);
        QCOMPARE(artifact->revision, QString());
        QCOMPARE(artifact->labels.value(u("same")), u("x"));
    }

    void tagsAreListed()
    {
        QString error;
        for (const char *tag : {"1.0", "1.1", "2.0"})
            QVERIFY2(!m_lab->push(u("team/tagged"), u(tag), {"{}"}, &error).isEmpty(), qPrintable(error));
        OciRegistry registry = this->registry();
        const auto tags = waitFor(registry.tags(repository("team/tagged"), {}));
        QVERIFY(tags);
        QStringList sorted = *tags; // not every version of the registry sorts them
        sorted.sort();
        QCOMPARE(sorted, (QStringList{u("1.0"), u("1.1"), u("2.0")}));
    }

    void saysWhatTheRegistryRefused_data()
    {
        QTest::addColumn<QString>("user");
        QTest::addColumn<QByteArray>("password");
        QTest::addColumn<QString>("reference");
        QTest::addColumn<ErrorKind>("kind");
        QTest::addColumn<QString>("says");
        const QString digest = u("sha256:") + QString(64, QLatin1Char('0'));
        QTest::newRow("wrong password") << u("ana") << QByteArray("hunter2") << u("1") << ErrorKind::Unauthorized
                                        << u("Check \"auth\" of the registry team");
        QTest::newRow("no password") << QString() << QByteArray() << u("1") << ErrorKind::Unauthorized
                                     << u("asks for a user and a password, and the workspace names none");
        QTest::newRow("no such tag") << u("ana") << LabRegistry::password() << u("9.9") << ErrorKind::NotFound
                                     << u("has no team/tagged:9.9");
        QTest::newRow("no such digest") << u("ana") << LabRegistry::password() << digest << ErrorKind::NotFound
                                        << u("has no team/tagged@sha256:");
        QTest::newRow("no tag at all") << u("ana") << LabRegistry::password() << u("../x") << ErrorKind::Invalid
                                       << u("neither a tag nor a digest");
    }
    void saysWhatTheRegistryRefused()
    {
        QFETCH(QString, user);
        QFETCH(QByteArray, password);
        QFETCH(QString, reference);
        QFETCH(ErrorKind, kind);
        QFETCH(QString, says);
        OneSecret secrets(password);
        OciRegistry registry(configOf(QUrl(m_lab->url()), user), m_http, secrets);
        const auto artifact = describe(registry, repository("team/tagged"), reference);
        QVERIFY(!artifact);
        QCOMPARE(artifact.error().kind, kind);
        QVERIFY2(artifact.error().message.contains(says), qPrintable(artifact.error().message));
        QVERIFY(!artifact.error().message.contains(u("hunter2")));
    }

    void strangeAnswersAreErrors_data()
    {
        using Handler = std::function<void(Exchange &)>;
        QTest::addColumn<Handler>("handler");
        QTest::addColumn<ErrorKind>("kind");
        const auto status = [](int code) -> Handler {
            return [code](Exchange &e) { e.answer(code, "no", {{"Retry-After", "0"}}); };
        };
        QTest::newRow("403") << status(403) << ErrorKind::Forbidden;
        QTest::newRow("404") << status(404) << ErrorKind::NotFound;
        QTest::newRow("429") << status(429) << ErrorKind::RateLimited;
        QTest::newRow("500") << status(500) << ErrorKind::Unreachable;
        QTest::newRow("401 without a challenge") << status(401) << ErrorKind::Unauthorized;
        QTest::newRow("cut off") << Handler([](Exchange &e) {
            e.send("HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n{\"schema");
            e.close();
        }) << ErrorKind::Unreachable;
        QTest::newRow("no JSON") << Handler([](Exchange &e) { e.answer(200, "<html>"); }) << ErrorKind::Protocol;
        QTest::newRow("an object that is no image")
            << Handler([](Exchange &e) { e.answer(200, "{\"config\":7}"); }) << ErrorKind::Protocol;
        QTest::newRow("huge") << Handler([](Exchange &e) {
            e.answer(200, e.method == "HEAD" ? QByteArray() : QByteArray(6 * 1024 * 1024, ' '));
        }) << ErrorKind::Protocol;
        QTest::newRow("other bytes than the digest says") << Handler([](Exchange &e) {
            if (isManifest(e))
                serve(e);
            else
                e.answer(200, configBlob + ' ');
        }) << ErrorKind::Protocol;
        QTest::newRow("another manifest than the digest says") << Handler([](Exchange &e) {
            e.answer(200, e.method == "HEAD" ? QByteArray() : manifestBody() + ' ',
                     {{"Docker-Content-Digest", digestOf(manifestBody())}});
        }) << ErrorKind::Protocol;
    }
    void strangeAnswersAreErrors()
    {
        QFETCH(std::function<void(Exchange &)>, handler);
        QFETCH(ErrorKind, kind);
        FaultServer server(handler);
        OciRegistry registry(configOf(server.url()), m_http, m_secrets);
        const auto artifact = describe(registry, QString::fromLatin1(server.authority()) + u("/team/cart"), u("1"));
        QVERIFY(!artifact);
        if (kind == ErrorKind::Unreachable && artifact.error().kind == ErrorKind::Protocol)
            return; // cut in the middle of a body: either name is right
        QVERIFY2(artifact.error().kind == kind, qPrintable(artifact.error().message));
        QVERIFY(artifact.error().message.size() > 20);
    }

    void aBlobElsewhereIsFetchedWithoutCredentials()
    {
        FaultServer elsewhere([](Exchange &e) { e.answer(200, configBlob); });
        const QByteArray there = elsewhere.url().toEncoded() + "/blob";
        FaultServer server([there](Exchange &e) {
            if (e.header("Authorization").isEmpty())
                e.answer(401, {}, {{"WWW-Authenticate", "Basic realm=\"lab\""}});
            else if (isManifest(e))
                serve(e);
            else
                e.answer(307, {}, {{"Location", there}});
        });
        OciRegistry registry(configOf(server.url(), u("ana")), m_http, m_secrets);
        const auto artifact = describe(registry, QString::fromLatin1(server.authority()) + u("/team/cart"), u("1"));
        QVERIFY2(artifact, artifact ? "" : qPrintable(artifact.error().message));
        QCOMPARE(artifact->revision, u("abc1234"));
        QCOMPARE(elsewhere.requests().size(), 1);
        QVERIFY(elsewhere.requests().first().header("Authorization").isEmpty());
        QVERIFY(!server.requests().last().header("Authorization").isEmpty());
    }

    void aTokenIsFetchedAsTheChallengeSays_data()
    {
        QTest::addColumn<bool>("isElsewhere");
        QTest::addColumn<bool>("isNamed");
        QTest::addColumn<bool>("isShownThePassword");
        QTest::newRow("by the registry itself") << false << false << true;
        QTest::newRow("by a host that the workspace names") << true << true << true;
        QTest::newRow("by a host that only the challenge names") << true << false << false;
    }
    void aTokenIsFetchedAsTheChallengeSays()
    {
        QFETCH(bool, isElsewhere);
        QFETCH(bool, isNamed);
        QFETCH(bool, isShownThePassword);
        const auto giveToken = [](Exchange &e) {
            e.answer(200, "{\"token\":\"t0k\",\"expires_in\":300}", {{"Content-Type", "application/json"}});
        };
        FaultServer tokens(giveToken);
        std::atomic<FaultServer *> own = nullptr;
        const QByteArray foreign = tokens.url().toEncoded() + "/token";
        FaultServer server([&](Exchange &e) {
            const QByteArray realm = isElsewhere ? foreign : own.load()->url().toEncoded() + "/token";
            if (e.target.startsWith("/token"))
                giveToken(e);
            else if (e.header("Authorization") != "Bearer t0k")
                e.answer(401, {},
                         {{"WWW-Authenticate",
                           "Bearer realm=\"" + realm + "\",service=\"lab\",scope=\"repository:*:push\""}});
            else
                serve(e);
        });
        own = &server;
        oci::RegistryConfig config = configOf(server.url(), u("ana"));
        if (isNamed)
            config.tokenServer = tokens.url();
        OciRegistry registry(config, m_http, m_secrets);
        const QString image = QString::fromLatin1(server.authority()) + u("/team/cart");
        for (int i = 0; i < 2; ++i) {
            const auto artifact = describe(registry, image, u("1"));
            QVERIFY2(artifact, artifact ? "" : qPrintable(artifact.error().message));
        }
        QList<FaultServer::Record> asked;
        for (const auto &record : isElsewhere ? tokens.requests() : server.requests()) {
            if (record.target.startsWith("/token"))
                asked.append(record);
        }
        QCOMPARE(asked.size(), 1); // one token serves all
        QVERIFY(asked[0].target.contains("service=lab"));
        QVERIFY2(asked[0].target.contains("scope=repository") && asked[0].target.contains("pull") &&
                     !asked[0].target.contains("push"),
                 asked[0].target.constData());
        QCOMPARE(!asked[0].header("Authorization").isEmpty(), isShownThePassword);
    }

    void knowsItsImagesByTheirHost_data()
    {
        QTest::addColumn<QString>("url");
        QTest::addColumn<QString>("repository");
        QTest::addColumn<bool>("serves");
        QTest::newRow("host") << u("https://r.example") << u("r.example/a/b") << true;
        QTest::newRow("its port") << u("https://r.example") << u("r.example:443/a") << true;
        QTest::newRow("another port") << u("https://r.example") << u("r.example:5000/a") << false;
        QTest::newRow("Docker Hub") << u("https://registry-1.docker.io") << u("nginx") << true;
        QTest::newRow("Docker Hub by its name") << u("https://registry-1.docker.io") << u("docker.io/team/a") << true;
        QTest::newRow("no host") << u("https://r.example") << u("team/a") << false;
        QTest::newRow("a mirror") << u("https://r.example") << u("mirror.example/a") << true;
    }
    void knowsItsImagesByTheirHost()
    {
        QFETCH(QString, url);
        QFETCH(QString, repository);
        QFETCH(bool, serves);
        oci::RegistryConfig config = configOf(QUrl(url));
        config.imageHosts = {u("mirror.example")};
        const OciRegistry registry(config, m_http, m_secrets);
        QCOMPARE(registry.serves(repository), serves);
    }
};

QTEST_GUILESS_MAIN(TestOciRegistry)
#include "test_oci_registry.moc"
