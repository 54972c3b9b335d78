#pragma once

#include "services/ports/panelsettings.h"

namespace signalbox
{

class WorkspaceConnections;

// Own queries belong to the team: they are kept in the workspace while one is open, and among the operator's settings
// where there is none. Both outlive it.
class WorkspacePanels : public PanelSettings
{
public:
    WorkspacePanels(WorkspaceConnections &workspace, PanelSettings &withoutWorkspace);

    QList<MetricPanel> panels(const QString &connection, const QString &application) const override;
    Result<void> save(const QString &connection, const QString &application, const MetricPanel &panel) override;
    Result<void> remove(const QString &connection, const QString &application, const QString &id) override;

private:
    WorkspaceConnections &m_workspace;
    PanelSettings &m_withoutWorkspace;
};

} // namespace signalbox
