#pragma once

#include "ui/shell/page.h"

namespace signalbox
{

// What `?` tells of the screen with this PageEntry::id, in the language of now. Every screen in consolePages() has one.
ScreenHelp screenHelp(const QString &page);

} // namespace signalbox
