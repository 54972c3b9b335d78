#pragma once

#include <QString>

namespace signalbox
{

// The seven states the console shows, each with a sign of its own besides its colour. Order: the worst last.
enum class Health {
    NotStarted, // ○
    Ok,         // ●
    Unknown,    // ◌  never folded into Ok
    InProgress, // ◐
    Waiting,    // ‖  for people
    Warning,    // ▲
    Failing,    // ✖
};

QString healthName(Health health);  // "ok", "warning" ...: stable, for --json
QString healthLabel(Health health); // for people and screen readers
Health worse(Health a, Health b);

} // namespace signalbox
