#include "ui/pages/operation/stepstable.h"

#include "services/operations/operation.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/clampedlabel.h"
#include "ui/widgets/timetext.h"

#include <QCheckBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>

#include <utility>

namespace signalbox
{

namespace
{

constexpr int leastThrough = 120;
constexpr int widthForThrough = 620;

enum GridColumn { NumberColumn, TitleColumn, ThroughColumn, ExpectedColumn, StateColumn };

QLabel *cell(const QString &text, const char *role, QWidget *parent)
{
    auto *label = new QLabel(text, parent);
    label->setProperty("role", QString::fromLatin1(role));
    if (QLatin1String(role) == QLatin1String("mono"))
        label->setFont(signalbox::font(TextRole::Mono));
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

// The words beside a box: pressing them presses the box.
class BoxLabel : public QLabel
{
public:
    BoxLabel(const QString &text, QCheckBox *box, QWidget *parent)
        : QLabel(text, parent)
        , m_box(box)
    {
        setWordWrap(true);
    }

protected:
    void mouseReleaseEvent(QMouseEvent *) override { m_box->click(); }

private:
    QCheckBox *m_box;
};

// A line between rows, in the theme's colour of the moment.
class Rule : public QWidget
{
public:
    explicit Rule(QWidget *parent)
        : QWidget(parent)
    {
        setFixedHeight(1);
    }

protected:
    void paintEvent(QPaintEvent *) override { QPainter(this).fillRect(rect(), tokens().hairline); }
};

struct StepState
{
    QString text;
    ToneName tone = ToneName::Neutral;
};

StepState outcomeState(const StepOutcome &outcome)
{
    switch (outcome.kind) {
    case OutcomeKind::Done:
        if (!outcome.observedAt.isValid())
            return {StepsTable::tr("written, not reported"), ToneName::Neutral};
        return {StepsTable::tr("observed"), ToneName::Ok};
    case OutcomeKind::NotEffective:
        return {StepsTable::tr("not effective"), ToneName::Failing};
    case OutcomeKind::Unknown:
        return {StepsTable::tr("outcome unknown"), ToneName::Warning};
    case OutcomeKind::Conflict:
        return {StepsTable::tr("the world moved"), ToneName::Warning};
    case OutcomeKind::Abandoned:
        return {StepsTable::tr("taken back"), ToneName::Neutral};
    default:
        return {outcomeKindName(outcome.kind), ToneName::Failing};
    }
}

StepState runningState(const Operation &operation)
{
    switch (operation.state()) {
    case OperationState::Executing:
        return {StepsTable::tr("sent"), ToneName::Progress};
    case OperationState::Resolving:
        return {StepsTable::tr("answer lost, reading again"), ToneName::Warning};
    case OperationState::Observing: {
        const auto seen = operation.observation();
        return {seen && !seen->text.isEmpty() ? seen->text : StepsTable::tr("accepted"), ToneName::Progress};
    }
    case OperationState::Dwelling:
        return {StepsTable::tr("%1 left").arg(durationText(operation.dwellRemaining().count())), ToneName::Progress};
    case OperationState::Paused:
        return {StepsTable::tr("paused"), ToneName::Warning};
    default:
        return {};
    }
}

StepState stateOf(const PlanStep &step, const Plan &plan, const Operation *operation)
{
    if (step.isOptional && !step.isChosen)
        return {StepsTable::tr("left out"), ToneName::Neutral};
    if (operation && operation->stepIndex() >= 0) {
        const QList<PlanStep> steps = operation->chosenSteps();
        if (operation->stepIndex() < steps.size() && steps[operation->stepIndex()].id == step.id &&
            !operation->isFinished()) {
            const StepState running = runningState(*operation);
            if (!running.text.isEmpty())
                return running;
        }
        for (const StepOutcome &outcome : operation->stepOutcomes()) {
            if (outcome.stepId == step.id)
                return outcomeState(outcome);
        }
        return {operation->isFinished() ? StepsTable::tr("not sent") : StepsTable::tr("waits"), ToneName::Neutral};
    }
    if (plan.dryRunAt.isValid())
        return {StepsTable::tr("dry run passed"), ToneName::Ok};
    return {StepsTable::tr("not tried"), ToneName::Neutral};
}

} // namespace

StepsTable::StepsTable(QWidget *parent)
    : QWidget(parent)
    , m_grid(new QGridLayout(this))
{
    m_grid->setContentsMargins(space::l, space::s, space::l, space::s);
    m_grid->setHorizontalSpacing(space::l);
    m_grid->setVerticalSpacing(0);
    m_grid->setColumnStretch(TitleColumn, 3);
    m_grid->setColumnStretch(ThroughColumn, 1);
    setAccessibleName(tr("Steps of the plan"));
}

void StepsTable::show(const Plan &plan, const Operation *operation)
{
    QByteArray shape;
    for (const PlanStep &step : plan.steps)
        shape += step.id.toUtf8() + '\n' + step.title.toUtf8() + '\n' + step.through.toUtf8() +
                 (step.isOptional ? "?" : "!");
    if (shape != m_shape) {
        m_shape = shape;
        rebuild(plan);
    }
    updateStates(plan, operation);
}

void StepsTable::rebuild(const Plan &plan)
{
    m_badges.clear();
    m_boxes.clear();
    m_throughs.clear();
    while (QLayoutItem *item = m_grid->takeAt(0)) {
        if (QWidget *widget = item->widget()) {
            widget->hide();
            widget->deleteLater();
        }
        delete item;
    }
    addHeader();
    for (int i = 0; i < plan.steps.size(); ++i)
        addRow(2 * (i + 1), plan.steps[i]);
    fitColumns();
    QWidget *before = m_before;
    for (const PlanStep &step : plan.steps) {
        QCheckBox *const box = m_boxes.value(step.id);
        if (!box || !before)
            continue;
        setTabOrder(before, box);
        before = box;
    }
}

void StepsTable::addHeader()
{
    const std::pair<GridColumn, QString> titles[] = {{NumberColumn, QStringLiteral("#")},
                                                     {TitleColumn, tr("Step")},
                                                     {ThroughColumn, tr("Through")},
                                                     {ExpectedColumn, tr("Expected")}};
    for (const auto &[column, title] : titles) {
        QLabel *label = cell(title, "soft", this);
        label->setMinimumHeight(size::tableHeader - space::s);
        m_grid->addWidget(label, 0, column);
        if (column == ThroughColumn)
            m_throughs.append(label);
    }
}

void StepsTable::addRow(int row, const PlanStep &step)
{
    m_grid->addWidget(new Rule(this), row - 1, 0, 1, -1);
    QLabel *number = cell(step.id, "mono", this);
    number->setMinimumHeight(size::row);
    m_grid->addWidget(number, row, NumberColumn);
    if (step.isOptional) {
        auto *cellBox = new QWidget(this);
        auto *cellLayout = new QHBoxLayout(cellBox);
        cellLayout->setContentsMargins(0, space::xs, 0, space::xs);
        cellLayout->setSpacing(space::s);
        auto *box = new QCheckBox(cellBox);
        box->setObjectName(QStringLiteral("step-") + step.id);
        box->setAccessibleName(tr("Step %1, can be left out: %2").arg(step.id, step.title));
        box->setToolTip(tr("Offered, not needed: leave it out if you like."));
        box->setChecked(step.isChosen);
        connect(box, &QCheckBox::clicked, this, [this, id = step.id](bool isChosen) { emit stepChosen(id, isChosen); });
        cellLayout->addWidget(box);
        cellLayout->addWidget(new BoxLabel(step.title, box, cellBox), 1);
        m_grid->addWidget(cellBox, row, TitleColumn);
        m_boxes.insert(step.id, box);
    } else {
        QLabel *title = cell(step.title, "plain", this);
        title->setWordWrap(true);
        title->setToolTip(step.through);
        m_grid->addWidget(title, row, TitleColumn);
    }
    auto *through = new ClampedLabel(step.through, this);
    through->setProperty("role", QStringLiteral("soft"));
    through->setMostLines(2);
    through->setMinimumWidth(leastThrough);
    m_throughs.append(through);
    m_grid->addWidget(through, row, ThroughColumn);
    const QString expected = step.expected.count() > 0 ? durationText(step.expected.count()) : tr("not known");
    m_grid->addWidget(cell(expected, "mono", this), row, ExpectedColumn);
    auto *badge = new Badge(QString(), ToneName::Neutral, this);
    badge->setObjectName(QStringLiteral("state-") + step.id);
    m_grid->addWidget(badge, row, StateColumn, Qt::AlignLeft | Qt::AlignVCenter);
    m_badges.insert(step.id, badge);
}

// Where there is little room the step's title needs it: what it goes through is then in its tool tip.
void StepsTable::fitColumns()
{
    const bool isShown = width() >= widthForThrough;
    for (QWidget *widget : std::as_const(m_throughs))
        widget->setVisible(isShown);
    m_grid->setColumnStretch(ThroughColumn, isShown ? 2 : 0);
}

void StepsTable::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    fitColumns();
}

void StepsTable::updateStates(const Plan &plan, const Operation *operation)
{
    for (const PlanStep &step : plan.steps) {
        const StepState state = stateOf(step, plan, operation);
        if (Badge *badge = m_badges.value(step.id)) {
            badge->setText(state.text);
            badge->setAccessibleName(tr("Step %1: %2").arg(step.id, state.text));
            badge->setTone(state.tone);
        }
        if (QCheckBox *box = m_boxes.value(step.id)) {
            box->setChecked(step.isChosen);
            box->setEnabled(!operation || operation->state() == OperationState::AwaitingConfirmation);
        }
    }
}

} // namespace signalbox
