#include "services/sandbox/http/connections.h"

#include <winsock2.h>

namespace signalbox::sandbox
{

void cutSocket(long long socket)
{
    ::shutdown(static_cast<SOCKET>(socket), SD_BOTH);
}

void endReading(long long socket)
{
    ::shutdown(static_cast<SOCKET>(socket), SD_RECEIVE);
}

bool hasIncoming(long long socket, std::chrono::milliseconds patience)
{
    WSAPOLLFD look{static_cast<SOCKET>(socket), POLLRDNORM, 0};
    return ::WSAPoll(&look, 1, static_cast<INT>(patience.count())) != 0; // an error shows at the next read
}

void lengthenBacklog(long long socket)
{
    ::listen(static_cast<SOCKET>(socket), SOMAXCONN);
}

} // namespace signalbox::sandbox
