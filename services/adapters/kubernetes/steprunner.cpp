#include "services/adapters/kubernetes/steprunner.h"

#include "services/adapters/kubernetes/kubernetessteptext.h"
#include "services/adapters/kubernetes/planparts.h"
#include "services/adapters/kubernetes/planpatch.h"
#include "services/adapters/kubernetes/steprunnerlook.h"

#include <QHash>

#include <algorithm>
#include <chrono>
#include <mutex>

namespace signalbox::kubernetes
{

namespace
{

QString titleOf(const PlanStep &step)
{
    const ObjectRef &object = step.expectation.object;
    return QStringLiteral("%1 %2/%3").arg(object.kind, object.ns, object.name);
}

Error movedError(const PlanStep &step, const PatchLook &look)
{
    if (look.movedAt == QLatin1String("/metadata/uid")) {
        return {ErrorKind::Conflict,
                KubernetesStepText::tr(
                    "%1 was deleted and made again since it was shown. Nothing was written: look at the new one and "
                    "plan again.")
                    .arg(titleOf(step)),
                look.movedAt};
    }
    const QString where = look.movedAt.mid(1).replace(u'/', u'.');
    return {ErrorKind::Conflict,
            KubernetesStepText::tr(
                "%1 was changed at %2 since it was shown. Nothing was written: look at the new state and plan again.")
                .arg(titleOf(step), where),
            look.movedAt};
}

// The template as the server took it, which may be more than was sent: a webhook or a default of its own adds to it.
// Null: it is of no object with one.
Json writtenTemplate(const Json &object)
{
    const Json *written = atPointer(object, QStringLiteral("/spec/template"));
    return written ? Json(fingerprintOf(cleanTemplate(*written)).toStdString()) : Json();
}

// A failed `test` is a bare 422 without a cause: only the object itself tells a world that moved from a refusal.
template <typename T>
QFuture<Result<T>> explainRefusal(const ClientPtr &client, const PlanStep &step, const Error &refusal,
                                  const StopToken &stop)
{
    return converted(
        fetch(client, step.call.path.toLatin1(), stop), [client, step, refusal](const Result<Json> &live) -> Result<T> {
            Error refused = refusal;
            refused.kind = ErrorKind::Refused;
            if (!live)
                return live.error().kind == ErrorKind::NotFound
                           ? Error{ErrorKind::Conflict, live.error().message, live.error().detail}
                           : refused;
            const PatchLook look = lookAtPatch(step.call.body, *live);
            switch (look.state) {
            case PatchLook::State::Moved:
                return movedError(step, look);
            case PatchLook::State::Applied:
                return Error{
                    ErrorKind::Conflict,
                    KubernetesStepText::tr(
                        "%1 is already as this step would make it: someone else was faster. Nothing was written.")
                        .arg(titleOf(step)),
                    {}};
            case PatchLook::State::Applicable:
                break;
            }
            return refused;
        });
}

Json dataOf(const PlanStep &step)
{
    const QByteArray &data = step.expectation.data;
    return data.isEmpty() ? Json::object() : Json::parse(data.begin(), data.end());
}

QFuture<Result<Observation>> lookAtReconciliation(const ClientPtr &client, const PlanStep &step, const StopToken &stop)
{
    return mapped(fetch(client, step.call.path.toLatin1(), stop), [step](const Json &live) -> Result<Observation> {
        const bool pauses = step.expectation.kind == QLatin1String("reconciliation-paused");
        return judgeReconciliation(step.expectation.object, pauses, valueAt(dataOf(step), "/patch"), live);
    });
}

} // namespace

// What is there as planned was written, and so is what has all that the call sets: a server's defaults and webhooks add
// to it, and not each time the same.
std::optional<bool> patchTookPlace(const Json &patchFacts, const Json &live)
{
    const Json parts = valueAt(patchFacts, "/parts");
    const auto holds = [&](const char *side, bool inParts) {
        const Json hashes = valueAt(patchFacts, side);
        const auto items = hashes.items();
        return hashes.is_object() && std::all_of(items.begin(), items.end(), [&](const auto &item) {
                   const Json *value = atPointer(live, QString::fromStdString(item.key()));
                   const Json now = value && !value->is_null() ? Json(fingerprintOf(*value).toStdString()) : Json();
                   return now == item.value() ||
                          (inParts && value && parts.contains(item.key()) && holdsParts(parts.at(item.key()), *value));
               });
    };
    if (textAt(live, "/metadata/uid") != textAt(patchFacts, "/uid"))
        return std::nullopt;
    if (holds("/after", false))
        return true;
    if (holds("/before", false))
        return false;
    return holds("/after", true) ? std::optional(true) : std::nullopt;
}

// A single "not found" may come from a server that is just starting or behind the others: it counts when a later look
// says the same.
struct KubernetesStepRunner::Absences
{
    using Clock = std::chrono::steady_clock;

