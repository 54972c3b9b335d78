#include "services/promotions/gitopssteps.h"

#include "models/domain/ulid.h"
#include "models/policy/records.h"
#include "services/async/chain.h"
#include "services/git/repository.h"
#include "services/ledger/ledger.h"
#include "services/ledger/signing/signer.h"
#include "services/ledger/signing/sshsig.h"
#include "services/promotions/imagetext.h"
#include "services/promotions/promotionstext.h"

#include <nlohmann/json.hpp>

#include <QCoreApplication>

namespace signalbox
{

namespace
{

using Json = nlohmann::json;

// What the step carries besides the file's new content; journaled whole.
struct Commission
{
    BranchPlace at;
    QString digest;
    QString message;
    QString application; // tells its container from sidecars
};

QString stepKind()
{
    return QStringLiteral("gitops-followed");
}

QByteArray toData(const Commission &one)
{
    Json json = toJson(one.at);
    json.update({{"digest", one.digest.toStdString()},
                 {"message", one.message.toStdString()},
                 {"application", one.application.toStdString()}});
    return QByteArray::fromStdString(json.dump());
}

std::optional<Commission> commissionOf(const PlanStep &step)
{
    const auto json = stepData(step, stepKind());
    if (!json)
        return std::nullopt;
    return Commission{branchPlaceOf(*json), textOf(*json, "digest"), textOf(*json, "message"),
                      textOf(*json, "application")};
}

Check check(CheckId id, CheckState state, const QString &text, const QString &detail = {}, const QString &wayOut = {})
{
    return {id, state, text, detail, wayOut};
}

} // namespace

GitopsSteps::GitopsSteps(Sources sources, QObject *parent)
    : QObject(parent)
    , m_sources(std::move(sources))
{}

GitopsSteps::~GitopsSteps()
{
    m_gone.request_stop();
}

QFuture<Result<GitopsSteps::Seen>> GitopsSteps::look(const QString &address, const QString &branch, const QString &file,
                                                     const StopToken &stop)
{
    return after(this, m_sources.access(address, stop), [=, this](const git::RemoteAccess &access) {
        return m_queue.run([=, folder = m_sources.cacheFolder]() -> Result<Seen> {
            const auto copy = upToDateCopy(folder, access, address, branch, std::chrono::seconds(0), stop);
            if (!copy)
                return copy.error();
            auto repository = git::Repository::openOrCreateBare(copy->path, branch);
            if (!repository)
                return repository.error();
            const auto content = repository->file(branch, file);
            if (!content)
                return content.error();
            if (!*content)
                return Error{ErrorKind::NotFound,
                             PromotionsText::tr("%1 has no file %2 on the branch %3.").arg(address, file, branch),
                             {}};
            return Seen{*copy, **content};
        });
    });
}

QFuture<Result<Plan>> GitopsSteps::plan(Order order, StopToken stop)
{
    const policy::Execution &by = order.execution;
    return after(
        this, look(by.repository, by.branch, by.file, stop), [order, within = m_followWithin](const Seen &seen) {
            const policy::Execution &execution = order.execution;
            const auto place = findImage(seen.content, order.target.repository, order.tag, order.digest);
            if (!place)
                return ready(Result<Plan>(Error{
                    place.error().kind,
                    PromotionsText::tr("%1 in %2: %3").arg(execution.file, execution.repository, place.error().message),
                    {}}));
            Plan plan;
            plan.id = newUlid();
            plan.kind = OperationKind::Promote;
            plan.application = order.application;
            plan.environment = order.environment;
            plan.connection = order.connection;
            plan.ns = order.ns;
            plan.reason = order.reason;
            plan.plannedAt = QDateTime::currentDateTimeUtc();
            plan.dryRunAt = plan.plannedAt; // a commit has none; what it changes is in the difference, to the letter
            plan.from = place->version;
            plan.fromHash = order.target.digest;
            plan.to = order.tag.isEmpty() ? policy::shortDigest(order.digest) : order.tag;
            plan.toHash = order.digest;
            plan.effect = PromotionsText::tr("one line of %1; the cluster follows by itself").arg(execution.file);
            PlanStep step;
            step.id = QStringLiteral("commit");
            step.title = PromotionsText::tr("Commit %1 of %2 to %3").arg(plan.to, order.application, execution.branch);
            step.through = PromotionsText::tr("Git %1").arg(execution.repository);
            step.call = {execution.repository, QStringLiteral("COMMIT"), execution.branch + u':' + execution.file,
                         QStringLiteral("text/plain"), withImage(seen.content, *place)};
            step.expectation.kind = stepKind();
            step.expectation.object = order.target.workload;
            step.expectation.data = toData(
                {{execution.repository, execution.branch, execution.file, seen.copy.tip},
                 order.digest,
                 PromotionsText::tr("Promote %1 to %2: %3").arg(order.application, order.environment, plan.to) +
                     QStringLiteral("\n\nPromotion: %1\nRequested-by: %2\n").arg(order.promotion, order.requester),
                 order.application});
            step.diff = {{DiffLine::Kind::Context, QStringLiteral("%1:%2").arg(execution.file).arg(place->line)},
                         {DiffLine::Kind::Removed, place->before},
                         {DiffLine::Kind::Added, place->after}};
            step.precondition =
                PromotionsText::tr("only if the branch is still at %1").arg(policy::shortCommit(seen.copy.tip));
            step.deadline = within;
            plan.steps = {step};
            const bool isSame = place->before == place->after;
            plan.checks = {
                check(CheckId::Freshness, CheckState::Pass, PromotionsText::tr("Read from the repository just now"),
                      seen.copy.tip),
                check(CheckId::TargetExists, CheckState::Pass,
                      PromotionsText::tr("%1 has the image in line %2").arg(execution.file).arg(place->line)),
                check(CheckId::SameState, isSame ? CheckState::Block : CheckState::Pass,
                      isSame ? PromotionsText::tr("The repository says exactly this already")
                             : PromotionsText::tr("One line changes"),
                      {}, isSame ? PromotionsText::tr("Look why the cluster does not follow it.") : QString())};
            return ready(Result<Plan>(plan));
        });
}

std::optional<GitopsSteps::Committed> GitopsSteps::committedBy(const PlanStep &step)
{
    const auto order = commissionOf(step);
    if (!order)
        return std::nullopt;
    return Committed{order->at, order->message};
}

bool GitopsSteps::isOurs(const PlanStep &step) const
{
    return step.expectation.kind == stepKind();
}

QFuture<Result<void>> GitopsSteps::dryRun(PlanStep, StopToken)
{
    return ready(Result<void>());
}

QFuture<Result<Receipt>> GitopsSteps::execute(PlanStep step, StopToken stop)
{
    const auto order = commissionOf(step);
    if (!order)
        return ready(Result<Receipt>(notARepositoryStep()));
    const Commission one = *order;
    const QByteArray body = step.call.body;
    const QDateTime sentAt = QDateTime::currentDateTimeUtc();
    return after(this, look(one.at.address, one.at.branch, one.at.file, stop), [=, this](const Seen &seen) {
        if (seen.copy.tip != one.at.tip)
            return ready(Result<Receipt>(branchMoved(one.at, seen.copy.tip)));
        const auto prepared = m_queue.run([=]() -> Result<git::PreparedCommit> {
            auto repository = git::Repository::openOrCreateBare(seen.copy.path, one.at.branch);
            if (!repository)
                return repository.error();
            return repository->prepareOn(seen.copy.tip, {{one.at.file, body}}, one.message,
                                         authorOf(operatorIdentity(), QDateTime::currentDateTimeUtc()));
        });
        return after(this, prepared, [=, this](const git::PreparedCommit &commit) {
            return after(this, m_sources.signer(stop), [=, this](const std::shared_ptr<ssh::Signer> &signer) {
                const auto signature = ssh::signMessage(*signer, commit.text, ssh::gitNamespace, stop);
                return after(this, signature, [=, this](const QByteArray &armoured) {
                    return m_queue.run([=]() -> Result<Receipt> {
                        (void)signer; // outlives the signature
                        auto repository = git::Repository::openOrCreateBare(seen.copy.path, one.at.branch);
                        if (!repository)
                            return repository.error();
                        const auto made = repository->commit(commit, armoured);
                        if (!made)
                            return made.error();
                        if (const auto sent = sendOnto(seen.copy, one.at, *made, stop); !sent)
                            return sent.error();
                        Receipt receipt;
                        receipt.sentAt = sentAt;
                        receipt.acceptedAt = QDateTime::currentDateTimeUtc();
                        receipt.state = made->toLatin1();
                        return receipt;
                    });
                });
            });
        });
    });
}

QFuture<Result<Observation>> GitopsSteps::observe(PlanStep step, Receipt, StopToken stop)
{
    const auto order = commissionOf(step);
    const ObjectRef workload = step.expectation.object;
    Deployer *deployer = m_sources.deployer ? m_sources.deployer(workload.connection) : nullptr;
    if (!order || !deployer)
        return ready(Result<Observation>(notARepositoryStep()));
    return after(this, deployer->running(workload, order->application, stop),
                 [digest = order->digest, address = order->at.address](const RunningRelease &now) {
                     Observation seen;
                     seen.at = QDateTime::currentDateTimeUtc();
                     const bool isThere = now.digest == digest;
                     seen.text = isThere ? readyPodsText(now)
                                         : PromotionsText::tr("committed; the cluster has not followed yet");
                     if (!isThere)
                         seen.blocker = PromotionsText::tr("it still runs %1; look whether what follows %2 is at work")
                                            .arg(now.tag.isEmpty() ? now.image : now.tag, address);
                     if (isThere && now.isSettled) {
                         seen.state = Observation::State::Effective;
                         seen.progress = 1;
                     }
                     return ready(Result<Observation>(seen));
                 });
}

QFuture<Result<bool>> GitopsSteps::tookPlace(PlanStep step, StopToken stop)
{
    const auto order = commissionOf(step);
    if (!order)
        return ready(Result<bool>(notARepositoryStep()));
    const auto looked = look(order->at.address, order->at.branch, order->at.file, stop);
    return after(this, looked, [one = *order, body = step.call.body](const Seen &seen) {
        if (seen.copy.tip != one.at.tip && seen.content == body) // the digest alone may have been there before
            return ready(Result<bool>(true));
        if (seen.copy.tip == one.at.tip)
            return ready(Result<bool>(false));
        return ready(Result<bool>(branchMoved(one.at, seen.copy.tip)));
    });
}

} // namespace signalbox
