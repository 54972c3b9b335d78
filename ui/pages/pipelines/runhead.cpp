#include "ui/pages/pipelines/runhead.h"

#include "models/items/runparts.h"
#include "ui/pages/pipelines/pipelinespresenter.h"
#include "ui/pages/pipelines/playbutton.h"
#include "ui/pages/pipelines/stageboxes.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/stagegraph.h"
#include "ui/widgets/timetext.h"

#include <QApplication>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QResizeEvent>
#include <QStyle>
#include <QVBoxLayout>

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr int mostWhere = 280; // of a long branch

// `detail`: as far as it is read.
QString tookText(const Run &run, const PipelinesPresenter &presenter, const std::optional<RunDetail> &detail,
                 const runs::StoodStill &still)
{
    const QList<Run> past = presenter.past();
    const QDateTime now = AgeTicker::now();
    if (!isEnded(run.state)) {
        const std::chrono::milliseconds jobs =
            detail ? runs::leftOfJobs(*detail, presenter.history().usual(), now) : std::chrono::milliseconds(0);
        const std::optional<runs::Remaining> remaining =
            runs::remaining(run, past, now, still.span, presenter.history().details(), jobs);
        const auto took = duration(run, now);
        if (remaining)
            return RunHead::tr("usually %1 · %2")
                .arg(durationText(remaining->usual.count()), runs::remainingText(*remaining));
        return took ? RunHead::tr("running for %1").arg(durationText(took->count())) : QString();
    }
    const auto took = duration(run, now);
    const runs::UsualTimes usual = runs::usualTimes(past, run.branch);
    if (!took)
        return {};
    return usual.duration ? RunHead::tr("took %1 · usually %2")
                                .arg(durationText(took->count()), durationText(usual.duration->count()))
                          : RunHead::tr("took %1").arg(durationText(took->count()));
}

// How long it waited for its first machine, or waits still. Of a later attempt nobody can tell: its number was created
// with the first.
QString queuedText(const Run &run)
{
    if (run.attempt > 1)
        return {};
    auto waited = queueTime(run);
    if (!waited && run.state == RunState::Queued && run.createdAt.isValid())
        waited = std::chrono::milliseconds(run.createdAt.msecsTo(AgeTicker::now()));
    return waited && *waited >= std::chrono::seconds(1) ? RunHead::tr("queued %1").arg(durationText(waited->count()))
                                                        : QString();
}

// Who let it go on, or stopped it.
QStringList decisionTexts(const QList<RunDecision> &decisions)
{
    QStringList texts;
    for (const RunDecision &one : decisions) {
        const QString what = one.approves ? RunHead::tr("approved by %1") : RunHead::tr("rejected by %1");
        QString text = what.arg(one.who.isEmpty() ? RunHead::tr("somebody") : one.who);
        if (!one.environment.isEmpty())
            text += QStringLiteral(" (%1)").arg(one.environment);
        if (one.at.isValid())
            text += QStringLiteral(", ") + agoText(one.at, AgeTicker::now());
        texts << text;
    }
    return texts;
}

QString timeText(const Run &run, const PipelinesPresenter &presenter)
{
    runs::StoodStill still;
    std::optional<RunDetail> detail = presenter.detail();
    if (detail && !(detail->run.ref == run.ref))
        detail.reset();
    if (detail)
        still = runs::stoodStill(*detail, AgeTicker::now(), presenter.knownGates());
    QStringList words{tookText(run, presenter, detail, still), runs::stoodStillText(still), queuedText(run)};
    words.removeAll(QString());
    return words.join(QStringLiteral(" · "));
}

} // namespace

