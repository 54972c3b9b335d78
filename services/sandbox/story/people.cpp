#include "services/sandbox/story/people.h"

#include "services/sandbox/story/word.h"

#include <QCryptographicHash>

namespace signalbox::sandbox
{

namespace
{

using namespace policy;
using namespace std::chrono_literals;

QStringList words(std::initializer_list<const char *> texts)
{
    QStringList all;
    for (const char *text : texts)
        all.append(word(text));
    return all;
}

QString operatorEmail()
{
    return operatorName() + QStringLiteral("@example.org");
}

bool isAddress(const QString &text)
{
    return text.count(u'@') == 1 && !text.startsWith(u'@') && !text.endsWith(u'@') && !text.contains(u' ');
}

Role roleOf(const Storybook &book, const char *name, bool hasOperator)
{
    Role role{word(name), {}};
    if (hasOperator)
        role.members.append(operatorName());
    for (const Person *one : book.with(role.name))
        role.members.append(one->name);
    return role;
}

EnvironmentPolicy development()
{
    EnvironmentPolicy rules;
    rules.environment = word("dev");
    rules.isProtected = false;
    rules.sameDigest = false;
    rules.noFiringAlerts = false;
    rules.executors = words({"machines", "developers", "reviewers", "release-managers"});
    return rules;
}

EnvironmentPolicy staging()
{
    EnvironmentPolicy rules = development();
    rules.environment = word("staging");
    rules.sameDigest = true;
    rules.approvals = {{1, words({"reviewers", "release-managers"})}};
    rules.veto = words({"reviewers", "release-managers"});
    rules.executors = words({"machines"});
    return rules;
}

EnvironmentPolicy production(std::chrono::hours soak)
{
    EnvironmentPolicy rules = staging();
    rules.environment = word("production");
    rules.isProtected = true;
    rules.approvals = {{1, words({"release-managers"})}, {1, words({"reviewers"})}};
    rules.soak = soak;
    rules.noFiringAlerts = true;
    return rules;
}

// Its pipeline brings it there, once its own gate lets it.
EnvironmentPolicy gated()
{
    EnvironmentPolicy rules = production(3h);
    rules.applications = words({"embedding-api"});
    rules.execution.kind = Execution::Kind::VendorGate;
    rules.execution.connection = word("practice-github"); // as PracticePipelines names it
    rules.execution.gate = rules.environment;
    return rules;
}

} // namespace

QString operatorName()
{
    return QStringLiteral("operator");
}

QString practiceWorkspace()
{
    return QStringLiteral("practice");
}

Policy practicePolicy(const Storybook &book, const QStringList &operatorEmails)
{
    Policy policy;
    policy.workspace = practiceWorkspace();
    Principal me{operatorName(), word("Operator"), {operatorEmail()}, {operatorEmail()}};
    for (const QString &one : operatorEmails) {
        if (isAddress(one) && !me.emails.contains(one, Qt::CaseInsensitive))
            me.emails.append(one);
    }
    policy.principals.append(me);
    for (const Person &one : book.people)
        policy.principals.append({one.name, one.title, {one.email()}, {}});
    policy.roles = {roleOf(book, "admins", true), roleOf(book, "release-managers", true),
                    roleOf(book, "reviewers", false), roleOf(book, "developers", false),
                    roleOf(book, "machines", false)};
    policy.paths = {{words({"gpu-telemetry"}), words({"staging", "production"})},
                    {words({"*"}), words({"dev", "staging", "production"})}};
    EnvironmentPolicy stateful = production(48h);
    stateful.applications = words({"feature-store"}); // its pages on disk outlive a release
    policy.environments = {stateful, gated(), production(3h), staging(), development()};
    policy.breakGlass = {words({"release-managers"}), 1h, 2, words({"admins", "release-managers", "reviewers"}), 24h};
    policy.stops.holdLiftedBy = words({"admins", "release-managers"});
    policy.stops.freezeBy = words({"admins", "release-managers"});
    return policy;
}

Identity identityOf(const Storybook &book, const QString &name)
{
    const Person *one = book.person(name);
    if (!one)
        return {word("Operator"), operatorEmail(), operatorName(), word("desk-operator")};
    const QString host =
        one->has(word("machines")) ? word("build-1") : QStringLiteral("desk-") + name.section(u'.', 0, 0);
    return {one->title, one->email(), one->name, host};
}

Result<ssh::PrivateKey> practiceKey(std::uint64_t seed, const QString &name)
{
    const QByteArray text = "practice " + QByteArray::number(static_cast<quint64>(seed)) + ' ' + name.toUtf8();
    // RFC 8410: PKCS #8 around the 32 bytes that are an Ed25519 key.
    const QByteArray der = QByteArray::fromHex("302e020100300506032b657004220420") +
                           QCryptographicHash::hash(text, QCryptographicHash::Sha256);
    return ssh::PrivateKey::parse(
        Secret("-----BEGIN PRIVATE KEY-----\n" + der.toBase64() + "\n-----END PRIVATE KEY-----\n"), name);
}

Result<QByteArray> practiceSigners(const Storybook &book, std::uint64_t seed)
{
    QByteArray text =
        "# Who signs in the practice world. Their keys are made of its seed: they prove nothing elsewhere.\n";
    QStringList names{operatorName()};
    for (const Person &one : book.people)
        names.append(one.name);
    for (const QString &name : names) {
        const auto key = practiceKey(seed, name);
        if (!key)
            return key.error();
        text += name.toUtf8() + "@example.org namespaces=\"git\" " + key->publicKey().line() + '\n';
    }
    return text;
}

} // namespace signalbox::sandbox
