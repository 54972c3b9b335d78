#include "app/commands/ledgersharetext.h"

#include "app/commands/commandstext.h"
#include "app/commands/documentjson.h"
#include "app/commands/ledgerpolicytext.h"
#include "app/commands/render.h"

#include <QDir>

namespace signalbox::commands
{

namespace
{

QString sharedText(const LedgerSharing &sharing)
{
    if (!sharing.isShared())
        return CommandsText::tr("with nobody: it stays on this machine");
    if (!sharing.sharedAt.isValid())
        return CommandsText::tr("not yet: \"signalbox ledger share\"");
    return utcText(sharing.sharedAt);
}

} // namespace

QString ledgerStatusText(const LedgerStatusReport &report)
{
    QList<QStringList> rows{{CommandsText::tr("Ledger"), QDir::toNativeSeparators(report.path)}};
    if (report.sharing.isShared())
        rows.append({CommandsText::tr("Remote"), report.sharing.remote});
    rows.append({CommandsText::tr("Shared"), sharedText(report.sharing)});
    if (report.sharing.isShared())
        rows.append({CommandsText::tr("Not sent yet"), report.sharing.waiting == 0
                                                           ? CommandsText::tr("nothing")
                                                           : QString::number(report.sharing.waiting)});
    rows.append({CommandsText::tr("First admin"),
                 report.firstAdmin.isEmpty() ? CommandsText::tr("not pinned") : report.firstAdmin});
    rows.append({CommandsText::tr("Signs"), report.signer.isEmpty() ? CommandsText::tr("nobody") : report.signer});
    if (report.policy)
        rows.append({CommandsText::tr("Policy in force"), report.policy->policyCommit});
    QString text = tableText(rows);
    if (report.policy)
        text += waitingText(report.policy->waiting);
    if (!report.policyProblem.isEmpty())
        text += QStringLiteral("▲ ") + report.policyProblem + QLatin1Char('\n');
    if (!report.signerProblem.isEmpty())
        text += QStringLiteral("▲ ") + report.signerProblem + QLatin1Char('\n');
    return text;
}

QString ledgerStatusJson(const LedgerStatusReport &report)
{
    const LedgerSharing &sharing = report.sharing;
    return document(
        {{"schema", "signalbox.ledgerStatus/1"},
         {"path", report.path.toStdString()},
         {"remote", orNull(sharing.remote)},
         {"sharedAt", orNull(utcText(sharing.sharedAt))},
         {"remoteTip", orNull(sharing.remoteTip)},
         {"waiting", sharing.waiting},
         {"firstAdmin", orNull(report.firstAdmin)},
         {"signer", orNull(report.signer)},
         {"signerProblem", orNull(report.signerProblem)},
         {"policyCommit", orNull(report.policy ? report.policy->policyCommit : QString())},
         {"policyChanges", policyChangesJson(report.policy ? report.policy->waiting : QList<PolicyChangeCard>())},
         {"policyProblem", orNull(report.policyProblem)}});
}

QString ledgerShareText(const QString &remote, const ShareReport &report)
{
    QList<QStringList> rows{
        {CommandsText::tr("Remote"), remote},
        {CommandsText::tr("Received"), QString::number(report.received)},
        {CommandsText::tr("Sent"), report.replayed == 0
                                       ? QString::number(report.sent)
                                       : CommandsText::tr("%1, of them %2 written once more behind those of others")
                                             .arg(report.sent)
                                             .arg(report.replayed)},
        {CommandsText::tr("Newest commit"), report.tip.isEmpty() ? CommandsText::tr("none: it is empty") : report.tip}};
    QString text = tableText(rows);
    for (const QString &claim : report.lost)
        text +=
            QStringLiteral("▲ ") +
            CommandsText::tr("The claim %1 came second: somebody else carries this promotion out. It was taken back.")
                .arg(claim) +
            QLatin1Char('\n');
    for (const QString &what : report.dropped)
        text += QStringLiteral("▲ ") +
                CommandsText::tr(
                    "Your change of the policy, or countersignature, %1 was taken back: others decided about the "
                    "policy meanwhile. Look at \"signalbox ledger status\" and decide again.")
                    .arg(what.left(26)) +
                QLatin1Char('\n');
    return text;
}

QString ledgerShareJson(const QString &path, const QString &remote, const ShareReport &report)
{
    Json lost = Json::array();
    for (const QString &claim : report.lost)
        lost.push_back(claim.toStdString());
    Json dropped = Json::array();
    for (const QString &what : report.dropped)
        dropped.push_back(what.toStdString());
    return document({{"schema", "signalbox.ledgerShare/1"},
                     {"exitStatus", 0},
                     {"path", path.toStdString()},
                     {"remote", remote.toStdString()},
                     {"tip", orNull(report.tip)},
                     {"received", report.received},
                     {"sent", report.sent},
                     {"replayed", report.replayed},
                     {"lostClaims", lost},
                     {"dropped", dropped},
                     {"attempts", report.attempts}});
}

QString ledgerBegunText(const LedgerBegun &begun)
{
    QString text = tableText({{CommandsText::tr("Ledger"), QDir::toNativeSeparators(begun.path)},
                              {CommandsText::tr("Signed since"), begun.commit},
                              {CommandsText::tr("Team"), begun.team},
                              {CommandsText::tr("First admin"), QStringLiteral("%1 <%2>").arg(begun.name, begun.email)},
                              {CommandsText::tr("Key"), begun.key}});
    text += CommandsText::tr(
        "Pin that key in everybody's workspace, so that nobody can begin another ledger in its place:\n");
    text += QStringLiteral("ledger:\n");
    if (!begun.remote.isEmpty())
        text += QStringLiteral("  url: %1\n").arg(begun.remote);
    return text + QStringLiteral("  firstAdmin: %1\n").arg(begun.key);
}

QString ledgerBegunJson(const LedgerBegun &begun, ExitStatus status)
{
    return document({{"schema", "signalbox.ledgerBegun/1"},
                     {"exitStatus", static_cast<int>(status)},
                     {"path", begun.path.toStdString()},
                     {"commit", begun.commit.toStdString()},
                     {"firstAdmin", begun.key.toStdString()},
                     {"workspace", begun.team.toStdString()},
                     {"name", begun.name.toStdString()},
                     {"email", begun.email.toStdString()},
                     {"remote", orNull(begun.remote)},
                     {"shareProblem", orNull(begun.shareProblem)}});
}

} // namespace signalbox::commands
