#pragma once

#include <QByteArray>
#include <QDateTime>
#include <QHash>
#include <QList>
#include <QString>

#include <chrono>
#include <functional>
#include <optional>

class QTimeZone;

// When something holds: windows in which a promotion may start, freezes in which it may not. Pure: what needs
// libical (recurrence rules, iCalendar) is turned into intervals by services/policy.
namespace signalbox::policy
{

// A date and time of day as a clock on the wall shows it; which instant that is depends on a zone.
struct WallTime
{
    QDate date;
    QTime time;
    bool isValid() const { return date.isValid() && time.isValid(); }
    bool operator==(const WallTime &) const = default;
};
QString wallTimeText(const WallTime &time);                 // "2026-12-20T18:00"
std::optional<WallTime> parseWallTime(const QString &text); // that form, or a date alone: its first minute
// As RFC 5545 3.3.5 says: a time that a clock put forward skips is taken with the offset before the gap (02:30 then
// means 03:30); of a time that a clock put back shows twice, the first one counts.
QDateTime utcOf(const WallTime &time, const QTimeZone &zone);
QDateTime utcOf(const WallTime &time, const std::function<int(const QDateTime &utc)> &offsetAt); // seconds east of UTC

struct Schedule
{
    enum class Kind {
        Weekly,     // `days`, from `fromMinute` to `toMinute`
        Span,       // once, from `start` to `end`
        Recurrence, // `start`, `duration`, repeated by `rule`, but for those that begin at `except`
        Calendar,   // the events of an iCalendar
    };

    Kind kind = Kind::Weekly;
    QString name;
    QByteArray zone; // IANA: "Asia/Shanghai"; of a calendar: for its times that name none

    QList<int> days;        // 1 Monday ... 7 Sunday, rising
    int fromMinute = 0;     // of the day, 0 ... 1439
    int toMinute = 24 * 60; // 1 ... 1440; not after `fromMinute`: on the next day

    WallTime start;
    WallTime end; // the first instant that is outside

    std::chrono::seconds duration{0}; // elapsed time, whatever clocks do meanwhile
    QString rule;                     // RRULE's value: "FREQ=WEEKLY;BYDAY=FR"
    QList<WallTime> except;

    QString calendar; // the text of an iCalendar (RFC 5545)

    bool operator==(const Schedule &) const = default;
};
QString scheduleText(const Schedule &schedule); // "Mon-Thu 09:00-17:00 Asia/Shanghai"
QString dayName(int day);                       // 1: "mon"

// Half open: `begin` is inside, `end` is not.
struct Interval
{
    QDateTime begin; // UTC
    QDateTime end;
    bool operator==(const Interval &) const = default;
};
QList<Interval> merged(QList<Interval> intervals); // sorted; what touches or overlaps is one
using Schedules = QHash<QString, QList<Interval>>; // by name

// Of a Weekly or Span schedule, those that overlap from ... to; none for the kinds that need libical, and where the
// zone is not known.
std::optional<QList<Interval>> plainIntervals(const Schedule &schedule, const QDateTime &from, const QDateTime &to);

struct ScheduleState
{
    bool isOn = false;
    QDateTime until; // on: the first instant outside; off: when it begins next, invalid where it is not known to
    bool operator==(const ScheduleState &) const = default;
};
ScheduleState stateAt(const QList<Interval> &intervals, const QDateTime &now);

} // namespace signalbox::policy
