#include "services/adapters/travis/travislog.h"

#include "services/adapters/travis/travistext.h"
#include "services/async/deliver.h"

#include <QPointer>
#include <QTimer>

#include <algorithm>
#include <memory>

namespace signalbox::travis
{

namespace
{

// One log being read. Its bytes come on the network thread, one look at a time; all else happens in the GUI thread.
class LogReading : public std::enable_shared_from_this<LogReading>
{
public:
    LogReading(QObject *context, Reads reads, LogQuery query, LogTaker taker, std::chrono::milliseconds pause,
               StopToken stop)
        : m_context(context)
        , m_reads(std::move(reads))
        , m_query(std::move(query))
        , m_taker(std::move(taker))
        , m_pause(pause)
        , m_stop(std::move(stop))
        , m_given(std::max<qint64>(0, m_query.from))
    {
        m_promise.start();
    }

    QFuture<Result<LogEnd>> future() const { return m_promise.future(); }

    // The state first: what is read after the job's end is all of it.
    void look()
    {
        if (!m_context)
            return;
        deliver(m_reads.job(m_query.job, m_stop), m_stop, m_context,
                [self = shared_from_this()](const Result<JobAnswer> &job) {
                    if (!job)
                        return self->end(job.error());
                    self->read(isEnded(job->job.state));
                });
    }

private:
    void read(bool hasEnded)
    {
        RestClient::Ask ask;
        ask.target = "/job/" + pathPart(m_query.job) + "/log.txt";
        ask.what = TravisText::tr("the log of the job %1").arg(m_query.job);
        ask.headers = {{"Accept", "text/plain"}};
        const auto seen = std::make_shared<qint64>(0);
        const auto taking = [self = shared_from_this(), seen](const QByteArray &bytes) {
            const qint64 known = std::clamp<qint64>(self->m_given - *seen, 0, bytes.size());
            *seen += bytes.size();
            if (known < bytes.size()) {
                self->m_given += bytes.size() - known;
                self->m_taker(bytes.mid(known));
            }
        };
        deliver(m_reads.client().stream(ask, taking, m_stop), m_stop, m_context,
                [self = shared_from_this(), seen, hasEnded](const Result<HttpResponse> &response) {
                    self->heard(response, *seen, hasEnded);
                });
    }

    void heard(const Result<HttpResponse> &response, qint64 seen, bool hasEnded)
    {
        const bool isNotYet = !response && response.error().kind == ErrorKind::NotFound && !hasEnded;
        if (!response && !isNotYet)
            return end(response.error());
        if (hasEnded || !m_query.follow)
            return end(LogEnd{seen, hasEnded, isNotYet ? TravisText::tr("There is no log yet.") : QString()});
        if (seen < m_most) // a restart empties it (travis-hub, model/job.rb)
            return end(LogEnd{seen, false, TravisText::tr("The job was restarted: its log begins anew.")});
        m_most = seen;
        const auto pause = m_pause * (1 + std::min<qint64>(9, seen / (256 * 1024)));
        QTimer::singleShot(pause, m_context, [self = shared_from_this()] { self->look(); });
    }

    void end(const Result<LogEnd> &result)
    {
        m_promise.addResult(result);
        m_promise.finish();
    }

    QPointer<QObject> m_context;
    const Reads m_reads;
    const LogQuery m_query;
    const LogTaker m_taker;
    const std::chrono::milliseconds m_pause;
    const StopToken m_stop;
    QPromise<Result<LogEnd>> m_promise;
    qint64 m_given; // up to here the taker has it
    qint64 m_most = 0;
};

} // namespace

QFuture<Result<LogEnd>> readLog(QObject *context, const Reads &reads, const LogQuery &query, LogTaker taker,
                                std::chrono::milliseconds pause, const StopToken &stop)
{
    const auto reading = std::make_shared<LogReading>(context, reads, query, std::move(taker), pause, stop);
    const auto answer = reading->future();
    reading->look();
    return answer;
}

} // namespace signalbox::travis
