// Another process of ours, for the tests of locks and crashes: runs one operation on the folder given and says on
// standard output how far it is. usage: operation_helper FOLDER forward|back observe|call|finish
//   observe: the effect is never seen; call: the first call never has an answer; finish: everything succeeds

#include "tests/unit/services/operations/operationworld.h"

#include <QCoreApplication>

#include <cstdio>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

void say(const QString &line)
{
    std::printf("%s\n", qPrintable(line));
    std::fflush(stdout);
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    if (argc != 4)
        return 2;
    const QString behaviour = QString::fromLocal8Bit(argv[3]);
    FakeStepRunner runner;
    runner.holdsExecute = behaviour == QLatin1String("call");
    if (behaviour == QLatin1String("observe"))
        runner.observations = {pending(QStringLiteral("0 of 3 pods ready"))};
    OperationCenter::Settings settings;
    settings.dataFolder = QString::fromLocal8Bit(argv[1]);
    OperationCenter center([&runner](const QString &) { return OperationPorts{&runner, nullptr}; }, settings);

    Plan plan =
        planOf(2, QString::fromLocal8Bit(argv[2]) == QLatin1String("back") ? Direction::Back : Direction::Forward);
    plan.plannedAt = QDateTime::currentDateTimeUtc();
    plan.steps[0].dwell = std::chrono::seconds(0);
    Operation *operation = *center.create(plan);
    QObject::connect(
        operation, &Operation::stateChanged, operation,
        [operation](OperationState state) {
            say(operationStateName(state));
            if (state == OperationState::AwaitingConfirmation)
                operation->confirm(operation->plan().fingerprint());
        },
        Qt::QueuedConnection);
    QObject::connect(operation, &Operation::finished, operation, [](const Outcome &outcome) {
        say(outcomeKindName(outcome.kind) + QLatin1String(": ") + outcome.message);
    });
    QObject::connect(
        &center, &OperationCenter::idle, &app,
        [operation] {
            if (operation->isFinished())
                QCoreApplication::quit();
        },
        Qt::QueuedConnection);
    operation->start();
    return app.exec();
}
