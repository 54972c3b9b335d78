#pragma once

#include "models/domain/operation.h"
#include "models/domain/result.h"
#include "models/pipelines/run.h"
#include "services/async/stoptoken.h"

#include <QFuture>
#include <QMap>
#include <QObject>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>

namespace signalbox
{

struct RunQuery
{
    PipelineRef pipeline;
    QString branch; // empty: all
    int count = 30; // at most; a page may be shorter
    QString after;  // RunPage::next of the page before; empty: the newest
};

// Where a reading of a log got to in the server's own count, kept by whoever may read on. An adapter whose server can
// be asked from an offset (Jenkins) begins there, hands on what follows `bytes`, and writes both when an answer is
// whole. All others leave it alone and begin at LogQuery::from.
struct LogPlace
{
    std::atomic<qint64> offset{0}; // what the server is asked for
    std::atomic<qint64> bytes{0};  // that were handed on before it
};
struct LogQuery
{
    RunRef run;
    QString job;                               // id
    QString step;                              // id; empty: the whole job
    qint64 from = 0;                           // bytes to leave out
    bool follow = false;                       // go on until the job ends
    std::shared_ptr<LogPlace> place = nullptr; // none: nobody will read on
};
struct LogEnd
{
    qint64 bytes = 0;       // of the whole log, as far as it was read
    bool isComplete = true; // false: the job goes on
    QString note;           // what the vendor does not give, and why; for people
};
// Called on a thread of the network, in order; returns at once: hand the bytes on.
using LogTaker = std::function<void(const QByteArray &bytes)>;

// What becomes of a run, or a new one.
struct RunOrder
{
    enum class Kind { Rerun, RerunFailed, Cancel, Trigger };
    Kind kind = Kind::Rerun;
    PipelineRef pipeline;
    std::optional<Run> run;            // as it was seen; none for Trigger
    QString branch;                    // Trigger: a branch or tag
    QMap<QString, QString> parameters; // Trigger
    QString application;               // of the operation; the caller says what the pipeline belongs to
    bool isProtected = true;
    QString reason;
    QString
        job; // Rerun: only this job (its id) of the run; empty: all. Where RunDetail::canRerunJob is not: Unsupported
};

// Pipelines of one connection: reads, and plans. Nothing here writes: plans are carried out by the connection's
// StepRunner, and observe that the run did what was asked. Calls come from the GUI thread, return at once, and each
// future ends with one Result; bodies are parsed on workers. Reads are conditional where the server allows (ETags), so
// that asking again for what did not change costs it little.
// Errors: NotFound (deleted, or hidden from us: the sentence says both), Unauthorized, Forbidden, RateLimited with
// retryAfter, Unsupported (this server has no such thing), Protocol, Unreachable, TimedOut.
class PipelineSource : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;
    ~PipelineSource() override;

    virtual QString connection() const = 0;
    virtual QString title() const = 0;  // "github.example.com", for people
    virtual QString vendor() const = 0; // "GitHub Actions"

    // Those of the projects that the workspace names.
    [[nodiscard]] virtual QFuture<Result<QList<Pipeline>>> pipelines(StopToken stop) = 0;
    [[nodiscard]] virtual QFuture<Result<RunPage>> runs(RunQuery query, StopToken stop) = 0;
    [[nodiscard]] virtual QFuture<Result<RunDetail>> run(RunRef run, StopToken stop) = 0;
    // One attempt of a run, as it ended or is now: an earlier one can do nothing any more, and has what the server
    // tells of it alone. NotFound: there is no such attempt. Unsupported, here for all that keep no attempts one by
    // one: what ran again took the place of what was before, or is a run of its own (RunDetail::attempts is 1 there).
    [[nodiscard]] virtual QFuture<Result<RunDetail>> attempt(RunRef run, int attempt, StopToken stop);
    // NotFound: the run reports none. Of its newest attempt.
    [[nodiscard]] virtual QFuture<Result<TestReport>> tests(RunRef run, StopToken stop) = 0;
    [[nodiscard]] virtual QFuture<Result<LogEnd>> log(LogQuery query, LogTaker taker, StopToken stop) = 0;
    // One step: the call, guarded by what was seen where the vendor has a guard.
    [[nodiscard]] virtual QFuture<Result<Plan>> plan(RunOrder order, StopToken stop) = 0;

    // None: the server does not say.
    virtual std::optional<RequestBudget> budget() const { return std::nullopt; }
    // Whether a run that ended may begin again under its id, wherever it stands in the lists; false: a rerun is a run
    // of its own.
    virtual bool canBeginAgain() const { return true; }

signals:
    void budgetChanged();
};

} // namespace signalbox
