// From the end of a hold on the button to the request that a server on this machine has read: the window's own button,
// session, operation, journal and client. DESIGN 10: 5 ms.
#include "services/adapters/kubernetes/kubeclient.h"
#include "services/adapters/kubernetes/steprunner.h"
#include "services/async/deliver.h"
#include "services/operations/operation.h"
#include "services/operations/operationcenter.h"
#include "tests/bench/limits.h"
#include "tests/bench/processuse.h"
#include "tests/support/faultserver.h"
#include "ui/dialogs/prompter.h"
#include "ui/pages/operation/holdbinding.h"
#include "ui/pages/operation/plansession.h"
#include "ui/shell/consolesettings.h"
#include "ui/theme/theme.h"
#include "ui/widgets/holdbutton.h"

#include <QApplication>
#include <QEventLoop>
#include <QLoggingCategory>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>
#include <QVBoxLayout>

#include <algorithm>
#include <atomic>
#include <cstdio>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

constexpr int rounds = 40;
constexpr double limitMs = 5;

struct Figures
{
    std::vector<double> ms;
    void print(const char *what, double limit)
    {
        std::sort(ms.begin(), ms.end());
        const double median = ms[ms.size() / 2];
        std::printf("  %-52s %6.2f ms median %6.2f ms worst", what, median, ms.back());
        if (limit > 0)
            std::printf("   limit %.0f ms  %s", limit, verdict(median <= limit));
        std::printf("\n");
    }
};

Plan planOf(int round)
{
    PlanStep step;
    step.id = QStringLiteral("1");
    step.title = QStringLiteral("Back to 1.0");
    step.call = {QStringLiteral("lab"), QStringLiteral("PATCH"),
                 QStringLiteral("/apis/apps/v1/namespaces/shop/deployments/web"),
                 QStringLiteral("application/json-patch+json"), QByteArray(16 * 1024, ' ') + "[]"};
    Plan plan;
    plan.id = QStringLiteral("bench-%1").arg(round);
    plan.direction = Direction::Back;
    plan.application = QStringLiteral("web%1").arg(round);
    plan.environment = plan.ns = QStringLiteral("shop");
    plan.connection = QStringLiteral("lab");
    plan.from = QStringLiteral("2.0");
    plan.to = QStringLiteral("1.0");
    plan.steps = {step};
    plan.plannedAt = QDateTime::currentDateTimeUtc();
    return plan;
}

class Bench
{
public:
    Bench()
        : m_server([this](Exchange &exchange) {
            if (exchange.method == "PATCH" && !exchange.target.contains("dryRun"))
                m_arrivedNs = steadyNs();
            exchange.answer(200, "{}", {{"Content-Type", "application/json"}});
        })
        , m_runner(std::make_shared<kubernetes::KubeClient>(m_http, m_server.endpoint()))
        , m_center(
              [this](const QString &) {
                  return std::optional(OperationPorts{&m_runner, nullptr});
              },
              {m_folder.path(), {}, nullptr})
        , m_settings(m_folder.filePath(QStringLiteral("console.ini")))
    {}

    bool run()
    {
        for (int round = 0; round < rounds; ++round) {
            if (!hold(round))
                return false;
        }
        std::printf("bench_hold: a rollback of 16 KiB, %d holds of the button\n", rounds);
        m_fromEnd.print("the time of the hold is over, to request read", limitMs);
        m_fromSignal.print("of that: the button acts, to request read", 0);
        return true;
    }

private:
    bool hold(int round)
    {
        QWidget window;
        QVBoxLayout layout(&window);
        auto *button = new HoldButton(QStringLiteral("Roll back"), ToneName::Failing, &window);
        layout.addWidget(button);
        PlanSession session(m_center);
        qint64 actedNs = 0;
        // Before the binding, which sends the call.
        QObject::connect(button, &HoldButton::held, &window, [&] { actedNs = steadyNs(); });
        new HoldBinding(button, session, m_prompter, m_settings);
        window.show();
        window.activateWindow();
        button->setFocus();
        session.plan([round](const StopToken &) { return ready(Result<Plan>(planOf(round))); });
        if (!QTest::qWaitFor([&] { return session.awaitsConfirmation() && button->hasFocus(); }, 10'000))
            return failed("no plan stood still");
        QTest::qWait(50);
        const std::chrono::nanoseconds length = session.operation()->confirmation(true).hold;
        m_arrivedNs = 0;
        const qint64 overNs = steadyNs() + length.count();
        QTest::keyPress(button, Qt::Key_Return, Qt::NoModifier, 0);
        const bool isRead = waitForRequest();
        QTest::keyRelease(button, Qt::Key_Return);
        if (!isRead || actedNs == 0)
            return failed("no request came");
        if (round > 0) { // the first one connects
            m_fromEnd.ms.push_back(double(m_arrivedNs - overNs) / 1e6);
            m_fromSignal.ms.push_back(double(m_arrivedNs - actedNs) / 1e6);
        }
        if (Operation *operation = session.operation())
            operation->cancel();
        return true;
    }

    // With the event loop running as the window's does: QTest's own waiting sleeps in between.
    bool waitForRequest()
    {
        QEventLoop loop;
        QTimer look;
        QObject::connect(&look, &QTimer::timeout, &loop, [&] {
            if (m_arrivedNs != 0)
                loop.quit();
        });
        look.start(20);
        QTimer::singleShot(5000, &loop, &QEventLoop::quit);
        loop.exec();
        return m_arrivedNs != 0;
    }

    static bool failed(const char *why)
    {
        std::fprintf(stderr, "bench_hold: %s\n", why);
        return false;
    }

    QTemporaryDir m_folder;
    std::atomic<qint64> m_arrivedNs{0};
    FaultServer m_server;
    HttpClient m_http;
    kubernetes::KubernetesStepRunner m_runner;
    OperationCenter m_center;
    ConsoleSettings m_settings;
    DialogPrompter m_prompter;
    Figures m_fromEnd;
    Figures m_fromSignal;
};

} // namespace

int main(int argc, char **argv)
{
    QLoggingCategory::setFilterRules(QStringLiteral("*.debug=false\n*.info=false"));
    QApplication application(argc, argv);
    const Theme theme(application);
    return Bench().run() ? 0 : 1;
}
