#pragma once

#include "models/domain/result.h"
#include "services/async/stoptoken.h"
#include "services/ledger/ledger.h"

#include <QFuture>
#include <QObject>

#include <memory>

namespace signalbox
{

// The ledger as promotions use it: what was written is there for everybody once a future says so. GUI thread.
class RecordBook : public QObject
{
    Q_OBJECT
public:
    using SignerFuture = QFuture<Result<std::shared_ptr<ssh::Signer>>>;

    using QObject::QObject;
    ~RecordBook() override;

    virtual QString path() const = 0;    // of the repository on this machine
    virtual QString address() const = 0; // for people: where it is shared, else the path
    // Brings what others wrote. Unreachable and the like: what is here may be old. What was written here meanwhile goes
    // behind theirs, for which a security key may have to be touched: refused unless that may be asked for.
    [[nodiscard]] virtual QFuture<Result<void>> catchUp(Touches touches, StopToken stop) = 0;
    // Behind whatever is there. The entry's commit; it may still have to be sent.
    [[nodiscard]] virtual QFuture<Result<QString>> append(LedgerEntry entry) = 0;
    // On exactly this tip, here and where it is shared, or nowhere at all: for a claim, which must not be written
    // behind one that was not seen. Conflict when the tip is another one; OutcomeUnknown when the answer was lost.
    [[nodiscard]] virtual QFuture<Result<QString>> appendOn(LedgerEntry entry, QString tip) = 0;
    [[nodiscard]] virtual SignerFuture signer(StopToken stop) = 0;
    virtual qsizetype unsent() const = 0; // entries that only this machine has

signals:
    void changed(); // entries may be new: look
};

} // namespace signalbox
