#pragma once

#include "models/pipelines/runhistory.h"
#include "services/async/latestonly.h"
#include "services/ports/pipelinesource.h"

#include <QDeadlineTimer>
#include <QHash>
#include <QObject>
#include <QPointer>
#include <QSet>
#include <QTimer>

#include <chrono>
#include <optional>

namespace signalbox
{

// The jobs and tests of earlier runs of one pipeline: what this run is compared with. Ended runs do not change, so each
// is asked for once, one after the other, and only as long as the server's budget is far from spent. Reports of the
// branch come first, and as many as flakiness is told from; all but the newest of them slowly. GUI thread.
class RunPast : public QObject
{
    Q_OBJECT
public:
    struct Pace
    {
        std::chrono::milliseconds settle{300};  // who walks through the list asks for nothing
        std::chrono::milliseconds apart{500};   // between two reports
        std::chrono::milliseconds again{30000}; // after one that a server in trouble did not give, or too little budget
    };
    explicit RunPast(QObject *parent = nullptr);
    explicit RunPast(Pace pace, QObject *parent = nullptr);
    ~RunPast() override;

    // `past`: runs of the pipeline in any order; `source` null: nothing can be asked.
    void follow(PipelineSource *source, const PipelineRef &pipeline, const QList<Run> &past, const Run &shown);
    void setActive(bool isActive); // asks only while it is looked at

    QList<RunDetail> details() const;              // of those before the run that is shown
    QHash<QString, runs::JobTime> usual() const;   // what their jobs took, by name; worked out once
    QList<runs::TestedRun> tested() const;         // likewise; those of its branch first; without messages
    std::optional<TestReport> testsBefore() const; // of the newest one of its branch

signals:
    void changed();

private:
    static QString keyOf(const Run &run);
    bool mayAsk() const;
    void waitForBudget();
    void next();
    const Run *nextReport() const; // null: none is due
    void askDetail(const Run &run);
    void askTests(const Run &run);
    TestReport slim(TestReport report);

    QPointer<PipelineSource> m_source;
    PipelineRef m_pipeline;
    const Pace m_pace;
    QString m_branch;           // of the run that is shown
    QList<Run> m_wanted;        // newest first
    QList<Run> m_wantedReports; // those of the branch first
    QHash<QString, RunDetail> m_details;
    mutable std::optional<QHash<QString, runs::JobTime>> m_usual; // of details(); none: they are others since
    QHash<QString, std::optional<TestReport>> m_reports;          // none: it was asked for, and the run has none
    QSet<QString> m_names;                                        // of tests: reports say the same ones again and again
    QSet<QString> m_failed;                                       // not asked again
    LatestOnly m_ask;
    QTimer m_settle;
    QDeadlineTimer m_pause;       // of asking for reports: the server did not give one
    QDeadlineTimer m_detailPause; // likewise for jobs
    bool m_isActive = false;
    bool m_isShort = false; // of budget: asked again once there is more
};

} // namespace signalbox
