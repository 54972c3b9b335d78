#pragma once

#include "models/log/joblogreader.h"
#include "services/async/latestonly.h"
#include "services/ports/pipelinesource.h"

#include <QObject>
#include <QTimer>

#include <memory>
#include <optional>
#include <vector>

namespace signalbox
{

// Brings one job's log from the network to the window, a few times a second; it is taken apart on a worker. GUI thread.
class LogPipe : public QObject
{
    Q_OBJECT
public:
    explicit LogPipe(QObject *parent = nullptr);
    ~LogPipe() override;

    // From its beginning; what was open before is let go.
    void open(PipelineSource &source, const LogQuery &query);
    void close();
    bool isOpen() const { return m_timer.isActive(); } // the end did not come yet

signals:
    void came(const std::vector<signalbox::JobLogPiece> &pieces);
    void ended(const signalbox::Result<signalbox::LogEnd> &end); // after the last piece

private:
    class Basin; // filled by the network, read by a worker, emptied here
    void drain();

    std::shared_ptr<Basin> m_basin;
    std::optional<Result<LogEnd>> m_end;
    LatestOnly m_ask;
    QTimer m_timer;
};

} // namespace signalbox
