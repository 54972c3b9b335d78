#pragma once

#include <QCoreApplication>

namespace signalbox
{

// Translates the texts of this folder that no class owns.
struct WorkspaceText
{
    Q_DECLARE_TR_FUNCTIONS(Workspace)
};

} // namespace signalbox
