#include "services/promotions/gitopssteps.h"

#include "models/domain/modelkeys.h"
#include "models/domain/ulid.h"
#include "models/policy/records.h"
#include "services/async/chain.h"
#include "services/git/repository.h"
#include "services/ledger/ledger.h"
#include "services/ledger/signing/signer.h"
#include "services/ledger/signing/sshsig.h"
#include "services/promotions/imagetext.h"
#include "services/promotions/modeltext.h"
#include "services/promotions/promotionstext.h"

#include <nlohmann/json.hpp>

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
    ServedModel model;   // as far as the file says it
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
    if (!one.model.name.isEmpty())
        json["modelName"] = one.model.name.toStdString();
    if (!one.model.version.isEmpty())
        json["modelVersion"] = one.model.version.toStdString();
    return QByteArray::fromStdString(json.dump());
}

std::optional<Commission> commissionOf(const PlanStep &step)
{
    const auto json = stepData(step, stepKind());
    if (!json)
        return std::nullopt;
    return Commission{branchPlaceOf(*json),
                      textOf(*json, "digest"),
                      textOf(*json, "message"),
                      textOf(*json, "application"),
                      {textOf(*json, "modelName"), textOf(*json, "modelVersion")}};
}

Check check(CheckId id, CheckState state, const QString &text, const QString &detail = {}, const QString &wayOut = {})
{
    return {id, state, text, detail, wayOut};
}

// What the commit will make the file say, as far as it says anything.
ServedModel writtenModel(const ServedModel &wanted, const QList<ImageInText> &lines)
{
    const auto says = [&lines](const char *key) {
        return std::any_of(lines.begin(), lines.end(),
                           [key](const ImageInText &one) { return one.before.contains(QLatin1String(key)); });
    };
    return {says(modelNameKey) ? wanted.name : QString(), says(modelVersionKey) ? wanted.version : QString()};
}

// None: nobody says which model it is, or all do as asked.
std::optional<Check> modelCheck(const GitopsSteps::Order &order, const Result<QList<ImageInText>> &lines)
{
    const QString wanted = servedModelText(order.model);
    if (order.model.isEmpty())
        return std::nullopt;
    if (!lines)
        return check(CheckId::TargetExists, CheckState::Block,
                     PromotionsText::tr("The model cannot be written with the image"), lines.error().message,
                     PromotionsText::tr("Leave one place in the file that says it."));
    if (isSameModel(order.model, writtenModel(order.model, *lines)))
        return check(CheckId::TargetExists, CheckState::Pass,
                     PromotionsText::tr("The file names the model: %1").arg(wanted));
    if (order.target.model.isEmpty() || isSameModel(order.model, order.target.model))
        return std::nullopt;
    return check(CheckId::TargetExists, CheckState::Warn,
                 PromotionsText::tr("%1 does not say which model it is: the cluster will go on saying %2, not %3")
                     .arg(order.execution.file, servedModelText(order.target.model), wanted),
                 {}, PromotionsText::tr("Change it where it is said, too."));
}

QList<DiffLine> differenceOf(const QString &file, const QList<ImageInText> &places)
{
    QList<DiffLine> lines;
    for (const ImageInText &place : places) {
        if (place.before == place.after)
            continue;
        lines += {{DiffLine::Kind::Context, QStringLiteral("%1:%2").arg(file).arg(place.line)},
                  {DiffLine::Kind::Removed, place.before},
                  {DiffLine::Kind::Added, place.after}};
    }
    return lines;
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
            const auto model = findModel(seen.content, order.model);
            QList<ImageInText> places = model.value_or(QList<ImageInText>());
            places.prepend(*place);
            QByteArray content = seen.content;
            for (const ImageInText &one : places)
                content = withImage(content, one);
            const QList<DiffLine> difference = differenceOf(execution.file, places);
            const auto changed = static_cast<int>(difference.size() / 3);
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
            plan.effect = PromotionsText::tr("%n line(s) of %1; the cluster follows by itself", nullptr, changed)
                              .arg(execution.file);
            PlanStep step;
            step.id = QStringLiteral("commit");
            step.title = PromotionsText::tr("Commit %1 of %2 to %3").arg(plan.to, order.application, execution.branch);
            step.through = PromotionsText::tr("Git %1").arg(execution.repository);
            step.call = {execution.repository, QStringLiteral("COMMIT"), execution.branch + u':' + execution.file,
                         QStringLiteral("text/plain"), content};
            step.expectation.kind = stepKind();
            step.expectation.object = order.target.workload;
            step.expectation.data = toData(
                {{execution.repository, execution.branch, execution.file, seen.copy.tip},
                 order.digest,
                 PromotionsText::tr("Promote %1 to %2: %3").arg(order.application, order.environment, plan.to) +
                     QStringLiteral("\n\nPromotion: %1\nRequested-by: %2\n").arg(order.promotion, order.requester) +
                     (order.model.isEmpty() ? QString()
                                            : QStringLiteral("Model: %1\n").arg(servedModelText(order.model))),
                 order.application,
                 model ? writtenModel(order.model, *model) : ServedModel()});
            step.diff = difference;
            step.precondition =
                PromotionsText::tr("only if the branch is still at %1").arg(policy::shortCommit(seen.copy.tip));
            step.deadline = within;
            plan.steps = {step};
            const bool isSame = changed == 0;
            plan.checks = {
                check(CheckId::Freshness, CheckState::Pass, PromotionsText::tr("Read from the repository just now"),
                      seen.copy.tip),
                check(CheckId::TargetExists, CheckState::Pass,
                      PromotionsText::tr("%1 has the image in line %2").arg(execution.file).arg(place->line)),
                check(CheckId::SameState, isSame ? CheckState::Block : CheckState::Pass,
                      isSame ? PromotionsText::tr("The repository says exactly this already")
                             : PromotionsText::tr("%n line(s) change", nullptr, changed),
                      {}, isSame ? PromotionsText::tr("Look why the cluster does not follow it.") : QString())};
            if (const auto one = modelCheck(order, model))
                plan.checks.append(*one);
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
    return after(
        this, deployer->running(workload, order->application, stop),
        [digest = order->digest, model = order->model, address = order->at.address](const RunningRelease &now) {
            Observation seen;
            seen.at = QDateTime::currentDateTimeUtc();
            const bool isThere = now.digest == digest && (model.isEmpty() || isSameModel(model, now.model));
            seen.text =
                isThere ? readyPodsText(now) : PromotionsText::tr("committed; the cluster has not followed yet");
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
