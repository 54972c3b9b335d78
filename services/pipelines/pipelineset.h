#pragma once

#include "services/pipelines/pipelineserver.h"

#include <QObject>

#include <memory>
#include <vector>

namespace signalbox
{

// The servers with pipelines of the workspace. GUI thread. Made by app, which knows the adapters.
class PipelineSet : public QObject
{
    Q_OBJECT
public:
    explicit PipelineSet(QObject *parent = nullptr);
    ~PipelineSet() override;

    PipelineServer &add(std::unique_ptr<PipelineServer> server);
    void remove(const QString &connection);                // nothing when there is none
    PipelineServer *find(const QString &connection) const; // null: none
    const std::vector<std::unique_ptr<PipelineServer>> &all() const { return m_all; }

signals:
    void added(const QString &connection);
    void aboutToRemove(const QString &connection);
    void removed(const QString &connection);

private:
    std::vector<std::unique_ptr<PipelineServer>> m_all;
};

} // namespace signalbox
