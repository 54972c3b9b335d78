#include "ui/widgets/joblogview.h"

#include "ui/theme/tokens.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/foldingtools.h"
#include "ui/widgets/jobloglines.h"
#include "ui/widgets/joblogsteps.h"

#include <QFutureWatcher>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QPromise>
#include <QPushButton>
#include <QSaveFile>
#include <QScrollBar>
#include <QThreadPool>
#include <QVBoxLayout>

#include <algorithm>
#include <memory>

namespace signalbox
{

namespace
{

QPushButton *toolChip(const QString &name, QWidget *parent)
{
    auto *button = new QPushButton(parent);
    button->setObjectName(name);
    button->setProperty("variant", QStringLiteral("chip"));
    button->setAutoDefault(false);
    return button;
}

QString countText(int count)
{
    return QLocale().toString(count);
}

} // namespace

JobLogView::JobLogView(QWidget *parent)
    : QWidget(parent)
    , m_lines(new JobLogLines(this))
{
    m_lines->setObjectName(QStringLiteral("jobLogLines"));
    m_lines->installEventFilter(this);
    buildTools();
    auto *down = new QVBoxLayout(this);
    down->setContentsMargins(0, 0, 0, 1);
    down->setSpacing(0);
    down->addWidget(buildFind());
    down->addWidget(m_lines, 1);
    down->addWidget(buildBehind());
    setFocusProxy(m_lines);
    connect(m_lines, &JobLogLines::rowsChanged, this, &JobLogView::showTools);
    connect(m_lines, &JobLogLines::searchChanged, this, &JobLogView::showHits);
    connect(m_lines, &LogLinesView::followsChanged, this, [this](bool follows) {
        showTools();
        emit followsChanged(follows);
    });
    connect(m_lines, &LogLinesView::touched, this, &JobLogView::touched);
    connect(m_lines, &LogLinesView::copyCut, this, [this](int rows) {
        emit noticed(tr("Only the first %1 of the selected lines were copied. Save the log to have all of it.")
                         .arg(countText(rows)));
    });
    showTools();
}

JobLogView::~JobLogView() = default;

const JobLog &JobLogView::log() const
{
    return m_lines->log();
}

void JobLogView::buildTools()
{
    m_steps = new JobLogSteps(m_lines->log(), this);
    connect(m_steps, &JobLogSteps::chosen, this, &JobLogView::showStep);
    m_errors = toolChip(QStringLiteral("jobLogErrors"), this);
    m_follow = toolChip(QStringLiteral("jobLogFollow"), this);
    m_follow->setText(tr("follow"));
    m_follow->setCheckable(true);
    m_follow->setToolTip(tr("Stay at the end while more comes (End)"));
    m_times = toolChip(QStringLiteral("jobLogTimes"), this);
    m_times->setText(tr("times"));
    m_times->setCheckable(true);
    m_times->setChecked(true);
    m_wrap = toolChip(QStringLiteral("jobLogWrap"), this);
    m_wrap->setText(tr("wrap"));
    m_wrap->setCheckable(true);
    m_wrap->setToolTip(tr("Long lines go on below"));
    m_find = new IconButton(QStringLiteral("search"), tr("Find in the log (Ctrl+F)"), this);
    m_find->setObjectName(QStringLiteral("jobLogFind"));
    m_save = new IconButton(QStringLiteral("save"), tr("Save the log..."), this);
    m_save->setObjectName(QStringLiteral("jobLogSave"));
    m_tools = new FoldingTools(this);
    for (QWidget *tool : std::initializer_list<QWidget *>{m_steps, m_errors, m_follow})
        m_tools->add(tool);
    for (QPushButton *button : {m_times, m_wrap})
        m_tools->addSwitch(button);
    for (QWidget *tool : std::initializer_list<QWidget *>{m_find, m_save})
        m_tools->add(tool);
    connect(m_errors, &QPushButton::clicked, this, [this] { goToError(); });
    connect(m_follow, &QPushButton::clicked, m_lines, &LogLinesView::setFollows);
    connect(m_times, &QPushButton::toggled, m_lines, &LogLinesView::setShowsTimes);
    connect(m_wrap, &QPushButton::toggled, m_lines, &LogLinesView::setWraps);
    connect(m_find, &QPushButton::clicked, this, &JobLogView::openFind);
    connect(m_save, &QPushButton::clicked, this, &JobLogView::saveWanted);
}

QWidget *JobLogView::buildFind()
{
    m_findBar = new QWidget(this);
    m_findBar->setObjectName(QStringLiteral("jobLogFindBar"));
    auto *row = new QHBoxLayout(m_findBar);
    row->setContentsMargins(14, space::xs, space::s, space::xs);
    row->setSpacing(space::s);
    m_text = new QLineEdit(m_findBar);
    m_text->setObjectName(QStringLiteral("jobLogSearch"));
    m_text->setPlaceholderText(tr("Find in the log"));
    m_text->setAccessibleName(m_text->placeholderText());
    m_text->setProperty("compact", true);
    m_text->installEventFilter(this);
    m_hits = new QLabel(m_findBar);
    m_hits->setObjectName(QStringLiteral("jobLogHits"));
    m_hits->setProperty("role", QStringLiteral("faint"));
    m_exact = toolChip(QStringLiteral("jobLogExact"), m_findBar);
    m_exact->setText(QStringLiteral("Aa"));
    m_exact->setCheckable(true);
    m_exact->setAccessibleName(tr("Capitals matter"));
    m_exact->setToolTip(m_exact->accessibleName());
    auto *previous = new IconButton(QStringLiteral("chevron-up"), tr("Previous hit (Shift+F3)"), m_findBar);
    auto *next = new IconButton(QStringLiteral("chevron-down"), tr("Next hit (F3)"), m_findBar);
    auto *close = new IconButton(QStringLiteral("close"), tr("Close (Esc)"), m_findBar);
    row->addWidget(m_text, 1);
    row->addWidget(m_hits);
    for (QWidget *widget : std::initializer_list<QWidget *>{m_exact, previous, next, close})
        row->addWidget(widget);
    m_findBar->hide();
    connect(m_text, &QLineEdit::textChanged, this, &JobLogView::find);
    connect(m_exact, &QPushButton::toggled, this, &JobLogView::find);
    connect(previous, &QPushButton::clicked, m_lines, [this] { m_lines->findNext(true); });
    connect(next, &QPushButton::clicked, m_lines, [this] { m_lines->findNext(); });
    connect(close, &QPushButton::clicked, this, &JobLogView::closeFind);
    return m_findBar;
}

// Says that it does not follow any more: else a log that goes on looks like one that stands still.
QWidget *JobLogView::buildBehind()
{
    m_behind = new QWidget(this);
    m_behind->setObjectName(QStringLiteral("jobLogBehind"));
    auto *row = new QHBoxLayout(m_behind);
    row->setContentsMargins(14, space::xs, space::s, space::xs);
    auto *text = new QLabel(tr("The log goes on below."), m_behind);
    text->setProperty("role", QStringLiteral("faint"));
    auto *follow = toolChip(QStringLiteral("jobLogFollowAgain"), m_behind);
    follow->setText(tr("Follow again"));
    row->addWidget(text, 1);
    row->addWidget(follow);
    m_behind->hide();
    connect(follow, &QPushButton::clicked, m_lines, [this] { m_lines->setFollows(true); });
    return m_behind;
}

// ---- what comes

void JobLogView::begin(bool isRunning)
{
    m_isRunning = isRunning;
    m_isCut = false;
    m_seeksError = !isRunning;
    m_lines->clear();
    m_lines->setFollows(isRunning);
    showTools();
}

JobLogView::Place JobLogView::place() const
{
    const int rows = log().rowCount();
    return {rows == 0 ? 0 : log().lineOfRow(std::min(m_lines->firstVisibleLine(), rows - 1)), m_lines->currentLine(),
            m_lines->follows()};
}

void JobLogView::resume(const JobLog &log, const Place &place, bool isRunning)
{
    m_isRunning = isRunning;
    m_isCut = false;
    m_seeksError = false;
    m_lines->put(log);
    if (place.current >= 0 && place.current < log.lineCount())
        m_lines->goToLine(place.current);
    m_lines->setFollows(place.follows);
    if (!place.follows) {
        m_lines->verticalScrollBar()->setValue(log.lineCount() == 0 ? 0 : log.rowOfLine(place.top));
        m_lines->setFollows(false); // also where that is the end
    }
    showTools();
}

void JobLogView::goOn(bool isRunning)
{
    m_isRunning = isRunning;
    m_isCut = false;
    showTools();
}

void JobLogView::take(const std::vector<JobLogPiece> &pieces)
{
    m_lines->take(pieces);
    if (!m_seeksError)
        return;
    if (m_lines->currentLine() >= 0 || m_lines->firstVisibleLine() > 0)
        m_seeksError = false; // somebody reads elsewhere
    else if (log().firstError() >= 0)
        m_seeksError = !m_lines->goToError();
}

void JobLogView::end(End how)
{
    m_isRunning = false;
    m_isCut = how == End::Cut;
    showTools();
}

void JobLogView::showTools()
{
    const int errors = log().errorCount();
    m_errors->setText(tr("errors: %1").arg(countText(errors)));
    m_errors->setEnabled(errors > 0);
    m_errors->setToolTip(errors > 0 ? tr("Go to the first error, then to the next (F8, back Shift+F8)")
                                    : tr("No line looks like an error."));
    m_follow->setEnabled(m_isRunning);
    m_follow->setChecked(m_isRunning && m_lines->follows());
    m_follow->setToolTip(m_isRunning ? tr("Stay at the end while more comes (End)")
                         : m_isCut   ? tr("Nothing comes any more: the log is cut, not complete.")
                                     : tr("Nothing comes any more: the log is complete."));
    m_times->setEnabled(log().hasTimes());
    m_times->setToolTip(log().hasTimes() ? tr("Show when each line was written") : tr("This log says no times."));
    m_save->setEnabled(log().lineCount() > 0);
    m_behind->setVisible(m_isRunning && !m_lines->follows() && log().lineCount() > 0);
}

void JobLogView::goToError(bool backwards)
{
    m_seeksError = false;
    emit touched();
    m_lines->goToError(backwards);
    m_lines->setFocus(Qt::OtherFocusReason);
}

void JobLogView::setSteps(const QList<JobStep> &steps)
{
    m_steps->setSteps(steps);
}

void JobLogView::goToStep(bool backwards)
{
    const int current = m_lines->currentLine();
    const int from = current >= 0 ? current : place().top - (backwards ? 0 : 1);
    if (const int line = m_steps->lineBeside(from, backwards); line >= 0)
        showStep(line);
}

// At the top: what belongs to it stands below.
void JobLogView::showStep(int line)
{
    m_seeksError = false;
    emit touched();
    m_lines->goToLine(line);
    m_lines->verticalScrollBar()->setValue(log().rowOfLine(line));
    m_lines->setFollows(false);
    m_lines->setFocus(Qt::OtherFocusReason);
}

// ---- find

void JobLogView::openFind()
{
    m_findBar->show();
    m_text->setFocus(Qt::ShortcutFocusReason);
    m_text->selectAll();
    find();
}

bool JobLogView::closeFind()
{
    if (m_findBar->isHidden())
        return false;
    m_findBar->hide();
    m_lines->find({}, false);
    m_lines->setFocus(Qt::ShortcutFocusReason);
    return true;
}

void JobLogView::find()
{
    m_seeksError = false;
    if (!m_text->text().isEmpty())
        emit touched();
    m_lines->find(m_text->text(), m_exact->isChecked());
}

void JobLogView::showHits()
{
    const JobLogSearch &search = m_lines->search();
    if (search.text().isEmpty()) {
        m_hits->clear();
        return;
    }
    const int count = search.hitCount();
    const QString all = search.isCut() ? tr("more than %1").arg(countText(count)) : countText(count);
    const int at = search.hitIndex(m_lines->currentLine());
    if (!search.isDone())
        m_hits->setText(tr("searching, %1 so far").arg(countText(count)));
    else if (count == 0)
        m_hits->setText(tr("not found"));
    else if (at < 0)
        m_hits->setText(tr("lines: %1").arg(all));
    else
        m_hits->setText(tr("%1 of %2 lines").arg(countText(at + 1), all));
}

bool JobLogView::eventFilter(QObject *watched, QEvent *event)
{
    // The window must not take these for its own.
    if (event->type() == QEvent::ShortcutOverride && (watched == m_lines || watched == m_text)) {
        const auto *key = static_cast<QKeyEvent *>(event);
        if (key->matches(QKeySequence::Find) || key->key() == Qt::Key_F3 || key->key() == Qt::Key_F8) {
            event->accept();
            return true;
        }
    }
    if (watched == m_lines && event->type() == QEvent::KeyPress) {
        const auto *key = static_cast<QKeyEvent *>(event);
        const bool isUp = key->key() == Qt::Key_Up;
        if (key->modifiers().testFlag(Qt::AltModifier) && (isUp || key->key() == Qt::Key_Down)) {
            goToStep(isUp);
            return true;
        }
    }
    if (watched == m_text && event->type() == QEvent::KeyPress) {
        const auto *key = static_cast<QKeyEvent *>(event);
        if (key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter) {
            m_lines->findNext(key->modifiers().testFlag(Qt::ShiftModifier));
            return true;
        }
        if (key->key() == Qt::Key_Down || key->key() == Qt::Key_Up) {
            m_lines->setFocus(Qt::OtherFocusReason);
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

void JobLogView::keyPressEvent(QKeyEvent *event)
{
    const bool isShifted = event->modifiers().testFlag(Qt::ShiftModifier);
    if (event->matches(QKeySequence::Find))
        openFind();
    else if (event->key() == Qt::Key_F3)
        m_lines->findNext(isShifted);
    else if (event->key() == Qt::Key_F8)
        goToError(isShifted);
    else if (event->key() != Qt::Key_Escape || !closeFind())
        QWidget::keyPressEvent(event);
}

void JobLogView::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::StyleChange)
        update();
}

// ---- save

QString writeJobLog(const JobLogText &text, const QString &path)
{
    QSaveFile file(path);
    bool isGood = file.open(QIODevice::WriteOnly);
    for (const auto &chunk : text.chunks())
        isGood = isGood && file.write(chunk->text) == chunk->text.size();
    isGood = isGood && file.write(text.tail()) == text.tail().size() && file.commit();
    return isGood ? QString()
                  : JobLogView::tr("The log could not be written to %1: %2. Choose another place.")
                        .arg(path, file.errorString());
}

void JobLogView::save(const JobLogText &text, const QString &path)
{
    const auto promise = std::make_shared<QPromise<QString>>();
    promise->start();
    auto *watcher = new QFutureWatcher<QString>(this);
    connect(watcher, &QFutureWatcherBase::finished, this, [this, watcher, path, lines = text.lineCount()] {
        watcher->deleteLater();
        const QString problem = watcher->result();
        if (problem.isEmpty())
            emit saved(path, lines);
        else
            emit saveFailed(problem);
    });
    watcher->setFuture(promise->future());
    QThreadPool::globalInstance()->start([promise, text, path] {
        promise->addResult(writeJobLog(text, path));
        promise->finish();
    });
}

} // namespace signalbox
