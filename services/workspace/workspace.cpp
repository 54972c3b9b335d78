#include "services/workspace/workspace.h"

namespace signalbox
{

QString workspaceKindName(WorkspaceConnection::Kind kind)
{
    return kind == WorkspaceConnection::Kind::Kubernetes ? QStringLiteral("kubernetes") : QStringLiteral("prometheus");
}

const WorkspaceConnection *Workspace::connection(const QString &id) const
{
    for (const WorkspaceConnection &candidate : connections) {
        if (candidate.id == id)
            return &candidate;
    }
    return nullptr;
}

QString Workspace::environmentOf(const QString &application, const QString &connection, const QString &ns) const
{
    for (const WorkspaceApplication &candidate : applications) {
        if (candidate.name != application)
            continue;
        for (const WorkspaceEnvironment &environment : candidate.environments) {
            if (environment.connection == connection && environment.ns == ns)
                return environment.name;
        }
    }
    return {};
}

} // namespace signalbox
