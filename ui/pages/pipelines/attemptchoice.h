#pragma once

#include "services/async/latestonly.h"
#include "services/ports/pipelinesource.h"

#include <QObject>

namespace signalbox
{

// Which attempt of a run is looked at: the newest, which its watch keeps fresh, or an earlier one, which is asked for
// once: it ended and changes no more. GUI thread.
class AttemptChoice : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;

    // An attempt before the newest; again: it is read again, and what is known stays until then.
    void choose(PipelineSource &source, const RunRef &run, int number);
    void chooseNewest();

    bool isEarlier() const { return m_number > 0; }
    int number() const { return m_number; }                             // 0: the newest
    const std::optional<RunDetail> &detail() const { return m_detail; } // of the earlier one; none yet
    const std::optional<Error> &error() const { return m_error; }       // why it could not be read
    bool isReading() const { return m_ask.isRunning(); }

signals:
    void changed(); // an answer came

private:
    int m_number = 0;
    std::optional<RunDetail> m_detail;
    std::optional<Error> m_error;
    LatestOnly m_ask;
};

} // namespace signalbox
