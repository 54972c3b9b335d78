#pragma once

#include <QCoreApplication>

namespace signalbox
{

// Translates the texts of this folder that no class owns.
struct SourcesText
{
    Q_DECLARE_TR_FUNCTIONS(Sources)
};

} // namespace signalbox
