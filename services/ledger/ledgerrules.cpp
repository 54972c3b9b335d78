#include "services/ledger/ledgerrules.h"

#include "services/ledger/signing/sshverifier.h"

#include <QCoreApplication>

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr qsizetype mostBytes = 4 * 1024 * 1024;

struct Read // a commit, with the text that its views look into
{
    QByteArray text;
    git::CommitObject commit;
};

Result<Read> readCommit(git::ObjectReader &reader, const git::ObjectId &id)
{
    const auto text = reader.commitText(id);
    if (!text)
        return text.error();
    Read read{*text, {}};
    const auto commit = git::parseCommit(read.text);
    if (!commit)
        return Error{ErrorKind::Invalid,
                     QCoreApplication::translate("signalbox::Ledger", "%1 is no commit.")
                         .arg(QString::fromLatin1(id.hex().left(10))),
                     {}};
    read.commit = *commit;
    return read;
}

Result<Read> readCommit(git::ObjectReader &reader, const QString &commit)
{
    const auto id = git::ObjectId::fromHex(commit.toLatin1());
    if (!id)
        return Error{ErrorKind::Invalid,
                     QCoreApplication::translate("signalbox::Ledger", "%1 is no commit.").arg(commit.left(40)),
                     {}};
    return readCommit(reader, *id);
}

} // namespace

Result<LedgerRules> rulesAt(git::ObjectReader &reader, const QString &commit)
{
    const auto read = readCommit(reader, commit);
    if (!read)
        return read.error();
    LedgerRules rules;
    for (const auto &[name, content] :
         {std::pair("allowed_signers", &rules.allowedSigners), std::pair("policy.yaml", &rules.policy)}) {
        const auto file = reader.fileOf(read->commit.tree, name);
        if (!file)
            return file.error();
        if (!*file)
            continue;
        const auto bytes = reader.blob(**file, mostBytes);
        if (!bytes)
            return bytes.error();
        *content = *bytes;
    }
    return rules;
}

Result<bool> changesRulesAlone(git::ObjectReader &reader, const QString &commit)
{
    const auto read = readCommit(reader, commit);
    if (!read)
        return read.error();
    if (read->commit.parents.size() != 1)
        return false;
    const auto parent = readCommit(reader, read->commit.parents.front());
    if (!parent)
        return parent.error();
    const auto changes = reader.changes(parent->commit.tree, read->commit.tree, 3);
    if (!changes)
        return changes.error();
    return !changes->isEmpty() && std::all_of(changes->begin(), changes->end(), [](const git::TreeChange &change) {
        return (change.path == "policy.yaml" || change.path == "allowed_signers") &&
               change.kind == git::TreeChange::Kind::Modified && change.mode == 0100644;
    });
}

Result<bool> isSignedBy(git::ObjectReader &reader, const QString &commit, const ssh::PublicKey &key)
{
    const auto read = readCommit(reader, commit);
    if (!read)
        return read.error();
    const auto signature = ssh::parseSignature(read->commit.signature);
    return signature && signature->ns == ssh::gitNamespace && signature->key == key &&
           ssh::SshVerifier().isValid(*signature, read->commit.payload);
}

Result<QString> reasonOf(git::ObjectReader &reader, const QString &commit)
{
    const auto read = readCommit(reader, commit);
    if (!read)
        return read.error();
    const QString message = QString::fromUtf8(read->commit.message.toByteArray().left(4096));
    const qsizetype body = message.indexOf(QLatin1String("\n\n"));
    return body < 0 ? QString() : message.mid(body + 2).trimmed();
}

} // namespace signalbox
