#pragma once

#include <QCoreApplication>

namespace signalbox::kubernetes
{

// Translates the texts of this folder that no class owns.
struct KubernetesText
{
    Q_DECLARE_TR_FUNCTIONS(Kubernetes)
};

} // namespace signalbox::kubernetes
