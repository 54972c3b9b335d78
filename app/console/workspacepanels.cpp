#include "app/console/workspacepanels.h"

#include "app/console/workspaceconnections.h"

#include <algorithm>

namespace signalbox
{

namespace
{

// What is edited or removed is the entry that is shown: one for all applications stays one for all.
WorkspacePanel shownEntry(const Workspace &workspace, const QString &connection, const QString &application,
                          const QString &id)
{
    WorkspacePanel best;
    best.panel.id = id;
    best.connection = workspace.connection(connection) ? connection : QString();
    best.application = application;
    const WorkspacePanel *found = nullptr;
    const auto weight = [](const WorkspacePanel &panel) {
        return (panel.application.isEmpty() ? 0 : 2) + (panel.connection.isEmpty() ? 0 : 1);
    };
    for (const WorkspacePanel &one : workspace.panels) {
        const bool isMeant = one.panel.id == id && (one.connection.isEmpty() || one.connection == connection) &&
                             (one.application.isEmpty() || one.application == application);
        if (isMeant && (!found || weight(one) > weight(*found)))
            found = &one;
    }
    return found ? *found : best;
}

} // namespace

WorkspacePanels::WorkspacePanels(WorkspaceConnections &workspace, PanelSettings &withoutWorkspace)
    : m_workspace(workspace)
    , m_withoutWorkspace(withoutWorkspace)
{}

QList<MetricPanel> WorkspacePanels::panels(const QString &connection, const QString &application) const
{
    const Workspace *const workspace = m_workspace.workspace();
    return workspace ? workspace->panelsFor(connection, application)
                     : m_withoutWorkspace.panels(connection, application);
}

Result<void> WorkspacePanels::save(const QString &connection, const QString &application, const MetricPanel &panel)
{
    const Workspace *const workspace = m_workspace.workspace();
    if (!workspace)
        return m_withoutWorkspace.save(connection, application, panel);
    WorkspacePanel entry = shownEntry(*workspace, connection, application, panel.id);
    entry.panel = panel;
    m_workspace.edit([entry](WorkspaceFile &file) { file.putPanel(entry); });
    return {};
}

Result<void> WorkspacePanels::remove(const QString &connection, const QString &application, const QString &id)
{
    const Workspace *const workspace = m_workspace.workspace();
    if (!workspace)
        return m_withoutWorkspace.remove(connection, application, id);
    const WorkspacePanel entry = shownEntry(*workspace, connection, application, id);
    m_workspace.edit(
        [entry](WorkspaceFile &file) { file.removePanel(entry.panel.id, entry.connection, entry.application); });
    return {};
}

} // namespace signalbox
