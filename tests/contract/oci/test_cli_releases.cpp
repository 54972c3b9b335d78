#include "tests/support/gitservers.h"
#include "tests/support/labregistry.h"
#include "tests/unit/services/gate/gateledger.h"

#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace signalbox;
using namespace signalbox::test;

// `signalbox changes` with releases by whatever people call them: a real repository, a signed ledger, a real registry.
class TestCliReleases : public QObject
{
    Q_OBJECT

    QTemporaryDir m_root;
    GateLedger m_ledger;
    std::unique_ptr<LabRegistry> m_registry;
    std::unique_ptr<RealGit> m_git;
    QString m_first;
    QString m_second;
    QString m_digest; // of the index that m_second was built into
    QString m_platform;
    const QString m_known = u("sha256:") + QString(64, QLatin1Char('5')); // of the ledger

    QString at(const char *name) const { return m_root.filePath(u(name)); }
    Ran run(const QStringList &arguments, const QByteArray &workspace = "team.yaml") const
    {
        return runTool(QStringLiteral(SIGNALBOX_PROGRAM),
                       QStringList{u("changes"), u("cart"), u("-w"), at(workspace.constData())} + arguments, {}, {},
                       {u("SIGNALBOX_DATA=") + at("data"), u("SIGNALBOX_WORKSPACE="), u("HOME=/nonexistent"),
                        u("XDG_CONFIG_HOME=/nonexistent"),
                        u("REGISTRY_PASSWORD=") + QString::fromLatin1(LabRegistry::password())});
    }

private slots:
    void initTestCase()
    {
        QVERIFY(RealGit::init(at("shop"), false));
        m_git = std::make_unique<RealGit>(at("shop"));
        m_first = m_git->commit(u("a.txt"), "1\n", u("Start"));
        m_git->run({u("tag"), u("v1.4.0")});
        m_second = m_git->commit(u("a.txt"), "2\n", u("Round prices"));
        m_git->commit(u("a.txt"), "3\n", u("Later"));

        policy::PromotionRequest request;
        request.subject = {u("cart"), u("production"), m_known, m_second};
        request.version = u("spring-sale");
        request.fromEnvironment = u("staging");
        request.policyCommit = QString::fromLatin1(m_ledger.policyCommit);
        m_ledger.add(request, u("dan"));
        QVERIFY(QDir().mkpath(at("data")));
        QVERIFY(RealGit::init(at("data/ledger.git"), true));
        QCOMPARE(m_ledger.forge.git({u("push"), u("-q"), at("data/ledger.git"), u("main")}).status, 0);

        QString error;
        m_registry = LabRegistry::start(&error);
        QVERIFY2(m_registry, qPrintable(error));
        const QByteArray label = LabRegistry::revisionLabel(m_second);
        const QJsonObject pushed = m_registry->push(u("shop/cart"), u("r7"), {label, label}, &error);
        QVERIFY2(!pushed.isEmpty(), qPrintable(error));
        m_digest = pushed[u("digest")].toString();
        m_platform = pushed[u("platforms")].toArray().first().toString();
        QVERIFY(!m_registry->push(u("shop/cart"), u("bare"), {"{}"}, &error).isEmpty());

        const QByteArray base = "version: 1\nrepositories: [{id: shop, url: shop}]\nledger: {firstAdmin: \"" +
                                m_ledger.forge.key(u("ann")).fingerprint().toUtf8() + "\"}\n";
        const QByteArray image = "applications: [{name: cart, repository: shop, image: \"" +
                                 m_registry->host().toUtf8() + "/shop/cart\"}]\n";
        const auto registry = [this](const char *secret) {
            return "registries: [{id: lab, url: \"" + m_registry->url().toUtf8() +
                   "\", auth: {basic: {user: ana, password: \"" + secret + "\"}}}]\n";
        };
        writeFile(at("bare.yaml"), base);
        writeFile(at("team.yaml"), base + image + registry("env:REGISTRY_PASSWORD"));
        writeFile(at("wrong.yaml"), base + image + registry("env:HOME"));
    }

