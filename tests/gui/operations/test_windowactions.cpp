// Scale, pause, resume and restart as somebody at the console does them: the real window and its real services on the
// practice world, by keyboard alone, until the cluster shows it.
#include "app/console/tour/inputevents.h"
#include "models/stores/clusterstore.h"
#include "services/feeds/clusterset.h"
#include "tests/support/realconsole.h"
#include "tests/support/stays.h"
#include "ui/pages/operation/actiondialog.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/holdbutton.h"

#include <QLabel>
#include <QPointer>
#include <QPushButton>
#include <QSet>
#include <QSpinBox>
#include <QWindow>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

const QString workloadName = QStringLiteral("recommender-green"); // 20 pods in production, without traffic

} // namespace

class TestWindowActions : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase() { QVERIFY(m_real.open()); }

    void isDoneFromTheWindow_data()
    {
        QTest::addColumn<QString>("command");
        QTest::addColumn<QString>("typed"); // into the number
        QTest::addColumn<int>("hold");      // ms: a pause goes back, the others forward
        QTest::addColumn<std::function<bool(const Workload &)>>("isSeen");
        const auto row = [](const char *name, const char *typed, int hold,
                            std::function<bool(const Workload &)> isSeen) {
            QTest::newRow(name) << QStringLiteral("%1 %2").arg(QString::fromLatin1(name), workloadName)
                                << QString::fromLatin1(typed) << hold << std::move(isSeen);
        };
        row("Scale", "4", 800, [](const Workload &workload) { return workload.desired == 4 && workload.ready == 4; });
        row("Pause", "", 400, [](const Workload &workload) { return workload.isPaused; });
        row("Resume", "", 800, [](const Workload &workload) { return !workload.isPaused; });
        row("Restart", "", 800, [](const Workload &workload) {
            return workload.updated == 4 && workload.ready == 4 && workload.current == 4;
        });
    }
    void isDoneFromTheWindow()
    {
        QFETCH(QString, command);
        QFETCH(QString, typed);
        QFETCH(int, hold);
        QFETCH(std::function<bool(const Workload &)>, isSeen);
        const QSet<QString> before = pods();
        QVERIFY(m_real.choose(command, QStringLiteral("production")));
        QTRY_VERIFY(dialog() != nullptr);
        const QPointer<ActionDialog> asked = dialog();
        asked->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(asked));
        if (!typed.isEmpty()) {
            QVERIFY(tabTo(asked->findChild<QSpinBox *>(QStringLiteral("replicas"))));
            asked->findChild<QSpinBox *>(QStringLiteral("replicas"))->selectAll();
            press(Qt::Key_0 + typed.toInt(), typed);
        }
        auto *button = asked->findChild<HoldButton *>(QStringLiteral("holdButton"));
        QTRY_VERIFY_WITH_TIMEOUT(button->isVisible() && !button->fingerprint().isEmpty(), 20'000);
        QVERIFY2(typed.isEmpty() || button->text().contains(typed), qPrintable(button->text()));
        QVERIFY(tabTo(button));
        input::key(*asked->windowHandle(), input::Key::Press, Qt::Key_Return);
        QVERIFY(stays([button] { return button->isVisible(); }, std::chrono::milliseconds(hold / 2))); // not yet
        QTRY_VERIFY_WITH_TIMEOUT(!button->isVisible(), 10'000);
        input::key(*asked->windowHandle(), input::Key::Release, Qt::Key_Return);

        auto *close = asked->findChild<QPushButton *>(QStringLiteral("operationDismiss"));
        QTRY_VERIFY2_WITH_TIMEOUT(close->isVisible(), qPrintable(text(*asked)), 90'000);
        const auto *sign = asked->findChild<QWidget *>(QStringLiteral("operationBox"))->findChild<StateSign *>();
        QVERIFY2(sign->health() == Health::Ok, qPrintable(text(*asked)));
        QTRY_VERIFY_WITH_TIMEOUT(isSeen(workload()), 20'000);
        const bool restarts = command.startsWith(QLatin1String("Restart"));
        QTRY_COMPARE_WITH_TIMEOUT(!pods().intersects(before), restarts, 20'000); // other pods, or some of the same
        QVERIFY(tabTo(close));
        press(Qt::Key_Return);
        QTRY_VERIFY(!asked);
        m_real.console().window().activateWindow(); // a window manager would: this platform has none
        QTRY_VERIFY(!m_real.hands().isFront());     // no doubt
    }

private:
    ActionDialog *dialog() { return m_real.console().window().findChild<ActionDialog *>(); }
    static QString text(const ActionDialog &of)
    {
        const auto *label = of.findChild<QLabel *>(QStringLiteral("operationText"));
        return label == nullptr ? QString() : label->text();
    }
    Workload workload()
    {
        for (const auto &cluster : m_real.console().session().clusters().all()) {
            for (const Workload &one : cluster->store->workloads()) {
                if (one.ref.name == workloadName && one.ref.ns == QLatin1String("production"))
                    return one;
            }
        }
        return {};
    }
    QSet<QString> pods()
    {
        QSet<QString> uids;
        for (const auto &cluster : m_real.console().session().clusters().all()) {
            for (const Pod &one : cluster->store->pods()) {
                if (one.ref.name.startsWith(workloadName) && one.ref.ns == QLatin1String("production"))
                    uids.insert(one.ref.uid);
            }
        }
        return uids;
    }
    void press(int key, const QString &letters = {})
    {
        QWindow &window = *dialog()->windowHandle();
        input::key(window, input::Key::Press, key, {}, letters);
        input::key(window, input::Key::Release, key, {}, letters);
    }
    bool tabTo(QWidget *wanted)
    {
        for (int i = 0; i < 25 && wanted != nullptr && !wanted->hasFocus(); ++i) {
            press(Qt::Key_Tab, QStringLiteral("\t"));
            QTest::qWait(20);
        }
        return wanted != nullptr && wanted->hasFocus();
    }

    RealConsole m_real;
};

QTEST_MAIN(TestWindowActions)
#include "test_windowactions.moc"
