#pragma once

#include "models/domain/result.h"

#include <QList>
#include <QMap>
#include <QStringList>

namespace signalbox::cli
{

// What a value or a positional argument is, for completion.
enum class ValueKind { Text, File, Folder, Choice, Context, Application, Environment, Track, Command, Drill, Release };

struct OptionSpec
{
    QString name;      // "kubeconfig", without dashes
    QChar letter;      // 'w' of -w; null: none
    QString valueName; // "FILE"; empty: a flag
    QString help;      // one or two sentences
    ValueKind kind = ValueKind::Text;
    QStringList choices; // of a Choice
    bool isRepeatable = false;
};

struct PositionalSpec
{
    QString name; // "APP"
    ValueKind kind = ValueKind::Text;
    bool isOptional = false;
    QStringList choices = {}; // of a Choice, for completion
};

struct CommandSpec
{
    QString name;
    QList<PositionalSpec> positionals;
    QString summary;           // one line, for the list of commands
    QString description;       // paragraphs
    QList<OptionSpec> options; // its own, besides the general ones
    QStringList examples;      // "COMMAND LINE  # what it does"
    QString json;              // fields of --json; empty: the command has none
    bool takesSource = true;   // -w, --kubeconfig, --context, --demo
    bool isHidden = false;
};

struct Grammar
{
    QList<OptionSpec> general; // --help, --version, --log-level: everywhere
    QList<OptionSpec> source;  // -w, --kubeconfig ...: of commands that ask a remote
    QList<CommandSpec> commands;

    const CommandSpec *find(const QString &name) const;
    QList<OptionSpec> optionsOf(const CommandSpec *command) const; // null: without a command
};

struct Arguments
{
    const CommandSpec *command = nullptr; // null: none named
    QMap<QString, QStringList> options;   // by name; flags with an empty list
    QStringList positionals;

    bool has(const QString &option) const { return options.contains(option); }
    QString value(const QString &option) const { return options.value(option).value(0); }
};

// Options may stand anywhere; `--name value`, `--name=value`, `-wFILE`; `--` ends them. An Invalid error says what is
// wrong and what was probably meant. Without the program's name.
Result<Arguments> parse(const QStringList &words, const Grammar &grammar);

} // namespace signalbox::cli
