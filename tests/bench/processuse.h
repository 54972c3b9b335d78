#pragma once

#include <QByteArray>
#include <QString>
#include <QStringList>

#include <vector>

// What processes cost, as the operating system counts it.
namespace signalbox::test
{

qint64 steadyNs();                                         // the same clock in all processes
double threadCpuMs();                                      // of the calling thread
double quantile(std::vector<double> values, double share); // 0: there is none
inline double median(std::vector<double> values)
{
    return quantile(std::move(values), 0.5);
}

// A process that runs: 0 for this one.
struct ProcessUse
{
    double cpuMs = 0; // user and system, all threads; in steps of 10 ms
    double rssMb = 0;
    double peakRssMb = 0;
    static ProcessUse now(qint64 pid = 0);
};

// A program run to its end.
struct MeasuredRun
{
    int status = -1; // -1: it could not be started or was killed
    double wallMs = 0;
    double cpuMs = 0;
    double peakRssMb = 0;
    QByteArray out; // standard output
};
// `environment`: "NAME=value", over our own. {start} in an argument becomes steadyNs() of the moment it starts.
// Standard error is ours. Killed after `seconds`.
MeasuredRun runMeasured(const QString &program, const QStringList &arguments, const QStringList &environment = {},
                        int seconds = 120);

} // namespace signalbox::test
