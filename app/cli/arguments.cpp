#include "app/cli/arguments.h"

#include "app/cli/clitext.h"
#include "app/cli/nearest.h"

#include <algorithm>

namespace signalbox::cli
{

namespace
{

// "--x", "-x"; neither "-" nor "-1".
bool isOption(const QString &word)
{
    return word.size() > 1 && word.startsWith(QLatin1Char('-')) && !word[1].isDigit();
}

class Parser
{
public:
    Parser(const QStringList &words, const Grammar &grammar)
        : m_words(words)
        , m_grammar(grammar)
    {}

    Result<Arguments> run()
    {
        // The command decides which options there are, and may stand after some of them.
        if (auto found = findCommand(); !found)
            return found.error();
        m_options = m_grammar.optionsOf(m_result.command);
        for (m_at = 0; m_at < m_words.size(); ++m_at) {
            if (auto taken = takeWord(); !taken)
                return taken.error();
        }
        if (!m_result.has(QStringLiteral("help")) && !m_result.has(QStringLiteral("version"))) {
            if (auto complete = checkPositionals(); !complete)
                return complete.error();
        }
        return m_result;
    }

private:
    Error usage(const QString &message) const
    {
        const QString help = m_result.command && !m_result.command->isHidden
                                 ? QStringLiteral("signalbox help %1").arg(m_result.command->name)
                                 : QStringLiteral("signalbox --help");
        return Error{ErrorKind::Invalid, message, CliText::tr("See \"%1\".").arg(help)};
    }

    // Options of every command, to skip their values while looking for the command.
    const OptionSpec *anyOption(const QString &name) const
    {
        const auto in = [&name](const QList<OptionSpec> &options) -> const OptionSpec * {
            for (const OptionSpec &option : options) {
                if (option.name == name || (name.size() == 1 && option.letter == name[0]))
                    return &option;
            }
            return nullptr;
        };
        if (const auto *found = in(m_grammar.general))
            return found;
        if (const auto *found = in(m_grammar.source))
            return found;
        for (const CommandSpec &command : m_grammar.commands) {
            if (const auto *found = in(command.options))
                return found;
        }
        return nullptr;
    }

    Result<void> findCommand()
    {
        for (int i = 0; i < m_words.size(); ++i) {
            const QString &word = m_words[i];
            if (word == QLatin1String("--"))
                return {};
            if (word.startsWith(QLatin1Char('-')) && word.size() > 1) {
                const bool isLong = word.startsWith(QLatin1String("--"));
                const QString name = isLong ? word.mid(2) : word.mid(1);
                const OptionSpec *option = anyOption(name);
                if (option && !option->valueName.isEmpty())
                    ++i;
                continue;
            }
            m_result.command = m_grammar.find(word);
            m_commandAt = i;
            if (m_result.command)
                return {};
            QStringList names;
            for (const CommandSpec &command : m_grammar.commands) {
                if (!command.isHidden)
                    names.append(command.name);
            }
            const QStringList close = nearest(word, names);
            if (!close.isEmpty())
                return usage(CliText::tr("There is no command \"%1\". Did you mean %2?").arg(word, orList(close)));
            return usage(
                CliText::tr("There is no command \"%1\". There are %2.").arg(word, names.join(QStringLiteral(", "))));
        }
        return {};
    }

    Result<void> takeWord()
    {
        const QString word = m_words[m_at];
        if (m_at == m_commandAt)
            return {};
        if (!m_isAfterDashes && word == QLatin1String("--")) {
            m_isAfterDashes = true;
            return {};
        }
        if (m_isAfterDashes || !word.startsWith(QLatin1Char('-')) || word.size() == 1) {
            m_result.positionals.append(word);
            return {};
        }
        return word.startsWith(QLatin1String("--")) ? takeLong(word.mid(2)) : takeLetters(word.mid(1));
    }

    Result<void> takeLong(const QString &text)
    {
        const auto equals = text.indexOf(QLatin1Char('='));
        const QString name = equals < 0 ? text : text.left(equals);
        for (const OptionSpec &option : m_options) {
            if (option.name == name)
                return equals < 0 ? takeValue(option, std::nullopt) : takeValue(option, text.mid(equals + 1));
        }
        return unknownOption(name);
    }

    Result<void> takeLetters(const QString &text)
    {
        for (const OptionSpec &option : m_options) {
            if (option.letter.isNull() || option.letter != text[0])
                continue;
            if (option.valueName.isEmpty() && text.size() > 1)
                return usage(CliText::tr("-%1 takes no value: \"-%2\".").arg(text[0]).arg(text));
            return text.size() > 1 ? takeValue(option, text.mid(1)) : takeValue(option, std::nullopt);
        }
        return usage(CliText::tr("Unknown option -%1.").arg(text));
    }

