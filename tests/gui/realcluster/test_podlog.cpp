// The log of a pod in the real window, from a real API server: which container, what is new, what was before.
#include "app/console/console.h"
#include "app/console/tour/operator.h"
#include "services/feeds/clusterset.h"
#include "tests/support/lab.h"
#include "ui/pages/cluster/podpanel.h"
#include "ui/shell/mainwindow.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/logview.h"

#include <QCheckBox>
#include <QLabel>
#include <QListView>
#include <QMenu>
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

// A Deployment of one pod with the containers web and envoy.
QByteArray twoContainers(const QByteArray &name, const QByteArray &tag)
{
    return "apiVersion: apps/v1\n"
           "kind: Deployment\n"
           "metadata: {name: " +
           name +
           "}\n"
           "spec:\n"
           "  replicas: 1\n"
           "  selector: {matchLabels: {app: " +
           name +
           "}}\n"
           "  template:\n"
           "    metadata: {labels: {app: " +
           name +
           "}}\n"
           "    spec:\n"
           "      containers:\n"
           "        - {name: web, image: \"registry.example/" +
           name + ":" + tag +
           "\"}\n"
           "        - {name: envoy, image: \"registry.example/envoy:1.0\"}\n";
}

} // namespace

class TestPodLog : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase();
    void cleanupTestCase();
    void theSecondContainerIsChosenAndFollowed();
    void whatIsNotThereIsSaidUntilItIsAskedForNoMore();
    void theRunBeforeIsOfTheContainerChosen();

private:
    QString podOf(const char *deployment) const; // its name; empty: not there yet
    void open(const QString &pod);
    void chooseContainer(const QString &name);
    void tick(const char *box);
    LogView *log() const { return m_hands->find<LogView>(text("podLog")); }
    QString newest() const { return log()->lineCount() > 0 ? log()->lineText(log()->lineCount() - 1) : QString(); }
    bool isAllOf(const QString &container) const;
    QString trouble() const
    {
        const auto *label = m_hands->find<QLabel>(text("podTrouble"));
        return label ? label->text() : QString();
    }

    std::unique_ptr<LabCluster> m_lab;
    QTemporaryDir m_folder;
    QString m_ns;
    std::unique_ptr<Console> m_console;
    std::unique_ptr<TourOperator> m_hands;
};

void TestPodLog::initTestCase()
{
    QString error;
    m_lab = LabCluster::shared(&error);
    QVERIFY2(m_lab, qPrintable(error));
    m_ns = m_lab->makeNamespace(text("podlog"));
    QVERIFY(!m_ns.isEmpty());
    QVERIFY(m_lab->apply(twoContainers("meshed", "1.0") + "---\n" + twoContainers("restless", "crash"), m_ns).isGood());
    QVERIFY(m_lab
                ->kubectl({text("rollout"), text("status"), text("deployment/meshed"), text("-n"), m_ns,
                           text("--timeout=60s")})
                .isGood());
    qputenv("SIGNALBOX_DATA", m_folder.path().toUtf8());
    SourceOptions sources;
    sources.kubeconfig = m_lab->kubeconfig();
    sources.context = text("lab-cert");
    m_console = std::make_unique<Console>(*qApp, sources, m_folder.filePath(text("console.ini")));
    m_console->window().resize(1440, 900);
    m_console->show();
    m_console->window().activateWindow();
    m_hands = std::make_unique<TourOperator>(m_console->window());
    QVERIFY(QTest::qWaitForWindowActive(&m_console->window()));
    QTRY_VERIFY_WITH_TIMEOUT(!podOf("meshed").isEmpty() && !podOf("restless").isEmpty(), 60'000);
}

void TestPodLog::cleanupTestCase()
{
    m_hands.reset();
    m_console.reset();
    m_lab.reset();
}

// As the console knows it.
QString TestPodLog::podOf(const char *deployment) const
{
    for (const auto &cluster : m_console->session().clusters().all()) {
        for (const Pod &pod : cluster->store->pods()) {
            if (pod.ref.ns == m_ns && pod.ref.name.startsWith(text(deployment)))
                return pod.ref.name;
        }
    }
    return {};
}

// By the palette.
void TestPodLog::open(const QString &pod)
{
    // Off screen a menu that closes leaves no window active.
    m_console->window().activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&m_console->window()));
    m_hands->press(Qt::Key_K, Qt::ControlModifier);
    QTRY_VERIFY(m_hands->find<QListView>(text("paletteList")) != nullptr);
    m_hands->type(pod);
    QTRY_COMPARE(m_hands->find<QListView>(text("paletteList"))->currentIndex().data().toString(), pod);
    m_hands->press(Qt::Key_Return);
    QTRY_VERIFY(!m_hands->isOnPage(text("cluster")));
    QTRY_COMPARE(m_hands->find<PodPanel>(text("podPanel"))->title(), pod);
}

