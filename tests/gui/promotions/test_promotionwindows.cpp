// A promotion from request to observed in production, on screen: two people, each with the real window over the real
// services, a data folder and a signing key of their own; one shared ledger, one real control plane. Worked by keyboard
// and mouse alone. The pictures are for people to look at.
#include "app/console/console.h"
#include "app/console/tour/inputevents.h"
#include "app/console/tour/operator.h"
#include "models/items/roles.h"
#include "models/stores/deployedstore.h"
#include "services/ledger/verify/chainverifier.h"
#include "services/promotions/ledgerdesk.h"
#include "tests/support/calm.h"
#include "tests/support/gitservers.h"
#include "tests/support/lab.h"
#include "tests/support/sshtools.h"
#include "tests/support/stays.h"
#include "ui/pages/operation/operationbox.h"
#include "ui/shell/consolesettings.h"
#include "ui/shell/mainwindow.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/holdbutton.h"

#include <QApplication>
#include <QCheckBox>
#include <QDialog>
#include <QDir>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPointer>
#include <QPushButton>
#include <QTest>
#include <QWindow>

#include <algorithm>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

QString u(const char *text)
{
    return QString::fromUtf8(text);
}

QString digest(char digit)
{
    return QStringLiteral("sha256:") + QString(64, QLatin1Char(digit));
}

QByteArray cart(const QString &image)
{
    return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: cart, labels: {app: cart}}\n"
           "spec:\n  replicas: 2\n  progressDeadlineSeconds: 60\n  selector: {matchLabels: {app: cart}}\n"
           "  template:\n    metadata: {labels: {app: cart}}\n    spec:\n      containers:\n"
           "        - {name: web, image: \"" +
           image.toUtf8() + "\"}\n";
}

// Somebody at a desk: their window, their keys and mouse, their eyes.
class Person
{
public:
    Person(const QString &name, const QString &home)
        : m_name(name)
        , m_home(home)
    {}
    ~Person()
    {
        m_hands.reset();
        m_console.reset();
    }

    void sitDown(const QString &workspace)
    {
        SourceOptions sources;
        sources.workspace = workspace;
        sources.dataFolder = m_home + u("/data");
        QVERIFY(QDir().mkpath(sources.dataFolder));
        const QString settings = m_home + u("/console.ini");
        ConsoleSettings(settings).setLanguage(u("en"));
        m_console = std::make_unique<Console>(*qApp, sources, settings);
        m_console->window().resize(1440, 900);
        m_console->show();
        m_hands = std::make_unique<TourOperator>(m_console->window());
    }
    // A window manager would give the keyboard to the window that is clicked: this platform has none.
    bool comeToFront()
    {
        m_console->window().raise();
        m_console->window().activateWindow();
        return QTest::qWaitForWindowActive(&m_console->window());
    }
    bool click(const char *name)
    {
        const TourOperator::Doubt doubt = m_hands->click(u(name));
        if (doubt)
            qWarning("%s: %s", qPrintable(m_name), qPrintable(*doubt));
        return !doubt;
    }
    QString label(const char *name) const
    {
        const auto *of = m_hands->find<QLabel>(u(name));
        return of == nullptr ? QString() : of->text().simplified();
    }
    QString badge(const char *name) const
    {
        const auto *of = m_hands->find<Badge>(u(name));
        return of == nullptr ? QString() : of->text();
    }
    bool says(const QString &text) const
    {
        const QList<QLabel *> labels = m_console->window().findChildren<QLabel *>();
        return std::any_of(labels.begin(), labels.end(),
                           [&text](const QLabel *label) { return label->isVisible() && label->text().contains(text); });
    }
    HoldButton *button(const char *name) const { return m_hands->find<HoldButton>(u(name)); }
    bool canHold(const char *name) const { return button(name) != nullptr && !button(name)->fingerprint().isEmpty(); }
    QDialog *dialog(const char *name) const { return m_console->window().findChild<QDialog *>(u(name)); }
    policy::PromotionCard::State state(const QString &promotion) const
    {
        const policy::PromotionCard *card = board().find(promotion);
        return card == nullptr ? policy::PromotionCard::State::Blocked : card->state;
    }
    const policy::PromotionBoard &board() const { return m_console->session().promotions().board(); }

