#pragma once

#include "services/ports/metricsource.h"

#include <memory>
#include <vector>

namespace signalbox
{

// The metric sources of the workspace. GUI thread. Made by app, which knows the adapters.
class MetricSet : public QObject
{
    Q_OBJECT
public:
    explicit MetricSet(QObject *parent = nullptr);
    ~MetricSet() override;

    MetricSource &add(std::unique_ptr<MetricSource> source);
    void remove(const QString &connection);
    MetricSource *find(const QString &connection) const; // null: none
    const std::vector<std::unique_ptr<MetricSource>> &all() const { return m_all; }

signals:
    void added(const QString &connection);
    void aboutToRemove(const QString &connection);
    void removed(const QString &connection);

private:
    std::vector<std::unique_ptr<MetricSource>> m_all;
};

} // namespace signalbox
