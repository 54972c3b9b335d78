#pragma once

#include "models/policy/policy.h"

#include <QByteArray>

namespace signalbox::policy
{

// The one way to write a policy: keys in the schema's order, every rule of an environment said, defaults too, so that a
// difference between two versions shows what changed and nothing else. decodePolicy() reads the same policy from it.
QByteArray writePolicy(const Policy &policy);

} // namespace signalbox::policy
