#pragma once

#include "services/git/repository.h"
#include "services/ledger/ledger.h"
#include "services/ledger/signing/signer.h"

#include <QSet>

#include <memory>
#include <optional>

class QLockFile;

namespace signalbox
{

// Two lines of one ledger: ours and that of the commit `theirs`.
struct LedgerLines
{
    std::optional<QString> ours; // none: an empty ledger
    QString theirs;
    QStringList onlyOurs; // commits, oldest first
    QStringList onlyTheirs;
};

struct LedgerReplay
{
    QStringList commits; // to be written once more, oldest first
    QStringList changes; // those of them that change the policy
    QStringList lost;    // ids of claims that are left out
    QStringList dropped; // as of LedgerTakeOver
    bool isSigned = false;
};

// What Ledger does to its repository. Stays on one thread, which it blocks; opens the repository at the first call.
class LedgerStore
{
public:
    explicit LedgerStore(QString path);

    Result<QString> append(const LedgerEntry &entry);
    Result<bool> isSigned();
    // The commit of an entry, ready to be signed. Its date is now, and never before the one in front: clocks differ.
    Result<git::PreparedCommit> prepare(const LedgerEntry &entry);
    // The one with which it begins to be signed. Refused: it is signed already.
    Result<git::PreparedCommit> prepareStart(const QByteArray &allowedSigners, const QByteArray &policy,
                                             const git::Author &author);
    // A change of the two files, as Ledger::change() says it.
    Result<git::PreparedCommit> prepareChange(const LedgerRules &seen, const LedgerRules &now, const QString &message,
                                              const git::Author &author);
    Result<QString> commit(const git::PreparedCommit &prepared, const QByteArray &signature);
    Result<QList<LedgerEntry>> newest(int count, const QString &type);
    // Packs what lies loose once that is some thousand objects; else nothing. What fails is logged: it is tried again.
    Result<void> packWhenDue();

    Result<LedgerLines> compare(const QString &theirs);
    Result<LedgerTakeOver> forward(const LedgerLines &lines);
    // Our entries are written behind theirs on a branch of their own, which becomes `main` at the end: whatever ends
    // this half-way leaves `main` as it was. What lost against something of theirs is left out.
    Result<LedgerReplay> beginReplay(const LedgerLines &lines);
    // Refused: the change is not signed with this key (null: none), so it is not written anew with it.
    Result<void> checkOwn(const QString &change, const std::shared_ptr<ssh::Signer> &key);
    Result<git::PreparedCommit> prepareReplay(const QString &commit);
    Result<LedgerTakeOver> finishReplay(const LedgerLines &lines, const LedgerReplay &replay);

private:
    std::optional<Error> open();
    std::optional<Error> take(QLockFile &turn) const;
    Result<LedgerEntry> read(const QString &path);
    Result<QDateTime> dateAfter(const QString &branch);
    // What others wrote, as far as ours may lose against it.
    struct Theirs
    {
        QSet<QString> claimed;      // promotions
        bool decidesPolicy = false; // one changes the policy, or countersigns a change
    };
    // One of ours: an entry (Added), or a change of the policy.
    struct Own
    {
        git::CommitContent content;
        bool isChange = false;
    };
    Result<git::PreparedCommit> prepareRules(const QString &branch, const QString &parent,
                                             const QList<git::FileContent> &files, const QString &message,
                                             const git::Author &author);
    Result<Own> ownOf(const QString &commit); // Refused when it did anything else
    Result<Theirs> theirsIn(const QStringList &commits);
    Result<git::ObjectReader *> reader();

    QString m_path;
    QString m_replayBranch;
    std::optional<git::Repository> m_repository;
    std::optional<git::ObjectReader> m_reader;
};

} // namespace signalbox
