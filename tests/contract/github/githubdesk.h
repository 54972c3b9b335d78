#pragma once

#include "services/adapters/github/githubserver.h"
#include "services/adapters/github/githubsource.h"
#include "services/async/deliver.h"
#include "tests/support/httpwait.h"

// What every test of the adapter for GitHub needs.
namespace signalbox::test
{

inline QString u(const char *text)
{
    return QString::fromUtf8(text);
}

// Gives every reference the same token.
class OneToken : public SecretStore
{
public:
    explicit OneToken(QByteArray value)
        : m_value(std::move(value))
    {}
    QFuture<Result<ResolvedSecret>> resolve(SecretReference, StopToken) override
    {
        return ready(Result<ResolvedSecret>(ResolvedSecret{Secret(m_value), {}}));
    }
    QFuture<Result<void>> keep(SecretReference, Secret, StopToken) override { return ready(Result<void>()); }

private:
    const QByteArray m_value;
};

inline PipelineServerConfig githubAt(const QUrl &url, const QStringList &projects, const QByteArray &caPem = {})
{
    PipelineServerConfig config;
    config.id = u("gh");
    config.url = url;
    config.caPem = caPem;
    config.bearer = SecretReference{SecretReference::Kind::Environment, u("X"), {}};
    config.projects = projects;
    return config;
}

inline QString messageOf(const Error &error)
{
    return QStringLiteral("%1: %2 / %3").arg(errorKindName(error.kind), error.message, error.detail);
}

#define GOT(name, future)                                                                                              \
    const auto name = waitFor(future);                                                                                 \
    QVERIFY2(name, name ? "" : qPrintable(messageOf(name.error())))

} // namespace signalbox::test
