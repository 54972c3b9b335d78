#include "services/adapters/github/githubsource.h"
#include "services/adapters/github/githubtags.h"
#include "services/adapters/github/githubtext.h"

#include <QMap>

#include <algorithm>
#include <memory>
#include <optional>

namespace signalbox::github
{

namespace
{

constexpr qsizetype mostAnnotated = 100; // jobs whose annotations are asked for
constexpr qsizetype atATime = 20;
constexpr qint64 rerunDays = 30; // GitHub Docs, "Re-running workflows and jobs"

// A job that has annotations.
struct Annotated
{
    QString checkRun;
    std::optional<Job> job; // none: the check belongs to no job of the run
    int rank() const
    {
        if (!job)
            return 3;
        return job->state == RunState::Failed                                          ? 0
               : job->state == RunState::Cancelled || job->state == RunState::Unstable ? 1
                                                                                       : 2;
    }
};

// What was read of a run, part by part.
struct Parts
{
    RunSaid run;
    QList<JobSaid> jobs;
    std::optional<Repository> repository;
    std::optional<WorkflowFile> file;
    CalledFiles called;
    QString noFile;                       // why there is none
    QHash<QString, QString> environments; // by check run
    QList<Annotated> annotated;           // in the order in which they are asked for
    bool isAnnotatedEnough = false;       // no more of them are to be asked for
    QList<RunAnnotation> annotations;
    QList<RunArtifact> artifacts;
    QList<RunDecision> decisions;
    QStringList notes;

    void noteOnce(const QString &note) // of the same for many jobs
    {
        if (!notes.contains(note))
            notes.append(note);
    }
};
using PartsPtr = std::shared_ptr<Parts>;
using Done = QFuture<Result<void>>;

// take: const Result<T> &; the part's own failure is its own business.
template <typename T, typename Take>
Done part(QObject *context, const QFuture<Result<T>> &future, Take take)
{
    return afterAny(context, future, [take](const Result<T> &result) mutable {
        take(result);
        return ready(Result<void>());
    });
}

Done all(QObject *context, const QList<Done> &parts)
{
    using Results = QList<Result<void>>;
    return after(context, gathered(context, parts), [](const Results &) { return ready(Result<void>()); });
}

class DetailReading : public std::enable_shared_from_this<DetailReading>
{
public:
    // `attempt` 0: the newest.
    DetailReading(GitHubClient &client, RunRef ref, int attempt, StopToken stop)
        : m_client(client)
        , m_ref(std::move(ref))
        , m_wanted(attempt)
        , m_stop(std::move(stop))
    {}

    QFuture<Result<RunDetail>> read()
    {
        const auto self = shared_from_this();
        return after(&m_client, m_client.run(m_ref, m_stop), [self](const RunSaid &run) {
            self->m_attempts = run.run.attempt;
            if (self->m_wanted < 0 || self->m_wanted > self->m_attempts)
                return ready(Result<RunDetail>(self->noSuchAttempt()));
            if (!self->isEarlier()) {
                self->m_parts->run = run;
                return self->readJobs(self->m_client.jobs(self->m_ref, self->m_stop));
            }
            return after(&self->m_client, self->m_client.attempt(self->m_ref, self->m_wanted, self->m_stop),
                         [self](const RunSaid &then) {
                             self->m_parts->run = then;
                             return self->readJobs(
                                 self->m_client.attemptJobs(self->m_ref, self->m_wanted, self->m_stop));
                         });
        });
    }

private:
    bool isEarlier() const { return m_wanted > 0 && m_wanted < m_attempts; }

    Error noSuchAttempt() const
    {
        return {ErrorKind::NotFound,
                GitHubText::tr("The run %1 of %2 has no attempt %3: it has %n attempt(s), counted from 1.", nullptr,
                               m_attempts)
                    .arg(m_ref.id, m_ref.pipeline.project)
                    .arg(m_wanted),
                {}};
    }

    QFuture<Result<RunDetail>> readJobs(const QFuture<Result<QList<JobSaid>>> &asked)
    {
        const auto self = shared_from_this();
        return after(&m_client, asked, [self](const QList<JobSaid> &jobs) {
            self->m_parts->jobs = jobs;
            return afterAny(&self->m_client, self->others(),
                            [self](const Result<void> &) { return ready(Result<RunDetail>(self->made())); });
        });
    }

