// A log of 1,000,000 lines and 200 MB: opened as it comes, searched, scrolled, folded, wrapped, saved. How long the GUI
// thread is kept from its next frame, how much memory it takes beside the text, and how long grep needs for the same.
#include "tests/bench/limits.h"
#include "tests/bench/processuse.h"
#include "ui/theme/theme.h"
#include "ui/widgets/jobloglines.h"
#include "ui/widgets/joblogview.h"
#include "ui/widgets/logview.h"

#include <QApplication>
#include <QDateTime>
#include <QElapsedTimer>
#include <QFile>
#include <QPushButton>
#include <QScrollBar>
#include <QTemporaryDir>
#include <QTimer>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <mutex>
#include <thread>

using namespace signalbox;

namespace
{

constexpr int lineCount = 1000000;
constexpr double blockLimitMs = 16;
constexpr double ratioLimit = 2;
const QString needle = QStringLiteral("Connection reset");

// What one event keeps the thread, painting included.
class TimedApplication : public QApplication
{
public:
    using QApplication::QApplication;

    bool notify(QObject *receiver, QEvent *event) override
    {
        if (m_depth > 0)
            return QApplication::notify(receiver, event);
        ++m_depth;
        QElapsedTimer timer;
        timer.start();
        const double cpu = test::threadCpuMs();
        const bool isHandled = QApplication::notify(receiver, event);
        worstCpu = std::max(worstCpu, test::threadCpuMs() - cpu);
        worstWall = std::max(worstWall, double(timer.nsecsElapsed()) / 1e6);
        --m_depth;
        return isHandled;
    }
    void clear() { worstCpu = worstWall = 0; }

    double worstCpu = 0;
    double worstWall = 0;

private:
    int m_depth = 0;
};

// Of what builds print: times, a group now and then, colour in one line of ten, few errors.
qint64 writeLog(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly))
        return 0;
    QByteArray block;
    for (int i = 0; i < lineCount; ++i) {
        const QByteArray number = QByteArray::number(i);
        block += "2026-11-22T18:16:" + QByteArray::number(10 + i / 20000 % 50) + ".1234567Z ";
        if (i % 1000 == 0)
            block += "##[group]Step " + number;
        else if (i % 1000 == 999)
            block += "##[endgroup]";
        else if (i % 100003 == 5)
            block += "src/module.cpp:12:3: error: cannot convert, step " + number;
        else if (i % 5000 == 77)
            block += "retrying upload " + number + ": Connection reset by peer";
        else if (i % 10 == 3)
            block += "tests/unit/test_module_" + number + ".py::test_case \x1b[32mPASSED\x1b[0m";
        else
            block += "[" + number + "/1000000] Building CXX object services/adapters/part" + number +
                     ".dir/source/translation_unit_with_a_rather_long_name_" + number + ".cpp.o";
        block += QByteArray(" -O2 -g -Wall -Wextra -Werror -std=c++20 -Iinclude -fPIC -DNDEBUG -MD -MT x -c")
                     .left(60 + i % 90);
        block += '\n';
        if (block.size() > 1 << 20) {
            file.write(block);
            block.clear();
        }
    }
    file.write(block);
    return file.size();
}

class Bench
{
public:
    Bench(TimedApplication &application, const QString &path)
        : m_application(application)
        , m_path(path)
    {
        m_view.resize(1100, 600);
        m_view.begin(true);
        m_view.show();
        run([this](int turn) { return turn < 5; });
    }

    void open(qint64 bytes)
    {
        const double before = test::ProcessUse::now().rssMb;
        m_application.clear();
        QElapsedTimer clock;
        clock.start();
        std::mutex mutex;
        std::vector<JobLogPiece> come;
        bool isRead = false;
        std::thread reader([&] {
            QFile file(m_path);
            JobLogReader parser;
            (void)file.open(QIODevice::ReadOnly);
            const auto hand = [&](std::vector<JobLogPiece> pieces) {
                const std::lock_guard lock(mutex);
                std::move(pieces.begin(), pieces.end(), std::back_inserter(come));
            };
            while (!file.atEnd())
                hand(parser.read(file.read(64 * 1024)));
            hand(parser.finish());
            const std::lock_guard lock(mutex);
            isRead = true;
        });
        run([&](int) {
            std::vector<JobLogPiece> pieces;
            bool isLast = false;
            {
                const std::lock_guard lock(mutex);
                pieces.swap(come);
                isLast = isRead;
            }
            m_view.take(pieces);
            return !isLast;
        });
        reader.join();
        m_view.end();
        const double took = double(clock.elapsed());
        run([](int turn) { return turn < 5; });
        const double grown = test::ProcessUse::now().rssMb - before;
        const double text = double(bytes) / 1048576;
        std::printf("%-40s %10.0f ms   %.0f MB/s, %d lines, %.1f MB\n", "opened", took, text / took * 1000,
                    m_view.log().lineCount(), text);
        block("opened");
        std::printf("%-40s %10.2f     %.1f MB resident, %.1f MB counted   limit %.0f %s\n", "memory against the text",
                    grown / text, grown, double(m_view.log().memory()) / 1048576, ratioLimit,
                    test::verdict(grown / text <= ratioLimit));
        std::printf("%-40s %10d\n", "lines that look like errors", m_view.log().errorCount());
    }

