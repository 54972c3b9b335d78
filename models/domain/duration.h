#pragma once

#include "models/domain/result.h"

#include <QString>

#include <chrono>

namespace signalbox
{

// "90s", "2m", "1h", "1h30m", "500ms"; a bare 0 too. An Invalid error names the forms.
Result<std::chrono::milliseconds> parseDuration(const QString &text);
// "2m", "1h30m", "45s": for people, in their language; what reads it again has to be English.
QString durationText(std::chrono::seconds duration);
// "1 h 30 m": as the screens write them.
QString spacedDurationText(std::chrono::seconds duration);

} // namespace signalbox
