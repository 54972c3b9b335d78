#pragma once

#include "models/domain/result.h"
#include "services/async/serialqueue.h"
#include "services/async/stoptoken.h"
#include "services/ledger/ledger.h"

#include <QFuture>
#include <QObject>

#include <functional>
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
    // Brings what others wrote. Unreachable and the like: what is here may be old.
    [[nodiscard]] virtual QFuture<Result<void>> catchUp(StopToken stop) = 0;
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

// A ledger on this machine (or a path that several machines share), through nobody.
class LocalRecordBook : public RecordBook
{
    Q_OBJECT
public:
    using SignerSource = std::function<SignerFuture(StopToken)>;

    // The ledger is borrowed. Without a source the key that git signs with does.
    LocalRecordBook(Ledger &ledger, SignerSource signer, QObject *parent = nullptr);
    ~LocalRecordBook() override;

    QString path() const override { return m_ledger.path(); }
    QString address() const override { return m_ledger.path(); }
    [[nodiscard]] QFuture<Result<void>> catchUp(StopToken stop) override;
    [[nodiscard]] QFuture<Result<QString>> append(LedgerEntry entry) override;
    [[nodiscard]] QFuture<Result<QString>> appendOn(LedgerEntry entry, QString tip) override;
    [[nodiscard]] SignerFuture signer(StopToken stop) override;
    qsizetype unsent() const override { return 0; }

private:
    Ledger &m_ledger;
    SignerSource m_signer;
    StopSource m_gone;
    SerialQueue m_queue;
};

// One signed commit with the entry on exactly `tip` of `branch`: prepared, signed, committed by compare-and-swap. The
// steps run on `queue`, the signature wherever the signer has it made. For record books.
[[nodiscard]] QFuture<Result<QString>> commitOn(QObject *context, SerialQueue &queue, const QString &repository,
                                                const QString &branch, const LedgerEntry &entry, const QString &tip,
                                                const std::shared_ptr<ssh::Signer> &signer, const StopToken &stop);

} // namespace signalbox
