#include "services/adapters/kubernetes/access.h"
#include "services/adapters/kubernetes/kubeconfig.h"
#include "tests/support/testcertificates.h"

#include <nlohmann/json.hpp>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <QDir>
#include <QFile>
#include <QRegularExpression>
#include <QScopeGuard>
#include <QTemporaryDir>
#include <QTest>

using namespace signalbox;
using namespace signalbox::kubernetes;
using namespace signalbox::test;
using Json = nlohmann::json;

namespace
{

QString s(const char *text)
{
    return QString::fromUtf8(text);
}

void write(const QString &file, const QByteArray &content)
{
    QFile output(file);
    QVERIFY2(output.open(QIODevice::WriteOnly | QIODevice::Truncate), qPrintable(file));
    output.write(content);
}

// The same key, behind a pass phrase.
QByteArray locked(const QByteArray &keyPem)
{
    BIO *in = BIO_new_mem_buf(keyPem.constData(), static_cast<int>(keyPem.size()));
    EVP_PKEY *key = PEM_read_bio_PrivateKey(in, nullptr, nullptr, nullptr);
    BIO *out = BIO_new(BIO_s_mem());
    PEM_write_bio_PKCS8PrivateKey(out, key, EVP_aes_256_cbc(), "secret", 6, nullptr, nullptr);
    char *bytes = nullptr;
    const long size = BIO_get_mem_data(out, &bytes);
    const QByteArray pem(bytes, size);
    BIO_free(in);
    BIO_free(out);
    EVP_PKEY_free(key);
    return pem;
}

KubeConfig parsed(const QByteArray &text)
{
    const auto config = parseKubeConfig(text, QStringLiteral("/home/me/.kube/config"));
    return config ? *config : KubeConfig{};
}

} // namespace

class TestKubeConfig : public QObject
{
    Q_OBJECT

    const TestAuthority m_authority{"unit"};
    const KeyPair m_pair = m_authority.issue("someone", {});
    const KeyPair m_other = m_authority.issue("someone else", {});
    const KeyPair m_expired = m_authority.issue("someone", {}, -30, -1);

