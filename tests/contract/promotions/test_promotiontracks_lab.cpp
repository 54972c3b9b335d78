// What a promotion waits for and where it goes, by the real program on the real control plane: an alert of a real
// Prometheus stops it as long as it fires; where there are two tracks the image is set on the one without traffic, and
// moving the traffic is a decision of its own.
#include "tests/support/gitservers.h"
#include "tests/support/lab.h"
#include "tests/support/labprometheus.h"
#include "tests/support/sshtools.h"

#include <nlohmann/json.hpp>

#include <QDir>
#include <QProcess>
#include <QTest>

using namespace signalbox::test;
using Json = nlohmann::json;

namespace
{

QString u(const char *text)
{
    return QString::fromUtf8(text);
}

QStringList words(const char *text)
{
    return u(text).split(QLatin1Char(' '));
}

QString image(const char *version, char digit)
{
    return u("registry.example/shop/cart:") + u(version) + u("@sha256:") + QString(64, QLatin1Char(digit));
}

QByteArray deployment(const QByteArray &name, const QString &image, const QByteArray &track = {})
{
    const QByteArray labels = track.isEmpty() ? QByteArray("{app: cart}") : "{app: cart, track: " + track + "}";
    return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: " + name + ", labels: " + labels +
           "}\nspec:\n  replicas: 2\n  progressDeadlineSeconds: 60\n  selector: {matchLabels: " + labels +
           "}\n  template:\n    metadata: {labels: " + labels +
           "}\n    spec:\n      containers:\n        - {name: web, image: \"" + image.toUtf8() + "\"}\n---\n";
}

QString text(const Json &json, const char *key)
{
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? QString::fromStdString(*found) : QString();
}

} // namespace

class TestPromotionTracksLab : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase();
    void anAlertThatFiresStopsIt();
    void theTrackWithoutTrafficIsSet();
    void trafficIsMovedByItself();
    void theTrackGoesBack();

private:
    void makeLedger();
    QString at(const char *name) const { return m_folder.filePath(u(name)); }
    QStringList environmentOf(const char *person) const;
    QStringList withWorkspace(const QStringList &arguments) const
    {
        return arguments + QStringList{u("-w"), at("team.yaml"), u("--json")};
    }
    Json json(const char *person, const QStringList &arguments, int status = 0) const;
    Json card(const QString &promotion) const;
    QString ruleState(const QString &promotion, const char *rule) const;
    QString imageOf(const QString &ns, const char *name) const;
    QString liveTrack() const;
    QString askAndApprove(const char *environment) const;

    std::unique_ptr<LabCluster> m_lab;
    std::unique_ptr<LabPrometheus> m_metrics;
    QTemporaryDir m_folder;
    QString m_staging;
    QString m_production;
    QString m_shopStaging; // of the application with two tracks
    QString m_shop;
    const QString m_old = image("1.4.0", 'a');
    const QString m_new = image("1.5.0", 'b');
};

void TestPromotionTracksLab::initTestCase()
{
    QString error;
    m_lab = LabCluster::shared(&error);
    QVERIFY2(m_lab, qPrintable(error));
    m_staging = m_lab->makeNamespace(u("staging"));
    m_production = m_lab->makeNamespace(u("production"));
    m_shopStaging = m_lab->makeNamespace(u("stagingshop"));
    m_shop = m_lab->makeNamespace(u("productionshop"));
    QVERIFY(!m_staging.isEmpty() && !m_production.isEmpty() && !m_shopStaging.isEmpty() && !m_shop.isEmpty());
    LabPrometheus::Options options;
    options.ns = m_production;
    m_metrics = LabPrometheus::start(options, &error);
    QVERIFY2(m_metrics, qPrintable(error));
    for (const auto &[ns, what] :
         {std::pair(m_staging, deployment("cart", m_new)), std::pair(m_production, deployment("cart", m_old)),
          std::pair(m_shopStaging, deployment("cart", m_new)),
          std::pair(m_shop, deployment("cart-blue", m_old, "blue") + deployment("cart-green", m_old, "green") +
                                "apiVersion: v1\nkind: Service\nmetadata: {name: cart}\nspec:\n"
                                "  ports: [{port: 80}]\n  selector: {app: cart, track: blue}\n")}) {
        const auto applied = m_lab->apply(what, ns);
        QVERIFY2(applied.isGood(), applied.err.constData());
    }
    for (const auto &[ns, name] :
         {std::pair(m_staging, "cart"), std::pair(m_production, "cart"), std::pair(m_shopStaging, "cart"),
          std::pair(m_shop, "cart-blue"), std::pair(m_shop, "cart-green")}) {
        const auto rolledOut =
            m_lab->kubectl({u("rollout"), u("status"), u("deployment/") + u(name), u("-n"), ns, u("--timeout=60s")});
        QVERIFY2(rolledOut.isGood(), rolledOut.err.constData());
    }
    makeLedger();
    writeFile(at("team.yaml"),
              QStringLiteral(
                  "version: 1\nname: shop\nledger: {url: %1, firstAdmin: \"%2\"}\nconnections:\n"
                  "  - {id: lab, kind: kubernetes, kubeconfig: %3, context: lab-cert, namespaces: [%4, %5, %6, %7]}\n"
                  "  - {id: metrics, kind: prometheus, url: \"%8\"}\n"
                  "applications:\n  - name: cart\n    environments:\n"
                  "      - {name: staging, connection: lab, namespace: %4}\n"
                  "      - {name: production, connection: lab, namespace: %5}\n"
                  "      - {name: staging-shop, connection: lab, namespace: %6}\n"
                  "      - {name: production-shop, connection: lab, namespace: %7}\n")
                  .arg(at("ledger.git"), publicKeyOfFile(at("ann/key")).fingerprint(), m_lab->kubeconfig(), m_staging,
                       m_production, m_shopStaging, m_shop, m_metrics->url().toString())
                  .toUtf8());
}

