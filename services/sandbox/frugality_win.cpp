#include "services/sandbox/frugality.h"

namespace signalbox::sandbox
{

// The heap of Windows is one for all threads and returns what it can by itself.
void shareMemory() {}
void returnMemory() {}

} // namespace signalbox::sandbox
