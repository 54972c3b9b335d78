#pragma once

#include "models/domain/error.h"
#include "models/domain/operation.h"

namespace signalbox
{

// What the command line tells the shell. The numbers are a promise: scripts and CI jobs decide by them.
enum class ExitStatus {
    Done = 0,        // done and observed
    Refused = 1,     // refused by a check, rejected, not effective, cancelled, or a verdict other than pass
    Usage = 2,       // the command line or a file it names is wrong
    Unreachable = 3, // the remote cannot be reached or refused us
    Unknown = 4,     // timed out, or the outcome is unknown
    Conflict = 5,    // the world moved
};

ExitStatus exitStatusOf(ErrorKind kind);
// A refusal and a failure are told apart by the outcome's errorKind.
ExitStatus exitStatusOf(const Outcome &outcome);

} // namespace signalbox
