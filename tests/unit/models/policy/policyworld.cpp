#include "tests/unit/models/policy/policyworld.h"

#include <algorithm>

namespace signalbox::test
{

using namespace policy;

QString text(const char *latin1)
{
    return QString::fromLatin1(latin1);
}

QDateTime policyNoon()
{
    return {QDate(2026, 3, 4), QTime(12, 0), Qt::UTC};
}

PolicyWorld::PolicyWorld()
{
    policy.workspace = text("shop");
    for (const char *name : {"alice", "bob", "carol", "dave", "erin", "ci"}) {
        Principal one;
        one.name = text(name);
        one.emails = {text(name) + QStringLiteral("@shop.example")};
        policy.principals.append(one);
    }
    policy.outsiders = {text("*@bots.example")};
    policy.roles = {{text("admins"), {text("bob"), text("erin")}},
                    {text("release-managers"), {text("alice"), text("bob"), text("carol")}},
                    {text("sre"), {text("carol"), text("dave")}},
                    {text("security"), {text("dave")}},
                    {text("machines"), {text("ci")}}};
    policy.paths = {{{text("*")}, {text("staging"), text("production")}}};
    EnvironmentPolicy production;
    production.environment = text("production");
    production.approvals = {{2, {text("release-managers")}}};
    production.veto = {text("security")};
    production.soak = std::chrono::minutes(30);
    production.executors = {text("machines")};
    policy.environments = {production};
    policy.breakGlass.roles = {text("sre")};
    policy.breakGlass.countersignRoles = {text("release-managers"), text("admins")};

    subject = {text("cart"), text("production"), text("sha256:7777"), text("9999")};
    facts.now = policyNoon();
    facts.digest = subject.digest;
    facts.commit = subject.commit;
    facts.authors = QStringList{text("renovate@bots.example")};
    facts.before = Running{subject.digest, policyNoon().addSecs(-7200), true};
    facts.isBusy = false;
    facts.alerts = AlertState{true, policyNoon(), {}};
    facts.policyCommit = text("p1");

    PromotionRequest request;
    request.subject = subject;
    request.fromEnvironment = text("staging");
    request.policyCommit = facts.policyCommit;
    question.promotion = add(text("alice"), request, policyNoon().addSecs(-3600));
    approve(text("bob"), policyNoon().addSecs(-1800));
    approve(text("carol"), policyNoon().addSecs(-900));
}

QString PolicyWorld::add(const QString &who, const Record &record, const QDateTime &at)
{
    qint64 position = 0;
    for (const SignedRecord &one : entries)
        position = std::max(position, one.position);
    SignedRecord one;
    one.position = position + 1;
    one.id = QStringLiteral("entry-%1").arg(one.position);
    one.at = at.isValid() ? at : facts.now.addSecs(-600);
    one.signer = who + QStringLiteral("@shop.example");
    one.body = record;
    entries.append(one);
    return one.id;
}

QString PolicyWorld::addOperation(const QString &who, const OperationRecord &operation, const QDateTime &at)
{
    const QString id = add(who, Note{{}, {}, {}, text("replaced below")}, at);
    entry(id).body = operation;
    return id;
}

QString PolicyWorld::approve(const QString &who, const QDateTime &at)
{
    return add(who, Approval{question.promotion, subject, facts.policyCommit, {}}, at);
}

QString PolicyWorld::reject(const QString &who, const QDateTime &at)
{
    return add(who, Rejection{question.promotion, subject, facts.policyCommit, text("missing migration")}, at);
}

QString PolicyWorld::claim(const QString &who)
{
    return add(who, Claim{question.promotion, subject, facts.policyCommit});
}

QString PolicyWorld::promoted(const QString &who, const Subject &what, const QDateTime &at)
{
    PromotionRequest request;
    request.subject = what;
    const QString promotion = add(who, request, at);
    const QString claimed = add(who, Claim{promotion, what, facts.policyCommit}, at);
    return add(who, PromotionOutcome{promotion, claimed, what, OutcomeKind::Done, {}, {}, {}, at}, at);
}

void PolicyWorld::remove(const QString &id)
{
    entries.removeIf([&id](const SignedRecord &one) { return one.id == id; });
}

SignedRecord &PolicyWorld::entry(const QString &id)
{
    return *std::find_if(entries.begin(), entries.end(), [&id](const SignedRecord &one) { return one.id == id; });
}

} // namespace signalbox::test
