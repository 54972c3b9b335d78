#include "app/commands/ledgerimportcommand.h"

#include "app/commands/commandstext.h"
#include "app/commands/ledgerrun.h"
#include "app/commands/tell.h"
#include "app/paths.h"
#include "services/git/remote.h"
#include "services/git/repository.h"
#include "services/ledger/sharing/ledgershare.h"
#include "services/ledger/verify/chainverifier.h"

#include <nlohmann/json.hpp>

#include <QDir>
#include <QFileInfo>
#include <QRegularExpression>

#include <algorithm>

namespace signalbox::commands
{

namespace
{

constexpr int mostEntries = 1'000'000;

struct Imported
{
    qsizetype found = 0;
    qsizetype moved = 0;     // entries that the shared one did not have
    qsizetype left = 0;      // decisions: they stay where they were signed
    qsizetype others = 0;    // by somebody else on this machine: signed by you they would be proven wrong for ever
    qsizetype elsewhere = 0; // of other workspaces that had no shared ledger either
    bool isWhole = false;    // the chain as it is, since the shared one was empty
    QString shareProblem;    // why it is not there yet; empty: it is
    QString proofProblem;    // why the shared one is not proven as a whole; empty: it is, or nobody began to sign it
};

// A decision counts for who signed it, and would count for whoever signs it anew.
bool isDecision(const LedgerEntry &entry)
{
    return entry.type != QLatin1String("operation") && entry.type != QLatin1String("drill") &&
           entry.type != QLatin1String("note");
}

// Whether it belongs to the workspace that names the shared ledger: the machine's own has what was done in any that
// named none. Entries of before it was told name a connection at most.
bool isOfWorkspace(const LedgerEntry &entry, const LedgerPlace &place, const QString &ledgerOf)
{
    if (!entry.workspace.isEmpty())
        return entry.workspace == (ledgerOf.isEmpty() ? place.workspaceName : ledgerOf);
    return entry.connection.isEmpty() || place.connections.contains(entry.connection);
}

QString notProven(qsizetype entries)
{
    return entries == 1 ? CommandsText::tr("one entry is not proven")
                        : CommandsText::tr("%1 entries are not proven").arg(entries);
}

// Whose ledger the shared one is, by its policy; empty: it is not signed. What is wrong with it is said, and hinders
// nothing: entries are added behind it, each signed for itself.
Result<QString> workspaceOf(LedgerRun &run, const LedgerPlace &place, Imported &report)
{
    const auto chain = run.wait(ledger::verifyChainLater(place.path, {}, run.stop.get_token()));
    if (!chain)
        return Error{chain.error().kind,
                     CommandsText::tr("The shared ledger %1 could not be verified, and nothing was moved: %2")
                         .arg(place.address, chain.error().message),
                     chain.error().detail};
    if (chain->isSigned() && !chain->isWhole()) {
        const QString why = chain->problems.isEmpty() ? notProven(chain->bad) : chain->problems.join(QLatin1Char(' '));
        report.proofProblem =
            CommandsText::tr("The shared ledger %1 does not verify: %2. \"signalbox ledger verify\" says more.")
                .arg(place.address, QString(why).remove(QRegularExpression(QStringLiteral("\\.$"))));
    }
    return chain->workspace;
}

Result<std::optional<QString>> tipOf(const QString &path)
{
    const auto repository = git::Repository::openOrCreateBare(path, QStringLiteral("main"));
    return repository ? repository->reference(QStringLiteral("refs/heads/main"))
                      : Result<std::optional<QString>>(repository.error());
}

// The shared one has nothing: the chain goes there as it is, every signature with it.
Result<void> moveWhole(LedgerRun &run, const LedgerPlace &place, const QString &own)
{
    const auto url = git::parseRemoteUrl(own);
    if (!url)
        return url.error();
    git::RemoteAccess access;
    access.url = *url;
    const QString there = QStringLiteral("refs/heads/main");
    const auto fetched = git::Remote(access).fetch(
        place.path, {{QLatin1Char('+') + there + QStringLiteral(":refs/signalbox/imported/main")}}, {},
        run.stop.get_token());
    if (!fetched)
        return fetched.error();
    for (const git::RemoteRef &ref : *fetched) {
        if (ref.name != there)
            continue;
        const auto taken = run.wait(run.ledger.record()->takeOver(ref.id));
        return taken ? Result<void>() : taken.error();
    }
    return {};
}

Result<void> moveEntries(LedgerRun &run, const LedgerPlace &place, QList<LedgerEntry> entries, Imported &report,
                         cli::Terminal &terminal)
{
    const auto ledgerOf = workspaceOf(run, place, report);
    if (!ledgerOf)
        return ledgerOf.error();
    const auto known = run.wait(run.ledger.record()->newest(mostEntries));
    if (!known)
        return known.error();
    QSet<QString> there;
    for (const LedgerEntry &entry : *known)
        there.insert(entry.id);
    const QStringList own = {operatorIdentity().email, accountIdentity().email};
    std::reverse(entries.begin(), entries.end()); // oldest first
    for (const LedgerEntry &entry : entries) {
        if (there.contains(entry.id))
            continue;
        if (!isOfWorkspace(entry, place, *ledgerOf)) {
            ++report.elsewhere;
            continue;
        }
        if (isDecision(entry)) {
            ++report.left;
            continue;
        }
        if (!own.contains(entry.who.email)) {
            ++report.others;
            continue;
        }
        if (const auto written = run.wait(run.ledger.record()->append(entry)); !written)
            return written.error();
        ++report.moved;
        if (report.moved % 100 == 0)
            terminal.progress(CommandsText::tr("%1 entries moved").arg(report.moved));
    }
    terminal.clearProgress();
    return {};
}

Result<Imported> import(LedgerRun &run, const LedgerPlace &place, const QString &own, cli::Terminal &terminal)
{
    Imported report;
    if (const auto shared = run.wait(run.ledger.share(run.stop.get_token())); !shared) // what others wrote goes first
        return shared.error();
    Ledger before(own);
    const auto entries = run.wait(before.newest(mostEntries));
    if (!entries)
        return entries.error();
    report.found = entries->size();
    const auto tip = tipOf(place.path);
    if (!tip)
        return tip.error();
    // A chain goes as it is or not at all.
    report.isWhole = !*tip && std::all_of(entries->cbegin(), entries->cend(), [&place](const LedgerEntry &entry) {
        return isOfWorkspace(entry, place, place.workspaceName);
    });
    const Result<void> moved =
        report.isWhole ? moveWhole(run, place, own) : moveEntries(run, place, *entries, report, terminal);
    if (!moved)
        return moved.error();
    if (report.isWhole)
        report.moved = report.found;
    if (const auto sent = run.wait(run.ledger.share(run.stop.get_token())); !sent)
        report.shareProblem = sent.error().message;
    return report;
}

QString textOf(const Imported &report, const QString &own, const QString &remote)
{
    QString text = CommandsText::tr("%1 of %2 entries of %3 were new to %4 and are there now.")
                       .arg(report.moved)
                       .arg(report.found)
                       .arg(QDir::toNativeSeparators(own), remote) +
                   QLatin1Char('\n');
    if (report.left > 0)
        text += CommandsText::tr(
                    "%1 decisions (approvals, holds and the like) stay where they were signed: behind the entries "
                    "of others they would have to be signed anew, by you.")
                    .arg(report.left) +
                QLatin1Char('\n');
    if (report.others > 0)
        text += CommandsText::tr(
                    "%1 entries of other people who worked on this machine stay here: their own account imports "
                    "them.")
                    .arg(report.others) +
                QLatin1Char('\n');
    if (report.elsewhere > 0)
        text += CommandsText::tr("%1 entries of other workspaces stay here: import them with their own workspace file.")
                    .arg(report.elsewhere) +
                QLatin1Char('\n');
    return text +
           CommandsText::tr("%1 was only read; it is not written to any more.").arg(QDir::toNativeSeparators(own)) +
           QLatin1Char('\n');
}

} // namespace

ExitStatus runLedgerImport(const cli::Arguments &arguments, const LedgerPlace &place, cli::Terminal &terminal)
{
    const bool isJson = arguments.has(QStringLiteral("json"));
    const auto fail = [&](const Error &error, ExitStatus status) { return tell(error, status, isJson, terminal); };
    const QString own = ledgerPathOf({}, dataFolder());
    if (!place.spec.remote)
        return fail(
            Error{ErrorKind::Invalid,
                  CommandsText::tr("\"signalbox ledger import\" needs a workspace that names a shared ledger (\"url\" "
                                   "under \"ledger\"): name it with -w FILE."),
                  {}},
            ExitStatus::Usage);
    if (!QFileInfo::exists(own))
        return fail(Error{ErrorKind::NotFound,
                          CommandsText::tr("There is nothing to import: this machine has no ledger of its own at %1.")
                              .arg(QDir::toNativeSeparators(own)),
                          {}},
                    ExitStatus::Usage);
    LedgerRun run(place, terminal);
    const auto done = import(run, place, own, terminal);
    if (!done)
        return fail(done.error(), exitStatusOf(done.error().kind));
    if (!done->shareProblem.isEmpty())
        terminal.say(QStringLiteral("signalbox: ") + done->shareProblem);
    if (!done->proofProblem.isEmpty())
        terminal.say(QStringLiteral("signalbox: ") + done->proofProblem);
    const ExitStatus status = done->shareProblem.isEmpty() ? ExitStatus::Done : ExitStatus::Unreachable;
    if (!isJson) {
        terminal.print(textOf(*done, own, place.address));
        return status;
    }
    const nlohmann::ordered_json json = {{"schema", "signalbox.ledgerImported/1"},
                                         {"exitStatus", static_cast<int>(status)},
                                         {"from", own.toStdString()},
                                         {"to", place.address.toStdString()},
                                         {"found", done->found},
                                         {"moved", done->moved},
                                         {"left", done->left},
                                         {"others", done->others},
                                         {"elsewhere", done->elsewhere},
                                         {"whole", done->isWhole},
                                         {"notProven", done->proofProblem.isEmpty()
                                                           ? nlohmann::ordered_json()
                                                           : nlohmann::ordered_json(done->proofProblem.toStdString())}};
    terminal.print(QString::fromStdString(json.dump(2)) + QLatin1Char('\n'));
    return status;
}

} // namespace signalbox::commands
