#include "app/cli/help.h"

#include "app/paths.h"

#include <QCoreApplication>
#include <QDir>

#include <algorithm>

namespace signalbox::cli
{

namespace
{

struct CliHelpText
{
    Q_DECLARE_TR_FUNCTIONS(CliHelp)
};

// Wraps one paragraph; every line starts with `indent` blanks. A line that begins with two blanks is kept as it is.
QString wrapped(const QString &text, int indent, int width)
{
    QString result;
    for (const QString &paragraph : text.split(QLatin1Char('\n'))) {
        if (paragraph.isEmpty() || paragraph.startsWith(QLatin1String("  "))) {
            result += paragraph.isEmpty() ? QStringLiteral("\n")
                                          : QString(indent, QLatin1Char(' ')) + paragraph + QLatin1Char('\n');
            continue;
        }
        QString line(indent, QLatin1Char(' '));
        bool isFirst = true;
        for (const QString &word : paragraph.split(QLatin1Char(' '), Qt::SkipEmptyParts)) {
            if (!isFirst && line.size() + 1 + word.size() > width) {
                result += line + QLatin1Char('\n');
                line = QString(indent, QLatin1Char(' '));
                isFirst = true;
            }
            if (!isFirst)
                line += QLatin1Char(' ');
            line += word;
            isFirst = false;
        }
        result += line + QLatin1Char('\n');
    }
    return result;
}

// "  left      right, wrapped"
QString twoColumns(const QString &left, const QString &right, int column, int width)
{
    QString text = wrapped(right, column, width);
    const QString lead = QStringLiteral("  ") + left;
    if (lead.size() + 2 > column)
        return lead + QLatin1Char('\n') + text;
    text.replace(0, lead.size(), lead);
    return text;
}

QString synopsis(const CommandSpec &command)
{
    QString line = QStringLiteral("signalbox ") + command.name;
    for (const PositionalSpec &positional : command.positionals)
        line +=
            positional.isOptional ? QStringLiteral(" [%1]").arg(positional.name) : QLatin1Char(' ') + positional.name;
    return line;
}

QString optionsText(const QString &title, const QList<OptionSpec> &options, int width)
{
    if (options.isEmpty())
        return {};
    QString text = QLatin1Char('\n') + title + QLatin1Char('\n');
    for (const OptionSpec &option : options) {
        QString left = option.letter.isNull() ? QString() : QStringLiteral("-%1, ").arg(option.letter);
        left += QStringLiteral("--") + option.name;
        if (!option.valueName.isEmpty())
            left += QLatin1Char(' ') + option.valueName;
        text += twoColumns(left, option.help, 26, width);
    }
    return text;
}

QString section(const QString &title, const QString &body)
{
    return QLatin1Char('\n') + title + QLatin1Char('\n') + body;
}

QString exitStatuses(int width)
{
    QString text;
    const QList<std::pair<QString, QString>> rows = {
        {QStringLiteral("0"), CliHelpText::tr("done and observed (for a dry run: it would be accepted)")},
        {QStringLiteral("1"), CliHelpText::tr("refused by a check or a right, not effective, cancelled")},
        {QStringLiteral("2"), CliHelpText::tr("the command line, a file it names, or a name on it is wrong")},
        {QStringLiteral("3"), CliHelpText::tr("the remote cannot be reached, or does not know us")},
        {QStringLiteral("4"), CliHelpText::tr("timed out, or the outcome is unknown: look before you try again")},
        {QStringLiteral("5"), CliHelpText::tr("conflict: the world moved since it was looked at, nothing was written")},
    };
    for (const auto &[status, meaning] : rows)
        text += twoColumns(status, meaning, 6, width);
    return section(CliHelpText::tr("Exit status:"), text);
}

QString shortened(const QString &path)
{
    const QString home = QDir::homePath();
    return path.startsWith(home + QLatin1Char('/')) ? QLatin1Char('~') + path.mid(home.size()) : path;
}

QString environmentAndFiles(int width)
{
    const QList<std::pair<QString, QString>> variables = {
        {QStringLiteral("KUBECONFIG"),
         CliHelpText::tr(
             "files to read when neither -w nor --kubeconfig is given; else ~/.kube/config, else the service account "
             "of the pod it runs in")},
        {QStringLiteral("SIGNALBOX_WORKSPACE"),
         CliHelpText::tr("the workspace file when none of -w, --kubeconfig and --prometheus is given")},
        {QStringLiteral("SIGNALBOX_LOG"), CliHelpText::tr("level of the log: debug, info, warning or error")},
        {QStringLiteral("SIGNALBOX_DATA"),
         CliHelpText::tr("folder for journal, ledger and log instead of those below")},
        {QStringLiteral("QT_LOGGING_RULES"),
         CliHelpText::tr("rules by category, for example \"signalbox.services.*=true\"")},
        {QStringLiteral("HTTPS_PROXY, NO_PROXY"), CliHelpText::tr("as everywhere; a kubeconfig's proxy-url wins")},
    };
    QString text;
    for (const auto &[name, meaning] : variables)
        text += twoColumns(name, meaning, 26, width);
    QString result = section(CliHelpText::tr("Environment:"), text);

    text = twoColumns(shortened(dataFolder()), CliHelpText::tr("journal of operations, ledger, locks"), 34, width);
    text += twoColumns(shortened(logFolder()), CliHelpText::tr("logs, rotated; never a credential in them"), 34, width);
    return result + section(CliHelpText::tr("Files:"), text);
}

QString examplesText(const QStringList &examples)
{
    QString text;
    for (const QString &example : examples) {
        const auto hash = example.indexOf(QLatin1String("  # "));
        if (hash >= 0)
            text += QStringLiteral("  # %1\n").arg(example.mid(hash + 4));
        text += QStringLiteral("  %1\n").arg(hash < 0 ? example : example.left(hash));
    }
    return text;
}

} // namespace

QString versionLine()
{
    return QStringLiteral("signalbox " SIGNALBOX_VERSION);
}

QString generalHelp(const Grammar &grammar, int width)
{
    width = std::clamp(width, 60, 120);
    QString text =
        wrapped(CliHelpText::tr(
                    "Signalbox shows every application in every environment, moves traffic between versions, and goes "
                    "back to the last good one."),
                0, width);
    text += section(CliHelpText::tr("Usage:"),
                    CliHelpText::tr("  signalbox [-w FILE]                    opens the console (the window)\n"
                                    "  signalbox COMMAND [ARGUMENTS] [OPTIONS]\n"
                                    "  signalbox help COMMAND                 all about one command\n"));
    QString commands;
    for (const CommandSpec &command : grammar.commands) {
        if (!command.isHidden)
            commands += twoColumns(synopsis(command).mid(10), command.summary, 26, width);
    }
    text += section(CliHelpText::tr("Commands:"), commands);
    text += optionsText(CliHelpText::tr("Where to look (every command that asks a cluster):"), grammar.source, width);
    text += optionsText(CliHelpText::tr("General options:"), grammar.general, width);
    text += section(
        CliHelpText::tr("Words:"),
        wrapped(CliHelpText::tr(
                    "APP is an application: the label app.kubernetes.io/name, else app, else the workload's name "
                    "without its track. ENV is its environment: the namespace, or CONTEXT/NAMESPACE where that is "
                    "ambiguous. A track is one version that can take traffic: blue, green, stable, canary. An "
                    "environment is protected unless a whole word of its name says dev, test, qa, staging, preview or "
                    "sandbox: there a change takes --confirm APP, or asks at a terminal."),
                2, width));
    text += section(
        CliHelpText::tr("Examples:"),
        examplesText({CliHelpText::tr("signalbox status  # what runs where"),
                      CliHelpText::tr("signalbox traffic cart production --set green=25 --confirm cart  # a quarter of "
                                      "the traffic to green"),
                      CliHelpText::tr("signalbox rollback cart production --dry-run  # what going back would do"),
                      CliHelpText::tr(
                          "signalbox rollback cart production --confirm cart  # go back, and wait until it is true")}));
    text += exitStatuses(width);
    text += environmentAndFiles(width);
    text += QLatin1Char('\n') +
            wrapped(CliHelpText::tr(
                        "Results go to standard output, progress and errors to standard error. All times are UTC."),
                    0, width);
    return text;
}

QString commandHelp(const Grammar &grammar, const CommandSpec &command, int width)
{
    width = std::clamp(width, 60, 120);
    QString text = wrapped(command.summary, 0, width);
    text +=
        section(CliHelpText::tr("Usage:"), QStringLiteral("  ") + synopsis(command) + CliHelpText::tr(" [OPTIONS]\n"));
    text += QLatin1Char('\n') + wrapped(command.description, 0, width);
    text += optionsText(CliHelpText::tr("Options:"), command.options, width);
    if (command.takesSource)
        text += optionsText(CliHelpText::tr("Where to look:"), grammar.source, width);
    text += optionsText(CliHelpText::tr("General options:"), grammar.general, width);
    if (!command.examples.isEmpty())
        text += section(CliHelpText::tr("Examples:"), examplesText(command.examples));
    if (!command.json.isEmpty())
        text += section(CliHelpText::tr("Fields of --json (stable; more may be added, times are UTC in ISO 8601):"),
                        wrapped(command.json, 2, width));
    text += exitStatuses(width);
    return text;
}

} // namespace signalbox::cli
