#include "services/sandbox/frugality.h"

#ifdef __linux__
#include <malloc.h>
#endif

namespace signalbox::sandbox
{

#ifdef __GLIBC__

void shareMemory()
{
    mallopt(M_ARENA_MAX, 1); // measured: 12 MB less than one a thread, with a console on the practice world
}

void returnMemory()
{
    malloc_trim(0);
}

#else

void shareMemory() {}
void returnMemory() {}

#endif

} // namespace signalbox::sandbox
