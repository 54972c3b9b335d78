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
// A reading that was let go, or broke off, goes on where it was: what the server tells a second time is compared with
// what came before, and left out.
class LogPipe : public QObject
{
    Q_OBJECT
public:
    class Reading; // how far a log was read. Filled by the network, read by a worker, emptied here

    explicit LogPipe(QObject *parent = nullptr);
    ~LogPipe() override;

    // From its beginning; what was open before is let go.
    std::shared_ptr<Reading> open(PipelineSource &source, const LogQuery &query);
    void goOn(PipelineSource &source, const LogQuery &query, const std::shared_ptr<Reading> &reading);
    void close();                                      // what came meanwhile is told by goOn()
    bool isOpen() const { return m_timer.isActive(); } // the end did not come yet

signals:
    void came(const std::vector<signalbox::JobLogPiece> &pieces);
    void ended(const signalbox::Result<signalbox::LogEnd> &end); // after the last piece
    // What goOn() asked for begins otherwise than before: it is another log now and must be read from its beginning.
    void replaced();

private:
    void drain();

    std::shared_ptr<Reading> m_reading;
    std::optional<Result<LogEnd>> m_end;
    LatestOnly m_ask;
    QTimer m_timer;
};

} // namespace signalbox
