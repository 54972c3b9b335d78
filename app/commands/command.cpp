#include "app/commands/command.h"

#include "app/commands/commandstext.h"
#include "app/commands/tell.h"
#include "models/domain/duration.h"

#include <QCoreApplication>
#include <QLoggingCategory>
#include <QTimer>

namespace signalbox::commands
{

namespace
{

Q_LOGGING_CATEGORY(category, "signalbox.app.commands")

struct CommandText
{
    Q_DECLARE_TR_FUNCTIONS(Command)
};

} // namespace

Error invalid(const QString &message)
{
    return {ErrorKind::Invalid, message, {}};
}

Result<void> checkConfirm(const cli::Arguments &arguments, const QString &application)
{
    const QString named = arguments.value(QStringLiteral("confirm"));
    if (named.isEmpty() || named == application)
        return {};
    return invalid(CommandsText::tr("--confirm names \"%1\", but the application is \"%2\".").arg(named, application));
}

Error connectionGone(const QString &id)
{
    return {ErrorKind::Internal, CommandsText::tr("The connection %1 is gone.").arg(id), {}};
}

Command::Command(Context context, QObject *parent)
    : QObject(parent)
    , m_context(std::move(context))
{}

Command::~Command()
{
    m_stop.request_stop();
}

void Command::start()
{
    connect(&session(), &Session::listingChanged, this, &Command::look);
    QTimer::singleShot(0, this, &Command::look);
    QTimer::singleShot(m_context.timeout, this, [this] {
        if (m_isListed || m_isFinished)
            return;
        Error error{
            ErrorKind::TimedOut,
            CommandText::tr(
                "No complete answer within %1: %2. Give --timeout more time, or see the log for what is slow.")
                .arg(durationText(std::chrono::duration_cast<std::chrono::seconds>(m_context.timeout)), waitingText()),
            {}};
        fail(error);
    });
}

void Command::interrupt()
{
    terminal().say(CommandText::tr("Cancelled. Nothing was written."));
    m_stop.request_stop();
    finish(ExitStatus::Refused);
}

void Command::look()
{
    if (m_isListed || m_isFinished)
        return;
    if (needsClusters() && session().listing() == Session::Listing::Loading) {
        terminal().progress(waitingText());
        return;
    }
    m_isListed = true;
    terminal().clearProgress();
    listed();
}

QString Command::waitingText() const
{
    QStringList names;
    for (const auto &cluster : m_context.session.clusters().all()) {
        if (m_context.session.listing(*cluster) == Session::Listing::Loading)
            names.append(cluster->title);
    }
    return CommandText::tr("reading %1").arg(names.join(QStringLiteral(", ")));
}

void Command::fail(const Error &error)
{
    fail(error, exitStatusOf(error.kind));
}

void Command::fail(const Error &error, ExitStatus status)
{
    if (!error.detail.isEmpty())
        qCInfo(category).noquote() << errorKindName(error.kind) << error.detail;
    finish(tell(error, status, m_context.isJson(), terminal()));
}

void Command::finish(ExitStatus status)
{
    if (m_isFinished)
        return;
    m_isFinished = true;
    QMetaObject::invokeMethod(
        this, [this, status] { emit finished(status); }, Qt::QueuedConnection);
}

} // namespace signalbox::commands