    void releasesAreFoundByEveryName_data()
    {
        QTest::addColumn<QString>("release");
        QTest::addColumn<QString>("by");
        QTest::newRow("commit") << m_second.left(9) << u("commit");
        QTest::newRow("a digest of the ledger") << m_known << u("commit");
        QTest::newRow("its first digits") << m_known.left(14) << u("commit");
        QTest::newRow("a version of the ledger") << u("spring-sale") << u("commit");
        QTest::newRow("a digest of the registry") << m_digest << u("revision");
        QTest::newRow("a platform's digest") << m_platform << u("revision");
        QTest::newRow("an image") << m_registry->host() + u("/shop/cart:r7") << u("revision");
        QTest::newRow("an image by digest") << m_registry->host() + u("/shop/cart@") + m_digest << u("revision");
        QTest::newRow("a tag of the image") << u("r7") << u("revision");
    }
    void releasesAreFoundByEveryName()
    {
        QFETCH(QString, release);
        QFETCH(QString, by);
        const Ran ran = run({u("--from"), u("1.4.0"), u("--to"), release, u("--json")});
        QVERIFY2(ran.status == 0, qPrintable(ran.text()));
        const QJsonObject to = QJsonDocument::fromJson(ran.out).object().value(u("to")).toObject();
        QCOMPARE(to.value(u("commit")).toString(), m_second);
        QCOMPARE(to.value(u("text")).toString(), release);
        QCOMPARE(to.value(u("by")).toString(), by);
        QCOMPARE(QJsonDocument::fromJson(ran.out).object().value(u("commits")).toArray().size(), 1);
    }

    void saysWhereItLooked_data()
    {
        QTest::addColumn<QByteArray>("workspace");
        QTest::addColumn<QString>("release");
        QTest::addColumn<int>("status");
        QTest::addColumn<QStringList>("says");
        const QString digest = u("sha256:") + QString(64, QLatin1Char('e'));
        QTest::newRow("no registry is named")
            << QByteArray("bare.yaml") << digest << 2
            << QStringList{u("Nothing says which commit"), u("promotions asked for: 2"),
                           u("no image of cart is known")};
        QTest::newRow("the registry has none")
            << QByteArray("team.yaml") << digest << 2
            << QStringList{u("promotions asked for: 2"), u("has no shop/cart@sha256")};
        QTest::newRow("the image says nothing")
            << QByteArray("team.yaml") << m_registry->host() + u("/shop/cart:bare") << 2
            << QStringList{u("without the label org.opencontainers.image.revision")};
        QTest::newRow("a name that nothing has")
            << QByteArray("team.yaml") << u("winter-sale") << 2
            << QStringList{u("has no tag, branch or commit \"winter-sale\""), u("promotions asked for: 2"),
                           u("has no shop/cart:winter-sale")};
        QTest::newRow("the registry refused")
            << QByteArray("wrong.yaml") << digest << 3 << QStringList{u("Check \"auth\" of the registry lab")};
    }
    void saysWhereItLooked()
    {
        QFETCH(QByteArray, workspace);
        QFETCH(QString, release);
        QFETCH(int, status);
        QFETCH(QStringList, says);
        const Ran ran = run({u("--from"), u("1.4.0"), u("--to"), release}, workspace);
        QVERIFY2(ran.status == status, qPrintable(QString::number(ran.status) + ran.text()));
        for (const QString &part : says)
            QVERIFY2(ran.text().contains(part), qPrintable(ran.text()));
    }

    // What is read of a user's own clone is read only: nothing in it changes, not even a time.
    void aWorkTreeThatIsReadInPlaceIsLeftAlone()
    {
        m_git->write(u("a.txt"), "half done\n"); // as people leave it
        m_git->write(u("new.txt"), "untracked\n");
        m_git->write(u("staged.txt"), "x\n");
        QVERIFY(m_git->run({u("add"), u("staged.txt")}).isGood());
        QVERIFY(m_git->run({u("checkout"), u("-q"), u("-b"), u("mine")}).isGood());
        const auto picture = [this] {
            return runTool(u("find"), {at("shop"), u("-printf"), u("%P %y %s %m %T@ %C@ %i\n")}).out;
        };
        const QByteArray contents = runTool(u("git"), {u("-C"), at("shop"), u("for-each-ref")}).out;
        QByteArray before = picture();
        QVERIFY(before.contains(".git/index") && before.contains(".git/HEAD") && before.contains("staged.txt"));
        for (const QStringList &more : {QStringList{}, {u("--files")}, {u("--diff"), u("a.txt")}, {u("--json")}}) {
            const Ran ran = run(QStringList{u("--from"), u("v1.4.0"), u("--to"), u("main")} + more);
            QVERIFY2(ran.status == 0, qPrintable(ran.text()));
            QVERIFY(!ran.text().contains(u("half done")));
            QCOMPARE(picture(), before);
        }
        QCOMPARE(runTool(u("git"), {u("-C"), at("shop"), u("for-each-ref")}).out, contents);
    }
};

QTEST_GUILESS_MAIN(TestCliReleases)
#include "test_cli_releases.moc"
