#include "services/ledger/sharing/ledgershare.h"

#include "services/async/resultof.h"

#include <QCoreApplication>
#include <QRandomGenerator>
#include <QSemaphore>

#include <algorithm>

namespace signalbox
{
namespace
{

constexpr int mostAttempts = 40; // fifty writers at once: the unluckiest of them needs about as many
constexpr int firstPauseMs = 20;
constexpr int longestPauseMs = 2000;

QString mainRef()
{
    return QStringLiteral("refs/heads/main");
}

// The remote's main as it was at the last contact.
QString sharedRef()
{
    return QStringLiteral("refs/signalbox/shared/main");
}

// A moment of chance length that grows with each attempt; a stop ends it.
void pause(int attempt, const StopToken &stop)
{
    const int most = std::min(longestPauseMs, firstPauseMs << std::min(attempt, 10));
    QSemaphore woken;
    const auto release = [&woken] { woken.release(); };
    const StopCallback<decltype(release)> wake(stop, release);
    woken.tryAcquire(1, static_cast<int>(QRandomGenerator::global()->bounded(most) + 1));
}

} // namespace

LedgerShare::LedgerShare(Ledger &ledger, git::RemoteAccess access)
    : m_ledger(ledger)
    , m_remote(std::move(access))
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

QFuture<Result<ShareReport>> LedgerShare::share(StopToken stop)
{
    return m_queue.run([this, stop = std::move(stop)]() -> Result<ShareReport> {
        StopSource either; // of the caller and of the destructor
        const auto request = [&either] { either.request_stop(); };
        const StopCallback<decltype(request)> asked(stop, request);
        const StopCallback<decltype(request)> gone(m_gone.get_token(), request);
        return shareNow(either.get_token());
    });
}

QFuture<Result<ShareState>> LedgerShare::state()
{
    return m_queue.run([this]() -> Result<ShareState> {
        const auto opened = repository();
        if (!opened)
            return opened.error();
        const git::Repository &here = **opened;
        const auto last = here.reference(sharedRef());
        const auto tip = here.reference(mainRef());
        if (!last || !tip)
            return last ? tip.error() : last.error();
        if (!*tip)
            return ShareState{0, *last};
        const auto waiting = here.commitsBetween(last->value_or(QString()), **tip);
        if (!waiting)
            return waiting.error();
        return ShareState{waiting->size(), *last};
    });
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

// The remote's main, with everything it needs here; none: it has no entry yet.
Result<std::optional<QString>> LedgerShare::fetch(const StopToken &stop)
{
    const auto refs = m_remote.refs(stop);
    if (!refs)
        return refs.error();
    const auto found =
        std::find_if(refs->begin(), refs->end(), [](const git::RemoteRef &ref) { return ref.name == mainRef(); });
    if (found == refs->end())
        return std::optional<QString>();
    const auto known = (*repository())->reference(sharedRef());
    if (!known)
        return known.error();
    if (*known == found->id)
        return *known;
    const git::FetchOrder order{{QLatin1Char('+') + mainRef() + QLatin1Char(':') + sharedRef()}};
    const auto fetched = m_remote.fetch(m_ledger.path(), order, {}, stop);
    if (!fetched)
        return fetched.error();
    return (*repository())->reference(sharedRef());
}

Result<ShareReport> LedgerShare::shareNow(const StopToken &stop)
{
    const auto opened = repository();
    if (!opened)
        return opened.error();
    git::Repository &here = **opened;
    ShareReport report;
    std::optional<Error> last;
    while (report.attempts < mostAttempts) {
        if (stop.stop_requested())
            return Error{ErrorKind::Cancelled,
                         QCoreApplication::translate("signalbox::Ledger", "Sharing the ledger was stopped."),
                         {}};
        ++report.attempts;
        const auto theirs = fetch(stop);
        if (!theirs)
            return theirs.error();
        if (*theirs) {
            const auto taken = resultOf(m_ledger.takeOver(**theirs));
            if (!taken)
                return taken.error();
            report.received += taken->received;
            report.replayed = std::max(report.replayed, taken->replayed);
        }
        const auto tip = here.reference(mainRef());
        if (!tip)
            return tip.error();
        report.tip = tip->value_or(QString());
        if (*tip == *theirs)
            return report;
        const auto missing = here.commitsBetween(theirs->value_or(QString()), report.tip);
        if (!missing)
            return missing.error();
        const auto pushed = m_remote.push(m_ledger.path(), {mainRef(), report.tip, *theirs}, {}, stop);
        if (pushed) {
            report.sent = missing->size();
            const auto noted = here.setReference(sharedRef(), report.tip);
            return noted ? Result<ShareReport>(report) : noted.error();
        }
        last = pushed.error();
        if (last->kind != ErrorKind::Conflict)
            return *last;
        pause(report.attempts, stop);
    }
    return *last;
}

} // namespace signalbox
