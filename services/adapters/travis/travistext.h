#pragma once

#include <QCoreApplication>

namespace signalbox::travis
{

struct TravisText
{
    Q_DECLARE_TR_FUNCTIONS(Travis)
};

} // namespace signalbox::travis
