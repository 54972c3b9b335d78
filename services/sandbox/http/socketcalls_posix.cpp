#include "services/sandbox/http/connections.h"

#include <poll.h>
#include <sys/socket.h>

namespace signalbox::sandbox
{

void cutSocket(long long socket)
{
    ::shutdown(static_cast<int>(socket), SHUT_RDWR);
}

bool hasIncoming(long long socket)
{
    pollfd look{static_cast<int>(socket), POLLIN, 0};
    return ::poll(&look, 1, 0) > 0;
}

void lengthenBacklog(long long socket)
{
    ::listen(static_cast<int>(socket), 128);
}

} // namespace signalbox::sandbox
