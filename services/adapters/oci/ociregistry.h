#pragma once

#include "services/adapters/oci/ocitokens.h"

#include <functional>
#include <memory>

namespace signalbox
{

// One registry that speaks the OCI distribution API v2 (distribution/distribution, Docker Hub, Quay, Harbor, GHCR ...).
// Every manifest and configuration is held against its digest before it is believed. Where the registry sends elsewhere
// for a blob, no credential goes along. Pull secrets of a cluster are not used. GUI thread; what comes is parsed on
// workers.
class OciRegistry : public ArtifactRegistry
{
    Q_OBJECT
public:
    // `http` and `secrets` outlive it.
    OciRegistry(oci::RegistryConfig config, HttpClient &http, SecretStore &secrets, QObject *parent = nullptr);
    ~OciRegistry() override;

    QString id() const override { return m_config.id; }
    QString address() const override;
    bool serves(const QString &repository) const override;
    QFuture<Result<Artifact>> describe(QString repository, QString reference, StopToken stop) override;
    QFuture<Result<QStringList>> tags(QString repository, StopToken stop) override;

private:
    struct Ask
    {
        QByteArray method = "GET";
        QString name;      // of the repository, without the host
        QByteArray target; // below the registry
        QString what;      // for a sentence: "team/cart:1.4.0"
        qint64 maxBody = 0;
        bool isManifest = false;
    };
    class Reading; // one description under way
    QFuture<Result<HttpResponse>> ask(const Ask &question, const StopToken &stop);
    QFuture<Result<HttpResponse>> send(const Ask &question, const QByteArray &authorization, const StopToken &stop);
    Result<HttpResponse> judged(const Ask &question, const Result<HttpResponse> &response) const;
    QFuture<Result<QStringList>> moreTags(const QString &name, const QByteArray &target, const QStringList &known,
                                          int page, const StopToken &stop);

    const oci::RegistryConfig m_config;
    HttpClient &m_http;
    std::shared_ptr<const HttpEndpoint> m_endpoint;
    oci::Tokens m_tokens;
    QHash<QString, Artifact> m_known; // by name and digest; never changes
};

} // namespace signalbox