RunHead::RunHead(PipelinesPresenter &presenter, QWidget *parent)
    : Panel({}, parent)
    , m_presenter(presenter)
{
    setObjectName(QStringLiteral("runPanel"));
    setAccessibleName(tr("Run"));
    auto *content = new QWidget(this);
    auto *down = new QVBoxLayout(content);
    down->setContentsMargins(space::l, space::m, space::l, space::m);
    down->setSpacing(space::s);
    down->addWidget(buildTop());
    down->addWidget(buildFacts());
    m_graph = new StageGraphView(content);
    m_graph->setObjectName(QStringLiteral("stageGraph"));
    down->addWidget(m_graph, 1);
    m_note = new QLabel(content);
    m_note->setObjectName(QStringLiteral("runNote"));
    m_note->setTextFormat(Qt::PlainText);
    m_note->setWordWrap(true);
    m_note->setProperty("role", QStringLiteral("faint"));
    down->addWidget(m_note);
    setContent(content);
    connect(m_graph, &StageGraphView::activated, this, &RunHead::openNode);
    connect(&presenter, &PipelinesPresenter::changed, this, &RunHead::refresh);
    connect(&presenter, &PipelinesPresenter::historyChanged, this, &RunHead::refresh);
    connect(&presenter, &PipelinesPresenter::jobChanged, this, &RunHead::showGraph);
    connect(&presenter, &PipelinesPresenter::jobChanged, this, &RunHead::showButtons);
    connect(&presenter, &PipelinesPresenter::jobChanged, this, &RunHead::showWays);
    connect(&AgeTicker::ticker(), &AgeTicker::ticked, this, [this] {
        const std::optional<Run> run = isVisible() ? m_presenter.run() : std::nullopt;
        if (!run)
            return;
        if (!isEnded(run->state)) {
            showTime();
            showGraph();
        }
        if (isStale()) // it says how old it is, also of one that has ended
            showNotes();
    });
    refresh();
}

RunHead::~RunHead() = default;

QWidget *RunHead::buildTop()
{
    auto *top = new QWidget(this);
    m_top = new QGridLayout(top);
    m_top->setContentsMargins(0, 0, 0, 0);
    m_top->setHorizontalSpacing(space::m);
    m_top->setVerticalSpacing(space::xs);
    m_title = new ElidedLabel({}, TextRole::Large, top);
    m_title->setObjectName(QStringLiteral("runTitle"));
    m_top->addWidget(m_title, 0, 0);
    m_time = new ElidedLabel({}, TextRole::Body, top);
    m_time->setObjectName(QStringLiteral("runTime"));
    m_time->setSoft(true);
    m_top->addWidget(m_time, 0, 1, Qt::AlignRight | Qt::AlignVCenter);
    m_top->addWidget(buildButtons(), 0, 2);
    m_top->setColumnStretch(1, 1);
    return top;
}

QWidget *RunHead::buildFacts()
{
    auto *facts = new QWidget(this);
    auto *row = new QHBoxLayout(facts);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(space::m);
    m_where = new ElidedLabel({}, TextRole::MonoSmall, facts);
    m_where->setObjectName(QStringLiteral("runWhere"));
    m_where->setSoft(true);
    m_trigger = new Badge({}, ToneName::Neutral, facts);
    m_trigger->setObjectName(QStringLiteral("runTrigger"));
    m_attempt = new Badge({}, ToneName::Warning, facts);
    m_attempt->setObjectName(QStringLiteral("runAttempt"));
    m_subject = new ElidedLabel({}, TextRole::Small, facts);
    m_subject->setObjectName(QStringLiteral("runSubject"));
    m_subject->setSoft(true);
    m_subject->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_up = new QPushButton(facts);
    m_up->setObjectName(QStringLiteral("runUp"));
    m_below = new QPushButton(tr("Open the run it started"), facts);
    m_below->setObjectName(QStringLiteral("runBelow"));
    m_attempts = new QPushButton(facts);
    m_attempts->setObjectName(QStringLiteral("attemptChooser"));
    m_attempts->setToolTip(tr("Look at another attempt of this run"));
    connect(m_attempts, &QPushButton::clicked, this, &RunHead::askAttempt);
    for (QPushButton *one : {m_up, m_below, m_attempts}) {
        one->setProperty("variant", QStringLiteral("chip"));
        one->setAutoDefault(false);
        one->hide();
    }
    connect(m_up, &QPushButton::clicked, this, [this] { m_presenter.goUp(); });
    connect(m_below, &QPushButton::clicked, this, [this] { m_presenter.openDownstream(m_presenter.job()); });
    row->addWidget(m_up);
    row->addWidget(m_where);
    row->addWidget(m_trigger);
    row->addWidget(m_attempts);
    row->addWidget(m_attempt);
    row->addWidget(m_subject, 1);
    auto *play = new PlayButton(m_presenter, facts);
    connect(play, &PlayButton::gateWanted, this, &RunHead::gateWanted);
    row->addWidget(play);
    row->addWidget(m_below);
    return facts;
}

