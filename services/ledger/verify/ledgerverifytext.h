#pragma once

#include <QCoreApplication>

namespace signalbox::ledger
{

// Translates the texts of this folder that no class owns.
struct LedgerVerifyText
{
    Q_DECLARE_TR_FUNCTIONS(LedgerVerify)
};

} // namespace signalbox::ledger