    QByteArray filled(QByteArray text) const
    {
        const QList<std::pair<QByteArray, QByteArray>> values{
            {"${ca}", m_authority.caPem()},
            {"${cert}", m_pair.certPem},
            {"${key}", m_pair.keyPem},
            {"${otherKey}", m_other.keyPem},
            {"${expiredCert}", m_expired.certPem},
            {"${expiredKey}", m_expired.keyPem},
            {"${lockedKey}", locked(m_pair.keyPem)},
        };
        for (const auto &[name, pem] : values)
            text.replace(name, pem.toBase64());
        return text;
    }

private slots:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void badInputGivesItsSentence_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("context");
        QTest::addColumn<QString>("kind");
        QTest::addColumn<QString>("sentence");
        QFile file(QStringLiteral(SIGNALBOX_TEST_DATA "/badinput/kubeconfig.json"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const Json cases = Json::parse(file.readAll().toStdString());
        QVERIFY(cases.size() >= 25);
        for (const Json &one : cases) {
            QByteArray text;
            for (const Json &line : one["text"])
                text += QByteArray::fromStdString(line.get<std::string>()) + '\n';
            QTest::newRow(one["name"].get<std::string>().c_str())
                << text << QString::fromStdString(one.value("context", std::string()))
                << QString::fromStdString(one["kind"]) << QString::fromStdString(one["sentence"]);
        }
    }
    void badInputGivesItsSentence()
    {
        QFETCH(QByteArray, text);
        QFETCH(QString, context);
        QFETCH(QString, sentence);
        const auto access = parseKubeConfig(filled(text), QStringLiteral("/home/me/.kube/config"))
                                .and_then([&](const KubeConfig &config) { return accessFor(config, context); });
        QVERIFY(!access.has_value());
        // Dates of certificates made for this run, and the system's own words.
        QString said = access.error().message;
        said.replace(QRegularExpression(s("expired on [-0-9T:Z]+")), s("expired on DATE"));
        QCOMPARE(said, sentence);
        QTEST(errorKindName(access.error().kind), "kind");
        QVERIFY(!said.contains(s("hidden")));
    }

    void everyFieldIsRead()
    {
        const QByteArray text = filled("current-context: main\n"
                                       "clusters:\n"
                                       "- name: c\n"
                                       "  cluster:\n"
                                       "    server: https://api.example:6443/prefix/\n"
                                       "    certificate-authority-data: ${ca}\n"
                                       "    tls-server-name: other.example\n"
                                       "    proxy-url: socks5://proxy.example:1080\n"
                                       "    disable-compression: true\n"
                                       "    extensions:\n"
                                       "    - name: client.authentication.k8s.io/exec\n"
                                       "      extension: {audience: x, n: 1, on: true, v: \"1\"}\n"
                                       "contexts:\n"
                                       "- name: main\n"
                                       "  context: {cluster: c, user: u, namespace: shop}\n"
                                       "users:\n"
                                       "- name: u\n"
                                       "  user:\n"
                                       "    client-certificate-data: ${cert}\n"
                                       "    client-key-data: ${key}\n"
                                       "    as: someone\n"
                                       "    as-uid: \"7\"\n"
                                       "    as-groups: [a, b]\n"
                                       "    as-user-extra:\n"
                                       "      example.org/Scope: [x, y]\n"
                                       "    exec:\n"
                                       "      apiVersion: client.authentication.k8s.io/v1beta1\n"
                                       "      command: login\n"
                                       "      args: [a, 1.10]\n"
                                       "      env: [{name: N, value: v}]\n"
                                       "      installHint: Get it.\n"
                                       "      provideClusterInfo: true\n");
        const KubeConfig config = parsed(text);
        QCOMPARE(config.contexts.size(), 1);
        const auto access = accessFor(config);
        QVERIFY2(access.has_value(), access ? "" : qPrintable(access.error().message));
        QCOMPARE(access->server, QUrl(s("https://api.example:6443/prefix")));
        QCOMPARE(access->ns, s("shop"));
        QCOMPARE(access->user, s("someone"));
        QCOMPARE(access->caPem, m_authority.caPem());
        QCOMPARE(access->tlsServerName, s("other.example"));
        QCOMPARE(access->proxy, s("socks5://proxy.example:1080"));
        QVERIFY(access->verifiesTls());
        QCOMPARE(access->certificate->certPem, m_pair.certPem);
        const HttpHeaders headers{{"Impersonate-User", "someone"},
                                  {"Impersonate-Uid", "7"},
                                  {"Impersonate-Group", "a"},
                                  {"Impersonate-Group", "b"},
                                  {"Impersonate-Extra-example.org%2FScope", "x"},
                                  {"Impersonate-Extra-example.org%2FScope", "y"}};
        QCOMPARE(access->impersonation, headers);
        QVERIFY(access->exec.has_value());
        QCOMPARE(access->exec->arguments, (QStringList{s("a"), s("1.10")}));
        QCOMPARE(access->exec->interaction, ExecPlugin::Interaction::IfAvailable);
        QCOMPARE(access->exec->installHint, s("Get it."));
        const Json info = Json::parse(access->execClusterInfo.toStdString());
        QCOMPARE(info["server"].get<std::string>(), std::string("https://api.example:6443/prefix"));
        QVERIFY(info["config"] == Json({{"audience", "x"}, {"n", 1}, {"on", true}, {"v", "1"}}));
    }

    // As kubectl: the plugin is not run where a token is given.
    void aTokenGoesBeforeAPlugin_data()
    {
        QTest::addColumn<QByteArray>("member");
        QTest::addColumn<bool>("runs");
        QTest::newRow("token") << QByteArray("token: abc") << false;
        QTest::newRow("token in a file") << QByteArray("tokenFile: /nowhere/token") << false;
        QTest::newRow("neither") << QByteArray("as: someone") << true;
    }
    void aTokenGoesBeforeAPlugin()
    {
        QFETCH(QByteArray, member);
        QFETCH(bool, runs);
        const auto access = accessFor(
            parsed("current-context: m\nclusters:\n- {name: c, cluster: {server: \"https://api.example\"}}\n"
                   "contexts:\n- {name: m, context: {cluster: c, user: u}}\nusers:\n- name: u\n  user:\n    " +
                   member + "\n    exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: login}\n"));
        QVERIFY2(access.has_value(), access ? "" : qPrintable(access.error().message));
        QCOMPARE(access->exec.has_value(), runs);
        QCOMPARE(access->warnings.size(), runs ? 0 : 1);
        if (!runs) {
            QVERIFY2(access->warnings.first().contains(s("users[0]")), qPrintable(access->warnings.first()));
            QVERIFY(!access->warnings.first().contains(s("abc")));
            QVERIFY(!access->token.isEmpty() || !access->tokenFile.isEmpty());
        }
    }

    void aBrokenEntryLeavesTheOthersUsable()
    {
        const KubeConfig config =
            parsed("clusters:\n- {name: good, cluster: {server: \"https://a.example\"}}\n- {name: bad, cluster: {}}\n"
                   "contexts:\n- {name: good, context: {cluster: good}}\n- {name: bad, context: {cluster: bad}}\n");
        QCOMPARE(config.contexts.size(), 2);
        QVERIFY(accessFor(config, s("good")).has_value());
        QVERIFY(!accessFor(config, s("bad")).has_value());
    }

    void namesOfFilesAreRelativeToTheirFile()
    {
        QTemporaryDir dir;
        QVERIFY(QDir(dir.path()).mkpath(s("one/pki")) && QDir(dir.path()).mkpath(s("two")));
        write(dir.filePath(s("one/pki/ca.crt")), m_authority.caPem());
        write(dir.filePath(s("two/token")), "abc\n");
        write(dir.filePath(s("one/config")),
              "clusters:\n- {name: c, cluster: {server: \"https://a.example\", certificate-authority: pki/ca.crt}}\n");
        write(dir.filePath(s("two/config")),
              "current-context: main\ncontexts:\n- {name: main, context: {cluster: c, user: u}}\n"
              "users:\n- {name: u, user: {tokenFile: ./token}}\n");
        const auto config =
            loadKubeConfig({dir.filePath(s("one/config")), dir.filePath(s("none")), dir.filePath(s("two/config"))});
        QVERIFY2(config.has_value(), config ? "" : qPrintable(config.error().message));
        const auto access = accessFor(*config);
        QVERIFY2(access.has_value(), access ? "" : qPrintable(access.error().message));
        QCOMPARE(access->caPem, m_authority.caPem());
        QCOMPARE(access->tokenFile, dir.filePath(s("two/token")));
    }

    void theRouteTellsServersOfOneAddressApart_data()
    {
        QTest::addColumn<ClusterAccess>("other");
        QTest::addColumn<bool>("isSame");
        ClusterAccess one;
        one.server = QUrl(s("https://127.0.0.1:6443"));
        one.proxy = s("http://ann:secret@proxy.example:3128/");
        one.tlsServerName = s("a.example");
        one.caPem = m_authority.caPem();
        QTest::newRow("the same") << one << true;
        ClusterAccess other = one;
        other.user = s("bob");
        other.proxy = s("http://proxy.example:3128");
        QTest::newRow("as somebody else") << other << true;
        other = one;
        other.caPem = "# our CA\n" + QByteArray(m_authority.caPem()).replace("\n", "\r\n");
        QTest::newRow("the CA written otherwise") << other << true;
        other = one;
        other.proxy = s("http://proxy.example:3129");
        QTest::newRow("another proxy") << other << false;
        other = one;
        other.tlsServerName = s("b.example");
        QTest::newRow("another name") << other << false;
        other = one;
        other.caPem = test::TestAuthority("another").caPem();
        QTest::newRow("another CA") << other << false;
        other = one;
        other.caPem.clear();
        QTest::newRow("the system's CAs") << other << false;
    }
    void theRouteTellsServersOfOneAddressApart()
    {
        QFETCH(ClusterAccess, other);
        QFETCH(bool, isSame);
        ClusterAccess one;
        one.server = other.server;
        one.proxy = s("http://proxy.example:3128");
        one.tlsServerName = s("A.example");
        one.caPem = m_authority.caPem();
        QCOMPARE(routeOf(one) == routeOf(other), isSame);
        QVERIFY(!routeOf(other).join(QString()).contains(s("secret")));
        QCOMPARE(routeOf(ClusterAccess{}).join(QString()), QString());
        ClusterAccess bundled = one; // each CA of a bundle is told by itself
        bundled.caPem = test::TestAuthority("another").caPem() + one.caPem;
        const QStringList authorities = routeOf(bundled).last().split(QLatin1Char(' '));
        QCOMPARE(authorities.size(), 2);
        QVERIFY(authorities.contains(routeOf(one).last()));
    }

    void noFileAtAllSaysWhereItWasLookedFor()
    {
        const auto config = loadKubeConfig({s("/nowhere/config")});
        QVERIFY(!config.has_value());
        QCOMPARE(config.error().kind, ErrorKind::NotFound);
        QVERIFY(config.error().message.startsWith(s("There is no kubeconfig: looked for /nowhere/config.")));
    }

    void aPodSpeaksAsItsServiceAccount_data()
    {
        QTest::addColumn<QByteArray>("host");
        QTest::addColumn<bool>("hasToken");
        QTest::addColumn<bool>("isNamed"); // a file that is not there
        QTest::addColumn<bool>("hasFile");
        QTest::addColumn<bool>("isListed");  // KUBECONFIG names the file
        QTest::addColumn<QString>("server"); // empty: there is no kubeconfig
        const QString file = s("https://file.example");
        QTest::newRow("in a pod") << QByteArray("10.0.0.1") << true << false << false << false
                                  << s("https://10.0.0.1:443");
        QTest::newRow("IPv6") << QByteArray("fd00::1") << true << false << false << false << s("https://[fd00::1]:443");
        QTest::newRow("no token") << QByteArray("10.0.0.1") << false << false << false << false << QString();
        QTest::newRow("not in a pod") << QByteArray() << true << false << false << false << QString();
        QTest::newRow("another file is meant") << QByteArray("10.0.0.1") << true << true << false << false << QString();
        QTest::newRow("the listed file is missing")
            << QByteArray("10.0.0.1") << true << false << false << true << QString();
        QTest::newRow("a listed file goes first") << QByteArray("10.0.0.1") << true << false << true << true << file;
        QTest::newRow("a kubeconfig goes first") << QByteArray("10.0.0.1") << true << false << true << false << file;
    }
    void aPodSpeaksAsItsServiceAccount()
    {
        QFETCH(QByteArray, host);
        QFETCH(bool, hasToken);
        QFETCH(bool, isNamed);
        QFETCH(bool, hasFile);
        QFETCH(bool, isListed);
        QFETCH(QString, server);
        QTemporaryDir dir;
        QVERIFY(QDir(dir.path()).mkpath(s(".kube")));
        const QString config = dir.filePath(isListed ? s("listed") : s(".kube/config"));
        write(dir.filePath(s("ca.crt")), m_authority.caPem());
        write(dir.filePath(s("namespace")), "shop\n");
        if (hasToken)
            write(dir.filePath(s("token")), "abc");
        if (hasFile)
            write(config, "current-context: m\nclusters:\n- {name: c, cluster: {server: \"https://file.example\"}}\n"
                          "contexts:\n- {name: m, context: {cluster: c}}\n");
        const QByteArrayList names{"KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "POD_NAMESPACE", "KUBECONFIG",
                                   "HOME"};
        QList<std::pair<QByteArray, QByteArray>> before;
        for (const QByteArray &name : names)
            before.append({name, qgetenv(name.constData())});
        const auto restore = qScopeGuard([&before] {
            for (const auto &[name, value] : before) {
                if (value.isNull())
                    qunsetenv(name.constData());
                else
                    qputenv(name.constData(), value);
            }
        });
        qputenv("KUBERNETES_SERVICE_HOST", host);
        qputenv("KUBERNETES_SERVICE_PORT", "443");
        qunsetenv("POD_NAMESPACE");
        qputenv("HOME", dir.path().toUtf8());
        qputenv("KUBECONFIG", isListed ? config.toUtf8() : QByteArray());

        const QStringList files = isNamed ? QStringList{dir.filePath(s("other"))} : defaultKubeConfigFiles();
        const auto found = loadKubeConfig(files, dir.path());
        QCOMPARE(found.has_value(), !server.isEmpty());
        if (!found) {
            QCOMPARE(found.error().kind, ErrorKind::NotFound);
            QCOMPARE(found.error().detail, QString(noKubeConfigFound));
            QVERIFY(found.error().message.contains(files.first()));
            return;
        }
        const auto access = accessFor(*found);
        QVERIFY2(access.has_value(), access ? "" : qPrintable(access.error().message));
        QCOMPARE(access->server, QUrl(server));
        if (hasFile)
            return;
        QCOMPARE(access->ns, s("shop"));
        QCOMPARE(access->tokenFile, dir.filePath(s("token")));
        QCOMPARE(access->caPem, m_authority.caPem());
        QVERIFY(access->verifiesTls());
    }

    void theEnvironmentNamesTheFiles()
    {
        qunsetenv("KUBECONFIG");
        QCOMPARE(defaultKubeConfigFiles(), QStringList{QDir::homePath() + s("/.kube/config")});
        const QString list = QStringList{s("/a"), QString(), s("/b"), s("/a")}.join(QDir::listSeparator());
        qputenv("KUBECONFIG", list.toUtf8());
        QCOMPARE(defaultKubeConfigFiles(), (QStringList{s("/a"), s("/b")}));
        qunsetenv("KUBECONFIG");
    }

    void noCredentialGoesOutInClearText_data()
    {
        QTest::addColumn<QString>("server");
        QTest::addColumn<bool>("hasToken");
        QTest::addColumn<bool>("verifiesTls");
        QTest::newRow("https") << s("https://api.example") << true << true;
        QTest::newRow("http") << s("http://api.example") << false << false;
        QTest::newRow("no scheme, nothing for TLS") << s("api.example:8080") << false << false;
        QTest::newRow("this machine") << s("http://127.0.0.1:8080") << true << true;
        QTest::newRow("this machine by name") << s("http://localhost:8080") << true << true;
    }
    void noCredentialGoesOutInClearText()
    {
        QFETCH(QString, server);
        const auto access = accessFor(parsed(
            "current-context: m\nclusters:\n- {name: c, cluster: {server: \"" + server.toUtf8() +
            "\"}}\ncontexts:\n- {name: m, context: {cluster: c, user: u}}\nusers:\n- {name: u, user: {token: abc}}\n"));
        QVERIFY2(access.has_value(), access ? "" : qPrintable(access.error().message));
        QTEST(!access->token.isEmpty(), "hasToken");
        QTEST(access->verifiesTls(), "verifiesTls");
        QCOMPARE(access->warnings.isEmpty(), access->verifiesTls());
    }
};

QTEST_GUILESS_MAIN(TestKubeConfig)
#include "test_kubeconfig.moc"
