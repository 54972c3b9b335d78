#include "services/operations/durablefile.h"

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace signalbox
{
namespace
{

Error failure(const QString &path, int code)
{
    const QString reason = QString::fromLocal8Bit(std::strerror(code));
    return {
        ErrorKind::Internal,
        QCoreApplication::translate(
            "signalbox::Journal", "The journal %1 cannot be written (%2). Free some space or make the folder writable.")
            .arg(path, reason),
        {}};
}

struct Descriptor
{
    int fd = -1;
    ~Descriptor()
    {
        if (fd >= 0)
            ::close(fd); // gives the lock back, too
    }
};

int writeAll(int fd, const QByteArray &bytes)
{
    qsizetype done = 0;
    while (done < bytes.size()) {
        const ssize_t n = ::write(fd, bytes.constData() + done, static_cast<size_t>(bytes.size() - done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        done += n;
    }
    return 0;
}

int syncData(int fd)
{
#ifdef Q_OS_MACOS
    if (::fcntl(fd, F_FULLFSYNC) == 0) // fsync() alone stops at the drive's cache there
        return 0;
#endif
    return ::fsync(fd) == 0 ? 0 : errno;
}

// A new file is only there after a crash when its folder was synced as well.
void syncFolder(const QString &path)
{
    const QByteArray folder = QFile::encodeName(QFileInfo(path).absolutePath());
    const Descriptor descriptor{::open(folder.constData(), O_RDONLY | O_CLOEXEC)};
    if (descriptor.fd >= 0)
        syncData(descriptor.fd);
}

} // namespace

Result<void> appendLine(const QString &path, const QByteArray &line, bool sync)
{
    const bool isNew = !QFile::exists(path);
    const Descriptor file{::open(QFile::encodeName(path).constData(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600)};
    if (file.fd < 0)
        return failure(path, errno);
    while (::flock(file.fd, LOCK_EX) != 0) {
        if (errno != EINTR)
            return failure(path, errno);
    }
    struct stat info = {};
    if (::fstat(file.fd, &info) != 0)
        return failure(path, errno);
    QByteArray bytes = line;
    char last = '\n';
    if (info.st_size > 0 && ::pread(file.fd, &last, 1, info.st_size - 1) == 1 && last != '\n')
        bytes.prepend('\n');
    int code = writeAll(file.fd, bytes);
    if (code == 0 && sync)
        code = syncData(file.fd);
    if (code != 0) {
        if (::ftruncate(file.fd, info.st_size) != 0)
            return failure(path, errno);
        return failure(path, code);
    }
    if (isNew && sync)
        syncFolder(path);
    return {};
}

} // namespace signalbox
