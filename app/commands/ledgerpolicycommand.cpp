#include "app/commands/ledgerpolicycommand.h"

#include "app/commands/commandstext.h"
#include "app/commands/ledgerpolicytext.h"
#include "app/commands/ledgerrun.h"
#include "app/commands/tell.h"

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>

namespace signalbox::commands
{

namespace
{

constexpr qint64 mostFileBytes = 4 * 1024 * 1024;
constexpr int usualDays = 90;
constexpr int mostDays = 3650;

// What --confirm takes: there is no application to name.
QString confirmWord()
{
    return QStringLiteral("policy");
}

Result<QByteArray> contentOf(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return Error{ErrorKind::Invalid, CommandsText::tr("%1 cannot be read: %2.").arg(path, file.errorString()), {}};
    const QByteArray content = file.read(mostFileBytes + 1);
    if (content.isEmpty() || content.size() > mostFileBytes)
        return Error{ErrorKind::Invalid, CommandsText::tr("%1 is empty, or larger than 4 MiB.").arg(path), {}};
    return content;
}

Result<PolicyOrder> orderOf(const cli::Arguments &arguments)
{
    const bool isSigners = arguments.positionals.value(0) == QLatin1String("signers");
    const QString file = arguments.value(QStringLiteral("file"));
    const QString policy = isSigners ? QString() : file;
    const QString signers = isSigners ? file : arguments.value(QStringLiteral("signers"));
    PolicyOrder order;
    order.reason = arguments.value(QStringLiteral("reason"));
    for (const auto &[path, content, name] : {std::tuple(policy, &order.policy, &order.policyFile),
                                              std::tuple(signers, &order.allowedSigners, &order.signersFile)}) {
        if (path.isEmpty())
            continue;
        const auto bytes = contentOf(path);
        if (!bytes)
            return bytes.error();
        *content = *bytes;
        *name = path;
    }
    return order;
}

// By --confirm, or typed at the terminal.
Result<void> confirm(const cli::Arguments &arguments, cli::Terminal &terminal)
{
    const QString given = arguments.value(QStringLiteral("confirm"));
    if (given == confirmWord())
        return {};
    if (!given.isEmpty())
        return Error{
            ErrorKind::Invalid,
            CommandsText::tr("--confirm names \"%1\"; to confirm a change of the policy it takes the word %2. Nothing "
                             "was written.")
                .arg(given, confirmWord()),
            {}};
    if (!terminal.isInteractive())
        return Error{
            ErrorKind::Invalid,
            CommandsText::tr("Nobody can be asked here: add --confirm %1. Nothing was written.").arg(confirmWord()),
            {}};
    terminal.ask(CommandsText::tr("Type %1 to sign it: ").arg(confirmWord()));
    cli::LineReader reader(terminal);
    QString typed;
    QObject::connect(&reader, &cli::LineReader::ended, &reader, [] { QCoreApplication::quit(); });
    QObject::connect(&reader, &cli::LineReader::entered, &reader, [&typed](const QString &line) {
        typed = line.trimmed();
        QCoreApplication::quit();
    });
    QCoreApplication::exec();
    return typed == confirmWord()
               ? Result<void>()
               : Error{ErrorKind::Refused, CommandsText::tr("Not confirmed. Nothing was written."), {}};
}

ExitStatus statusOf(const PolicyWritten &written, cli::Terminal &terminal)
{
    if (!written.shareProblem)
        return ExitStatus::Done;
    terminal.say(
        CommandsText::tr("signalbox: It is in the ledger on this machine, and sent the next time (\"signalbox ledger "
                         "share\"). %1")
            .arg(written.shareProblem->message));
    return ExitStatus::Unreachable;
}

ExitStatus printNewest(LedgerRun &run, PolicyDesk &desk, const cli::Arguments &arguments, cli::Terminal &terminal)
{
    const auto rules = run.wait(desk.newestRules());
    const auto board = run.wait(desk.lookHere(run.stop.get_token()));
    if (!rules || !board)
        return tell(rules ? board.error() : rules.error(), arguments, terminal);
    const bool isSigners = arguments.positionals.value(0) == QLatin1String("signers");
    terminal.print(QString::fromUtf8(isSigners ? rules->allowedSigners : rules->policy));
    if (!board->waiting.isEmpty())
        terminal.say(CommandsText::tr("signalbox: This is with the changes that wait and are not in force:"));
    for (const QString &line : waitingText(board->waiting).split(QLatin1Char('\n'), Qt::SkipEmptyParts))
        terminal.say(line);
    return ExitStatus::Done;
}

} // namespace

ExitStatus runLedgerPolicy(const cli::Arguments &arguments, const LedgerPlace &place, cli::Terminal &terminal)
{
    const auto order = orderOf(arguments);
    if (!order)
        return tell(order.error(), arguments, terminal);
    const bool isJson = arguments.has(QStringLiteral("json"));
    LedgerRun run(place, terminal);
    PolicyDesk desk(run.ledger);
    if (!order->policy && !order->allowedSigners)
        return printNewest(run, desk, arguments, terminal);
    const auto draft = run.wait(desk.draft(*order, run.stop.get_token()));
    if (!draft)
        return tell(draft.error(), arguments, terminal);
    if (!isJson)
        terminal.print(policyDraftText(*draft));
    if (arguments.has(QStringLiteral("dry-run"))) {
        const ExitStatus status = draft->may.isGiven ? ExitStatus::Done : ExitStatus::Refused;
        if (isJson)
            terminal.print(policyDraftJson(*draft, {}, status));
        if (!draft->may.isGiven)
            terminal.say(QStringLiteral("signalbox: ") + draft->may.reason);
        return status;
    }
    if (!draft->may.isGiven)
        return tell(Error{ErrorKind::Refused, draft->may.reason, {}}, arguments, terminal);
    if (const auto confirmed = confirm(arguments, terminal); !confirmed)
        return tell(confirmed.error(), arguments, terminal);
    const auto written = run.wait(desk.change(*draft));
    if (!written)
        return tell(written.error(), arguments, terminal);
    const ExitStatus status = statusOf(*written, terminal);
    terminal.print(isJson ? policyDraftJson(*draft, *written, status) : policyWrittenText(*written));
    return status;
}

ExitStatus runLedgerNote(const cli::Arguments &arguments, const LedgerPlace &place, cli::Terminal &terminal)
{
    LedgerRun run(place, terminal);
    PolicyDesk desk(run.ledger);
    const policy::Note note{{},
                            arguments.value(QStringLiteral("app")),
                            arguments.value(QStringLiteral("env")),
                            arguments.positionals.value(1)};
    const auto written = run.wait(desk.note(note));
    if (!written)
        return tell(written.error(), arguments, terminal);
    const ExitStatus status = statusOf(*written, terminal);
    terminal.print(arguments.has(QStringLiteral("json")) ? notedJson(*written, status) : policyWrittenText(*written));
    return status;
}

ExitStatus runLedgerFigures(const cli::Arguments &arguments, const LedgerPlace &place, cli::Terminal &terminal)
{
    bool isNumber = true;
    const QString given = arguments.value(QStringLiteral("days"));
    const int days = given.isEmpty() ? usualDays : given.toInt(&isNumber);
    if (!isNumber || days < 1 || days > mostDays)
        return tell(Error{ErrorKind::Invalid,
                          CommandsText::tr("--days: \"%1\" is no number of days. Give a whole number from 1 to %2.")
                              .arg(given)
                              .arg(mostDays),
                          {}},
                    arguments, terminal);
    DoraQuestion question;
    question.to = QDateTime::currentDateTimeUtc();
    question.from = question.to.addDays(-days);
    question.application = arguments.value(QStringLiteral("app"));
    question.environment = arguments.value(QStringLiteral("env"));
    LedgerRun run(place, terminal);
    const auto figures =
        run.wait(ledgerFiguresLater(place.path, ledgerOptionsOf(arguments, place), question, run.stop.get_token()));
    if (!figures)
        return tell(figures.error(), arguments, terminal);
    const ExitStatus status = figures->summary.isWhole() ? ExitStatus::Done : ExitStatus::Refused;
    terminal.print(arguments.has(QStringLiteral("json")) ? figuresJson(*figures, status) : figuresText(*figures));
    return status;
}

// Entries have 26 letters and digits, capitals.
bool namesPolicyChange(const cli::Arguments &arguments)
{
    static const QRegularExpression commit(QStringLiteral("^[0-9a-f]{7,40}\\z"));
    return commit.match(arguments.positionals.value(0)).hasMatch();
}

ExitStatus runPolicyCountersign(const cli::Arguments &arguments, cli::Terminal &terminal)
{
    const auto place = ledgerPlaceOf(arguments);
    if (!place)
        return tell(place.error(), arguments, terminal);
    LedgerRun run(*place, terminal);
    PolicyDesk desk(run.ledger);
    const auto board = run.wait(desk.look(run.stop.get_token()));
    if (!board)
        return tell(board.error(), arguments, terminal);
    const QString commit = arguments.positionals.value(0);
    const auto card = std::find_if(board->waiting.cbegin(), board->waiting.cend(),
                                   [&](const PolicyChangeCard &each) { return each.commit.startsWith(commit); });
    if (card == board->waiting.cend())
        return tell(
            Error{ErrorKind::NotFound,
                  CommandsText::tr("No change of the policy %1 waits for a countersignature; what waits is listed by "
                                   "\"signalbox ledger status\".")
                      .arg(commit),
                  {}},
            arguments, terminal);
    const bool isJson = arguments.has(QStringLiteral("json"));
    if (board->isOld)
        terminal.say(QStringLiteral("signalbox: ") + board->isOld->message);
    if (!isJson)
        terminal.print(policyChangeText(*card));
    if (!card->mine.isGiven)
        return tell(Error{ErrorKind::Refused, card->mine.reason, {}}, arguments, terminal);
    if (const auto confirmed = confirm(arguments, terminal); !confirmed)
        return tell(confirmed.error(), arguments, terminal);
    const auto written =
        run.wait(desk.countersign(card->commit, board->policyCommit, arguments.value(QStringLiteral("comment"))));
    if (!written)
        return tell(written.error(), arguments, terminal);
    const ExitStatus status = statusOf(*written, terminal);
    terminal.print(isJson ? countersignedJson(*card, *written, status) : policyWrittenText(*written));
    return status;
}

} // namespace signalbox::commands
