#include "ui/pages/promotions/gatedialog.h"

#include "services/operations/operation.h"
#include "services/pipelines/pipelinefeed.h"
#include "services/ports/promotiondesk.h"
#include "ui/pages/operation/diffview.h"
#include "ui/pages/operation/operationbox.h"
#include "ui/pages/operation/planpanels.h"
#include "ui/shell/consolecontext.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/holdbutton.h"
#include "ui/widgets/timetext.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr int mostOfAMessage = 600; // letters

QString gateVoiceText(const GateDecision &decision)
{
    const QString who = decision.approves ? GateDialog::tr("approved by %1").arg(decision.who)
                                          : GateDialog::tr("rejected by %1").arg(decision.who);
    return decision.comment.isEmpty() ? who : QStringLiteral("%1: %2").arg(who, decision.comment.simplified());
}

QString gateTextHtml(const QString &text)
{
    return text.toHtmlEscaped().replace(QLatin1Char('\n'), QStringLiteral("<br>"));
}

// The name aside and soft, so that what it says stands out.
QString gateFactHtml(const QString &name, const QString &value, bool isCode)
{
    const QString family =
        isCode ? QStringLiteral(" style=\"font-family:'%1'\"").arg(signalbox::font(TextRole::MonoSmall).family())
               : QString();
    return QStringLiteral("<tr><td style=\"color:%1; padding-right:%2px\">%3</td><td%4>%5</td></tr>")
        .arg(tokens().textSoft.name(), QString::number(space::l), gateTextHtml(name), family, gateTextHtml(value));
}

// One vote of several, and not the last of them: it opens nothing yet.
bool waitsForMore(const WaitingGate &gate)
{
    return gate.missingVotes() > 1;
}

// Ages and times of reading move all the time and mean nothing here.
bool isSameGate(WaitingGate one, const WaitingGate &other)
{
    one.readAt = other.readAt;
    return one == other;
}

} // namespace

// The other way to decide. In its place from the start: inserted later, it would be where Cancel was a moment before.
// The box that shows it does not know that nothing can be turned yet, or at all.
class GateDialog::Turn : public QPushButton
{
public:
    using QPushButton::QPushButton;

    void setUsable(bool isUsable)
    {
        m_isUsable = isUsable;
        setVisible(m_isWanted);
    }
    void setVisible(bool isWanted) override
    {
        m_isWanted = isWanted;
        QPushButton::setVisible(isWanted && m_isUsable);
    }

private:
    bool m_isUsable = false;
    bool m_isWanted = false;
};

GateDialog::GateDialog(ConsoleContext &context, const QString &key, QWidget *parent)
    : QDialog(parent)
    , m_context(context)
    , m_key(key)
    , m_session(*context.operations)
{
    setObjectName(QStringLiteral("gateDialog"));
    setAttribute(Qt::WA_DeleteOnClose);
    resize(860, 640);
    if (const auto row = gateRowOf(context.runs->store(), key))
        m_row = *row;
    else
        m_row.gate.connection = key.section(u'|', 0, 0); // WaitingGate::key()
    m_settle.setSingleShot(true);
    m_settle.setInterval(std::chrono::milliseconds(400));
    build();
    follow(m_row);
    connect(&m_settle, &QTimer::timeout, this, &GateDialog::plan);
    connect(&m_session, &PlanSession::changed, this, &GateDialog::showFields);
    connect(&m_session, &PlanSession::finished, this, [this] { m_context.runs->stir(m_row.gate.run.pipeline); });
    RunStore &store = context.runs->store();
    connect(&store, &RunStore::gatesChanged, this, &GateDialog::takeStore);
    connect(&store, &RunStore::serverChanged, this, &GateDialog::takeStore);
    showGate();
    if (m_row.gate.id.isEmpty())
        takeStore(); // it went while it was being opened
    else
        setApproves(true);
}

GateDialog::~GateDialog() = default;

QWidget *GateDialog::buildFacts()
{
    auto *area = new QWidget(this);
    auto *column = new QVBoxLayout(area);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(space::s);
    m_facts = new QLabel(area);
    m_facts->setObjectName(QStringLiteral("gateFacts"));
    m_facts->setTextFormat(Qt::RichText); // what others wrote is escaped
    m_facts->setWordWrap(true);
    m_facts->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_facts->setAccessibleName(tr("What waits"));
    column->addWidget(m_facts);
    m_form = new QFormLayout;
    m_form->setSpacing(space::s);
    m_comment = new QLineEdit(area);
    m_comment->setObjectName(QStringLiteral("gateComment"));
    m_comment->setAccessibleName(tr("Comment"));
    m_form->addRow(tr("&Comment"), m_comment);
    m_fields.append(m_comment);
    connect(m_comment, &QLineEdit::textEdited, this, [this](const QString &text) {
        m_order.comment = text.trimmed();
        inputChanged();
    });
    column->addLayout(m_form);
    return area;
}