    // Answers with errors become notes.
    Done others()
    {
        const PartsPtr parts = m_parts;
        const QString &project = m_ref.pipeline.project;
        return all(
            &m_client,
            {part(&m_client, m_client.repository(project, m_stop),
                  [parts](const Result<Repository> &one) {
                      if (one)
                          parts->repository = *one;
                  }),
             part(&m_client, m_client.reviews(m_ref, m_stop),
                  [parts](const Result<QList<Review>> &list) {
                      if (list)
                          parts->decisions = decisionsOf(*list);
                      else
                          parts->notes.append(
                              GitHubText::tr("Who decided its gates could not be read: %1").arg(list.error().message));
                  }),
             artifacts(), tag(), file(), checks()});
    }

    // GitHub does not say which attempt left them: an earlier one shows none.
    Done artifacts()
    {
        if (isEarlier())
            return ready(Result<void>());
        return part(&m_client, m_client.artifacts(m_ref, m_stop),
                    [parts = m_parts](const Result<QList<RunArtifact>> &list) {
                        if (list)
                            parts->artifacts = *list;
                        else
                            parts->notes.append(list.error().message);
                        if (list && list->size() >= GitHubClient::mostListed)
                            parts->noteOnce(GitHubText::tr("Artifacts: the first %1.").arg(GitHubClient::mostListed));
                    });
    }

    Done tag()
    {
        return part(&m_client, withTags(m_client, {m_parts->run}, m_stop),
                    [parts = m_parts](const Result<QList<RunSaid>> &same) {
                        if (same)
                            parts->run.run = same->constFirst().run;
                    });
    }

    Done file()
    {
        const auto self = shared_from_this();
        const RunSaid &run = m_parts->run;
        if (pipelineOf(run.path, QString()).isEmpty()) {
            m_parts->noFile = GitHubText::tr("GitHub runs it without a file of the repository.");
            return ready(Result<void>());
        }
        const WorkflowPlace at = filePlace();
        m_parts->called.commits = run.called;
        const auto asked = m_client.workflow(at.project, at.path, at.commit, m_stop);
        return afterAny(&m_client, asked, [self, at](const Result<WorkflowFile> &read) -> Done {
            if (!read) {
                self->m_parts->noFile = read.error().message;
                return ready(Result<void>());
            }
            self->m_parts->file = *read;
            return self->calledFiles(*read, at, 1);
        });
    }

    WorkflowPlace filePlace() const { return {m_ref.pipeline.project, m_parts->run.path, m_parts->run.run.commit}; }

    // Reusable workflows that the file at `from` calls, and those that these call.
    Done calledFiles(const WorkflowFile &file, const WorkflowPlace &from, int depth)
    {
        const auto self = shared_from_this();
        auto &files = m_parts->called.files;
        QList<Done> asked;
        for (const WorkflowJob &job : file.jobs) {
            if (job.uses.isEmpty() || depth > mostCalls)
                continue;
            const WorkflowPlace to = calledFrom(from, job.uses, m_parts->called.commits);
            if (!to.isKnown() || files.contains(to.key()))
                continue;
            files.insert(to.key(), {});
            const auto read = m_client.workflow(to.project, to.path, to.commit, m_stop);
            asked.append(afterAny(&m_client, read, [self, to, depth](const Result<WorkflowFile> &inner) -> Done {
                if (!inner) { // a private repository, perhaps: its jobs stand side by side
                    self->m_parts->called.files.remove(to.key());
                    return ready(Result<void>());
                }
                self->m_parts->called.files.insert(to.key(), *inner);
                return self->calledFiles(*inner, to, depth + 1);
            }));
        }
        return all(&m_client, asked);
    }

    Done checks()
    {
        const auto self = shared_from_this();
        const QString suite = m_parts->run.checkSuite;
        if (suite.isEmpty())
            return ready(Result<void>());
        const auto asked = m_client.checkRuns(m_ref, suite, isEarlier(), m_stop);
        return afterAny(&m_client, asked, [self](const Result<QList<CheckRunSaid>> &checks) -> Done {
            if (!checks) {
                self->m_parts->notes.append(
                    GitHubText::tr("Annotations could not be read: %1").arg(checks.error().message));
                return ready(Result<void>());
            }
            return self->annotations(*checks);
        });
    }

