#pragma once

#include <QMetaType>
#include <QString>

#include <chrono>

namespace signalbox
{

// What a caller can decide by. The command line's exit statuses follow from it (app/exitstatus.h).
enum class ErrorKind {
    Cancelled,      // the caller stopped it; never shown
    TimedOut,       // no answer in time; for a write use OutcomeUnknown
    Unreachable,    // no connection: name, route, TLS
    Unauthorized,   // who are you: 401, a broken credential
    Forbidden,      // you may not: 403
    NotFound,       // 404
    Conflict,       // the world moved since it was looked at
    RateLimited,    // 429, or the like
    Invalid,        // what we were given is wrong: configuration, argument, a refused body
    Refused,        // a check of ours, or the remote's policy, says no
    Unsupported,    // the remote cannot do this
    Protocol,       // the answer makes no sense
    OutcomeUnknown, // a write whose answer was lost: read again, never repeat blindly
    Internal,       // a mistake of ours
};

// An error as a value. `message` is one sentence for people: what, where, what was expected, what to do next.
// `detail` is for the log. Neither ever holds a secret.
struct Error
{
    ErrorKind kind = ErrorKind::Internal;
    QString message;
    QString detail;
    std::chrono::milliseconds retryAfter{0}; // the remote asked not to be called again before that; 0: it did not

    bool operator==(const Error &) const = default;
};

// The stable English name, as it stands in --json output and the log: "timedOut", "outcomeUnknown" ...
QString errorKindName(ErrorKind kind);

} // namespace signalbox

Q_DECLARE_METATYPE(signalbox::Error)
