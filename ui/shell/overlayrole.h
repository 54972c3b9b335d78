#pragma once

class QWidget;

namespace signalbox
{

// What lies over the window and takes its keys says to screen readers that it is a dialog, not a nameless area.
void sayDialog(QWidget *overlay);

} // namespace signalbox