    Done annotations(const QList<CheckRunSaid> &checks)
    {
        for (const CheckRunSaid &check : checks) {
            if (!check.environment.isEmpty())
                m_parts->environments.insert(check.id, check.environment);
            const std::optional<Job> job = jobOf(check.id);
            if (check.annotations > 0 && (job || !isEarlier())) // the list has other attempts' checks then
                m_parts->annotated.append({check.id, job});
        }
        // What broke matters most, should they be too many.
        std::stable_sort(m_parts->annotated.begin(), m_parts->annotated.end(),
                         [](const Annotated &a, const Annotated &b) { return a.rank() < b.rank(); });
        return annotationsFrom(0);
    }

    std::optional<Job> jobOf(const QString &checkRun) const
    {
        const auto job = std::find_if(m_parts->jobs.cbegin(), m_parts->jobs.cend(),
                                      [&checkRun](const JobSaid &one) { return one.checkRun == checkRun; });
        return job == m_parts->jobs.cend() ? std::nullopt : std::optional(job->job);
    }

    // Some jobs at a time: the next ones are asked for as long as what came is not enough for anybody.
    Done annotationsFrom(qsizetype first)
    {
        const auto self = shared_from_this();
        const PartsPtr parts = m_parts;
        const qsizetype end = std::min({first + atATime, mostAnnotated, parts->annotated.size()});
        if (first >= end || parts->isAnnotatedEnough) {
            noteCut(first);
            return ready(Result<void>());
        }
        const auto came = std::make_shared<QMap<qsizetype, QList<RunAnnotation>>>();
        QList<Done> asked;
        for (qsizetype i = first; i < end; ++i) {
            const Annotated &one = parts->annotated.at(i);
            const auto read = m_client.annotations(m_ref, one.checkRun, m_stop);
            asked.append(part(&m_client, read, [=, job = one.job](const Result<QList<RunAnnotation>> &list) {
                if (!list) {
                    parts->noteOnce(GitHubText::tr("Annotations could not be read: %1").arg(list.error().message));
                    parts->isAnnotatedEnough = true; // the others would fare no better
                } else if (list->size() >= GitHubClient::mostListed)
                    parts->noteOnce(GitHubText::tr("Annotations of one job are shown up to the first %1.")
                                        .arg(GitHubClient::mostListed));
                for (RunAnnotation annotation : list.value_or(QList<RunAnnotation>())) {
                    if (job)
                        annotation.job = job->id;
                    (*came)[i].append(annotation);
                }
            }));
        }
        return afterAny(&m_client, all(&m_client, asked), [self, came, end](const Result<void> &) {
            for (const QList<RunAnnotation> &some : qAsConst(*came))
                self->m_parts->annotations += some;
            if (self->m_parts->annotations.size() >= GitHubClient::mostListed)
                self->m_parts->isAnnotatedEnough = true;
            return self->annotationsFrom(end);
        });
    }

    void noteCut(qsizetype read)
    {
        const QList<Annotated> &all = m_parts->annotated;
        if (read >= all.size())
            return;
        const std::optional<Job> &next = all.at(read).job;
        m_parts->notes.append(
            GitHubText::tr("Annotations of %1 of %2 jobs that have some, failed ones first; the first without is %3.")
                .arg(read)
                .arg(all.size())
                .arg(next ? next->name : GitHubText::tr("a check of another name")));
    }

    // ---- put together

    void tieJobs(RunDetail &detail) const
    {
        if (!m_parts->file) {
            const auto needs = needsByStart(detail.jobs);
            for (Job &job : detail.jobs)
                job.needs = needs.value(job.id);
            detail.graphNote =
                GitHubText::tr("What waits for what is guessed from when jobs began: %1").arg(m_parts->noFile);
            return;
        }
        const JobGraph graph =
            graphOf(*m_parts->file, m_parts->called, filePlace(), detail.jobs, m_parts->run.isCompleted);
        for (Job &job : detail.jobs) {
            job.needs = graph.needs.value(job.id);
            job.mayFail = graph.mayFail.contains(job.id);
            if (job.environment.isEmpty())
                job.environment = graph.environments.value(job.id);
        }
        detail.jobs += graph.notBegun;
        detail.graphNote = GitHubText::tr("What waits for what is read from %1 at %2.")
                               .arg(m_parts->run.path, m_parts->run.run.commit.left(8));
        if (graph.unmatched > 0)
            detail.graphNote += u' ' + GitHubText::tr("%n job(s) are not in the file.", nullptr, graph.unmatched);
    }

