#pragma once

#include "services/git/objectreader.h"
#include "services/git/treeobject.h"

#include <functional>

// For the files of this folder only.
namespace signalbox::git
{

// A commit's tree, and in each tree the last folder, down to the one that has none: where nearly every commit of a
// ledger adds its file, as the last one. Taking the files away again, one after another, says what the trees of older
// commits were without reading them: to find five trees in a pack and to unpack them takes longer than all else that is
// done with them. A tree made like this has the name of the older commit's or it is not that one.
//
// Those names are hashed without libgit2's search for known collisions of SHA-1, in a fifth of its time: their bytes
// are parts of a tree that was searched, the names of files that were looked at and the hashes of such files, and leave
// no room for a collision, which takes blocks of 64 bytes of someone's choice.
class TreeTrail
{
public:
    struct Made
    {
        ObjectId id;
        QByteArray bytes;
    };

    // `find`: a tree that is at hand; null: it is not, and there is no trail. False: no trail.
    bool begin(const ObjectId &root, const std::function<TreePointer(const ObjectId &)> &find);
    void reset() { m_levels.clear(); }
    bool isAt(const ObjectId &root) const { return !m_levels.empty() && m_levels.front().id == root; }
    // Takes the last file away: a file that was added, seen from what the trees are now. None: there is no trail (any
    // more).
    std::optional<TreeChange> stepBack();
    // To be called once after a step that led elsewhere.
    void undo();
    // The trees of now, the root first; a folder that would be empty is none.
    const std::vector<ObjectId> &ids() const { return m_ids; }
    // The last step left an empty folder behind: the folder before it is not known, and the trail is over. The trees
    // that there are.
    bool isOver() const { return m_isOver; }
    std::vector<Made> trees() const;

private:
    struct Level
    {
        QByteArray bytes;
        QByteArray name; // of the folder in it that the trail goes to
        qsizetype begin = 0;
        qsizetype end = 0; // of its entry in the bytes
        ObjectId id;
        // Before the last step: undo().
        ObjectId idBefore;
        QByteArray taken; // the last file, or the folder that was left empty
    };
    bool nameAll();

    std::vector<Level> m_levels;     // the root first
    std::vector<qsizetype> m_starts; // of the entries of the deepest one
    std::vector<ObjectId> m_ids;
    bool m_isOver = false;
};

} // namespace signalbox::git
