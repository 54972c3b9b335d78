#include "services/drills/drillrun.h"

#include "services/drills/drillstext.h"
#include "services/drills/sight.h"

#include <algorithm>
#include <utility>

namespace signalbox::drills
{

namespace
{

int shareOf(const TrackShares &shares, const QString &track)
{
    const auto found = shares.find(track);
    return found == shares.end() ? 0 : found->second;
}

bool fits(const Rule &rule, const DrillAction &action, bool isBad)
{
    if (rule.on != action.on || (rule.whileBad && !isBad))
        return false;
    if (!rule.to.isEmpty() && rule.to != action.to)
        return false;
    if (action.on != Rule::On::Shares)
        return rule.track.isEmpty() || rule.track == action.track;
    const int before = shareOf(action.before, rule.track);
    const int after = shareOf(action.after, rule.track);
    if (rule.is && (*rule.is != after || before == after))
        return false;
    return !rule.rises || (*rule.rises ? after > before : after < before);
}

} // namespace

DrillRun::DrillRun(const Scenario &scenario, const DrillLook &first, bool hasScreen)
    : m_scenario(scenario)
    , m_beganMs(first.nowMs)
    , m_state(first.state)
    , m_hasScreen(hasScreen)
{
    m_debrief.drill = scenario.info.name;
    m_debrief.title = scenario.info.title;
    m_debrief.application = scenario.info.application;
    m_debrief.environment = scenario.info.ns;
    m_debrief.startedAt = QDateTime::fromMSecsSinceEpoch(first.nowMs, Qt::UTC);
    m_debrief.fasterPath = scenario.fasterPath;
    add(Kind::Begin, first.nowMs, DrillsText::tr("The drill began: %1").arg(scenario.info.task));
}

void DrillRun::add(Kind kind, std::int64_t nowMs, const QString &text, Mark mark)
{
    m_debrief.moments.append({kind, nowMs - m_beganMs, text, mark});
}

void DrillRun::faultBegan(std::int64_t nowMs)
{
    if (m_isOver || m_isFaulty)
        return;
    m_isFaulty = true;
    add(Kind::Fault, nowMs, m_scenario.faultText);
}

void DrillRun::look(const DrillLook &look)
{
    if (m_isOver)
        return;
    m_isBad = m_isFaulty && look.isBad;
    // Whatever can be seen is bad already, by however little.
    if (m_isBad || (m_isFaulty && look.isSign))
        firstBad(look.nowMs);
    if (m_isFaulty && look.isSign && !m_inMetricsMs) {
        m_inMetricsMs = look.nowMs;
        if (!m_hasScreen)
            firstSign(look.nowMs, DrillsText::tr("First visible in the metrics: %1").arg(m_scenario.sign.text));
    }
    takeActions(look);
    followRollouts(look);
    checkRecovery(look);
    if (!m_isOver && look.nowMs - m_beganMs >= m_scenario.info.limitSeconds * 1000LL)
        finishLate(look.nowMs);
}

void DrillRun::shown(std::int64_t nowMs, const DrillSight &sight)
{
    if (m_isOver || m_hasSign)
        return;
    const bool isChart = !sight.chart.panel.id.isEmpty();
    if (!m_isFaulty) {
        m_wasAlarming = m_wasAlarming || (!isChart && isAlarming(sight.health));
        return;
    }
    // A row that alarmed before, or because of what was done meanwhile, does not tell of the fault.
    const bool isSign = isChart ? showsFault(m_scenario.shown, m_scenario.info, sight.chart, m_beganMs)
                                : isAlarming(sight.health) && !m_wasAlarming && !m_hasActed;
    if (!isSign)
        return;
    firstBad(nowMs);
    firstSign(nowMs, isChart ? DrillsText::tr("First sign on screen, in the chart \"%1\": %2")
                                   .arg(sight.chart.panel.title, m_scenario.sign.text)
                             : DrillsText::tr("First sign on screen, in the state of %1: %2")
                                   .arg(m_scenario.info.application, healthLabel(sight.health)));
}

void DrillRun::firstBad(std::int64_t nowMs)
{
    if (m_badMs)
        return;
    m_badMs = nowMs;
    add(Kind::FirstBad, nowMs, DrillsText::tr("First bad sample: %1").arg(m_scenario.bad.text));
}

void DrillRun::firstSign(std::int64_t nowMs, const QString &text)
{
    if (!std::exchange(m_hasSign, true))
        add(Kind::FirstSign, nowMs, text);
}

void DrillRun::notice(std::int64_t nowMs)
{
    if (m_badMs && !m_seenMs)
        m_seenMs = nowMs;
}

void DrillRun::acknowledge(std::int64_t nowMs)
{
    if (m_isOver || m_seenMs)
        return;
    notice(nowMs);
    if (!m_seenMs && std::exchange(m_hasCalledEarly, true))
        return;
    add(Kind::Seen, nowMs,
        m_seenMs ? DrillsText::tr("\"I see it\"")
                 : DrillsText::tr("\"I see it\", said before anything was bad: it does not count"));
}

const Rule *DrillRun::ruleFor(const DrillAction &action) const
{
    const auto found = std::find_if(m_scenario.rules.begin(), m_scenario.rules.end(),
                                    [&](const Rule &rule) { return fits(rule, action, m_isBad); });
    return found == m_scenario.rules.end() ? nullptr : &*found;
}

void DrillRun::takeActions(const DrillLook &look)
{
    const std::vector<DrillAction> actions = actionsBetween(m_state, look.state);
    m_state = look.state;
    for (const DrillAction &action : actions)
        judge(action, look);
}

void DrillRun::judge(const DrillAction &action, const DrillLook &look)
{
    m_hasActed = true;
    if (action.on == Rule::On::Rollout || action.on == Rule::On::Restart) {
        std::erase_if(m_pending, [&action](const Pending &one) { return one.workload == action.workload; });
        m_pending.push_back({action.workload, action.to, false});
    }
    if (!m_badMs) {
        add(Kind::Action, look.nowMs, DrillsText::tr("%1. Nothing was bad yet.").arg(action.text));
        return;
    }
    notice(look.nowMs);
    const Rule *rule = ruleFor(action);
    if (!rule) {
        add(Kind::Action, look.nowMs, action.text);
        return;
    }
    add(Kind::Action, look.nowMs, QStringLiteral("%1. %2").arg(action.text, rule->text), rule->mark);
    if (rule->mark == Mark::Wrong)
        m_debrief.mistakes.append(rule->text);
}

void DrillRun::followRollouts(const DrillLook &look)
{
    for (auto pending = m_pending.begin(); pending != m_pending.end();) {
        const auto now = std::find_if(look.state.workloads.begin(), look.state.workloads.end(),
                                      [&](const AppState::Workload &one) { return one.name == pending->workload; });
        if (now == look.state.workloads.end()) {
            pending = m_pending.erase(pending);
        } else if (now->isComplete()) {
            add(Kind::Outcome, look.nowMs,
                DrillsText::tr("Roll-out of %1 complete: %2 pods of %3 ready")
                    .arg(now->name)
                    .arg(now->available)
                    .arg(now->tag));
            pending = m_pending.erase(pending);
        } else {
            if (look.state.tagsNotPulled.contains(now->tag) && !pending->isStuckTold) {
                pending->isStuckTold = true;
                add(Kind::Outcome, look.nowMs,
                    DrillsText::tr("Roll-out of %1 is stuck: its new pods cannot pull %2").arg(now->name, now->tag));
            }
            ++pending;
        }
    }
}

bool DrillRun::isRecovered(const DrillLook &look) const
{
    const auto &ways = m_scenario.recovery.any;
    return std::any_of(ways.begin(), ways.end(), [&](const Recovery::Way &way) {
        const bool hasShares = std::all_of(way.shares.begin(), way.shares.end(), [&](const auto &wanted) {
            return shareOf(look.state.shares, wanted.first) == wanted.second;
        });
        return hasShares && (!way.isQuiet || !look.isBad);
    });
}

void DrillRun::checkRecovery(const DrillLook &look)
{
    if (m_isOver || !m_badMs || m_scenario.recovery.byStandDown)
        return;
    if (!isRecovered(look)) {
        m_recoveringMs.reset();
        return;
    }
    if (!m_recoveringMs)
        m_recoveringMs = look.nowMs;
    if (look.nowMs - *m_recoveringMs < m_scenario.recovery.quietSeconds * 1000LL)
        return;
    m_restoredMs = m_recoveringMs;
    add(Kind::Recovery, *m_restoredMs, DrillsText::tr("Restored: it stayed well from here on"));
    finishRestored(look.nowMs);
}

void DrillRun::finishRestored(std::int64_t nowMs)
{
    if (!m_seenMs) {
        finish(nowMs, DrillVerdict::Failed, DrillsText::tr("It went away by itself. Nobody said that they saw it."));
        return;
    }
    const QString after = drillClockText(*m_restoredMs - *m_badMs);
    if (m_debrief.mistakes.isEmpty())
        finish(nowMs, DrillVerdict::Passed, DrillsText::tr("Restored %1 after the first bad sample.").arg(after));
    else
        finish(nowMs, DrillVerdict::Mistaken,
               DrillsText::tr("Restored %1 after the first bad sample, but not without a mistake.").arg(after));
}

void DrillRun::finishLate(std::int64_t nowMs)
{
    if (!m_badMs) {
        finish(nowMs, DrillVerdict::Failed,
               m_hasActed
                   ? DrillsText::tr("Nothing bad ever came about: what you changed before kept it from happening.")
                   : DrillsText::tr("Nothing bad ever came about."));
        return;
    }
    const QString limit = drillClockText(nowMs - m_beganMs);
    if (m_scenario.recovery.byStandDown)
        finish(nowMs, DrillVerdict::Failed,
               DrillsText::tr("No decision within %1. Standing down would have been right.").arg(limit));
    else if (!m_seenMs)
        finish(nowMs, DrillVerdict::Failed, DrillsText::tr("Not seen and not restored within %1.").arg(limit));
    else
        finish(nowMs, DrillVerdict::Failed, DrillsText::tr("Not restored within %1.").arg(limit));
}

void DrillRun::standDown(std::int64_t nowMs)
{
    if (m_isOver)
        return;
    DrillAction decision;
    decision.on = Rule::On::StandDown;
    const Rule *rule = ruleFor(decision);
    const QString said = DrillsText::tr("\"A false alarm, stand down.\"");
    if (!m_badMs) {
        add(Kind::StandDown, nowMs, said, Mark::Wrong);
        m_debrief.mistakes.append(DrillsText::tr("Stood down before anything had happened."));
        finish(nowMs, DrillVerdict::Failed, DrillsText::tr("Stood down before anything had happened."));
        return;
    }
    notice(nowMs);
    add(Kind::StandDown, nowMs, rule ? QStringLiteral("%1 %2").arg(said, rule->text) : said,
        rule ? rule->mark : Mark::None);
    if (!m_scenario.recovery.byStandDown) {
        if (rule && rule->mark == Mark::Wrong)
            m_debrief.mistakes.append(rule->text);
        finish(nowMs, DrillVerdict::Failed, DrillsText::tr("It was no false alarm."));
        return;
    }
    m_restoredMs = nowMs;
    if (m_debrief.mistakes.isEmpty())
        finish(nowMs, DrillVerdict::Passed,
               DrillsText::tr("Told from a real fault %1 after the first bad sample, and nothing was taken back.")
                   .arg(drillClockText(nowMs - *m_badMs)));
    else
        finish(nowMs, DrillVerdict::Mistaken,
               DrillsText::tr("Told from a real fault in the end, but not without a mistake."));
}

void DrillRun::abandon(std::int64_t nowMs)
{
    if (!m_isOver)
        finish(nowMs, DrillVerdict::Abandoned,
               DrillsText::tr("Abandoned after %1.").arg(drillClockText(nowMs - m_beganMs)));
}

void DrillRun::finish(std::int64_t nowMs, DrillVerdict verdict, const QString &words)
{
    m_isOver = true;
    m_debrief.verdict = verdict;
    m_debrief.words = words;
    m_debrief.tookMs = nowMs - m_beganMs;
    if (m_badMs && m_seenMs)
        m_debrief.detectMs = *m_seenMs - *m_badMs;
    if (m_badMs && m_restoredMs && verdict != DrillVerdict::Failed)
        m_debrief.restoreMs = *m_restoredMs - *m_badMs;
    if (m_inMetricsMs) // yet on no screen that was open
        firstSign(
            *m_inMetricsMs,
            DrillsText::tr("Visible in the metrics, but never shown in the window: %1").arg(m_scenario.sign.text));
    add(Kind::End, nowMs, words);
    // Recovery is known a while after it took place.
    std::stable_sort(m_debrief.moments.begin(), m_debrief.moments.end(),
                     [](const DrillMoment &a, const DrillMoment &b) { return a.atMs < b.atMs; });
}

} // namespace signalbox::drills
