#pragma once

#include "services/ports/panelsettings.h"

namespace signalbox
{

class ConsoleSettings;

// Panels kept among the operator's own settings, for those who have no workspace file.
class ConsolePanelSettings : public PanelSettings
{
public:
    explicit ConsolePanelSettings(ConsoleSettings &settings);

    QList<MetricPanel> panels(const QString &connection, const QString &application) const override;
    Result<void> save(const QString &connection, const QString &application, const MetricPanel &panel) override;
    Result<void> remove(const QString &connection, const QString &application, const QString &id) override;

private:
    void store(const QString &connection, const QString &application, const QList<MetricPanel> &panels);

    ConsoleSettings &m_settings;
};

} // namespace signalbox
