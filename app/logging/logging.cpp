#include "app/logging/logging.h"

#include "app/logging/logfile.h"
#include "app/logging/redactor.h"
#include "app/paths.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLoggingCategory>
#include <QThread>

#include <atomic>
#include <cstdio>
#include <memory>
#include <mutex>

namespace signalbox
{

namespace
{

// The one global of the program: Qt's message handler is one itself and gets no context.
struct Log
{
    std::mutex mutex;
    std::unique_ptr<LogFile> file;
    bool onStderr = false;
};
Log &theLog()
{
    static Log log;
    return log;
}
QtMessageHandler &previousHandler()
{
    static QtMessageHandler handler = nullptr;
    return handler;
}

const char *typeName(QtMsgType type)
{
    switch (type) {
    case QtDebugMsg:
        return "debug";
    case QtInfoMsg:
        return "info";
    case QtWarningMsg:
        return "warning";
    case QtCriticalMsg:
        return "error";
    case QtFatalMsg:
        break;
    }
    return "fatal";
}

QByteArray lineOf(QtMsgType type, const QMessageLogContext &context, const QString &message)
{
    QString text = redacted(message);
    // One message, one line: nobody can forge a second one.
    text.replace(QLatin1Char('\\'), QLatin1String("\\\\"));
    text.replace(QLatin1Char('\n'), QLatin1String("\\n"));
    text.replace(QLatin1Char('\r'), QLatin1String("\\r"));
    const auto thread = reinterpret_cast<quintptr>(QThread::currentThreadId());
    return QStringLiteral("%1 %2 %3 [%4:%5] %6\n")
        .arg(QDateTime::currentDateTimeUtc().toString(Qt::ISODateWithMs), QLatin1String(typeName(type)),
             QLatin1String(context.category ? context.category : "default"),
             QString::number(QCoreApplication::applicationPid()), QString::number(thread & 0xffffff, 16), text)
        .toUtf8();
}

void handleMessage(QtMsgType type, const QMessageLogContext &context, const QString &message)
{
    const QByteArray line = lineOf(type, context, message);
    Log &log = theLog();
    const std::lock_guard lock(log.mutex);
    if (log.file)
        log.file->append(line);
    if (log.onStderr || type == QtFatalMsg) {
        std::fwrite(line.constData(), 1, static_cast<size_t>(line.size()), stderr);
        std::fflush(stderr);
    }
}

QString rulesFor(LogLevel level)
{
    // Qt's own categories stay at warning unless QT_LOGGING_RULES asks for them.
    const auto enabled = [level](LogLevel at) {
        return level <= at ? QStringLiteral("true") : QStringLiteral("false");
    };
    return QStringLiteral("*.debug=false\n*.info=false\n*.warning=%3\n"
                          "signalbox.*.debug=%1\nsignalbox.*.info=%2\nsignalbox.*.warning=%3\n")
        .arg(enabled(LogLevel::Debug), enabled(LogLevel::Info), enabled(LogLevel::Warning));
}

} // namespace

QString logLevelName(LogLevel level)
{
    switch (level) {
    case LogLevel::Debug:
        return QStringLiteral("debug");
    case LogLevel::Info:
        return QStringLiteral("info");
    case LogLevel::Warning:
        return QStringLiteral("warning");
    case LogLevel::Error:
        break;
    }
    return QStringLiteral("error");
}

Result<LogLevel> parseLogLevel(const QString &text)
{
    for (const LogLevel level : {LogLevel::Debug, LogLevel::Info, LogLevel::Warning, LogLevel::Error}) {
        if (text.compare(logLevelName(level), Qt::CaseInsensitive) == 0)
            return level;
    }
    return Error{
        ErrorKind::Invalid,
        QCoreApplication::translate("Logging", "\"%1\" is no log level: give debug, info, warning or error.").arg(text),
        {}};
}

void setLogLevel(LogLevel level)
{
    QLoggingCategory::setFilterRules(rulesFor(level));
}

Result<void> startLogging(const LoggingOptions &options)
{
    LogLevel level = LogLevel::Info;
    if (options.level) {
        level = *options.level;
    } else if (const QString asked = qEnvironmentVariable("SIGNALBOX_LOG"); !asked.isEmpty()) {
        const auto parsed = parseLogLevel(asked);
        if (!parsed)
            return Error{ErrorKind::Invalid,
                         QCoreApplication::translate("Logging", "SIGNALBOX_LOG: %1").arg(parsed.error().message),
                         {}};
        level = *parsed;
    }
    {
        Log &log = theLog();
        const std::lock_guard lock(log.mutex);
        log.file = std::make_unique<LogFile>(logFolder() + QLatin1Char('/') + options.program + QStringLiteral(".log"));
        log.onStderr = options.onStderr;
    }
    setLogLevel(level);
    const QtMessageHandler before = qInstallMessageHandler(handleMessage);
    if (before != handleMessage)
        previousHandler() = before;
    return {};
}

void stopLogging()
{
    qInstallMessageHandler(previousHandler());
    QLoggingCategory::setFilterRules(QString());
    Log &log = theLog();
    const std::lock_guard lock(log.mutex);
    log.file.reset();
    log.onStderr = false;
}

} // namespace signalbox