    void setTimes(Run &run, const QList<Job> &jobs) const
    {
        QDateTime first;
        QDateTime last;
        for (const Job &job : jobs) {
            if (job.startedAt.isValid() && (!first.isValid() || job.startedAt < first) && job.attempt >= run.attempt)
                first = job.startedAt;
            if (job.finishedAt.isValid() && (!last.isValid() || job.finishedAt > last))
                last = job.finishedAt;
        }
        if (!jobs.isEmpty()) {
            run.startedAt = first; // invalid while all of them wait for machines
            run.isQueueTold = true;
        }
        if (isEnded(run.state) && last.isValid())
            run.finishedAt = last;
    }

    void setRights(RunDetail &detail) const
    {
        const RunSaid &run = m_parts->run;
        if (isEarlier()) {
            detail.whyNot = GitHubText::tr("It is attempt %1 of %2: only the newest can be run again or cancelled.")
                                .arg(m_wanted)
                                .arg(m_attempts);
            return;
        }
        const bool mayWrite = !m_parts->repository || m_parts->repository->mayWrite.value_or(true);
        const bool isOld =
            detail.run.createdAt.isValid() && detail.run.createdAt.daysTo(QDateTime::currentDateTimeUtc()) > rerunDays;
        const bool hasFailed = std::any_of(detail.jobs.cbegin(), detail.jobs.cend(), [](const Job &job) {
            return job.state == RunState::Failed || job.state == RunState::Cancelled;
        });
        detail.canRerun = mayWrite && run.isCompleted && !isOld;
        detail.canRerunFailed = detail.canRerun && hasFailed;
        detail.canRerunJob = detail.canRerun;
        detail.canCancel = mayWrite && !run.isCompleted;
        if (!mayWrite)
            detail.whyNot = GitHubText::tr("The token's user may not write to %1.").arg(m_ref.pipeline.project);
        else if (isOld)
            detail.whyNot = GitHubText::tr("GitHub runs nothing again that is older than %1 days.").arg(rerunDays);
        else if (!run.isCompleted)
            detail.whyNot = GitHubText::tr("It is still on.");
        else
            detail.whyNot = GitHubText::tr("It has ended.");
    }

    RunDetail made() const
    {
        RunDetail detail;
        detail.run = m_parts->run.run;
        for (const JobSaid &one : m_parts->jobs) {
            Job job = one.job;
            job.environment = m_parts->environments.value(one.checkRun);
            detail.jobs.append(job);
        }
        setTimes(detail.run, detail.jobs);
        m_client.memory().keepTimes(detail.run);
        tieJobs(detail);
        if (m_parts->file && detail.run.trigger.kind == TriggerKind::Schedule && m_parts->file->schedules.size() == 1)
            detail.run.trigger.cron = m_parts->file->schedules.constFirst(); // of several nobody says which
        detail.artifacts = m_parts->artifacts;
        for (RunArtifact &one : detail.artifacts)
            one.page = detail.run.page;
        detail.annotations = m_parts->annotations;
        detail.decisions = m_parts->decisions;
        detail.attempts = m_attempts;
        QStringList notes = m_parts->notes;
        if (isEarlier())
            notes.append(GitHubText::tr("GitHub does not tell which attempt left an artifact: they stand with the "
                                        "newest, attempt %1.")
                             .arg(m_attempts));
        if (m_attempts > 1 && !detail.decisions.isEmpty())
            notes.append(GitHubText::tr("GitHub does not tell in which attempt a gate was decided: all decisions about "
                                        "the run stand with each of them."));
        detail.note = notes.join(u' ');
        if (isEarlier()) // the address of the run shows its newest attempt
            detail.run.page = QUrl(detail.run.page.toString() + QStringLiteral("/attempts/%1").arg(m_wanted));
        setRights(detail);
        detail.readAt = QDateTime::currentDateTimeUtc();
        return detail;
    }

    GitHubClient &m_client;
    const RunRef m_ref;
    const int m_wanted; // attempt; 0: the newest
    const StopToken m_stop;
    int m_attempts = 1; // that the run has had so far
    const PartsPtr m_parts = std::make_shared<Parts>();
};

} // namespace

QFuture<Result<RunDetail>> readDetail(GitHubClient &client, const RunRef &ref, int attempt, const StopToken &stop)
{
    return std::make_shared<DetailReading>(client, ref, attempt, stop)->read();
}

} // namespace signalbox::github
