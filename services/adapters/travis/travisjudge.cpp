#include "services/adapters/travis/travisjudge.h"

#include "services/adapters/travis/travisjson.h"
#include "services/adapters/travis/travistext.h"
#include "services/net/retrypolicy.h"

namespace signalbox::travis
{

namespace
{

std::optional<std::pair<ErrorKind, QString>> meaning(const QString &host, const HttpResponse &response,
                                                     const QString &message, const QString &what)
{
    const auto json = parsed(response.body);
    const QString type = json ? textAt(*json, "error_type") : QString();
    // A wrong token is 403 here, "access denied"; none at all where one is needed is "login required".
    if (type == QLatin1String("login_required") || type == QLatin1String("wrong_credentials") ||
        (response.status == 403 && message == QLatin1String("access denied")))
        return std::pair(
            ErrorKind::Unauthorized,
            TravisText::tr("%1 does not know us: the token is missing, wrong or has expired (%2).").arg(host, what));
    if (type == QLatin1String("insufficient_access") || type == QLatin1String("push_access_required"))
        return std::pair(ErrorKind::Forbidden,
                         TravisText::tr("%1 does not let this token: %2. It says: %3.").arg(host, what, message));
    // Not the API's own words, which are JSON: rack-attack in front of it (travis-api, lib/travis/api/attack.rb).
    if (response.status == 403 && response.body.trimmed() == "Forbidden")
        return std::pair(ErrorKind::RateLimited,
                         TravisText::tr("%1 shuts us out for a while, as it does with whoever asks for too much at "
                                        "once (%2): try later.")
                             .arg(host, what));
    if (type == QLatin1String("request_limit_reached")) {
        const QString most = textAt(*json, "max_requests"); // an hour, as per_seconds says: 3600
        return std::pair(ErrorKind::RateLimited,
                         most.isEmpty() ? TravisText::tr("%1 starts no more builds of this repository by its API "
                                                         "within an hour: try later.")
                                              .arg(host)
                                        : TravisText::tr("%1 starts at most %2 builds of this repository by its API "
                                                         "within an hour: try later.")
                                              .arg(host, most));
    }
    if (type == QLatin1String("repository_inactive"))
        return std::pair(ErrorKind::Refused,
                         TravisText::tr("The repository is switched off at %1: switch it on there first.").arg(host));
    if (type.endsWith(QLatin1String("_already_running")))
        return std::pair(ErrorKind::Conflict, TravisText::tr("It runs again already: somebody was faster."));
    if (type.endsWith(QLatin1String("_not_cancelable")))
        return std::pair(ErrorKind::Conflict, TravisText::tr("It had ended before it could be cancelled."));
    return std::nullopt;
}

} // namespace

RestClient::Judge judgeFor(const QString &host)
{
    return [host](const HttpResponse &response, const RestClient::Ask &ask,
                  const QString &message) -> std::optional<Error> {
        const auto found = meaning(host, response, message, ask.what);
        if (!found)
            return std::nullopt;
        Error error{found->first, found->second, QStringLiteral("HTTP %1: %2").arg(response.status).arg(message)};
        error.retryAfter =
            parseRetryAfter(response.header("Retry-After"), response.serverDate, QDateTime::currentDateTimeUtc())
                .value_or(std::chrono::milliseconds(0));
        return error;
    };
}

} // namespace signalbox::travis
