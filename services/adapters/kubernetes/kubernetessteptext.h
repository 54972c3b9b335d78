#pragma once

#include <QCoreApplication>

namespace signalbox::kubernetes
{

// Translates the texts of this folder that no class owns.
struct KubernetesStepText
{
    Q_DECLARE_TR_FUNCTIONS(KubernetesStep)
};

} // namespace signalbox::kubernetes
