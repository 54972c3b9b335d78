#include "services/adapters/jenkins/jenkinslog.h"

#include "services/adapters/jenkins/jenkinsplace.h"
#include "services/adapters/jenkins/jenkinstext.h"
#include "services/async/deliver.h"

#include <QTimer>

#include <algorithm>
#include <atomic>
#include <utility>

namespace signalbox::jenkins
{

using namespace std::chrono_literals;

namespace
{

constexpr auto pollEvery = 1000ms; // as Jenkins' own page does
const Error stoppedLog{ErrorKind::Cancelled, {}, {}};

} // namespace

// ---- by offset

ProgressiveLog::ProgressiveLog(JenkinsClient &client, QByteArray target, const LogQuery &query, LogTaker taker,
                               StopToken stop, QString what)
    : QObject(&client)
    , m_client(client)
    , m_target(std::move(target))
    , m_follows(query.follow)
    , m_taker(std::move(taker))
    , m_stop(std::move(stop))
    , m_what(std::move(what))
    , m_place(query.place)
    , m_at(query.from)
{
    if (m_place && m_at == 0) {
        m_at = m_place->offset;
        m_handed = m_place->bytes;
    }
    m_promise.start();
}

ProgressiveLog::~ProgressiveLog()
{
    end(Result<LogEnd>(stoppedLog));
}

QFuture<Result<LogEnd>> ProgressiveLog::begin()
{
    const auto answer = m_promise.future();
    ask();
    return answer;
}

void ProgressiveLog::ask()
{
    if (m_stop.stop_requested()) {
        end(Result<LogEnd>(stoppedLog));
        return;
    }
    const auto counted = std::make_shared<std::atomic<qint64>>(0);
    const auto question = JenkinsClient::plain(m_target + "?start=" + QByteArray::number(m_at), m_what);
    const auto take = [counted, taker = m_taker](const QByteArray &bytes) {
        *counted += bytes.size();
        taker(bytes);
    };
    deliver(m_client.rest().stream(question, take, m_stop), m_stop, this,
            [this, counted](const Result<HttpResponse> &response) { heard(response, *counted); });
}

void ProgressiveLog::heard(const Result<HttpResponse> &response, qint64 counted)
{
    if (m_stop.stop_requested()) { // who let it go took none of its last bytes: the place stays before them
        end(Result<LogEnd>(stoppedLog));
        return;
    }
    if (!response) {
        end(response.error());
        return;
    }
    bool isNumber = false;
    // Of the file on its disk, which has hidden marks that the text does not have.
    const qint64 size = response->header("X-Text-Size").toLongLong(&isNumber);
    m_at = isNumber ? size : m_at + counted;
    m_handed += counted;
    if (m_place) {
        m_place->offset = m_at;
        m_place->bytes = m_handed;
    }
    const bool goesOn = response->header("X-More-Data").toLower() == "true";
    if (goesOn && m_follows) {
        QTimer::singleShot(counted > 0 ? pollEvery / 2 : pollEvery, this, [this] { ask(); });
        return;
    }
    LogEnd told;
    told.bytes = m_at;
    told.isComplete = !goesOn;
    end(Result<LogEnd>(told));
}

void ProgressiveLog::end(const Result<LogEnd> &result)
{
    if (std::exchange(m_isAnswered, true))
        return;
    m_promise.addResult(result);
    m_promise.finish();
    deleteLater();
}

// ---- of a stage, step by step

StageLog::StageLog(JenkinsClient &client, const LogQuery &query, LogTaker taker, StopToken stop)
    : QObject(&client)
    , m_client(client)
    , m_query(query)
    , m_taker(std::move(taker))
    , m_stop(std::move(stop))
{
    m_promise.start();
}

StageLog::~StageLog()
{
    end(Result<LogEnd>(stoppedLog));
}

QFuture<Result<LogEnd>> StageLog::begin()
{
    const auto answer = m_promise.future();
    askNodes();
    return answer;
}

void StageLog::askNodes()
{
    if (m_stop.stop_requested()) {
        end(Result<LogEnd>(stoppedLog));
        return;
    }
    const QString project = m_query.run.pipeline.project;
    RestClient::Ask question = JenkinsClient::plain(
        runPath(project, m_query.run.id) + "/execution/node/" + encoded(m_query.job) + "/wfapi/describe",
        JenkinsText::tr("the steps of a stage of run %1 of %2").arg(m_query.run.id, project));
    question.useEtag = false;
    const auto answer = m_client.rest().read(
        question, m_stop, [](const HttpResponse &response) { return parseStageNodes(response.body); });
    deliver(answer, m_stop, this, [this](const Result<StageNodes> &nodes) {
        if (!nodes) {
            end(nodes.error());
            return;
        }
        m_isStageOver = isEnded(nodes->state);
        bool isThere = m_query.step.isEmpty();
        for (const StageNode &node : nodes->nodes) {
            if (!m_query.step.isEmpty() && node.id != m_query.step)
                continue;
            isThere = true;
            m_isStageOver = m_isStageOver || (!m_query.step.isEmpty() && isEnded(node.state));
            const bool isDone = m_isStageOver || isEnded(node.state);
            if (node.hasLog && isDone && !m_given.contains(node.id))
                m_open.append(node.id);
        }
        if (!isThere && m_isStageOver) {
            end(Error{ErrorKind::NotFound,
                      JenkinsText::tr("The stage has no step %1, or it did not run.").arg(m_query.step),
                      {}});
            return;
        }
        askNext();
    });
}

void StageLog::askNext()
{
    if (m_open.isEmpty()) {
        if (!m_isStageOver && m_query.follow) {
            QTimer::singleShot(2 * pollEvery, this, [this] { askNodes(); });
            return;
        }
        LogEnd told;
        told.bytes = m_bytes;
        told.isComplete = m_isStageOver;
        told.note = m_isCut
                        ? JenkinsText::tr("Of each step Jenkins gives the last 10 KiB, as it has no Blue Ocean; the "
                                          "log of the whole run is complete.")
                        : JenkinsText::tr("Each step stands here once it ended, as Jenkins has no Blue Ocean.");
        end(Result<LogEnd>(told));
        return;
    }
    const QString node = m_open.takeFirst();
    m_given.append(node);
    const auto question = JenkinsClient::plain(runPath(m_query.run.pipeline.project, m_query.run.id) +
                                                   "/execution/node/" + encoded(node) + "/wfapi/log",
                                               JenkinsText::tr("the log of a step of run %1").arg(m_query.run.id));
    const auto answer = m_client.rest().read(question, m_stop,
                                             [](const HttpResponse &response) { return parseNodeLog(response.body); });
    deliver(answer, m_stop, this, [this](const Result<NodeLog> &log) {
        if (!log) {
            end(log.error());
            return;
        }
        m_isCut = m_isCut || log->isCut;
        give(log->text);
        askNext();
    });
}

void StageLog::give(const QByteArray &text)
{
    const qint64 skip = std::clamp<qint64>(m_query.from - m_bytes, 0, text.size());
    m_bytes += text.size();
    if (skip < text.size())
        m_taker(text.mid(skip));
}

void StageLog::end(const Result<LogEnd> &result)
{
    if (std::exchange(m_isAnswered, true))
        return;
    m_promise.addResult(result);
    m_promise.finish();
    deleteLater();
}

} // namespace signalbox::jenkins
