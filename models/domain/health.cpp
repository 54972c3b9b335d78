#include "models/domain/health.h"

#include <QCoreApplication>

#include <algorithm>

namespace signalbox
{

QString healthName(Health health)
{
    switch (health) {
    case Health::NotStarted:
        return QStringLiteral("notStarted");
    case Health::Ok:
        return QStringLiteral("ok");
    case Health::Unknown:
        return QStringLiteral("unknown");
    case Health::InProgress:
        return QStringLiteral("inProgress");
    case Health::Waiting:
        return QStringLiteral("waiting");
    case Health::Warning:
        return QStringLiteral("warning");
    case Health::Failing:
        return QStringLiteral("failing");
    }
    return QStringLiteral("unknown");
}

QString healthLabel(Health health)
{
    switch (health) {
    case Health::NotStarted:
        return QCoreApplication::translate("Health", "not started");
    case Health::Ok:
        return QCoreApplication::translate("Health", "ok");
    case Health::Unknown:
        return QCoreApplication::translate("Health", "unknown");
    case Health::InProgress:
        return QCoreApplication::translate("Health", "in progress");
    case Health::Waiting:
        return QCoreApplication::translate("Health", "waiting for people");
    case Health::Warning:
        return QCoreApplication::translate("Health", "warning");
    case Health::Failing:
        return QCoreApplication::translate("Health", "failing");
    }
    return {};
}

Health worse(Health a, Health b)
{
    return std::max(a, b);
}

} // namespace signalbox
