#pragma once

#include <QCoreApplication>

namespace signalbox::kubernetes
{

// Translates the texts of this folder that no class owns.
struct KubeConfigText
{
    Q_DECLARE_TR_FUNCTIONS(KubeConfig)
};

} // namespace signalbox::kubernetes
