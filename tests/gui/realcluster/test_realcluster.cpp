// The first start with a kubeconfig of several contexts, and a network cable that is pulled: the real window with its
// real services, on a control plane and a Prometheus of this test's own.
#include "app/console/console.h"
#include "app/console/tour/operator.h"
#include "models/stores/deployedstore.h"
#include "services/feeds/clusterset.h"
#include "tests/support/lab.h"
#include "tests/support/labprometheus.h"
#include "ui/shell/mainwindow.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/tableview.h"

#include <QCheckBox>
#include <QFile>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QTcpServer>
#include <QTemporaryDir>
#include <QTest>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

QString text(const char *words)
{
    return QString::fromUtf8(words);
}

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

bool writeTo(const QString &path, const QByteArray &content)
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly | QIODevice::Truncate) && file.write(content) == content.size();
}

// Of the page that is shown: the panels that have something to show, those that are greyed, and since when.
struct Seen
{
    int panels = 0;
    int stale = 0;
    int failed = 0;
    QStringList said;   // since when
    QStringList states; // "TITLE 0": Panel::State
};

Seen look(const MainWindow &window)
{
    Seen seen;
    for (const Panel *panel : window.currentPage()->findChildren<Panel *>()) {
        if (!panel->isVisible())
            continue;
        seen.states << QStringLiteral("%1 %2").arg(panel->title()).arg(static_cast<int>(panel->state()));
        seen.panels += panel->state() == Panel::State::Content ? 1 : 0;
        seen.failed += panel->state() == Panel::State::Error ? 1 : 0;
        seen.stale += panel->isStale() ? 1 : 0;
    }
    for (const QLabel *label : window.currentPage()->findChildren<QLabel *>()) {
        if (label->isVisible() && label->text().contains(text("last heard")))
            seen.said << label->text();
    }
    return seen;
}

} // namespace

class TestRealCluster : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase();
    void cleanupTestCase();
    void cleanup();
    void theFirstPageTestsRealContexts();
    void whatIsStaleSaysSinceWhen();

private:
    void open(const SourceOptions &sources);
    MainWindow &window() { return m_console->window(); }
    QString said(const char *label)
    {
        const auto *found = window().findChild<QLabel *>(text(label));
        return found == nullptr ? QString() : found->text();
    }
    void press(const char *button)
    {
        auto *found = window().findChild<QPushButton *>(text(button));
        QVERIFY2(found && found->isVisible() && found->isEnabled(), button);
        found->setFocus();
        QTest::keyClick(found, Qt::Key_Space);
    }
    QString keyOfCart() const
    {
        for (const Deployed &one : m_console->session().deployed().all()) {
            if (one.application == text("cart") && one.ns == text("shop"))
                return one.key();
        }
        return {};
    }
    void go(const QString &page)
    {
        NavigationTarget target;
        target.page = page;
        target.deployedKey = keyOfCart();
        window().go(target);
    }
    // Something is shown, nothing of it is stale, nothing is being read.
    bool isLive() const
    {
        const Seen seen = look(m_console->window());
        return seen.panels > 0 && seen.stale == 0 && seen.failed == 0 && !m_hands->isAnyPanelLoading();
    }

    std::unique_ptr<LabCluster> m_lab;
    std::unique_ptr<LabPrometheus> m_prometheus;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Console> m_console;
    std::unique_ptr<TourOperator> m_hands;
};