void TestPromotionTracksLab::makeLedger()
{
    QByteArray signers;
    for (const char *person : {"ann", "bob"}) {
        QVERIFY(QDir().mkpath(at(person) + u("/data")));
        const QString key = makeSshKey(at(person) + u("/key"), u("ed25519"));
        writeFile(at(person) + u("/.gitconfig"),
                  QStringLiteral("[user]\n name = %1\n email = %1@shop.example\n signingkey = %2\n[gpg]\n format = "
                                 "ssh\n[commit]\n gpgsign = true\n[init]\n defaultBranch = main\n")
                      .arg(u(person), key)
                      .toUtf8());
        signers += QByteArray(person) + "@shop.example namespaces=\"git\" " + publicKeyOfFile(key).line() + '\n';
    }
    const auto git = [this](const QStringList &arguments) {
        const Ran ran = runTool(u("git"), arguments, {}, {}, environmentOf("ann"));
        QVERIFY2(ran.status == 0, qPrintable(ran.text()));
    };
    const QString work = at("begin");
    git({u("init"), u("-q"), u("--bare"), at("ledger.git")});
    git({u("clone"), u("-q"), at("ledger.git"), work});
    writeFile(work + u("/allowed_signers"), signers);
    writeFile(work + u("/policy.yaml"),
              "version: 1\nworkspace: shop\nprincipals:\n"
              "  - {name: ann, emails: [ann@shop.example]}\n  - {name: bob, emails: [bob@shop.example]}\n"
              "roles:\n  - {name: admins, members: [ann]}\n  - {name: release-managers, members: [ann, bob]}\n"
              "paths:\n  - environments: [staging, production, staging-shop, production-shop]\n"
              "environments:\n"
              "  - {environment: staging, noFiringAlerts: false}\n"
              "  - {environment: staging-shop, noFiringAlerts: false}\n"
              "  - environment: production\n    approvals: [{count: 1, roles: [release-managers]}]\n"
              "    notAuthor: false\n    noFiringAlerts: true\n"
              "  - environment: production-shop\n    approvals: [{count: 1, roles: [release-managers]}]\n"
              "    notAuthor: false\n    noFiringAlerts: false\n");
    git({u("-C"), work, u("add"), u(".")});
    git({u("-C"), work, u("commit"), u("-q"), u("-S"), u("-m"), u("Begin to sign")});
    git({u("-C"), work, u("push"), u("-q"), u("origin"), u("HEAD:main")});
}

QStringList TestPromotionTracksLab::environmentOf(const char *person) const
{
    const QString home = at(person);
    return {u("HOME=") + home,
            u("GIT_CONFIG_GLOBAL=") + home + u("/.gitconfig"),
            u("XDG_CONFIG_HOME=") + home,
            u("SSH_AUTH_SOCK="),
            u("SIGNALBOX_WORKSPACE="),
            u("SIGNALBOX_DATA=") + home + u("/data")};
}

Json TestPromotionTracksLab::json(const char *person, const QStringList &arguments, int status) const
{
    const auto output =
        runProgram(QStringLiteral(SIGNALBOX_PROGRAM), withWorkspace(arguments), {}, 120, environmentOf(person));
    if (output.status != status)
        qWarning("%s: %s: status %d\n%s\n%s", person, qPrintable(arguments.join(u' ')), output.status,
                 output.out.constData(), output.err.constData());
    return output.status == status ? Json::parse(output.out.toStdString(), nullptr, false) : Json();
}

Json TestPromotionTracksLab::card(const QString &promotion) const
{
    const Json board = json("ann", words("approvals cart --all"));
    for (const char *list : {"open", "decided"}) {
        for (const Json &one : board.is_object() ? board.value(list, Json::array()) : Json::array()) {
            if (text(one, "promotion") == promotion)
                return one;
        }
    }
    return Json::object();
}

QString TestPromotionTracksLab::ruleState(const QString &promotion, const char *rule) const
{
    for (const Json &one : card(promotion).value("rules", Json::array())) {
        if (text(one, "rule") == u(rule))
            return text(one, "state") + u(": ") + text(one, "text");
    }
    return {};
}

