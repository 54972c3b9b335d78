// authorization.k8s.io/v1 SelfSubjectAccessReview (k8s.io/api/authorization/v1/types.go).
#include "services/adapters/kubernetes/rights.h"

#include "services/adapters/kubernetes/jsonfields.h"
#include "services/adapters/kubernetes/kubernetestext.h"
#include "services/async/deliver.h"
#include "services/async/whenended.h"

#include <QPromise>

#include <nlohmann/json.hpp>

#include <mutex>
#include <utility>

namespace signalbox::kubernetes
{

namespace
{

using Json = nlohmann::json;

constexpr qint64 answerIsGoodMs = 30'000;

QString keyOf(const RightQuestion &q)
{
    return QStringList{q.verb, q.group, q.resource, q.subresource, q.ns, q.name}.join(u'\n');
}

} // namespace

QByteArray reviewBody(const RightQuestion &question)
{
    Json attributes = {{"verb", question.verb.toStdString()}, {"resource", question.resource.toStdString()}};
    const auto add = [&attributes](const char *key, const QString &value) {
        if (!value.isEmpty())
            attributes[key] = value.toStdString();
    };
    add("group", question.group);
    add("subresource", question.subresource);
    add("namespace", question.ns);
    add("name", question.name);
    const Json review = {{"apiVersion", "authorization.k8s.io/v1"},
                         {"kind", "SelfSubjectAccessReview"},
                         {"spec", {{"resourceAttributes", std::move(attributes)}}}};
    return QByteArray::fromStdString(review.dump(-1, ' ', false, Json::error_handler_t::replace));
}

Result<RightAnswer> parseReview(const QByteArray &body)
{
    const Json object = Json::parse(body.cbegin(), body.cend(), nullptr, false);
    const Json status = object.is_object() ? object.value("status", Json()) : Json();
    const Json allowed = status.is_object() ? status.value("allowed", Json()) : Json();
    if (!allowed.is_boolean()) {
        return Error{ErrorKind::Protocol,
                     KubernetesText::tr("The server did not say whether we have a right. Look at the API server."),
                     QString::fromUtf8(body.left(200))};
    }
    RightAnswer answer;
    answer.isAllowed = allowed == Json(true) && status.value("denied", Json()) != Json(true);
    answer.reason = textOf(status, "reason");
    if (answer.reason.isEmpty() && !answer.isAllowed)
        answer.reason = textOf(status, "evaluationError");
    answer.askedAt = QDateTime::currentDateTimeUtc();
    return answer;
}

struct RightsReviewer::State
{
    KubeClient *client = nullptr;
    std::mutex mutex; // of what follows
    QHash<QString, RightAnswer> known;
};

namespace
{

// One batch: the last answer fulfils the promise.
struct Batch
{
    std::mutex mutex;
    QPromise<Result<QList<RightAnswer>>> promise;
    QList<RightAnswer> answers;
    std::optional<Error> error;
    qsizetype open = 0;

    void take(qsizetype index, const Result<RightAnswer> &answer)
    {
        bool isLast = false;
        {
            const std::lock_guard lock(mutex);
            if (answer)
                answers[index] = *answer;
            else if (!error)
                error = answer.error();
            isLast = --open == 0;
        }
        if (!isLast)
            return;
        promise.addResult(error ? Result<QList<RightAnswer>>(*error) : Result<QList<RightAnswer>>(answers));
        promise.finish();
    }
};

} // namespace

RightsReviewer::RightsReviewer(KubeClient &client)
    : m_state(std::make_shared<State>())
{
    m_state->client = &client;
}

RightsReviewer::~RightsReviewer() = default;

QFuture<Result<QList<RightAnswer>>> RightsReviewer::ask(const QList<RightQuestion> &questions, const StopToken &stop)
{
    auto batch = std::make_shared<Batch>();
    batch->promise.start();
    const auto future = batch->promise.future();
    batch->answers.resize(questions.size());
    QHash<QString, QList<qsizetype>> places; // the same question may stand there twice
    {
        const std::lock_guard lock(m_state->mutex);
        const QDateTime now = QDateTime::currentDateTimeUtc();
        for (qsizetype i = 0; i < questions.size(); ++i) {
            const auto known = m_state->known.constFind(keyOf(questions[i]));
            const qint64 age = known != m_state->known.cend() ? known->askedAt.msecsTo(now) : -1;
            if (age >= 0 && age < answerIsGoodMs)
                batch->answers[i] = *known;
            else
                places[keyOf(questions[i])].append(i);
        }
    }
    if (places.isEmpty())
        return ready(Result<QList<RightAnswer>>(batch->answers));
    batch->open = places.size();
    for (auto place = places.cbegin(); place != places.cend(); ++place) {
        const QList<qsizetype> indices = place.value();
        const auto reviewed = m_state->client->review("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                                                      reviewBody(questions[indices.first()]), stop);
        whenAnswered(
            reviewed, [state = m_state, batch, indices, key = place.key()](const Result<HttpResponse> &response) {
                const auto answer = response.and_then([](const HttpResponse &got) { return parseReview(got.body); });
                if (answer) {
                    const std::lock_guard lock(state->mutex);
                    state->known.insert(key, *answer);
                }
                {
                    const std::lock_guard lock(batch->mutex);
                    for (const qsizetype index : indices.mid(1)) {
                        if (answer)
                            batch->answers[index] = *answer;
                    }
                }
                batch->take(indices.first(), answer);
            });
    }
    return future;
}

void RightsReviewer::forget()
{
    const std::lock_guard lock(m_state->mutex);
    m_state->known.clear();
}

} // namespace signalbox::kubernetes
