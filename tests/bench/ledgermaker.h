#pragma once

#include "services/ledger/signing/privatekey.h"

#include <QString>

namespace signalbox::test
{

struct MadeLedger
{
    bool isGood = false;
    QString firstAdmin; // fingerprint
    QString why;        // it could not be made
};

// A signed ledger of so many entries over three years, written as one pack by hand (trees as differences, as git keeps
// them), in a new bare repository. Two people, Ed25519.
MadeLedger makeLedger(const QString &path, int entries);

} // namespace signalbox::test
