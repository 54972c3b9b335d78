#pragma once

#include "models/items/runsmodel.h"
#include "models/pipelines/stagegraph.h"
#include "services/async/latestonly.h"
#include "services/pipelines/runreleases.h"
#include "services/pipelines/runwatch.h"
#include "ui/pages/pipelines/attemptchoice.h"
#include "ui/pages/pipelines/runpast.h"

#include <QTimer>

#include <memory>

namespace signalbox
{

class PipelineFeed;
class PipelineSet;
struct ConsoleContext;

// The Pipelines screen without its widgets: which run and which of its jobs are chosen, what they are compared with and
// what may be done with them. Changes nothing: what is asked for goes through a plan. GUI thread.
class PipelinesPresenter : public QObject
{
    Q_OBJECT
public:
    // Needs context.runs and context.pipelines.
    explicit PipelinesPresenter(ConsoleContext &context, QObject *parent = nullptr);
    ~PipelinesPresenter() override;

    RunsModel &runs() { return m_model; }
    RunStore &store() const;
    void setActive(bool isActive); // somebody looks
    void refresh();
    void loadMore(const QStringList &pipelines);

    void select(const QString &runKey); // empty: nothing; of a run that is not known yet: as soon as it is
    void selectNewestOf(const QString &pipelineKey);
    const QString &selected() const { return m_selected; }
    bool isHidden() const; // the chosen run would be listed, were it not for the filter

    // Of the chosen run, in the attempt that is looked at; none: nothing is chosen, or it is gone.
    std::optional<Run> run() const; // as it was read last, alone or in a list
    const RunStore::Entry *entry() const;
    std::optional<RunRef> selectedRef() const; // also before it was read; none: nothing is chosen, or no list has it
    const RunWatch *watch() const { return m_watch.get(); }
    std::optional<RunDetail> detail() const; // with the releases it made, as soon as they are known
    QList<Run> past() const;                 // the pipeline's other runs
    QList<WaitingGate> knownGates() const;   // of the chosen run, those that were decided while we looked, too
    const RunPast &history() const { return m_past; }
    stages::Graph graph() const;
    PipelineSource *source() const; // null: the connection is gone

    // Its newest attempt is looked at, unless the operator chooses an earlier one: then run(), detail(), graph() and
    // the jobs are that one's, and nothing of it can be asked for.
    int attempts() const; // that can be looked at; 1: only one
    int attempt() const;  // the one that is looked at, counted from 1
    void chooseAttempt(int number);
    const AttemptChoice &attemptChoice() const { return m_attempt; }
    bool isReading() const; // what is looked at is asked for, and nothing of it is known yet

    // The job whose log is shown. As long as the operator chose none it is the one that matters now.
    void chooseJob(const QString &id);
    QString job() const;
    const QString &chosenJob() const { return m_job; } // by the operator; may be gone; empty: none
    void followJobs(const QString &id);                // this one now, afterwards again the one that matters
    std::optional<Job> jobNamed(const QString &id) const;
    void toggleGroup(const QString &nodeId); // of a matrix: its jobs, or one box for them
    bool closeGroups();                      // false: none was open

    // The run that a job started, in this pipeline or any other of the server, also where no list has it. False: none.
    bool openDownstream(const QString &jobId);
    // The runs that were gone through to this one, the first of all first; choosing another way forgets them.
    struct Above
    {
        RunRef run;
        QString title; // "cart #412"
    };
    const QList<Above> &above() const { return m_above; }
    bool goUp(); // false: there is none above

    QString whyNoOrder() const;                // of any kind; empty: there is none against it
    QString whyNot(RunOrder::Kind kind) const; // empty: it can be asked for
    RunOrder orderOf(RunOrder::Kind kind) const;
    QString whyNotJob(const QString &id) const; // empty: this job can be asked to run again, alone
    RunOrder orderOfJob(const QString &id) const;
    std::optional<WaitingGate> gateOfJob(const QString &id) const; // at which this job waits for people; none: nowhere
    QString whyNotGate(const QString &id) const;                   // empty: it can be decided
    QFuture<Result<Plan>> plan(const RunOrder &order, const StopToken &stop) const;

signals:
    void selectionChanged(); // another run
    void changed();          // what is known of the chosen one
    void historyChanged();   // what it is compared with
    void jobChanged();

private:
    std::optional<RunDetail> newestDetail() const;
    std::optional<Run> newestRun() const;
    void takeAttempt();
    void tellJob();
    void choose(const QString &runKey, const std::optional<RunRef> &ref = std::nullopt);
    void chooseByItself();
    bool areAllHeard() const;
    void compareWithList();
    void follow();
    bool noteListed();
    void takeStore();
    void takeDetail();
    void askReleases();
    QString jobThatMatters() const;
    void refreshAfter(const Plan &plan);

    ConsoleContext &m_context;
    PipelineFeed &m_feed;
    RunsModel m_model;
    RunPast m_past;
    std::unique_ptr<RunWatch> m_watch;
    AttemptChoice m_attempt;
    QString m_selected;
    std::optional<RunRef> m_ref; // the selected one, where it was reached through another run
    QList<Above> m_above;
    QString m_awaited; // asked for before it was known
    QString m_job;     // chosen by the operator
    QString m_shownJob;
    QSet<QString> m_opened;
    bool m_isChosen = false;  // by the operator
    bool m_hasWaited = false; // long enough for servers that do not answer
    QTimer m_patience;        // with them
    MadeReleases m_made;      // by the chosen run
    QString m_madeAsOf;       // what they were told from; empty: they were not asked for
    LatestOnly m_askMade;
    QTimer m_askMadeAgain;
    std::optional<Run> m_listed; // the chosen one as the list had it when it was compared last
    bool m_isActive = false;
    // What of all that is listed the chosen run is shown by, when it was shown last.
    struct Listed
    {
        std::optional<RunStore::Entry> entry;
        const PipelineSource *source = nullptr;
        Freshness::State list = Freshness::State::Absent;
        bool operator==(const Listed &) const = default;
    };
    std::optional<Listed> m_noted;
    // It is drawn each second while a run goes on, and is another one when its jobs are.
    struct Drawn
    {
        RunDetail of;
        QSet<QString> opened;
        stages::Graph graph;
    };
    mutable std::optional<Drawn> m_graph;
};

} // namespace signalbox
