// The way back from the steps of a plan that were done, planned from what is there now.
#include "services/adapters/kubernetes/jsondiff.h"
#include "services/adapters/kubernetes/kubernetessteptext.h"
#include "services/adapters/kubernetes/planpatch.h"
#include "services/adapters/kubernetes/steprunner.h"
#include "services/adapters/kubernetes/steprunnerlook.h"

#include <algorithm>

namespace signalbox::kubernetes
{

namespace
{

struct Way
{
    PlanStep first;       // of the steps to take back
    QStringList pointers; // all that they wrote
    QByteArray tests;     // the call whose identity tests are kept
    Json wanted;          // holds, at `pointers`, what was there before
};

// The undo of a step restores what it found; of several that wrote the same place the earliest counts.
Way wayBack(const QList<PlanStep> &done)
{
    Way way;
    way.first = done.first();
    way.tests = done.first().call.body;
    way.wanted = Json::object();
    for (const PlanStep &step : done) {
        const Json operations = Json::parse(step.undo->body.begin(), step.undo->body.end());
        for (const Json &operation : operations) {
            const QString pointer = QString::fromStdString(operation.at("path"));
            if (operation.at("op") == "test" || way.pointers.contains(pointer))
                continue;
            way.pointers.append(pointer);
            if (operation.contains("value"))
                way.wanted[pointer.toStdString()] = operation.at("value");
        }
    }
    return way;
}

// `live` with the remembered values in their places.
Json restored(const Way &way, const Json &live)
{
    JsonPatch patch;
    for (const QString &pointer : way.pointers) {
        const auto value = way.wanted.find(pointer.toStdString());
        if (value != way.wanted.end())
            patch.add(pointer, *value);
        else if (atPointer(live, pointer))
            patch.remove(pointer);
    }
    return patched(live, patch.toJson());
}

PlanStep reversalStep(const Way &way, const Json &live)
{
    const PlanStep &first = way.first;
    const Json after = restored(way, live);
    PlanStep step;
    step.id = QStringLiteral("undo");
    step.title = first.undoTitle;
    step.through = first.through;
    step.call = first.call;
    step.call.body = restoringPatch(way.tests, way.pointers, after, live);
    step.undo = first.call;
    step.undo->body = restoringPatch(way.tests, way.pointers, live, after);
    step.undoTitle = first.title;
    const Json data = Json::parse(first.expectation.data.begin(), first.expectation.data.end());
    Json facts = valueAt(data, "/reverse");
    if (!facts.is_object())
        facts = Json::object();
    const QString kind = textAt(facts, "/kind");
    step.expectation = {kind.isEmpty() ? first.expectation.kind : kind, first.expectation.object,
                        dump(withPatchFacts(facts, step.call.body, live, after))};
    step.precondition = KubernetesStepText::tr("only if it still is as read just now");
    for (const QString &pointer : way.pointers) {
        const Json *was = atPointer(live, pointer);
        const Json *will = atPointer(after, pointer);
        step.diff +=
            jsonDiff(was ? *was : Json::object(), will ? *will : Json::object(), pointer.mid(1).replace(u'/', u'.'));
    }
    step.deadline = first.deadline;
    return step;
}

} // namespace

QFuture<Result<PlanStep>> KubernetesStepRunner::reversal(Plan plan, QStringList doneStepIds, StopToken stop)
{
    QList<PlanStep> done;
    for (const PlanStep &step : plan.steps) {
        if (doneStepIds.contains(step.id) && step.undo)
            done.append(step);
    }
    if (done.isEmpty())
        return ready(Result<PlanStep>(Error{
            ErrorKind::Unsupported, KubernetesStepText::tr("Nothing that was done can be taken back by a call."), {}}));
    // One step writes one object: the plan's own. A reconciliation paused first has an undo of its own.
    const QString path = done.last().call.path;
    done.erase(
        std::remove_if(done.begin(), done.end(), [&path](const PlanStep &step) { return step.call.path != path; }),
        done.end());
    const Way way = wayBack(done);
    const ClientPtr client = m_client;
    return mapped(fetch(client, path.toLatin1(), stop), [client, way](const Json &live) -> Result<PlanStep> {
        const Json data = Json::parse(way.first.expectation.data.begin(), way.first.expectation.data.end());
        if (textAt(live, "/metadata/uid") != textAt(data, "/patch/uid")) {
            return Error{
                ErrorKind::Conflict,
                KubernetesStepText::tr("%1 %2/%3 was deleted and made again: what was there before cannot be restored.")
                    .arg(way.first.expectation.object.kind, way.first.expectation.object.ns,
                         way.first.expectation.object.name),
                {}};
        }
        return reversalStep(way, live);
    });
}

} // namespace signalbox::kubernetes
