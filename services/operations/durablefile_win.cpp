#include "services/operations/durablefile.h"

#include <QCoreApplication>
#include <QDir>

#include <qt_windows.h>

namespace signalbox
{
namespace
{

Error failure(const QString &path, DWORD code)
{
    return {
        ErrorKind::Internal,
        QCoreApplication::translate(
            "signalbox::Journal", "The journal %1 cannot be written (%2). Free some space or make the folder writable.")
            .arg(path, QStringLiteral("Windows error %1").arg(code)),
        {}};
}

struct Handle
{
    HANDLE handle = INVALID_HANDLE_VALUE;
    ~Handle()
    {
        if (handle != INVALID_HANDLE_VALUE)
            CloseHandle(handle); // gives the lock back, too
    }
};

} // namespace

Result<void> appendLine(const QString &path, const QByteArray &line, bool sync)
{
    const std::wstring name = QDir::toNativeSeparators(path).toStdWString();
    const Handle file{CreateFileW(name.c_str(), GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
                                  nullptr, OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, nullptr)};
    if (file.handle == INVALID_HANDLE_VALUE)
        return failure(path, GetLastError());
    // One byte far behind the end: a lock on the data itself would keep readers out.
    OVERLAPPED region = {};
    region.OffsetHigh = 0x7fffffff;
    if (!LockFileEx(file.handle, LOCKFILE_EXCLUSIVE_LOCK, 0, 1, 0, &region))
        return failure(path, GetLastError());
    LARGE_INTEGER size = {};
    LARGE_INTEGER position = {};
    if (!GetFileSizeEx(file.handle, &size))
        return failure(path, GetLastError());
    QByteArray bytes = line;
    char last = '\n';
    DWORD count = 0;
    position.QuadPart = size.QuadPart - 1;
    if (size.QuadPart > 0 && SetFilePointerEx(file.handle, position, nullptr, FILE_BEGIN) &&
        ReadFile(file.handle, &last, 1, &count, nullptr) && count == 1 && last != '\n')
        bytes.prepend('\n');
    DWORD code = 0;
    if (!SetFilePointerEx(file.handle, size, nullptr, FILE_BEGIN) ||
        !WriteFile(file.handle, bytes.constData(), static_cast<DWORD>(bytes.size()), &count, nullptr))
        code = GetLastError();
    else if (count != static_cast<DWORD>(bytes.size()))
        code = ERROR_DISK_FULL;
    else if (sync && !FlushFileBuffers(file.handle))
        code = GetLastError();
    if (code == 0)
        return {};
    if (SetFilePointerEx(file.handle, size, nullptr, FILE_BEGIN))
        SetEndOfFile(file.handle);
    return failure(path, code);
}

} // namespace signalbox
