#pragma once

#include <QCoreApplication>

namespace signalbox
{

// Translates the texts of this folder that no class owns.
struct TourText
{
    Q_DECLARE_TR_FUNCTIONS(Tour)
};

} // namespace signalbox
