#include "models/domain/application.h"

#include <QCoreApplication>
#include <QRegularExpression>

namespace signalbox
{

QString routerKindLabel(RouterRef::Kind kind)
{
    switch (kind) {
    case RouterRef::Kind::ServiceSelector:
        return QCoreApplication::translate("Router", "Service selector");
    case RouterRef::Kind::HttpRoute:
        return QStringLiteral("Gateway API");
    case RouterRef::Kind::VirtualService:
        return QStringLiteral("Istio");
    case RouterRef::Kind::ArgoRollout:
        return QStringLiteral("Argo Rollouts");
    case RouterRef::Kind::IngressNginx:
        return QStringLiteral("ingress-nginx");
    case RouterRef::Kind::HAProxy:
        return QStringLiteral("HAProxy");
    }
    return {};
}

bool isProtectedByName(const QString &environment)
{
    static const QRegularExpression words(
        QStringLiteral("(^|[^A-Za-z])(dev|test|qa|staging|preview|sandbox)($|[^A-Za-z])"),
        QRegularExpression::CaseInsensitiveOption);
    return !words.match(environment).hasMatch();
}

} // namespace signalbox
