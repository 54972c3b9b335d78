#pragma once

#include "app/cli/arguments.h"

#include <QCoreApplication>

// For the files of the grammar only: a file a group of commands, in the order in which the help names them.
namespace signalbox::cli
{

inline QString tr(const char *text)
{
    return QCoreApplication::translate("CliGrammar", text);
}

// What options and commands are made of.
OptionSpec flag(const QString &name, const QString &help);
OptionSpec valued(const QString &name, const QString &valueName, const QString &help, ValueKind kind = ValueKind::Text);
OptionSpec workspaceOption(const QString &help);
OptionSpec demoOption();
OptionSpec choice(const QString &name, const QString &valueName, const QString &help, const QStringList &choices);
QList<PositionalSpec> appAndEnv(bool isOptional = false);
QList<OptionSpec> changeOptions();
OptionSpec pauseReconciliation();
QList<OptionSpec> workloadOptions();

// What runs, what changed, and whether it may go on.
CommandSpec statusCommand();
CommandSpec logsCommand();
CommandSpec changesCommand();
CommandSpec gateCommand();

// Pipelines.
CommandSpec runsCommand();
CommandSpec runCommand();

// From a request to its outcome, and what stops it.
CommandSpec promoteCommand();
CommandSpec approvalsCommand();
CommandSpec decideCommand(bool approves);
CommandSpec stopCommand(bool holds);
CommandSpec breakGlassCommand();
CommandSpec countersignCommand();
CommandSpec closeClaimCommand();
CommandSpec freezeCommand();

// What moves traffic and changes workloads.
CommandSpec trafficCommand();
CommandSpec rollbackCommand();
CommandSpec rehearseCommand();
CommandSpec workloadCommand(const QString &name, const QString &summary, const QString &description);
CommandSpec scaleCommand();
CommandSpec resumeCommand();

// The record.
CommandSpec ledgerCommand();

} // namespace signalbox::cli
