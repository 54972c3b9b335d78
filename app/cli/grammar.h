#pragma once

#include "app/cli/arguments.h"

namespace signalbox::cli
{

// Every command and option of `signalbox`. Valid for the life of the program (Arguments point into it).
const Grammar &grammar();

} // namespace signalbox::cli