    Console &console() { return *m_console; }
    TourOperator &hands() { return *m_hands; }
    void picture(const char *name) const
    {
        QWidget *shown = QApplication::activeModalWidget();
        if (shown == nullptr)
            shown = &m_console->window();
        QVERIFY(comesToRest(*shown));
        QVERIFY(QDir().mkpath(u(SIGNALBOX_PICTURES)));
        QVERIFY(shown->grab().save(u(SIGNALBOX_PICTURES) + u("/") + u(name) + u(".png")));
    }

private:
    QString m_name;
    QString m_home;
    std::unique_ptr<Console> m_console;
    std::unique_ptr<TourOperator> m_hands;
};

// At its middle, or so far from its left edge.
void clickIn(QWidget *widget, int fromLeft = 0)
{
    QVERIFY(widget != nullptr && widget->isVisible() && widget->isEnabled());
    QWindow &window = *widget->window()->windowHandle();
    const QPoint middle = widget->rect().center();
    const QPoint at = widget->mapTo(widget->window(), fromLeft > 0 ? QPoint(fromLeft, middle.y()) : middle);
    input::mouse(window, input::Mouse::Move, at);
    input::mouse(window, input::Mouse::Press, at);
    input::mouse(window, input::Mouse::Release, at);
}

// Long enough for a deliberate press.
void holdIn(QWidget *widget)
{
    QVERIFY(widget != nullptr && widget->isVisible());
    const QPointer<QWindow> window = widget->window()->windowHandle();
    const QPoint at = widget->mapTo(widget->window(), widget->rect().center());
    input::mouse(*window, input::Mouse::Move, at);
    input::mouse(*window, input::Mouse::Press, at);
    QTest::qWait(1100); // a press has no other sign of its length
    if (window)         // it closes with what was held for
        input::mouse(*window, input::Mouse::Release, at);
}

void typeIn(QWidget *widget, const QString &text)
{
    clickIn(widget);
    QWindow &window = *widget->window()->windowHandle();
    for (const QChar letter : text) {
        input::key(window, input::Key::Press, letter.toUpper().unicode(), {}, letter);
        input::key(window, input::Key::Release, letter.toUpper().unicode(), {}, letter);
    }
}

} // namespace

class TestPromotionWindows : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase();
    void cleanupTestCase();
    void danAsks();
    void erinApprovesAndIsOfferedToStart();
    void itIsCarriedOutAndObserved();
    void danSeesItDone();
    void erinTakesItBack();
    void dansConsoleStartsWhatErinApproves();
    void erinTakesBackWhatIsUnderWay();
    void everyEntryIsProvenByPlainGit();

private:
    QString at(const char *name) const { return m_folder.filePath(u(name)); }
    QString workspaceOf(const char *person) const;
    void makeSource() const;
    void makeLedger() const;
    void deploy(const QString &ns, const QString &image) const;
    QString inProduction(const char *path) const;
    bool openPromotions(Person &person) const;
    void ask(const QString &image, bool startsByItself);
    void erinApproves();
    bool choose(Person &person) const;

    QTemporaryDir m_folder;
    std::unique_ptr<LabCluster> m_lab;
    QString m_staging;
    QString m_production;
    std::unique_ptr<Person> m_dan;  // develops, and asks
    std::unique_ptr<Person> m_erin; // approves
    QString m_promotion;
    const QString m_old = u("registry.example/shop/cart:1.4.0@") + digest('a');
    const QString m_new = u("registry.example/shop/cart:1.5.0@") + digest('b');
    const QString m_next = u("registry.example/shop/cart:1.6.0@") + digest('c');
    const QString m_last = u("registry.example/shop/cart:1.7.0@") + digest('d');
};

void TestPromotionWindows::initTestCase()
{
    // Nothing of whoever runs this: git's own configuration, keys of an agent, preferences.
    writeFile(at(".gitconfig"), "[user]\n name = desk\n email = desk@shop.example\n");
    qputenv("HOME", m_folder.path().toUtf8());
    qputenv("GIT_CONFIG_GLOBAL", at(".gitconfig").toUtf8());
    qputenv("XDG_CONFIG_HOME", m_folder.path().toUtf8());
    qputenv("SIGNALBOX_DATA", at("cache").toUtf8());
    qunsetenv("SSH_AUTH_SOCK");
    qunsetenv("SIGNALBOX_WORKSPACE");
    QString error;
    m_lab = LabCluster::shared(&error);
    QVERIFY2(m_lab, qPrintable(error));
    m_staging = m_lab->makeNamespace(u("staging"));
    m_production = m_lab->makeNamespace(u("production"));
    QVERIFY(!m_staging.isEmpty() && !m_production.isEmpty());
    deploy(m_staging, m_new);
    deploy(m_production, m_old);
    makeSource();
    makeLedger();
    m_dan = std::make_unique<Person>(u("dan"), at("dan"));
    m_erin = std::make_unique<Person>(u("erin"), at("erin"));
    m_dan->sitDown(workspaceOf("dan"));
    m_erin->sitDown(workspaceOf("erin"));
}

