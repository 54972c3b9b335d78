#include "app/commands/tell.h"

#include "app/commands/json.h"

namespace signalbox::commands
{

ExitStatus tell(const Error &error, ExitStatus status, bool isJson, cli::Terminal &terminal)
{
    terminal.say(QStringLiteral("signalbox: ") + error.message);
    if (isJson)
        terminal.print(errorJson(error, status));
    return status;
}

ExitStatus tell(const Error &error, ExitStatus status, const cli::Arguments &arguments, cli::Terminal &terminal)
{
    return tell(error, status, arguments.has(QStringLiteral("json")), terminal);
}

ExitStatus tell(const Error &error, const cli::Arguments &arguments, cli::Terminal &terminal)
{
    return tell(error, exitStatusOf(error.kind), arguments, terminal);
}

} // namespace signalbox::commands
