#pragma once

#include "models/domain/result.h"
#include "models/stores/ledgertable.h"

#include <QList>
#include <QString>

namespace signalbox
{

// What stands in one entry, for reading. Values.
struct LedgerField
{
    QString name; // for people: "Comment"; of what has no name, its place: "outcome · steps · 1 · message"
    QString value;
    bool isCode = false; // an id, a digest, a key: to be set in a monospaced font
    bool operator==(const LedgerField &) const = default;
};

struct LedgerDetails
{
    QString commit;
    QList<LedgerField> fields; // of the entry; empty: it has no content, or none that can be read
    QString text;              // as it stands in the repository, indented; empty: nothing
    QString problem;           // why there are no fields; empty: there are
    bool operator==(const LedgerDetails &) const = default;
};

// Reads the content of a row from the ledger at `path`. A file that is no JSON is given as its text alone. Blocks: for
// a worker.
Result<LedgerDetails> readDetails(const QString &path, const LedgerRow &row);

} // namespace signalbox
