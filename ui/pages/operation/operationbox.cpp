#include "ui/pages/operation/operationbox.h"

#include "services/async/deliver.h"
#include "services/operations/operation.h"
#include "services/ports/promotiondesk.h"
#include "ui/dialogs/prompter.h"
#include "ui/pages/operation/holdbinding.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/holdbutton.h"
#include "ui/widgets/painting.h"
#include "ui/widgets/timetext.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QRegularExpression>
#include <QShortcut>
#include <QVBoxLayout>

#include <algorithm>

namespace signalbox
{

namespace
{

// What an outcome looks like. Everything but Done needs a look by somebody, and so does what nothing confirms.
Health healthOf(const Outcome &outcome)
{
    switch (outcome.kind) {
    case OutcomeKind::Done:
        return outcome.isConfirmed ? Health::Ok : Health::Unknown;
    case OutcomeKind::Abandoned:
    case OutcomeKind::Cancelled:
    case OutcomeKind::Preempted:
    case OutcomeKind::DryRun:
        return Health::NotStarted;
    case OutcomeKind::Conflict:
    case OutcomeKind::Refused:
    case OutcomeKind::Unknown:
        return Health::Warning;
    case OutcomeKind::NotEffective:
    case OutcomeKind::Failed:
        break;
    }
    return Health::Failing;
}

QPushButton *button(const QString &text, const char *name, QWidget *parent)
{
    auto *made = new QPushButton(text, parent);
    made->setObjectName(QString::fromLatin1(name));
    made->setAutoDefault(false);
    return made;
}

// No line ends between a figure and its "%".
QString withItsSigns(QString text)
{
    static const QRegularExpression gap(QStringLiteral("(?<=\\d) (?=%)"));
    return text.replace(gap, QString(QChar(QChar::Nbsp)));
}

} // namespace

OperationBox::OperationBox(const QString &verb, ToneName tone, PlanSession &session, Prompter &prompter,
                           ConsoleSettings &settings, QWidget *parent)
    : QFrame(parent)
    , m_session(session)
    , m_prompter(prompter)
    , m_hold(new HoldButton(verb, tone, this))
{
    build();
    // After the binding: it settles whether the button can be pressed, then the words follow.
    auto *binding = new HoldBinding(m_hold, session, prompter, settings);
    connect(binding, &HoldBinding::ran, this, &OperationBox::ran);
    connect(&m_session, &PlanSession::changed, this, &OperationBox::refresh);
    refresh();
}

void OperationBox::build()
{
    setObjectName(QStringLiteral("operationBox"));
    setProperty("keepsClear", true); // it says what will happen: no notice lies over it
    m_outer = new QBoxLayout(QBoxLayout::LeftToRight, this);
    m_outer->setContentsMargins(space::l, space::m, space::l, space::m);
    m_outer->setSpacing(space::m);
    auto *layout = new QHBoxLayout;
    layout->setSpacing(space::m);
    m_outer->addLayout(layout, 1);
    m_sign = new StateSign(Health::Unknown, this);
    auto *signColumn = new QVBoxLayout;
    signColumn->setContentsMargins(0, 4, 0, 0); // on the middle of the first line
    signColumn->addWidget(m_sign);
    signColumn->addStretch();
    layout->addLayout(signColumn);

    auto *words = new QVBoxLayout;
    m_words = words;
    words->setSpacing(space::xs);
    m_headline = new QLabel(this);
    m_headline->setObjectName(QStringLiteral("operationHeadline"));
    m_headline->setProperty("role", QStringLiteral("title"));
    m_headline->setWordWrap(true);
    m_text = new QLabel(this);
    m_text->setObjectName(QStringLiteral("operationText"));
    m_text->setProperty("role", QStringLiteral("soft"));
    m_text->setWordWrap(true);
    for (QLabel *label : {m_headline, m_text})
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_checks = button({}, "operationChecks", this);
    m_checks->setProperty("variant", QStringLiteral("chip"));
    m_checks->setCursor(Qt::PointingHandCursor);
    m_checks->setToolTip(tr("Brings the checks into view"));
    m_checks->hide();
    connect(m_checks, &QPushButton::clicked, this, &OperationBox::checksWanted);
    for (const Qt::Key key : {Qt::Key_Return, Qt::Key_Enter}) // else only Space presses it
        connect(new QShortcut(key, m_checks, nullptr, nullptr, Qt::WidgetShortcut), &QShortcut::activated, m_checks,
                &QPushButton::click);
    m_reason = new QLineEdit(this);
    m_reason->setObjectName(QStringLiteral("operationReason"));
    m_reason->setPlaceholderText(tr("Reason, for the record (optional)"));
    m_reason->setAccessibleName(tr("Reason, for the record"));
    // With every letter: a button held with the mouse takes no focus away first on every platform.
    connect(m_reason, &QLineEdit::textEdited, &m_session, &PlanSession::setReason);
    m_progress = new QProgressBar(this);
    m_progress->setTextVisible(false);
    m_progress->setFixedHeight(space::xs);
    m_progress->setAccessibleName(tr("Progress of the step"));
    words->addWidget(m_headline);
    words->addWidget(m_text);
    words->addWidget(m_checks, 0, Qt::AlignLeft);
    words->addWidget(m_progress);
    words->addWidget(m_reason);
    words->addStretch();
    layout->addLayout(words, 1);
    buildButtons();
}

void OperationBox::buildButtons()
{
    m_buttons = new QHBoxLayout;
    m_buttons->setSpacing(space::s);
    m_outer->addLayout(m_buttons);
    m_hold->setObjectName(QStringLiteral("holdButton"));
    m_retry = button(tr("Try again"), "operationRetry", this);
    m_pause = button(tr("Pause"), "operationPause", this);
    m_resume = button(tr("Go on"), "operationResume", this);
    m_skip = button(tr("Skip the wait"), "operationSkip", this);
    m_abandon = button(tr("Abandon, take it back"), "operationAbandon", this);
    m_abandon->setProperty("variant", QStringLiteral("dangerOutline")); // the filled one is the permanent way back
    m_cancel = button(tr("Stop here"), "operationCancel", this);
    m_cancel->setToolTip(tr("Sends nothing more. What was done stays."));
    m_dismiss = button(tr("Close"), "operationDismiss", this);
    m_glass = button(tr("Break glass..."), "operationGlass", this);
    m_glass->setProperty("variant", QStringLiteral("dangerOutline"));
    m_glass->setToolTip(tr("You act alone, with a reason. Others have to countersign it in time."));
    for (QPushButton *each :
         QList<QPushButton *>{m_glass, m_retry, m_skip, m_pause, m_resume, m_cancel, m_abandon, m_dismiss, m_hold})
        m_buttons->addWidget(each);
    QWidget *before = m_reason;
    for (QPushButton *each : {m_glass, m_retry, m_skip, m_pause, m_resume, m_cancel, m_abandon, m_dismiss,
                              static_cast<QPushButton *>(m_hold)}) {
        setTabOrder(before, each);
        before = each;
    }

    const auto call = [this](QPushButton *from, auto method) {
        connect(from, &QPushButton::clicked, this, [this, method] {
            if (Operation *operation = m_session.operation())
                (operation->*method)();
        });
    };
    call(m_pause, &Operation::pause);
    call(m_resume, &Operation::resume);
    call(m_skip, &Operation::skipDwell);
    call(m_abandon, &Operation::abandon);
    call(m_cancel, &Operation::cancel);
    connect(m_retry, &QPushButton::clicked, &m_session, &PlanSession::replan);
    connect(m_dismiss, &QPushButton::clicked, this, &OperationBox::dismissed);
    connect(m_glass, &QPushButton::clicked, this, &OperationBox::askToBreakGlass);
}

// A promotion and a gate have their own way; whoever goes back is stopped by none of this.
bool OperationBox::isGlassOffered() const
{
    const Operation *const operation = m_session.operation();
    if (!m_desk || !operation || !m_session.isRefusedBeforehand())
        return false;
    const Plan &plan = operation->plan();
    const auto blocks = [](const Check &check) { return check.state == CheckState::Block; };
    return plan.direction == Direction::Forward && plan.kind != OperationKind::Promote &&
           plan.kind != OperationKind::DecideGate && !plan.environment.isEmpty() && plan.isBlocked() &&
           std::all_of(plan.checks.begin(), plan.checks.end(), [blocks](const Check &check) {
               return !blocks(check) || check.id == CheckId::FreezeWindow || check.id == CheckId::Policy ||
                      check.id == CheckId::FiringAlerts;
           });
}

// What is signed is shown first: the digest that runs there.
void OperationBox::askToBreakGlass()
{
    if (!isGlassOffered() || !m_glassStep.isEmpty())
        return;
    const Plan plan = m_session.operation()->plan();
    m_glassStep = tr("Reading what runs there ...");
    m_glassProblem.clear();
    refresh();
    m_glassLook.run(
        this,
        [this, plan](const StopToken &stop) { return m_desk->draftGlassAt(plan.application, plan.environment, stop); },
        [this, title = m_session.operation()->title()](const Result<policy::Subject> &there) {
            m_glassStep.clear();
            if (!there)
                m_glassProblem = tr("The glass was not broken: %1").arg(there.error().message);
            refresh();
            if (there && isVisible())
                askForReason(title, *there);
        });
}

void OperationBox::askForReason(const QString &title, const policy::Subject &there)
{
    Prompter::TextQuestion question;
    question.question = {
        tr("Break glass"),
        tr("%1\nYou act alone on %2 in %3, with %4, which runs there now. It is signed with your name, "
           "shown to all, and others have to countersign it in time. Nothing else is done yet: the "
           "plan is made again, and confirmed as any other.")
            .arg(title, there.application, there.environment, policy::shortDigest(there.digest)),
        tr("Break glass"),
        {},
        true};
    question.label = tr("Reason, signed and kept in the ledger");
    m_prompter.askText(this, question, [this, there](const std::optional<QString> &words) {
        if (words && !words->trimmed().isEmpty() && m_glassStep.isEmpty())
            breakGlass(there, *words);
    });
}

void OperationBox::breakGlass(const policy::Subject &seen, const QString &reason)
{
    m_glassStep = tr("Signing the break-glass ...");
    m_glassProblem.clear();
    refresh();
    deliver(m_desk->breakGlassAt(seen, reason), StopToken{}, this, [this](const Result<QString> &entry) {
        m_glassStep.clear();
        if (!entry)
            m_glassProblem = tr("The glass was not broken: %1").arg(entry.error().message);
        refresh();
        if (entry && m_session.isRefusedBeforehand())
            m_session.replan();
    });
}

void OperationBox::setVerb(const QString &verb, ToneName tone)
{
    m_hold->setText(verb);
    m_hold->setAccessibleName(verb);
    m_hold->setTone(tone);
}

void OperationBox::setIdleText(const QString &headline, const QString &text)
{
    m_idleHeadline = headline;
    m_idleText = text;
    refresh();
}

void OperationBox::setDense(bool isDense)
{
    if (isDense == m_isDense)
        return;
    m_isDense = isDense;
    if (isDense) {
        m_words->removeWidget(m_reason);
        m_buttons->insertWidget(0, m_reason, 1);
    } else {
        m_buttons->removeWidget(m_reason);
        m_words->insertWidget(m_words->indexOf(m_progress) + 1, m_reason);
    }
    refresh();
    arrange();
}

void OperationBox::setCountsChecks(bool counts)
{
    m_countsChecks = counts;
    refresh();
}

void OperationBox::showChecks(const Plan &plan)
{
    const auto count = [&plan](CheckState state) {
        return static_cast<int>(std::count_if(plan.checks.begin(), plan.checks.end(),
                                              [state](const Check &check) { return check.state == state; }));
    };
    QStringList words;
    if (const int passing = count(CheckState::Pass); passing > 0)
        words << tr("%1 pass").arg(passing);
    if (const int warning = count(CheckState::Warn); warning > 0)
        words << tr("%1 warn").arg(warning);
    if (const int blocking = count(CheckState::Block); blocking > 0)
        words << tr("%1 block").arg(blocking);
    m_checks->setText(words.join(QStringLiteral(" · ")));
    m_checks->setAccessibleName(tr("Checks: %1").arg(m_checks->text()));
    m_checks->setVisible(m_countsChecks && !words.isEmpty());
}

void OperationBox::focusMain()
{
    for (QPushButton *each : QList<QPushButton *>{m_hold, m_dismiss, m_retry, m_skip, m_pause, m_resume, m_cancel}) {
        if (each->isVisibleTo(this)) {
            each->setFocus(Qt::TabFocusReason);
            return;
        }
    }
    setFocus(Qt::TabFocusReason); // hands it on to the next button that comes
}

void OperationBox::addSecondary(QPushButton *button)
{
    m_secondary << button;
    m_buttons->insertWidget(0, button);
}

void OperationBox::addPermanent(QPushButton *button)
{
    m_permanent << button;
    m_buttons->addWidget(button);
}

void OperationBox::refresh()
{
    if (m_session.isRenewing())
        return; // what is on screen stays until the newer plan was checked
    const Operation *const operation = m_session.operation();
    if (!operation || !isConfirming(operation->state()))
        m_checks->hide();
    if (m_reason->text() != m_session.reason())
        m_reason->setText(m_session.reason());
    switch (m_session.state()) {
    case PlanSession::State::Nothing:
        showIdle();
        return;
    case PlanSession::State::Planning:
        showPlanning();
        return;
    case PlanSession::State::Failed:
        showFailure();
        return;
    case PlanSession::State::Ready:
        break;
    }
    if (!operation)
        showIdle();
    else if (operation->isFinished())
        showOutcome();
    else if (isConfirming(operation->state()))
        showConfirmation();
    else if (operation->state() == OperationState::Planned || operation->state() == OperationState::Preflight)
        showPlanning();
    else
        showRunning();
}

void OperationBox::showIdle()
{
    m_glassProblem.clear();
    setSign(std::nullopt);
    setText(m_idleHeadline, m_idleText);
    m_reason->hide();
    m_progress->hide();
    showButtons(m_secondary);
}

void OperationBox::showPlanning()
{
    setSign(Health::InProgress);
    setText(tr("Planning"), tr("Reading the state of now, asking for rights and for a dry run."));
    m_reason->hide();
    m_progress->hide();
    showButtons(m_secondary + QList<QPushButton *>{m_hold});
}

void OperationBox::showFailure()
{
    setSign(Health::Failing);
    setText(tr("No plan could be made"), m_session.error().message);
    m_reason->hide();
    m_progress->hide();
    showButtons(m_secondary + QList<QPushButton *>{m_retry});
}

void OperationBox::showConfirmation()
{
    m_glassProblem.clear();
    const Operation &operation = *m_session.operation();
    const Plan &plan = operation.plan();
    setSign(std::nullopt);
    QStringList lines;
    if (!plan.from.isEmpty() || !plan.to.isEmpty())
        lines << tr("%1 → %2").arg(plan.from.isEmpty() ? tr("unknown") : plan.from, plan.to);
    if (!plan.effect.isEmpty())
        lines << plan.effect;
    lines << operation.warnings();
    setText(operation.title(), lines.join(m_isDense ? QStringLiteral(" · ") : QStringLiteral("\n")));
    showChecks(plan);
    m_reason->setVisible(m_asksReason);
    m_progress->hide();
    showButtons(m_secondary + QList<QPushButton *>{m_hold});
}

QString OperationBox::runningText() const
{
    const Operation &operation = *m_session.operation();
    const auto seen = operation.observation();
    QStringList parts;
    switch (operation.state()) {
    case OperationState::Dwelling:
        parts << tr("%1 left before the next step").arg(durationText(operation.dwellRemaining().count()));
        break;
    case OperationState::Paused:
        parts << operation.pauseReason();
        break;
    case OperationState::Observing:
    case OperationState::ObservingReversal:
        parts << (seen && !seen->text.isEmpty() ? seen->text : tr("accepted, waiting for the effect"));
        if (seen && !seen->blocker.isEmpty())
            parts << seen->blocker;
        parts << tr("deadline in %1").arg(durationText(operation.deadlineRemaining().count()));
        break;
    default:
        parts << operationStateLabel(operation.state());
    }
    parts << operation.warnings();
    parts.removeAll(QString());
    return parts.join(QStringLiteral(" · "));
}

void OperationBox::showRunning()
{
    const Operation &operation = *m_session.operation();
    setSign(operation.state() == OperationState::Paused ? Health::Waiting : Health::InProgress);
    setText(operation.title(), runningText());
    m_reason->hide();
    const auto seen = operation.observation();
    m_progress->setVisible(operation.state() == OperationState::Observing);
    if (seen && seen->progress >= 0) {
        m_progress->setRange(0, 1000);
        m_progress->setValue(static_cast<int>(seen->progress * 1000));
    } else {
        m_progress->setRange(0, 0);
    }
    QList<QPushButton *> possible;
    if (operation.canSkip())
        possible << m_skip;
    if (operation.canPause())
        possible << m_pause;
    if (operation.canResume())
        possible << m_resume;
    if (operation.canCancel())
        possible << m_cancel;
    if (operation.canAbandon()) {
        showWayBack(operation.plan());
        possible << m_abandon;
    }
    showButtons(possible);
}

// Where abandoning goes to stands on the button; what is too long for it, whole in its tool tip: a sentence cut short
// names a share that is not the one it goes back to.
void OperationBox::showWayBack(const Plan &plan)
{
    constexpr int mostWide = 200;
    const QString whole = plan.from.isEmpty() ? tr("Abandon, take it back") : tr("Take it back: %1").arg(plan.from);
    const bool fits = m_abandon->fontMetrics().horizontalAdvance(whole) <= mostWide;
    const QString meaning =
        tr("Abandons this operation and restores what was: %1").arg(plan.from.isEmpty() ? tr("unknown") : plan.from);
    m_abandon->setText(fits || plan.from.isEmpty() ? whole : tr("Take it back"));
    m_abandon->setAccessibleName(whole);
    m_abandon->setAccessibleDescription(meaning);
    m_abandon->setToolTip(meaning);
}

// What gave way to going back: how far it had come, and what was proven since.
QString OperationBox::stoppedText(const Outcome &outcome) const
{
    const auto seen = [](const StepOutcome &step) {
        return step.kind == OutcomeKind::Done && step.observedAt.isValid();
    };
    const auto done = static_cast<int>(std::count_if(outcome.steps.begin(), outcome.steps.end(), seen));
    const qsizetype all = m_session.operation()->chosenSteps().size();
    const QString stopped =
        done == 0 ? tr("Stopped before a step took effect") : tr("Stopped after %1 of %2 steps").arg(done).arg(all);
    const Operation *const back = m_session.successor();
    const QList<StepOutcome> steps = back ? back->stepOutcomes() : QList<StepOutcome>();
    const std::optional<Outcome> end = back ? back->outcome() : std::nullopt;
    if (!end)
        return stopped;
    if (end->kind != OutcomeKind::Done || !end->isConfirmed || steps.isEmpty() || !seen(steps.last()))
        return tr("%1; going back: %2").arg(stopped, end->message);
    return tr("%1; %2, observed at %3")
        .arg(stopped, back->chosenSteps().last().title, clockText(steps.last().observedAt));
}

// What gave way stands as well as what it gave way to.
Health OperationBox::healthOfOutcome(const Outcome &outcome) const
{
    if (outcome.kind != OutcomeKind::Preempted)
        return healthOf(outcome);
    const Operation *const back = m_session.successor();
    if (!back)
        return Health::Unknown;
    return back->outcome() ? healthOf(*back->outcome()) : Health::InProgress;
}

void OperationBox::showOutcome()
{
    const Operation &operation = *m_session.operation();
    const Outcome outcome = operation.outcome().value_or(Outcome{});
    setSign(healthOfOutcome(outcome));
    const qint64 took = outcome.startedAt.msecsTo(outcome.finishedAt);
    const QString when = outcome.startedAt.isValid() && took > 0
                             ? tr("%1 · took %2").arg(clockText(outcome.finishedAt), durationText(took))
                             : QString();
    QStringList lines{outcome.message};
    if (!when.isEmpty())
        lines << when;
    lines << operation.warnings();
    const bool offersGlass = isGlassOffered();
    if (offersGlass && !m_glassStep.isEmpty())
        lines << m_glassStep;
    else if (offersGlass && !m_glassProblem.isEmpty())
        lines << m_glassProblem;
    m_glass->setEnabled(m_glassStep.isEmpty());
    const bool gaveWay = outcome.kind == OutcomeKind::Preempted;
    setText(gaveWay ? stoppedText(outcome) : operation.title(), lines.join(QLatin1Char('\n')));
    m_headline->setToolTip(gaveWay ? operation.title() : QString());
    m_reason->hide();
    m_progress->hide();
    QList<QPushButton *> buttons = m_secondary + QList<QPushButton *>{m_retry};
    if (offersGlass)
        buttons << m_glass;
    showButtons(m_session.hasOutcome() ? QList<QPushButton *>{m_dismiss} : buttons);
}

void OperationBox::setText(const QString &headline, const QString &text)
{
    m_headline->setToolTip({});
    m_headline->setText(withItsSigns(headline));
    m_headline->setVisible(!headline.isEmpty());
    m_text->setText(withItsSigns(text));
    m_text->setVisible(!text.isEmpty());
}

void OperationBox::setSign(std::optional<Health> health)
{
    m_sign->setVisible(health.has_value());
    if (health)
        m_sign->setHealth(*health);
}

void OperationBox::showButtons(const QList<QPushButton *> &buttons)
{
    const auto all =
        QList<QPushButton *>{m_hold, m_glass, m_retry, m_skip, m_pause, m_resume, m_cancel, m_abandon, m_dismiss} +
        m_secondary;
    const QWidget *const focused = window()->focusWidget();
    const bool losesFocus = focused == this || std::any_of(all.begin(), all.end(), [&](QPushButton *each) {
                                return each == focused && !buttons.contains(each);
                            });
    for (QPushButton *each : buttons)
        each->show();
    for (QPushButton *each : m_permanent)
        each->show();
    // The keyboard stays here: on the mildest of what can be done now, never on what goes back by accident.
    if (losesFocus)
        (buttons.isEmpty() ? static_cast<QWidget *>(this) : buttons.first())->setFocus(Qt::OtherFocusReason);
    for (QPushButton *each : all) {
        if (!buttons.contains(each))
            each->hide();
    }
    arrange();
}

// Words beside the buttons where both have room, else above them.
void OperationBox::arrange()
{
    constexpr int wordsNeed = 300;
    const int needed = m_buttons->sizeHint().width() + wordsNeed + 2 * space::l;
    const bool isStacked = m_isDense || width() < needed;
    const auto direction = isStacked ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight;
    if (m_outer->direction() != direction)
        m_outer->setDirection(direction);
    m_outer->setSpacing(m_isDense ? space::s : space::m);
    const bool isFilled = m_isDense && !m_reason->isHidden(); // the reason takes what the buttons leave
    if (m_isDense) // one that is hidden would still spread the others over the width
        m_buttons->setStretchFactor(m_reason, isFilled ? 1 : 0);
    m_buttons->setAlignment(isFilled ? Qt::Alignment() : isStacked ? Qt::AlignRight : Qt::AlignVCenter);
    updateGeometry();
}

QSize OperationBox::minimumSizeHint() const
{
    const QSize needed = QFrame::minimumSizeHint();
    return {m_buttons->minimumSize().width() + 2 * space::l, needed.height()};
}

void OperationBox::resizeEvent(QResizeEvent *event)
{
    QFrame::resizeEvent(event);
    arrange();
}

void OperationBox::changeEvent(QEvent *event)
{
    QFrame::changeEvent(event);
    if (event->type() == QEvent::StyleChange)
        update();
}

void OperationBox::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    paintRoundedFrame(&painter, QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius::panel, tokens().panel,
                      tokens().line);
}

} // namespace signalbox
