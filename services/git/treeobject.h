#pragma once

#include "services/git/commitobject.h"

#include <QByteArray>

#include <algorithm>
#include <memory>
#include <vector>

// For the files of this folder only: a tree as git writes it.
namespace signalbox::git
{

struct TreeEntry
{
    QByteArrayView name;
    unsigned mode = 0;
    const unsigned char *id = nullptr;

    bool isFolder() const { return mode == 040000; }
    ObjectId objectId() const
    {
        ObjectId object;
        std::copy_n(id, object.bytes.size(), object.bytes.begin());
        return object;
    }
    bool isSame(const TreeEntry &other) const { return mode == other.mode && std::equal(id, id + 20, other.id); }
};

// git's order: a folder as if its name ended with a slash.
int compare(const TreeEntry &a, const TreeEntry &b);

struct TreeObject
{
    QByteArray bytes;
    std::vector<TreeEntry> entries; // look at the bytes

    qsizetype endOf(size_t index) const // of an entry, in the bytes
    {
        return reinterpret_cast<const char *>(entries[index].id) + 20 - bytes.constData();
    }
};
using TreePointer = std::shared_ptr<const TreeObject>;

// Null: it is no tree that git would write.
TreePointer parseTree(QByteArray bytes);

// How many entries from the first on are the same in both: of two commits in a row nearly all.
size_t sameAtFront(const TreeObject &a, const TreeObject &b);

} // namespace signalbox::git
