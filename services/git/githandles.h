#pragma once

#include "models/domain/freer.h"
#include "models/domain/result.h"

#include <QString>

#include <git2.h>

#include <memory>

// For the files of this folder only: owners of libgit2's objects, and its errors as ours.
namespace signalbox::git
{

using RepositoryHandle = std::unique_ptr<git_repository, Freer<git_repository_free>>;
using CommitHandle = std::unique_ptr<git_commit, Freer<git_commit_free>>;
using TreeHandle = std::unique_ptr<git_tree, Freer<git_tree_free>>;
using BlobHandle = std::unique_ptr<git_blob, Freer<git_blob_free>>;
using SignatureHandle = std::unique_ptr<git_signature, Freer<git_signature_free>>;
using ReferenceHandle = std::unique_ptr<git_reference, Freer<git_reference_free>>;
using RevwalkHandle = std::unique_ptr<git_revwalk, Freer<git_revwalk_free>>;
using TreeEntryHandle = std::unique_ptr<git_tree_entry, Freer<git_tree_entry_free>>;
using ConfigHandle = std::unique_ptr<git_config, Freer<git_config_free>>;

// libgit2 wants to be started before and stopped after use, once per user of it. The first one starts it for as long as
// the program runs: Debian's parses all authorities of the system each time, 30 ms for a list of none.
class Library
{
public:
    Library()
    {
        [[maybe_unused]] static const int first = [] {
            const int count = git_libgit2_init();
            // As git: an object that is read is not hashed again (half of the time of a list of commits). Whoever must
            // not trust the disk hashes for itself: ObjectReader, for the ledger.
            git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
            return count;
        }();
        git_libgit2_init();
    }
    ~Library() { git_libgit2_shutdown(); }
    Library(const Library &) = delete;
    Library &operator=(const Library &) = delete;
};

// To be called right after the call that failed with `code`, on the same thread. `what` begins the sentence.
Error gitError(int code, const QString &what);
QString hex(const git_oid *id);

} // namespace signalbox::git
