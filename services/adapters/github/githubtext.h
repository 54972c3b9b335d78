#pragma once

#include <QCoreApplication>

namespace signalbox
{

struct GitHubText
{
    Q_DECLARE_TR_FUNCTIONS(GitHub)
};

} // namespace signalbox
