#pragma once

#include <QCoreApplication>

namespace signalbox::cli
{

// Translates the texts of this folder that no class owns.
struct CliText
{
    Q_DECLARE_TR_FUNCTIONS(Cli)
};

} // namespace signalbox::cli
