#pragma once

#include "models/policy/policy.h"

namespace signalbox::policy
{

// What a change of the policy means, for whoever countersigns it: who comes, who goes, who may what, and which rules
// are others. A sentence each; empty: the two say the same.
QStringList differenceInWords(const Policy &before, const Policy &after);

} // namespace signalbox::policy