QString TestPromotionTracksLab::imageOf(const QString &ns, const char *name) const
{
    return QString::fromUtf8(m_lab
                                 ->kubectl({u("get"), u("deployment/") + u(name), u("-n"), ns, u("-o"),
                                            u("jsonpath={.spec.template.spec.containers[0].image}")})
                                 .out);
}

QString TestPromotionTracksLab::liveTrack() const
{
    return QString::fromUtf8(
        m_lab->kubectl({u("get"), u("service/cart"), u("-n"), m_shop, u("-o"), u("jsonpath={.spec.selector.track}")})
            .out);
}

QString TestPromotionTracksLab::askAndApprove(const char *environment) const
{
    const Json asked = json("bob", {u("promote"), u("cart"), u("--to"), u(environment), u("--reason"), u("because")});
    const QString promotion = asked.is_object() ? text(asked, "entry") : QString();
    return json("ann", {u("approve"), promotion, u("--confirm"), u("cart")}).is_object() ? promotion : QString();
}

void TestPromotionTracksLab::anAlertThatFiresStopsIt()
{
    QVERIFY(m_metrics->setLoad(u("green"), 20));
    QVERIFY(m_metrics->control(u("green"), u("error_rate=0.5")));
    const QString promotion = askAndApprove("production");
    QVERIFY(!promotion.isEmpty());
    QString alerts;
    QTRY_VERIFY2_WITH_TIMEOUT((alerts = ruleState(promotion, "alerts")).contains(u("SlotErrorsHigh")),
                              qPrintable(alerts), 60'000);
    QVERIFY2(!alerts.startsWith(u("pass")), qPrintable(alerts));
    QCOMPARE(text(card(promotion), "state"), u("blocked"));
    // Nobody gets past it, and who waits goes on by themselves once it is over.
    const Json refused = json("bob", words("promote cart --to production --confirm cart --wait --within 3s"), 4);
    QVERIFY(refused.is_object());
    QCOMPARE(imageOf(m_production, "cart"), m_old);
    QProcess waiting;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const QString &entry : environmentOf("bob"))
        environment.insert(entry.section(QLatin1Char('='), 0, 0), entry.section(QLatin1Char('='), 1));
    waiting.setProcessEnvironment(environment);
    waiting.start(QStringLiteral(SIGNALBOX_PROGRAM),
                  withWorkspace(words("promote cart --to production --wait --within 120s --confirm cart")));
    QByteArray told;
    QTRY_VERIFY2_WITH_TIMEOUT((told += waiting.readAllStandardError()).contains("waiting: "), told.constData(), 30'000);
    QCOMPARE(imageOf(m_production, "cart"), m_old);
    QVERIFY(m_metrics->control(u("green"), u("error_rate=0")));
    QVERIFY2(waiting.waitForFinished(150'000), waiting.readAllStandardError().constData());
    const QByteArray out = waiting.readAllStandardOutput();
    QVERIFY2(waiting.exitCode() == 0, (out + waiting.readAllStandardError()).constData());
    QCOMPARE(imageOf(m_production, "cart"), m_new);
    QCOMPARE(text(card(promotion), "state"), u("done"));
}

void TestPromotionTracksLab::theTrackWithoutTrafficIsSet()
{
    QCOMPARE(liveTrack(), u("blue"));
    const QString promotion = askAndApprove("production-shop");
    QVERIFY(!promotion.isEmpty());
    const Json done = json("bob", words("promote cart --to production-shop --wait --within 60s --confirm cart"));
    QVERIFY(done.is_object());
    QCOMPARE(text(done["outcome"], "kind"), u("done"));
    QCOMPARE(imageOf(m_shop, "cart-green"), m_new);
    QCOMPARE(imageOf(m_shop, "cart-blue"), m_old); // what people use is not touched
    QCOMPARE(liveTrack(), u("blue"));
    QCOMPARE(text(card(promotion), "state"), u("done"));
}

void TestPromotionTracksLab::trafficIsMovedByItself()
{
    const Json moved = json("bob", words("traffic cart production-shop --set green=100 --confirm cart"));
    QVERIFY(moved.is_object());
    QCOMPARE(liveTrack(), u("green"));
    QCOMPARE(imageOf(m_shop, "cart-blue"), m_old); // the way back stands
}

void TestPromotionTracksLab::theTrackGoesBack()
{
    const Json back = json("bob", words("rollback cart production-shop --workload cart-green --confirm cart"));
    QVERIFY(back.is_object());
    QCOMPARE(imageOf(m_shop, "cart-green"), m_old);
    const Json board = json("ann", words("approvals cart"));
    QVERIFY2(board.dump().find("hold") != std::string::npos, board.dump(1).c_str()); // nothing goes on after it
}

QTEST_GUILESS_MAIN(TestPromotionTracksLab)
#include "test_promotiontracks_lab.moc"
