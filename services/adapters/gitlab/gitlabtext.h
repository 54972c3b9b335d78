#pragma once

#include <QCoreApplication>

namespace signalbox
{

struct GitLabText
{
    Q_DECLARE_TR_FUNCTIONS(GitLab)
};

} // namespace signalbox
