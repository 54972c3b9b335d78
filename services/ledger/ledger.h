#pragma once

#include "models/domain/result.h"
#include "services/async/serialqueue.h"
#include "services/ledger/ledgerentry.h"

#include <QFuture>
#include <QList>
#include <QString>

#include <memory>

namespace signalbox
{

// The record: a bare git repository, one commit on `main` per entry, each adding entries/YYYY/MM/DD/ID.json in
// canonical JSON. Read it with plain `git -C PATH log -p`. Local and unsigned so far. Calls from any thread, answers by
// future; git works on a thread of its own, where the repository is opened (or made) by the first call.
class Ledger
{
public:
    explicit Ledger(QString path);
    ~Ledger();

    QString path() const { return m_path; }

    // The commit's id. An entry that is there already, unchanged, is left alone and counts as written: asking again
    // after a crash is safe. Invalid when another entry has its id.
    [[nodiscard]] QFuture<Result<QString>> append(LedgerEntry entry);
    // Newest first, by the time in their ids; of one type, or of all. An entry that cannot be read is Invalid and
    // named.
    [[nodiscard]] QFuture<Result<QList<LedgerEntry>>> newest(int count, QString type = {});

private:
    class Store;
    QString m_path;
    std::unique_ptr<Store> m_store; // lives on the queue's thread
    SerialQueue m_queue;
};

// The operator: git's identity where there is one, and the account of the operating system. Any thread; reads files.
Identity operatorIdentity();
Identity accountIdentity(); // without git's: no file is read

} // namespace signalbox
