#pragma once

#include "app/exitstatus.h"
#include "services/gate/gate.h"

#include <QString>

// What `signalbox gate` prints. Times are UTC.
namespace signalbox::commands
{

struct GateReport
{
    QString ledger; // address or folder
    policy::LedgerHead head;
    policy::GateVerdict verdict;
    ExitStatus status = ExitStatus::Refused;
};

QString gateText(const GateReport &report);
QString gateJson(const GateReport &report);

} // namespace signalbox::commands
