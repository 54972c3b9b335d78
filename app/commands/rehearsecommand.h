#pragma once

#include "app/commands/command.h"
#include "models/domain/readiness.h"

namespace signalbox
{
class ErrorWatch;
}

namespace signalbox::commands
{

// `signalbox rehearse [APP [ENV]]`: goes through the way back as far as can be done without writing. Its lights are
// those of the Overview: the same rehearsal, and the same question to the metric source whether what one would go back
// to fails itself.
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
    void askFigures(const QList<Deployed> &about);
    void next();
    void showIfAllIsThere();
    void show();
    std::optional<QString> figuresProblem() const;

    ErrorWatch *m_errors = nullptr; // null: there is no metric source
    bool m_areFiguresAwaited = false;
    QList<Deployed> m_waiting;
    QList<Rehearsed> m_done;
    int m_running = 0;
};

} // namespace signalbox::commands