    void search(const QString &text, bool isExact)
    {
        m_application.clear();
        QElapsedTimer clock;
        clock.start();
        m_view.lines()->find(text, isExact);
        run([this](int) { return !m_view.lines()->search().isDone(); });
        const double took = double(clock.nsecsElapsed()) / 1e6;
        const test::MeasuredRun grep = test::runMeasured(
            QStringLiteral("grep"),
            {QStringLiteral("-c"), isExact ? QStringLiteral("-F") : QStringLiteral("-iF"), text, m_path});
        std::printf("%-40s %10.0f ms   %d lines; grep -c: %.0f ms, %s\n", isExact ? "searched" : "searched, any case",
                    took, m_view.lines()->search().hitCount(), grep.wallMs, grep.out.trimmed().constData());
        block(isExact ? "searched" : "searched, any case");
    }

    // 200 places all over the log, each drawn.
    void scroll(const char *what)
    {
        m_application.clear();
        QScrollBar *bar = m_view.lines()->verticalScrollBar();
        QElapsedTimer clock;
        clock.start();
        run([&](int turn) {
            bar->setValue(int(qint64(bar->maximum()) * ((turn * 37) % 200) / 200));
            m_view.lines()->viewport()->repaint();
            return turn < 200;
        });
        std::printf("%-40s %10.2f ms   a place\n", what, double(clock.elapsed()) / 200);
        block(what);
    }

    void folding()
    {
        m_application.clear();
        run([this](int turn) {
            m_view.lines()->setAllFolded(turn % 2 == 0);
            return turn < 10;
        });
        block("all folded, all unfolded");
    }

    void wrap(bool wraps) { m_view.lines()->setWraps(wraps); }

    void save(const QString &path)
    {
        m_application.clear();
        QElapsedTimer clock;
        clock.start();
        bool isSaved = false;
        QObject::connect(&m_view, &JobLogView::saved, &m_view, [&] { isSaved = true; });
        run([&](int turn) {
            if (turn == 0)
                m_view.saveTo(path);
            return !isSaved && turn < 100000;
        });
        std::printf("%-40s %10.0f ms\n", "saved", double(clock.elapsed()));
        block("saved");
    }

private:
    // The loop turns with one call a turn, as long as it says so.
    void run(const std::function<bool(int)> &turn)
    {
        QEventLoop loop;
        QTimer timer;
        int count = 0;
        QObject::connect(&timer, &QTimer::timeout, &loop, [&] {
            if (!turn(count++))
                loop.quit();
        });
        timer.start(1);
        loop.exec();
    }

    void block(const char *what)
    {
        std::printf("  %-38s %10.2f ms   (wall %.2f)   limit %.0f ms %s\n",
                    (std::string("longest block, ") + what).c_str(), m_application.worstCpu, m_application.worstWall,
                    blockLimitMs, test::verdict(m_application.worstCpu <= blockLimitMs));
    }

    TimedApplication &m_application;
    QString m_path;
    JobLogView m_view;
};

// A pod's log, which keeps all of its lines: a thousand at a time, each batch painted.
void podLog()
{
    constexpr double batchLimitMs = 200;
    LogView log;
    log.resize(800, 400);
    log.show();
    double longest = 0;
    for (int batch = 0; batch < 100; ++batch) {
        QList<LogView::Line> more;
        for (int i = 0; i < 1000; ++i)
            more.append({QDateTime::fromMSecsSinceEpoch(1000LL * batch + i, Qt::UTC),
                         QStringLiteral("%1 GET /predict 200 in 12 ms").arg(1000 * batch + i)});
        QElapsedTimer timer;
        timer.start();
        log.append(more);
        log.grab();
        longest = std::max(longest, double(timer.nsecsElapsed()) / 1e6);
    }
    std::printf("\n  %-38s %10.2f ms   limit %.0f ms %s\n", "a pod's log, longest of 1,000 lines", longest,
                batchLimitMs, test::verdict(longest < batchLimitMs));
}

} // namespace

int main(int argc, char **argv)
{
    TimedApplication application(argc, argv);
    const Theme theme(application);
    const QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("job.log"));
    const qint64 bytes = writeLog(path);
    std::printf("bench_joblog: a log of %d lines\n\n", lineCount);
    Bench bench(application, path);
    bench.open(bytes);
    bench.search(needle, true);
    bench.search(needle.toLower(), false);
    bench.search(QStringLiteral("PASSED"), true);
    bench.scroll("scrolled");
    bench.wrap(true);
    bench.scroll("scrolled, wrapped");
    bench.wrap(false);
    bench.folding();
    bench.save(folder.filePath(QStringLiteral("saved.log")));
    podLog();
    return 0;
}