void TestPodLog::chooseContainer(const QString &name)
{
    auto *chip = m_hands->find<ChipButton>(text("podContainer"));
    QVERIFY(chip);
    const auto doubt = m_hands->click(chip);
    QVERIFY2(!doubt, qPrintable(doubt.value_or(QString())));
    QTRY_VERIFY(qobject_cast<QMenu *>(QApplication::activePopupWidget()));
    auto *menu = qobject_cast<QMenu *>(QApplication::activePopupWidget());
    QStringList offered;
    for (const QAction *action : menu->actions())
        offered << action->text();
    QCOMPARE(offered, (QStringList{text("web"), text("envoy")}));
    for (qsizetype down = 0; down <= offered.indexOf(name); ++down)
        QTest::keyClick(menu, Qt::Key_Down);
    QTest::keyClick(menu, Qt::Key_Return);
    QTRY_COMPARE(chip->text(), name);
}

void TestPodLog::tick(const char *box)
{
    const auto doubt = m_hands->click(text(box));
    QVERIFY2(!doubt, qPrintable(doubt.value_or(QString())));
}

// The lab's nodes write "NAMESPACE/POD CONTAINER: ..." into every line.
bool TestPodLog::isAllOf(const QString &container) const
{
    for (int i = 0; i < log()->lineCount(); ++i) {
        if (!log()->lineText(i).contains(QStringLiteral(" %1: ").arg(container)))
            return false;
    }
    return log()->lineCount() > 0;
}

void TestPodLog::theSecondContainerIsChosenAndFollowed()
{
    open(podOf("meshed"));
    QTRY_VERIFY_WITH_TIMEOUT(log()->lineCount() >= 200, 20'000);
    QVERIFY2(isAllOf(text("web")), qPrintable(newest()));

    chooseContainer(text("envoy"));
    QTRY_VERIFY2_WITH_TIMEOUT(log()->lineCount() >= 200, qPrintable(trouble()), 20'000);
    QVERIFY2(isAllOf(text("envoy")), qPrintable(newest()));
    QVERIFY(trouble().isEmpty());

    // It follows: what comes is shown, at the end of what is seen.
    const int before = log()->lineCount();
    QTRY_VERIFY2_WITH_TIMEOUT(log()->lineCount() >= before + 4, qPrintable(newest()), 20'000);
    QVERIFY2(isAllOf(text("envoy")), qPrintable(newest()));
    QVERIFY(log()->follows());
    QVERIFY(log()->firstVisibleLine() > 0);

    chooseContainer(text("web"));
    QTRY_VERIFY2_WITH_TIMEOUT(log()->lineCount() >= 200, qPrintable(trouble()), 20'000);
    QVERIFY2(isAllOf(text("web")), qPrintable(newest()));
}

// Another pod begins with its first container again; nothing has ended in it, which the kubelet says.
void TestPodLog::whatIsNotThereIsSaidUntilItIsAskedForNoMore()
{
    open(podOf("meshed"));
    chooseContainer(text("envoy"));
    QTRY_VERIFY_WITH_TIMEOUT(isAllOf(text("envoy")), 20'000);
    tick("podPrevious");
    QTRY_VERIFY2_WITH_TIMEOUT(trouble().contains(text("previous terminated container \"envoy\"")),
                              qPrintable(trouble()), 20'000);
    QCOMPARE(log()->lineCount(), 0);
    tick("podPrevious");
    QTRY_VERIFY_WITH_TIMEOUT(log()->lineCount() >= 200, 20'000);
    QVERIFY2(isAllOf(text("envoy")), qPrintable(newest()));
    QVERIFY2(trouble().isEmpty(), qPrintable(trouble()));
}

void TestPodLog::theRunBeforeIsOfTheContainerChosen()
{
    // Ticked by itself once the pod fails; else here.
    QTRY_VERIFY_WITH_TIMEOUT(
        m_lab->kubectl({text("get"), text("pods"), text("-n"), m_ns, text("-l"), text("app=restless")})
            .out.contains("CrashLoopBackOff"),
        60'000);
    const auto isKnown = [this] {
        for (const auto &cluster : m_console->session().clusters().all()) {
            for (const Pod &pod : cluster->store->pods()) {
                if (pod.ref.name == podOf("restless"))
                    return pod.restarts > 0 && pod.health == Health::Failing;
            }
        }
        return false;
    };
    QTRY_VERIFY_WITH_TIMEOUT(isKnown(), 60'000);
    open(podOf("restless"));
    auto *previous = m_hands->find<QCheckBox>(text("podPrevious"));
    QVERIFY(previous && previous->isChecked()); // of a pod that crashes its end is looked for
    QTRY_VERIFY_WITH_TIMEOUT(newest().contains(text(" web: panic: no route to the database")), 20'000);
    chooseContainer(text("envoy"));
    QVERIFY(previous->isChecked());
    QTRY_VERIFY_WITH_TIMEOUT(newest().contains(text(" envoy: panic: no route to the database")), 20'000);
    QVERIFY2(isAllOf(text("envoy")), qPrintable(newest()));
}

QTEST_MAIN(TestPodLog)
#include "test_podlog.moc"
