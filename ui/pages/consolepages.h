#pragma once

#include "ui/shell/page.h"

namespace signalbox
{

// Every screen the console has, in the order of the navigation. To add one: its folder, and a line here.
QList<PageEntry> consolePages();

} // namespace signalbox
