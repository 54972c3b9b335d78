#pragma once

#include "models/policy/policy.h"
#include "services/git/remote.h"
#include "tests/support/sshtools.h"

#include <QTemporaryDir>

namespace signalbox::test
{

// A repository that says what runs where, made by the real git: a bare one, ann's copy of it that others' commits are
// pushed from, and her key.
class FleetRepository
{
public:
    FleetRepository();

    bool isReady() const { return m_isReady; } // false: git failed, and said why
    const QString &address() const { return m_bare; }
    const QString &copy() const { return m_copy; }
    QString filePath(const QString &name) const { return m_folder.filePath(name); } // beside them

    QByteArray git(const QStringList &arguments) const; // in the copy; what it prints, trimmed
    // Writes the file, commits it and all else of the copy on what main is now, and pushes it. The commit's id.
    QString push(const QString &file, const QByteArray &content, const QString &message) const;

    QByteArray atRemote(const QString &what) const; // "main:apps/cart.yaml"
    QByteArray remoteTip() const;                   // empty: nothing was pushed
    Ran verified(const QString &commit) const;      // plain git, for which ann's is the only key; of the bare one

    policy::Execution follows(const QString &file) const; // of main
    std::shared_ptr<ssh::Signer> signer() const { return signerOfFile(m_key); }
    // A repository that is a path.
    static QFuture<Result<git::RemoteAccess>> access(const QString &address, StopToken stop);

private:
    Ran bare(const QStringList &arguments) const;

    QTemporaryDir m_folder;
    QString m_bare;
    QString m_copy;
    QString m_key;
    bool m_isReady = false;
};

} // namespace signalbox::test
