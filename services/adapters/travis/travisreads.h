#pragma once

#include "services/adapters/travis/travisanswer.h"
#include "services/pipelines/restclient.h"

namespace signalbox::travis
{

// "acme/cart" as one part of a path, which Travis CI wants (docs.travis-ci.com, "Triggering builds with API V3").
QByteArray pathPart(const QString &text);
// The header that shows the token: "Authorization: token T".
SecretHeader tokenHeader();
HttpHeaders travisHeaders(); // of every request

// The questions to one server. Any thread; answers are parsed on workers.
class Reads
{
public:
    explicit Reads(RestClient client);

    QFuture<Result<Pipeline>> repository(const QString &slug, const StopToken &stop) const;
    QFuture<Result<RepositoryPage>> repositories(int offset, const StopToken &stop) const;
    QFuture<Result<QStringList>> crons(const QString &slug, const StopToken &stop) const;
    // `after` is RunPage::next.
    QFuture<Result<RunPage>> builds(const QString &slug, const QString &branch, int count, const QString &after,
                                    const StopToken &stop) const;
    QFuture<Result<BuildAnswer>> build(const QString &id, const StopToken &stop) const;
    QFuture<Result<QList<JobAnswer>>> jobs(const QString &build, const StopToken &stop) const;
    QFuture<Result<JobAnswer>> job(const QString &id, const StopToken &stop) const;
    QFuture<Result<RequestAnswer>> request(const QString &slug, const QString &id, const StopToken &stop) const;
    QFuture<Result<QList<RequestAnswer>>> requests(const QString &slug, const StopToken &stop) const; // the newest

    const RestClient &client() const { return m_client; }
    const Web &web() const { return m_web; }

private:
    template <typename Parse>
    auto read(const QByteArray &target, const QString &what, const StopToken &stop, Parse parse) const;

    RestClient m_client;
    Web m_web;
};

} // namespace signalbox::travis
