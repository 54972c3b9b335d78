#pragma once

#include "models/policy/records.h"
#include "services/ledger/ledgerentry.h"
#include "services/ledger/verify/chainverifier.h"
#include "tests/support/sshtools.h"

#include <QHash>
#include <QTemporaryDir>

#include <functional>
#include <map>
#include <memory>
#include <optional>

namespace signalbox::test
{

// A file of a commit that is made by hand.
struct ForgedFile
{
    QString path;
    std::optional<QByteArray> content; // none: removed
    QByteArray mode = "100644";
};

// A commit that is made by hand; every part can be wrong.
struct ForgedCommit
{
    QList<ForgedFile> files;
    QString by = QStringLiteral("ann"); // whose name stands there
    QString key;                        // who signs; empty: who `by` says; "-": nobody
    QDateTime at;
    QByteArray message = "An entry\n";
    QByteArray ns = "git";
    std::optional<QByteArray> parent; // none: the branch's tip; empty: the first commit
    QByteArray secondParent;
    QByteArray header;                                                   // more headers, with line ends
    std::function<void(QByteArray &text, QByteArray &signature)> tamper; // after it was signed
};

// A ledger with the people of a shop: ann and bob (admins), cai (approver), dan (no role), eve (not in the files), fay
// (valid from 2030 on), gus (valid until 1 March 2026), hal (for files only), ivy (revoked).
class Forge
{
public:
    Forge();
    std::unique_ptr<Forge> copy() const; // the same people, and a repository of its own

    QString path() const { return m_folder.filePath(QStringLiteral("ledger.git")); }
    std::shared_ptr<ssh::Signer> signer(const QString &person) const;
    static QDateTime noon(int minutes = 0); // 4 March 2026
    const ssh::PublicKey &key(const QString &person) const { return m_keys.at(person).publicKey(); }
    ledger::VerifyOptions options() const; // pinned to ann, verified in June 2026

    QByteArray allowedSigners(const QByteArray &more = {}) const;
    QByteArray policy(const QByteArray &admins = "ann, bob", const QByteArray &more = {}) const;

    // Each gives the commit's name and moves main there.
    QByteArray commit(const ForgedCommit &commit);
    QByteArray start(const QDateTime &at = noon(), const QByteArray &admins = "ann, bob");
    QByteArray add(const policy::Record &record, const QString &by, const QDateTime &at);
    QByteArray note(const QString &by, const QDateTime &at);
    void moveTo(const QByteArray &commit);
    QByteArray tip() const;
    QByteArray text(const QByteArray &commit) const; // of a commit

    LedgerEntry entry(const policy::Record &record, const QString &by, const QDateTime &at) const;
    ForgedFile file(const LedgerEntry &entry) const;
    Ran git(const QStringList &arguments, const QByteArray &input = {}) const;
    // "good", "bad" or "unsigned": what `git verify-commit` says with these signers.
    QString gitSays(const QByteArray &commit, const QByteArray &allowedSigners) const;

private:
    QTemporaryDir m_folder;
    std::map<QString, ssh::PrivateKey> m_keys;
};

QString u(const char *text);
// A policy up to its environments: ann and bob are admins and approve with cai, dan develops; what goes to staging goes
// on to production.
QByteArray peoplesRules();
policy::Claim claimOf(const QString &promotion);
policy::PromotionRequest requestOf(const policy::Claim &claim); // asks for what it claims

} // namespace signalbox::test
