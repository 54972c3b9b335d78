#pragma once

#include <QCoreApplication>

namespace signalbox::commands
{

// Translates the texts of this folder that no class owns.
struct CommandsText
{
    Q_DECLARE_TR_FUNCTIONS(Commands)
};

} // namespace signalbox::commands
