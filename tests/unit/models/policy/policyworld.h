#pragma once

#include "models/policy/decision.h"

namespace signalbox::test
{

// A promotion of cart to production that is met in every respect: alice asked for it, bob and carol approved, staging
// has run it for two hours. Tests change one thing.
struct PolicyWorld
{
    PolicyWorld();

    policy::Policy policy;
    policy::Entries entries;
    policy::Facts facts;
    policy::Question question;
    policy::Subject subject;

    policy::EnvironmentPolicy &rules() { return policy.environments[0]; }
    policy::Decision decide() const { return policy::decide(policy, entries, question, facts); }

    // By `who`, at the next position. Returns the entry's id.
    QString add(const QString &who, const policy::Record &record, const QDateTime &at = {});
    QString addOperation(const QString &who, const policy::OperationRecord &operation, const QDateTime &at = {});
    QString approve(const QString &who, const QDateTime &at = {});
    QString reject(const QString &who, const QDateTime &at = {});
    QString claim(const QString &who);
    // Asked for, claimed and observed by `who`, all at that time. Returns the outcome's id.
    QString promoted(const QString &who, const policy::Subject &what, const QDateTime &at);
    void remove(const QString &id);
    policy::SignedRecord &entry(const QString &id);
};

QDateTime policyNoon(); // 2026-03-04 12:00 UTC, a Wednesday
QString text(const char *latin1);

} // namespace signalbox::test
