#include "services/ledger/sharing/ledgershare.h"

#include "services/async/resultof.h"
#include "services/git/stalelocks.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QFile>
#include <QFileInfo>
#include <QRandomGenerator>
#include <QSaveFile>
#include <QSemaphore>

#include <algorithm>

namespace signalbox
{
namespace
{

constexpr int mostAttempts = 40;
constexpr qint64 shortestSpanMs = 20;
constexpr qint64 longestSpanMs = 60000;

QString mainRef()
{
    return QStringLiteral("refs/heads/main");
}

// The remote's main as it was at the last contact.
QString sharedRef()
{
    return QStringLiteral("refs/signalbox/shared/main");
}

QString fetchedRef()
{
    return QStringLiteral("refs/signalbox/fetched/main");
}

Error rewound(const QString &remote, const QString &path, const QString &commit)
{
    return {ErrorKind::Refused,
            QCoreApplication::translate("signalbox::Ledger",
                                        "%1 no longer has the commit %2, which it had before: it was rewound, or is "
                                        "another repository now. Nothing was sent or taken over. Ask who did that; to "
                                        "share with it all the same: git -C %3 update-ref -d %4")
                .arg(remote, commit.left(10), path, sharedRef()),
            {}};
}

QString timeFile(const QString &path)
{
    return path + QStringLiteral("/signalbox-shared");
}

QDateTime timeOf(const QString &path)
{
    QFile file(timeFile(path));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    return QDateTime::fromString(QString::fromLatin1(file.read(64)).trimmed(), Qt::ISODateWithMs).toUTC();
}

// A moment of chance length; a stop ends it. A round that took long did so because many were at it, or because the
// remote is far away: either way that is the measure of how long to leave it to others, and more with each attempt.
void pause(int attempt, qint64 longestRoundMs, const StopToken &stop)
{
    const qint64 span = std::clamp(longestRoundMs * (1 + attempt), shortestSpanMs, longestSpanMs);
    QSemaphore woken;
    const auto release = [&woken] { woken.release(); };
    const StopCallback<decltype(release)> wake(stop, release);
    woken.tryAcquire(1, static_cast<int>(QRandomGenerator::global()->bounded(span)) + 1);
}

} // namespace

LedgerShare::LedgerShare(Ledger &ledger)
    : m_ledger(ledger)
{}

LedgerShare::~LedgerShare()
{
    m_gone.request_stop();
    auto closed = m_queue.run([this]() -> Result<void> { // libgit2's objects end on the thread that opened them
        m_repository.reset();
        return {};
    });
    Q_UNUSED(closed)
}

QFuture<Result<ShareReport>> LedgerShare::share(git::RemoteAccess access, StopToken stop, Touches touches)
{
    return m_queue.run([this, access = std::move(access), stop = std::move(stop), touches]() -> Result<ShareReport> {
        StopSource either; // of the caller and of the destructor
        const auto request = [&either] { either.request_stop(); };
        const StopCallback<decltype(request)> asked(stop, request);
        const StopCallback<decltype(request)> gone(m_gone.get_token(), request);
        return run({git::Remote(access), touches, either.get_token()});
    });
}

QFuture<Result<ShareState>> LedgerShare::state()
{
    return m_looks.run([path = m_ledger.path()]() -> Result<ShareState> {
        if (!QFileInfo::exists(path))
            return ShareState{};
        const auto here = git::Repository::openOrCreateBare(path, QStringLiteral("main"));
        if (!here)
            return here.error();
        const auto last = here->reference(sharedRef());
        const auto tip = here->reference(mainRef());
        if (!last || !tip)
            return last ? tip.error() : last.error();
        ShareState state{0, *last, timeOf(path)};
        if (!*tip)
            return state;
        const auto waiting = here->commitsBetween(last->value_or(QString()), **tip);
        if (!waiting)
            return waiting.error();
        state.waiting = waiting->size();
        return state;
    });
}

void LedgerShare::noteTime() const
{
    QSaveFile file(timeFile(m_ledger.path()));
    if (!file.open(QIODevice::WriteOnly))
        return; // it is for people only
    file.write(QDateTime::currentDateTimeUtc().toString(Qt::ISODateWithMs).toLatin1());
    file.commit();
}

Result<git::Repository *> LedgerShare::repository()
{
    if (!m_repository) {
        auto opened = git::Repository::openOrCreateBare(m_ledger.path(), QStringLiteral("main"));
        if (!opened)
            return opened.error();
        m_repository.emplace(*std::move(opened));
    }
    return &*m_repository;
}

// The remote's main, with everything it needs here; none: it has no entry yet. One connection. What it had at the last
// contact it must still have: behind a remote that was rewound, entries of others would look like unpushed ones of
// ours.
Result<std::optional<QString>> LedgerShare::fetch(const Round &round)
{
    git::Repository &here = **repository();
    const auto known = here.reference(sharedRef()); // before the remote is asked: other programs share, too
    if (!known)
        return known.error();
    const git::FetchOrder order{{QLatin1Char('+') + mainRef() + QLatin1Char(':') + fetchedRef()}};
    const auto refs = round.remote.fetch(m_ledger.path(), order, {}, round.stop);
    if (!refs)
        return refs.error();
    const auto found =
        std::find_if(refs->begin(), refs->end(), [](const git::RemoteRef &ref) { return ref.name == mainRef(); });
    const std::optional<QString> theirs = found == refs->end() ? std::nullopt : std::optional(found->id);
    if (*known == theirs)
        return theirs;
    if (*known) {
        const auto gone = theirs ? here.commitsBetween(*theirs, **known) : Result<QStringList>(QStringList{**known});
        if (!gone)
            return gone.error();
        if (!gone->isEmpty())
            return rewound(round.remote.access().url.shown, m_ledger.path(), **known);
    }
    const auto noted = theirs ? here.setReference(sharedRef(), *theirs) : Result<void>();
    return noted ? Result<std::optional<QString>>(theirs) : noted.error();
}

Result<ShareReport> LedgerShare::run(Round round)
{
    ShareReport &report = round.report;
    std::optional<Error> last;
    qint64 longestRoundMs = 0;
    while (report.attempts < mostAttempts) {
        if (round.stop.stop_requested())
            return Error{ErrorKind::Cancelled,
                         QCoreApplication::translate("signalbox::Ledger", "Sharing the ledger was stopped."),
                         {}};
        ++report.attempts;
        QElapsedTimer clock;
        clock.start();
        const auto done = attempt(round);
        if (done) {
            noteTime();
            return report;
        }
        last = done.error();
        if (last->kind != ErrorKind::Conflict)
            return *last;
        longestRoundMs = std::max(longestRoundMs, clock.elapsed());
        pause(report.attempts, longestRoundMs, round.stop);
    }
    return *last;
}

// Conflict: another was faster.
Result<void> LedgerShare::attempt(Round &round)
{
    ShareReport &report = round.report;
    const auto opened = repository();
    if (!opened)
        return opened.error();
    git::Repository &here = **opened;
    git::removeStaleLocks(m_ledger.path());
    const auto theirs = fetch(round);
    if (!theirs)
        return theirs.error();
    if (*theirs) {
        const auto taken = resultOf(m_ledger.takeOver(**theirs, round.touches));
        if (!taken)
            return taken.error();
        report.received += taken->received;
        report.replayed = std::max(report.replayed, taken->replayed);
        report.lost += taken->lost;
        report.dropped += taken->dropped;
    }
    const auto tip = here.reference(mainRef());
    if (!tip)
        return tip.error();
    report.tip = tip->value_or(QString());
    if (*tip == *theirs)
        return {};
    const auto missing = here.commitsBetween(theirs->value_or(QString()), report.tip);
    if (!missing)
        return missing.error();
    const auto pushed = round.remote.push(m_ledger.path(), {mainRef(), report.tip, *theirs}, {}, round.stop);
    if (!pushed)
        return pushed;
    report.sent = missing->size();
    return here.setReference(sharedRef(), report.tip);
}

} // namespace signalbox
