#pragma once

#include "services/ports/drillyard.h"

namespace signalbox::test
{

// A yard whose drills go as the test says.
class FakeDrillYard : public DrillYard
{
public:
    FakeDrillYard()
    {
        for (const char *name : {"full-shift", "leak", "zone", "quality", "image-gone", "dark", "false-alarm"}) {
            DrillInfo info;
            info.name = QLatin1String(name);
            info.title = QStringLiteral("The drill of %1").arg(info.name);
            info.briefing = QStringLiteral("A colleague has just given Blue, fraud-scorer 2.19.0, all of production's "
                                           "traffic and gone to lunch. Green, 2.18.1, still runs beside it. You have "
                                           "the pager.");
            info.task = QStringLiteral("Keep an eye on fraud-scorer. If customers are hurt, end it.");
            info.application = QStringLiteral("fraud-scorer");
            info.ns = QStringLiteral("production");
            info.connection = QStringLiteral("prod-eu");
            infos.append(info);
        }
    }

    QList<DrillInfo> drills() const override { return infos; }
    DrillProgress progress() const override { return now; }
    std::optional<Debrief> debrief() const override { return last; }
    QList<Debrief> history() const override { return past; }
    Result<void> start(const QString &name) override
    {
        started.append(name);
        DrillProgress progress;
        progress.phase = DrillProgress::Phase::Preparing;
        progress.drill = name;
        progress.text = QStringLiteral("speech-to-text goes back to 5.1.1: 12 of 20 pods");
        tell(progress);
        return {};
    }
    void acknowledge() override
    {
        ++acknowledged;
        DrillProgress progress = now;
        progress.isSeen = true;
        progress.sinceBadMs = 21'000;
        tell(progress);
    }
    void standDown() override { ++stoodDown; }
    void abandon() override
    {
        ++abandoned;
        tell({});
    }

    void setScreen(bool isWatched) override { hasScreen = isWatched; }
    void shown(const DrillSight &sight) override { sights.append(sight); }

    void tell(const DrillProgress &progress)
    {
        now = progress;
        emit progressChanged();
    }
    void run(const QString &drill, qint64 elapsedMs)
    {
        DrillProgress progress;
        progress.phase = DrillProgress::Phase::Running;
        progress.drill = drill;
        progress.elapsedMs = elapsedMs;
        progress.limitMs = 240'000;
        tell(progress);
    }
    void end(const Debrief &debrief)
    {
        last = debrief;
        past.append(debrief);
        DrillProgress progress = now;
        progress.phase = DrillProgress::Phase::Over;
        progress.drill = debrief.drill;
        tell(progress);
        emit historyChanged();
        emit over(debrief);
    }

    // As a real one looks, number `n` of several.
    static Debrief attempt(const QString &drill, int n, DrillVerdict verdict, std::optional<qint64> restoreMs)
    {
        using Kind = DrillMoment::Kind;
        using Mark = DrillMoment::Mark;
        Debrief one;
        one.id = QStringLiteral("%1-%2").arg(drill).arg(n);
        one.drill = drill;
        one.title = drill;
        one.application = QStringLiteral("fraud-scorer");
        one.environment = QStringLiteral("production");
        one.startedAt = QDateTime(QDate(2026, 3, 5), QTime(9, 0), Qt::UTC).addSecs(n * 420);
        one.tookMs = 62'000;
        one.verdict = verdict;
        one.words = QStringLiteral("Restored after the first bad sample, but not without a mistake.");
        one.moments = {
            {Kind::Begin, 0, QStringLiteral("The drill began: keep an eye on it."), Mark::None},
            {Kind::Fault, 8000, QStringLiteral("Blue began to fail one request in eight."), Mark::None},
            {Kind::FirstBad, 13'000, QStringLiteral("First bad sample: more than 3 % failed."), Mark::None},
            {Kind::FirstSign, 22'000, QStringLiteral("First visible in the metrics: the error rate rose."), Mark::None},
            {Kind::Seen, 25'000, QStringLiteral("\"I see it\""), Mark::None},
            {Kind::Action, 31'000, QStringLiteral("Restart of fraud-scorer-blue. The same version fails again."),
             Mark::NoHelp},
            {Kind::Action, 40'000,
             QStringLiteral("Traffic: Blue 100 → 0 %, Green 0 → 100 %. Green was warm and carried everything at once."),
             Mark::Right},
            {Kind::Recovery, 52'000, QStringLiteral("Restored: it stayed well from here on"), Mark::None},
            {Kind::End, 62'000, one.words, Mark::None}};
        one.detectMs = 12'000;
        one.restoreMs = restoreMs;
        one.fasterPath =
            QStringLiteral("Ctrl+Shift+R from anywhere, or Traffic: all to Green. A track that ran until a "
                           "minute ago needs no start: the way back takes a second, the rest is the time "
                           "to see it.");
        return one;
    }

    QList<DrillInfo> infos;
    QList<Debrief> past;
    std::optional<Debrief> last;
    DrillProgress now;
    QStringList started;
    bool hasScreen = false;
    QList<DrillSight> sights; // what the window said that it painted
    int acknowledged = 0;
    int stoodDown = 0;
    int abandoned = 0;
};

} // namespace signalbox::test
