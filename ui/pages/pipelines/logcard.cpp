#include "ui/pages/pipelines/logcard.h"

#include "ui/dialogs/prompter.h"
#include "ui/pages/pipelines/lognote.h"
#include "ui/pages/pipelines/pipelinespresenter.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/foldingtools.h"
#include "ui/widgets/jobloglines.h"
#include "ui/widgets/joblogview.h"
#include "ui/widgets/timetext.h"

#include <QPushButton>
#include <QVBoxLayout>

#include <utility>

namespace signalbox
{

namespace
{

// With the begin, as Travis does not count: its second and its third try have one id and one number.
QString attemptKey(const Job &job)
{
    const qint64 begin = job.startedAt.isValid() ? job.startedAt.toMSecsSinceEpoch() : 0;
    return QStringLiteral("%1|%2|%3").arg(job.id).arg(job.attempt).arg(begin);
}

} // namespace

LogCard::LogCard(PipelinesPresenter &presenter, Prompter &prompter, QWidget *parent)
    : Panel(tr("Log"), parent)
    , m_presenter(presenter)
    , m_prompter(prompter)
{
    setObjectName(QStringLiteral("jobLogPanel"));
    build();
    connectLog();
    connect(&presenter, &PipelinesPresenter::jobChanged, this, &LogCard::follow);
    connect(&presenter, &PipelinesPresenter::changed, this, &LogCard::follow);
    connect(&m_pipe, &LogPipe::came, this, [this](const std::vector<JobLogPiece> &pieces) {
        m_log->take(pieces);
        showState();
    });
    connect(&m_pipe, &LogPipe::ended, this, &LogCard::takeEnd);
    connect(&m_pipe, &LogPipe::replaced, this, [this] {
        emit noticed(tr("The server has another log of %1 now: it is read from its beginning.").arg(m_shown.jobName),
                     Health::Warning);
        readAgain();
    });
    showState();
}

LogCard::~LogCard() = default;

void LogCard::build()
{
    auto *content = new QWidget(this);
    auto *down = new QVBoxLayout(content);
    down->setContentsMargins(0, 0, 0, 1);
    down->setSpacing(0);
    m_offer = new LogNote(QStringLiteral("jobLogOffer"), QStringLiteral("soft"), content);
    m_offer->addButton(QStringLiteral("jobLogShowBegun"), tr("Show it"), [this] {
        if (const std::optional<Job> begun = begunSince()) {
            m_isHeld = false;
            if (isEnded(begun->state))
                m_presenter.chooseJob(begun->id); // what matters now may be another one
            else
                m_presenter.followJobs(begun->id);
            follow();
        }
    });
    m_cut = new LogNote(QStringLiteral("jobLogCut"), QStringLiteral("warning"), content);
    m_readOn = m_cut->addButton(QStringLiteral("jobLogReadOn"), tr("Read on"), [this] {
        read();
        showState();
    });
    m_readAgain = m_cut->addButton(QStringLiteral("jobLogReadAgain"), tr("Read again"), [this] { readAgain(); });
    m_note = new LogNote(QStringLiteral("jobLogNote"), QStringLiteral("warning"), content);
    m_log = new JobLogView(content);
    m_log->setObjectName(QStringLiteral("jobLog"));
    m_rerun = new IconButton(QStringLiteral("restart"), tr("Run this job again..."), this);
    m_rerun->setObjectName(QStringLiteral("rerunThisJob"));
    connect(m_rerun, &QPushButton::clicked, this,
            [this] { emit rerunWanted(m_shown.key.isEmpty() ? m_presenter.job() : m_shown.job); });
    addHeaderWidget(m_log->tools());
    addHeaderWidget(m_rerun);
    for (LogNote *note : {m_offer, m_cut, m_note})
        down->addWidget(note);
    down->addWidget(m_log, 1);
    setContent(content);
}

void LogCard::connectLog()
{
    connect(m_log, &JobLogView::touched, this, &LogCard::hold);
    connect(m_log, &JobLogView::saveWanted, this, &LogCard::askSave);
    connect(m_log, &JobLogView::saved, this, [this](const QString &path, int lines) {
        emit noticed(tr("Saved %1 lines to %2.").arg(lines).arg(path), Health::Ok);
    });
    connect(m_log, &JobLogView::saveFailed, this,
            [this](const QString &sentence) { emit noticed(sentence, Health::Failing); });
    connect(m_log, &JobLogView::noticed, this, [this](const QString &text) { emit noticed(text, Health::Warning); });
}

void LogCard::setActive(bool isActive)
{
    m_isActive = isActive;
    if (isActive)
        follow();
    else
        m_pipe.close(); // read on when somebody looks again
}

void LogCard::focusSearch()
{
    m_log->openFind();
}

void LogCard::focusLog()
{
    m_log->lines()->setFocus(Qt::OtherFocusReason);
}

// ---- whose log

void LogCard::follow()
{
    const int attempt = m_presenter.attemptChoice().number();
    const bool isOther = attempt != m_attempt; // nothing of one attempt stands for another
    const bool isSameRun = !isOther && !m_shown.key.isEmpty() && m_shown.run.key() == m_presenter.selected();
    // Its run is being read, or its server is gone: what is here stays.
    if (!m_isActive || (isSameRun && (!m_presenter.detail() || !m_presenter.source()))) {
        showState();
        return;
    }
    m_attempt = attempt;
    const std::optional<Job> job = m_presenter.jobNamed(m_presenter.job());
    const bool hasLog = job && m_presenter.source() && job->hasLog;
    const QString wanted = hasLog ? QStringLiteral("%1|%2").arg(m_presenter.selected(), attemptKey(*job)) : QString();
    if ((isOther || wanted != m_shown.key) && !(isSameRun && isRead(job)))
        change(wanted, job);
    else if (!m_shown.key.isEmpty() && m_shown.end == ReadLog::End::Open && !m_pipe.isOpen())
        read();
    showState();
}

// Run again it may have another id (GitHub, GitLab): then what somebody reads stays until they choose another job.
bool LogCard::isRead(const std::optional<Job> &chosen) const
{
    if (!m_isHeld)
        return false;
    if (chosen && chosen->id == m_shown.job)
        return true;
    return !m_presenter.jobNamed(m_shown.job) && m_presenter.chosenJob() == m_shown.job;
}

void LogCard::change(const QString &key, const std::optional<Job> &job)
{
    m_pipe.close();
    if (!m_shown.key.isEmpty()) {
        m_shown.log = m_log->log();
        m_shown.place = m_log->place();
        m_shelf.put(std::exchange(m_shown, {}));
    }
    m_shown = {};
    m_isHeld = false;
    m_begun.clear();
    if (const std::optional<RunDetail> detail = m_presenter.detail()) {
        for (const Job &other : detail->jobs) {
            if (other.startedAt.isValid() || other.hasLog)
                m_begun.insert(attemptKey(other));
        }
    }
    if (key.isEmpty()) {
        m_log->begin(false);
        return;
    }
    const bool isRunning = !isEnded(job->state);
    if (std::optional<ReadLog> kept = m_shelf.take(key)) {
        m_shown = std::move(*kept);
        m_log->resume(m_shown.log, m_shown.place, isRunning && m_shown.end == ReadLog::End::Open);
        m_shown.log = {};
        if (m_shown.end != ReadLog::End::Open)
            m_log->end(m_shown.end == ReadLog::End::Cut ? JobLogView::End::Cut : JobLogView::End::Complete);
    } else {
        const RunStore::Entry *const entry = m_presenter.entry();
        const Run run = m_presenter.run().value_or(Run());
        m_shown.key = key;
        m_shown.run = run.ref;
        m_shown.job = job->id;
        m_shown.jobName = job->name;
        m_shown.startedAt = job->startedAt;
        m_shown.fileName = logFileName(entry ? entry->pipeline.title : QString(), run.number, job->name);
        m_log->begin(isRunning);
    }
    if (m_shown.end == ReadLog::End::Open)
        read();
}

// Somebody is at work in this log: it stays, whatever the run does next.
void LogCard::hold()
{
    if (m_shown.key.isEmpty() || std::exchange(m_isHeld, true) || m_shown.run.key() != m_presenter.selected())
        return;
    m_presenter.chooseJob(m_shown.job);
}

// ---- reading

void LogCard::read()
{
    PipelineSource *const source = m_presenter.source();
    if (!source || m_shown.key.isEmpty())
        return;
    const std::optional<Job> job = shownJob();
    const bool isRunning = job && !isEnded(job->state);
    LogQuery query;
    query.run = m_shown.run;
    query.job = m_shown.job;
    query.follow = isRunning;
    m_shown.end = ReadLog::End::Open;
    m_shown.error.reset();
    m_shown.note.clear();
    if (m_log->log().lineCount() > 0)
        m_log->goOn(isRunning);
    if (m_shown.reading)
        m_pipe.goOn(*source, query, m_shown.reading);
    else
        m_shown.reading = m_pipe.open(*source, query);
}

void LogCard::readAgain()
{
    if (!m_presenter.source()) // nothing would come in its place
        return;
    m_pipe.close();
    m_shown.reading.reset();
    const std::optional<Job> job = shownJob();
    m_log->begin(job && !isEnded(job->state));
    read();
    showState();
}

void LogCard::takeEnd(const Result<LogEnd> &end)
{
    m_shown.endedAt = AgeTicker::now();
    m_shown.end = end && end->isComplete ? ReadLog::End::Complete : ReadLog::End::Cut;
    if (end)
        m_shown.note = end->note;
    else
        m_shown.error = end.error();
    m_log->end(m_shown.end == ReadLog::End::Cut ? JobLogView::End::Cut : JobLogView::End::Complete);
    showState();
}

// ---- what is shown of it

std::optional<Job> LogCard::shownJob() const
{
    return m_shown.run.key() == m_presenter.selected() ? m_presenter.jobNamed(m_shown.job) : std::nullopt;
}

// Not a copy of the same try under the new attempt's id.
bool LogCard::isNewTry(const Job &job) const
{
    return job.id == m_shown.job || (job.name == m_shown.jobName && job.startedAt > m_shown.startedAt);
}

// The one that began last of those that were not there yet when this log came; of others than the shown one only what
// still runs.
std::optional<Job> LogCard::begunSince() const
{
    const std::optional<RunDetail> detail = m_presenter.detail();
    std::optional<Job> begun;
    if (!detail || m_shown.key.isEmpty() || m_shown.run.key() != m_presenter.selected())
        return begun;
    for (const Job &job : detail->jobs) {
        if (!job.hasLog || m_begun.contains(attemptKey(job)))
            continue;
        const bool isNew = job.state == RunState::Running || (isEnded(job.state) && isNewTry(job));
        if (isNew && (!begun || begun->startedAt <= job.startedAt))
            begun = job;
    }
    return begun;
}

void LogCard::showState()
{
    const bool isShown = !m_shown.key.isEmpty();
    const std::optional<Job> job = isShown ? shownJob() : m_presenter.jobNamed(m_presenter.job());
    const bool isCut = isShown && m_shown.end == ReadLog::End::Cut;
    const bool isRunning = job && !isEnded(job->state);
    const int lines = m_log->log().lineCount();
    const QString name = isShown ? m_shown.jobName : job ? job->name : QString();
    setTitle(name.isEmpty() ? tr("Log") : tr("%1 log").arg(name));
    setSubtitle(isCut && lines > 0 ? tr("cut") : m_pipe.isOpen() && isRunning ? tr("follows") : QString());
    setStale(isCut && lines > 0 && isRunning ? m_shown.endedAt : QDateTime(),
             m_shown.error ? m_shown.error->message : QString());
    m_log->setSteps(isShown && job ? job->steps : QList<JobStep>());
    showNotes();
    showRerun();
    if (isShown) {
        if (lines > 0)
            showContent();
        else if (m_shown.error)
            showError(tr("The log could not be read"), *m_shown.error, m_shown.endedAt, [this] { readAgain(); });
        else if (isCut)
            showEmpty(tr("No log yet"),
                      m_shown.note.isEmpty() ? tr("The server has nothing of it so far.") : m_shown.note,
                      tr("Read again"), [this] { readAgain(); });
        else if (m_shown.end == ReadLog::End::Complete)
            showEmpty(tr("The log is empty"), m_shown.note.isEmpty() ? tr("The job wrote nothing.") : m_shown.note);
        else
            showLoading(3);
    } else if (!job) {
        if (m_presenter.isReading())
            showLoading(3);
        else
            showEmpty(tr("No log"), tr("Choose a stage above: its log is shown here."));
    } else {
        showEmpty(tr("No log"), isEnded(job->state) ? tr("The server keeps none of this job.")
                                : job->state == RunState::Running
                                    ? tr("The server gives none before the job has ended.")
                                    : tr("There is none before the job has begun."));
    }
}

void LogCard::showNotes()
{
    const std::optional<Job> begun = begunSince();
    m_offer->say(!begun                  ? QString()
                 : isEnded(begun->state) ? tr("%1 was run again.").arg(begun->name)
                                         : tr("%1 has started.").arg(begun->name));
    const bool isCut = m_shown.end == ReadLog::End::Cut;
    m_cut->say(isCut ? cutText() : QString(), isCut ? timeToolTip(m_shown.endedAt) : QString());
    for (QPushButton *button : {m_readOn, m_readAgain})
        button->setEnabled(m_presenter.source() != nullptr);
    m_note->say(isCut ? QString() : m_shown.note);
}

// Of the job whose log stands here, which need not be the one the stages point at.
void LogCard::showRerun()
{
    const QString why = !m_shown.key.isEmpty() && !shownJob()
                            ? tr("The run is still being read.")
                            : m_presenter.whyNotJob(m_shown.key.isEmpty() ? m_presenter.job() : m_shown.job);
    m_rerun->setEnabled(why.isEmpty());
    m_rerun->setToolTip(why.isEmpty() ? m_rerun->accessibleName() : why);
    m_rerun->setAccessibleDescription(why);
}

QString LogCard::cutText() const
{
    const QString text =
        tr("Cut at %n line(s) since %1.", nullptr, m_log->log().lineCount()).arg(clockText(m_shown.endedAt));
    const std::optional<Job> job = shownJob();
    const QString why = m_shown.error                 ? m_shown.error->message
                        : !m_shown.note.isEmpty()     ? m_shown.note
                        : job && !isEnded(job->state) ? tr("The server had no more of it then; the job goes on.")
                                                      : tr("The server says that there is more.");
    return text + QLatin1Char(' ') + why;
}

// The text of now and the name that belongs to it, whatever is shown when the place was chosen.
void LogCard::askSave()
{
    m_prompter.askSaveFile(this, tr("Save the log"), m_shown.fileName,
                           [this, text = m_log->log().text()](const QString &path) {
                               if (!path.isEmpty())
                                   m_log->save(text, path);
                           });
}

} // namespace signalbox
