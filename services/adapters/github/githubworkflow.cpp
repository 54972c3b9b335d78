#include "services/adapters/github/githubworkflow.h"

#include "services/workspace/yamldocument.h"

#include <QRegularExpression>
#include <QSet>

#include <algorithm>

namespace signalbox::github
{

namespace
{

constexpr YamlLimits workflowLimits{1024 * 1024, 32, 50'000};

QStringList textOrTexts(const YamlValue &value)
{
    if (value.isText())
        return {value.text()};
    QStringList all;
    for (const YamlValue &one : value.items())
        all.append(one.text());
    return all;
}

bool hasExpression(const QString &text)
{
    return text.contains(QLatin1String("${{"));
}

RunParameter inputOf(const QString &name, const YamlValue &value)
{
    RunParameter one;
    one.name = name;
    const QString type = value[QStringLiteral("type")].text();
    one.kind = type == QLatin1String("boolean")  ? RunParameter::Kind::Flag
               : type == QLatin1String("choice") ? RunParameter::Kind::Choice
                                                 : RunParameter::Kind::Text;
    one.about = value[QStringLiteral("description")].text();
    one.value = value[QStringLiteral("default")].text();
    one.isRequired = value[QStringLiteral("required")].text() == QLatin1String("true");
    for (const YamlValue &option : value[QStringLiteral("options")].items())
        one.choices.append(option.text());
    return one;
}

void readTriggers(const YamlValue &on, WorkflowFile &file)
{
    const QString manual = QStringLiteral("workflow_dispatch");
    file.isDispatchable = textOrTexts(on).contains(manual) || on.keys().contains(manual);
    const YamlValue inputs = on[manual][QStringLiteral("inputs")];
    for (const QString &name : inputs.keys())
        file.inputs.append(inputOf(name, inputs[name]));
    for (const YamlValue &one : on[QStringLiteral("schedule")].items()) {
        if (const QString cron = one[QStringLiteral("cron")].text(); !cron.isEmpty())
            file.schedules.append(cron);
    }
}

WorkflowJob workflowJobOf(const QString &key, const YamlValue &value)
{
    WorkflowJob job;
    job.key = key;
    job.name = value[QStringLiteral("name")].text();
    job.needs = textOrTexts(value[QStringLiteral("needs")]);
    job.hasMatrix = value[QStringLiteral("strategy")][QStringLiteral("matrix")].exists();
    job.mayFail = value[QStringLiteral("continue-on-error")].text() == QLatin1String("true");
    job.uses = value[QStringLiteral("uses")].text();
    const YamlValue environment = value[QStringLiteral("environment")];
    job.environment = environment.isText() ? environment.text() : environment[QStringLiteral("name")].text();
    job.hasUnnamedEnvironment = hasExpression(job.environment);
    if (job.hasUnnamedEnvironment)
        job.environment.clear();
    return job;
}

// The names that GitHub may make of a job's.
struct NamePattern
{
    QRegularExpression own;  // the whole name; of a call that never began, too
    QRegularExpression call; // captures what comes before and behind " / "
    qsizetype literal = 0;   // characters that are no expression: the more, the surer
};

NamePattern patternOf(const WorkflowJob &job)
{
    static const QRegularExpression expression(QStringLiteral("\\$\\{\\{.*?\\}\\}"));
    const QString name = job.name.isEmpty() ? job.key : job.name;
    QString form;
    NamePattern pattern;
    qsizetype from = 0;
    for (auto each = expression.globalMatch(name); each.hasNext();) {
        const auto found = each.next();
        const QString before = name.mid(from, found.capturedStart() - from);
        form += QRegularExpression::escape(before) + QStringLiteral(".*?");
        pattern.literal += before.size();
        from = found.capturedEnd();
    }
    form += QRegularExpression::escape(name.mid(from));
    pattern.literal += name.size() - from;
    if (job.hasMatrix)
        form += QStringLiteral("(?: \\(.*?\\))?"); // as little as may be: a called job may have a matrix, too
    pattern.own = QRegularExpression(u'^' + form + QStringLiteral("\\z"));
    if (!job.uses.isEmpty())
        pattern.call = QRegularExpression(QStringLiteral("^(") + form + QStringLiteral(") / (.+)\\z"));
    return pattern;
}

struct Member
{
    QString id;
    QString rest; // of its name, without the callers'
};

// Of a file: where it is, and who called it.
struct Level
{
    WorkflowPlace at;
    QStringList outer; // what its first jobs wait for
    QString prefix;    // of its jobs' names
    int depth = 0;
};

// Finds the file's jobs among the run's, file by file, and ties them together.
class Tying
{
public:
    Tying(const CalledFiles &called, bool isRunEnded)
        : m_called(called)
        , m_isRunEnded(isRunEnded)
    {}

    // Ids of the jobs that nothing of this file waits for.
    QStringList tie(const WorkflowFile &file, const QList<Member> &members, const Level &level);
    JobGraph take() { return std::move(m_graph); }

private:
    struct Call
    {
        QString prefix;
        QList<Member> inner;
    };
    struct Place
    {
        const WorkflowJob *job = nullptr;
        QList<Member> own;
        QList<Call> calls;
        QStringList ends;
        bool isTied = false;
    };
    using Places = QHash<QString, Place>;

    static Places placesOf(const WorkflowFile &file, const QList<Member> &members, int &unmatched);
    QStringList ends(Places &places, const QString &key, const Level &level);
    void tiePlace(Place &place, const QStringList &needs, const Level &level);

    const CalledFiles &m_called;
    const bool m_isRunEnded;
    JobGraph m_graph;
};

Tying::Places Tying::placesOf(const WorkflowFile &file, const QList<Member> &members, int &unmatched)
{
    Places places;
    QList<std::pair<QString, NamePattern>> patterns;
    for (const WorkflowJob &job : file.jobs) {
        places[job.key].job = &job;
        patterns.append({job.key, patternOf(job)});
    }
    std::stable_sort(patterns.begin(), patterns.end(),
                     [](const auto &a, const auto &b) { return a.second.literal > b.second.literal; });
    for (const Member &member : members) {
        bool isFound = false;
        for (const auto &[key, pattern] : patterns) {
            Place &place = places[key];
            // First as a called one: "package (x86_64) / test (3.12)" looks like the call's own name, too.
            const bool isCall = !place.job->uses.isEmpty();
            const auto inner = isCall ? pattern.call.match(member.rest) : QRegularExpressionMatch();
            if (!inner.hasMatch()) {
                if (!pattern.own.match(member.rest).hasMatch())
                    continue;
                place.own.append(member);
                isFound = true;
                break;
            }
            const QString prefix = inner.captured(1);
            auto call = std::find_if(place.calls.begin(), place.calls.end(),
                                     [&prefix](const Call &one) { return one.prefix == prefix; });
            if (call == place.calls.end())
                call = place.calls.insert(place.calls.end(), Call{prefix, {}});
            call->inner.append({member.id, inner.captured(2)});
            isFound = true;
            break;
        }
        if (!isFound)
            ++unmatched;
    }
    return places;
}

void Tying::tiePlace(Place &place, const QStringList &needs, const Level &level)
{
    const WorkflowJob &job = *place.job;
    const auto note = [&](const QString &id) {
        if (job.hasUnnamedEnvironment)
            m_graph.unnamedEnvironments.insert(id);
        if (!job.uses.isEmpty())
            m_graph.ofCalls.insert(id);
    };
    const auto mark = [&](const QString &id) {
        m_graph.needs.insert(id, needs);
        note(id);
        if (job.mayFail)
            m_graph.mayFail.insert(id);
        if (!job.environment.isEmpty())
            m_graph.environments.insert(id, job.environment);
        place.ends.append(id);
    };
    for (const Member &one : place.own)
        mark(one.id);
    for (const Call &call : place.calls) {
        const WorkflowPlace to = calledFrom(level.at, job.uses, m_called.commits);
        const auto file = m_called.files.constFind(to.key());
        if (file == m_called.files.constEnd() || level.depth >= mostCalls) {
            for (const Member &one : call.inner)
                mark(one.id);
        } else {
            const QString prefix = level.prefix + call.prefix + QStringLiteral(" / ");
            place.ends += tie(*file, call.inner, {to, needs, prefix, level.depth + 1});
        }
    }
    if (!place.ends.isEmpty())
        return;
    if (m_isRunEnded) { // its condition was not met before it had a name
        place.ends = needs;
        return;
    }
    Job later;
    later.id = QStringLiteral("file:") + level.prefix + job.key;
    later.name = level.prefix + (job.name.isEmpty() || hasExpression(job.name) ? job.key : job.name);
    later.needs = needs;
    later.state = RunState::NotStarted;
    later.mayFail = job.mayFail;
    later.environment = job.environment;
    m_graph.notBegun.append(later);
    note(later.id);
    place.ends = {later.id};
}

QStringList Tying::ends(Places &places, const QString &key, const Level &level)
{
    const auto found = places.find(key);
    if (found == places.end() || !found->job)
        return {};
    Place &place = *found;
    if (place.isTied) // also in a circle, which GitHub refuses
        return place.ends;
    place.isTied = true;
    QStringList needs;
    for (const QString &one : place.job->needs)
        needs += ends(places, one, level);
    needs.removeDuplicates();
    tiePlace(place, place.job->needs.isEmpty() ? level.outer : needs, level);
    return place.ends;
}

QStringList Tying::tie(const WorkflowFile &file, const QList<Member> &members, const Level &level)
{
    Places places = placesOf(file, members, m_graph.unmatched);
    QSet<QString> needed;
    for (const WorkflowJob &job : file.jobs) {
        ends(places, job.key, level);
        needed.unite(QSet<QString>(job.needs.cbegin(), job.needs.cend()));
    }
    QStringList last;
    for (const WorkflowJob &job : file.jobs) {
        if (!needed.contains(job.key))
            last += places[job.key].ends;
    }
    last.removeDuplicates();
    return last;
}

} // namespace

Result<WorkflowFile> parseWorkflow(const QByteArray &bytes, const QString &path)
{
    const auto document = YamlDocument::parse(bytes, path, workflowLimits);
    if (!document)
        return document.error();
    const YamlValue root(*document);
    WorkflowFile file;
    file.name = root[QStringLiteral("name")].text();
    readTriggers(root[QStringLiteral("on")], file);
    const YamlValue jobs = root[QStringLiteral("jobs")];
    if (!jobs.isMap())
        return root.problem(QStringLiteral("a map \"jobs\""), jobs.shape(), {});
    for (const QString &key : jobs.keys())
        file.jobs.append(workflowJobOf(key, jobs[key]));
    return file;
}

WorkflowPlace calledFrom(const WorkflowPlace &from, const QString &uses, const QHash<QString, QString> &commits)
{
    if (uses.startsWith(QLatin1String("./")) || uses.startsWith(QLatin1String("$/")))
        return {from.project, uses.mid(2), from.commit};
    static const QRegularExpression whole(QStringLiteral("^[0-9a-f]{40}\\z"));
    const QString named = uses.section(u'@', 0, 0);
    const QString ref = uses.section(u'@', 1);
    WorkflowPlace to{named.section(u'/', 0, 1), named.section(u'/', 2), commits.value(uses)};
    if (to.commit.isEmpty() && whole.match(ref).hasMatch())
        to.commit = ref;
    if (to.isKnown())
        return to;
    // The run may write the ref in another way: sure only as long as it refers to one commit of that file.
    QSet<QString> all;
    for (auto one = commits.cbegin(); one != commits.cend(); ++one) {
        if (one.key().section(u'@', 0, 0) == named)
            all.insert(*one);
    }
    if (all.size() == 1)
        to.commit = *all.cbegin();
    return to;
}

JobGraph graphOf(const WorkflowFile &file, const CalledFiles &called, const WorkflowPlace &at, const QList<Job> &jobs,
                 bool isRunEnded)
{
    QList<Member> members;
    for (const Job &job : jobs)
        members.append({job.id, job.name});
    Tying tying(called, isRunEnded);
    tying.tie(file, members, {at, {}, {}, 0});
    return tying.take();
}

QHash<QString, QStringList> needsByStart(const QList<Job> &jobs)
{
    QHash<QString, QStringList> needs;
    for (const Job &job : jobs) {
        QList<const Job *> before;
        for (const Job &one : jobs) {
            if (job.startedAt.isValid() && one.startedAt.isValid() && one.finishedAt.isValid() &&
                one.finishedAt <= job.startedAt && one.startedAt < job.startedAt)
                before.append(&one);
        }
        for (const Job *one : before) {
            const bool isFollowed = std::any_of(before.begin(), before.end(), [one](const Job *other) {
                return other != one && one->finishedAt <= other->startedAt && one->startedAt < other->startedAt;
            });
            if (!isFollowed)
                needs[job.id].append(one->id);
        }
    }
    return needs;
}

} // namespace signalbox::github
