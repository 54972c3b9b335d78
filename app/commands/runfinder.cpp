#include "app/commands/runfinder.h"

#include "app/commands/commandstext.h"
#include "services/async/chain.h"

#include <algorithm>

namespace signalbox::commands
{

namespace
{

constexpr int lookedThrough = 100;     // before its id is asked for
constexpr int mostLookedThrough = 600; // for a number
constexpr qsizetype mostAsked = 12;    // pipelines, for a run that one of them has

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
        names.append(CommandsText::tr("and %1 more").arg(all.size() - most));
    return names.join(QStringLiteral(", "));
}

bool isApplication(const FoundPipeline &one, const QString &text)
{
    const QString project = one.pipeline.ref.project;
    return one.application == text || project == text || project.section(u'/', -1) == text;
}

bool isPipeline(const FoundPipeline &one, const QString &text)
{
    const QString project = one.pipeline.ref.project; // as it is shown where several fit
    return one.pipeline.title.compare(text, Qt::CaseInsensitive) == 0 || one.pipeline.ref.pipeline == text ||
           project == text;
}

bool isBranchJob(const FoundPipeline &one, const QString &text) // "main" of "shop/cart/main"
{
    return one.pipeline.ref.project.section(u'/', -1) == text;
}

// One RUN that is looked for, page by page.
struct Wanted
{
    QObject *context = nullptr;
    PipelineSource &source;
    PipelineRef pipeline;
    QString text; // empty: the newest
    StopToken stop;
    // That it is not there has to be certain: what could not be looked through, or be asked for, is another error.
    bool mustBeCertain = false;
    qint64 number() const // 0: it is none
    {
        const bool isNumber = std::all_of(text.cbegin(), text.cend(),
                                          [](QChar one) { return one >= QLatin1Char('0') && one <= QLatin1Char('9'); });
        return isNumber ? text.toLongLong() : 0;
    }
};

struct Looked
{
    int runs = 0;
    qint64 newest = 0; // number of the newest run; 0: none, or it is no number
    qint64 oldest = 0;
    QString next;
};

QFuture<Result<Run>> lookThrough(const Wanted &wanted, const Looked &looked);

QFuture<Result<Run>> notAmong(const Wanted &wanted, const Looked &looked)
{
    const QString sentence =
        wanted.text.isEmpty()
            ? CommandsText::tr("%1 has no run yet.").arg(wanted.pipeline.project)
            : CommandsText::tr("%1 has no run \"%2\" among its newest %3. \"signalbox runs\" lists them.")
                  .arg(wanted.pipeline.project, wanted.text)
                  .arg(looked.runs);
    const bool isCertain = looked.next.isEmpty() || (wanted.number() > 0 && looked.oldest <= wanted.number());
    const bool isInDoubt = wanted.mustBeCertain && !isCertain;
    return ready(Result<Run>(Error{isInDoubt ? ErrorKind::Unsupported : ErrorKind::NotFound, sentence, {}}));
}

// Numbers go down with age: as long as all that were seen are higher, it may come.
QFuture<Result<Run>> lookFurther(const Wanted &wanted, const Looked &looked)
{
    const bool mayCome = wanted.number() > 0 && looked.oldest > wanted.number() && looked.runs < mostLookedThrough;
    return mayCome && !looked.next.isEmpty() ? lookThrough(wanted, looked) : notAmong(wanted, looked);
}

// By its id, which needs no list. Where numbers are others than ids (GitHub, GitLab, Travis) a number that people have
// must not lead to another run that has it for its id: what is higher than all numbers can only be an id.
QFuture<Result<Run>> lookByItself(const Wanted &wanted, const Looked &looked)
{
    return afterAny(wanted.context, wanted.source.run({wanted.pipeline, wanted.text}, wanted.stop),
                    [wanted, looked](const Result<RunDetail> &detail) {
                        if (detail && (detail->run.number == wanted.text || wanted.number() > looked.newest))
                            return ready(Result<Run>(detail->run));
                        if (!detail && (detail.error().kind == ErrorKind::Unreachable ||
                                        detail.error().kind == ErrorKind::TimedOut ||
                                        detail.error().kind == ErrorKind::RateLimited ||
                                        (wanted.mustBeCertain && detail.error().kind != ErrorKind::NotFound)))
                            return ready(Result<Run>(detail.error()));
                        return lookFurther(wanted, looked);
                    });
}

QFuture<Result<Run>> lookThrough(const Wanted &wanted, const Looked &looked)
{
    RunQuery query;
    query.pipeline = wanted.pipeline;
    query.after = looked.next;
    return after(wanted.context, wanted.source.runs(query, wanted.stop), [wanted, looked](const RunPage &page) {
        const auto found = std::find_if(page.runs.cbegin(), page.runs.cend(), [&](const Run &run) {
            return wanted.text.isEmpty() || run.number == wanted.text || run.ref.id == wanted.text;
        });
        if (found != page.runs.cend())
            return ready(Result<Run>(*found));
        Looked now = looked;
        now.runs += static_cast<int>(page.runs.size());
        now.next = page.runs.isEmpty() ? QString() : page.next;
        for (const Run &run : page.runs) {
            const qint64 number = run.number.toLongLong();
            now.newest = std::max(now.newest, number);
            now.oldest = now.oldest == 0 ? number : std::min(now.oldest, number);
        }
        const bool isThrough = now.next.isEmpty() || now.runs >= lookedThrough;
        if (!isThrough)
            return lookThrough(wanted, now);
        if (looked.runs >= lookedThrough) // its id was asked for
            return lookFurther(wanted, now);
        return wanted.number() > 0 && now.runs > 0 ? lookByItself(wanted, now) : notAmong(wanted, now);
    });
}

} // namespace

