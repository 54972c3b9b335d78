#pragma once

#include "models/domain/operation.h"
#include "services/adapters/kubernetes/kubeclient.h"
#include "services/adapters/kubernetes/planflow.h"
#include "services/ports/clustersource.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

// What every plan of this folder is made with: objects read from the API server now, the rights it needs and the dry
// run of its calls. Futures end on workers; what they capture keeps the client alive.
namespace signalbox::kubernetes
{

using ClientPtr = std::shared_ptr<KubeClient>;

// Reading ------------------------------------------------------------------------------------------------------------

// What helps to go back, but is not needed for it, is waited for this long: a server that hangs must not hold it up.
inline constexpr std::chrono::milliseconds patienceOfGoingBack{2000};
// Of somebody who goes back now; 0, the usual one: forward, and when it is only rehearsed.
constexpr std::chrono::milliseconds patienceFor(Direction direction, bool isRehearsal)
{
    return direction == Direction::Back && !isRehearsal ? patienceOfGoingBack : std::chrono::milliseconds(0);
}

// `limit` of the whole call, which is then made once only; 0: the usual one.
[[nodiscard]] QFuture<Result<Json>> fetch(const ClientPtr &client, const QByteArray &target, const StopToken &stop,
                                          std::chrono::milliseconds limit = {});
// Absent: none. What is not ours to read is an error: it may be there.
[[nodiscard]] QFuture<Result<std::optional<Json>>> fetchIfAny(const ClientPtr &client, const QByteArray &target,
                                                              const StopToken &stop,
                                                              std::chrono::milliseconds limit = {});
// The elements of a list. None is not unknown: `hidden` says that the server keeps them from us, and why.
struct Listed
{
    QList<Json> items;
    std::optional<Error> hidden; // Forbidden
};
// A kind that is absent has none.
[[nodiscard]] QFuture<Result<Listed>> fetchItems(const ClientPtr &client, const QByteArray &target,
                                                 const StopToken &stop, std::chrono::milliseconds limit = {});
// The same, but what is not ours to read is an error: for lists that nothing can be said without.
[[nodiscard]] QFuture<Result<QList<Json>>> fetchCounted(const ClientPtr &client, const QByteArray &target,
                                                        const StopToken &stop, std::chrono::milliseconds limit = {});

// Group and plural of the kinds that operations write: "apps", "deployments" of "Deployment".
struct KindName
{
    QString group;
    QString resource;
    QStringList versions; // most wanted first
};
std::optional<KindName> kindName(const QString &kind, const QString &group = {});
Result<ApiResource> resourceOf(const Discovery &discovery, const QString &kind, const QString &group = {});

QString textAt(const Json &object, const char *pointer); // empty: absent
qint64 numberAt(const Json &object, const char *pointer, qint64 otherwise = 0);
Json valueAt(const Json &object, const char *pointer); // null: absent
Labels labelsAt(const Json &object, const char *pointer);
QDateTime timeAt(const Json &object, const char *pointer);
bool isOwnedBy(const Json &object, const QString &uid); // as its controller
bool hasLabels(const Labels &labels, const Labels &wanted);
// The query value of a LabelSelector ("a=b,c in (d,e)"), percent-encoded.
QByteArray selectorQuery(const Json &labelSelector);
ObjectRef refOf(const QString &connection, const QString &group, const QString &kind, const Json &object);
QString shortHash(const QString &hash);
QList<ContainerImage> imagesOf(const Json &podTemplate);
QString versionOf(const QList<ContainerImage> &images, const QString &hash); // tag or short hash, for people
QString podsText(int count);                                                 // "1 pod", "3 pods"

// Planning -----------------------------------------------------------------------------------------------------------

Check passed(CheckId id, const QString &text, const QString &detail = {});
Check warned(CheckId id, const QString &text, const QString &detail, const QString &wayOut);
Check blocked(CheckId id, const QString &text, const QString &detail, const QString &wayOut);

// A list that is not ours to read, so that what it would tell is not known.
struct Unseen
{
    QString resource; // "rollouts.argoproj.io"
    QString ns;
    QString problem = {}; // why it could not be read, though it may be ours; empty: it is not ours
};
QString unseenText(const QList<Unseen> &unseen); // "pods in shop, rollouts.argoproj.io in shop"
// "You may not list pods in shop. canaries.flagger.app in shop could not be listed: ..."
QString unseenSentence(const QList<Unseen> &unseen);
// The same of one list that was not answered with its elements.
Unseen unseenFor(const QString &resource, const QString &ns, const Result<Listed> &answer);
// The way out of such a check: which right to ask for.
QString unseenWayOut(const QList<Unseen> &unseen);

// A step whose call is a JSON patch. What the journal needs ("patch" in the expectation's data: uid and hashes of what
// is there before and after), the undo and the difference come from the object as seen and the dry run's answer.
struct DraftStep
{
    PlanStep step;
    RightQuestion right;
    Json object;                 // as seen now
    Json facts = Json::object(); // the expectation's own data
    QString diffAt;              // pointer of what the difference is shown of; empty: no difference
    bool canUndo = true;
};
struct Draft
{
    Plan plan;
    QList<DraftStep> steps;
    bool isRehearsal = false;
};

// Asks the rights of all its calls and the server's dry run of them, and puts steps, checks and difference together.
// A Conflict (isMovedWhilePlanned()) where an object was changed since it was read, so that a call's tests fail.
[[nodiscard]] QFuture<Result<Plan>> checkedPlan(const ClientPtr &client, Draft draft, const StopToken &stop);

bool isMovedWhilePlanned(const Error &error);
// Reads and plans; the same once more where an object was changed in between. Changed again, it is the Conflict.
[[nodiscard]] QFuture<Result<Plan>> plannedAnew(const std::function<QFuture<Result<Plan>>()> &readAndPlan);

[[nodiscard]] QFuture<Result<QList<RightAnswer>>> askRights(const ClientPtr &client,
                                                            const QList<RightQuestion> &questions,
                                                            const StopToken &stop,
                                                            std::chrono::milliseconds limit = {});

// Who else writes the object.
QList<Manager> managersOfObject(const QString &connection, const Json &object);

// A pod template as one writes it into a workload: without the label pod-template-hash and without $patch.
Json cleanTemplate(Json podTemplate);

// SHA-256 (hex) of a value, null members left out: what the journal may keep of a pod template.
QString fingerprintOf(const Json &value);

// `facts` with uid and hashes of what the patch replaces, leaves behind and sets (planparts.h): enough to tell later
// whether it took place, without a single value of the object.
Json withPatchFacts(Json facts, const QByteArray &patch, const Json &before, const Json &after);

Call patchCall(const QString &connection, const QByteArray &path, const QByteArray &body);
QByteArray dump(const Json &value);

} // namespace signalbox::kubernetes
