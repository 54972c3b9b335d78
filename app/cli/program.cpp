#include "app/cli/program.h"

#include "app/cli/clitext.h"
#include "app/cli/completion.h"
#include "app/cli/grammar.h"
#include "app/cli/help.h"
#include "app/cli/nearest.h"
#include "app/cli/terminal.h"
#include "app/cli/windowprogram.h"
#include "app/commands/drillcommand.h"
#include "app/commands/ledgercommand.h"
#include "app/commands/registry.h"
#include "app/exitstatus.h"
#include "app/logging/logging.h"

#include <QLoggingCategory>

namespace signalbox::cli
{

namespace
{

Q_LOGGING_CATEGORY(category, "signalbox.app")

int statusOf(ExitStatus status)
{
    return static_cast<int>(status);
}

int usageError(Terminal &terminal, const Error &error)
{
    terminal.say(QStringLiteral("signalbox: ") + error.message);
    if (!error.detail.isEmpty())
        terminal.say(error.detail);
    return statusOf(ExitStatus::Usage);
}

int showHelp(Terminal &terminal, const QString &name)
{
    if (name.isEmpty()) {
        terminal.print(generalHelp(grammar(), terminal.width()));
        return statusOf(ExitStatus::Done);
    }
    const CommandSpec *command = grammar().find(name);
    if (command && !command->isHidden) {
        terminal.print(commandHelp(grammar(), *command, terminal.width()));
        return statusOf(ExitStatus::Done);
    }
    QStringList names;
    for (const CommandSpec &known : grammar().commands) {
        if (!known.isHidden)
            names.append(known.name);
    }
    const QStringList close = nearest(name, names);
    return usageError(terminal,
                      {ErrorKind::Invalid,
                       close.isEmpty()
                           ? CliText::tr("There is no command \"%1\".").arg(name)
                           : CliText::tr("There is no command \"%1\". Did you mean %2?").arg(name, orList(close)),
                       CliText::tr("See \"%1\".").arg(QStringLiteral("signalbox --help"))});
}

int showCompletion(Terminal &terminal, const QString &shell)
{
    const QString script = completionScript(shell);
    if (script.isEmpty())
        return usageError(
            terminal,
            {ErrorKind::Invalid,
             CliText::tr("There is no completion for \"%1\": give %2.").arg(shell, orList(completionShells())),
             {}});
    terminal.print(script);
    return statusOf(ExitStatus::Done);
}

int showCandidates(Terminal &terminal, const QStringList &words)
{
    QString text;
    for (const Candidate &candidate : complete(words, grammar(), commands::completionNames)) {
        text += candidate.value;
        if (!candidate.description.isEmpty())
            text += QLatin1Char('\t') + candidate.description;
        text += QLatin1Char('\n');
    }
    terminal.print(text);
    return statusOf(ExitStatus::Done);
}

int runCommand(Terminal &terminal, const Arguments &arguments)
{
    LoggingOptions logging;
    logging.program = QStringLiteral("signalbox");
    if (arguments.has(QStringLiteral("log-level"))) {
        logging.level = *parseLogLevel(arguments.value(QStringLiteral("log-level")));
        logging.onStderr = true;
    }
    if (const auto started = startLogging(logging); !started)
        return usageError(terminal, started.error());
    qCInfo(category).noquote() << "command" << arguments.command->name << arguments.positionals.join(QLatin1Char(' '));
    const ExitStatus status = commands::run(arguments, terminal);
    qCInfo(category) << "exit status" << statusOf(status);
    stopLogging();
    return statusOf(status);
}

} // namespace

int runProgram(const QStringList &words)
{
    Terminal terminal;
    // Completion answers for half-typed words: nothing of it is parsed.
    if (words.value(0) == QLatin1String("__complete"))
        return showCandidates(terminal, words.mid(words.value(1) == QLatin1String("--") ? 2 : 1));
    const auto arguments = parse(words, grammar());
    if (!arguments)
        return usageError(terminal, arguments.error());
    if (arguments->has(QStringLiteral("version"))) {
        terminal.print(versionLine() + QLatin1Char('\n'));
        return statusOf(ExitStatus::Done);
    }
    if (arguments->has(QStringLiteral("help")))
        return showHelp(terminal, arguments->command ? arguments->command->name : QString());
    if (!arguments->command) {
        if (arguments->has(QStringLiteral("json")))
            return usageError(terminal,
                              {ErrorKind::Invalid,
                               CliText::tr("--json needs a command, for example \"signalbox status --json\"."),
                               {}});
        if (const auto source = commands::checkSource(*arguments); !source)
            return usageError(terminal, source.error());
        return openConsole(terminal, words);
    }
    if (arguments->command->name == QLatin1String("help"))
        return showHelp(terminal, arguments->positionals.value(0));
    if (arguments->command->name == QLatin1String("completion"))
        return showCompletion(terminal, arguments->positionals.value(0));
    if (arguments->command->name == QLatin1String("tour")) {
        if (!arguments->value(QStringLiteral("out")).isEmpty())
            return runTour(terminal, *arguments);
        return usageError(terminal,
                          {ErrorKind::Invalid,
                           CliText::tr("Where are the pictures to go? For example \"signalbox tour --out tour\"."),
                           {}});
    }
    if (commands::exportsLedgerPdf(*arguments)) {
        const auto wish = commands::ledgerExportWish(*arguments);
        if (!wish) // says so like every other export
            return runCommand(terminal, *arguments);
        return runLedgerReport(terminal, commands::ledgerReportArguments(*arguments, *wish));
    }
    if (commands::opensDrillWindow(*arguments)) {
        if (const auto checked = commands::checkDrill(*arguments); !checked)
            return usageError(terminal, checked.error());
        return openConsole(terminal,
                           {QStringLiteral("--demo"), QStringLiteral("--drill"), arguments->positionals.first()});
    }
    return runCommand(terminal, *arguments);
}

} // namespace signalbox::cli
