#pragma once

#include <QCoreApplication>

namespace signalbox
{

// Translates the texts of this folder that no class owns.
struct PromotionsText
{
    Q_DECLARE_TR_FUNCTIONS(Promotions)
};

} // namespace signalbox
