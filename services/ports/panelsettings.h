#pragma once

#include "models/domain/metric.h"
#include "models/domain/result.h"

#include <QList>

namespace signalbox
{

// Where the operator's own panels are kept. A panel with the id of a suggested one replaces it. GUI thread.
class PanelSettings
{
public:
    virtual ~PanelSettings();

    // In the order they were added. Empty connection or application: those that hold for all.
    virtual QList<MetricPanel> panels(const QString &connection, const QString &application) const = 0;
    virtual Result<void> save(const QString &connection, const QString &application, const MetricPanel &panel) = 0;
    virtual Result<void> remove(const QString &connection, const QString &application, const QString &id) = 0;
};

} // namespace signalbox
