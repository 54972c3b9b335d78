#include "services/sandbox/ci/github/githubanswers.h"
#include "services/sandbox/ci/github/storedzip.h"

namespace signalbox::sandbox::ci::github
{

namespace
{

const std::string logsAt = "/_logs/";
const std::string archivesAt = logsAt + "runs/";
const std::string artifactsAt = logsAt + "artifacts/";

bool hasLog(const JobRun &job) // none before the end
{
    return isEnded(job.phase) && job.phase != Phase::Skipped;
}

LoopbackReply sentTo(const Question &ask, const std::string &path)
{
    LoopbackReply reply;
    reply.status = 302;
    reply.headers.emplace_back("Location", (ask.logHost.empty() ? ask.site.web : ask.logHost) + path);
    return reply;
}

// step: its index; below 0: of all.
std::string textOf(const std::vector<LogLine> &lines, int step)
{
    static const char *const marks[] = {"", "[command]", "##[group]", "##[endgroup]", "##[warning]", "##[error]"};
    std::string text;
    for (const LogLine &line : lines) {
        if (step < 0 || line.step == step)
            text += isoTime(line.atMs, true) + ' ' + marks[static_cast<int>(line.kind)] + line.text + '\n';
    }
    return text;
}

// What a folder's name cannot have is left out (github.com/cli/cli, issue 5011).
std::string nameOfFile(const std::string &name)
{
    std::string allowed;
    for (const char c : name) {
        if (std::string("/\\:*?\"<>|").find(c) == std::string::npos)
            allowed += c;
    }
    return allowed;
}

// "0_build.txt" with all of a job, "build/1_Set up job.txt" with one of its steps.
std::string archiveOf(const CiWorld &world, const RunRecord &run)
{
    std::vector<std::pair<std::string, std::string>> files;
    int number = 0;
    for (const JobRun &job : run.jobs) {
        if (!isListed(job) || !hasLog(job))
            continue;
        const std::vector<LogLine> lines = world.log(job.id);
        const std::string folder = nameOfFile(job.name);
        files.emplace_back(std::to_string(number++) + '_' + folder + ".txt", textOf(lines, -1));
        for (std::size_t i = 0; i < job.steps.size(); ++i) {
            const std::string text = textOf(lines, static_cast<int>(i));
            if (!text.empty())
                files.emplace_back(folder + '/' + std::to_string(i + 1) + '_' + nameOfFile(job.steps[i].name) + ".txt",
                                   text);
        }
    }
    return storedZip(files);
}

} // namespace

LoopbackReply jobLogAddress(const Question &ask, const JobRun &job)
{
    return hasLog(job) ? sentTo(ask, logsAt + std::to_string(job.id)) : notFound();
}

LoopbackReply runLogAddress(const Question &ask, const RunRecord &run)
{
    const std::string name = std::to_string(run.id) + '.' + std::to_string(run.attempt);
    return isEnded(run.phase) ? sentTo(ask, archivesAt + name) : notFound();
}

bool isLogAddress(const std::string &path)
{
    return path.rfind(logsAt, 0) == 0;
}

LoopbackReply artifactAddress(const Question &ask, std::int64_t id)
{
    return sentTo(ask, artifactsAt + std::to_string(id));
}

LoopbackReply logAt(const CiWorld &world, const std::string &path)
{
    if (path.rfind(artifactsAt, 0) == 0)
        return artifactArchive(world, idIn(path.substr(artifactsAt.size())));
    LoopbackReply reply;
    if (path.rfind(archivesAt, 0) != 0) {
        reply.contentType = "text/plain; charset=utf-8";
        reply.body = textOf(world.log(idIn(path.substr(logsAt.size()))), -1);
        return reply;
    }
    const std::string name = path.substr(archivesAt.size()); // "RUN.ATTEMPT"
    const std::size_t point = std::min(name.find('.'), name.size());
    const auto run =
        world.run(idIn(name.substr(0, point)), static_cast<int>(idIn(name.substr(std::min(point + 1, name.size())))));
    if (!run || run->vendor != Vendor::GitHub)
        return notFound();
    reply.contentType = "application/zip";
    reply.body = archiveOf(world, *run);
    return reply;
}

} // namespace signalbox::sandbox::ci::github
