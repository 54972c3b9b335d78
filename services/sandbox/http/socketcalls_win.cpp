#include "services/sandbox/http/connections.h"

#include <winsock2.h>

namespace signalbox::sandbox
{

void cutSocket(long long socket)
{
    ::shutdown(static_cast<SOCKET>(socket), SD_BOTH);
}

bool hasIncoming(long long socket)
{
    WSAPOLLFD look{static_cast<SOCKET>(socket), POLLRDNORM, 0};
    return ::WSAPoll(&look, 1, 0) > 0;
}

void lengthenBacklog(long long socket)
{
    ::listen(static_cast<SOCKET>(socket), SOMAXCONN);
}

} // namespace signalbox::sandbox
