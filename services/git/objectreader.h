#pragma once

#include "models/domain/result.h"
#include "services/git/commitobject.h"

#include <QByteArray>
#include <QList>
#include <QString>

#include <memory>
#include <optional>

namespace signalbox::git
{

// One file that differs between two trees.
struct TreeChange
{
    enum class Kind { Added, Removed, Modified };
    Kind kind = Kind::Added;
    QByteArray path;
    unsigned mode = 0; // of the new side; 0100644: an ordinary file
    ObjectId id;       // of the new side; null: removed
};

// Reads objects fast and in bulk, without libgit2's object model: each is hashed and compared with its name. Opens the
// repository for itself and stays on its thread; use one per thread. Errors: NotFound for an object that is not there
// (a shallow or damaged repository), Internal for one that is damaged.
class ObjectReader
{
public:
    static Result<ObjectReader> open(const QString &path); // NotFound: there is no repository
    ObjectReader(ObjectReader &&) noexcept;
    ObjectReader &operator=(ObjectReader &&) noexcept;
    ~ObjectReader();

    // The commit a branch points at. None: there is no such branch.
    Result<std::optional<ObjectId>> tip(const QString &branch);
    Result<QByteArray> commitText(const ObjectId &id);
    Result<QByteArray> blob(const ObjectId &id, qsizetype most); // Invalid when it is larger
    // What differs, at most `most` files; a null `from` is the empty tree.
    Result<QList<TreeChange>> changes(const ObjectId &from, const ObjectId &to, qsizetype most);
    // changes() makes older trees out of newer ones instead of reading them, and sees to it that they lie there. From
    // here on it does not: areMadeThere() does for all since, in the order of their names, which takes a fraction of
    // the time. Nothing that changes() said counts before; if they are not all there, another reader has to say it
    // anew.
    void lookLater();
    bool areMadeThere();
    // The file of a tree. None: there is none of this path.
    Result<std::optional<ObjectId>> fileOf(const ObjectId &tree, QByteArrayView path);
    bool has(const ObjectId &id);

private:
    class Private;
    explicit ObjectReader(std::unique_ptr<Private> priv);
    std::unique_ptr<Private> d;
};

} // namespace signalbox::git
