#include "services/net/secretheader.h"

#include "services/async/deliver.h"
#include "services/async/whenended.h"

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
    SecretAuth(SecretReference reference, SecretHeader header, SecretStore &secrets)
        : m_secrets(secrets)
        , m_reference(std::move(reference))
        , m_header(std::move(header))
    {}

    QFuture<Result<HttpHeaders>> headers(StopToken stop)
    {
        {
            const std::lock_guard lock(m_mutex);
            if (!m_kept.isEmpty() && !m_expiry.hasExpired())
                return ready(Result<HttpHeaders>(headerOf(m_kept)));
        }
        return continued(m_secrets.resolve(m_reference, stop),
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
    HttpHeaders headerOf(const Secret &secret) const { return {m_header(secret)}; }

    SecretStore &m_secrets;
    const SecretReference m_reference;
    const SecretHeader m_header;
    std::mutex m_mutex;
    Secret m_kept;
    QDeadlineTimer m_expiry;
    bool m_wasRejected = false;
};

} // namespace

void showSecret(HttpEndpoint &endpoint, const SecretReference &reference, SecretHeader header, SecretStore &secrets)
{
    const auto auth = std::make_shared<SecretAuth>(reference, std::move(header), secrets);
    endpoint.authorise = [auth](StopToken stop) { return auth->headers(stop); };
    endpoint.credentialRejected = [auth](const HttpHeaders &used) { return auth->rejected(used); };
}

SecretHeader bearerHeader()
{
    return [](const Secret &secret) {
        return std::pair<QByteArray, QByteArray>("Authorization", "Bearer " + secret.reveal());
    };
}

SecretHeader basicHeader(const QString &user)
{
    return [user](const Secret &secret) {
        return std::pair<QByteArray, QByteArray>("Authorization",
                                                 "Basic " + (user.toUtf8() + ':' + secret.reveal()).toBase64());
    };
}

} // namespace signalbox
