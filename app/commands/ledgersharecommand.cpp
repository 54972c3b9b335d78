#include "app/commands/ledgersharecommand.h"

#include "app/commands/commandstext.h"
#include "app/commands/ledgerrun.h"
#include "app/commands/ledgersharetext.h"
#include "app/commands/tell.h"
#include "models/policy/policy.h"
#include "services/async/deliver.h"
#include "services/ledger/sharing/ledgershare.h"
#include "services/ledger/signing/signer.h"
#include "services/ledger/verify/chainverifier.h"
#include "services/policy/policywriter.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <QTimer>

namespace signalbox::commands
{

namespace
{

constexpr std::chrono::seconds sendTimeout{10};

LedgerStatusReport statusOf(LedgerRun &run, const LedgerPlace &place)
{
    LedgerStatusReport report;
    report.path = place.path;
    report.firstAdmin = place.spec.firstAdmin;
    LedgerShare share(*run.ledger.record());
    report.sharing = run.ledger.sharing();
    if (const auto state = run.wait(share.state())) {
        report.sharing.waiting = report.sharing.isShared() ? state->waiting : 0;
        report.sharing.remoteTip = state->last.value_or(QString());
        report.sharing.sharedAt = state->at;
    }
    const auto signer = run.wait(run.ledger.signer(run.stop.get_token()));
    if (signer)
        report.signer = (*signer)->description();
    else
        report.signerProblem = signer.error().message;
    PolicyDesk desk(run.ledger);
    const auto board = run.wait(desk.lookHere(run.stop.get_token()));
    if (board)
        report.policy = *board;
    else if (board.error().kind != ErrorKind::NotFound && board.error().kind != ErrorKind::Unsupported)
        report.policyProblem = board.error().message;
    return report;
}

// Who begins it, as git and the options say it.
struct Founder
{
    QString team;
    QString name;
    QString email;
};

Result<Founder> founderOf(const cli::Arguments &arguments, const LedgerPlace &place)
{
    const Identity who = operatorIdentity();
    const auto given = [&arguments](const char *option, const QString &otherwise) {
        const QString text = arguments.value(QString::fromLatin1(option));
        return text.isEmpty() ? otherwise : text;
    };
    Founder founder{given("team", place.workspaceName), given("name", who.user), given("email", who.email)};
    static const QRegularExpression mail(QStringLiteral("^[^\\s@,\"*?!]+@[^\\s@,\"*?!]+\\z"));
    static const QRegularExpression word(QStringLiteral("^[A-Za-z0-9][A-Za-z0-9._-]{0,62}\\z"));
    if (founder.team.isEmpty())
        return Error{
            ErrorKind::Invalid,
            CommandsText::tr("Whose ledger is it? Give --team NAME, or -w with a workspace that has a \"name\"."),
            {}};
    if (!word.match(founder.name).hasMatch())
        return Error{
            ErrorKind::Invalid,
            CommandsText::tr("--name: \"%1\" cannot be the name of a person in the policy; give letters, digits, dots, "
                             "dashes and underscores.")
                .arg(founder.name),
            {}};
    if (!mail.match(founder.email).hasMatch())
        return Error{ErrorKind::Invalid,
                     CommandsText::tr("--email: \"%1\" is no address to commit under. Give the one git has for you.")
                         .arg(founder.email),
                     {}};
    return founder;
}

QByteArray signersFile(const Founder &founder, const ssh::PublicKey &key)
{
    return founder.email.toUtf8() + " namespaces=\"git\" " + key.line() + '\n';
}

QByteArray firstPolicy(const Founder &founder)
{
    policy::Policy policy;
    policy.workspace = founder.team;
    policy.principals = {{founder.name, {}, {founder.email}, {}}};
    policy.roles = {{policy::adminsRole(), {founder.name}}};
    return policy::writePolicy(policy);
}

// Fetched first: two who begin at once would have two ledgers.
Result<LedgerBegun> begin(LedgerRun &run, const LedgerPlace &place, const Founder &founder)
{
    if (place.spec.remote) {
        if (const auto shared = run.wait(run.ledger.share(run.stop.get_token())); !shared)
            return shared.error();
    }
    const auto signer = run.wait(run.ledger.signer(run.stop.get_token()));
    if (!signer)
        return signer.error();
    const ssh::PublicKey &key = (*signer)->publicKey();
    const QString &pin = place.spec.firstAdmin;
    if (!pin.isEmpty() && pin != key.fingerprint() &&
        !(ssh::PublicKey::fromLine(pin.toUtf8()).value_or(ssh::PublicKey()) == key))
        return Error{
            ErrorKind::Refused,
            CommandsText::tr("The workspace pins %1 as the key of the first admin, and you sign with %2. Whoever has "
                             "the pinned key begins the ledger; or change \"firstAdmin\" under \"ledger\".")
                .arg(pin.left(80), key.fingerprint()),
            {}};
    LedgerBegun begun;
    begun.path = place.path;
    begun.key = key.fingerprint();
    begun.team = founder.team;
    begun.name = founder.name;
    begun.email = founder.email;
    const auto commit =
        run.wait(run.ledger.record()->begin(signersFile(founder, key), firstPolicy(founder),
                                            {founder.name, founder.email, QDateTime::currentDateTimeUtc()}));
    if (!commit)
        return commit.error();
    begun.commit = *commit;
    ledger::VerifyOptions options;
    options.pin.firstAdmin = begun.key;
    const auto chain = run.wait(ledger::verifyChainLater(place.path, options, run.stop.get_token()));
    if (!chain)
        return chain.error();
    if (!chain->isWhole())
        return Error{ErrorKind::Internal,
                     CommandsText::tr("The new ledger at %1 does not verify, and was not shared: %2")
                         .arg(place.path, chain->problems.join(QLatin1Char(' '))),
                     {}};
    if (place.spec.remote) {
        begun.remote = place.spec.remote->url.shown;
        if (const auto shared = run.wait(run.ledger.share(run.stop.get_token())); !shared)
            begun.shareProblem = shared.error().message;
    }
    return begun;
}

} // namespace

ExitStatus runLedgerShare(const cli::Arguments &arguments, const LedgerPlace &place, cli::Terminal &terminal)
{
    const bool isJson = arguments.has(QStringLiteral("json"));
    LedgerRun run(place, terminal);
    if (arguments.positionals.value(0) == QLatin1String("status")) {
        const LedgerStatusReport report = statusOf(run, place);
        terminal.print(isJson ? ledgerStatusJson(report) : ledgerStatusText(report));
        return ExitStatus::Done;
    }
    const auto shared = run.wait(run.ledger.share(run.stop.get_token()));
    if (!shared)
        return tell(shared.error(), arguments, terminal);
    terminal.print(isJson ? ledgerShareJson(place.path, place.address, *shared)
                          : ledgerShareText(place.address, *shared));
    return ExitStatus::Done;
}

ExitStatus runLedgerInit(const cli::Arguments &arguments, const LedgerPlace &place, cli::Terminal &terminal)
{
    const auto founder = founderOf(arguments, place);
    if (!founder)
        return tell(founder.error(), arguments, terminal);
    LedgerRun run(place, terminal);
    const auto begun = begin(run, place, *founder);
    if (!begun)
        return tell(begun.error(), arguments, terminal);
    if (!begun->shareProblem.isEmpty())
        terminal.say(QStringLiteral("signalbox: ") + begun->shareProblem);
    const ExitStatus status = begun->shareProblem.isEmpty() ? ExitStatus::Done : ExitStatus::Unreachable;
    terminal.print(arguments.has(QStringLiteral("json")) ? ledgerBegunJson(*begun, status) : ledgerBegunText(*begun));
    return status;
}

void sendWritten(TeamLedger &ledger, cli::Terminal &terminal)
{
    QObject context;
    StopSource stop;
    const cli::InterruptWatcher interrupts;
    QObject::connect(&interrupts, &cli::InterruptWatcher::interrupted, &context, [&stop] { stop.request_stop(); });
    QTimer::singleShot(sendTimeout, &context, [&stop] { stop.request_stop(); });
    terminal.progress(CommandsText::tr("sending the ledger's new entry to %1").arg(ledger.sharing().remote));
    deliver(ledger.share(stop.get_token()), stop.get_token(), &context,
            [&ledger, &terminal](const Result<ShareReport> &shared) {
                terminal.clearProgress();
                if (!shared)
                    terminal.say(
                        CommandsText::tr("signalbox: The entry is in the ledger on this machine, and not at %1 yet; "
                                         "it is sent the next time (\"signalbox ledger share\"). %2")
                            .arg(ledger.sharing().remote, shared.error().message));
                QCoreApplication::quit();
            });
    QCoreApplication::exec();
}

} // namespace signalbox::commands
