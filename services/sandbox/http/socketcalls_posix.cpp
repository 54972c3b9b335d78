#include "services/sandbox/http/connections.h"

#include <poll.h>
#include <sys/socket.h>

namespace signalbox::sandbox
{

void cutSocket(long long socket)
{
    ::shutdown(static_cast<int>(socket), SHUT_RDWR);
}

void endReading(long long socket)
{
    ::shutdown(static_cast<int>(socket), SHUT_RD);
}

bool hasIncoming(long long socket, std::chrono::milliseconds patience)
{
    pollfd look{static_cast<int>(socket), POLLIN, 0};
    return ::poll(&look, 1, static_cast<int>(patience.count())) != 0; // an error shows at the next read
}

void lengthenBacklog(long long socket)
{
    ::listen(static_cast<int>(socket), 128);
}

} // namespace signalbox::sandbox
