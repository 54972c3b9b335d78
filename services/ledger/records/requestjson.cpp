// A promotion that is asked for.
#include "services/ledger/records/recordjson.h"

namespace signalbox::recordjson
{

using operationjson::timeText;
using operationjson::utf8;

namespace
{

constexpr qsizetype mostListed = 500;

int count(const Fields &fields, const char *key)
{
    const qint64 number = fields.number(key);
    if (number < 0 || number > 1'000'000'000)
        fields.fail(key, "a count, not negative");
    return static_cast<int>(number);
}

Json toJson(const policy::ChangeSummary &changes)
{
    Json commits = Json::array();
    for (const auto &one : changes.commits) {
        Json listed{{"id", utf8(one.id)}, {"email", utf8(one.email)}, {"at", timeText(one.at)}};
        for (const QString &email : one.coAuthors)
            listed["coAuthors"].push_back(utf8(email));
        put(listed, "committer", one.committer);
        commits.push_back(std::move(listed));
    }
    Json files = Json::array();
    for (const QString &file : changes.files)
        files.push_back(utf8(file));
    return Json{{"commitCount", changes.commitCount},
                {"fileCount", changes.fileCount},
                {"linesAdded", changes.linesAdded},
                {"linesRemoved", changes.linesRemoved},
                {"testFileCount", changes.testFileCount},
                {"commits", std::move(commits)},
                {"files", std::move(files)}};
}

policy::ChangeSummary changesFrom(const Fields &fields)
{
    policy::ChangeSummary changes;
    changes.commitCount = count(fields, "commitCount");
    changes.fileCount = count(fields, "fileCount");
    changes.linesAdded = count(fields, "linesAdded");
    changes.linesRemoved = count(fields, "linesRemoved");
    changes.testFileCount = count(fields, "testFileCount");
    fields.each("commits", [&changes](const Fields &one) {
        changes.commits.append({commit(one, "id"), one.text("email"), one.time("at"),
                                one.has("coAuthors") ? one.texts("coAuthors") : QStringList(),
                                one.text("committer", {})});
    });
    changes.files = fields.texts("files");
    if (changes.commits.size() > mostListed || changes.commits.size() > changes.commitCount)
        fields.fail("commits", "at most 500, and no more than commitCount");
    if (changes.files.size() > mostListed || changes.files.size() > changes.fileCount)
        fields.fail("files", "at most 500, and no more than fileCount");
    return changes;
}

} // namespace

Json toJson(const policy::PromotionRequest &request)
{
    Json json{{"subject", toJson(request.subject)},
              {"from", utf8(request.fromEnvironment)},
              {"policyCommit", utf8(request.policyCommit)},
              {"reason", utf8(request.reason)}};
    put(json, "releaseVersion", request.version);
    put(json, "modelName", request.model.name);
    put(json, "modelVersion", request.model.version);
    put(json, "replacesDigest", request.replacesDigest);
    put(json, "replacesCommit", request.replacesCommit);
    if (request.changes)
        json["changes"] = toJson(*request.changes);
    if (request.riskPermille)
        json["riskPermille"] = *request.riskPermille;
    return json;
}

policy::PromotionRequest requestFrom(const Fields &fields)
{
    policy::PromotionRequest request;
    request.subject = subjectFrom(fields);
    request.fromEnvironment = fields.text("from");
    request.policyCommit = commit(fields, "policyCommit");
    request.reason = fields.text("reason");
    request.version = fields.text("releaseVersion", {});
    request.model = {fields.text("modelName", {}), fields.text("modelVersion", {})};
    if (fields.has("replacesDigest"))
        request.replacesDigest = digest(fields, "replacesDigest");
    if (fields.has("replacesCommit"))
        request.replacesCommit = commit(fields, "replacesCommit");
    if (fields.has("changes"))
        request.changes = changesFrom(fields.object("changes"));
    if (const std::optional<qint64> risk = fields.maybeNumber("riskPermille")) {
        if (*risk < 0 || *risk > 1000)
            fields.fail("riskPermille", "0 to 1000");
        request.riskPermille = static_cast<int>(*risk);
    }
    return request;
}

} // namespace signalbox::recordjson
