#pragma once

#include <QString>

// Where Signalbox keeps what is its own, the same for both executables. Nothing is created here.
namespace signalbox
{

// Journal, ledger, preferences of the program: ~/.local/share/signalbox, %LOCALAPPDATA%/signalbox,
// ~/Library/Application Support/signalbox. SIGNALBOX_DATA replaces it.
QString dataFolder();
// What can be made anew, such as clones: ~/.cache/signalbox and its like; below dataFolder() when that is replaced.
QString cacheFolder();
// ~/.local/state/signalbox/logs on desktops that know XDG, below dataFolder() elsewhere or when that is replaced.
QString logFolder();

} // namespace signalbox
