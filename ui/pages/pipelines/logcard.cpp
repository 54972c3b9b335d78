#include "ui/pages/pipelines/logcard.h"

#include "ui/dialogs/prompter.h"
#include "ui/pages/pipelines/pipelinespresenter.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/logview.h"
#include "ui/widgets/timetext.h"

#include <QCheckBox>
#include <QLabel>
#include <QSaveFile>
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
    connect(&m_pipe, &LogPipe::came, this, &LogCard::take);
    connect(&m_pipe, &LogPipe::ended, this, &LogCard::takeEnd);
    showState();
}

LogCard::~LogCard() = default;

void LogCard::build()
{
    m_follow = new QCheckBox(tr("follow"), this);
    m_follow->setObjectName(QStringLiteral("jobLogFollow"));
    m_follow->setChecked(true);
    m_search = new FilterField(tr("Find in log"), this);
    m_search->setObjectName(QStringLiteral("jobLogSearch"));
    m_search->setProperty("compact", true);
    m_search->setFixedWidth(150);
    m_hits = new QLabel(this);
    m_hits->setProperty("role", QStringLiteral("faint"));
    auto *next = new IconButton(QStringLiteral("chevron-down"), tr("Next hit"), this);
    auto *saveButton = new IconButton(QStringLiteral("save"), tr("Save the log..."), this);
    for (QWidget *widget : std::initializer_list<QWidget *>{m_follow, m_hits, m_search, next, saveButton})
        addHeaderWidget(widget);
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
    m_log = new LogView(content);
    m_log->setObjectName(QStringLiteral("jobLog"));
    m_log->setAccessibleName(tr("Log"));
    m_log->setShowsTimes(false);
    down->addWidget(m_note);
    down->addWidget(m_log, 1);
    setContent(content);
    m_search->setTarget(m_log);
    connect(m_search, &QLineEdit::textChanged, m_log, &LogView::setSearch);
    connect(m_search, &QLineEdit::returnPressed, this, [this] { m_log->findNext(); });
    connect(next, &QPushButton::clicked, this, [this] { m_log->findNext(); });
    connect(saveButton, &QPushButton::clicked, this, &LogCard::save);
    connect(m_follow, &QCheckBox::toggled, m_log, &LogView::setFollows);
    connect(m_log, &LogView::followsChanged, m_follow, &QCheckBox::setChecked);
    connect(m_log, &LogView::searchChanged, this, [this] {
        if (m_search->text().isEmpty())
            m_hits->clear();
        else if (m_log->hitCount() == 0)
            m_hits->setText(tr("none"));
        else
            m_hits->setText(tr("%1 of %2").arg(m_log->currentHit() + 1).arg(m_log->hitCount()));
    });
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
    m_search->setFocus(Qt::ShortcutFocusReason);
    m_search->selectAll();
}

void LogCard::focusLog()
{
    m_log->setFocus(Qt::OtherFocusReason);
}

QString LogCard::shownText() const
{
    return m_log->allText();
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
    m_log->clear();
    m_tail.clear();
    m_error.reset();
    m_hasEnded = false;
    m_note->hide();
    m_pipe.close();
    if (!wanted.isEmpty()) {
        m_log->setFollows(!isEnded(job->state));
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
    } else if (m_error && m_log->lineCount() == 0) {
        showError(tr("The log could not be read"), *m_error, m_failedAt, [this] {
            m_shown.clear();
            follow();
        });
    } else if (m_log->lineCount() == 0 && !m_hasEnded && !m_shown.isEmpty()) {
        showLoading(3);
    } else {
        showContent();
    }
}

void LogCard::take(const QByteArray &bytes)
{
    m_tail += bytes;
    appendLines();
    showState();
}

// Whole lines only: what a network cuts is put together again.
void LogCard::appendLines()
{
    QList<LogView::Line> lines;
    qsizetype begin = 0;
    for (qsizetype end = m_tail.indexOf('\n'); end >= 0; end = m_tail.indexOf('\n', begin)) {
        QByteArrayView line(m_tail.constData() + begin, end - begin);
        if (line.endsWith('\r'))
            line.chop(1);
        lines.append({{}, QString::fromUtf8(line)});
        begin = end + 1;
    }
    m_tail.remove(0, begin);
    if (!lines.isEmpty())
        m_log->append(lines);
}

void LogCard::takeEnd(const Result<LogEnd> &end)
{
    m_hasEnded = true;
    if (!m_tail.isEmpty()) {
        m_tail += '\n';
        appendLines();
    }
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

void LogCard::save()
{
    const std::optional<Job> job = m_presenter.jobNamed(m_presenter.job());
    const QString suggested = (job ? job->name : QStringLiteral("job")) + QStringLiteral(".log");
    m_prompter.askSaveFile(this, tr("Save the log"), suggested, [this](const QString &path) {
        if (path.isEmpty())
            return;
        QSaveFile file(path);
        const QByteArray text = m_log->allText().toUtf8();
        if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size() || !file.commit())
            emit noticed(tr("The log could not be written to %1: %2.").arg(path, file.errorString()), Health::Failing);
        else
            emit noticed(tr("Saved %1 lines to %2.").arg(m_log->lineCount()).arg(path), Health::Ok);
    });
}

} // namespace signalbox
