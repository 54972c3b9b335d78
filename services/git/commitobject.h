#pragma once

#include <QByteArray>
#include <QByteArrayView>
#include <QString>

#include <array>
#include <cstring>
#include <optional>
#include <vector>

namespace signalbox::git
{

// The name of an object, SHA-1. A value.
struct ObjectId
{
    std::array<unsigned char, 20> bytes{};

    static std::optional<ObjectId> fromHex(QByteArrayView hex); // 40 digits
    QByteArray hex() const;
    bool isNull() const { return *this == ObjectId{}; }
    bool operator==(const ObjectId &) const = default;
};
inline size_t qHash(const ObjectId &id, size_t seed = 0)
{
    size_t first = 0;
    std::memcpy(&first, id.bytes.data(), sizeof first);
    return first ^ seed;
}

// A commit's text, taken apart as git does it to verify a signature. Views into the text, which must outlive it; the
// two byte arrays are its own.
struct CommitObject
{
    ObjectId tree;
    std::vector<ObjectId> parents;
    QByteArrayView committerName;
    QByteArrayView committerEmail;
    qint64 committedAt = 0; // seconds since the epoch
    QByteArrayView message;
    QByteArray signature; // armoured, as it was before it was indented; empty: none
    QByteArray payload;   // the text without the signature: what was signed
    // What a commit of a ledger has no reason to have: a second signature, headers nobody knows, one given twice. In
    // words, English; empty: nothing. git looks past all of them.
    QByteArray oddity;
};

// None: it is no commit.
std::optional<CommitObject> parseCommit(QByteArrayView text);

} // namespace signalbox::git
