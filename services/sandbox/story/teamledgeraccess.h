#pragma once

#include "services/git/objectreader.h"
#include "services/ledger/ledgerstore.h"
#include "services/sandbox/story/people.h"

namespace signalbox::sandbox
{

// How the practice world's people read and write their team's ledger, as a console on another machine would. Stays on
// one thread, which it blocks.
class TeamLedgerAccess
{
public:
    TeamLedgerAccess(QString path, const Storybook &book, std::uint64_t seed);

    // Entries since the last call, oldest first; of the first call none. Those that cannot be read are left out.
    Result<QList<LedgerEntry>> news();
    // Signed by `who`, behind whatever is there. The entry's id.
    Result<QString> write(policy::Record record, const QString &who);

private:
    Result<std::optional<LedgerEntry>> entryOf(const git::CommitObject &commit, const git::ObjectId &parentTree);

    QString m_path;
    const Storybook &m_book;
    std::uint64_t m_seed;
    LedgerStore m_store;
    std::optional<git::ObjectReader> m_reader;
    std::optional<git::ObjectId> m_seen;
};

} // namespace signalbox::sandbox
