#include "app/cli/ownsession.h"

#include <QProcess>

#include <unistd.h>

namespace signalbox::cli
{

void leadOwnSession(QProcess &process)
{
    process.setChildProcessModifier([] { ::setsid(); });
}

} // namespace signalbox::cli
