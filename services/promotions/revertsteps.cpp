#include "services/promotions/revertsteps.h"

#include "models/domain/ulid.h"
#include "models/policy/records.h"
#include "services/async/chain.h"
#include "services/async/within.h"
#include "services/git/repository.h"
#include "services/ledger/ledger.h"
#include "services/ledger/signing/signer.h"
#include "services/ledger/signing/sshsig.h"
#include "services/promotions/promotionstext.h"

#include <nlohmann/json.hpp>

namespace signalbox
{

namespace
{

using Json = nlohmann::json;
using namespace std::chrono_literals;

constexpr int mostRevisions = 100;                     // of the file that are looked at
constexpr int mostCommits = 20000;                     // of the branch
constexpr std::chrono::seconds shownFor = 20s;         // a list may be that old; what is planned and written never is
constexpr std::chrono::milliseconds clusterLimit = 3s; // for its answer to what runs there

// The text of the commit that puts one line back; the branch is where it was seen.
Result<QByteArray> textOfLine(const QString &mirror, const RevertCommission &one)
{
    auto repository = git::Repository::openOrCreateBare(mirror, one.at.branch);
    if (!repository)
        return repository.error();
    const auto content = repository->file(one.at.branch, one.at.file);
    if (!content)
        return content.error();
    const auto place = lineBack(content->value_or(QByteArray()), one.repository, one.line);
    if (!place)
        return place.error();
    QStringList reverted;
    for (const QString &commit : one.commits)
        reverted.append(QStringLiteral("This reverts commit %1, as far as the image goes.").arg(commit));
    const QString message = QStringLiteral("Put back %1 of %2\n\n%3\n\n%4\n")
                                .arg(one.image, one.application, reverted.join(u'\n'), revertTrailer(one.id));
    const auto prepared = repository->prepareOn(one.at.tip, {{one.at.file, withImage(**content, *place)}}, message,
                                                authorOf(operatorIdentity(), QDateTime::currentDateTimeUtc()));
    return prepared ? Result<QByteArray>(prepared->text) : Result<QByteArray>(prepared.error());
}

// What the file named before, newest first.
Result<RevertPast> readPast(const RepositoryCopy &copy, const policy::Execution &execution,
                            const Result<RunningRelease> &now, const StopToken &stop)
{
    const auto versions = git::fileHistory(copy.path, copy.tip, execution.file, mostRevisions, mostCommits, stop);
    if (!versions)
        return versions.error();
    if (versions->isEmpty())
        return Error{ErrorKind::NotFound,
                     PromotionsText::tr("The branch %1 of %2 never had a file %3.")
                         .arg(execution.branch, execution.repository, execution.file),
                     {}};
    RevertPast past{copy, {}, {}, {}, versions->first().content.value_or(QByteArray())};
    if (now) {
        past.running = *now;
    } else {
        past.dark = now.error();
        past.running.repository = onlyImage(past.content);
        if (past.running.repository.isEmpty())
            return now.error(); // which image of several it is, the cluster alone tells
    }
    const auto revisions = gitopsRevisions(*versions, past.running.repository);
    if (!revisions)
        return Error{
            revisions.error().kind,
            PromotionsText::tr("%1 in %2: %3").arg(execution.file, execution.repository, revisions.error().message),
            {}};
    past.revisions = *revisions;
    return past;
}

// The commit since `place` whose message is the one looked for; none: it is not on the branch. Conflict: the branch
// does not lead back there.
Result<std::optional<QString>> commitSince(const RepositoryCopy &copy, const BranchPlace &place, const StopToken &stop,
                                           const std::function<bool(const QString &message)> &isIt)
{
    const auto since = git::commitsSince(copy.path, place.tip, copy.tip, stop);
    if (!since)
        return since.error().kind == ErrorKind::Invalid ? branchMoved(place, copy.tip) : since.error();
    auto repository = git::Repository::openOrCreateBare(copy.path, place.branch);
    if (!repository)
        return repository.error();
    for (const QString &commit : *since) {
        const auto content = repository->content(commit);
        if (!content)
            return content.error();
        if (isIt(content->message))
            return std::optional(commit);
    }
    return std::optional<QString>();
}

// The text of the commit to be made and signed.
Result<QByteArray> commitText(const QString &mirror, const RevertCommission &one, const StopToken &stop)
{
    if (!one.line.isEmpty())
        return textOfLine(mirror, one);
    auto revert = git::planRevert(mirror, one.at.tip, one.commits, stop);
    if (!revert)
        return revert.error();
    if (revert->isPossible() && revert->tree != one.tree)
        return Error{
            ErrorKind::Conflict,
            PromotionsText::tr("Undoing the commits gives another result than the one shown. Nothing was written: plan "
                               "again."),
            {}};
    revert->message += u'\n' + revertTrailer(one.id) + u'\n';
    return git::revertText(mirror, *revert, authorOf(operatorIdentity(), QDateTime::currentDateTimeUtc()));
}

} // namespace

RevertSteps::RevertSteps(Sources sources, QObject *parent)
    : QObject(parent)
    , m_sources(std::move(sources))
{}

RevertSteps::~RevertSteps() = default;

QFuture<Result<RepositoryCopy>> RevertSteps::look(const QString &address, const QString &branch,
                                                  std::chrono::seconds notOlderThan, const StopToken &stop)
{
    return after(this, m_sources.access(address, stop), [=, this](const git::RemoteAccess &access) {
        return m_queue.run([=, folder = m_sources.cacheFolder] {
            return upToDateCopy(folder, access, address, branch, notOlderThan, stop);
        });
    });
}

QFuture<Result<RevertPast>> RevertSteps::past(const policy::Execution &execution, const ObjectRef &workload,
                                              const QString &application, std::chrono::seconds notOlderThan,
                                              const StopToken &stop)
{
    Deployer *deployer = m_sources.deployer ? m_sources.deployer(workload.connection) : nullptr;
    const auto running = deployer ? deployer->running(workload, application, stop)
                                  : ready(Result<RunningRelease>(
                                        Error{ErrorKind::Unreachable,
                                              PromotionsText::tr("The connection %1 is gone.").arg(workload.connection),
                                              {}}));
    // A cluster that cannot be read keeps nobody from going back: what applies the repository may well reach it.
    return afterAny(this, within(this, running, clusterLimit), [=, this](const Result<RunningRelease> &now) {
        if (!now && now.error().kind == ErrorKind::Cancelled)
            return ready(Result<RevertPast>(now.error()));
        const auto copy = look(execution.repository, execution.branch, notOlderThan, stop);
        return after(this, copy, [=, this](const RepositoryCopy &seen) {
            return m_queue.run([=] { return readPast(seen, execution, now, stop); });
        });
    });
}

QFuture<Result<QList<RollbackTarget>>> RevertSteps::targets(policy::Execution execution, ObjectRef workload,
                                                            QString application, StopToken stop)
{
    return after(this, past(execution, workload, application, shownFor, stop), [workload](const RevertPast &found) {
        QList<RollbackTarget> targets;
        const auto suggested = suggestedRevision(found.revisions);
        for (qsizetype i = 0; i < found.revisions.size(); ++i)
            targets.append(revertTarget(found.revisions.at(i), found.revisions.first(), workload, i == 0,
                                        suggested && *suggested == i));
        return ready(Result<QList<RollbackTarget>>(targets));
    });
}

QFuture<Result<Plan>> RevertSteps::plan(policy::Execution execution, RollbackOrder order, StopToken stop)
{
    if (order.workload.connection.isEmpty())
        order.workload.connection = order.connection;
    return after(
        this, past(execution, order.workload, order.application, 0s, stop), [=, this](const RevertPast &found) {
            return m_queue.run([=, deadline = m_sources.followWithin]() -> Result<Plan> {
                const auto to = chosenRevision(found.revisions, order.to, execution);
                if (!to)
                    return to.error();
                const auto revert =
                    git::planRevert(found.copy.path, found.copy.tip, found.revisions.at(*to).undo, stop);
                if (!revert)
                    return revert.error();
                RevertDraft draft{found, *to, *revert, {}};
                if (!revert->conflicts.isEmpty() || !otherFiles(*revert, execution.file).isEmpty()) {
                    const auto back = lineBack(found.content, found.running.repository, found.revisions.at(*to).line);
                    if (!back)
                        return back.error();
                    draft.line = *back;
                }
                return revertPlan(draft, execution, order, deadline);
            });
        });
}

QFuture<Result<PlanStep>> RevertSteps::undoing(Plan promotion, PlanStep committed, StopToken stop)
{
    const auto made = GitopsSteps::committedBy(committed);
    if (!made)
        return ready(Result<PlanStep>(notARepositoryStep()));
    const auto deadline = m_sources.followWithin;
    return after(this, look(made->at.address, made->at.branch, 0s, stop), [=, this](const RepositoryCopy &seen) {
        return m_queue.run([=]() -> Result<PlanStep> {
            const auto commit = commitSince(seen, made->at, stop, [made](const QString &message) {
                return message.trimmed() == made->message.trimmed();
            });
            if (!commit)
                return commit.error();
            if (!*commit)
                return Error{ErrorKind::NotFound,
                             PromotionsText::tr("The branch %1 of %2 does not have the promotion's commit any more.")
                                 .arg(made->at.branch, made->at.address),
                             {}};
            const auto revert = git::planRevert(seen.path, seen.tip, {**commit}, stop);
            if (!revert)
                return revert.error();
            if (!revert->conflicts.isEmpty())
                return Error{
                    ErrorKind::Conflict,
                    PromotionsText::tr("%1 cannot be undone as a whole, since %2 changed again later. Roll back "
                                       "instead: that puts back the line alone.")
                        .arg(policy::shortCommit(**commit), revert->conflicts.first().path),
                    {}};
            RevertCommission one;
            one.at = made->at;
            one.at.tip = seen.tip;
            one.commits = {**commit};
            one.tree = revert->tree;
            one.application = promotion.application;
            one.image = promotion.fromHash;
            one.digest = promotion.fromHash;
            one.id = newUlid();
            return revertStep(one, *revert, committed.expectation.object, deadline);
        });
    });
}

bool RevertSteps::isOurs(const PlanStep &step) const
{
    return revertCommissionOf(step).has_value();
}

QFuture<Result<void>> RevertSteps::dryRun(PlanStep, StopToken)
{
    return ready(Result<void>());
}

// Going back needs no key that somebody has to unlock or find: whoever asks goes on without.
QFuture<Result<QByteArray>> RevertSteps::signature(const QByteArray &text, const StopToken &stop)
{
    const auto signing = after(this, m_sources.signer(stop), [=, this](const std::shared_ptr<ssh::Signer> &signer) {
        return after(this, ssh::signMessage(*signer, text, ssh::gitNamespace, stop),
                     [signer](const QByteArray &armoured) { return ready(Result<QByteArray>(armoured)); });
    });
    return within(this, signing, m_sources.signedWithin);
}

QFuture<Result<Receipt>> RevertSteps::execute(PlanStep step, StopToken stop)
{
    const auto order = revertCommissionOf(step);
    if (!order)
        return ready(Result<Receipt>(notARepositoryStep()));
    const RevertCommission one = *order;
    const QDateTime sentAt = QDateTime::currentDateTimeUtc();
    return after(this, look(one.at.address, one.at.branch, 0s, stop), [=, this](const RepositoryCopy &seen) {
        if (seen.tip != one.at.tip)
            return ready(Result<Receipt>(branchMoved(one.at, seen.tip)));
        const auto prepared = m_queue.run([=] { return commitText(seen.path, one, stop); });
        return after(this, prepared, [=, this](const QByteArray &text) {
            return afterAny(this, signature(text, stop), [=, this](const Result<QByteArray> &armoured) {
                const QByteArray signature = armoured ? *armoured : QByteArray();
                const QString unsignedBecause = armoured ? QString() : armoured.error().message;
                return m_queue.run([=]() -> Result<Receipt> {
                    const auto made = git::storeRevert(seen.path, text, signature);
                    if (!made)
                        return made.error();
                    if (const auto sent = sendOnto(seen, one.at, *made, stop); !sent)
                        return sent.error();
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
    const auto order = revertCommissionOf(step);
    const ObjectRef workload = step.expectation.object;
    Deployer *deployer = m_sources.deployer ? m_sources.deployer(workload.connection) : nullptr;
    if (!order || !deployer)
        return ready(Result<Observation>(notARepositoryStep()));
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
                         seen.text = PromotionsText::tr("committed; the cluster has not followed yet");
                         seen.blocker = PromotionsText::tr("%1 still has %2, and %3 says %4")
                                            .arg(toString(now.workload.name.isEmpty() ? ObjectRef() : now.workload),
                                                 now.image, one.at.address, one.image);
                     }
                     if (isThere && now.isSettled) {
                         seen.state = Observation::State::Effective;
                         seen.progress = 1;
                         seen.blocker.clear();
                     }
                     if (!unsignedBecause.isEmpty())
                         seen.text += PromotionsText::tr("; the commit is unsigned: %1").arg(unsignedBecause);
                     return ready(Result<Observation>(seen));
                 });
}

// What was pushed carries the operation's name; what was not can only still come while the branch is where it was, and
// nobody sends it any more.
QFuture<Result<bool>> RevertSteps::tookPlace(PlanStep step, StopToken stop)
{
    const auto order = revertCommissionOf(step);
    if (!order)
        return ready(Result<bool>(notARepositoryStep()));
    return after(this, look(order->at.address, order->at.branch, 0s, stop),
                 [=, this, one = *order](const RepositoryCopy &seen) {
                     return m_queue.run([=]() -> Result<bool> {
                         const auto commit = commitSince(seen, one.at, stop, [&one](const QString &message) {
                             return message.contains(revertTrailer(one.id));
                         });
                         return commit ? Result<bool>(commit->has_value()) : Result<bool>(commit.error());
                     });
                 });
}

} // namespace signalbox
