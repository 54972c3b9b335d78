#pragma once

namespace signalbox
{

// A console, and more so a practice world, runs many threads that each need little memory for a moment. Where the
// allocator would keep some for each of them (glibc: an arena a thread), it is told to share; what tests/bench measures
// takes as long with it as without. For the whole process; before those threads start.
void shareMemory();
// From now on what is large is the system's again as soon as it is freed, at the price of asking for it each time.
void returnLargeAtOnce();
// Gives back to the system what nobody uses. A few milliseconds; any thread.
void returnMemory();

} // namespace signalbox
