#include "services/adapters/github/githuberrand.h"

#include "services/adapters/github/githubfields.h"

namespace signalbox::github
{

namespace
{

const char *wordOf(Errand::Kind kind)
{
    switch (kind) {
    case Errand::Kind::Rerun:
        return "rerun";
    case Errand::Kind::RerunFailed:
        return "rerunFailed";
    case Errand::Kind::RerunJob:
        return "rerunJob";
    case Errand::Kind::Cancel:
        return "cancel";
    case Errand::Kind::Trigger:
        return "trigger";
    case Errand::Kind::Gate:
        return "gate";
    }
    return "";
}

} // namespace

bool isRerun(Errand::Kind kind)
{
    return kind == Errand::Kind::Rerun || kind == Errand::Kind::RerunFailed || kind == Errand::Kind::RerunJob;
}

QString errandKind()
{
    return QStringLiteral("github-actions");
}

QByteArray toData(const Errand &errand)
{
    Json json = {{"act", wordOf(errand.kind)},
                 {"project", errand.project.toStdString()},
                 {"pipeline", errand.pipeline.toStdString()},
                 {"who", errand.who.toStdString()}};
    if (errand.kind == Errand::Kind::Trigger) {
        json["ref"] = errand.ref.toStdString();
        json["newest"] = errand.newest;
        json["since"] = errand.since.toUTC().toString(Qt::ISODate).toStdString();
        json["shown"] = errand.shown.toStdString();
    } else {
        json["run"] = errand.run.toStdString();
        json["attempt"] = errand.attempt;
    }
    if (errand.kind == Errand::Kind::RerunJob) {
        json["job"] = errand.job.toStdString();
        json["jobName"] = errand.jobName.toStdString();
    }
    if (errand.kind == Errand::Kind::Gate) {
        json["gate"] = errand.gate.toStdString();
        json["title"] = errand.title.toStdString();
        json["approves"] = errand.approves;
        json["before"] = Json::array();
        for (const QString &one : errand.before)
            json["before"].push_back(one.toStdString());
    }
    return QByteArray::fromStdString(json.dump());
}

std::optional<Errand> errandOf(const PlanStep &step)
{
    if (step.expectation.kind != errandKind())
        return std::nullopt;
    const QByteArray &data = step.expectation.data;
    const Json json = Json::parse(data.constBegin(), data.constEnd(), nullptr, false);
    const QString act = textOf(json, "act");
    Errand errand;
    bool isKnown = false;
    for (const auto kind : {Errand::Kind::Rerun, Errand::Kind::RerunFailed, Errand::Kind::RerunJob,
                            Errand::Kind::Cancel, Errand::Kind::Trigger, Errand::Kind::Gate}) {
        if (act != QLatin1String(wordOf(kind)))
            continue;
        errand.kind = kind;
        isKnown = true;
    }
    errand.project = textOf(json, "project");
    errand.pipeline = textOf(json, "pipeline");
    errand.run = textOf(json, "run");
    errand.attempt = static_cast<int>(numberOf(json, "attempt", 1));
    errand.who = textOf(json, "who");
    errand.ref = textOf(json, "ref");
    errand.newest = numberOf(json, "newest");
    errand.shown = textOf(json, "shown");
    errand.job = textOf(json, "job");
    errand.jobName = textOf(json, "jobName");
    errand.since = timeOf(json, "since");
    errand.gate = textOf(json, "gate");
    errand.title = textOf(json, "title");
    errand.approves = flagOf(json, "approves").value_or(true);
    for (const Json &one : listOf(json, "before")) {
        if (one.is_string())
            errand.before.append(QString::fromStdString(one.get<std::string>()));
    }
    return isKnown && !errand.project.isEmpty() ? std::optional(errand) : std::nullopt;
}

QList<Review> newReviews(const Errand &errand, const QList<Review> &reviews)
{
    QStringList before = errand.before;
    QList<Review> fresh;
    for (const Review &one : reviews) {
        if (!one.environmentIds.contains(errand.gate) || one.state == QLatin1String("pending"))
            continue;
        if (!before.removeOne(one.who + u'|' + one.state))
            fresh.append(one);
    }
    return fresh;
}

} // namespace signalbox::github
