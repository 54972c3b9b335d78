#pragma once

#include "models/domain/result.h"

#include <QString>

#include <chrono>

namespace signalbox
{

// "90s", "2m", "1h", "1h30m", "500ms"; a bare 0 too. An Invalid error names the forms.
Result<std::chrono::milliseconds> parseDuration(const QString &text);
QString durationText(std::chrono::seconds duration); // "2m", "1h30m", "45s"

} // namespace signalbox
