#include "models/policy/gatecarrier.h"

namespace signalbox
{

bool isSameEnvironment(const QString &one, const QString &other)
{
    return one.compare(other, Qt::CaseInsensitive) == 0;
}

bool isGateOf(const policy::Execution &execution, const WaitingGate &gate)
{
    return execution.kind == policy::Execution::Kind::VendorGate && execution.connection == gate.connection &&
           !execution.gate.isEmpty() &&
           QStringList{gate.environment, gate.jobName, gate.plainTitle, gate.title, gate.job, gate.id}.contains(
               execution.gate);
}

bool isGateFor(const policy::Execution &execution, const policy::Subject &subject, const WaitingGate &gate)
{
    const bool isElsewhere = !gate.environment.isEmpty() && gate.environment != execution.gate &&
                             !isSameEnvironment(gate.environment, subject.environment);
    return isGateOf(execution, gate) && !isElsewhere && gate.commit == subject.commit && !subject.commit.isEmpty();
}

} // namespace signalbox
