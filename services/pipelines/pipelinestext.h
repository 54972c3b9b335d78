#pragma once

#include <QCoreApplication>

namespace signalbox
{

struct PipelinesText
{
    Q_DECLARE_TR_FUNCTIONS(Pipelines)
};

} // namespace signalbox
