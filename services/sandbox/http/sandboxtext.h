#pragma once

#include <QCoreApplication>

namespace signalbox::sandbox
{

// Translates the texts of this folder that no class owns.
struct SandboxText
{
    Q_DECLARE_TR_FUNCTIONS(Sandbox)
};

} // namespace signalbox::sandbox
