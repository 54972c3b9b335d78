#pragma once

#include <QCoreApplication>

namespace signalbox::ssh
{

// Translates the texts of this folder that no class owns.
struct SshSignerText
{
    Q_DECLARE_TR_FUNCTIONS(SshSigner)
};

} // namespace signalbox::ssh