void GateDialog::buildForm()
{
    QWidget *before = m_facts;
    int row = 0;
    for (const RunParameter &parameter : std::as_const(m_row.gate.parameters)) {
        QWidget *const field = addParameter(row++, parameter);
        setTabOrder(before, field);
        before = field;
    }
    setTabOrder(before, m_comment);
    m_comment->setPlaceholderText(m_row.gate.needsComment
                                      ? tr("Needed: %1 keeps it with the decision").arg(m_row.gate.vendor)
                                      : tr("Kept with the decision, there and in the ledger (optional)"));
    m_turn->setUsable(m_row.gate.canReject);
}

QWidget *GateDialog::addParameter(int row, const RunParameter &parameter)
{
    QWidget *field = nullptr;
    const QString name = parameter.name;
    if (parameter.kind == RunParameter::Kind::Choice) {
        auto *box = new QComboBox(this);
        box->addItems(parameter.choices);
        box->setCurrentText(parameter.value);
        m_order.parameters.insert(name, box->currentText());
        connect(box, &QComboBox::currentTextChanged, this,
                [this, name](const QString &text) { setParameter(name, text); });
        field = box;
    } else if (parameter.kind == RunParameter::Kind::Flag) {
        auto *box = new QCheckBox(parameter.about, this);
        box->setChecked(parameter.value == QLatin1String("true"));
        connect(box, &QCheckBox::toggled, this, [this, name](bool isChecked) {
            setParameter(name, isChecked ? QStringLiteral("true") : QStringLiteral("false"));
        });
        field = box;
    } else {
        auto *line = new QLineEdit(parameter.value, this);
        line->setPlaceholderText(parameter.about);
        if (parameter.kind == RunParameter::Kind::Hidden)
            line->setEchoMode(QLineEdit::Password);
        connect(line, &QLineEdit::textEdited, this, [this, name](const QString &text) { setParameter(name, text); });
        field = line;
    }
    field->setObjectName(QStringLiteral("gateParameter-") + name);
    field->setAccessibleName(name);
    field->setToolTip(parameter.about);
    m_form->insertRow(row, name, field);
    m_fields.append(field);
    return field;
}

void GateDialog::build()
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(space::l, space::l, space::l, space::l);
    layout->setSpacing(space::m);
    m_title = new QLabel(this);
    m_title->setObjectName(QStringLiteral("gateTitle"));
    m_title->setTextFormat(Qt::PlainText);
    m_title->setWordWrap(true);
    m_title->setProperty("role", QStringLiteral("heading"));
    layout->addWidget(m_title);
    m_other = new QLabel(this);
    m_other->setObjectName(QStringLiteral("gateOther"));
    m_other->setTextFormat(Qt::PlainText);
    m_other->setWordWrap(true);
    m_other->hide();
    layout->addWidget(m_other);
    layout->addWidget(buildFacts());

    auto *panels = new PlanPanels(m_session, this);
    if (auto *const calls = panels->findChild<DiffView *>()) {
        calls->setLineWrapMode(QTextEdit::WidgetWidth); // addresses and preconditions are to be read whole
        calls->setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    }
    layout->addWidget(panels, 1);

    m_box = new OperationBox(tr("Approve"), ToneName::Green, m_session, m_context.prompter, m_context.settings, this);
    m_box->setAsksReason(false); // the comment is it
    m_turn = new Turn(this);
    m_turn->setObjectName(QStringLiteral("gateTurn"));
    m_turn->setAutoDefault(false);
    m_box->addSecondary(m_turn);
    if (!m_row.gate.id.isEmpty())
        buildForm();
    m_cancel = new QPushButton(tr("Cancel"), this);
    m_cancel->setObjectName(QStringLiteral("gateCancel"));
    m_cancel->setAutoDefault(false);
    m_box->addSecondary(m_cancel);
    connect(m_cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_turn, &QPushButton::clicked, this, [this] { setApproves(!m_order.approves); });
    connect(m_box, &OperationBox::dismissed, this, &QDialog::accept);
    layout->addWidget(m_box);
}

bool GateDialog::hasDecided() const
{
    const Operation *const operation = m_session.operation();
    return m_session.hasOutcome() && operation && operation->outcome() &&
           operation->outcome()->kind == OutcomeKind::Done;
}

