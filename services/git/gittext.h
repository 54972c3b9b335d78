#pragma once

#include <QCoreApplication>

namespace signalbox::git
{

// Translates the texts of this folder that no class owns.
struct GitText
{
    Q_DECLARE_TR_FUNCTIONS(Git)
};

} // namespace signalbox::git
