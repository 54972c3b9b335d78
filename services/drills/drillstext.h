#pragma once

#include <QCoreApplication>

namespace signalbox::drills
{

// Translates the texts of this folder that no class owns.
struct DrillsText
{
    Q_DECLARE_TR_FUNCTIONS(Drills)
};

} // namespace signalbox::drills
