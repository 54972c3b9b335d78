#include "ui/pages/pipelines/pipelinespresenter.h"

#include "models/items/runparts.h"
#include "models/stores/deployedstore.h"
#include "services/feeds/sourceset.h"
#include "services/operations/operation.h"
#include "services/operations/operationcenter.h"
#include "services/pipelines/pipelinefeed.h"
#include "services/ports/promotiondesk.h"
#include "ui/shell/consolecontext.h"

#include <algorithm>
#include <utility>

namespace signalbox
{

namespace
{

constexpr std::chrono::milliseconds
    heardBy(1000); // one that answers later shows its runs, but not its newest by itself

constexpr std::chrono::seconds askedAgainAfter{30}; // releases, where somebody could not be asked

bool isOfPipelines(OperationKind kind)
{
    return kind == OperationKind::RerunRun || kind == OperationKind::CancelRun || kind == OperationKind::TriggerRun ||
           kind == OperationKind::DecideGate;
}

} // namespace

PipelinesPresenter::PipelinesPresenter(ConsoleContext &context, QObject *parent)
    : QObject(parent)
    , m_context(context)
    , m_feed(*context.runs)
    , m_model(context.runs->store())
{
    m_model.setActive(false); // nobody looks yet
    m_patience.setSingleShot(true);
    m_patience.setInterval(heardBy);
    connect(&m_patience, &QTimer::timeout, this, [this] {
        m_hasWaited = true;
        chooseByItself();
    });
    connect(&m_model, &RunsModel::changed, this, &PipelinesPresenter::takeStore);
    connect(&store(), &RunStore::gatesChanged, this, &PipelinesPresenter::changed);
    connect(&m_past, &RunPast::changed, this, &PipelinesPresenter::historyChanged);
    connect(&m_attempt, &AttemptChoice::changed, this, &PipelinesPresenter::takeAttempt);
    connect(&context.deployed, &DeployedStore::changed, this, &PipelinesPresenter::askReleases);
    if (context.promotions)
        connect(context.promotions, &PromotionDesk::boardChanged, this, &PipelinesPresenter::askReleases);
    if (context.sources)
        connect(context.sources, &SourceSet::changed, this, [this](const QString &source) {
            if (!m_context.sources->state(source).isFetching)
                askReleases();
        });
    if (context.operations)
        connect(context.operations, &OperationCenter::finished, this,
                [this](const Operation *operation) { refreshAfter(operation->plan()); });
    connect(context.pipelines, &PipelineSet::aboutToRemove, this, [this](const QString &connection) {
        if (m_watch && m_watch->ref().pipeline.connection == connection)
            m_watch.reset();
    });
    m_askMadeAgain.setParent(this);
    m_askMadeAgain.setObjectName(QStringLiteral("releasesAgain"));
    m_askMadeAgain.setSingleShot(true);
    m_askMadeAgain.setInterval(askedAgainAfter);
    connect(&m_askMadeAgain, &QTimer::timeout, this, [this] {
        m_madeAsOf.clear();
        askReleases();
    });
    takeStore();
}

PipelinesPresenter::~PipelinesPresenter()
{
    setActive(false);
}

RunStore &PipelinesPresenter::store() const
{
    return m_feed.store();
}

void PipelinesPresenter::setActive(bool isActive)
{
    if (std::exchange(m_isActive, isActive) == isActive)
        return;
    m_feed.lookAt(isActive);
    m_past.setActive(isActive);
    m_model.setActive(isActive);
    if (!isActive) {
        m_watch.reset(); // its answers stay in the store; it is read again when somebody looks
        return;
    }
    chooseByItself();
    follow();
    emit changed();
}

void PipelinesPresenter::refresh()
{
    m_feed.refresh();
    if (m_watch)
        m_watch->refresh();
    const std::optional<RunRef> chosen = selectedRef();
    if (m_attempt.isEarlier() && chosen && source())
        m_attempt.choose(*source(), *chosen, m_attempt.number());
}

void PipelinesPresenter::loadMore(const QStringList &pipelines)
{
    for (const QString &pipeline : pipelines)
        m_feed.loadMore(pipeline);
}

void PipelinesPresenter::select(const QString &runKey)
{
    m_awaited.clear();
    m_isChosen = true;
    m_above.clear();
    choose(runKey);
}

bool PipelinesPresenter::openDownstream(const QString &jobId)
{
    const std::optional<Job> started = jobNamed(jobId);
    const std::optional<Run> shown = run();
    if (!started || !started->downstream || !shown)
        return false;
    const RunStore::Entry *const known = entry();
    const RunRef below = *started->downstream; // choose() drops the job
    m_awaited.clear();
    m_isChosen = true;
    m_above.append({shown->ref, runTitle(known ? pipelineName(*known) : shown->ref.pipeline.project, *shown)});
    choose(below.key(), below);
    return true;
}

bool PipelinesPresenter::goUp()
{
    if (m_above.isEmpty())
        return false;
    const RunRef up = m_above.takeLast().run;
    choose(up.key(), up);
    return true;
}

// The newest of all, which is known once all were heard, or are not heard for long. What is shown then stays as long as
// it exists: what is newest later must not change under somebody who reads.
void PipelinesPresenter::chooseByItself()
{
    const int first = m_model.firstRun();
    if (m_isChosen || first < 0 || !m_awaited.isEmpty() || (!m_selected.isEmpty() && run()))
        return;
    if (!m_hasWaited && !areAllHeard()) {
        if (!m_patience.isActive())
            m_patience.start();
        return;
    }
    choose(m_model.row(first).key);
}

bool PipelinesPresenter::areAllHeard() const
{
    const QStringList connections = store().connections();
    const auto &entries = store().byKey();
    return std::none_of(
               entries.cbegin(), entries.cend(),
               [](const RunStore::Entry &entry) { return entry.freshness.state == Freshness::State::Loading; }) &&
           std::none_of(connections.cbegin(), connections.cend(), [this](const QString &connection) {
               return store().server(connection)->pipelines.state == Freshness::State::Loading;
           });
}

void PipelinesPresenter::choose(const QString &runKey, const std::optional<RunRef> &ref)
{
    if (runKey == m_selected)
        return;
    m_selected = runKey;
    m_ref = ref;
    m_job.clear();
    m_shownJob.clear();
    m_opened.clear();
    m_listed.reset();
    m_made = {};
    m_madeAsOf.clear();
    m_askMade.cancel();
    m_askMadeAgain.stop(); // it was of the one before
    m_attempt.chooseNewest();
    m_watch.reset();
    if (m_isActive)
        follow();
    emit selectionChanged();
    emit changed();
    emit historyChanged();
    emit jobChanged();
}

void PipelinesPresenter::selectNewestOf(const QString &pipelineKey)
{
    const RunStore::Entry *const entry = store().entry(pipelineKey);
    if (entry && !entry->runs.isEmpty())
        select(entry->runs.first().ref.key());
    else
        m_awaited = pipelineKey;
}

bool PipelinesPresenter::isHidden() const
{
    const RunStore::Entry *const known = m_model.isNarrowed() && m_model.rowOf(m_selected) < 0 ? entry() : nullptr;
    return known && std::any_of(known->runs.cbegin(), known->runs.cend(),
                                [this](const Run &run) { return run.ref.key() == m_selected; });
}

const RunStore::Entry *PipelinesPresenter::entry() const
{
    if (m_selected.isEmpty())
        return nullptr;
    return store().entry(m_selected.section(u'|', 0, -2));
}

std::optional<RunRef> PipelinesPresenter::selectedRef() const
{
    if (m_ref)
        return m_ref;
    const std::optional<Run> known = newestRun();
    return known ? std::optional(known->ref) : std::nullopt;
}

// ---- attempts

int PipelinesPresenter::attempts() const
{
    const std::optional<RunDetail> newest = newestDetail();
    if (newest)
        return newest->attempts;
    return m_attempt.detail() ? m_attempt.detail()->attempts : std::max(1, m_attempt.number());
}

int PipelinesPresenter::attempt() const
{
    return m_attempt.isEarlier() ? m_attempt.number() : attempts();
}

void PipelinesPresenter::chooseAttempt(int number)
{
    const std::optional<RunRef> chosen = selectedRef();
    const bool isShown = number == attempt() && !m_attempt.error(); // one that could not be read is asked for again
    if (!chosen || !source() || number < 1 || isShown)
        return;
    if (number < attempts())
        m_attempt.choose(*source(), *chosen, number);
    else
        m_attempt.chooseNewest();
    m_job.clear(); // it was of the other one
    m_shownJob.clear();
    emit changed();
    tellJob();
}

void PipelinesPresenter::takeAttempt()
{
    const std::optional<Error> &error = m_attempt.error();
    const std::optional<RunRef> chosen = selectedRef();
    if (error && error->kind == ErrorKind::RateLimited && chosen)
        m_feed.bePatient(chosen->pipeline.connection, error->retryAfter);
    emit changed();
    tellJob();
}

bool PipelinesPresenter::isReading() const
{
    if (m_attempt.isEarlier() && m_watch)
        return !m_attempt.detail() && m_attempt.isReading();
    return m_watch && m_watch->freshness().state == Freshness::State::Loading;
}

// ---- what is known of the run

std::optional<RunDetail> PipelinesPresenter::detail() const
{
    if (!m_attempt.isEarlier())
        return newestDetail();
    return m_watch && m_watch->ref().key() == m_selected ? m_attempt.detail() : std::nullopt;
}

std::optional<RunDetail> PipelinesPresenter::newestDetail() const
{
    const std::optional<RunDetail> read =
        m_watch && m_watch->ref().key() == m_selected ? m_watch->detail() : std::nullopt;
    return read && !m_made.isEmpty() ? std::optional(withReleases(*read, m_made)) : read;
}

std::optional<Run> PipelinesPresenter::run() const
{
    const std::optional<RunDetail> read = detail();
    if (read)
        return read->run;
    const std::optional<Run> newest = newestRun();
    if (!m_attempt.isEarlier() || !newest)
        return newest;
    // As long as it is not read: what all attempts have, and nothing of how another one went.
    Run unread;
    unread.ref = newest->ref;
    unread.number = newest->number;
    unread.attempt = m_attempt.number();
    unread.title = newest->title;
    unread.branch = newest->branch;
    unread.tag = newest->tag;
    unread.commit = newest->commit;
    return unread;
}

std::optional<Run> PipelinesPresenter::newestRun() const
{
    if (const std::optional<RunDetail> read = newestDetail())
        return read->run;
    if (const RunStore::Entry *known = entry()) {
        for (const Run &run : known->runs) {
            if (run.ref.key() == m_selected)
                return run;
        }
    }
    return std::nullopt;
}

QList<Run> PipelinesPresenter::past() const
{
    QList<Run> all;
    if (const RunStore::Entry *known = entry()) {
        for (const Run &run : known->runs) {
            if (run.ref.key() != m_selected)
                all.append(run);
        }
    }
    return all;
}

QList<WaitingGate> PipelinesPresenter::knownGates() const
{
    const std::optional<RunRef> chosen = m_attempt.isEarlier() ? std::nullopt : selectedRef(); // it waits nowhere
    return chosen ? store().seenGates(*chosen) : QList<WaitingGate>();
}

PipelineSource *PipelinesPresenter::source() const
{
    const RunStore::Entry *const known = entry();
    if (!known && !m_ref)
        return nullptr;
    PipelineServer *const server =
        m_context.pipelines->find(known ? known->pipeline.ref.connection : m_ref->pipeline.connection);
    return server ? &server->source() : nullptr;
}

stages::Graph PipelinesPresenter::graph() const
{
    const std::optional<RunDetail> read = detail();
    if (!read)
        return {};
    if (!m_graph || m_graph->opened != m_opened || m_graph->of.jobs != read->jobs)
        m_graph = Drawn{*read, m_opened, stages::graphOf(*read, {3, m_opened})};
    return m_graph->graph;
}

// What the feed keeps fresh is what is chosen while somebody looks.
void PipelinesPresenter::follow()
{
    const std::optional<Run> chosen = newestRun();
    if ((!chosen && !m_ref) || !source())
        return;
    if (!m_watch) {
        m_watch = m_feed.watch(chosen ? chosen->ref : *m_ref);
        connect(m_watch.get(), &RunWatch::changed, this, &PipelinesPresenter::takeDetail);
    }
    if (chosen)
        m_past.follow(source(), chosen->ref.pipeline, past(), *chosen);
}

void PipelinesPresenter::takeStore()
{
    if (!m_awaited.isEmpty()) {
        const QString pipeline = m_awaited;
        selectNewestOf(pipeline);
    }
    chooseByItself();
    if (m_isActive)
        follow();
    compareWithList();
    if (!noteListed())
        return;
    emit changed();
    emit historyChanged();
}

// False: the list has nothing new for what is shown. Hundreds of pipelines are heard of while one run is looked at.
bool PipelinesPresenter::noteListed()
{
    const RunStore::Entry *const known = entry();
    Listed now{known ? std::optional(*known) : std::nullopt, source(), m_model.freshness().state};
    if (now.entry && now.entry->freshness.state == Freshness::State::Live)
        now.entry->freshness.lastHeard = {}; // each look of the feed has another, and cards show none while it is live
    if (m_noted == now)
        return false;
    m_noted = std::move(now);
    return true;
}

// A list may hear of a run's end minutes before its details would be read again: each news of it is followed at once.
void PipelinesPresenter::compareWithList()
{
    const RunStore::Entry *const known = entry();
    if (!known)
        return;
    const auto listed = std::find_if(known->runs.cbegin(), known->runs.cend(),
                                     [this](const Run &run) { return run.ref.key() == m_selected; });
    const auto isOther = [](const Run &a, const Run &b) { return a.state != b.state || a.attempt != b.attempt; };
    if (listed == known->runs.cend() || (m_listed && !isOther(*m_listed, *listed)))
        return;
    m_listed = *listed;
    const std::optional<RunDetail> read = newestDetail();
    if (read && isOther(read->run, *listed) && m_watch->freshness().lastHeard < known->freshness.lastHeard)
        m_watch->lookAgain();
}

void PipelinesPresenter::takeDetail()
{
    if (const std::optional<Run> chosen = newestRun())
        m_past.follow(source(), chosen->ref.pipeline, past(), *chosen);
    askReleases();
    emit changed();
    tellJob();
}

void PipelinesPresenter::tellJob()
{
    if (const QString now = job(); now != m_shownJob) {
        m_shownJob = now;
        emit jobChanged();
    }
}

// Once for what the run is and what is known of releases; both may change while it is shown.
void PipelinesPresenter::askReleases()
{
    const std::optional<RunDetail> read = m_isActive ? newestDetail() : std::nullopt;
    const RunStore::Entry *const known = entry();
    if (!m_context.releases || !read || !known || known->application.isEmpty())
        return;
    const QString asOf = QStringLiteral("%1|%2|%3").arg(read->run.attempt).arg(runStateName(read->run.state)) +
                         m_context.releases->standing(known->application);
    if (asOf == m_madeAsOf)
        return;
    m_madeAsOf = asOf;
    m_askMadeAgain.stop();
    m_askMade.run(
        this,
        [this, &read, known](const StopToken &stop) {
            return m_context.releases->of(read->run, known->application, stop);
        },
        [this](const Result<MadeReleases> &made) {
            if (!made || made->isPartial) // what is told of the run meanwhile asks nobody sooner
                m_askMadeAgain.start();
            if (!made || m_made == *made)
                return;
            m_made = *made;
            emit changed();
        });
}

// What runs now, else what broke, else what ended last.
QString PipelinesPresenter::jobThatMatters() const
{
    const std::optional<RunDetail> read = detail();
    if (!read || read->jobs.isEmpty())
        return {};
    const auto rank = [](const Job &job) {
        switch (job.state) {
        case RunState::Running:
            return 4;
        case RunState::Failed:
            return job.mayFail ? 2 : 3;
        case RunState::Unstable:
            return 2;
        case RunState::Passed:
            return 1;
        default:
            return 0;
        }
    };
    const auto best = std::max_element(read->jobs.cbegin(), read->jobs.cend(), [&rank](const Job &a, const Job &b) {
        if (a.hasLog != b.hasLog)
            return b.hasLog;
        if (rank(a) != rank(b))
            return rank(a) < rank(b);
        return rank(a) == 1 ? a.finishedAt < b.finishedAt : false; // of several that run or failed the first
    });
    return best->id;
}

void PipelinesPresenter::chooseJob(const QString &id)
{
    m_job = id;
    const QString now = job();
    if (now == m_shownJob)
        return;
    m_shownJob = now;
    emit jobChanged();
}

void PipelinesPresenter::followJobs(const QString &id)
{
    m_job.clear();
    m_shownJob = id;
    m_shownJob = job();
    emit jobChanged();
}

QString PipelinesPresenter::job() const
{
    if (!m_job.isEmpty() && jobNamed(m_job))
        return m_job;
    // It stays with what it was until something else runs or broke.
    const QString matters = jobThatMatters();
    const std::optional<Job> shown = jobNamed(m_shownJob);
    const std::optional<Job> better = jobNamed(matters);
    if (shown && shown->hasLog && better && better->state == shown->state && shown->state == RunState::Running)
        return m_shownJob;
    return matters;
}

std::optional<Job> PipelinesPresenter::jobNamed(const QString &id) const
{
    const std::optional<RunDetail> read = id.isEmpty() ? std::nullopt : detail();
    if (!read)
        return std::nullopt;
    const auto found =
        std::find_if(read->jobs.cbegin(), read->jobs.cend(), [&id](const Job &job) { return job.id == id; });
    return found == read->jobs.cend() ? std::nullopt : std::optional(*found);
}

void PipelinesPresenter::toggleGroup(const QString &nodeId)
{
    if (!m_opened.remove(nodeId))
        m_opened.insert(nodeId);
    emit changed();
}

bool PipelinesPresenter::closeGroups()
{
    if (m_opened.isEmpty())
        return false;
    m_opened.clear();
    emit changed();
    return true;
}

QString PipelinesPresenter::whyNoOrder() const
{
    if (m_attempt.isEarlier())
        return tr("This is an earlier attempt, as it ended: choose the newest one, then act.");
    const RunStore::Entry *const known = entry();
    if (!known)
        return m_ref ? tr("%1 is not followed here. Add it to the projects of its connection.")
                           .arg(m_ref->pipeline.project)
                     : tr("Choose a run first.");
    if (!m_context.operations)
        return tr("Operations are not available in this window.");
    return source() ? QString() : tr("The connection %1 was removed.").arg(known->pipeline.ref.connection);
}

QString PipelinesPresenter::whyNot(RunOrder::Kind kind) const
{
    if (const QString why = whyNoOrder(); !why.isEmpty())
        return why;
    const RunStore::Entry *const known = entry();
    if (kind == RunOrder::Kind::Trigger) {
        if (!known->pipeline.isEnabled)
            return tr("%1 is switched off at its server.").arg(known->pipeline.title);
        if (known->pipeline.canTrigger.value_or(true))
            return {};
        return known->pipeline.whyNotTrigger.isEmpty() ? tr("Its server does not let it be started by hand.")
                                                       : known->pipeline.whyNotTrigger;
    }
    const std::optional<RunDetail> read = detail();
    if (!read)
        return tr("The run is still being read.");
    const bool can = kind == RunOrder::Kind::Cancel  ? read->canCancel
                     : kind == RunOrder::Kind::Rerun ? read->canRerun
                                                     : read->canRerunFailed;
    if (can)
        return {};
    if (!read->whyNot.isEmpty())
        return read->whyNot;
    if (kind == RunOrder::Kind::Cancel)
        return isEnded(read->run.state) ? tr("It has ended.") : tr("Its server does not let it be cancelled.");
    if (kind == RunOrder::Kind::RerunFailed && read->run.state == RunState::Passed)
        return tr("Nothing failed.");
    return isEnded(read->run.state) ? tr("Its server does not let it run again.") : tr("It has not ended yet.");
}

QString PipelinesPresenter::whyNotJob(const QString &id) const
{
    if (const QString why = whyNoOrder(); !why.isEmpty())
        return why;
    const std::optional<RunDetail> read = detail();
    if (!read)
        return tr("The run is still being read.");
    const std::optional<Job> chosen = jobNamed(id);
    if (!chosen)
        return tr("Choose a job first.");
    if (!isEnded(chosen->state))
        return tr("%1 has not ended yet.").arg(chosen->name);
    if (chosen->state == RunState::Skipped)
        return tr("%1 was skipped: there is nothing to run again.").arg(chosen->name);
    if (read->canRerunJob)
        return {};
    // Why not, where nothing of it may run again; else the server knows no such order.
    if (!read->canRerun && !read->canRerunFailed && !read->whyNot.isEmpty())
        return read->whyNot;
    return isEnded(read->run.state) ? tr("Its server runs no job alone again: run all of it again.")
                                    : tr("It has not ended yet.");
}

std::optional<WaitingGate> PipelinesPresenter::gateOfJob(const QString &id) const
{
    const std::optional<Job> job = m_attempt.isEarlier() ? std::nullopt : jobNamed(id);
    if (!job)
        return std::nullopt;
    const QList<WaitingGate> gates = store().gates();
    const auto found = std::find_if(gates.cbegin(), gates.cend(), [this, &job](const WaitingGate &gate) {
        return gate.run.key() == m_selected &&
               (gate.job == job->id || (gate.job.isEmpty() && job->state == RunState::Waiting));
    });
    return found == gates.cend() ? std::nullopt : std::optional(*found);
}

QString PipelinesPresenter::whyNotGate(const QString &id) const
{
    if (const QString why = whyNoOrder(); !why.isEmpty())
        return why;
    const std::optional<Job> job = jobNamed(id);
    if (!job)
        return tr("Choose a job first.");
    return gateOfJob(id) ? QString()
                         : tr("The gate of %1 was not read yet. Its server is asked for its gates again by itself.")
                               .arg(job->name);
}

RunOrder PipelinesPresenter::orderOfJob(const QString &id) const
{
    RunOrder order = orderOf(RunOrder::Kind::Rerun);
    order.job = id;
    return order;
}

RunOrder PipelinesPresenter::orderOf(RunOrder::Kind kind) const
{
    RunOrder order;
    order.kind = kind;
    if (const RunStore::Entry *known = entry()) {
        order.pipeline = known->pipeline.ref;
        order.application = known->application;
        order.branch = known->pipeline.defaultBranch;
    }
    if (kind != RunOrder::Kind::Trigger)
        order.run = newestRun();
    else if (const std::optional<Run> chosen = newestRun(); chosen && !chosen->branch.isEmpty())
        order.branch = chosen->branch;
    return order;
}

QFuture<Result<Plan>> PipelinesPresenter::plan(const RunOrder &order, const StopToken &stop) const
{
    PipelineServer *const server = m_context.pipelines->find(order.pipeline.connection);
    if (server)
        return server->source().plan(order, stop);
    return ready(Result<Plan>(
        Error{ErrorKind::Unreachable,
              tr("The connection %1 was removed. Add it again in Connections.").arg(order.pipeline.connection),
              {}}));
}

// What an operation changed is looked at at once, whoever asked for it; the lists are seen to by whoever owns the feed.
void PipelinesPresenter::refreshAfter(const Plan &plan)
{
    if (!isOfPipelines(plan.kind))
        return;
    if (m_watch && m_watch->ref().pipeline.connection == plan.connection)
        m_watch->refresh();
}

} // namespace signalbox
