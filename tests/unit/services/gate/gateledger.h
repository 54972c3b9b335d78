#pragma once

#include "tests/unit/services/ledger/verify/forge.h"

namespace signalbox::test
{

// A signed ledger with a policy that asks for two of ann, bob and cai before cart goes to production.
class GateLedger
{
public:
    GateLedger();

    Forge forge;
    QByteArray policyCommit;
    policy::Subject subject;
    QString promotion; // asked for by dan

    QByteArray policy(const QByteArray &more = {}) const;
    QByteArray changePolicy(const QByteArray &text, const QString &by);
    // Gives the entry's id. Each a minute after the one before.
    QString add(const policy::Record &record, const QString &by);
    QString approve(const QString &by);
    QDateTime next();

private:
    QDateTime m_at;
};

} // namespace signalbox::test