void TestRealCluster::initTestCase()
{
    QString error;
    m_lab = LabCluster::own({text("--nodes"), text("2")}, &error);
    QVERIFY2(m_lab, qPrintable(error));
    LabPrometheus::Options options;
    m_prometheus = LabPrometheus::start(options, &error);
    QVERIFY2(m_prometheus, qPrintable(error));
    QVERIFY(m_prometheus->setLoad(text("blue"), 20) && m_prometheus->setLoad(text("green"), 5));
    QVERIFY(m_lab->kubectl({text("create"), text("namespace"), options.ns}).isGood());
    const auto objects = runProgram(text(SIGNALBOX_ROUTED), {options.application});
    QVERIFY(objects.isGood());
    const auto made = m_lab->apply(objects.out, options.ns);
    QVERIFY2(made.isGood(), made.err);
    for (const char *track : {"blue", "green"})
        QVERIFY(m_lab
                    ->kubectl({text("rollout"), text("status"), text("deployment"), text("cart-") + text(track),
                               text("-n"), options.ns, text("--timeout=60s")})
                    .isGood());
    // A second version, so that there is one to go back to.
    QVERIFY(m_lab
                ->kubectl({text("set"), text("image"), text("deployment/cart-blue"),
                           text("web=registry.example/cart:1.4.1"), text("-n"), options.ns})
                .isGood());
}

void TestRealCluster::cleanup()
{
    m_hands.reset();
    m_console.reset();
}

void TestRealCluster::cleanupTestCase()
{
    m_prometheus.reset();
    m_lab.reset();
}

void TestRealCluster::open(const SourceOptions &sources)
{
    m_folder = std::make_unique<QTemporaryDir>();
    qputenv("SIGNALBOX_DATA", m_folder->path().toUtf8());
    m_console = std::make_unique<Console>(*qApp, sources, m_folder->filePath(text("console.ini")));
    window().resize(1440, 900);
    m_console->show();
    window().activateWindow();
    m_hands = std::make_unique<TourOperator>(window());
    QVERIFY(QTest::qWaitForWindowActive(&window()));
}

