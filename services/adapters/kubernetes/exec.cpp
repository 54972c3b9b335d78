#include "services/adapters/kubernetes/exec.h"

#include "services/adapters/kubernetes/execplugintext.h"
#include "services/adapters/kubernetes/execrun.h"
#include "services/adapters/kubernetes/jsonfields.h"
#include "services/adapters/kubernetes/waiters.h"
#include "services/async/deliver.h"

#include <QRegularExpression>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <mutex>
#include <utility>

namespace signalbox::kubernetes
{

namespace
{

using Json = nlohmann::json;

constexpr qint64 newEnoughMs = 2'000; // a certificate refused that soon was sent before it was renewed

Error garbage(const ExecPlugin &plugin, const QString &expected, const QString &found)
{
    return {ErrorKind::Unauthorized,
            ExecPluginText::tr(
                "The credential plugin \"%1\" of the user \"%2\" should have printed %3, but printed %4. Run it "
                "in a terminal to see "
                "what it says, and check its version. (%5)")
                .arg(plugin.command, plugin.user, expected, found, plugin.place),
            {}};
}

} // namespace

QString firstLineRedacted(const QByteArray &output, const QList<Secret> &known)
{
    QString text = QString::fromUtf8(output.left(4096));
    for (const Secret &secret : known) {
        if (secret.reveal().size() >= 6)
            text.replace(QString::fromUtf8(secret.reveal()), QStringLiteral("***"));
    }
    QString line;
    const QStringList lines = text.split(QRegularExpression(QStringLiteral("[\\r\\n]")));
    for (const QString &candidate : lines) {
        if (line.isEmpty())
            line = candidate.simplified();
    }
    static const QRegularExpression named(
        QStringLiteral("\\b(\\w*(?:token|password|passwd|secret|credential|api[_-]?key|authorization)\\w*[\"']?\\s*[=:]"
                       "\\s*)(?:Bearer\\s+|Basic\\s+)?[^\\s,;]+"),
        QRegularExpression::CaseInsensitiveOption);
    static const QRegularExpression bearer(QStringLiteral("\\b(Bearer|Basic)\\s+[^\\s,;]+"),
                                           QRegularExpression::CaseInsensitiveOption);
    static const QRegularExpression userInfo(QStringLiteral("(\\w+://)[^/\\s@]+@"));
    // A long word of letters and digits is a key, not prose.
    static const QRegularExpression opaque(
        QStringLiteral("(?=[\\w+=.-]*[0-9])(?=[\\w+=.-]*[A-Za-z])[\\w+=-]{20,}(?:\\.[\\w+=-]+)*"));
    line.replace(named, QStringLiteral("\\1***"));
    line.replace(bearer, QStringLiteral("\\1 ***"));
    line.replace(userInfo, QStringLiteral("\\1***@"));
    line.replace(opaque, QStringLiteral("***"));
    return line.left(300);
}

QByteArray execInfo(const ExecSetup &setup)
{
    Json spec = {{"interactive", setup.hasTerminal && setup.plugin.interaction != ExecPlugin::Interaction::Never}};
    if (setup.plugin.provideClusterInfo && !setup.clusterInfo.isEmpty())
        spec["cluster"] = Json::parse(setup.clusterInfo.cbegin(), setup.clusterInfo.cend(), nullptr, false);
    const Json info = {
        {"kind", "ExecCredential"}, {"apiVersion", setup.plugin.apiVersion.toStdString()}, {"spec", std::move(spec)}};
    return QByteArray::fromStdString(info.dump(-1, ' ', false, Json::error_handler_t::replace));
}

Result<ExecCredential> parseExecCredential(const QByteArray &output, const ExecPlugin &plugin)
{
    const QString wanted = ExecPluginText::tr("an ExecCredential as JSON");
    const Json object = Json::parse(output.cbegin(), output.cend(), nullptr, false);
    if (!object.is_object())
        return garbage(plugin, wanted,
                       output.trimmed().isEmpty() ? ExecPluginText::tr("nothing")
                                                  : ExecPluginText::tr("something else"));
    if (textOf(object, "kind") != u"ExecCredential")
        return garbage(plugin, wanted, ExecPluginText::tr("another kind of object"));
    const QString version = textOf(object, "apiVersion");
    if (version != plugin.apiVersion)
        return garbage(plugin, ExecPluginText::tr("version %1").arg(plugin.apiVersion),
                       ExecPluginText::tr("version \"%1\"").arg(version.left(60)));
    const auto status = object.find("status");
    if (status == object.end() || !status->is_object())
        return garbage(plugin, ExecPluginText::tr("a status"), ExecPluginText::tr("none"));
    ExecCredential credential;
    credential.token = Secret(textOf(*status, "token").toUtf8());
    const QByteArray certificate = textOf(*status, "clientCertificateData").toUtf8();
    const QByteArray key = textOf(*status, "clientKeyData").toUtf8();
    if (certificate.isEmpty() != key.isEmpty())
        return garbage(plugin, ExecPluginText::tr("a certificate together with its key"),
                       ExecPluginText::tr("only one of them"));
    if (!certificate.isEmpty())
        credential.certificate = ClientCertificate{certificate, Secret(key)};
    if (credential.token.isEmpty() && !credential.certificate)
        return garbage(plugin, ExecPluginText::tr("a token or a client certificate"), ExecPluginText::tr("neither"));
    const QString expires = textOf(*status, "expirationTimestamp");
    if (!expires.isEmpty()) {
        credential.expires = QDateTime::fromString(expires, Qt::ISODateWithMs).toUTC();
        if (!credential.expires.isValid())
            return garbage(plugin, ExecPluginText::tr("an expirationTimestamp such as 2030-01-31T12:00:00Z"),
                           ExecPluginText::tr("another text"));
    }
    return credential;
}

struct ExecCredentials::State
{
    explicit State(ExecSetup given)
        : setup(std::move(given))
    {}

