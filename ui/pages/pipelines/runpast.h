#pragma once

#include "models/pipelines/runhistory.h"
#include "services/async/latestonly.h"
#include "services/ports/pipelinesource.h"

#include <QHash>
#include <QObject>
#include <QPointer>
#include <QTimer>

namespace signalbox
{

// The jobs and tests of earlier runs of one pipeline: what this run is compared with. Ended runs do not change, so each
// is asked for once, one after the other, and only as long as the server's budget is far from spent. GUI thread.
class RunPast : public QObject
{
    Q_OBJECT
public:
    explicit RunPast(QObject *parent = nullptr);
    ~RunPast() override;

    // `past`: runs of the pipeline in any order; `source` null: nothing can be asked.
    void follow(PipelineSource *source, const PipelineRef &pipeline, const QList<Run> &past, const Run &shown);
    void setActive(bool isActive); // asks only while it is looked at

    QList<RunDetail> details() const;              // of those before the run that is shown
    QList<runs::TestedRun> tested() const;         // likewise; the newest few
    std::optional<TestReport> testsBefore() const; // of the newest one before it

signals:
    void changed();

private:
    struct Known
    {
        Run run;
        RunDetail detail;
        std::optional<TestReport> tests;
        bool hasAskedTests = false;
    };
    static QString keyOf(const Run &run);
    bool mayAsk() const;
    void next();
    void askDetail(const Run &run);
    void askTests(const Run &run);

    QPointer<PipelineSource> m_source;
    PipelineRef m_pipeline;
    QList<Run> m_wanted; // newest first
    QHash<QString, Known> m_known;
    QSet<QString> m_failed; // not asked again
    LatestOnly m_ask;
    QTimer m_settle;
    bool m_isActive = false;
};

} // namespace signalbox
