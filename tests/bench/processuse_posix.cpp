#include "tests/bench/processuse.h"

#include <QFile>
#include <QTemporaryFile>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>

#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

namespace signalbox::test
{

namespace
{

QByteArray contentOf(const QString &name)
{
    QFile file(name);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

double megabytesOf(const QByteArray &status, const char *field)
{
    const qsizetype at = status.indexOf(field);
    return at < 0 ? 0 : status.mid(at + qsizetype(qstrlen(field)), 40).trimmed().split(' ').first().toDouble() / 1024;
}

double msOf(const timeval &time)
{
    return double(time.tv_sec) * 1e3 + double(time.tv_usec) / 1e3;
}

} // namespace

qint64 steadyNs()
{
    return std::chrono::steady_clock::now().time_since_epoch().count();
}

double threadCpuMs()
{
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return double(time.tv_sec) * 1e3 + double(time.tv_nsec) / 1e6;
}

double quantile(std::vector<double> values, double share)
{
    if (values.empty())
        return 0;
    std::sort(values.begin(), values.end());
    return values[std::min(values.size() - 1, static_cast<std::size_t>(share * double(values.size())))];
}

ProcessUse ProcessUse::now(qint64 pid)
{
    const QString folder = pid == 0 ? QStringLiteral("/proc/self") : QStringLiteral("/proc/%1").arg(pid);
    ProcessUse use;
    const QByteArray status = contentOf(folder + QStringLiteral("/status"));
    use.rssMb = megabytesOf(status, "VmRSS:");
    use.peakRssMb = megabytesOf(status, "VmHWM:");
    const QByteArray stat = contentOf(folder + QStringLiteral("/stat"));
    const QList<QByteArray> fields = stat.mid(stat.lastIndexOf(')') + 2).split(' '); // from the third field on: proc(5)
    if (fields.size() > 12)
        use.cpuMs = (fields[11].toDouble() + fields[12].toDouble()) * 1000 / double(::sysconf(_SC_CLK_TCK));
    return use;
}

MeasuredRun runMeasured(const QString &program, const QStringList &arguments, const QStringList &environment,
                        int seconds)
{
    MeasuredRun run;
    QTemporaryFile out;
    if (!out.open())
        return run;
    const qint64 start = steadyNs();
    QList<QByteArray> words{program.toUtf8()};
    for (const QString &argument : arguments)
        words << QString(argument).replace(QStringLiteral("{start}"), QString::number(start)).toUtf8();
    std::vector<char *> pointers;
    for (QByteArray &word : words)
        pointers.push_back(word.data());
    pointers.push_back(nullptr);
    QList<QByteArray> settings;
    for (const QString &setting : environment)
        settings << setting.toUtf8();
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::dup2(out.handle(), STDOUT_FILENO);
        for (QByteArray &setting : settings)
            ::putenv(setting.data());
        ::execvp(pointers[0], pointers.data());
        ::_exit(127);
    }
    if (pid < 0)
        return run;
    int status = 0;
    rusage use{};
    pid_t ended = 0;
    while ((ended = ::wait4(pid, &status, WNOHANG, &use)) == 0) {
        if (steadyNs() - start > seconds * 1'000'000'000LL)
            ::kill(pid, SIGKILL);
        std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    run.wallMs = double(steadyNs() - start) / 1e6;
    run.cpuMs = msOf(use.ru_utime) + msOf(use.ru_stime);
    run.peakRssMb = double(use.ru_maxrss) / 1024;
    if (ended == pid && WIFEXITED(status) && WEXITSTATUS(status) != 127)
        run.status = WEXITSTATUS(status);
    run.out = contentOf(out.fileName());
    return run;
}

} // namespace signalbox::test