void TestPromotionWindows::cleanupTestCase()
{
    m_erin.reset();
    m_dan.reset();
}

QString TestPromotionWindows::workspaceOf(const char *person) const
{
    const QString path = at(person) + u("/team.yaml");
    writeFile(path, QStringLiteral(
                        "version: 1\nname: shop\n"
                        "ledger: {url: %5, firstAdmin: \"%6\", signing: \"file:%7\", fetchEvery: 5s}\n"
                        "connections:\n"
                        "  - {id: lab, kind: kubernetes, kubeconfig: %1, context: lab-cert, namespaces: [%2, %3]}\n"
                        "repositories:\n  - {id: shop, url: %4}\n"
                        "applications:\n  - name: cart\n    repository: shop\n    environments:\n"
                        "      - {name: staging, connection: lab, namespace: %2}\n"
                        "      - {name: production, connection: lab, namespace: %3}\n")
                        .arg(m_lab->kubeconfig(), m_staging, m_production, at("shop.git"), at("ledger.git"),
                             publicKeyOfFile(at("erin/key")).fingerprint(), at(person) + u("/key"))
                        .toUtf8());
    return path;
}

void TestPromotionWindows::makeSource() const
{
    const QString bare = at("shop.git");
    QVERIFY(RealGit::init(bare, true) && RealGit::init(at("shop"), false));
    RealGit git(at("shop"));
    const QString fay = u("Fay <fay@shop.example>");
    git.commit(u("cart.txt"), "1\n", u("Start"), fay);
    git.run({u("tag"), u("v1.4.0")});
    git.commit(u("cart.txt"), "1\n2\n", u("Round prices"), fay);
    git.commit(u("tests/cart.txt"), "1\n", u("Test that prices are rounded"), fay);
    git.run({u("tag"), u("v1.5.0")});
    git.commit(u("cart.txt"), "1\n2\n3\n", u("Round taxes, too"), fay);
    git.run({u("tag"), u("v1.6.0")});
    git.commit(u("cart.txt"), "1\n2\n3\n4\n", u("Round sums"), fay);
    git.run({u("tag"), u("v1.7.0")});
    QVERIFY(git.run({u("push"), u("-q"), bare, u("--all")}).isGood());
    QVERIFY(git.run({u("push"), u("-q"), bare, u("--tags")}).isGood());
}

// erin begins it with plain git, as the README of services/ledger says.
void TestPromotionWindows::makeLedger() const
{
    QByteArray signers;
    for (const char *person : {"dan", "erin"}) {
        QVERIFY(QDir().mkpath(at(person)));
        makeSshKey(at(person) + u("/key"), u("ed25519"));
        signers += QByteArray(person) + "@shop.example namespaces=\"git\" " +
                   publicKeyOfFile(at(person) + u("/key")).line() + '\n';
    }
    QVERIFY(RealGit::init(at("ledger.git"), true) && RealGit::init(at("begin"), false));
    writeFile(at("begin") + u("/allowed_signers"), signers);
    writeFile(at("begin") + u("/policy.yaml"),
              "version: 1\nworkspace: shop\nprincipals:\n"
              "  - {name: dan, emails: [dan@shop.example]}\n  - {name: erin, emails: [erin@shop.example]}\n"
              "  - {name: fay, emails: [fay@shop.example]}\n"
              "roles:\n  - {name: admins, members: [erin]}\n  - {name: developers, members: [dan]}\n"
              "  - {name: release-managers, members: [erin]}\n"
              "paths:\n  - environments: [staging, production]\n"
              "environments:\n  - {environment: staging, noFiringAlerts: false}\n"
              "  - environment: production\n    approvals: [{count: 1, roles: [release-managers]}]\n"
              "    noFiringAlerts: false\n"
              "stops: {holdAfterRollback: false}\n");
    const QStringList asErin{u("-C"), at("begin"),
                             u("-c"), u("gpg.format=ssh"),
                             u("-c"), u("user.signingkey=") + at("erin/key"),
                             u("-c"), u("user.email=erin@shop.example"),
                             u("-c"), u("user.name=erin")};
    for (const QStringList &step :
         {QStringList{u("add"), u(".")}, QStringList{u("commit"), u("-q"), u("-S"), u("-m"), u("Begin to sign")},
          QStringList{u("push"), u("-q"), at("ledger.git"), u("HEAD:refs/heads/main")}}) {
        const Ran ran = runTool(u("git"), asErin + step);
        QVERIFY2(ran.status == 0, qPrintable(ran.text()));
    }
}

