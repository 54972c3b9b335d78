#include "services/async/frugality.h"

namespace signalbox
{

// The heap of Windows is one for all threads and returns what it can by itself.
void shareMemory() {}
void returnLargeAtOnce() {}
void returnMemory() {}

} // namespace signalbox