void GateDialog::setApproves(bool approves)
{
    m_order.approves = approves;
    m_box->setVerb(approves ? tr("Approve") : tr("Reject"), approves ? ToneName::Green : ToneName::Failing);
    m_turn->setText(approves ? tr("Reject instead") : tr("Approve instead"));
    plan();
}

void GateDialog::setParameter(const QString &name, const QString &value)
{
    m_order.parameters.insert(name, value);
    inputChanged();
}

void GateDialog::tellOther(const GateRow &other)
{
    m_other->setText(tr("%1, %2 waits as well. This decision is carried out first: open the other gate after it.")
                         .arg(other.application, gatePlaceText(other)));
    m_other->show();
}

void GateDialog::inputChanged()
{
    if (m_session.isRunning() || m_session.hasOutcome() || m_isGone)
        return;
    m_session.clear();
    m_settle.start();
}

QString GateDialog::whatLacks() const
{
    if (m_row.gate.needsComment && m_order.comment.isEmpty())
        return tr("%1 wants a comment with a decision.").arg(m_row.gate.vendor);
    for (const RunParameter &parameter : m_row.gate.parameters) {
        const QString value = m_order.parameters.value(parameter.name, parameter.value);
        if (m_order.approves && parameter.isRequired && value.isEmpty())
            return tr("The gate asks for %1.").arg(parameter.name);
    }
    return {};
}

void GateDialog::plan()
{
    m_settle.stop();
    if (m_session.isRunning() || m_session.hasOutcome() || m_isGone)
        return;
    if (!m_row.isLive) {
        m_session.fail({ErrorKind::Unreachable,
                        tr("What %1 said is not fresh: nothing is decided on it.").arg(m_row.gate.connection),
                        {}});
        return;
    }
    if (const QString lacks = whatLacks(); !lacks.isEmpty()) {
        m_session.clear();
        m_box->setIdleText(lacks, tr("Then its plan is shown here."));
        return;
    }
    m_order.reason = m_order.comment;
    m_session.setReason(m_order.comment);
    m_session.plan([&context = m_context, order = m_order](const StopToken &stop) {
        PipelineServer *const server = context.pipelines->find(order.gate.connection);
        if (!server || !server->gates())
            return ready(Result<Plan>(connectionRemoved(order.gate.connection)));
        return context.promotions ? context.promotions->planGate(*server->gates(), order, stop)
                                  : server->gates()->plan(order, stop);
    });
}

// What its run does now tells at least which way it went.
QString GateDialog::whatBecameOfIt() const
{
    for (const GateDecision &decision : m_row.gate.given) {
        if (m_row.gate.given.size() >= m_row.gate.needed || !decision.approves)
            return tr("It was %1.").arg(gateVoiceText(decision));
    }
    const RunStore::Entry *const entry = m_context.runs->store().entry(m_row.gate.run.pipeline.key());
    for (const Run &run : entry ? entry->runs : QList<Run>()) {
        if (run.ref == m_row.gate.run && run.state != RunState::Waiting)
            return tr("Its run is %1 now. Who decided is said at %2.").arg(runStateLabel(run.state), m_row.gate.vendor);
    }
    return tr("Who decided is said at %1.").arg(m_row.gate.vendor);
}

void GateDialog::takeStore()
{
    if (m_session.isRunning() || m_session.hasOutcome())
        return; // what was pressed here moves it, too
    const auto row = gateRowOf(m_context.runs->store(), m_key);
    if (!row) {
        m_isGone = true;
        m_settle.stop();
        sayGone();
        return;
    }
    const bool isFirst = m_row.gate.id.isEmpty();
    const bool isOther = !isSameGate(row->gate, m_row.gate) || row->isLive != m_row.isLive ||
                         row->application != m_row.application || row->isMapped != m_row.isMapped || m_isGone;
    m_row = *row;
    if (!isOther)
        return;
    m_isGone = false;
    follow(m_row);
    if (isFirst)
        buildForm();
    showGate();
    if (isFirst)
        setApproves(true);
    else
        plan();
}

void GateDialog::follow(const GateRow &row)
{
    m_order.gate = row.gate;
    m_order.application = row.application;
    m_order.isMapped = row.isMapped;
    m_order.environment = row.gate.environment;
    setWindowTitle(row.application.isEmpty() ? tr("Gate") : tr("Gate of %1").arg(row.application));
}

