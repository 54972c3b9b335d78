// What the ledger as a whole is: proven or not, shared or not.
#include "services/ledger/sharing/teamledger.h"
#include "ui/pages/ledger/card.h"
#include "ui/pages/ledger/ledgercells.h"
#include "ui/pages/ledger/ledgerpage.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/timetext.h"

#include <QDir>
#include <QLabel>

namespace signalbox
{

namespace
{

// What others have of it, as far as is known here.
QString sharingText(const LedgerSharing &sharing)
{
    if (!sharing.isShared())
        return LedgerPage::tr("shared with nobody: it stays on this machine");
    if (sharing.isBusy)
        return LedgerPage::tr("being shared with %1").arg(sharing.remote);
    if (!sharing.sharedAt.isValid())
        return sharing.problem ? LedgerPage::tr("not shared yet: %1").arg(sharing.problem->message)
                               : LedgerPage::tr("not shared with %1 yet").arg(sharing.remote);
    const QString when = LedgerPage::tr("%1 at %2").arg(sharing.remote, clockText(sharing.sharedAt));
    const QString state =
        sharing.waiting > 0
            ? LedgerPage::tr("%1 not pushed yet, last contact with %2").arg(counted(sharing.waiting), when)
            : LedgerPage::tr("all pushed to %1").arg(when);
    return sharing.problem ? QStringLiteral("%1 (%2)").arg(state, sharing.problem->message) : state;
}

Health signOf(const LedgerSummary &summary)
{
    if (summary.tip.isEmpty())
        return Health::NotStarted;
    if (summary.isWhole())
        return summary.isPinned ? Health::Ok : Health::Warning;
    const bool isMerelyUnsigned = !summary.isSigned() && summary.bad == 0 && summary.problems.isEmpty();
    return isMerelyUnsigned ? Health::Unknown : Health::Failing;
}

} // namespace

void LedgerPage::showHead()
{
    const LedgerSummary &summary = m_feed->summary();
    m_head->setSubtitle(QDir::toNativeSeparators(m_feed->path()));
    m_problems->hide();
    switch (m_feed->state()) {
    case LedgerFeed::State::Idle:
    case LedgerFeed::State::Reading:
        m_sign->setHealth(Health::InProgress);
        m_verdict->setText(tr("Every entry is being checked."));
        m_facts->setText(m_feed->checked() > 0
                             ? tr("%1 looked at so far. The newest stand below already; nothing is said of them yet.")
                                   .arg(counted(m_feed->checked()))
                             : tr("The newest stand below already; nothing is said of them yet."));
        return;
    case LedgerFeed::State::Absent:
        m_sign->setHealth(Health::NotStarted);
        m_verdict->setText(tr("There is no ledger yet."));
        m_facts->setText(tr("It begins by itself with the first operation."));
        return;
    case LedgerFeed::State::Failed:
        m_sign->setHealth(Health::Failing);
        m_verdict->setText(tr("The ledger cannot be read."));
        m_facts->setText(m_feed->error().message);
        return;
    case LedgerFeed::State::Ready:
        break;
    }
    const QString failed = m_feed->error().message;
    const Health sign = signOf(summary);
    m_sign->setHealth(sign == Health::Ok && !failed.isEmpty() ? Health::Warning : sign);
    m_verdict->setText(verdictSentence(summary));
    QStringList facts;
    if (!summary.workspace.isEmpty())
        facts.append(tr("workspace %1").arg(summary.workspace));
    facts.append(tr("%1 entries on this machine").arg(counted(summary.total())));
    if (summary.notSigned > 0)
        facts.append(tr("%1 not signed").arg(counted(summary.notSigned)));
    if (summary.pending > 0)
        facts.append(tr("%1 waiting for a second admin").arg(counted(summary.pending)));
    if (summary.bad > 0)
        facts.append(tr("%1 not to be trusted").arg(counted(summary.bad)));
    if (!summary.tip.isEmpty())
        facts.append(tr("newest commit %1").arg(summary.tip.left(10)));
    if (!summary.policyCommit.isEmpty())
        facts.append(tr("policy of %1").arg(summary.policyCommit.left(10)));
    facts.append(m_feed->isBusy() ? tr("being checked again") : tr("checked at %1").arg(clockText(summary.verifiedAt)));
    if (m_context.ledger != nullptr)
        facts.append(sharingText(m_context.ledger->sharing()));
    m_facts->setText(facts.join(QStringLiteral(" · ")));
    QStringList words = summary.problems + summary.notes;
    if (!failed.isEmpty())
        words.prepend(tr("It cannot be looked at any more; what stands here was true at %1. %2")
                          .arg(clockText(summary.verifiedAt), failed));
    m_problems->setText(words.join(QLatin1Char('\n')));
    m_problems->setVisible(!words.isEmpty());
}

} // namespace signalbox
