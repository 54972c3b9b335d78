// Preloaded into a program (LD_PRELOAD), ends it by SIGKILL right before its Nth change of a file below a folder, the
// way a crash or a pulled plug would: KILLPOINT_BELOW names the folder, KILLPOINT_AT the number (none: it only counts),
// KILLPOINT_COUNT a file that the number of changes is written to at the end. A write is killed half-way: what it was
// to write is torn.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace
{

std::atomic<long> changes{0};

const char *setting(const char *name)
{
    const char *value = std::getenv(name);
    return value ? value : "";
}

template <typename Function>
Function *real(const char *name)
{
    return reinterpret_cast<Function *>(::dlsym(RTLD_NEXT, name));
}

bool isBelow(const std::string &path)
{
    const char *folder = setting("KILLPOINT_BELOW");
    return *folder && path.compare(0, std::strlen(folder), folder) == 0;
}

std::string pathOf(int fd)
{
    char link[64];
    char path[4096];
    std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t size = ::readlink(link, path, sizeof path - 1);
    return size > 0 ? std::string(path, static_cast<size_t>(size)) : std::string();
}

// True: it is the one to die at.
bool counts(const std::string &path)
{
    if (!isBelow(path))
        return false;
    return ++changes == std::atol(setting("KILLPOINT_AT"));
}

void die()
{
    ::kill(::getpid(), SIGKILL);
    for (;;)
        ::pause();
}

void change(const std::string &path)
{
    if (counts(path))
        die();
}

struct Report
{
    ~Report()
    {
        if (std::FILE *file = std::fopen(setting("KILLPOINT_COUNT"), "w")) {
            std::fprintf(file, "%ld\n", changes.load());
            std::fclose(file);
        }
    }
};
const Report report;

template <typename Open>
int opened(Open *open, const char *path, int flags, mode_t mode)
{
    if ((flags & (O_CREAT | O_TRUNC)) != 0)
        change(path);
    return open(path, flags, mode);
}

mode_t modeOf(int flags, va_list arguments)
{
    return (flags & O_CREAT) != 0 ? static_cast<mode_t>(va_arg(arguments, int)) : 0;
}

} // namespace

extern "C" {

int open(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = modeOf(flags, arguments);
    va_end(arguments);
    return opened(real<int(const char *, int, ...)>("open"), path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = modeOf(flags, arguments);
    va_end(arguments);
    return opened(real<int(const char *, int, ...)>("open64"), path, flags, mode);
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    static auto *const next = real<ssize_t(int, const void *, size_t)>("write");
    if (counts(pathOf(fd))) {
        next(fd, bytes, size / 2);
        die();
    }
    return next(fd, bytes, size);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t at)
{
    static auto *const next = real<ssize_t(int, const void *, size_t, off64_t)>("pwrite64");
    if (counts(pathOf(fd))) {
        next(fd, bytes, size / 2, at);
        die();
    }
    return next(fd, bytes, size, at);
}

int ftruncate64(int fd, off64_t size) noexcept
{
    change(pathOf(fd));
    return real<int(int, off64_t)>("ftruncate64")(fd, size);
}

int fsync(int fd)
{
    change(pathOf(fd));
    return real<int(int)>("fsync")(fd);
}

int fdatasync(int fd)
{
    change(pathOf(fd));
    return real<int(int)>("fdatasync")(fd);
}

int rename(const char *from, const char *to) noexcept
{
    change(to);
    return real<int(const char *, const char *)>("rename")(from, to);
}

int renameat2(int fromFolder, const char *from, int toFolder, const char *to, unsigned flags) noexcept
{
    change(to);
    return real<int(int, const char *, int, const char *, unsigned)>("renameat2")(fromFolder, from, toFolder, to,
                                                                                  flags);
}

int link(const char *from, const char *to) noexcept
{
    change(to);
    return real<int(const char *, const char *)>("link")(from, to);
}

int unlink(const char *path) noexcept
{
    change(path);
    return real<int(const char *)>("unlink")(path);
}

int mkdir(const char *path, mode_t mode) noexcept
{
    change(path);
    return real<int(const char *, mode_t)>("mkdir")(path, mode);
}

} // extern "C"
