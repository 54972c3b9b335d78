#pragma once

#include <QStringList>

class QWidget;

namespace signalbox
{

// Texts of labels and buttons below `window` that do not have the room they need where they stand, or stick out of what
// they stand in: a sentence each. Labels that end in an ellipsis by design are not meant.
QStringList cutTexts(const QWidget &window);

} // namespace signalbox
