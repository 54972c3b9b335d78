#pragma once

#include <QCoreApplication>

namespace signalbox::policy
{

// Translates the texts of this folder that no class owns.
struct PolicyText
{
    Q_DECLARE_TR_FUNCTIONS(Policy)
};

} // namespace signalbox::policy
