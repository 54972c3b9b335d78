#pragma once

#include <QString>

namespace signalbox
{

// What a notice says of an operation that ended, far from its screen: which one it was and what became of it, each
// once. `title`: as Operation::title(); `message`: the outcome's, which names nobody.
QString outcomeNotice(const QString &title, const QString &message);

} // namespace signalbox
