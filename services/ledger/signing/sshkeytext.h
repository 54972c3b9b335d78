#pragma once

#include <QCoreApplication>

namespace signalbox::ssh
{

// Translates the texts of this folder that no class owns.
struct SshKeyText
{
    Q_DECLARE_TR_FUNCTIONS(SshKey)
};

} // namespace signalbox::ssh
