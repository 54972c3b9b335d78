#pragma once

#include "models/domain/changes.h"
#include "models/domain/result.h"
#include "services/async/stoptoken.h"
#include "services/git/repository.h"

// Going back in a GitOps repository: what was committed is undone by one new commit on top of what was seen, without a
// work tree. Plan, look, commit, push (Remote::push() with `tip` as what is expected). Functions block; they need a
// repository of ours (a Mirror), since the objects made are written there.
namespace signalbox::git
{

struct RevertConflict
{
    QString path;
    QString commit; // which one could not be undone there
    bool operator==(const RevertConflict &) const = default;
};

struct RevertPlan
{
    QString tip;         // the commit that was seen, and the only one this may be put on
    QStringList commits; // what is undone, in that order: newest first
    QString tree;        // what there will be; empty where there are conflicts
    QString message;
    QList<FileChange> files; // from the tip to what there will be
    QByteArray diff;         // the same as `git diff` prints it
    bool isDiffCut = false;
    QList<RevertConflict> conflicts; // of the first commit that cannot be undone
    bool changesNothing = false;     // undone already

    bool isPossible() const { return conflicts.isEmpty() && !changesNothing; }
};

// What is to be undone for `tip` to be as `target` was: the commits since, newest first, of merges the side they were
// made on. Invalid: `target` is not in the past of `tip`. Empty: they are the same.
Result<QStringList> commitsSince(const QString &repository, const QString &target, const QString &tip,
                                 const StopToken &stop);
Result<RevertPlan> planRevert(const QString &repository, const QString &tip, const QStringList &commits,
                              const StopToken &stop);

// In two steps, where the signature is made elsewhere: the text of the commit, which is what is signed, and the commit
// with the signature (armoured; empty: none), on no branch; its id. Refused: the plan is not possible.
Result<QByteArray> revertText(const QString &repository, const RevertPlan &plan, const Author &author);
Result<QString> storeRevert(const QString &repository, const QByteArray &text, QByteArray armoured);
// Both at once. Without a signer it is unsigned.
Result<QString> commitRevert(const QString &repository, const RevertPlan &plan, const Author &author,
                             const CommitSigner &signer);

} // namespace signalbox::git
