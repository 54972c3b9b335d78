#include "app/cli/completion.h"

#include <QFile>

#include <algorithm>

namespace signalbox::cli
{

namespace
{

const OptionSpec *byDash(const QList<OptionSpec> &options, const QString &word)
{
    for (const OptionSpec &option : options) {
        if (word == QStringLiteral("--") + option.name ||
            (!option.letter.isNull() && word == QStringLiteral("-%1").arg(option.letter)))
            return &option;
    }
    return nullptr;
}

// What has been typed so far, forgiving: mistakes are the parser's to tell, later.
Arguments soFar(const QStringList &words, const Grammar &grammar)
{
    Arguments given;
    for (const QString &word : words) {
        given.command = grammar.find(word);
        if (given.command)
            break;
    }
    const QList<OptionSpec> options = grammar.optionsOf(given.command);
    bool hasSeenCommand = false;
    for (int i = 0; i < words.size(); ++i) {
        const QString &word = words[i];
        if (word.startsWith(QLatin1Char('-'))) {
            const auto equals = word.indexOf(QLatin1Char('='));
            const OptionSpec *option = byDash(options, equals < 0 ? word : word.left(equals));
            if (!option)
                continue;
            if (option->valueName.isEmpty())
                given.options.insert(option->name, {});
            else if (equals >= 0)
                given.options[option->name].append(word.mid(equals + 1));
            else if (i + 1 < words.size())
                given.options[option->name].append(words[++i]);
        } else if (!hasSeenCommand && given.command && word == given.command->name) {
            hasSeenCommand = true;
        } else {
            given.positionals.append(word);
        }
    }
    return given;
}

class Completer
{
public:
    Completer(const Grammar &grammar, const NamesOf &namesOf, const Arguments &given)
        : m_grammar(grammar)
        , m_namesOf(namesOf)
        , m_given(given)
    {}

    QList<Candidate> values(ValueKind kind, const QStringList &choices, const QString &prefix) const
    {
        switch (kind) {
        case ValueKind::File:
            return {{QStringLiteral(":files"), {}}};
        case ValueKind::Folder:
            return {{QStringLiteral(":folders"), {}}};
        case ValueKind::Text:
            return {};
        case ValueKind::Choice:
            return filtered(m_given.command && m_given.command->name == QLatin1String("completion") && choices.isEmpty()
                                ? completionShells()
                                : choices,
                            prefix);
        case ValueKind::Command:
            return commands(prefix);
        case ValueKind::Track: {
            QList<Candidate> result = filtered(m_namesOf(kind, m_given), prefix);
            return result;
        }
        case ValueKind::Context:
        case ValueKind::Application:
        case ValueKind::Environment:
        case ValueKind::Drill:
        case ValueKind::Release:
            break;
        }
        return filtered(m_namesOf(kind, m_given), prefix);
    }

    QList<Candidate> commands(const QString &prefix) const
    {
        QList<Candidate> result;
        for (const CommandSpec &command : m_grammar.commands) {
            if (!command.isHidden && command.name.startsWith(prefix))
                result.append({command.name, command.summary});
        }
        return result;
    }

    QList<Candidate> options(const QString &prefix) const
    {
        QList<Candidate> result;
        for (const OptionSpec &option : m_grammar.optionsOf(m_given.command)) {
            const QString dashed = QStringLiteral("--") + option.name;
            if (dashed.startsWith(prefix) && (option.isRepeatable || !m_given.has(option.name)))
                result.append({dashed, option.help});
        }
        return result;
    }

private:
    static QList<Candidate> filtered(const QStringList &names, const QString &prefix)
    {
        QList<Candidate> result;
        for (const QString &name : names) {
            if (name.startsWith(prefix))
                result.append({name, {}});
        }
        return result;
    }

    const Grammar &m_grammar;
    const NamesOf &m_namesOf;
    const Arguments &m_given;
};

} // namespace

QStringList completionShells()
{
    return {QStringLiteral("bash"), QStringLiteral("zsh"), QStringLiteral("fish")};
}

QString completionScript(const QString &shell)
{
    if (!completionShells().contains(shell))
        return {};
    QFile file(QStringLiteral(":/signalbox/completion/signalbox.%1").arg(shell));
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

QList<Candidate> complete(const QStringList &words, const Grammar &grammar, const NamesOf &namesOf)
{
    const QString last = words.value(words.size() - 1);
    const QStringList before = words.mid(0, std::max<qsizetype>(0, words.size() - 1));
    const Arguments given = soFar(before, grammar);
    const Completer completer(grammar, namesOf, given);
    const QList<OptionSpec> options = grammar.optionsOf(given.command);

    if (!before.isEmpty()) {
        const OptionSpec *option = byDash(options, before.last());
        if (option && !option->valueName.isEmpty())
            return completer.values(option->kind, option->choices, last);
    }
    if (last.startsWith(QLatin1String("--")) && last.contains(QLatin1Char('='))) {
        const auto equals = last.indexOf(QLatin1Char('='));
        const OptionSpec *option = byDash(options, last.left(equals));
        if (!option || option->valueName.isEmpty())
            return {};
        QList<Candidate> values = completer.values(option->kind, option->choices, last.mid(equals + 1));
        for (Candidate &candidate : values) {
            if (!candidate.value.startsWith(QLatin1Char(':')))
                candidate.value.prepend(last.left(equals + 1));
        }
        return values;
    }
    if (last.startsWith(QLatin1Char('-')))
        return completer.options(last);
    if (!given.command)
        return completer.commands(last);
    const PositionalSpec positional = given.command->positionals.value(given.positionals.size());
    return positional.name.isEmpty() ? QList<Candidate>() : completer.values(positional.kind, positional.choices, last);
}

} // namespace signalbox::cli
