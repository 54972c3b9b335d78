#include "app/cli/ownsession.h"

namespace signalbox::cli
{

void leadOwnSession(QProcess &) {}

} // namespace signalbox::cli
