#pragma once

#include "ui/theme/tokens.h"

#include <cstdint>

namespace signalbox
{

// A colour that a program chose for a terminal (ansi::Style::color), as text on tokens().well. The sixteen are ours of
// that name; the others keep their hue as far as they can be read there (4.5 : 1).
QColor terminalColor(std::int32_t color, const Tokens &set = tokens());

} // namespace signalbox
