#pragma once

#include "models/domain/freshness.h"
#include "models/pipelines/run.h"
#include "services/async/stoptoken.h"
#include "services/pipelines/pipelineset.h"

#include <QObject>
#include <QTimer>

#include <chrono>
#include <optional>

namespace signalbox
{

// One run that is looked at: its jobs and tests, read again as long as it goes on. GUI thread. PipelineFeed makes it.
class RunWatch : public QObject
{
    Q_OBJECT
public:
    // `servers` outlives it.
    RunWatch(PipelineSet &servers, RunRef ref, std::chrono::milliseconds running, std::chrono::milliseconds quiet);
    ~RunWatch() override;

    const RunRef &ref() const { return m_ref; }
    std::optional<RunDetail> detail() const { return m_detail; } // none yet
    std::optional<TestReport> tests() const { return m_tests; }
    std::optional<Error> testsError() const { return m_testsError; } // NotFound: the run reports none
    Freshness freshness() const { return m_freshness; }
    void refresh();

signals:
    void changed();

private:
    void look();
    void lookAtTests();
    void again();

    PipelineSet &m_servers;
    const RunRef m_ref;
    const std::chrono::milliseconds m_running;
    const std::chrono::milliseconds m_quiet;
    std::optional<RunDetail> m_detail;
    std::optional<TestReport> m_tests;
    std::optional<Error> m_testsError;
    RunState m_testedIn = RunState::Unknown; // the run's state when its tests were read
    QDateTime m_testedAt;
    Freshness m_freshness;
    QTimer m_timer;
    StopSource m_stop;
    int m_failures = 0;
    bool m_isLooking = false;
    bool m_isTesting = false;
};

} // namespace signalbox
