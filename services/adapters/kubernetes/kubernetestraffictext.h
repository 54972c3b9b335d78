#pragma once

#include <QCoreApplication>

namespace signalbox::kubernetes
{

// Translates the texts of this folder that no class owns.
struct KubernetesTrafficText
{
    Q_DECLARE_TR_FUNCTIONS(KubernetesTraffic)
};

} // namespace signalbox::kubernetes
