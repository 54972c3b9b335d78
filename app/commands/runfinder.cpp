#include "app/commands/runfinder.h"

#include "app/commands/commandstext.h"
#include "services/async/chain.h"

#include <algorithm>

namespace signalbox::commands
{

namespace
{

constexpr int lookedThrough = 100;

QString nameOf(const FoundPipeline &one)
{
    return QStringLiteral("%1 (%2, %3)").arg(one.pipeline.title, one.pipeline.ref.project, one.pipeline.ref.connection);
}

QString namesOf(const QList<FoundPipeline> &all)
{
    constexpr qsizetype most = 12;
    QStringList names;
    for (const FoundPipeline &one : all.mid(0, most))
        names.append(nameOf(one));
    if (all.size() > most)
        names.append(QStringLiteral("..."));
    return names.join(QStringLiteral(", "));
}

bool isApplication(const FoundPipeline &one, const QString &text)
{
    const QString project = one.pipeline.ref.project;
    return one.application == text || project == text || project.section(u'/', -1) == text;
}

bool isPipeline(const FoundPipeline &one, const QString &text)
{
    return one.pipeline.title.compare(text, Qt::CaseInsensitive) == 0 || one.pipeline.ref.pipeline == text ||
           one.pipeline.ref.project == text; // as it is shown where several are meant
}

QFuture<Result<Run>> lookThrough(QObject *context, PipelineSource &source, const RunQuery &query, const QString &text,
                                 int seen, const StopToken &stop)
{
    return after(context, source.runs(query, stop), [=, &source](const RunPage &page) {
        const auto found = std::find_if(page.runs.cbegin(), page.runs.cend(), [&](const Run &run) {
            return text.isEmpty() || run.number == text || run.ref.id == text;
        });
        if (found != page.runs.cend())
            return ready(Result<Run>(*found));
        const int total = seen + static_cast<int>(page.runs.size());
        if (page.next.isEmpty() || page.runs.isEmpty() || total >= lookedThrough) {
            const QString sentence =
                text.isEmpty()
                    ? CommandsText::tr("%1 has no run yet.").arg(query.pipeline.project)
                    : CommandsText::tr("%1 has no run \"%2\" among its newest %3. \"signalbox runs\" lists them.")
                          .arg(query.pipeline.project, text)
                          .arg(total);
            return ready(Result<Run>(Error{ErrorKind::NotFound, sentence, {}}));
        }
        RunQuery next = query;
        next.after = page.next;
        return lookThrough(context, source, next, text, total, stop);
    });
}

} // namespace

QFuture<Result<FoundPipelines>> findPipelines(QObject *context, PipelineSet &servers,
                                              const std::optional<Workspace> &workspace, const StopToken &stop)
{
    QList<QFuture<Result<QList<Pipeline>>>> asked;
    QStringList connections;
    for (const auto &server : servers.all()) {
        asked.append(server->source().pipelines(stop));
        connections.append(server->source().connection());
    }
    return after(context, gathered(context, asked), [=](const QList<Result<QList<Pipeline>>> &answers) {
        FoundPipelines found;
        for (qsizetype i = 0; i < answers.size(); ++i) {
            if (!answers.at(i)) {
                found.problems.append({connections.at(i), answers.at(i).error()});
                continue;
            }
            for (const Pipeline &pipeline : *answers.at(i))
                found.pipelines.append(
                    {pipeline,
                     workspace ? workspace->applicationOf(pipeline.ref.connection, pipeline.ref.project) : QString()});
        }
        return ready(Result<FoundPipelines>(found));
    });
}

Result<QList<FoundPipeline>> matching(const QList<FoundPipeline> &all, const PipelineWish &wish)
{
    QList<FoundPipeline> left = all;
    const auto narrow = [&left](const QString &text, auto fits, const QString &sentence) -> std::optional<Error> {
        if (text.isEmpty())
            return std::nullopt;
        QList<FoundPipeline> some;
        std::copy_if(left.cbegin(), left.cend(), std::back_inserter(some),
                     [&](const FoundPipeline &one) { return fits(one, text); });
        if (some.isEmpty())
            return Error{ErrorKind::NotFound, sentence.arg(text, namesOf(left)), {}};
        left = some;
        return std::nullopt;
    };
    const auto isConnection = [](const FoundPipeline &one, const QString &text) {
        return one.pipeline.ref.connection == text;
    };
    if (auto none = narrow(wish.connection, isConnection,
                           CommandsText::tr("No connection \"%1\" has a pipeline that can be read. There are: %2.")))
        return *none;
    if (auto none =
            narrow(wish.application, isApplication,
                   CommandsText::tr("No pipeline builds \"%1\", as far as the workspace and the projects' names "
                                    "tell. There are: %2.")))
        return *none;
    if (auto none = narrow(wish.pipeline, isPipeline, CommandsText::tr("There is no pipeline \"%1\". There are: %2.")))
        return *none;
    return left;
}

Result<FoundPipeline> onlyOne(const QList<FoundPipeline> &all, const PipelineWish &wish)
{
    const auto some = matching(all, wish);
    if (!some)
        return some.error();
    if (some->size() == 1)
        return some->first();
    if (some->isEmpty())
        return Error{ErrorKind::NotFound, CommandsText::tr("No connection of the workspace has a pipeline."), {}};
    return Error{ErrorKind::Invalid,
                 CommandsText::tr("Several pipelines are meant: %1. Choose one by --pipeline or --connection.")
                     .arg(namesOf(*some)),
                 {}};
}

QFuture<Result<Run>> findRun(QObject *context, PipelineSource &source, const PipelineRef &pipeline, const QString &text,
                             const StopToken &stop)
{
    RunQuery query;
    query.pipeline = pipeline;
    return lookThrough(context, source, query, text == QLatin1String("latest") ? QString() : text, 0, stop);
}

Result<Job> jobNamed(const RunDetail &detail, const QString &text)
{
    QList<Job> alike;
    QStringList names;
    for (const Job &job : detail.jobs) {
        if (job.id == text)
            return job;
        if (job.name == text)
            alike.append(job);
        names.append(job.name);
    }
    if (alike.size() == 1)
        return alike.first();
    if (alike.isEmpty())
        return Error{
            ErrorKind::NotFound,
            CommandsText::tr("The run has no job \"%1\". There are: %2.").arg(text, names.join(QStringLiteral(", "))),
            {}};
    QStringList ids;
    for (const Job &job : std::as_const(alike))
        ids.append(job.id);
    return Error{ErrorKind::Invalid,
                 CommandsText::tr("Several jobs of the run are called \"%1\": choose one by its id. There are: %2.")
                     .arg(text, ids.join(QStringLiteral(", "))),
                 {}};
}

} // namespace signalbox::commands
