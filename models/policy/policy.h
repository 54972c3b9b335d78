#pragma once

#include "models/policy/schedule.h"

#include <QList>
#include <QString>
#include <QStringList>

#include <chrono>
#include <optional>

// What the ledger's policy.yaml says (resources/policy.schema.json is its published form; services/policy reads and
// writes it): who people are, which way a release takes, and what has to be true before it may go on. Values.
namespace signalbox::policy
{

// A person, or a machine that signs.
struct Principal
{
    QString name;       // unique; what roles and sentences name
    QString title;      // for people; empty: the name
    QStringList emails; // under which they commit; case does not count
    QStringList keys;   // as they are named in allowed_signers; empty: under the e-mails
    bool operator==(const Principal &) const = default;
};

struct Role
{
    QString name;
    QStringList members; // principals
    bool operator==(const Role &) const = default;
};

// The environments a release passes, in order.
struct PromotionPath
{
    QStringList applications; // patterns: * any characters, ? one
    QStringList environments;
    bool operator==(const PromotionPath &) const = default;
};

// `count` people out of those who hold one of the roles. Each person counts for one line of an environment only.
struct Quorum
{
    int count = 1;
    QStringList roles;
    bool operator==(const Quorum &) const = default;
};

// How a promotion is carried out.
struct Execution
{
    enum class Kind {
        SetImage,     // the image by digest, on the target track
        VendorGate,   // the vendor's own gate is pressed: `connection`, `gate`
        GitopsCommit, // a commit to `repository`, `branch`, `file`
    };
    Kind kind = Kind::SetImage;
    QString track; // SetImage; empty: the only one, or the one without traffic
    QString connection;
    QString gate;
    QString repository;
    QString branch;
    QString file;
    bool operator==(const Execution &) const = default;
};
QString executionName(Execution::Kind kind); // "setImage" ...: as in the file
const QList<Execution::Kind> &allExecutions();

// What has to be true before a release may go to this environment.
struct EnvironmentPolicy
{
    QString environment;
    QStringList applications = {QStringLiteral("*")}; // patterns; the first rule that fits counts
    bool isProtected = true;

    QList<Quorum> approvals; // all of them; empty: none is needed
    bool notRequester = true;
    bool notAuthor = true;
    std::chrono::seconds approvalsExpire{24 * 3600}; // 0: never. At that very instant it is over
    QStringList veto;                                // roles whose rejection stands against any quorum

    std::chrono::seconds soak{0}; // how long this digest has run in the environment before
    bool sameDigest = true;       // as runs in the environment before
    bool oneAtATime = true;
    bool noFiringAlerts = true;
    std::chrono::seconds alertsAge{120}; // how old what is known of alerts may be

    QList<Schedule> windows; // in one of which it must start; empty: any time
    Execution execution;
    QStringList executors; // roles that may carry it out, besides who asked and who may approve

    bool operator==(const EnvironmentPolicy &) const = default;
};

// No promotion starts while it holds.
struct Freeze
{
    Schedule schedule;
    QStringList applications = {QStringLiteral("*")};
    QStringList environments = {QStringLiteral("*")};
    QString reason;
    bool operator==(const Freeze &) const = default;
};

// One person acts alone now, others answer for it afterwards.
struct BreakGlassRules
{
    QStringList roles; // who may; empty: nobody
    std::chrono::seconds validFor{3600};
    int countersigners = 2; // other people than who acted
    QStringList countersignRoles;
    std::chrono::seconds within{24 * 3600};
    bool operator==(const BreakGlassRules &) const = default;
};

struct StopRules
{
    bool holdAfterRollback = true; // nothing goes on after a rollback until somebody lifts it
    QStringList holdLiftedBy;      // roles; empty: admins
    QStringList freezeBy;          // roles that may order a freeze; empty: admins
    bool operator==(const StopRules &) const = default;
};

struct Policy
{
    QString workspace; // whose ledger this is
    QList<Principal> principals;
    QStringList outsiders; // patterns of e-mails of authors who are nobody here: bots, the public
    QList<Role> roles;
    QList<PromotionPath> paths;
    QList<EnvironmentPolicy> environments;
    QList<Freeze> freezes;
    BreakGlassRules breakGlass;
    StopRules stops;
    QStringList revoked; // keys that count no more: fingerprints (SHA256:...) or their lines; services/ledger/verify

    bool operator==(const Policy &) const = default;

    const Principal *principal(const QString &name) const; // null: none
    // Who signs under this name of allowed_signers; null: nobody.
    const Principal *signer(const QString &key) const;
    const Principal *author(const QString &email) const;
    bool isOutsider(const QString &email) const;
    const Role *role(const QString &name) const;
    QStringList members(const QStringList &roles) const; // each once, in the policy's order
    bool isMember(const QString &principal, const QStringList &roles) const;
    QStringList holdLifters() const; // roles
    QStringList freezers() const;    // roles
    // The first rule that fits; null: the policy says nothing, so nothing may go there.
    const EnvironmentPolicy *rules(const QString &application, const QString &environment) const;
    const PromotionPath *path(const QString &application) const;
    // Where a release was before it goes there; empty: the first of the path. None: no path leads there.
    std::optional<QString> before(const QString &application, const QString &environment) const;
};

QString adminsRole(); // "admins": the role that may change the policy

// `*` stands for any characters, `?` for one; case counts.
bool matches(const QString &pattern, const QString &text);
bool matchesAny(const QStringList &patterns, const QString &text);

} // namespace signalbox::policy