void TestPromotionWindows::deploy(const QString &ns, const QString &image) const
{
    const auto applied = m_lab->apply(cart(image), ns);
    QVERIFY2(applied.isGood(), applied.err.constData());
    const auto rolledOut =
        m_lab->kubectl({u("rollout"), u("status"), u("deployment/cart"), u("-n"), ns, u("--timeout=60s")});
    QVERIFY2(rolledOut.isGood(), rolledOut.err.constData());
}

QString TestPromotionWindows::inProduction(const char *path) const
{
    return QString::fromUtf8(
        m_lab->kubectl({u("get"), u("deployment/cart"), u("-n"), m_production, u("-o"), u("jsonpath=") + u(path)}).out);
}

bool TestPromotionWindows::openPromotions(Person &person) const
{
    return person.comeToFront() && person.click("nav-promotions") &&
           QTest::qWaitFor([&] { return !person.hands().isOnPage(u("promotions")); }, 5000);
}

void TestPromotionWindows::danAsks()
{
    QVERIFY(openPromotions(*m_dan));
    // Everything is read: clusters, repository, ledger.
    QTRY_VERIFY_WITH_TIMEOUT(m_dan->board().ledgerFreshness.isLive() && m_dan->board().me.problem.isEmpty(), 30'000);
    QCOMPARE(m_dan->board().me.principal, u("dan"));
    QTRY_COMPARE_WITH_TIMEOUT(m_dan->console().session().deployed().all().size(), qsizetype(2), 30'000);
    QVERIFY(m_dan->click("askForPromotion"));
    QTRY_VERIFY(m_dan->dialog("requestDialog") != nullptr);
    const QPointer<QDialog> dialog = m_dan->dialog("requestDialog");
    dialog->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(dialog));
    const auto *summary = dialog->findChild<QLabel *>(u("requestSummary"));
    auto *send = dialog->findChild<QPushButton *>(u("requestSend"));
    QTRY_VERIFY2_WITH_TIMEOUT(summary->text().startsWith(u("1.5.0 from staging to production")),
                              qPrintable(summary->text()), 30'000);
    typeIn(dialog->findChild<QLineEdit *>(u("requestReason")), u("prices are rounded"));
    QTRY_VERIFY_WITH_TIMEOUT(send->isEnabled(), 30'000);
    m_dan->picture("1-dan-asks");
    clickIn(send);
    QTRY_VERIFY_WITH_TIMEOUT(!dialog, 30'000);
    QTRY_COMPARE_WITH_TIMEOUT(m_dan->board().open.size(), qsizetype(1), 30'000);
    m_promotion = m_dan->board().open.first().id;
    QCOMPARE(m_dan->board().open.first().requester, u("dan"));
    QCOMPARE(m_dan->board().open.first().request.reason, u("prices are rounded"));
    QVERIFY(m_dan->comeToFront());
    QTRY_VERIFY_WITH_TIMEOUT(m_dan->label("promotionTitle").startsWith(u("cart")), 10'000);
    QVERIFY(!m_dan->canHold("approveButton")); // nobody approves their own
    m_dan->picture("2-dan-waits");
    QCOMPARE(inProduction("{.spec.template.spec.containers[0].image}"), m_old);
}

void TestPromotionWindows::erinApprovesAndIsOfferedToStart()
{
    QVERIFY(openPromotions(*m_erin));
    QTRY_VERIFY_WITH_TIMEOUT(m_erin->board().find(m_promotion) != nullptr, 40'000);
    QTRY_VERIFY_WITH_TIMEOUT(m_erin->label("promotionTitle").startsWith(u("cart")), 10'000);
    const auto *commits = m_erin->hands().find<QListView>(u("promotionCommits"));
    QTRY_VERIFY_WITH_TIMEOUT((commits = m_erin->hands().find<QListView>(u("promotionCommits"))) != nullptr &&
                                 commits->model()->rowCount() == 2,
                             30'000);
    QTRY_VERIFY_WITH_TIMEOUT(m_erin->canHold("approveButton"), 30'000);
    m_erin->picture("3-erin-looks");
    QVERIFY(m_erin->click("decisionComment"));
    m_erin->hands().type(u("Looked at both commits"));
    m_erin->hands().press(Qt::Key_Return); // on to the button
    QTRY_VERIFY(m_erin->button("approveButton")->hasFocus());
    m_erin->hands().hold(Qt::Key_Return);
    // Half of the hold: nothing is written yet.
    QVERIFY(
        stays([this] { return m_erin->board().find(m_promotion)->votes.isEmpty(); }, std::chrono::milliseconds(400)));
    QTRY_VERIFY_WITH_TIMEOUT(m_erin->hands().box() != nullptr, 30'000);
    m_erin->hands().letGo();
    QTRY_VERIFY2_WITH_TIMEOUT(!m_erin->hands().canHold(), qPrintable(m_erin->hands().boxText()), 30'000);
    QVERIFY(m_erin->state(m_promotion) == policy::PromotionCard::State::Ready);
    m_erin->picture("4-erin-may-start");
    QCOMPARE(inProduction("{.spec.template.spec.containers[0].image}"), m_old); // nothing starts by itself
}

void TestPromotionWindows::itIsCarriedOutAndObserved()
{
    QVERIFY(m_erin->hands().box() != nullptr);
    const TourOperator::Doubt doubt = m_erin->hands().holdMouseOn(m_erin->hands().box()->holdButton());
    QVERIFY2(!doubt, qPrintable(doubt.value_or(QString())));
    QTRY_VERIFY2_WITH_TIMEOUT(!m_erin->hands().isUnderWay(), qPrintable(m_erin->hands().boxText()), 10'000);
    m_erin->hands().letGo();
    QTRY_VERIFY2_WITH_TIMEOUT(!m_erin->hands().isDone(), qPrintable(m_erin->hands().boxText()), 90'000);
    m_erin->picture("5-erin-observed");
    QCOMPARE(inProduction("{.spec.template.spec.containers[0].image}"), m_new);
    QCOMPARE(inProduction("{.status.updatedReplicas}/{.status.readyReplicas}"), u("2/2"));
    QTRY_VERIFY_WITH_TIMEOUT(m_erin->state(m_promotion) == policy::PromotionCard::State::Done, 30'000);
    QVERIFY(m_erin->click("nav-ledger"));
    QTRY_VERIFY_WITH_TIMEOUT(!m_erin->hands().isOnPage(u("ledger")) && !m_erin->hands().isAnyPanelLoading(), 30'000);
    m_erin->picture("6-erin-ledger");
}

void TestPromotionWindows::danSeesItDone()
{
    QTRY_VERIFY_WITH_TIMEOUT(m_dan->state(m_promotion) == policy::PromotionCard::State::Done, 90'000);
    const policy::PromotionCard *card = m_dan->board().find(m_promotion);
    QCOMPARE(card->decision.claimant, u("erin"));
    QCOMPARE(card->votes.size(), qsizetype(1));
    QCOMPARE(card->votes.first().comment, u("Looked at both commits"));
    QVERIFY(card->outcome && card->outcome->observedAt.isValid());
    QVERIFY(m_dan->comeToFront());
    // Its votes are told as they stood when it was claimed.
    QVERIFY2(card->votes.first().counts, qPrintable(card->votes.first().whyNot));
    QCOMPARE(card->approvalsGiven(), 1);
    m_dan->picture("7-dan-sees-it-done");
}

void TestPromotionWindows::erinTakesItBack()
{
    QVERIFY(openPromotions(*m_erin));
    QTRY_VERIFY_WITH_TIMEOUT(m_erin->hands().find(u("promotionUndo")) != nullptr, 10'000);
    QVERIFY(m_erin->click("promotionUndo"));
    QTRY_VERIFY_WITH_TIMEOUT(!m_erin->hands().isOnPage(u("rollback")), 5000);
    QTRY_VERIFY2_WITH_TIMEOUT(!m_erin->hands().canHold(), qPrintable(m_erin->hands().boxText()), 30'000);
    m_erin->picture("8-erin-takes-it-back");
    QCOMPARE(inProduction("{.spec.template.spec.containers[0].image}"), m_new); // planned, not done
    const TourOperator::Doubt doubt = m_erin->hands().holdMouseOn(m_erin->hands().box()->holdButton());
    QVERIFY2(!doubt, qPrintable(doubt.value_or(QString())));
    QTRY_VERIFY2_WITH_TIMEOUT(!m_erin->hands().isUnderWay(), qPrintable(m_erin->hands().boxText()), 10'000);
    m_erin->hands().letGo();
    QTRY_VERIFY2_WITH_TIMEOUT(!m_erin->hands().isDone(), qPrintable(m_erin->hands().boxText()), 90'000);
    m_erin->picture("9-erin-took-it-back");
    QCOMPARE(inProduction("{.spec.template.spec.containers[0].image}"), m_old);
    QCOMPARE(inProduction("{.status.updatedReplicas}/{.status.readyReplicas}"), u("2/2"));
}

// dan asks that what staging runs from now on goes to production.
void TestPromotionWindows::ask(const QString &image, bool startsByItself)
{
    deploy(m_staging, image);
    const QString version = image.section(QLatin1Char(':'), 1).section(QLatin1Char('@'), 0, 0);
    QVERIFY(openPromotions(*m_dan));
    const auto isSeen = [&] {
        const QList<Deployed> all = m_dan->console().session().deployed().all();
        return std::any_of(all.begin(), all.end(), [&](const Deployed &one) {
            return one.environment == u("staging") && !one.tracks.isEmpty() && one.tracks.first().version == version;
        });
    };
    QTRY_VERIFY_WITH_TIMEOUT(isSeen(), 30'000);
    QVERIFY(m_dan->click("askForPromotion"));
    QTRY_VERIFY(m_dan->dialog("requestDialog") != nullptr);
    const QPointer<QDialog> dialog = m_dan->dialog("requestDialog");
    dialog->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(dialog));
    const auto *summary = dialog->findChild<QLabel *>(u("requestSummary"));
    QTRY_VERIFY2_WITH_TIMEOUT(summary->text().startsWith(version + u(" from staging to production")),
                              qPrintable(summary->text()), 30'000);
    auto *starts = dialog->findChild<QCheckBox *>(u("requestStartsByItself"));
    if (starts->isChecked() != startsByItself)
        clickIn(starts, 8);
    QCOMPARE(starts->isChecked(), startsByItself);
    auto *send = dialog->findChild<QPushButton *>(u("requestSend"));
    auto *hold = dialog->findChild<HoldButton *>(u("requestHold"));
    QTRY_VERIFY2_WITH_TIMEOUT(startsByItself ? !hold->fingerprint().isEmpty() : send->isEnabled(),
                              qPrintable(hold->toolTip()), 30'000);
    if (startsByItself)
        holdIn(hold);
    else
        clickIn(send);
    QTRY_VERIFY_WITH_TIMEOUT(!dialog, 30'000);
    QTRY_COMPARE_WITH_TIMEOUT(m_dan->board().open.size(), qsizetype(1), 30'000);
    m_promotion = m_dan->board().open.first().id;
    QCOMPARE(m_dan->board().open.first().request.version, version);
}

// In the list at the left, by mouse.
bool TestPromotionWindows::choose(Person &person) const
{
    auto *inbox = person.hands().find<QListView>(u("promotionsInbox"));
    for (int i = 0; inbox != nullptr && i < inbox->model()->rowCount(); ++i) {
        const QModelIndex index = inbox->model()->index(i, 0);
        if (index.data(IdRole).toString() == m_promotion)
            return !person.hands().clickCell(inbox, index);
    }
    return false;
}

void TestPromotionWindows::erinApproves()
{
    QVERIFY(openPromotions(*m_erin));
    QTRY_VERIFY_WITH_TIMEOUT(m_erin->board().find(m_promotion) != nullptr, 40'000);
    QTRY_VERIFY(choose(*m_erin));
    // A hold that began before all that is signed for stood there does not count.
    const auto isAllThere = [this] {
        const auto *commits = m_erin->hands().find<QListView>(u("promotionCommits"));
        const auto *cluster = m_erin->hands().find(u("clusterDifference"));
        return commits != nullptr && commits->model()->rowCount() > 0 && cluster != nullptr;
    };
    QTRY_VERIFY_WITH_TIMEOUT(isAllThere(), 30'000);
    QTRY_VERIFY_WITH_TIMEOUT(m_erin->canHold("approveButton"), 30'000);
    QVERIFY(m_erin->click("decisionComment"));
    m_erin->hands().press(Qt::Key_Return); // on to the button
    QTRY_VERIFY(m_erin->button("approveButton")->hasFocus());
    m_erin->hands().hold(Qt::Key_Return);
    // The other console may have begun by then, and what is under way has no quorum to meet any more: the vote stays.
    QTRY_VERIFY2_WITH_TIMEOUT(!m_erin->board().find(m_promotion)->votes.isEmpty(),
                              qPrintable(m_erin->label("decisionText")), 30'000);
    m_erin->hands().letGo();
}

// The requester's open console claims at once; nobody presses anything there.
void TestPromotionWindows::dansConsoleStartsWhatErinApproves()
{
    ask(m_next, true);
    if (QTest::currentTestFailed())
        return;
    QVERIFY(m_dan->comeToFront());
    QTRY_VERIFY2_WITH_TIMEOUT(m_dan->label("decisionText").contains(u("It starts by itself once it may")),
                              qPrintable(m_dan->label("decisionText")), 10'000);
    QCOMPARE(inProduction("{.spec.template.spec.containers[0].image}"), m_old);
    erinApproves();
    if (QTest::currentTestFailed())
        return;
    QTRY_VERIFY_WITH_TIMEOUT(m_dan->state(m_promotion) == policy::PromotionCard::State::Done, 90'000);
    QCOMPARE(inProduction("{.spec.template.spec.containers[0].image}"), m_next);
    const policy::PromotionCard *card = m_dan->board().find(m_promotion);
    QCOMPARE(card->decision.claimant, u("dan"));
    QCOMPARE(card->votes.size(), qsizetype(1));
    QCOMPARE(card->votes.first().who, u("erin"));
    // On the one screen how it went, on the other that it did.
    QTRY_VERIFY2_WITH_TIMEOUT(!m_dan->hands().isDone(), qPrintable(m_dan->hands().boxText()), 10'000);
    m_dan->picture("10-dans-console-started-it");
    QTRY_VERIFY_WITH_TIMEOUT(m_erin->state(m_promotion) == policy::PromotionCard::State::Done, 60'000);
    for (Person *person : {m_dan.get(), m_erin.get()}) {
        QVERIFY(person->comeToFront());
        QTRY_COMPARE(person->badge("promotionState"), u("done"));
        const auto *path = person->hands().find(u("pathGraph"));
        QVERIFY(path != nullptr);
        QTRY_VERIFY2(path->accessibleDescription().startsWith(u("staging: 1.6.0, ok; against the next environment: "
                                                                "same. Approve: 1 of 1, ok. production: 1.6.0")),
                     qPrintable(path->accessibleDescription()));
    }
    QTRY_VERIFY(m_erin->says(u("dan carried it out")));
    m_erin->picture("11-erin-sees-it-done");
}

// While the pods are replaced: the image that was set behind the claim goes back, the claim stays and ends.
void TestPromotionWindows::erinTakesBackWhatIsUnderWay()
{
    const auto slow = m_lab->kubectl({u("patch"), u("deployment/cart"), u("-n"), m_production, u("-p"),
                                      u("{\"spec\":{\"template\":{\"metadata\":{\"annotations\":"
                                        "{\"k8s-lab/behaviour\":\"slow=8\"}}}}}")});
    QVERIFY2(slow.isGood(), slow.err.constData());
    const auto rolledOut =
        m_lab->kubectl({u("rollout"), u("status"), u("deployment/cart"), u("-n"), m_production, u("--timeout=60s")});
    QVERIFY2(rolledOut.isGood(), rolledOut.err.constData());
    ask(m_last, false);
    if (QTest::currentTestFailed())
        return;
    erinApproves();
    if (QTest::currentTestFailed())
        return;
    QTRY_VERIFY2_WITH_TIMEOUT(m_erin->hands().box() != nullptr && !m_erin->hands().canHold(),
                              qPrintable(m_erin->hands().boxText()), 30'000);
    m_erin->picture("12-erin-may-start-it");
    const TourOperator::Doubt doubt = m_erin->hands().holdMouseOn(m_erin->hands().box()->holdButton());
    QVERIFY2(!doubt, qPrintable(doubt.value_or(QString())));
    QTRY_VERIFY2_WITH_TIMEOUT(!m_erin->hands().isUnderWay(), qPrintable(m_erin->hands().boxText()), 10'000);
    m_erin->hands().letGo();
    QTRY_COMPARE_WITH_TIMEOUT(inProduction("{.spec.template.spec.containers[0].image}"), m_last, 20'000);
    QTRY_VERIFY(m_erin->hands().find(u("operationAbandon")) != nullptr);
    m_erin->picture("13-erin-looks-at-it-go");
    QVERIFY(m_erin->click("operationAbandon"));
    QTRY_COMPARE_WITH_TIMEOUT(inProduction("{.spec.template.spec.containers[0].image}"), m_next, 20'000);
    QTRY_VERIFY2_WITH_TIMEOUT(m_erin->state(m_promotion) == policy::PromotionCard::State::Ended,
                              qPrintable(m_erin->hands().boxText()), 90'000);
    QCOMPARE(inProduction("{.spec.template.spec.containers[0].image}"), m_next);
    const policy::PromotionCard *card = m_erin->board().find(m_promotion);
    QCOMPARE(card->decision.claimant, u("erin"));
    QVERIFY(card->outcome && card->outcome->kind == OutcomeKind::Abandoned);
    m_erin->picture("14-erin-took-it-back");
    QTRY_VERIFY_WITH_TIMEOUT(m_dan->state(m_promotion) == policy::PromotionCard::State::Ended, 60'000);
}

// By the keys that the ledger allows, and by nothing of ours.
void TestPromotionWindows::everyEntryIsProvenByPlainGit()
{
    RealGit git(at("ledger.git"));
    writeFile(at("signers"), git.out({u("show"), u("main:allowed_signers")}) + '\n');
    const Ran log =
        runTool(u("git"), {u("-C"), at("ledger.git"), u("-c"), u("gpg.ssh.allowedSignersFile=") + at("signers"),
                           u("log"), u("--reverse"), u("--show-signature"), u("--format=%s"), u("main")});
    QVERIFY2(log.status == 0, qPrintable(log.text()));
    QStringList chain; // who, what
    QString who;
    const QStringList lines = log.text().split(QLatin1Char('\n'), Qt::SkipEmptyParts);
    for (const QString &line : lines) {
        const QString good = u("Good \"git\" signature for ");
        if (line.startsWith(good))
            who = line.mid(good.size()).section(QLatin1Char('@'), 0, 0);
        else
            chain << std::exchange(who, u("nobody")) + u(": ") + line;
    }
    const QString all = chain.join(QLatin1Char('\n'));
    QVERIFY2(!all.contains(u("nobody: ")), qPrintable(all));
    const auto place = [&chain](const char *start) {
        for (qsizetype i = 0; i < chain.size(); ++i) {
            if (chain.at(i).startsWith(u(start)))
                return int(i);
        }
        return -1;
    };
    const int asked = place("dan: promote cart in production");
    const int approved = place("erin: approve cart in production");
    const int claimed = place("erin: claim cart in production");
    const int ended = place("erin: promoted, done, cart in production");
    QVERIFY2(asked >= 0 && asked < approved && approved < claimed && claimed < ended, qPrintable(all));
    const int startedByItself = place("dan: claim cart in production");
    const int endedByItself = place("dan: promoted, done, cart in production");
    const int takenBack = place("erin: promoted, abandoned, cart in production");
    QVERIFY2(ended < startedByItself && startedByItself < endedByItself && endedByItself < takenBack, qPrintable(all));
    const auto ours = ledger::verifyChain(at("ledger.git"), {}, {});
    QVERIFY(ours && ours->isWhole());
}

int main(int argc, char *argv[])
{
    QApplication application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("signalbox"));
    TestPromotionWindows test;
    return QTest::qExec(&test, argc, argv);
}
#include "test_promotionwindows.moc"
