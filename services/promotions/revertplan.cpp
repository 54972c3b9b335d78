#include "services/promotions/revertplan.h"

#include "models/domain/ulid.h"
#include "models/policy/records.h"
#include "services/promotions/promotionstext.h"

#include <nlohmann/json.hpp>

namespace signalbox
{

namespace
{

using Json = nlohmann::json;

constexpr qsizetype mostLines = 400; // of the difference

QString revertStepKind()
{
    return QStringLiteral("revert-followed");
}

QByteArray toData(const RevertCommission &one)
{
    Json json = toJson(one.at);
    Json commits = Json::array();
    for (const QString &commit : one.commits)
        commits.push_back(commit.toStdString());
    json.update({{"commits", commits},
                 {"tree", one.tree.toStdString()},
                 {"application", one.application.toStdString()},
                 {"image", one.image.toStdString()},
                 {"digest", one.digest.toStdString()},
                 {"tag", one.tag.toStdString()},
                 {"id", one.id.toStdString()},
                 {"line", one.line.toStdString()},
                 {"imageRepository", one.repository.toStdString()}});
    return QByteArray::fromStdString(json.dump());
}

QString labelOf(const GitopsRevision &revision)
{
    return QStringLiteral("%1 (%2)").arg(revision.version(), policy::shortCommit(revision.commit));
}

QList<DiffLine> linesOf(const git::RevertPlan &revert)
{
    QList<DiffLine> lines;
    const QList<QByteArray> patch = revert.diff.split('\n');
    for (const QByteArray &line : patch) {
        if (lines.size() >= mostLines) {
            lines.append({DiffLine::Kind::Note, PromotionsText::tr("and more, in %n file(s) altogether", nullptr,
                                                                   static_cast<int>(revert.files.size()))});
            break;
        }
        const QString text = QString::fromUtf8(line);
        if (line.startsWith("+++ ") || line.startsWith("diff --git ") || line.startsWith("index ") || line.isEmpty())
            continue;
        if (line.startsWith("--- ") || line.startsWith("@@"))
            lines.append({DiffLine::Kind::Context, text});
        else if (line.startsWith('-'))
            lines.append({DiffLine::Kind::Removed, text.mid(1)});
        else if (line.startsWith('+'))
            lines.append({DiffLine::Kind::Added, text.mid(1)});
        else
            lines.append({DiffLine::Kind::Context, text.mid(1)});
    }
    if (revert.isDiffCut)
        lines.append({DiffLine::Kind::Note, PromotionsText::tr("the difference is longer than what is shown")});
    return lines;
}

Check othersCheck(const QStringList &paths)
{
    constexpr qsizetype shown = 3;
    return {CheckId::TargetExists, CheckState::Warn,
            PromotionsText::tr(
                "the commits changed %n other file(s), which stay as they are; only the line with the image is "
                "put back",
                nullptr, static_cast<int>(paths.size())),
            QStringList(paths.mid(0, shown)).join(QStringLiteral(", ")),
            PromotionsText::tr("Look whether the earlier release can live with what else was changed.")};
}

Check conflictCheck(const git::RevertPlan &revert)
{
    if (revert.conflicts.isEmpty())
        return {CheckId::TargetExists,
                CheckState::Pass,
                PromotionsText::tr("%n commit(s) can be undone as they are", nullptr,
                                   static_cast<int>(revert.commits.size())),
                {},
                {}};
    const git::RevertConflict &first = revert.conflicts.first();
    return {CheckId::TargetExists,
            CheckState::Warn,
            PromotionsText::tr(
                "%1 cannot be undone as a whole, since %2 changed again later: only the line with the image is "
                "put back")
                .arg(policy::shortCommit(first.commit), first.path),
            {},
            PromotionsText::tr("Look whether the earlier release can live with what else was changed.")};
}

PlanStep lineStep(const RevertCommission &one, const ImageInText &place, const ObjectRef &workload,
                  std::chrono::milliseconds deadline)
{
    PlanStep step = revertStep(one, {}, workload, deadline);
    step.title = PromotionsText::tr("Put back the image of %1 on %2").arg(one.application, one.at.branch);
    step.diff = {{DiffLine::Kind::Context, QStringLiteral("%1:%2").arg(one.at.file).arg(place.line)},
                 {DiffLine::Kind::Removed, place.before},
                 {DiffLine::Kind::Added, place.after}};
    step.call.body = QStringLiteral("-%1\n+%2\n").arg(place.before, place.after).toUtf8();
    return step;
}

} // namespace

std::optional<RevertCommission> revertCommissionOf(const PlanStep &step)
{
    const auto json = stepData(step, revertStepKind());
    if (!json)
        return std::nullopt;
    const auto commits = json->find("commits");
    if (commits == json->end() || !commits->is_array())
        return std::nullopt;
    RevertCommission one{branchPlaceOf(*json),   {},
                         textOf(*json, "tree"),  textOf(*json, "application"),
                         textOf(*json, "image"), textOf(*json, "digest"),
                         textOf(*json, "tag"),   textOf(*json, "id"),
                         textOf(*json, "line"),  textOf(*json, "imageRepository")};
    for (const Json &commit : *commits) {
        if (commit.is_string())
            one.commits.append(QString::fromStdString(commit.get_ref<const std::string &>()));
    }
    return one;
}

QString revertTrailer(const QString &id)
{
    return QStringLiteral("Operation: ") + id;
}

bool isRunning(const RunningRelease &now, const QString &digest, const QString &tag)
{
    return digest.isEmpty() ? !tag.isEmpty() && now.tag == tag : now.digest == digest;
}

RollbackTarget revertTarget(const GitopsRevision &revision, const GitopsRevision &now, const ObjectRef &workload,
                            bool isLive, bool isSuggested)
{
    RollbackTarget target;
    target.revision.ref = workload;
    target.revision.templateHash = revision.commit.left(12);
    target.revision.changeCause = revision.subject;
    target.revision.created = revision.author.at;
    target.version = revision.version();
    target.isLive = isLive;
    target.isSuggested = isSuggested;
    if (!isLive)
        target.diff = {{DiffLine::Kind::Removed, now.line}, {DiffLine::Kind::Added, revision.line}};
    target.readiness = {
        {CheckId::TargetExists,
         CheckState::Pass,
         PromotionsText::tr("commit %1 by %2").arg(policy::shortCommit(revision.commit), revision.author.name),
         revision.subject,
         {}}};
    if (revision.isUndone)
        target.readiness.append({CheckId::TargetImage,
                                 CheckState::Warn,
                                 PromotionsText::tr("it was taken back before"),
                                 {},
                                 PromotionsText::tr("Look why before it goes out again.")});
    return target;
}

Result<qsizetype> chosenRevision(const QList<GitopsRevision> &revisions, const QString &to,
                                 const policy::Execution &execution)
{
    if (to.isEmpty()) {
        if (const auto suggested = suggestedRevision(revisions))
            return *suggested;
        return Error{ErrorKind::Refused, // no name was wrong: there is nothing to go back to
                     PromotionsText::tr("%1 of %2 names no earlier release that was not taken back.")
                         .arg(execution.file, execution.repository),
                     {}};
    }
    for (qsizetype i = 1; i < revisions.size(); ++i) {
        if (revisions.at(i).isNamed(to))
            return i;
    }
    return Error{ErrorKind::NotFound,
                 PromotionsText::tr("No earlier commit %1 names a release in %2 of %3.")
                     .arg(to, execution.file, execution.repository),
                 {}};
}

QStringList otherFiles(const git::RevertPlan &revert, const QString &file)
{
    QStringList paths;
    for (const FileChange &change : revert.files) {
        if (change.path != file)
            paths.append(change.path);
    }
    return paths;
}

Result<ImageInText> lineBack(const QByteArray &content, const QString &image, const QString &then)
{
    auto place = findImage(content, image, {}, {});
    if (!place)
        return place.error();
    const qsizetype indent = place->before.size() - QStringView(place->before).trimmed().size();
    place->after = place->before.left(indent) + then.trimmed();
    return place;
}

PlanStep revertStep(const RevertCommission &one, const git::RevertPlan &revert, const ObjectRef &workload,
                    std::chrono::milliseconds deadline)
{
    PlanStep step;
    step.id = QStringLiteral("revert");
    step.title =
        one.commits.size() == 1
            ? PromotionsText::tr("Revert %1 on %2").arg(policy::shortCommit(one.commits.first()), one.at.branch)
            : PromotionsText::tr("Revert %1 commits on %2").arg(one.commits.size()).arg(one.at.branch);
    step.through = PromotionsText::tr("Git %1").arg(one.at.address);
    step.call = {one.at.address, QStringLiteral("COMMIT"), one.at.branch + u':' + one.at.file,
                 QStringLiteral("text/x-diff"), revert.diff};
    step.expectation.kind = revertStepKind();
    step.expectation.object = workload;
    step.expectation.data = toData(one);
    step.diff = linesOf(revert);
    step.precondition = PromotionsText::tr("only if the branch is still at %1").arg(policy::shortCommit(one.at.tip));
    step.deadline = deadline;
    return step;
}

Plan revertPlan(const RevertDraft &draft, const policy::Execution &execution, const RollbackOrder &order,
                std::chrono::milliseconds deadline)
{
    const GitopsRevision &now = draft.past.revisions.first();
    const GitopsRevision &then = draft.past.revisions.at(draft.to);
    const RunningRelease &running = draft.past.running;
    Plan plan;
    plan.id = newUlid();
    plan.kind = OperationKind::Rollback;
    plan.direction = Direction::Back;
    plan.application = order.application;
    plan.environment = order.environment;
    plan.connection = order.connection;
    plan.ns = order.ns;
    plan.isProtected = isProtectedByName(order.environment.isEmpty() ? order.ns : order.environment);
    plan.reason = order.reason;
    plan.plannedAt = QDateTime::currentDateTimeUtc();
    plan.dryRunAt = plan.plannedAt; // a commit has none; what it changes is in the difference, to the letter
    plan.from = labelOf(now);
    plan.fromHash = running.digest.isEmpty() ? now.digest : running.digest;
    plan.to = labelOf(then);
    plan.toHash = then.digest.isEmpty() ? then.commit : then.digest;
    const int files = draft.line ? 1 : static_cast<int>(draft.revert.files.size());
    plan.effect =
        PromotionsText::tr("%n file(s) of %1; the cluster follows by itself", nullptr, files).arg(execution.repository);
    RevertCommission one{{execution.repository, execution.branch, execution.file, draft.past.copy.tip},
                         draft.revert.commits,
                         draft.revert.tree,
                         order.application,
                         then.image,
                         then.digest,
                         then.tag,
                         plan.id,
                         {},
                         running.repository};
    if (draft.line) {
        one.line = draft.line->after;
        plan.steps = {lineStep(one, *draft.line, order.workload, deadline)};
    } else {
        plan.steps = {revertStep(one, draft.revert, order.workload, deadline)};
    }
    const QStringList others = otherFiles(draft.revert, execution.file);
    plan.checks = {{CheckId::Freshness,
                    CheckState::Pass,
                    PromotionsText::tr("Read from the repository just now"),
                    draft.past.copy.tip,
                    {}},
                   others.isEmpty() ? conflictCheck(draft.revert) : othersCheck(others)};
    if (then.isUndone)
        plan.checks.append({CheckId::TargetImage,
                            CheckState::Warn,
                            PromotionsText::tr("%1 was taken back before").arg(labelOf(then)),
                            {},
                            PromotionsText::tr("Look why before it goes out again.")});
    if (draft.past.dark)
        plan.checks.append({CheckId::Freshness, CheckState::Warn,
                            PromotionsText::tr("The cluster cannot be read: whether it follows will not be seen"),
                            draft.past.dark->message,
                            PromotionsText::tr("Look there by another way once it is committed.")});
    else if (isRunning(running, then.digest, then.tag))
        plan.checks.append({CheckId::SameState, CheckState::Warn,
                            PromotionsText::tr("The cluster runs exactly this already"), running.image,
                            PromotionsText::tr("The commit keeps it so: the repository says otherwise.")});
    else if (!isRunning(running, now.digest, now.tag))
        plan.checks.append({CheckId::OtherOwner, CheckState::Warn,
                            PromotionsText::tr("The cluster does not run what the repository says"), running.image,
                            PromotionsText::tr("Look whether what applies the repository is at work.")});
    return plan;
}

} // namespace signalbox
