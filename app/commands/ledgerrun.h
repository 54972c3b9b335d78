#pragma once

#include "app/cli/terminal.h"
#include "app/commands/ledgerplace.h"
#include "services/async/deliver.h"
#include "services/credentials/credentialstore.h"
#include "services/ledger/sharing/teamledger.h"
#include "services/net/httpclient.h"

#include <QCoreApplication>

namespace signalbox::commands
{

// The ledger of a place, and what it takes to reach its remote. Main thread; Ctrl+C stops what runs.
class LedgerRun : public QObject
{
    Q_OBJECT
public:
    LedgerRun(const LedgerPlace &place, cli::Terminal &terminal);

    // Runs the event loop until the answer is there.
    template <typename T>
    Result<T> wait(const QFuture<Result<T>> &future)
    {
        Result<T> answer = Error{};
        deliver(future, stop.get_token(), this, [&answer](const Result<T> &result) {
            answer = result;
            QCoreApplication::quit();
        });
        QCoreApplication::exec();
        if (!answer && answer.error().kind == ErrorKind::Cancelled && answer.error().message.isEmpty())
            return Error{ErrorKind::Cancelled, cancelledText(), {}};
        return answer;
    }

    HttpClient http;
    CredentialStore secrets;
    StopSource stop;
    TeamLedger ledger;
    cli::InterruptWatcher interrupts;

private:
    static QString cancelledText();
};

} // namespace signalbox::commands
