#include "services/sandbox/ci/github/githubanswers.h"
#include "services/sandbox/ci/github/storedzip.h"

namespace signalbox::sandbox::ci::github
{

namespace
{

struct Made
{
    RunRecord run;
    Artifact artifact;
};

std::optional<Made> madeBy(const CiWorld &world, std::int64_t id)
{
    // CiWorld::artifacts: an artifact's id tells the job that made it, and counts on through the run.
    for (std::int64_t job = id / 8, back = 0; back < 4; ++back) {
        const auto run = world.runOfJob(job - back);
        if (!run || run->vendor != Vendor::GitHub)
            continue;
        for (const Artifact &one : world.artifacts(run->id)) {
            if (one.id == id)
                return Made{*run, one};
        }
    }
    return std::nullopt;
}

} // namespace

LoopbackReply artifacts(const Question &ask, const RunRecord &run)
{
    std::vector<Json> all;
    for (const Artifact &one : ask.world.artifacts(run.id))
        all.push_back(artifactBody(ask.site, run, one));
    return listed(ask, "artifacts", all);
}

LoopbackReply artifactAnswer(const Question &ask)
{
    const auto made = madeBy(ask.world, idIn(ask.rest[2]));
    if (!made || made->run.project != ask.project || !ask.isGet())
        return notFound();
    if (ask.rest.size() == 3)
        return said(200, artifactBody(ask.site, made->run, made->artifact));
    if (!ask.is(4, {{3, "zip"}}))
        return notFound();
    return artifactAddress(ask, made->artifact.id);
}

// A note of what it is takes the place of its many megabytes.
LoopbackReply artifactArchive(const CiWorld &world, std::int64_t id)
{
    const auto made = madeBy(world, id);
    if (!made)
        return notFound();
    const JobRun *job = made->run.job(made->artifact.job);
    LoopbackReply reply;
    reply.contentType = "application/zip";
    reply.body = storedZip({{"about.txt", made->artifact.name + " of " + (job ? job->name : std::string()) +
                                              ", commit " + made->run.commit + '\n'}});
    return reply;
}

} // namespace signalbox::sandbox::ci::github
