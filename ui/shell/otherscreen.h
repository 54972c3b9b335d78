#pragma once

#include "ui/shell/page.h"

#include <optional>

namespace signalbox
{

// Implemented by a page that is another screen at times, as the Overview is the first start while nothing is open.
// GUI thread.
class OtherScreen
{
public:
    virtual ~OtherScreen() = default;
    // What is shown in place of the page's own: its title and its help; nullopt: the page is what its entry says.
    virtual std::optional<PageEntry> otherScreen() const = 0;
};

} // namespace signalbox
