#include "services/git/packer.h"

#include "services/git/githandles.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>

#include <git2/sys/odb_backend.h>

#include <vector>

namespace signalbox::git
{

namespace
{

using PackHandle = std::unique_ptr<git_packbuilder, Freer<git_packbuilder_free>>;
using IndexerHandle = std::unique_ptr<git_indexer, Freer<git_indexer_free>>;
using OdbHandle = std::unique_ptr<git_odb, Freer<git_odb_free>>;
using OdbObjectHandle = std::unique_ptr<git_odb_object, Freer<git_odb_object_free>>;

struct Text
{
    Q_DECLARE_TR_FUNCTIONS(Git)
};

constexpr qsizetype mostAtOnce = 50'000; // the pack is made in memory
constexpr int oldHours = 24;

struct Loose
{
    git_oid id;
    QString file;
};

QString objectsOf(const QString &repository)
{
    return repository + QStringLiteral("/objects");
}

bool isHexName(const QString &name, int length)
{
    static const QRegularExpression hexDigits(QStringLiteral("^[0-9a-f]+\\z"));
    return name.size() == length && hexDigits.match(name).hasMatch();
}

std::vector<Loose> looseObjects(const QString &repository)
{
    std::vector<Loose> found;
    const QDir objects(objectsOf(repository));
    const QStringList folders = objects.entryList(QDir::Dirs | QDir::NoDotAndDotDot);
    for (const QString &folder : folders) {
        if (!isHexName(folder, 2))
            continue;
        const QStringList files = QDir(objects.filePath(folder)).entryList(QDir::Files);
        for (const QString &file : files) {
            Loose one;
            if (isHexName(file, 38) && git_oid_fromstr(&one.id, (folder + file).toLatin1().constData()) == 0 &&
                static_cast<qsizetype>(found.size()) < mostAtOnce)
                found.push_back({one.id, objects.filePath(folder + QLatin1Char('/') + file)});
        }
    }
    return found;
}

// What a program that was killed while it packed has left: half a pack, or an index without its pack.
void removeLeftovers(const QString &folder)
{
    const QDateTime before = QDateTime::currentDateTime().addSecs(-oldHours * 3600);
    const QFileInfoList files = QDir(folder).entryInfoList(QDir::Files);
    for (const QFileInfo &file : files) {
        const bool isHalf = file.fileName().startsWith(QLatin1String("pack_git2_"));
        const bool isAlone =
            file.suffix() == QLatin1String("idx") &&
            !QFile::exists(folder + QLatin1Char('/') + file.completeBaseName() + QLatin1String(".pack"));
        if ((isHalf || isAlone) && file.lastModified() < before)
            QFile::remove(file.filePath());
    }
}

// The pack's name; empty in `code` != 0.
QString writePack(git_packbuilder *pack, const QString &folder, int &code)
{
    git_buf bytes = GIT_BUF_INIT;
    code = git_packbuilder_write_buf(&bytes, pack);
    git_indexer *raw = nullptr;
    if (code == 0)
        code = git_indexer_new(&raw, QDir::toNativeSeparators(folder).toUtf8().constData(), 0, nullptr, nullptr);
    const IndexerHandle indexer(raw);
    git_indexer_progress progress = {};
    if (code == 0)
        code = git_indexer_append(indexer.get(), bytes.ptr, bytes.size, &progress);
    git_buf_dispose(&bytes);
    if (code == 0)
        code = git_indexer_commit(indexer.get(), &progress);
    return code == 0 ? hex(git_indexer_hash(indexer.get())) : QString();
}

// Reads every object back from the pack alone, and hashes it.
bool isWhole(const QString &index, const std::vector<Loose> &objects)
{
    git_odb *rawOdb = nullptr;
    if (git_odb_new(&rawOdb) != 0)
        return false;
    const OdbHandle odb(rawOdb);
    git_odb_backend *backend = nullptr;
    if (git_odb_backend_one_pack(&backend, QDir::toNativeSeparators(index).toUtf8().constData()) != 0 ||
        git_odb_add_backend(odb.get(), backend, 1) != 0)
        return false;
    for (const Loose &one : objects) {
        git_odb_object *raw = nullptr;
        if (git_odb_read(&raw, odb.get(), &one.id) != 0)
            return false;
        const OdbObjectHandle object(raw);
        git_oid hashed;
        if (git_odb_hash(&hashed, git_odb_object_data(object.get()), git_odb_object_size(object.get()),
                         git_odb_object_type(object.get())) != 0 ||
            git_oid_cmp(&hashed, &one.id) != 0)
            return false;
    }
    return true;
}

} // namespace

bool hasManyLooseObjects(const QString &repository, qsizetype most)
{
    constexpr int folders = 256;
    const QDir sample(objectsOf(repository) + QStringLiteral("/17"));
    return sample.exists() && sample.entryList(QDir::Files).size() * folders > most;
}

Result<qsizetype> packLooseObjects(const QString &repository, const StopToken &stop)
{
    const Library library;
    const QString what = Text::tr("The repository %1 cannot be packed").arg(repository);
    const QString folder = objectsOf(repository) + QStringLiteral("/pack");
    removeLeftovers(folder);
    const std::vector<Loose> loose = looseObjects(repository);
    if (loose.empty())
        return qsizetype(0);
    git_repository *rawRepository = nullptr;
    int code = git_repository_open_bare(&rawRepository, QDir::toNativeSeparators(repository).toUtf8().constData());
    const RepositoryHandle opened(rawRepository);
    git_packbuilder *rawPack = nullptr;
    if (code == 0)
        code = git_packbuilder_new(&rawPack, opened.get());
    const PackHandle pack(rawPack);
    for (const Loose &one : loose) {
        if (stop.stop_requested())
            return Error{ErrorKind::Cancelled, {}, {}};
        if (code == 0)
            code = git_packbuilder_insert(pack.get(), &one.id, nullptr);
    }
    if (code == 0)
        code = git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1); // what is removed below has to be safe on the disk
    const QString name = code == 0 ? writePack(pack.get(), folder, code) : QString();
    git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 0);
    if (code != 0)
        return gitError(code, what);
    if (!isWhole(QStringLiteral("%1/pack-%2.idx").arg(folder, name), loose))
        return Error{
            ErrorKind::Internal,
            Text::tr("%1: the new pack does not hold what was put into it. Everything is still there, unpacked.")
                .arg(what),
            {}};
    for (const Loose &one : loose) {
#ifdef Q_OS_WIN
        QFile::setPermissions(one.file, QFile::ReadOwner | QFile::WriteOwner); // what is read-only cannot be removed
#endif
        QFile::remove(one.file);
    }
    return static_cast<qsizetype>(loose.size());
}

} // namespace signalbox::git