    bool isLasting(const QString &path)
    {
        const std::lock_guard lock(mutex);
        const Clock::time_point now = Clock::now();
        const auto known = all.find(path);
        if (known == all.end() || now - known->last > std::chrono::minutes(1)) {
            all.insert(path, {now, now});
            return false;
        }
        known->last = now;
        return now - known->first >= std::chrono::seconds(2);
    }
    void end(const QString &path)
    {
        const std::lock_guard lock(mutex);
        all.remove(path);
    }

private:
    struct Absence
    {
        Clock::time_point first;
        Clock::time_point last; // looks of one operation follow each other within seconds
    };
    std::mutex mutex; // of what follows
    QHash<QString, Absence> all;
};

KubernetesStepRunner::KubernetesStepRunner(std::shared_ptr<KubeClient> client)
    : m_client(std::move(client))
    , m_absences(std::make_shared<Absences>())
{}

KubernetesStepRunner::~KubernetesStepRunner() = default;

QFuture<Result<void>> KubernetesStepRunner::dryRun(PlanStep step, StopToken stop)
{
    const ClientPtr client = m_client;
    const Call &call = step.call;
    return afterwards(
        client->write(call.method.toLatin1(), call.path.toLatin1(), call.contentType.toLatin1(), call.body, true, stop),
        [client, step, stop](const Result<HttpResponse> &answer) {
            if (!answer && answer.error().kind == ErrorKind::Invalid)
                return explainRefusal<void>(client, step, answer.error(), stop);
            return ready(answer ? Result<void>() : Result<void>(answer.error()));
        });
}

QFuture<Result<Receipt>> KubernetesStepRunner::execute(PlanStep step, StopToken stop)
{
    const ClientPtr client = m_client;
    const QDateTime sentAt = QDateTime::currentDateTimeUtc();
    const Call &call = step.call;
    const QFuture<Result<HttpResponse>> answer = client->write(call.method.toLatin1(), call.path.toLatin1(),
                                                               call.contentType.toLatin1(), call.body, false, stop);
    return afterwards(answer, [=](const Result<HttpResponse> &response) {
        if (!response && response.error().kind == ErrorKind::Invalid)
            return explainRefusal<Receipt>(client, step, response.error(), stop);
        if (!response)
            return ready(Result<Receipt>(response.error()));
        const Json object = Json::parse(response->body.begin(), response->body.end());
        Receipt receipt;
        receipt.sentAt = sentAt;
        receipt.acceptedAt = response->receivedAt.isValid() ? response->receivedAt : QDateTime::currentDateTimeUtc();
        receipt.state = dump({{"generation", numberAt(object, "/metadata/generation")},
                              {"resourceVersion", textAt(object, "/metadata/resourceVersion").toStdString()},
                              {"template", writtenTemplate(object)}});
        return ready(Result<Receipt>(receipt));
    });
}

QFuture<Result<Observation>> KubernetesStepRunner::observe(PlanStep step, Receipt receipt, StopToken stop)
{
    const ClientPtr client = m_client;
    const QString kind = step.expectation.kind;
    QFuture<Result<Observation>> look;
    if (kind == QLatin1String("service-selector"))
        look = lookAtEndpoints(client, step, stop);
    else if (kind == QLatin1String("route-weights"))
        look = lookAtRoute(client, step, receipt, stop);
    else if (kind == QLatin1String("reconciliation-paused") || kind == QLatin1String("reconciliation-resumed"))
        look = lookAtReconciliation(client, step, stop);
    else
        look = lookAtWorkload(client, step, receipt, stop);
    return converted(look, [step, absences = m_absences](const Result<Observation> &seen) -> Result<Observation> {
        if (!seen && seen.error().kind == ErrorKind::NotFound) {
            if (!absences->isLasting(step.call.path))
                return Observation{Observation::State::Pending,
                                   KubernetesStepText::tr("%1 was not found; looking again").arg(titleOf(step)),
                                   seen.error().message, -1, QDateTime::currentDateTimeUtc()};
            return Observation{Observation::State::Failed, KubernetesStepText::tr("%1 was deleted").arg(titleOf(step)),
                               seen.error().message, -1, QDateTime::currentDateTimeUtc()};
        }
        if (!seen)
            return seen;
        absences->end(step.call.path);
        Observation dated = *seen;
        dated.at = QDateTime::currentDateTimeUtc();
        return dated;
    });
}

QFuture<Result<bool>> KubernetesStepRunner::tookPlace(PlanStep step, StopToken stop)
{
    const ClientPtr client = m_client;
    return mapped(fetch(client, step.call.path.toLatin1(), stop), [client, step](const Json &live) -> Result<bool> {
        if (const auto state = patchTookPlace(valueAt(dataOf(step), "/patch"), live))
            return *state;
        return Error{ErrorKind::Conflict,
                     KubernetesStepText::tr(
                         "Whether \"%1\" took place cannot be told: %2 was changed by someone else meanwhile. Compare "
                         "it with what was intended.")
                         .arg(step.title, titleOf(step)),
                     {}};
    });
}

QFuture<Result<bool>> KubernetesStepRunner::hasObject(PlanStep step, StopToken stop)
{
    const QByteArray &data = step.expectation.data;
    const Json known = Json::parse(data.begin(), data.end(), nullptr, false);
    const QString uid = known.is_object() ? textAt(known, "/patch/uid") : QString();
    if (uid.isEmpty())
        return ready(Result<bool>(Error{ErrorKind::Unsupported, {}, {}}));
    return converted(fetch(m_client, step.call.path.toLatin1(), stop), [uid](const Result<Json> &live) -> Result<bool> {
        if (!live)
            return live.error().kind == ErrorKind::NotFound ? Result<bool>(false) : Result<bool>(live.error());
        return textAt(*live, "/metadata/uid") == uid;
    });
}

} // namespace signalbox::kubernetes
