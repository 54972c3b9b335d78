#pragma once

#include "services/ledger/signing/publickey.h"

#include <QByteArray>
#include <QByteArrayView>
#include <QDateTime>
#include <QList>
#include <QString>
#include <QStringList>

#include <optional>

// `allowed_signers`, as ssh-keygen(1), ALLOWED SIGNERS, describes it and git uses it.
namespace signalbox::ssh
{

// One line: PRINCIPALS [OPTIONS] TYPE KEY [COMMENT].
struct AllowedSigner
{
    QByteArray principals; // a list of patterns, as written
    QByteArray namespaces; // a list of patterns; empty: all
    QDateTime validAfter;  // UTC; invalid: always
    QDateTime validBefore; // UTC; invalid: for ever. Both ends belong to the interval.
    PublicKey key;
    int line = 0;

    bool isFor(QByteArrayView principal) const;
    bool isForNamespace(QByteArrayView ns) const;
    // The names in `principals` that are neither patterns nor negated.
    QStringList names() const;
};

// Something to tell about a line. `isBad`: the line counts for nothing.
struct SignerLineNote
{
    int line = 0;
    bool isBad = true;
    QString text; // with file and line
};

// Whether a key may sign in a namespace at a time, and as whom.
struct SignerFinding
{
    enum class Kind { Allowed, UnknownKey, WrongNamespace, NotYetValid, NoLongerValid };
    Kind kind = Kind::UnknownKey;
    QString principal; // of Allowed
    QDateTime limit;   // of NotYetValid and NoLongerValid, UTC
    int line = 0;      // 0: no line has the key
};

// A value; any thread.
class AllowedSigners
{
public:
    // Never fails: a bad line is left out and noted, as ssh-keygen does. `file` is for the notes.
    static AllowedSigners parse(QByteArrayView text, const QString &file);

    const QList<AllowedSigner> &lines() const { return m_lines; }
    const QList<SignerLineNote> &notes() const { return m_notes; }

    // `claimed` chooses among several names (the committer's e-mail): a name given by the line wins over a pattern that
    // `claimed` matches. The first line that allows it counts; else what stands in the way of the last one with the
    // key.
    SignerFinding find(const PublicKey &key, QByteArrayView ns, const QDateTime &at, QByteArrayView claimed) const;
    // All that have one of these lines, whenever they are valid.
    QStringList principalsOf(const PublicKey &key) const;

private:
    QList<AllowedSigner> m_lines;
    QList<SignerLineNote> m_notes;
};

// YYYYMMDD or YYYYMMDDHHMM[SS], followed by Z or UTC for UTC, else in the zone of this machine. Invalid: it is no time.
QDateTime parseSignerTime(QByteArrayView text);

} // namespace signalbox::ssh
