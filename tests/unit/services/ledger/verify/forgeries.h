#pragma once

#include "tests/unit/services/ledger/verify/forge.h"

// What somebody may try to make of an honest ledger, and what has to be said of it.
namespace signalbox::test
{

// An honest ledger of four entries.
QList<QByteArray> honest(Forge &forge);
ForgedCommit noteCommit(const Forge &forge, const char *by = "cai", int minutes = 10);
// The path of the entry that a commit added.
QString pathOf(const Forge &forge, const QByteArray &commit);

using Make = std::function<QByteArray(Forge &forge, const QList<QByteArray> &honest)>; // the forged commit

struct Forgery
{
    const char *name;
    ledger::Fault fault;
    const char *git; // what git verify-commit says to the forged commit
    Make make;
    bool isStricter = false; // we refuse a signature that git believes, and mean it
};

QList<Forgery> allForgeries();

} // namespace signalbox::test
