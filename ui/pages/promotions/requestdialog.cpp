#include "ui/pages/promotions/requestdialog.h"

#include "models/domain/confirmation.h"
#include "models/stores/deployedstore.h"
#include "ui/dialogs/holdalternative.h"
#include "ui/pages/operation/middlescroll.h"
#include "ui/pages/promotions/requestwords.h"
#include "ui/pages/promotions/ruleslist.h"
#include "ui/shell/consolecontext.h"
#include "ui/shell/consolesettings.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/holdbutton.h"
#include "ui/widgets/panel.h"

#include <QCheckBox>
#include <QComboBox>
#include <QCryptographicHash>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace signalbox
{

namespace
{

QString startsChoice()
{
    return QStringLiteral("promotions/startsByItself");
}

} // namespace

RequestDialog::RequestDialog(ConsoleContext &context, const QString &application, const QString &environment,
                             QWidget *parent)
    : QDialog(parent)
    , m_context(context)
{
    setObjectName(QStringLiteral("requestDialog"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Ask for a promotion"));
    resize(720, 600);
    build();
    m_settle.setSingleShot(true);
    m_settle.setInterval(std::chrono::milliseconds(300));
    connect(&m_settle, &QTimer::timeout, this, &RequestDialog::draft);
    m_reading.setSingleShot(true);
    m_reading.setInterval(std::chrono::seconds(1));
    connect(&m_reading, &QTimer::timeout, this, [this] {
        refreshButtons();
        if (m_changed->hasFocus())
            m_request->setFocus(Qt::OtherFocusReason);
    });
    m_application->addItems(context.deployed.applications());
    m_application->setCurrentIndex(std::max(0, m_application->findText(application)));
    fillEnvironments(environment);
    connect(m_application, &QComboBox::currentTextChanged, this,
            [this] { fillEnvironments(m_environment->currentText()); });
    const auto change = [this] {
        m_refused.clear();
        outdate();
        m_settle.start();
    };
    connect(m_application, &QComboBox::currentTextChanged, this, change);
    connect(m_environment, &QComboBox::currentTextChanged, this, change);
    connect(m_release, &QLineEdit::textChanged, this, change);
    // Somebody else may have moved the world that the draft was made of.
    connect(context.promotions, &PromotionDesk::boardChanged, this, &RequestDialog::worldMoved);
    outdate();
    draft();
}

void RequestDialog::build()
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(space::l, space::l, space::l, space::l);
    layout->setSpacing(space::m);
    auto *title = new QLabel(tr("Ask for a promotion"), this);
    title->setProperty("role", QStringLiteral("heading"));
    layout->addWidget(title);
    layout->addLayout(buildFields());
    m_summary = new QLabel(this);
    m_summary->setObjectName(QStringLiteral("requestSummary"));
    m_summary->setWordWrap(true);
    m_summary->setProperty("role", QStringLiteral("title"));
    layout->addWidget(m_summary);
    m_warnings = new QLabel(this);
    m_warnings->setObjectName(QStringLiteral("requestWarnings"));
    m_warnings->setWordWrap(true);
    m_warnings->setProperty("role", QStringLiteral("warning"));
    layout->addWidget(m_warnings);
    m_panel = new Panel(tr("What the policy says to it"), this);
    m_panel->setContent(new MiddleScroll(buildAnswer(), m_panel));
    layout->addWidget(m_panel, 1);
    layout->addWidget(buildStarts());
    m_changed = new QLabel(this);
    m_changed->setObjectName(QStringLiteral("requestChanged"));
    m_changed->setWordWrap(true);
    m_changed->setTextFormat(Qt::PlainText);
    m_changed->setProperty("role", QStringLiteral("warning"));
    layout->addWidget(m_changed);
    m_problem = new QLabel(this);
    m_problem->setObjectName(QStringLiteral("requestProblem"));
    m_problem->setWordWrap(true);
    m_problem->setProperty("role", QStringLiteral("error"));
    layout->addWidget(m_problem);
    layout->addLayout(buildButtons());
    rehearse();
}

QLayout *RequestDialog::buildFields()
{
    auto *form = new QFormLayout;
    form->setHorizontalSpacing(space::l);
    form->setVerticalSpacing(space::s);
    m_application = new QComboBox(this);
    m_application->setObjectName(QStringLiteral("requestApplication"));
    m_environment = new QComboBox(this);
    m_environment->setObjectName(QStringLiteral("requestEnvironment"));
    m_release = new QLineEdit(this);
    m_release->setObjectName(QStringLiteral("requestRelease"));
    m_release->setPlaceholderText(tr("version, tag or commit; empty: what runs in the environment before"));
    m_reason = new QLineEdit(this);
    m_reason->setObjectName(QStringLiteral("requestReason"));
    m_reason->setPlaceholderText(tr("for those who decide, kept in the ledger"));
    form->addRow(tr("&Application"), m_application);
    form->addRow(tr("&To"), m_environment);
    form->addRow(tr("&Release"), m_release);
    form->addRow(tr("R&eason"), m_reason);
    m_application->setAccessibleName(tr("Application"));
    m_environment->setAccessibleName(tr("Environment it goes to"));
    m_release->setAccessibleName(tr("Release"));
    m_reason->setAccessibleName(tr("Reason"));
    return form;
}

QWidget *RequestDialog::buildStarts()
{
    m_starts = new QCheckBox(tr("&Start it by itself once it is approved, while this window is open"), this);
    m_starts->setObjectName(QStringLiteral("requestStartsByItself"));
    m_starts->setToolTip(tr("What is carried out then is exactly what is shown here; if that changes, or if somebody "
                            "rejects or holds it or orders a freeze meanwhile, you are asked instead."));
    m_starts->setChecked(m_context.settings.choice(startsChoice()) == QLatin1String("on"));
    connect(m_starts, &QCheckBox::toggled, this, [this](bool isOn) {
        m_context.settings.setChoice(startsChoice(), isOn ? QStringLiteral("on") : QStringLiteral("off"));
        rehearse();
    });
    return m_starts;
}

QLayout *RequestDialog::buildButtons()
{
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(space::s);
    m_cancel = new QPushButton(tr("Cancel"), this);
    m_cancel->setObjectName(QStringLiteral("requestCancel"));
    m_cancel->setAutoDefault(false);
    m_request = new QPushButton(tr("Sign and ask"), this);
    m_request->setObjectName(QStringLiteral("requestSend"));
    m_request->setProperty("variant", QStringLiteral("primary"));
    m_request->installEventFilter(this);
    installEventFilter(this);
    m_hold = new HoldButton(tr("Sign, ask, and start when approved"), ToneName::Green, this);
    m_hold->setObjectName(QStringLiteral("requestHold"));
    m_hold->setAutoDefault(false);
    buttons->addStretch();
    buttons->addWidget(m_cancel);
    buttons->addWidget(m_request);
    buttons->addWidget(m_hold);
    connect(m_cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_request, &QPushButton::clicked, this, [this] { request(std::nullopt); });
    connect(m_hold, &HoldButton::held, this, &RequestDialog::requestHeld);
    connect(m_hold, &HoldButton::alternativeRequested, this, &RequestDialog::askInstead);
    return buttons;
}

QWidget *RequestDialog::buildAnswer()
{
    auto *inner = new QWidget;
    auto *layout = new QVBoxLayout(inner);
    layout->setContentsMargins(0, 0, 0, 0);
    m_rules = new RulesList(inner);
    layout->addWidget(m_rules);
    m_effect = new QLabel(inner);
    m_effect->setObjectName(QStringLiteral("requestEffect"));
    m_effect->setContentsMargins(14, 0, 14, space::m);
    m_effect->setWordWrap(true);
    m_effect->setTextFormat(Qt::PlainText);
    m_effect->setTextInteractionFlags(Qt::TextSelectableByMouse);
    layout->addWidget(m_effect);
    layout->addStretch(1);
    return inner;
}

void RequestDialog::fillEnvironments(const QString &wanted)
{
    const QString application = m_application->currentText();
    QStringList names = m_context.deployed.environments();
    names.removeIf([&](const QString &name) {
        const QList<Deployed> all = m_context.deployed.all();
        return std::none_of(all.cbegin(), all.cend(), [&](const Deployed &one) {
            return one.application == application && one.environment == name;
        });
    });
    {
        const QSignalBlocker blocker(m_environment);
        m_environment->clear();
        m_environment->addItems(names);
        const int at = m_environment->findText(wanted);
        m_environment->setCurrentIndex(at >= 0 ? at : m_environment->count() - 1); // production comes last
    }
}

// What is on screen is not what the fields say any more: nothing can be signed until it is.
void RequestDialog::outdate()
{
    m_ask.cancel();
    m_draft.reset();
    m_isPressStale = true;
    showChanged({});
    m_request->setToolTip(tr("It is being worked out what the request would say."));
    m_summary->setText(m_request->toolTip());
    rehearse();
}

// What is being worked out is finished first: others may change the world more often than that takes.
void RequestDialog::worldMoved()
{
    if (m_isSending)
        return;
    if (m_ask.isRunning() || m_rehearse.isRunning())
        m_isMoving = true;
    else if (!m_settle.isActive())
        m_settle.start();
}

void RequestDialog::draft()
{
    m_settle.stop();
    m_isMoving = false;
    if (m_application->currentText().isEmpty() || m_environment->currentText().isEmpty()) {
        outdate();
        m_summary->clear();
        m_panel->showEmpty(tr("Nothing to ask for"), tr("No application is listed yet."));
        return;
    }
    if (!m_draft)
        m_panel->showLoading(4);
    PromotionOrder order;
    order.application = m_application->currentText();
    order.environment = m_environment->currentText();
    order.release = m_release->text().trimmed();
    m_ask.run(
        this, [this, order](const StopToken &stop) { return m_context.promotions->draft(order, stop); },
        [this](const Result<PromotionDraft> &draft) {
            show(draft);
            if (m_isMoving && !m_rehearse.isRunning())
                m_settle.start();
        });
}

void RequestDialog::show(const Result<PromotionDraft> &draft)
{
    if (!draft)
        return showFailed(draft.error());
    const bool isAnew = !m_draft;
    const QString moved = isAnew ? QString() : whatMoved(*m_draft, *draft);
    m_draft = *draft;
    showProblem(m_refused);
    m_summary->setText(summaryOf(*draft));
    m_warnings->setVisible(!draft->warnings.isEmpty());
    m_warnings->setText(draft->warnings.join(QLatin1Char('\n')));
    m_rules->show(draft->decision.rules);
    m_panel->setSubtitle(RulesList::summary(draft->decision.rules));
    m_panel->showContent();
    m_request->setToolTip({});
    if (!moved.isEmpty()) {
        showChanged(moved);
        letItBeRead();
    }
    if (isAnew || !moved.isEmpty())
        rehearse();
    else
        rehearseQuietly();
}

void RequestDialog::showFailed(const Error &error)
{
    outdate();
    m_summary->clear();
    m_warnings->hide();
    m_panel->showEmpty(tr("It cannot be asked for"), error.message);
    showProblem(m_refused == error.message ? QString() : m_refused); // it is said in the panel
    m_request->setToolTip(error.message);
    refreshButtons();
}

void RequestDialog::rehearse()
{
    m_rehearse.cancel();
    m_plan.reset();
    m_effect->setVisible(m_starts->isChecked());
    refreshButtons();
    if (!m_starts->isChecked() || !m_draft) {
        if (m_isMoving && !m_ask.isRunning()) // what was to see to it was silenced
            m_settle.start();
        return;
    }
    m_effect->setText(tr("It is being worked out what exactly will be done."));
    rehearseQuietly();
}

void RequestDialog::rehearseQuietly()
{
    if (!m_starts->isChecked() || !m_draft)
        return;
    m_rehearse.run(
        this, [this, draft = *m_draft](const StopToken &stop) { return m_context.promotions->rehearse(draft, stop); },
        [this](const Result<Plan> &plan) {
            showPlan(plan);
            if (m_isMoving)
                m_settle.start();
        });
}

void RequestDialog::showPlan(const Result<Plan> &plan)
{
    if (plan) {
        if (m_plan && effectOf(*m_plan, EffectDetails::LeftOut) != effectOf(*plan, EffectDetails::LeftOut))
            showChanged(tr("what will be done is another thing"));
        m_plan = *plan;
        m_effect->setText(tr("Once it is approved, this window does:") + QLatin1Char('\n') + effectOf(*plan));
    } else {
        m_plan.reset();
        m_effect->setText(tr("It cannot start by itself: %1").arg(plan.error().message));
    }
    refreshButtons();
}

void RequestDialog::refreshButtons()
{
    const bool starts = m_starts->isChecked();
    m_request->setVisible(!starts);
    m_hold->setVisible(starts);
    m_request->setEnabled(!m_isSending && m_draft && !m_reading.isActive());
    m_request->setText(m_isSending ? tr("Signing ...") : tr("Sign and ask"));
    m_hold->setText(m_isSending ? tr("Signing ...") : tr("Sign, ask, and start when approved"));
    m_starts->setEnabled(!m_isSending);
    Plan deliberate; // what it starts later is confirmed now, whatever the environment
    deliberate.direction = Direction::Forward;
    deliberate.isProtected = true;
    deliberate.application = m_application->currentText();
    const QByteArray seen = fingerprint();
    m_hold->showPlan(seen, seen.isEmpty() ? Confirmation()
                                          : confirmationFor(deliberate, !m_context.settings.asksInsteadOfHold()));
    const QString why = !seen.isEmpty() ? QString() : m_plan || !m_draft ? m_request->toolTip() : m_effect->text();
    m_hold->setToolTip(why);
    m_hold->setAccessibleDescription(seen.isEmpty()
                                         ? tr("Not available: %1").arg(why)
                                         : tr("Held to act; pressing it with a screen reader asks instead."));
}

QByteArray RequestDialog::fingerprint() const
{
    if (!m_draft || !m_plan || m_isSending)
        return {};
    const policy::Subject &subject = m_draft->request.subject;
    QCryptographicHash hash(QCryptographicHash::Sha256);
    QStringList rules;
    for (const policy::RuleResult &rule : m_draft->decision.rules)
        rules << policy::ruleName(rule.rule) + policy::ruleStateName(rule.state);
    for (const QString &part :
         {subject.application, subject.environment, subject.digest, subject.commit, releaseOf(m_draft->request),
          m_draft->request.policyCommit, m_draft->request.replacesDigest, rules.join(QLatin1Char(' ')),
          effectOf(*m_plan, EffectDetails::LeftOut)})
        hash.addData(part.toUtf8() + '\n');
    return hash.result().toHex();
}

void RequestDialog::askInstead(const QByteArray &seen)
{
    if (!seen.isEmpty() && seen == fingerprint())
        askInsteadOfHold(m_context.prompter, this, Direction::Forward, m_application->currentText(), windowTitle(),
                         m_effect->text(), m_hold->text(), [this, seen](bool accepted) {
                             if (accepted)
                                 requestHeld(seen);
                         });
}

void RequestDialog::requestHeld(const QByteArray &seen)
{
    if (!seen.isEmpty() && seen == fingerprint())
        request(m_plan);
}

void RequestDialog::showProblem(const QString &text)
{
    m_problem->setText(text);
    m_problem->setVisible(!text.isEmpty());
}

void RequestDialog::showChanged(const QString &text)
{
    if (text.isEmpty())
        m_moved.clear();
    else if (!m_moved.contains(text))
        m_moved.append(text);
    m_changed->setText(m_moved.isEmpty() ? QString()
                                         : tr("Changed since you looked: %1.").arg(m_moved.join(QStringLiteral("; "))));
    m_changed->setVisible(!m_moved.isEmpty());
}

// A click or Enter that was meant for what was there before signs nothing. The hold begins anew by itself.
void RequestDialog::letItBeRead()
{
    m_isPressStale = true;
    if (m_request->hasFocus())
        m_changed->setFocus(Qt::OtherFocusReason); // a disabled button would hand it to a field
    m_reading.start();
    refreshButtons();
}

bool RequestDialog::eventFilter(QObject *watched, QEvent *event)
{
    switch (event->type()) {
    case QEvent::MouseButtonPress:
    case QEvent::MouseButtonDblClick:
        m_isPressStale = m_isPressStale && watched != m_request;
        break;
    case QEvent::MouseMove: // would press the button again that was let go when it was disabled
        if (watched == m_request && m_isPressStale)
            return true;
        break;
    case QEvent::KeyPress: { // Enter that is held is one press
        const auto *key = static_cast<QKeyEvent *>(event);
        if (key->isAutoRepeat() && (key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter))
            return true;
        break;
    }
    default:
        break;
    }
    return QDialog::eventFilter(watched, event);
}

void RequestDialog::setSending(bool isSending)
{
    m_isSending = isSending;
    for (QWidget *each : std::initializer_list<QWidget *>{m_application, m_environment, m_release, m_reason, m_cancel})
        each->setEnabled(!isSending);
    refreshButtons();
}

void RequestDialog::reject()
{
    if (!m_isSending)
        QDialog::reject();
}

void RequestDialog::request(const std::optional<Plan> &startsAs)
{
    if (!m_draft || m_isSending)
        return;
    m_settle.stop();
    m_ask.cancel(); // what was seen is what is signed
    m_rehearse.cancel();
    m_refused.clear();
    showProblem({});
    setSending(true);
    m_draft->request.reason = m_reason->text().trimmed();
    deliver(
        m_context.promotions->request(*m_draft), StopToken(), this,
        [this, startsAs](const Result<QString> &made) {
            setSending(false);
            if (made) {
                if (startsAs)
                    m_context.promotions->startWhenMet(*made, *startsAs);
                emit requested(*made);
                accept();
                return;
            }
            m_refused = made.error().message;
            showProblem(m_refused);
            (m_starts->isChecked() ? m_hold : m_request)
                ->setFocus(Qt::OtherFocusReason); // where the keyboard was before nothing could take it
            if (made.error().kind == ErrorKind::Conflict)
                outdate(); // the world moved: what would be asked for now?
            m_settle.start();
        },
        ErrorKind::OutcomeUnknown);
}

} // namespace signalbox
