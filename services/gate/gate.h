#pragma once

#include "services/gate/ledgerhead.h"

namespace signalbox::policy
{

struct GateQuestion
{
    QString application;
    QString environment;
    QString digest; // at least one of the two
    QString commit; // full
    // What a push brings, read from the repository; none: no repository was looked at, and a request is believed.
    std::optional<QList<ChangeSummary::Commit>> pushed = {};
    // E-mails under which these were committed. Whom the policy knows counts as an author; anybody else put somebody's
    // work there and is nobody to ask: a vendor's web flow, a bot that merges.
    QStringList committers = {};
    // E-mails that the messages of these name besides their authors: they are authors, too.
    QStringList coAuthors = {};
};

struct GateVerdict
{
    Decision decision;
    bool isOpen = false;
    bool isOver = false; // rejected, or carried out already: waiting will not open it
    QString text;        // why, in a sentence
};

// Whether the policy at the ledger's head lets exactly this digest (or commit) through. Reads nothing but the ledger:
// which commit a digest alone stands for is what the request says, else the ledger's others; authors are those the
// request lists (and of what is pushed, all of which it has to list: an author must not be able to approve because
// somebody left the commits out), soak time and the digest that was tested come from the outcomes recorded for the
// environment before. Pure.
GateVerdict gateVerdict(const LedgerHead &head, const GateQuestion &question, const QDateTime &now);

} // namespace signalbox::policy