    const ExecSetup setup;
    Waiters<ExecCredential> waiting;
    mutable std::mutex mutex; // of what follows
    std::optional<ExecCredential> current;
    QDateTime obtained;
    std::optional<Error> failure;
    QDateTime failed;
    QByteArray refusedToken; // the server said no to it; the plugin may give it again
    QDateTime refused;
    std::unique_ptr<ExecRun> run;
    bool isRunning = false;

    bool isGood(const QDateTime &now) const
    {
        if (!current)
            return false;
        if (!current->expires.isValid())
            return true;
        // A little early, so that it does not expire on its way; but a short-lived one is used all the same.
        const qint64 margin = std::clamp<qint64>(obtained.msecsTo(current->expires) / 10, 0, 10'000);
        return now < current->expires.addMSecs(-margin);
    }

    void take(const Result<ExecCredential> &result)
    {
        {
            const std::lock_guard lock(mutex);
            isRunning = false;
            const QDateTime now = QDateTime::currentDateTimeUtc();
            if (result) {
                current = *result;
                obtained = now;
                failure.reset();
            } else {
                failure = result.error();
                failed = now;
            }
        }
        waiting.answer(result);
    }
};

ExecCredentials::ExecCredentials(ExecSetup setup)
    : m_state(std::make_shared<State>(std::move(setup)))
{}

ExecCredentials::~ExecCredentials()
{
    m_state->waiting.answer(Error{ErrorKind::Cancelled, {}, {}});
    std::unique_ptr<ExecRun> run;
    {
        const std::lock_guard lock(m_state->mutex);
        run = std::move(m_state->run);
    }
    run.reset(); // ends the plugin; its take() may need the lock
}

QFuture<Result<ExecCredential>> ExecCredentials::credential(StopToken stop)
{
    const auto state = m_state;
    std::unique_ptr<ExecRun> previous; // ended; freed outside the lock
    const std::lock_guard lock(state->mutex);
    const QDateTime now = QDateTime::currentDateTimeUtc();
    if (state->isGood(now))
        return ready(Result<ExecCredential>(*state->current));
    if (!state->isRunning && state->failure && state->failed.msecsTo(now) < state->setup.failureIsKept.count() &&
        state->failed <= now)
        return ready(Result<ExecCredential>(*state->failure));
    const QFuture<Result<ExecCredential>> answer = state->waiting.add(stop);
    if (!std::exchange(state->isRunning, true)) {
        previous = std::move(state->run);
        const std::weak_ptr<State> weak = state;
        state->run = std::make_unique<ExecRun>(state->setup, [weak](const Result<ExecCredential> &result) {
            if (const auto alive = weak.lock())
                alive->take(result);
        });
    }
    return answer;
}

bool ExecCredentials::rejected(const QByteArray &token)
{
    const std::lock_guard lock(m_state->mutex);
    if (!m_state->current)
        return true; // being renewed already
    const QDateTime now = QDateTime::currentDateTimeUtc();
    const QByteArray present = m_state->current->token.reveal();
    if (token.isEmpty() || present.isEmpty()) {
        if (m_state->obtained.msecsTo(now) < newEnoughMs)
            return true;
    } else if (token != present) {
        return true; // renewed since that request left
    }
    // The plugin gave the same one again: asking it at each request would only start it over and over.
    const bool isOldStory = m_state->refused.isValid() && m_state->refusedToken == present &&
                            m_state->refused.msecsTo(now) < m_state->setup.failureIsKept.count();
    if (isOldStory)
        return false;
    m_state->refusedToken = present;
    m_state->refused = now;
    m_state->current.reset();
    return true;
}

std::optional<ClientCertificate> ExecCredentials::certificate() const
{
    const std::lock_guard lock(m_state->mutex);
    return m_state->current ? m_state->current->certificate : std::nullopt;
}

} // namespace signalbox::kubernetes
