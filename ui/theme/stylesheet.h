#pragma once

#include "ui/theme/tokens.h"

#include <QString>

namespace signalbox
{

// The style sheet of the whole application, made from one set of tokens. Variants are chosen by dynamic properties, set
// before a widget is first shown: QPushButton `variant` = "primary" "danger" "dangerOutline" "success" "ghost" "chip";
// QLabel `role` = "title" "soft" "faint" "heading" "figure" "mono" "error" "link".
QString styleSheet(const Tokens &set);

} // namespace signalbox
