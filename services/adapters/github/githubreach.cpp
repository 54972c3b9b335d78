#include "services/adapters/github/githubreach.h"

#include <QSet>

#include <algorithm>

namespace signalbox::github
{

RerunReach reachOf(const WorkflowFile &file, const QString &project, const QList<JobSaid> &jobs, const QString &job,
                   const QString &meant)
{
    QList<Job> known;
    for (const JobSaid &one : jobs)
        known.append(one.job);
    // As of a run that goes on: what its conditions left out the last time may be let in this time.
    const JobGraph graph = graphOf(file, {}, {project, {}, {}}, known, false);
    QList<Job> all = graph.notBegun;
    for (Job one : known) {
        one.needs = graph.needs.value(one.id);
        one.environment = graph.environments.value(one.id);
        all.append(one);
    }
    QSet<QString> reached;
    if (job.isEmpty()) {
        for (const Job &one : all)
            reached.insert(one.id);
    } else {
        reached.insert(job);
        for (bool isMore = true; isMore;) {
            isMore = false;
            for (const Job &one : all) {
                const bool follows = std::any_of(one.needs.cbegin(), one.needs.cend(),
                                                 [&](const QString &need) { return reached.contains(need); });
                if (follows && !reached.contains(one.id)) {
                    reached.insert(one.id);
                    isMore = true;
                }
            }
        }
    }
    RerunReach reach;
    reach.isKnown = graph.unmatched == 0;
    for (const Job &one : all) {
        if (!reached.contains(one.id))
            continue;
        // What a called workflow's jobs need of one another is not in this file; the meant job's place is known.
        if (graph.ofCalls.contains(one.id) || (one.id != job && graph.unnamedEnvironments.contains(one.id)))
            reach.isKnown = false;
        const bool isOther = !one.environment.isEmpty() && one.environment.compare(meant, Qt::CaseInsensitive) != 0;
        if (isOther && one.id != job && !reach.environments.contains(one.environment, Qt::CaseInsensitive))
            reach.environments.append(one.environment);
    }
    return reach;
}

} // namespace signalbox::github
