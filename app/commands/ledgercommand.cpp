#include "app/commands/ledgercommand.h"

#include "app/cli/nearest.h"
#include "app/commands/commandstext.h"
#include "app/commands/ledgerimportcommand.h"
#include "app/commands/ledgerkeycommand.h"
#include "app/commands/ledgerplace.h"
#include "app/commands/ledgerpolicycommand.h"
#include "app/commands/ledgersharecommand.h"
#include "app/commands/ledgertext.h"
#include "app/commands/tell.h"
#include "app/ledgerwish.h"
#include "services/async/deliver.h"
#include "services/ledger/verify/chainverifier.h"
#include "services/ledger/view/ledgersummary.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QTimer>

#include <atomic>

namespace signalbox::commands
{

namespace
{

constexpr qsizetype usualCount = 50;

Result<LedgerFormat> formatOf(const cli::Arguments &arguments)
{
    QString format = arguments.value(QStringLiteral("format"));
    if (format.isEmpty())
        format = QFileInfo(arguments.value(QStringLiteral("out"))).suffix().toLower();
    if (format == QLatin1String("csv"))
        return LedgerFormat::Csv;
    if (format == QLatin1String("json"))
        return LedgerFormat::Json;
    if (format == QLatin1String("pdf"))
        return LedgerFormat::Pdf;
    return Error{ErrorKind::Invalid, CommandsText::tr("--format: give csv, json or pdf, or a file that ends so."), {}};
}

// What the practice world's ledger is not for: it is gone when the command ends, and it is begun and signed already.
Result<void> checkPractice(const cli::Arguments &arguments)
{
    const QString what = arguments.positionals.value(0);
    for (const char *word : {"path", "init", "key", "import"}) {
        if (what == QLatin1String(word))
            return Error{
                ErrorKind::Invalid,
                CommandsText::tr("\"signalbox ledger %1\" takes no --demo: the practice world's ledger is begun "
                                 "and signed, and goes with the command. \"signalbox sandbox\" keeps one.")
                    .arg(what),
                {}};
    }
    const auto format = formatOf(arguments);
    if (what == QLatin1String("export") && format && *format == LedgerFormat::Pdf)
        return Error{ErrorKind::Invalid,
                     CommandsText::tr("--demo: a PDF report is drawn by another program, which does not see this "
                                      "practice world. Export csv or json, or use Export in the window: \"signalbox "
                                      "--demo\"."),
                     {}};
    return {};
}

// Which options go with which word.
Result<void> checkWords(const cli::Arguments &arguments)
{
    const QString what = arguments.positionals.value(0);
    const QStringList words{QStringLiteral("verify"), QStringLiteral("log"),     QStringLiteral("export"),
                            QStringLiteral("path"),   QStringLiteral("status"),  QStringLiteral("share"),
                            QStringLiteral("init"),   QStringLiteral("key"),     QStringLiteral("import"),
                            QStringLiteral("policy"), QStringLiteral("signers"), QStringLiteral("note"),
                            QStringLiteral("figures")};
    if (!words.contains(what)) {
        const QStringList close = nearest(what, words);
        return Error{
            ErrorKind::Invalid,
            close.isEmpty()
                ? CommandsText::tr("\"signalbox ledger\" takes verify, log, export, path, status, share, init, key, "
                                   "import, policy, signers, note or figures, not \"%1\".")
                      .arg(what)
                : CommandsText::tr("\"signalbox ledger\" has no \"%1\". Did you mean %2?").arg(what, close.first()),
            {}};
    }
    if (arguments.has(QStringLiteral("demo"))) {
        if (const auto checked = checkPractice(arguments); !checked)
            return checked;
    }
    if (what != QLatin1String("log") && arguments.has(QStringLiteral("limit")))
        return Error{ErrorKind::Invalid, CommandsText::tr("--limit goes with \"signalbox ledger log\" only."), {}};
    const bool exports = what == QLatin1String("export");
    const bool isNote = what == QLatin1String("note");
    const bool isFigures = what == QLatin1String("figures");
    const bool isPolicy = what == QLatin1String("policy") || what == QLatin1String("signers");
    if (isNote && arguments.positionals.value(1).trimmed().isEmpty())
        return Error{ErrorKind::Invalid,
                     CommandsText::tr("What is to be noted? For example \"signalbox ledger note 'Back-up restored'\"."),
                     {}};
    if (!isNote && arguments.positionals.size() > 1)
        return Error{ErrorKind::Invalid,
                     CommandsText::tr("\"signalbox ledger %1\" takes no further argument: \"%2\".")
                         .arg(what, arguments.positionals.value(1)),
                     {}};
    for (const char *option : {"format", "out", "app", "env", "by", "type", "state", "since", "until", "text"}) {
        const bool isPlace = qstrcmp(option, "app") == 0 || qstrcmp(option, "env") == 0;
        if (!exports && !(isPlace && (isNote || isFigures)) && arguments.has(QString::fromLatin1(option)))
            return Error{
                ErrorKind::Invalid,
                CommandsText::tr("--%1 goes with \"signalbox ledger export\" only.").arg(QString::fromLatin1(option)),
                {}};
    }
    for (const char *option : {"file", "signers", "reason", "dry-run", "confirm"}) {
        const bool isOther = qstrcmp(option, "signers") == 0 && what == QLatin1String("signers");
        if ((!isPolicy || isOther) && arguments.has(QString::fromLatin1(option)))
            return Error{
                ErrorKind::Invalid,
                CommandsText::tr("--%1 goes with \"signalbox ledger policy\" only.").arg(QString::fromLatin1(option)),
                {}};
    }
    if (!isFigures && arguments.has(QStringLiteral("days")))
        return Error{ErrorKind::Invalid, CommandsText::tr("--days goes with \"signalbox ledger figures\" only."), {}};
    const bool verifies = exports || isFigures || what == QLatin1String("verify") || what == QLatin1String("log");
    for (const char *option : {"at-least", "first-admin"}) {
        if (!verifies && arguments.has(QString::fromLatin1(option)))
            return Error{ErrorKind::Invalid,
                         CommandsText::tr("\"signalbox ledger %1\" proves nothing, hence takes no --%2.")
                             .arg(what, QString::fromLatin1(option)),
                         {}};
    }
    const bool begins = what == QLatin1String("init");
    const bool isKey = what == QLatin1String("key");
    for (const char *option : {"create", "in"}) {
        if (!isKey && arguments.has(QString::fromLatin1(option)))
            return Error{
                ErrorKind::Invalid,
                CommandsText::tr("--%1 goes with \"signalbox ledger key\" only.").arg(QString::fromLatin1(option)),
                {}};
    }
    for (const char *option : {"team", "name", "email"}) {
        if (isKey && qstrcmp(option, "email") == 0)
            continue;
        if (!begins && arguments.has(QString::fromLatin1(option)))
            return Error{
                ErrorKind::Invalid,
                CommandsText::tr("--%1 goes with \"signalbox ledger init\" only.").arg(QString::fromLatin1(option)),
                {}};
    }
    if ((begins || isPolicy || isNote || what == QLatin1String("share") || what == QLatin1String("import")) &&
        arguments.has(QStringLiteral("ledger")))
        return Error{
            ErrorKind::Invalid,
            CommandsText::tr("\"signalbox ledger %1\" works on the ledger of a workspace: name it with -w FILE.")
                .arg(what),
            {}};
    bool isNumber = true;
    const QString limit = arguments.value(QStringLiteral("limit"));
    if (!limit.isEmpty() && (limit.toInt(&isNumber) < 0 || !isNumber))
        return Error{
            ErrorKind::Invalid,
            CommandsText::tr("--limit: \"%1\" is no number of entries. Give a whole number from 0 on; 0 means all.")
                .arg(limit),
            {}};
    return {};
}

Error farAway(const LedgerPlace &place)
{
    return {ErrorKind::Invalid,
            CommandsText::tr(
                "--ledger: \"signalbox ledger\" reads one on this machine, and %1 is not. Name it in a workspace "
                "(\"url\" under \"ledger\") and fetch it by \"signalbox ledger share\".")
                .arg(place.address),
            {}};
}

Error noLedger(const LedgerPlace &place)
{
    const QString path = QDir::toNativeSeparators(place.path);
    return {ErrorKind::NotFound,
            place.spec.remote
                ? CommandsText::tr("There is no ledger at %1 yet: fetch that of %2 by \"signalbox ledger share\".")
                      .arg(path, place.address)
                : CommandsText::tr(
                      "There is no ledger at %1 yet: it begins with the first operation. Name another one with "
                      "--ledger.")
                      .arg(path),
            {}};
}

// On a worker; Ctrl+C stops it.
Result<ledger::ChainVerdict> verify(const QString &path, ledger::VerifyOptions options, cli::Terminal &terminal)
{
    QObject context;
    StopSource stop;
    std::atomic<qsizetype> done = 0;
    options.progress = [&done](qsizetype count) { done = count; };
    QTimer ticks;
    QObject::connect(&ticks, &QTimer::timeout, &context, [&] {
        if (done > 0)
            terminal.progress(CommandsText::tr("%1 entries looked at").arg(done.load()));
    });
    if (terminal.isInteractive()) // a line each half second is for somebody who looks, not for a log
        ticks.start(500);
    const cli::InterruptWatcher interrupts;
    QObject::connect(&interrupts, &cli::InterruptWatcher::interrupted, &context, [&stop] { stop.request_stop(); });
    Result<ledger::ChainVerdict> verdict = Error{};
    deliver(ledger::verifyChainLater(path, options, stop.get_token()), stop.get_token(), &context,
            [&verdict](const Result<ledger::ChainVerdict> &result) {
                verdict = result;
                QCoreApplication::quit();
            });
    QCoreApplication::exec();
    terminal.clearProgress();
    return verdict;
}

// On a worker; Ctrl+C stops it, and nothing is written then.
Result<LedgerExported> write(LedgerFormat format, LedgerQuestion question, const QString &file, cli::Terminal &terminal)
{
    QObject context;
    StopSource stop;
    std::atomic<qsizetype> verified = 0;
    std::atomic<qsizetype> written = 0;
    question.progress = [&](qsizetype seen, qsizetype done) {
        verified = seen;
        written = done;
    };
    QTimer ticks;
    QObject::connect(&ticks, &QTimer::timeout, &context, [&] {
        if (written > 0)
            terminal.progress(CommandsText::tr("%1 entries written").arg(written.load()));
        else if (verified > 0)
            terminal.progress(CommandsText::tr("%1 entries looked at").arg(verified.load()));
    });
    if (terminal.isInteractive())
        ticks.start(500);
    const cli::InterruptWatcher interrupts;
    QObject::connect(&interrupts, &cli::InterruptWatcher::interrupted, &context, [&stop] { stop.request_stop(); });
    Result<LedgerExported> result = Error{};
    deliver(exportLedgerLater(format, std::move(question), file, stop.get_token()), stop.get_token(), &context,
            [&result](const Result<LedgerExported> &done) {
                result = done;
                QCoreApplication::quit();
            });
    QCoreApplication::exec();
    terminal.clearProgress();
    return result;
}

ExitStatus exportEntries(const cli::Arguments &arguments, cli::Terminal &terminal)
{
    const auto wish = ledgerExportWish(arguments);
    if (!wish)
        return tell(wish.error(), arguments, terminal);
    const auto done = write(wish->format, wish->question, wish->file, terminal);
    if (!done)
        return tell(done.error(), arguments, terminal);
    const ExitStatus status = done->summary.isWhole() ? ExitStatus::Done : ExitStatus::Refused;
    if (arguments.has(QStringLiteral("json")))
        terminal.print(ledgerExportJson(*done, wish->file, status));
    else
        terminal.print(CommandsText::tr("%1 entries were written to %2.")
                           .arg(done->entries)
                           .arg(QDir::toNativeSeparators(wish->file)) +
                       QLatin1Char('\n') + verdictSentence(done->summary) + QLatin1Char('\n'));
    return status;
}

} // namespace

bool exportsLedgerPdf(const cli::Arguments &arguments)
{
    if (!arguments.command || arguments.command->name != QLatin1String("ledger") ||
        arguments.positionals.value(0) != QLatin1String("export"))
        return false;
    const auto format = formatOf(arguments);
    return format && *format == LedgerFormat::Pdf;
}

Result<LedgerExportWish> ledgerExportWish(const cli::Arguments &arguments)
{
    if (const auto checked = checkWords(arguments); !checked)
        return checked.error();
    const QString out = arguments.value(QStringLiteral("out"));
    if (out.isEmpty())
        return Error{
            ErrorKind::Invalid,
            CommandsText::tr("Where is the export to go? For example \"signalbox ledger export --out ledger.csv\"."),
            {}};
    const auto format = formatOf(arguments);
    if (!format)
        return format.error();
    const auto place = ledgerPlaceOf(arguments);
    if (!place)
        return place.error();
    if (place->isGivenRemote)
        return farAway(*place);
    auto question = ledgerQuestion([&arguments](const QString &option) { return arguments.value(option); });
    if (!question)
        return question.error();
    if (!QFileInfo::exists(place->path))
        return noLedger(*place);
    question->path = place->path;
    question->verify.pin.firstAdmin = place->spec.firstAdmin;
    return LedgerExportWish{*format, *question, QFileInfo(out).absoluteFilePath()};
}

QStringList ledgerReportArguments(const cli::Arguments &arguments, const LedgerExportWish &wish)
{
    QStringList given{QStringLiteral("--ledger-report"), wish.file, QStringLiteral("--ledger=") + wish.question.path};
    if (!wish.question.verify.pin.firstAdmin.isEmpty())
        given << QStringLiteral("--first-admin=") + wish.question.verify.pin.firstAdmin;
    for (const QString &option : ledgerQuestionOptions()) {
        if (option != QLatin1String("ledger") && option != QLatin1String("first-admin") && arguments.has(option))
            given << QStringLiteral("--%1=%2").arg(option, arguments.value(option));
    }
    if (arguments.has(QStringLiteral("json")))
        given << QStringLiteral("--json");
    return given;
}

ExitStatus runLedger(const cli::Arguments &arguments, cli::Terminal &terminal)
{
    if (const auto checked = checkWords(arguments); !checked)
        return tell(checked.error(), arguments, terminal);
    const QString what = arguments.positionals.value(0);
    const bool isJson = arguments.has(QStringLiteral("json"));
    const auto place = ledgerPlaceOf(arguments);
    if (!place)
        return tell(place.error(), arguments, terminal);
    if (place->isGivenRemote)
        return tell(farAway(*place), arguments, terminal);
    if (what == QLatin1String("export"))
        return exportEntries(arguments, terminal);
    const QString path = place->path;
    if (what == QLatin1String("path")) {
        terminal.print(isJson ? ledgerPathJson(path, QFileInfo::exists(path))
                              : QDir::toNativeSeparators(path) + QLatin1Char('\n'));
        return ExitStatus::Done;
    }
    if (what == QLatin1String("share") || what == QLatin1String("status"))
        return runLedgerShare(arguments, *place, terminal);
    if (what == QLatin1String("import"))
        return runLedgerImport(arguments, *place, terminal);
    if (what == QLatin1String("key"))
        return runLedgerKey(arguments, *place, terminal);
    if (what == QLatin1String("init"))
        return runLedgerInit(arguments, *place, terminal);
    if (!QFileInfo::exists(path))
        return tell(noLedger(*place), arguments, terminal);
    if (what == QLatin1String("policy") || what == QLatin1String("signers"))
        return runLedgerPolicy(arguments, *place, terminal);
    if (what == QLatin1String("note"))
        return runLedgerNote(arguments, *place, terminal);
    if (what == QLatin1String("figures"))
        return runLedgerFigures(arguments, *place, terminal);
    const auto chain = verify(path, ledgerOptionsOf(arguments, *place), terminal);
    if (!chain)
        return tell(chain.error(), arguments, terminal);
    if (what == QLatin1String("log")) {
        const QString limit = arguments.value(QStringLiteral("limit"));
        const qsizetype count = limit.isEmpty() ? usualCount : limit.toInt();
        terminal.print(isJson ? ledgerLogJson(*chain, count, ExitStatus::Done) : ledgerLogText(*chain, count));
        return ExitStatus::Done;
    }
    const ExitStatus status = chain->isWhole() ? ExitStatus::Done : ExitStatus::Refused;
    terminal.print(isJson ? ledgerVerdictJson(*chain, status) : ledgerVerdictText(*chain));
    return status;
}

} // namespace signalbox::commands
