#pragma once

#include "models/domain/result.h"
#include "services/async/serialqueue.h"
#include "services/async/stoptoken.h"
#include "services/git/repository.h"
#include "services/ledger/ledgerentry.h"
#include "services/ledger/ledgerrules.h"

#include <QFuture>
#include <QList>
#include <QString>
#include <QStringList>

#include <functional>
#include <memory>
#include <mutex>

namespace signalbox::ssh
{
class Signer;
}

namespace signalbox
{

class LedgerStore;
struct LedgerLines;

// Finds the key to sign with. Called on the ledger's signing thread, each time anew: an agent may have been started,
// a key added, since.
using SignerSource = std::function<QFuture<Result<std::shared_ptr<ssh::Signer>>>(StopToken)>;

// Whether somebody may be asked to touch a security key for what is done in the background.
enum class Touches { Ask, Refuse };

// What taking over another line of the same ledger did.
struct LedgerTakeOver
{
    QString tip;            // of `main` now
    qsizetype received = 0; // entries of theirs that were new here
    qsizetype replayed = 0; // entries of ours that were written once more, behind theirs
    QStringList lost = {};  // ids of claims of ours for what theirs had claimed first: they are gone
    // Changes of the policy (commits) and countersignatures (ids) of ours that are gone, since theirs changed the
    // policy, or countersigned a change, before.
    QStringList dropped = {};
    bool operator==(const LedgerTakeOver &) const = default;
};

// The record: a bare git repository, one commit on `main` per entry, each adding entries/YYYY/MM/DD/ID.json in
// canonical JSON. Read it with plain `git -C PATH log -p`. Calls from any thread, answers by future; git works on a
// thread of its own, where the repository is opened (or made) by the first call, and signing on another, so that
// reading does not wait for somebody to touch a key.
class Ledger
{
public:
    explicit Ledger(QString path);
    ~Ledger();

    QString path() const { return m_path; }
    // Signs what is appended to a ledger that began to be signed; without one the key that git signs with does.
    void setSigner(std::shared_ptr<ssh::Signer> signer);
    void setSignerSource(SignerSource source); // the same, found when it is needed
    // Who would sign now.
    [[nodiscard]] QFuture<Result<std::shared_ptr<ssh::Signer>>> findSigner(StopToken stop);
    // Called on the signing thread before somebody has to touch a security key so many times.
    void setTouchNotice(std::function<void(qsizetype touches)> notice);
    // From now on nobody is asked for a key: what waits for one is Cancelled. Before the end, so that it need not wait.
    void giveUpSigning() { m_gone.request_stop(); }

    // The commit's id. An entry that is there already, unchanged, is left alone and counts as written: asking again
    // after a crash is safe. Invalid when another entry has its id; Refused when the ledger is signed and there is no
    // key to sign with; what the signer says when it cannot sign. When another writer was first it is signed once more.
    [[nodiscard]] QFuture<Result<QString>> append(LedgerEntry entry);
    // The same on exactly this tip of `main`, or nowhere: Conflict when it is another one by now. For what must not be
    // written behind something unseen.
    [[nodiscard]] QFuture<Result<QString>> appendOn(LedgerEntry entry, QString tip);
    // Begins to sign: a commit that adds both files, signed by the key that signs from then on. Refused when the ledger
    // is signed already.
    [[nodiscard]] QFuture<Result<QString>> begin(QByteArray allowedSigners, QByteArray policy, git::Author author);
    // A change of policy.yaml, of allowed_signers or of both, in a commit of its own. `seen` is what they said when it
    // was thought of: Conflict when the newest say something else by now. Refused when the ledger is not signed, or
    // says exactly this already.
    [[nodiscard]] QFuture<Result<QString>> change(LedgerRules seen, LedgerRules now, QString message,
                                                  git::Author author);
    // Makes `main` go on from `theirs`, a commit that the repository has (fetched from where the ledger is shared):
    // moves forward to it, or, where both have entries that the other lacks, writes ours once more behind theirs,
    // signed anew in a signed ledger (a security key wants a touch for each). Nothing is lost but claims that came
    // second, nothing doubled; what fails leaves `main` as it was. A change of the policy that others did not see is
    // moved where theirs did not change it, else dropped. Refused where touches are needed but refused; Invalid when
    // an entry of ours has the id of one of theirs.
    [[nodiscard]] QFuture<Result<LedgerTakeOver>> takeOver(QString theirs, Touches touches = Touches::Ask);
    // Newest first, by the time in their ids; of one type, or of all. An entry that cannot be read is Invalid and
    // named.
    [[nodiscard]] QFuture<Result<QList<LedgerEntry>>> newest(int count, QString type = {});

private:
    Result<QString> appendInTurn(const LedgerEntry &entry);
    Result<QString> appendOnInTurn(const LedgerEntry &entry, const QString &tip);
    Result<QByteArray> signatureOf(const git::PreparedCommit &prepared, ssh::Signer &signer);
    using Preparation = std::function<Result<git::PreparedCommit>()>; // on the queue's thread
    Result<QString> writeSigned(const Preparation &prepare, ssh::Signer &signer);
    Result<LedgerTakeOver> takeOverInTurn(const QString &theirs, Touches touches);
    Result<LedgerTakeOver> replay(const LedgerLines &lines, Touches touches);
    Result<std::shared_ptr<ssh::Signer>> replaySigner(qsizetype entries, Touches touches);
    Result<std::shared_ptr<ssh::Signer>> signer();
    void tellTouches(const ssh::Signer &signer, qsizetype count);
    void tidy(); // now and then, behind whatever is written

    QString m_path;
    std::mutex m_mutex; // for these three
    std::shared_ptr<ssh::Signer> m_signer;
    SignerSource m_source;
    std::function<void(qsizetype)> m_touchNotice;
    StopSource m_gone;
    std::unique_ptr<LedgerStore> m_store; // lives on the queue's thread
    SerialQueue m_queue;
    SerialQueue m_signing; // uses the other one: it ends first
};

// The operator: git's identity where there is one, and the account of the operating system. Any thread; reads files.
Identity operatorIdentity();
Identity accountIdentity(); // without git's: no file is read
// As the author of a commit; what git does not know is the account.
git::Author authorOf(const Identity &who, const QDateTime &at);

} // namespace signalbox
