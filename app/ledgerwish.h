#pragma once

#include "models/domain/result.h"
#include "services/ledger/view/ledgerexport.h"

#include <QStringList>

#include <functional>

namespace signalbox
{

// What is to be exported of which ledger, by the options that `signalbox ledger export` takes and hands on to the
// window for a PDF: ledger first-admin at-least app env by type state since until text. `value` gives one of them;
// empty: not given. Whether there is
// a ledger is not looked at. Invalid says which is wrong.
Result<LedgerQuestion> ledgerQuestion(const std::function<QString(const QString &option)> &value);
const QStringList &ledgerQuestionOptions();

// "2026-11-21" (its first instant) or "2026-11-21T10:00", with "Z" or without: always UTC.
Result<QDateTime> utcTime(const QString &option, const QString &text);

} // namespace signalbox
