#pragma once

#include "app/commands/patience.h"
#include "models/pipelines/gate.h"
#include "services/pipelines/pipelineset.h"
#include "services/workspace/workspace.h"

#include <QFuture>
#include <QObject>

#include <optional>

// Gates of vendors at which runs wait: asking for them, and finding the one that is meant.
namespace signalbox::commands
{

struct FoundGate
{
    WaitingGate gate;
    QString application; // what its pipeline builds; the project where nothing says so
    bool isMapped = true;
};
// What people name it by: "github/123-456".
QString gateName(const WaitingGate &gate);
bool isGateName(const QString &text); // no promotion's id is

// What the servers answered, the oldest first; those that did not are in `problems`.
struct FoundGates
{
    QList<FoundGate> gates;
    QList<std::pair<QString, Error>> problems; // connection, why
};

// Asks every server that has gates, once. Never an error by itself.
QFuture<Result<FoundGates>> findGates(QObject *context, PipelineSet &servers, const std::optional<Workspace> &workspace,
                                      const Patience &patience, const StopToken &stop);
// NotFound when it waits nowhere; it names those that do.
Result<FoundGate> gateNamed(const FoundGates &found, const QString &name);
// As gateNamed, and one that is asked for by its name alone since it holds nothing up.
QFuture<Result<FoundGate>> findGate(QObject *context, PipelineSet &servers, const std::optional<Workspace> &workspace,
                                    const FoundGates &found, const QString &name, const StopToken &stop);
// Parameters that are not the gate's, lack, or have no such choice: Invalid, with what there is.
Result<void> checkParameters(const WaitingGate &gate, const QMap<QString, QString> &given);

} // namespace signalbox::commands
