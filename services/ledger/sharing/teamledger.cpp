#include "services/ledger/sharing/teamledger.h"

#include "services/async/deliver.h"
#include "services/ledger/sharing/ledgershare.h"

#include <QLoggingCategory>
#include <QRandomGenerator>

#include <algorithm>

namespace signalbox
{
namespace
{

Q_LOGGING_CATEGORY(category, "signalbox.services.ledger")

constexpr std::chrono::milliseconds soon{200}; // what is written together is sent together

// Many programs that lost the same remote must not come back at the same moment.
std::chrono::milliseconds withJitter(std::chrono::milliseconds wait)
{
    const auto spread = static_cast<int>(wait.count() / 4) + 1;
    return wait - wait / 8 + std::chrono::milliseconds(QRandomGenerator::global()->bounded(spread));
}

} // namespace

TeamLedger::TeamLedger(Settings settings, QObject *parent)
    : QObject(parent)
{
    m_next.setSingleShot(true);
    connect(&m_next, &QTimer::timeout, this, [this] {
        auto done = round({}, Touches::Refuse);
        Q_UNUSED(done) // ended() sees it
    });
    open(std::move(settings));
}

TeamLedger::~TeamLedger()
{
    leave();
}

// Others may still hold the record.
void TeamLedger::leave()
{
    m_record->setTouchNotice({});
    m_record->giveUpSigning(); // a round may wait for a key
    m_share.reset();
}

void TeamLedger::open(Settings settings)
{
    if (m_record)
        leave();
    m_next.stop();
    ++m_opened;
    m_running = 0;
    m_failures = 0;
    m_isWritten = false;
    m_settings = std::move(settings);
    m_sharing = {};
    m_sharing.remote = m_settings.remote;
    m_record = std::make_shared<Ledger>(m_settings.path);
    m_record->setSignerSource(m_settings.signer);
    m_record->setTouchNotice([this](qsizetype touches) {
        QMetaObject::invokeMethod(
            this, [this, touches] { emit touchNeeded(touches); }, Qt::QueuedConnection);
    });
    if (m_sharing.isShared()) {
        m_share = std::make_unique<LedgerShare>(*m_record);
        lookWaiting();
    }
    emit opened();
    emit sharingChanged();
    if (m_isStarted)
        start();
}

void TeamLedger::start()
{
    m_isStarted = true;
    if (m_share)
        plan(std::chrono::milliseconds(0));
}

QFuture<Result<QString>> TeamLedger::append(LedgerEntry entry)
{
    return noted(m_record->append(std::move(entry)));
}

QFuture<Result<QString>> TeamLedger::appendOn(LedgerEntry entry, QString tip)
{
    return noted(m_record->appendOn(std::move(entry), std::move(tip)));
}

QFuture<Result<QString>> TeamLedger::noted(QFuture<Result<QString>> written)
{
    deliver(written, {}, this, [this](const Result<QString> &commit) {
        if (commit)
            noteWritten();
    });
    return written;
}

void TeamLedger::noteWritten()
{
    if (!m_share)
        return;
    m_isWritten = true;
    lookWaiting();
    // While the remote is away many writes do not ask it as often.
    const bool hasJustFailed =
        m_failures > 0 && m_sharing.triedAt.msecsTo(QDateTime::currentDateTimeUtc()) < m_settings.firstWait.count();
    if (m_isStarted && m_running == 0 && !hasJustFailed)
        plan(soon);
}

QFuture<Result<ShareReport>> TeamLedger::share(StopToken stop, Touches touches)
{
    return round(std::move(stop), touches);
}

QFuture<Result<std::shared_ptr<ssh::Signer>>> TeamLedger::signer(StopToken stop)
{
    return m_record->findSigner(std::move(stop));
}

QFuture<Result<ShareReport>> TeamLedger::round(StopToken stop, Touches touches)
{
    if (!m_share)
        return ready(Result<ShareReport>(Error{
            ErrorKind::Unsupported,
            tr("The ledger %1 is shared with nobody: name its address in the workspace, \"url\" under \"ledger\".")
                .arg(m_settings.path),
            {}}));
    auto promise = std::make_shared<QPromise<Result<ShareReport>>>();
    promise->start();
    m_next.stop();
    ++m_running;
    m_isWritten = false;
    m_sharing.isBusy = true;
    m_sharing.triedAt = QDateTime::currentDateTimeUtc();
    m_sharing.nextAt = {};
    emit sharingChanged();
    const auto finish = [this, promise, opened = m_opened](const Result<ShareReport> &result) {
        if (opened == m_opened)
            ended(result);
        promise->addResult(result);
        promise->finish();
    };
    deliver(m_settings.access(stop), stop, this,
            [this, finish, stop, touches, opened = m_opened](const Result<git::RemoteAccess> &access) {
                if (!access)
                    return finish(access.error());
                if (opened != m_opened)
                    return finish(Error{ErrorKind::Cancelled, {}, {}});
                deliver(m_share->share(*access, stop, touches), stop, this, finish);
            });
    return promise->future();
}

void TeamLedger::ended(const Result<ShareReport> &result)
{
    m_sharing.isBusy = --m_running > 0;
    const bool isAllSent = result && !m_isWritten && m_running == 0; // what there was when it began
    if (result) {
        m_failures = 0;
        m_sharing.problem.reset();
        m_sharing.sharedAt = QDateTime::currentDateTimeUtc();
        m_sharing.remoteTip = result->tip;
        if (isAllSent)
            m_sharing.waiting = 0;
        ++m_worked;
    } else if (result.error().kind != ErrorKind::Cancelled) {
        ++m_failures;
        m_sharing.problem = result.error();
        qCWarning(category).noquote() << errorKindName(result.error().kind) << result.error().message
                                      << result.error().detail;
    }
    if (!isAllSent)
        lookWaiting();
    planNext();
    emit sharingChanged();
    if (result && !result->dropped.isEmpty())
        emit dropped(result->dropped);
    if (result && result->received > 0)
        emit received(result->received);
}

void TeamLedger::planNext()
{
    if (!m_isStarted || m_running > 0)
        return;
    if (m_failures == 0)
        return plan(m_isWritten ? soon : withJitter(m_settings.every));
    const auto wait = m_settings.firstWait * (1 << std::min(m_failures - 1, 20));
    plan(withJitter(std::min(wait, m_settings.longestWait)));
}

void TeamLedger::plan(std::chrono::milliseconds wait)
{
    m_next.start(wait);
    m_sharing.nextAt = QDateTime::currentDateTimeUtc().addMSecs(wait.count());
}

// From what is here: asks no remote.
void TeamLedger::lookWaiting()
{
    deliver(m_share->state(), {}, this, [this, opened = m_opened, worked = m_worked](const Result<ShareState> &state) {
        if (!state || opened != m_opened || worked != m_worked) // a round that worked meanwhile knows better
            return;
        const QString tip = state->last.value_or(QString());
        // Of a round of ours the file has the moment before we heard of it: no news.
        const bool isLater = state->at.isValid() && (!m_sharing.sharedAt.isValid() || state->at > m_sharing.sharedAt);
        if (m_sharing.waiting == state->waiting && m_sharing.remoteTip == tip && !isLater)
            return;
        m_sharing.waiting = state->waiting;
        m_sharing.remoteTip = tip;
        if (isLater)
            m_sharing.sharedAt = state->at;
        emit sharingChanged();
    });
}

} // namespace signalbox
