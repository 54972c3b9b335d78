#include "services/promotions/revertsteps.h"

#include "models/domain/ulid.h"
#include "models/policy/records.h"
#include "services/async/chain.h"
#include "services/git/mirror.h"
#include "services/git/repository.h"
#include "services/ledger/ledger.h"
#include "services/ledger/signing/signer.h"
#include "services/ledger/signing/sshsig.h"
#include "services/promotions/imagetext.h"

#include <nlohmann/json.hpp>

#include <QCoreApplication>

namespace signalbox
{

namespace
{

struct Text
{
    Q_DECLARE_TR_FUNCTIONS(Promotions)
};

using Json = nlohmann::json;
using namespace std::chrono_literals;

constexpr int mostRevisions = 20;              // of the file that are looked at
constexpr int mostCommits = 20000;             // of the branch
constexpr qsizetype mostLines = 400;           // of the difference
constexpr std::chrono::seconds shownFor = 20s; // a list may be that old; what is planned and written never is

// What the step carries; journaled whole, and it holds nothing but names and hashes.
struct Commission
{
    QString address;
    QString branch;
    QString file;
    QString tip;
    QStringList commits; // to be undone
    QString tree;        // what there will be
    QString application;
    QString image; // of the release gone back to, as the file names it
    QString digest;
    QString tag;
    QString id;         // stands in the commit's message
    QString line;       // not empty: nothing but the line with the image is put back, as this
    QString repository; // of the image
};

QString kindName()
{
    return QStringLiteral("revert-followed");
}

QByteArray toData(const Commission &one)
{
    Json commits = Json::array();
    for (const QString &commit : one.commits)
        commits.push_back(commit.toStdString());
    const Json json{{"repository", one.address.toStdString()},
                    {"branch", one.branch.toStdString()},
                    {"file", one.file.toStdString()},
                    {"tip", one.tip.toStdString()},
                    {"commits", commits},
                    {"tree", one.tree.toStdString()},
                    {"application", one.application.toStdString()},
                    {"image", one.image.toStdString()},
                    {"digest", one.digest.toStdString()},
                    {"tag", one.tag.toStdString()},
                    {"id", one.id.toStdString()},
                    {"line", one.line.toStdString()},
                    {"imageRepository", one.repository.toStdString()}};
    return QByteArray::fromStdString(json.dump());
}

std::optional<Commission> commissionOf(const PlanStep &step)
{
    const QByteArray &data = step.expectation.data;
    const Json json = Json::parse(data.begin(), data.end(), nullptr, false);
    if (step.expectation.kind != kindName() || !json.is_object())
        return std::nullopt;
    const auto text = [&json](const char *key) {
        const auto found = json.find(key);
        return found != json.end() && found->is_string() ? QString::fromStdString(found->get<std::string>())
                                                         : QString();
    };
    Commission one{text("repository"), text("branch"),      text("file"),           text("tip"),    {},
                   text("tree"),       text("application"), text("image"),          text("digest"), text("tag"),
                   text("id"),         text("line"),        text("imageRepository")};
    const auto commits = json.find("commits");
    if (commits == json.end() || !commits->is_array())
        return std::nullopt;
    for (const Json &commit : *commits) {
        if (commit.is_string())
            one.commits.append(QString::fromStdString(commit.get<std::string>()));
    }
    return one;
}

QString trailer(const QString &id)
{
    return QStringLiteral("Operation: ") + id;
}

Error notOurs()
{
    return {ErrorKind::Unsupported, Text::tr("This step is not one that a repository can carry out."), {}};
}

Error moved(const Commission &one, const QString &now)
{
    return {ErrorKind::Conflict,
            Text::tr("The branch %1 of %2 moved from %3 to %4 since it was shown. Nothing was written: look at the new "
                     "state and plan again.")
                .arg(one.branch, one.address, policy::shortCommit(one.tip), policy::shortCommit(now)),
            {}};
}

git::Author operatorAsAuthor()
{
    return authorOf(operatorIdentity(), QDateTime::currentDateTimeUtc());
}

bool isRunning(const RunningRelease &now, const QString &digest, const QString &tag)
{
    return digest.isEmpty() ? !tag.isEmpty() && now.tag == tag : now.digest == digest;
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
            lines.append({DiffLine::Kind::Note, Text::tr("and more, in %n file(s) altogether", nullptr,
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
        lines.append({DiffLine::Kind::Note, Text::tr("the difference is longer than what is shown")});
    return lines;
}

RollbackTarget targetOf(const GitopsRevision &revision, const GitopsRevision &now, const ObjectRef &workload,
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
    target.readiness = {{CheckId::TargetExists,
                         CheckState::Pass,
                         Text::tr("commit %1 by %2").arg(policy::shortCommit(revision.commit), revision.author.name),
                         revision.subject,
                         {}}};
    if (revision.isUndone)
        target.readiness.append({CheckId::TargetImage,
                                 CheckState::Warn,
                                 Text::tr("it was taken back before"),
                                 {},
                                 Text::tr("Look why before it goes out again.")});
    return target;
}

// Which of them is meant.
Result<qsizetype> chosen(const QList<GitopsRevision> &revisions, const QString &to, const policy::Execution &execution)
{
    if (to.isEmpty()) {
        if (const auto suggested = suggestedRevision(revisions))
            return *suggested;
        return Error{ErrorKind::NotFound,
                     Text::tr("%1 of %2 names no earlier release that was not taken back.")
                         .arg(execution.file, execution.repository),
                     {}};
    }
    for (qsizetype i = 1; i < revisions.size(); ++i) {
        if (revisions.at(i).isNamed(to))
            return i;
    }
    return Error{
        ErrorKind::NotFound,
        Text::tr("No earlier commit %1 names a release in %2 of %3.").arg(to, execution.file, execution.repository),
        {}};
}

PlanStep revertStep(const Commission &one, const git::RevertPlan &revert, const ObjectRef &workload,
                    std::chrono::milliseconds deadline)
{
    PlanStep step;
    step.id = QStringLiteral("revert");
    step.title = one.commits.size() == 1
                     ? Text::tr("Revert %1 on %2").arg(policy::shortCommit(one.commits.first()), one.branch)
                     : Text::tr("Revert %1 commits on %2").arg(one.commits.size()).arg(one.branch);
    step.through = Text::tr("Git %1").arg(one.address);
    step.call = {one.address, QStringLiteral("COMMIT"), one.branch + u':' + one.file, QStringLiteral("text/x-diff"),
                 revert.diff};
    step.expectation.kind = kindName();
    step.expectation.object = workload;
    step.expectation.data = toData(one);
    step.diff = linesOf(revert);
    step.precondition = Text::tr("only if the branch is still at %1").arg(policy::shortCommit(one.tip));
    step.deadline = deadline;
    return step;
}

// Files of others that the commits changed as well: in a repository of many applications those stay as they are.
QStringList otherFiles(const git::RevertPlan &revert, const QString &file)
{
    QStringList paths;
    for (const FileChange &change : revert.files) {
        if (change.path != file)
            paths.append(change.path);
    }
    return paths;
}

Check othersCheck(const QStringList &paths)
{
    constexpr qsizetype shown = 3;
    return {CheckId::TargetExists, CheckState::Warn,
            Text::tr("the commits changed %n other file(s), which stay as they are; only the line with the image is "
                     "put back",
                     nullptr, static_cast<int>(paths.size())),
            QStringList(paths.mid(0, shown)).join(QStringLiteral(", ")),
            Text::tr("Look whether the earlier release can live with what else was changed.")};
}

Check conflictCheck(const git::RevertPlan &revert)
{
    if (revert.conflicts.isEmpty())
        return {CheckId::TargetExists,
                CheckState::Pass,
                Text::tr("%n commit(s) can be undone as they are", nullptr, static_cast<int>(revert.commits.size())),
                {},
                {}};
    const git::RevertConflict &first = revert.conflicts.first();
    return {CheckId::TargetExists,
            CheckState::Warn,
            Text::tr("%1 cannot be undone as a whole, since %2 changed again later: only the line with the image is "
                     "put back")
                .arg(policy::shortCommit(first.commit), first.path),
            {},
            Text::tr("Look whether the earlier release can live with what else was changed.")};
}

// The line as it was, where the present one stands.
Result<ImageInText> lineBack(const QByteArray &content, const QString &image, const QString &then)
{
    auto place = findImage(content, image, {}, {});
    if (!place)
        return place.error();
    const qsizetype indent = place->before.size() - QStringView(place->before).trimmed().size();
    place->after = place->before.left(indent) + then.trimmed();
    return place;
}

PlanStep lineStep(const Commission &one, const ImageInText &place, const ObjectRef &workload,
                  std::chrono::milliseconds deadline)
{
    PlanStep step = revertStep(one, {}, workload, deadline);
    step.title = Text::tr("Put back the image of %1 on %2").arg(one.application, one.branch);
    step.diff = {{DiffLine::Kind::Context, QStringLiteral("%1:%2").arg(one.file).arg(place.line)},
                 {DiffLine::Kind::Removed, place.before},
                 {DiffLine::Kind::Added, place.after}};
    step.call.body = QStringLiteral("-%1\n+%2\n").arg(place.before, place.after).toUtf8();
    return step;
}

// The text of the commit that puts one line back; the branch is where it was seen.
Result<QByteArray> textOfLine(const QString &mirror, const Commission &one)
{
    auto repository = git::Repository::openOrCreateBare(mirror, one.branch);
    if (!repository)
        return repository.error();
    const auto content = repository->file(one.branch, one.file);
    if (!content)
        return content.error();
    const auto place = lineBack(content->value_or(QByteArray()), one.repository, one.line);
    if (!place)
        return place.error();
    QStringList reverted;
    for (const QString &commit : one.commits)
        reverted.append(QStringLiteral("This reverts commit %1, as far as the image goes.").arg(commit));
    const QString message = QStringLiteral("Put back %1 of %2\n\n%3\n\n%4\n")
                                .arg(one.image, one.application, reverted.join(u'\n'), trailer(one.id));
    const auto prepared =
        repository->prepareOn(one.tip, {{one.file, withImage(**content, *place)}}, message, operatorAsAuthor());
    return prepared ? Result<QByteArray>(prepared->text) : Result<QByteArray>(prepared.error());
}

} // namespace

RevertSteps::RevertSteps(Sources sources, QObject *parent)
    : QObject(parent)
    , m_sources(std::move(sources))
{}

RevertSteps::~RevertSteps() = default;

QFuture<Result<RevertSteps::Seen>> RevertSteps::look(const QString &address, const QString &branch,
                                                     std::chrono::seconds notOlderThan, const StopToken &stop)
{
    return after(this, m_sources.access(address, stop), [=, this](const git::RemoteAccess &access) {
        return m_queue.run([=, folder = m_sources.cacheFolder]() -> Result<Seen> {
            const git::Mirror mirror(folder, access.url);
            const QDateTime now = QDateTime::currentDateTimeUtc();
            const QDateTime before = mirror.isThere() ? mirror.updatedAt() : QDateTime();
            const bool isNew = before.isValid() && before.addSecs(notOlderThan.count()) > now && before <= now;
            if (!isNew) {
                if (const auto updated = mirror.update(git::Remote(access), {}, stop); !updated)
                    return updated.error();
            }
            auto repository = git::Repository::openOrCreateBare(mirror.path(), branch);
            if (!repository)
                return repository.error();
            const auto tip = repository->tip(branch);
            if (!tip)
                return tip.error();
            if (!*tip)
                return Error{ErrorKind::NotFound, Text::tr("%1 has no branch %2.").arg(address, branch), {}};
            return Seen{access, mirror.path(), **tip, isNew ? before : now};
        });
    });
}

QFuture<Result<RevertSteps::Past>> RevertSteps::past(const policy::Execution &execution, const ObjectRef &workload,
                                                     const QString &application, std::chrono::seconds notOlderThan,
                                                     const StopToken &stop)
{
    Deployer *deployer = m_sources.deployer ? m_sources.deployer(workload.connection) : nullptr;
    if (!deployer)
        return ready(Result<Past>(
            Error{ErrorKind::Unreachable, Text::tr("The connection %1 is gone.").arg(workload.connection), {}}));
    const auto running = deployer->running(workload, application, stop);
    return after(this, running, [=, this](const RunningRelease &now) {
        return after(
            this, look(execution.repository, execution.branch, notOlderThan, stop), [=, this](const Seen &seen) {
                return m_queue.run([=]() -> Result<Past> {
                    const auto versions =
                        git::fileHistory(seen.mirror, seen.tip, execution.file, mostRevisions, mostCommits, stop);
                    if (!versions)
                        return versions.error();
                    if (versions->isEmpty())
                        return Error{ErrorKind::NotFound,
                                     Text::tr("The branch %1 of %2 never had a file %3.")
                                         .arg(execution.branch, execution.repository, execution.file),
                                     {}};
                    const auto revisions = gitopsRevisions(*versions, now.repository);
                    if (!revisions)
                        return Error{revisions.error().kind,
                                     Text::tr("%1 in %2: %3")
                                         .arg(execution.file, execution.repository, revisions.error().message),
                                     {}};
                    return Past{seen, now, *revisions, versions->first().content.value_or(QByteArray())};
                });
            });
    });
}

QFuture<Result<QList<RollbackTarget>>> RevertSteps::targets(policy::Execution execution, ObjectRef workload,
                                                            QString application, StopToken stop)
{
    return after(this, past(execution, workload, application, shownFor, stop), [workload](const Past &found) {
        QList<RollbackTarget> targets;
        const auto suggested = suggestedRevision(found.revisions);
        for (qsizetype i = 0; i < found.revisions.size(); ++i)
            targets.append(targetOf(found.revisions.at(i), found.revisions.first(), workload, i == 0,
                                    suggested && *suggested == i));
        return ready(Result<QList<RollbackTarget>>(targets));
    });
}

QFuture<Result<Plan>> RevertSteps::plan(policy::Execution execution, RollbackOrder order, StopToken stop)
{
    if (order.workload.connection.isEmpty())
        order.workload.connection = order.connection;
    return after(this, past(execution, order.workload, order.application, 0s, stop), [=, this](const Past &found) {
        const auto to = chosen(found.revisions, order.to, execution);
        if (!to)
            return ready(Result<Plan>(to.error()));
        const auto drafted = m_queue.run([=]() -> Result<Drafted> {
            const auto revert = git::planRevert(found.seen.mirror, found.seen.tip, found.revisions.at(*to).undo, stop);
            if (!revert)
                return revert.error();
            Drafted draft{found, *to, *revert, {}};
            if (!revert->conflicts.isEmpty() || !otherFiles(*revert, execution.file).isEmpty()) {
                const auto back = lineBack(found.content, found.running.repository, found.revisions.at(*to).line);
                if (!back)
                    return back.error();
                draft.line = *back;
            }
            return draft;
        });
        return after(this, drafted, [=, this](const Drafted &draft) { return ready(planOf(draft, execution, order)); });
    });
}

Result<Plan> RevertSteps::planOf(const Drafted &drafted, const policy::Execution &execution,
                                 const RollbackOrder &order) const
{
    const GitopsRevision &now = drafted.past.revisions.first();
    const GitopsRevision &then = drafted.past.revisions.at(drafted.to);
    const RunningRelease &running = drafted.past.running;
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
    const int files = drafted.line ? 1 : static_cast<int>(drafted.revert.files.size());
    plan.effect = Text::tr("%n file(s) of %1; the cluster follows by itself", nullptr, files).arg(execution.repository);
    Commission one{execution.repository,
                   execution.branch,
                   execution.file,
                   drafted.past.seen.tip,
                   drafted.revert.commits,
                   drafted.revert.tree,
                   order.application,
                   then.image,
                   then.digest,
                   then.tag,
                   plan.id,
                   {},
                   running.repository};
    if (drafted.line) {
        one.line = drafted.line->after;
        plan.steps = {lineStep(one, *drafted.line, order.workload, m_sources.followWithin)};
    } else {
        plan.steps = {revertStep(one, drafted.revert, order.workload, m_sources.followWithin)};
    }
    const QStringList others = otherFiles(drafted.revert, execution.file);
    plan.checks = {{CheckId::Freshness,
                    CheckState::Pass,
                    Text::tr("Read from the repository just now"),
                    drafted.past.seen.tip,
                    {}},
                   others.isEmpty() ? conflictCheck(drafted.revert) : othersCheck(others)};
    if (then.isUndone)
        plan.checks.append({CheckId::TargetImage,
                            CheckState::Warn,
                            Text::tr("%1 was taken back before").arg(labelOf(then)),
                            {},
                            Text::tr("Look why before it goes out again.")});
    if (isRunning(running, then.digest, then.tag))
        plan.checks.append({CheckId::SameState, CheckState::Warn, Text::tr("The cluster runs exactly this already"),
                            running.image, Text::tr("The commit keeps it so: the repository says otherwise.")});
    else if (!isRunning(running, now.digest, now.tag))
        plan.checks.append({CheckId::OtherOwner, CheckState::Warn,
                            Text::tr("The cluster does not run what the repository says"), running.image,
                            Text::tr("Look whether what applies the repository is at work.")});
    return plan;
}

QFuture<Result<PlanStep>> RevertSteps::undoing(Plan promotion, PlanStep committed, StopToken stop)
{
    const auto made = GitopsSteps::committedBy(committed);
    if (!made)
        return ready(Result<PlanStep>(notOurs()));
    const auto deadline = m_sources.followWithin;
    return after(this, look(made->address, made->branch, 0s, stop), [=, this](const Seen &seen) {
        return m_queue.run([=]() -> Result<PlanStep> {
            const auto since = git::commitsSince(seen.mirror, made->tip, seen.tip, stop);
            if (!since)
                return since.error();
            auto repository = git::Repository::openOrCreateBare(seen.mirror, made->branch);
            if (!repository)
                return repository.error();
            for (const QString &commit : *since) {
                const auto content = repository->content(commit);
                if (!content)
                    return content.error();
                if (content->message.trimmed() != made->message.trimmed())
                    continue;
                const auto revert = git::planRevert(seen.mirror, seen.tip, {commit}, stop);
                if (!revert)
                    return revert.error();
                if (!revert->conflicts.isEmpty())
                    return Error{ErrorKind::Conflict, conflictCheck(*revert).text, {}};
                const Commission one{made->address,
                                     made->branch,
                                     made->file,
                                     seen.tip,
                                     {commit},
                                     revert->tree,
                                     promotion.application,
                                     promotion.fromHash,
                                     promotion.fromHash,
                                     {},
                                     newUlid(),
                                     {},
                                     {}};
                return revertStep(one, *revert, committed.expectation.object, deadline);
            }
            return Error{ErrorKind::NotFound,
                         Text::tr("The branch %1 of %2 does not have the promotion's commit any more.")
                             .arg(made->branch, made->address),
                         {}};
        });
    });
}

bool RevertSteps::isOurs(const PlanStep &step) const
{
    return step.expectation.kind == kindName();
}

QFuture<Result<void>> RevertSteps::dryRun(PlanStep, StopToken)
{
    return ready(Result<void>());
}

// Empty: nobody could sign. Going back needs no key that somebody has to unlock or find.
QFuture<Result<QByteArray>> RevertSteps::signature(const QByteArray &text, const StopToken &stop)
{
    return after(this, m_sources.signer(stop), [=, this](const std::shared_ptr<ssh::Signer> &signer) {
        return after(this, ssh::signMessage(*signer, text, ssh::gitNamespace, stop),
                     [signer](const QByteArray &armoured) { return ready(Result<QByteArray>(armoured)); });
    });
}

// Committed in our copy on no branch, and sent by compare-and-swap; whatever fails leaves the remote as it was.
QFuture<Result<Receipt>> RevertSteps::execute(PlanStep step, StopToken stop)
{
    const auto order = commissionOf(step);
    if (!order)
        return ready(Result<Receipt>(notOurs()));
    const Commission one = *order;
    const QDateTime sentAt = QDateTime::currentDateTimeUtc();
    return after(this, look(one.address, one.branch, 0s, stop), [=, this](const Seen &seen) {
        if (seen.tip != one.tip)
            return ready(Result<Receipt>(moved(one, seen.tip)));
        const auto prepared = m_queue.run([=]() -> Result<QByteArray> {
            if (!one.line.isEmpty())
                return textOfLine(seen.mirror, one);
            auto revert = git::planRevert(seen.mirror, one.tip, one.commits, stop);
            if (!revert)
                return revert.error();
            if (revert->isPossible() && revert->tree != one.tree)
                return Error{ErrorKind::Conflict,
                             Text::tr("Undoing the commits gives another result than the one shown. Nothing was "
                                      "written: plan again."),
                             {}};
            revert->message += u'\n' + trailer(one.id) + u'\n';
            return git::revertText(seen.mirror, *revert, operatorAsAuthor());
        });
        return after(this, prepared, [=, this](const QByteArray &text) {
            return afterAny(this, signature(text, stop), [=, this](const Result<QByteArray> &armoured) {
                const QByteArray signature = armoured ? *armoured : QByteArray();
                const QString unsignedBecause = armoured ? QString() : armoured.error().message;
                return m_queue.run([=]() -> Result<Receipt> {
                    const auto made = git::storeRevert(seen.mirror, text, signature);
                    if (!made)
                        return made.error();
                    const auto pushed =
                        git::Remote(seen.access)
                            .push(seen.mirror, {QStringLiteral("refs/heads/") + one.branch, *made, one.tip}, {}, stop);
                    if (!pushed)
                        return pushed.error();
                    // What is looked at next has it, without another fetch.
                    if (auto copy = git::Repository::openOrCreateBare(seen.mirror, one.branch))
                        (void)copy->setReference(QStringLiteral("refs/heads/") + one.branch, *made);
                    Receipt receipt;
                    receipt.sentAt = sentAt;
                    receipt.acceptedAt = QDateTime::currentDateTimeUtc();
                    const Json state{{"commit", made->toStdString()}, {"unsigned", unsignedBecause.toStdString()}};
                    receipt.state = QByteArray::fromStdString(state.dump());
                    return receipt;
                });
            });
        });
    });
}

QFuture<Result<Observation>> RevertSteps::observe(PlanStep step, Receipt receipt, StopToken stop)
{
    const auto order = commissionOf(step);
    const ObjectRef workload = step.expectation.object;
    Deployer *deployer = m_sources.deployer ? m_sources.deployer(workload.connection) : nullptr;
    if (!order || !deployer)
        return ready(Result<Observation>(notOurs()));
    const Json state = Json::parse(receipt.state.begin(), receipt.state.end(), nullptr, false);
    const QString unsignedBecause =
        state.is_object() ? QString::fromStdString(state.value("unsigned", std::string())) : QString();
    return after(this, deployer->running(workload, order->application, stop),
                 [one = *order, unsignedBecause](const RunningRelease &now) {
                     Observation seen;
                     seen.at = QDateTime::currentDateTimeUtc();
                     const bool isThere = isRunning(now, one.digest, one.tag);
                     if (isThere) {
                         seen.text = readyPodsText(now);
                         seen.blocker = now.problem;
                     } else {
                         seen.text = Text::tr("committed; the cluster has not followed yet");
                         seen.blocker = Text::tr("%1 still has %2, and %3 says %4")
                                            .arg(toString(now.workload.name.isEmpty() ? ObjectRef() : now.workload),
                                                 now.image, one.address, one.image);
                     }
                     if (isThere && now.isSettled) {
                         seen.state = Observation::State::Effective;
                         seen.progress = 1;
                         seen.blocker.clear();
                     }
                     if (!unsignedBecause.isEmpty())
                         seen.text += Text::tr("; the commit is unsigned: %1").arg(unsignedBecause);
                     return ready(Result<Observation>(seen));
                 });
}

// What was pushed carries the operation's name; what was not can only still come while the branch is where it was, and
// nobody sends it any more.
QFuture<Result<bool>> RevertSteps::tookPlace(PlanStep step, StopToken stop)
{
    const auto order = commissionOf(step);
    if (!order)
        return ready(Result<bool>(notOurs()));
    return after(this, look(order->address, order->branch, 0s, stop), [=, this, one = *order](const Seen &seen) {
        return m_queue.run([=]() -> Result<bool> {
            const auto since = git::commitsSince(seen.mirror, one.tip, seen.tip, stop);
            if (!since)
                return since.error().kind == ErrorKind::Invalid ? moved(one, seen.tip) : since.error();
            auto repository = git::Repository::openOrCreateBare(seen.mirror, one.branch);
            if (!repository)
                return repository.error();
            for (const QString &commit : *since) {
                const auto content = repository->content(commit);
                if (!content)
                    return content.error();
                if (content->message.contains(trailer(one.id)))
                    return true;
            }
            return false;
        });
    });
}

} // namespace signalbox
