#include "services/adapters/gitlab/gitlabfacts.h"

#include "services/adapters/gitlab/gitlabtext.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace signalbox::gitlab
{

namespace
{

using FactsJson = nlohmann::json;

QString textIn(const FactsJson &json, const char *key)
{
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? QString::fromStdString(found->get<std::string>()) : QString();
}

} // namespace

Result<Facts> factsOf(const PlanStep &step)
{
    const QByteArray &data = step.expectation.data;
    const auto json = FactsJson::parse(data.begin(), data.end(), nullptr, false);
    if (!json.is_object() || textIn(json, "project").isEmpty())
        return Error{ErrorKind::Internal, GitLabText::tr("This step is none of GitLab's."), step.expectation.kind};
    Facts facts;
    facts.kind = step.expectation.kind;
    facts.project = textIn(json, "project");
    facts.run = {{step.call.connection, facts.project, {}}, textIn(json, "run")};
    if (json.contains("failed") && json["failed"].is_array()) {
        for (const FactsJson &id : json["failed"])
            facts.failed.append(id.is_number_integer() ? id.get<qint64>() : 0);
    }
    const auto number = [&json](const char *key) {
        return json.contains(key) && json[key].is_number_integer() ? json[key].get<qint64>() : qint64(0);
    };
    const auto flag = [&json](const char *key) { return json.contains(key) && json[key] == FactsJson(true); };
    facts.ref = textIn(json, "ref");
    facts.isTag = flag("isTag");
    facts.commit = textIn(json, "commit");
    facts.shown = textIn(json, "shown");
    facts.lastId = number("lastId");
    facts.who = textIn(json, "who");
    facts.job = number("job");
    facts.name = textIn(json, "name");
    facts.deployment = textIn(json, "deployment");
    facts.approves = flag("approves");
    if (json.contains("isLast"))
        facts.isLast = flag("isLast");
    facts.mayHaveStarted = flag("mayHaveStarted");
    return facts;
}

Observation seen(Observation::State state, const QString &text, const QString &blocker)
{
    return {state, text, blocker, -1, QDateTime::currentDateTimeUtc()};
}

Error conflict(const QString &sentence)
{
    return {ErrorKind::Conflict, sentence + u' ' + GitLabText::tr("Nothing was written."), {}};
}

QString byWhom(const QString &who)
{
    return who.isEmpty() ? GitLabText::tr("somebody") : who;
}

const JobAnswer *newestOf(const QList<JobAnswer> &jobs, const QString &name)
{
    const auto found =
        std::find_if(jobs.begin(), jobs.end(), [&](const JobAnswer &one) { return one.job.name == name; });
    return found == jobs.end() ? nullptr : &*found;
}

QString approvalText(const Approvals &approvals)
{
    return (approvals.missing > 0 ? GitLabText::tr("approved, %1 of %2: still waits")
                                  : GitLabText::tr("approved, %1 of %2"))
        .arg(approvals.given())
        .arg(approvals.needed);
}

} // namespace signalbox::gitlab
