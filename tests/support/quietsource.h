#pragma once

#include "services/async/deliver.h"
#include "services/ports/clustersource.h"

namespace signalbox::test
{

// Nothing that moves by itself.
class QuietSource : public ClusterSource
{
public:
    QString connection() const override { return QStringLiteral("eu"); }
    ClusterInfo info() const override { return {}; }
    void start() override {}
    void stop() override {}
    void refresh() override {}
    QFuture<Result<QList<RightAnswer>>> rights(QList<RightQuestion>, StopToken) override
    {
        return ready(Result<QList<RightAnswer>>(QList<RightAnswer>()));
    }
    std::unique_ptr<LogStream> openLog(const LogRequest &) override { return nullptr; }
    QFuture<Result<QHash<QString, Usage>>> podUsage(StopToken) override
    {
        return ready(Result<QHash<QString, Usage>>(QHash<QString, Usage>()));
    }
    QFuture<Result<QHash<QString, Usage>>> nodeUsage(StopToken) override
    {
        return ready(Result<QHash<QString, Usage>>(QHash<QString, Usage>()));
    }
};

} // namespace signalbox::test
