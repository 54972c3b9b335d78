#include "services/workspace/workspace.h"

#include <algorithm>

namespace signalbox
{

namespace
{

// The project of this name, or what lies in the folder of this name, of those that are there. Where one of these is a
// folder itself, what it has is not told; nor is it where nothing is.
QStringList inFolder(const QString &said, const QStringList &there)
{
    if (there.isEmpty() || there.contains(said))
        return {said};
    QStringList found;
    for (const QString &one : there) {
        if (one.startsWith(said + u'/'))
            found.append(one);
        else if (said.startsWith(one + u'/'))
            found.append(said);
    }
    return found;
}

} // namespace

QString workspaceKindName(WorkspaceConnection::Kind kind)
{
    switch (kind) {
    case WorkspaceConnection::Kind::Kubernetes:
        return QStringLiteral("kubernetes");
    case WorkspaceConnection::Kind::Prometheus:
        return QStringLiteral("prometheus");
    case WorkspaceConnection::Kind::Jenkins:
        return QStringLiteral("jenkins");
    case WorkspaceConnection::Kind::GitHub:
        return QStringLiteral("github");
    case WorkspaceConnection::Kind::GitLab:
        return QStringLiteral("gitlab");
    case WorkspaceConnection::Kind::Travis:
        return QStringLiteral("travis");
    }
    return {};
}

bool hasPipelines(WorkspaceConnection::Kind kind)
{
    return kind != WorkspaceConnection::Kind::Kubernetes && kind != WorkspaceConnection::Kind::Prometheus;
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

const WorkspaceRepository *Workspace::repository(const QString &id) const
{
    const auto it = std::find_if(repositories.cbegin(), repositories.cend(),
                                 [&id](const WorkspaceRepository &one) { return one.id == id; });
    return it == repositories.cend() ? nullptr : &*it;
}

const WorkspaceRepository *Workspace::repositoryOf(const QString &application) const
{
    for (const WorkspaceApplication &candidate : applications) {
        if (candidate.name == application && !candidate.repository.isEmpty())
            return repository(candidate.repository);
    }
    return repositories.size() == 1 ? &repositories.first() : nullptr;
}

QString Workspace::teamOf(const QString &application) const
{
    for (const WorkspaceApplication &candidate : applications) {
        if (candidate.name == application)
            return candidate.team;
    }
    return {};
}

QString Workspace::applicationOf(const QString &connection, const QString &project) const
{
    const QStringList parts = project.split(u'/');
    qsizetype named = -1; // the last part that is an application's name: a folder's, a multibranch project's
    QString byName;
    for (const WorkspaceApplication &candidate : applications) {
        const bool isSaid =
            std::any_of(candidate.pipelines.cbegin(), candidate.pipelines.cend(), [&](const WorkspacePipeline &one) {
                return one.connection == connection &&
                       (one.project == project || project.startsWith(one.project + u'/'));
            });
        if (isSaid)
            return candidate.name;
        if (const qsizetype at = parts.lastIndexOf(candidate.name); candidate.pipelines.isEmpty() && at > named) {
            named = at;
            byName = candidate.name;
        }
    }
    return byName;
}

QStringList Workspace::projectsOf(const QString &application, const QString &connectionId,
                                  const QStringList &known) const
{
    const WorkspaceConnection *const server = connection(connectionId);
    const QStringList there = known.isEmpty() && server ? server->projects : known;
    QStringList candidates;
    bool isSaid = false;
    for (const WorkspaceApplication &one : applications) {
        for (const WorkspacePipeline &pipeline : one.pipelines) {
            if (one.name != application || pipeline.connection != connectionId)
                continue;
            isSaid = true;
            candidates.append(inFolder(pipeline.project, there));
        }
    }
    if (!isSaid && server)
        candidates = server->projects;
    candidates.removeDuplicates();
    candidates.removeIf([&](const QString &project) { return applicationOf(connectionId, project) != application; });
    return candidates;
}

QStringList Workspace::clustersOf(const QString &application, const QString &environment) const
{
    QStringList clusters;
    for (const WorkspaceApplication &one : applications) {
        for (const WorkspaceEnvironment &place : one.environments) {
            if (one.name == application && place.name == environment && !clusters.contains(place.connection))
                clusters.append(place.connection);
        }
    }
    return clusters;
}

QString Workspace::imageOf(const QString &application) const
{
    for (const WorkspaceApplication &candidate : applications) {
        if (candidate.name == application)
            return candidate.image;
    }
    return {};
}

QList<MetricPanel> Workspace::panelsFor(const QString &connection, const QString &application) const
{
    const auto weight = [](const WorkspacePanel &panel) {
        return (panel.application.isEmpty() ? 0 : 2) + (panel.connection.isEmpty() ? 0 : 1);
    };
    QList<const WorkspacePanel *> found;
    for (const WorkspacePanel &candidate : panels) {
        const bool isMeant = (candidate.connection.isEmpty() || candidate.connection == connection) &&
                             (candidate.application.isEmpty() || candidate.application == application);
        if (!isMeant)
            continue;
        const auto same = std::find_if(found.begin(), found.end(), [&candidate](const WorkspacePanel *one) {
            return one->panel.id == candidate.panel.id;
        });
        if (same == found.end())
            found.append(&candidate);
        else if (weight(candidate) > weight(**same))
            *same = &candidate;
    }
    QList<MetricPanel> result;
    for (const WorkspacePanel *one : std::as_const(found))
        result.append(one->panel);
    return result;
}

} // namespace signalbox
