#pragma once

#include <QStringList>

namespace signalbox::cli
{

// The program `signalbox`: takes its arguments without its own name, returns the exit status. Needs a
// QCoreApplication; runs its event loop where a command needs one.
int runProgram(const QStringList &arguments);

} // namespace signalbox::cli
