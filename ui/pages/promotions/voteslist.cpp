#include "ui/pages/promotions/voteslist.h"

#include "ui/theme/tokens.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/timetext.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

namespace signalbox
{

using policy::PromotionCard;
using policy::Vote;

namespace
{

QString soft(const QString &text)
{
    return QStringLiteral("<span style='color:%1'>%2</span>").arg(tokens().textSoft.name(), text.toHtmlEscaped());
}

QWidget *line(Health health, const QString &html, const QString &spoken, QWidget *right, QWidget *parent)
{
    auto *row = new QWidget(parent);
    auto *layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::s);
    auto *signColumn = new QVBoxLayout;
    signColumn->setContentsMargins(0, 3, space::xs, 0);
    signColumn->addWidget(new StateSign(health, row));
    signColumn->addStretch();
    layout->addLayout(signColumn);
    auto *text = new QLabel(html, row);
    text->setTextFormat(Qt::RichText);
    text->setWordWrap(true);
    text->setMinimumWidth(1);
    text->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    text->setAccessibleName(spoken);
    layout->addWidget(text, 1);
    if (right) {
        right->setParent(row);
        layout->addWidget(right, 0, Qt::AlignTop);
    }
    return row;
}

QWidget *voteRow(const Vote &vote, QWidget *parent)
{
    const bool isApproval = vote.kind == Vote::Kind::Approval;
    const QString verb = isApproval ? VotesList::tr("approved") : VotesList::tr("rejected");
    QString html = QStringLiteral("<b>%1</b> %2").arg(vote.who.toHtmlEscaped(), soft(verb));
    if (!vote.comment.isEmpty())
        html += QStringLiteral(": ") + vote.comment.toHtmlEscaped();
    if (!vote.counts)
        html += QStringLiteral("<br>") + soft(VotesList::tr("does not count: %1").arg(vote.whyNot));
    else if (vote.expiresAt.isValid())
        html += QStringLiteral("<br>") + soft(VotesList::tr("counts until %1").arg(copiedTime(vote.expiresAt)));
    auto *age = new AgeLabel(parent);
    age->setTime(vote.at);
    age->setProperty("role", QStringLiteral("faint"));
    const Health health = !vote.counts ? Health::NotStarted : isApproval ? Health::Ok : Health::Failing;
    return line(health, html,
                QStringLiteral("%1 %2 %3 %4").arg(vote.who, verb, vote.comment, vote.counts ? QString() : vote.whyNot),
                age, parent);
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
    while (QLayoutItem *item = m_rows->takeAt(0)) {
        if (item->widget()) {
            item->widget()->hide();
            item->widget()->deleteLater();
        }
        delete item;
    }
    for (const Vote &vote : std::as_const(m_shown.votes))
        m_rows->addWidget(voteRow(vote, this));
    if (m_shown.isOpen()) {
        for (const policy::QuorumLine &missing : m_shown.decision.standing.lines) {
            const QString text = policy::missingText(missing);
            if (!text.isEmpty())
                m_rows->addWidget(line(Health::Waiting, soft(text), text, nullptr, this));
        }
    }
    if (m_shown.decision.glass) {
        const policy::Glass &glass = *m_shown.decision.glass;
        const QString text = tr("%1 acts alone: %2").arg(glass.who, glass.reason);
        m_rows->addWidget(line(Health::Warning, text.toHtmlEscaped(), text, nullptr, this));
    }
    if (!m_shown.decision.claimant.isEmpty()) {
        const QString text = tr("%1 carries it out").arg(m_shown.decision.claimant);
        m_rows->addWidget(line(Health::InProgress, text.toHtmlEscaped(), text, nullptr, this));
    }
    if (m_shown.outcome) {
        const bool isDone = m_shown.outcome->kind == OutcomeKind::Done;
        m_rows->addWidget(line(isDone ? Health::Ok : Health::Failing, m_shown.outcome->message.toHtmlEscaped(),
                               m_shown.outcome->message, nullptr, this));
    }
    if (m_rows->count() == 0)
        m_rows->addWidget(
            line(Health::NotStarted, soft(tr("Nobody has voted, and nobody is asked to.")), {}, nullptr, this));
    m_rows->addStretch(1);
}

} // namespace signalbox
