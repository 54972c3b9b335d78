#include "services/adapters/kubernetes/lease.h"

#include "services/adapters/kubernetes/planbasics.h"

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QSysInfo>

namespace signalbox::kubernetes
{

struct KubernetesLocker::State
{
    ClientPtr client;
    QString holder;
};

namespace
{

struct KubernetesLockText
{
    Q_DECLARE_TR_FUNCTIONS(KubernetesLock)
};

QString microTime(const QDateTime &at)
{
    return at.toUTC().toString(QStringLiteral("yyyy-MM-ddTHH:mm:ss.zzz")) + QStringLiteral("000Z");
}

QString ownName()
{
    QString user = qEnvironmentVariable("USER");
    if (user.isEmpty())
        user = qEnvironmentVariable("USERNAME");
    return QStringLiteral("%1@%2/%3")
        .arg(user.isEmpty() ? QStringLiteral("unknown") : user, QSysInfo::machineHostName())
        .arg(QCoreApplication::applicationPid());
}

// What one attempt works with; copied into the continuations.
struct Attempt
{
    ClientPtr client;
    QString holder;
    QByteArray collection; // path of the namespace's Leases
    QString name;
    QString application;
    QString purpose;
    bool preempt = false;
    StopToken stop;

    QByteArray path() const { return collection + '/' + encoded(name); }
    QDateTime now() const { return QDateTime::currentDateTimeUtc().addMSecs(client->clockSkewMs()); }
};

QFuture<Result<Attempt>> prepared(const ClientPtr &client, const QString &holder, const QString &ns,
                                  const QString &application, const StopToken &stop)
{
    return mapped(client->discover(stop), [=](const Discovery &discovery) -> Result<Attempt> {
        const auto leases = resourceOf(discovery, QStringLiteral("Lease"));
        if (!leases)
            return leases.error();
        Attempt attempt;
        attempt.client = client;
        attempt.holder = holder;
        attempt.collection = leases->path(ns);
        attempt.name = KubernetesLocker::leaseName(application);
        attempt.application = application;
        attempt.stop = stop;
        return attempt;
    });
}

Json heldLease(const Attempt &attempt, const Json &before)
{
    Json lease = before;
    if (!lease.is_object()) {
        lease = {{"apiVersion", "coordination.k8s.io/v1"},
                 {"kind", "Lease"},
                 {"metadata",
                  {{"name", attempt.name.toStdString()}, {"labels", {{"app.kubernetes.io/managed-by", "signalbox"}}}}}};
    }
    const std::string now = microTime(attempt.now()).toStdString();
    const bool isTaken = textAt(lease, "/spec/holderIdentity") != attempt.holder;
    lease["metadata"]["annotations"]["signalbox/application"] = attempt.application.toStdString();
    lease["metadata"]["annotations"]["signalbox/purpose"] = attempt.purpose.toStdString();
    Json &spec = lease["spec"];
    if (isTaken || !spec.contains("acquireTime"))
        spec["acquireTime"] = now;
    if (isTaken)
        spec["leaseTransitions"] = numberAt(before, "/spec/leaseTransitions", -1) + 1;
    spec["holderIdentity"] = attempt.holder.toStdString();
    spec["leaseDurationSeconds"] = KubernetesLocker::duration.count();
    spec["renewTime"] = now;
    return lease;
}

QFuture<Result<HttpResponse>> put(const Attempt &attempt, const Json &lease)
{
    return attempt.client->write("PUT", attempt.path(), "application/json", dump(lease), false, attempt.stop);
}

RemoteLock unshared(const Error &error)
{
    return {false, KubernetesLockText::tr("Other operators are not kept out: %1").arg(error.message), {}};
}

Error heldError(const Attempt &attempt, const QString &holder, const Json &lease)
{
    const QString purpose = textAt(lease, "/metadata/annotations/signalbox~1purpose");
    return {
        ErrorKind::Refused,
        KubernetesLockText::tr(
            "%1 holds %2 for an operation of their own%3. Wait until it is over, or go back, which takes precedence.")
            .arg(holder, attempt.application, purpose.isEmpty() ? QString() : QStringLiteral(" (%1)").arg(purpose)),
        holder};
}

QFuture<Result<RemoteLock>> tryAcquire(const Attempt &attempt, int triesLeft);

// Somebody was faster: look again who it is now.
QFuture<Result<RemoteLock>> written(const QFuture<Result<HttpResponse>> &write, const Attempt &attempt, int triesLeft)
{
    return afterwards(write, [attempt, triesLeft](const Result<HttpResponse> &answer) -> QFuture<Result<RemoteLock>> {
        if (answer)
            return ready(Result<RemoteLock>(RemoteLock{true, {}, attempt.holder}));
        const ErrorKind kind = answer.error().kind;
        if (kind == ErrorKind::Forbidden || kind == ErrorKind::Unsupported)
            return ready(Result<RemoteLock>(unshared(answer.error())));
        if ((kind == ErrorKind::Conflict || kind == ErrorKind::OutcomeUnknown || kind == ErrorKind::NotFound) &&
            triesLeft > 0)
            return tryAcquire(attempt, triesLeft - 1);
        return ready(Result<RemoteLock>(answer.error()));
    });
}

QFuture<Result<RemoteLock>> tryAcquire(const Attempt &attempt, int triesLeft)
{
    return afterwards(fetch(attempt.client, attempt.path(), attempt.stop),
                      [=](const Result<Json> &found) -> QFuture<Result<RemoteLock>> {
                          if (!found && found.error().kind == ErrorKind::NotFound) {
                              const QFuture<Result<HttpResponse>> made =
                                  attempt.client->write("POST", attempt.collection, "application/json",
                                                        dump(heldLease(attempt, {})), false, attempt.stop);
                              return written(made, attempt, triesLeft);
                          }
                          if (!found && found.error().kind == ErrorKind::Forbidden)
                              return ready(Result<RemoteLock>(unshared(found.error())));
                          if (!found)
                              return ready(Result<RemoteLock>(found.error()));
                          const QString holder = holderOf(*found, attempt.now());
                          if (!holder.isEmpty() && holder != attempt.holder && !attempt.preempt)
                              return ready(Result<RemoteLock>(heldError(attempt, holder, *found)));
                          return written(put(attempt, heldLease(attempt, *found)), attempt, triesLeft);
                      });
}

QFuture<Result<void>> asVoid(const QFuture<Result<HttpResponse>> &answer)
{
    return mapped(answer, [](const HttpResponse &) { return Result<void>(); });
}

} // namespace

QString holderOf(const Json &lease, const QDateTime &now)
{
    const QString holder = textAt(lease, "/spec/holderIdentity");
    const QDateTime renewed =
        QDateTime::fromString(textAt(lease, "/spec/renewTime").left(23) + u'Z', Qt::ISODateWithMs);
    if (holder.isEmpty() || !renewed.isValid())
        return {};
    return renewed.addSecs(numberAt(lease, "/spec/leaseDurationSeconds")) < now ? QString() : holder;
}

KubernetesLocker::KubernetesLocker(std::shared_ptr<KubeClient> client, QString holder)
    : d(std::make_shared<State>(State{std::move(client), holder.isEmpty() ? ownName() : std::move(holder)}))
{}

KubernetesLocker::~KubernetesLocker() = default;

QString KubernetesLocker::holder() const
{
    return d->holder;
}

QString KubernetesLocker::leaseName(const QString &application)
{
    QString name;
    for (const QChar c : application.toLower())
        name += (c >= u'a' && c <= u'z') || (c >= u'0' && c <= u'9') ? c : QChar(u'-');
    if (name != application || name.startsWith(u'-') || name.endsWith(u'-') || name.size() > 50) {
        const QByteArray hash =
            QCryptographicHash::hash(application.toUtf8(), QCryptographicHash::Sha256).toHex().left(8);
        name = name.left(40) + u'-' + QString::fromLatin1(hash);
    }
    return QStringLiteral("signalbox-") + name;
}

QFuture<Result<RemoteLock>> KubernetesLocker::acquire(QString ns, QString application, QString purpose, bool preempt,
                                                      StopToken stop)
{
    return afterwards(prepared(d->client, d->holder, ns, application, stop), [=](const Result<Attempt> &attempt) {
        if (!attempt) {
            return ready(attempt.error().kind == ErrorKind::Unsupported ? Result<RemoteLock>(unshared(attempt.error()))
                                                                        : Result<RemoteLock>(attempt.error()));
        }
        Attempt whole = *attempt;
        whole.purpose = purpose;
        whole.preempt = preempt;
        return tryAcquire(whole, 3);
    });
}

QFuture<Result<void>> KubernetesLocker::renew(QString ns, QString application, StopToken stop)
{
    return andThen(prepared(d->client, d->holder, ns, application, stop), [](const Attempt &attempt) {
        return afterwards(
            fetch(attempt.client, attempt.path(), attempt.stop),
            [attempt](const Result<Json> &found) -> QFuture<Result<void>> {
                const QString holder = found ? textAt(*found, "/spec/holderIdentity") : QString();
                if (!found && found.error().kind != ErrorKind::NotFound)
                    return ready(Result<void>(found.error()));
                if (holder != attempt.holder) {
                    return ready(Result<void>(Error{
                        ErrorKind::Conflict,
                        holder.isEmpty()
                            ? KubernetesLockText::tr("The lock on %1 is gone.").arg(attempt.application)
                            : KubernetesLockText::tr("%1 took the lock on %2 over.").arg(holder, attempt.application),
                        holder}));
                }
                Attempt same = attempt;
                same.purpose = textAt(*found, "/metadata/annotations/signalbox~1purpose");
                return asVoid(put(same, heldLease(same, *found)));
            });
    });
}

QFuture<Result<void>> KubernetesLocker::release(QString ns, QString application, StopToken stop)
{
    return andThen(prepared(d->client, d->holder, ns, application, stop), [](const Attempt &attempt) {
        return afterwards(
            fetch(attempt.client, attempt.path(), attempt.stop),
            [attempt](const Result<Json> &found) -> QFuture<Result<void>> {
                if (!found)
                    return ready(found.error().kind == ErrorKind::NotFound ? Result<void>()
                                                                           : Result<void>(found.error()));
                if (textAt(*found, "/spec/holderIdentity") != attempt.holder)
                    return ready(Result<void>());
                Json lease = *found; // kept, empty: deleting needs a right that editing does not
                lease["spec"]["holderIdentity"] = "";
                lease["spec"]["leaseDurationSeconds"] = 1;
                return converted(put(attempt, lease), [](const Result<HttpResponse> &answer) -> Result<void> {
                    if (answer || answer.error().kind == ErrorKind::Conflict) // somebody took it over meanwhile
                        return {};
                    return answer.error();
                });
            });
    });
}

} // namespace signalbox::kubernetes
