#pragma once

#include <QCoreApplication>

namespace signalbox::kubernetes
{

// Translates the texts of this folder that no class owns.
struct KubernetesPreflightText
{
    Q_DECLARE_TR_FUNCTIONS(KubernetesPreflight)
};

} // namespace signalbox::kubernetes