// It is not listed: only who was heard of late says that it is decided.
void GateDialog::sayGone()
{
    const QString connection = m_row.gate.connection;
    const RunStore::Server *const server = m_context.runs->store().server(connection);
    if (!server) {
        m_session.fail({ErrorKind::Unreachable,
                        tr("The connection %1 was removed, so what became of the gate is not known here. Add it "
                           "again in Connections, or look at %2.")
                            .arg(connection, m_row.gate.vendor.isEmpty() ? connection : m_row.gate.vendor),
                        {}});
    } else if (!server->gates.isLive()) {
        const QString why = server->gates.error ? server->gates.error->message : QString();
        m_session.fail({ErrorKind::Unreachable,
                        tr("What waits at %1 is not read yet: whether this gate is open still, nobody knows here. It "
                           "is shown once it is read. %2")
                            .arg(connection, why)
                            .trimmed(),
                        {}});
    } else if (m_row.gate.id.isEmpty()) { // as a notification names it
        m_session.fail({ErrorKind::Conflict,
                        tr("Nothing waits here any more: it was decided, or its run ended. Pipelines shows what "
                           "its run does now."),
                        {}});
    } else {
        m_session.fail({ErrorKind::Conflict,
                        tr("Somebody was faster: nothing waits here any more. %1").arg(whatBecameOfIt()),
                        {}});
    }
}

void GateDialog::showGate()
{
    const WaitingGate &gate = m_row.gate;
    showTitle();
    m_facts->setVisible(!gate.id.isEmpty());
    if (gate.id.isEmpty())
        return;
    QString html;
    const auto whole = [&html](const QString &text) {
        html += QStringLiteral("<tr><td colspan=\"2\">%1</td></tr>").arg(gateTextHtml(text));
    };
    const auto line = [&html](const QString &name, const QString &value, bool isCode = false) {
        if (!value.isEmpty())
            html += gateFactHtml(name, value, isCode);
    };
    whole(QStringLiteral("%1, %2 (%3)").arg(m_row.application, gatePlaceText(m_row), gate.vendor));
    if (!gate.message.isEmpty())
        whole(gate.message.left(mostOfAMessage));
    line(tr("Ref"), gate.branch); // a tag as well: no vendor says which
    line(tr("Commit"), gate.commit, true);
    line(tr("Waits since"), gate.since.isValid() ? copiedTime(gate.since) : QString());
    line(tr("Goes on by itself"), gate.opensBySelfAt.isValid() ? copiedTime(gate.opensBySelfAt) : QString());
    line(tr("May decide"), gateDecidersText(gate));
    const QString may = !gate.mayDecide   ? tr("%1 does not say whether you may decide").arg(gate.vendor)
                        : *gate.mayDecide ? tr("You may decide")
                                          : tr("You may not decide");
    whole(gate.whyNot.isEmpty() ? may : QStringLiteral("%1: %2").arg(may, gate.whyNot));
    if (gate.needed > 1)
        line(tr("Decisions"), tr("%1 of %2").arg(gate.given.size()).arg(gate.needed));
    for (const GateDecision &decision : gate.given)
        whole(gateVoiceText(decision));
    m_facts->setText(QStringLiteral("<table cellspacing=\"0\" cellpadding=\"0\">%1</table>").arg(html));
}

void GateDialog::changeEvent(QEvent *event)
{
    QDialog::changeEvent(event);
    if (event->type() == QEvent::StyleChange && m_facts != nullptr)
        showGate(); // the colours are in the text
}

void GateDialog::showFields()
{
    const bool isOpen = !m_session.isRunning() && !m_session.hasOutcome() && !m_isGone;
    for (QWidget *const field : std::as_const(m_fields)) {
        field->setEnabled(isOpen);
        m_form->setRowVisible(field, !hasDecided()); // what was sent stands in the plan
    }
    m_turn->setEnabled(isOpen);
    showTitle();
}

// The question as long as it is one.
void GateDialog::showTitle()
{
    const Operation *const operation = m_session.operation();
    const bool isDone = hasDecided();
    const QString place = gatePlaceText(m_row);
    const auto isStart = [](const PlanStep &step) { return step.startsWaiting; };
    const bool isStarted =
        isDone && std::any_of(operation->plan().steps.cbegin(), operation->plan().steps.cend(), isStart);
    if (isDone && m_order.approves && !isStarted && waitsForMore(m_order.gate))
        m_title->setText(tr("Your approval is given: %1").arg(place));
    else if (isDone)
        m_title->setText(m_order.approves ? tr("Approved: %1").arg(place) : tr("Rejected: %1").arg(place));
    else if (m_session.isUnderWay())
        m_title->setText(m_order.approves ? tr("Approving: %1").arg(place) : tr("Rejecting: %1").arg(place));
    else
        m_title->setText(m_row.gate.title.isEmpty() ? tr("Gate") : m_row.gate.title);
}

} // namespace signalbox
