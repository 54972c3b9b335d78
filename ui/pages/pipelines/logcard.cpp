#include "ui/pages/pipelines/logcard.h"

#include "ui/dialogs/prompter.h"
#include "ui/pages/pipelines/pipelinespresenter.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/jobloglines.h"
#include "ui/widgets/joblogview.h"
#include "ui/widgets/timetext.h"

#include <QLabel>
#include <QVBoxLayout>

namespace signalbox
{

LogCard::LogCard(PipelinesPresenter &presenter, Prompter &prompter, QWidget *parent)
    : Panel(tr("Log"), parent)
    , m_presenter(presenter)
    , m_prompter(prompter)
{
    setObjectName(QStringLiteral("jobLogPanel"));
    build();
    connect(&presenter, &PipelinesPresenter::jobChanged, this, &LogCard::follow);
    connect(&presenter, &PipelinesPresenter::changed, this, &LogCard::follow);
    connect(&m_pipe, &LogPipe::came, this, [this](const std::vector<JobLogPiece> &pieces) {
        m_log->take(pieces);
        showState();
    });
    connect(&m_pipe, &LogPipe::ended, this, &LogCard::takeEnd);
    showState();
}

LogCard::~LogCard() = default;

void LogCard::build()
{
    auto *content = new QWidget(this);
    auto *down = new QVBoxLayout(content);
    down->setContentsMargins(0, 0, 0, 1);
    down->setSpacing(0);
    m_note = new QLabel(content);
    m_note->setObjectName(QStringLiteral("jobLogNote"));
    m_note->setTextFormat(Qt::PlainText);
    m_note->setWordWrap(true);
    m_note->setContentsMargins(14, space::xs, 14, space::xs);
    m_note->setProperty("role", QStringLiteral("warning"));
    m_note->hide();
    m_log = new JobLogView(content);
    m_log->setObjectName(QStringLiteral("jobLog"));
    for (QWidget *tool : m_log->tools())
        addHeaderWidget(tool);
    down->addWidget(m_note);
    down->addWidget(m_log, 1);
    setContent(content);
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
    if (isActive) {
        follow();
        return;
    }
    if (m_pipe.isOpen())
        m_shown.clear(); // read anew when somebody looks again
    m_pipe.close();
}

void LogCard::focusSearch()
{
    m_log->openFind();
}

void LogCard::focusLog()
{
    m_log->lines()->setFocus(Qt::OtherFocusReason);
}

void LogCard::follow()
{
    const std::optional<Job> job = m_presenter.jobNamed(m_presenter.job());
    PipelineSource *const source = m_presenter.source();
    const QString wanted = job && source && job->hasLog
                               ? QStringLiteral("%1|%2|%3").arg(m_presenter.selected(), job->id).arg(job->attempt)
                               : QString();
    if (wanted == m_shown || !m_isActive) {
        showState();
        return;
    }
    m_shown = wanted;
    m_error.reset();
    m_hasEnded = false;
    m_note->hide();
    m_pipe.close();
    m_log->begin(job && !isEnded(job->state));
    if (!wanted.isEmpty()) {
        LogQuery query;
        query.run = m_presenter.detail()->run.ref;
        query.job = job->id;
        query.follow = !isEnded(job->state);
        m_pipe.open(*source, query);
    }
    showState();
}

void LogCard::showState()
{
    const std::optional<Job> job = m_presenter.jobNamed(m_presenter.job());
    const int lines = m_log->log().lineCount();
    setTitle(job ? tr("%1 log").arg(job->name) : tr("Log"));
    setSubtitle(job && m_pipe.isOpen() && !isEnded(job->state) ? tr("follows") : QString());
    if (!job) {
        if (m_presenter.watch() && m_presenter.watch()->freshness().state == Freshness::State::Loading)
            showLoading(3);
        else
            showEmpty(tr("No log"), tr("Choose a stage above: its log is shown here."));
    } else if (!job->hasLog) {
        showEmpty(tr("No log"), isEnded(job->state) ? tr("The server keeps none of this job.")
                                                    : tr("There is none before the job has begun."));
    } else if (m_error && lines == 0) {
        showError(tr("The log could not be read"), *m_error, m_failedAt, [this] {
            m_shown.clear();
            follow();
        });
    } else if (lines == 0 && m_hasEnded) {
        showEmpty(tr("The log is empty"), tr("The job wrote nothing."));
    } else if (lines == 0 && !m_shown.isEmpty()) {
        showLoading(3);
    } else {
        showContent();
    }
}

void LogCard::takeEnd(const Result<LogEnd> &end)
{
    m_hasEnded = true;
    m_log->end();
    QString note;
    if (end) {
        note = end->note;
    } else {
        m_error = end.error();
        m_failedAt = AgeTicker::now();
        note = tr("It breaks off here: %1").arg(end.error().message);
    }
    m_note->setText(note);
    m_note->setVisible(!note.isEmpty());
    showState();
}

void LogCard::askSave()
{
    const std::optional<Job> job = m_presenter.jobNamed(m_presenter.job());
    const QString suggested = (job ? job->name : QStringLiteral("job")) + QStringLiteral(".log");
    m_prompter.askSaveFile(this, tr("Save the log"), suggested, [this](const QString &path) {
        if (!path.isEmpty())
            m_log->saveTo(path);
    });
}

} // namespace signalbox
