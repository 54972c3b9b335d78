#pragma once

#include <QCoreApplication>

namespace signalbox
{

// Translates the texts of this folder that no class owns.
struct LedgerReportText
{
    Q_DECLARE_TR_FUNCTIONS(LedgerReport)
};

} // namespace signalbox
