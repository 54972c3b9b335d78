#pragma once

#include "app/cli/arguments.h"

namespace signalbox::cli
{

// The text of `signalbox --help` and `signalbox help COMMAND`, wrapped to `width` columns.
QString generalHelp(const Grammar &grammar, int width);
QString commandHelp(const Grammar &grammar, const CommandSpec &command, int width);
QString versionLine(); // "signalbox 0.1.0"

} // namespace signalbox::cli
