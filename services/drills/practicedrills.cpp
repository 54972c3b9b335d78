#include "services/drills/practicedrills.h"

#include "models/domain/ulid.h"
#include "services/async/deliver.h"
#include "services/drills/stage.h"
#include "services/sandbox/sandbox.h"
#include "services/sandbox/world/world.h"

#include <QLoggingCategory>

#include <algorithm>

namespace signalbox::drills
{

namespace
{

Q_LOGGING_CATEGORY(category, "signalbox.services.drills")

using Phase = DrillProgress::Phase;

constexpr int lookMs = 500;
constexpr std::int64_t countdownMs = 3000;
constexpr std::int64_t longestPreparingMs = 300'000;
constexpr int mostHistory = 500;

} // namespace

PracticeDrills::PracticeDrills(sandbox::Sandbox &world, Options options, QObject *parent)
    : DrillYard(parent)
    , m_world(world)
    , m_options(std::move(options))
    , m_stage(std::make_unique<Stage>(world))
    , m_book(m_options.dataFolder)
{
    m_timer.setInterval(std::max(20, static_cast<int>(lookMs / m_options.pace)));
    connect(&m_timer, &QTimer::timeout, this, &PracticeDrills::tick);
    readHistory();
}

PracticeDrills::~PracticeDrills()
{
    stopDrill();
}

QList<DrillInfo> PracticeDrills::drills() const
{
    QList<DrillInfo> all;
    for (const Scenario &scenario : builtInScenarios())
        all.append(inWords(scenario).info);
    return all;
}

Result<void> PracticeDrills::start(const QString &name)
{
    const auto &all = builtInScenarios();
    const auto found =
        std::find_if(all.begin(), all.end(), [&name](const Scenario &one) { return one.info.name == name; });
    if (found == all.end())
        return Error{ErrorKind::NotFound, tr("There is no drill \"%1\".").arg(name), {}};
    if (isUnderWay())
        return Error{ErrorKind::Refused, tr("A drill is under way. Finish or abandon it first."), {}};
    m_scenario = &*found;
    m_run.reset();
    m_debrief.reset();
    m_faults.clear();
    ++m_attempt;
    for (const DrillFault &fault : m_scenario->faults) {
        m_faults.push_back({fault, 0, 0, false});
        if (fault.isBeforehand)
            m_faults.back().number = m_world.world().injectFault(fault.spec);
    }
    m_preparingSinceMs = m_world.nowMs();
    DrillProgress progress;
    progress.phase = Phase::Preparing;
    progress.drill = name;
    progress.text = tr("Preparing %1").arg(m_scenario->info.application);
    progress.limitMs = m_scenario->info.limitSeconds * 1000LL;
    setProgress(progress);
    m_isLooking = true;
    deliver(m_queue.run([this, scenario = m_scenario]() -> Result<void> {
        m_stage->putBack(*scenario);
        return {};
    }),
            StopToken{}, this, [this](const Result<void> &) {
                m_isLooking = false;
                if (isUnderWay())
                    m_timer.start();
            });
    return {};
}

void PracticeDrills::tick()
{
    if (m_isLooking || !m_scenario)
        return;
    m_isLooking = true;
    const bool isPreparing = m_progress.phase == Phase::Preparing;
    auto look = m_queue.run([this, isPreparing, scenario = m_scenario]() -> Result<Seen> {
        Seen seen{m_stage->look(*scenario), {}};
        if (isPreparing) {
            seen.waitsFor = m_stage->waitsFor(*scenario, seen.look);
            if (seen.waitsFor.isEmpty())
                m_stage->restoreHistory(*scenario);
        }
        return seen;
    });
    deliver(look, StopToken{}, this, [this, attempt = m_attempt](const Result<Seen> &seen) {
        m_isLooking = false;
        if (seen && attempt == m_attempt)
            take(*seen);
    });
}

void PracticeDrills::take(const Seen &seen)
{
    switch (m_progress.phase) {
    case Phase::Preparing:
        showPreparing(seen);
        break;
    case Phase::Countdown:
        countDown(seen.look);
        break;
    case Phase::Running:
        showRunning(seen.look);
        break;
    case Phase::Idle:
    case Phase::Over:
        break;
    }
}

void PracticeDrills::showPreparing(const Seen &seen)
{
    DrillProgress progress = m_progress;
    if (!seen.waitsFor.isEmpty()) {
        if (seen.look.nowMs - m_preparingSinceMs > longestPreparingMs) {
            stopDrill();
            emit problemOccurred({ErrorKind::TimedOut,
                                  tr("The practice world could not be made ready for the drill within %1 minutes: %2. "
                                     "Open a new practice world.")
                                      .arg(longestPreparingMs / 60'000)
                                      .arg(seen.waitsFor),
                                  {}});
            setProgress({});
            return;
        }
        progress.text = seen.waitsFor;
        setProgress(progress);
        return;
    }
    m_countdownSinceMs = seen.look.nowMs;
    progress.phase = Phase::Countdown;
    progress.text.clear();
    progress.countdown = static_cast<int>(countdownMs / 1000);
    setProgress(progress);
}

void PracticeDrills::countDown(const DrillLook &look)
{
    const std::int64_t left = countdownMs - (look.nowMs - m_countdownSinceMs);
    if (left <= 0) {
        begin(look);
        return;
    }
    DrillProgress progress = m_progress;
    progress.countdown = static_cast<int>((left + 999) / 1000);
    setProgress(progress);
}

void PracticeDrills::begin(const DrillLook &first)
{
    qCInfo(category).noquote() << "drill" << m_scenario->info.name << "begins";
    m_run.emplace(inWords(*m_scenario), first, m_hasScreen);
    showRunning(first);
}

void PracticeDrills::showRunning(const DrillLook &look)
{
    advanceFaults(look.nowMs);
    m_run->look(look);
    if (m_run->isOver()) {
        finish();
        return;
    }
    DrillProgress progress = m_progress;
    progress.phase = Phase::Running;
    progress.countdown = 0;
    progress.elapsedMs = look.nowMs - m_run->beganMs();
    progress.isSeen = m_run->isSeen();
    progress.sinceBadMs.reset();
    if (progress.isSeen && m_run->firstBadMs())
        progress.sinceBadMs = look.nowMs - *m_run->firstBadMs();
    setProgress(progress);
}

void PracticeDrills::advanceFaults(std::int64_t nowMs)
{
    for (Injected &one : m_faults) {
        const bool isDue = nowMs - m_run->beganMs() >= one.fault.afterSeconds * 1000LL;
        if (one.number == 0 && !one.isEnded && isDue) {
            one.number = m_world.world().injectFault(one.fault.spec);
            one.sinceMs = nowMs;
            m_run->faultBegan(nowMs);
        }
        const bool isSpent =
            one.fault.lastsSeconds > 0 && one.sinceMs > 0 && nowMs - one.sinceMs >= one.fault.lastsSeconds * 1000LL;
        if (one.number != 0 && isSpent) {
            m_world.world().clearFault(one.number);
            one.number = 0;
            one.isEnded = true;
        }
    }
}

void PracticeDrills::acknowledge()
{
    if (m_progress.phase != Phase::Running)
        return;
    m_run->acknowledge(m_world.nowMs());
    DrillProgress progress = m_progress;
    progress.isSeen = m_run->isSeen();
    setProgress(progress);
}

void PracticeDrills::standDown()
{
    if (m_progress.phase != Phase::Running)
        return;
    m_run->standDown(m_world.nowMs());
    if (m_run->isOver())
        finish();
}

void PracticeDrills::abandon()
{
    if (m_progress.phase == Phase::Running) {
        m_run->abandon(m_world.nowMs());
        finish();
    } else if (isUnderWay()) {
        stopDrill();
        setProgress({});
    }
}

// While something is painted: what follows from it is told with the next look.
void PracticeDrills::shown(const DrillSight &sight)
{
    if (m_progress.phase == Phase::Running)
        m_run->shown(m_world.nowMs(), sight);
}

void PracticeDrills::stopDrill()
{
    m_timer.stop();
    ++m_attempt;
    for (const Injected &one : m_faults) {
        if (one.number != 0)
            m_world.world().clearFault(one.number);
    }
    m_faults.clear();
}

void PracticeDrills::finish()
{
    Debrief debrief = m_run->debrief();
    debrief.id = newUlid();
    qCInfo(category).noquote() << "drill" << debrief.drill << "is over:" << drillVerdictName(debrief.verdict);
    stopDrill();
    m_debrief = debrief;
    m_history.append(debrief);
    DrillProgress progress = m_progress;
    progress.phase = Phase::Over;
    progress.elapsedMs = debrief.tookMs;
    setProgress(progress);
    record(debrief);
    emit historyChanged();
    emit over(debrief);
}

void PracticeDrills::setProgress(const DrillProgress &progress)
{
    if (progress == m_progress)
        return;
    m_progress = progress;
    emit progressChanged();
}

void PracticeDrills::readHistory()
{
    deliver(m_book.read(mostHistory), StopToken{}, this, [this](const Result<DebriefBook::Pages> &pages) {
        if (!pages) {
            emit problemOccurred(pages.error());
            return;
        }
        for (const Error &problem : pages->problems)
            emit problemOccurred(problem);
        m_history = pages->debriefs + m_history; // one may have been over meanwhile
        emit historyChanged();
    });
}

void PracticeDrills::record(const Debrief &debrief)
{
    deliver(m_book.keep(debrief), StopToken{}, this, [this](const Result<void> &kept) {
        if (kept)
            emit recorded();
        else
            emit problemOccurred(kept.error());
    });
}

} // namespace signalbox::drills
