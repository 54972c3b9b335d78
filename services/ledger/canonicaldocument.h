#pragma once

#include <QByteArray>
#include <QByteArrayView>

#include <cstdint>
#include <vector>

namespace signalbox
{

// Canonical JSON (RFC 8785), proven to be that and taken apart in one pass, without building a tree: for the many
// entries of a ledger. It knows what nearly every entry is made of (keys in ASCII, whole numbers); a document with
// anything else is refused though it may be canonical, and takes the long way: parse, canonicalJson(), compare.
// Used again for the next document it keeps its memory. One thread.
class CanonicalDocument
{
public:
    enum class Kind : std::uint8_t { Null, Flag, Number, Text, Array, Object };

    struct Value
    {
        Kind kind = Kind::Null;
        bool flag = false;
        qint64 number = 0;
        QByteArrayView key;         // in an object
        QByteArrayView text;        // without its escapes
        const Value *end = nullptr; // behind the last of what is in it

        // What is in an array or an object: `for (auto at = first(); at != end; at = at->next())`.
        const Value *first() const { return this + 1; }
        const Value *next() const { return kind == Kind::Array || kind == Kind::Object ? end : this + 1; }
        const Value *find(QByteArrayView name) const; // null: it is no object, or has no such key
    };

    // Takes views of `json`, which has to stay. False: not proven; nothing can be asked of it then.
    bool parse(QByteArrayView json);
    const Value &top() const { return m_values.front(); }

    static constexpr int mostDepth = 64; // of values that lie one in the other

private:
    class Parser;

    std::vector<Value> m_values; // in the order of the text
    QByteArray m_texts;          // those that had escapes
};

} // namespace signalbox