void TestRealCluster::theFirstPageTestsRealContexts()
{
    // The lab's contexts, none of them the current one; one whose server is gone, and one that takes the call and says
    // nothing.
    QByteArray many = contentOf(m_lab->kubeconfig());
    many.replace("current-context: lab-cert\n", "");
    const QString manyFile = m_lab->directory() + text("/kubeconfig-many"); // its files are named relative to it
    QVERIFY(writeTo(manyFile, many));
    QTcpServer silent;
    QVERIFY(silent.listen(QHostAddress::LocalHost));
    const QByteArray gonePort = QByteArray::number(freePorts());
    const auto cluster = [](const QByteArray &name, const QByteArray &port) {
        return "- {name: " + name + ", cluster: {server: \"https://127.0.0.1:" + port + "\"}}\n";
    };
    QTemporaryDir more;
    const QString extraFile = more.filePath(text("extra"));
    QVERIFY(writeTo(extraFile, "apiVersion: v1\nkind: Config\nclusters:\n" + cluster("gone", gonePort) +
                                   cluster("silent", QByteArray::number(silent.serverPort())) +
                                   "users:\n- {name: somebody, user: {token: t}}\ncontexts:\n"
                                   "- {name: gone, context: {cluster: gone, user: somebody}}\n"
                                   "- {name: silent, context: {cluster: silent, user: somebody}}\n"));
    qputenv("KUBECONFIG", (manyFile + QLatin1Char(':') + extraFile).toUtf8());
    open({});

    const auto *progress = window().findChild<QProgressBar *>(text("contextsProgress"));
    QVERIFY(progress);
    // Those that answer are told apart by what they may, and the one that is gone says where nobody answered.
    QTRY_VERIFY2_WITH_TIMEOUT(said("contextText-lab-cert").contains(text("may roll back")),
                              qPrintable(said("contextText-lab-cert")), 30'000);
    QTRY_VERIFY2_WITH_TIMEOUT(said("contextText-lab-readonly").contains(text("may not change Deployments")),
                              qPrintable(said("contextText-lab-readonly")), 30'000);
    QTRY_VERIFY2_WITH_TIMEOUT(said("contextText-lab-team-a").contains(text("namespace team-a")),
                              qPrintable(said("contextText-lab-team-a")), 30'000);
    QTRY_VERIFY2_WITH_TIMEOUT(said("contextText-gone").contains(QString::fromLatin1(gonePort)),
                              qPrintable(said("contextText-gone")), 30'000);
    QVERIFY2(said("contextText-lab-cert").contains(text("v1.")), qPrintable(said("contextText-lab-cert")));
    // A program that hands out credentials is not run unasked.
    QVERIFY2(said("contextText-lab-exec").contains(text("only when you choose it")),
             qPrintable(said("contextText-lab-exec")));
    // One is still being tested, and that is told.
    QTRY_VERIFY_WITH_TIMEOUT(silent.hasPendingConnections(), 10'000);
    QVERIFY(progress->isVisible() && progress->value() > 0 && progress->value() < progress->maximum());
    QVERIFY2(said("contextsSummary").contains(text("of 9 tested")), qPrintable(said("contextsSummary")));
    press("welcomeStop");
    QTRY_VERIFY(!progress->isVisible());
    QVERIFY2(said("contextText-silent").contains(text("not tested")), qPrintable(said("contextText-silent")));
    QVERIFY2(said("contextsSummary").contains(text("9 found")), qPrintable(said("contextsSummary")));

    // What is chosen is there.
    auto *choice = window().findChild<QCheckBox *>(text("context-lab-cert"));
    QVERIFY(choice && choice->isEnabled());
    choice->setFocus();
    QTest::keyClick(choice, Qt::Key_Space);
    QVERIFY(choice->isChecked());
    press("welcomeAdd");
    QTRY_VERIFY_WITH_TIMEOUT(!keyOfCart().isEmpty(), 30'000);
    QTRY_VERIFY_WITH_TIMEOUT(m_hands->find(text("releasesTable")) != nullptr, 10'000);
}

void TestRealCluster::whatIsStaleSaysSinceWhen()
{
    qputenv("KUBECONFIG", "/nonexistent/config");
    SourceOptions sources;
    sources.kubeconfig = m_lab->kubeconfig();
    sources.context = text("lab-cert");
    sources.prometheus = m_prometheus->url().toString();
    open(sources);
    QTRY_VERIFY_WITH_TIMEOUT(!keyOfCart().isEmpty(), 30'000);
    const QStringList pages{text("overview"), text("traffic"), text("rollback"), text("cluster"), text("metrics")};
    for (const QString &page : pages) {
        go(page);
        QTRY_VERIFY2_WITH_TIMEOUT(
            isLive(), qPrintable(page + text(": ") + (look(window()).said + look(window()).states).join(text(", "))),
            60'000);
    }
    go(text("rollback"));
    QTRY_VERIFY2_WITH_TIMEOUT(!m_hands->canHold(), qPrintable(m_hands->boxText()), 30'000); // it could be done

    QVERIFY(m_lab->killServer());
    QVERIFY(m_prometheus->kill());
    for (const QString &page : pages) {
        go(page);
        QTRY_VERIFY2_WITH_TIMEOUT(look(window()).stale > 0, qPrintable(page), 60'000);
        QTRY_VERIFY2(!look(window()).said.isEmpty(), qPrintable(page));
    }
    // No other share can be ordered on what was; going back stays offered, beside the word that the list is stale.
    go(text("traffic"));
    m_hands->press(Qt::Key_Left);
    QTRY_VERIFY_WITH_TIMEOUT(m_hands->canHold(), 60'000);
    QTRY_VERIFY2_WITH_TIMEOUT(m_hands->boxText().contains(QString::number(m_lab->port())),
                              qPrintable(m_hands->boxText()), 60'000);

    QString error;
    QVERIFY2(m_lab->restart(&error), qPrintable(error));
    QVERIFY2(m_prometheus->restart(&error), qPrintable(error));
    for (const QString &page : pages) {
        go(page);
        QTRY_VERIFY2_WITH_TIMEOUT(
            isLive(), qPrintable(page + text(": ") + (look(window()).said + look(window()).states).join(text(", "))),
            120'000);
    }
}

QTEST_MAIN(TestRealCluster)
#include "test_realcluster.moc"
