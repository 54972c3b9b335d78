#pragma once

#include "app/commands/command.h"

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
    QString m_shown;
    bool m_isWatching = false;
};

} // namespace signalbox::commands
