#pragma once

#include "app/cli/arguments.h"
#include "app/commands/commandstext.h"
#include "models/domain/duration.h"
#include "services/async/deliver.h"

#include <QPromise>
#include <QTimer>

#include <chrono>
#include <memory>
#include <optional>

// How long each of several servers is waited for, so that one that does not answer does not hide what the others said.
namespace signalbox::commands
{

// None: until the connection itself gives up.
using Patience = std::optional<std::chrono::milliseconds>;

// As --timeout gives it.
inline Patience patienceOf(const cli::Arguments &arguments)
{
    const auto given = parseDuration(arguments.value(QStringLiteral("timeout")));
    return given ? Patience(*given) : std::nullopt;
}

// The answer, or TimedOut when it is not there in time; what is asked is not stopped. In the thread of `context`.
template <typename T>
QFuture<Result<T>> within(QObject *context, const QFuture<Result<T>> &asked, const Patience &patience)
{
    if (!patience)
        return asked;
    auto promise = std::make_shared<QPromise<Result<T>>>();
    promise->start();
    const auto give = [promise](const Result<T> &answer) {
        if (promise->future().isFinished())
            return;
        promise->addResult(answer);
        promise->finish();
    };
    QTimer::singleShot(*patience, context, [give, patience] {
        give(Error{ErrorKind::TimedOut,
                   CommandsText::tr("No complete answer within %1 s. Give --timeout more time, or see the log for what "
                                    "is slow.")
                       .arg(std::chrono::duration<double>(*patience).count()),
                   {}});
    });
    deliver(asked, {}, context, give);
    return promise->future();
}

} // namespace signalbox::commands
