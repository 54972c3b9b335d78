#pragma once

#include "app/commands/command.h"
#include "app/commands/statusmetrics.h"

namespace signalbox::commands
{

// `signalbox status [APP] [ENV] [--watch]`
class StatusCommand : public Command
{
    Q_OBJECT
public:
    using Command::Command;
    void interrupt() override;

protected:
    void listed() override;

private:
    void show();
    void askMetrics();
    StatusFigures m_figures;
    QString m_shown;
    bool m_isWatching = false;
};

} // namespace signalbox::commands
