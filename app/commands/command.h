#pragma once

#include "app/cli/arguments.h"
#include "app/cli/terminal.h"
#include "app/exitstatus.h"
#include "app/wiring/session.h"
#include "services/async/stoptoken.h"

#include <QObject>

#include <chrono>

namespace signalbox::commands
{

// What a command works with. Borrowed, for its whole life.
struct Context
{
    const cli::Arguments &arguments;
    cli::Terminal &terminal;
    Session &session;
    const Sources &sources;
    std::chrono::milliseconds timeout{30000}; // for the first complete listing

    bool isJson() const { return arguments.has(QStringLiteral("json")); }
};

// What was asked cannot be: exit status 2.
Error invalid(const QString &message);
// Invalid where --confirm names another application; without the option nothing is said.
Result<void> checkConfirm(const cli::Arguments &arguments, const QString &application);
// What was found a moment ago has no connection any more.
Error connectionGone(const QString &id);

// One run of one command: start(), then finished() once, never from inside start(). Main thread.
class Command : public QObject
{
    Q_OBJECT
public:
    explicit Command(Context context, QObject *parent = nullptr);
    ~Command() override;

    void start();
    // Ctrl+C: stop at a safe point. Ends with finished(), at once or after it.
    virtual void interrupt();

signals:
    void finished(signalbox::ExitStatus status);

protected:
    // Everything has been listed once: look for APP and ENV now.
    virtual void listed() = 0;
    // False: listed() comes at once.
    virtual bool needsClusters() const { return true; }

    Context &context() { return m_context; }
    cli::Terminal &terminal() const { return m_context.terminal; }
    Session &session() const { return m_context.session; }
    QString option(const char *name) const { return m_context.arguments.value(QString::fromLatin1(name)); }
    bool has(const char *name) const { return m_context.arguments.has(QString::fromLatin1(name)); }
    QString application() const { return m_context.arguments.positionals.value(0); }
    QString environment() const { return m_context.arguments.positionals.value(1); }
    StopToken stopToken() const { return m_stop.get_token(); }

    // Says the error (as JSON where asked for) and ends with the status it stands for.
    void fail(const Error &error);
    void fail(const Error &error, ExitStatus status);
    void finish(ExitStatus status); // later, and only once

private:
    void look();
    QString waitingText() const;
    Context m_context;
    StopSource m_stop;
    bool m_isListed = false;
    bool m_isFinished = false;
};

} // namespace signalbox::commands
