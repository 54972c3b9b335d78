#pragma once

#include <QCoreApplication>

namespace signalbox::kubernetes
{

// Translates the texts of this folder that no class owns.
struct ExecPluginText
{
    Q_DECLARE_TR_FUNCTIONS(ExecPlugin)
};

} // namespace signalbox::kubernetes
