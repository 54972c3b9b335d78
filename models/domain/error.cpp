#include "models/domain/error.h"

namespace signalbox
{

QString errorKindName(ErrorKind kind)
{
    switch (kind) {
    case ErrorKind::Cancelled:
        return QStringLiteral("cancelled");
    case ErrorKind::TimedOut:
        return QStringLiteral("timedOut");
    case ErrorKind::Unreachable:
        return QStringLiteral("unreachable");
    case ErrorKind::Unauthorized:
        return QStringLiteral("unauthorized");
    case ErrorKind::Forbidden:
        return QStringLiteral("forbidden");
    case ErrorKind::NotFound:
        return QStringLiteral("notFound");
    case ErrorKind::Conflict:
        return QStringLiteral("conflict");
    case ErrorKind::RateLimited:
        return QStringLiteral("rateLimited");
    case ErrorKind::Invalid:
        return QStringLiteral("invalid");
    case ErrorKind::Refused:
        return QStringLiteral("refused");
    case ErrorKind::Unsupported:
        return QStringLiteral("unsupported");
    case ErrorKind::Protocol:
        return QStringLiteral("protocol");
    case ErrorKind::OutcomeUnknown:
        return QStringLiteral("outcomeUnknown");
    case ErrorKind::Internal:
        break;
    }
    return QStringLiteral("internal");
}

} // namespace signalbox
