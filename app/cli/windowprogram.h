#pragma once

#include "app/cli/arguments.h"
#include "app/cli/terminal.h"

#include <QStringList>

// The window is a program of its own beside this one, which links no GUI library.
namespace signalbox::cli
{

// Starts it and leaves it alone; whatever was given here goes to it. The exit status.
int openConsole(Terminal &terminal, const QStringList &arguments);

// Runs the picture tour in it, with its report on our own output, and waits. On a machine without a display the window
// is drawn off screen. The exit status is the window's; Ctrl+C ends both.
int runTour(Terminal &terminal, const Arguments &arguments);

// Lets it draw the ledger's report, without a window, and waits. `given`: what it is to be given. The exit status is
// its own; Ctrl+C ends both.
int runLedgerReport(Terminal &terminal, const QStringList &given);

} // namespace signalbox::cli