QPushButton *RunHead::button(const QString &text, const char *name, RunOrder::Kind kind)
{
    auto *made = new QPushButton(text, this);
    made->setObjectName(QString::fromLatin1(name));
    made->setAutoDefault(false);
    connect(made, &QPushButton::clicked, this, [this, kind] {
        if (kind == RunOrder::Kind::Rerun)
            askRerun();
        else
            emit orderWanted(kind);
    });
    return made;
}

QWidget *RunHead::buildButtons()
{
    auto *buttons = new QWidget(this);
    auto *row = new QHBoxLayout(buttons);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(space::s);
    m_cancel = button(tr("Cancel"), "cancelRun", RunOrder::Kind::Cancel);
    m_rerun = button(tr("Rerun"), "rerunRun", RunOrder::Kind::Rerun);
    m_start = button(tr("Trigger..."), "triggerRun", RunOrder::Kind::Trigger);
    for (QPushButton *one : {m_cancel, m_rerun, m_start})
        row->addWidget(one);
    return buttons;
}

void RunHead::setNarrow(bool isNarrow)
{
    m_isNarrow = isNarrow;
    placeTime();
}

void RunHead::resizeEvent(QResizeEvent *event)
{
    Panel::resizeEvent(event);
    if (event->oldSize().width() != event->size().width())
        m_isTimeLong = false; // there may be room now
    placeTime();
}

// Beside the title where it has room there, else below. Once below, it stays there for this run: what grows and shrinks
// with each second must not move the page.
void RunHead::placeTime()
{
    const int room = width() - 2 * (space::l + 1) - m_title->sizeHint().width() - 2 * m_top->horizontalSpacing() -
                     m_cancel->parentWidget()->sizeHint().width();
    m_isTimeLong = m_isTimeLong || m_time->sizeHint().width() > room;
    const bool isBelow = m_isNarrow || m_isTimeLong;
    if (isBelow == m_isTimeBelow)
        return;
    m_isTimeBelow = isBelow;
    m_top->removeWidget(m_time);
    if (isBelow)
        m_top->addWidget(m_time, 1, 0, 1, 3);
    else
        m_top->addWidget(m_time, 0, 1, Qt::AlignRight | Qt::AlignVCenter);
    m_top->setColumnStretch(0, isBelow ? 1 : 0);
    m_top->setColumnStretch(1, isBelow ? 0 : 1);
}

