#pragma once

#include "services/async/latestonly.h"
#include "services/ports/pipelinesource.h"

#include <QObject>
#include <QTimer>

#include <memory>

namespace signalbox
{

// Brings the bytes of one job's log from the thread of the network to the window, a few times a second. GUI thread.
class LogPipe : public QObject
{
    Q_OBJECT
public:
    explicit LogPipe(QObject *parent = nullptr);
    ~LogPipe() override;

    // From its beginning; what was open before is let go.
    void open(PipelineSource &source, const LogQuery &query);
    void close();
    bool isOpen() const { return m_ask.isRunning(); }

signals:
    void came(const QByteArray &bytes);
    void ended(const signalbox::Result<signalbox::LogEnd> &end); // after the last bytes

private:
    struct Basin; // filled there, emptied here
    void drain();

    std::shared_ptr<Basin> m_basin;
    LatestOnly m_ask;
    QTimer m_timer;
};

} // namespace signalbox
