#pragma once

class QProcess;

namespace signalbox::cli
{

// Before it is started: the program will lead a session of its own, so that it stays when our terminal goes. Not on
// Windows, where a program that is started outlives its terminal without.
void leadOwnSession(QProcess &process);

} // namespace signalbox::cli
