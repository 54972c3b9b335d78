#include "tests/unit/services/gate/gateledger.h"

namespace signalbox::test
{

GateLedger::GateLedger()
{
    // Lately, since approvals expire and the program looks at the clock.
    m_at = QDateTime::fromSecsSinceEpoch(QDateTime::currentSecsSinceEpoch(), Qt::UTC).addSecs(-3600);
    ForgedCommit first;
    first.files = {{u("allowed_signers"), forge.allowedSigners()}, {u("policy.yaml"), policy()}};
    first.at = next();
    policyCommit = forge.commit(first);
    subject = {u("cart"), u("production"), u("sha256:") + QString(64, QLatin1Char('7')), QString(40, QLatin1Char('9'))};
    policy::PromotionRequest request;
    request.subject = subject;
    request.fromEnvironment = u("staging");
    request.policyCommit = QString::fromLatin1(policyCommit);
    request.changes = policy::ChangeSummary{};
    request.changes->commitCount = 1;
    request.changes->commits = {{subject.commit, u("dan@shop.example"), m_at}};
    promotion = add(request, u("dan"));
}

QByteArray GateLedger::policy(const QByteArray &more) const
{
    return peoplesRules() +
           "  - environment: staging\n"
           "  - environment: production\n"
           "    approvals: [{count: 2, roles: [approvers]}]\n"
           "    veto: [admins]\n"
           "    sameDigest: false\n"
           "breakGlass: {roles: [approvers], countersignRoles: [admins, approvers]}\n" +
           more;
}

QByteArray GateLedger::changePolicy(const QByteArray &text, const QString &by)
{
    ForgedCommit change;
    change.files = {{u("policy.yaml"), text}};
    change.by = by;
    change.at = next();
    return forge.commit(change);
}

QString GateLedger::add(const policy::Record &record, const QString &by)
{
    const LedgerEntry entry = forge.entry(record, by, next());
    ForgedCommit forged;
    forged.files = {forge.file(entry)};
    forged.by = by;
    forged.at = m_at;
    forge.commit(forged);
    return entry.id;
}

QString GateLedger::approve(const QString &by)
{
    return add(policy::Approval{promotion, subject, QString::fromLatin1(policyCommit), {}}, by);
}

QDateTime GateLedger::next()
{
    m_at = m_at.addSecs(60);
    return m_at;
}

} // namespace signalbox::test