QFuture<Result<FoundPipelines>> findPipelines(QObject *context, PipelineSet &servers,
                                              const std::optional<Workspace> &workspace, const Patience &patience,
                                              const StopToken &stop)
{
    QList<QFuture<Result<QList<Pipeline>>>> asked;
    QStringList connections;
    for (const auto &server : servers.all()) {
        asked.append(within(context, server->source().pipelines(stop), patience));
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
    const bool isNamed = std::any_of(left.cbegin(), left.cend(),
                                     [&](const FoundPipeline &one) { return isPipeline(one, wish.pipeline); });
    if (auto none = narrow(wish.pipeline, isNamed ? isPipeline : isBranchJob,
                           CommandsText::tr("There is no pipeline \"%1\". There are: %2.")))
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
    return Error{
        ErrorKind::Invalid,
        CommandsText::tr("Several pipelines fit: %1. Choose one by --pipeline or --connection.").arg(namesOf(*some)),
        {}};
}

QFuture<Result<Run>> findRun(QObject *context, PipelineSource &source, const PipelineRef &pipeline, const QString &text,
                             const StopToken &stop)
{
    const QString meant = text == QLatin1String("latest") ? QString() : text;
    return lookThrough({context, source, pipeline, meant, stop}, {});
}

QFuture<Result<FoundRun>> findRunAmong(QObject *context, PipelineSet &servers, const QList<FoundPipeline> &pipelines,
                                       const QString &text, const Error &which, const Patience &patience,
                                       const StopToken &stop)
{
    if (text == QLatin1String("latest") || pipelines.size() > mostAsked)
        return ready(Result<FoundRun>(which));
    QList<QFuture<Result<Run>>> asked;
    for (const FoundPipeline &one : pipelines) {
        PipelineServer *const server = servers.find(one.pipeline.ref.connection);
        if (!server)
            return ready(Result<FoundRun>(which));
        const Wanted wanted{context, server->source(), one.pipeline.ref, text, stop, true};
        asked.append(within(context, lookThrough(wanted, {}), patience));
    }
    return after(context, gathered(context, asked), [pipelines, text, which](const QList<Result<Run>> &answers) {
        std::optional<FoundRun> only;
        qsizetype without = 0;
        for (qsizetype i = 0; i < answers.size(); ++i) {
            const auto &answer = answers.at(i);
            if (!answer && answer.error().kind == ErrorKind::NotFound) {
                ++without;
                continue;
            }
            if (!answer || only) // which of them is meant is not known
                return ready(Result<FoundRun>(which));
            only = FoundRun{pipelines.at(i), *answer};
        }
        if (without == answers.size())
            return ready(Result<FoundRun>(
                Error{ErrorKind::NotFound,
                      CommandsText::tr("There is no run \"%1\" in any of: %2. \"signalbox runs\" lists them.")
                          .arg(text, namesOf(pipelines)),
                      {}}));
        return ready(only ? Result<FoundRun>(*only) : Result<FoundRun>(which));
    });
}

QFuture<Result<bool>> isOtherBranch(QObject *context, PipelineSource &source, const Pipeline &pipeline,
                                    const QString &ref, const StopToken &stop)
{
    if (ref.isEmpty() || pipeline.defaultBranch.isEmpty() || ref == pipeline.defaultBranch)
        return ready(Result<bool>(false));
    RunQuery query;
    query.pipeline = pipeline.ref;
    query.branch = ref;
    return afterAny(context, source.runs(query, stop), [ref](const Result<RunPage> &page) {
        bool isBranch = false;
        for (const Run &run : page.value_or(RunPage()).runs) {
            if (run.tag == ref)
                return ready(Result<bool>(false));
            isBranch = isBranch || (run.branch == ref && run.tag.isEmpty());
        }
        return ready(Result<bool>(isBranch));
    });
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
