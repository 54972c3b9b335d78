#pragma once

#include "models/domain/result.h"

#include <QStringList>

namespace signalbox
{

// The built-in fire drills, in their order.
QStringList drillNames();
// Invalid, with the names there are, where `name` is none of them.
Result<void> checkDrillName(const QString &name);

} // namespace signalbox
