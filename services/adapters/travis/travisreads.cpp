#include "services/adapters/travis/travisreads.h"

#include "services/adapters/travis/travistext.h"

#include <QUrl>

#include <algorithm>

namespace signalbox::travis
{

namespace
{

constexpr int mostOnAPage = 100; // travis-api, paginator.rb

} // namespace

QByteArray pathPart(const QString &text)
{
    return QUrl::toPercentEncoding(text);
}

SecretHeader tokenHeader()
{
    return [](const Secret &secret) {
        return std::pair<QByteArray, QByteArray>("Authorization", "token " + secret.reveal());
    };
}

HttpHeaders travisHeaders()
{
    return {{"Travis-API-Version", "3"}, {"Accept", "application/json"}};
}

Reads::Reads(RestClient client)
    : m_client(std::move(client))
    , m_web(webOf(m_client.base()))
{}

// parse: const QByteArray &, const Reading & -> Result<T>
template <typename Parse>
auto Reads::read(const QByteArray &target, const QString &what, const StopToken &stop, Parse parse) const
{
    RestClient::Ask ask;
    ask.target = target;
    ask.what = what;
    return m_client.read(ask, stop,
                         [parse, connection = m_client.connection(), web = m_web](const HttpResponse &response) {
                             return parse(response.body, Reading{connection, web, response.receivedAt});
                         });
}

QFuture<Result<Pipeline>> Reads::repository(const QString &slug, const StopToken &stop) const
{
    return read("/repo/" + pathPart(slug), TravisText::tr("the repository %1").arg(slug), stop, parseRepository);
}

QFuture<Result<RepositoryPage>> Reads::repositories(int offset, const StopToken &stop) const
{
    return read("/repos?active=true&sort_by=name&limit=" + QByteArray::number(mostOnAPage) +
                    "&offset=" + QByteArray::number(offset),
                TravisText::tr("the repositories"), stop, parseRepositories);
}

QFuture<Result<QStringList>> Reads::crons(const QString &slug, const StopToken &stop) const
{
    return read("/repo/" + pathPart(slug) + "/crons", TravisText::tr("the crons of %1").arg(slug), stop,
                [](const QByteArray &body, const Reading &) { return parseCrons(body); });
}

QFuture<Result<RunPage>> Reads::builds(const QString &slug, const QString &branch, int count, const QString &after,
                                       const StopToken &stop) const
{
    QByteArray target = "/repo/" + pathPart(slug) + "/builds?sort_by=id:desc&include=build.jobs&limit=" +
                        QByteArray::number(std::clamp(count, 1, mostOnAPage));
    if (!branch.isEmpty())
        target += "&branch.name=" + pathPart(branch);
    if (!after.isEmpty())
        target += "&offset=" + pathPart(after);
    return read(target, TravisText::tr("the builds of %1").arg(slug), stop, parseBuilds);
}

QFuture<Result<BuildAnswer>> Reads::build(const QString &id, const StopToken &stop) const
{
    return read("/build/" + pathPart(id), TravisText::tr("the build %1").arg(id), stop, parseBuild);
}

QFuture<Result<QList<JobAnswer>>> Reads::jobs(const QString &build, const StopToken &stop) const
{
    // Names are in the configuration only (travis-api, spec/v3/services/jobs/find_spec.rb).
    return read("/build/" + pathPart(build) + "/jobs?include=job.config",
                TravisText::tr("the jobs of the build %1").arg(build), stop, parseJobs);
}

QFuture<Result<JobAnswer>> Reads::job(const QString &id, const StopToken &stop) const
{
    return read("/job/" + pathPart(id), TravisText::tr("the job %1").arg(id), stop, parseJob);
}

QFuture<Result<RequestAnswer>> Reads::request(const QString &slug, const QString &id, const StopToken &stop) const
{
    return read("/repo/" + pathPart(slug) + "/request/" + pathPart(id),
                TravisText::tr("the build request %1 of %2").arg(id, slug), stop,
                [](const QByteArray &body, const Reading &) { return parseRequest(body); });
}

QFuture<Result<QList<RequestAnswer>>> Reads::requests(const QString &slug, const StopToken &stop) const
{
    return read("/repo/" + pathPart(slug) + "/requests?limit=25", TravisText::tr("the build requests of %1").arg(slug),
                stop, [](const QByteArray &body, const Reading &) { return parseRequests(body); });
}

} // namespace signalbox::travis
