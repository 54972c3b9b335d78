#include "ui/pages/promotions/voteslist.h"

#include "ui/pages/promotions/signrows.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/timetext.h"

#include <QEvent>
#include <QVBoxLayout>

namespace signalbox
{

using policy::PromotionCard;
using policy::Vote;

namespace
{

QWidget *line(Health health, const QString &html, const QString &spoken, QWidget *parent)
{
    return signRow(health, html, spoken, parent).row;
}

QWidget *voteRow(const Vote &vote, QWidget *parent)
{
    const bool isApproval = vote.kind == Vote::Kind::Approval;
    const QString verb = isApproval ? VotesList::tr("approved") : VotesList::tr("rejected");
    QString html = QStringLiteral("<b>%1</b> %2").arg(vote.who.toHtmlEscaped(), softHtml(verb));
    if (!vote.comment.isEmpty())
        html += QStringLiteral(": ") + vote.comment.toHtmlEscaped();
    if (!vote.counts)
        html += QStringLiteral("<br>") + softHtml(VotesList::tr("does not count: %1").arg(vote.whyNot));
    else if (vote.expiresAt.isValid())
        html += QStringLiteral("<br>") + softHtml(VotesList::tr("counts until %1").arg(copiedTime(vote.expiresAt)));
    const Health health = !vote.counts ? Health::NotStarted : isApproval ? Health::Ok : Health::Failing;
    const SignRow made = signRow(
        health, html,
        QStringLiteral("%1 %2 %3 %4").arg(vote.who, verb, vote.comment, vote.counts ? QString() : vote.whyNot), parent);
    auto *age = new AgeLabel(made.row);
    age->setTime(vote.at);
    age->setProperty("role", QStringLiteral("faint"));
    made.across->addWidget(age, 0, Qt::AlignTop);
    return made.row;
}

} // namespace

VotesList::VotesList(QWidget *parent)
    : QWidget(parent)
    , m_rows(new QVBoxLayout(this))
{
    setObjectName(QStringLiteral("votesList"));
    setAccessibleName(tr("Votes"));
    m_rows->setContentsMargins(14, space::m, 14, space::m);
    m_rows->setSpacing(space::s);
}

void VotesList::show(const PromotionCard &card)
{
    const bool isSame = m_isShown && card.votes == m_shown.votes && card.id == m_shown.id &&
                        card.decision.standing == m_shown.decision.standing &&
                        card.decision.claim == m_shown.decision.claim && card.outcome == m_shown.outcome &&
                        card.decision.glass == m_shown.decision.glass;
    m_shown = card;
    m_isShown = true;
    if (!isSame)
        rebuild();
}

void VotesList::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::StyleChange && m_isShown)
        rebuild();
}

void VotesList::rebuild()
{
    clearRows(*m_rows);
    for (const Vote &vote : std::as_const(m_shown.votes))
        m_rows->addWidget(voteRow(vote, this));
    if (m_shown.isOpen()) {
        for (const policy::QuorumLine &missing : m_shown.decision.standing.lines) {
            const QString text = policy::missingText(missing);
            if (!text.isEmpty())
                m_rows->addWidget(line(Health::Waiting, softHtml(text), text, this));
        }
    }
    if (m_shown.decision.glass) {
        const policy::Glass &glass = *m_shown.decision.glass;
        const QString text = tr("%1 acts alone: %2").arg(glass.who, glass.reason);
        m_rows->addWidget(line(Health::Warning, text.toHtmlEscaped(), text, this));
    }
    if (!m_shown.decision.claimant.isEmpty()) {
        const QString text =
            (m_shown.outcome ? tr("%1 carried it out") : tr("%1 carries it out")).arg(m_shown.decision.claimant);
        m_rows->addWidget(line(m_shown.outcome ? Health::Ok : Health::InProgress, text.toHtmlEscaped(), text, this));
    }
    if (m_shown.outcome) {
        const bool isDone = m_shown.outcome->kind == OutcomeKind::Done;
        m_rows->addWidget(line(isDone ? Health::Ok : Health::Failing, m_shown.outcome->message.toHtmlEscaped(),
                               m_shown.outcome->message, this));
    }
    if (m_rows->count() == 0)
        m_rows->addWidget(
            line(Health::NotStarted, softHtml(tr("Nobody has voted, and nobody is asked to.")), {}, this));
    m_rows->addStretch(1);
}

} // namespace signalbox
