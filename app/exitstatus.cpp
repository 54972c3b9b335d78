#include "app/exitstatus.h"

namespace signalbox
{

ExitStatus exitStatusOf(ErrorKind kind)
{
    switch (kind) {
    case ErrorKind::Cancelled:
    case ErrorKind::Refused:
    case ErrorKind::Unsupported:
    case ErrorKind::Internal:
        return ExitStatus::Refused;
    case ErrorKind::Invalid:
    case ErrorKind::NotFound:
        return ExitStatus::Usage;
    case ErrorKind::Unreachable:
    case ErrorKind::Unauthorized:
    case ErrorKind::Forbidden: // the remote's answer to a read; a missing right to act is a check, hence Refused
    case ErrorKind::RateLimited:
    case ErrorKind::Protocol:
        return ExitStatus::Unreachable;
    case ErrorKind::TimedOut:
    case ErrorKind::OutcomeUnknown:
        return ExitStatus::Unknown;
    case ErrorKind::Conflict:
        return ExitStatus::Conflict;
    }
    return ExitStatus::Refused;
}

ExitStatus exitStatusOf(const Outcome &outcome)
{
    switch (outcome.kind) {
    case OutcomeKind::Done:
    case OutcomeKind::DryRun:
        return ExitStatus::Done;
    case OutcomeKind::Unknown:
        return ExitStatus::Unknown;
    case OutcomeKind::Conflict:
        return ExitStatus::Conflict;
    case OutcomeKind::Failed:
        // An internal or invalid request of ours is no usage error of the caller's once the plan was accepted.
        switch (outcome.errorKind) {
        case ErrorKind::Unreachable:
        case ErrorKind::Unauthorized:
        case ErrorKind::Forbidden:
        case ErrorKind::RateLimited:
        case ErrorKind::Protocol:
        case ErrorKind::TimedOut:
        case ErrorKind::OutcomeUnknown:
        case ErrorKind::Conflict:
            return exitStatusOf(outcome.errorKind);
        default:
            return ExitStatus::Refused;
        }
    case OutcomeKind::Refused:
        // A right that is known to be missing is a check; a remote that says so when it is called refused us.
        switch (outcome.errorKind) {
        case ErrorKind::Unreachable:
        case ErrorKind::Unauthorized:
        case ErrorKind::Forbidden:
        case ErrorKind::RateLimited:
        case ErrorKind::TimedOut:
            return exitStatusOf(outcome.errorKind);
        default:
            return ExitStatus::Refused;
        }
    case OutcomeKind::NotEffective:
    case OutcomeKind::Cancelled:
    case OutcomeKind::Abandoned:
    case OutcomeKind::Preempted:
        return ExitStatus::Refused;
    }
    return ExitStatus::Refused;
}

} // namespace signalbox
