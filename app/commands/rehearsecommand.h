#pragma once

#include "app/commands/command.h"
#include "models/domain/readiness.h"

namespace signalbox::commands
{

// `signalbox rehearse [APP [ENV]]`: goes through the way back as far as can be done without writing.
class RehearseCommand : public Command
{
    Q_OBJECT
public:
    using Command::Command;

    struct Rehearsed
    {
        Deployed deployed;
        Readiness readiness;
    };
    // Unknown where one could not be found out, Refused where one is not ready (a warning is), else Done.
    static ExitStatus statusOf(const QList<Rehearsed> &all);

protected:
    void listed() override;

private:
    void next();
    void show();

    QList<Deployed> m_waiting;
    QList<Rehearsed> m_done;
    int m_running = 0;
};

} // namespace signalbox::commands
