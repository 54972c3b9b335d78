#pragma once

#include "services/adapters/jenkins/jenkinsclient.h"
#include "services/ports/pipelinesource.h"

#include <QPromise>

#include <memory>

namespace signalbox::jenkins
{

// A log that Jenkins hands out by offset: X-Text-Size is where to go on, X-More-Data that there will be more. Deletes
// itself when it ended. GUI thread; `taker` on the network thread.
class ProgressiveLog : public QObject
{
public:
    // `target` without its query.
    ProgressiveLog(JenkinsClient &client, QByteArray target, const LogQuery &query, LogTaker taker, StopToken stop,
                   QString what);
    ~ProgressiveLog() override;
    QFuture<Result<LogEnd>> begin();

private:
    void ask();
    void heard(const Result<HttpResponse> &response, qint64 counted);
    void end(const Result<LogEnd> &result);

    JenkinsClient &m_client;
    const QByteArray m_target;
    const bool m_follows;
    const LogTaker m_taker;
    const StopToken m_stop;
    const QString m_what;
    const std::shared_ptr<LogPlace> m_place;
    qint64 m_at;
    qint64 m_handed = 0; // bytes, before m_at
    QPromise<Result<LogEnd>> m_promise;
    bool m_isAnswered = false;
};

// A stage's log put together of its steps' (or that of one step), for servers without Blue Ocean: each step once it
// ended, and of each at most the last 10 KiB, which is all that the plugin gives.
class StageLog : public QObject
{
public:
    StageLog(JenkinsClient &client, const LogQuery &query, LogTaker taker, StopToken stop);
    ~StageLog() override;
    QFuture<Result<LogEnd>> begin();

private:
    void askNodes();
    void askNext();
    void give(const QByteArray &text);
    void end(const Result<LogEnd> &result);

    JenkinsClient &m_client;
    const LogQuery m_query;
    const LogTaker m_taker;
    const StopToken m_stop;
    QStringList m_given; // nodes
    QStringList m_open;
    bool m_isStageOver = false;
    bool m_isCut = false;
    qint64 m_bytes = 0;
    QPromise<Result<LogEnd>> m_promise;
    bool m_isAnswered = false;
};

} // namespace signalbox::jenkins
