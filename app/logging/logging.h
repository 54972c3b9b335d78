#pragma once

#include "models/domain/result.h"

#include <QString>

#include <optional>

namespace signalbox
{

enum class LogLevel { Debug, Info, Warning, Error };
QString logLevelName(LogLevel level);
Result<LogLevel> parseLogLevel(const QString &text); // an error names the four

struct LoggingOptions
{
    QString program;               // "signalbox": names the file, program.log in logFolder()
    std::optional<LogLevel> level; // of --log-level; none: SIGNALBOX_LOG, else info
    bool onStderr = false;         // as well; --log-level says so
};

// Installs the message handler of the process: every message of every thread goes, redacted, as one line
// "TIME LEVEL CATEGORY [THREAD] TEXT" into the rotating file. Rules of QT_LOGGING_RULES win over the level.
// To be called once, from main(), before any thread starts. An unusable SIGNALBOX_LOG is an Invalid error, and then
// nothing is installed.
Result<void> startLogging(const LoggingOptions &options);
// From now on; for a setting that is changed while the program runs.
void setLogLevel(LogLevel level);
// Back to Qt's own handler; the file is closed. Called by main() at its end and by tests.
void stopLogging();

} // namespace signalbox
