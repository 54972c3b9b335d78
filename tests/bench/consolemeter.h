#pragma once

#include "app/console/console.h"
#include "tests/bench/processuse.h"

#include <QApplication>
#include <QTemporaryDir>

#include <functional>
#include <memory>

// The real console under a benchmark: its window on the offscreen platform, and what its GUI thread does.
namespace signalbox::test
{

// Notes how long each event keeps the GUI thread, painting included, and when a frame of a window is on the screen.
class MeteredApplication : public QApplication
{
    Q_OBJECT
public:
    using QApplication::QApplication;
    bool notify(QObject *receiver, QEvent *event) override;

    struct Block
    {
        double wallMs = 0;         // with what other processes took of the processor meanwhile
        double cpuMs = 0;          // of this thread alone
        const char *receiver = ""; // its class
        int event = 0;             // QEvent::Type
    };
    // The longest by either measure since the last call.
    struct Blocks
    {
        Block byWall;
        Block byCpu;
        int over16Ms = 0;  // by the thread's processor time
        double busyMs = 0; // all of it, processor time
    };
    Blocks takeBlocks() { return std::exchange(m_blocks, {}); }

signals:
    void framePainted();

private:
    int m_depth = 0;
    Blocks m_blocks;
};

// A console of its own: settings, journal and log in a temporary folder, connected to the kubeconfig's current context.
class BenchConsole
{
public:
    BenchConsole(QApplication &application, const QString &kubeconfig);
    ~BenchConsole();
    Console &console() { return *m_console; }
    ClusterConnection *cluster() const; // null: not connected yet
    // Runs the event loop until `done` or `seconds` are over; true: done.
    bool wait(const std::function<bool()> &done, int seconds);
    // The whole first listing is in the store.
    bool waitForListing(int pods, int seconds);

private:
    QTemporaryDir m_folder;
    std::unique_ptr<Console> m_console;
};

} // namespace signalbox::test
