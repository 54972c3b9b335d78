#pragma once

#include <QByteArray>
#include <QDateTime>

#include <chrono>
#include <optional>

// When a call is made again. Pure functions.
namespace signalbox
{

// How one attempt ended, as far as repeating it is concerned.
enum class AttemptEnd {
    Answered,      // there is a status
    ConnectFailed, // nothing was sent: name, connect, proxy, a TLS handshake that broke
    CutOff,        // sent, and the connection was lost before the end of the answer
    Final,         // time-out, certificate, garbage, cap: the same again would end the same
};

struct RetryQuestion
{
    QByteArray method;
    bool changesNothing = false; // whatever the method
    bool isStream = false;
    int attempt = 1; // that just ended, from 1
    int retries = 0; // allowed by the caller
    AttemptEnd end = AttemptEnd::Answered;
    int status = 0;
    std::optional<std::chrono::milliseconds> retryAfter; // asked for by the server
    std::optional<std::chrono::milliseconds> timeLeft;   // of the total; empty: no limit
    double random = 0.5;                                 // [0, 1), for the jitter
};

// How long to wait before the next attempt; empty: this was the last.
std::optional<std::chrono::milliseconds> retryWait(const RetryQuestion &question);

// A Retry-After value: seconds, or an HTTP date compared with the answer's own Date (else with `now`). Empty: not
// readable.
std::optional<std::chrono::milliseconds> parseRetryAfter(const QByteArray &value, const QDateTime &serverDate,
                                                         const QDateTime &now);

// "Sun, 06 Nov 1994 08:49:37 GMT" as RFC 9110 has it; invalid where it is not readable.
QDateTime parseHttpDate(const QByteArray &value);

// A server may ask for more; then its answer is handed to the caller instead of waiting.
inline constexpr std::chrono::milliseconds longestRetryAfter{30'000};

} // namespace signalbox
