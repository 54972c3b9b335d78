#pragma once

#include "services/ledger/ledgerentry.h"
#include "services/sandbox/story/sources.h"

#include <QList>

namespace signalbox::sandbox
{

struct StoryEntry
{
    LedgerEntry entry; // written at entry.at
    QString signer;    // principal
};

// What the team's ledger of the practice world holds at its start, oldest first: the promotions of each roll-out with
// who approved them, the operations of the catalogue, holds, freezes, a break-glass; and what waits right now. The same
// at every start but for the times, which count back from `now`, and what is made of them. `policyCommit` is the one
// with which the ledger began.
QList<StoryEntry> practiceRecords(const Catalogue &catalogue, const Storybook &book,
                                  const QList<PracticeRollout> &rollouts, const Sources &sources, const QDateTime &now,
                                  const QString &policyCommit);

// What goes on next in the practice world: its build machine asks for it while somebody practises.
policy::PromotionRequest nextRequest(const Catalogue &catalogue, const Sources &sources, const QString &policyCommit);

// The artifact that a release became.
policy::Subject subjectOf(const Catalogue &catalogue, const Sources &sources, const QString &application,
                          const QString &environment, const QString &tag);
QString digestOf(const Catalogue &catalogue, const QString &application, const QString &tag); // empty: unknown

} // namespace signalbox::sandbox
