// Rights and dry runs: what the server itself says of a plan before it is confirmed.
#include "services/adapters/kubernetes/jsondiff.h"
#include "services/adapters/kubernetes/kubernetespreflighttext.h"
#include "services/adapters/kubernetes/planbasics.h"
#include "services/adapters/kubernetes/planpatch.h"
#include "services/adapters/kubernetes/rights.h"

#include <algorithm>

namespace signalbox::kubernetes
{

namespace
{

QString rightText(const RightQuestion &right)
{
    const QString resource = right.subresource.isEmpty() ? right.resource : right.resource + u'/' + right.subresource;
    return KubernetesPreflightText::tr("%1 %2 in namespace %3")
        .arg(right.verb, right.group.isEmpty() ? resource : resource + u'.' + right.group, right.ns);
}

QFuture<Result<RightAnswer>> askRight(const ClientPtr &client, const RightQuestion &right, const StopToken &stop,
                                      std::chrono::milliseconds limit)
{
    return mapped(
        client->review("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", reviewBody(right), stop, limit),
        [client](const HttpResponse &response) -> Result<RightAnswer> { return parseReview(response.body); });
}

bool isSkipped(const PlanStep &step)
{
    return step.isOptional && !step.isChosen;
}

Check rightsCheck(const QList<DraftStep> &steps, const Result<QList<RightAnswer>> &answers)
{
    if (!answers) {
        return warned(CheckId::Rights, KubernetesPreflightText::tr("The server does not say whether you may do this"),
                      answers.error().message,
                      KubernetesPreflightText::tr("The call itself will tell; nothing is changed by a refusal."));
    }
    QStringList granted;
    for (qsizetype i = 0; i < steps.size(); ++i) {
        const QString text = rightText(steps[i].right);
        if ((*answers)[i].isAllowed) {
            if (!granted.contains(text))
                granted.append(text);
        } else if (!isSkipped(steps[i].step)) {
            return blocked(CheckId::Rights, KubernetesPreflightText::tr("You may not %1").arg(text),
                           (*answers)[i].reason,
                           KubernetesPreflightText::tr(
                               "Ask an administrator of the cluster for this right, or use another context."));
        }
    }
    return passed(CheckId::Rights, KubernetesPreflightText::tr("You may do every call of this plan"),
                  granted.join(QLatin1String("; ")));
}

Check dryRunCheck(const QList<DraftStep> &steps, const QList<Result<Json>> &answers)
{
    for (qsizetype i = 0; i < steps.size(); ++i) {
        if (answers[i] || isSkipped(steps[i].step))
            continue;
        const Error &error = answers[i].error();
        if (error.kind == ErrorKind::Forbidden || error.kind == ErrorKind::Invalid ||
            error.kind == ErrorKind::Refused || error.kind == ErrorKind::Conflict) {
            return blocked(
                CheckId::DryRun,
                KubernetesPreflightText::tr("The server refuses this in a dry run: %1").arg(steps[i].step.title),
                error.message, KubernetesPreflightText::tr("Read the server's reason; nothing was changed."));
        }
        // To the client a PATCH without an answer is an unknown outcome; a dry run changes nothing either way.
        const bool isSilent = error.kind == ErrorKind::TimedOut || error.kind == ErrorKind::OutcomeUnknown;
        return warned(CheckId::DryRun,
                      isSilent ? KubernetesPreflightText::tr("The dry run was not answered in time")
                               : KubernetesPreflightText::tr("The dry run could not be made"),
                      isSilent
                          ? KubernetesPreflightText::tr("Nothing was changed by it. An admission webhook may hang.")
                          : error.message,
                      KubernetesPreflightText::tr("Try again, or go on: the call has its own preconditions."));
    }
    return passed(CheckId::DryRun, KubernetesPreflightText::tr("The server accepted a dry run of every call"));
}

void finish(DraftStep &entry, const Json &before, const Json &after)
{
    PlanStep &step = entry.step;
    if (!entry.diffAt.isEmpty()) {
        const Json *old = atPointer(before, entry.diffAt);
        const Json *now = atPointer(after, entry.diffAt);
        step.diff +=
            jsonDiff(old ? *old : Json::object(), now ? *now : Json::object(), entry.diffAt.mid(1).replace(u'/', u'.'));
    }
    if (entry.canUndo)
        step.undo =
            patchCall(step.call.connection, step.call.path.toLatin1(), inversePatch(step.call.body, before, after));
    step.expectation.data = dump(withPatchFacts(entry.facts, step.call.body, before, after));
}

Plan assembled(Draft draft, const Result<QList<RightAnswer>> &rights, const QList<Result<Json>> &dryRuns)
{
    Plan &plan = draft.plan;
    plan.checks.prepend(rightsCheck(draft.steps, rights));
    const Check dryRun = dryRunCheck(draft.steps, dryRuns);
    plan.checks.append(dryRun);
    if (dryRun.state == CheckState::Pass)
        plan.dryRunAt = QDateTime::currentDateTimeUtc();
    QHash<QString, Json> states; // by path: how each object stands after the steps so far
    for (qsizetype i = 0; i < draft.steps.size(); ++i) {
        DraftStep &entry = draft.steps[i];
        // A later step of the same object was asked on its own: its answer does not hold what the steps before it do.
        const bool isFirst = !states.contains(entry.step.call.path);
        const Json before = states.value(entry.step.call.path, entry.object);
        const Json after = isFirst && dryRuns[i] ? *dryRuns[i] : patched(before, entry.step.call.body);
        finish(entry, before, after);
        states.insert(entry.step.call.path, after);
        if (rights && !(*rights)[i].isAllowed && isSkipped(entry.step))
            entry.step.precondition = KubernetesPreflightText::tr("You may not %1.").arg(rightText(entry.right));
        plan.steps.append(entry.step);
    }
    return plan;
}

} // namespace

QFuture<Result<QList<RightAnswer>>> askRights(const ClientPtr &client, const QList<RightQuestion> &questions,
                                              const StopToken &stop, std::chrono::milliseconds limit)
{
    QList<QFuture<Result<RightAnswer>>> asked;
    for (const RightQuestion &question : questions)
        asked.append(askRight(client, question, stop, limit));
    return mapped(gathered(asked), [](const QList<Result<RightAnswer>> &answers) -> Result<QList<RightAnswer>> {
        QList<RightAnswer> all;
        for (const auto &answer : answers) {
            if (!answer)
                return answer.error();
            all.append(*answer);
        }
        return all;
    });
}

namespace
{

const QString movedWhilePlanned = QStringLiteral("moved while it was planned");

Error changedUnderPlan(const DraftStep &entry, const QString &pointer)
{
    const ObjectRef &object = entry.step.expectation.object;
    const QString title = QStringLiteral("%1 %2/%3").arg(object.kind, object.ns, object.name);
    if (pointer.isEmpty() || pointer == QLatin1String("/metadata/uid")) {
        return {
            ErrorKind::Conflict,
            KubernetesPreflightText::tr("%1 was deleted while this was planned. Nothing was written: look at what is "
                                        "there now and plan again.")
                .arg(title),
            movedWhilePlanned};
    }
    return {ErrorKind::Conflict,
            KubernetesPreflightText::tr(
                "%1 goes on being changed at %2 while this is planned. Nothing was written: find out who changes it, "
                "and plan again.")
                .arg(title, pointer.mid(1).replace(u'/', u'.')),
            movedWhilePlanned};
}

bool mayHaveMoved(const Result<Json> &dryRun)
{
    if (dryRun)
        return false;
    const ErrorKind kind = dryRun.error().kind;
    return kind == ErrorKind::Invalid || kind == ErrorKind::Conflict || kind == ErrorKind::NotFound;
}

// A failed `test` is a bare 422 without a cause, as is what the server finds invalid (apiserver
// pkg/endpoints/handlers/patch.go): only the object itself tells the one from the other. No error: nothing moved, or
// that could not be read.
QFuture<Result<std::optional<Error>>> lookForMoves(const ClientPtr &client, const QList<DraftStep> &steps,
                                                   const QList<QByteArray> &bodies, const QList<Result<Json>> &dryRuns,
                                                   const StopToken &stop, std::chrono::milliseconds limit)
{
    using Moved = std::optional<Error>;
    QList<QFuture<Result<Moved>>> looks;
    for (qsizetype i = 0; i < steps.size(); ++i) {
        if (isSkipped(steps[i].step) || !mayHaveMoved(dryRuns[i]))
            continue;
        looks.append(converted(fetch(client, steps[i].step.call.path.toLatin1(), stop, limit),
                               [entry = steps[i], body = bodies[i]](const Result<Json> &live) -> Result<Moved> {
                                   if (!live)
                                       return live.error().kind == ErrorKind::NotFound
                                                  ? Moved(changedUnderPlan(entry, {}))
                                                  : Moved();
                                   const auto failed = failedTest(body, *live);
                                   return failed ? Moved(changedUnderPlan(entry, *failed)) : Moved();
                               }));
    }
    return mapped(gathered(looks), [](const QList<Result<Moved>> &answers) -> Result<Moved> {
        for (const Result<Moved> &answer : answers) {
            if (answer && *answer)
                return *answer;
        }
        return Moved();
    });
}

} // namespace

bool isMovedWhilePlanned(const Error &error)
{
    return error.kind == ErrorKind::Conflict && error.detail == movedWhilePlanned;
}

QFuture<Result<Plan>> plannedAnew(const std::function<QFuture<Result<Plan>>()> &readAndPlan)
{
    return afterwards(readAndPlan(), [readAndPlan](const Result<Plan> &plan) {
        return !plan && isMovedWhilePlanned(plan.error()) ? readAndPlan() : ready(plan);
    });
}

QFuture<Result<Plan>> checkedPlan(const ClientPtr &client, Draft draft, const StopToken &stop)
{
    QList<RightQuestion> questions;
    QList<QFuture<Result<Json>>> dryRuns;
    QList<QByteArray> bodies;
    // A webhook that hangs holds up every dry run, and one of the authorizer every right; going back must not wait for
    // them: the call has its own preconditions.
    const auto limit = patienceFor(draft.plan.direction, draft.isRehearsal);
    QStringList seenPaths; // a later step of the same object cannot pass its tests yet: it is asked without them
    for (const DraftStep &entry : draft.steps) {
        const Call &call = entry.step.call;
        const QByteArray body = seenPaths.contains(call.path) ? withoutSeenState(call.body) : call.body;
        seenPaths.append(call.path);
        bodies.append(body);
        questions.append(entry.right);
        dryRuns.append(mapped(client->write(call.method.toLatin1(), call.path.toLatin1(), call.contentType.toLatin1(),
                                            body, true, stop, limit),
                              [client](const HttpResponse &response) -> Result<Json> {
                                  return Json::parse(response.body.begin(), response.body.end());
                              }));
    }
    const QFuture<Result<QList<RightAnswer>>> rights = askRights(client, questions, stop, limit);
    return andThen(gathered(dryRuns), [=](const QList<Result<Json>> &answers) {
        return andThen(lookForMoves(client, draft.steps, bodies, answers, stop, limit),
                       [=](const std::optional<Error> &moved) {
                           if (moved)
                               return ready(Result<Plan>(*moved));
                           return converted(rights, [=](const Result<QList<RightAnswer>> &granted) -> Result<Plan> {
                               return assembled(draft, granted, answers);
                           });
                       });
    });
}

} // namespace signalbox::kubernetes