// All reruns where there are several, each disabled with its reason.
void RunHead::askRerun()
{
    const QString job = m_presenter.job();
    const QString whyNotJob = m_presenter.whyNotJob(job);
    if (!m_presenter.whyNot(RunOrder::Kind::RerunFailed).isEmpty() && !whyNotJob.isEmpty()) {
        emit orderWanted(RunOrder::Kind::Rerun);
        return;
    }
    auto *menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("rerunMenu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setToolTipsVisible(true);
    for (const auto &[text, kind] : {std::pair(tr("All of it"), RunOrder::Kind::Rerun),
                                     std::pair(tr("Only what failed"), RunOrder::Kind::RerunFailed)}) {
        QAction *const action = menu->addAction(text);
        const QString why = m_presenter.whyNot(kind);
        action->setEnabled(why.isEmpty());
        action->setToolTip(why);
        connect(action, &QAction::triggered, this, [this, kind = kind] { emit orderWanted(kind); });
    }
    const std::optional<Job> chosen = m_presenter.jobNamed(job);
    QString name = chosen ? chosen->name : QString();
    name.replace(QLatin1Char('&'), QLatin1String("&&")); // no mnemonic
    QAction *const alone = menu->addAction(chosen ? tr("Only the job %1").arg(name) : tr("Only one job"));
    alone->setObjectName(QStringLiteral("rerunJob"));
    alone->setEnabled(whyNotJob.isEmpty());
    alone->setToolTip(whyNotJob);
    connect(alone, &QAction::triggered, this, [this, job] { emit jobOrderWanted(job); });
    menu->popup(m_rerun->mapToGlobal(QPoint(0, m_rerun->height() + 2)));
}

void RunHead::refresh()
{
    const std::optional<Run> run = m_presenter.run();
    if (!run) {
        setStale({});
        const bool isLoading = m_presenter.runs().freshness().state == Freshness::State::Loading;
        const RunWatch *const watch = m_presenter.watch(); // of one that no list has
        if (watch ? watch->freshness().state == Freshness::State::Loading
                  : m_presenter.selected().isEmpty() && isLoading)
            showLoading(4);
        else if (watch && watch->freshness().error)
            showError(tr("This run could not be read"), *watch->freshness().error, {},
                      [this] { m_presenter.refresh(); });
        else if (m_presenter.selected().isEmpty())
            showEmpty(tr("No run is chosen"), tr("Choose one in the list at the left."));
        else
            showEmpty(tr("This run is not listed"), tr("Its server does not list it any more, or it was not read yet."),
                      tr("Read again"), [this] { m_presenter.refresh(); });
        return;
    }
    showContent();
    showRun(*run);
    showTime();
    showButtons();
    showWays();
    showGraph();
    showNotes();
}

void RunHead::showRun(const Run &run)
{
    const RunStore::Entry *const entry = m_presenter.entry();
    const QString title = runTitle(entry ? pipelineName(*entry) : run.ref.pipeline.project, run);
    if (title != m_title->text())
        m_isTimeLong = false; // that was another run's
    m_title->setText(title);
    QStringList where{run.tag.isEmpty() ? run.branch : run.tag, run.commit.left(7)};
    where.removeAll(QString());
    m_where->setText(where.join(QStringLiteral(" · ")));
    m_where->setMinimumWidth(std::min(m_where->sizeHint().width(), mostWhere));
    const QString trigger = triggerText(run.trigger);
    m_trigger->setText(trigger.isEmpty() || run.trigger.kind == TriggerKind::Unknown
                           ? QString()
                           : tr("triggered by %1").arg(triggerText({run.trigger.kind, {}, {}, run.trigger.cron})));
    QStringList reasons{trigger, run.trigger.why};
    if (entry && !entry->pipeline.schedules.isEmpty())
        reasons << tr("It begins by itself: %1").arg(entry->pipeline.schedules.join(QStringLiteral(", ")));
    else if (entry)
        reasons << entry->pipeline.whyNoSchedules;
    m_trigger->setToolTip(reasons.join(QLatin1Char('\n')).trimmed());
    showAttempt(run);
    QStringList words{run.title, run.reason, run.trigger.who.isEmpty() ? QString() : tr("by %1").arg(run.trigger.who)};
    if (const std::optional<RunDetail> read = m_presenter.detail(); read && read->run.ref == run.ref)
        words << decisionTexts(read->decisions);
    words.removeAll(QString());
    m_subject->setText(words.join(QStringLiteral(" · ")));
    QString spoken = QStringLiteral("%1, %2").arg(title, runStateLabel(run.state));
    if (m_presenter.attemptChoice().isEarlier())
        spoken += QStringLiteral(", ") + tr("earlier attempt");
    if (spoken != accessibleName())
        setAccessibleName(spoken);
}

// A server that keeps attempts one by one lets one choose; of another one hears how often it was tried.
void RunHead::showAttempt(const Run &run)
{
    const int all = m_presenter.attempts();
    const bool isEarlier = m_presenter.attemptChoice().isEarlier();
    m_attempts->setVisible(all > 1);
    m_attempts->setText(tr("attempt %1 of %2").arg(m_presenter.attempt()).arg(all));
    m_attempt->setText(isEarlier                     ? tr("earlier attempt")
                       : all == 1 && run.attempt > 1 ? tr("attempt %1").arg(run.attempt)
                                                     : QString());
}

void RunHead::askAttempt()
{
    auto *menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("attemptMenu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const int newest = m_presenter.attempts();
    for (int number = newest; number >= 1; --number) {
        QAction *const action =
            menu->addAction(number == newest ? tr("Attempt %1, the newest").arg(number) : tr("Attempt %1").arg(number));
        action->setCheckable(true);
        action->setChecked(number == m_presenter.attempt());
        connect(action, &QAction::triggered, this, [this, number] { m_presenter.chooseAttempt(number); });
    }
    menu->popup(m_attempts->mapToGlobal(QPoint(0, m_attempts->height() + 2)));
}

void RunHead::showTime()
{
    if (const std::optional<Run> run = m_presenter.run())
        m_time->setText(timeText(*run, m_presenter));
    placeTime();
}

void RunHead::showButtons()
{
    const std::optional<Run> run = m_presenter.run();
    const auto show = [](QPushButton *button, const QString &why) {
        button->setEnabled(why.isEmpty());
        button->setToolTip(why);
        button->setAccessibleDescription(why);
    };
    show(m_cancel, m_presenter.whyNot(RunOrder::Kind::Cancel));
    const QString all = m_presenter.whyNot(RunOrder::Kind::Rerun);
    const bool hasOther =
        m_presenter.whyNot(RunOrder::Kind::RerunFailed).isEmpty() || m_presenter.whyNotJob(m_presenter.job()).isEmpty();
    show(m_rerun, hasOther ? QString() : all);
    show(m_start, m_presenter.whyNot(RunOrder::Kind::Trigger));
    m_cancel->setVisible(run && !isEnded(run->state) && !m_presenter.attemptChoice().isEarlier());
}

// Pipelines lead to others: down to the run that a job started, and back.
void RunHead::showWays()
{
    const auto &above = m_presenter.above();
    m_up->setVisible(!above.isEmpty());
    if (!above.isEmpty())
        m_up->setText(QStringLiteral("← ") + above.last().title);
    m_up->setAccessibleName(above.isEmpty() ? QString() : tr("Back to %1").arg(above.last().title));
    m_up->setToolTip(tr("Back to the run that started this one (Alt+Left)"));
    const std::optional<Job> chosen = m_presenter.jobNamed(m_presenter.job());
    m_below->setVisible(chosen && chosen->downstream);
    m_below->setToolTip(chosen && chosen->downstream
                            ? tr("%1 started run %2 of %3")
                                  .arg(chosen->name, chosen->downstream->id, chosen->downstream->pipeline.project)
                            : QString());
}

void RunHead::showGraph()
{
    const RunWatch *const watch = m_presenter.watch();
    const std::optional<RunDetail> detail = m_presenter.detail();
    if (!detail) {
        m_graph->setGraph({}, {});
        setStale({});
        return;
    }
    const stages::Graph graph = m_presenter.graph();
    const bool isEarlier = m_presenter.attemptChoice().isEarlier(); // it waits nowhere, and changes no more
    const QList<WaitingGate> gates = isEarlier ? QList<WaitingGate>() : m_presenter.store().gates();
    m_graph->setGraph(stageBoxes(graph, *detail, m_presenter.history().usual(), gates, AgeTicker::now()), graph.edges);
    const int chosen = graph.nodeOf(m_presenter.job());
    m_graph->setChosen(chosen < 0 ? QString() : graph.nodes[chosen].id);
    const Freshness freshness = watch->freshness();
    const RunStore::Entry *const entry = m_presenter.entry();
    const bool isStale =
        !isEarlier && !freshness.isLive() && (!isEnded(detail->run.state) || !entry || !entry->freshness.isLive());
    setStale(isStale ? (freshness.lastHeard.isValid() ? freshness.lastHeard : freshness.since) : QDateTime(),
             freshness.error ? freshness.error->message : QString());
}

void RunHead::showNotes()
{
    const RunWatch *const watch = m_presenter.watch();
    const std::optional<RunDetail> detail = m_presenter.detail();
    QStringList words;
    if (isStale()) {
        const Freshness freshness = watch->freshness();
        words << tr("Not live: read %1 ago.").arg(ageText(freshness.lastHeard, AgeTicker::now(), true));
        if (freshness.error)
            words << freshness.error->message;
    }
    const AttemptChoice &attempt = m_presenter.attemptChoice();
    if (attempt.isEarlier() && detail)
        words << tr("This is attempt %1 of %2, as it ended: nothing can be done with it.")
                     .arg(attempt.number())
                     .arg(m_presenter.attempts());
    if (attempt.error())
        words << tr("Attempt %1 could not be read. %2").arg(attempt.number()).arg(attempt.error()->message);
    if (detail) {
        words << detail->graphNote << detail->note;
        if (detail->jobs.isEmpty())
            words << tr("The server tells no stages of this run.");
    } else if (attempt.isEarlier()) {
        if (!attempt.error())
            words << tr("Attempt %1 is being read.").arg(attempt.number());
    } else if (watch && watch->freshness().error) {
        words << tr("Its stages could not be read. %1").arg(watch->freshness().error->message);
    } else {
        words << tr("Its stages are being read.");
    }
    words.removeAll(QString());
    m_note->setText(words.join(QLatin1Char(' ')));
    m_note->setVisible(!words.isEmpty());
    const bool isError = attempt.error() || (!detail && !attempt.isEarlier() && watch && watch->freshness().error);
    const QString role = isError                            ? QStringLiteral("error")
                         : isStale() || attempt.isEarlier() ? QStringLiteral("warning")
                                                            : QStringLiteral("faint");
    if (m_note->property("role").toString() != role) {
        m_note->setProperty("role", role);
        m_note->style()->unpolish(m_note);
        m_note->style()->polish(m_note);
    }
    m_graph->setVisible(detail && !detail->jobs.isEmpty());
    walkOn(detail.has_value());
}

// Who went elsewhere while it was read stays there.
void RunHead::walkOn(bool isRead)
{
    const RunWatch *const watch = m_presenter.watch();
    const bool isTrouble = !isRead && watch && watch->freshness().error;
    if (m_walksTo != m_presenter.selected() || isTrouble) {
        m_walksTo.clear();
    } else if (isRead && !m_walksTo.isEmpty()) {
        m_walksTo.clear();
        const QWidget *const focused = QApplication::focusWidget();
        if (!focused || !focused->isVisible() || focused == this || isAncestorOf(focused))
            m_graph->setFocus(Qt::OtherFocusReason);
    }
}

void RunHead::openNode(const QString &id)
{
    const stages::Graph graph = m_presenter.graph();
    for (const stages::Node &node : graph.nodes) {
        if (node.id != id)
            continue;
        if (node.isGroup()) {
            m_presenter.toggleGroup(id);
            return;
        }
        const QString job = node.jobs.value(0);
        const std::optional<Job> opened = m_presenter.jobNamed(job);
        // One that only starts another run has nothing of its own to show; one with a log shows that first.
        if (opened && opened->downstream && (!opened->hasLog || m_presenter.chosenJob() == job)) {
            if (m_graph->hasFocus()) // it is hidden until the run is read: the keys must not land anywhere
                setFocus(Qt::OtherFocusReason);
            m_presenter.openDownstream(job);
            m_walksTo = m_presenter.selected();
            return;
        }
        // One that waits for people is decided, once it is chosen.
        const auto gate = m_presenter.chosenJob() == job ? m_presenter.gateOfJob(job) : std::nullopt;
        if (gate && m_presenter.whyNotGate(job).isEmpty()) {
            emit gateWanted(gate->key());
            return;
        }
        m_presenter.chooseJob(job);
        emit jobOpened(job);
        return;
    }
}

} // namespace signalbox
