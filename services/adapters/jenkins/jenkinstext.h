#pragma once

#include <QCoreApplication>

namespace signalbox
{

struct JenkinsText
{
    Q_DECLARE_TR_FUNCTIONS(Jenkins)
};

} // namespace signalbox
