#pragma once

class QWidget;

namespace signalbox
{

struct FactRow;

// All there is to read of a line: a failed test's message and trace. Deletes itself when closed.
void showFactText(const FactRow &row, QWidget *parent);

} // namespace signalbox
