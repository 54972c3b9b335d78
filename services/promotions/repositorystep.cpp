#include "services/promotions/repositorystep.h"

#include "models/policy/records.h"
#include "services/git/mirror.h"
#include "services/git/repository.h"

#include <nlohmann/json.hpp>

#include <QCoreApplication>

namespace signalbox
{

using Json = nlohmann::json;

Json toJson(const BranchPlace &place)
{
    return {{"repository", place.address.toStdString()},
            {"branch", place.branch.toStdString()},
            {"file", place.file.toStdString()},
            {"tip", place.tip.toStdString()}};
}

BranchPlace branchPlaceOf(const Json &json)
{
    return {textOf(json, "repository"), textOf(json, "branch"), textOf(json, "file"), textOf(json, "tip")};
}

std::optional<Json> stepData(const PlanStep &step, const QString &kind)
{
    if (step.expectation.kind != kind)
        return std::nullopt;
    const QByteArray &data = step.expectation.data;
    Json json = Json::parse(data.begin(), data.end(), nullptr, false);
    return json.is_object() ? std::optional(std::move(json)) : std::nullopt;
}

QString textOf(const Json &json, const char *key)
{
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? QString::fromStdString(found->get_ref<const std::string &>())
                                                     : QString();
}

Error notARepositoryStep()
{
    return {ErrorKind::Unsupported,
            QCoreApplication::translate("Promotions", "This step is not one that a repository can carry out."),
            {}};
}

Error branchMoved(const BranchPlace &place, const QString &now)
{
    return {ErrorKind::Conflict,
            QCoreApplication::translate(
                "Promotions",
                "The branch %1 of %2 moved from %3 to %4 since it was shown. Nothing was written: look at the new "
                "state and plan again.")
                .arg(place.branch, place.address, policy::shortCommit(place.tip), policy::shortCommit(now)),
            {}};
}

Result<RepositoryCopy> upToDateCopy(const QString &cacheFolder, const git::RemoteAccess &access, const QString &address,
                                    const QString &branch, std::chrono::seconds notOlderThan, const StopToken &stop)
{
    const git::Mirror mirror(cacheFolder, access.url);
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
        return Error{ErrorKind::NotFound,
                     QCoreApplication::translate("Promotions", "%1 has no branch %2.").arg(address, branch),
                     {}};
    return RepositoryCopy{access, mirror.path(), **tip, isNew ? before : now};
}

Result<void> sendOnto(const RepositoryCopy &copy, const BranchPlace &place, const QString &commit,
                      const StopToken &stop)
{
    const QString reference = QStringLiteral("refs/heads/") + place.branch;
    if (const auto pushed = git::Remote(copy.access).push(copy.path, {reference, commit, place.tip}, {}, stop); !pushed)
        return pushed.error();
    if (auto repository = git::Repository::openOrCreateBare(copy.path, place.branch))
        (void)repository->setReference(reference, commit);
    return {};
}

} // namespace signalbox