    Result<void> unknownOption(const QString &name) const
    {
        for (const CommandSpec &command : m_grammar.commands) {
            const bool owns = std::any_of(command.options.begin(), command.options.end(),
                                          [&name](const OptionSpec &option) { return option.name == name; });
            if (owns && m_result.command)
                return usage(CliText::tr("\"signalbox %1\" has no option --%2; \"signalbox %3\" does.")
                                 .arg(m_result.command->name, name, command.name));
            if (owns)
                return usage(
                    CliText::tr("--%1 needs a command, for example \"signalbox %2\".").arg(name, command.name));
        }
        QStringList names;
        for (const OptionSpec &option : m_options)
            names.append(QStringLiteral("--") + option.name);
        const QStringList close = nearest(QStringLiteral("--") + name, names, 2);
        if (close.isEmpty())
            return usage(CliText::tr("Unknown option --%1.").arg(name));
        return usage(CliText::tr("Unknown option --%1. Did you mean %2?").arg(name, orList(close)));
    }

    Result<void> takeValue(const OptionSpec &option, std::optional<QString> value)
    {
        const QString dashed = QStringLiteral("--") + option.name;
        if (m_result.has(option.name) && !option.isRepeatable)
            return usage(CliText::tr("%1 is given twice.").arg(dashed));
        if (option.valueName.isEmpty()) {
            if (value)
                return usage(CliText::tr("%1 takes no value.").arg(dashed));
            m_result.options.insert(option.name, {});
            return {};
        }
        if (!value) {
            // A value may begin with a dash only behind "=": `--to --dry-run` is a forgotten value. No option is called
            // by a digit: who writes -1 gave a number, and the command says what it takes.
            if (m_at + 1 >= m_words.size() || isOption(m_words[m_at + 1]))
                return usage(CliText::tr("%1 needs a value: %1 %2.").arg(dashed, option.valueName));
            value = m_words[++m_at];
        }
        if (value->isEmpty())
            return usage(CliText::tr("The value of %1 is empty: %1 %2.").arg(dashed, option.valueName));
        if (!option.choices.isEmpty() && !option.choices.contains(*value))
            return usage(CliText::tr("%1: \"%2\" is not one of %3.")
                             .arg(dashed, *value, option.choices.join(QStringLiteral(", "))));
        m_result.options[option.name].append(*value);
        return {};
    }

    Result<void> checkPositionals() const
    {
        if (!m_result.command)
            return m_result.positionals.isEmpty()
                       ? Result<void>()
                       : usage(CliText::tr("There is no command \"%1\".").arg(m_result.positionals.first()));
        const QList<PositionalSpec> &wanted = m_result.command->positionals;
        if (m_result.command->isHidden)
            return {};
        for (int i = static_cast<int>(m_result.positionals.size()); i < wanted.size(); ++i) {
            if (!wanted[i].isOptional)
                return usage(
                    CliText::tr("\"signalbox %1\" needs %2.").arg(m_result.command->name, describe(wanted, i)));
        }
        if (m_result.positionals.size() > wanted.size())
            return usage(CliText::tr("\"signalbox %1\" takes no further argument: \"%2\".")
                             .arg(m_result.command->name, m_result.positionals[wanted.size()]));
        for (const QString &given : m_result.positionals) {
            if (given.isEmpty())
                return usage(CliText::tr("An argument of \"signalbox %1\" is empty.").arg(m_result.command->name));
        }
        return {};
    }

    static QString describe(const QList<PositionalSpec> &wanted, int from)
    {
        QStringList names;
        for (int i = from; i < wanted.size(); ++i) {
            if (!wanted[i].isOptional)
                names.append(wanted[i].name);
        }
        return names.join(CliText::tr(" and "));
    }

    const QStringList &m_words;
    const Grammar &m_grammar;
    Arguments m_result;
    QList<OptionSpec> m_options;
    int m_at = 0;
    int m_commandAt = -1;
    bool m_isAfterDashes = false;
};

} // namespace

const CommandSpec *Grammar::find(const QString &name) const
{
    const auto it =
        std::find_if(commands.begin(), commands.end(), [&name](const CommandSpec &c) { return c.name == name; });
    return it == commands.end() ? nullptr : &*it;
}

QList<OptionSpec> Grammar::optionsOf(const CommandSpec *command) const
{
    QList<OptionSpec> all;
    if (command)
        all += command->options;
    if (!command || command->takesSource)
        all += source;
    all += general;
    return all;
}

Result<Arguments> parse(const QStringList &words, const Grammar &grammar)
{
    return Parser(words, grammar).run();
}

} // namespace signalbox::cli
