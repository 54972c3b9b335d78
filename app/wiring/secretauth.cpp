#include "app/wiring/secretauth.h"

#include "services/async/deliver.h"

#include <QDeadlineTimer>

#include <mutex>

namespace signalbox
{

namespace
{

constexpr int keepMs = 60000; // a rotated secret is seen after this at the latest

// Thread-safe: asked on the network thread, answered from wherever the store answers.
class SecretAuth : public std::enable_shared_from_this<SecretAuth>
{
public:
    SecretAuth(const MetricSpec &spec, SecretStore &secrets)
        : m_secrets(secrets)
        , m_reference(spec.bearer ? *spec.bearer : *spec.basicPassword)
        , m_user(spec.bearer ? QString() : spec.basicUser)
    {}

    QFuture<Result<HttpHeaders>> headers(StopToken stop)
    {
        {
            const std::lock_guard lock(m_mutex);
            if (!m_kept.isEmpty() && !m_expiry.hasExpired())
                return ready(Result<HttpHeaders>(headerOf(m_kept)));
        }
        return m_secrets.resolve(m_reference, stop)
            .then(QtFuture::Launch::Sync,
                  [self = shared_from_this()](const Result<ResolvedSecret> &answer) -> Result<HttpHeaders> {
                      if (!answer)
                          return answer.error();
                      const std::lock_guard lock(self->m_mutex);
                      self->m_kept = answer->value;
                      self->m_expiry = QDeadlineTimer(keepMs);
                      return self->headerOf(answer->value);
                  });
    }

    // A secret that was read anew after the refused request left is worth one more try.
    bool rejected(const HttpHeaders &used)
    {
        const std::lock_guard lock(m_mutex);
        if (m_kept.isEmpty())
            return false;
        const bool isRenewed = headerOf(m_kept) != used;
        m_kept = Secret();
        if (isRenewed)
            return true;
        const bool isFirst = !m_wasRejected;
        m_wasRejected = true;
        return isFirst;
    }

private:
    HttpHeaders headerOf(const Secret &secret) const
    {
        if (m_user.isNull())
            return {{"Authorization", "Bearer " + secret.reveal()}};
        return {{"Authorization", "Basic " + (m_user.toUtf8() + ':' + secret.reveal()).toBase64()}};
    }

    SecretStore &m_secrets;
    const SecretReference m_reference;
    const QString m_user; // null: a bearer token
    std::mutex m_mutex;
    Secret m_kept;
    QDeadlineTimer m_expiry;
    bool m_wasRejected = false;
};

} // namespace

std::shared_ptr<const HttpEndpoint> endpointFor(const MetricSpec &spec, SecretStore &secrets)
{
    auto endpoint = std::make_shared<HttpEndpoint>();
    endpoint->connection = spec.id;
    endpoint->base = spec.url;
    endpoint->caPem = spec.caPem;
    endpoint->insecureSkipVerify = spec.insecureSkipTlsVerify;
    if (spec.bearer || spec.basicPassword) {
        const auto auth = std::make_shared<SecretAuth>(spec, secrets);
        endpoint->authorise = [auth](StopToken stop) { return auth->headers(stop); };
        endpoint->credentialRejected = [auth](const HttpHeaders &used) { return auth->rejected(used); };
    }
    return endpoint;
}

} // namespace signalbox
