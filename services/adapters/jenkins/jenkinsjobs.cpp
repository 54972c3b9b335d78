#include "services/adapters/jenkins/jenkinsjobs.h"

#include "services/adapters/jenkins/jenkinsparameters.h"
#include "services/adapters/jenkins/jenkinsplace.h"

#include <QHash>

#include <algorithm>

namespace signalbox::jenkins
{

namespace
{

const QByteArray parameterFields =
    "property[parameterDefinitions[_class,name,type,description,choices,defaultParameterValue[value]]]";
const QByteArray jobFields = "_class,name,fullName,displayName,fullDisplayName,url,buildable," + parameterFields;
constexpr int levelsAsked = 3;

// False: the job takes none.
bool readParameters(const Json &job, QList<RunParameter> &into)
{
    bool hasThem = false;
    for (const Json &property : listOf(job, "property")) {
        if (!memberOf(property, "parameterDefinitions").is_array())
            continue;
        hasThem = true;
        for (const Json &definition : listOf(property, "parameterDefinitions"))
            into.append(parameterOf(definition, memberOf(memberOf(definition, "defaultParameterValue"), "value"),
                                    listOf(definition, "choices")));
    }
    return hasThem;
}

bool isFolder(const Json &item)
{
    return memberOf(item, "jobs").is_array();
}

FoundJob jobOf(const Json &item, const QString &project, bool isBranch)
{
    FoundJob found;
    found.isBranch = isBranch;
    Pipeline &pipeline = found.pipeline;
    pipeline.ref.project = project;
    const QString shown = textOf(item, "fullDisplayName");
    pipeline.title = isBranch ? branchNameOf(project) : textOf(item, "displayName");
    if (!shown.isEmpty())
        pipeline.title = QString(shown).replace(QStringLiteral(" » "), QStringLiteral(" / "));
    if (pipeline.title.isEmpty())
        pipeline.title = project;
    pipeline.page = QUrl(textOf(item, "url"));
    pipeline.isEnabled = flagOf(item, "buildable", true);
    if (isBranch)
        pipeline.defaultBranch = branchNameOf(project);
    if (!pipeline.isEnabled) {
        pipeline.canTrigger = false;
        pipeline.whyNotTrigger = JenkinsText::tr("The job is disabled.");
    }
    readParameters(item, pipeline.parameters);
    return found;
}

QString joined(const QString &folder, const QString &name)
{
    return folder.isEmpty() ? name : folder + u'/' + name;
}

void collect(const Json &folder, const QString &project, int level, int most, FoundJobs &found)
{
    const bool hasBranches = classOf(folder).contains(QLatin1String("MultiBranchProject"));
    const Json &items = listOf(folder, "jobs");
    if (static_cast<int>(items.size()) > most)
        found.isCut = true;
    for (const Json &item : items) {
        const QString name = textOf(item, "name");
        if (name.isEmpty())
            continue;
        const QString full = joined(project, name);
        if (!isFolder(item))
            found.jobs.append(jobOf(item, full, hasBranches));
        else if (level < levelsAsked)
            collect(item, full, level + 1, most, found);
        else if (!listOf(item, "jobs").empty())
            found.folders.append(full);
    }
}

} // namespace

QByteArray jobsTree(int most)
{
    const QByteArray range = "{0," + QByteArray::number(most + 1) + '}';
    QByteArray tree = "jobs[name]{0,1}";
    for (int level = 0; level < levelsAsked; ++level)
        tree = "jobs[" + jobFields + ',' + tree + ']' + range;
    return jobFields + ',' + tree;
}

QByteArray jobTree()
{
    return "_class,buildable,nextBuildNumber," + parameterFields;
}

Result<FoundJobs> parseJobs(const QByteArray &body, const QString &project, int most)
{
    return parsed(body, [&](const Json &json) -> Result<FoundJobs> {
        if (!json.is_object())
            return unexpected();
        FoundJobs found;
        if (isFolder(json)) {
            collect(json, project, 1, most, found);
            return found;
        }
        if (textOf(json, "name").isEmpty())
            return unexpected();
        found.jobs.append(jobOf(json, project, false)); // whether its folder has branches, the folder tells
        return found;
    });
}

void shortenTitles(QList<Pipeline> &pipelines, const QStringList &named)
{
    const QString between = QStringLiteral(" / ");
    const auto lastOf = [&between](const QString &title, qsizetype count) {
        const QStringList parts = title.split(between);
        return parts.mid(std::max<qsizetype>(0, parts.size() - count)).join(between);
    };
    QList<qsizetype> counts;
    for (const Pipeline &one : qAsConst(pipelines))
        counts.append(one.defaultBranch.isEmpty() && !named.contains(one.ref.project) ? 1 : 2);
    for (bool isChanged = true; isChanged;) {
        isChanged = false;
        QHash<QString, int> times;
        for (qsizetype i = 0; i < pipelines.size(); ++i)
            ++times[lastOf(pipelines.at(i).title, counts.at(i))];
        for (qsizetype i = 0; i < pipelines.size(); ++i) {
            const QString &whole = pipelines.at(i).title;
            const QString shorter = lastOf(whole, counts.at(i));
            if (times.value(shorter) > 1 && shorter != whole) {
                ++counts[i];
                isChanged = true;
            }
        }
    }
    for (qsizetype i = 0; i < pipelines.size(); ++i)
        pipelines[i].title = lastOf(pipelines.at(i).title, counts.at(i));
}

Result<JobState> parseJob(const QByteArray &body)
{
    return parsed(body, [](const Json &json) -> Result<JobState> {
        if (!json.is_object())
            return unexpected();
        JobState state;
        state.type = classOf(json);
        state.isBuildable = flagOf(json, "buildable", true);
        state.nextNumber = numberOf(json, "nextBuildNumber");
        state.hasParameters = readParameters(json, state.parameters);
        return state;
    });
}

} // namespace signalbox::jenkins
