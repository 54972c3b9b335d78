#pragma once

#include "models/stores/runstore.h"
#include "services/pipelines/pipelineset.h"

#include <QObject>

#include <chrono>
#include <functional>
#include <memory>

namespace signalbox
{

class Clock;
class RunWatch;

// Asks the servers with pipelines, once for all views: often what runs and is looked at, seldom what is quiet, and less
// where a server's budget runs low or it asks for patience. GUI thread.
class PipelineFeed : public QObject
{
    Q_OBJECT
public:
    // What a pipeline builds; empty: nothing says so.
    using ApplicationOf = std::function<QString(const PipelineRef &pipeline)>;

    struct Timing
    {
        std::chrono::milliseconds running{4000};        // runs of a pipeline where one goes on and is looked at
        std::chrono::milliseconds runningUnseen{15000}; // and is not
        std::chrono::milliseconds looked{30000};        // a quiet pipeline while lists are looked at
        std::chrono::milliseconds quiet{120000};        // and while they are not
        std::chrono::milliseconds gates{30000};
        std::chrono::milliseconds pipelines{600000}; // the list of pipelines itself
        // Between two pipelines of one server, on average. What is asked of each of them in one question (their gates,
        // the list of them) comes as seldom: 500 pipelines are asked for runs and gates every 250 s, for themselves
        // every 25 minutes. GitHub counts 304s neither in the hour nor, in practice, at once, but its secondary limit
        // is 900 points a minute (docs.github.com, "Rate limits for the REST API").
        std::chrono::milliseconds apart{500};
        std::chrono::milliseconds stirred{60000}; // how long after an operation a pipeline counts as running
        std::chrono::milliseconds limited{60000}; // least patience after RateLimited
        int mostAtATime = 4;                      // questions to one server
        std::chrono::milliseconds settle{150};    // a run is looked at closely once the choice rests
        Clock *clock = nullptr;                   // null: this computer's
        // After failures the wait doubles up to here, unless it is longer anyway.
        std::chrono::milliseconds longestWait{300000};
    };

    // Both outlive it.
    PipelineFeed(PipelineSet &servers, RunStore &store, QObject *parent = nullptr);
    PipelineFeed(PipelineSet &servers, RunStore &store, const Timing &timing, QObject *parent = nullptr);
    ~PipelineFeed() override;

    void setApplicationOf(ApplicationOf applicationOf);
    void start();
    // While somebody looks at lists of runs.
    void lookAt(bool isLookedAt);
    // Everything now; for a button.
    void refresh();
    // Older runs of this pipeline, into the store.
    void loadMore(const QString &pipelineKey);

    // Keeps the details of one run fresh for as long as the watch lives; the servers outlive it.
    [[nodiscard]] std::unique_ptr<RunWatch> watch(const RunRef &run);
    // An operation changed it: look at once, and soon again.
    void stir(const PipelineRef &pipeline);
    // For whoever asks a server of something else: how long it wants to be left alone, zero: it may be asked; and that
    // it told such a one to wait, which holds for all.
    std::chrono::milliseconds patience(const QString &connection) const;
    void bePatient(const QString &connection, std::chrono::milliseconds wait);
    // Questions that wait for their answer, but for those of watches.
    int asking() const;

    RunStore &store() const { return m_store; }

private:
    class Private;
    RunStore &m_store;
    std::unique_ptr<Private> d;
};

// What an answer of a server, or its error, says of what was known before.
Freshness heardNow(const Freshness &before, const std::optional<Error> &error);
// Of what is due and is not asked for: the server wants to be left alone for that long, or, zero, its turn did not
// come.
Error notAskedInTime(const QString &server, std::chrono::milliseconds wait);
// What is live is not so any more, because of that. False: it was not live.
bool becomeStale(Freshness &freshness, const Error &why);

} // namespace signalbox
