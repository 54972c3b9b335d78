#include "services/git/bufferdiff.h"

#include "services/git/githandles.h"

namespace signalbox::git
{

QByteArray unifiedDiff(const QByteArray &before, const QByteArray &after, const QString &path)
{
    const Library library;
    const QByteArray name = path.toUtf8();
    git_patch *raw = nullptr;
    const int code =
        git_patch_from_buffers(&raw, before.constData(), static_cast<size_t>(before.size()), name.constData(),
                               after.constData(), static_cast<size_t>(after.size()), name.constData(), nullptr);
    const std::unique_ptr<git_patch, Freer<git_patch_free>> patch(raw);
    git_buf buffer = GIT_BUF_INIT;
    if (code != 0 || !raw || git_patch_num_hunks(raw) == 0 || git_patch_to_buf(&buffer, raw) != 0)
        return {};
    const QByteArray text(buffer.ptr, static_cast<qsizetype>(buffer.size));
    git_buf_dispose(&buffer);
    return text;
}

} // namespace signalbox::git
