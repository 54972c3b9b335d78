#include "services/git/packer.h"

#include "services/git/githandles.h"
#include "services/git/gittext.h"

#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QMutex>
#include <QRegularExpression>

#include <git2/sys/odb_backend.h>

#include <algorithm>
#include <vector>

namespace signalbox::git
{

namespace
{

using PackHandle = std::unique_ptr<git_packbuilder, Freer<git_packbuilder_free>>;
using IndexerHandle = std::unique_ptr<git_indexer, Freer<git_indexer_free>>;
using OdbHandle = std::unique_ptr<git_odb, Freer<git_odb_free>>;
using OdbObjectHandle = std::unique_ptr<git_odb_object, Freer<git_odb_object_free>>;

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

// Reads it and hashes it.
bool isReadable(git_odb *odb, const git_oid &id)
{
    git_odb_object *raw = nullptr;
    if (git_odb_read(&raw, odb, &id) != 0)
        return false;
    const OdbObjectHandle object(raw);
    git_oid hashed;
    return git_odb_hash(&hashed, git_odb_object_data(object.get()), git_odb_object_size(object.get()),
                        git_odb_object_type(object.get())) == 0 &&
           git_oid_cmp(&hashed, &id) == 0;
}

// A damaged one stays where it is, for whoever repairs it, and keeps nothing else from being packed.
int leaveOutDamaged(git_repository *repository, std::vector<Loose> &objects, const StopToken &stop)
{
    git_odb *raw = nullptr;
    if (const int code = git_repository_odb(&raw, repository); code != 0)
        return code;
    const OdbHandle odb(raw);
    objects.erase(
        std::remove_if(objects.begin(), objects.end(),
                       [&](const Loose &one) { return !stop.stop_requested() && !isReadable(odb.get(), one.id); }),
        objects.end());
    return 0;
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
    return std::all_of(objects.begin(), objects.end(),
                       [&odb](const Loose &one) { return isReadable(odb.get(), one.id); });
}

void removeFile(const QString &file)
{
#ifdef Q_OS_WIN
    QFile::setPermissions(file, QFile::ReadOwner | QFile::WriteOwner); // what is read-only cannot be removed
#endif
    QFile::remove(file);
}

// Never what holds an object that lies nowhere else: somebody else may have packed the very same ones.
void removePack(const QString &path, const std::vector<Loose> &objects)
{
    if (!std::all_of(objects.begin(), objects.end(), [](const Loose &one) { return QFile::exists(one.file); }))
        return;
    removeFile(path + QStringLiteral(".idx"));
    removeFile(path + QStringLiteral(".pack"));
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
    const QString what = GitText::tr("The repository %1 cannot be packed").arg(repository);
    const QString folder = objectsOf(repository) + QStringLiteral("/pack");
    removeLeftovers(folder);
    std::vector<Loose> loose = looseObjects(repository);
    if (loose.empty())
        return qsizetype(0);
    git_repository *rawRepository = nullptr;
    int code = git_repository_open_bare(&rawRepository, QDir::toNativeSeparators(repository).toUtf8().constData());
    const RepositoryHandle opened(rawRepository);
    if (code == 0)
        code = leaveOutDamaged(opened.get(), loose, stop);
    if (loose.empty())
        return qsizetype(0);
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
    QString name;
    if (code == 0) {
        static QMutex safe; // the switch is the whole program's
        const QMutexLocker locker(&safe);
        code = git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1); // what is removed below has to be safe on the disk
        if (code == 0)
            name = writePack(pack.get(), folder, code);
        git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 0);
    }
    if (code != 0)
        return gitError(code, what);
    const QString path = QStringLiteral("%1/pack-%2").arg(folder, name);
    if (!isWhole(path + QStringLiteral(".idx"), loose)) {
        removePack(path, loose);
        return Error{
            ErrorKind::Internal,
            GitText::tr("%1: the new pack does not hold what was put into it. Everything is still there, unpacked.")
                .arg(what),
            {}};
    }
    for (const Loose &one : loose)
        removeFile(one.file);
    return static_cast<qsizetype>(loose.size());
}

} // namespace signalbox::git
