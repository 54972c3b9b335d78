#include "tests/unit/services/ledger/verify/forge.h"

#include "models/domain/ulid.h"
#include "services/ledger/canonicaljson.h"
#include "services/ledger/signing/sshsig.h"

#include <nlohmann/json.hpp>

#include <QDir>
#include <QFile>

namespace signalbox::test
{
namespace
{

const char *const people[] = {"ann", "bob", "cai", "dan", "eve", "fay", "gus", "hal", "ivy"};

QByteArray mailOf(const QString &person)
{
    return person.toUtf8() + "@shop.example";
}

} // namespace

QString u(const char *text)
{
    return QString::fromUtf8(text);
}

QByteArray peoplesRules()
{
    QByteArray text = "version: 1\nworkspace: shop\nprincipals:\n";
    for (const char *person : {"ann", "bob", "cai", "dan"})
        text += QByteArray("  - {name: ") + person + ", emails: [" + person + "@shop.example]}\n";
    return text + "roles:\n"
                  "  - {name: admins, members: [ann, bob]}\n"
                  "  - {name: approvers, members: [ann, bob, cai]}\n"
                  "  - {name: developers, members: [dan]}\n"
                  "paths:\n"
                  "  - environments: [staging, production]\n"
                  "environments:\n";
}

policy::Claim claimOf(const QString &promotion)
{
    return {promotion,
            {u("cart"), u("production"), u("sha256:") + QString(64, QLatin1Char('a')), {}},
            QString(40, QLatin1Char('b'))};
}

policy::PromotionRequest requestOf(const policy::Claim &claim)
{
    policy::PromotionRequest request;
    request.subject = claim.subject;
    request.policyCommit = claim.policyCommit;
    request.reason = u("it is time");
    return request;
}

Forge::Forge()
{
    for (const char *person : people)
        m_keys.emplace(u(person), *ssh::PrivateKey::generate());
    runTool(u("git"), {u("init"), u("-q"), u("--bare"), u("-b"), u("main"), path()});
}

std::unique_ptr<Forge> Forge::copy() const
{
    auto other = std::make_unique<Forge>();
    other->m_keys = m_keys;
    QDir(other->path()).removeRecursively();
    runTool(u("cp"), {u("-r"), path(), other->path()});
    return other;
}

QDateTime Forge::noon(int minutes)
{
    return QDateTime(QDate(2026, 3, 4), QTime(12, 0), Qt::UTC).addSecs(minutes * 60);
}

ledger::VerifyOptions Forge::options() const
{
    ledger::VerifyOptions options;
    options.pin = {key(u("ann")).fingerprint(), u("shop")};
    options.now = QDateTime(QDate(2026, 6, 1), QTime(0, 0), Qt::UTC);
    return options;
}

std::shared_ptr<ssh::Signer> Forge::signer(const QString &person) const
{
    return std::make_shared<ssh::LocalSigner>(m_keys.at(person), person);
}

QByteArray Forge::allowedSigners(const QByteArray &more) const
{
    QByteArray text = "# who may sign\n";
    for (const char *person : people) {
        const QByteArray name = person;
        const QByteArray line = m_keys.at(u(person)).publicKey().line();
        if (name == "eve")
            continue;
        text += name + "@shop.example ";
        if (name == "fay")
            text += "valid-after=\"20300101Z\" ";
        else if (name == "gus")
            text += "namespaces=\"git\",valid-before=\"20260301Z\" ";
        else if (name == "hal")
            text += "namespaces=\"file\" ";
        text += line + " a key of " + name + '\n';
    }
    return text + more;
}

QByteArray Forge::policy(const QByteArray &admins, const QByteArray &more) const
{
    QByteArray text = "version: 1\nworkspace: shop\nprincipals:\n";
    for (const char *person : people)
        text += QByteArray("  - {name: ") + person + ", emails: [" + person + "@shop.example]}\n";
    return text + "roles:\n  - {name: admins, members: [" + admins +
           "]}\n  - {name: approvers, members: [cai, eve, fay, gus, hal, ivy]}\nrevoked: [\"" +
           key(u("ivy")).fingerprint().toUtf8() +
           "\"]\nenvironments:\n  - environment: production\n"
           "    approvals: [{count: 1, roles: [approvers]}]\n" +
           more;
}

Ran Forge::git(const QStringList &arguments, const QByteArray &input) const
{
    return runTool(u("git"), QStringList{u("--git-dir"), path()} + arguments, input, {},
                   {u("GIT_INDEX_FILE=") + m_folder.filePath(u("index"))});
}

QByteArray Forge::tip() const
{
    return git({u("rev-parse"), u("-q"), u("--verify"), u("refs/heads/main")}).out.trimmed();
}

QByteArray Forge::text(const QByteArray &commit) const
{
    return git({u("cat-file"), u("commit"), QString::fromLatin1(commit)}).out;
}

void Forge::moveTo(const QByteArray &commit)
{
    git({u("update-ref"), u("refs/heads/main"), QString::fromLatin1(commit)});
}

QByteArray Forge::commit(const ForgedCommit &forged)
{
    const QByteArray parent = forged.parent.value_or(tip());
    QFile::remove(m_folder.filePath(u("index")));
    if (!parent.isEmpty())
        git({u("read-tree"), QString::fromLatin1(parent)});
    QByteArray index;
    for (const ForgedFile &file : forged.files) {
        if (file.content) {
            const QByteArray blob = git({u("hash-object"), u("-w"), u("--stdin")}, *file.content).out.trimmed();
            index += file.mode + ' ' + blob + '\t' + file.path.toUtf8() + '\n';
        } else {
            index += "0 " + QByteArray(40, '0') + '\t' + file.path.toUtf8() + '\n';
        }
    }
    git({u("update-index"), u("--add"), u("--index-info")}, index);
    const QByteArray tree = git({u("write-tree")}).out.trimmed();
    const QByteArray person = forged.by.toUtf8() + " <" + mailOf(forged.by) + "> " +
                              QByteArray::number(forged.at.toSecsSinceEpoch()) + " +0000\n";
    QByteArray text = "tree " + tree + '\n';
    if (!parent.isEmpty())
        text += "parent " + parent + '\n';
    if (!forged.secondParent.isEmpty())
        text += "parent " + forged.secondParent + '\n';
    text += "author " + person + "committer " + person + forged.header + '\n' + forged.message;
    QByteArray signature;
    const QString signer = forged.key.isEmpty() ? forged.by : forged.key;
    if (signer != u("-")) {
        const auto &key = m_keys.at(signer);
        const auto raw = key.sign(ssh::signedData(forged.ns, "sha512", text));
        signature = ssh::armour(ssh::signatureBlob(key.publicKey(), forged.ns, "sha512", *raw));
    }
    if (forged.tamper)
        forged.tamper(text, signature);
    if (!signature.isEmpty()) {
        QByteArray header = signature.trimmed();
        header.replace("\n", "\n ");
        text.insert(text.indexOf("\n\n") + 1, "gpgsig " + header + '\n');
    }
    const QByteArray id =
        git({u("hash-object"), u("-t"), u("commit"), u("-w"), u("--literally"), u("--stdin")}, text).out.trimmed();
    moveTo(id);
    return id;
}

QByteArray Forge::start(const QDateTime &at, const QByteArray &admins)
{
    ForgedCommit first;
    first.files = {{u("allowed_signers"), allowedSigners()}, {u("policy.yaml"), policy(admins)}};
    first.at = at;
    first.message = "Begin to sign\n";
    return commit(first);
}

LedgerEntry Forge::entry(const policy::Record &record, const QString &by, const QDateTime &at) const
{
    return entryFor(record, at, {by, QString::fromUtf8(mailOf(by)), by, u("desk")}, u("shop"));
}

ForgedFile Forge::file(const LedgerEntry &entry) const
{
    return {ledgerPath(entry), *canonicalJson(toJson(entry))};
}

QByteArray Forge::add(const policy::Record &record, const QString &by, const QDateTime &at)
{
    ForgedCommit forged;
    forged.files = {file(entry(record, by, at))};
    forged.by = by;
    forged.at = at;
    return commit(forged);
}

QByteArray Forge::note(const QString &by, const QDateTime &at)
{
    return add(policy::Note{{}, u("cart"), u("production"), u("a note by ") + by}, by, at);
}

QString Forge::gitSays(const QByteArray &commit, const QByteArray &allowedSigners) const
{
    const QString file = m_folder.filePath(u("allowed"));
    writeFile(file, allowedSigners);
    if (!text(commit).contains("\ngpgsig "))
        return u("unsigned");
    const Ran ran =
        git({u("-c"), u("gpg.ssh.allowedSignersFile=") + file, u("verify-commit"), QString::fromLatin1(commit)});
    return ran.status == 0 ? u("good") : u("bad");
}

} // namespace signalbox::test
