#pragma once

#include "models/stores/runstore.h"
#include "services/async/stoptoken.h"
#include "services/pipelines/pipelineset.h"

#include <QHash>
#include <QObject>
#include <QTimer>

#include <functional>
#include <memory>

namespace signalbox
{

class RunWatch;

// Asks the servers with pipelines, once for all views: often what runs and is looked at, seldom what is quiet, and less
// than a server's budget allows. GUI thread.
class PipelineFeed : public QObject
{
    Q_OBJECT
public:
    // What a pipeline builds; empty: nothing says so.
    using ApplicationOf = std::function<QString(const PipelineRef &pipeline)>;

    // Both outlive it.
    PipelineFeed(PipelineSet &servers, RunStore &store, QObject *parent = nullptr);
    ~PipelineFeed() override;

    void setApplicationOf(ApplicationOf applicationOf);
    void start();
    // While somebody looks at lists of runs; calls are counted.
    void lookAt(bool isLookedAt);
    // Everything now; for a button.
    void refresh();
    // Older runs of this pipeline, into the store.
    void loadMore(const QString &pipelineKey);

    // Keeps the details of one run fresh for as long as the watch lives.
    [[nodiscard]] std::unique_ptr<RunWatch> watch(const RunRef &run);
    // An operation changed it: look at once, and soon again.
    void stir(const PipelineRef &pipeline);

    RunStore &store() const { return m_store; }

private:
    class Private;
    friend class RunWatch;
    RunStore &m_store;
    std::unique_ptr<Private> d;
};

// One run that is looked at. GUI thread.
class RunWatch : public QObject
{
    Q_OBJECT
public:
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
    friend class PipelineFeed;
    RunWatch(PipelineFeed &feed, RunRef ref);
    void look();
    void lookAtTests();
    void heard(const Result<RunDetail> &detail);

    PipelineFeed &m_feed;
    const RunRef m_ref;
    std::optional<RunDetail> m_detail;
    std::optional<TestReport> m_tests;
    std::optional<Error> m_testsError;
    Freshness m_freshness;
    QTimer m_timer;
    StopSource m_stop;
    bool m_isLooking = false;
};

} // namespace signalbox
