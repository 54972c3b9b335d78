#pragma once

#include "models/domain/freshness.h"
#include "models/pipelines/run.h"
#include "services/async/stoptoken.h"
#include "services/pipelines/pipelineset.h"

#include <QObject>
#include <QTimer>

#include <chrono>
#include <functional>
#include <optional>

namespace signalbox
{

// How often a run is asked for, and how its server wants to be treated. The functions may be empty.
struct RunWatchPace
{
    std::chrono::milliseconds settle{0}; // before the first question: who walks through a list asks for nothing
    std::chrono::milliseconds running{4000};
    std::chrono::milliseconds quiet{120000};
    std::function<int()> thrift;                            // so many times slower
    std::function<std::chrono::milliseconds()> patience;    // that the server still asks for
    std::function<void(std::chrono::milliseconds)> limited; // it asked for that much
};

// One run that is looked at: its jobs and tests, read again as long as it goes on, and once after it ended, since
// reports and artifacts may come behind its end. GUI thread. PipelineFeed makes it.
class RunWatch : public QObject
{
    Q_OBJECT
public:
    // `servers` outlives it.
    RunWatch(PipelineSet &servers, RunRef ref, RunWatchPace pace);
    ~RunWatch() override;

    const RunRef &ref() const { return m_ref; }
    std::optional<RunDetail> detail() const { return m_detail; } // none yet
    // Of the attempt that detail() tells of. With an error beside it: as it was at TestReport::readAt.
    std::optional<TestReport> tests() const { return m_tests; }
    std::optional<Error> testsError() const { return m_testsError; } // NotFound: the run reports none
    Freshness freshness() const { return m_freshness; }
    // At once, its tests too; while a question is under way, once more behind it.
    void refresh();
    // Likewise without its tests, unless its state is another one.
    void lookAgain();
    // The computer slept, and its timers with it: nothing is live until it is read, which is at once.
    void noteSleep();

signals:
    void changed(); // what was read, or how well it could be; not that it was read again and is as it was

private:
    struct Told
    {
        std::optional<RunDetail> detail;
        std::optional<TestReport> tests;
        std::optional<Error> testsError;
        Freshness freshness;
        bool operator==(const Told &) const = default;
    };
    void tell();
    void look();
    void take(const Result<RunDetail> &result);
    void lookAtTests();
    void takeTests(const Result<TestReport> &result, int attempt);
    void again();

    PipelineSet &m_servers;
    const RunRef m_ref;
    const RunWatchPace m_pace;
    std::optional<RunDetail> m_detail;
    std::optional<TestReport> m_tests;
    std::optional<Error> m_testsError;
    RunState m_testedIn = RunState::Unknown; // the run's state when its tests were read
    QDateTime m_testedAt;
    Freshness m_freshness;
    std::optional<Told> m_told; // with changed(), last
    QTimer m_timer;
    StopSource m_stop;
    int m_failures = 0;
    bool m_isLooking = false;
    bool m_isTesting = false;
    bool m_isWanted = false;     // another look, behind the one under way
    bool m_isEndNew = false;     // one more look is due since it ended
    bool m_areTestsLate = false; // with its tests
};

} // namespace signalbox
