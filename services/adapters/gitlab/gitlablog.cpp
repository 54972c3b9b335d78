#include "services/adapters/gitlab/gitlablog.h"

#include "services/adapters/gitlab/gitlabtext.h"

#include <QTimer>

#include <algorithm>
#include <memory>

namespace signalbox
{

using namespace gitlab;

namespace
{

constexpr std::chrono::milliseconds shortest{3000}; // as GitLab's own page asks
constexpr std::chrono::milliseconds blink{250};     // after which a stop is seen

// How far a trace was handed on. Filled on the network thread while one answer runs, read on the GUI thread after it.
struct TraceProgress
{
    qint64 given = 0; // bytes of the trace that were handed on, or left out as asked
    qint64 length = 0;
};

class Trace : public QObject
{
public:
    Trace(GitLabApi &api, LogQuery query, LogTaker taker, StopToken stop)
        : QObject(&api)
        , m_api(api)
        , m_query(std::move(query))
        , m_taker(std::move(taker))
        , m_stop(std::move(stop))
        , m_progress(std::make_shared<TraceProgress>())
    {
        m_progress->given = m_query.from;
        m_promise.start();
    }
    QFuture<Result<LogEnd>> future() const { return m_promise.future(); }

    // The job first: what it wrote before it ended is in a trace read after that.
    void look()
    {
        deliver(m_api.job(m_query.run.pipeline.project, m_query.job, m_stop), m_stop, this,
                [this](const Result<JobAnswer> &job) {
                    if (!job)
                        return end(job.error());
                    m_isEnded = isEnded(job->job.state);
                    m_isWaiting = !job->job.startedAt.isValid() && !m_isEnded;
                    read();
                });
    }

private:
    void read()
    {
        RestClient::Ask ask;
        ask.target = m_api.projectPath(m_query.run.pipeline.project, "/jobs/" + encoded(m_query.job) + "/trace");
        ask.what = GitLabText::tr("the log of job %1").arg(m_query.job);
        ask.headers = {{"Accept", "text/plain, application/json"}};
        const auto progress = m_progress;
        progress->length = 0;
        const auto take = [progress, taker = m_taker](const QByteArray &bytes) {
            const qint64 skipped = std::clamp<qint64>(progress->given - progress->length, 0, bytes.size());
            progress->length += bytes.size();
            if (skipped == bytes.size())
                return;
            taker(skipped == 0 ? bytes : bytes.mid(skipped));
            progress->given = progress->length;
        };
        deliver(m_api.client().stream(ask, take, m_stop), m_stop, this, [this](const Result<HttpResponse> &response) {
            if (!response)
                return end(response.error());
            LogEnd log{m_progress->length, m_isEnded, {}};
            if (m_progress->length < m_progress->given) {
                log.isComplete = true;
                log.note = GitLabText::tr("The log is shorter than before: it was erased, or the job began anew.");
                return end(log);
            }
            if (m_isEnded || !m_query.follow) {
                if (log.bytes == 0 && m_isWaiting)
                    log.note = GitLabText::tr("The job has not begun.");
                return end(log);
            }
            rest(static_cast<int>(traceRest(m_progress->length) / blink));
        });
    }
    void rest(int blinks)
    {
        if (m_stop.stop_requested())
            return end(Error{ErrorKind::Cancelled, {}, {}});
        if (blinks == 0)
            return look();
        QTimer::singleShot(blink, this, [this, blinks] { rest(blinks - 1); });
    }
    void end(const Result<LogEnd> &result)
    {
        m_promise.addResult(m_stop.stop_requested() && !result ? Result<LogEnd>(Error{ErrorKind::Cancelled, {}, {}})
                                                               : result);
        m_promise.finish();
        deleteLater();
    }

    GitLabApi &m_api;
    const LogQuery m_query;
    const LogTaker m_taker;
    const StopToken m_stop;
    const std::shared_ptr<TraceProgress> m_progress;
    QPromise<Result<LogEnd>> m_promise;
    bool m_isEnded = false;
    bool m_isWaiting = false;
};

} // namespace

std::chrono::milliseconds traceRest(qint64 length)
{
    return shortest * (1 + std::clamp<qint64>(length / (256 * 1024), 0, 9));
}

QFuture<Result<LogEnd>> readTrace(GitLabApi &api, const LogQuery &query, const LogTaker &taker, const StopToken &stop)
{
    if (!query.step.isEmpty())
        return ready(Result<LogEnd>(
            Error{ErrorKind::Unsupported, GitLabText::tr("GitLab keeps one log a job, none for its steps."), {}}));
    auto *trace = new Trace(api, query, taker, stop);
    const auto answer = trace->future();
    trace->look();
    return answer;
}

} // namespace signalbox
