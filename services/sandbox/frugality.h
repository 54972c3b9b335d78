#pragma once

namespace signalbox::sandbox
{

// The practice world runs many threads that each need little memory for a moment. Where the allocator would keep some
// for each of them (glibc: an arena a thread), it is told to share. For the whole process; before those threads start.
void shareMemory();
// Gives back to the system what nobody uses. A few milliseconds; any thread.
void returnMemory();

} // namespace signalbox::sandbox
