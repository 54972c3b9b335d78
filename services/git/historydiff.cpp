#include "services/git/history_p.h"

#include "services/git/gittext.h"

#include <algorithm>

// Differences: of trees, of one file, and the lines of a commit.
namespace signalbox::git
{

namespace
{

constexpr git_off_t comparedBytes = mostComparedBytes; // larger files count as binary in a list
constexpr size_t renameLimit = 1000;                   // as git's own diff.renameLimit

FileChange::Status statusOf(git_delta_t status)
{
    switch (status) {
    case GIT_DELTA_ADDED:
        return FileChange::Status::Added;
    case GIT_DELTA_DELETED:
        return FileChange::Status::Removed;
    case GIT_DELTA_RENAMED:
        return FileChange::Status::Renamed;
    case GIT_DELTA_COPIED:
        return FileChange::Status::Copied;
    case GIT_DELTA_TYPECHANGE:
        return FileChange::Status::TypeChanged;
    default:
        return FileChange::Status::Modified;
    }
}

void count(FileChange &change, const git_patch *patch)
{
    size_t added = 0;
    size_t removed = 0;
    change.isBinary = (git_patch_get_delta(patch)->flags & GIT_DIFF_FLAG_BINARY) != 0;
    if (!change.isBinary && git_patch_line_stats(nullptr, &added, &removed, patch) == 0) {
        change.added = static_cast<int>(added);
        change.removed = static_cast<int>(removed);
    }
}

// The first `lines` lines of `text`, and whether there are more.
bool cutLines(QByteArray &text, int lines)
{
    qsizetype end = 0;
    for (int i = 0; i < lines; ++i) {
        end = text.indexOf('\n', end);
        if (end < 0)
            return false;
        ++end;
    }
    if (end >= text.size())
        return false;
    text.truncate(end);
    return true;
}

} // namespace

FileChange fileChangeOf(const git_diff_delta *delta)
{
    FileChange change;
    change.status = statusOf(delta->status);
    change.path = QString::fromUtf8(delta->new_file.path);
    if (delta->status == GIT_DELTA_RENAMED || delta->status == GIT_DELTA_COPIED)
        change.oldPath = QString::fromUtf8(delta->old_file.path);
    return change;
}

Result<DiffHandle> History::Private::diff(const QString &from, const QString &to, int contextLines) const
{
    const auto before = tree(from);
    if (!before)
        return before.error();
    const auto after = tree(to);
    if (!after)
        return after.error();
    git_diff_options options = GIT_DIFF_OPTIONS_INIT;
    options.max_size = comparedBytes;
    options.flags = GIT_DIFF_INCLUDE_TYPECHANGE;
    options.context_lines = static_cast<uint32_t>(std::max(0, contextLines));
    git_diff *raw = nullptr;
    int code = git_diff_tree_to_tree(&raw, repository.get(), before->get(), after->get(), &options);
    DiffHandle handle(raw);
    if (code == 0)
        code = findRenames(raw);
    if (code != 0)
        return error(code);
    return handle;
}

Result<LineCounts> History::lineCounts(const QString &commitHex) const
{
    const auto id = d->idOf(commitHex);
    if (!id)
        return id.error();
    const auto commit = d->commit(*id);
    if (!commit)
        return commit.error();
    const unsigned parents = git_commit_parentcount(commit->get());
    if (parents > 1)
        return LineCounts();
    const auto after = d->treeOf(commit->get());
    if (!after)
        return after.error();
    TreeHandle before;
    if (parents == 1) {
        const auto parent = d->commit(*git_commit_parent_id(commit->get(), 0));
        if (!parent)
            return parent.error();
        auto tree = d->treeOf(parent->get());
        if (!tree)
            return tree.error();
        before = std::move(*tree);
    }
    git_diff_options options = GIT_DIFF_OPTIONS_INIT;
    options.context_lines = 0;
    options.max_size = comparedBytes;
    git_diff *raw = nullptr;
    int code = git_diff_tree_to_tree(&raw, d->repository.get(), before.get(), after->get(), &options);
    const DiffHandle diff(raw);
    git_diff_find_options similar = GIT_DIFF_FIND_OPTIONS_INIT;
    similar.flags = GIT_DIFF_FIND_RENAMES | GIT_DIFF_FIND_EXACT_MATCH_ONLY;
    similar.rename_limit = renameLimit;
    if (code == 0)
        code = git_diff_find_similar(raw, &similar);
    git_diff_stats *rawStats = nullptr;
    if (code == 0)
        code = git_diff_get_stats(&rawStats, raw);
    const std::unique_ptr<git_diff_stats, Freer<git_diff_stats_free>> stats(rawStats);
    if (code != 0)
        return d->error(code);
    return LineCounts{static_cast<int>(git_diff_stats_files_changed(rawStats)),
                      static_cast<int>(git_diff_stats_insertions(rawStats)),
                      static_cast<int>(git_diff_stats_deletions(rawStats))};
}

int findRenames(git_diff *diff)
{
    git_diff_find_options similar = GIT_DIFF_FIND_OPTIONS_INIT;
    similar.flags = GIT_DIFF_FIND_RENAMES;
    similar.rename_limit = renameLimit;
    return git_diff_find_similar(diff, &similar);
}

Result<QList<FileChange>> fileChangesIn(git_diff *diff, const QString &path, const StopToken &stop)
{
    QList<FileChange> files;
    for (size_t i = 0; i < git_diff_num_deltas(diff); ++i) {
        if (stop.stop_requested())
            return stoppedError();
        git_patch *raw = nullptr;
        const int code = git_patch_from_diff(&raw, diff, i);
        const PatchHandle patch(raw);
        if (code != 0)
            return gitError(code, GitText::tr("The repository %1 cannot be read").arg(path));
        FileChange change = fileChangeOf(git_diff_get_delta(diff, i));
        if (raw)
            count(change, raw);
        files.append(change);
    }
    return files;
}

Result<QList<FileChange>> History::files(const QString &from, const QString &to, const StopToken &stop) const
{
    const auto diff = d->diff(from, to, 0);
    if (!diff)
        return diff.error();
    return fileChangesIn(diff->get(), d->path, stop);
}

Result<FileDiff> History::diff(const QString &from, const QString &to, const QString &path, const DiffLimits &limits,
                               const StopToken &stop) const
{
    const auto all = d->diff(from, to, limits.contextLines);
    if (!all)
        return all.error();
    const size_t total = git_diff_num_deltas(all->get());
    size_t row = 0;
    while (row < total && QString::fromUtf8(git_diff_get_delta(all->get(), row)->new_file.path) != path)
        ++row;
    if (row == total)
        return Error{
            ErrorKind::NotFound,
            GitText::tr("%1 is the same in both releases, or in neither. Look at the list of files.").arg(path),
            {}};
    const git_diff_delta *delta = git_diff_get_delta(all->get(), row);
    FileDiff found;
    found.file = fileChangeOf(delta);
    git_odb *rawOdb = nullptr;
    int code = git_repository_odb(&rawOdb, d->repository.get());
    const std::unique_ptr<git_odb, Freer<git_odb_free>> odb(rawOdb);
    const auto sizeOf = [&](const git_diff_file &file) -> qint64 {
        size_t size = 0;
        git_object_t type = GIT_OBJECT_INVALID;
        return !git_oid_is_zero(&file.id) && git_odb_read_header(&size, &type, rawOdb, &file.id) == 0
                   ? static_cast<qint64>(size)
                   : 0;
    };
    if (code != 0)
        return d->error(code);
    found.oldSize = sizeOf(delta->old_file);
    found.newSize = sizeOf(delta->new_file);
    found.isTooLarge = std::max(found.oldSize, found.newSize) > limits.fileBytes;
    if (found.isTooLarge || stop.stop_requested())
        return stop.stop_requested() ? Result<FileDiff>(stoppedError()) : Result<FileDiff>(found);
    git_patch *raw = nullptr;
    code = git_patch_from_diff(&raw, all->get(), row);
    const PatchHandle patch(raw);
    git_buf text = GIT_BUF_INIT;
    if (code == 0 && raw) {
        count(found.file, raw);
        if (!found.file.isBinary)
            code = git_patch_to_buf(&text, raw);
    }
    found.text = QByteArray(text.ptr, static_cast<qsizetype>(text.size));
    git_buf_dispose(&text);
    if (code != 0)
        return d->error(code);
    found.isCut = cutLines(found.text, limits.lines);
    return found;
}

} // namespace signalbox::git
