// What the server's refusals mean to people. Status objects: k8s.io/apimachinery/pkg/apis/meta/v1/types.go.
#include "services/adapters/kubernetes/kubeclient.h"

#include "services/adapters/kubernetes/jsonfields.h"
#include "services/adapters/kubernetes/kubernetestext.h"
#include "services/net/retrypolicy.h"

#include <QUrl>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace signalbox::kubernetes
{

namespace
{

constexpr qsizetype longestMessage = 600;

// One line, of bearable length.
QString tidy(const QString &text)
{
    QString line = text.simplified();
    if (line.size() > longestMessage)
        line = line.left(longestMessage) + u'…';
    while (line.endsWith(u'.'))
        line.chop(1);
    return line;
}

struct Status
{
    int code = 0;
    QString reason;
    QString message;
};

// Empty reason and message: not a Status object.
Status statusOf(const HttpResponse &response)
{
    Status status{response.status, {}, {}};
    const auto object = nlohmann::json::parse(response.body.cbegin(), response.body.cend(), nullptr, false);
    if (object.is_object()) {
        status.reason = textOf(object, "reason");
        status.message = tidy(textOf(object, "message"));
    } else if (!response.header("Content-Type").startsWith("text/html")) {
        status.message = tidy(QString::fromUtf8(response.body.left(longestMessage)));
    }
    return status;
}

ErrorKind kindOf(int code)
{
    switch (code) {
    case 400:
    case 413:
    case 422:
        return ErrorKind::Invalid;
    case 401:
        return ErrorKind::Unauthorized;
    case 403:
        return ErrorKind::Forbidden;
    case 404:
        return ErrorKind::NotFound;
    case 409:
    case 410:
    case 412:
        return ErrorKind::Conflict;
    case 405:
    case 406:
    case 415:
    case 501:
        return ErrorKind::Unsupported;
    case 429:
        return ErrorKind::RateLimited;
    default:
        return code >= 500 ? ErrorKind::Unreachable : ErrorKind::Protocol;
    }
}

// `what` and `said` are filled in: %1 is what was tried, %2 is ": " and the server's words, or nothing.
QString sentenceOf(int code, const QString &reason)
{
    switch (code) {
    case 401:
        return KubernetesText::tr(
            "The server does not accept our credential to %1%2. It may have expired: log in again, or check the user "
            "of this context in the kubeconfig.");
    case 403:
        return KubernetesText::tr("You may not %1%2. Ask whoever manages the cluster's roles for this right.");
    case 404:
        return KubernetesText::tr(
            "The server could not %1: there is no such thing%2. Look whether it was deleted or renamed.");
    case 409:
        return reason == u"AlreadyExists"
                   ? KubernetesText::tr("The server could not %1: it exists already%2. Choose another "
                                        "name or change the one there is.")
                   : KubernetesText::tr("The server did not %1, for the object changed meanwhile%2. Look "
                                        "at the new state and try again.");
    case 410:
        return KubernetesText::tr(
            "The server could not %1: that version is too old%2. It has to be read again from the start.");
    case 422:
        return KubernetesText::tr("The server refused to %1, for what it was given is not valid or no longer holds%2.");
    case 429:
        return KubernetesText::tr("The server is too busy to %1%2. Wait a moment and try again.");
    case 405:
    case 406:
    case 415:
    case 501:
        return KubernetesText::tr("This server cannot %1%2.");
    default:
        return code >= 500
                   ? KubernetesText::tr("The server failed to %1%2. Try again; if it lasts, look at the API server.")
                   : KubernetesText::tr("The server refused to %1%2.");
    }
}

} // namespace

Error errorOfStatus(int code, const QString &reason, const QString &message, const QString &what)
{
    const QString said = tidy(message);
    Error error;
    error.kind = kindOf(code);
    error.message = sentenceOf(code, reason).arg(what, said.isEmpty() ? QString() : QStringLiteral(": ") + said);
    error.detail =
        code == 410 ? QStringLiteral("expired") : QStringLiteral("HTTP %1 %2").arg(code).arg(reason).trimmed();
    return error;
}

Error errorOf(const HttpResponse &response, const QString &what)
{
    if (response.header("Content-Type").startsWith("text/html") && response.status != 401 && response.status != 403) {
        const QString host = response.url.host() +
                             (response.url.port() > 0 ? QStringLiteral(":%1").arg(response.url.port()) : QString());
        return {
            ErrorKind::Protocol,
            KubernetesText::tr(
                "%1 answered with a web page (HTTP %2) where a Kubernetes API server was expected, so we could not %3. "
                "Check the server address of this cluster in the kubeconfig, and the proxy.")
                .arg(host.isEmpty() ? KubernetesText::tr("The server") : host)
                .arg(response.status)
                .arg(what),
            QStringLiteral("HTTP %1, text/html").arg(response.status)};
    }
    const Status status = statusOf(response);
    Error error = errorOfStatus(status.code, status.reason, status.message, what);
    const QByteArray wait = response.header("Retry-After");
    if (wait.isEmpty())
        return error;
    if (error.kind == ErrorKind::RateLimited)
        error.detail += QStringLiteral(", Retry-After %1").arg(QString::fromLatin1(wait.left(40)));
    if (const auto asked = parseRetryAfter(wait, response.serverDate, QDateTime::currentDateTimeUtc()))
        error.retryAfter = std::max(*asked, std::chrono::milliseconds(0));
    return error;
}

namespace
{

struct Place // what a path below /api or /apis names
{
    QString resource; // with the subresource: "deployments/scale"
    QString ns;
    QString name;
};

Place placeOf(const QByteArray &path)
{
    QStringList steps;
    const QList<QByteArray> raw = path.split('/');
    for (const QByteArray &step : raw) {
        if (!step.isEmpty())
            steps.append(QUrl::fromPercentEncoding(step));
    }
    steps = steps.mid(steps.value(0) == u"apis" ? 3 : 2);
    Place place;
    if (steps.size() > 2 && steps.first() == u"namespaces" && steps.value(2) != u"status" &&
        steps.value(2) != u"finalize") {
        place.ns = steps.at(1);
        steps = steps.mid(2);
    }
    place.resource = steps.value(0);
    place.name = steps.value(1);
    if (steps.size() > 2)
        place.resource += u'/' + steps.mid(2).join(u'/');
    return place;
}

} // namespace

QString describeRequest(const QByteArray &method, const QByteArray &target)
{
    const qsizetype queryAt = target.indexOf('?');
    const QByteArray path = queryAt < 0 ? target : target.left(queryAt);
    const QByteArray query = queryAt < 0 ? QByteArray() : target.mid(queryAt + 1);
    const Place place = placeOf(path);
    if (place.resource.isEmpty())
        return path == "/version" ? KubernetesText::tr("read the server's version")
                                  : KubernetesText::tr("discover what the server offers");
    if (path.startsWith("/apis/authorization.k8s.io/"))
        return KubernetesText::tr("ask for our rights");
    const QString where = place.ns.isEmpty() ? QString() : place.ns + u'/';
    if (method == "GET" && place.name.isEmpty()) {
        const bool watches = query.split('&').contains("watch=1") || query.split('&').contains("watch=true");
        const QString text = watches ? KubernetesText::tr("watch %1") : KubernetesText::tr("list %1");
        return place.ns.isEmpty() ? text.arg(place.resource)
                                  : KubernetesText::tr("%1 in %2").arg(text.arg(place.resource), place.ns);
    }
    const QString object = place.resource + (place.name.isEmpty() ? QString() : u' ' + where + place.name);
    if (method == "GET")
        return KubernetesText::tr("read %1").arg(object);
    if (method == "POST")
        return place.ns.isEmpty() || !place.name.isEmpty()
                   ? KubernetesText::tr("create %1").arg(object)
                   : KubernetesText::tr("create %1 in %2").arg(object, place.ns);
    if (method == "DELETE")
        return KubernetesText::tr("delete %1").arg(object);
    return KubernetesText::tr("change %1").arg(object);
}

QByteArray encoded(const QString &text)
{
    return QUrl::toPercentEncoding(text);
}

} // namespace signalbox::kubernetes
