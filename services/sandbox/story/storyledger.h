#pragma once

#include "services/sandbox/story/records.h"

namespace signalbox::sandbox
{

// What a written story is found by.
struct PracticeStory
{
    QString ledger;                // bare repository
    QString sources;               // folder of bare repositories, one an application
    QString policyCommit;          // with which the ledger begins
    QString firstAdmin;            // the key that begins it, as its public line
    policy::PromotionRequest next; // what the build machine asks for while somebody practises
    qsizetype entries = 0;
};

QString firstAdminName();

// Makes the sources and the signed ledger below `folder`. `operatorEmails`: under which whoever runs this program may
// write, besides the practice operator's own. Blocks for some hundred milliseconds; any thread.
Result<PracticeStory> writeStory(const Catalogue &catalogue, const Storybook &book, const QDateTime &now,
                                 const QString &folder, const QStringList &operatorEmails);

} // namespace signalbox::sandbox
