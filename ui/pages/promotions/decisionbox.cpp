#include "ui/pages/promotions/decisionbox.h"

#include "models/domain/confirmation.h"
#include "ui/dialogs/holdalternative.h"
#include "ui/shell/consolesettings.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/holdbutton.h"
#include "ui/widgets/painting.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace signalbox
{

using policy::PromotionBoard;
using policy::PromotionCard;

namespace
{

QString shortKey(const QString &key)
{
    return key.size() > 20 ? QStringLiteral("%1\u2026%2").arg(key.left(10), key.right(3)) : key;
}

Confirmation confirmationOf(const PromotionCard &card, Direction direction, bool canHold)
{
    Plan plan;
    plan.direction = direction;
    plan.application = card.request.subject.application;
    plan.isProtected = true; // a signature is one everywhere
    return confirmationFor(plan, canHold);
}

} // namespace

DecisionBox::DecisionBox(PromotionsPresenter &presenter, Prompter &prompter, ConsoleSettings &settings, QWidget *parent)
    : QFrame(parent)
    , m_presenter(presenter)
    , m_prompter(prompter)
    , m_settings(settings)
{
    setObjectName(QStringLiteral("decisionBox"));
    setProperty("keepsClear", true); // no notice lies over it
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(space::l, space::m, space::l, space::m);
    layout->setSpacing(space::s);
    m_row = new QBoxLayout(QBoxLayout::LeftToRight);
    m_row->setSpacing(space::m);
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(space::m);
    m_comment = new QLineEdit(this);
    m_comment->setObjectName(QStringLiteral("decisionComment"));
    m_comment->setAccessibleName(tr("Comment, signed and kept in the ledger"));
    m_comment->setMaxLength(2000);
    m_reject = makeButton(Action::Reject, tr("Reject"), ToneName::Failing, "rejectButton");
    m_reject->setOutlined(true);
    m_approve = makeButton(Action::Approve, tr("Approve"), ToneName::Accent, "approveButton");
    m_more = new QPushButton(tr("More..."), this);
    m_more->setObjectName(QStringLiteral("decisionMore"));
    m_more->setAutoDefault(false);
    m_more->setAccessibleName(tr("Break glass, hold and other decisions"));
    buttons->addStretch();
    buttons->addWidget(m_more);
    buttons->addWidget(m_reject);
    buttons->addWidget(m_approve);
    m_row->addWidget(m_comment, 1);
    m_row->addLayout(buttons);
    layout->addLayout(m_row);
    auto *words = new QHBoxLayout;
    words->setSpacing(space::s);
    m_sign = new StateSign(Health::Unknown, this);
    m_text = new QLabel(this);
    m_text->setObjectName(QStringLiteral("decisionText"));
    m_text->setProperty("role", QStringLiteral("soft"));
    m_text->setWordWrap(true);
    m_text->setTextFormat(Qt::PlainText);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    words->addWidget(m_sign, 0, Qt::AlignTop);
    words->addWidget(m_text, 1);
    layout->addLayout(words);
    connect(m_more, &QPushButton::clicked, this, [this] { emit moreRequested(m_more); });
    connect(&m_presenter, &PromotionsPresenter::selectionChanged, this, &DecisionBox::refresh);
    connect(&m_presenter, &PromotionsPresenter::boardChanged, this, &DecisionBox::refresh);
    connect(&m_presenter, &PromotionsPresenter::stateChanged, this, &DecisionBox::refresh);
    connect(&m_presenter, &PromotionsPresenter::decided, this, [this](const QString &promotion) {
        m_comments.remove(promotion);
        if (promotion == m_promotion)
            m_comment->clear();
    });
    connect(&m_settings, &ConsoleSettings::changed, this, &DecisionBox::refresh);
    // The keyboard goes on from the words to what they are for.
    connect(m_comment, &QLineEdit::returnPressed, this, [this] { focusMain(); });
    refresh();
}

HoldButton *DecisionBox::makeButton(Action action, const QString &text, ToneName tone, const char *name)
{
    auto *button = new HoldButton(text, tone, this);
    button->setObjectName(QString::fromLatin1(name));
    connect(button, &HoldButton::held, this,
            [this, action](const QByteArray &fingerprint) { act(action, fingerprint); });
    connect(button, &HoldButton::alternativeRequested, this,
            [this, button, action](const QByteArray &fingerprint) { askInstead(button, action, fingerprint); });
    return button;
}

QString DecisionBox::comment() const
{
    return m_comment->text();
}

void DecisionBox::focusMain()
{
    HoldButton *const wanted =
        m_approve->fingerprint().isEmpty() && !m_reject->fingerprint().isEmpty() ? m_reject : m_approve;
    wanted->setFocus(Qt::ShortcutFocusReason);
}

void DecisionBox::act(Action action, const QByteArray &fingerprint)
{
    m_presenter.decide(action, fingerprint, m_comment->text());
}

void DecisionBox::askInstead(HoldButton *button, Action action, const QByteArray &fingerprint)
{
    const PromotionCard *const card = m_presenter.card();
    if (!card)
        return;
    askInsteadOfHold(m_prompter, window(), action == Action::Approve ? Direction::Forward : Direction::Back,
                     card->request.subject.application, button->text(), effect(action), button->text(),
                     [this, action, fingerprint](bool accepted) {
                         if (accepted)
                             act(action, fingerprint);
                     });
}

QString DecisionBox::effect(Action action) const
{
    const PromotionCard *const card = m_presenter.card();
    if (!card)
        return {};
    const QString environment = card->request.subject.environment;
    if (action == Action::Reject)
        return tr("Your signed rejection is put in the ledger.");
    const policy::Standing &standing = card->decision.standing;
    int missing = 0;
    QStringList others;
    for (const policy::QuorumLine &line : standing.lines) {
        missing += line.missing;
        for (const QString &who : line.eligible) {
            if (who != m_presenter.board().me.principal && !others.contains(who))
                others << who;
        }
    }
    const QString signature =
        tr("Approving records your signature for exactly %1.").arg(policy::shortDigest(card->decision.subject.digest));
    if (missing > 1 && !others.isEmpty())
        return signature + QLatin1Char(' ') +
               tr("%1 can start when %2 also approve(s).").arg(environment, others.join(tr(" or ")));
    return signature + QLatin1Char(' ') +
           tr("It starts by itself only where whoever asked chose that; else they, or you, are offered Start for %1.")
               .arg(environment);
}

void DecisionBox::refreshButton(HoldButton *button, Action action)
{
    const PromotionCard *const card = m_presenter.card();
    const QByteArray fingerprint = m_presenter.fingerprint(action);
    const QString why = m_presenter.whyNot(action);
    // As with every hold button: never disabled, so that the keyboard stays on it; without a fingerprint no press
    // counts.
    if (card && !fingerprint.isEmpty())
        button->showPlan(fingerprint,
                         confirmationOf(*card, action == Action::Approve ? Direction::Forward : Direction::Back,
                                        !m_settings.asksInsteadOfHold()));
    else
        button->showPlan({}, {});
    button->setToolTip(why);
    button->setAccessibleDescription(why.isEmpty() ? tr("Held to act; pressing it with a screen reader asks instead.")
                                                   : tr("Not available: %1").arg(why));
}

// Words that were typed for one promotion are never signed with another one; they wait for their own.
void DecisionBox::takeComment()
{
    const PromotionCard *const card = m_presenter.card();
    const QString now = card ? card->id : m_presenter.selected();
    if (now == m_promotion)
        return;
    if (!m_comment->text().isEmpty())
        m_comments.insert(m_promotion, m_comment->text());
    m_promotion = now;
    m_comment->setText(m_comments.take(m_promotion));
}

void DecisionBox::refresh()
{
    takeComment();
    const PromotionCard *const card = m_presenter.card();
    const PromotionBoard &board = m_presenter.board();
    m_comment->setEnabled(card && (card->mayApprove.isGiven || card->mayReject.isGiven));
    m_approve->setText(card ? tr("Approve for %1").arg(card->request.subject.environment) : tr("Approve"));
    m_approve->setAccessibleName(m_approve->text());
    refreshButton(m_approve, Action::Approve);
    refreshButton(m_reject, Action::Reject);
    m_approve->updateGeometry();
    const bool isMoot = m_isBesidePlan && m_approve->fingerprint().isEmpty() && !m_presenter.isBusy();
    if (isMoot && m_approve->hasFocus())
        emit givenAway(); // Qt would hand the keyboard to whatever comes next: a button that rejects
    m_approve->setVisible(!isMoot);
    // Beside the plan's own field, which asks why it is started, only a rejection is left to comment on.
    m_comment->setPlaceholderText(
        isMoot ? tr("Comment on a rejection, signed and kept in the ledger")
        : board.me.key.isEmpty()
            ? tr("Comment, signed with your key and kept in the ledger")
            : tr("Comment, signed with your key %1 and kept in the ledger").arg(shortKey(board.me.key)));
    showWords();
    arrange();
}

void DecisionBox::showWords()
{
    Health health = Health::Waiting;
    QString text;
    if (m_presenter.problem()) {
        health = m_presenter.problem()->kind == ErrorKind::OutcomeUnknown ? Health::Unknown : Health::Failing;
        text = m_presenter.problem()->message;
    } else if (m_presenter.isBusy()) {
        health = Health::InProgress;
        text = m_presenter.busyText();
    } else if (!m_approve->fingerprint().isEmpty()) {
        text = effect(Action::Approve);
    } else {
        health = Health::NotStarted;
        text = m_presenter.whyNot(Action::Approve);
    }
    if (m_presenter.startsByItself())
        text += QLatin1Char(' ') + tr("It starts by itself once it may, while this window is open.");
    m_sign->setHealth(health);
    m_text->setText(text);
    // That there is nothing left to approve is what the plan above says.
    const bool isSaid =
        !m_approve->isHidden() || m_presenter.problem() || m_presenter.isBusy() || m_presenter.startsByItself();
    m_sign->setVisible(isSaid);
    m_text->setVisible(isSaid);
}

void DecisionBox::setBesidePlan(bool isBeside)
{
    if (isBeside == m_isBesidePlan)
        return;
    m_isBesidePlan = isBeside;
    refresh();
}

// The words get a line of their own where the buttons would leave them none.
void DecisionBox::resizeEvent(QResizeEvent *event)
{
    QFrame::resizeEvent(event);
    arrange();
}

void DecisionBox::arrange()
{
    constexpr int commentNeeds = 220;
    const int buttons = m_more->sizeHint().width() + m_reject->sizeHint().width() +
                        (m_approve->isHidden() ? 0 : m_approve->sizeHint().width());
    const bool isNarrow = width() < buttons + commentNeeds + 5 * space::l;
    m_row->setDirection(isNarrow ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight);
}

void DecisionBox::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    paintRoundedFrame(&painter, QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius::panel, tokens().panel,
                      tokens().line);
}

} // namespace signalbox
