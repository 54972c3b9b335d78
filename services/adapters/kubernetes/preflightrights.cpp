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

struct Moves
{
    std::optional<Error> error; // none: nothing moved, or that could not be read
    QList<qsizetype> gone;      // steps of which nobody who goes back has a need any more
};

QFuture<Result<Moves>> lookForMove(const ClientPtr &client, const DraftStep &entry, qsizetype index, bool isBack,
                                   const QByteArray &body, const StopToken &stop, std::chrono::milliseconds limit)
{
    return converted(
        fetch(client, entry.step.call.path.toLatin1(), stop, limit), [=](const Result<Json> &live) -> Result<Moves> {
            if (!live && live.error().kind != ErrorKind::NotFound)
                return Moves();
            if (!live)
                return isBack && entry.step.isOptional ? Moves{{}, {index}} : Moves{changedUnderPlan(entry, {}), {}};
            const auto failed = failedTest(body, *live);
            return failed ? Moves{changedUnderPlan(entry, *failed), {}} : Moves();
        });
}

// A failed `test` is a bare 422 without a cause, as is what the server finds invalid (apiserver
// pkg/endpoints/handlers/patch.go): only the object itself tells the one from the other.
QFuture<Result<Moves>> lookForMoves(const ClientPtr &client, const Draft &draft, const QList<QByteArray> &bodies,
                                    const QList<Result<Json>> &dryRuns, const StopToken &stop,
                                    std::chrono::milliseconds limit)
{
    const bool isBack = draft.plan.direction == Direction::Back;
    QList<QFuture<Result<Moves>>> looks;
    for (qsizetype i = 0; i < draft.steps.size(); ++i) {
        if (!isSkipped(draft.steps[i].step) && mayHaveMoved(dryRuns[i]))
            looks.append(lookForMove(client, draft.steps[i], i, isBack, bodies[i], stop, limit));
    }
    return mapped(gathered(looks), [](const QList<Result<Moves>> &answers) -> Result<Moves> {
        Moves all;
        for (const Result<Moves> &answer : answers) {
            if (!answer)
                continue;
            all.gone += answer->gone;
            if (!all.error)
                all.error = answer->error;
        }
        return all;
    });
}

// What would have reconciled it is not there: there is nothing to pause.
void leaveOut(Draft &draft, qsizetype index)
{
    const ObjectRef object = draft.steps[index].step.expectation.object;
    draft.steps.removeAt(index);
    for (qsizetype i = 0; i < draft.steps.size(); ++i)
        draft.steps[i].step.id = QString::number(i + 1);
    QString others; // of the other owners, but that they are paused by what is left out
    draft.plan.checks.removeIf([&others](const Check &check) {
        if (check.id == CheckId::OtherOwner && check.state != CheckState::Pass)
            others = QStringList{check.text, check.detail}.join(u' ').trimmed();
        return check.id == CheckId::OtherOwner;
    });
    draft.plan.checks.append(
        warned(CheckId::OtherOwner,
               KubernetesPreflightText::tr("%1 was deleted while this was planned: the step on it is left out")
                   .arg(QStringLiteral("%1 %2/%3").arg(object.kind, object.ns, object.name)),
               others, KubernetesPreflightText::tr("Look whether what it deploys is deleted along with it.")));
}

Plan assembledWithout(const QList<qsizetype> &gone, Draft draft, Result<QList<RightAnswer>> rights,
                      QList<Result<Json>> dryRuns)
{
    for (auto index = gone.crbegin(); index != gone.crend(); ++index) { // the last first
        leaveOut(draft, *index);
        dryRuns.removeAt(*index);
        if (rights)
            rights->removeAt(*index);
    }
    return assembled(std::move(draft), rights, dryRuns);
}

// "@UID" of the namespace, the same at every address of the cluster (serverAtPlace() of lockkey.h). Empty: not ours to
// read, or not told in time; then the address alone keeps two programs apart. Nobody waits for it longer than for what
// helps to go back, and a rehearsal holds no lock.
QFuture<Result<QString>> askPlace(const ClientPtr &client, const Draft &draft, const StopToken &stop)
{
    if (draft.isRehearsal || draft.plan.ns.isEmpty())
        return ready(Result<QString>(QString()));
    const QByteArray path = "/api/v1/namespaces/" + encoded(draft.plan.ns);
    return converted(fetch(client, path, stop, patienceOfGoingBack), [](const Result<Json> &found) -> Result<QString> {
        const QString uid = found ? textAt(*found, "/metadata/uid") : QString();
        return uid.isEmpty() ? QString() : u'@' + uid;
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
    const QFuture<Result<QString>> place = askPlace(client, draft, stop);
    return andThen(gathered(dryRuns), [=](const QList<Result<Json>> &answers) {
        return andThen(lookForMoves(client, draft, bodies, answers, stop, limit), [=](const Moves &moves) {
            if (moves.error)
                return ready(Result<Plan>(*moves.error));
            return andThen(place, [=](const QString &told) {
                return converted(rights, [=](const Result<QList<RightAnswer>> &granted) -> Result<Plan> {
                    Draft placed = draft;
                    placed.plan.server = told;
                    return assembledWithout(moves.gone, std::move(placed), granted, answers);
                });
            });
        });
    });
}

} // namespace signalbox::kubernetes
