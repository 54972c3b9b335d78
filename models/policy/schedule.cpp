#include "models/policy/schedule.h"

#include "models/domain/duration.h"
#include "models/policy/policytext.h"

#include <QStringList>
#include <QTimeZone>

#include <algorithm>

namespace signalbox::policy
{

namespace
{

constexpr int minutesADay = 24 * 60;
const char *const shortDays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

QDateTime asIfUtc(const WallTime &time)
{
    return {time.date, time.time, Qt::UTC};
}

WallTime minuteOf(const QDate &day, int minute)
{
    return {day.addDays(minute / minutesADay), QTime(minute % minutesADay / 60, minute % 60)};
}

QString minuteText(int minute)
{
    return QStringLiteral("%1:%2").arg(minute / 60, 2, 10, QLatin1Char('0')).arg(minute % 60, 2, 10, QLatin1Char('0'));
}

// "Mon-Thu", "Mon, Wed": runs of at least three days are drawn together.
QString daysText(const QList<int> &days)
{
    QStringList parts;
    for (qsizetype i = 0; i < days.size();) {
        qsizetype last = i;
        while (last + 1 < days.size() && days.at(last + 1) == days.at(last) + 1)
            ++last;
        const auto shown = [&days](qsizetype at) {
            QString name = dayName(days.at(at));
            name[0] = name.at(0).toUpper();
            return name;
        };
        if (last - i >= 2) {
            parts << shown(i) + QLatin1Char('-') + shown(last);
        } else {
            for (qsizetype at = i; at <= last; ++at)
                parts << shown(at);
        }
        i = last + 1;
    }
    return parts.join(QStringLiteral(", "));
}

} // namespace

QString wallTimeText(const WallTime &time)
{
    return time.date.toString(Qt::ISODate) + QLatin1Char('T') + time.time.toString(QStringLiteral("HH:mm"));
}

std::optional<WallTime> parseWallTime(const QString &text)
{
    WallTime time;
    time.date = QDate::fromString(text.left(10), QStringLiteral("yyyy-MM-dd"));
    if (text.size() == 10)
        time.time = QTime(0, 0);
    else if (text.size() == 16 && (text.at(10) == QLatin1Char('T') || text.at(10) == QLatin1Char(' ')))
        time.time = QTime::fromString(text.mid(11), QStringLiteral("HH:mm"));
    return time.isValid() ? std::optional(time) : std::nullopt;
}

QDateTime utcOf(const WallTime &time, const std::function<int(const QDateTime &utc)> &offsetAt)
{
    const QDateTime wall = asIfUtc(time);
    // No zone changes its clocks twice within two days.
    const int before = offsetAt(wall.addDays(-1));
    const int after = offsetAt(wall.addDays(1));
    const QDateTime early = wall.addSecs(-before);
    if (offsetAt(early) == before)
        return early;
    const QDateTime late = wall.addSecs(-after);
    return offsetAt(late) == after ? late : early;
}

QDateTime utcOf(const WallTime &time, const QTimeZone &zone)
{
    return utcOf(time, [&zone](const QDateTime &utc) { return zone.offsetFromUtc(utc); });
}

QString dayName(int day)
{
    return day >= 1 && day <= 7 ? QString::fromLatin1(shortDays[day - 1]) : QString();
}

QString scheduleText(const Schedule &schedule)
{
    const QString zone = QString::fromLatin1(schedule.zone);
    switch (schedule.kind) {
    case Schedule::Kind::Weekly:
        return QStringLiteral("%1 %2-%3 %4")
            .arg(daysText(schedule.days), minuteText(schedule.fromMinute), minuteText(schedule.toMinute), zone);
    case Schedule::Kind::Span:
        return PolicyText::tr("%1 to %2 %3").arg(wallTimeText(schedule.start), wallTimeText(schedule.end), zone);
    case Schedule::Kind::Recurrence:
        return PolicyText::tr("%1 from %2 %3, by %4")
            .arg(durationText(schedule.duration), wallTimeText(schedule.start), zone, schedule.rule);
    case Schedule::Kind::Calendar:
        return PolicyText::tr("the calendar %1").arg(schedule.name);
    }
    return {};
}

QList<Interval> merged(QList<Interval> intervals)
{
    std::sort(intervals.begin(), intervals.end(),
              [](const Interval &a, const Interval &b) { return a.begin < b.begin; });
    QList<Interval> result;
    for (const Interval &one : intervals) {
        if (one.end <= one.begin)
            continue;
        if (!result.isEmpty() && one.begin <= result.last().end)
            result.last().end = std::max(result.last().end, one.end);
        else
            result.append(one);
    }
    return result;
}

std::optional<QList<Interval>> plainIntervals(const Schedule &schedule, const QDateTime &from, const QDateTime &to)
{
    const QTimeZone zone(schedule.zone);
    if (!zone.isValid())
        return std::nullopt;
    QList<Interval> all;
    if (schedule.kind == Schedule::Kind::Span) {
        all.append({utcOf(schedule.start, zone), utcOf(schedule.end, zone)});
    } else if (schedule.kind == Schedule::Kind::Weekly) {
        // Two days more at each end: the zone's date may be another one, and one interval may reach into the next day.
        for (QDate day = from.date().addDays(-2); day <= to.date().addDays(2); day = day.addDays(1)) {
            if (!schedule.days.contains(day.dayOfWeek()))
                continue;
            const bool isNextDay = schedule.toMinute <= schedule.fromMinute;
            const int end = schedule.toMinute + (isNextDay ? minutesADay : 0);
            all.append({utcOf(minuteOf(day, schedule.fromMinute), zone), utcOf(minuteOf(day, end), zone)});
        }
    } else {
        return std::nullopt;
    }
    QList<Interval> inside;
    for (const Interval &one : merged(all)) {
        if (one.end > from && one.begin < to)
            inside.append(one);
    }
    return inside;
}

ScheduleState stateAt(const QList<Interval> &intervals, const QDateTime &now)
{
    ScheduleState state;
    for (const Interval &one : merged(intervals)) {
        if (one.begin <= now && now < one.end)
            return {true, one.end};
        if (one.begin > now) {
            state.until = one.begin;
            break;
        }
    }
    return state;
}

} // namespace signalbox::policy
